/* SPDX-License-Identifier: MIT */
/* Files that the loader itself keeps (lock files, cache entries): replaced whole or not at all. */
#ifndef CAY_LOADER_PLACE_FILE_H
#define CAY_LOADER_PLACE_FILE_H

#include <sys/types.h>

#include "base/attrs.h"

typedef struct cay_piece {
    const void *data;
    size_t len;
} cay_piece_t;

/* Puts the pieces into `name` in the directory `dir`: written beside it under a name of its own, then renamed.
 * `mode` counts whatever the umask is. 0 or an errno. */
CAY_NODISCARD int cay__file_place(int dir, const char *name, mode_t mode, const cay_piece_t *pieces,
                                  size_t count);

#endif
