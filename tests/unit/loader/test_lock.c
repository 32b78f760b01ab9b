/* SPDX-License-Identifier: MIT */
/* Lock files: what they let through, what they take in, how they are written, what is malformed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "loader/lock.h"
#include "os/file.h"
#include "os/thread.h"

#define D1 "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
#define D2 "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define A  "https://x.test/a.js"
#define B  "https://x.test/b.js"

static char dir[64], path[96];

static int set_up(void **state) {
    (void)state;
    strcpy(dir, "/tmp/cay-lock-XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/lock.json", dir);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(path);
    assert_int_equal(rmdir(dir), 0); /* no temporary file is left */
    return 0;
}

static void put(const char *text) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void expect_file(const char *text) {
    char *got;
    size_t len;
    assert_int_equal(cay__file_read(NULL, path, 1 << 20, &got, &len, NULL), 0);
    assert_string_equal(got, text);
    cay__free(got);
}

static cay_lock_t *open_lock(bool write) {
    cay_lock_t *l = NULL;
    cay_error_t *err = NULL;
    if (cay__lock_open(path, write, &l, &err)) {
        fail_msg("%s", cay_error_message(err));
    }
    return l;
}

/* The code of a check; its message must have all three texts. */
static int check(cay_lock_t *l, const char *url, const char *final, const char *sri,
                 const char *const *texts) {
    cay_error_t *err = NULL;
    int rc = cay__lock_check(l, url, final, sri, &err);
    assert_int_equal(cay_error_code(err), rc);
    for (; texts && *texts; texts++) {
        if (!strstr(cay_error_message(err), *texts)) {
            fail_msg("\"%s\" does not tell \"%s\"", cay_error_message(err), *texts);
        }
    }
    cay_error_free(err);
    return rc;
}

static void what_is_locked_must_be_the_same(void **state) {
    (void)state;
    put("{\"version\":1,\"remote\":{\"" A "\":\"" D1 "\"}}");
    cay_lock_t *l = open_lock(false);
    assert_int_equal(cay__lock_knows(l, A, NULL), 0);
    assert_int_equal(cay__lock_knows(l, B, NULL), CAY_EPERM);
    assert_int_equal(check(l, A, A, D1, NULL), 0);
    assert_int_equal(
        check(l, A, A, D2, (const char *[]){A, "expected " D1, "found " D2, path, NULL}),
        CAY_EPERM);
    assert_int_equal(check(l, B, B, D1, (const char *[]){B, "is not in the lock file", path, NULL}),
                     CAY_EPERM);
    cay__lock_unref(&l);
    assert_null(l);
    expect_file("{\"version\":1,\"remote\":{\"" A "\":\"" D1 "\"}}");
}

static void redirects_are_locked_too(void **state) {
    (void)state;
    put("{\"version\":1,\"remote\":{\"" B "\":\"" D1 "\"},\"redirects\":{\"" A "\":\"" B "\"}}");
    cay_lock_t *l = open_lock(false);
    assert_int_equal(cay__lock_knows(l, A, NULL), 0);
    assert_int_equal(cay__lock_knows(l, B, NULL), 0);
    assert_int_equal(check(l, A, B, D1, NULL), 0);
    assert_int_equal(check(l, B, B, D1, NULL), 0);
    assert_int_equal(check(l, A, B, D2, (const char *[]){B, D1, D2, NULL}), CAY_EPERM);
    assert_int_equal(check(l, A, A, D1, (const char *[]){A, "expected " B, "found " A, NULL}),
                     CAY_EPERM);
    assert_int_equal(
        check(l, A, "https://x.test/c.js", D1, (const char *[]){A, "expected " B, NULL}),
        CAY_EPERM);
    assert_int_equal(check(l, B, A, D1, (const char *[]){B, "expected " B, "found " A, NULL}),
                     CAY_EPERM);
    assert_int_equal(check(l, "https://x.test/c.js", B, D1, NULL), CAY_EPERM);
    cay__lock_unref(&l);
}

static void new_modules_are_added_when_writing(void **state) {
    (void)state;
    cay_lock_t *l = open_lock(true);
    assert_int_equal(cay__lock_knows(l, B, NULL), 0);
    assert_int_equal(check(l, B, B, D2, NULL), 0);
    assert_int_equal(check(l, "https://x.test/", A, D1, NULL), 0);
    assert_int_equal(check(l, B, B, D1, (const char *[]){"expected " D2, "found " D1, NULL}),
                     CAY_EPERM);
    assert_int_equal(check(l, "https://x.test/", B, D2, NULL), CAY_EPERM);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(cay__lock_flush(l, NULL), 0);
    static const char text[] = "{\n  \"redirects\": {\n    \"https://x.test/\": \"" A "\"\n  },\n"
                               "  \"remote\": {\n    \"" A "\": \"" D1 "\",\n    \"" B "\": \"" D2
                               "\"\n  },\n  \"version\": 1\n}\n";
    expect_file(text);
    struct stat before, after;
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(cay__lock_flush(l, NULL), 0);
    cay__lock_unref(&l);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino); /* not written again */
    l = open_lock(false);
    assert_int_equal(check(l, "https://x.test/", A, D1, NULL), 0);
    assert_int_equal(check(l, B, B, D2, NULL), 0);
    cay__lock_unref(&l);
}

