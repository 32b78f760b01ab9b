/* SPDX-License-Identifier: MIT */
/* A well-behaved worker beside the attacks, asked all the time from a thread of its own how it is. */
#ifndef CAY_TESTS_HOSTILE_NEIGHBOUR_H
#define CAY_TESTS_HOSTILE_NEIGHBOUR_H

#include <pthread.h>
#include <stdatomic.h>

#include "cay/runtime.h"

typedef struct neighbour {
    cay_worker_t *worker;
    pthread_t thread;
    atomic_bool stop;
    atomic_bool gone;       /* it ended, or did not answer for half a minute */
    _Atomic uint64_t sent;  /* µs, when the question under way was asked; 0: none is */
    _Atomic uint64_t worst; /* µs, the longest answer since neighbour_worst was last called */
    _Atomic uint64_t answers;
} neighbour_t;

/* false after a line on stderr. */
bool neighbour_start(neighbour_t *n, cay_runtime_t *rt);
/* ms of the slowest answer since the last call, or of the one that is still awaited. */
double neighbour_worst(neighbour_t *n);
void neighbour_stop(neighbour_t *n);

#endif
