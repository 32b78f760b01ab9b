/* SPDX-License-Identifier: MIT */
/* The subset test: cases, its messages, and that it is never wrong about what it accepts. Queries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "perm_test.h"

/* Every name and every address. */
#define ANY "net=*,0.0.0.0/0,::/0"

static const struct {
    const char *child, *parent;
    const char *refused; /* a piece of the message; NULL: accepted */
} cases[] = {
    {"", "", NULL},
    {"", "all", NULL},
    {"all", "all", NULL},
    {"deny-read=/x;deny-net", "", NULL},
    {"wasm", "wasm", NULL},
    {"wasm", "eval", "wasm: the parent does not grant it"},
    {"eval;wasm", "eval", "wasm:"},

    {"read=/a", "read=/a", NULL},
    {"read=/a/b", "read=/a", NULL},
    {"read=/a", "read", NULL},
    {"read=/a", "read=/", NULL},
    {"read", "read=/", NULL},
    {"read=/", "read", NULL},
    {"read=/ab", "read=/a", "read=/ab: the parent does not grant it"},
    {"read=/", "read=/a", "read=/:"},
    {"read", "read=/a,/b", "read: the parent does not grant it"},
    {"read=/a", "write=/a", "read=/a:"},
    {"read=/a", "", "read=/a:"},
    {"read=/a/b,/c", "read=/a", "read=/c:"},
    {"read=/a;deny-read=/a", "", NULL},
    {"read=/a;deny-read=/", "", NULL},
    {"read=/a;deny-read=/a/b", "", "read=/a:"},
    {"read=/proc", "read", "read=/proc:"},
    {"read=/proc/self", "read=/", "read=/proc/self:"},
    {"read=/proc/self", "read=/proc", NULL},
    {"read=/proc", "read=/proc/self", "read=/proc:"},
    {"read=/a", "read=/a;deny-read=/a/b", "the parent has deny-read=/a/b, the child has not"},
    {"read=/a;deny-read=/a/b", "read=/a;deny-read=/a/b", NULL},
    {"read=/a;deny-read=/a/b", "read=/a;deny-read=/a/b/c", NULL},
    {"read=/a;deny-read=/a/b/c", "read=/a;deny-read=/a/b", "deny-read=/a/b,"},
    {"read=/a/b", "read=/a;deny-read=/a", "deny-read=/a,"},
    {"read=/a/x", "read=/a;deny-read=/a/b", NULL},
    {"read=/a", "read;deny-read", "deny-read,"},
    {"read", "read;deny-read=/a", "deny-read=/a,"},
    {"read;deny-read=/a", "read;deny-read=/a", NULL},

    {"env=A", "env", NULL},
    {"env=A", "env=A*", NULL},
    {"env=A*", "env=A*", NULL},
    {"env=AB*", "env=A*", NULL},
    {"env=A*", "env=AB*", "env=A*:"},
    {"env=A*", "env=A", "env=A*:"},
    {"env", "env=A*", "env:"},
    {"env=*", "env", NULL},
    {"env", "env=*", NULL},
    {"env=A*", "env;deny-env=AB", "deny-env=AB,"},
    {"env=A*;deny-env=AB*", "env;deny-env=AB", NULL},
    {"env=B*", "env;deny-env=AB", NULL},
    {"env=AB", "env;deny-env=A*", "deny-env=A*,"},

    {"sys=os", "sys", NULL},
    {"sys", "sys=os", "sys:"},
    {"sys=os", "sys=cpus", "sys=os:"},
    {"sys", "sys;deny-sys=os", "deny-sys=os,"},

    {"net=a", "net=a", NULL},
    {"net=a", "net=*", NULL},
    {"net=a", "net", NULL},
    {"net=a", "import=a", "net=a:"},
    {"import=a:443", "import=*:443", NULL},
    {"net=a:80", "net=a", NULL},
    {"net=a", "net=a:80", "net=a:"},
    {"net=a:81", "net=a:80", "net=a:81:"},
    {"net=b.a", "net=*.a", NULL},
    {"net=a", "net=*.a", "net=a:"},
    {"net=*.a", "net=a", "net=*.a:"},
    {"net=*.b.a", "net=*.a", NULL},
    {"net=*.a", "net=*.b.a", "net=*.a:"},
    {"net=*", "net=*.a", "net=*:"},
    {"net=*", "net=*", NULL},
    {"net", "net=*", NULL},
    {"net=*", "net", NULL},
    {"net", "net=*:80,0.0.0.0/0,::/0", "net=*:"},
    {ANY, "net", "net=0.0.0.0/0:"},
    {ANY, ANY, NULL},
    {"all", "read;write;net;env;import;sys;eval;wasm;shared-memory;fine-clock", "net=0.0.0.0/0:"},
    {"net=10.0.0.0/8", "net=10.0.0.0/8", NULL},
    {"net=10.1.0.0/16", "net=10.0.0.0/8", NULL},
    {"net=10.0.0.0/8", "net=10.1.0.0/16", "net=10.0.0.0/8:"},
    {"net=10.0.0.0/8", "net=*", "net=10.0.0.0/8:"},
    {"net=8.8.8.8", "net=*", NULL},
    {"net=8.8.8.8:53", "net=*:53", NULL},
    {"net=8.8.8.8", "net=*:53", "net=8.8.8.8:"},
    {"net=8.8.8.0/24", "net=*", NULL},
    {"net=8.0.0.0/7", "net=*", NULL},
    {"net=8.0.0.0/6", "net=*", "net=8.0.0.0/6:"}, /* 10.0.0.0/8 is in it */
    {"net=0.0.0.0/0", "net=*", "net=0.0.0.0/0:"},
    {"net=127.0.0.1", "net=*", "net=127.0.0.1:"},
    {"net=2606::/32", "net=*", NULL},
    {"net=2000::/3", "net=*", "net=2000::/3:"},
    {"net=::/0", "net=*", "net=::/0:"},
    {"net=64:ff9b::/96", "net=*", NULL},
    {"net=64:ff9b::/64", "net=*", "net=64:ff9b::/64:"},
    {"net=fd00::1", "net=*", "net=fd00::1:"},
    {"net=::1", "net=::/0", NULL},
    {"net=::1", "net=0.0.0.0/0", "net=::1:"},
    {"net=::ffff:1.2.3.4", "net=1.2.3.4", NULL},
    {"net=8.8.8.8", "net=dns.google", "net=8.8.8.8:"},
    {"net=a", "net=0.0.0.0/0,::/0", "net=a:"},
    {"net=localhost", "net=localhost", NULL},
    {"net=localhost:80", "net=localhost", NULL},
    {"net=localhost", "net=*", "net=localhost:"},
    {"net=localhost", "net=*,127.0.0.0/8", "net=localhost:"},
    {"net=localhost", "net=*,127.0.0.0/8,::1", NULL},
    {"net=localhost", ANY, NULL},
    {"net=a.localhost", "net=*.localhost", NULL},
    {"net=a.localhost", "net=*", "net=a.localhost:"},
    {"net=*.localhost", "net=*", "net=*.localhost:"},
    {"net=127.0.0.1", "net=localhost", "net=127.0.0.1:"},

    {"net=a", ANY ";deny-net=b", NULL},
    {"net=a", ANY ";deny-net=a:80", "deny-net=a:80,"},
    {"net=a:81", ANY ";deny-net=a:80", NULL},
    {"net=a;deny-net=a:80", ANY ";deny-net=a:80", NULL},
    {"net=a;deny-net=*:80", ANY ";deny-net=a:80", NULL},
    {"net=*.a", ANY ";deny-net=b.a", "deny-net=b.a,"},
    {"net=*.a;deny-net=*.a", "net=*.a;deny-net=b.a", NULL},
    {"net=a", ANY ";deny-net=10.0.0.0/8", "deny-net=10.0.0.0/8,"}, /* a name leads anywhere */
    {"net=a;deny-net=10.0.0.0/8", ANY ";deny-net=10.0.0.0/8", NULL},
    {"net=a;deny-net=10.0.0.0/7", ANY ";deny-net=10.0.0.0/8", NULL},
    {"net=a;deny-net=10.0.0.0/9", ANY ";deny-net=10.0.0.0/8", "deny-net=10.0.0.0/8,"},
    {"net=a;deny-net=*", ANY ";deny-net=10.0.0.0/8", NULL},
    {"net=8.8.8.8", ANY ";deny-net=10.0.0.0/8", NULL},
    {"net=8.8.8.8", ANY ";deny-net=a", NULL},
    {"net=10.0.0.0/7", ANY ";deny-net=10.1.1.1", "deny-net=10.1.1.1,"},
    {"net=*", ANY ";deny-net=localhost", "deny-net=localhost,"},
    {"net=a", ANY ";deny-net=localhost", "deny-net=localhost,"},
    {"net=a;deny-net=localhost", ANY ";deny-net=localhost", NULL},
    {"net=a;deny-net=127.0.0.0/8,::1", ANY ";deny-net=localhost", "deny-net=localhost,"},
    {"net=127.0.0.0/8", ANY ";deny-net=localhost", "deny-net=localhost,"},
    {"net=0.0.0.0/1", ANY ";deny-net=localhost", "deny-net=localhost,"},
    {"net=::/64", ANY ";deny-net=localhost", "deny-net=localhost,"},
    {"net=8.8.8.8", ANY ";deny-net=localhost", NULL},
    {"net=a.localhost;deny-net=*.localhost", "net=*.localhost", NULL},
};

