/* SPDX-License-Identifier: MIT */
/* A tree of files for the tests: what is granted below base/in, what nobody may reach below
 * base/out. */
#ifndef FS_TREE_H
#define FS_TREE_H

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
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/fs.h"

static char base[64];
static char in_root[80];
static char scratch[8][6000];
static unsigned turn;

/* One of eight buffers, taken in turn. */
CAY_PRINTF(1, 2) CAY_UNUSED static char *text(const char *fmt, ...) {
    char *to = scratch[turn++ % 8];
    va_list args;
    va_start(args, fmt);
    vsnprintf(to, sizeof scratch[0], fmt, args);
    va_end(args);
    return to;
}

CAY_UNUSED static char *at(const char *name) {
    return text("%s/%s", base, name);
}

CAY_UNUSED static void put_file(const char *name, const char *content) {
    FILE *f = fopen(at(name), "we");
    assert_non_null(f);
    fputs(content, f);
    assert_int_equal(fclose(f), 0);
}

/* What is in a file, by the plain calls; "(none)" when it is not there. */
CAY_UNUSED static const char *content(const char *name) {
    char *to = text("(none)");
    FILE *f = fopen(at(name), "re");
    if (f) {
        to[fread(to, 1, sizeof scratch[0] - 1, f)] = 0;
        fclose(f);
    }
    return to;
}

CAY_UNUSED static bool exists(const char *name) {
    struct stat st;
    return lstat(at(name), &st) == 0;
}

CAY_UNUSED static unsigned open_descriptors(void) {
    unsigned n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d)) {
        n++;
    }
    if (d) {
        closedir(d);
    }
    return n;
}

