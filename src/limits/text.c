/* SPDX-License-Identifier: MIT */
/* Limits as text, both ways. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "limits/limits.h"

typedef struct suffix {
    const char *text;
    uint64_t factor;
} suffix_t;

/* The empty one first where a bare number is fine. */
static const suffix_t bytes[] = {
    {"", 1},
    {"B", 1},
    {"K", 1ull << 10},
    {"KB", 1ull << 10},
    {"KiB", 1ull << 10},
    {"M", 1ull << 20},
    {"MB", 1ull << 20},
    {"MiB", 1ull << 20},
    {"G", 1ull << 30},
    {"GB", 1ull << 30},
    {"GiB", 1ull << 30},
    {NULL, 0},
};
static const suffix_t times[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {NULL, 0}};
static const suffix_t counts[] = {{"", 1}, {NULL, 0}};
static const suffix_t percents[] = {{"", 1}, {"%", 1}, {NULL, 0}};

static const suffix_t *suffixes_of(cay_unit_t unit) {
    switch (unit) {
    case CAY_UNIT_BYTES: return bytes;
    case CAY_UNIT_MS: return times;
    case CAY_UNIT_COUNT: return counts;
    case CAY_UNIT_PERCENT: return percents;
    }
    return counts;
}

static const char *expected_of(cay_unit_t unit) {
    switch (unit) {
    case CAY_UNIT_BYTES: return "a size such as 64M";
    case CAY_UNIT_MS: return "a duration such as 200ms, 2s or 1m";
    case CAY_UNIT_COUNT: return "a number";
    case CAY_UNIT_PERCENT: return "a percentage from 1 to 100";
    }
    return "";
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Digits, and perhaps a point and up to nine more: whole * 10^9 + fraction, in two numbers. */
static const char *read_decimal(const char *s, uint64_t *whole, uint64_t *nano, bool *has_point) {
    *whole = *nano = 0;
    const char *at = s;
    for (; is_digit(*at); at++) {
        if (__builtin_mul_overflow(*whole, 10u, whole) ||
            __builtin_add_overflow(*whole, (uint64_t)(*at - '0'), whole)) {
            return NULL;
        }
    }
    *has_point = *at == '.';
    if (at == s || (*has_point && !is_digit(at[1]))) {
        return NULL;
    }
    uint64_t place = 100000000;
    for (at += *has_point; *has_point && is_digit(*at); at++, place /= 10) {
        if (place == 0) {
            return NULL;
        }
        *nano += place * (uint64_t)(*at - '0');
    }
    return at;
}

/* The number in units, when it is a whole one that fits. */
static bool scaled(uint64_t whole, uint64_t nano, uint64_t factor, uint64_t *out) {
    __extension__ typedef unsigned __int128 wide_t;
    wide_t part = (wide_t)nano * factor;
    wide_t v = (wide_t)whole * factor + part / 1000000000u;
    if (part % 1000000000u || v >= CAY_NO_WORKERS) {
        return false;
    }
    *out = (uint64_t)v;
    return true;
}

static bool read_value(const cay_limit_info_t *info, const char *text, uint64_t *out) {
    uint64_t whole, nano;
    bool has_point;
    const char *at = read_decimal(text, &whole, &nano, &has_point);
    if (!at || (has_point && info->unit != CAY_UNIT_BYTES && info->unit != CAY_UNIT_MS)) {
        return false;
    }
    for (const suffix_t *s = suffixes_of(info->unit); s->text; s++) {
        if (strcmp(at, s->text) == 0) {
            return scaled(whole, nano, s->factor, out);
        }
    }
    return false;
}

enum { SHOWN = 100 };

/* What somebody wrote, for a message: whole characters, none that steer a terminal, no more than SHOWN bytes. */
static const char *shown(const char *text, char out[SHOWN + 4]) {
    size_t n = 0, left = strlen(text);
    while (left) {
        uint32_t c;
        unsigned len = cay__utf8_decode(text, left, &c);
        bool is_plain = len && c >= 0x20 && !(c >= 0x7f && c < 0xa0);
        len = len ? len : 1;
        if (n + len > SHOWN) {
            strcpy(out + n, "...");
            return out;
        }
        memcpy(out + n, is_plain ? text : "?", is_plain ? len : 1);
        n += is_plain ? len : 1;
        text += len;
        left -= len;
    }
    out[n] = 0;
    return out;
}

static int bad_value(const cay_limit_info_t *info, const char *value, cay_error_t **err) {
    const char *also = info->must_be_given ? "" : " or \"unlimited\"";
    char text[SHOWN + 4];
    return cay__error_set(err, CAY_EINVAL, "limit %s: \"%s\" is not %s%s", info->name,
                          shown(value, text), expected_of(info->unit), also);
}

static int set(cay_limits_t *l, uint32_t which, const char *value, cay_error_t **err) {
    const cay_limit_info_t *info = &cay__limit_infos[which];
    uint64_t v = CAY_UNLIMITED;
    bool is_unlimited = strcmp(value, "unlimited") == 0;
    if (is_unlimited ? info->must_be_given : !read_value(info, value, &v)) {
        return bad_value(info, value, err);
    }
    if (v == 0 && which == CAY_LIMIT_WORKERS) {
        v = CAY_NO_WORKERS;
    }
    if (v == 0) { /* in the struct that would be the default */
        char text[SHOWN + 4];
        return cay__error_set(err, CAY_EINVAL, "limit %s: \"%s\" leaves nothing", info->name,
                              shown(value, text));
    }
    *cay__limit_field(l, which) = v;
    return 0;
}

int cay_limits_set(cay_limits_t *limits, const char *name, const char *value, cay_error_t **err) {
    if (!limits || !name || !value || limits->size < sizeof *limits) {
        return cay__error_set(err, CAY_EINVAL, "cay_limits_set: limits, name and value are needed");
    }
    for (uint32_t i = 0; i < CAY_LIMIT_WORDS; i++) {
        if (strcmp(name, cay__limit_infos[i].name) == 0) {
            return set(limits, i, value, err);
        }
    }
    char text[SHOWN + 4];
    return cay__error_set(err, CAY_ENOTFOUND, "there is no limit \"%s\"", shown(name, text));
}

int cay__limits_read(cay_limits_t *l, const char *text, cay_error_t **err) {
    cay_limits_t read = *l;
    int rc = 0;
    for (const char *at = text; rc == 0 && *at;) {
        size_t len = strcspn(at, ";");
        const char *equals = memchr(at, '=', len);
        CAY_AUTOFREE char *name = cay__strndup(at, equals ? (size_t)(equals - at) : len);
        CAY_AUTOFREE char *value =
            equals ? cay__strndup(equals + 1, (size_t)(at + len - equals - 1)) : cay__strdup("");
        rc = name && value ? cay_limits_set(&read, name, value, err)
                           : cay__error_set(err, CAY_ENOMEM, "out of memory for limits");
        rc = rc == CAY_ENOTFOUND ? CAY_EINVAL : rc;
        at += len + (at[len] == ';');
    }
    if (rc == 0) {
        *l = read;
    }
    return rc;
}

/* ---- for people ---- */

enum { TEXT = 64 }; /* any value, with its unit */

/* At most two decimals, none that are zero. */
static void put_scaled(char out[TEXT], uint64_t value, uint64_t factor, const char *unit) {
    unsigned long long whole = value / factor;
    unsigned hundredths = (unsigned)(value % factor * 100 / factor);
    if (hundredths == 0) {
        snprintf(out, TEXT, "%llu %s", whole, unit);
    } else if (hundredths % 10 == 0) {
        snprintf(out, TEXT, "%llu.%u %s", whole, hundredths / 10, unit);
    } else {
        snprintf(out, TEXT, "%llu.%02u %s", whole, hundredths, unit);
    }
}

static void put_bytes(char out[TEXT], uint64_t v) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    size_t i = 0;
    uint64_t factor = 1;
    while (i + 1 < CAY_COUNT(units) && v / factor >= 1024) {
        factor *= 1024;
        i++;
    }
    put_scaled(out, v, factor, v == 1 ? "byte" : units[i]);
}

