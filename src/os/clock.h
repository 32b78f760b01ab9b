/* SPDX-License-Identifier: MIT */
/* Clocks, in nanoseconds. */
#ifndef CAY_OS_CLOCK_H
#define CAY_OS_CLOCK_H

#include "base/attrs.h"

#define CAY_NS_PER_MS 1000000ull
#define CAY_NS_PER_S  1000000000ull

uint64_t cay__clock_mono(void);   /* CLOCK_MONOTONIC */
uint64_t cay__clock_wall(void);   /* CLOCK_REALTIME, since 1970 */
uint64_t cay__clock_thread(void); /* CPU time of the calling thread; a system call, about 0.2 us */
/* The clock of the calling thread's CPU time for cay__clock_of_thread. */
int cay__clock_thread_id(void);
/* What the CPU clock of some thread tells; false when that thread has ended. */
bool cay__clock_of_thread(int id, uint64_t *out);
/* The monotonic time `ms` from now; UINT64_MAX for a negative ms (never). */
uint64_t cay__clock_deadline(int64_t ms);

#endif
