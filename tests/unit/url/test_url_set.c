/* SPDX-License-Identifier: MIT */
/* The API setters, and what happens to a URL when memory runs out at any point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "url/url.h"

typedef struct set_case {
    const char *href;
    const char *value;
    const char *after;
} set_case_t;

static cay_url_t *parsed(const char *href) {
    cay_url_t *u;
    assert_int_equal(cay__url_parse(href, strlen(href), NULL, &u, NULL), 0);
    return u;
}

static void check_all(cay_url_field_t field, const set_case_t *cases, size_t n) {
    for (size_t i = 0; i < n; i++) {
        cay_url_t *u = parsed(cases[i].href);
        assert_int_equal(cay__url_set(u, field, cases[i].value, strlen(cases[i].value), NULL), 0);
        assert_string_equal(u->href, cases[i].after);
        cay__url_free(u);
    }
}

#define CHECK_ALL(field, ...)                                                                      \
    do {                                                                                           \
        static const set_case_t cases_[] = {__VA_ARGS__};                                          \
        check_all(field, cases_, CAY_COUNT(cases_));                                               \
    } while (0)

static void the_protocol_changes_only_among_its_kind(void **state) {
    (void)state;
    CHECK_ALL(CAY_URL_PROTOCOL, {"http://h/", "https", "https://h/"},
              {"http://h/", "HTTPS:x", "https://h/"}, {"https://h:80/", "http", "http://h/"},
              {"http://h/", "x", "http://h/"}, {"x://h/", "http", "x://h/"},
              {"x://h/", "y", "y://h/"}, {"http://u@h/", "file", "http://u@h/"},
              {"http://h:8/", "file", "http://h:8/"}, {"file:///a", "http", "file:///a"},
              {"file://h/a", "http", "http://h/a"}, {"http://h/", "1", "http://h/"},
              {"http://h/", "", "http://h/"}, {"http://h/", "h\nttps", "https://h/"});
}

static void credentials_are_encoded_and_need_a_host(void **state) {
    (void)state;
    CHECK_ALL(CAY_URL_USERNAME, {"http://h/", "a b@:", "http://a%20b%40%3A@h/"},
              {"http://u:p@h/", "", "http://:p@h/"}, {"file://h/", "u", "file://h/"},
              {"x:a", "u", "x:a"}, {"x:///", "u", "x:///"},
              {"x://h", "\xff\t", "x://%EF%BF%BD%09@h"});
    CHECK_ALL(CAY_URL_PASSWORD, {"http://h/", "p", "http://:p@h/"},
              {"http://u:p@h/", "", "http://u@h/"}, {"x:/a", "p", "x:/a"});
}

static void the_host_takes_a_port_along(void **state) {
    (void)state;
    CHECK_ALL(CAY_URL_HOST, {"http://h/p", "i:8", "http://i:8/p"},
              {"http://h:8/", "i", "http://i:8/"}, {"http://h:8/", "i:80", "http://i/"},
              {"http://h/", "i:65536", "http://i/"}, {"http://h/", "i:8x", "http://i:8/"},
              {"http://h/", "i/x", "http://i/"}, {"http://h/", "i\\x", "http://i/"},
              {"http://h/", "", "http://h/"}, {"http://h/", "a b", "http://h/"},
              {"http://h/", "[::1]:9", "http://[::1]:9/"},
              {"http://h/", "0x7f.1", "http://127.0.0.1/"}, {"x://h/", "", "x:///"},
              {"x://u@h/", "", "x://u@h/"}, {"x:/p", "h", "x://h/p"}, {"x:/.//p", "h", "x://h//p"},
              {"x:p", "h", "x:p"}, {"file:///p", "h", "file://h/p"},
              {"file:///p", "h:8", "file:///p"}, {"file://h/p", "localhost", "file:///p"});
    CHECK_ALL(CAY_URL_HOSTNAME, {"http://h:8/", "i", "http://i:8/"},
              {"http://h:8/", "i:9", "http://h:8/"}, {"http://h/", ":9", "http://h/"},
              {"x:p", "h", "x:p"}, {"http://h/", "i?x", "http://i/"});
}

static void the_port_is_a_number_or_nothing(void **state) {
    (void)state;
    CHECK_ALL(CAY_URL_PORT, {"http://h/", "8", "http://h:8/"}, {"http://h:8/", "", "http://h/"},
              {"http://h:8/", "80", "http://h/"}, {"http://h/", "8x9", "http://h:8/"},
              {"http://h/", "x8", "http://h/"}, {"http://h:8/", "65536", "http://h:8/"},
              {"http://h/", "65535", "http://h:65535/"}, {"file://h/", "8", "file://h/"},
              {"x:a", "8", "x:a"}, {"http://h/", "\t8\n1", "http://h:81/"});
}

static void the_path_is_replaced_whole(void **state) {
    (void)state;
    CHECK_ALL(CAY_URL_PATHNAME, {"http://h/a?q", "b", "http://h/b?q"},
              {"http://h/a", "", "http://h/"}, {"http://h/a", "x/../y?#", "http://h/y%3F%23"},
              {"http://h/a", "\\b", "http://h/b"}, {"x://h/a", "", "x://h"},
              {"x://h/a", "\\b", "x://h/\\b"}, {"x:/a", "", "x:/"}, {"x:/a", "//b", "x:/.//b"},
              {"x:a", "b", "x:a"}, {"file:///C:/a", "/D|/b", "file:///D:/b"});
}

static void search_and_hash_come_and_go(void **state) {
    (void)state;
    CHECK_ALL(CAY_URL_SEARCH, {"http://h/#f", "q", "http://h/?q#f"},
              {"http://h/", "?q", "http://h/?q"}, {"http://h/", "??q", "http://h/??q"},
              {"http://h/?q", "", "http://h/"}, {"http://h/?q", "?", "http://h/?"},
              {"http://h/", "a#'b", "http://h/?a%23%27b"}, {"x:a", "'b", "x:a?'b"});
    CHECK_ALL(CAY_URL_HASH, {"http://h/", "f", "http://h/#f"}, {"http://h/", "#f", "http://h/#f"},
              {"http://h/#f", "", "http://h/"}, {"http://h/", "#", "http://h/#"},
              {"http://h/", "a`b#", "http://h/#a%60b#"}, {"data:,a", "b", "data:,a#b"});
}

static void a_bad_href_is_refused_and_changes_nothing(void **state) {
    (void)state;
    CHECK_ALL(CAY_URL_HREF, {"http://h/", "x:y", "x:y"});
    cay_url_t *u = parsed("http://h/");
    cay_error_t *err = NULL;
    assert_int_equal(cay__url_set_href(u, "nope", 4, &err), CAY_EFORMAT);
    assert_int_equal(cay_error_code(err), CAY_EFORMAT);
    assert_string_equal(u->href, "http://h/");
    cay_error_free(err);
    cay__url_free(u);
}

static void a_clone_lives_on_its_own(void **state) {
    (void)state;
    cay_url_t *u = parsed("http://h/a"), *copy;
    assert_int_equal(cay__url_clone(u, &copy), 0);
    assert_int_equal(cay__url_set_hash(u, "x", 1, NULL), 0);
    cay__url_free(u);
    assert_string_equal(copy->href, "http://h/a");
    cay__url_free(copy);
}

static const char *const sweep_base = "http://u:p@h:8/a/b?q#f";

/* One use of everything that allocates; the first failure, or 0. */
static int use_all(const cay_url_t *base) {
    cay_url_t *u = NULL, *copy = NULL;
    char *origin = NULL;
    cay_error_t *err = NULL;
    const char *in = "//w:x@b\xc3\xbc"
                     "cher.de:99/\xff/../c d?e'f#g";
    int rc = cay__url_parse(in, strlen(in), base, &u, &err);
    for (int f = CAY_URL_HREF; rc == 0 && f <= CAY_URL_HASH; f++) {
        static const char *const values[] = {"https://z/", "wss",  "n\xff",  "o", "i.de:7",
                                             "[1::2]",     "\n91", "/p\t/q", "r", "s"};
        rc = cay__url_set(u, (cay_url_field_t)f, values[f], strlen(values[f]), &err);
    }
    if (rc == 0) {
        rc = cay__url_clone(u, &copy);
    }
    if (rc == 0) {
        rc = cay__url_set_href(copy, "blob:http://h/x", 15, &err);
    }
    if (rc == 0) {
        rc = cay__url_origin(copy, &origin);
    }
    if (rc == 0) {
        assert_string_equal(u->href, "wss://n%EF%BF%BD:o@[1::2]:91/p/q?r#s");
        assert_string_equal(origin, "http://h");
    }
    cay__free(origin);
    cay_error_free(err);
    cay__url_free(copy);
    cay__url_free(u);
    return rc;
}

