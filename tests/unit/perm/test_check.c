/* SPDX-License-Identifier: MIT */
/* Checks of concrete values, from the table of check_cases.h, and what a verdict tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "check_cases.h"
#include "perm_test.h"

static outcome_t outcome_of(const check_case_t *c) {
    cay_permissions_t *set = parsed(c->set);
    cay_addr_t addr;
    cay_verdict_t v;
    if (c->addr) {
        assert_true(cay__addr_parse(c->addr, strlen(c->addr), &addr));
    }
    cay_ask_t ask = {c->kind, c->value, strlen(c->value), c->port, c->addr ? &addr : NULL};
    bool granted = cay__perm_check(set, &ask, &v);
    assert_int_equal(granted, v.granted);
    assert_true(!granted || v.rule);
    assert_true(!v.special || (!granted && !v.rule));
    cay_permissions_free(set);
    return granted ? YES : v.rule ? DENIED : NO;
}

static void each_case_of_the_table_has_its_outcome(void **state) {
    (void)state;
    static const char *const names[] = {"not granted", "granted", "denied"};
    unsigned wrong = 0;
    assert_true(CAY_COUNT(check_cases) >= 300);
    for (size_t i = 0; i < CAY_COUNT(check_cases); i++) {
        const check_case_t *c = &check_cases[i];
        outcome_t got = outcome_of(c);
        if (got != c->expected) {
            const char *kind = cay_kind_name(c->kind);
            fprintf(stderr, "case %zu: \"%s\": %s \"%s\" port %d address %s: %s, not %s\n", i,
                    c->set, kind ? kind : "?", c->value, c->port, c->addr ? c->addr : "-",
                    names[got], names[c->expected]);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void a_value_with_a_nul_is_never_granted(void **state) {
    (void)state;
    static const struct {
        cay_kind_t kind;
        const char *value; /* refused with its NUL, granted up to it */
        size_t len, granted_len;
    } cases[] = {
        {CAY_KIND_READ, "/data\0/x", 8, 5},
        {CAY_KIND_ENV, "A\0B", 3, 1},
        {CAY_KIND_NET, "a.test\0.evil.example", 20, 6},
        {CAY_KIND_NET, "8.8.8.8\0", 8, 7},
    };
    cay_permissions_t *set = parsed("read;env;deny-env=SECRET;net=*");
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        cay_verdict_t v;
        cay_ask_t ask = {cases[i].kind, cases[i].value, cases[i].len, 80, NULL};
        assert_false(cay__perm_check(set, &ask, &v));
        ask.len = cases[i].granted_len;
        assert_true(cay__perm_check(set, &ask, &v));
    }
    cay_permissions_free(set);
}

/* The rule that decided, printed. */
static void decides(const char *text, const cay_ask_t *ask, const char *rule) {
    cay_permissions_t *set = parsed(text);
    cay_verdict_t v;
    cay_buf_t out = CAY_BUF_INIT;
    cay__perm_check(set, ask, &v);
    assert_non_null(v.rule);
    cay__rule_print(v.rule, &out);
    char *got = cay__buf_take_str(&out);
    assert_string_equal(got, rule);
    cay__free(got);
    cay_permissions_free(set);
}

static void the_verdict_tells_the_rule_that_decided(void **state) {
    (void)state;
    cay_addr_t ten, public;
    assert_true(cay__addr_parse("10.0.0.1", 8, &ten) && cay__addr_parse("8.8.8.8", 7, &public));
    cay_ask_t path = {CAY_KIND_READ, "/data/a/b", 9, 0, NULL};
    decides("read=/data", &path, "read=/data");
    decides("read;read=/data", &path, "read=/data");
    decides("read=/data/a,/data", &path, "read=/data/a");
    decides("read=/data,/data/a,/", &path, "read=/data/a");
    decides("read;deny-read=/data/a", &path, "deny-read=/data/a");
    decides("read", &path, "read");
    cay_ask_t host = {CAY_KIND_NET, "a.corp", 6, 443, &ten};
    decides("net=*.corp,10.0.0.0/8:443", &host, "net=10.0.0.0/8:443");
    decides("net=*.corp;deny-net=10.0.0.0/8", &host, "deny-net=10.0.0.0/8");
    host.addr = &public;
    decides("net=10.0.0.0/8,*.corp:443", &host, "net=*.corp:443");
    cay_ask_t env = {CAY_KIND_ENV, "LC_ALL", 6, 0, NULL};
    decides("env=LC_*", &env, "env=LC_*");
    cay_ask_t comma = {CAY_KIND_READ, "/a,b;c%d", 8, 0, NULL};
    decides("read=/a%2Cb%3Bc%25d", &comma, "read=/a%2Cb%3Bc%25d");
}

