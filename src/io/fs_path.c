/* SPDX-License-Identifier: MIT */
/* From a root and a tail to a descriptor, and never to one outside.
 *
 * The common case is one openat2 of the whole text without any link. When a link is on the way
 * and may be followed, it is followed with O_PATH alone, which opens nothing; where that led to
 * is asked from the kernel, judged as text, opened by that text without any link, and must be
 * the very inode that was reached. So whatever is opened was judged under a name that it had
 * while we held it. That is also why a link may lead out of the root to where the judge grants
 * the place by itself: nothing rests on the way there. */
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "io/fs_inner.h"

/* Looks before we give up on what others keep moving. */
enum { RETRIES = 64 };

void cay__fs_close(int *fd) {
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

int cay__fs_stopped(const atomic_bool *stop) {
    return stop && atomic_load_explicit(stop, memory_order_relaxed) ? CAY_FS_ESTOPPED : 0;
}

int cay__fs_openat(int dir, const char *path, int flags, mode_t mode, uint64_t resolve, int *fd) {
    /* openat2 takes nothing with O_PATH that has no meaning there. */
    int always = flags & O_PATH ? O_CLOEXEC : O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    struct open_how how = {.flags = (uint64_t)(flags | always),
                           .mode = flags & O_CREAT ? mode : 0,
                           .resolve = resolve | RESOLVE_NO_MAGICLINKS};
    int e = 0;
    for (int i = 0; i < RETRIES; i++) {
        *fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
        if (*fd >= 0) {
            return 0;
        }
        e = errno;
        if (e != EAGAIN &&
            e != EINTR) { /* EAGAIN: a rename on the way while ".." of a link was walked */
            return e;
        }
    }
    return CAY_FS_EMOVING;
}

/* No component is empty, "." or "..". */
static bool is_normal(const char *s) {
    for (;;) {
        size_t n = strcspn(s, "/");
        if (n == 0 || (s[0] == '.' && (n == 1 || (n == 2 && s[1] == '.')))) {
            return false;
        }
        if (!s[n]) {
            return true;
        }
        s += n + 1;
    }
}

static bool is_whole(const char *root) {
    return root[0] == '/' && !root[1];
}

int cay__fs_join(const cay_fs_path_t *p, char *full) {
    if (p->root[0] != '/' || (!is_whole(p->root) && !is_normal(p->root + 1)) ||
        (p->tail[0] && !is_normal(p->tail))) {
        return EINVAL;
    }
    int n = snprintf(full, PATH_MAX, "%s%s%s", p->root, p->tail[0] && !is_whole(p->root) ? "/" : "",
                     p->tail);
    return n < 0 || n >= PATH_MAX ? ENAMETOOLONG : 0;
}

/* `path` is `dir` or below it. */
static bool is_below(const char *path, const char *dir) {
    size_t n = strlen(dir);
    return is_whole(dir) || (strncmp(path, dir, n) == 0 && (path[n] == '/' || !path[n]));
}

static bool is_kernels(const char *path) {
    return is_below(path, "/proc") || is_below(path, "/sys") || is_below(path, "/dev");
}

/* The kernel's windows need a grant of their own, and judges have the last word. */
static int admit(const cay_fs_path_t *p, const char *path, bool ask) {
    if (is_kernels(path) && !is_kernels(p->root)) {
        return CAY_FS_EKERNEL;
    }
    return ask && p->judge && !p->judge(p->ctx, path) ? CAY_FS_EJUDGED : 0;
}

int cay__fs_admit_text(const cay_fs_path_t *p, const char *full) {
    return admit(p, full, !is_whole(p->root));
}

int cay__fs_admit(const cay_fs_path_t *p, const char *real) {
    return is_below(real, p->root) ? admit(p, real, true) : EXDEV;
}

/* The same of where a link led that was followed to read: also outside, when the judge says so. Why
 * not is told alike, so that it does not tell what there is. */
static int admit_reached(const cay_fs_path_t *p, const char *real) {
    if (is_below(real, p->root)) {
        return admit(p, real, true);
    }
    int e = p->judge ? admit(p, real, true) : EXDEV;
    return e == CAY_FS_EJUDGED ? EXDEV : e;
}

/* File systems that are windows into the kernel, or made of other things than files. */
static bool is_kernels_fs(unsigned long magic) {
    switch (magic) {
    case 0x9fa0:     /* proc */
    case 0x9fa1:     /* openprom */
    case 0x9fa2:     /* usbdevfs */
    case 0x62656572: /* sysfs */
    case 0x1cd1:     /* devpts */
    case 0x64626720: /* debugfs */
    case 0x74726163: /* tracefs */
    case 0x73636673: /* securityfs */
    case 0x5a3c69f0: /* apparmorfs */
    case 0xf97cff8c: /* selinuxfs */
    case 0x43415d53: /* smackfs */
    case 0x27e0eb:   /* cgroup */
    case 0x63677270: /* cgroup2 */
    case 0x07655821: /* resctrl */
    case 0xcafe4a11: /* bpf */
    case 0x62656570: /* configfs */
    case 0x6165676c: /* pstore */
    case 0xde5e81e4: /* efivarfs */
    case 0x42494e4d: /* binfmt_misc */
    case 0x6e736673: /* nsfs */
    case 0x19800202: /* mqueue */
    case 0x6c6f6f70: /* binderfs */
    case 0x65735543: /* fusectl */
    case 0x67596969: /* rpc_pipefs */
    case 0x6e667364: /* nfsd */
    case 0xabba1974: /* xenfs */
    case 0x687970:   /* hypfs */
    case 0x09041934: /* anonymous inodes */
    case 0x50495045: /* pipefs */
    case 0x534f434b: /* sockfs */
    case 0x50494446: /* pidfs */ return true;
    default: return false;
    }
}

static int vet_fs(int fd, const struct stat *st) {
    /* What lies on a block device is none of them: they all have anonymous device numbers, of
     * major 0. */
    if (major(st->st_dev) != 0) {
        return 0;
    }
    struct statfs fs;
    if (fstatfs(fd, &fs)) {
        return errno;
    }
    return is_kernels_fs((unsigned long)fs.f_type & 0xfffffffful) ? CAY_FS_EKERNEL : 0;
}

int cay__fs_vet_place(const cay_fs_path_t *p, int fd, const struct stat *st) {
    return is_kernels(p->root) ? 0 : vet_fs(fd, st);
}

int cay__fs_vet(const cay_fs_path_t *p, int fd, bool write, struct stat *st) {
    if (fstat(fd, st)) {
        return errno;
    }
    if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode)) {
        return CAY_FS_EDEVICE;
    }
    if (write && st->st_nlink > 1 && !S_ISDIR(st->st_mode)) {
        return CAY_FS_ENAMES;
    }
    return cay__fs_vet_place(p, fd, st);
}

