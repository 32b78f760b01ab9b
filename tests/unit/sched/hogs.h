/* SPDX-License-Identifier: MIT */
/* A scheduler with endless loops on it, and one quick actor to see whether there is room beside them. */
#ifndef CAY_TEST_SCHED_HOGS_H
#define CAY_TEST_SCHED_HOGS_H

#include "fake.h"

enum { MANY = 50 };

typedef struct ctx {
    cay_sched_t *s;
    gate_t gone, ran, told;
    fake_t hogs[MANY];
    fake_t quick;
    unsigned threads_before;
    int64_t live_before;
} ctx_t;

static ctx_t c;

static inline void ctx_init(cay_sched_options_t o) {
    memset(&c, 0, sizeof c);
    c.threads_before = cay__thread_count();
    c.live_before = cay__mem_live();
    gate_init(&c.gone);
    gate_init(&c.ran);
    gate_init(&c.told);
    c.s = sched_of(o);
    fake_init(&c.quick, c.s, fake_tell, &c.gone);
    c.quick.ran = &c.told;
}

static inline void hogs_start(unsigned n, bool (*body)(fake_t *)) {
    for (unsigned i = 0; i < n; i++) {
        fake_init(&c.hogs[i], c.s, body, &c.gone);
        c.hogs[i].ran = &c.ran;
        cay__actor_wake(&c.hogs[i].actor);
    }
}

/* Ends them all: hurried, so that none waits for its turn to see it. */
static inline void hogs_stop(unsigned n) {
    for (unsigned i = 0; i < n; i++) {
        atomic_store(&c.hogs[i].quit, true);
        cay__actor_hurry(&c.hogs[i].actor);
    }
}

static inline void ctx_end(unsigned gone) {
    fake_quit(&c.quick);
    assert_true(gate_await(&c.gone, gone + 1));
    cay__sched_free(c.s);
    gate_destroy(&c.gone);
    gate_destroy(&c.ran);
    gate_destroy(&c.told);
    assert_int_equal(cay__mem_live(), c.live_before);
    assert_true(threads_become(c.threads_before));
}

static inline cay_sched_stats_t stats(void) {
    cay_sched_stats_t st;
    cay__sched_stats(c.s, &st);
    return st;
}

static inline uint64_t quick_ns(void) {
    uint64_t began = cay__clock_mono();
    uint64_t before = c.told.count;
    cay__actor_wake(&c.quick.actor);
    assert_true(gate_await(&c.told, before + 1));
    return cay__clock_mono() - began;
}

#endif