static void running_out_of_memory_anywhere_is_told_and_leaks_nothing(void **state) {
    (void)state;
    cay_url_t *base = parsed(sweep_base);
    assert_int_equal(use_all(base), 0);
    int64_t live = cay__mem_live();
    for (uint64_t n = 1;; n++) {
        cay__mem_fail_at(n, false);
        int rc = use_all(base);
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_int_equal(cay__mem_live(), live);
        if (!failed) {
            assert_int_equal(rc, 0);
            assert_true(n > 50);
            break;
        }
        assert_int_equal(rc, CAY_ENOMEM);
    }
    assert_string_equal(base->href, sweep_base);
    cay__url_free(base);
}

static void a_setter_out_of_memory_leaves_the_url_as_it_was(void **state) {
    (void)state;
    for (int f = CAY_URL_HREF; f <= CAY_URL_HASH; f++) {
        for (uint64_t n = 1;; n++) {
            cay_url_t *u = parsed(sweep_base);
            cay__mem_fail_at(n, false);
            int rc = cay__url_set(u, (cay_url_field_t)f, "https://i/", 10, NULL);
            bool failed = cay__mem_failed();
            cay__mem_fail_at(0, false);
            if (failed) {
                assert_int_equal(rc, CAY_ENOMEM);
                assert_string_equal(u->href, sweep_base);
            }
            cay__url_free(u);
            if (!failed) {
                break;
            }
        }
    }
}

