/* SPDX-License-Identifier: MIT */
/* JSON both ways. */
#include "codec_test.h"

#include <math.h>

#include "codec/doc.h"
#include "golden.h"

static int from_json(const char *text, cay_doc_t **out, cay_error_t **err) {
    *out = NULL;
    void *exact = cay__memdup(text, strlen(text));
    assert_non_null(exact);
    int rc = cay__doc_from_json(&test_ops, exact, strlen(text), out, err);
    cay__free(exact);
    return rc;
}

static void reads_as(const char *text, const char *words) {
    cay_doc_t *doc;
    cay_error_t *err = NULL;
    if (from_json(text, &doc, &err) != 0) {
        fail_msg("%s: %s", text, cay_error_message(err));
    }
    char *got = test_describe(cay_doc_root(doc));
    assert_string_equal(got, words);
    cay__free(got);
    cay_doc_free(doc);
}

static void text_becomes_values(void **state) {
    (void)state;
    reads_as("null", "null");
    reads_as(" true\n", "true");
    reads_as("-0", "-0");
    reads_as("0.1", "0.1");
    reads_as("1e3", "1000");
    reads_as("9007199254740993", "9007199254740992"); /* a double, as in JavaScript */
    reads_as("123456789012345678901234567890", "1.2345678901234568e+29");
    reads_as("1e-400", "0");
    reads_as("\"\\u0000\\ud83d\\ude00\\n\"", "\"\\u0000\360\237\230\200\\u000a\"");
    reads_as("[1,[2,[]],{}]", "[1,[2,[]],{}]");
    reads_as("{\"b\":1,\"a\":{\"c\":[null]},\"\":0}", "{\"b\":1,\"a\":{\"c\":[null]},\"\":0}");
}

static void the_last_of_equal_keys_wins(void **state) {
    (void)state;
    reads_as("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
    reads_as("{\"__proto__\":1}", "{\"__proto__\":1}");
}

static void malformed_text_is_told_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *place;
    } cases[] = {
        {"", "line 1, column 0"},
        {"[1,\n 2,\n x]", "line 3, column 2"},
        {"{\"a\" 1}", "line 1, column 6"},
        {"[1] 2", "line 1, column 5"},
        {"[1,]", "line 1, column 4"},
        {"01", "line 1, column 1"},
        {"\"\\ud800\"", "line 1"}, /* a lone surrogate: jansson has no place for it */
        {"\"\\udc00x\"", "line 1"},
        {"{\"\\u0000\":1}", "line 1"}, /* nor for a NUL in a key */
        {"\"\xff\"", "line 1"},
        {"\"\t\"", "line 1"},
        {"'a'", "line 1"},
        {"NaN", "line 1"},
        {"1e400", "line 1"}, /* JSON.parse would make it Infinity */
        {"-1e400", "line 1"},
        {"\xef\xbb\xbf"
         "1",
         "line 1"},
        {"[1", "line 1"},
        {"]", "line 1"},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        cay_doc_t *doc;
        cay_error_t *err = NULL;
        int rc = from_json(cases[i].text, &doc, &err);
        if (rc != CAY_EFORMAT || !strstr(cay_error_message(err), cases[i].place)) {
            fail_msg("%s: %d %s", cases[i].text, rc, cay_error_message(err));
        }
        assert_null(doc);
        cay_error_free(err);
    }
}

static char *nested(size_t depth) {
    char *text = cay__malloc(2 * depth + 1);
    assert_non_null(text);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    text[2 * depth] = 0;
    return text;
}

static void reading_is_bounded_in_depth(void **state) {
    (void)state;
    static const size_t depths[] = {1000, 1001, 100000};
    for (size_t i = 0; i < CAY_COUNT(depths); i++) {
        char *text = nested(depths[i]);
        cay_doc_t *doc;
        assert_int_equal(from_json(text, &doc, NULL), i == 0 ? 0 : CAY_ELIMIT);
        cay_doc_free(doc);
        cay__free(text);
    }
    reads_as("\"[[[[\\\"[[\"", "\"[[[[\\\"[[\"");
    char wide[4002] = "";
    for (int i = 0; i < 2000; i++) {
        strcat(wide, i ? ",1" : "[1");
    }
    strcat(wide, "]");
    cay_doc_t *doc;
    assert_int_equal(from_json(wide, &doc, NULL), 0);
    assert_int_equal(cay_value_count(cay_doc_root(doc)), 2000);
    cay_doc_free(doc);
}

static void writes_as(const cay_value_t *v, const char *wanted) {
    char *text = NULL;
    cay_error_t *err = NULL;
    if (cay_value_to_json(v, &text, &err) != 0) {
        fail_msg("%s: %s", wanted, cay_error_message(err));
    }
    assert_string_equal(text, wanted);
    cay_free(text);
}

