/* SPDX-License-Identifier: MIT */
/* Uses of grants, and revocation, which ends them down a tree. */
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

typedef struct op {
    cay_use_t use;
    unsigned revoked;
} op_t;

static void on_revoked(cay_use_t *use) {
    CAY_CONTAINER(use, op_t, use)->revoked++;
}

static void begin(cay_authority_t *a, op_t *op, const cay_ask_t *ask) {
    *op = (op_t){.use = {.revoked = on_revoked}};
    assert_int_equal(cay__use_begin(a, &op->use, ask, NULL, NULL), 0);
}

static void begin_read(cay_authority_t *a, op_t *op, const char *path) {
    cay_ask_t ask = read_ask(path);
    begin(a, op, &ask);
}

static int revoke(cay_authority_t *a, cay_kind_t kind, const char *value) {
    return cay__authority_revoke(a, kind, value, NULL);
}

static void revoking_reaches_everyone_below_and_nobody_else(void **state) {
    (void)state;
    cay_authority_t *root = root_authority("read=/data;net=*");
    cay_authority_t *a = child_authority(root, "read=/data"),
                    *b = child_authority(root, "read=/data");
    cay_authority_t *a1 = child_authority(a, "read=/data/x"),
                    *a2 = child_authority(a, "read=/data"),
                    *a21 = child_authority(a2, "read=/data/x/y");
    cay_authority_t *all[] = {root, a, b, a1, a2, a21};
    op_t ops[CAY_COUNT(all)], other[CAY_COUNT(all)];
    for (size_t i = 0; i < CAY_COUNT(all); i++) {
        begin_read(all[i], &ops[i], "/data/x/y/z");
        begin_read(all[i], &other[i], all[i] == a1 || all[i] == a21 ? "/data/x/y/w" : "/data/w");
    }
    assert_int_equal(revoke(a, CAY_KIND_READ, "/data/x/y/z"), 0);
    for (size_t i = 0; i < CAY_COUNT(all); i++) {
        bool below = all[i] != root && all[i] != b;
        assert_int_equal(ops[i].revoked, below);
        assert_int_equal(other[i].revoked, 0);
        assert_int_equal(reads(all[i], "/data/x/y/z"), !below);
        assert_true(reads(all[i], "/data/x/y/w"));
    }
    assert_int_equal(revoke(root, CAY_KIND_READ, NULL), 0);
    for (size_t i = 0; i < CAY_COUNT(all); i++) {
        assert_int_equal(ops[i].revoked, 1);
        assert_int_equal(other[i].revoked, 1);
        assert_false(reads(all[i], "/data/x/y/w"));
        cay__use_end(&ops[i].use);
        cay__use_end(&other[i].use);
    }
    for (size_t i = 0; i < CAY_COUNT(all); i++) {
        cay__authority_unref(&all[i]);
    }
}

static void a_use_does_not_begin_after_its_grant_went(void **state) {
    (void)state;
    cay_authority_t *a = root_authority("read=/data");
    cay_use_t use = {.revoked = on_revoked};
    cay_error_t *err = NULL;
    cay_ask_t ask = read_ask("/data/f");
    assert_int_equal(revoke(a, CAY_KIND_READ, "/data/"), 0);
    assert_int_equal(cay__use_begin(a, &use, &ask, NULL, &err), CAY_EPERM);
    assert_string_equal(cay_error_message(err), "read access to \"/data/f\" was revoked");
    cay_error_free(err);
    cay__use_end(&use);
    cay__authority_unref(&a);
}

static void expect_refusal(cay_authority_t *a, const cay_ask_t *ask, const char *message) {
    cay_error_t *err = NULL;
    assert_int_equal(cay__authority_check(a, ask, NULL, &err), CAY_EPERM);
    assert_string_equal(cay_error_message(err), message);
    cay_error_free(err);
}