CAY_UNUSED static bool set_map(const char *file, const char *map) {
    int fd = open(file, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, map, strlen(map)) > 0;
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

/* The calling thread, and those it starts, get mounts of their own. */
CAY_UNUSED static bool own_mounts(void) {
    unsigned uid = getuid(), gid = getgid();
    if (unshare(uid == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER)) {
        return false;
    }
    if (uid != 0 && !(set_map("/proc/self/setgroups", "deny") &&
                      set_map("/proc/self/uid_map", text("0 %u 1", uid)) &&
                      set_map("/proc/self/gid_map", text("0 %u 1", gid)))) {
        return false;
    }
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* For what takes long on a disk, and where its journal would make threads wait for each other. */
CAY_UNUSED static int tmp_in_memory(void **state) {
    (void)state;
    if (!own_mounts() || mount("none", "/tmp", "tmpfs", 0, "size=64m")) {
        print_message("on disk: no mount namespace of our own is to be had here\n");
    }
    return 0;
}

static int64_t live_before;
static unsigned descriptors_before;

CAY_UNUSED static int make_base(void **state) {
    (void)state;
    snprintf(base, sizeof base, "/tmp/cay-fs-XXXXXX");
    assert_non_null(mkdtemp(base));
    snprintf(in_root, sizeof in_root, "%s/in", base);
    assert_int_equal(mkdir(at("in"), 0755), 0);
    assert_int_equal(mkdir(at("in/dir"), 0755), 0);
    assert_int_equal(mkdir(at("out"), 0755), 0);
    put_file("in/file", "inside");
    put_file("in/dir/deep", "below");
    put_file("out/secret", "OUTSIDE");
    live_before = cay__mem_live();
    descriptors_before = open_descriptors();
    return 0;
}

/* Also: no memory and no descriptor is left. */
CAY_UNUSED static int drop_base(void **state) {
    (void)state;
    char command[200];
    assert_int_equal(cay__mem_live(), live_before);
    assert_int_equal(open_descriptors(), descriptors_before);
    snprintf(command, sizeof command, "rm -rf '%s'", base);
    return system(command);
}

/* Below base/in. */
CAY_UNUSED static cay_fs_path_t below(const char *tail) {
    return (cay_fs_path_t){in_root, tail, tail, NULL, NULL};
}

/* With everything granted; `path` is absolute. */
CAY_UNUSED static cay_fs_path_t anywhere(const char *path) {
    return (cay_fs_path_t){"/", path + 1, path, NULL, NULL};
}

/* A granted path itself. */
CAY_UNUSED static cay_fs_path_t itself(const char *path) {
    return (cay_fs_path_t){path, "", path, NULL, NULL};
}

/* Frees *err and sets it to NULL. */
CAY_UNUSED static void expect_code(int rc, int code, cay_error_t **err, const char *words,
                                   const char *what) {
    if (rc != code || cay_error_code(*err) != code || !strstr(cay_error_message(*err), words)) {
        fail_msg("%s: %s \"%s\", not %s with \"%s\"", what, cay_error_name(rc),
                 cay_error_message(*err), cay_error_name(code), words);
    }
    cay_error_free(*err);
    *err = NULL;
}

static unsigned read_at_hand;

/* The quick way gives the same bytes or none. */
CAY_UNUSED static void expect_cached(cay_fs_path_t p, const char *expected) {
    cay_blob_t b = {NULL, 0, NULL, NULL};
    int rc = cay__fs_read_cached(&p, 1 << 20, &b);
    if (rc == 0) {
        assert_int_equal(b.len, strlen(expected));
        assert_string_equal(b.data, expected);
        read_at_hand++;
    } else {
        assert_int_equal(rc, CAY_EAGAIN);
        assert_null(b.data);
    }
    cay__blob_drop(&b);
}

CAY_UNUSED static void expect_read(cay_fs_path_t p, const char *expected) {
    cay_blob_t b = {NULL, 0, NULL, NULL};
    cay_error_t *err = NULL;
    expect_cached(p, expected);
    if (cay__fs_read_all(&p, 1 << 20, NULL, &b, &err)) {
        fail_msg("%s", cay_error_message(err));
    }
    assert_int_equal(b.len, strlen(expected));
    assert_string_equal(b.data, expected);
    cay__blob_drop(&b);
}

CAY_UNUSED static void refuse_read(cay_fs_path_t p, int code, const char *words) {
    cay_blob_t b = {NULL, 0, NULL, NULL};
    cay_error_t *err = NULL;
    assert_int_equal(cay__fs_read_cached(&p, 1 << 20, &b), CAY_EAGAIN);
    int rc = cay__fs_read_all(&p, 1 << 20, NULL, &b, &err);
    assert_null(b.data);
    expect_code(rc, code, &err, words, p.shown);
}

CAY_UNUSED static int write_text(cay_fs_path_t p, unsigned flags, const char *data,
                                 cay_error_t **err) {
    return cay__fs_write_all(&p, flags, data, strlen(data), NULL, err);
}

CAY_UNUSED static void refuse_write(cay_fs_path_t p, int code, const char *words) {
    cay_error_t *err = NULL;
    int rc = write_text(p, CAY_FS_CREATE | CAY_FS_TRUNCATE, "EVIL", &err);
    expect_code(rc, code, &err, words, p.shown);
}

/* The mode's letter ('f', 'd', 'l', 'o') and name of each entry, sorted, joined by a space. */
static int by_name(const void *a, const void *b) {
    return strcmp((const char *)a + 1, (const char *)b + 1);
}

CAY_UNUSED static const char *listed(cay_fs_path_t p) {
    static char names[64][264];
    cay_buf_t b = CAY_BUF_INIT;
    cay_error_t *err = NULL;
    size_t n = 0;
    if (cay__fs_list(&p, NULL, &b, &err)) {
        char *message = text("%s", cay_error_message(err));
        cay_error_free(err);
        cay__buf_free(&b);
        return message;
    }
    for (size_t i = 0; i < b.len && n < 64; n++) {
        snprintf(names[n], sizeof names[n], "%c%s", "ofdl"[b.data[i]], (char *)b.data + i + 1);
        i += strlen(names[n]) + 1;
    }
    cay__buf_free(&b);
    qsort(names, n, sizeof names[0], by_name);
    char *to = text("%s", "");
    for (size_t i = 0; i < n; i++) {
        strcat(strcat(to, i ? " " : ""), names[i]);
    }
    return to;
}

#endif
