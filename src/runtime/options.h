/* SPDX-License-Identifier: MIT */
/* Extensible option structs: the first field is the size the caller was compiled with. */
#ifndef CAY_RUNTIME_OPTIONS_H
#define CAY_RUNTIME_OPTIONS_H

#include "base/attrs.h"
#include "cay/error.h"

/* Copies the caller's struct of `from_size` bytes (its first field) into ours, zeroing what the caller's
 * version did not have. CAY_EINVAL when smaller than `least` (the first release), CAY_E2BIG when larger
 * with something set that we do not know: the manner of mount_setattr(2). `what` names the struct. */
CAY_NODISCARD int cay__options_copy(void *to, size_t to_size, const void *from, size_t least,
                                    const char *what, cay_error_t **err);

#endif