static void what_was_revoked_is_told_as_such(void **state) {
    (void)state;
    cay_authority_t *root = root_authority("read;deny-read=/no;net;wasm"),
                    *child = child_authority(root, "read");
    cay_ask_t x = read_ask("/x"), no = read_ask("/no"), net = {CAY_KIND_NET, "a", 1, 80, NULL},
              wasm = {CAY_KIND_WASM, "", 0, 0, NULL};
    assert_int_equal(revoke(root, CAY_KIND_READ, "/x"), 0);
    assert_int_equal(revoke(root, CAY_KIND_NET, "a"), 0);
    assert_int_equal(revoke(root, CAY_KIND_WASM, NULL), 0);
    cay_authority_t *late = child_authority(root, "read");
    expect_refusal(root, &x, "read access to \"/x\" was revoked");
    expect_refusal(child, &x, "read access to \"/x\" was revoked");
    expect_refusal(late, &x, "read access to \"/x\" was revoked");
    expect_refusal(root, &no, "read access to \"/no\" is denied by deny-read=/no");
    expect_refusal(root, &net, "net access to \"a:80\" was revoked");
    expect_refusal(
        child, &net,
        "net access to \"a:80\" is not granted to this worker; its creator can pass it on "
        "with { cay: { permissions: { net: [\"a:80\"] } } }, and has it with "
        "--allow-net=a:80");
    expect_refusal(root, &wasm, "wasm was revoked");
    expect_refusal(child, &wasm,
                   "wasm is not granted to this worker; its creator can pass it on with { cay: { "
                   "permissions: { wasm: true } } }, and has it with --allow-wasm");
    cay_permissions_t *set;
    cay_error_t *err = NULL;
    assert_int_equal(cay__authority_derive(root, "read=/x/y", 0, &set, &err), CAY_EPERM);
    assert_string_equal(cay_error_message(err),
                        "a worker cannot be given read=/x/y: it was revoked "
                        "from its parent");
    cay_error_free(err);
    cay__authority_unref(&late);
    cay__authority_unref(&child);
    cay__authority_unref(&root);
}

static void the_error_of_a_use_that_ended_tells_host_and_port(void **state) {
    (void)state;
    cay_authority_t *a = root_authority("net=127.0.0.1;read=/data");
    cay_ask_t net = {CAY_KIND_NET, "127.0.0.1", 9, 8700, NULL};
    cay_error_t *err = NULL;
    op_t op, file;
    begin(a, &op, &net);
    begin_read(a, &file, "/data/\n");
    assert_int_equal(cay__use_revoked(&op.use, &err), CAY_EPERM);
    assert_string_equal(cay_error_message(err), "net access to \"127.0.0.1:8700\" was revoked");
    cay_error_free(cay_steal(&err));
    assert_int_equal(cay__use_revoked(&file.use, &err), CAY_EPERM);
    assert_string_equal(cay_error_message(err), "read access to \"/data/\\x0a\" was revoked");
    cay_error_free(err);
    cay__use_end(&op.use);
    cay__use_end(&file.use);
    cay__authority_unref(&a);
}

static void a_use_that_ended_is_left_alone(void **state) {
    (void)state;
    cay_authority_t *a = root_authority("read=/data");
    op_t op, zero = {.revoked = 0};
    begin_read(a, &op, "/data/f");
    cay__use_end(&op.use);
    cay__use_end(&op.use);
    cay__use_end(&zero.use);
    assert_int_equal(revoke(a, CAY_KIND_READ, NULL), 0);
    assert_int_equal(op.revoked, 0);
    cay__authority_unref(&a);
}

