/* SPDX-License-Identifier: MIT */
/* RFC 9112 4 and 5, RFC 9110 5.5. What is not a field line is an error and not skipped: a reader that skips what
 * another reads is how two parties come to see two messages. */
#include "io/http_head.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

void cay__head_clear(cay_head_parser_t *p) {
    cay__buf_free(&p->text);
    cay__buf_free(&p->places);
    cay__free(p->fields);
    memset(p, 0, sizeof *p);
}

size_t cay__head_count(const cay_head_parser_t *p) {
    return p->places.len / (2 * sizeof(uint32_t));
}

const char *cay__head_reason(const cay_head_parser_t *p) {
    return p->text.len ? (const char *)p->text.data : "";
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static void trim(const char **s, size_t *len) {
    while (*len && is_blank((*s)[0])) {
        (*s)++, (*len)--;
    }
    while (*len && is_blank((*s)[*len - 1])) {
        (*len)--;
    }
}

static bool is_text(const char *s, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (s[i] == 0 || s[i] == '\r' || s[i] == '\n') {
            return false;
        }
    }
    return true;
}

static void put_text(cay_buf_t *b, const char *s, size_t len) {
    size_t plain = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x80) {
            cay__buf_put(b, s + plain, i - plain);
            cay__buf_u8(b, (uint8_t)(0xc0 | (c >> 6)));
            cay__buf_u8(b, (uint8_t)(0x80 | (c & 0x3f)));
            plain = i + 1;
        }
    }
    cay__buf_put(b, s + plain, len - plain);
    cay__buf_u8(b, 0);
}

