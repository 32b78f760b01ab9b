/* SPDX-License-Identifier: MIT */
/* Limits from hostile text: a list NUL a child's list NUL bytes, which stand for a struct of another version and for
 * values to be written.
 *
 * What must hold: a refused text changes nothing and has a message that is short and plain; what is resolved stays as it is
 * when resolved again; a child never has more than its parent; nothing is written past a buffer; what is written can be
 * read back where it is exact. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "limits/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok, const char *what, const char *text) {
    if (!ok) {
        fprintf(stderr, "%s: %s\n", what, text);
        abort();
    }
}

static bool same(const cay_limits_t *a, const cay_limits_t *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

static void refused(int rc, cay_error_t *err, const char *text) {
    const char *message = cay_error_message(err);
    size_t len = strlen(message);
    require(rc == CAY_EINVAL || rc == CAY_E2BIG, "refused with another code", text);
    require(len > 0 && len < 512, "no message, or a long one", text);
    require(cay__utf8_valid(message, len) == len, "a message that is no text", text);
    for (const char *at = message; *at; at++) {
        require((uint8_t)*at >= 0x20 && *at != 0x7f, "a control character in a message", text);
    }
    cay_error_free(err);
}

/* ---- values ---- */

/* As it is typed: "64MiB", "1000B", "10000". */
static void typed(const char *shown, char *out) {
    for (const char *at = shown; *at; at++) {
        if (strncmp(at, "byte", 4) == 0) {
            *out++ = 'B';
            break;
        }
        if (*at != ' ' && *at != ',') {
            *out++ = *at;
        }
    }
    *out = 0;
}

/* What one in the hundredth's place of the shown text stands for, times 100. */
static uint64_t unit_of(const cay_limit_info_t *info, const char *shown) {
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    for (size_t i = 0; i < CAY_COUNT(units) && info->unit == CAY_UNIT_BYTES; i++) {
        if (strstr(shown, units[i])) {
            return 1ull << 10 * (i + 1);
        }
    }
    return info->unit == CAY_UNIT_MS && !strstr(shown, "ms") ? 1000 : 1;
}

static void come_back(uint32_t which, uint64_t value) {
    const cay_limit_info_t *info = &cay__limit_infos[which];
    cay_limits_t l = CAY_LIMITS_INIT;
    char shown[64], text[64];
    size_t len = cay_limit_format(which, value, shown, sizeof shown);
    require(len < sizeof shown && len == strlen(shown), "a text of another length", shown);
    typed(shown, text);
    int rc = cay_limits_set(&l, info->name, text, NULL);
    uint64_t unit = unit_of(info, shown), got = *cay__limit_field(&l, which);
    bool is_whole = value == CAY_UNLIMITED || value % unit * 100 % unit == 0;
    bool can_be_set = value && value < CAY_NO_WORKERS && !strstr(shown, "TiB");
    if (value == CAY_UNLIMITED) {
        can_be_set = !info->must_be_given;
    }
    require(!is_whole || !can_be_set || rc == 0, "what was written is not read", shown);
    require(!is_whole || rc || got == value || which == CAY_LIMIT_WORKERS, "read otherwise", shown);
    require(rc || is_whole || (got <= value && value - got <= unit / 100), "read far off", shown);
}

static void cut(uint32_t which, uint64_t value, size_t size) {
    char whole[64];
    char *out = cay__malloc(size);
    size_t len = cay_limit_format(which, value, whole, sizeof whole);
    if (out) {
        require(cay_limit_format(which, value, out, size) == len, "another length", whole);
        require(size == 0 || strncmp(out, whole, size - 1) == 0, "cut otherwise", whole);
    }
    require(cay_limit_format(which, value, NULL, 0) == len, "another length", whole);
    char *sentence = cay__limit_sentence(which, value, value);
    require(sentence && strstr(sentence, whole), "a sentence without its value", whole);
    cay__free(sentence);
    cay__free(out);
}

/* ---- structs ---- */

static bool resolved(const cay_limits_t *in, cay_limits_t *out, const char *text) {
    cay_error_t *err = NULL;
    cay_limits_t before = *out, filled, again = CAY_LIMITS_INIT;
    int rc = cay_limits_resolve(in, out, &err);
    if (rc) {
        require(same(out, &before), "written though refused", text);
        refused(rc, err, text);
        return false;
    }
    if (in->size == sizeof *in) {
        filled = *in;
        require(cay__limits_fill(&filled, NULL) == 0 && same(&filled, out), "filled otherwise",
                text);
    }
    require(cay_limits_resolve(out, &again, NULL) == 0 && same(out, &again),
            "another struct when resolved again", text);
    for (uint32_t i = 0; i < CAY_LIMIT_WORDS; i++) {
        require(*cay__limit_field(out, i) || i == CAY_LIMIT_GRACE, "nothing resolved", text);
        come_back(i, *cay__limit_field(out, i));
    }
    return true;
}

