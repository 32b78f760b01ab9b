/* SPDX-License-Identifier: MIT */
/* Import maps: JSON NUL base NUL specifier NUL importing module; the last three may be missing.
 *
 * What must hold: what a map gives is a URL in its final form; a look-up changes nothing; integrity metadata that
 * was taken in can be checked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "loader/digest.h"
#include "loader/import_map.h"
#include "url/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok, const char *what, const char *text) {
    if (!ok) {
        fprintf(stderr, "%s: %s\n", what, text);
        abort();
    }
}

static void check_url(const char *text) {
    cay_url_t *u = NULL;
    require(cay__url_parse(text, strlen(text), NULL, &u, NULL) == 0, "no URL", text);
    require(strcmp(u->href, text) == 0, "not in its final form", text);
    cay__url_free(u);
}

static void look_up(const cay_import_map_t *m, const char *specifier, const char *base) {
    char *one = NULL, *two = NULL;
    cay_error_t *err = NULL;
    int rc = cay__import_map_resolve(m, specifier, base, &one, &err);
    require(rc == (err ? cay_error_code(err) : 0), "no message", specifier);
    cay_error_free(err);
    require(cay__import_map_resolve(m, specifier, base, &two, NULL) == rc, "not the same",
            specifier);
    require((rc == 0) == (one != NULL) && (rc == 0) == (two != NULL), "no result", specifier);
    if (rc == 0) {
        require(strcmp(one, two) == 0, "not the same", one);
        check_url(one);
        const char *metadata = cay__import_map_integrity(m, one);
        require(!metadata || cay__sri_parse(metadata, NULL) == 0, "no metadata", one);
        require(!metadata || cay__sri_check(metadata, "x", 1, NULL) <= 0, "no check", one);
    }
    cay__free(one);
    cay__free(two);
}

static char *take(const uint8_t **at, size_t *left, const char *otherwise) {
    const uint8_t *nul = memchr(*at, 0, *left);
    size_t len = nul ? (size_t)(nul - *at) : *left;
    char *out = *left ? strndup((const char *)*at, len) : strdup(otherwise);
    *at += len + (nul != NULL);
    *left -= len + (nul != NULL);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *json = take(&data, &size, "{}"), *base = take(&data, &size, "https://base.test/a/b");
    char *specifier = take(&data, &size, "a/b"),
         *from = take(&data, &size, "https://base.test/a/c");
    cay_import_map_t *m = NULL;
    cay_error_t *err = NULL;
    int64_t live = cay__mem_live();
    if (json && base && specifier && from) {
        int rc = cay__import_map_parse(json, base, &m, &err);
        require((rc == 0) == (m != NULL) && rc == cay_error_code(err), "no outcome", json);
        cay_error_free(err);
        look_up(m, specifier, from);
        look_up(m, specifier, base);
        cay__import_map_unref(&m);
    }
    require(cay__mem_live() == live, "memory is left", json);
    free(json);
    free(base);
    free(specifier);
    free(from);
    return 0;
}
