/* SPDX-License-Identifier: MIT */
/* Beginning and end of a scheduler: threads, memory, faults, and what it costs to do nothing. */
#include "fake.h"

#include <sys/resource.h>

#include "cay/error.h"

typedef struct tally {
    atomic_int started;
    atomic_int ended;
} tally_t;

static _Thread_local bool this_started;

static void on_start(void *user) {
    this_started = true;
    atomic_fetch_add(&((tally_t *)user)->started, 1);
}
static void on_end(void *user) {
    assert_true(this_started);
    atomic_fetch_add(&((tally_t *)user)->ended, 1);
}

static void free_of_an_unused_scheduler_leaves_nothing(void **state) {
    (void)state;
    unsigned threads = cay__thread_count();
    int64_t live = cay__mem_live();
    for (unsigned i = 0; i < 50; i++) {
        cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 1 + i % 4});
        cay_sched_stats_t st;
        cay__sched_stats(s, &st);
        assert_int_equal(st.executors, 1 + i % 4);
        assert_int_equal(st.threads, 1 + i % 4);
        cay__sched_free(s);
    }
    cay__sched_free(NULL);
    assert_int_equal(cay__mem_live(), live);
    assert_true(threads_become(threads));
}

static void defaults_follow_the_machine(void **state) {
    (void)state;
    cay_sched_t *s = sched_of((cay_sched_options_t){0});
    cay_sched_stats_t st;
    cay__sched_stats(s, &st);
    assert_int_equal(st.executors, cay__cpu_count());
    cay__sched_free(s);
    s = sched_of((cay_sched_options_t){.executors = 3, .max_threads = 1});
    cay__sched_stats(s, &st);
    assert_int_equal(st.executors, 3); /* a place without a thread would be none */
    cay__sched_free(s);
}

static bool body_needs_start(fake_t *f) {
    assert_true(this_started);
    return fake_spin(f);
}

static void every_executor_thread_starts_and_ends_once(void **state) {
    (void)state;
    enum { N = 10 };
    tally_t tally = {0};
    gate_t gone, ran;
    gate_init(&gone);
    gate_init(&ran);
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 2,
                                                    .max_running_hogs = 1,
                                                    .thread_start = on_start,
                                                    .thread_end = on_end,
                                                    .user = &tally});
    fake_t f[N];
    for (unsigned i = 0; i < N; i++) {
        fake_init(&f[i], s, body_needs_start, &gone);
        f[i].ran = &ran;
        cay__actor_wake(&f[i].actor);
    }
    assert_true(gate_await(&ran, N));
    assert_true(atomic_load(&tally.started) >= N);
    for (unsigned i = 0; i < N; i++) {
        atomic_store(&f[i].quit, true);
        cay__actor_hurry(&f[i].actor);
    }
    assert_true(gate_await(&gone, N));
    cay__sched_free(s);
    assert_int_equal(atomic_load(&tally.started), atomic_load(&tally.ended));
    gate_destroy(&gone);
    gate_destroy(&ran);
}

static void new_survives_every_allocation_failing(void **state) {
    (void)state;
    unsigned threads = cay__thread_count();
    int64_t live = cay__mem_live();
    unsigned failures = 0;
    for (uint64_t n = 1;; n++) {
        cay_sched_t *s = NULL;
        cay__mem_fail_at(n, false);
        int rc = cay__sched_new(&(cay_sched_options_t){.executors = 3}, &s);
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        if (!failed) {
            assert_int_equal(rc, 0);
            cay__sched_free(s);
            break;
        }
        failures++;
        assert_int_equal(rc, CAY_ENOMEM);
        assert_null(s);
        assert_int_equal(cay__mem_live(), live);
    }
    /* The scheduler, its places, a record and a start for each executor, the clock's start. */
    assert_int_equal(failures, 2 + 2 * 3 + 1);
    assert_true(threads_become(threads));
    assert_int_equal(cay__mem_live(), live);
}

/* ---- the end races the last wake ---- */

