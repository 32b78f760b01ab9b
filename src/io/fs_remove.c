/* SPDX-License-Identifier: MIT */
/* Removing a name, or a directory with all in it.
 *
 * The tree is walked down by descriptors, each opened from its parent's without following
 * anything and without crossing into another mount, so that swapped names lead nowhere else. A
 * level keeps the names of those of its directories that were not empty; only the lowest levels
 * keep their descriptor, and a level above that is needed again is reached once more from the
 * top by these names. */
#include <dirent.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/fs_inner.h"

enum {
    OPEN_LEVELS = 24,     /* descriptors held beside the top's */
    MAX_LEVELS = 4096,    /* nested deeper: CAY_ELIMIT */
    MAX_NAMES = 64 << 20, /* bytes of names kept, over all levels */
    MAX_PASSES = 16
};

typedef struct level {
    int fd;          /* -1 while closed */
    cay_buf_t names; /* of directories to go into, each with its NUL */
    size_t at;       /* in names: the one that is being removed */
    size_t path_len; /* of this level's path in walk.path */
    unsigned passes; /* over that one: others may fill it meanwhile */
} level_t;

typedef struct walk {
    const cay_fs_path_t *p;
    const atomic_bool *stop;
    level_t *levels; /* [0] is the directory itself */
    size_t depth;    /* of the lowest level */
    size_t cap;
    size_t kept;    /* bytes of names */
    cay_buf_t path; /* real path of the lowest level, for the judge; not closed with a NUL */
} walk_t;

static level_t *lowest(walk_t *w) {
    return &w->levels[w->depth];
}

/* Deny rules hold for what is met on the way down too. */
static int judge(walk_t *w, const char *name) {
    if (!w->p->judge) {
        return 0;
    }
    w->path.len = lowest(w)->path_len;
    cay__buf_u8(&w->path, '/');
    cay__buf_put(&w->path, name, strlen(name) + 1);
    return w->path.failed ? ENOMEM : cay__fs_admit(w->p, (char *)w->path.data);
}

static int keep_name(walk_t *w, const char *name) {
    size_t n = strlen(name) + 1;
    level_t *l = lowest(w);
    w->kept += n;
    if (w->kept > MAX_NAMES) {
        return CAY_FS_ELARGE;
    }
    cay__buf_put(&l->names, name, n);
    return l->names.failed ? ENOMEM : 0;
}

/* What is no directory goes at once. */
static int take_entry(void *ctx, const char *name, unsigned d_type) {
    walk_t *w = ctx;
    int e = judge(w, name);
    if (e) {
        return e;
    }
    if (d_type != DT_DIR) {
        if (unlinkat(lowest(w)->fd, name, 0) == 0 || errno == ENOENT) {
            return 0;
        }
        if (errno != EISDIR && errno != EPERM) { /* POSIX names EPERM for directories */
            return errno;
        }
        struct stat st;
        e = errno;
        if (fstatat(lowest(w)->fd, name, &st, AT_SYMLINK_NOFOLLOW)) {
            return errno == ENOENT ? 0 : errno;
        }
        if (!S_ISDIR(st.st_mode)) {
            return e;
        }
    }
    return keep_name(w, name);
}

/* Reads the lowest level: afterwards it holds the names of its directories alone. */
static int sweep(walk_t *w) {
    return cay__fs_each(lowest(w)->fd, w->stop, take_entry, w);
}

static int enter(int dir, const char *name, int *fd) {
    return cay__fs_openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
                          RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV, fd);
}

/* Takes fd over. */
static int push(walk_t *w, int fd, const char *name) {
    if (w->depth + 1 >= w->cap) {
        size_t cap = w->cap * 2;
        level_t *more = cap > MAX_LEVELS ? NULL : cay__realloc(w->levels, cap * sizeof *more);
        if (!more) {
            close(fd);
            return cap > MAX_LEVELS ? CAY_FS_EDEEP : ENOMEM;
        }
        w->levels = more;
        w->cap = cap;
    }
    w->path.len = lowest(w)->path_len;
    cay__buf_u8(&w->path, '/');
    cay__buf_put(&w->path, name, strlen(name));
    w->depth++;
    *lowest(w) = (level_t){fd, CAY_BUF_INIT, 0, w->path.len, 0};
    if (w->depth > OPEN_LEVELS) {
        cay__fs_close(&w->levels[w->depth - OPEN_LEVELS].fd);
    }
    return w->path.failed ? ENOMEM : sweep(w);
}

static const char *current(const level_t *l) {
    return (const char *)l->names.data + l->at;
}

