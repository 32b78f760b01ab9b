/* SPDX-License-Identifier: MIT */
/* Files: what each call does, and the code of each failure. */
#include "fs_tree.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>

static void file_is_read_whole_with_a_nul_behind(void **state) {
    (void)state;
    expect_read(below("file"), "inside");
    expect_read(below("dir/deep"), "below");
    put_file("in/empty", "");
    expect_read(below("empty"), "");
    expect_read(anywhere(at("in/file")), "inside");
    expect_read(itself(at("in/file")), "inside");
}

static void fill(char *to, size_t n) {
    for (size_t i = 0; i < n; i++) {
        to[i] = (char)(i * 31 + (i >> 12));
    }
}

/* Around the sizes where memory is asked for in other ways and reading is cut in pieces. */
static void sizes_around_every_border_are_read_and_written_whole(void **state) {
    (void)state;
    static const size_t sizes[] = {
        1,       4095,          4096,          65536,   (4 << 20) - 2, (4 << 20) - 1,
        4 << 20, (4 << 20) + 1, (8 << 20) - 1, 8 << 20, (9 << 20) + 7};
    for (size_t i = 0; i < CAY_COUNT(sizes); i++) {
        char *data = malloc(sizes[i]);
        cay_fs_path_t p = below("sized");
        cay_blob_t b;
        fill(data, sizes[i]);
        assert_int_equal(
            cay__fs_write_all(&p, CAY_FS_CREATE | CAY_FS_TRUNCATE, data, sizes[i], NULL, NULL), 0);
        assert_int_equal(cay__fs_read_all(&p, sizes[i], NULL, &b, NULL), 0);
        assert_int_equal(b.len, sizes[i]);
        assert_memory_equal(b.data, data, b.len);
        assert_int_equal(((char *)b.data)[b.len], 0);
        cay__blob_drop(&b);
        assert_int_equal(cay__fs_read_all(&p, sizes[i] - 1, NULL, &b, NULL), CAY_ELIMIT);
        free(data);
    }
}

/* Files of procfs say that they have no bytes. */
static void file_longer_than_it_says_is_read_to_its_end_or_the_bound(void **state) {
    (void)state;
    cay_fs_path_t p = {"/proc/self", "status", "status", NULL, NULL};
    char real[64];
    snprintf(real, sizeof real, "/proc/%d", (int)getpid());
    p.root = real;
    cay_blob_t b = {NULL, 0, NULL, NULL};
    assert_int_equal(cay__fs_read_all(&p, 1 << 20, NULL, &b, NULL), 0);
    assert_non_null(strstr(b.data, "\nThreads:"));
    assert_int_equal(strlen(b.data), b.len);
    cay__blob_drop(&b);
    assert_int_equal(cay__fs_read_all(&p, 100, NULL, &b, NULL), CAY_ELIMIT);
    p.tail = "maps"; /* several pages */
    assert_int_equal(cay__fs_read_all(&p, 1 << 20, NULL, &b, NULL), 0);
    assert_int_equal(strlen(b.data), b.len);
    cay__blob_drop(&b);
}

static void writing_creates_truncates_appends_as_told(void **state) {
    (void)state;
    cay_error_t *err = NULL;
    cay_fs_path_t p = below("new");
    expect_code(write_text(p, 0, "x", &err), CAY_ENOTFOUND, &err, "write \"new\": not found",
                "no create");
    assert_int_equal(write_text(p, CAY_FS_CREATE, "0123456789", NULL), 0);
    assert_int_equal(write_text(p, 0, "ab", NULL), 0);
    assert_string_equal(content("in/new"), "ab23456789");
    assert_int_equal(write_text(p, CAY_FS_APPEND, "yz", NULL), 0);
    assert_string_equal(content("in/new"), "ab23456789yz");
    assert_int_equal(write_text(p, CAY_FS_TRUNCATE, "short", NULL), 0);
    assert_string_equal(content("in/new"), "short");
    expect_code(write_text(p, CAY_FS_CREATE | CAY_FS_EXCLUSIVE, "x", &err), CAY_EEXIST, &err,
                "it exists already", "exclusive");
    assert_int_equal(write_text(p, CAY_FS_EXCLUSIVE, "x", NULL), CAY_EINVAL);
    assert_string_equal(content("in/new"), "short");
    assert_int_equal(cay__fs_write_all(&p, CAY_FS_TRUNCATE, NULL, 0, NULL, NULL), 0);
    assert_string_equal(content("in/new"), "");
}

