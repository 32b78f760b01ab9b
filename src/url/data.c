/* SPDX-License-Identifier: MIT */
/* The data: URL processor of the Fetch Standard. */
#include "url/internal.h"

#include <string.h>

#include "base/mem.h"

static bool is_ascii_space(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static int base64_digit(uint8_t c) {
    if (url_is_alpha(c)) {
        return c >= 'a' ? c - 'a' + 26 : c - 'A';
    }
    if (url_is_digit(c)) {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The Infra Standard's forgiving-base64 decode, in place: white space goes, padding is optional but
 * must be right when there, spare bits are dropped. */
static bool base64_decode(cay_buf_t *b) {
    size_t len = 0;
    for (size_t i = 0; i < b->len; i++) {
        if (!is_ascii_space(b->data[i])) {
            b->data[len++] = b->data[i];
        }
    }
    if (len % 4 == 0 && len > 0 && b->data[len - 1] == '=') {
        len -= b->data[len - 2] == '=' ? 2 : 1;
    }
    if (len % 4 == 1) {
        return false;
    }
    uint32_t bits = 0;
    unsigned held = 0;
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        int digit = base64_digit(b->data[i]);
        if (digit < 0) {
            return false;
        }
        bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            b->data[out++] = (uint8_t)(bits >> held);
        }
    }
    b->len = out;
    return true;
}

/* Takes ";base64" (spaces may stand before the word) off the end; whether it was there. */
static bool strip_base64(const char *type, size_t *len) {
    size_t n = *len;
    if (n < 7 || strncasecmp(type + n - 6, "base64", 6) != 0) {
        return false;
    }
    n -= 6;
    while (n > 0 && type[n - 1] == ' ') {
        n--;
    }
    if (n == 0 || type[n - 1] != ';') {
        return false;
    }
    *len = n - 1;
    return true;
}

static int mime_of(const char *type, size_t len, char **mime) {
    cay_buf_t text = CAY_BUF_INIT, out = CAY_BUF_INIT;
    if (len > 0 && type[0] == ';') {
        cay__buf_str(&text, "text/plain");
    }
    cay__buf_put(&text, type, len);
    int rc = text.failed ? CAY_ENOMEM : cay__mime_normalise(url_text(&text), text.len, &out);
    if (rc == CAY_EFORMAT) {
        out.len = 0;
        cay__buf_str(&out, "text/plain;charset=US-ASCII");
        rc = 0;
    }
    cay__buf_free(&text);
    if (rc) {
        cay__buf_free(&out);
        return rc;
    }
    *mime = cay__buf_take_str(&out);
    return *mime ? 0 : CAY_ENOMEM;
}

static int process(const char *text, size_t len, char **mime, cay_buf_t *body, const char **why) {
    const char *comma = memchr(text, ',', len);
    if (!comma) {
        *why = "a data: URL needs a comma before its body";
        return CAY_EFORMAT;
    }
    size_t type_len = (size_t)(comma - text);
    const char *type = text;
    while (type_len > 0 && is_ascii_space((uint8_t)type[type_len - 1])) {
        type_len--;
    }
    while (type_len > 0 && is_ascii_space((uint8_t)*type)) {
        type++;
        type_len--;
    }
    cay__pct_decode(body, comma + 1, len - (size_t)(comma + 1 - text));
    if (body->failed) {
        return CAY_ENOMEM;
    }
    if (strip_base64(type, &type_len) && !base64_decode(body)) {
        *why = "its body is not base64";
        return CAY_EFORMAT;
    }
    return mime_of(type, type_len, mime);
}

int cay__url_data(const cay_url_t *u, CAY_OWN char **mime, CAY_OWN uint8_t **bytes, size_t *len,
                  cay_error_t **err) {
    *mime = NULL;
    *bytes = NULL;
    *len = 0;
    if (!cay__url_scheme_is(u, "data")) {
        return cay__url_error(err, CAY_EINVAL, "URL", u->href, u->href_len, "not a data: URL");
    }
    cay_buf_t body = CAY_BUF_INIT;
    const char *why = cay_error_text(CAY_ENOMEM);
    int rc = process(u->href + 5, u->query_end - 5, mime, &body, &why);
    if (rc == 0) {
        *len = body.len;
        *bytes = (uint8_t *)cay__buf_take_str(&body);
        rc = *bytes ? 0 : CAY_ENOMEM;
    }
    if (rc) {
        cay__buf_free(&body);
        cay__free(*mime);
        *mime = NULL;
        *len = 0;
        return cay__url_error(err, rc, "bad data: URL", u->href, u->href_len, why);
    }
    return 0;
}
