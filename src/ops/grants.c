/* SPDX-License-Identifier: MIT */
#include "ops/grants.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

static bool is_path_kind(const char *item, size_t key_len) {
    static const char *const kinds[] = {"read", "write", "deny-read", "deny-write"};
    for (size_t i = 0; i < CAY_COUNT(kinds); i++) {
        if (key_len == strlen(kinds[i]) && strncmp(item, kinds[i], key_len) == 0) {
            return true;
        }
    }
    return false;
}

/* The escapes of the text form; see include/cay/permissions.h. */
static void put_escaped(cay_buf_t *b, const char *text) {
    for (; *text; text++) {
        if (strchr("%,;", *text)) {
            cay__buf_printf(b, "%%%02X", (unsigned)(unsigned char)*text);
        } else {
            cay__buf_u8(b, (uint8_t)*text);
        }
    }
}

static void put_values(cay_buf_t *b, const char *at, const char *end, const char *directory) {
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;
        if (stop > at && *at != '/') {
            put_escaped(b, directory);
            cay__buf_u8(b, '/');
        }
        cay__buf_put(b, at, (size_t)(stop - at));
        if (comma) {
            cay__buf_u8(b, ',');
        }
        at = stop + (comma != NULL);
    }
}

char *cay__grants_absolute(const char *text, const char *directory) {
    cay_buf_t b = CAY_BUF_INIT;
    for (const char *at = text; *at;) {
        size_t len = strcspn(at, ";");
        const char *equals = memchr(at, '=', len);
        if (equals && is_path_kind(at, (size_t)(equals - at))) {
            cay__buf_put(&b, at, (size_t)(equals + 1 - at));
            put_values(&b, equals + 1, at + len, directory);
        } else {
            cay__buf_put(&b, at, len);
        }
        at += len;
        if (*at) {
            cay__buf_u8(&b, ';');
            at++;
        }
    }
    return cay__buf_take_str(&b);
}