static void a_special_address_is_told_by_its_class(void **state) {
    (void)state;
    cay_permissions_t *set = parsed("net=*;deny-net=10.0.0.1");
    cay_verdict_t v;
    cay_ask_t ask = {CAY_KIND_NET, "127.0.0.1", 9, 80, NULL};
    assert_false(cay__perm_check(set, &ask, &v));
    assert_string_equal(v.special, "loopback");
    assert_null(v.rule);
    ask.value = "[::ffff:a9fe:a9fe]";
    ask.len = strlen(ask.value);
    assert_false(cay__perm_check(set, &ask, &v));
    assert_string_equal(v.special, "metadata");
    ask.value = "10.0.0.1";
    ask.len = 8;
    assert_false(cay__perm_check(set, &ask, &v));
    assert_null(v.special);
    assert_non_null(v.rule);
    cay_permissions_free(set);
}

static void checks_take_no_memory(void **state) {
    (void)state;
    for (size_t i = 0; i < CAY_COUNT(check_cases); i++) {
        const check_case_t *c = &check_cases[i];
        cay_permissions_t *set = parsed(c->set);
        cay_ask_t ask = {c->kind, c->value, strlen(c->value), c->port, NULL};
        cay_verdict_t v;
        int64_t live = cay__mem_live();
        cay__mem_fail_at(1, true);
        cay__perm_check(set, &ask, &v);
        bool asked = cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_false(asked);
        assert_int_equal(cay__mem_live(), live);
        cay_permissions_free(set);
    }
}

static void paths_are_normalised_as_text(void **state) {
    (void)state;
    static const struct {
        const char *path, *cwd, *expected;
    } cases[] = {
        {"/a/b", "/x", "/a/b"},    {"/", "/x", "/"},           {"", "/x/y", "/x/y"},
        {".", "/x", "/x"},         {"..", "/x", "/"},          {"..", "/", "/"},
        {"../..", "/x", "/"},      {"a", "/", "/a"},           {"a", "/x/", "/x/a"},
        {"a//b/", "/x", "/x/a/b"}, {"./a/../b", "/x", "/x/b"}, {"/../a", "/x", "/a"},
        {"/a/./.", "/", "/a"},     {"...", "/x", "/x/..."},    {"..a", "/x", "/x/..a"},
        {"a/..", "/", "/"},        {"//", "/", "/"},           {"a", "/x/../y//z/.", "/y/z/a"},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        char *got = cay__perm_path(cases[i].path, strlen(cases[i].path), cases[i].cwd);
        assert_string_equal(got, cases[i].expected);
        cay__free(got);
    }
    char *cut = cay__perm_path("a\0/../../b", 10, "/x");
    assert_string_equal(cut, "/x/a");
    cay__free(cut);
    cay__mem_fail_at(1, false);
    assert_null(cay__perm_path("a", 1, "/"));
    cay__mem_fail_at(0, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_of_the_table_has_its_outcome),
        cmocka_unit_test(a_value_with_a_nul_is_never_granted),
        cmocka_unit_test(the_verdict_tells_the_rule_that_decided),
        cmocka_unit_test(a_special_address_is_told_by_its_class),
        cmocka_unit_test(checks_take_no_memory),
        cmocka_unit_test(paths_are_normalised_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
