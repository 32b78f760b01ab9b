/* SPDX-License-Identifier: MIT */
/* Directories: listing, making, and moving what is in them. */
#include <dirent.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/fs_inner.h"

enum { MAX_ENTRIES = 1000000, MAX_LIST = 64 << 20, LIST_BUFFER = 32768 };

static cay_fs_type_t entry_type(int dir, const char *name, unsigned d_type) {
    struct stat st;
    mode_t mode = DTTOIF(d_type);
    if (d_type == DT_UNKNOWN) {
        mode = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) ? 0 : st.st_mode;
    }
    return S_ISREG(mode)   ? CAY_FS_FILE
           : S_ISDIR(mode) ? CAY_FS_DIRECTORY
           : S_ISLNK(mode) ? CAY_FS_SYMLINK
                           : CAY_FS_OTHER;
}

/* The kernel's own call: readdir would allocate behind our back. */
int cay__fs_each(int dir, const atomic_bool *stop,
                 int (*entry)(void *ctx, const char *name, unsigned d_type), void *ctx) {
    CAY_AUTOFREE char *buf = cay__malloc(LIST_BUFFER);
    if (!buf) {
        return ENOMEM;
    }
    for (;;) {
        int e = cay__fs_stopped(stop);
        ssize_t n = e ? 0 : getdents64(dir, buf, LIST_BUFFER);
        if (e || n <= 0) {
            return e ? e : n < 0 ? errno : 0;
        }
        for (ssize_t at = 0; at < n && !e;) {
            struct dirent64 *d = (struct dirent64 *)(void *)(buf + at);
            at += d->d_reclen;
            bool dots =
                d->d_name[0] == '.' && (!d->d_name[1] || (d->d_name[1] == '.' && !d->d_name[2]));
            e = dots ? 0 : entry(ctx, d->d_name, d->d_type);
        }
        if (e) {
            return e;
        }
    }
}

typedef struct listing {
    int dir;
    size_t start;
    size_t count;
    cay_buf_t *out;
} listing_t;

static int list_entry(void *ctx, const char *name, unsigned d_type) {
    listing_t *l = ctx;
    size_t n = strlen(name) + 1;
    if (++l->count > MAX_ENTRIES || l->out->len - l->start + 1 + n > MAX_LIST) {
        return CAY_FS_ELARGE;
    }
    cay__buf_u8(l->out, (uint8_t)entry_type(l->dir, name, d_type));
    cay__buf_put(l->out, name, n);
    return l->out->failed ? ENOMEM : 0;
}

int cay__fs_list(const cay_fs_path_t *p, const atomic_bool *stop, cay_buf_t *out,
                 cay_error_t **err) {
    struct stat st;
    listing_t l = {-1, out->len, 0, out};
    int e = cay__fs_reach(p, O_RDONLY | O_DIRECTORY, &l.dir);
    e = e ? e : cay__fs_vet(p, l.dir, false, &st);
    e = e ? e : cay__fs_each(l.dir, stop, list_entry, &l);
    cay__fs_close(&l.dir);
    if (e && !out->failed) {
        out->len = l.start;
    }
    return cay__fs_fail(err, "read directory", p->shown, e);
}

static int make_one(const cay_fs_path_t *p) {
    cay_fs_spot_t s;
    int e = p->root[1] || p->tail[0] ? cay__fs_spot(p, &s) : EEXIST;
    if (e) {
        return e;
    }
    e = mkdirat(s.dir, s.name, 0777) ? errno : 0;
    cay__fs_close(&s.dir);
    return e;
}

/* One component further; *dir becomes the directory's. */
static int step_into(const cay_fs_path_t *p, int *dir, const char *name) {
    struct stat st;
    int next;
    if (mkdirat(*dir, name, 0777) && errno != EEXIST) {
        return errno;
    }
    int e = cay__fs_openat(*dir, name, O_PATH | O_DIRECTORY, 0,
                           RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS, &next);
    if (e) {
        return e == ELOOP ? CAY_FS_ELINK : e;
    }
    cay__fs_close(dir);
    *dir = next;
    e = fstat(next, &st) ? errno : cay__fs_vet_place(p, next, &st);
    return e;
}

