/* SPDX-License-Identifier: MIT */
/* Reading files: what is read, what is refused, what a root confines, and no memory or descriptor left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/file.h"

static char root[] = "/tmp/cay-file-XXXXXX";

static char *at(const char *name) {
    static char path[4][512];
    static int turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", root, name);
    return p;
}

static void put(const char *name, const char *text) {
    FILE *f = fopen(at(name), "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int make_tree(void **state) {
    (void)state;
    assert_non_null(mkdtemp(root));
    assert_int_equal(mkdir(at("in"), 0700), 0);
    assert_int_equal(mkdir(at("in/sub"), 0700), 0);
    assert_int_equal(mkdir(at("inside-out"), 0700), 0);
    put("in/a.js", "inside");
    put("in/sub/b.js", "below");
    put("secret.js", "outside");
    put("inside-out/c.js", "a neighbour with a longer name");
    assert_int_equal(symlink("../secret.js", at("in/link.js")), 0);
    assert_int_equal(symlink("a.js", at("in/good.js")), 0);
    assert_int_equal(symlink("..", at("in/up")), 0);
    assert_int_equal(symlink("nowhere", at("in/dangling.js")), 0);
    assert_int_equal(mkfifo(at("in/fifo"), 0600), 0);
    return 0;
}

static int drop_tree(void **state) {
    (void)state;
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

static void expect_text(const char *base, const char *path, const char *text) {
    char *data = NULL;
    size_t len = 0;
    assert_int_equal(cay__file_read(base, path, 1000, &data, &len, NULL), 0);
    assert_int_equal(len, strlen(text));
    assert_string_equal(data, text);
    cay__free(data);
}

static void expect_error(const char *base, const char *path, int code, const char *words) {
    char *data = NULL;
    size_t len = 0;
    cay_error_t *err = NULL;
    assert_int_equal(cay__file_read(base, path, 1000, &data, &len, &err), code);
    assert_null(data);
    if (!strstr(cay_error_message(err), words)) {
        fail_msg("%s: \"%s\" has no \"%s\"", path, cay_error_message(err), words);
    }
    cay_error_free(err);
}

static void files_are_read_whole(void **state) {
    (void)state;
    expect_text(NULL, at("in/a.js"), "inside");
    expect_text(at("in"), at("in/a.js"), "inside");
    expect_text(at("in"), at("in/sub/b.js"), "below");
    expect_text(at("in"), at("in/good.js"), "inside");
    expect_text(NULL, at("in/link.js"), "outside");
}

static void nothing_outside_the_root_is_read(void **state) {
    (void)state;
    expect_error(at("in"), at("secret.js"), CAY_EPERM, "outside the module root");
    expect_error(at("in"), at("inside-out/c.js"), CAY_EPERM, "outside the module root");
    expect_error(at("in"), at("in/../secret.js"), CAY_EPERM, "leads out");
    expect_error(at("in"), at("in/link.js"), CAY_EPERM, "leads out");
    expect_error(at("in"), at("in/up/secret.js"), CAY_EPERM, "leads out");
    expect_error(at("in"), at("in"), CAY_EPERM, "outside");
    expect_error("/proc", "/proc/self/exe", CAY_EPERM, "");
}

static void what_is_no_regular_file_is_refused(void **state) {
    (void)state;
    expect_error(NULL, at("in/sub"), CAY_EINVAL, "directory");
    expect_error(NULL, at("in/fifo"), CAY_EINVAL, "not a regular file");
    expect_error(NULL, "/dev/zero", CAY_EINVAL, "not a regular file");
    expect_error(NULL, at("in/nothing.js"), CAY_ENOTFOUND, "No such file");
    expect_error(at("in"), at("in/dangling.js"), CAY_ENOTFOUND, "No such file");
    put("in/big.js", "");
    assert_int_equal(truncate(at("in/big.js"), 1001), 0);
    expect_error(NULL, at("in/big.js"), CAY_ELIMIT, "larger than 1000");
}

static void paths_are_made_absolute(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"/a/b", "/a/b"},     {"/a/./b", "/a/b"}, {"/a/../b", "/b"},      {"/../..", "/"},
        {"//a///b/", "/a/b"}, {"/", "/"},         {"/a/b/../../c", "/c"},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        char *got = cay__path_absolute(cases[i][0]);
        assert_string_equal(got, cases[i][1]);
        cay__free(got);
    }
    char *got = cay__path_dir("/a/b.js");
    assert_string_equal(got, "/a");
    cay__free(got);
    got = cay__path_dir("/b.js");
    assert_string_equal(got, "/");
    cay__free(got);
}

static void every_failed_allocation_is_told(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    for (uint64_t n = 1;; n++) {
        char *data = NULL;
        size_t len = 0;
        cay__mem_fail_at(n, false);
        int rc = cay__file_read(at("in"), at("in/a.js"), 1000, &data, &len, NULL);
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        cay__free(data);
        assert_int_equal(cay__mem_live(), live);
        if (!failed) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, CAY_ENOMEM);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read_whole),
        cmocka_unit_test(nothing_outside_the_root_is_read),
        cmocka_unit_test(what_is_no_regular_file_is_refused),
        cmocka_unit_test(paths_are_made_absolute),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, make_tree, drop_tree);
}