static void numbers_are_written_as_javascript_does(void **state) {
    (void)state;
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {-1, "-1"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {-1.5e-7, "-1.5e-7"},
        {0.000001, "0.000001"},
        {1e20, "100000000000000000000"},
        {1e21, "1e+21"},
        {123456789012345680000.0, "123456789012345680000"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {5e-324, "5e-324"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {1.5e-323, "1.5e-323"},
        {7.120236347223045e-307, "7.120236347223045e-307"}, /* a power of two */
        {9007199254740993.0, "9007199254740992"},
        {4294967296.5, "4294967296.5"},
        {(double)NAN, "null"},
        {(double)INFINITY, "null"},
        {-(double)INFINITY, "null"},
    };
    cay_doc_t *doc = test_doc();
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        writes_as(cay_doc_number(doc, cases[i].number), cases[i].text);
    }
    cay_doc_free(doc);
}

static void dates_are_written_in_iso_form(void **state) {
    (void)state;
    static const struct {
        double ms;
        const char *text;
    } cases[] = {
        {0, "\"1970-01-01T00:00:00.000Z\""},
        {-1, "\"1969-12-31T23:59:59.999Z\""},
        {951782400000, "\"2000-02-29T00:00:00.000Z\""},
        {1700000000123, "\"2023-11-14T22:13:20.123Z\""},
        {-62198755200000, "\"-000001-01-01T00:00:00.000Z\""},
        {-62167219200000, "\"0000-01-01T00:00:00.000Z\""},
        {253402300800000, "\"+010000-01-01T00:00:00.000Z\""},
        {8.64e15, "\"+275760-09-13T00:00:00.000Z\""},
        {-8.64e15, "\"-271821-04-20T00:00:00.000Z\""},
        {8.65e15, "null"},
        {(double)NAN, "null"},
    };
    cay_doc_t *doc = test_doc();
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        writes_as(cay_doc_date(doc, cases[i].ms), cases[i].text);
    }
    cay_doc_free(doc);
}

static void text_is_escaped(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    writes_as(cay_doc_string(doc, "\0\x1f\"\\/\b\f\n\r\t\x7f\xc3\xa9", 13),
              "\"\\u0000\\u001f\\\"\\\\/\\b\\f\\n\\r\\t\x7f\xc3\xa9\"");
    cay_value_t *o = cay_doc_object(doc);
    assert_int_equal(cay_value_set(o, "k\"\n", cay_doc_null(doc)), 0);
    writes_as(o, "{\"k\\\"\\n\":null}");
    cay_doc_free(doc);
}

static void nothing_is_left_out_of_objects_and_null_in_arrays(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    cay_value_t *o = cay_doc_object(doc), *a = cay_doc_array(doc);
    assert_int_equal(cay_value_set(o, "a", cay_doc_undefined(doc)), 0);
    assert_int_equal(cay_value_set(o, "b", a), 0);
    assert_int_equal(cay_value_set(o, "c", cay_doc_undefined(doc)), 0);
    assert_int_equal(cay_value_set(o, "d", a), 0); /* shared, not a cycle */
    assert_int_equal(cay_value_push(a, cay_doc_undefined(doc)), 0);
    assert_int_equal(cay_value_push(a, cay_doc_bool(doc, true)), 0);
    writes_as(o, "{\"b\":[null,true],\"d\":[null,true]}");
    cay_doc_free(doc);
    assert_int_equal(test_decode_hex("ff0f61034900490249044906400203", &doc, NULL), 0);
    writes_as(cay_doc_root(doc), "[1,null,3]");
    cay_doc_free(doc);
}

static void errors_and_boxes_are_written_by_what_is_in_them(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    writes_as(cay_doc_error(doc, "TypeError", "a \"b\"", "stack"),
              "{\"name\":\"TypeError\",\"message\":\"a \\\"b\\\"\"}");
    writes_as(cay_doc_error(doc, NULL, NULL, NULL), "{\"name\":\"Error\"}");
    cay_doc_free(doc);
    assert_int_equal(test_decode_hex("ff0f4103796e000000000000f83f73220178240003", &doc, NULL), 0);
    writes_as(cay_doc_root(doc), "[true,1.5,\"x\"]");
    cay_doc_free(doc);
}

static void refuses_to_write(const cay_value_t *v, const char *part) {
    char *text = NULL;
    cay_error_t *err = NULL;
    assert_int_equal(cay_value_to_json(v, &text, &err), CAY_ECLONE);
    assert_null(text);
    if (!strstr(cay_error_message(err), part)) {
        fail_msg("%s is not in: %s", part, cay_error_message(err));
    }
    cay_error_free(err);
}

