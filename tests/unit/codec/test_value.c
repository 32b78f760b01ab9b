/* SPDX-License-Identifier: MIT */
/* Building and reading documents. */
#include "codec_test.h"

#include <math.h>

static void assert_words(const cay_value_t *v, const char *wanted) {
    char *words = test_describe(v);
    assert_string_equal(words, wanted);
    cay__free(words);
}

static void a_new_document_stands_for_undefined(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    assert_int_equal(cay_value_type(cay_doc_root(doc)), CAY_TYPE_UNDEFINED);
    assert_int_equal(cay_value_type(cay_doc_root(NULL)), CAY_TYPE_UNDEFINED);
    assert_false(cay_doc_failed(doc));
    cay_doc_free(doc);
    cay_doc_free(NULL);
}

static void primitives_read_back(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    assert_true(cay_value_bool(cay_doc_bool(doc, true)));
    assert_false(cay_value_bool(cay_doc_bool(doc, false)));
    assert_int_equal(cay_value_type(cay_doc_null(doc)), CAY_TYPE_NULL);
    assert_true(cay_value_number(cay_doc_number(doc, -1.5)) == -1.5);
    size_t len;
    const char *s = cay_value_string(cay_doc_string(doc, "a\0b", 3), &len);
    assert_int_equal(len, 3);
    assert_memory_equal(s, "a\0b", 4); /* with the NUL at the end */
    assert_string_equal(cay_value_string(cay_doc_text(doc, ""), NULL), "");
    cay_doc_free(doc);
}

static void dates_are_clipped_as_in_javascript(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    assert_true(cay_value_number(cay_doc_date(doc, 12.9)) == 12);
    assert_true(cay_value_number(cay_doc_date(doc, -12.9)) == -12);
    assert_false(signbit(cay_value_number(cay_doc_date(doc, -0.5))));
    assert_true(cay_value_number(cay_doc_date(doc, 8.64e15)) == 8.64e15);
    assert_true(isnan(cay_value_number(cay_doc_date(doc, 8.64e15 + 1))));
    assert_true(isnan(cay_value_number(cay_doc_date(doc, (double)INFINITY))));
    cay_doc_free(doc);
}

static void bigints_keep_their_digits(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    static const int64_t numbers[] = {0, 1, -1, 42, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < CAY_COUNT(numbers); i++) {
        int64_t n = 7;
        assert_true(cay_value_int64(cay_doc_bigint(doc, numbers[i]), &n));
        assert_true(n == numbers[i]);
    }
    uint64_t digits[] = {5, (uint64_t)1 << 63, 0, 0};
    bool negative;
    size_t count;
    const uint64_t *got =
        cay_value_bigint_digits(cay_doc_bigint_digits(doc, true, digits, 4), &negative, &count);
    assert_true(negative);
    assert_int_equal(count, 2);
    assert_memory_equal(got, digits, 16);
    int64_t n = 7;
    assert_false(cay_value_int64(cay_doc_bigint_digits(doc, false, digits + 1, 1), &n)); /* 2^63 */
    assert_false(cay_value_int64(cay_doc_bigint_digits(doc, false, digits, 2), &n));
    assert_true(n == 7);
    cay_value_bigint_digits(cay_doc_bigint_digits(doc, true, digits + 2, 2), &negative, &count);
    assert_false(negative); /* there is no -0n */
    assert_int_equal(count, 0);
    cay_doc_free(doc);
}

static void strings_must_be_utf8(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    assert_null(cay_doc_string(doc, "\xff", 1));
    assert_null(cay_doc_text(doc, "\xed\xa0\x80"));
    assert_null(cay_doc_text(doc, NULL));
    assert_null(cay_doc_error(doc, "Error", "\xc0", NULL));
    assert_int_equal(cay_value_set(cay_doc_object(doc), "\x80", cay_doc_null(doc)), CAY_EINVAL);
    assert_false(cay_doc_failed(doc));
    cay_doc_free(doc);
}

static void containers_keep_order(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    cay_value_t *o = cay_doc_object(doc), *a = cay_doc_array(doc), *m = cay_doc_map(doc),
                *s = cay_doc_set(doc);
    for (int i = 0; i < 3; i++) {
        char key[2] = {(char)('c' - i), 0};
        cay_value_t *n = cay_doc_number(doc, i);
        assert_int_equal(cay_value_set(o, key, n), 0);
        assert_int_equal(cay_value_push(a, n), 0);
        assert_int_equal(cay_value_map_put(m, n, a), 0);
        assert_int_equal(cay_value_set_add(s, n), 0);
    }
    assert_int_equal(cay_value_set(o, "b", m), 0); /* replaces in place */
    assert_int_equal(cay_value_set(o, "s", s), 0);
    assert_int_equal(cay_doc_set_root(doc, o), 0);
    assert_words(cay_doc_root(doc),
                 "{\"c\":0,\"b\":Map{0=>[0,1,2],1=>#2,2=>#2},\"a\":2,\"s\":Set{0,1,2}}");
    assert_int_equal(cay_value_count(o), 4);
    assert_ptr_equal(cay_value_get(o, "s"), s);
    assert_null(cay_value_get(o, "zz"));
    assert_null(cay_value_at(a, 3));
    assert_null(cay_value_key_at(o, 4));
    assert_null(cay_value_key_at(a, 0));
    cay_doc_free(doc);
}