/* Opens the lowest level again, and those just above it, from the top. */
static int reopen(walk_t *w) {
    int at = w->levels[0].fd;
    for (size_t i = 1; i <= w->depth; i++) {
        int fd;
        int e = enter(at, current(&w->levels[i - 1]), &fd);
        if (i > 1 && i - 1 + OPEN_LEVELS <= w->depth) {
            cay__fs_close(&w->levels[i - 1].fd);
        }
        if (e) {
            return e == ENOENT || e == ELOOP || e == ENOTDIR ? CAY_FS_EMOVING : e;
        }
        cay__fs_close(&w->levels[i].fd);
        w->levels[i].fd = at = fd;
    }
    return 0;
}

static int pop(walk_t *w) {
    level_t *l = lowest(w);
    cay__fs_close(&l->fd);
    w->kept -= l->names.len;
    cay__buf_free(&l->names);
    w->depth--;
    return lowest(w)->fd < 0 ? reopen(w) : 0;
}

/* One name of the lowest level: removed, gone into, or left as it is to be looked at again. */
static int step(walk_t *w) {
    level_t *l = lowest(w);
    const char *name = current(l);
    int fd;
    if (unlinkat(l->fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT) {
        l->at += strlen(name) + 1;
        l->passes = 0;
        return 0;
    }
    int e = errno;
    if (++l->passes > MAX_PASSES) {
        return e == EEXIST ? ENOTEMPTY : e;
    }
    if (e == ENOTDIR) { /* another took its place: a name like any other now */
        return unlinkat(l->fd, name, 0) && errno != ENOENT && errno != EISDIR ? errno : 0;
    }
    if (e != ENOTEMPTY && e != EEXIST) {
        return e;
    }
    e = enter(l->fd, name, &fd);
    if (e == ENOENT || e == ENOTDIR || e == ELOOP) {
        return 0;
    }
    return e == EXDEV ? EBUSY : e ? e : push(w, fd, name);
}

static int walk(walk_t *w) {
    int e = sweep(w);
    while (!e) {
        level_t *l = lowest(w);
        e = cay__fs_stopped(w->stop);
        if (!e && l->at < l->names.len) {
            e = step(w);
        } else if (!e) {
            if (w->depth == 0) {
                return 0;
            }
            e = pop(w);
        }
    }
    return e;
}

static int empty(const cay_fs_path_t *p, cay_fs_spot_t *s, const atomic_bool *stop) {
    walk_t w = {.p = p, .stop = stop, .cap = 16, .path = CAY_BUF_INIT};
    int fd;
    int e = enter(s->dir, s->name, &fd);
    if (e) {
        return e == EXDEV ? EBUSY : e == ELOOP ? CAY_FS_EMOVING : e;
    }
    cay__buf_str(&w.path, s->real);
    w.levels = cay__malloc(w.cap * sizeof *w.levels);
    if (w.levels && !w.path.failed) {
        w.levels[0] = (level_t){fd, CAY_BUF_INIT, 0, w.path.len, 0};
        e = walk(&w);
        for (size_t i = 0; i <= w.depth; i++) {
            cay__fs_close(&w.levels[i].fd);
            cay__buf_free(&w.levels[i].names);
        }
    } else {
        close(fd);
        e = ENOMEM;
    }
    cay__free(w.levels);
    cay__buf_free(&w.path);
    return e;
}

static int remove_directory(const cay_fs_path_t *p, cay_fs_spot_t *s, bool recursive,
                            const atomic_bool *stop) {
    for (int i = 0;; i++) {
        if (unlinkat(s->dir, s->name, AT_REMOVEDIR) == 0) {
            return 0;
        }
        int e = errno == EEXIST ? ENOTEMPTY : errno;
        if (e != ENOTEMPTY || !recursive || i == MAX_PASSES) {
            return e;
        }
        e = empty(p, s, stop);
        if (e) {
            return e;
        }
    }
}

static int remove_name(const cay_fs_path_t *p, bool recursive, const atomic_bool *stop) {
    cay_fs_spot_t s;
    struct stat st;
    int e = cay__fs_spot(p, &s);
    if (e) {
        return e;
    }
    if (fstatat(s.dir, s.name, &st, AT_SYMLINK_NOFOLLOW)) {
        e = errno;
    } else if (!S_ISDIR(st.st_mode)) {
        e = unlinkat(s.dir, s.name, 0) ? errno : 0;
    } else {
        e = p->tail[0] ? remove_directory(p, &s, recursive, stop) : CAY_FS_EROOT;
    }
    cay__fs_close(&s.dir);
    return e;
}

int cay__fs_remove(const cay_fs_path_t *p, bool recursive, const atomic_bool *stop,
                   cay_error_t **err) {
    return cay__fs_fail(err, "remove", p->shown, remove_name(p, recursive, stop));
}