typedef struct last_wake {
    gate_t go;
    gate_t over;
    fake_t *target;
    atomic_bool stop;
    unsigned spin;
} last_wake_t;

/* The wake that ends the actor: the scheduler may be freed while it has not yet returned. */
static void last_wake_main(void *arg) {
    last_wake_t *w = arg;
    for (uint64_t round = 1; gate_await(&w->go, round) && !atomic_load(&w->stop); round++) {
        fake_quit(w->target);
        gate_post(&w->over);
    }
}

static void free_right_after_gone_while_the_last_wake_returns(void **state) {
    (void)state;
    last_wake_t w = {.spin = 0};
    gate_init(&w.go);
    gate_init(&w.over);
    cay_thread_t t;
    fake_t f;
    assert_int_equal(cay__thread_start(&t, "waker", 0, last_wake_main, &w), 0);
    for (uint64_t round = 1; round <= 300; round++) {
        gate_t gone;
        gate_init(&gone);
        cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 1 + round % 2});
        fake_init(&f, s, fake_tell, &gone);
        w.target = &f;
        gate_post(&w.go);
        assert_true(gate_await(&gone, 1));
        cay__sched_free(s);
        assert_true(gate_await(&w.over, round));
        gate_destroy(&gone);
    }
    atomic_store(&w.stop, true);
    gate_post(&w.go);
    cay__thread_join(&t);
    gate_destroy(&w.go);
    gate_destroy(&w.over);
}

/* ---- busy until the end ---- */

enum { CROWD = 40 };

typedef struct busy {
    fake_t f[CROWD];
    cay_mutex_t lock[CROWD]; /* an actor's own: nobody wakes it once it was released */
    bool dead[CROWD];
    atomic_bool stop;
    unsigned seed[3];
} busy_t;

static busy_t busy;

static void busy_poke(unsigned i) {
    cay__mutex_lock(&busy.lock[i]);
    if (!busy.dead[i]) {
        cay__actor_wake(&busy.f[i].actor);
    }
    cay__mutex_unlock(&busy.lock[i]);
}

static bool body_poke(fake_t *f) {
    unsigned me = (unsigned)(f - busy.f);
    f->n = f->n * 6364136223846793005ull + 1442695040888963407ull;
    if (atomic_load(&f->quit)) {
        cay__mutex_lock(&busy.lock[me]);
        busy.dead[me] = true;
        cay__mutex_unlock(&busy.lock[me]);
        cay__actor_release(&f->actor);
        return false;
    }
    if (me % 10 == 0) { /* some become hogs */
        uint64_t until = cay__clock_mono() + 2 * CAY_NS_PER_MS;
        while (cay__clock_mono() < until) {
            if (atomic_exchange(&f->pause_wanted, false)) {
                cay__sched_pause_point(&f->actor);
            }
        }
    }
    busy_poke((f->n >> 33) % CROWD);
    return (f->n >> 40) % 3 == 0;
}

static void busy_main(void *arg) {
    unsigned x = *(unsigned *)arg;
    while (!atomic_load(&busy.stop)) {
        x = x * 1664525u + 1013904223u;
        busy_poke((x >> 16) % CROWD);
    }
}

