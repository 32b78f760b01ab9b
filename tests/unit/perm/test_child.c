/* SPDX-License-Identifier: MIT */
/* The set of a child, and where the file system has the paths of a set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "perm_test.h"

#define BIT(kind) (UINT32_C(1) << CAY_KIND_##kind)
#define EVERY     ((UINT32_C(1) << CAY_KIND_COUNT) - 1)

static const struct {
    const char *parent, *text;
    uint32_t inherit;
    const char *child; /* printed; NULL: refused */
    const char *why;   /* refused: a piece of the message */
} cases[] = {
    {"all", "", 0, "", NULL},
    {"", "", EVERY, "", NULL},
    {"read=/a;wasm", "", EVERY, "read=/a;wasm", NULL},
    {"read=/a;wasm", "", BIT(WASM), "wasm", NULL},
    {"read=/a;wasm", "", BIT(READ) | BIT(EVAL), "read=/a", NULL},
    {"read=/a;deny-read=/a/b", "", BIT(READ), "read=/a;deny-read=/a/b", NULL},
    {"read=/a;deny-read=/a/b", "read=/a/c", 0, "read=/a/c;deny-read=/a/b", NULL},
    {"read=/a;deny-read=/a/b", "", 0, "", NULL},
    {"read=/a;deny-read=/a/b;write=/a", "write=/a", 0, "write=/a", NULL},
    {"read=/a;deny-read=/a/b", "read=/a;deny-read=/a/b,/a/c", 0, "read=/a;deny-read=/a/b,/a/c",
     NULL},
    {"read=/a;deny-read=/a/b", "deny-read=/a/c", 0, "deny-read=/a/c", NULL},
    {"read=/a", "read=/a/b", BIT(READ), "read=/a/b,/a", NULL},
    {"all", "all", 0,
     "read;write;net=*,0.0.0.0/0,::/0;env;import=*,0.0.0.0/0,::/"
     "0;sys;eval;wasm;shared-memory;fine-clock",
     NULL},
    {"net=*", "net=a:443,8.8.8.8", 0, "net=a:443,8.8.8.8", NULL},
    {"net;deny-net=10.0.0.0/8", "net=a", 0, "net=a;deny-net=10.0.0.0/8", NULL},
    {"all", "wasm;eval", 0, "eval;wasm", NULL},
    {"read=/a", "read=/b", 0, NULL, "cannot be given read=/b: its parent does not have it"},
    {"read=/a", "read=/a,/ab", 0, NULL, "read=/ab:"},
    {"read=/a", "read", 0, NULL, "cannot be given read:"},
    {"read=/a", "write=/a", 0, NULL, "write=/a:"},
    {"read=/a;deny-read=/a/b", "read=/a/b/c", 0, NULL,
     "cannot be given read=/a/b/c: its parent is denied it by deny-read=/a/b"},
    {"net=*", "net=127.0.0.1", 0, NULL, "net=127.0.0.1:"},
    {"net=*;deny-net=a", "net=a:80", 0, NULL, "denied it by deny-net=a"},
    {"net=a:443", "net=a", 0, NULL, "net=a:"},
    {"read=/a", "read", 0, NULL,
     "cannot be given read: its parent does not have all of it; \"inherit\" gives what it has"},
    {"net=127.0.0.1", "net", 0, NULL,
     "cannot be given net=*: its parent does not have all of it; \"inherit\" gives what it has"},
    {"read=/a/b", "read=/a", 0, NULL,
     "cannot be given read=/a: its parent does not have all of it"},
    {"write=/a", "read", 0, NULL, "cannot be given read: its parent does not have it"},
    {"", "wasm", 0, NULL, "cannot be given wasm: its parent does not have it"},
    {"wasm", "all", 0, NULL, "cannot be given read:"},
    {"env=A*", "env=B", 0, NULL, "env=B:"},
    {"read=/a", "read=/a%2Cb", 0, NULL, "read=/a%2Cb:"},
};

