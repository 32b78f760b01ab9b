/* SPDX-License-Identifier: MIT */
/* Digests as lock files, cache entries and integrity metadata write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loader/digest.h"

/* FIPS 180-4 examples: of "abc". */
#define ABC256 "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
#define ABC384 "sha384-ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn"
#define ABC512                                                                                     \
    "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05o"                                           \
    "hkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw=="

static void known_digests(void **state) {
    (void)state;
    char sri[CAY_SRI_SIZE], hex[CAY_HEX_SIZE];
    assert_int_equal(cay__sri_sha256("abc", 3, sri), 0);
    assert_string_equal(sri, ABC256);
    assert_int_equal(cay__sri_sha256("", 0, sri), 0);
    assert_string_equal(sri, "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    assert_int_equal(cay__hex_sha256("abc", 3, hex), 0);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void the_form_of_a_digest(void **state) {
    (void)state;
    assert_true(cay__sri_is_sha256(ABC256));
    static const char *const bad[] = {"",
                                      "sha256-",
                                      "sha256",
                                      ABC256 " ",
                                      " " ABC256,
                                      ABC256 "=",
                                      ABC384,
                                      "SHA256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
                                      "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0A",
                                      "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa==",
                                      "sha256-ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0=",
                                      "sha256-ungWv48Bz pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (cay__sri_is_sha256(bad[i])) {
            fail_msg("%s", bad[i]);
        }
    }
}

static void metadata_is_read(void **state) {
    (void)state;
    static const char *const good[] = {ABC256,
                                       ABC384,
                                       ABC512,
                                       " \t\n" ABC256 "\r\f",
                                       ABC256 " " ABC512,
                                       ABC256 "?a=b&c",
                                       "sha256-ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0="};
    static const char *const bad[] = {"",           " ",          "md5-kAFQmDzST7DWlj99KOF/cg==",
                                      "sha256-abc", ABC256 "x",   ABC256 " sha1-x",
                                      "x " ABC256,  "?" ABC256,   "sha384-" ABC256,
                                      ABC256 ",",   ABC256 ABC384};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(cay__sri_parse(good[i], NULL), 0);
        assert_int_equal(cay__sri_check(good[i], "abc", 3, NULL), 0);
        assert_int_equal(cay__sri_check(good[i], "abd", 3, NULL), CAY_EPERM);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (cay__sri_parse(bad[i], NULL) != CAY_EINVAL) {
            fail_msg("\"%s\"", bad[i]);
        }
    }
}

static void only_the_strongest_kind_counts(void **state) {
    (void)state;
    static const char other512[] = "sha512-AAAAoZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05o"
                                   "hkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==";
    char text[400];
    strcpy(text, ABC256 " ");
    strcat(text, other512);
    cay_error_t *err = NULL;
    assert_int_equal(cay__sri_check(text, "abc", 3, &err), CAY_EPERM);
    assert_non_null(strstr(cay_error_message(err), other512));
    assert_non_null(strstr(cay_error_message(err), ABC512));
    cay_error_free(err);
    strcat(text, " " ABC512);
    assert_int_equal(cay__sri_check(text, "abc", 3, NULL), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_digests),
        cmocka_unit_test(the_form_of_a_digest),
        cmocka_unit_test(metadata_is_read),
        cmocka_unit_test(only_the_strongest_kind_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