static void a_use_keeps_its_own_copy_of_what_was_asked(void **state) {
    (void)state;
    cay_authority_t *a = root_authority("net=*");
    char host[] = "a.example";
    cay_addr_t addr;
    op_t op;
    assert_true(cay__addr_parse("8.8.8.8", 7, &addr));
    cay_ask_t ask = {CAY_KIND_NET, host, strlen(host), 443, &addr};
    begin(a, &op, &ask);
    memset(host, 'x', sizeof host - 1);
    memset(&addr, 0, sizeof addr);
    assert_string_equal(op.use.ask.value, "a.example");
    assert_int_equal(revoke(a, CAY_KIND_NET, "10.0.0.0/8"), 0);
    assert_int_equal(op.revoked, 0);
    assert_int_equal(revoke(a, CAY_KIND_NET, "8.8.8.0/24"), 0);
    assert_int_equal(op.revoked, 1);
    cay__use_end(&op.use);
    cay__authority_unref(&a);
}

static void a_use_keeps_its_authority(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    cay_authority_t *root = root_authority("read=/data"),
                    *child = child_authority(root, "read=/data");
    op_t op;
    begin_read(child, &op, "/data/f");
    cay__authority_unref(&child);
    assert_int_equal(revoke(root, CAY_KIND_READ, "/data/f"), 0);
    assert_int_equal(op.revoked, 1);
    cay__authority_unref(&root);
    cay__use_end(&op.use);
    assert_int_equal(cay__mem_live(), live);
}

static void a_switch_is_turned_off_below_too(void **state) {
    (void)state;
    cay_authority_t *root = root_authority("wasm;eval"),
                    *child = child_authority(root, "wasm;eval");
    cay_ask_t wasm = {CAY_KIND_WASM, "", 0, 0, NULL}, eval = {CAY_KIND_EVAL, "", 0, 0, NULL};
    op_t op;
    begin(child, &op, &wasm);
    assert_int_equal(revoke(root, CAY_KIND_WASM, NULL), 0);
    assert_int_equal(op.revoked, 1);
    assert_false(cay__authority_has(root, &wasm));
    assert_false(cay__authority_has(child, &wasm));
    assert_true(cay__authority_has(child, &eval));
    assert_int_equal(revoke(root, CAY_KIND_WASM, NULL), 0);
    cay__use_end(&op.use);
    cay__authority_unref(&root);
    cay__authority_unref(&child);
}

static void what_went_before_a_child_is_made_stays_away(void **state) {
    (void)state;
    cay_authority_t *root = root_authority("read=/data;wasm;env"), *child;
    cay_permissions_t *set;
    cay_authority_options_t o = {.parent = root};
    assert_int_equal(cay__authority_derive(root, "read=/data;wasm;env=A", 0, &set, NULL), 0);
    assert_int_equal(revoke(root, CAY_KIND_READ, "/data/x"), 0);
    assert_int_equal(revoke(root, CAY_KIND_WASM, NULL), 0);
    assert_int_equal(cay__authority_new(&o, set, &child), 0);
    cay_ask_t wasm = {CAY_KIND_WASM, "", 0, 0, NULL}, env = {CAY_KIND_ENV, "A", 1, 0, NULL};
    assert_false(reads(child, "/data/x/f"));
    assert_true(reads(child, "/data/y"));
    assert_false(cay__authority_has(child, &wasm));
    assert_true(cay__authority_has(child, &env));
    cay__authority_unref(&child);
    cay__authority_unref(&root);
}

static void a_malformed_revocation_changes_nothing(void **state) {
    (void)state;
    cay_authority_t *a = root_authority("read=/data;wasm");
    cay_error_t *err = NULL;
    assert_int_equal(cay__authority_revoke(a, CAY_KIND_READ, "data", &err), CAY_EINVAL);
    assert_non_null(strstr(cay_error_message(err), "deny-read=data"));
    assert_int_equal(revoke(a, CAY_KIND_WASM, "x"), CAY_EINVAL);
    assert_int_equal(revoke(a, 99, NULL), CAY_EINVAL);
    assert_true(reads(a, "/data"));
    cay_error_free(err);
    cay__authority_unref(&a);
}

