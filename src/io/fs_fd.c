/* SPDX-License-Identifier: MIT */
/* Positioned work on an open file. */
#include <unistd.h>

#include "io/fs_inner.h"

int cay__fs_pread(int fd, void *to, size_t len, uint64_t at, size_t *got, const char *shown,
                  cay_error_t **err) {
    size_t done = 0;
    int e = len > (size_t)INT64_MAX || at > (uint64_t)INT64_MAX - len ? EINVAL : 0;
    while (!e && done < len) {
        size_t want = len - done > CAY_FS_PIECE ? CAY_FS_PIECE : len - done;
        ssize_t n = pread(fd, (char *)to + done, want, (off_t)(at + done));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        e = n < 0 ? errno : 0;
        done += n > 0 ? (size_t)n : 0;
        if (!e && (size_t)n < want) {
            break;
        }
    }
    if (!e) {
        *got = done;
    }
    return cay__fs_fail(err, "read", shown, e);
}

static int write_at(int fd, const char *from, size_t len, uint64_t at) {
    for (size_t done = 0; done < len;) {
        size_t piece = len - done > CAY_FS_PIECE ? CAY_FS_PIECE : len - done;
        ssize_t n = pwrite(fd, from + done, piece, (off_t)(at + done));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? errno : EIO;
        }
        done += (size_t)n;
    }
    return 0;
}

int cay__fs_pwrite(int fd, const void *from, size_t len, uint64_t at, bool append,
                   const char *shown, cay_error_t **err) {
    int e;
    if (append) {
        e = cay__fs_write_fully(fd, from, len, NULL);
    } else if (len > (size_t)INT64_MAX || at > (uint64_t)INT64_MAX - len) {
        e = EINVAL;
    } else {
        e = write_at(fd, from, len, at);
    }
    return cay__fs_fail(err, "write", shown, e);
}

int cay__fs_truncate(int fd, uint64_t len, const char *shown, cay_error_t **err) {
    int e = len > (uint64_t)INT64_MAX ? EFBIG : 0;
    while (!e && ftruncate(fd, (off_t)len)) {
        if (errno != EINTR) {
            e = errno;
        }
    }
    return cay__fs_fail(err, "truncate", shown, e);
}

int cay__fs_sync(int fd, bool data_only, const char *shown, cay_error_t **err) {
    int e = 0;
    while (!e && (data_only ? fdatasync(fd) : fsync(fd))) {
        if (errno != EINTR) {
            e = errno;
        }
    }
    return cay__fs_fail(err, "sync", shown, e);
}
