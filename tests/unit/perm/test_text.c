/* SPDX-License-Identifier: MIT */
/* The text form: what is refused and how that is told, what comes back when it is printed, bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "malformed.h"
#include "perm_test.h"

static char *printed(const cay_permissions_t *set) {
    char *text;
    assert_int_equal(cay_permissions_print(set, &text), 0);
    return text;
}

static void what_is_printed_has_one_spelling(void **state) {
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", ""},
        {"all", "read;write;net=*,0.0.0.0/0,::/0;env;import=*,0.0.0.0/0,::/"
                "0;sys;eval;wasm;shared-memory;fine-clock"},
        {"net;deny-net;import", "net=*;deny-net;import=*"},
        {"wasm;read=/b,/a", "read=/b,/a;wasm"},
        {"read=/a;read=/b;read=/a", "read=/a,/b"},
        {"read=/a;read", "read;read=/a"},
        {"deny-read=/x;read", "read;deny-read=/x"},
        {"deny-env;env=A", "env=A;deny-env"},
        {"read=/a//b/../c/", "read=/a/c"},
        {"read=/a%2cb,/c%3bd,/e%25f", "read=/a%2Cb,/c%3Bd,/e%25f"},
        {"read=/a=b", "read=/a=b"},
        {"net=Example.COM.:80", "net=example.com:80"},
        {"net=*.Example.COM.", "net=*.example.com"},
        {"net=0x7f.1:80,[::1]:80,::1,[::1]", "net=127.0.0.1:80,[::1]:80,::1"},
        {"net=10.0.0.0/8,10.0.0.1/32,2001:db8::/32,2001:db8::/128",
         "net=10.0.0.0/8,10.0.0.1,2001:db8::/32,2001:db8::"},
        {"net=[2001:db8::/32]:443,10.0.0.0/8:443,*:443",
         "net=[2001:db8::/32]:443,10.0.0.0/8:443,*:443"},
        {"net=::ffff:1.2.3.4,::ffff:0:0/96", "net=1.2.3.4,0.0.0.0/0"},
        {"net=::1.2.3.4,64:ff9b::1.2.3.4", "net=::1.2.3.4,64:ff9b::102:304"},
        {"net=b\xc3\xbc"
         "cher.example",
         "net=xn--bcher-kva.example"},
        {"env=*", "env"},
        {"env=A*,B", "env=A*,B"},
        {"import=*.a;net=*.a", "net=*.a;import=*.a"},
        {"sys=os,hostname", "sys=os,hostname"},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        cay_permissions_t *set = parsed(cases[i].text);
        char *text = printed(set);
        assert_string_equal(text, cases[i].expected);
        cay__free(text);
        cay_permissions_free(set);
    }
}

static void random_sets_come_back_from_their_text(void **state) {
    (void)state;
    chance_t c = {1};
    for (int i = 0; i < 20000; i++) {
        cay_buf_t text = CAY_BUF_INIT;
        random_set(&c, &text);
        char *first = cay__buf_take_str(&text);
        cay_permissions_t *set = parsed(first);
        char *second = printed(set);
        cay_permissions_t *again = parsed(second);
        char *third = printed(again);
        assert_string_equal(second, third);
        question_t q;
        cay_verdict_t v, w;
        for (int k = 0; k < 8; k++) {
            random_question(&c, &q);
            cay__perm_check(set, &q.ask, &v);
            cay__perm_check(again, &q.ask, &w);
            assert_int_equal(v.granted, w.granted);
            assert_int_equal(v.rule != NULL, w.rule != NULL);
        }
        cay__free(first);
        cay__free(second);
        cay__free(third);
        cay_permissions_free(set);
        cay_permissions_free(again);
    }
}

static void values_with_any_bytes_come_back(void **state) {
    (void)state;
    chance_t c = {7};
    for (int i = 0; i < 2000; i++) {
        static const char bytes[] = "%,;=25CB3/.a\x01\n\x7f\xff\xc3\xa9\"\\ ";
        char value[32] = "/";
        size_t len = 1 + chance_below(&c, sizeof value - 2);
        for (size_t k = 1; k < len; k++) {
            value[k] = bytes[chance_below(&c, sizeof bytes - 1)];
        }
        value[len] = 0;
        cay_permissions_t *set;
        assert_int_equal(cay_permissions_new(&set), 0);
        assert_int_equal(cay_permissions_allow(set, CAY_KIND_READ, value, NULL), 0);
        char *text = printed(set), *path = cay__perm_path(value, len, "/");
        cay_permissions_t *again = parsed(text);
        cay_verdict_t v;
        cay_ask_t ask = {CAY_KIND_READ, path, strlen(path), 0, NULL};
        assert_true(cay__perm_check(again, &ask, &v));
        assert_string_equal(cay__rule_path(v.rule), path);
        cay__free(text);
        cay__free(path);
        cay_permissions_free(set);
        cay_permissions_free(again);
    }
}

static void malformed_text_is_refused_and_named(void **state) {
    (void)state;
    for (size_t i = 0; i < CAY_COUNT(wrong); i++) {
        cay_error_t *err = NULL;
        cay_permissions_t *set = (cay_permissions_t *)&err;
        int rc = cay_permissions_parse(wrong[i].text, &set, &err);
        if (!wrong[i].entry) { /* looks wrong, and is not */
            assert_int_equal(rc, 0);
            cay_permissions_free(set);
            continue;
        }
        const char *message = cay_error_message(err);
        if (rc != CAY_EINVAL || !strstr(message, wrong[i].entry) ||
            !strstr(message, wrong[i].why)) {
            fail_msg("\"%s\": %d \"%s\"", wrong[i].text, rc, message);
        }
        assert_null(set);
        assert_int_equal(cay_error_code(err), CAY_EINVAL);
        cay_error_free(err);
        assert_int_equal(cay_permissions_parse(wrong[i].text, &set, NULL), CAY_EINVAL);
    }
}