static void a_child_gets_what_its_parent_has(void **state) {
    (void)state;
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        cay_permissions_t *parent = parsed(cases[i].parent), *child;
        cay_error_t *err = NULL;
        char *text = NULL;
        int rc = cay__perm_child(parent, cases[i].text, cases[i].inherit, &child, &err);
        if (cases[i].child) {
            assert_int_equal(rc, 0);
            assert_int_equal(cay_permissions_print(child, &text), 0);
            assert_string_equal(text, cases[i].child);
            assert_int_equal(cay_permissions_subset(child, parent, NULL), 0);
        } else if (rc != CAY_EPERM || !strstr(cay_error_message(err), cases[i].why)) {
            fail_msg("\"%s\" of \"%s\": %d %s", cases[i].text, cases[i].parent, rc,
                     cay_error_message(err));
        }
        assert_true(!child == (rc != 0));
        cay__free(text);
        cay_error_free(err);
        cay_permissions_free(parent);
        cay_permissions_free(child);
    }
}

static void a_malformed_text_of_a_child_is_refused(void **state) {
    (void)state;
    cay_permissions_t *parent = parsed("all"), *child;
    cay_error_t *err = NULL;
    assert_int_equal(cay__perm_child(parent, "reed=/a", 0, &child, &err), CAY_EINVAL);
    assert_non_null(strstr(cay_error_message(err), "\"reed=/a\""));
    assert_null(child);
    cay_error_free(err);
    cay_permissions_free(parent);
}

static void what_a_child_gets_is_a_subset(void **state) {
    (void)state;
    chance_t c = {11};
    unsigned made = 0;
    for (int i = 0; i < 20000; i++) {
        cay_buf_t p = CAY_BUF_INIT, k = CAY_BUF_INIT;
        random_set(&c, &p);
        random_item(&c, &k);
        char *parent_text = cay__buf_take_str(&p), *text = cay__buf_take_str(&k);
        cay_permissions_t *parent = parsed(parent_text), *child;
        uint32_t inherit = chance_below(&c, 2) ? chance_below(&c, 1 << CAY_KIND_COUNT) : 0;
        cay_error_t *err = NULL;
        if (cay__perm_child(parent, text, inherit, &child, &err) == 0) {
            made++;
            if (cay_permissions_subset(child, parent, &err)) {
                fail_msg("parent \"%s\" text \"%s\" inherit %x: %s", parent_text, text, inherit,
                         cay_error_message(err));
            }
        }
        cay_error_free(err);
        cay__free(parent_text);
        cay__free(text);
        cay_permissions_free(parent);
        cay_permissions_free(child);
    }
    assert_true(made > 4000);
}

/* --- where paths are --- */

/* The file system of these tests: /link is a link to /real, /root to /, /info to /proc/7. */
static char *real_of(const char *path, void *ctx) {
    unsigned *calls = ctx;
    (*calls)++;
    static const struct {
        const char *link, *target;
    } links[] = {{"/link", "/real"}, {"/root", ""}, {"/info", "/proc/7"}};
    for (size_t i = 0; i < CAY_COUNT(links); i++) {
        size_t n = strlen(links[i].link);
        if (strncmp(path, links[i].link, n) == 0 && (path[n] == 0 || path[n] == '/')) {
            return cay__asprintf("%s%s", links[i].target,
                                 path[n] || *links[i].target ? path + n : "/");
        }
    }
    return cay__strdup(path);
}

static cay_permissions_t *resolved(const char *text) {
    cay_permissions_t *set = parsed(text);
    unsigned calls = 0;
    assert_int_equal(cay__perm_resolve(set, real_of, &calls), 0);
    return set;
}

/* Where an operation on the path would begin; NULL when it is refused. */
static const char *root_of(const cay_permissions_t *set, const char *path) {
    cay_verdict_t v;
    cay_ask_t ask = {CAY_KIND_READ, path, strlen(path), 0, NULL};
    if (!cay__perm_check(set, &ask, &v)) {
        return NULL;
    }
    const char *real = cay__rule_real(v.rule);
    return real ? real : "everything";
}

