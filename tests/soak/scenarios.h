/* SPDX-License-Identifier: MIT */
/* What the workers of the soak do, and how they may end. */
#ifndef CAY_TESTS_SOAK_SCENARIOS_H
#define CAY_TESTS_SOAK_SCENARIOS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct scenario {
    const char *name;
    const char *source;
    const char *limits; /* as in the heads of tests/hostile; NULL: the defaults */
    const char *ends;   /* reasons, joined by |; NULL: only when it is terminated */
    /* it is terminated always, since it may take long to end by itself, or for ever */
    bool is_endless;
} scenario_t;

extern const scenario_t soak_scenarios[];
extern const size_t soak_scenario_count;

#endif
