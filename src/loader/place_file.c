/* SPDX-License-Identifier: MIT */
#include "loader/place_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const cay_piece_t *p) {
    const char *at = p->data;
    for (size_t left = p->len; left;) {
        ssize_t n = write(fd, at, left);
        if (n < 0 && errno != EINTR) {
            return errno;
        }
        at += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int fill(int fd, mode_t mode, const cay_piece_t *pieces, size_t count) {
    int e = fchmod(fd, mode) ? errno : 0;
    for (size_t i = 0; e == 0 && i < count; i++) {
        e = write_all(fd, &pieces[i]);
    }
    /* A full disk may be told as late as here. */
    return close(fd) && e == 0 ? errno : e;
}

int cay__file_place(int dir, const char *name, mode_t mode, const cay_piece_t *pieces,
                    size_t count) {
    uint64_t number;
    char temp[40];
    if (getrandom(&number, sizeof number, 0) != sizeof number) {
        return EIO;
    }
    snprintf(temp, sizeof temp, ".cay-%016llx.tmp", (unsigned long long)number);
    int fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return errno;
    }
    int e = fill(fd, mode, pieces, count);
    if (e == 0 && renameat(dir, temp, dir, name)) {
        e = errno;
    }
    if (e) {
        unlinkat(dir, temp, 0);
    }
    return e;
}