static void a_value_alone_is_refused_and_named(void **state) {
    (void)state;
    static const struct {
        cay_kind_t kind;
        const char *value, *entry;
    } cases[] = {
        {CAY_KIND_READ, "", "\"read=\""},
        {CAY_KIND_WRITE, "x", "\"write=x\""},
        {CAY_KIND_NET, "http://x", "\"net=http://x\""},
        {CAY_KIND_IMPORT, "a/b", "\"import=a/b\""},
        {CAY_KIND_ENV, "", "\"env=\""},
        {CAY_KIND_SYS, "x", "\"sys=x\""},
        {CAY_KIND_EVAL, "x", "\"eval=x\""},
        {CAY_KIND_WASM, "", "\"wasm=\""},
    };
    cay_permissions_t *set;
    assert_int_equal(cay_permissions_new(&set), 0);
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        cay_error_t *err = NULL;
        assert_int_equal(cay_permissions_allow(set, cases[i].kind, cases[i].value, &err),
                         CAY_EINVAL);
        assert_non_null(strstr(cay_error_message(err), cases[i].entry));
        cay_error_free(err);
    }
    cay_error_t *err = NULL;
    assert_int_equal(cay_permissions_allow(set, 10, NULL, &err), CAY_EINVAL);
    assert_int_equal(cay_permissions_deny(set, 0xffffffff, "x", &err), CAY_EINVAL);
    assert_int_equal(cay_permissions_deny(set, CAY_KIND_EVAL, NULL, &err), CAY_EINVAL);
    assert_non_null(strstr(cay_error_message(err), "\"deny-eval\""));
    cay_error_free(err);
    char *text = printed(set);
    assert_string_equal(text, "");
    cay__free(text);
    cay_permissions_free(set);
}

static void a_value_alone_is_not_escaped(void **state) {
    (void)state;
    cay_permissions_t *set;
    assert_int_equal(cay_permissions_new(&set), 0);
    assert_int_equal(cay_permissions_allow(set, CAY_KIND_READ, "/a%2Cb,c;d", NULL), 0);
    assert_int_equal(cay_permissions_allow(set, CAY_KIND_NET, NULL, NULL), 0);
    assert_int_equal(cay_permissions_allow(set, CAY_KIND_EVAL, NULL, NULL), 0);
    assert_int_equal(cay_permissions_deny(set, CAY_KIND_READ, "/a%2Cb,c;d/e", NULL), 0);
    char *text = printed(set);
    assert_string_equal(text, "read=/a%252Cb%2Cc%3Bd;deny-read=/a%252Cb%2Cc%3Bd/e;net=*;eval");
    cay__free(text);
    cay_permissions_free(set);
}

