/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_BASE_BASE_TEST_H
#define TESTS_UNIT_BASE_BASE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A small generator for tests: the same numbers every run (xorshift64). */
static inline uint64_t test_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
