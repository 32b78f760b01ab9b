/* SPDX-License-Identifier: MIT */
#ifndef CAY_TESTS_LIMITS_TEST_H
#define CAY_TESTS_LIMITS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "limits/budget.h"
#include "os/clock.h"

#define MIB (1024ull * 1024)

/* Filled-in limits from text, as cay__limits_read takes it. */
static inline cay_limits_t limits_of(const char *text) {
    cay_limits_t l = CAY_LIMITS_INIT;
    assert_int_equal(cay__limits_read(&l, text, NULL), 0);
    assert_int_equal(cay__limits_fill(&l, NULL), 0);
    return l;
}

static inline cay_account_t *account_of(cay_account_t *parent, const char *text) {
    cay_limits_t l = limits_of(text);
    cay_account_t *a = cay__account_new(parent, &l, NULL);
    assert_non_null(a);
    return a;
}

static inline void end_account(cay_account_t *a) {
    cay__account_end(a);
    cay__account_unref(&a);
}

static inline uint64_t value(const _Atomic uint64_t *v) {
    return atomic_load(v);
}

/* The same numbers in every run. */
static inline uint64_t chance(uint64_t *state, uint64_t below) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (*state >> 33) % below;
}

/* Uses that much CPU. */
static inline void burn(uint64_t ns) {
    for (uint64_t end = cay__clock_thread() + ns; cay__clock_thread() < end;) {}
}

#endif
