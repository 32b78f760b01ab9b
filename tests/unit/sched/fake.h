/* SPDX-License-Identifier: MIT */
/* Actors made of a callback, and a counting gate with a deadline to wait at instead of sleeping. */
#ifndef CAY_TEST_SCHED_FAKE_H
#define CAY_TEST_SCHED_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/thread.h"
#include "sched/sched.h"

#define PATIENCE_MS 60000

typedef struct gate {
    cay_mutex_t lock;
    cay_cond_t cond;
    uint64_t count;
} gate_t;

static inline void gate_init(gate_t *g) {
    cay__mutex_init(&g->lock);
    cay__cond_init(&g->cond);
    g->count = 0;
}
static inline void gate_destroy(gate_t *g) {
    cay__mutex_destroy(&g->lock);
    cay__cond_destroy(&g->cond);
}
static inline void gate_post(gate_t *g) {
    cay__mutex_lock(&g->lock);
    g->count++;
    cay__cond_broadcast(&g->cond);
    cay__mutex_unlock(&g->lock);
}
/* Until `count` posts were made in all; false when they do not come. */
static inline bool gate_await(gate_t *g, uint64_t count) {
    uint64_t deadline = cay__clock_deadline(PATIENCE_MS);
    cay__mutex_lock(&g->lock);
    while (g->count < count && cay__cond_wait_until(&g->cond, &g->lock, deadline)) {}
    bool there = g->count >= count;
    cay__mutex_unlock(&g->lock);
    return there;
}

typedef struct fake {
    cay_actor_t actor;
    bool (*body)(struct fake *f);
    gate_t *gone; /* posted when the actor is gone; may be NULL */
    gate_t *ran;  /* for the body's use */
    struct fake *peer;
    void *user;
    uint64_t n;
    uint64_t limit;
    atomic_uint runs;
    atomic_bool quit; /* leave loops; release */
    atomic_bool pause_wanted;
    atomic_bool pausing; /* inside a slow pause */
    atomic_uint pauses;
    atomic_uint goners;
    atomic_uint inside; /* threads inside run now: never above 1 */
} fake_t;

static inline bool fake_run(cay_actor_t *a) {
    fake_t *f = CAY_CONTAINER(a, fake_t, actor);
    assert_int_equal(atomic_fetch_add(&f->inside, 1), 0);
    assert_ptr_equal(cay__sched_current(), a);
    atomic_fetch_add(&f->runs, 1);
    bool more = f->body(f);
    assert_int_equal(atomic_fetch_sub(&f->inside, 1), 1);
    return more;
}
static inline void fake_pause(cay_actor_t *a) {
    fake_t *f = CAY_CONTAINER(a, fake_t, actor);
    assert_int_equal(atomic_load(&f->goners), 0);
    atomic_fetch_add(&f->pauses, 1);
    atomic_store(&f->pause_wanted, true);
}
static inline void fake_gone(cay_actor_t *a) {
    fake_t *f = CAY_CONTAINER(a, fake_t, actor);
    assert_int_equal(atomic_fetch_add(&f->goners, 1), 0);
    assert_int_equal(atomic_load(&f->inside), 0);
    if (f->gone) {
        gate_post(f->gone);
    }
}

static const cay_actor_ops_t fake_ops = {fake_run, fake_pause, fake_gone, NULL};

static inline void fake_init(fake_t *f, cay_sched_t *s, bool (*body)(fake_t *), gate_t *gone) {
    memset(f, 0, sizeof *f);
    cay__actor_init(&f->actor, s, &fake_ops);
    f->body = body;
    f->gone = gone;
}

/* Ends an actor whose body looks at quit. */
static inline void fake_quit(fake_t *f) {
    atomic_store(&f->quit, true);
    cay__actor_wake(&f->actor);
}

/* Spins until told to quit, pausing when asked. */
static inline bool fake_spin(fake_t *f) {
    if (f->ran) {
        gate_post(f->ran);
    }
    while (!atomic_load_explicit(&f->quit, memory_order_relaxed)) {
        if (atomic_exchange_explicit(&f->pause_wanted, false, memory_order_relaxed)) {
            cay__sched_pause_point(&f->actor);
        }
    }
    cay__actor_release(&f->actor);
    return false;
}

/* Releases when told to quit; otherwise tells that it ran. */
static inline bool fake_tell(fake_t *f) {
    if (atomic_load(&f->quit)) {
        cay__actor_release(&f->actor);
    } else if (f->ran) {
        gate_post(f->ran);
    }
    return false;
}

static inline cay_sched_t *sched_of(cay_sched_options_t o) {
    cay_sched_t *s = NULL;
    assert_int_equal(cay__sched_new(&o, &s), 0);
    return s;
}

static void warm_main(void *arg) {
    (void)arg;
}
/* The first thread of a process may bring one of a sanitizer's along: not to be counted as ours. */
static inline void threads_warm(void) {
    cay_thread_t t;
    assert_int_equal(cay__thread_start(&t, "warm", 0, warm_main, NULL), 0);
    cay__thread_join(&t);
}

/* Threads of the process, once those that have been joined are out of the kernel's books too. */
static inline bool threads_become(unsigned n) {
    uint64_t deadline = cay__clock_deadline(PATIENCE_MS);
    while (cay__thread_count() != n) {
        if (cay__clock_mono() > deadline) {
            return false;
        }
    }
    return true;
}

#endif
