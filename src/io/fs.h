/* SPDX-License-Identifier: MIT */
/* Files below a granted root, held there by the kernel. Blocking: called on pool threads.
 *
 * Every path is a root and a tail. The root's path has no symbolic link in it (the host's own links were
 * followed when the grant was made) and is opened with RESOLVE_NO_SYMLINKS; the tail is normalised text. First
 * the whole is tried without any link (one openat2, the common case). A link on the way of a read is then
 * followed with RESOLVE_BENEATH, and where it led to is judged again; one that leads out, or is absolute, is
 * followed only when there is a judge, which must then know the place to be granted by itself. Writing operations follow none, and write
 * into no file that has other names (st_nlink > 1). Magic links are never followed. Only regular files and
 * directories are opened. What lies in procfs, sysfs and their like (fstatfs) or below /dev is refused
 * unless the root itself lies there. openat2(2). */
#ifndef CAY_IO_FS_H
#define CAY_IO_FS_H

#include <stdatomic.h>

#include "base/attrs.h"
#include "base/blob.h"
#include "base/buf.h"
#include "cay/error.h"

typedef struct cay_fs_path {
    /* Real path, absolute. "/" when everything is granted: then links may lead anywhere that `judge` lets
     * them, for reads; and writes may pass them above the last component. */
    const char *root;
    const char *tail;  /* below root, no leading '/', normalised; "" = the root itself */
    const char *shown; /* the whole path as the guest wrote it: for messages */
    /* Whether a real path may be used. Asked about where links led to, outside of root too; about root and tail joined unless
     * root is "/" (the guest may have named it by a link of the host's, and a rule may deny it by its real name);
     * and, in a recursive removal, about everything on the way down. NULL: always. Any thread. */
    bool (*judge)(void *ctx, const char *real_path);
    void *ctx;
} cay_fs_path_t;

enum {
    CAY_FS_READ = 1,
    CAY_FS_WRITE = 2,
    CAY_FS_CREATE = 4,
    CAY_FS_EXCLUSIVE = 8, /* with CREATE: CAY_EEXIST when it is there */
    CAY_FS_TRUNCATE = 16,
    CAY_FS_APPEND = 32
};

typedef enum cay_fs_type {
    CAY_FS_OTHER = 0,
    CAY_FS_FILE = 1,
    CAY_FS_DIRECTORY = 2,
    CAY_FS_SYMLINK = 3
} cay_fs_type_t;

typedef struct cay_fs_stat {
    cay_fs_type_t type;
    uint64_t size;
    uint32_t mode; /* permission bits */
    uint64_t nlink;
    int64_t mtime_ns, atime_ns, ctime_ns, birthtime_ns; /* birthtime INT64_MIN when unknown */
} cay_fs_stat_t;

/* All: CAY_ENOTFOUND, CAY_EPERM (a link or a kind of file that is not allowed), CAY_EACCES (the system said no),
 * CAY_EEXIST, CAY_ENOTDIR, CAY_EISDIR, CAY_ENOTEMPTY, CAY_ENOSPC, CAY_ELIMIT (too large; too many descriptors),
 * CAY_EINVAL (a name that is too long), CAY_EBUSY (a mount), CAY_ENOTSUP (no openat2; a rename to another file
 * system), CAY_EIO, CAY_ENOMEM, CAY_ETERMINATED (`stop` was set). Messages name the operation and `shown`:
 * "open "/data/x": not found". `stop` may be NULL; it is looked at between steps of at most a few MB. What was
 * done before a failure stays done: part of a file is written or copied, part of a tree removed. */

/* Descriptor, O_CLOEXEC. */
CAY_NODISCARD int cay__fs_open(const cay_fs_path_t *p, unsigned flags, int *fd, cay_error_t **err);
/* The whole file, at most `max` bytes; out->data has a NUL after len. */
CAY_NODISCARD int cay__fs_read_all(const cay_fs_path_t *p, size_t max, const atomic_bool *stop,
                                   cay_blob_t *out, cay_error_t **err);
/* The same of a small file whose path and content the kernel has at hand (openat2 with RESOLVE_CACHED, preadv2 with
 * RWF_NOWAIT), without a link on the way: quick enough for a thread that must not wait. Only a file system that
 * asks somebody else to open a file (FUSE) can still take its time. CAY_EAGAIN: not to be had this way, whyever. */
CAY_NODISCARD int cay__fs_read_cached(const cay_fs_path_t *p, size_t max, cay_blob_t *out);
/* flags: CREATE, EXCLUSIVE, TRUNCATE, APPEND (WRITE is implied). */
CAY_NODISCARD int cay__fs_write_all(const cay_fs_path_t *p, unsigned flags, const void *data,
                                    size_t len, const atomic_bool *stop, cay_error_t **err);
CAY_NODISCARD int cay__fs_stat(const cay_fs_path_t *p, bool follow, cay_fs_stat_t *out,
                               cay_error_t **err);
/* Entries in no order, "." and ".." left out: each a byte of cay_fs_type_t, the name, a NUL. CAY_ELIMIT past
 * 1,000,000 entries or 64 MiB. */
CAY_NODISCARD int cay__fs_list(const cay_fs_path_t *p, const atomic_bool *stop, cay_buf_t *out,
                               cay_error_t **err);
/* recursive: parents too, and what is there already is no error. */
CAY_NODISCARD int cay__fs_mkdir(const cay_fs_path_t *p, bool recursive, cay_error_t **err);
/* A file, a link (not what it points at) or a directory; recursive: with all in it, but for what is mounted there
 * (CAY_EBUSY), and at most some 4,000 levels (CAY_ELIMIT). Never the granted root itself when it is a directory. */
CAY_NODISCARD int cay__fs_remove(const cay_fs_path_t *p, bool recursive, const atomic_bool *stop,
                                 cay_error_t **err);
/* Replaces a file at `to` as rename(2) does. Neither may be a granted root that is a directory. What is denied below
 * a directory that is moved is the caller's to look at. */
CAY_NODISCARD int cay__fs_rename(const cay_fs_path_t *from, const cay_fs_path_t *to,
                                 cay_error_t **err);
/* flags: CREATE, EXCLUSIVE, TRUNCATE for `to`; one that is created gets the permission bits of `from`. */
CAY_NODISCARD int cay__fs_copy(const cay_fs_path_t *from, const cay_fs_path_t *to, unsigned flags,
                               const atomic_bool *stop, cay_error_t **err);

/* On a descriptor of cay__fs_open. `shown` for messages. */
CAY_NODISCARD int cay__fs_pread(int fd, void *to, size_t len, uint64_t at, size_t *got,
                                const char *shown, cay_error_t **err);
CAY_NODISCARD int cay__fs_pwrite(int fd, const void *from, size_t len, uint64_t at, bool append,
                                 const char *shown, cay_error_t **err);
CAY_NODISCARD int cay__fs_truncate(int fd, uint64_t len, const char *shown, cay_error_t **err);
CAY_NODISCARD int cay__fs_sync(int fd, bool data_only, const char *shown, cay_error_t **err);
CAY_NODISCARD int cay__fs_fstat(int fd, cay_fs_stat_t *out, const char *shown, cay_error_t **err);

/* The host's own view of a path when a grant is made: realpath of it, or of its deepest existing ancestor with
 * the rest appended. cay__malloc'ed; NULL when out of memory. */
CAY_OWN char *cay__fs_real(const char *path);

#endif