static void cases_have_their_outcome_and_message(void **state) {
    (void)state;
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        cay_error_t *err = NULL;
        cay_permissions_t *child = parsed(cases[i].child), *parent = parsed(cases[i].parent);
        int rc = cay_permissions_subset(child, parent, &err);
        const char *message = cay_error_message(err);
        if (rc != (cases[i].refused ? CAY_EPERM : 0) ||
            (rc && !strstr(message, cases[i].refused))) {
            fail_msg("\"%s\" in \"%s\": %d %s", cases[i].child, cases[i].parent, rc, message);
        }
        assert_true(!rc == !err);
        assert_int_equal(cay_permissions_subset(child, parent, NULL), rc);
        cay_error_free(err);
        cay_permissions_free(child);
        cay_permissions_free(parent);
    }
}

static void fail_with(const char *child, const char *parent, const question_t *q) {
    cay_buf_t text = CAY_BUF_INIT;
    print_question(q, &text);
    char *shown = cay__buf_take_str(&text);
    fprintf(stderr, "child \"%s\" parent \"%s\": %s\n", child, parent, shown);
    cay__free(shown);
    fail();
}

/* A parent, and a child that is often made out of parts of it so that it is often accepted: all of it, its grants
 * alone, or some other item. */
static void random_pair(chance_t *c, char **child, char **parent) {
    cay_buf_t p = CAY_BUF_INIT, k = CAY_BUF_INIT;
    uint32_t parts = chance_below(c, 4);
    for (uint32_t n = 1 + chance_below(c, 4); n > 0; n--) {
        cay_buf_t item = CAY_BUF_INIT;
        random_item(c, &item);
        bool denies = memcmp(item.data, "deny", 4) == 0;
        if (parts == 0 || (parts == 1 && !denies) || (parts == 2 && chance_below(c, 2))) {
            cay__buf_put(&k, item.data, item.len);
            cay__buf_u8(&k, ';');
        }
        cay__buf_put(&p, item.data, item.len);
        cay__buf_str(&p, n > 1 ? ";" : "");
        cay__buf_free(&item);
    }
    if (k.len == 0 || chance_below(c, 2) == 0) {
        random_item(c, &k);
    } else {
        k.len--; /* the separator */
    }
    *parent = cay__buf_take_str(&p);
    *child = cay__buf_take_str(&k);
    assert_true(*parent && *child);
}