static void a_refusal_out_of_memory_is_never_a_success(void **state) {
    (void)state;
    for (uint64_t n = 1;; n++) {
        cay_url_t *u;
        cay_error_t *err = NULL;
        cay__mem_fail_at(n, false);
        int rc = cay__url_parse("http://a\nb c/", 13, NULL, &u, &err);
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_true(rc == CAY_EFORMAT || (failed && rc == CAY_ENOMEM));
        assert_null(u);
        cay_error_free(err);
        if (!failed) {
            break;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_protocol_changes_only_among_its_kind),
        cmocka_unit_test(credentials_are_encoded_and_need_a_host),
        cmocka_unit_test(the_host_takes_a_port_along),
        cmocka_unit_test(the_port_is_a_number_or_nothing),
        cmocka_unit_test(the_path_is_replaced_whole),
        cmocka_unit_test(search_and_hash_come_and_go),
        cmocka_unit_test(a_bad_href_is_refused_and_changes_nothing),
        cmocka_unit_test(a_clone_lives_on_its_own),
        cmocka_unit_test(running_out_of_memory_anywhere_is_told_and_leaks_nothing),
        cmocka_unit_test(a_setter_out_of_memory_leaves_the_url_as_it_was),
        cmocka_unit_test(a_refusal_out_of_memory_is_never_a_success),
    };
    return cmocka_run_group_tests_name("url_set", tests, NULL, NULL);
}
