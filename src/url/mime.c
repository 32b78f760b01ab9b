/* SPDX-License-Identifier: MIT */
/* MIME types: parsed and serialised at once, as the MIME Sniffing Standard does both. */
#include "url/internal.h"

#include <string.h>

#include "base/mem.h"

/* Each parameter is compared with those before it (the first of a name wins), so their number is
 * bounded; those after are dropped. */
#define PARAMS_MAX 64

typedef struct mime_params {
    size_t start[PARAMS_MAX]; /* where in the output the names stand */
    size_t len[PARAMS_MAX];
    size_t count;
} mime_params_t;

static bool is_token_char(uint8_t c) {
    return url_is_alpha(c) || url_is_digit(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(const char *s, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (!is_token_char((uint8_t)s[i])) {
            return false;
        }
    }
    return len > 0;
}

static bool is_http_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t trim_end(const char *s, size_t len) {
    while (len > 0 && is_http_space(s[len - 1])) {
        len--;
    }
    return len;
}

static void put_lower(cay_buf_t *out, const char *s, size_t len) {
    for (size_t i = 0; i < len; i++) {
        cay__buf_u8(out, (uint8_t)url_lower((uint8_t)s[i]));
    }
}

static bool is_value(const uint8_t *s, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if ((s[i] < 0x20 && s[i] != '\t') || s[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

/* A quoted string from after its first quote; what follows it up to the next ';' is dropped. */
static const char *take_quoted(const char *at, const char *end, cay_buf_t *value) {
    while (at < end && *at != '"') {
        if (*at == '\\' && at + 1 < end) {
            at++;
        }
        cay__buf_u8(value, (uint8_t)*at++);
    }
    const char *semi = at < end ? memchr(at, ';', (size_t)(end - at)) : NULL;
    return semi ? semi : end;
}

/* Also true when there is no room for one more, or no memory (the names may then not be there). */
static bool seen_before(const mime_params_t *seen, const cay_buf_t *out, const char *name,
                        size_t len) {
    if (out->failed || seen->count == PARAMS_MAX) {
        return true;
    }
    for (size_t i = 0; i < seen->count; i++) {
        if (seen->len[i] == len && strncasecmp(url_text(out) + seen->start[i], name, len) == 0) {
            return true;
        }
    }
    return false;
}

static void put_param(cay_buf_t *out, mime_params_t *seen, const char *name, size_t len,
                      const cay_buf_t *value) {
    cay__buf_u8(out, ';');
    seen->start[seen->count] = out->len;
    seen->len[seen->count++] = len;
    put_lower(out, name, len);
    cay__buf_u8(out, '=');
    const char *text = url_text(value);
    if (is_token(text, value->len)) {
        cay__buf_put(out, text, value->len);
        return;
    }
    cay__buf_u8(out, '"');
    for (size_t i = 0; i < value->len; i++) {
        if (text[i] == '"' || text[i] == '\\') {
            cay__buf_u8(out, '\\');
        }
        cay__buf_u8(out, (uint8_t)text[i]);
    }
    cay__buf_u8(out, '"');
}

/* One parameter from after its ';'; where the next ';' stands, or the end. */
static const char *take_param(const char *at, const char *end, cay_buf_t *out,
                              mime_params_t *seen) {
    while (at < end && is_http_space(*at)) {
        at++;
    }
    const char *name = at;
    while (at < end && *at != ';' && *at != '=') {
        at++;
    }
    size_t len = (size_t)(at - name);
    if (at == end || *at == ';') {
        return at;
    }
    cay_buf_t value = CAY_BUF_INIT;
    bool quoted = ++at < end && *at == '"';
    if (quoted) {
        at = take_quoted(at + 1, end, &value);
    } else {
        const char *semi = at < end ? memchr(at, ';', (size_t)(end - at)) : NULL;
        const char *stop = semi ? semi : end;
        cay__buf_put(&value, at, trim_end(at, (size_t)(stop - at)));
        at = stop;
    }
    if ((quoted || value.len) && is_token(name, len) && is_value(value.data, value.len) &&
        !seen_before(seen, out, name, len)) {
        put_param(out, seen, name, len, &value);
    }
    out->failed |= value.failed;
    cay__buf_free(&value);
    return at;
}

int cay__mime_normalise(const char *text, size_t len, cay_buf_t *out) {
    len = trim_end(text, len);
    while (len > 0 && is_http_space(*text)) {
        text++;
        len--;
    }
    const char *end = text + len, *slash = memchr(text, '/', len);
    const char *semi = memchr(text, ';', len);
    const char *stop = semi ? semi : end;
    if (!slash || slash > stop) {
        return CAY_EFORMAT;
    }
    size_t type = (size_t)(slash - text);
    size_t subtype = trim_end(slash + 1, (size_t)(stop - slash - 1));
    if (!is_token(text, type) || !is_token(slash + 1, subtype)) {
        return CAY_EFORMAT;
    }
    mime_params_t seen = {.count = 0};
    put_lower(out, text, type + 1 + subtype);
    while (stop < end) {
        stop = take_param(stop + 1, end, out, &seen);
    }
    return out->failed ? CAY_ENOMEM : 0;
}
