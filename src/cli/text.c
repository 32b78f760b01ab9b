/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(cay_cli_text_t *t, size_t more) {
    if (t->failed || more > SIZE_MAX / 4 - t->len) {
        t->failed = true;
        return false;
    }
    if (t->cap - t->len >= more) {
        return true;
    }
    size_t cap = t->cap ? t->cap : 256;
    while (cap - t->len < more) {
        cap *= 2;
    }
    char *ptr = realloc(t->ptr, cap);
    if (!ptr) {
        t->failed = true;
        return false;
    }
    t->ptr = ptr;
    t->cap = cap;
    return true;
}

void cay__cli_put(cay_cli_text_t *t, const char *s, size_t len) {
    if (len && reserve(t, len)) {
        memcpy(t->ptr + t->len, s, len);
        t->len += len;
    }
}

void cay__cli_puts(cay_cli_text_t *t, const char *s) {
    cay__cli_put(t, s, strlen(s));
}

void cay__cli_putf(cay_cli_text_t *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *s = NULL;
    int n = vasprintf(&s, format, args);
    va_end(args);
    if (n < 0) {
        t->failed = true;
        return;
    }
    cay__cli_put(t, s, (size_t)n);
    free(s);
}

void cay__cli_repeat(cay_cli_text_t *t, char c, size_t count) {
    if (count && reserve(t, count)) {
        memset(t->ptr + t->len, c, count);
        t->len += count;
    }
}

void cay__cli_text_free(cay_cli_text_t *t) {
    free(t->ptr);
    *t = (cay_cli_text_t){0};
}

/* ---- UTF-8 ---- */

/* Length of a sequence by its first byte, the least code point that may use it, and the bits it gives. */
static size_t lead(unsigned char b, uint32_t *least, uint32_t *bits) {
    if (b >= 0xC2 && b <= 0xDF) {
        *least = 0x80;
        *bits = b & 0x1Fu;
        return 2;
    }
    if ((b & 0xF0) == 0xE0) {
        *least = 0x800;
        *bits = b & 0x0Fu;
        return 3;
    }
    if (b >= 0xF0 && b <= 0xF4) {
        *least = 0x10000;
        *bits = b & 0x07u;
        return 4;
    }
    return 0;
}

size_t cay__cli_decode(const char *s, size_t len, uint32_t *cp) {
    unsigned char b = (unsigned char)s[0];
    if (b < 0x80) {
        *cp = b;
        return 1;
    }
    uint32_t least = 0;
    uint32_t c = 0;
    size_t n = lead(b, &least, &c);
    *cp = 0xFFFD;
    if (n == 0 || n > len) {
        return 1;
    }
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)s[i] & 0xC0) != 0x80) {
            return 1;
        }
        c = c << 6 | ((unsigned char)s[i] & 0x3Fu);
    }
    if (c < least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        return 1;
    }
    *cp = c;
    return n;
}

bool cay__cli_is_unsafe(uint32_t cp) {
    return cp < 0x20 || (cp >= 0x7F && cp <= 0x9F) ||     /* C0, DEL, C1 */
           cp == 0x61C || cp == 0x200E || cp == 0x200F || /* marks of direction */
           (cp >= 0x2028 && cp <= 0x202E) ||              /* separators, embeddings, overrides */
           (cp >= 0x2060 && cp <= 0x206F) ||              /* invisible operators, isolates */
           cp == 0x200B || cp == 0xFEFF ||                /* no width */
           (cp >= 0xE0000 && cp <= 0xE007F);              /* tags */
}

void cay__cli_put_escape(cay_cli_text_t *t, uint32_t cp) {
    switch (cp) {
    case '\n': cay__cli_puts(t, "\\n"); break;
    case '\r': cay__cli_puts(t, "\\r"); break;
    case '\t': cay__cli_puts(t, "\\t"); break;
    default: cay__cli_putf(t, cp < 0x100 ? "\\x%02x" : "\\u{%x}", (unsigned)cp); break;
    }
}

void cay__cli_put_shown(cay_cli_text_t *t, const char *s, size_t len, int keep, int indent) {
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        size_t n = cay__cli_decode(s + i, len - i, &cp);
        if (cp == '\n' && keep & CAY_CLI_KEEP_LINES) {
            cay__cli_put(t, "\n", 1);
            cay__cli_repeat(t, ' ', (size_t)indent);
        } else if (cp == '\t' && keep & CAY_CLI_KEEP_TABS) {
            cay__cli_put(t, "\t", 1);
        } else if (cay__cli_is_unsafe(cp)) {
            cay__cli_put_escape(t, cp);
        } else if (cp == 0xFFFD) {
            cay__cli_puts(t, "\xEF\xBF\xBD");
        } else {
            cay__cli_put(t, s + i, n);
        }
        i += n;
    }
}

void cay__cli_puts_shown(cay_cli_text_t *t, const char *s) {
    cay__cli_put_shown(t, s, strlen(s), CAY_CLI_KEEP_NONE, 0);
}

/* ---- JSON ---- */

/* Unsafe code points are escaped too, so that the lines may be read on a terminal. */
static void put_json_escape(cay_cli_text_t *t, uint32_t cp) {
    if (cp >= 0x10000) {
        cay__cli_putf(t, "\\u%04x\\u%04x", (unsigned)(0xD800 + ((cp - 0x10000) >> 10)),
                      (unsigned)(0xDC00 + ((cp - 0x10000) & 0x3FF)));
    } else if (cp == '\n') {
        cay__cli_puts(t, "\\n");
    } else if (cp == '\t') {
        cay__cli_puts(t, "\\t");
    } else {
        cay__cli_putf(t, "\\u%04x", (unsigned)cp);
    }
}

void cay__cli_put_json(cay_cli_text_t *t, const char *s) {
    if (!s) {
        cay__cli_puts(t, "null");
        return;
    }
    size_t len = strlen(s);
    cay__cli_put(t, "\"", 1);
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        size_t n = cay__cli_decode(s + i, len - i, &cp);
        if (cay__cli_is_unsafe(cp)) {
            put_json_escape(t, cp);
        } else if (cp == '"' || cp == '\\') {
            cay__cli_putf(t, "\\%c", (char)cp);
        } else if (cp == 0xFFFD) {
            cay__cli_puts(t, "\xEF\xBF\xBD");
        } else {
            cay__cli_put(t, s + i, n);
        }
        i += n;
    }
    cay__cli_put(t, "\"", 1);
}