/* `path` (taken apart in place) below *dir. */
static int make_below(const cay_fs_path_t *p, int *dir, char *path) {
    int e = 0;
    for (char *save, *name = strtok_r(path, "/", &save); name && !e;
         name = strtok_r(NULL, "/", &save)) {
        e = step_into(p, dir, name);
    }
    return e;
}

/* The root, made when it is missing; nothing above it is ours to make. */
static int open_root(const cay_fs_path_t *p, int *dir) {
    const cay_fs_path_t root = {p->root, "", p->shown, p->judge, p->ctx};
    int e = cay__fs_openat(AT_FDCWD, p->root, O_PATH | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS, dir);
    if (e == ENOENT) {
        e = make_one(&root);
        e = e && e != EEXIST ? e
                             : cay__fs_openat(AT_FDCWD, p->root, O_PATH | O_DIRECTORY, 0,
                                              RESOLVE_NO_SYMLINKS, dir);
    }
    return e == ELOOP ? CAY_FS_ELINK : e;
}

static int make_all(const cay_fs_path_t *p) {
    char full[PATH_MAX];
    struct stat st;
    int dir = -1;
    int e = cay__fs_join(p, full);
    e = e ? e : cay__fs_admit_text(p, full);
    e = e ? e : open_root(p, &dir);
    if (!e) {
        e = fstat(dir, &st) ? errno : cay__fs_vet_place(p, dir, &st);
    }
    if (!e) {
        snprintf(full, sizeof full, "%s", p->tail);
        e = make_below(p, &dir, full);
    }
    cay__fs_close(&dir);
    return e;
}

/* Everything is granted: what exists of the path may lie behind links, the rest is made below
 * where it leads. */
static int make_all_behind_links(const cay_fs_path_t *p) {
    char tail[PATH_MAX], real[PATH_MAX];
    snprintf(tail, sizeof tail, "%s", p->tail);
    const cay_fs_path_t head = {p->root, tail, p->shown, p->judge, p->ctx};
    const char *rest = "";
    for (;;) {
        int dir;
        int e = cay__fs_reach_real(&head, O_PATH | O_DIRECTORY, rest, real, &dir);
        if (!e) {
            cay__fs_close(&dir);
            const cay_fs_path_t direct = {"/", real + 1, p->shown, p->judge, p->ctx};
            return make_all(&direct);
        }
        char *slash = strrchr(tail, '/');
        if (e != ENOENT || !slash) {
            return e;
        }
        *slash = 0;
        rest = p->tail + (slash - tail) + 1;
    }
}

int cay__fs_mkdir(const cay_fs_path_t *p, bool recursive, cay_error_t **err) {
    int e = recursive ? make_all(p) : make_one(p);
    if (recursive && e == CAY_FS_ELINK && !p->root[1]) {
        e = make_all_behind_links(p);
    }
    return cay__fs_fail(err, "make directory", p->shown, e);
}

/* A granted directory itself is not moved, nor replaced. */
static int check_not_root(const cay_fs_path_t *p, const cay_fs_spot_t *s) {
    struct stat st;
    if (p->tail[0] || fstatat(s->dir, s->name, &st, AT_SYMLINK_NOFOLLOW)) {
        return 0; /* what is not there cannot be one */
    }
    return S_ISDIR(st.st_mode) ? CAY_FS_EROOT : 0;
}

static int move(const cay_fs_path_t *from, const cay_fs_path_t *to, const char **shown) {
    cay_fs_spot_t a, b;
    b.dir = -1;
    *shown = from->shown;
    int e = cay__fs_spot(from, &a);
    e = e ? e : check_not_root(from, &a);
    if (!e) {
        *shown = to->shown;
        e = cay__fs_spot(to, &b);
        e = e ? e : check_not_root(to, &b);
    }
    if (!e && renameat(a.dir, a.name, b.dir, b.name)) {
        e = errno == EXDEV ? CAY_FS_EOTHERFS : errno;
        *shown = e == ENOENT ? from->shown : to->shown;
    }
    cay__fs_close(&a.dir);
    cay__fs_close(&b.dir);
    return e;
}

int cay__fs_rename(const cay_fs_path_t *from, const cay_fs_path_t *to, cay_error_t **err) {
    const char *shown;
    int e = move(from, to, &shown);
    return cay__fs_fail(err, "rename", shown, e);
}