static void rules_know_where_the_file_system_has_them(void **state) {
    (void)state;
    cay_permissions_t *set = resolved("read=/link/a,/b,/;deny-read=/link/x;env=A;read=/link");
    assert_string_equal(root_of(set, "/link/a/f"), "/real/a");
    assert_string_equal(root_of(set, "/link/f"), "/real");
    assert_string_equal(root_of(set, "/b/f"), "/b");
    assert_string_equal(root_of(set, "/c"), "/");
    assert_null(root_of(set, "/link/x"));
    assert_null(root_of(set, "/real/x/y")); /* the same by its real name */
    assert_string_equal(root_of(set, "/real/xy"), "/");
    cay_permissions_free(set);
    set = resolved("read");
    assert_string_equal(root_of(set, "/link"), "everything");
    cay_permissions_free(set);
}

static void denials_are_known_by_both_names(void **state) {
    (void)state;
    cay_permissions_t *set = resolved("read=/;deny-read=/link/x,/y");
    static const struct {
        const char *path;
        bool denied;
    } paths[] = {{"/link/x", true},   {"/link/x/z", true}, {"/real/x", true}, {"/real/x/z", true},
                 {"/real/xz", false}, {"/real", false},    {"/link", false},  {"/y/z", true},
                 {"/", false},        {"/link/xz", false}};
    for (size_t i = 0; i < CAY_COUNT(paths); i++) {
        assert_int_equal(
            cay__perm_denies_path(set, CAY_KIND_READ, paths[i].path, strlen(paths[i].path)),
            paths[i].denied);
        assert_false(
            cay__perm_denies_path(set, CAY_KIND_WRITE, paths[i].path, strlen(paths[i].path)));
    }
    assert_false(cay__perm_denies_path(set, CAY_KIND_NET, "/y", 2));
    assert_false(cay__perm_denies_path(set, 77, "/y", 2));
    cay_permissions_free(set);
}

static void what_is_denied_below_a_path_is_known(void **state) {
    (void)state;
    cay_permissions_t *set = resolved("read=/;deny-read=/link/x,/y/z"),
                      *all = parsed("read;deny-read");
    static const struct {
        const char *path;
        bool denied;
    } paths[] = {{"/link", true}, {"/real", true},    {"/", true},     {"/link/x/y", true},
                 {"/y", true},    {"/y/z/w", true},   {"/y/a", false}, {"/rea", false},
                 {"/a", false},   {"/real/xz", false}};
    for (size_t i = 0; i < CAY_COUNT(paths); i++) {
        size_t len = strlen(paths[i].path);
        assert_int_equal(cay__perm_denies_below(set, CAY_KIND_READ, paths[i].path, len),
                         paths[i].denied);
        assert_false(cay__perm_denies_below(set, CAY_KIND_WRITE, paths[i].path, len));
        assert_true(cay__perm_denies_below(all, CAY_KIND_READ, paths[i].path, len));
    }
    assert_false(cay__perm_denies_below(set, CAY_KIND_NET, "/", 1));
    cay_permissions_free(set);
    cay_permissions_free(all);
}

static void a_link_into_the_kernel_grants_nothing(void **state) {
    (void)state;
    cay_permissions_t *set = resolved("read=/info,/root,/proc/7");
    assert_null(root_of(set, "/info"));
    assert_null(root_of(set, "/info/environ"));
    assert_string_equal(root_of(set, "/proc/7/environ"), "/proc/7");
    assert_string_equal(root_of(set, "/root/etc"), "/");
    assert_null(root_of(set, "/root/proc/7"));
    assert_null(root_of(set, "/root/dev"));
    assert_string_equal(root_of(set, "/root/process"), "/");
    cay_permissions_free(set);
}

static void resolving_again_replaces_what_was(void **state) {
    (void)state;
    cay_permissions_t *set = resolved("read=/link/a"), *copy;
    unsigned calls = 0;
    assert_int_equal(cay__perm_resolve(set, real_of, &calls), 0);
    assert_int_equal(calls, 1);
    assert_string_equal(root_of(set, "/link/a"), "/real/a");
    assert_int_equal(cay_permissions_copy(set, &copy), 0);
    assert_string_equal(root_of(copy, "/link/a"), "/real/a");
    cay_permissions_free(set);
    cay_permissions_free(copy);
}