static void what_is_accepted_grants_no_more_than_the_parent(void **state) {
    (void)state;
    enum { ROUNDS = 100000, QUESTIONS = 24 };
    chance_t c = {2024};
    unsigned accepted = 0;
    unsigned granted = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char *child_text, *parent_text;
        random_pair(&c, &child_text, &parent_text);
        cay_permissions_t *child = parsed(child_text), *parent = parsed(parent_text);
        bool subset = cay_permissions_subset(child, parent, NULL) == 0;
        accepted += subset;
        for (int k = 0; subset && k < QUESTIONS; k++) {
            question_t q;
            cay_verdict_t v;
            random_question(&c, &q);
            if (cay__perm_check(child, &q.ask, &v)) {
                granted++;
                if (!cay__perm_check(parent, &q.ask, &v)) {
                    fail_with(child_text, parent_text, &q);
                }
            }
        }
        cay__free(child_text);
        cay__free(parent_text);
        cay_permissions_free(child);
        cay_permissions_free(parent);
    }
    /* The test says something only when there was something to say. */
    assert_true(accepted > ROUNDS / 10);
    assert_true(granted > ROUNDS / 20);
}

static void every_set_is_in_itself(void **state) {
    (void)state;
    chance_t c = {3};
    for (int i = 0; i < 5000; i++) {
        cay_buf_t text = CAY_BUF_INIT;
        random_set(&c, &text);
        char *s = cay__buf_take_str(&text);
        cay_permissions_t *set = parsed(s),
                          *all = parsed("all;read=/proc,/sys,/dev;write=/proc,/sys,/dev");
        assert_int_equal(cay_permissions_subset(set, set, NULL), 0);
        assert_int_equal(cay_permissions_subset(set, all, NULL), 0);
        cay__free(s);
        cay_permissions_free(set);
        cay_permissions_free(all);
    }
}

