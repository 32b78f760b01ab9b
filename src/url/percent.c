/* SPDX-License-Identifier: MIT */
/* Bytes and text: percent-encode sets, percent-coding, UTF-8 repair, form encoding. */
#include "url/internal.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

/* The sets nest: path holds query, userinfo holds path, component holds userinfo, form holds
 * component; special-query holds query. Each name below is "in this set and all that hold it". */
#define IN_FORM      CAY_PCT_FORM
#define IN_COMPONENT (CAY_PCT_COMPONENT | IN_FORM)
#define IN_USERINFO  (CAY_PCT_USERINFO | IN_COMPONENT)
#define IN_PATH      (CAY_PCT_PATH | IN_USERINFO)
#define IN_QUERY     (CAY_PCT_QUERY | CAY_PCT_SPECIAL_QUERY | IN_PATH)

/* Of the printable ASCII characters; controls, DEL and bytes above are in every set. */
static const uint8_t printable[128] = {
    [' '] = IN_QUERY | CAY_PCT_FRAGMENT,
    ['"'] = IN_QUERY | CAY_PCT_FRAGMENT,
    ['<'] = IN_QUERY | CAY_PCT_FRAGMENT,
    ['>'] = IN_QUERY | CAY_PCT_FRAGMENT,
    ['#'] = IN_QUERY,
    ['`'] = IN_PATH | CAY_PCT_FRAGMENT,
    ['?'] = IN_PATH,
    ['^'] = IN_PATH,
    ['{'] = IN_PATH,
    ['}'] = IN_PATH,
    ['/'] = IN_USERINFO,
    [':'] = IN_USERINFO,
    [';'] = IN_USERINFO,
    ['='] = IN_USERINFO,
    ['@'] = IN_USERINFO,
    ['['] = IN_USERINFO,
    ['\\'] = IN_USERINFO,
    [']'] = IN_USERINFO,
    ['|'] = IN_USERINFO,
    ['$'] = IN_COMPONENT,
    ['%'] = IN_COMPONENT,
    ['&'] = IN_COMPONENT,
    ['+'] = IN_COMPONENT,
    [','] = IN_COMPONENT,
    ['\''] = IN_FORM | CAY_PCT_SPECIAL_QUERY,
    ['!'] = IN_FORM,
    ['('] = IN_FORM,
    [')'] = IN_FORM,
    ['~'] = IN_FORM,
};

bool cay__pct_in_set(uint8_t c, cay_pct_set_t set) {
    return c < 0x20 || c > 0x7e || (printable[c] & set);
}

void cay__pct_encode(cay_buf_t *out, const char *text, size_t len, cay_pct_set_t set) {
    static const char hex[] = "0123456789ABCDEF";
    size_t run = 0; /* start of the bytes that stand for themselves and are not yet copied */
    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)text[i];
        if (cay__pct_in_set(c, set)) {
            cay__buf_put(out, text + run, i - run);
            cay__buf_put(out, (char[3]){'%', hex[c >> 4], hex[c & 15]}, 3);
            run = i + 1;
        }
    }
    cay__buf_put(out, text + run, len - run);
}

/* The byte that the three characters at `at` encode, or -1. */
static int escaped_byte(const char *at, const char *end) {
    if (end - at < 3 || at[0] != '%') {
        return -1;
    }
    int high = url_hex((uint8_t)at[1]), low = url_hex((uint8_t)at[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

void cay__pct_decode(cay_buf_t *out, const char *text, size_t len) {
    const char *end = text + len, *run = text;
    for (const char *at = text; at < end;) {
        int c = escaped_byte(at, end);
        if (c < 0) {
            at++;
            continue;
        }
        cay__buf_put(out, run, (size_t)(at - run));
        cay__buf_u8(out, (uint8_t)c);
        run = at += 3;
    }
    cay__buf_put(out, run, (size_t)(end - run));
}

/* How many bytes of a malformed sequence one U+FFFD stands for: the longest start of a well-formed
 * sequence, at least one (Encoding Standard, UTF-8 decoder). */
static size_t malformed_length(const uint8_t *p, size_t left) {
    uint8_t lead = p[0];
    if (left < 2 || lead < 0xc2 || lead > 0xf4) {
        return 1;
    }
    uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high) {
        return 1;
    }
    size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2, n = 2;
    while (n < want && n < left && (p[n] & 0xc0) == 0x80) {
        n++;
    }
    return n;
}

void cay__utf8_repair(cay_buf_t *out, const char *text, size_t len) {
    size_t at = 0;
    while (at < len) {
        size_t good = cay__utf8_valid(text + at, len - at);
        cay__buf_put(out, text + at, good);
        at += good;
        if (at < len) {
            cay__buf_put(out, "\xef\xbf\xbd", 3);
            at += malformed_length((const uint8_t *)text + at, len - at);
        }
    }
}

/* '+' to ' ', escapes to bytes, bytes to UTF-8. */
static char *form_decode(const char *text, size_t len, size_t *out_len) {
    cay_buf_t plain = CAY_BUF_INIT, bytes = CAY_BUF_INIT, fixed = CAY_BUF_INIT;
    cay__buf_put(&plain, text, len);
    for (size_t i = 0; i < plain.len; i++) {
        if (plain.data[i] == '+') {
            plain.data[i] = ' ';
        }
    }
    cay__pct_decode(&bytes, url_text(&plain), plain.len);
    cay__utf8_repair(&fixed, url_text(&bytes), bytes.len);
    fixed.failed |= plain.failed || bytes.failed;
    cay__buf_free(&plain);
    cay__buf_free(&bytes);
    *out_len = fixed.len;
    return cay__buf_take_str(&fixed);
}

static int form_pair(const char *text, size_t len, cay_form_cb cb, void *user) {
    const char *eq = memchr(text, '=', len);
    size_t name_in = eq ? (size_t)(eq - text) : len, skip = eq ? name_in + 1 : len;
    size_t name_len = 0, value_len = 0;
    CAY_AUTOFREE char *name = form_decode(text, name_in, &name_len);
    CAY_AUTOFREE char *value = form_decode(text + skip, len - skip, &value_len);
    return name && value ? cb(name, name_len, value, value_len, user) : CAY_ENOMEM;
}

int cay__form_parse(const char *text, size_t len, cay_form_cb cb, void *user) {
    const char *end = len ? text + len : text;
    while (text < end) {
        const char *amp = memchr(text, '&', (size_t)(end - text));
        const char *stop = amp ? amp : end;
        int rc = stop > text ? form_pair(text, (size_t)(stop - text), cb, user) : 0;
        if (rc) {
            return rc;
        }
        text = stop + (amp != NULL);
    }
    return 0;
}

static void form_encode(cay_buf_t *out, const char *text, size_t len) {
    const char *end = len ? text + len : text;
    while (text < end) {
        const char *space = memchr(text, ' ', (size_t)(end - text));
        const char *stop = space ? space : end;
        cay__pct_encode(out, text, (size_t)(stop - text), CAY_PCT_FORM);
        if (space) {
            cay__buf_u8(out, '+');
        }
        text = stop + (space != NULL);
    }
}

void cay__form_append(cay_buf_t *out, const char *name, size_t name_len, const char *value,
                      size_t value_len) {
    if (out->len) {
        cay__buf_u8(out, '&');
    }
    form_encode(out, name, name_len);
    cay__buf_u8(out, '=');
    form_encode(out, value, value_len);
}
