/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

uint8_t *cay__buf_room(cay_buf_t *b, size_t n) {
    if (b->failed || n > SIZE_MAX / 2 - b->len) {
        b->failed = true;
        return NULL;
    }
    if (b->len + n > b->cap) {
        size_t cap = b->cap ? b->cap : 64;
        while (cap < b->len + n) {
            cap += cap / 2 + 1;
        }
        uint8_t *grown = cay__realloc(b->data, cap);
        if (!grown) {
            b->failed = true;
            return NULL;
        }
        b->data = grown;
        b->cap = cap;
    }
    return b->data + b->len;
}

void cay__buf_put(cay_buf_t *b, const void *src, size_t n) {
    if (n == 0) {
        return;
    }
    uint8_t *to = cay__buf_room(b, n);
    if (to) {
        memcpy(to, src, n);
        b->len += n;
    }
}

void cay__buf_u8(cay_buf_t *b, uint8_t v) {
    cay__buf_put(b, &v, 1);
}

void cay__buf_str(cay_buf_t *b, const char *s) {
    cay__buf_put(b, s, strlen(s));
}

void cay__buf_printf(cay_buf_t *b, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    uint8_t *to = n < 0 ? NULL : cay__buf_room(b, (size_t)n + 1);
    if (to) {
        vsnprintf((char *)to, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
}

char *cay__buf_take_str(cay_buf_t *b) {
    uint8_t *to = cay__buf_room(b, 1);
    if (!to) {
        cay__buf_free(b);
        return NULL;
    }
    *to = 0;
    char *out = (char *)b->data;
    *b = (cay_buf_t)CAY_BUF_INIT;
    return out;
}

void cay__buf_free(cay_buf_t *b) {
    cay__free(b->data);
    *b = (cay_buf_t)CAY_BUF_INIT;
}

const uint8_t *cay__reader_bytes(cay_reader_t *r, size_t n) {
    if (r->failed || n > cay__reader_left(r)) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *at = r->pos;
    r->pos += n;
    return at;
}

uint8_t cay__reader_u8(cay_reader_t *r) {
    const uint8_t *p = cay__reader_bytes(r, 1);
    return p ? *p : 0;
}

int cay__reader_peek(const cay_reader_t *r) {
    return r->failed || r->pos == r->end ? -1 : *r->pos;
}

static uint64_t varint(cay_reader_t *r, unsigned bits) {
    uint64_t v = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t b = cay__reader_u8(r);
        /* The last byte may only hold the bits that are left. */
        if (r->failed || shift >= bits || (bits - shift < 7 && (b & 0x7f) >> (bits - shift))) {
            r->failed = true;
            return 0;
        }
        v |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80)) {
            return v;
        }
    }
}

uint32_t cay__reader_varint32(cay_reader_t *r) {
    return (uint32_t)varint(r, 32);
}

uint64_t cay__reader_varint64(cay_reader_t *r) {
    return varint(r, 64);
}

double cay__reader_double(cay_reader_t *r) {
    double v = 0;
    const uint8_t *p = cay__reader_bytes(r, sizeof v);
    if (p) {
        memcpy(&v, p, sizeof v);
    }
    return v;
}