static const struct {
    const char *set;
    cay_kind_t kind;
    const char *value;
    cay_grant_t expected;
} queries[] = {
    {"", CAY_KIND_READ, NULL, CAY_GRANT_DENIED},
    {"read", CAY_KIND_READ, NULL, CAY_GRANT_GRANTED},
    {"read=/a", CAY_KIND_READ, NULL, CAY_GRANT_PARTIAL},
    {"read;deny-read=/a", CAY_KIND_READ, NULL, CAY_GRANT_PARTIAL},
    {"read;deny-read", CAY_KIND_READ, NULL, CAY_GRANT_DENIED},
    {"read=/a;deny-read=/a", CAY_KIND_READ, NULL, CAY_GRANT_DENIED},
    {"read=/a", CAY_KIND_READ, "/a/b", CAY_GRANT_GRANTED},
    {"read=/a/b", CAY_KIND_READ, "/a", CAY_GRANT_PARTIAL},
    {"read=/a", CAY_KIND_READ, "/b", CAY_GRANT_DENIED},
    {"read=/a;deny-read=/a/b", CAY_KIND_READ, "/a", CAY_GRANT_PARTIAL},
    {"read=/a;deny-read=/a/b", CAY_KIND_READ, "/a/b/c", CAY_GRANT_DENIED},
    {"read=/a;deny-read=/a/b", CAY_KIND_READ, "/a/c", CAY_GRANT_GRANTED},
    {"read=/a/b;deny-read=/a/b", CAY_KIND_READ, "/a", CAY_GRANT_DENIED},
    {"read", CAY_KIND_READ, "/proc", CAY_GRANT_DENIED},
    {"read=/proc/self", CAY_KIND_READ, "/proc", CAY_GRANT_PARTIAL},
    {"read=/a", CAY_KIND_READ, "/x/../a", CAY_GRANT_GRANTED},
    {"env=A*", CAY_KIND_ENV, "AB", CAY_GRANT_GRANTED},
    {"env=A*", CAY_KIND_ENV, NULL, CAY_GRANT_PARTIAL},
    {"env=A*;deny-env=AB", CAY_KIND_ENV, "A*", CAY_GRANT_PARTIAL},
    {"env=AB", CAY_KIND_ENV, "A*", CAY_GRANT_PARTIAL},
    {"env=A*", CAY_KIND_ENV, "B", CAY_GRANT_DENIED},
    {"sys=os", CAY_KIND_SYS, "os", CAY_GRANT_GRANTED},
    {"sys=os", CAY_KIND_SYS, NULL, CAY_GRANT_PARTIAL},
    {"wasm", CAY_KIND_WASM, NULL, CAY_GRANT_GRANTED},
    {"wasm", CAY_KIND_EVAL, NULL, CAY_GRANT_DENIED},
    {"net", CAY_KIND_NET, NULL, CAY_GRANT_GRANTED},
    {"net=*", CAY_KIND_NET, NULL, CAY_GRANT_GRANTED},
    {"net=*.a", CAY_KIND_NET, NULL, CAY_GRANT_PARTIAL},
    {"net;deny-net=10.0.0.1", CAY_KIND_NET, NULL, CAY_GRANT_PARTIAL},
    {"net=*:80", CAY_KIND_NET, NULL, CAY_GRANT_PARTIAL},
    {"net=10.0.0.0/8", CAY_KIND_NET, NULL, CAY_GRANT_PARTIAL},
    {"net=10.0.0.0/8", CAY_KIND_NET, "*", CAY_GRANT_DENIED}, /* which no special address is in */
    {"net=10.0.0.0/8;deny-net=10.0.0.0/7", CAY_KIND_NET, NULL, CAY_GRANT_DENIED},
    {"net=a:443", CAY_KIND_NET, "a:443", CAY_GRANT_GRANTED},
    {"net=a:443", CAY_KIND_NET, "A.:443", CAY_GRANT_GRANTED},
    {"net=a:443", CAY_KIND_NET, "a", CAY_GRANT_PARTIAL},
    {"net=a:443", CAY_KIND_NET, "a:80", CAY_GRANT_DENIED},
    {"net=a;deny-net=a:80", CAY_KIND_NET, "a", CAY_GRANT_PARTIAL},
    {"net=a;deny-net=a:80", CAY_KIND_NET, "a:80", CAY_GRANT_DENIED},
    {"net=a;deny-net=a:80", CAY_KIND_NET, "a:81", CAY_GRANT_GRANTED},
    {"net=*;deny-net=10.0.0.0/8", CAY_KIND_NET, "a", CAY_GRANT_GRANTED}, /* before it is resolved */
    {"net=b.a", CAY_KIND_NET, "*.a", CAY_GRANT_PARTIAL},
    {"net=*.a", CAY_KIND_NET, "a", CAY_GRANT_DENIED},
    {"net=*", CAY_KIND_NET, "127.0.0.1", CAY_GRANT_DENIED},
    {"net=*", CAY_KIND_NET, "8.8.8.8", CAY_GRANT_GRANTED},
    {"net=*", CAY_KIND_NET, "::ffff:127.0.0.1", CAY_GRANT_DENIED},
    {"net=*", CAY_KIND_NET, "0x7f.1:80", CAY_GRANT_DENIED},
    {"net=*", CAY_KIND_NET, "10.0.0.0/8", CAY_GRANT_DENIED},
    {"net=*", CAY_KIND_NET, "0.0.0.0/0", CAY_GRANT_PARTIAL},
    {"net=10.0.0.0/8", CAY_KIND_NET, "10.1.1.1", CAY_GRANT_GRANTED},
    {"net=10.0.0.0/8:22", CAY_KIND_NET, "10.1.1.1", CAY_GRANT_PARTIAL},
    {"net=10.0.0.0/8;deny-net=10.1.1.1", CAY_KIND_NET, "10.1.1.1:22", CAY_GRANT_DENIED},
    {"net=10.0.0.0/8;deny-net=10.1.1.1:22", CAY_KIND_NET, "10.1.1.1", CAY_GRANT_PARTIAL},
    {"net=10.0.0.0/8;deny-net=10.1.1.1", CAY_KIND_NET, "10.0.0.0/8", CAY_GRANT_PARTIAL},
    {"net=*;deny-net=*.a", CAY_KIND_NET, "*", CAY_GRANT_PARTIAL},
    {"net=*;deny-net=*", CAY_KIND_NET, "a", CAY_GRANT_DENIED},
    {"net=localhost", CAY_KIND_NET, "localhost:80", CAY_GRANT_GRANTED},
    {"import=*.a", CAY_KIND_IMPORT, "b.a", CAY_GRANT_GRANTED},
};

