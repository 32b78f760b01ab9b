/* SPDX-License-Identifier: MIT */
/* The wire format against bytes that V8 itself wrote, and against bytes that it never would. */
#include "codec_test.h"

#include "golden.h"

static void reads_what_v8_wrote(void **state) {
    (void)state;
    for (size_t i = 0; i < CAY_COUNT(golden); i++) {
        cay_doc_t *doc = NULL;
        cay_error_t *err = NULL;
        if (test_decode_hex(golden[i].v8, &doc, &err) != 0) {
            fail_msg("%s: %s", golden[i].name, cay_error_message(err));
        }
        char *text = test_describe(cay_doc_root(doc));
        if (strcmp(text, golden[i].text) != 0) {
            fail_msg("%s: read as %s", golden[i].name, text);
        }
        cay__free(text);
        cay_doc_free(doc);
    }
}

static void writes_what_v8_reads(void **state) {
    (void)state;
    for (size_t i = 0; i < CAY_COUNT(golden); i++) {
        cay_doc_t *doc = NULL;
        assert_int_equal(test_decode_hex(golden[i].v8, &doc, NULL), 0);
        int rc;
        char *hex = test_encode_hex(doc, &rc);
        assert_int_equal(rc, 0);
        const char *wanted = golden[i].ours ? golden[i].ours : golden[i].v8;
        if (strcmp(hex, wanted) != 0) {
            fail_msg("%s: written as %s", golden[i].name, hex);
        }
        cay__free(hex);
        cay_doc_free(doc);
    }
}

static void reads_back_what_it_wrote(void **state) {
    (void)state;
    for (size_t i = 0; i < CAY_COUNT(golden); i++) {
        cay_doc_t *doc = NULL;
        assert_int_equal(
            test_decode_hex(golden[i].ours ? golden[i].ours : golden[i].v8, &doc, NULL), 0);
        char *text = test_describe(cay_doc_root(doc));
        assert_string_equal(text, golden[i].text);
        cay__free(text);
        cay_doc_free(doc);
    }
}

/* No proper prefix of a message is a message, and none may be read beyond its end. */
static void every_prefix_is_malformed(void **state) {
    (void)state;
    for (size_t i = 0; i < CAY_COUNT(golden); i++) {
        cay_buf_t bytes;
        test_unhex(golden[i].v8, &bytes);
        for (size_t len = 0; len < bytes.len; len++) {
            void *exact = cay__memdup(bytes.data, len);
            assert_non_null(exact);
            cay_doc_t *doc = NULL;
            cay_error_t *err = NULL;
            int rc = cay__codec_decode(exact, len, NULL, NULL, &test_ops, &doc, &err);
            if (rc != CAY_EFORMAT) {
                fail_msg("%s: %zu bytes gave %d", golden[i].name, len, rc);
            }
            assert_null(doc);
            assert_true(strlen(cay_error_message(err)) > 0);
            cay_error_free(err);
            cay__free(exact);
        }
        cay__buf_free(&bytes);
    }
}

typedef struct malformed {
    const char *hex;
    const char *part; /* of the message */
} malformed_t;

static void refuses(const malformed_t *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        cay_doc_t *doc = NULL;
        cay_error_t *err = NULL;
        int rc = test_decode_hex(cases[i].hex, &doc, &err);
        if (rc != CAY_EFORMAT || !strstr(cay_error_message(err), cases[i].part)) {
            fail_msg("%s: %d %s", cases[i].hex, rc, cay_error_message(err));
        }
        assert_null(doc);
        cay_error_free(err);
    }
}

static void malformed_headers(void **state) {
    (void)state;
    static const malformed_t cases[] = {
        {"", "no version header"},     {"5f", "no version header"}, {"ff", "version"},
        {"ff0c5f", "version 12"},      {"ff105f", "version 16"},    {"ff80", "version"},
        {"ffffffffffff5f", "version"}, {"ff0f", "too early"},       {"ff0f0000", "too early"},
        {"ff0f5f5f", "bytes after"},   {"ff0f5f00", "bytes after"}, {"ff0f5fff0f5f", "bytes after"},
    };
    refuses(cases, CAY_COUNT(cases));
}

