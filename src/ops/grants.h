/* SPDX-License-Identifier: MIT */
/* Permissions as a guest writes them for its workers. */
#ifndef CAY_OPS_GRANTS_H
#define CAY_OPS_GRANTS_H

#include "base/attrs.h"

/* The text form with the paths of read and write made absolute against `directory`. cay__malloc'ed; NULL when out
 * of memory. What is malformed stays so: who parses it tells. */
CAY_OWN char *cay__grants_absolute(const char *text, const char *directory);

#endif