static void queries_tell_granted_partial_and_denied(void **state) {
    (void)state;
    static const char *const names[] = {"denied", "granted", "partial"};
    for (size_t i = 0; i < CAY_COUNT(queries); i++) {
        cay_permissions_t *set = parsed(queries[i].set);
        cay_grant_t got = 99;
        assert_int_equal(cay_permissions_query(set, queries[i].kind, queries[i].value, &got, NULL),
                         0);
        if (got != queries[i].expected) {
            fail_msg("\"%s\": %s %s: %s", queries[i].set, cay_kind_name(queries[i].kind),
                     queries[i].value ? queries[i].value : "", got < 3 ? names[got] : "?");
        }
        cay_permissions_free(set);
    }
}

static void a_malformed_query_is_refused(void **state) {
    (void)state;
    cay_permissions_t *set = parsed("all");
    cay_grant_t out = 99;
    cay_error_t *err = NULL;
    assert_int_equal(cay_permissions_query(set, CAY_KIND_READ, "a", &out, &err), CAY_EINVAL);
    assert_non_null(strstr(cay_error_message(err), "\"read=a\""));
    assert_int_equal(cay_permissions_query(set, CAY_KIND_WASM, "a", &out, &err), CAY_EINVAL);
    assert_int_equal(cay_permissions_query(set, 99, NULL, &out, &err), CAY_EINVAL);
    assert_int_equal(out, 99);
    cay_error_free(err);
    cay_permissions_free(set);
}

