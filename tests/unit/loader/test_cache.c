/* SPDX-License-Identifier: MIT */
/* The cache of imported code: what comes back is what went in, or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "loader/cache.h"
#include "os/file.h"
#include "os/thread.h"

#define URL   "https://x.test/a.js"
#define FINAL "https://y.test/b.js?c"
#define TEXT  "export const a = '\n';\n"

static char top[64], dir[96];

static int set_up(void **state) {
    (void)state;
    strcpy(top, "/tmp/cay-cache-XXXXXX");
    assert_non_null(mkdtemp(top));
    snprintf(dir, sizeof dir, "%s/one/two", top);
    return 0;
}

static void remove_all(const char *path) {
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) {
        char name[600];
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && unlink(name)) {
            remove_all(name);
        }
    }
    if (d) {
        closedir(d);
    }
    rmdir(path);
}

static int tear_down(void **state) {
    (void)state;
    remove_all(top);
    return 0;
}

static int put(const char *url, const char *final, const char *type, const char *text, size_t len) {
    char sri[CAY_SRI_SIZE];
    cay_error_t *err = NULL;
    assert_int_equal(cay__sri_sha256(text, len, sri), 0);
    int rc = cay__cache_put(dir, url, final, type, sri, text, len, &err);
    assert_int_equal(cay_error_code(err), rc);
    cay_error_free(err);
    return rc;
}

static int look(const char *url) {
    cay_cached_t c;
    int rc = cay__cache_get(dir, url, 1 << 20, &c, NULL);
    if (rc == 0) {
        assert_int_equal(c.len, strlen(TEXT));
        assert_memory_equal(c.data, TEXT, c.len);
        cay__cached_clear(&c);
    }
    assert_null(c.text);
    return rc;
}

/* Where the entry is. */
static const char *entry_path(void) {
    static char path[300];
    char hex[CAY_HEX_SIZE];
    assert_int_equal(cay__hex_sha256(URL, strlen(URL), hex), 0);
    snprintf(path, sizeof path, "%s/%.2s/%s", dir, hex, hex + 2);
    return path;
}

static void what_was_kept_comes_back(void **state) {
    (void)state;
    assert_int_equal(look(URL), CAY_ENOTFOUND);
    assert_int_equal(put(URL, FINAL, "text/javascript; charset=utf-8", TEXT, strlen(TEXT)), 0);
    cay_cached_t c;
    assert_int_equal(cay__cache_get(dir, URL, strlen(TEXT), &c, NULL), 0);
    assert_string_equal(c.final, FINAL);
    assert_string_equal(c.content_type, "text/javascript; charset=utf-8");
    char sri[CAY_SRI_SIZE];
    assert_int_equal(cay__sri_sha256(TEXT, strlen(TEXT), sri), 0);
    assert_string_equal(c.sri, sri);
    assert_int_equal(c.len, strlen(TEXT));
    assert_memory_equal(c.data, TEXT, c.len);
    cay__cached_clear(&c);
    assert_int_equal(cay__cache_get(dir, URL, strlen(TEXT) - 1, &c, NULL), CAY_ENOTFOUND);
    assert_int_equal(look(URL "?"), CAY_ENOTFOUND);
    assert_int_equal(look(FINAL), CAY_ENOTFOUND);
}

static void nobody_else_can_read_it(void **state) {
    (void)state;
    mode_t mask = umask(0);
    assert_int_equal(put(URL, FINAL, NULL, TEXT, strlen(TEXT)), 0);
    umask(mask);
    struct stat st;
    char path[300];
    strcpy(path, entry_path());
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    for (int i = 0; i < 3; i++) { /* and the directories up to the one that was there */
        *strrchr(path, '/') = 0;
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0700);
    }
}

static void a_body_may_be_anything(void **state) {
    (void)state;
    static const char bytes[] = "\n\0\xff{\n";
    cay_cached_t c;
    for (size_t len = 0; len < sizeof bytes; len++) {
        assert_int_equal(put(URL, URL, NULL, bytes, len), 0); /* each in the place of the last */
        assert_int_equal(cay__cache_get(dir, URL, 100, &c, NULL), 0);
        assert_int_equal(c.len, len);
        assert_memory_equal(c.data, bytes, len);
        assert_null(c.content_type);
        cay__cached_clear(&c);
    }
}

