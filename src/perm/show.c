/* SPDX-License-Identifier: MIT */
/* Values in messages, and the messages of refusals. All bounded: a value may be of the guest. */
#include "perm/set.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

enum { SHOWN_MAX = 240 };

/* Controls, and what changes the direction or the lines of the text around it. */
static bool is_hidden(uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0xfeff ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f);
}

void cay__show(cay_buf_t *out, const char *s, size_t len, bool quoted) {
    size_t start = out->len;
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        unsigned n = cay__utf8_decode(s + i, len - i, &c);
        if (out->len - start >= SHOWN_MAX) {
            cay__buf_str(out, "...");
            return;
        }
        if (n == 0) {
            cay__buf_printf(out, "\\x%02x", (unsigned)(uint8_t)s[i]);
            i++;
            continue;
        }
        if (is_hidden(c)) {
            cay__buf_printf(out, c < 0x80 ? "\\x%02x" : "\\u{%x}", (unsigned)c);
        } else {
            cay__buf_str(out, quoted && (c == '"' || c == '\\') ? "\\" : "");
            cay__buf_put(out, s + i, n);
        }
        i += n;
    }
}

static void show_buf(cay_buf_t *out, cay_buf_t *text, bool quoted) {
    cay__show(out, (const char *)text->data, text->len, quoted);
    out->failed |= text->failed;
    cay__buf_free(text);
}

CAY_OWN char *cay__rule_shown(const cay_rule_t *r) {
    cay_buf_t rule = CAY_BUF_INIT, out = CAY_BUF_INIT;
    cay__rule_print(r, &rule);
    show_buf(&out, &rule, false);
    return cay__buf_take_str(&out);
}

void cay__ask_print(const cay_ask_t *ask, cay_buf_t *out) {
    char addr[64];
    if (!cay__kind_is_net(ask->kind)) {
        cay__buf_put(out, ask->value, ask->len);
        return;
    }
    cay__host_print(out, ask->value, ask->len, ask->port);
    if (ask->addr) {
        cay__addr_print(ask->addr, addr);
        cay__buf_printf(out, " (%s)", addr);
    }
}

/* The address that was judged: after resolution, or the host itself; false when there is none. */
static bool judged_address(const cay_ask_t *ask, cay_addr_t *out) {
    if (ask->addr) {
        *out = *ask->addr;
        return true;
    }
    return cay__addr_parse(ask->value, ask->len, out);
}

/* What is refused: "net access to "a:80" (loopback address 127.0.0.1)". */
static void print_subject(const cay_ask_t *ask, const cay_verdict_t *v, cay_buf_t *out) {
    cay_buf_t value = CAY_BUF_INIT;
    cay_addr_t addr;
    char text[64];
    if (cay__kind_is_switch(ask->kind)) {
        cay__buf_printf(out, "%s", cay_kind_name(ask->kind));
        return;
    }
    cay__buf_printf(out, "%s access to \"", cay_kind_name(ask->kind));
    if (cay__kind_is_net(ask->kind)) {
        cay__host_print(&value, ask->value, ask->len, ask->port);
    } else {
        cay__buf_put(&value, ask->value, ask->len);
    }
    show_buf(out, &value, true);
    cay__buf_u8(out, '"');
    if (cay__kind_is_net(ask->kind) && (v->special || ask->addr) && judged_address(ask, &addr)) {
        cay__addr_print(&addr, text);
        cay__buf_printf(out, " (%s%s%s)", v->special ? v->special : "",
                        v->special ? " address " : "", text);
    }
}

/* What would have to be granted, in the text form; nothing for a value that no rule can grant. */
static void print_needed(const cay_ask_t *ask, cay_buf_t *out) {
    if (cay__kind_is_net(ask->kind)) {
        cay__net_needed(ask, out);
    } else if (!cay__kind_is_path(ask->kind) || cay__path_is_normal(ask->value, ask->len)) {
        cay__text_escape(out, ask->value, ask->len);
    }
}

static void print_flag(const cay_ask_t *ask, const cay_buf_t *needed, cay_buf_t *out) {
    cay__buf_printf(out, "--allow-%s%s", cay_kind_name(ask->kind), needed->len ? "=" : "");
    cay__show(out, (const char *)needed->data, needed->len, false);
}

/* As the options of a Worker have it: { cay: { permissions: { env: ["HOME"] } } }. In what is needed of a net ask a
 * comma is between two values. */
static void print_option(const cay_ask_t *ask, const cay_buf_t *needed, cay_buf_t *out) {
    const char *quote = strchr(cay_kind_name(ask->kind), '-') ? "\"" : "";
    const char *at = ask->value, *end = at + ask->len;
    cay__buf_printf(out, "{ cay: { permissions: { %s%s%s: ", quote, cay_kind_name(ask->kind),
                    quote);
    if (cay__kind_is_net(ask->kind)) {
        at = (const char *)needed->data;
        end = at + needed->len;
    }
    for (const char *sep = "["; at < end; sep = ", ") {
        const char *comma =
            cay__kind_is_net(ask->kind) ? memchr(at, ',', (size_t)(end - at)) : NULL;
        const char *stop = comma ? comma : end;
        cay__buf_printf(out, "%s\"", sep);
        cay__show(out, at, (size_t)(stop - at), true);
        cay__buf_u8(out, '"');
        at = comma ? comma + 1 : end;
    }
    cay__buf_str(out, cay__kind_is_switch(ask->kind) ? "true } } }" : "] } } }");
}

/* Of a worker that another one made. Nothing depends on what its creator has: a worker need not learn that. */
static void print_creator(const cay_ask_t *ask, const cay_buf_t *needed, cay_buf_t *out) {
    cay__buf_str(out, " to this worker");
    if (needed->len || cay__kind_is_switch(ask->kind)) {
        cay__buf_str(out, "; its creator can pass it on with ");
        print_option(ask, needed, out);
        cay__buf_str(out, ", and has it with ");
        print_flag(ask, needed, out);
    }
}

static void print_hint(bool nested, const cay_ask_t *ask, cay_buf_t *out) {
    cay_buf_t needed = CAY_BUF_INIT;
    print_needed(ask, &needed);
    if (nested) {
        print_creator(ask, &needed, out);
    } else if (needed.len || cay__kind_is_switch(ask->kind)) {
        cay__buf_str(out, "; ");
        print_flag(ask, &needed, out);
        cay__buf_str(out, " would grant it");
    }
    out->failed |= needed.failed;
    cay__buf_free(&needed);
}

void cay__revoked_print(const cay_ask_t *ask, cay_buf_t *out) {
    print_subject(ask, &(cay_verdict_t){false, NULL, NULL}, out);
    cay__buf_str(out, " was revoked");
}

void cay__refusal_print(const cay_permissions_t *set, bool nested, const cay_ask_t *ask,
                        const cay_verdict_t *v, cay_buf_t *out) {
    cay_buf_t rule = CAY_BUF_INIT;
    bool dropped = set->dropped >> ask->kind & 1;
    print_subject(ask, v, out);
    if (v->rule ? v->rule->revoked : dropped) {
        cay__buf_str(out, " was revoked");
        return;
    }
    if (v->rule) {
        cay__buf_str(out, " is denied by ");
        cay__rule_print(v->rule, &rule);
        show_buf(out, &rule, false);
        return;
    }
    cay__buf_str(out, " is not granted");
    print_hint(nested, ask, out);
}