static void a_mismatch_changes_nothing_when_writing(void **state) {
    (void)state;
    put("{\"version\":1,\"remote\":{\"" A "\":\"" D1 "\"}}");
    cay_lock_t *l = open_lock(true);
    assert_int_equal(check(l, A, A, D2, NULL), CAY_EPERM);
    assert_int_equal(check(l, B, A, D2, NULL), CAY_EPERM); /* nor is the redirect taken in */
    assert_int_equal(check(l, A, B, D2, NULL), CAY_EPERM); /* it is no redirect so far */
    cay__lock_unref(&l);
    expect_file("{\"version\":1,\"remote\":{\"" A "\":\"" D1 "\"}}");
}

static void the_last_reference_writes(void **state) {
    (void)state;
    cay_lock_t *l = open_lock(true), *again = cay__lock_ref(l);
    assert_int_equal(check(l, A, A, D1, NULL), 0);
    cay__lock_unref(&l);
    assert_int_equal(access(path, F_OK), -1);
    cay__lock_unref(&again);
    assert_int_equal(access(path, F_OK), 0);
    cay__lock_unref(&again);
}

static void what_others_wrote_meanwhile_stays(void **state) {
    (void)state;
    cay_lock_t *one = open_lock(true), *two = open_lock(true);
    assert_int_equal(check(one, A, A, D1, NULL), 0);
    assert_int_equal(check(two, B, B, D2, NULL), 0);
    assert_int_equal(check(two, A, A, D2, NULL), 0); /* the other one is first */
    cay__lock_unref(&one);
    cay__lock_unref(&two);
    cay_lock_t *l = open_lock(false);
    assert_int_equal(check(l, A, A, D1, NULL), 0);
    assert_int_equal(check(l, B, B, D2, NULL), 0);
    cay__lock_unref(&l);
}

