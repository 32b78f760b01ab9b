/* SPDX-License-Identifier: MIT */
/* Authorities: messages, places, audit, life and death of the tree. */
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
     "--allow-net=169.254.169.254:80 would grant it",
     true},
    {"net=*", CAY_KIND_NET, "evil.example", 80, "::ffff:10.0.0.1",
     "net access to \"evil.example:80\" (private address ::ffff:10.0.0.1) is not granted; "
     "--allow-net=10.0.0.1:80 would grant it",
     true},
    {"", CAY_KIND_NET, "a.example", 80, "10.0.0.1",
     "net access to \"a.example:80\" (private address 10.0.0.1) is not granted; "
     "--allow-net=a.example:80,10.0.0.1:80 would grant it",
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
            assert_int_equal(check(more, &ask, NULL), 0);
            cay__free(more);
        }
        cay_error_free(err);
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
            tried++;
            if (check(more, &q.ask, NULL)) {
                fail_msg("\"%s\": %s", set, cay_error_message(err));
            }
            cay__free(more);
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

/* --- audit --- */

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
        cmocka_unit_test(the_flag_of_a_refusal_grants_it),
        cmocka_unit_test(long_values_are_cut),
        cmocka_unit_test(a_place_is_the_rule_that_granted),
        cmocka_unit_test(each_decision_is_audited_once),
        cmocka_unit_test(without_memory_nothing_is_granted_and_nobody_told),
        cmocka_unit_test(a_long_line_of_authorities_ends_without_recursion),
        cmocka_unit_test(without_memory_no_authority_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
