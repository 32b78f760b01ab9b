/* SPDX-License-Identifier: MIT */
/* Authorities: messages, places, life and death of the tree. */
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

/* --- messages --- */

static const struct {
    const char *set;
    cay_kind_t kind;
    const char *value;
    int port;
    const char *addr;
    const char *message; /* NULL: granted */
    bool flag_grants;    /* what the flag says does grant it */
} messages[] = {
    {"", CAY_KIND_READ, "/etc/passwd", 0, NULL,
     "read access to \"/etc/passwd\" is not granted; --allow-read=/etc/passwd would grant it",
     true},
    {"", CAY_KIND_WRITE, "/a b", 0, NULL,
     "write access to \"/a b\" is not granted; --allow-write=/a b would grant it", true},
    {"", CAY_KIND_READ, "/a,b;c%d", 0, NULL,
     "read access to \"/a,b;c%d\" is not granted; --allow-read=/a%2Cb%3Bc%25d would grant it",
     true},
    {"", CAY_KIND_READ, "/a\n\"\\\xff", 0, NULL,
     "read access to \"/a\\x0a\\\"\\\\\\xff\" is not granted; --allow-read=/a\\x0a\"\\\\xff would "
     "grant it",
     false},
    {"read", CAY_KIND_READ, "/proc/self/environ", 0, NULL,
     "read access to \"/proc/self/environ\" is not granted; --allow-read=/proc/self/environ would "
     "grant it",
     true},
    {"read", CAY_KIND_READ, "/a/../b", 0, NULL, "read access to \"/a/../b\" is not granted", false},
    {"read;deny-read=/data/secret", CAY_KIND_READ, "/data/secret", 0, NULL,
     "read access to \"/data/secret\" is denied by deny-read=/data/secret", false},
    {"read;deny-read=/data/a%2Cb", CAY_KIND_READ, "/data/a,b/c", 0, NULL,
     "read access to \"/data/a,b/c\" is denied by deny-read=/data/a%2Cb", false},
    {"net;deny-net", CAY_KIND_NET, "a", 80, NULL, "net access to \"a:80\" is denied by deny-net",
     false},
    {"", CAY_KIND_NET, "example.com", 443, NULL,
     "net access to \"example.com:443\" is not granted; --allow-net=example.com:443 would grant it",
     true},
    {"", CAY_KIND_NET, "example.com", -1, NULL,
     "net access to \"example.com\" is not granted; --allow-net=example.com would grant it", true},
    {"", CAY_KIND_IMPORT, "example.com", 443, NULL,
     "import access to \"example.com:443\" is not granted; --allow-import=example.com:443 would "
     "grant it",
     true},
    {"net=*", CAY_KIND_NET, "127.0.0.1", 80, NULL,
     "net access to \"127.0.0.1:80\" (loopback address 127.0.0.1) is not granted; "
     "--allow-net=127.0.0.1:80 would grant it",
     true},
    {"net=*", CAY_KIND_NET, "[::1]", 80, NULL,
     "net access to \"[::1]:80\" (loopback address ::1) is not granted; --allow-net=[::1]:80 would "
     "grant it",
     true},
    {"", CAY_KIND_NET, "8.8.8.8", 53, NULL,
     "net access to \"8.8.8.8:53\" is not granted; --allow-net=8.8.8.8:53 would grant it", true},
    {"net=*", CAY_KIND_NET, "evil.example", 80, "169.254.169.254",
     "net access to \"evil.example:80\" (metadata address 169.254.169.254) is not granted; "
     "--allow-net=evil.example:80,169.254.169.254:80 would grant it",
     true},
    {"net=*", CAY_KIND_NET, "evil.example", 80, "::ffff:10.0.0.1",
     "net access to \"evil.example:80\" (private address ::ffff:10.0.0.1) is not granted; "
     "--allow-net=evil.example:80,10.0.0.1:80 would grant it",
     true},
    {"", CAY_KIND_NET, "a.example", 80, "10.0.0.1",
     "net access to \"a.example:80\" (private address 10.0.0.1) is not granted; "
     "--allow-net=a.example:80,10.0.0.1:80 would grant it",
     true},
    {"net=*", CAY_KIND_NET, "localhost", 8700, "127.0.0.1",
     "net access to \"localhost:8700\" (loopback address 127.0.0.1) is not granted; "
     "--allow-net=localhost:8700 would grant it",
     true},
    {"net=*", CAY_KIND_NET, "x.localhost", 8700, "::1",
     "net access to \"x.localhost:8700\" (loopback address ::1) is not granted; "
     "--allow-net=x.localhost:8700 would grant it",
     true},
    {"", CAY_KIND_NET, "localhost", 80, "10.0.0.1",
     "net access to \"localhost:80\" (private address 10.0.0.1) is not granted; "
     "--allow-net=localhost:80,10.0.0.1:80 would grant it",
     true},
    {"", CAY_KIND_NET, "[64:ff9b::7f00:1]", 80, NULL,
     "net access to \"[64:ff9b::7f00:1]:80\" (loopback address 64:ff9b::7f00:1) is not granted; "
     "--allow-net=[64:ff9b::7f00:1]:80,127.0.0.1:80 would grant it",
     true},
    {"net=*,10.0.0.0/8;deny-net=10.0.0.0/8", CAY_KIND_NET, "a.example", 80, "10.0.0.1",
     "net access to \"a.example:80\" (10.0.0.1) is denied by deny-net=10.0.0.0/8", false},
    {"net", CAY_KIND_NET, "", 80, NULL, "net access to \":80\" is not granted", false},
    {"", CAY_KIND_ENV, "HOME", 0, NULL,
     "env access to \"HOME\" is not granted; --allow-env=HOME would grant it", true},
    {"", CAY_KIND_SYS, "hostname", 0, NULL,
     "sys access to \"hostname\" is not granted; --allow-sys=hostname would grant it", true},
    {"", CAY_KIND_WASM, "", 0, NULL, "wasm is not granted; --allow-wasm would grant it", true},
    {"", CAY_KIND_SHARED_MEMORY, "", 0, NULL,
     "shared-memory is not granted; --allow-shared-memory would grant it", true},
    {"wasm", CAY_KIND_WASM, "", 0, NULL, NULL, false},
    {"net=*", CAY_KIND_NET, "a.example", 80, "8.8.8.8", NULL, false},
};