/* What a query calls granted is granted when it is asked for, and what it calls denied is not. */
static void queries_agree_with_checks(void **state) {
    (void)state;
    chance_t c = {5};
    unsigned yes = 0;
    unsigned no = 0;
    for (int i = 0; i < 50000; i++) {
        cay_buf_t text = CAY_BUF_INIT;
        question_t q;
        cay_verdict_t v;
        cay_grant_t grant;
        random_set(&c, &text);
        random_question(&c, &q);
        char *s = cay__buf_take_str(&text);
        cay_permissions_t *set = parsed(s);
        cay_kind_t kind = q.ask.kind;
        char value[256];
        snprintf(value, sizeof value, q.ask.port > 0 ? "%s:%d" : "%s", q.value, q.ask.port);
        q.ask.addr = NULL;
        assert_int_equal(
            cay_permissions_query(set, kind, kind >= CAY_KIND_EVAL ? NULL : value, &grant, NULL),
            0);
        bool granted = cay__perm_check(set, &q.ask, &v);
        if ((grant == CAY_GRANT_GRANTED && !granted) || (grant == CAY_GRANT_DENIED && granted)) {
            fail_with(s, value, &q);
        }
        yes += grant == CAY_GRANT_GRANTED;
        no += grant == CAY_GRANT_DENIED;
        cay__free(s);
        cay_permissions_free(set);
    }
    assert_true(yes > 2000 && no > 2000);
}

static void failed_allocations_leave_nothing(void **state) {
    (void)state;
    cay_permissions_t *child = parsed("read=/a;net=*"),
                      *parent = parsed("read=/a;net=*;deny-net=a");
    int64_t live = cay__mem_live();
    for (uint64_t n = 1;; n++) {
        cay_error_t *err = NULL;
        cay_grant_t grant;
        cay__mem_fail_at(n, true);
        assert_int_equal(cay_permissions_subset(child, parent, &err), CAY_EPERM);
        int rc = cay_permissions_query(child, CAY_KIND_READ, "/a/b", &grant, &err);
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        cay_error_free(err);
        assert_true(rc == 0 || (failed && rc == CAY_ENOMEM));
        assert_int_equal(cay__mem_live(), live);
        if (!failed) {
            break;
        }
    }
    cay_permissions_free(child);
    cay_permissions_free(parent);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_have_their_outcome_and_message),
        cmocka_unit_test(what_is_accepted_grants_no_more_than_the_parent),
        cmocka_unit_test(every_set_is_in_itself),
        cmocka_unit_test(queries_tell_granted_partial_and_denied),
        cmocka_unit_test(a_malformed_query_is_refused),
        cmocka_unit_test(queries_agree_with_checks),
        cmocka_unit_test(failed_allocations_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
