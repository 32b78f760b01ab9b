/* SPDX-License-Identifier: MIT */
/* Opening files. Nothing is truncated before the file was looked at. */
#include <linux/openat2.h>
#include <unistd.h>

#include "io/fs_inner.h"

int cay__fs_open_read(const cay_fs_path_t *p, int *fd, struct stat *st) {
    *fd = -1;
    int e = cay__fs_reach(p, O_RDONLY, fd);
    e = e ? e : cay__fs_vet(p, *fd, false, st);
    if (e) {
        cay__fs_close(fd);
    }
    return e;
}

/* Without any link, or else (everything is granted) with links above the last component. */
static int open_for_write(const cay_fs_path_t *p, int flags, mode_t mode, int *fd) {
    cay_fs_spot_t s;
    int e = cay__fs_join(p, s.real);
    e = e ? e : cay__fs_admit_text(p, s.real);
    e = e ? e : cay__fs_openat(AT_FDCWD, s.real, flags, mode, RESOLVE_NO_SYMLINKS, fd);
    if (e != ELOOP) {
        return e;
    }
    if (p->root[1]) {
        return CAY_FS_ELINK;
    }
    e = cay__fs_spot(p, &s);
    e = e ? e
          : cay__fs_openat(s.dir, s.name, flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS, fd);
    cay__fs_close(&s.dir);
    return e == ELOOP ? CAY_FS_ELINK : e;
}

int cay__fs_open_write(const cay_fs_path_t *p, unsigned flags, mode_t mode, int *fd,
                       struct stat *st) {
    int how = (flags & CAY_FS_READ ? O_RDWR : O_WRONLY) | (flags & CAY_FS_CREATE ? O_CREAT : 0) |
              (flags & CAY_FS_EXCLUSIVE ? O_EXCL : 0) | (flags & CAY_FS_APPEND ? O_APPEND : 0);
    *fd = -1;
    if ((flags & CAY_FS_EXCLUSIVE) && !(flags & CAY_FS_CREATE)) {
        return EINVAL;
    }
    int e = open_for_write(p, how, mode, fd);
    e = e ? e : cay__fs_vet(p, *fd, true, st);
    if (!e && (flags & CAY_FS_TRUNCATE) && st->st_size > 0) {
        e = ftruncate(*fd, 0) ? errno : 0;
    }
    if (e) {
        cay__fs_close(fd);
    }
    return e;
}

int cay__fs_open(const cay_fs_path_t *p, unsigned flags, int *fd, cay_error_t **err) {
    const unsigned writing = CAY_FS_CREATE | CAY_FS_EXCLUSIVE | CAY_FS_TRUNCATE | CAY_FS_APPEND;
    struct stat st;
    int got = -1, e = EINVAL;
    if (flags & CAY_FS_WRITE) {
        e = cay__fs_open_write(p, flags, 0666, &got, &st);
    } else if ((flags & CAY_FS_READ) && !(flags & writing)) {
        e = cay__fs_open_read(p, &got, &st);
    }
    if (!e) {
        *fd = got;
    }
    return cay__fs_fail(err, "open", p->shown, e);
}