/* Each byte of the file changed, and each length: never another text. */
static void damage_is_seen(void **state) {
    (void)state;
    assert_int_equal(put(URL, FINAL, "text/javascript", TEXT, strlen(TEXT)), 0);
    char *whole;
    size_t len;
    assert_int_equal(cay__file_read(NULL, entry_path(), 1 << 20, &whole, &len, NULL), 0);
    int fd = open(entry_path(), O_WRONLY);
    size_t typed = (size_t)(strstr(whole, "text/javascript") - whole);
    size_t final = (size_t)(strstr(whole, "y.test") - whole);
    for (size_t i = 0; i < len; i++) {
        char c = (char)(whole[i] ^ 1);
        assert_int_equal(pwrite(fd, &c, 1, (off_t)i), 1);
        int rc = look(URL);
        /* What the digest does not cover may be another text of its own: it is judged when it is used. */
        bool own = (i >= typed && i < typed + 15) || (i >= final && i < final + 13) ||
                   (i + 2 > typed - 7 && i < typed - 3);
        if (rc == 0 && !own) {
            fail_msg("byte %zu (%c) of %s", i, whole[i], whole);
        }
        assert_int_equal(pwrite(fd, whole + i, 1, (off_t)i), 1);
    }
    assert_int_equal(look(URL), 0);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(ftruncate(fd, (off_t)i), 0);
        assert_int_equal(look(URL), CAY_ENOTFOUND);
        assert_int_equal(pwrite(fd, whole, len, 0), (ssize_t)len);
    }
    close(fd);
    cay__free(whole);
    assert_int_equal(look(URL), 0);
}

static void the_entry_of_another_url_is_not_taken(void **state) {
    (void)state;
    assert_int_equal(put(URL, FINAL, "text/javascript", TEXT, strlen(TEXT)), 0);
    char from[300], hex[CAY_HEX_SIZE], to[300];
    strcpy(from, entry_path());
    assert_int_equal(cay__hex_sha256("https://z.test/", 15, hex), 0);
    snprintf(to, sizeof to, "%s/%.2s", dir, hex);
    mkdir(to, 0700);
    snprintf(to, sizeof to, "%s/%.2s/%s", dir, hex, hex + 2);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(look("https://z.test/"), CAY_ENOTFOUND);
}

static void expect_refused(const char *why) {
    cay_cached_t c;
    cay_error_t *err = NULL;
    assert_int_equal(cay__cache_get(dir, URL, 1 << 20, &c, &err), CAY_EPERM);
    assert_non_null(strstr(cay_error_message(err), why));
    assert_int_equal(put(URL, FINAL, "text/javascript", TEXT, strlen(TEXT)), CAY_EPERM);
    cay_error_free(err);
}

static void a_directory_that_others_may_write_is_not_used(void **state) {
    (void)state;
    assert_int_equal(put(URL, FINAL, "text/javascript", TEXT, strlen(TEXT)), 0);
    assert_int_equal(look(URL), 0);
    assert_int_equal(chmod(dir, 0770), 0);
    expect_refused("others may write");
    assert_int_equal(chmod(dir, 0702), 0);
    expect_refused("others may write");
    assert_int_equal(chmod(dir, 0755), 0);
    assert_int_equal(look(URL), 0);
    char part[300];
    strcpy(part, entry_path());
    *strrchr(part, '/') = 0;
    assert_int_equal(chmod(part, 0720), 0);
    expect_refused("others may write");
    assert_int_equal(chmod(part, 0700), 0);
    assert_int_equal(look(URL), 0);
    assert_int_equal(chmod(entry_path(), 0620), 0);
    assert_int_equal(look(URL), CAY_EPERM);
    assert_int_equal(put(URL, FINAL, "text/javascript", TEXT, strlen(TEXT)), 0); /* in its place */
    assert_int_equal(look(URL), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(dir, 1, (gid_t)-1), 0);
        expect_refused("belongs to another user");
        assert_int_equal(chown(dir, 0, (gid_t)-1), 0);
        assert_int_equal(chown(entry_path(), 1, (gid_t)-1), 0);
        assert_int_equal(look(URL), CAY_EPERM);
    }
}

static void links_inside_are_not_followed(void **state) {
    (void)state;
    assert_int_equal(put(URL, FINAL, "text/javascript", TEXT, strlen(TEXT)), 0);
    char moved[300], part[300];
    snprintf(moved, sizeof moved, "%s/moved", top);
    assert_int_equal(rename(entry_path(), moved), 0);
    assert_int_equal(symlink(moved, entry_path()), 0);
    assert_int_not_equal(look(URL), 0);
    assert_int_equal(put(URL, FINAL, "text/javascript", TEXT, strlen(TEXT)), 0);
    struct stat st;
    assert_int_equal(lstat(entry_path(), &st), 0);
    assert_true(S_ISREG(st.st_mode));
    strcpy(part, entry_path());
    *strrchr(part, '/') = 0;
    snprintf(moved, sizeof moved, "%s/part", top);
    assert_int_equal(rename(part, moved), 0);
    assert_int_equal(symlink(moved, part), 0);
    assert_int_not_equal(look(URL), 0);
    assert_int_not_equal(put(URL, FINAL, "text/javascript", TEXT, strlen(TEXT)), 0);
}