static void a_set_that_is_full_loses_the_whole_kind(void **state) {
    (void)state;
    cay_buf_t text = CAY_BUF_INIT;
    cay__buf_str(&text, "read=/data;env=A");
    for (int i = 0; i < 9998; i++) {
        cay__buf_printf(&text, ",V%d", i);
    }
    char *s = cay__buf_take_str(&text);
    cay_authority_t *root = root_authority("all"), *full = child_authority(root, s);
    cay__free(s);
    op_t op;
    cay_ask_t env = {CAY_KIND_ENV, "A", 1, 0, NULL};
    begin_read(full, &op, "/data/f");
    assert_int_equal(revoke(full, CAY_KIND_READ, "/elsewhere"), 0);
    assert_int_equal(op.revoked, 1);
    assert_false(reads(full, "/data/f"));
    assert_true(reads(root, "/data/f"));
    assert_true(cay__authority_has(full, &env));
    cay__use_end(&op.use);
    cay__authority_unref(&full);
    cay__authority_unref(&root);
}

static void revoking_again_takes_no_room(void **state) {
    (void)state;
    cay_authority_t *a = root_authority("read=/data");
    cay_permissions_t *set;
    char *text;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(revoke(a, CAY_KIND_READ, "/data/x"), 0);
        assert_int_equal(revoke(a, CAY_KIND_READ, "/data/x/y"), 0);
        assert_int_equal(revoke(a, CAY_KIND_NET, "example.com"), 0); /* never had it */
    }
    assert_int_equal(cay__authority_snapshot(a, &set), 0);
    assert_int_equal(cay_permissions_print(set, &text), 0);
    assert_string_equal(text, "read=/data;deny-read=/data/x");
    cay__free(text);
    cay_permissions_free(set);
    cay__authority_unref(&a);
}

static char *linked(const char *path, void *ctx) {
    (void)ctx;
    return strncmp(path, "/link", 5) == 0 ? cay__asprintf("/real%s", path + 5) : cay__strdup(path);
}

static void revoking_a_path_takes_its_real_name_too(void **state) {
    (void)state;
    cay_permissions_t *set = parsed("read=/link,/real");
    cay_authority_t *a;
    cay_authority_options_t o = {.worker_id = 1};
    assert_int_equal(cay__perm_resolve(set, linked, NULL), 0);
    assert_int_equal(cay__authority_new(&o, set, &a), 0);
    assert_false(cay__authority_denies_path(a, CAY_KIND_READ, "/real/x", 7));
    assert_int_equal(revoke(a, CAY_KIND_READ, "/link/x"), 0);
    assert_false(reads(a, "/link/x/f"));
    assert_false(reads(a, "/real/x/f"));
    assert_true(reads(a, "/real/y"));
    assert_true(cay__authority_denies_path(a, CAY_KIND_READ, "/real/x", 7));
    assert_true(cay__authority_denies_below(a, CAY_KIND_READ, "/real", 5));
    assert_false(cay__authority_denies_path(a, CAY_KIND_READ, "/real", 5));
    cay__authority_unref(&a);
}

static void queries_and_derivation_see_the_set_of_now(void **state) {
    (void)state;
    cay_authority_t *a = root_authority("read=/data;wasm");
    cay_permissions_t *set = NULL;
    cay_grant_t grant;
    cay_error_t *err = NULL;
    assert_int_equal(cay__authority_query(a, CAY_KIND_READ, "/data/x", &grant, NULL), 0);
    assert_int_equal(grant, CAY_GRANT_GRANTED);
    assert_int_equal(revoke(a, CAY_KIND_READ, "/data/x"), 0);
    assert_int_equal(cay__authority_query(a, CAY_KIND_READ, "/data/x", &grant, NULL), 0);
    assert_int_equal(grant, CAY_GRANT_DENIED);
    assert_int_equal(cay__authority_derive(a, "read=/data/x", 0, &set, &err), CAY_EPERM);
    assert_non_null(strstr(cay_error_message(err), "read=/data/x"));
    assert_null(set);
    cay_error_free(err);
    assert_int_equal(cay__authority_derive(a, NULL, 0, &set, NULL), 0);
    char *text;
    assert_int_equal(cay_permissions_print(set, &text), 0);
    assert_string_equal(text, "read=/data;deny-read=/data/x;wasm");
    cay__free(text);
    cay_permissions_free(set);
    cay__authority_unref(&a);
}