static void what_json_cannot_carry_is_named(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc(), *regexp = NULL;
    struct cay_port port = {0};
    refuses_to_write(cay_doc_undefined(doc), "undefined");
    refuses_to_write(cay_doc_bigint(doc, 1), "BigInt");
    refuses_to_write(cay_doc_buffer(doc, "", 0), "buffer");
    refuses_to_write(cay_doc_bytes(doc, "", 0), "typed array");
    refuses_to_write(cay_doc_map(doc), "Map");
    refuses_to_write(cay_doc_set(doc), "Set");
    refuses_to_write(cay_doc_port(doc, &port), "port");
    cay_value_t *a = cay_doc_array(doc);
    assert_int_equal(cay_value_push(a, cay_doc_null(doc)), 0);
    writes_as(a, "[null]");
    assert_int_equal(cay_value_push(a, cay_doc_bigint(doc, 1)), 0);
    refuses_to_write(a, "BigInt");
    refuses_to_write(a, "BigInt"); /* no mark is left behind: again, and not a cycle */
    assert_int_equal(test_decode_hex("ff0f5222016100", &regexp, NULL), 0);
    refuses_to_write(cay_doc_root(regexp), "RegExp");
    cay_doc_free(regexp);
    cay_doc_free(doc);
}

static void cycles_are_refused(void **state) {
    (void)state;
    cay_doc_t *doc = test_doc();
    cay_value_t *a = cay_doc_array(doc), *o = cay_doc_object(doc);
    assert_int_equal(cay_value_push(a, o), 0);
    assert_int_equal(cay_value_set(o, "up", a), 0);
    refuses_to_write(a, "cycle");
    refuses_to_write(o, "cycle");
    cay_doc_free(doc);
}

static void misuse_is_told(void **state) {
    (void)state;
    cay_doc_t *doc = NULL;
    char *text = NULL;
    assert_int_equal(cay_value_to_json(NULL, &text, NULL), CAY_EINVAL);
    assert_int_equal(cay__doc_from_json(&test_ops, NULL, 1, &doc, NULL), CAY_EINVAL);
    assert_int_equal(cay__doc_from_json(&test_ops, NULL, 0, &doc, NULL), CAY_EFORMAT);
    assert_int_equal(cay__doc_from_json(&test_ops, "1", 1, NULL, NULL), CAY_EINVAL);
    cay_free(NULL);
}

/* Whatever of the golden values JSON can carry is valid JSON, and stable from there. */
static void what_is_written_is_read_again(void **state) {
    (void)state;
    int written = 0;
    for (size_t i = 0; i < CAY_COUNT(golden); i++) {
        cay_doc_t *doc = NULL, *again = NULL;
        char *text = NULL, *second = NULL;
        assert_int_equal(test_decode_hex(golden[i].v8, &doc, NULL), 0);
        if (cay_value_to_json(cay_doc_root(doc), &text, NULL) == 0) {
            assert_int_equal(from_json(text, &again, NULL), 0);
            assert_int_equal(cay_value_to_json(cay_doc_root(again), &second, NULL), 0);
            assert_string_equal(text, second);
            written++;
        }
        cay_free(text);
        cay_free(second);
        cay_doc_free(again);
        cay_doc_free(doc);
    }
    assert_true(written > 40);
}

static const char sample[] = "{\"list\":[1,2.5,true,null,\"text\"],\"deep\":[[[[[[[[[[[[[[[[[[1]]]]"
                             "]]]]]]]]]]]]]],\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":"
                             "7,\"h\":8,\"i\":9,\"j\":10,\"k\":11,\"l\":12,\"m\":13,\"n\":14,\"o\":"
                             "15,\"p\":16}";

static int both_ways(void *arg) {
    (void)arg;
    cay_doc_t *doc = NULL;
    char *text = NULL;
    int rc = cay__doc_from_json(&test_ops, sample, sizeof sample - 1, &doc, NULL);
    rc = rc == 0 ? cay_value_to_json(cay_doc_root(doc), &text, NULL) : rc;
    if (rc == 0) {
        assert_string_equal(text, sample);
    }
    cay_free(text);
    cay_doc_free(doc);
    return rc;
}

static void json_survives_every_failed_allocation(void **state) {
    (void)state;
    test_sweep(both_ways, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_becomes_values),
        cmocka_unit_test(the_last_of_equal_keys_wins),
        cmocka_unit_test(malformed_text_is_told_with_its_place),
        cmocka_unit_test(reading_is_bounded_in_depth),
        cmocka_unit_test(numbers_are_written_as_javascript_does),
        cmocka_unit_test(dates_are_written_in_iso_form),
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(nothing_is_left_out_of_objects_and_null_in_arrays),
        cmocka_unit_test(errors_and_boxes_are_written_by_what_is_in_them),
        cmocka_unit_test(what_json_cannot_carry_is_named),
        cmocka_unit_test(cycles_are_refused),
        cmocka_unit_test(misuse_is_told),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(json_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
