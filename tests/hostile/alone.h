/* SPDX-License-Identifier: MIT */
/* Attacks that might be the end of the process run in one of their own: the same program with `--here`. */
#ifndef CAY_TESTS_HOSTILE_ALONE_H
#define CAY_TESTS_HOSTILE_ALONE_H

#include "bout.h"

void alone_run(const char *folder, const attack_t *a, outcome_t *out);

#endif