static void long_values_are_cut_in_messages(void **state) {
    (void)state;
    char text[6000] = "read=";
    cay_permissions_t *set;
    cay_error_t *err = NULL;
    memset(text + 5, 'x', sizeof text - 6);
    assert_int_equal(cay_permissions_parse(text, &set, &err), CAY_EINVAL);
    assert_true(strlen(cay_error_message(err)) < 400);
    assert_non_null(strstr(cay_error_message(err), "longer than 4095 bytes"));
    text[5] = '/';
    text[5 + 4095] = 0;
    cay_error_free(err);
    assert_int_equal(cay_permissions_parse(text, &set, NULL), 0);
    cay_permissions_free(set);
    memset(text, 'x', sizeof text - 1);
    err = NULL;
    assert_int_equal(cay_permissions_parse(text, &set, &err), CAY_EINVAL);
    assert_true(strlen(cay_error_message(err)) < 400);
    cay_error_free(err);
}

static void rules_and_text_are_bounded(void **state) {
    (void)state;
    cay_permissions_t *set;
    cay_error_t *err = NULL;
    cay_buf_t text = CAY_BUF_INIT;
    cay__buf_str(&text, "env=A");
    for (int i = 1; i < 10000; i++) {
        cay__buf_printf(&text, ",V%d", i);
    }
    char *most = cay__buf_take_str(&text);
    assert_int_equal(cay_permissions_parse(most, &set, NULL), 0);
    char *back = printed(set);
    assert_string_equal(back, most);
    assert_int_equal(cay_permissions_allow(set, CAY_KIND_ENV, "V1", NULL), 0); /* there already */
    assert_int_equal(cay_permissions_allow(set, CAY_KIND_ENV, "W", &err), CAY_ELIMIT);
    cay_error_free(err);
    cay_permissions_free(set);
    char *more = cay__asprintf("%s;wasm", most);
    err = NULL;
    assert_int_equal(cay_permissions_parse(more, &set, &err), CAY_ELIMIT);
    assert_non_null(strstr(cay_error_message(err), "\"wasm\""));
    cay_error_free(err);
    cay__free(most);
    cay__free(back);
    cay__free(more);

    size_t size = (1 << 20) + 1;
    char *large = cay__malloc(size + 1);
    memset(large, 'x', size);
    large[size] = 0;
    err = NULL;
    assert_int_equal(cay_permissions_parse(large, &set, &err), CAY_ELIMIT);
    cay_error_free(err);
    large[size - 1] = 0;
    assert_int_equal(cay_permissions_parse(large, &set, NULL), CAY_EINVAL);
    cay__free(large);
}

/* What was printed can be read again, however much the escapes take. */
static void the_largest_set_comes_back(void **state) {
    (void)state;
    cay_permissions_t *set, *again;
    char value[4096] = "/";
    int rc = 0;
    assert_int_equal(cay_permissions_new(&set), 0);
    memset(value + 1, ',', sizeof value - 2);
    for (int i = 0; rc == 0; i++) {
        snprintf(value + 1, 16, "%06d", i);
        value[7] = ',';
        rc = cay_permissions_allow(set, i % 2 ? CAY_KIND_READ : CAY_KIND_WRITE, value, NULL);
    }
    assert_int_equal(rc, CAY_ELIMIT);
    char *text = printed(set);
    assert_true(strlen(text) > 900000 && strlen(text) <= 1 << 20);
    assert_int_equal(cay_permissions_parse(text, &again, NULL), 0);
    cay__free(text);
    cay_permissions_free(set);
    cay_permissions_free(again);
}

static void null_and_empty_text_grant_nothing(void **state) {
    (void)state;
    cay_permissions_t *set;
    assert_int_equal(cay_permissions_parse(NULL, &set, NULL), 0);
    char *text = printed(set);
    assert_string_equal(text, "");
    cay__free(text);
    cay_permissions_free(set);
    cay_permissions_free(NULL);
}

static void kinds_have_names(void **state) {
    (void)state;
    for (cay_kind_t kind = 0; kind < CAY_KIND_COUNT; kind++) {
        cay_permissions_t *set = parsed(cay_kind_name(kind));
        char *text = printed(set);
        bool net = kind == CAY_KIND_NET || kind == CAY_KIND_IMPORT;
        assert_memory_equal(text, cay_kind_name(kind), strlen(cay_kind_name(kind)));
        assert_string_equal(text + strlen(cay_kind_name(kind)), net ? "=*" : "");
        cay__free(text);
        cay_permissions_free(set);
    }
    assert_null(cay_kind_name(CAY_KIND_COUNT));
    assert_null(cay_kind_name(0xffffffff));
}

static const char sweep_text[] = "all;read=/a/b,/c%2Cd;deny-read=/a/b/c;net=*.b\xc3\xbc"
                                 "cher.example:80,10.0.0.0/8;env=A*,B";