static int check(const char *set, const cay_ask_t *ask, cay_error_t **err) {
    cay_authority_t *a = root_authority(set);
    int rc = cay__authority_check(a, ask, NULL, err);
    assert_int_equal(cay__authority_has(a, ask), rc == 0);
    cay__authority_unref(&a);
    return rc;
}

/* The set with what the message proposes: "--allow-KIND=VALUE would" becomes "KIND=VALUE". */
static char *with_flag(const char *set, const char *message) {
    const char *flag = strstr(message, "--allow-"),
               *end = flag ? strstr(flag, " would grant it") : NULL;
    if (!end) {
        return cay__strdup(set);
    }
    flag += strlen("--allow-");
    return cay__asprintf("%s%s%.*s", set, *set ? ";" : "", (int)(end - flag), flag);
}

static void a_refusal_tells_what_would_grant_it(void **state) {
    (void)state;
    for (size_t i = 0; i < CAY_COUNT(messages); i++) {
        cay_addr_t addr;
        cay_ask_t ask = {messages[i].kind, messages[i].value, strlen(messages[i].value),
                         messages[i].port, NULL};
        cay_error_t *err = NULL;
        if (messages[i].addr) {
            assert_true(cay__addr_parse(messages[i].addr, strlen(messages[i].addr), &addr));
            ask.addr = &addr;
        }
        int rc = check(messages[i].set, &ask, &err);
        assert_int_equal(rc, messages[i].message ? CAY_EPERM : 0);
        if (messages[i].message) {
            assert_string_equal(cay_error_message(err), messages[i].message);
            assert_int_equal(check(messages[i].set, &ask, NULL), CAY_EPERM);
        } else {
            assert_null(err);
        }
        if (messages[i].flag_grants) {
            char *more = with_flag(messages[i].set, messages[i].message);
            char *alone = with_flag("", messages[i].message);
            assert_int_equal(check(more, &ask, NULL), 0);
            assert_int_equal(check(alone, &ask, NULL), 0);
            cay__free(more);
            cay__free(alone);
        }
        cay_error_free(err);
    }
}

