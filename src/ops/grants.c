/* SPDX-License-Identifier: MIT */
#include "ops/grants.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
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

/* "file:..." and "~/..." would be names below the directory, which nobody means: a denial would deny nothing. */
static bool is_misread(const char *at, size_t len) {
    return (len >= 5 && strncmp(at, "file:", 5) == 0) || (len >= 2 && strncmp(at, "~/", 2) == 0) ||
           (len == 1 && *at == '~');
}

static int put_values(cay_buf_t *b, const char *at, const char *end, const char *directory,
                      cay_error_t **err) {
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;
        if (is_misread(at, (size_t)(stop - at))) {
            return cay__error_set(err, CAY_EINVAL,
                                  "permissions: \"%.*s\" is no path: file: URLs and ~ are not "
                                  "understood; write the absolute path",
                                  (int)(stop - at < 200 ? stop - at : 200), at);
        }
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
    return 0;
}

int cay__grants_absolute(const char *text, const char *directory, CAY_OWN char **out,
                         cay_error_t **err) {
    cay_buf_t b = CAY_BUF_INIT;
    *out = NULL;
    for (const char *at = text; *at;) {
        size_t len = strcspn(at, ";");
        const char *equals = memchr(at, '=', len);
        if (equals && is_path_kind(at, (size_t)(equals - at))) {
            cay__buf_put(&b, at, (size_t)(equals + 1 - at));
            int rc = put_values(&b, equals + 1, at + len, directory, err);
            if (rc) {
                cay__buf_free(&b);
                return rc;
            }
        } else {
            cay__buf_put(&b, at, len);
        }
        at += len;
        if (*at) {
            cay__buf_u8(&b, ';');
            at++;
        }
    }
    *out = cay__buf_take_str(&b);
    return *out ? 0 : CAY_ENOMEM;
}