static void put_ms(char out[TEXT], uint64_t v) {
    put_scaled(out, v, v < 1000 ? 1 : 1000, v < 1000 ? "ms" : "s");
}

static void put_count(char out[TEXT], uint64_t v) {
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)v);
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0) {
            *out++ = ',';
        }
        *out++ = digits[i];
    }
    *out = 0;
}

static void put_value(char out[TEXT], cay_limit_t which, uint64_t value) {
    cay_unit_t unit = which < CAY_LIMIT_WORDS ? cay__limit_infos[which].unit : CAY_UNIT_COUNT;
    if (value == CAY_UNLIMITED) {
        strcpy(out, "unlimited");
    } else if (which == CAY_LIMIT_WORKERS && value == CAY_NO_WORKERS) {
        strcpy(out, "0");
    } else if (unit == CAY_UNIT_BYTES) {
        put_bytes(out, value);
    } else if (unit == CAY_UNIT_MS) {
        put_ms(out, value);
    } else {
        put_count(out, value);
    }
}

/* Without memory: a limit is often told when there is none. */
size_t cay_limit_format(cay_limit_t which, uint64_t value, char *out, size_t size) {
    char text[TEXT];
    put_value(text, which, value);
    size_t len = strlen(text);
    if (out && size) {
        size_t n = len < size ? len : size - 1;
        memcpy(out, text, n);
        out[n] = 0;
    }
    return len;
}

char *cay__limit_sentence(cay_limit_t which, uint64_t limit, uint64_t used) {
    char most[64], have[64];
    cay_limit_format(which, limit, most, sizeof most);
    cay_limit_format(which, used, have, sizeof have);
    return cay__asprintf("the %s limit of %s was reached (%s used)", cay_limit_name(which), most,
                         have);
}
