/* SPDX-License-Identifier: MIT */
/* Ways out of a granted root that must lead nowhere: links, other names, and what is no file. */
#include "fs_tree.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>

static void link_to(const char *target, const char *name) {
    assert_int_equal(symlink(target, at(name)), 0);
}

/* out/ is as it was made: one file, its content unchanged. */
static void expect_outside_untouched(void) {
    assert_string_equal(content("out/secret"), "OUTSIDE");
    DIR *d = opendir(at("out"));
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        assert_true(e->d_name[0] == '.' || strcmp(e->d_name, "secret") == 0);
    }
    closedir(d);
}

static int drop_untouched(void **state) {
    expect_outside_untouched();
    return drop_base(state);
}

static void refuse_stat(cay_fs_path_t p, int code) {
    cay_fs_stat_t s;
    assert_int_equal(cay__fs_stat(&p, true, &s, NULL), code);
}

static void link_that_stays_inside_is_followed_by_reads(void **state) {
    (void)state;
    link_to("file", "in/a");
    link_to("../file", "in/dir/up");
    link_to("dir", "in/d");
    link_to("a", "in/b");
    link_to("b", "in/c");
    expect_read(below("a"), "inside");
    expect_read(below("c"), "inside");
    expect_read(below("dir/up"), "inside");
    expect_read(below("d/deep"), "below");
    expect_read(below("d/up"), "inside");
    assert_string_equal(listed(below("d")), "fdeep lup");
    assert_string_equal(listed(below("")), "la lb lc ld ddir ffile");
}

static void link_that_leads_out_is_not_followed(void **state) {
    (void)state;
    link_to("../out/secret", "in/rel");
    link_to(at("out/secret"), "in/abs");
    link_to(at("in/file"), "in/abs-in"); /* absolute ones never, as the kernel has it */
    link_to("..", "in/up");
    link_to("/", "in/slash");
    link_to("../out", "in/outdir");
    link_to("outdir/secret", "in/chain");
    link_to("../in/file", "in/out-and-in");
    link_to("dir/../../out/secret", "in/dots");
    static const char *const tails[] = {"rel",           "abs",           "abs-in",
                                        "up/out/secret", "outdir/secret", "chain",
                                        "out-and-in",    "dots",          "slash/etc/passwd"};
    for (size_t i = 0; i < CAY_COUNT(tails); i++) {
        refuse_read(below(tails[i]), CAY_EPERM, "a link leads out");
        refuse_stat(below(tails[i]), CAY_EPERM);
        refuse_write(below(tails[i]), CAY_EPERM, "a link");
    }
    static const char *const dirs[] = {"up", "slash", "outdir"};
    for (size_t i = 0; i < CAY_COUNT(dirs); i++) {
        assert_non_null(strstr(listed(below(dirs[i])), "a link leads out"));
    }
}

static bool judge_base(void *ctx, const char *real) {
    (void)ctx;
    size_t n = strlen(base);
    return strncmp(real, base, n) == 0 && real[n] == '/' && !strstr(real, "/out/never");
}

static cay_fs_path_t below_judged(const char *tail) {
    cay_fs_path_t p = below(tail);
    p.judge = judge_base;
    return p;
}