static int malformed(cay_error_t **err, const char *what) {
    return cay__error_set(err, CAY_ENET, "the response is malformed: %s", what);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* HTTP-version SP 3DIGIT [SP reason]; the version as libcurl writes it, "HTTP/1.1" or "HTTP/2". */
static int status_line(cay_head_parser_t *p, const char *s, size_t len, cay_error_t **err) {
    size_t at = 6;
    if (len < 10 || !is_digit(s[5])) {
        return malformed(err, "status line");
    }
    uint32_t version = (uint32_t)(s[5] - '0') * 10;
    if (s[at] == '.' && is_digit(s[at + 1])) {
        version += (uint32_t)(s[at + 1] - '0');
        at += 2;
    }
    if (len < at + 4 || s[at] != ' ' || !is_digit(s[at + 1]) || !is_digit(s[at + 2]) ||
        !is_digit(s[at + 3]) || (len > at + 4 && s[at + 4] != ' ')) {
        return malformed(err, "status line");
    }
    p->status = (uint32_t)((s[at + 1] - '0') * 100 + (s[at + 2] - '0') * 10 + (s[at + 3] - '0'));
    p->version = version;
    const char *reason = s + at + 4;
    size_t reason_len = len - at - 4;
    trim(&reason, &reason_len);
    if (p->status < 100 || !is_text(reason, reason_len)) {
        return malformed(err, "status line");
    }
    p->text.len = p->places.len = 0;
    put_text(&p->text, reason, reason_len);
    return 0;
}

static int field_line(cay_head_parser_t *p, const char *s, size_t len, cay_error_t **err) {
    const char *colon = memchr(s, ':', len);
    if (!colon || !cay__http_is_token(s, (size_t)(colon - s))) {
        return malformed(err, "a line is no header field");
    }
    const char *value = colon + 1;
    size_t value_len = len - (size_t)(value - s);
    trim(&value, &value_len);
    if (!is_text(value, value_len)) {
        return malformed(err, "a header value has a CR, LF or NUL in it");
    }
    if (p->complete) {
        return 0;
    }
    uint32_t place[2] = {(uint32_t)p->text.len, 0};
    put_text(&p->text, s, (size_t)(colon - s));
    if (!p->text.failed) {
        for (size_t i = place[0]; i + 1 < p->text.len; i++) {
            uint8_t *c = &p->text.data[i];
            *c = *c >= 'A' && *c <= 'Z' ? (uint8_t)(*c | 0x20) : *c;
        }
    }
    place[1] = (uint32_t)p->text.len;
    put_text(&p->text, value, value_len);
    cay__buf_put(&p->places, place, sizeof place);
    return 0;
}

/* obs-fold, RFC 9112 5.2: a user agent reads it as one or more spaces. */
static int folded_line(cay_head_parser_t *p, const char *s, size_t len, cay_error_t **err) {
    trim(&s, &len);
    if ((!p->complete && cay__head_count(p) == 0) || !is_text(s, len)) {
        return malformed(err, "a continued line");
    }
    if (!p->complete && len && !p->text.failed) {
        bool empty = p->text.len < 2 || p->text.data[p->text.len - 2] == 0;
        p->text.len--; /* the NUL */
        if (!empty) {
            cay__buf_u8(&p->text, ' ');
        }
        put_text(&p->text, s, len);
    }
    return 0;
}

static int end_of_head(cay_head_parser_t *p, cay_error_t **err) {
    if (p->status == 0) {
        return malformed(err, "no status line");
    }
    if (p->status == 101) {
        return malformed(err, "it switches protocols, which was not asked for");
    }
    if (p->status >= 200) {
        p->complete = true;
    } else {
        p->status = 0;
    }
    return 0;
}

static int one_line(cay_head_parser_t *p, const char *s, size_t len, cay_error_t **err) {
    if (len == 0) {
        return p->complete ? 0 : end_of_head(p, err);
    }
    if (!p->complete && p->status == 0) {
        bool ok = len > 5 && memcmp(s, "HTTP/", 5) == 0;
        return ok ? status_line(p, s, len, err) : malformed(err, "no status line");
    }
    return is_blank(s[0]) ? folded_line(p, s, len, err) : field_line(p, s, len, err);
}

int cay__head_line(cay_head_parser_t *p, const char *line, size_t len, cay_error_t **err) {
    p->bytes += len;
    p->lines++;
    if (p->bytes > CAY_HEAD_BYTES || p->lines > CAY_HEAD_FIELDS + 2) {
        return cay__error_set(err, CAY_ELIMIT, "the response's head is over %zu bytes or %d fields",
                              CAY_HEAD_BYTES, CAY_HEAD_FIELDS);
    }
    if (len && line[len - 1] == '\n') {
        len--;
        if (len && line[len - 1] == '\r') {
            len--;
        }
    }
    int rc = one_line(p, line, len, err);
    if (!rc && (p->text.failed || p->places.failed)) {
        rc = cay__error_set(err, CAY_ENOMEM, "no memory for the response's head");
    }
    return rc;
}

static const char *text_at(const cay_head_parser_t *p, size_t field, size_t part) {
    uint32_t at;
    memcpy(&at, p->places.data + (field * 2 + part) * sizeof at, sizeof at);
    return (const char *)p->text.data + at;
}

int cay__head_fields(cay_head_parser_t *p, const cay_http_header_t **out) {
    size_t count = cay__head_count(p);
    if (!p->fields) {
        p->fields = cay__malloc(count * sizeof *p->fields);
        if (!p->fields) {
            return CAY_ENOMEM;
        }
        for (size_t i = 0; i < count; i++) {
            p->fields[i] = (cay_http_header_t){text_at(p, i, 0), text_at(p, i, 1)};
        }
    }
    *out = p->fields;
    return 0;
}

const char *cay__head_get(const cay_head_parser_t *p, const char *name, bool *same) {
    const char *found = NULL;
    bool all_same = true;
    for (size_t i = 0; i < cay__head_count(p); i++) {
        if (strcmp(text_at(p, i, 0), name) == 0) {
            const char *value = text_at(p, i, 1);
            all_same = all_same && (!found || strcmp(found, value) == 0);
            found = found ? found : value;
        }
    }
    if (same) {
        *same = all_same;
    }
    return found;
}
