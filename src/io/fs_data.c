/* SPDX-License-Identifier: MIT */
/* Whole files in and out. */
#include <linux/openat2.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/fs_inner.h"

/* From here on memory is asked for in huge pages: a page fault for each 4 KB costs more than the
 * copying. */
enum { LARGE = 4 << 20, HUGE_PAGE = 2 << 20, FIRST = 4096 };

/* `base` is what is freed; `data` is in it, aligned when large. */
typedef struct room {
    char *base;
    char *data;
    size_t len;
    size_t cap; /* without the byte for the NUL */
} room_t;

static int room_make(room_t *r, size_t cap) {
    bool large = cap >= LARGE;
    char *base =
        cap > SIZE_MAX - HUGE_PAGE - 1 ? NULL : cay__malloc(cap + 1 + (large ? HUGE_PAGE : 0));
    if (!base) {
        return ENOMEM;
    }
    char *data = base;
    if (large) {
        data += (HUGE_PAGE - (uintptr_t)base % HUGE_PAGE) % HUGE_PAGE;
        (void)madvise(data, cap & ~(size_t)(HUGE_PAGE - 1), MADV_HUGEPAGE); /* a hint */
    }
    *r = (room_t){base, data, 0, cap};
    return 0;
}

/* The file turned out to be longer than it was said to be. */
static int room_grow(room_t *r, size_t max) {
    if (r->len > max) {
        return CAY_FS_ELARGE;
    }
    size_t cap = r->cap < FIRST ? FIRST : r->cap > SIZE_MAX / 2 ? SIZE_MAX : r->cap * 2;
    room_t more;
    int e = room_make(&more, cap > max ? max + (max < SIZE_MAX) : cap);
    if (e) {
        return e;
    }
    memcpy(more.data, r->data, r->len);
    more.len = r->len;
    cay__free(r->base);
    *r = more;
    return 0;
}

static void room_release(void *data, size_t len, void *user) {
    (void)data;
    (void)len;
    cay__free(user);
}

/* Asks for one byte more than the file is said to have: a shorter answer is its end, without
 * another call. */
static int read_into(int fd, room_t *r, size_t expected, size_t max, const atomic_bool *stop) {
    for (;;) {
        size_t left = r->cap - r->len;
        int e = cay__fs_stopped(stop);
        if (!e && left == 0) {
            e = room_grow(r, max);
            left = r->cap - r->len;
        }
        if (e) {
            return e;
        }
        size_t want = left > CAY_FS_PIECE ? CAY_FS_PIECE : left;
        ssize_t n = read(fd, r->data + r->len, want);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return errno;
        }
        r->len += (size_t)n;
        if (n == 0 || ((size_t)n < want && r->len == expected)) {
            return r->len > max ? CAY_FS_ELARGE : 0;
        }
    }
}

static int read_all(int fd, const struct stat *st, size_t max, const atomic_bool *stop, room_t *r) {
    if (S_ISDIR(st->st_mode)) {
        return EISDIR;
    }
    if ((uint64_t)st->st_size > max || (uint64_t)st->st_size >= SIZE_MAX) {
        return CAY_FS_ELARGE;
    }
    int e = room_make(r, (size_t)st->st_size + 1);
    return e ? e : read_into(fd, r, (size_t)st->st_size, max, stop);
}

int cay__fs_read_all(const cay_fs_path_t *p, size_t max, const atomic_bool *stop, cay_blob_t *out,
                     cay_error_t **err) {
    struct stat st;
    room_t r = {NULL, NULL, 0, 0};
    int fd;
    int e = cay__fs_open_read(p, &fd, &st);
    if (!e) {
        e = read_all(fd, &st, max, stop, &r);
        cay__fs_close(&fd);
    }
    if (e) {
        cay__free(r.base);
        return cay__fs_fail(err, "read", p->shown, e);
    }
    r.data[r.len] = 0;
    *out = (cay_blob_t){r.data, r.len, room_release, r.base};
    return 0;
}

/* ---- what the kernel has at hand ---- */

#define CACHED_MAX ((size_t)256 << 10)

static int read_at_hand(int fd, const struct stat *st, size_t max, room_t *r) {
    size_t size = (size_t)st->st_size;
    if (!S_ISREG(st->st_mode) || size > max || size > CACHED_MAX || room_make(r, size + 1)) {
        return CAY_EAGAIN;
    }
    struct iovec to = {r->data, size + 1};
    ssize_t n = preadv2(fd, &to, 1, 0, RWF_NOWAIT);
    r->len = size;
    return n == (ssize_t)size ? 0 : CAY_EAGAIN; /* less: not all of it is in memory */
}

static int open_at_hand(const cay_fs_path_t *p, int *fd, struct stat *st) {
    char full[PATH_MAX];
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                           .resolve = RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_CACHED};
    if (cay__fs_join(p, full) || cay__fs_admit_text(p, full)) {
        return CAY_EAGAIN;
    }
    *fd = (int)syscall(SYS_openat2, AT_FDCWD, full, &how, sizeof how);
    if (*fd >= 0 && cay__fs_vet(p, *fd, false, st)) {
        cay__fs_close(fd);
        return CAY_EAGAIN;
    }
    return *fd < 0 ? CAY_EAGAIN : 0;
}

int cay__fs_read_cached(const cay_fs_path_t *p, size_t max, cay_blob_t *out) {
    struct stat st;
    room_t r = {NULL, NULL, 0, 0};
    int fd = -1;
    int rc = open_at_hand(p, &fd, &st);
    if (rc == 0) {
        rc = read_at_hand(fd, &st, max, &r);
        cay__fs_close(&fd);
    }
    if (rc) {
        cay__free(r.base);
        return rc;
    }
    r.data[r.len] = 0;
    *out = (cay_blob_t){r.data, r.len, room_release, r.base};
    return 0;
}

int cay__fs_write_fully(int fd, const void *data, size_t len, const atomic_bool *stop) {
    const char *at = data;
    while (len > 0) {
        int e = cay__fs_stopped(stop);
        if (e) {
            return e;
        }
        ssize_t n = write(fd, at, len > CAY_FS_PIECE ? CAY_FS_PIECE : len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? errno : EIO;
        }
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

int cay__fs_write_all(const cay_fs_path_t *p, unsigned flags, const void *data, size_t len,
                      const atomic_bool *stop, cay_error_t **err) {
    struct stat st;
    int fd;
    int e = cay__fs_open_write(p, flags & ~(unsigned)CAY_FS_READ, 0666, &fd, &st);
    if (!e) {
        e = cay__fs_write_fully(fd, data, len, stop);
        cay__fs_close(&fd);
    }
    return cay__fs_fail(err, "write", p->shown, e);
}