static void what_is_no_file_is_no_entry(void **state) {
    (void)state;
    assert_int_equal(put(URL, FINAL, "text/javascript", TEXT, strlen(TEXT)), 0);
    unlink(entry_path());
    assert_int_equal(mkfifo(entry_path(), 0600), 0);
    assert_int_not_equal(look(URL), 0);
    unlink(entry_path());
    assert_int_equal(mkdir(entry_path(), 0700), 0);
    assert_int_not_equal(look(URL), 0);
    assert_int_not_equal(put(URL, FINAL, "text/javascript", TEXT, strlen(TEXT)), 0);
}

static void what_cannot_be_told_is_not_kept(void **state) {
    (void)state;
    assert_int_equal(put(URL, FINAL, "text/\xff", TEXT, strlen(TEXT)), CAY_ELIMIT);
    char *url = malloc(70001);
    memset(url, 'x', 70000);
    url[70000] = 0;
    memcpy(url, "https://h/", 10);
    assert_int_equal(put(url, FINAL, NULL, TEXT, strlen(TEXT)), CAY_ELIMIT);
    assert_int_equal(look(url), CAY_ENOTFOUND);
    free(url);
    static const char *const finals[] = {"file:///etc/passwd", "x", "", "HTTPS://x.test/",
                                         "data:text/javascript,1"};
    for (size_t i = 0; i < sizeof finals / sizeof *finals; i++) {
        assert_int_equal(put(URL, finals[i], "text/javascript", TEXT, strlen(TEXT)), 0);
        assert_int_equal(look(URL), CAY_ENOTFOUND);
    }
}

static void write_and_read(void *arg) {
    (void)arg;
    char sri[CAY_SRI_SIZE];
    if (cay__sri_sha256(TEXT, strlen(TEXT), sri)) {
        abort();
    }
    for (int i = 0; i < 100; i++) {
        cay_cached_t c;
        if (cay__cache_put(dir, URL, FINAL, NULL, sri, TEXT, strlen(TEXT), NULL) ||
            cay__cache_get(dir, URL, 1000, &c, NULL)) {
            abort(); /* a file is always whole */
        }
        cay__cached_clear(&c);
    }
}

static void writers_and_readers_at_once(void **state) {
    (void)state;
    cay_thread_t threads[3];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(cay__thread_start(&threads[i], "cache", 0, write_and_read, NULL), 0);
    }
    for (int i = 0; i < 3; i++) {
        cay__thread_join(&threads[i]);
    }
    char part[300];
    strcpy(part, entry_path());
    *strrchr(part, '/') = 0;
    DIR *d = opendir(part);
    int files = 0;
    for (struct dirent *e; (e = readdir(d));) {
        files += e->d_type == DT_REG;
    }
    closedir(d);
    assert_int_equal(files, 1); /* no temporary file is left */
}

static void failed_allocations_leave_nothing(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    char sri[CAY_SRI_SIZE];
    assert_int_equal(cay__sri_sha256(TEXT, strlen(TEXT), sri), 0);
    bool done = false;
    for (uint64_t n = 1; !done && n < 200; n++) {
        cay_error_t *err = NULL;
        cay_cached_t c = {0};
        cay__mem_fail_at(n, false);
        int rc = cay__cache_put(dir, URL, FINAL, "text/javascript", sri, TEXT, strlen(TEXT), &err);
        int got = rc ? rc : cay__cache_get(dir, URL, 1000, &c, &err);
        done = !cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_true(!done || got == 0);
        cay__cached_clear(&c);
        cay_error_free(err);
        assert_int_equal(cay__mem_live(), live);
    }
    assert_true(done);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_kept_comes_back),
        TEST(nobody_else_can_read_it),
        TEST(a_body_may_be_anything),
        TEST(damage_is_seen),
        TEST(the_entry_of_another_url_is_not_taken),
        TEST(a_directory_that_others_may_write_is_not_used),
        TEST(links_inside_are_not_followed),
        TEST(what_is_no_file_is_no_entry),
        TEST(what_cannot_be_told_is_not_kept),
        TEST(writers_and_readers_at_once),
        TEST(failed_allocations_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