/* Where the descriptor's file is now, as the kernel tells it. What it tells of a removed file,
 * or of one that cannot be reached from here, leads to no file or to another one: seen when it
 * is opened. */
static int real_path(int fd, char *real) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, real, PATH_MAX);
    if (n < 0) {
        return errno;
    }
    if (n >= PATH_MAX) {
        return ENAMETOOLONG;
    }
    real[n] = 0;
    return real[0] == '/' ? 0 : CAY_FS_EMOVING;
}

/* Puts "/suffix" behind the n bytes of `real`, if there is one. */
static int append(char *real, size_t n, const char *suffix) {
    if (!suffix[0]) {
        return 0;
    }
    size_t room = PATH_MAX - n;
    int more = snprintf(real + n, room, "%s%s", n > 1 ? "/" : "", suffix);
    return more < 0 || (size_t)more >= room ? ENAMETOOLONG : 0;
}

/* Nothing was reached behind a link that leads out: why not (`e`) is told only when what is missing
 * would have been granted, and lies outside. A link that itself leads to nothing gives EXDEV. */
static int judge_missing(const cay_fs_path_t *p, int root, int e) {
    char head[PATH_MAX], real[PATH_MAX];
    snprintf(head, sizeof head, "%s", p->tail);
    for (char *slash; (slash = strrchr(head, '/'));) {
        int fd;
        *slash = 0;
        if (cay__fs_openat(root, head, O_PATH, 0, 0, &fd)) {
            continue;
        }
        int bad = real_path(fd, real);
        close(fd);
        bad = bad ? bad : append(real, strlen(real), p->tail + (slash - head) + 1);
        bad = bad || is_below(real, p->root) ? EXDEV : admit_reached(p, real);
        return bad ? bad : e;
    }
    return EXDEV;
}

/* Follows links wherever they lead, for the judge to look at. */
static int hold_outside(const cay_fs_path_t *p, int root, int flags, int *fd) {
    int e = cay__fs_openat(root, p->tail, flags, 0, 0, fd);
    bool missing = e == ENOENT || e == ENOTDIR || e == EACCES || e == ELOOP || e == ENAMETOOLONG;
    return missing ? judge_missing(p, root, e) : e;
}

/* With links, holding what was reached without opening it. */
static int hold(const cay_fs_path_t *p, int flags, int *fd) {
    if (is_whole(p->root)) {
        char full[PATH_MAX];
        int n = snprintf(full, sizeof full, "/%s", p->tail);
        return n >= PATH_MAX ? ENAMETOOLONG : cay__fs_openat(AT_FDCWD, full, flags, 0, 0, fd);
    }
    int root;
    int e = cay__fs_openat(AT_FDCWD, p->root, O_PATH | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS, &root);
    if (e) {
        return e;
    }
    e = cay__fs_openat(root, p->tail, flags, 0, RESOLVE_BENEATH, fd);
    if (e == EXDEV && p->judge) {
        e = hold_outside(p, root, flags, fd);
    }
    close(root);
    return e;
}

/* Opens by its real path what `held` holds: 0, an error, or EMOVING when something else is there
 * by now. */
