/* SPDX-License-Identifier: MIT */
/* What the audit is told: decisions, revocations and what they end, workers that are not made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "perm/authority.h"
#include "perm_test.h"

typedef struct log {
    char text[2048];
    unsigned count;
    cay_authority_t *again; /* asked inside of the callback: the lock is not held */
} log_t;

static void on_audit(const cay_audit_t *r, void *user) {
    log_t *log = user;
    size_t n = strlen(log->text);
    assert_int_equal(r->size, sizeof *r);
    assert_true(r->time_ns > UINT64_C(1600000000000000000));
    snprintf(log->text + n, sizeof log->text - n, "%u %s %s [%s] %s %s\n", (unsigned)r->worker_id,
             r->worker_name, cay_kind_name(r->kind), r->value, r->granted ? "granted" : "refused",
             r->rule ? r->rule : "-");
    log->count++;
    if (log->again) {
        assert_false(reads(log->again, "/nothing"));
    }
}

static void ignore_end(cay_use_t *use) {
    (void)use;
}

static void each_decision_is_audited_once(void **state) {
    (void)state;
    log_t log = {.count = 0};
    cay_authority_t *a, *b;
    cay_authority_options_t o = {
        .worker_id = 7, .worker_name = "main", .on_audit = on_audit, .audit_user = &log};
    assert_int_equal(
        cay__authority_new(&o, parsed("read=/data;deny-read=/data/no;net=*.a;wasm"), &a), 0);
    b = child_authority(a, "read=/data/sub");
    log.again = a;
    cay_addr_t addr;
    assert_true(cay__addr_parse("8.8.8.8", 7, &addr));
    cay_ask_t asks[] = {read_ask("/data/x"),
                        read_ask("/data/no"),
                        read_ask("/etc/a,b"),
                        {CAY_KIND_NET, "b.a", 3, 443, NULL},
                        {CAY_KIND_NET, "b.a", 3, 443, &addr},
                        {CAY_KIND_NET, "b.a", 3, -1, NULL},
                        {CAY_KIND_NET, "[::1]", 5, 80, NULL},
                        {CAY_KIND_WASM, "", 0, 0, NULL}};
    for (size_t i = 0; i < CAY_COUNT(asks); i++) {
        int rc = cay__authority_check(a, &asks[i], NULL, NULL);
        assert_true(rc == 0 || rc == CAY_EPERM);
    }
    cay_use_t use = {.revoked = NULL};
    cay_ask_t sub = read_ask("/data/sub/f");
    assert_int_equal(cay__use_begin(b, &use, &sub, NULL, NULL), 0);
    cay__use_end(&use);
    assert_int_equal(cay__use_begin(b, &use, &asks[0], NULL, NULL), CAY_EPERM);
    assert_true(reads(a, "/data/quiet")); /* not a decision */
    assert_string_equal(log.text, "7 main read [/data/x] granted read=/data\n"
                                  "7 main read [/data/no] refused deny-read=/data/no\n"
                                  "7 main read [/etc/a,b] refused -\n"
                                  "7 main net [b.a:443] granted net=*.a\n"
                                  "7 main net [b.a:443 (8.8.8.8)] granted net=*.a\n"
                                  "7 main net [b.a] granted net=*.a\n"
                                  "7 main net [[::1]:80] refused -\n"
                                  "7 main wasm [] granted wasm\n"
                                  "2  read [/data/sub/f] granted read=/data/sub\n"
                                  "2  read [/data/x] refused -\n");
    cay__authority_unref(&a);
    cay__authority_unref(&b);
}

