/* SPDX-License-Identifier: MIT */
/* JSON that people or files give us (import maps, lock files, heads of cache entries), read within bounds. */
#ifndef CAY_LOADER_TEXT_H
#define CAY_LOADER_TEXT_H

#include <jansson.h>

#include "base/attrs.h"
#include "cay/error.h"

/* An object of at most `max` bytes, nested at most `depth` deep: a new reference. CAY_EINVAL with line and column,
 * CAY_ELIMIT, CAY_ENOMEM. */
CAY_NODISCARD int cay__json_object(const char *text, size_t len, size_t max, unsigned depth,
                                   json_t **out, cay_error_t **err);
/* For CAY_CLEANUP. */
void cay__json_cleanup(json_t **ref);

#endif
