/* SPDX-License-Identifier: MIT */
/* What is known about a file: from O_PATH descriptors, so that no right to its content is needed
 * and a device or pipe is not touched. */
#include <linux/stat.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/fs_inner.h"
#include "os/file.h"

static cay_fs_type_t type_of(unsigned mode) {
    return S_ISREG(mode)   ? CAY_FS_FILE
           : S_ISDIR(mode) ? CAY_FS_DIRECTORY
           : S_ISLNK(mode) ? CAY_FS_SYMLINK
                           : CAY_FS_OTHER;
}

static int64_t ns(struct statx_timestamp t) {
    int64_t out;
    if (__builtin_mul_overflow(t.tv_sec, INT64_C(1000000000), &out) ||
        __builtin_add_overflow(out, t.tv_nsec, &out)) {
        return t.tv_sec < 0 ? -INT64_MAX : INT64_MAX;
    }
    return out;
}

static int look(int fd, struct statx *x) {
    return statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, x) ? errno : 0;
}

static void tell(const struct statx *x, cay_fs_stat_t *out) {
    *out =
        (cay_fs_stat_t){.type = type_of(x->stx_mode),
                        .size = x->stx_size,
                        .mode = x->stx_mode & 07777u,
                        .nlink = x->stx_nlink,
                        .mtime_ns = ns(x->stx_mtime),
                        .atime_ns = ns(x->stx_atime),
                        .ctime_ns = ns(x->stx_ctime),
                        .birthtime_ns = x->stx_mask & STATX_BTIME ? ns(x->stx_btime) : INT64_MIN};
}

int cay__fs_stat(const cay_fs_path_t *p, bool follow, cay_fs_stat_t *out, cay_error_t **err) {
    struct statx x;
    int fd = -1;
    int e = cay__fs_reach(p, follow ? O_PATH : O_PATH | O_NOFOLLOW, &fd);
    e = e ? e : look(fd, &x);
    if (!e) {
        struct stat st = {.st_dev = makedev(x.stx_dev_major, x.stx_dev_minor)};
        e = cay__fs_vet_place(p, fd, &st);
    }
    cay__fs_close(&fd);
    if (!e) {
        tell(&x, out);
    }
    return cay__fs_fail(err, follow ? "stat" : "lstat", p->shown, e);
}

int cay__fs_fstat(int fd, cay_fs_stat_t *out, const char *shown, cay_error_t **err) {
    struct statx x;
    int e = look(fd, &x);
    if (!e) {
        tell(&x, out);
    }
    return cay__fs_fail(err, "stat", shown, e);
}

/* realpath's answer in our memory; *none when it has none, which is not for lack of memory. */
static char *resolved(const char *path, bool *none) {
    char *libc = realpath(path, NULL);
    *none = !libc && errno != ENOMEM;
    char *own = libc ? cay__strdup(libc) : NULL;
    free(libc);
    return own;
}

char *cay__fs_real(const char *path) {
    CAY_AUTOFREE char *whole = cay__path_absolute(path);
    CAY_AUTOFREE char *head = whole ? cay__strdup(whole) : NULL;
    if (!head) {
        return NULL;
    }
    for (;;) {
        bool none;
        CAY_AUTOFREE char *real = resolved(head, &none);
        size_t n = strlen(head);
        if (real) {
            const char *rest = whole + n + (whole[n] == '/');
            return *rest ? cay__asprintf("%s/%s", real[1] ? real : "", rest) : cay_steal(&real);
        }
        if (!none || n == 1) {
            return none ? cay_steal(&whole) : NULL;
        }
        char *slash = strrchr(head, '/');
        slash[slash == head] = 0;
    }
}