static void released_one_by_one_while_wakes_fly(void **state) {
    (void)state;
    unsigned threads_before = cay__thread_count();
    int64_t live = cay__mem_live();
    gate_t gone;
    gate_init(&gone);
    memset(&busy, 0, sizeof busy);
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 3,
                                                    .max_running_hogs = 1,
                                                    .budget_ns = 100000,
                                                    .slice_ns = CAY_NS_PER_MS,
                                                    .hog_turn_ns = CAY_NS_PER_MS});
    for (unsigned i = 0; i < CROWD; i++) {
        cay__mutex_init(&busy.lock[i]);
        fake_init(&busy.f[i], s, body_poke, &gone);
        busy.f[i].n = i;
    }
    cay_thread_t t[3];
    for (unsigned i = 0; i < 3; i++) {
        busy.seed[i] = i + 1;
        assert_int_equal(cay__thread_start(&t[i], "poker", 0, busy_main, &busy.seed[i]), 0);
    }
    for (unsigned i = 0; i < CROWD; i++) {
        uint64_t deadline = cay__clock_deadline(PATIENCE_MS);
        while (atomic_load(&busy.f[i].runs) < 20) { /* the pokers see to that */
            assert_true(cay__clock_mono() < deadline);
        }
        atomic_store(&busy.f[i].quit, true);
        cay__actor_hurry(&busy.f[i].actor);
        busy_poke(i);
    }
    assert_true(gate_await(&gone, CROWD));
    cay__sched_free(s); /* the pokers are still at it */
    atomic_store(&busy.stop, true);
    for (unsigned i = 0; i < 3; i++) {
        cay__thread_join(&t[i]);
    }
    for (unsigned i = 0; i < CROWD; i++) {
        cay__mutex_destroy(&busy.lock[i]);
    }
    gate_destroy(&gone);
    assert_int_equal(cay__mem_live(), live);
    assert_true(threads_become(threads_before));
}

/* ---- doing nothing ---- */

static void never_fire(cay_timer_t *t) {
    (void)t;
    fail_msg("a timer an hour away fired");
}

typedef struct usage {
    uint64_t cpu_us;
    uint64_t switches;
} usage_t;

static usage_t usage_now(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (usage_t){(uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000u +
                         (uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec),
                     (uint64_t)r.ru_nvcsw};
}

/* Best of some windows, since a sanitizer's own thread may stir in one of them. A clock that ticked
 * would switch 60 times in each. */
static void idle_scheduler_uses_no_cpu(void **state) {
    (void)state;
    gate_t gone, ran, never;
    gate_init(&gone);
    gate_init(&ran);
    gate_init(&never);
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 4});
    cay_timer_t far = {.fire = never_fire};
    cay__timer_set(s, &far, cay__clock_mono() + 3600 * CAY_NS_PER_S);
    fake_t hog, quick;
    fake_init(&hog, s, fake_spin, &gone);
    fake_init(&quick, s, fake_tell, &gone);
    quick.ran = &ran;
    cay__actor_wake(&hog.actor);
    for (unsigned i = 1; i <= 100; i++) {
        cay__actor_wake(&quick.actor);
        assert_true(gate_await(&ran, i));
    }
    fake_quit(&hog);
    fake_quit(&quick);
    assert_true(gate_await(&gone, 2));
    usage_t best = {UINT64_MAX, UINT64_MAX};
    for (unsigned i = 0; i < 6 && best.switches > 10; i++) {
        usage_t before = usage_now();
        uint64_t until = cay__clock_mono() + 300 * CAY_NS_PER_MS;
        cay__mutex_lock(&never.lock);
        while (cay__cond_wait_until(&never.cond, &never.lock, until)) {}
        cay__mutex_unlock(&never.lock);
        usage_t after = usage_now();
        if (after.switches - before.switches < best.switches) {
            best.switches = after.switches - before.switches;
            best.cpu_us = after.cpu_us - before.cpu_us;
        }
    }
    print_message("idle 300 ms: %u us, %u switches\n", (unsigned)best.cpu_us,
                  (unsigned)best.switches);
    assert_true(best.switches <= 10);
    assert_true(best.cpu_us < 3000);
    cay__timer_clear(s, &far);
    cay__sched_free(s);
    gate_destroy(&gone);
    gate_destroy(&ran);
    gate_destroy(&never);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_of_an_unused_scheduler_leaves_nothing),
        cmocka_unit_test(defaults_follow_the_machine),
        cmocka_unit_test(every_executor_thread_starts_and_ends_once),
        cmocka_unit_test(new_survives_every_allocation_failing),
        cmocka_unit_test(free_right_after_gone_while_the_last_wake_returns),
        cmocka_unit_test(released_one_by_one_while_wakes_fly),
        cmocka_unit_test(idle_scheduler_uses_no_cpu),
    };
    threads_warm();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