static uint64_t rank(uint32_t which, uint64_t value) {
    return which == CAY_LIMIT_WORKERS && value == CAY_NO_WORKERS ? 0 : value;
}

/* What a worker can have of it: a turn ends with its CPU at the latest, a rest and a start with its time on the wall. An
 * inherited limit that these end before is unlimited, so that the reason told is the one asked for. */
static uint64_t held(const cay_limits_t *l, cay_limit_t which) {
    uint64_t value = cay_limits_get(l, which), whole = CAY_UNLIMITED;
    if (which == CAY_LIMIT_TURN_CPU) {
        whole = l->cpu_ms;
    } else if (which == CAY_LIMIT_IDLE || which == CAY_LIMIT_STARTUP) {
        whole = l->wall_ms;
    }
    return rank(which, value < whole ? value : whole);
}

static void make_child(const cay_limits_t *parent, const cay_limits_t *asked, const char *text) {
    cay_limits_t out, again = CAY_LIMITS_INIT;
    cay_error_t *err = NULL;
    int rc = cay__limits_child(parent, asked, &out, &err);
    if (rc) {
        require(asked != NULL, "a child that asks for nothing is refused", text);
        refused(rc, err, text);
        return;
    }
    for (cay_limit_t i = 0; i < CAY_LIMIT_COUNT; i++) {
        uint64_t v = cay_limits_get(&out, i);
        require(held(&out, i) <= held(parent, i), "above its parent", text);
        require(!asked || !cay_limits_get(asked, i) || cay_limits_get(asked, i) == v ||
                    (i == CAY_LIMIT_HEAP && v == out.memory),
                "not what it asked for", text);
    }
    require(resolved(&out, &again, text) && same(&out, &again), "a child that cannot be held",
            text);
    if (asked) {
        make_child(&out, NULL, text);
    }
}

/* A struct as long as there are bytes, of whatever version. */
static void other_version(const uint8_t *bytes, size_t size) {
    uint64_t told = size;
    cay_limits_t out = CAY_LIMITS_INIT;
    cay_limits_t *in = size >= sizeof told && size < 4096 ? cay__memdup(bytes, size) : NULL;
    if (in) {
        memcpy(in, &told, sizeof told);
        bool is_known = true;
        for (size_t i = sizeof out; i < size; i++) {
            is_known &= bytes[i] == 0;
        }
        require(!resolved(in, &out, "a struct") || is_known, "what it lacks is taken", "a struct");
        out.size = told; /* written back no further than that */
        cay_limits_t *back = cay__malloc(size);
        if (back) {
            back->size = told;
            require(cay_limits_resolve(NULL, back, NULL) == 0 && back->size == told, "no defaults",
                    "");
        }
        cay__free(back);
    }
    cay__free(in);
}

static void values(const uint8_t *bytes, size_t size) {
    uint64_t value;
    for (size_t i = 0; i + sizeof value <= size && i < 256; i += sizeof value) {
        memcpy(&value, bytes + i, sizeof value);
        uint32_t which = (uint32_t)(bytes[i] + i) % (CAY_LIMIT_WORDS + 1);
        cut(which, value >> bytes[i] % 64, bytes[i] % 40u);
        if (which < CAY_LIMIT_WORDS) {
            come_back(which, value >> bytes[i] % 64);
        }
    }
}

static bool list(const char *text, cay_limits_t *l) {
    cay_limits_t before = *l;
    cay_error_t *err = NULL;
    int rc = cay__limits_read(l, text, &err);
    if (rc) {
        require(same(l, &before), "changed though refused", text);
        refused(rc, err, text);
    }
    return rc == 0;
}

static void run(const char *text, const char *child_text) {
    cay_limits_t given = CAY_LIMITS_INIT, asked = CAY_LIMITS_INIT, parent = CAY_LIMITS_INIT;
    if (list(text, &given) && resolved(&given, &parent, text)) {
        make_child(&parent, NULL, text);
        if (list(child_text, &asked)) {
            make_child(&parent, &asked, child_text);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* Two texts of the very size, each ended by a NUL, then the rest. */
    const uint8_t *at = data, *end = data + size;
    char *text[2];
    for (int i = 0; i < 2; i++) {
        const uint8_t *nul = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
        size_t len = (size_t)((nul ? nul : end) - at);
        text[i] = cay__strndup((const char *)at, len);
        at += len + (nul != NULL);
    }
    if (text[0] && text[1]) {
        run(text[0], text[1]);
    }
    cay__free(text[0]);
    cay__free(text[1]);
    other_version(at, (size_t)(end - at));
    values(at, (size_t)(end - at));
    return 0;
}