static void created_file_obeys_the_umask_and_never_runs(void **state) {
    (void)state;
    struct stat st;
    mode_t before = umask(0);
    assert_int_equal(write_text(below("open"), CAY_FS_CREATE, "x", NULL), 0);
    umask(027);
    assert_int_equal(write_text(below("masked"), CAY_FS_CREATE, "x", NULL), 0);
    umask(before);
    assert_int_equal(stat(at("in/open"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0666);
    assert_int_equal(stat(at("in/masked"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
}

static void granted_file_is_that_file(void **state) {
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/in/mine", base);
    cay_fs_path_t p = itself(path);
    cay_fs_stat_t s;
    refuse_read(p, CAY_ENOTFOUND, "not found");
    assert_int_equal(write_text(p, CAY_FS_CREATE, "mine", NULL),
                     0); /* a grant may come before the file */
    expect_read(p, "mine");
    assert_int_equal(cay__fs_stat(&p, true, &s, NULL), 0);
    assert_int_equal(s.size, 4);
    cay_fs_path_t under = {path, "x", "under", NULL, NULL};
    refuse_read(under, CAY_ENOTDIR, "not a directory");
    assert_int_equal(cay__fs_remove(&p, false, NULL, NULL), 0);
    assert_false(exists("in/mine"));
}

static void stat_tells_type_size_and_times(void **state) {
    (void)state;
    cay_fs_stat_t s;
    cay_fs_path_t p = below("file");
    struct timespec t[2] = {{1000000000, 5}, {-5, 250}};
    assert_int_equal(utimensat(AT_FDCWD, at("in/file"), t, 0), 0);
    assert_int_equal(chmod(at("in/file"), 0640), 0);
    assert_int_equal(cay__fs_stat(&p, true, &s, NULL), 0);
    assert_int_equal(s.type, CAY_FS_FILE);
    assert_int_equal(s.size, 6);
    assert_int_equal(s.mode, 0640);
    assert_int_equal(s.nlink, 1);
    assert_int_equal(s.atime_ns, INT64_C(1000000000000000005));
    assert_true(s.mtime_ns == INT64_C(-4999999750));
    assert_true(s.ctime_ns > INT64_C(1600000000000000000));
    assert_true(s.birthtime_ns == INT64_MIN || s.birthtime_ns > INT64_C(1600000000000000000));
    p = below("");
    assert_int_equal(cay__fs_stat(&p, true, &s, NULL), 0);
    assert_int_equal(s.type, CAY_FS_DIRECTORY);
    p = below("nothing");
    assert_int_equal(cay__fs_stat(&p, true, &s, NULL), CAY_ENOTFOUND);
    p = below("file/x");
    assert_int_equal(cay__fs_stat(&p, true, &s, NULL), CAY_ENOTDIR);
}

static void stat_of_a_link_and_of_what_it_points_at(void **state) {
    (void)state;
    cay_fs_stat_t s;
    assert_int_equal(symlink("dir/deep", at("in/link")), 0);
    assert_int_equal(symlink("dir", at("in/ldir")), 0);
    assert_int_equal(symlink("nowhere", at("in/dangling")), 0);
    static const struct {
        const char *tail;
        bool follow;
        int rc;
        cay_fs_type_t type;
    } cases[] = {
        {"link", true, 0, CAY_FS_FILE},         {"link", false, 0, CAY_FS_SYMLINK},
        {"ldir", true, 0, CAY_FS_DIRECTORY},    {"ldir", false, 0, CAY_FS_SYMLINK},
        {"ldir/deep", false, 0, CAY_FS_FILE},   {"ldir/deep", true, 0, CAY_FS_FILE},
        {"dangling", false, 0, CAY_FS_SYMLINK}, {"dangling", true, CAY_ENOTFOUND, CAY_FS_OTHER},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        cay_fs_path_t p = below(cases[i].tail);
        s.type = CAY_FS_OTHER;
        assert_int_equal(cay__fs_stat(&p, cases[i].follow, &s, NULL), cases[i].rc);
        assert_int_equal(s.type, cases[i].type);
    }
}

static void open_file_is_read_and_written_by_position(void **state) {
    (void)state;
    int fd = -1;
    size_t got = 99;
    char buf[32] = "";
    cay_fs_stat_t s;
    cay_fs_path_t p = below("handle");
    assert_int_equal(cay__fs_open(&p, CAY_FS_READ | CAY_FS_WRITE | CAY_FS_CREATE, &fd, NULL), 0);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(cay__fs_pwrite(fd, "hello world", 11, 0, false, "handle", NULL), 0);
    assert_int_equal(cay__fs_pwrite(fd, "W", 1, 6, false, "handle", NULL), 0);
    assert_int_equal(cay__fs_pread(fd, buf, sizeof buf, 6, &got, "handle", NULL), 0);
    assert_int_equal(got, 5);
    assert_string_equal(buf, "World");
    assert_int_equal(cay__fs_pread(fd, buf, sizeof buf, 11, &got, "handle", NULL), 0);
    assert_int_equal(got, 0);
    assert_int_equal(cay__fs_truncate(fd, 5, "handle", NULL), 0);
    assert_int_equal(cay__fs_sync(fd, false, "handle", NULL), 0);
    assert_int_equal(cay__fs_sync(fd, true, "handle", NULL), 0);
    assert_int_equal(cay__fs_fstat(fd, &s, "handle", NULL), 0);
    assert_int_equal(s.size, 5);
    assert_int_equal(cay__fs_pread(fd, buf, 2, UINT64_MAX, &got, "handle", NULL), CAY_EINVAL);
    assert_int_equal(cay__fs_pwrite(fd, buf, 2, INT64_MAX, false, "handle", NULL), CAY_EINVAL);
    assert_int_equal(cay__fs_truncate(fd, UINT64_MAX, "handle", NULL), CAY_ELIMIT);
    close(fd);
    assert_int_equal(cay__fs_open(&p, CAY_FS_WRITE | CAY_FS_APPEND, &fd, NULL), 0);
    assert_int_equal(cay__fs_pwrite(fd, "!", 1, 0, true, "handle", NULL), 0);
    close(fd);
    assert_string_equal(content("in/handle"), "hello!");
}

static void open_takes_only_flags_that_make_sense(void **state) {
    (void)state;
    static const unsigned wrong[] = {0,
                                     CAY_FS_CREATE,
                                     CAY_FS_READ | CAY_FS_CREATE,
                                     CAY_FS_READ | CAY_FS_TRUNCATE,
                                     CAY_FS_READ | CAY_FS_APPEND,
                                     CAY_FS_WRITE | CAY_FS_EXCLUSIVE};
    cay_fs_path_t p = below("file");
    for (size_t i = 0; i < CAY_COUNT(wrong); i++) {
        int fd = -7;
        assert_int_equal(cay__fs_open(&p, wrong[i], &fd, NULL), CAY_EINVAL);
        assert_int_equal(fd, -7);
    }
    assert_string_equal(content("in/file"), "inside");
}

/* Text that is not normalised is misuse and never reaches the kernel. */
static void tail_or_root_that_is_not_normalised_is_refused(void **state) {
    (void)state;
    static const char *const tails[] = {
        "..",        "../out/secret", "dir/../file", "dir/..", ".",          "./file", "dir/./deep",
        "dir//deep", "/file",         "dir/",        "/",      "../in/file", "//",     "dir/...//"};
    for (size_t i = 0; i < CAY_COUNT(tails); i++) {
        cay_fs_path_t p = below(tails[i]), ok = below("file");
        cay_fs_stat_t s;
        cay_buf_t b = CAY_BUF_INIT;
        refuse_read(p, CAY_EINVAL, "");
        refuse_write(p, CAY_EINVAL, "");
        assert_int_equal(cay__fs_stat(&p, true, &s, NULL), CAY_EINVAL);
        assert_int_equal(cay__fs_stat(&p, false, &s, NULL), CAY_EINVAL);
        assert_int_equal(cay__fs_list(&p, NULL, &b, NULL), CAY_EINVAL);
        assert_int_equal(cay__fs_mkdir(&p, false, NULL), CAY_EINVAL);
        assert_int_equal(cay__fs_mkdir(&p, true, NULL), CAY_EINVAL);
        assert_int_equal(cay__fs_remove(&p, true, NULL, NULL), CAY_EINVAL);
        assert_int_equal(cay__fs_rename(&p, &ok, NULL), CAY_EINVAL);
        assert_int_equal(cay__fs_rename(&ok, &p, NULL), CAY_EINVAL);
        assert_int_equal(cay__fs_copy(&ok, &p, CAY_FS_CREATE, NULL, NULL), CAY_EINVAL);
    }
    static const char *const roots[] = {"", "tmp", "//", "/tmp/", "/tmp/..", "/tmp//x", "."};
    for (size_t i = 0; i < CAY_COUNT(roots); i++) {
        refuse_read((cay_fs_path_t){roots[i], "x", "x", NULL, NULL}, CAY_EINVAL, "");
    }
    assert_int_equal(mkdir(at("in/..."), 0700), 0); /* three dots are a name */
    put_file("in/.../..x", "dots");
    expect_read(below(".../..x"), "dots");
}

static void names_that_are_too_long_are_refused(void **state) {
    (void)state;
    static char name[5000];
    memset(name, 'n', 300);
    refuse_read(below(name), CAY_EINVAL, "the name is too long");
    refuse_write(below(name), CAY_EINVAL, "the name is too long");
    for (size_t i = 0; i < 4999; i++) {
        name[i] = i % 2 ? '/' : 'd';
    }
    refuse_read(below(name), CAY_EINVAL, "the name is too long");
    refuse_read(anywhere(text("/%s", name)), CAY_EINVAL, "the name is too long");
    cay_fs_path_t p = below(name);
    assert_int_equal(cay__fs_mkdir(&p, true, NULL), CAY_EINVAL);
}

/* The right user to be refused: root is refused nothing. */
static void become_nobody(void) {
    if (geteuid() == 0) {
        assert_int_equal(seteuid(65534), 0);
    }
}

static void become_oneself(void) {
    assert_int_equal(seteuid(getuid()), 0);
}

static void what_the_system_refuses_is_told_apart(void **state) {
    (void)state;
    cay_fs_stat_t s;
    cay_fs_path_t p = below("file"), d = below("dir/new"), deep = below("dir/deep");
    assert_int_equal(chmod(base, 0711), 0);
    assert_int_equal(chmod(at("in/file"), 0), 0);
    assert_int_equal(chmod(at("in/dir"), 0555), 0);
    become_nobody();
    refuse_read(p, CAY_EACCES, "the operating system refused it");
    refuse_write(p, CAY_EACCES, "the operating system refused it");
    refuse_write(d, CAY_EACCES, "the operating system refused it");
    assert_int_equal(cay__fs_mkdir(&d, false, NULL), CAY_EACCES);
    assert_int_equal(cay__fs_remove(&deep, false, NULL, NULL), CAY_EACCES);
    assert_int_equal(cay__fs_stat(&p, true, &s, NULL), 0); /* needs no right to the file */
    assert_int_equal(cay__fs_stat(&p, false, &s, NULL), 0);
    become_oneself();
    assert_int_equal(chmod(at("in/dir"), 0755), 0);
}

static void directory_is_no_file(void **state) {
    (void)state;
    int fd;
    cay_fs_path_t d = below("dir");
    refuse_read(d, CAY_EISDIR, "is a directory");
    refuse_write(d, CAY_EISDIR, "is a directory");
    assert_int_equal(cay__fs_open(&d, CAY_FS_WRITE, &fd, NULL), CAY_EISDIR);
    assert_string_equal(listed(below("file")), "read directory \"file\": not a directory");
}

static void descriptors_and_file_size_have_bounds(void **state) {
    (void)state;
    struct rlimit old, low;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    low = old;
    low.rlim_cur = 3;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    cay_fs_path_t p = below("file"), big = below("big");
    cay_blob_t b;
    cay_error_t *err = NULL;
    int rc = cay__fs_read_all(&p, 100, NULL, &b, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    expect_code(rc, CAY_ELIMIT, &err, "too many open files", "descriptors");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    low = old;
    low.rlim_cur = 100;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    static char data[200];
    rc = cay__fs_write_all(&big, CAY_FS_CREATE, data, sizeof data, NULL, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_DFL);
    expect_code(rc, CAY_ELIMIT, &err, "too large", "size");
}

static void what_is_to_stop_stops(void **state) {
    (void)state;
    atomic_bool stop = true;
    cay_blob_t b = {NULL, 0, NULL, NULL};
    cay_buf_t l = CAY_BUF_INIT;
    cay_fs_path_t p = below("file"), q = below("other"), d = below("dir");
    assert_int_equal(cay__fs_read_all(&p, 100, &stop, &b, NULL), CAY_ETERMINATED);
    assert_null(b.data);
    assert_int_equal(cay__fs_write_all(&p, 0, "x", 1, &stop, NULL), CAY_ETERMINATED);
    assert_int_equal(cay__fs_list(&d, &stop, &l, NULL), CAY_ETERMINATED);
    assert_int_equal(l.len, 0);
    assert_int_equal(cay__fs_copy(&p, &q, CAY_FS_CREATE, &stop, NULL), CAY_ETERMINATED);
    assert_int_equal(cay__fs_remove(&d, true, &stop, NULL), CAY_ETERMINATED);
    assert_string_equal(content("in/file"), "inside");
    assert_true(exists("in/dir/deep"));
}

static void host_path_is_resolved_as_far_as_it_exists(void **state) {
    (void)state;
    assert_int_equal(symlink("in", at("alias")), 0);
    assert_int_equal(symlink("missing/target", at("in/dangling")), 0);
    assert_int_equal(symlink("self", at("in/self")), 0);
    const struct {
        const char *path;
        const char *real;
    } cases[] = {
        {at("in/file"), at("in/file")},
        {at("alias/file"), at("in/file")},
        {at("alias"), at("in")},
        {at("alias/new/deeper"), at("in/new/deeper")},
        {at("alias/./dir/../file/"), at("in/file")},
        {at("alias/file/under"), at("in/file/under")},
        {"/", "/"},
        {"/cay-no-such/x", "/cay-no-such/x"},
        {"/../..", "/"},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        char *real = cay__fs_real(cases[i].path);
        assert_string_equal(real, cases[i].real);
        cay__free(real);
    }
    char *real = cay__fs_real(at("in/dangling")); /* stays a link: nothing is opened by it */
    assert_string_equal(real, at("in/dangling"));
    refuse_write(itself(real), CAY_EPERM, "a link");
    cay__free(real);
    real = cay__fs_real(at("in/self"));
    assert_string_equal(real, at("in/self"));
    cay__free(real);
}

/* Runs each operation with its n-th allocation failing, until it gets through. */
static void every_failing_allocation_is_an_error_and_leaks_nothing(void **state) {
    (void)state;
    for (int op = 0; op < 9; op++) {
        for (uint64_t n = 1;; n++) {
            int64_t before = cay__mem_live();
            cay_blob_t b = {NULL, 0, NULL, NULL};
            cay_buf_t l = CAY_BUF_INIT;
            char *real = NULL;
            int rc = 0;
            cay_error_t *err = NULL;
            cay_fs_path_t file = below("file"), missing = below("missing"), dir = below("dir"),
                          tree = below("tree"), copy = below("copy");
            assert_int_equal(system(text("mkdir -p %s/in/tree/a/b/c %s/in/tree/d", base, base)), 0);
            put_file("in/tree/a/b/x", "x");
            cay__mem_fail_at(n, false);
            switch (op) {
            case 0: rc = cay__fs_read_all(&file, 100, NULL, &b, &err); break;
            case 1: rc = cay__fs_read_all(&missing, 100, NULL, &b, &err); break;
            case 2: rc = cay__fs_write_all(&file, CAY_FS_TRUNCATE, "inside", 6, NULL, &err); break;
            case 3: rc = cay__fs_list(&dir, NULL, &l, &err); break;
            case 4: rc = cay__fs_mkdir(&tree, true, &err); break;
            case 5: rc = cay__fs_remove(&tree, true, NULL, &err); break;
            case 6:
                rc = cay__fs_copy(&file, &copy, CAY_FS_CREATE | CAY_FS_TRUNCATE, NULL, &err);
                break;
            case 7: rc = cay__fs_rename(&missing, &copy, &err); break;
            default: real = cay__fs_real(at("in/dir/new/x")); break;
            }
            bool failed = cay__mem_failed();
            cay__mem_fail_at(0, false);
            if (op == 1 || op == 7) {
                assert_int_equal(rc, CAY_ENOTFOUND); /* the detail may be lost, the code never */
            } else if (op == 8) {
                assert_int_equal(real == NULL, failed);
            } else {
                assert_int_equal(rc, failed ? CAY_ENOMEM : 0);
            }
            cay__blob_drop(&b);
            cay__buf_free(&l);
            cay__free(real);
            cay_error_free(err);
            assert_int_equal(cay__mem_live(), before);
            if (!failed) {
                break;
            }
            assert_true(n < 100);
        }
    }
}

static void what_is_at_hand_is_read_at_once_up_to_a_size(void **state) {
    (void)state;
    cay_blob_t b = {NULL, 0, NULL, NULL};
    cay_fs_path_t p = below("file"), gone = below("gone");
    expect_read(p, "inside"); /* it is in memory from here on */
    unsigned before = read_at_hand;
    expect_cached(p, "inside");
    if (read_at_hand == before) {
        print_message("this file system or kernel has no reads that never wait\n");
    }
    assert_int_equal(cay__fs_read_cached(&p, 5, &b), CAY_EAGAIN);
    assert_int_equal(cay__fs_read_cached(&gone, 100, &b), CAY_EAGAIN);
    FILE *f = fopen(at("in/large"), "we");
    assert_non_null(f);
    assert_int_equal(ftruncate(fileno(f), (256 << 10) + 1), 0);
    assert_int_equal(fclose(f), 0);
    p = below("large");
    assert_int_equal(cay__fs_read_cached(&p, SIZE_MAX / 2, &b), CAY_EAGAIN);
    assert_null(b.data);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_base, drop_base)
    const struct CMUnitTest tests[] = {
        TEST(file_is_read_whole_with_a_nul_behind),
        TEST(sizes_around_every_border_are_read_and_written_whole),
        TEST(file_longer_than_it_says_is_read_to_its_end_or_the_bound),
        TEST(writing_creates_truncates_appends_as_told),
        TEST(created_file_obeys_the_umask_and_never_runs),
        TEST(granted_file_is_that_file),
        TEST(stat_tells_type_size_and_times),
        TEST(stat_of_a_link_and_of_what_it_points_at),
        TEST(open_file_is_read_and_written_by_position),
        TEST(open_takes_only_flags_that_make_sense),
        TEST(tail_or_root_that_is_not_normalised_is_refused),
        TEST(names_that_are_too_long_are_refused),
        TEST(what_the_system_refuses_is_told_apart),
        TEST(directory_is_no_file),
        TEST(descriptors_and_file_size_have_bounds),
        TEST(what_is_to_stop_stops),
        TEST(host_path_is_resolved_as_far_as_it_exists),
        TEST(every_failing_allocation_is_an_error_and_leaks_nothing),
        TEST(what_is_at_hand_is_read_at_once_up_to_a_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
