/* SPDX-License-Identifier: MIT */
/* A table of parse cases and its check. Included after cmocka.h. */
#ifndef CAY_TESTS_URL_CASES_H
#define CAY_TESTS_URL_CASES_H

#include <string.h>

#include "url/url.h"

typedef struct parse_case {
    const char *input;
    const char *base;
    const char *href; /* NULL: refused */
} parse_case_t;

static inline int parse(const char *text, const cay_url_t *base, cay_url_t **out) {
    return cay__url_parse(text, strlen(text), base, out, NULL);
}

static inline void check(const parse_case_t *c) {
    cay_url_t *base = NULL, *u = NULL, *again = NULL;
    if (c->base && parse(c->base, NULL, &base)) {
        fail_msg("the base does not parse: %s", c->base);
    }
    int rc = parse(c->input, base, &u);
    if (rc != (c->href ? 0 : CAY_EFORMAT) || (u && strcmp(u->href, c->href) != 0)) {
        fail_msg("\"%s\" against \"%s\" is \"%s\", not \"%s\"", c->input, c->base ? c->base : "",
                 u ? u->href : "refused", c->href ? c->href : "refused");
    }
    if (u) {
        assert_int_equal(parse(u->href, NULL, &again), 0);
        assert_string_equal(again->href, u->href);
        assert_int_equal(strlen(u->href), u->href_len);
    }
    cay__url_free(again);
    cay__url_free(u);
    cay__url_free(base);
}

static inline void check_all(const parse_case_t *cases, size_t n) {
    for (size_t i = 0; i < n; i++) {
        check(&cases[i]);
    }
}

#endif