static void a_link_stays_a_link_and_modes_stay(void **state) {
    (void)state;
    char link[120];
    snprintf(link, sizeof link, "%s/link", dir);
    put("{\"version\":1}");
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(symlink("lock.json", link), 0);
    cay_lock_t *l = NULL;
    assert_int_equal(cay__lock_open(link, true, &l, NULL), 0);
    assert_int_equal(check(l, A, A, D1, NULL), 0);
    cay__lock_unref(&l);
    struct stat st;
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(lstat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_true(st.st_size > 30);
    unlink(link);
}

static void what_is_wrong_is_told(void **state) {
    (void)state;
    static const char *const list[][2] = {
        {"", "it is not JSON: line 1"},
        {"[]", "it is not a JSON object"},
        {"{}", "it has no version"},
        {"{\"version\":2}", "version: only 1 is known"},
        {"{\"version\":\"1\"}", "version: only 1 is known"},
        {"{\"version\":1,\"modules\":{}}", "unknown key \"modules\""},
        {"{\"version\":1,\"remote\":[]}", "remote is not an object"},
        {"{\"version\":1,\"remote\":{\"" A "\":1}}", "remote: \"" A "\": no string"},
        {"{\"version\":1,\"remote\":{\"" A "\":\"sha256-x\"}}",
         "remote: \"" A "\": \"sha256-x\" is no digest"},
        {"{\"version\":1,\"remote\":{\"" A "\":\"" D1 " \"}}", "is no digest"},
        {"{\"version\":1,\"remote\":{\"./a.js\":\"" D1 "\"}}",
         "remote: \"./a.js\" is no normalised http(s) URL"},
        {"{\"version\":1,\"remote\":{\"file:///a\":\"" D1 "\"}}", "is no normalised http(s) URL"},
        {"{\"version\":1,\"remote\":{\"https://X.test/\":\"" D1 "\"}}",
         "is no normalised http(s) URL"},
        {"{\"version\":1,\"remote\":{\"" A "#f\":\"" D1 "\"}}", "is no normalised http(s) URL"},
        {"{\"version\":1,\"redirects\":{\"" A "\":\"b.js\"}}",
         "redirects: \"" A "\": \"b.js\" is no normalised http(s) URL"},
        {"{\"version\":1,\"remote\":{\"" A "\":[[1]]}}", "nested deeper"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        put(list[i][0]);
        cay_lock_t *l = NULL;
        cay_error_t *err = NULL;
        assert_int_equal(cay__lock_open(path, i % 2, &l, &err), CAY_EINVAL);
        if (!strstr(cay_error_message(err), list[i][1]) || !strstr(cay_error_message(err), path)) {
            fail_msg("\"%s\", expected \"%s\"", cay_error_message(err), list[i][1]);
        }
        assert_null(l);
        cay_error_free(err);
    }
}

static void files_that_cannot_be_used_are_told(void **state) {
    (void)state;
    cay_lock_t *l = NULL;
    cay_error_t *err = NULL;
    assert_int_equal(cay__lock_open(path, false, &l, &err), CAY_ENOTFOUND);
    assert_non_null(strstr(cay_error_message(err), path));
    assert_int_equal(cay__lock_open(dir, true, &l, &err), CAY_EINVAL);
    char none[120];
    snprintf(none, sizeof none, "%s/none/lock.json", dir);
    assert_int_equal(cay__lock_open(none, true, &l, &err), CAY_ENOTFOUND);
    assert_non_null(strstr(cay_error_message(err), "cannot be written"));
    cay_error_free(err);
}

static void a_file_that_became_malformed_is_not_overwritten(void **state) {
    (void)state;
    cay_lock_t *l = open_lock(true);
    assert_int_equal(check(l, A, A, D1, NULL), 0);
    put("mine");
    cay_error_t *err = NULL;
    assert_int_equal(cay__lock_flush(l, &err), CAY_EINVAL);
    cay_error_free(err);
    expect_file("mine");
    unlink(path);
    assert_int_equal(cay__lock_flush(l, NULL), 0); /* it is tried again */
    cay__lock_unref(&l);
    assert_int_equal(access(path, F_OK), 0);
}

static void it_does_not_grow_without_bound(void **state) {
    (void)state;
    cay_lock_t *l = open_lock(true);
    size_t len = 1u << 20;
    char *url = malloc(len + 1);
    memset(url, 'x', len);
    url[len] = 0;
    memcpy(url, "https://h/", 10);
    int rc = 0, added = 0;
    for (; rc == 0 && added < 20; added++) {
        url[20] = (char)('a' + added);
        rc = check(l, url, url, D1, NULL);
    }
    assert_int_equal(rc, CAY_ELIMIT);
    assert_int_equal(added, 16);
    free(url);
    cay__lock_unref(&l);
    l = open_lock(false); /* what was written can be read */
    cay__lock_unref(&l);
}

typedef struct crowd {
    cay_lock_t *lock;
    int number;
} crowd_t;

static void add_many(void *arg) {
    crowd_t *c = arg;
    for (int i = 0; i < 200; i++) {
        char url[80];
        snprintf(url, sizeof url, "https://x.test/%d", i);
        if (cay__lock_check(c->lock, url, url, i % 3 ? D1 : D2, NULL) ||
            (i % 50 == 0 && cay__lock_flush(c->lock, NULL))) {
            abort();
        }
    }
    cay__lock_unref(&c->lock);
}

static void threads_share_one(void **state) {
    (void)state;
    cay_lock_t *l = open_lock(true);
    cay_thread_t threads[4];
    crowd_t crowd[4];
    for (int i = 0; i < 4; i++) {
        crowd[i] = (crowd_t){cay__lock_ref(l), i};
        assert_int_equal(cay__thread_start(&threads[i], "lock", 0, add_many, &crowd[i]), 0);
    }
    cay__lock_unref(&l);
    for (int i = 0; i < 4; i++) {
        cay__thread_join(&threads[i]);
    }
    l = open_lock(false);
    assert_int_equal(check(l, "https://x.test/199", "https://x.test/199", D1, NULL), 0);
    assert_int_equal(check(l, "https://x.test/0", "https://x.test/0", D2, NULL), 0);
    cay__lock_unref(&l);
}

static int whole_life(void) {
    cay_lock_t *l = NULL;
    cay_error_t *err = NULL;
    int rc = cay__lock_open(path, true, &l, &err);
    cay_error_free(err);
    err = NULL;
    if (rc == 0) {
        rc = cay__lock_check(l, A, B, D1, &err);
        rc = rc ? rc : cay__lock_flush(l, &err);
    }
    cay__lock_unref(&l);
    cay_error_free(err);
    return rc;
}

static void failed_allocations_leave_nothing(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    bool done = false;
    for (uint64_t n = 1; !done && n < 500; n++) {
        unlink(path);
        cay__mem_fail_at(n, false);
        int rc = whole_life();
        done = !cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_true(rc == 0 || rc == CAY_ENOMEM);
        assert_true(!done || rc == 0);
        assert_int_equal(cay__mem_live(), live);
    }
    assert_true(done);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_locked_must_be_the_same),
        TEST(redirects_are_locked_too),
        TEST(new_modules_are_added_when_writing),
        TEST(a_mismatch_changes_nothing_when_writing),
        TEST(the_last_reference_writes),
        TEST(what_others_wrote_meanwhile_stays),
        TEST(a_link_stays_a_link_and_modes_stay),
        TEST(what_is_wrong_is_told),
        TEST(files_that_cannot_be_used_are_told),
        TEST(a_file_that_became_malformed_is_not_overwritten),
        TEST(it_does_not_grow_without_bound),
        TEST(threads_share_one),
        TEST(failed_allocations_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
