/* SPDX-License-Identifier: MIT */
/* Bounds: hostile bytes cost no more than their length, and no shape of a value reaches the C
 * stack. */
#include "codec_test.h"

#include <malloc.h>
#include <pthread.h>

#include "codec/doc.h"
#include "golden.h"

/* n times `open`, then `close`. */
static void nest(cay_buf_t *b, const char *open, size_t n, const char *middle) {
    *b = (cay_buf_t)CAY_BUF_INIT;
    cay__buf_str(b, "\xff\x0f");
    for (size_t i = 0; i < n; i++) {
        cay__buf_str(b, open);
    }
    cay__buf_str(b, middle);
}

static int decode(const cay_buf_t *b, const cay_codec_limits_t *limits, cay_doc_t **out) {
    *out = NULL;
    return cay__codec_decode(b->data, b->len, NULL, limits, &test_ops, out, NULL);
}

static void depth_of_a_thousand_is_the_last(void **state) {
    (void)state;
    for (size_t n = 1000; n <= 1001; n++) {
        cay_buf_t b;
        cay_doc_t *doc;
        nest(&b, "A\1", n, "_");
        for (size_t i = 0; i < n; i++) {
            cay__buf_put(&b, "$\0\1", 3);
        }
        assert_int_equal(decode(&b, NULL, &doc), n == 1000 ? 0 : CAY_ELIMIT);
        cay_doc_free(doc);
        cay__buf_free(&b);
    }
}

static void every_container_counts_for_the_depth(void **state) {
    (void)state;
    static const char *const opens[] = {"A\1", "o\"\1a", ";_", "'", "rc", "a\2I\2"};
    static const cay_codec_limits_t limits = {.depth = 5};
    for (size_t i = 0; i < CAY_COUNT(opens); i++) {
        for (size_t n = 5; n <= 6; n++) {
            cay_buf_t b;
            cay_doc_t *doc;
            nest(&b, opens[i], n, "*"); /* which is no value: malformed, when the depth allows it */
            assert_int_equal(decode(&b, &limits, &doc), n == 5 ? CAY_EFORMAT : CAY_ELIMIT);
            cay__buf_free(&b);
        }
    }
}

static void encoding_is_bounded_in_depth(void **state) {
    (void)state;
    for (int n = 1000; n <= 1001; n++) {
        cay_doc_t *doc = test_doc();
        cay_value_t *v = cay_doc_null(doc);
        for (int i = 0; i < n; i++) {
            cay_value_t *outer = i % 2 ? cay_doc_array(doc) : cay_doc_object(doc);
            assert_int_equal(i % 2 ? cay_value_push(outer, v) : cay_value_set(outer, "k", v), 0);
            v = outer;
        }
        assert_int_equal(cay_doc_set_root(doc, v), 0);
        int rc;
        char *hex = test_encode_hex(doc, &rc);
        assert_int_equal(rc, n == 1000 ? 0 : CAY_ELIMIT);
        cay__free(hex);
        char *json = NULL;
        assert_int_equal(cay_value_to_json(v, &json, NULL), n == 1000 ? 0 : CAY_ELIMIT);
        cay_free(json);
        cay_doc_free(doc);
    }
}

static void values_are_counted(void **state) {
    (void)state;
    cay_codec_limits_t limits = {.values = 4};
    cay_doc_t *doc = NULL;
    cay_buf_t b;
    test_unhex("ff0f41035f5f5f240003", &b);
    assert_int_equal(decode(&b, &limits, &doc), 0);
    cay_buf_t out = CAY_BUF_INIT;
    cay_cargo_t cargo;
    assert_int_equal(cay__codec_encode(doc, &limits, &out, &cargo, NULL), 0);
    cay__buf_free(&out);
    limits.values = 3;
    assert_int_equal(cay__codec_encode(doc, &limits, &out, &cargo, NULL), CAY_ELIMIT);
    cay__buf_free(&out);
    cay_doc_free(doc);
    assert_int_equal(decode(&b, &limits, &doc), CAY_ELIMIT);
    cay__buf_free(&b);
    test_unhex("ff0f41032d2d2d240003", &b); /* holes count too */
    assert_int_equal(decode(&b, &limits, &doc), CAY_ELIMIT);
    cay__buf_free(&b);
}