static void link_that_leads_out_is_followed_to_where_the_judge_grants(void **state) {
    (void)state;
    link_to("../out/secret", "in/rel");
    link_to(at("out/secret"), "in/abs");
    link_to(at("in/file"), "in/abs-in");
    link_to("../out", "in/outdir");
    link_to("abs", "in/chain");
    link_to("../in/file", "in/out-and-in");
    static const char *const outside[] = {"rel", "abs", "outdir/secret", "chain"};
    for (size_t i = 0; i < CAY_COUNT(outside); i++) {
        cay_fs_path_t p = below_judged(outside[i]);
        cay_fs_stat_t s;
        expect_read(p, "OUTSIDE");
        assert_int_equal(cay__fs_stat(&p, true, &s, NULL), 0);
        assert_int_equal(s.size, 7);
        refuse_write(p, CAY_EPERM, "a link is on the way");
        assert_int_equal(
            cay__fs_remove(&(cay_fs_path_t){in_root, "outdir/secret", "x", judge_base, NULL}, false,
                           NULL, NULL),
            CAY_EPERM);
    }
    expect_read(below_judged("abs-in"), "inside");
    expect_read(below_judged("out-and-in"), "inside");
    assert_string_equal(listed(below_judged("outdir")), "fsecret");
    refuse_read(below_judged("outdir/none"), CAY_ENOTFOUND, "not found");
    refuse_read(below_judged("outdir/secret/x"), CAY_ENOTDIR, "not a directory");
}

/* Nor is it told whether there is something. */
static void link_that_leads_out_to_what_the_judge_refuses_is_not_followed(void **state) {
    (void)state;
    link_to("/", "in/slash");
    link_to("/etc/passwd", "in/passwd");
    link_to(at("out/none"), "in/dangling");
    link_to("/proc/self/root/etc/passwd", "in/magic");
    link_to("../out", "in/outdir");
    static const char *const tails[] = {
        "passwd", "slash/etc/passwd", "slash/etc/none/none", "slash/etc/passwd/x", "dangling",
        "magic",  "outdir/never"};
    for (size_t i = 0; i < CAY_COUNT(tails); i++) {
        refuse_read(below_judged(tails[i]), CAY_EPERM, "a link leads out");
        refuse_stat(below_judged(tails[i]), CAY_EPERM);
    }
    assert_non_null(strstr(listed(below_judged("slash")), "a link leads out"));
}

static bool judge_all(void *ctx, const char *real) {
    (void)ctx;
    (void)real;
    return true;
}

static void link_that_leads_out_never_reaches_the_windows_into_the_kernel(void **state) {
    (void)state;
    static const char *const targets[] = {"/proc/version", "/proc/self/status", "/dev/null",
                                          "/sys/kernel/notes"};
    for (size_t i = 0; i < CAY_COUNT(targets); i++) {
        link_to(targets[i], "in/k");
        cay_fs_path_t p = below("k");
        p.judge = judge_all;
        refuse_read(p, CAY_EPERM, "a");
        refuse_stat(p, CAY_EPERM);
        assert_int_equal(unlink(at("in/k")), 0);
    }
}

static void links_that_go_in_circles_or_nowhere_end(void **state) {
    (void)state;
    char name[32], target[32];
    link_to("self", "in/self");
    link_to("pong", "in/ping");
    link_to("ping", "in/pong");
    link_to("missing", "in/dangling");
    for (int i = 0; i < 60; i++) {
        snprintf(name, sizeof name, "in/n%d", i);
        snprintf(target, sizeof target, i == 59 ? "file" : "n%d", i + 1);
        link_to(target, name);
    }
    refuse_read(below("self"), CAY_EPERM, "too many links");
    refuse_read(below("ping/x"), CAY_EPERM, "too many links");
    refuse_read(below("n0"), CAY_EPERM, "too many links");
    expect_read(below("n30"), "inside");
    refuse_read(below("dangling"), CAY_ENOTFOUND, "not found");
    assert_non_null(strstr(listed(below("self")), "too many links"));
}

