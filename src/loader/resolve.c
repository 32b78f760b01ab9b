/* SPDX-License-Identifier: MIT */
/* HTML standard, "resolve a module specifier": a pure function of a map and two strings. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "loader/map_table.h"

/* A specifier as the standard looks at it. */
typedef struct wanted {
    const char *specifier;
    cay_url_t *url;     /* NULL when it is not like a URL */
    const char *normal; /* the URL's text, or the specifier */
    size_t len;
    cay_error_t **err;
} wanted_t;

static bool is_relative(const char *s) {
    return s[0] == '/' || strncmp(s, "./", 2) == 0 || strncmp(s, "../", 3) == 0;
}

int cay__url_like(const char *specifier, const cay_url_t *base, cay_url_t **out) {
    bool relative = is_relative(specifier);
    *out = NULL;
    if (relative && !base) {
        return 0;
    }
    int rc = cay__url_parse(specifier, strlen(specifier), relative ? base : NULL, out, NULL);
    return rc == CAY_ENOMEM ? rc : 0;
}

static int out_of_memory(cay_error_t **err) {
    return cay__error_set(err, CAY_ENOMEM, "out of memory");
}

static int take(const char *text, size_t len, char **out, cay_error_t **err) {
    *out = cay__strndup(text, len);
    return *out ? 0 : out_of_memory(err);
}

/* What lies behind the key of the map, below the key's address. */
static int below(const wanted_t *w, const map_pair_t *p, char **out) {
    cay_url_t *base = NULL, *url = NULL;
    int rc = cay__url_parse(p->value, strlen(p->value), NULL, &base, NULL);
    rc = rc ? rc : cay__url_parse(w->normal + p->len, w->len - p->len, base, &url, NULL);
    if (rc == CAY_ENOMEM) {
        out_of_memory(w->err);
    } else if (rc) {
        rc = cay__error_set(w->err, CAY_EINVAL,
                            "\"%.200s\": no URL comes of it below \"%.200s\", where the import map "
                            "has \"%.200s\"",
                            w->specifier, p->value, p->key);
    } else if (strncmp(url->href, base->href, base->href_len) != 0) {
        rc = cay__error_set(
            w->err, CAY_EINVAL,
            "\"%.200s\" leads out of \"%.200s\", where the import map has \"%.200s\"", w->specifier,
            p->value, p->key);
    } else {
        rc = take(url->href, url->href_len, out, w->err);
    }
    cay__url_free(base);
    cay__url_free(url);
    return rc;
}

/* "Resolve an imports match": 1 with *out, 0 when nothing matches, or an error. */
static int match(const wanted_t *w, const map_table_t *t, char **out) {
    size_t state = SIZE_MAX;
    for (const map_pair_t *p; (p = cay__map_table_prefix(t, w->normal, w->len, &state));) {
        bool exact = p->len == w->len;
        if (!exact && w->url && !cay__url_is_special(w->url)) {
            continue;
        }
        if (!p->value) {
            return cay__error_set(w->err, CAY_EINVAL, "the import map blocks \"%.200s\"",
                                  w->specifier);
        }
        int rc = exact ? take(p->value, strlen(p->value), out, w->err) : below(w, p, out);
        return rc ? rc : 1;
    }
    return 0;
}

/* The scopes that the importing module lies in, innermost first, then the imports of all. */
static int match_any(const wanted_t *w, const cay_import_map_t *m, const char *base, char **out) {
    size_t state = SIZE_MAX, len = strlen(base);
    for (const map_pair_t *p; (p = cay__map_table_prefix(&m->scopes, base, len, &state));) {
        int rc = match(w, p->sub, out);
        if (rc) {
            return rc;
        }
    }
    return match(w, &m->imports, out);
}

static int unresolved(const wanted_t *w, const char *base) {
    if (is_relative(w->specifier)) {
        return cay__error_set(w->err, CAY_EINVAL, "Cannot resolve \"%s\" against \"%.200s\"",
                              w->specifier, base);
    }
    return cay__error_set(w->err, CAY_ENOTFOUND,
                          "\"%.200s\" is a bare specifier: it needs to start with \"./\", \"../\", "
                          "\"/\" or a scheme, or an entry in an import map",
                          w->specifier);
}

int cay__import_map_resolve(const cay_import_map_t *m, const char *specifier, const char *base,
                            char **out, cay_error_t **err) {
    wanted_t w = {.specifier = specifier, .err = err};
    cay_url_t *base_url = NULL;
    int rc = is_relative(specifier) ? cay__url_parse(base, strlen(base), NULL, &base_url, NULL) : 0;
    rc = rc == CAY_ENOMEM ? rc : cay__url_like(specifier, base_url, &w.url);
    cay__url_free(base_url);
    if (rc) {
        return out_of_memory(err);
    }
    w.normal = w.url ? w.url->href : specifier;
    w.len = w.url ? w.url->href_len : strlen(specifier);
    rc = m ? match_any(&w, m, base, out) : 0;
    if (rc == 0) {
        rc = w.url ? take(w.normal, w.len, out, err) : unresolved(&w, base);
    }
    cay__url_free(w.url);
    return rc < 0 ? rc : 0;
}