static void malformed_leaves(void **state) {
    (void)state;
    static const malformed_t cases[] = {
        {"ff0f2a", "unknown tag"},
        {"ff0fff0f", "unknown tag"},
        {"ff0f2d", "unknown tag"}, /* a hole outside an array */
        {"ff0f49ffffffffff7f", "cut off"},
        {"ff0f4e00000000000000", "cut off"},
        {"ff0f22ffffffff0f61", "longer than the data"},
        {"ff0f6303610062", "odd length"},
        {"ff0f5302c328", "not UTF-8"},
        {"ff0f5303eda080", "not UTF-8"},
        {"ff0f5affffffff0f", "longer"},
        {"ff0f4400", "cut off"},
        {"ff0f6e00", "cut off"},
        {"ff0f734901", "a string was expected"},
        {"ff0f522201612010", "after"}, /* dotAll is 0x20, linear 0x40 */
        {"ff0f5222016140", "unknown flags"},
        {"ff0f522201619002", "unknown flags"}, /* u and v together */
        {"ff0f522201618004", "unknown flags"},
        {"ff0f520f", "a string was expected"},
        {"ff0f5e00", "not met"},
        {"ff0f41015e0124000100", "not met"},
        {"ff0f75005f", "SharedArrayBuffer"},
        {"ff0f7000", "shared object"},
        {"ff0f7700", "WebAssembly.Module"},
        {"ff0f6d00", "WebAssembly.Memory"},
        {"ff0f7400", "did not come along"},
        {"ff0f5c0100", "did not come along"},
        {"ff0f5c0000", "unknown host object"},
        {"ff0f5c", "unknown host object"},
    };
    refuses(cases, CAY_COUNT(cases));
}

static void malformed_buffers_and_views(void **state) {
    (void)state;
    static const malformed_t cases[] = {
        {"ff0f42ffffffff0f00", "longer than the data"},
        {"ff0f7e0402000000000000", "longer than the data"}, /* more than its own bound */
        {"ff0f4204000000005642000500", "does not fit"},
        {"ff0f4204000000005642050000", "does not fit"},
        {"ff0f42040000000056420401ff", "cut off"},
        {"ff0f420400000000564204010000", "does not fit"},
        {"ff0f4204000000005657010200", "does not fit"}, /* offset is no multiple */
        {"ff0f4204000000005657000300", "does not fit"},
        {"ff0f420400000000565a000400", "unknown kind"},
        {"ff0f4204000000005642000401", "resizable"},
        {"ff0f4204000000005642000402", "resizable"},
        {"ff0f42040000000056420004", "cut off"}, /* flags are missing */
        {"ff0f420456", "longer"},
        {"ff0f56420000", "unknown tag"}, /* a view of nothing */
    };
    refuses(cases, CAY_COUNT(cases));
}

static void malformed_containers(void **state) {
    (void)state;
    static const malformed_t cases[] = {
        {"ff0f6f7b01", "does not agree"},
        {"ff0f6f22016149027b00", "does not agree"},
        {"ff0f6f2201614902220161497b02", "key twice"},
        {"ff0f6f49024902220131490249027b02", "key twice"}, /* 1 and "1" */
        {"ff0f6f6f7b0049027b01", "neither string nor number"},
        {"ff0f6f5f49027b01", "neither string nor number"},
        {"ff0f6f2201617b00", "unknown tag"}, /* a key without a value */
        {"ff0f6f22016140", "unknown tag"},   /* ended as something else */
        {"ff0f3b49023a01", "unknown tag"},
        {"ff0f3b490249043a01", "does not agree"},
        {"ff0f2749022c02", "does not agree"},
        {"ff0f41034902", "longer than the data"},
        {"ff0f41ffffffff0f494902", "longer than the data"},
        {"ff0f4102490249042400", "does not agree"},
        {"ff0f410249024904240002ff", "after"},
        {"ff0f41024902490424000300", "does not agree"},
        {"ff0f4101490249004902240101", "beyond the array"}, /* an index after the elements */
        {"ff0f610249064902400102", "beyond the array"},
        {"ff0f6102490049024900490440020200", "twice"},
        {"ff0f6104490449024900490449044902400304", "twice"},
        {"ff0f6102490022016140010300", "does not agree"},
        {"ff0f726d", "a string was expected"},
        {"ff0f7278", "unknown part"},
        {"ff0f72", "unknown part"},
        {"ff0f72635f", "unknown part"},
        {"ff0f3f", "cut off"},
    };
    refuses(cases, CAY_COUNT(cases));
}

