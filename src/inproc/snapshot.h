/* SPDX-License-Identifier: MIT */
/* The start-up snapshot that the build made of the glue. */
#ifndef CAY_INPROC_SNAPSHOT_H
#define CAY_INPROC_SNAPSHOT_H

#include <stddef.h>

const void *cay__snapshot(size_t *size);
/* The text of the glue that it was made of. */
const char *cay__glue(size_t *size);

#endif