/* Parse, copy, print: any one allocation fails, then all that follow. */
static void failed_allocations_leave_nothing(void **state) {
    (void)state;
    cay_permissions_free(parsed(sweep_text)); /* what is made once is there */
    for (int every = 0; every < 2; every++) {
        int64_t live = cay__mem_live();
        for (uint64_t n = 1;; n++) {
            cay_permissions_t *set = NULL, *copy = NULL;
            cay_error_t *err = NULL;
            char *text = NULL;
            cay__mem_fail_at(n, every);
            int rc = cay_permissions_parse(sweep_text, &set, &err);
            rc = rc ? rc : cay_permissions_copy(set, &copy);
            rc = rc ? rc : cay_permissions_deny(copy, CAY_KIND_READ, "/x/y", &err);
            rc = rc ? rc : cay_permissions_print(copy, &text);
            bool failed = cay__mem_failed();
            cay__mem_fail_at(0, false);
            assert_true(rc == (failed ? CAY_ENOMEM : 0));
            cay__free(text);
            cay_permissions_free(set);
            cay_permissions_free(copy);
            cay_error_free(err);
            assert_int_equal(cay__mem_live(), live);
            if (!failed) {
                break;
            }
        }
    }
}

/* The code is told also when there is no memory for the message. */
static void failed_allocations_do_not_hide_what_is_wrong(void **state) {
    (void)state;
    static const char *const texts[] = {"reed", "net=a b", "net=10.0.0.1/8", "read=x", "env=A*B"};
    for (size_t i = 0; i < CAY_COUNT(texts); i++) {
        int64_t live = cay__mem_live();
        for (uint64_t n = 1;; n++) {
            cay_permissions_t *set;
            cay_error_t *err = NULL;
            cay__mem_fail_at(n, true);
            int rc = cay_permissions_parse(texts[i], &set, &err);
            bool failed = cay__mem_failed();
            cay__mem_fail_at(0, false);
            assert_true(rc == CAY_EINVAL || (failed && rc == CAY_ENOMEM));
            assert_null(set);
            cay_error_free(err);
            assert_int_equal(cay__mem_live(), live);
            if (!failed) {
                break;
            }
        }
    }
}

/* As the text NULL is. */
static void a_null_set_grants_nothing(void **state) {
    (void)state;
    char *text = NULL;
    cay_permissions_t *copy = NULL, *some = parsed("read=/a");
    cay_grant_t grant = CAY_GRANT_GRANTED;
    assert_int_equal(cay_permissions_print(NULL, &text), 0);
    assert_string_equal(text, "");
    cay__free(text);
    assert_int_equal(cay_permissions_copy(NULL, &copy), 0);
    assert_int_equal(cay_permissions_allow(copy, CAY_KIND_WASM, NULL, NULL), 0);
    assert_int_equal(cay_permissions_query(copy, CAY_KIND_WASM, NULL, &grant, NULL), 0);
    assert_int_equal(grant, CAY_GRANT_GRANTED);
    assert_int_equal(cay_permissions_query(NULL, CAY_KIND_WASM, NULL, &grant, NULL), 0);
    assert_int_equal(grant, CAY_GRANT_DENIED);
    assert_int_equal(cay_permissions_query(NULL, CAY_KIND_READ, "/a", &grant, NULL), 0);
    assert_int_equal(grant, CAY_GRANT_DENIED);
    assert_int_equal(cay_permissions_query(NULL, CAY_KIND_NET, NULL, &grant, NULL), 0);
    assert_int_equal(grant, CAY_GRANT_DENIED);
    assert_int_equal(cay_permissions_subset(NULL, NULL, NULL), 0);
    assert_int_equal(cay_permissions_subset(NULL, some, NULL), 0);
    assert_int_equal(cay_permissions_subset(some, NULL, NULL), CAY_EPERM);
    cay_permissions_free(copy);
    cay_permissions_free(some);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_printed_has_one_spelling),
        cmocka_unit_test(random_sets_come_back_from_their_text),
        cmocka_unit_test(values_with_any_bytes_come_back),
        cmocka_unit_test(malformed_text_is_refused_and_named),
        cmocka_unit_test(a_value_alone_is_refused_and_named),
        cmocka_unit_test(a_value_alone_is_not_escaped),
        cmocka_unit_test(long_values_are_cut_in_messages),
        cmocka_unit_test(rules_and_text_are_bounded),
        cmocka_unit_test(the_largest_set_comes_back),
        cmocka_unit_test(null_and_empty_text_grant_nothing),
        cmocka_unit_test(a_null_set_grants_nothing),
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test(failed_allocations_leave_nothing),
        cmocka_unit_test(failed_allocations_do_not_hide_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
