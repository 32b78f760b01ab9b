/* SPDX-License-Identifier: MIT */
/* Between the files of fs_*.c. Failures are positive errno values, and the few of our own below;
 * the public functions turn them into codes with cay__fs_fail. */
#ifndef CAY_IO_FS_INNER_H
#define CAY_IO_FS_INNER_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "io/fs.h"

enum {
    CAY_FS_EDEVICE = 100000, /* neither a file nor a directory */
    CAY_FS_EKERNEL,          /* in procfs, sysfs, /dev, ... */
    CAY_FS_ENAMES,           /* a file with other names */
    CAY_FS_EJUDGED, /* a link leads to what is not granted, or a deny rule is met on the way down */
    CAY_FS_ELINK,   /* a link, where none is followed */
    CAY_FS_EROOT,   /* the granted directory itself */
    CAY_FS_EMOVING, /* others move it about faster than we look */
    CAY_FS_ELARGE,
    CAY_FS_EDEEP,
    CAY_FS_EOTHERFS, /* rename to another file system */
    CAY_FS_ESAME,    /* copy onto itself */
    CAY_FS_ESTOPPED
};

enum { CAY_FS_PIECE = 4 << 20 }; /* between two looks at `stop` */

/* Sets "what "shown": why" and returns the code; 0 for e == 0. */
int cay__fs_fail(cay_error_t **err, const char *what, const char *shown, int e);
int cay__fs_stopped(const atomic_bool *stop); /* CAY_FS_ESTOPPED or 0 */

/* openat2 with O_CLOEXEC, no magic links, and never blocking or taking a terminal. */
CAY_NODISCARD int cay__fs_openat(int dir, const char *path, int flags, mode_t mode,
                                 uint64_t resolve, int *fd);
/* Opens for reading, or with O_PATH (O_NOFOLLOW: a link itself). Links on the way are followed
 * as fs.h tells. */
CAY_NODISCARD int cay__fs_reach(const cay_fs_path_t *p, int flags, int *fd);

/* As above, always by way of what links lead to; `real` (PATH_MAX bytes) gets the real path with
 * `suffix` behind, which is what was judged. */
CAY_NODISCARD int cay__fs_reach_real(const cay_fs_path_t *p, int flags, const char *suffix,
                                     char *real, int *fd);

/* A name in a directory, reached without any link. */
typedef struct cay_fs_spot {
    int dir;             /* O_PATH, the caller's to close */
    char real[PATH_MAX]; /* the whole path */
    const char *name;    /* in `real`: its last component */
} cay_fs_spot_t;
/* For writing: no link but, when everything is granted, above the last component. */
CAY_NODISCARD int cay__fs_spot(const cay_fs_path_t *p, cay_fs_spot_t *out);

/* A regular file or a directory, outside of the kernel's own file systems; for writing: with no
 * other name. */
CAY_NODISCARD int cay__fs_vet(const cay_fs_path_t *p, int fd, bool write, struct stat *st);
/* The part about file systems alone. */
CAY_NODISCARD int cay__fs_vet_place(const cay_fs_path_t *p, int fd, const struct stat *st);

/* Opens for reading (a file), and for writing (truncates as told). The stat is of after the
 * opening. */
CAY_NODISCARD int cay__fs_open_read(const cay_fs_path_t *p, int *fd, struct stat *st);
CAY_NODISCARD int cay__fs_open_write(const cay_fs_path_t *p, unsigned flags, mode_t mode, int *fd,
                                     struct stat *st);
CAY_NODISCARD int cay__fs_write_fully(int fd, const void *data, size_t len,
                                      const atomic_bool *stop);

/* The entries of a directory but "." and "..", until `entry` gives something else than 0. */
CAY_NODISCARD int cay__fs_each(int dir, const atomic_bool *stop,
                               int (*entry)(void *ctx, const char *name, unsigned d_type),
                               void *ctx);

/* `full` must hold PATH_MAX bytes: root and tail, checked to be normalised. */
CAY_NODISCARD int cay__fs_join(const cay_fs_path_t *p, char *full);
/* Whether root and tail may be used as far as their text tells. With root "/" that text is what
 * the guest wrote, and was judged by who asks. */
CAY_NODISCARD int cay__fs_admit_text(const cay_fs_path_t *p, const char *full);
/* The same of a real path that links led to, or that was met on the way down: below root, and
 * judged. */
CAY_NODISCARD int cay__fs_admit(const cay_fs_path_t *p, const char *real);
void cay__fs_close(int *fd);

#endif