/* Also of those that lead to something harmless. */
static void writing_follows_no_link_at_all(void **state) {
    (void)state;
    link_to("file", "in/a");
    link_to("missing", "in/dangling");
    link_to("../out/new", "in/dangling-out");
    link_to(at("out/new"), "in/dangling-abs");
    link_to("dir", "in/d");
    link_to("../out", "in/o");
    static const char *const tails[] = {"a",      "dangling", "dangling-out", "dangling-abs",
                                        "d/deep", "d/new",    "o/secret",     "o/new"};
    for (size_t i = 0; i < CAY_COUNT(tails); i++) {
        cay_fs_path_t p = below(tails[i]), file = below("file");
        int fd = -1;
        refuse_write(p, CAY_EPERM, "a link is on the way");
        assert_int_equal(write_text(p, CAY_FS_APPEND, "x", NULL), CAY_EPERM);
        assert_int_equal(cay__fs_open(&p, CAY_FS_READ | CAY_FS_WRITE, &fd, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_copy(&file, &p, CAY_FS_CREATE | CAY_FS_TRUNCATE, NULL, NULL),
                         CAY_EPERM);
    }
    assert_int_equal(write_text(below("dangling-out"), CAY_FS_CREATE | CAY_FS_EXCLUSIVE, "x", NULL),
                     CAY_EEXIST);
    static const char *const behind[] = {"d/new", "o/new"};
    for (size_t i = 0; i < CAY_COUNT(behind); i++) {
        cay_fs_path_t p = below(behind[i]), file = below("file"), deep = below("d/deep");
        assert_int_equal(cay__fs_mkdir(&p, false, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_mkdir(&p, true, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_rename(&file, &p, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_rename(&deep, &file, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_remove(&deep, false, NULL, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_remove(&deep, true, NULL, NULL), CAY_EPERM);
    }
    assert_false(exists("in/missing"));
    assert_string_equal(content("in/file"), "inside");
    assert_string_equal(content("in/dir/deep"), "below");
}

static void link_itself_is_removed_and_renamed_not_its_target(void **state) {
    (void)state;
    link_to("../out", "in/o");
    link_to("../out/secret", "in/s");
    cay_fs_path_t o = below("o"), s = below("s"), moved = below("moved"), file = below("file");
    assert_int_equal(cay__fs_rename(&o, &moved, NULL), 0);
    assert_int_equal(cay__fs_remove(&moved, true, NULL, NULL), 0);
    assert_false(exists("in/moved"));
    assert_int_equal(cay__fs_rename(&file, &s, NULL), 0); /* replaces the link */
    assert_string_equal(content("in/s"), "inside");
}

static void recursive_removal_takes_links_and_not_what_they_lead_to(void **state) {
    (void)state;
    assert_int_equal(mkdir(at("in/tree"), 0755), 0);
    assert_int_equal(mkdir(at("in/tree/sub"), 0755), 0);
    link_to("../../out", "in/tree/rel");
    link_to(at("out"), "in/tree/sub/abs");
    link_to("/", "in/tree/sub/slash");
    link_to("../file", "in/tree/file");
    cay_fs_path_t p = below("tree");
    assert_int_equal(cay__fs_remove(&p, true, NULL, NULL), 0);
    assert_false(exists("in/tree"));
    assert_true(exists("in/file"));
}

static void file_with_other_names_is_read_but_not_written(void **state) {
    (void)state;
    int fd = -1;
    assert_int_equal(link(at("out/secret"), at("in/hard")), 0);
    cay_fs_path_t p = below("hard"), file = below("file"), whole = anywhere(at("in/hard"));
    refuse_write(p, CAY_EPERM, "other names");
    refuse_write(whole, CAY_EPERM, "other names");
    assert_int_equal(write_text(p, CAY_FS_APPEND, "x", NULL), CAY_EPERM);
    assert_int_equal(cay__fs_open(&p, CAY_FS_WRITE | CAY_FS_TRUNCATE, &fd, NULL), CAY_EPERM);
    assert_int_equal(cay__fs_copy(&file, &p, CAY_FS_TRUNCATE, NULL, NULL), CAY_EPERM);
    expect_outside_untouched();
    assert_int_equal(cay__fs_remove(&p, false, NULL, NULL), 0); /* the name alone */
}

static void what_is_no_file_is_refused_and_never_waited_for(void **state) {
    (void)state;
    assert_int_equal(mkfifo(at("in/fifo"), 0666), 0);
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "%s/in/socket", base);
    assert_int_equal(bind(s, (struct sockaddr *)&name, sizeof name), 0);
    link_to("fifo", "in/to-fifo");
    if (mknod(at("in/null"), S_IFCHR | 0666, makedev(1, 3))) {
        print_message("no device of our own: %s\n", strerror(errno));
        assert_int_equal(mkfifo(at("in/null"), 0666), 0);
    }
    static const char *const tails[] = {"fifo", "socket", "null"};
    for (size_t i = 0; i < CAY_COUNT(tails); i++) {
        cay_fs_path_t p = below(tails[i]), file = below("file"), other = below("other");
        int fd = -1;
        cay_fs_stat_t st;
        refuse_read(p, CAY_EPERM, "is a device, a pipe or a socket");
        refuse_write(p, CAY_EPERM, "is a device, a pipe or a socket");
        assert_int_equal(cay__fs_open(&p, CAY_FS_READ | CAY_FS_WRITE, &fd, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_copy(&p, &other, CAY_FS_CREATE, NULL, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_copy(&file, &p, CAY_FS_CREATE, NULL, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_stat(&p, true, &st, NULL), 0);
        assert_int_equal(st.type, CAY_FS_OTHER);
    }
    refuse_read(below("to-fifo"), CAY_EPERM, "is a device, a pipe or a socket");
    assert_false(exists("in/other"));
    assert_string_equal(listed(below("")), "ddir ofifo ffile onull osocket lto-fifo");
    close(s);
}

/* Under everything that can be granted, without a grant that lies there. */
static void windows_into_the_kernel_are_refused_under_a_broad_grant(void **state) {
    (void)state;
    static const char *const paths[] = {"/proc/self/root/etc/passwd",
                                        "/proc/self/environ",
                                        "/proc/self/fd/0",
                                        "/proc/self/mem",
                                        "/proc/1/cmdline",
                                        "/proc/version",
                                        "/proc",
                                        "/sys/kernel/notes",
                                        "/sys",
                                        "/dev/null",
                                        "/dev/tty",
                                        "/dev/zero",
                                        "/dev/fd/0",
                                        "/dev/stdin",
                                        "/dev/shm/x",
                                        "/dev"};
    for (size_t i = 0; i < CAY_COUNT(paths); i++) {
        cay_fs_path_t p = anywhere(paths[i]), file = anywhere(at("in/file"));
        refuse_read(p, CAY_EPERM, "/proc, /sys, /dev");
        refuse_write(p, CAY_EPERM, "/proc, /sys, /dev");
        refuse_stat(p, CAY_EPERM);
        assert_non_null(strstr(listed(p), "/proc, /sys, /dev"));
        assert_int_equal(cay__fs_mkdir(&p, false, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_mkdir(&p, true, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_remove(&p, true, NULL, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_rename(&file, &p, NULL), CAY_EPERM);
    }
    link_to("/proc/self", "in/proc");
    link_to("/dev", "in/dev");
    link_to("/proc/self/root", "in/magic");
    link_to("/sys", "in/sys");
    refuse_read(anywhere(at("in/proc/status")), CAY_EPERM, "/proc, /sys, /dev");
    refuse_read(anywhere(at("in/dev/null")), CAY_EPERM, "/proc, /sys, /dev");
    refuse_write(anywhere(at("in/dev/null")), CAY_EPERM, "/proc, /sys, /dev");
    refuse_write(anywhere(at("in/dev/shm/cay-new")), CAY_EPERM, "/proc, /sys, /dev");
    refuse_read(anywhere(at("in/magic/etc/passwd")), CAY_EPERM, "only the kernel can follow");
    assert_non_null(strstr(listed(anywhere(at("in/sys"))), "/proc, /sys, /dev"));
}

static void magic_links_are_not_followed_even_where_proc_is_granted(void **state) {
    (void)state;
    char root[64];
    snprintf(root, sizeof root, "/proc/%d", (int)getpid());
    static const char *const tails[] = {"root/etc/passwd", "cwd/x", "fd/0", "exe", "root"};
    for (size_t i = 0; i < CAY_COUNT(tails); i++) {
        refuse_read((cay_fs_path_t){root, tails[i], tails[i], NULL, NULL}, CAY_EPERM, "link");
    }
    refuse_read((cay_fs_path_t){"/dev", "null", "/dev/null", NULL, NULL}, CAY_EPERM,
                "it is a device, a pipe or a socket: only files and directories can be used");
}

static bool judge_inside(void *ctx, const char *real) {
    char *seen = ctx;
    snprintf(seen, 4096, "%s", real);
    size_t n = strlen(in_root);
    return strncmp(real, in_root, n) == 0 && (real[n] == '/' || !real[n]);
}

static void where_links_led_is_judged_by_its_real_path(void **state) {
    (void)state;
    static char seen[4096];
    link_to(at("out"), "in/o");
    link_to(at("in"), "alias");
    link_to(at("in/file"), "in/dir/abs");
    cay_fs_path_t p = {"/", at("alias/dir/abs") + 1, "shown", judge_inside, seen};
    expect_read(p, "inside");
    assert_string_equal(seen, at("in/file"));
    p.tail = at("in/o/secret") + 1;
    refuse_read(p, CAY_EPERM, "where this really lies is not granted");
    assert_string_equal(seen, at("out/secret"));
    refuse_stat(p, CAY_EPERM);
    assert_non_null(strstr(listed((cay_fs_path_t){"/", at("in/o") + 1, "x", judge_inside, seen}),
                           "not granted"));
    seen[0] = 0;
    p.tail = at("in/file") + 1; /* no link: the text was judged by who asks */
    expect_read(p, "inside");
    assert_string_equal(seen, "");
    p = (cay_fs_path_t){in_root, "l/deep", "l/deep", judge_inside, seen};
    link_to("dir", "in/l");
    expect_read(p, "below");
    assert_string_equal(seen, at("in/dir/deep"));
}

static void with_everything_granted_writing_passes_links_above_the_name_only(void **state) {
    (void)state;
    static char seen[4096];
    link_to(at("in"), "alias");
    link_to(at("out"), "in/o");
    link_to(at("in/file"), "in/last");
    link_to(at("missing"), "in/nowhere");
    char new[128], moved[128], deep[128]; /* at() gives its buffers out again */
    snprintf(new, sizeof new, "%s/alias/new", base + 1);
    snprintf(moved, sizeof moved, "%s/alias/dir/moved", base + 1);
    snprintf(deep, sizeof deep, "%s/alias/m/n/o", base + 1);
    cay_fs_path_t p = {"/", new, "x", judge_inside, seen};
    cay_fs_path_t q = {"/", moved, "y", judge_inside, seen};
    cay_fs_path_t made = {"/", deep, "z", judge_inside, seen};
    assert_int_equal(write_text(p, CAY_FS_CREATE, "text", NULL), 0);
    assert_string_equal(seen, at("in/new"));
    assert_string_equal(content("in/new"), "text");
    assert_int_equal(cay__fs_rename(&p, &q, NULL), 0);
    assert_string_equal(content("in/dir/moved"), "text");
    assert_int_equal(cay__fs_remove(&q, false, NULL, NULL), 0);
    assert_int_equal(cay__fs_mkdir(&made, true, NULL), 0);
    assert_true(exists("in/m/n/o"));
    assert_int_equal(cay__fs_mkdir(&p, false, NULL), 0);
    assert_int_equal(cay__fs_remove(&p, true, NULL, NULL), 0);
    static const char *const refused[] = {"in/o/new", "in/o/secret", "alias/o/secret"};
    for (size_t i = 0; i < CAY_COUNT(refused); i++) {
        p.tail = at(refused[i]) + 1;
        q.tail = at("in/file") + 1;
        refuse_write(p, CAY_EPERM, "not granted");
        assert_int_equal(cay__fs_mkdir(&p, false, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_mkdir(&p, true, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_remove(&p, true, NULL, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_rename(&p, &q, NULL), CAY_EPERM);
        assert_int_equal(cay__fs_rename(&q, &p, NULL), CAY_EPERM);
    }
    static const char *const last[] = {"in/last", "alias/last", "in/nowhere", "alias/nowhere"};
    for (size_t i = 0; i < CAY_COUNT(last); i++) {
        refuse_write(anywhere(at(last[i])), CAY_EPERM, "a link is on the way");
    }
    p.tail = at("in/nowhere/x/y") + 1;
    assert_int_equal(cay__fs_mkdir(&p, true, NULL), CAY_EPERM);
    assert_false(exists("missing"));
    assert_string_equal(content("in/file"), "inside");
}

static bool judge_no_deep(void *ctx, const char *real) {
    (void)ctx;
    return strcmp(real, in_root) == 0 || !strstr(real, "/deep");
}

/* The guest may know the root by another name than the one that a rule denies something by. */
static void real_path_below_a_root_is_judged_without_any_link_too(void **state) {
    (void)state;
    cay_fs_path_t p = below("dir/deep"), file = below("file");
    p.judge = judge_no_deep;
    refuse_read(p, CAY_EPERM, "not granted");
    refuse_write(p, CAY_EPERM, "not granted");
    refuse_stat(p, CAY_EPERM);
    assert_int_equal(cay__fs_remove(&p, false, NULL, NULL), CAY_EPERM);
    assert_int_equal(cay__fs_rename(&file, &p, NULL), CAY_EPERM);
    assert_int_equal(cay__fs_rename(&p, &file, NULL), CAY_EPERM);
    assert_int_equal(cay__fs_copy(&p, &file, CAY_FS_CREATE, NULL, NULL), CAY_EPERM);
    assert_int_equal(cay__fs_copy(&file, &p, CAY_FS_CREATE, NULL, NULL), CAY_EPERM);
    p.tail = "deeper";
    refuse_write(p, CAY_EPERM, "not granted");
    assert_int_equal(cay__fs_mkdir(&p, false, NULL), CAY_EPERM);
    assert_int_equal(cay__fs_mkdir(&p, true, NULL), CAY_EPERM);
    assert_false(exists("in/deeper"));
    assert_string_equal(content("in/dir/deep"), "below");
    p.tail = "file";
    expect_read(p, "inside");
}

static bool judge_keep(void *ctx, const char *real) {
    (void)ctx;
    return !strstr(real, "/keep");
}

static void recursive_removal_asks_the_judge_on_the_way_down(void **state) {
    (void)state;
    assert_int_equal(system(text("mkdir -p %s/in/tree/a/keep %s/in/tree/b", base, base)), 0);
    put_file("in/tree/a/keep/x", "kept");
    cay_fs_path_t p = below("tree");
    p.judge = judge_keep;
    cay_error_t *err = NULL;
    expect_code(cay__fs_remove(&p, true, NULL, &err), CAY_EPERM, &err, "not granted", "tree");
    assert_string_equal(content("in/tree/a/keep/x"), "kept");
    p.judge = NULL;
    assert_int_equal(cay__fs_remove(&p, true, NULL, NULL), 0);
}

/* The root was replaced after the grant. */
static void root_that_became_a_link_grants_nothing(void **state) {
    (void)state;
    assert_int_equal(rename(at("in"), at("gone")), 0);
    link_to("out", "in");
    refuse_read(below("secret"), CAY_EPERM, "link");
    refuse_write(below("secret"), CAY_EPERM, "link");
    refuse_write(below("new"), CAY_EPERM, "link");
    refuse_read(below("l/x"), CAY_EPERM, "link");
    refuse_read(below(""), CAY_EPERM, "link");
    cay_fs_path_t p = below("secret"), n = below("new");
    assert_int_equal(cay__fs_remove(&p, false, NULL, NULL), CAY_EPERM);
    assert_int_equal(cay__fs_mkdir(&n, true, NULL), CAY_EPERM);
    assert_non_null(strstr(listed(below("")), "link"));
}

/* Runs `test` in a child with mounts of its own; its exit code is 0, or the line that failed. */
#define CHECK(x)                                                                                   \
    do {                                                                                           \
        if (!(x)) {                                                                                \
            fprintf(stderr, "line %d: %s\n", __LINE__, #x);                                        \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

static void in_child(int (*test)(void)) {
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(own_mounts() ? test() : 77);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        print_message("skipped: no mount namespace of our own is to be had here\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int rc_read(cay_fs_path_t p) {
    cay_blob_t b = {NULL, 0, NULL, NULL};
    int rc = cay__fs_read_all(&p, 1 << 20, NULL, &b, NULL);
    cay__blob_drop(&b);
    return rc;
}

/* What the host mounts below a root is part of it; removal stops there, procfs stays refused. */
static int mounts_test(void) {
    cay_fs_path_t tree = below("tree"), mnt = below("tree/bind"), n = below("tree/proc/n");
    CHECK(mkdir(at("in/tree"), 0755) == 0 && mkdir(at("in/tree/bind"), 0755) == 0);
    CHECK(mkdir(at("in/tree/proc"), 0755) == 0);
    CHECK(mount(at("out"), at("in/tree/bind"), NULL, MS_BIND, NULL) == 0);
    CHECK(mount("/proc", at("in/tree/proc"), NULL, MS_BIND | MS_REC, NULL) == 0);
    CHECK(rc_read(below("tree/bind/secret")) == 0);
    CHECK(cay__fs_remove(&tree, true, NULL, NULL) != 0);
    CHECK(cay__fs_remove(&mnt, true, NULL, NULL) == CAY_EBUSY);
    CHECK(strcmp(content("out/secret"), "OUTSIDE") == 0);
    CHECK(rc_read(below("tree/proc/version")) == CAY_EPERM);
    CHECK(rc_read(below("tree/proc/self/status")) == CAY_EPERM); /* by a link that stays below */
    CHECK(rc_read(below("tree/proc/self/root/etc/passwd")) == CAY_EPERM);
    CHECK(rc_read(anywhere(at("in/tree/proc/version"))) == CAY_EPERM);
    CHECK(write_text(below("tree/proc/self/comm"), 0, "x", NULL) == CAY_EPERM);
    CHECK(write_text(below(text("tree/proc/%d/comm", (int)getpid())), 0, "x", NULL) == CAY_EPERM);
    CHECK(strstr(listed(below("tree/proc")), "/proc, /sys, /dev"));
    CHECK(cay__fs_mkdir(&n, false, NULL) == CAY_EPERM);
    cay_fs_stat_t s;
    cay_fs_path_t p = below("tree/proc/version");
    CHECK(cay__fs_stat(&p, true, &s, NULL) == CAY_EPERM);
    CHECK(umount(at("in/tree/bind")) == 0 && umount2(at("in/tree/proc"), MNT_DETACH) == 0);
    CHECK(cay__fs_remove(&tree, true, NULL, NULL) == 0);
    return 0;
}

static void mounts_below_the_root_are_read_but_not_removed(void **state) {
    (void)state;
    in_child(mounts_test);
}

static int small_disk_test(void) {
    static char data[300000];
    cay_error_t *err = NULL;
    CHECK(mkdir(at("in/disk"), 0755) == 0);
    CHECK(mount("none", at("in/disk"), "tmpfs", 0, "size=64k") == 0);
    cay_fs_path_t p = below("disk/x"), file = below("file"), moved = below("disk/moved");
    CHECK(cay__fs_write_all(&p, CAY_FS_CREATE, data, sizeof data, NULL, &err) == CAY_ENOSPC);
    CHECK(strstr(cay_error_message(err), "no space left"));
    cay_error_free(err);
    CHECK(cay__fs_remove(&p, false, NULL, NULL) == 0);
    CHECK(cay__fs_rename(&file, &moved, NULL) == CAY_ENOTSUP);
    CHECK(cay__fs_copy(&file, &moved, CAY_FS_CREATE, NULL, NULL) == 0); /* between file systems */
    CHECK(strcmp(content("in/disk/moved"), "inside") == 0);
    CHECK(mount("none", at("in/disk"), NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
    CHECK(write_text(below("disk/y"), CAY_FS_CREATE, "y", NULL) == CAY_EACCES);
    CHECK(umount(at("in/disk")) == 0);
    return 0;
}

static void full_and_read_only_and_other_file_systems_are_told(void **state) {
    (void)state;
    in_child(small_disk_test);
}

/* An old kernel, as far as openat2 goes. */
static int no_openat2_test(void) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog prog = {CAY_COUNT(code), code};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0);
    cay_fs_path_t p = below("file"), n = below("new"), dir = below("dir");
    cay_fs_stat_t s;
    cay_error_t *err = NULL;
    cay_blob_t b;
    CHECK(cay__fs_read_all(&p, 100, NULL, &b, &err) == CAY_ENOTSUP);
    CHECK(strstr(cay_error_message(err), "openat2"));
    cay_error_free(err);
    CHECK(write_text(n, CAY_FS_CREATE, "x", NULL) == CAY_ENOTSUP);
    CHECK(cay__fs_stat(&p, true, &s, NULL) == CAY_ENOTSUP);
    CHECK(cay__fs_mkdir(&n, true, NULL) == CAY_ENOTSUP);
    CHECK(cay__fs_mkdir(&n, false, NULL) == CAY_ENOTSUP);
    CHECK(cay__fs_remove(&dir, true, NULL, NULL) == CAY_ENOTSUP);
    CHECK(cay__fs_rename(&p, &n, NULL) == CAY_ENOTSUP);
    CHECK(exists("in/file") && exists("in/dir/deep") && !exists("in/new"));
    return 0;
}

static void kernel_without_openat2_gets_a_refusal_and_no_other_way(void **state) {
    (void)state;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(no_openat2_test());
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_base, drop_untouched)
    const struct CMUnitTest tests[] = {
        TEST(link_that_stays_inside_is_followed_by_reads),
        TEST(link_that_leads_out_is_not_followed),
        TEST(link_that_leads_out_is_followed_to_where_the_judge_grants),
        TEST(link_that_leads_out_to_what_the_judge_refuses_is_not_followed),
        TEST(link_that_leads_out_never_reaches_the_windows_into_the_kernel),
        TEST(links_that_go_in_circles_or_nowhere_end),
        TEST(writing_follows_no_link_at_all),
        TEST(link_itself_is_removed_and_renamed_not_its_target),
        TEST(recursive_removal_takes_links_and_not_what_they_lead_to),
        TEST(file_with_other_names_is_read_but_not_written),
        TEST(what_is_no_file_is_refused_and_never_waited_for),
        TEST(windows_into_the_kernel_are_refused_under_a_broad_grant),
        TEST(magic_links_are_not_followed_even_where_proc_is_granted),
        TEST(where_links_led_is_judged_by_its_real_path),
        TEST(real_path_below_a_root_is_judged_without_any_link_too),
        TEST(with_everything_granted_writing_passes_links_above_the_name_only),
        TEST(recursive_removal_asks_the_judge_on_the_way_down),
        TEST(root_that_became_a_link_grants_nothing),
        TEST(mounts_below_the_root_are_read_but_not_removed),
        TEST(full_and_read_only_and_other_file_systems_are_told),
        TEST(kernel_without_openat2_gets_a_refusal_and_no_other_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