static int open_same(int held, const char *real, int flags, int *fd) {
    struct stat a, b;
    if (fstat(held, &a)) {
        return errno;
    }
    if (!(flags & O_PATH) && !S_ISREG(a.st_mode) && !S_ISDIR(a.st_mode)) {
        return CAY_FS_EDEVICE;
    }
    int e = cay__fs_openat(AT_FDCWD, real, flags, 0, RESOLVE_NO_SYMLINKS, fd);
    if (e == ENOENT || e == ENOTDIR || e == ELOOP) {
        bool asked_for_directory = e == ENOTDIR && flags & O_DIRECTORY && !S_ISDIR(a.st_mode);
        return asked_for_directory ? ENOTDIR : CAY_FS_EMOVING;
    }
    if (e) {
        return e;
    }
    e = fstat(*fd, &b) ? errno : a.st_dev != b.st_dev || a.st_ino != b.st_ino ? CAY_FS_EMOVING : 0;
    if (e) {
        cay__fs_close(fd);
    }
    return e;
}

/* What lies outside of a root has nothing of that root's right to procfs and its like. */
static int vet_outside(const cay_fs_path_t *p, int held, const char *real) {
    struct stat st;
    if (is_below(real, p->root) || is_kernels(real)) {
        return 0;
    }
    return fstat(held, &st) ? errno : vet_fs(held, &st);
}

/* What `held` holds, judged and opened. */
static int open_held(const cay_fs_path_t *p, int held, int flags, const char *suffix, char *real,
                     int *fd) {
    int e = real_path(held, real);
    size_t n = e ? 0 : strlen(real);
    e = e ? e : append(real, n, suffix);
    e = e ? e : admit_reached(p, real);
    e = e ? e : vet_outside(p, held, real);
    if (!e) {
        char after = real[n];
        real[n] = 0;
        e = open_same(held, real, flags, fd);
        real[n] = after;
    }
    return e;
}

int cay__fs_reach_real(const cay_fs_path_t *p, int flags, const char *suffix, char *real, int *fd) {
    int e = CAY_FS_EMOVING;
    for (int i = 0; i < RETRIES && e == CAY_FS_EMOVING; i++) {
        int held;
        e = hold(p, O_PATH | (flags & O_NOFOLLOW), &held);
        if (!e) {
            e = open_held(p, held, flags, suffix, real, fd);
            close(held);
        }
    }
    return e;
}

int cay__fs_reach(const cay_fs_path_t *p, int flags, int *fd) {
    char full[PATH_MAX];
    int e = cay__fs_join(p, full);
    e = e ? e : cay__fs_admit_text(p, full);
    e = e ? e : cay__fs_openat(AT_FDCWD, full, flags, 0, RESOLVE_NO_SYMLINKS, fd);
    if (e != ELOOP || !p->tail[0]) {
        return e;
    }
    char real[PATH_MAX];
    return cay__fs_reach_real(p, flags, "", real, fd);
}

/* The spot's parent lies behind a link, and everything is granted. */
static int spot_behind_link(const cay_fs_path_t *p, cay_fs_spot_t *s) {
    char tail[PATH_MAX], name[NAME_MAX + 1];
    size_t n = (size_t)(s->name - s->real) - 1;
    int len = snprintf(name, sizeof name, "%s", s->name);
    if (len < 0 || (size_t)len >= sizeof name) {
        return ENAMETOOLONG;
    }
    memcpy(tail, s->real + 1, n);
    tail[n - 1] = 0;
    const cay_fs_path_t parent = {p->root, tail, p->shown, p->judge, p->ctx};
    int e = cay__fs_reach_real(&parent, O_PATH | O_DIRECTORY, name, s->real, &s->dir);
    s->name = e ? NULL : strrchr(s->real, '/') + 1;
    return e;
}

static int spot_open(const cay_fs_path_t *p, cay_fs_spot_t *s) {
    char *slash = strrchr(s->real, '/');
    s->name = slash + 1;
    if (!s->name[0]) {
        return CAY_FS_EROOT; /* "/" has no parent */
    }
    char *cut = slash == s->real ? slash + 1 : slash, was = *cut;
    *cut = 0;
    int e =
        cay__fs_openat(AT_FDCWD, s->real, O_PATH | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS, &s->dir);
    *cut = was;
    if (e != ELOOP) {
        return e;
    }
    return is_whole(p->root) ? spot_behind_link(p, s) : CAY_FS_ELINK;
}

int cay__fs_spot(const cay_fs_path_t *p, cay_fs_spot_t *s) {
    s->dir = -1;
    int e = cay__fs_join(p, s->real);
    e = e ? e : cay__fs_admit_text(p, s->real);
    e = e ? e : spot_open(p, s);
    struct stat st;
    if (!e) {
        e = fstat(s->dir, &st) ? errno : cay__fs_vet_place(p, s->dir, &st);
    }
    if (e) {
        cay__fs_close(&s->dir);
    }
    return e;
}