static void bytes_are_counted(void **state) {
    (void)state;
    cay_codec_limits_t limits = {.bytes = 9};
    cay_doc_t *doc = test_doc();
    assert_int_equal(cay_doc_set_root(doc, cay_doc_text(doc, "12345")), 0);
    cay_buf_t out = CAY_BUF_INIT;
    cay_cargo_t cargo;
    assert_int_equal(cay__codec_encode(doc, &limits, &out, &cargo, NULL), 0);
    assert_int_equal(out.len, 9);
    cay_doc_t *back;
    assert_int_equal(decode(&out, &limits, &back), 0);
    cay_doc_free(back);
    limits.bytes = 8;
    assert_int_equal(decode(&out, &limits, &back), CAY_ELIMIT);
    cay__buf_free(&out);
    assert_int_equal(cay__codec_encode(doc, &limits, &out, &cargo, NULL), CAY_ELIMIT);
    cay__buf_free(&out);
    cay_doc_free(doc);
}

/* Bytes of heap in use, by the C library's own count. */
static size_t heap_now(void) {
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

/* Lengths that claim gigabytes with a few bytes behind them. */
static void claims_cost_nothing(void **state) {
    (void)state;
    static const char *const claims[] = {
        "ff0f41ffffffff0f494949",         "ff0f42ffffffff0f00", "ff0f22ffffffff0f00",
        "ff0f63feffffff0f0000",           "ff0f5afeffffff0f00", "ff0f7e10ffffffff0f00",
        "ff0f61ffffffff0f4000ffffffff0f",
    };
    for (size_t i = 0; i < CAY_COUNT(claims); i++) {
        size_t before = heap_now();
        cay_doc_t *doc = NULL;
        cay_error_t *err = NULL;
        assert_int_not_equal(test_decode_hex(claims[i], &doc, &err), 0);
        cay_error_free(err);
        assert_true(heap_now() < before + 65536);
    }
}

/* A sparse array costs its elements, not its length; and each length counts against the values. */
static void sparse_lengths_are_charged_not_allocated(void **state) {
    (void)state;
    cay_doc_t *doc = NULL;
    size_t before = heap_now();
    assert_int_equal(test_decode_hex("ff0f6180897a49024904400180897a", &doc, NULL), 0);
    assert_int_equal(cay_value_count(cay_doc_root(doc)), 2000000);
    assert_true(cay_value_number(cay_value_at(cay_doc_root(doc), 1)) == 2);
    assert_int_equal(cay_value_type(cay_value_at(cay_doc_root(doc), 1999999)), CAY_TYPE_HOLE);
    assert_true(heap_now() < before + 65536);
    cay_doc_free(doc);
    doc = NULL;
    assert_int_equal(test_decode_hex("ff0f27"
                                     "6180897a400080897a"
                                     "6180897a400080897a"
                                     "2c02",
                                     &doc, NULL),
                     CAY_ELIMIT);
    assert_null(doc);
}

/* Nested arrays that each claim all the bytes that are left. */
static void nested_claims_stay_linear(void **state) {
    (void)state;
    cay_buf_t b = CAY_BUF_INIT;
    cay__buf_str(&b, "\xff\x0f");
    for (int i = 0; i < 900; i++) {
        cay__buf_put(&b, "A\xc0\x84\x3d", 4); /* 1,000,000 */
    }
    for (int i = 0; i < 1100000; i++) {
        cay__buf_u8(&b, '0');
    }
    size_t before = heap_now();
    cay_doc_t *doc;
    assert_int_not_equal(decode(&b, NULL, &doc), 0);
    assert_true(heap_now() < before + 65536);
    cay__buf_free(&b);
}

/* An object that is shared 2^40 times over is small as bytes and endless as JSON. */
static void shared_values_do_not_explode_as_json(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    cay_value_t *v = cay_doc_object(doc);
    for (int i = 0; i < 40; i++) {
        cay_value_t *pair = cay_doc_array(doc);
        assert_int_equal(cay_value_push(pair, v), 0);
        assert_int_equal(cay_value_push(pair, v), 0);
        v = pair;
    }
    assert_int_equal(cay_doc_set_root(doc, v), 0);
    int rc;
    char *hex = test_encode_hex(doc, &rc);
    assert_int_equal(rc, 0);
    assert_true(strlen(hex) < 1000);
    cay__free(hex);
    char *json = NULL;
    assert_int_equal(cay_value_to_json(v, &json, NULL), CAY_ELIMIT);
    cay_doc_free(doc);
}

/* All of it at the bounds, on the smallest stack that the system gives. */
static void *deep_work(void *arg) {
    int *result = arg;
    cay_buf_t b;
    cay_doc_t *doc;
    nest(&b, "o\"\1a", 1000, "_");
    for (int i = 0; i < 1000; i++) {
        cay__buf_str(&b, "{\1");
    }
    *result = decode(&b, NULL, &doc);
    cay__buf_free(&b);
    if (*result == 0) {
        char *json = NULL;
        cay_error_t *err = NULL;
        cay_doc_t *back = NULL;
        cay__free(test_encode_hex(doc, result));
        *result |= cay_value_to_json(cay_value_at(cay_doc_root(doc), 0), &json, NULL);
        *result |=
            cay__doc_from_json(&test_ops, json ? json : "", json ? strlen(json) : 0, &back, &err);
        cay_error_free(err);
        cay_free(json);
        cay_doc_free(back);
        cay_doc_free(doc);
    }
    return NULL;
}

static void deep_values_fit_a_small_stack(void **state) {
    (void)state;
    pthread_attr_t attr;
    pthread_t thread;
    int result = -1;
    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstacksize(&attr, (size_t)256 << 10), 0);
    assert_int_equal(pthread_create(&thread, &attr, deep_work, &result), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(pthread_attr_destroy(&attr), 0);
    assert_int_equal(result, 0);
}

/* Keys by the hundred thousand: quadratic work would take minutes. */
static void big_objects_are_read_in_linear_work(void **state) {
    (void)state;
    enum { MANY = 400000 };
    cay_buf_t b = CAY_BUF_INIT;
    cay__buf_str(&b, "\xff\x0fo");
    for (int i = 0; i < MANY; i++) {
        cay__buf_printf(&b, "\"\x08k%07d0", i);
    }
    cay__buf_put(&b, "{\x80\xb5\x18", 4);
    cay_doc_t *doc;
    assert_int_equal(decode(&b, NULL, &doc), 0);
    assert_int_equal(cay_value_count(cay_doc_root(doc)), MANY);
    assert_non_null(cay_value_get(cay_doc_root(doc), "k0399999"));
    cay_doc_free(doc);
    cay__buf_free(&b);
}

static int decode_golden(void *arg) {
    cay_buf_t *b = arg;
    cay_doc_t *doc = NULL;
    int rc = decode(b, NULL, &doc);
    cay_doc_free(doc);
    return rc;
}

static void decoding_survives_every_failed_allocation(void **state) {
    (void)state;
    for (size_t i = 0; i < CAY_COUNT(golden); i++) {
        cay_buf_t b;
        test_unhex(golden[i].v8, &b);
        test_sweep(decode_golden, &b);
        cay__buf_free(&b);
    }
}

static int encode_golden(void *arg) {
    cay_buf_t out = CAY_BUF_INIT;
    cay_cargo_t cargo;
    int rc = cay__codec_encode(arg, NULL, &out, &cargo, NULL);
    cay__buf_free(&out);
    return rc;
}

static void encoding_survives_every_failed_allocation(void **state) {
    (void)state;
    for (size_t i = 0; i < CAY_COUNT(golden); i++) {
        cay_doc_t *doc = NULL;
        assert_int_equal(test_decode_hex(golden[i].v8, &doc, NULL), 0);
        test_sweep(encode_golden, doc);
        cay_doc_free(doc);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(depth_of_a_thousand_is_the_last),
        cmocka_unit_test(every_container_counts_for_the_depth),
        cmocka_unit_test(encoding_is_bounded_in_depth),
        cmocka_unit_test(values_are_counted),
        cmocka_unit_test(bytes_are_counted),
        cmocka_unit_test(claims_cost_nothing),
        cmocka_unit_test(sparse_lengths_are_charged_not_allocated),
        cmocka_unit_test(nested_claims_stay_linear),
        cmocka_unit_test(shared_values_do_not_explode_as_json),
        cmocka_unit_test(deep_values_fit_a_small_stack),
        cmocka_unit_test(big_objects_are_read_in_linear_work),
        cmocka_unit_test(decoding_survives_every_failed_allocation),
        cmocka_unit_test(encoding_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