static const struct {
    const char *root, *child;
    cay_kind_t kind;
    const char *value;
    int port;
    const char *message;
} nested[] = {
    {"env=HOME", "", CAY_KIND_ENV, "HOME", -1,
     "env access to \"HOME\" is not granted to this worker; its creator can pass it on with { cay: "
     "{ permissions: { env: [\"HOME\"] } } }, and has it with --allow-env=HOME"},
    {"", "", CAY_KIND_ENV, "HOME", -1,
     "env access to \"HOME\" is not granted to this worker; its creator can pass it on with { cay: "
     "{ permissions: { env: [\"HOME\"] } } }, and has it with --allow-env=HOME"},
    {"env;deny-env=HOME", "", CAY_KIND_ENV, "HOME", -1,
     "env access to \"HOME\" is not granted to this worker; its creator can pass it on with { cay: "
     "{ permissions: { env: [\"HOME\"] } } }, and has it with --allow-env=HOME"},
    {"net=*,127.0.0.0/8", "", CAY_KIND_NET, "[::ffff:127.0.0.1]", 80,
     "net access to \"[::ffff:127.0.0.1]:80\" (loopback address ::ffff:127.0.0.1) is not granted "
     "to this worker; its creator can pass it on with { cay: { permissions: { net: "
     "[\"127.0.0.1:80\"] } } }, and has it with --allow-net=127.0.0.1:80"},
    {"net=*", "", CAY_KIND_NET, "localhost", 80,
     "net access to \"localhost:80\" is not granted to this worker; its creator can pass it on "
     "with { cay: { permissions: { net: [\"localhost:80\"] } } }, and has it with "
     "--allow-net=localhost:80"},
    {"fine-clock", "", CAY_KIND_FINE_CLOCK, "", -1,
     "fine-clock is not granted to this worker; its creator can pass it on with { cay: { "
     "permissions: { \"fine-clock\": true } } }, and has it with --allow-fine-clock"},
    {"env;deny-env=SECRET", "env", CAY_KIND_ENV, "SECRET", -1,
     "env access to \"SECRET\" is denied by deny-env=SECRET"},
    {"read", "", CAY_KIND_READ, "/a/../b", -1,
     "read access to \"/a/../b\" is not granted to this worker"},
};

static void a_refusal_of_a_nested_worker_tells_what_its_creator_can_do(void **state) {
    (void)state;
    for (size_t i = 0; i < CAY_COUNT(nested); i++) {
        cay_authority_t *root = root_authority(nested[i].root),
                        *child = child_authority(root, nested[i].child);
        cay_ask_t ask = {nested[i].kind, nested[i].value, strlen(nested[i].value), nested[i].port,
                         NULL};
        cay_error_t *err = NULL;
        assert_int_equal(cay__authority_check(child, &ask, NULL, &err), CAY_EPERM);
        assert_string_equal(cay_error_message(err), nested[i].message);
        cay_error_free(err);
        cay__authority_unref(&child);
        cay__authority_unref(&root);
    }
}

/* Whatever is refused without a denial is granted once the flag of the message is given. */
static void the_flag_of_a_refusal_grants_it(void **state) {
    (void)state;
    chance_t c = {21};
    unsigned tried = 0;
    for (int i = 0; i < 20000; i++) {
        cay_buf_t text = CAY_BUF_INIT;
        question_t q;
        cay_error_t *err = NULL;
        random_set(&c, &text);
        random_question(&c, &q);
        char *set = cay__buf_take_str(&text);
        int rc = check(set, &q.ask, &err);
        if (rc && !strstr(cay_error_message(err), "is denied by")) {
            char *more = with_flag(set, cay_error_message(err));
            char *alone = with_flag("", cay_error_message(err));
            tried++;
            if (check(more, &q.ask, NULL) || check(alone, &q.ask, NULL)) {
                fail_msg("\"%s\": %s", set, cay_error_message(err));
            }
            cay__free(more);
            cay__free(alone);
        }
        cay_error_free(err);
        cay__free(set);
    }
    assert_true(tried > 5000);
}

