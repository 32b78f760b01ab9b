/* SPDX-License-Identifier: MIT */
#include "os/clock.h"

#include <time.h>

static uint64_t read_clock(clockid_t id) {
    struct timespec ts;
    clock_gettime(id, &ts); /* cannot fail for the three ids below */
    return (uint64_t)ts.tv_sec * CAY_NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t cay__clock_mono(void) {
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t cay__clock_wall(void) {
    return read_clock(CLOCK_REALTIME);
}

uint64_t cay__clock_thread(void) {
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t cay__clock_deadline(int64_t ms) {
    uint64_t now = cay__clock_mono();
    if (ms < 0 || (uint64_t)ms > (UINT64_MAX - now) / CAY_NS_PER_MS) {
        return UINT64_MAX;
    }
    return now + (uint64_t)ms * CAY_NS_PER_MS;
}