static void a_child_has_paths_where_its_parent_has_them(void **state) {
    (void)state;
    cay_permissions_t *parent = resolved("read=/link,/root,/b;deny-read=/link/no"), *child,
                      *grandchild;
    int rc = cay__perm_child(parent, "read=/link/a,/b/link,/root,/root/etc,/link;deny-read=/link/q",
                             0, &child, NULL);
    assert_int_equal(rc, 0);
    assert_string_equal(root_of(child, "/link/a/f"), "/real/a");
    assert_string_equal(root_of(child, "/link/f"), "/real");
    assert_string_equal(root_of(child, "/b/link/f"), "/b/link");
    assert_string_equal(root_of(child, "/root/etc"), "/etc");
    assert_string_equal(root_of(child, "/root/usr"), "/");
    assert_null(root_of(child, "/root/proc"));
    assert_true(cay__perm_denies_path(child, CAY_KIND_READ, "/real/q/x", 9));
    assert_true(cay__perm_denies_path(child, CAY_KIND_READ, "/real/no", 8));
    rc = cay__perm_child(child, "read=/link/a/b,/root", 0, &grandchild, NULL);
    assert_int_equal(rc, 0);
    assert_string_equal(root_of(grandchild, "/link/a/b"), "/real/a/b");
    assert_string_equal(root_of(grandchild, "/root"), "/");
    assert_true(cay__perm_denies_path(grandchild, CAY_KIND_READ, "/real/q/x", 9));
    cay_permissions_free(parent);
    cay_permissions_free(child);
    cay_permissions_free(grandchild);
}

static char *no_memory(const char *path, void *ctx) {
    int *left = ctx;
    return (*left)-- > 0 ? cay__strdup(path) : NULL;
}

static void resolving_without_memory_changes_nothing(void **state) {
    (void)state;
    cay_permissions_t *set = resolved("read=/link/a,/b;write=/link/c");
    int64_t live = cay__mem_live();
    for (int left = 0; left < 3; left++) {
        int n = left;
        assert_int_equal(cay__perm_resolve(set, no_memory, &n), CAY_ENOMEM);
        assert_string_equal(root_of(set, "/link/a"), "/real/a");
        assert_int_equal(cay__mem_live(), live);
    }
    cay__mem_fail_at(1, false);
    int n = 9;
    assert_int_equal(cay__perm_resolve(set, no_memory, &n), CAY_ENOMEM);
    cay__mem_fail_at(0, false);
    assert_int_equal(n, 9);
    assert_int_equal(cay__perm_resolve(set, no_memory, &n), 0);
    assert_string_equal(root_of(set, "/link/a"), "/link/a");
    cay_permissions_free(set);
}

static void failed_allocations_leave_nothing(void **state) {
    (void)state;
    cay_permissions_t *parent = resolved("read=/link;deny-read=/link/no;net=*;wasm;env");
    int64_t live = cay__mem_live();
    for (uint64_t n = 1;; n++) {
        cay_permissions_t *child = NULL;
        cay_error_t *err = NULL;
        cay__mem_fail_at(n, false);
        int rc = cay__perm_child(parent, "read=/link/a;net=a", BIT(WASM) | BIT(ENV), &child, &err);
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_int_equal(rc, failed ? CAY_ENOMEM : 0);
        cay_permissions_free(child);
        cay_error_free(err);
        assert_int_equal(cay__mem_live(), live);
        if (!failed) {
            break;
        }
    }
    cay_permissions_free(parent);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_gets_what_its_parent_has),
        cmocka_unit_test(a_malformed_text_of_a_child_is_refused),
        cmocka_unit_test(what_a_child_gets_is_a_subset),
        cmocka_unit_test(rules_know_where_the_file_system_has_them),
        cmocka_unit_test(denials_are_known_by_both_names),
        cmocka_unit_test(what_is_denied_below_a_path_is_known),
        cmocka_unit_test(a_link_into_the_kernel_grants_nothing),
        cmocka_unit_test(resolving_again_replaces_what_was),
        cmocka_unit_test(a_child_has_paths_where_its_parent_has_them),
        cmocka_unit_test(resolving_without_memory_changes_nothing),
        cmocka_unit_test(failed_allocations_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