static void long_values_are_cut(void **state) {
    (void)state;
    char path[9000];
    cay_error_t *err = NULL;
    memset(path, '/', 1);
    memset(path + 1, 'x', sizeof path - 1);
    path[sizeof path - 1] = 0;
    cay_ask_t ask = read_ask(path);
    assert_int_equal(check("", &ask, &err), CAY_EPERM);
    assert_true(strlen(cay_error_message(err)) < 700);
    assert_non_null(strstr(cay_error_message(err), "xxx...\" is not granted"));
    cay_error_free(err);
}

/* --- places --- */

static void a_place_is_the_rule_that_granted(void **state) {
    (void)state;
    char path[] = "x";
    cay_authority_t *a = root_authority("read=/data,/data/sub;write;env");
    cay_place_t place;
    cay_ask_t ask = read_ask("/data/sub/f");
    assert_int_equal(cay__authority_check(a, &ask, &place, NULL), 0);
    assert_string_equal(place.root, "/data/sub");
    assert_string_equal(place.named, "/data/sub");
    cay__place_clear(&place);
    assert_null(place.root);
    ask.kind = CAY_KIND_WRITE;
    assert_int_equal(cay__authority_check(a, &ask, &place, NULL), 0);
    assert_string_equal(place.root, "/");
    assert_string_equal(place.named, "/");
    cay__place_clear(&place);
    cay__place_clear(&place);
    ask = read_ask("/x");
    place.root = place.named = path; /* overwritten, not freed */
    assert_int_equal(cay__authority_check(a, &ask, &place, NULL), CAY_EPERM);
    assert_null(place.root);
    assert_null(place.named);
    cay_ask_t env = {CAY_KIND_ENV, "A", 1, 0, NULL};
    assert_int_equal(cay__authority_check(a, &env, &place, NULL), 0);
    assert_null(place.root);
    cay__authority_unref(&a);
}

/* --- life --- */

static void a_long_line_of_authorities_ends_without_recursion(void **state) {
    (void)state;
    enum { DEPTH = 20000 };
    int64_t live = cay__mem_live();
    cay_authority_t *root = root_authority("wasm;read=/a"), *last = cay__authority_ref(root);
    cay_ask_t wasm = {CAY_KIND_WASM, "", 0, 0, NULL};
    for (int i = 0; i < DEPTH; i++) {
        cay_authority_t *next = child_authority(last, "wasm;read=/a");
        cay__authority_unref(&last);
        last = next;
    }
    assert_true(cay__authority_has(last, &wasm));
    assert_int_equal(cay__authority_revoke(root, CAY_KIND_WASM, NULL, NULL), 0);
    assert_false(cay__authority_has(last, &wasm));
    cay__authority_unref(&root);
    assert_true(reads(last, "/a"));
    cay__authority_unref(&last);
    assert_int_equal(cay__mem_live(), live);
}

static void without_memory_no_authority_is_made(void **state) {
    (void)state;
    cay_authority_t *root = root_authority("read=/data"), *child = NULL;
    assert_int_equal(cay__authority_revoke(root, CAY_KIND_READ, "/data/x", NULL), 0);
    for (int with_parent = 0; with_parent < 2; with_parent++) {
        int64_t live = cay__mem_live();
        for (uint64_t n = 1;; n++) {
            cay_permissions_t *set = parsed("read=/data");
            cay_authority_options_t o = {.parent = with_parent ? root : NULL, .worker_name = "w"};
            cay__mem_fail_at(n, false);
            int rc = cay__authority_new(&o, set, &child);
            bool failed = cay__mem_failed();
            cay__mem_fail_at(0, false);
            assert_int_equal(rc, failed ? CAY_ENOMEM : 0);
            assert_true(!child == failed);
            if (failed) {
                cay_permissions_free(set); /* still ours */
            }
            cay__authority_unref(&child);
            assert_int_equal(cay__mem_live(), live);
            if (!failed) {
                break;
            }
        }
    }
    cay__authority_unref(&root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_tells_what_would_grant_it),
        cmocka_unit_test(a_refusal_of_a_nested_worker_tells_what_its_creator_can_do),
        cmocka_unit_test(the_flag_of_a_refusal_grants_it),
        cmocka_unit_test(long_values_are_cut),
        cmocka_unit_test(a_place_is_the_rule_that_granted),
        cmocka_unit_test(a_long_line_of_authorities_ends_without_recursion),
        cmocka_unit_test(without_memory_no_authority_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
