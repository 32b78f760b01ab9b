/* SPDX-License-Identifier: MIT */
#include "os/clock.h"

#include <pthread.h>

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

int cay__clock_thread_id(void) {
    static _Thread_local clockid_t mine;
    if (!mine && pthread_getcpuclockid(pthread_self(), &mine)) {
        mine = CLOCK_THREAD_CPUTIME_ID; /* of a thread that lives it always works */
    }
    return mine;
}

bool cay__clock_of_thread(int id, uint64_t *out) {
    struct timespec ts;
    if (clock_gettime(id, &ts)) {
        return false;
    }
    *out = (uint64_t)ts.tv_sec * CAY_NS_PER_S + (uint64_t)ts.tv_nsec;
    return true;
}

uint64_t cay__clock_deadline(int64_t ms) {
    uint64_t now = cay__clock_mono();
    if (ms < 0 || (uint64_t)ms > (UINT64_MAX - now) / CAY_NS_PER_MS) {
        return UINT64_MAX;
    }
    return now + (uint64_t)ms * CAY_NS_PER_MS;
}