static void many_keys_are_found_and_replaced(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    cay_value_t *o = cay_doc_object(doc);
    char key[16];
    enum { MANY = 20000 };
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < MANY; i++) {
            snprintf(key, sizeof key, "k%d", i);
            assert_int_equal(cay_value_set(o, key, cay_doc_number(doc, i + round)), 0);
        }
    }
    assert_int_equal(cay_value_count(o), MANY);
    for (int i = 0; i < MANY; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_true(cay_value_number(cay_value_get(o, key)) == i + 1);
        assert_string_equal(cay_value_string(cay_value_key_at(o, (size_t)i), NULL), key);
    }
    assert_null(cay_value_get(o, "k"));
    cay_doc_free(doc);
}

static void views_must_fit_their_buffer(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    cay_value_t *b = cay_doc_buffer(doc, "0123456789", 10);
    cay_value_t *v = cay_doc_view(doc, b, CAY_VIEW_UINT16, 2, 6);
    size_t len, offset;
    assert_memory_equal(cay_value_bytes(v, &len), "234567", 6);
    assert_int_equal(len, 6);
    assert_int_equal(cay_value_view(v, &offset), CAY_VIEW_UINT16);
    assert_int_equal(offset, 2);
    assert_ptr_equal(cay_value_view_buffer(v), b);
    assert_non_null(cay_doc_view(doc, b, CAY_VIEW_DATAVIEW, 10, 0));
    assert_null(cay_doc_view(doc, b, CAY_VIEW_UINT16, 1, 2));
    assert_null(cay_doc_view(doc, b, CAY_VIEW_UINT16, 2, 3));
    assert_null(cay_doc_view(doc, b, CAY_VIEW_UINT8, 11, 0));
    assert_null(cay_doc_view(doc, b, CAY_VIEW_UINT8, 1, 10));
    assert_null(cay_doc_view(doc, b, CAY_VIEW_UINT8, 1, SIZE_MAX));
    assert_null(cay_doc_view(doc, b, 0, 0, 0));
    assert_null(cay_doc_view(doc, b, 13, 0, 0));
    assert_null(cay_doc_view(doc, v, CAY_VIEW_UINT8, 0, 0));
    assert_words(cay_doc_bytes(doc, "ab", 2), "Uint8@0+2(Buffer(6162))");
    assert_false(cay_doc_failed(doc));
    cay_doc_free(doc);
}

static void errors_carry_their_parts(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    cay_value_t *e = cay_doc_error(doc, "TypeError", "m", "at x");
    assert_int_equal(cay_value_set_cause(e, cay_doc_error(doc, "Mine", NULL, NULL)), 0);
    assert_words(e, "TypeError(\"m\",\"at x\",Error(-,-))");
    assert_null(cay_value_error_cause(cay_value_error_cause(e)));
    assert_int_equal(cay_value_set_cause(cay_doc_null(doc), e), CAY_EINVAL);
    cay_doc_free(doc);
}

static void foreign_and_wrong_values_are_misuse(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc(), *other = test_doc();
    cay_value_t *mine = cay_doc_null(doc), *foreign = cay_doc_null(other);
    cay_value_t *a = cay_doc_array(doc), *o = cay_doc_object(doc), *m = cay_doc_map(doc),
                *s = cay_doc_set(doc);
    assert_int_equal(cay_doc_set_root(doc, foreign), CAY_EINVAL);
    assert_int_equal(cay_doc_set_root(doc, NULL), CAY_EINVAL);
    assert_int_equal(cay_doc_set_root(NULL, mine), CAY_EINVAL);
    assert_int_equal(cay_value_push(a, foreign), CAY_EINVAL);
    assert_int_equal(cay_value_push(a, NULL), CAY_EINVAL);
    assert_int_equal(cay_value_push(o, mine), CAY_EINVAL);
    assert_int_equal(cay_value_set(o, "k", foreign), CAY_EINVAL);
    assert_int_equal(cay_value_set(o, NULL, mine), CAY_EINVAL);
    assert_int_equal(cay_value_set(a, "k", mine), CAY_EINVAL);
    assert_int_equal(cay_value_map_put(m, mine, foreign), CAY_EINVAL);
    assert_int_equal(cay_value_map_put(m, foreign, mine), CAY_EINVAL);
    assert_int_equal(cay_value_map_put(s, mine, mine), CAY_EINVAL);
    assert_int_equal(cay_value_set_add(s, foreign), CAY_EINVAL);
    assert_int_equal(cay_value_set_add(m, mine), CAY_EINVAL);
    assert_null(cay_doc_view(other, cay_doc_buffer(doc, "a", 1), CAY_VIEW_UINT8, 0, 1));
    assert_null(cay_doc_number(NULL, 1));
    assert_null(cay_doc_array(NULL));
    assert_null(cay_doc_port(doc, NULL));
    cay_doc_free(doc);
    cay_doc_free(other);
}

