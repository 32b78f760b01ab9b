/* SPDX-License-Identifier: MIT */
/* Workers under a real watchdog: a budget, what its sink was told, a thread. */
#ifndef CAY_TESTS_WATCH_TEST_H
#define CAY_TESTS_WATCH_TEST_H

#include <sched.h>

#include "base/mem.h"
#include "limits_test.h"
#include "os/thread.h"

#define MS CAY_NS_PER_MS
/* What a thread may use on top while the watchdog waits for a CPU. */
#define SLACK (60 * MS)
/* CPU after which a thread that was not told gives up. */
#define LOST (5 * CAY_NS_PER_S)

typedef struct worker {
    cay_budget_t b;
    cay_thread_t thread;
    uint64_t cpu;                         /* of its slices; its thread's */
    _Atomic uint32_t soft, hard, samples; /* calls */
    _Atomic uint32_t which;               /* of the last hard */
    _Atomic(const cay_account_t *) whose; /* the same */
    atomic_bool stop;
} worker_t;

static inline void on_soft(cay_budget_t *b, cay_limit_t which, uint64_t limit, uint64_t used) {
    (void)which, (void)limit, (void)used;
    atomic_fetch_add(&CAY_CONTAINER(b, worker_t, b)->soft, 1);
}
static inline void on_hard(cay_budget_t *b, const cay_account_t *whose, cay_limit_t which,
                           uint64_t limit, uint64_t used) {
    (void)limit, (void)used;
    worker_t *w = CAY_CONTAINER(b, worker_t, b);
    atomic_store(&w->which, which);
    atomic_store(&w->whose, whose);
    atomic_fetch_add(&w->hard, 1);
}
static inline void on_sample(cay_budget_t *b) {
    atomic_fetch_add(&CAY_CONTAINER(b, worker_t, b)->samples, 1);
}
static const cay_budget_ops_t counting = {on_soft, on_hard, on_sample};

static inline cay_watchdog_t *new_watchdog(void) {
    cay_watchdog_t *w = NULL;
    assert_int_equal(cay__watchdog_new(&w), 0);
    return w;
}

/* Limits are those of the text and no others. */
static inline worker_t *make(cay_account_t *parent, const char *text) {
    cay_limits_t l = CAY_LIMITS_INIT;
    l.turn_cpu_ms = l.startup_ms = CAY_UNLIMITED;
    assert_int_equal(cay__limits_read(&l, text, NULL), 0);
    assert_int_equal(cay__limits_fill(&l, NULL), 0);
    worker_t *w = CAY_NEW(worker_t);
    assert_non_null(w);
    w->b.ops = &counting;
    w->b.account = cay__account_new(parent, &l, NULL);
    assert_non_null(w->b.account);
    return w;
}

static inline worker_t *add(cay_watchdog_t *dog, cay_account_t *parent, const char *text) {
    worker_t *w = make(parent, text);
    assert_int_equal(cay__budget_add(dog, &w->b), 0);
    return w;
}

static inline void drop(worker_t *w) {
    cay__budget_remove(&w->b);
    cay__account_end(w->b.account);
    cay__account_unref(&w->b.account);
    cay__free(w);
}

static inline void start(worker_t *w, void (*run)(void *)) {
    assert_int_equal(cay__thread_start(&w->thread, "worker", 0, run, w), 0);
}

/* A slice that uses `ns`, or ends when a limit is told. */
static inline void slice(worker_t *w, uint64_t ns) {
    uint64_t mark = cay__clock_thread(), now = mark;
    cay__budget_begin(&w->b, cay__clock_mono(), mark);
    while (now - mark < ns && !atomic_load(&w->hard) && !atomic_load(&w->stop)) {
        now = cay__clock_thread();
    }
    w->cpu += cay__clock_thread() - mark;
    cay__budget_end(&w->b, w->cpu);
}

static inline void run_one_slice(void *arg) {
    slice(arg, LOST);
}

static inline void spin_until(_Atomic uint32_t *v, uint32_t least) {
    for (uint64_t end = cay__clock_thread() + 2 * LOST; atomic_load(v) < least;) {
        if (cay__clock_thread() > end) {
            fail_msg("not told within %llu s", (unsigned long long)(2 * LOST / CAY_NS_PER_S));
        }
        sched_yield();
    }
}

#endif
