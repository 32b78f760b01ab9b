/* SPDX-License-Identifier: MIT */
/* Who may import what. The kernel holds every file where it was granted (io/fs.h). */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/fs.h"
#include "loader/internal.h"
#include "os/file.h"
#include "perm/authority.h"

bool cay__is_remote_url(const char *url) {
    return strncmp(url, "https:", 6) == 0 || strncmp(url, "http:", 5) == 0;
}

int cay__check_edge(bool remote, const char *url, cay_error_t **err) {
    return remote && strncmp(url, "file:", 5) == 0
               ? cay__error_set(err, CAY_EPERM,
                                "code from http or https may not import files: \"%.300s\"", url)
               : 0;
}

cay_authority_t *cay__entry_authority(const loader_t *l, const entry_t *e) {
    return e == l->main ? l->agent->creator : l->agent->authority;
}

/* ---- files ---- */

/* `path` relative to `root`, NULL when it does not lie below by its text. */
static const char *below(const char *root, const char *path) {
    size_t n = strlen(root);
    n -= n > 0 && root[n - 1] == '/';
    return strncmp(root, path, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

static cay_ask_t ask_of(const char *path) {
    return (cay_ask_t){.kind = CAY_KIND_READ, .value = path, .len = strlen(path), .port = -1};
}

/* Deny wins: a denied path is not imported either, whatever name leads to it. */
static bool is_denied(cay_authority_t *authority, const char *path) {
    return cay__authority_denies_path(authority, CAY_KIND_READ, path, strlen(path));
}

/* Whose right it is, and below what. */
typedef struct bounds {
    cay_authority_t *authority;
    const char *root;
} bounds_t;

/* Where a path or a link led: below the root it may be read, elsewhere where that is granted too. */
static bool is_admitted(void *ctx, const char *real_path) {
    const bounds_t *b = ctx;
    cay_ask_t ask = ask_of(real_path);
    bool inside = strcmp(b->root, real_path) == 0 || below(b->root, real_path);
    return !is_denied(b->authority, real_path) &&
           (inside || cay__authority_has(b->authority, &ask));
}

static int read_below(cay_authority_t *authority, const char *root, const char *tail,
                      const char *path, cay_blob_t *out, cay_error_t **err) {
    bounds_t bounds = {authority, root};
    cay_fs_path_t p = {
        .root = root, .tail = tail, .shown = path, .judge = is_admitted, .ctx = &bounds};
    return cay__fs_read_all(&p, MAX_SOURCE, NULL, out, err);
}

static int read_granted(cay_authority_t *authority, const char *path, cay_blob_t *out,
                        cay_error_t **err) {
    cay_ask_t ask = ask_of(path);
    cay_place_t place = {0};
    int rc = cay__authority_check(authority, &ask, &place, err);
    if (rc == 0) {
        const char *tail = below(place.named, path); /* NULL: the very file was granted */
        rc = read_below(authority, place.root, tail ? tail : "", path, out, err);
    }
    cay__place_clear(&place);
    return rc;
}

static int read_outside(const cay_group_t *g, cay_authority_t *authority, const char *path,
                        cay_blob_t *out, cay_error_t **err) {
    int rc = read_granted(authority, path, out, err);
    if (rc != CAY_EPERM) {
        return rc;
    }
    return g->module_root
               ? cay__error_wrap(err, rc, "it lies outside the module root %.300s", g->module_root)
               : cay__error_wrap(err, rc, "there is no module root");
}

/* `of_program`: the module root counts, not only what is granted. */
static int read_with(const cay_group_t *g, cay_authority_t *authority, bool of_program,
                     const char *path, cay_blob_t *out, cay_error_t **err) {
    const char *tail = g->module_root ? below(g->module_root, path) : NULL;
    if (tail && !of_program) {
        int rc = read_granted(authority, path, out, err);
        return rc == CAY_EPERM ? cay__error_wrap(err, rc,
                                                 "it is for a worker started where code from "
                                                 "http or https runs")
                               : rc;
    }
    if (!tail) {
        return read_outside(g, authority, path, out, err);
    }
    if (is_denied(authority, path)) {
        return read_granted(authority, path, out, err); /* which says so */
    }
    cay_ask_t ask = ask_of(path);
    int rc = read_below(authority, g->module_root_real, tail, path, out, err);
    /* A link may lead out of the module root where the worker may read all the same. */
    return rc == CAY_EPERM && cay__authority_has(authority, &ask)
               ? read_granted(authority, path, out, err)
               : rc;
}

static void release(void *data, size_t len, void *user) {
    (void)len;
    (void)user;
    cay__free(data);
}

int cay__read_file(loader_t *l, const entry_t *e, const char *path, cay_blob_t *out,
                   cay_error_t **err) {
    cay_authority_t *authority = cay__entry_authority(l, e);
    size_t n = strlen(path);
    /* A worker started where code from http(s) runs may be that code's doing, which has no share in the files of
     * the program. */
    bool of_program = !(e == l->main && l->agent->of_remote);
    if (authority) {
        CAY_AUTOFREE char *normal = cay__perm_path(path, n, "/");
        if (n > 1 && path[n - 1] == '/') {
            return cay__error_set(err, CAY_EISDIR, "it is a directory");
        }
        return normal ? read_with(l->agent->group, authority, of_program, normal, out, err)
                      : cay__error_set(err, CAY_ENOMEM, "out of memory");
    }
    char *text;
    int rc = cay__file_read(NULL, path, MAX_SOURCE, &text, &n, err);
    if (rc == 0) {
        *out = (cay_blob_t){text, n, release, NULL};
    }
    return rc;
}
