/* SPDX-License-Identifier: MIT */
/* Module specifiers, as the HTML standard resolves them ("resolve a module specifier") without an import
 * map: a pure function of two strings. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "loader/internal.h"
#include "url/url.h"

static bool is_relative(const char *s) {
    return s[0] == '/' || strncmp(s, "./", 2) == 0 || strncmp(s, "../", 3) == 0;
}

static char *href(cay_url_t *url) {
    cay_url_part_t p = cay__url_get(url, CAY_URL_HREF);
    char *out = cay__strndup(p.ptr, p.len);
    cay__url_free(url);
    return out;
}

bool cay__is_bare(const char *specifier) {
    cay_url_t *url = NULL;
    if (is_relative(specifier)) {
        return false;
    }
    int rc = cay__url_parse(specifier, strlen(specifier), NULL, &url, NULL);
    cay__url_free(url);
    return rc && rc != CAY_ENOMEM; /* out of memory: to resolve it will tell */
}

char *cay__url_normal(const char *text, int *rc) {
    cay_url_t *url = NULL;
    *rc = cay__url_parse(text, strlen(text), NULL, &url, NULL);
    if (*rc) {
        *rc = *rc == CAY_ENOMEM ? CAY_ENOMEM : CAY_EINVAL;
        return NULL;
    }
    char *out = href(url);
    *rc = out ? 0 : CAY_ENOMEM;
    return out;
}

char *cay__resolve(const char *specifier, const char *referrer, cay_error_t **err) {
    cay_url_t *base = NULL, *url = NULL;
    int rc;
    if (is_relative(specifier)) {
        rc = cay__url_parse(referrer, strlen(referrer), NULL, &base, err);
        rc = rc ? rc : cay__url_parse(specifier, strlen(specifier), base, &url, err);
        cay__url_free(base);
        if (rc) {
            cay__error_set(err, CAY_EINVAL, "Cannot resolve \"%s\" against \"%.200s\"", specifier,
                           referrer);
            return NULL;
        }
    } else {
        rc = cay__url_parse(specifier, strlen(specifier), NULL, &url, err);
        if (rc) {
            cay__error_set(
                err, CAY_ENOTFOUND,
                "\"%.200s\" is a bare specifier: it needs to start with \"./\", \"../\", "
                "\"/\" or a scheme",
                specifier);
            return NULL;
        }
    }
    char *out = href(url);
    if (!out) {
        cay__error_set(err, CAY_ENOMEM, "out of memory");
    }
    return out;
}
