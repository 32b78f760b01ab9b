/* SPDX-License-Identifier: MIT */
/* The URL parser on hostile text: base NUL input NUL setter value; the last two may be missing.
 *
 * What must hold: a URL's text parses to itself; its parts lie in its text; setters keep both. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "url/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok, const char *what, const cay_url_t *u) {
    if (!ok) {
        fprintf(stderr, "%s: %s\n", what, u->href);
        abort();
    }
}

static void check(const cay_url_t *u) {
    cay_url_t *again;
    require(strlen(u->href) == u->href_len, "a NUL in the text", u);
    for (int f = CAY_URL_HREF; f <= CAY_URL_HASH; f++) {
        cay_url_part_t part = cay__url_get(u, (cay_url_field_t)f);
        require(part.ptr >= u->href && part.ptr + part.len <= u->href + u->href_len,
                "a part outside of the text", u);
    }
    for (size_t i = 0; i < u->href_len; i++) {
        require(u->href[i] >= 0x20 && u->href[i] < 0x7f, "not printable ASCII", u);
    }
    int rc = cay__url_parse(u->href, u->href_len, NULL, &again, NULL);
    require(rc == 0 && strcmp(again->href, u->href) == 0, "does not parse to itself", u);
    require(again->host_kind == u->host_kind && again->port == u->port &&
                again->opaque_path == u->opaque_path && again->path_start == u->path_start &&
                again->path_end == u->path_end && again->query_end == u->query_end,
            "parses to other parts", u);
    cay__url_free(again);
}

static void use(const cay_url_t *u) {
    char *text = NULL, *mime = NULL;
    uint8_t *bytes = NULL;
    size_t len;
    cay_error_t *err = NULL;
    require(cay__url_origin(u, &text) == 0, "no origin", u);
    cay__free(text);
    if (cay__url_to_path(u, &text, &err) == 0) {
        require(text[0] == '/', "the path is not absolute", u);
    }
    cay__free(text);
    cay_error_free(err);
    if (cay__url_data(u, &mime, &bytes, &len, NULL) == 0) {
        require(strchr(mime, '/') != NULL, "the MIME type has no subtype", u);
    }
    cay__free(mime);
    cay__free(bytes);
}

static void set_each(const cay_url_t *u, const char *value, size_t len) {
    for (int f = CAY_URL_HREF; f <= CAY_URL_HASH; f++) {
        cay_url_t *copy;
        require(cay__url_clone(u, &copy) == 0, "no copy", u);
        int rc = cay__url_set(copy, (cay_url_field_t)f, value, len, NULL);
        require(rc == 0 || (rc == CAY_EFORMAT && f == CAY_URL_HREF), "a setter failed", u);
        /* The standard lets a URL with a host become a file: URL as it is, though a drive letter or
         * "localhost" in it would be read otherwise. */
        if (f != CAY_URL_PROTOCOL || !cay__url_scheme_is(copy, "file")) {
            check(copy);
        }
        cay__url_free(copy);
    }
}

static void from_path(const char *path, size_t len) {
    cay_url_t *u;
    if (memchr(path, 0, len) == NULL && cay__url_from_path(path, &u, NULL) == 0) {
        check(u);
        use(u);
        cay__url_free(u);
    }
}

/* The piece up to the next NUL, taken off the front. */
static const char *take(const char **at, size_t *left, size_t *len) {
    const char *piece = *at, *nul = memchr(piece, 0, *left);
    *len = nul ? (size_t)(nul - piece) : *left;
    *left -= *len + (nul != NULL);
    *at += *len + (nul != NULL);
    return piece;
}

static void run(const char *at, size_t left) {
    size_t base_len, len;
    cay_url_t *base = NULL, *u = NULL;
    cay_error_t *err = NULL;
    const char *base_text = take(&at, &left, &base_len), *text = take(&at, &left, &len);
    if (cay__url_parse(base_text, base_len, NULL, &base, &err) == 0) {
        check(base);
        use(base);
    }
    if (cay__url_parse(text, len, base, &u, &err) == 0) {
        check(u);
        use(u);
        set_each(u, at, left);
    }
    from_path(text, len);
    cay_error_free(err);
    cay__url_free(u);
    cay__url_free(base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* A copy of the very size, with a NUL that only paths may rely on. */
    char *copy = malloc(size + 1);
    if (copy) {
        memcpy(copy, data, size);
        copy[size] = 0;
        run(copy, size);
        free(copy);
    }
    return 0;
}
