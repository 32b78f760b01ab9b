/* SPDX-License-Identifier: MIT */
/* Whether two values are alike, cycles and shared references included. */
#ifndef CAY_TESTS_E2E_SAME_H
#define CAY_TESTS_E2E_SAME_H

#include "host.h"

/* Fails the test, naming the place, when they differ. */
void same_value(const cay_value_t *a, const cay_value_t *b);

#endif
