/* SPDX-License-Identifier: MIT */
/* Paths as text: normal form, what lies below what, and what the kernel makes. */
#include "perm/set.h"

#include <string.h>

#include "base/mem.h"

/* Appends one component to a path that is "" for the root. */
static size_t put_component(char *out, size_t n, const char *part, size_t len) {
    if (len == 0 || (len == 1 && part[0] == '.')) {
        return n;
    }
    if (len == 2 && part[0] == '.' && part[1] == '.') {
        while (n > 0 && out[--n] != '/') {}
        return n;
    }
    out[n++] = '/';
    memcpy(out + n, part, len);
    return n + len;
}

static size_t put_path(char *out, size_t n, const char *path, size_t len) {
    const char *at = path, *end = path + len;
    while (at < end) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        const char *stop = slash ? slash : end;
        n = put_component(out, n, at, (size_t)(stop - at));
        at = stop + 1;
    }
    return n;
}

CAY_OWN char *cay__perm_path(const char *path, size_t len, const char *cwd) {
    const char *nul = len ? memchr(path, 0, len) : NULL;
    len = nul ? (size_t)(nul - path) : len;
    size_t cwd_len = len && path[0] == '/' ? 0 : strlen(cwd);
    if (len > SIZE_MAX / 4 || cwd_len > SIZE_MAX / 4) {
        return NULL;
    }
    /* A component takes the '/' before it and itself: each part grows by one byte at most. */
    char *out = cay__malloc(cwd_len + len + 3);
    if (!out) {
        return NULL;
    }
    size_t n = put_path(out, 0, cwd, cwd_len);
    n = put_path(out, n, path, len);
    if (n == 0) {
        out[n++] = '/';
    }
    out[n] = 0;
    return out;
}

bool cay__path_is_kernel(const char *path, size_t len) {
    return cay__path_below("/proc", 5, path, len) || cay__path_below("/sys", 4, path, len) ||
           cay__path_below("/dev", 4, path, len);
}

/* "", "." or "..": what a normal path has not. */
static bool is_dots(const char *part, size_t len) {
    return len == 0 || (part[0] == '.' && (len == 1 || (len == 2 && part[1] == '.')));
}

bool cay__path_is_normal(const char *path, size_t len) {
    size_t start = 1; /* of the component */
    if (len == 0 || path[0] != '/') {
        return false;
    }
    for (size_t i = 1; i < len; i++) {
        if (path[i] == '\0') {
            return false;
        }
        if (path[i] == '/') {
            if (is_dots(path + start, i - start)) {
                return false;
            }
            start = i + 1;
        }
    }
    return len == 1 || !is_dots(path + start, len - start);
}

/* A rule whose real path is the root of the file system has /proc below it under its own name. */
static bool tail_is_kernel(const cay_rule_t *r, const char *path, size_t len) {
    return r->real && r->real_len == 1 && r->len > 1 &&
           cay__path_is_kernel(path + r->len, len - r->len);
}

static bool below_rule(const cay_rule_t *r, const char *path, size_t len) {
    return r->len == 1 ||
           (len >= r->len && (len == r->len || path[r->len] == '/') && cay__rule_text_at(r, path));
}

bool cay__path_granted(const cay_rule_t *r, const char *path, size_t len) {
    if (r->form == CAY_RULE_ALL) {
        return !cay__path_is_kernel(path, len);
    }
    if (r->misled || !below_rule(r, path, len)) {
        return false;
    }
    return r->kernel || !(cay__path_is_kernel(path, len) || tail_is_kernel(r, path, len));
}

bool cay__path_denied(const cay_rule_t *r, const char *path, size_t len) {
    return r->form == CAY_RULE_ALL || below_rule(r, path, len) ||
           (r->real && cay__path_below(r->real, r->real_len, path, len));
}

const cay_rule_t *cay__path_rule(const cay_permissions_t *set, cay_kind_t kind, const char *path,
                                 size_t len) {
    const cay_rules_t *rules = &set->allow[kind];
    const cay_rule_t *best = NULL;
    for (uint32_t i = 0; i < rules->n; i++) {
        const cay_rule_t *r = &rules->v[i];
        if (cay__path_may_grant(r, path, len) && (!best || r->len > best->len) &&
            cay__path_granted(r, path, len)) {
            best = r;
        }
    }
    return best;
}

CAY_OWN char *cay__path_real(const cay_rule_t *r, const char *path, size_t len) {
    if (!r->real) {
        return cay__strndup(path, len);
    }
    /* "/" is the one path that ends in a slash: it is taken as the empty text before joining. */
    size_t root = r->real_len > 1 ? r->real_len : 0;
    size_t skip = r->len > 1 ? r->len : 0;
    size_t tail = len > 1 ? len - skip : 0;
    char *out = cay__malloc(root + tail + 2);
    if (out) {
        memcpy(out, r->real, root);
        memcpy(out + root, path + skip, tail);
        memcpy(out + root + tail, "/", 2);
        out[root + tail] = root + tail ? 0 : '/';
    }
    return out;
}

bool cay__perm_denies_path(const cay_permissions_t *set, cay_kind_t kind, const char *path,
                           size_t len) {
    if (!cay__kind_is_path(kind)) {
        return false;
    }
    const cay_rules_t *rules = &set->deny[kind];
    for (uint32_t i = 0; i < rules->n; i++) {
        if (cay__path_denied(&rules->v[i], path, len)) {
            return true;
        }
    }
    return false;
}

const cay_rule_t *cay__perm_denial_below(const cay_permissions_t *set, cay_kind_t kind,
                                         const char *path, size_t len) {
    if (!cay__kind_is_path(kind)) {
        return NULL;
    }
    const cay_rules_t *rules = &set->deny[kind];
    for (uint32_t i = 0; i < rules->n; i++) {
        const cay_rule_t *r = &rules->v[i];
        if (cay__path_denied(r, path, len) || cay__path_below(path, len, r->text, r->len) ||
            (r->real && cay__path_below(path, len, r->real, r->real_len))) {
            return r;
        }
    }
    return NULL;
}

bool cay__perm_denies_below(const cay_permissions_t *set, cay_kind_t kind, const char *path,
                            size_t len) {
    return cay__perm_denial_below(set, kind, path, len) != NULL;
}
