/* SPDX-License-Identifier: MIT */
/* Permissions as a guest writes them for its workers. */
#ifndef CAY_OPS_GRANTS_H
#define CAY_OPS_GRANTS_H

#include "base/attrs.h"
#include "cay/error.h"

/* The text form with the paths of read and write made absolute against `directory`; *out is cay__malloc'ed. CAY_EINVAL:
 * a value that looks like a URL or a home directory, which as a path would mean another place. CAY_ENOMEM. What is
 * malformed otherwise stays so: who parses it tells. */
CAY_NODISCARD int cay__grants_absolute(const char *text, const char *directory, CAY_OWN char **out,
                                       cay_error_t **err);

#endif
