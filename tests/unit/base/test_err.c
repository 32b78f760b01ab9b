/* SPDX-License-Identifier: MIT */
/* Errors: codes with names and texts, details that never hide the code. */
#include "base_test.h"

#include "base/err.h"
#include "base/mem.h"

static void every_code_has_name_text_and_class(void **state) {
    (void)state;
#define CHECK(name, value, text, js)                                                               \
    assert_int_equal(CAY_##name, value);                                                           \
    assert_string_equal(cay_error_name(value), #name);                                             \
    assert_string_equal(cay_error_text(value), text);                                              \
    assert_string_equal(cay__error_js_class(value), js);
    CAY_ERRORS(CHECK)
#undef CHECK
    assert_string_equal(cay_error_name(0), "OK");
    assert_string_equal(cay_error_name(-9999), "UNKNOWN");
    assert_string_equal(cay_error_name(1), "UNKNOWN");
    assert_string_equal(cay__error_js_class(1), "Error");
    assert_string_equal(cay_error_text(0), "no error");
}

static void a_detail_carries_code_and_message(void **state) {
    (void)state;
    cay_error_t *err = NULL;
    assert_int_equal(cay__error_set(&err, CAY_EINVAL, "%s: %d", "size", 3), CAY_EINVAL);
    assert_int_equal(cay_error_code(err), CAY_EINVAL);
    assert_string_equal(cay_error_message(err), "size: 3");
    assert_int_equal(cay__error_set(&err, CAY_EIO, "later"), CAY_EIO); /* replaces */
    assert_string_equal(cay_error_message(err), "later");
    cay_error_free(err);
}

static void wrapping_adds_context_in_front(void **state) {
    (void)state;
    cay_error_t *err = NULL;
    cay__error_set(&err, CAY_ENOTFOUND, "b.js");
    assert_int_equal(cay__error_wrap(&err, CAY_EIO, "import of %s", "a.js"), CAY_ENOTFOUND);
    assert_string_equal(cay_error_message(err), "import of a.js: b.js");
    cay_error_free(err);
    err = NULL;
    assert_int_equal(cay__error_wrap(&err, CAY_EIO, "x"), CAY_EIO);
    assert_null(err);
}

static void no_detail_is_fine(void **state) {
    (void)state;
    assert_int_equal(cay__error_set(NULL, CAY_EIO, "x"), CAY_EIO);
    assert_int_equal(cay__error_wrap(NULL, CAY_EIO, "x"), CAY_EIO);
    assert_int_equal(cay_error_code(NULL), 0);
    assert_string_equal(cay_error_message(NULL), "");
    cay_error_free(NULL);
}

static void out_of_memory_does_not_hide_the_code(void **state) {
    (void)state;
    int64_t before = cay__mem_live();
    for (uint64_t n = 1; n <= 4; n++) {
        cay_error_t *err = NULL;
        cay__mem_fail_at(n, false);
        assert_int_equal(cay__error_set(&err, CAY_EPERM, "read of %s", "x"), CAY_EPERM);
        assert_int_equal(cay__error_wrap(&err, CAY_EPERM, "open"), CAY_EPERM);
        assert_true(cay__mem_failed());
        cay__mem_fail_at(0, false);
        assert_true(!err || cay_error_code(err) == CAY_EPERM);
        assert_true(!err || strlen(cay_error_message(err)) > 0);
        cay_error_free(err);
        assert_int_equal(cay__mem_live(), before);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_name_text_and_class),
        cmocka_unit_test(a_detail_carries_code_and_message),
        cmocka_unit_test(wrapping_adds_context_in_front),
        cmocka_unit_test(no_detail_is_fine),
        cmocka_unit_test(out_of_memory_does_not_hide_the_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
