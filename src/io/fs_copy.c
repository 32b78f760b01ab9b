/* SPDX-License-Identifier: MIT */
/* Copying a file: in the kernel where it can, through a buffer of ours where not. */
#include <unistd.h>

#include "base/mem.h"
#include "io/fs_inner.h"

enum { BUFFER = 256 << 10 };

static int copy_buffered(int from, int to, const atomic_bool *stop) {
    CAY_AUTOFREE char *buf = cay__malloc(BUFFER);
    if (!buf) {
        return ENOMEM;
    }
    for (;;) {
        ssize_t n = read(from, buf, BUFFER);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        int e = n < 0 ? errno : cay__fs_write_fully(to, buf, (size_t)n, stop);
        if (n <= 0 || e) {
            return e;
        }
    }
}

/* Both descriptors move on, so that the buffered copy can take over anywhere: where the kernel
 * refuses, and at the end, which some file systems tell too early. */
static int copy_content(int from, int to, const atomic_bool *stop) {
    for (;;) {
        int e = cay__fs_stopped(stop);
        if (e) {
            return e;
        }
        ssize_t n = copy_file_range(from, NULL, to, NULL, CAY_FS_PIECE, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO)) {
            return errno;
        }
        if (n <= 0) {
            return copy_buffered(from, to, stop);
        }
    }
}

static int copy(const cay_fs_path_t *from, const cay_fs_path_t *to, unsigned flags,
                const atomic_bool *stop, const char **shown) {
    struct stat a, b;
    int in, out;
    *shown = from->shown;
    int e = cay__fs_open_read(from, &in, &a);
    if (e) {
        return e;
    }
    if (S_ISDIR(a.st_mode)) {
        cay__fs_close(&in);
        return EISDIR;
    }
    *shown = to->shown;
    /* Truncated after it is known not to be the source. */
    e = cay__fs_open_write(to, flags & (CAY_FS_CREATE | CAY_FS_EXCLUSIVE), a.st_mode & 0777, &out,
                           &b);
    e = e ? e : a.st_dev == b.st_dev && a.st_ino == b.st_ino ? CAY_FS_ESAME : 0;
    if (!e && (flags & CAY_FS_TRUNCATE) && b.st_size > 0 && ftruncate(out, 0)) {
        e = errno;
    }
    e = e ? e : copy_content(in, out, stop);
    cay__fs_close(&in);
    cay__fs_close(&out);
    return e;
}

int cay__fs_copy(const cay_fs_path_t *from, const cay_fs_path_t *to, unsigned flags,
                 const atomic_bool *stop, cay_error_t **err) {
    const char *shown;
    int e = copy(from, to, flags, stop, &shown);
    return cay__fs_fail(err, "copy", shown, e);
}
