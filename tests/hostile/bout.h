/* SPDX-License-Identifier: MIT */
/* One attack against the runtime, from spawn until nothing of it is left, and what came of it. */
#ifndef CAY_TESTS_HOSTILE_BOUT_H
#define CAY_TESTS_HOSTILE_BOUT_H

#include "attack.h"
#include "neighbour.h"

#ifdef __SANITIZE_ADDRESS__
#define SLOWER  4 /* and larger: its figures of memory are not judged */
#define IS_ASAN true
#else
#define SLOWER  1
#define IS_ASAN false
#endif

/* What all attacks share. */
typedef struct stage {
    cay_runtime_t *rt;
    neighbour_t neighbour;
    unsigned
        at_a_time; /* figures of the whole process tell something of one attack only when this is 1 */
    double patience_ms; /* the neighbour must have answered within */
    unsigned threads;   /* of the process before the first attack */
    unsigned fds;
    uint64_t lost;    /* threads by then */
    uint64_t workers; /* alive: the neighbour */
    bool shows_output;
} stage_t;

typedef struct outcome {
    char why[320];   /* the first thing that was wrong; "" when all was well */
    const char *got; /* the reason's word */
    double ms;       /* from spawn to the final event */
    double neighbour_ms;
    double rss_mb;    /* that the process kept */
    double peak_mb;   /* by which it grew meanwhile */
    uint64_t lost;    /* threads */
    uint64_t refused; /* posts of a flooding host */
    cay_usage_t usage;
} outcome_t;

/* Figures before the first attack, to which everything has to come back. */
void stage_begin(stage_t *s);
/* Threads given up since the runtime was made, and workers alive. */
cay_runtime_stats_t stage_stats(const stage_t *s);
void bout_run(stage_t *s, const attack_t *a, outcome_t *out);

#endif