static void count(const cay_audit_t *r, void *user) {
    (void)r;
    ++*(unsigned *)user;
}

/* With an audit: nothing is told of what was not done, and what was done is told as far as there is memory. */
static void without_memory_an_audited_revocation_does_all_or_nothing(void **state) {
    (void)state;
    for (uint64_t n = 1;; n++) {
        unsigned told = 0;
        int64_t live = cay__mem_live();
        cay_authority_t *a;
        cay_authority_options_t o = {.on_audit = count, .audit_user = &told};
        assert_int_equal(cay__authority_new(&o, parsed("read=/data"), &a), 0);
        op_t op;
        begin_read(a, &op, "/data/x");
        told = 0;
        cay__mem_fail_at(n, false);
        int rc = revoke(a, CAY_KIND_READ, "/data/x");
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_true(rc == 0 || (failed && rc == CAY_ENOMEM));
        assert_int_equal(op.revoked, rc == 0);
        assert_true(rc ? told == 0 : told == (failed ? 1 : 2));
        cay__use_end(&op.use);
        cay__authority_unref(&a);
        assert_int_equal(cay__mem_live(), live);
        if (!failed) {
            break;
        }
    }
}

/* Whatever fails: a keeps its grant, or it and all below have lost it. */
static void without_memory_a_revocation_does_all_or_nothing(void **state) {
    (void)state;
    for (uint64_t n = 1;; n++) {
        cay_authority_t *root = root_authority("read=/data"),
                        *a = child_authority(root, "read=/data"),
                        *b = child_authority(a, "read=/data");
        op_t ops[3];
        begin_read(root, &ops[0], "/data/x");
        begin_read(a, &ops[1], "/data/x");
        begin_read(b, &ops[2], "/data/x");
        cay__mem_fail_at(n, false);
        int rc = revoke(root, CAY_KIND_READ, "/data/x");
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_true(rc == 0 || (failed && rc == CAY_ENOMEM));
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(ops[i].revoked, rc == 0);
            cay__use_end(&ops[i].use);
        }
        assert_int_equal(reads(root, "/data/x"), rc != 0);
        assert_int_equal(reads(b, "/data/x"), rc != 0);
        assert_true(reads(root, "/data/y"));
        cay__authority_unref(&b);
        cay__authority_unref(&a);
        cay__authority_unref(&root);
        if (!failed) {
            break;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(revoking_reaches_everyone_below_and_nobody_else),
        cmocka_unit_test(a_use_does_not_begin_after_its_grant_went),
        cmocka_unit_test(what_was_revoked_is_told_as_such),
        cmocka_unit_test(the_error_of_a_use_that_ended_tells_host_and_port),
        cmocka_unit_test(a_use_that_ended_is_left_alone),
        cmocka_unit_test(a_use_keeps_its_own_copy_of_what_was_asked),
        cmocka_unit_test(a_use_keeps_its_authority),
        cmocka_unit_test(a_switch_is_turned_off_below_too),
        cmocka_unit_test(what_went_before_a_child_is_made_stays_away),
        cmocka_unit_test(a_malformed_revocation_changes_nothing),
        cmocka_unit_test(a_set_that_is_full_loses_the_whole_kind),
        cmocka_unit_test(revoking_again_takes_no_room),
        cmocka_unit_test(revoking_a_path_takes_its_real_name_too),
        cmocka_unit_test(queries_and_derivation_see_the_set_of_now),
        cmocka_unit_test(without_memory_a_revocation_does_all_or_nothing),
        cmocka_unit_test(without_memory_an_audited_revocation_does_all_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
