/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

unsigned cay__utf8_decode(const char *s, size_t left, uint32_t *out) {
    const uint8_t *p = (const uint8_t *)s;
    uint32_t cp = p[0];
    if (cp < 0x80) {
        *out = cp;
        return 1;
    }
    unsigned n = cp >= 0xf0 ? 4 : cp >= 0xe0 ? 3 : 2;
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (cp < 0xc2 || cp > 0xf4 || n > left) {
        return 0;
    }
    cp &= 0xffu >> (n + 1);
    for (unsigned i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
        cp = cp << 6 | (p[i] & 0x3f);
    }
    if (cp < least[n] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
        return 0;
    }
    *out = cp;
    return n;
}

size_t cay__utf8_valid(const char *s, size_t len) {
    size_t at = 0;
    uint32_t cp;
    while (at < len) {
        unsigned n = cay__utf8_decode(s + at, len - at, &cp);
        if (n == 0) {
            break;
        }
        at += n;
    }
    return at;
}

unsigned cay__utf8_encode(uint32_t cp, char out[4]) {
    if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
        cp = 0xfffd;
    }
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    unsigned n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    static const uint8_t lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (unsigned i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3f));
        cp >>= 6;
    }
    out[0] = (char)(lead[n] | cp);
    return n;
}