static void readers_answer_neutrally_for_others(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    const cay_value_t *others[] = {NULL, cay_doc_null(doc), cay_doc_array(doc)};
    for (size_t i = 0; i < CAY_COUNT(others); i++) {
        const cay_value_t *v = others[i];
        size_t n = 9;
        bool negative = true;
        int64_t whole = 9;
        assert_false(cay_value_bool(v));
        assert_true(isnan(cay_value_number(v)));
        assert_false(cay_value_int64(v, &whole));
        assert_null(cay_value_bigint_digits(v, &negative, &n));
        assert_null(cay_value_string(v, &n));
        assert_int_equal(n, 0);
        n = 9;
        assert_null(cay_value_bytes(v, &n));
        assert_int_equal(n, 0);
        assert_int_equal(cay_value_view(v, NULL), 0);
        assert_null(cay_value_view_buffer(v));
        assert_int_equal(cay_value_count(v), 0);
        assert_null(cay_value_at(v, 0));
        assert_null(cay_value_get(v, "k"));
        assert_null(cay_value_error_name(v));
        assert_null(cay_value_error_message(v));
        assert_null(cay_value_error_stack(v));
        assert_null(cay_value_error_cause(v));
        assert_null(cay_value_boxed(v));
        assert_int_equal(cay_value_regexp_flags(v), 0);
        assert_null(cay_value_take_port(v));
    }
    cay_doc_free(doc);
}

/* A decoded array of holes can be added to, whichever way it is kept. */
static void sparse_arrays_can_grow(void **state) {
    (void)state;
    static const char *const hex[] = {"ff0f61e807490a49024001e807", "ff0f610349004902400103"};
    static const char *const words[] = {"[hole*5,1,hole*994,null,null]", "[1,hole*2,null,null]"};
    for (size_t i = 0; i < 2; i++) {
        cay_doc_t *doc = NULL;
        assert_int_equal(test_decode_hex(hex[i], &doc, NULL), 0);
        cay_value_t *array = (cay_value_t *)cay_doc_root(doc);
        assert_int_equal(cay_value_push(array, cay_doc_null(doc)), 0);
        assert_int_equal(cay_value_push(array, cay_doc_null(doc)), 0);
        assert_words(array, words[i]);
        cay_doc_free(doc);
    }
}

static int build(cay_doc_t *doc, int *released) {
    cay_value_t *o = cay_doc_object(doc), *a = cay_doc_array(doc), *m = cay_doc_map(doc);
    char key[16];
    int rc = 0;
    for (int i = 0; rc == 0 && i < 40; i++) {
        snprintf(key, sizeof key, "key %d", i);
        rc = cay_value_set(o, key, cay_doc_number(doc, i));
    }
    const char big[40000] = {1};
    cay_value_t *parts[] = {o,
                            m,
                            cay_doc_text(doc, "text"),
                            cay_doc_bigint(doc, -5),
                            cay_doc_date(doc, 1),
                            cay_doc_bytes(doc, big, sizeof big),
                            cay_doc_error(doc, "Error", "m", "s")};
    for (size_t i = 0; rc == 0 && i < CAY_COUNT(parts); i++) {
        rc = cay_value_push(a, parts[i]);
    }
    rc = rc == 0 ? cay_value_map_put(m, parts[2], a) : rc;
    char *data = malloc(4);
    cay_value_t *taken = cay_doc_buffer_take(doc, data, 4, test_release, released);
    if (!taken) {
        assert_int_equal(*released, 0);
        free(data);
    }
    rc = rc == 0 && taken ? cay_value_push(a, taken) : rc;
    rc = rc == 0 ? cay_doc_set_root(doc, a) : rc;
    return cay_doc_failed(doc) ? CAY_ENOMEM : rc;
}

static int build_once(void *arg) {
    (void)arg;
    cay_doc_t *doc = NULL;
    int released = 0;
    int rc = cay__doc_new(&test_ops, &doc);
    if (rc == 0) {
        rc = build(doc, &released);
        cay_doc_free(doc);
        assert_true(released == 1 || rc != 0);
    }
    return rc;
}

static void building_survives_every_failed_allocation(void **state) {
    (void)state;
    test_sweep(build_once, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_document_stands_for_undefined),
        cmocka_unit_test(primitives_read_back),
        cmocka_unit_test(dates_are_clipped_as_in_javascript),
        cmocka_unit_test(bigints_keep_their_digits),
        cmocka_unit_test(strings_must_be_utf8),
        cmocka_unit_test(containers_keep_order),
        cmocka_unit_test(many_keys_are_found_and_replaced),
        cmocka_unit_test(views_must_fit_their_buffer),
        cmocka_unit_test(errors_carry_their_parts),
        cmocka_unit_test(foreign_and_wrong_values_are_misuse),
        cmocka_unit_test(readers_answer_neutrally_for_others),
        cmocka_unit_test(sparse_arrays_can_grow),
        cmocka_unit_test(building_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
