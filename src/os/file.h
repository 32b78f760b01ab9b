/* SPDX-License-Identifier: MIT */
/* Reading whole files, confined by the kernel. */
#ifndef CAY_OS_FILE_H
#define CAY_OS_FILE_H

#include "base/attrs.h"
#include "cay/error.h"

/* Reads the regular file at the absolute `path`, at most `max` bytes. With `root` (absolute) the file must
 * lie below it, and no link may lead out on the way (openat2 with RESOLVE_BENEATH): CAY_EPERM otherwise.
 * A directory, pipe, device or socket is refused without being touched. *data is cay__malloc'ed with a NUL
 * after its len bytes; both are written on success only.
 * CAY_ENOTFOUND, CAY_EPERM, CAY_EINVAL (not a regular file), CAY_ELIMIT (too large), CAY_EIO, CAY_ENOMEM;
 * the text in *err tells the cause without the path. */
CAY_NODISCARD int cay__file_read(const char *root, const char *path, size_t max,
                                 CAY_OWN char **data, size_t *len, cay_error_t **err);
/* The directory part of an absolute path ("/" at least), cay__malloc'ed; NULL when out of memory. */
CAY_OWN char *cay__path_dir(const char *path);
/* An absolute form of `path`, "." and ".." resolved as text against the current directory. */
CAY_OWN char *cay__path_absolute(const char *path);

#endif