static void a_revocation_is_audited_with_each_use_it_ends(void **state) {
    (void)state;
    log_t log = {.count = 0};
    cay_authority_t *a, *b;
    cay_authority_options_t o = {
        .worker_id = 7, .worker_name = "main", .on_audit = on_audit, .audit_user = &log};
    assert_int_equal(cay__authority_new(&o, parsed("read=/data;net;wasm"), &a), 0);
    b = child_authority(a, "read=/data;net=a");
    log.again = a;
    cay_use_t uses[4] = {0};
    cay_ask_t asks[] = {read_ask("/data/x/f"),
                        read_ask("/data/y"),
                        {CAY_KIND_NET, "a", 1, 80, NULL},
                        {CAY_KIND_WASM, "", 0, 0, NULL}};
    for (size_t i = 0; i < CAY_COUNT(asks); i++) {
        uses[i].revoked = ignore_end;
        assert_int_equal(cay__use_begin(i < 3 ? b : a, &uses[i], &asks[i], NULL, NULL), 0);
    }
    log.text[0] = 0;
    assert_int_equal(cay__authority_revoke(a, CAY_KIND_READ, "/data/./x", NULL), 0);
    assert_int_equal(cay__authority_revoke(a, CAY_KIND_NET, NULL, NULL), 0);
    assert_int_equal(cay__authority_revoke(a, CAY_KIND_WASM, NULL, NULL), 0);
    assert_int_equal(cay__authority_revoke(b, CAY_KIND_ENV, "A", NULL), 0);
    assert_int_equal(cay__authority_revoke(b, CAY_KIND_SYS, "none", NULL), CAY_EINVAL);
    assert_string_equal(log.text, "7 main read [/data/x] refused deny-read=/data/x\n"
                                  "2  read [/data/x/f] refused deny-read=/data/x\n"
                                  "7 main net [] refused deny-net\n"
                                  "2  net [a:80] refused deny-net\n"
                                  "7 main wasm [] refused deny-wasm\n"
                                  "7 main wasm [] refused deny-wasm\n"
                                  "2  env [A] refused deny-env=A\n");
    for (size_t i = 0; i < CAY_COUNT(asks); i++) {
        cay__use_end(&uses[i]);
    }
    cay__authority_unref(&a);
    cay__authority_unref(&b);
}

static void a_worker_that_may_not_be_made_is_audited(void **state) {
    (void)state;
    log_t log = {.count = 0};
    cay_authority_t *a;
    cay_permissions_t *set;
    cay_authority_options_t o = {
        .worker_id = 7, .worker_name = "main", .on_audit = on_audit, .audit_user = &log};
    assert_int_equal(cay__authority_new(&o, parsed("read=/data;deny-read=/data/no"), &a), 0);
    log.again = NULL;
    static const struct {
        const char *text;
        int rc;
    } made[] = {{"read=/data/x", 0},
                {"read=/data/no/x", CAY_EPERM},
                {"read=/data;net=a:80", CAY_EPERM},
                {"wasm", CAY_EPERM},
                {"reed", CAY_EINVAL}};
    for (size_t i = 0; i < CAY_COUNT(made); i++) {
        assert_int_equal(cay__authority_derive(a, made[i].text, 0, &set, NULL), made[i].rc);
        cay_permissions_free(set);
    }
    assert_string_equal(log.text, "7 main read [/data/no/x] refused deny-read=/data/no\n"
                                  "7 main net [a:80] refused -\n"
                                  "7 main wasm [] refused -\n");
    int64_t live = cay__mem_live();
    for (uint64_t n = 1;; n++) {
        unsigned told = log.count;
        cay__mem_fail_at(n, false);
        int rc = cay__authority_derive(a, "read=/data/no/x", 0, &set, NULL);
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_true(rc == CAY_EPERM || (failed && rc == CAY_ENOMEM));
        assert_int_equal(log.count - told, rc == CAY_EPERM);
        assert_null(set);
        assert_int_equal(cay__mem_live(), live);
        if (!failed) {
            break;
        }
    }
    cay__authority_unref(&a);
}

static void without_memory_nothing_is_granted_and_nobody_told(void **state) {
    (void)state;
    log_t log = {.count = 0};
    cay_authority_t *a;
    cay_authority_options_t o = {.on_audit = on_audit, .audit_user = &log};
    assert_int_equal(cay__authority_new(&o, parsed("read=/data;deny-read=/data/no"), &a), 0);
    int64_t live = cay__mem_live();
    for (int no = 0; no < 2; no++) {
        for (uint64_t n = 1;; n++) {
            cay_ask_t ask = read_ask(no ? "/data/no" : "/data/x");
            cay_use_t use = {.revoked = NULL};
            cay_place_t place;
            cay_error_t *err = NULL;
            unsigned told = log.count;
            cay__mem_fail_at(n, true);
            int rc = cay__use_begin(a, &use, &ask, &place, &err);
            bool failed = cay__mem_failed();
            cay__mem_fail_at(0, false);
            /* A refusal may lose its message, never its code. */
            assert_true(rc == (no ? CAY_EPERM : 0) || (failed && rc == CAY_ENOMEM));
            assert_int_equal(log.count - told, rc != CAY_ENOMEM);
            assert_true(rc == 0 || (!place.root && !use.authority));
            cay__place_clear(&place);
            cay__use_end(&use);
            cay_error_free(err);
            assert_int_equal(cay__mem_live(), live);
            if (!failed) {
                break;
            }
        }
    }
    cay__authority_unref(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_decision_is_audited_once),
        cmocka_unit_test(a_revocation_is_audited_with_each_use_it_ends),
        cmocka_unit_test(a_worker_that_may_not_be_made_is_audited),
        cmocka_unit_test(without_memory_nothing_is_granted_and_nobody_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