static void describes(const char *hex, const char *text) {
    cay_doc_t *doc = NULL;
    cay_error_t *err = NULL;
    if (test_decode_hex(hex, &doc, &err) != 0) {
        fail_msg("%s: %s", hex, cay_error_message(err));
    }
    char *words = test_describe(cay_doc_root(doc));
    assert_string_equal(words, text);
    cay__free(words);
    cay_doc_free(doc);
}

/* Forms that V8 reads though it does not, or no longer, write them so. */
static void reads_other_forms(void **state) {
    (void)state;
    describes("ff0d5f", "undefined");
    describes("ff0e5f", "undefined");
    describes("ff0f00003f05005f", "undefined");            /* padding, and an object count */
    describes("ff0f5304f09f9880", "\"\360\237\230\200\""); /* UTF-8 */
    describes("ff0f55ffffffff0f", "4294967295");
    describes("ff0f5a110000000000000000", "0n"); /* -0n */
    describes("ff0f5a02ff", "ffn");              /* not a whole digit */
    describes("ff0f4ea3a2a1a0a0a0f97f", "NaN");  /* a NaN with a payload */
}

static void views_have_no_flags_before_version_14(void **state) {
    (void)state;
    describes("ff0d410142040102030456420102240001", "[Uint8@1+2(Buffer(01020304))]");
    describes("ff0e41014204010203045642010200240001", "[Uint8@1+2(Buffer(01020304))]");
}

/* A cause may be the error it belongs to, and the parts come in any order. */
static void errors_in_any_order(void **state) {
    (void)state;
    describes("ff0f7254732201736d22016d2e", "TypeError(\"m\",\"s\")");
    describes("ff0f72635e00732201736d22016d2e", "Error(\"m\",\"s\",#0)");
    describes("ff0f72637263726349022e2e2e", "Error(-,-,Error(-,-,Error(-,-,1)))");
}

static void sparse_indexes_in_any_order(void **state) {
    (void)state;
    describes("ff0f61054908490249004904400205", "[2,hole*3,1]");
    describes("ff0f610222013149022201304904400202", "[2,1]");
    describes("ff0f61904e49084902490049044002904e", "[2,hole*3,1,hole*9995]");
}

/* Three hundred elements of a thousand, sent in a stirred order. */
static void many_sparse_indexes_are_put_in_order(void **state) {
    (void)state;
    cay_buf_t b = CAY_BUF_INIT;
    cay__buf_put(&b,
                 "\xff\x0f"
                 "a\xe8\x07",
                 5);
    for (unsigned i = 0; i < 300; i++) {
        unsigned index = i * 77 % 300 * 3, wire = index << 1;
        uint8_t key[] = {'I', (uint8_t)(wire | 0x80),  (uint8_t)(wire >> 7),
                         'U', (uint8_t)(index | 0x80), (uint8_t)(index >> 7)};
        cay__buf_put(&b, key, sizeof key);
    }
    cay__buf_put(&b, "@\xac\x02\xe8\x07", 5);
    cay_doc_t *doc = NULL;
    assert_int_equal(cay__codec_decode(b.data, b.len, NULL, NULL, &test_ops, &doc, NULL), 0);
    const cay_value_t *array = cay_doc_root(doc);
    assert_int_equal(cay_value_count(array), 1000);
    for (unsigned i = 0; i < 1000; i++) {
        const cay_value_t *v = cay_value_at(array, i);
        bool there = i < 900 && i % 3 == 0;
        assert_int_equal(cay_value_type(v), there ? CAY_TYPE_NUMBER : CAY_TYPE_HOLE);
        assert_true(!there || cay_value_number(v) == i);
    }
    cay_doc_free(doc);
    cay__buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_v8_wrote),
        cmocka_unit_test(writes_what_v8_reads),
        cmocka_unit_test(reads_back_what_it_wrote),
        cmocka_unit_test(every_prefix_is_malformed),
        cmocka_unit_test(malformed_headers),
        cmocka_unit_test(malformed_leaves),
        cmocka_unit_test(malformed_buffers_and_views),
        cmocka_unit_test(malformed_containers),
        cmocka_unit_test(reads_other_forms),
        cmocka_unit_test(views_have_no_flags_before_version_14),
        cmocka_unit_test(errors_in_any_order),
        cmocka_unit_test(sparse_indexes_in_any_order),
        cmocka_unit_test(many_sparse_indexes_are_put_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
