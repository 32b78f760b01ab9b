/* SPDX-License-Identifier: MIT */
#include "same.h"

#include <math.h>

#define MAX_PAIRS 100000

/* What of the one side stands for what of the other: a value met twice must be met twice on both sides. */
typedef struct walk {
    const cay_value_t *pairs[MAX_PAIRS][2];
    size_t count;
    size_t done;
} walk_t;

static void differ(const char *what) {
    fail_msg("the values differ: %s", what);
}

static void must(bool same, const char *what) {
    if (!same) {
        differ(what);
    }
}

static bool is_reference(const cay_value_t *v) {
    switch (cay_value_type(v)) {
    case CAY_TYPE_UNDEFINED:
    case CAY_TYPE_NULL:
    case CAY_TYPE_BOOL:
    case CAY_TYPE_NUMBER:
    case CAY_TYPE_BIGINT:
    case CAY_TYPE_STRING:
    case CAY_TYPE_HOLE: return false;
    default: return true;
    }
}

static void same_text(const char *a, const char *b, const char *what) {
    must(!a == !b, what);
    if (a && strcmp(a, b) != 0) {
        fail_msg("the values differ: %s, \"%s\" and \"%s\"", what, a, b);
    }
}

static void same_bytes(const cay_value_t *a, const cay_value_t *b, const char *what) {
    size_t n, m;
    const void *x = cay_value_bytes(a, &n), *y = cay_value_bytes(b, &m);
    must(n == m && (n == 0 || memcmp(x, y, n) == 0), what);
}

static void same_bigint(const cay_value_t *a, const cay_value_t *b) {
    bool x_negative, y_negative;
    size_t n, m;
    const uint64_t *x = cay_value_bigint_digits(a, &x_negative, &n);
    const uint64_t *y = cay_value_bigint_digits(b, &y_negative, &m);
    must(n == m && (n == 0 || (x_negative == y_negative && memcmp(x, y, n * sizeof *x) == 0)),
         "bigint");
}

static void same_number(const cay_value_t *a, const cay_value_t *b) {
    double x = cay_value_number(a), y = cay_value_number(b);
    must((isnan(x) && isnan(y)) || (x == y && signbit(x) == signbit(y)), "number");
}

static void compare(walk_t *w, const cay_value_t *a, const cay_value_t *b) {
    must(!a == !b, "one is missing");
    if (!a) {
        return;
    }
    if (is_reference(a)) {
        for (size_t i = 0; i < w->count; i++) {
            if (w->pairs[i][0] == a || w->pairs[i][1] == b) {
                must(w->pairs[i][0] == a && w->pairs[i][1] == b, "a shared reference");
                return;
            }
        }
    }
    assert_true(w->count < MAX_PAIRS);
    w->pairs[w->count][0] = a;
    w->pairs[w->count++][1] = b;
}

static void same_parts(walk_t *w, const cay_value_t *a, const cay_value_t *b) {
    must(cay_value_count(a) == cay_value_count(b), "count");
    for (size_t i = 0; i < cay_value_count(a); i++) {
        const cay_value_t *key = cay_value_key_at(a, i);
        compare(w, key, cay_value_key_at(b, i));
        compare(w, cay_value_at(a, i), cay_value_at(b, i));
    }
}

static void same_error(walk_t *w, const cay_value_t *a, const cay_value_t *b) {
    same_text(cay_value_error_name(a), cay_value_error_name(b), "error name");
    same_text(cay_value_error_message(a), cay_value_error_message(b), "error message");
    same_text(cay_value_error_stack(a), cay_value_error_stack(b), "error stack");
    compare(w, cay_value_error_cause(a), cay_value_error_cause(b));
}

static void same_view(walk_t *w, const cay_value_t *a, const cay_value_t *b) {
    size_t x = 0, y = 0;
    must(cay_value_view(a, &x) == cay_value_view(b, &y) && x == y, "view");
    same_bytes(a, b, "bytes of a view");
    compare(w, cay_value_view_buffer(a), cay_value_view_buffer(b));
}

static void same_one(walk_t *w, const cay_value_t *a, const cay_value_t *b) {
    if (cay_value_type(a) != cay_value_type(b)) {
        fail_msg("the values differ: types %u and %u", cay_value_type(a), cay_value_type(b));
    }
    switch (cay_value_type(a)) {
    case CAY_TYPE_BOOL: must(cay_value_bool(a) == cay_value_bool(b), "bool"); break;
    case CAY_TYPE_NUMBER:
    case CAY_TYPE_DATE: same_number(a, b); break;
    case CAY_TYPE_BIGINT: same_bigint(a, b); break;
    case CAY_TYPE_REGEXP:
        must(cay_value_regexp_flags(a) == cay_value_regexp_flags(b), "flags");
        same_text(cay_value_string(a, NULL), cay_value_string(b, NULL), "regexp");
        break;
    case CAY_TYPE_STRING: {
        size_t n, m;
        const char *x = cay_value_string(a, &n), *y = cay_value_string(b, &m);
        must(n == m && memcmp(x, y, n) == 0, "string");
        break;
    }
    case CAY_TYPE_BUFFER: same_bytes(a, b, "buffer"); break;
    case CAY_TYPE_VIEW: same_view(w, a, b); break;
    case CAY_TYPE_ERROR: same_error(w, a, b); break;
    case CAY_TYPE_BOXED: compare(w, cay_value_boxed(a), cay_value_boxed(b)); break;
    case CAY_TYPE_ARRAY:
    case CAY_TYPE_OBJECT:
    case CAY_TYPE_MAP:
    case CAY_TYPE_SET: same_parts(w, a, b); break;
    default: break;
    }
}

void same_value(const cay_value_t *a, const cay_value_t *b) {
    walk_t *w = calloc(1, sizeof *w);
    assert_non_null(w);
    compare(w, a, b);
    while (w->done < w->count) {
        size_t i = w->done++;
        same_one(w, w->pairs[i][0], w->pairs[i][1]);
    }
    free(w);
}
