/* SPDX-License-Identifier: MIT */
/* The built-in schemes. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "loader/internal.h"
#include "url/url.h"

static void release(void *data, size_t len, void *user) {
    (void)len;
    (void)user;
    cay__free(data);
}

static int read_file(loader_t *l, const entry_t *e, const cay_url_t *url, cay_blob_t *out,
                     cay_error_t **err) {
    CAY_AUTOFREE char *path = NULL;
    int rc = cay__url_to_path(url, &path, err);
    return rc ? rc : cay__read_file(l, e, path, out, err);
}

static int read_data(const entry_t *e, const cay_url_t *url, cay_blob_t *out, cay_error_t **err) {
    CAY_AUTOFREE char *mime = NULL;
    uint8_t *bytes = NULL;
    size_t len;
    int rc = cay__url_data(url, &mime, &bytes, &len, err);
    if (rc) {
        return rc;
    }
    *out = (cay_blob_t){bytes, len, release, NULL};
    return cay__check_mime(mime, e->type, err);
}

static int read_text(loader_t *l, const entry_t *e, cay_blob_t *out, cay_error_t **err) {
    cay_url_t *url = NULL;
    int rc = cay__url_parse(e->url, strlen(e->url), NULL, &url, err);
    if (rc) {
        return rc;
    }
    if (cay__url_scheme_is(url, "file")) {
        rc = read_file(l, e, url, out, err);
    } else if (cay__url_scheme_is(url, "data")) {
        rc = read_data(e, url, out, err);
    } else if (cay__url_scheme_is(url, "blob")) {
        rc = cay__error_set(err, CAY_ENOTSUP,
                            "modules cannot be loaded from blob: URLs; a data: URL can carry them");
    } else {
        cay_url_part_t p = cay__url_get(url, CAY_URL_PROTOCOL);
        rc = cay__error_set(err, CAY_ENOTSUP, "modules of the scheme \"%.*s\" cannot be loaded",
                            (int)p.len, p.ptr);
    }
    cay__url_free(url);
    return rc;
}

void cay__source_load(loader_t *l, entry_t *e) {
    cay_blob_t text = {0};
    cay_error_t *err = NULL;
    bool remote = cay__is_remote_url(e->url);
    int rc = remote ? cay__remote_load(l, e, &err) : read_text(l, e, &text, &err);
    if (rc) {
        cay__entry_fail(e, "TypeError", err ? cay_error_message(err) : cay_error_text(rc));
    } else if (!remote) {
        cay__entry_text(l, e, text.data, text.len);
    }
    cay_error_free(err);
    cay__blob_drop(&text);
}
