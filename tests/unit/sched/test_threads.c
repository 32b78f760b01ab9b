/* SPDX-License-Identifier: MIT */
/* The threads behind the places: their bound, surplus ones, none to be had, lost ones. */
#include "hogs.h"

static void threads_never_pass_their_bound(void **state) {
    (void)state;
    ctx_init((cay_sched_options_t){.executors = 2, .max_threads = 4});
    hogs_start(6, fake_spin);
    assert_true(gate_await(&c.ran, 4)); /* two hogs, two stuck places, two that wait */
    assert_true(stats().threads <= 4);
    for (unsigned i = 0, ended = 0; i < 6 && ended < 2; i++) {
        if (atomic_load(&c.hogs[i].runs)) {
            ended++;
            atomic_store(&c.hogs[i].quit, true);
            cay__actor_hurry(&c.hogs[i].actor);
        }
    }
    assert_true(gate_await(&c.ran, 6)); /* their threads are put to use */
    assert_true(stats().threads <= 4);
    hogs_stop(6);
    assert_true(gate_await(&c.gone, 6));
    ctx_end(6);
}

static void surplus_threads_end_when_hogs_do(void **state) {
    (void)state;
    ctx_init((cay_sched_options_t){.executors = 1, .max_running_hogs = 2});
    hogs_start(20, fake_spin);
    assert_true(gate_await(&c.ran, 20));
    quick_ns();
    assert_int_equal(stats().hogs, 20);
    hogs_stop(20);
    assert_true(gate_await(&c.gone, 20));
    /* The place's thread and the clock: those that were hogs are niced, and have been joined. */
    assert_true(threads_become(c.threads_before + 2));
    assert_int_equal(stats().threads, 1);
    /* Their records are gone too: left are the scheduler, its places and one thread. */
    uint64_t deadline = cay__clock_deadline(PATIENCE_MS);
    while (cay__mem_live() != c.live_before + 3) {
        assert_true(cay__clock_mono() < deadline);
    }
    ctx_end(20);
}

typedef struct saboteur {
    cay_timer_t timer;
    uint64_t fail_at;
    gate_t *done;
} saboteur_t;

/* Timers fire on the clock thread, which is the one that makes threads. */
static void sabotage(cay_timer_t *t) {
    saboteur_t *s = CAY_CONTAINER(t, saboteur_t, timer);
    cay__mem_fail_at(s->fail_at, true);
    gate_post(s->done);
}

static void no_thread_to_be_had_is_tried_again(void **state) {
    (void)state;
    for (uint64_t at = 1; at <= 2; at++) { /* the record, then the start of the thread */
        ctx_init((cay_sched_options_t){.executors = 1, .slice_ns = CAY_NS_PER_MS});
        gate_t done;
        gate_init(&done);
        saboteur_t on = {{.fire = sabotage}, at, &done};
        saboteur_t off = {{.fire = sabotage}, 0, &done};
        cay__timer_set(c.s, &on.timer, 0);
        assert_true(gate_await(&done, 1));
        hogs_start(1, fake_spin);
        assert_true(gate_await(&c.ran, 1));
        cay__actor_wake(&c.quick.actor);
        /* Several looks in vain. */
        cay__timer_set(c.s, &off.timer, cay__clock_mono() + 20 * CAY_NS_PER_MS);
        assert_true(gate_await(&c.told, 1));
        assert_true(gate_await(&done, 2)); /* so it was not before the fault was taken away */
        assert_int_equal(stats().handoffs, 1);
        cay__timer_clear(c.s, &on.timer);
        cay__timer_clear(c.s, &off.timer);
        hogs_stop(1);
        assert_true(gate_await(&c.gone, 1));
        ctx_end(1);
        gate_destroy(&done);
    }
}

/* ---- lost threads ---- */

/* Stands for an engine that is broken for good; released only so that the test's process can end. */
static bool body_lost(fake_t *f) {
    gate_t *park = f->user;
    if (f->peer) {
        cay__actor_wake(&f->peer->actor); /* in the next slot when the place is vacated */
    }
    if (f->n) {
        gate_post(f->ran);
        while (!atomic_load(&f->quit)) {}
    }
    cay__sched_thread_lost(&f->actor);
    assert_null(cay__sched_current());
    gate_post(f->ran);
    gate_await(park, 1);
    gate_post(f->ran);
    pthread_exit(NULL);
}

static void lost_thread_is_replaced_and_forgotten(void **state) {
    (void)state;
    gate_t park;
    gate_init(&park);
    ctx_init((cay_sched_options_t){.executors = 1});
    fake_t *f = &c.hogs[0];
    fake_init(f, c.s, body_lost, &c.gone);
    f->ran = &c.ran;
    f->user = &park;
    f->peer = &c.quick;
    cay__actor_wake(&f->actor);
    assert_true(gate_await(&c.ran, 1));
    assert_true(gate_await(&c.told, 1));
    quick_ns();
    cay_sched_stats_t st = stats();
    assert_int_equal(st.lost, 1);
    assert_int_equal(st.threads, 1);
    assert_int_equal(st.hogs, 0);
    assert_int_equal(atomic_load(&f->goners), 0);
    /* The scheduler ends without it. */
    fake_quit(&c.quick);
    assert_true(gate_await(&c.gone, 1));
    cay__sched_free(c.s);
    assert_int_equal(cay__mem_live(), c.live_before);
    assert_true(threads_become(c.threads_before + 1));
    gate_post(&park);
    assert_true(gate_await(&c.ran, 2));
    assert_true(threads_become(c.threads_before));
    gate_destroy(&park);
    gate_destroy(&c.gone);
    gate_destroy(&c.ran);
    gate_destroy(&c.told);
}

/* With no thread to fill the place, what waited there is served elsewhere. */
static void queue_of_a_lost_thread_goes_to_the_others(void **state) {
    (void)state;
    gate_t park, done;
    gate_init(&park);
    gate_init(&done);
    ctx_init((cay_sched_options_t){.executors = 2});
    saboteur_t on = {{.fire = sabotage}, 1, &done};
    saboteur_t off = {{.fire = sabotage}, 0, &done};
    cay__timer_set(c.s, &on.timer, 0);
    assert_true(gate_await(&done, 1));
    fake_t *f = &c.hogs[0];
    fake_init(f, c.s, body_lost, &c.gone);
    f->ran = &c.ran;
    f->user = &park;
    f->peer = &c.quick;
    cay__actor_wake(&f->actor);
    assert_true(gate_await(&c.told, 1));
    assert_int_equal(stats().threads, 1);
    cay__timer_set(c.s, &off.timer, 0);
    assert_true(gate_await(&done, 2));
    uint64_t deadline = cay__clock_deadline(PATIENCE_MS);
    while (stats().threads < 2) { /* filled at a later look */
        assert_true(cay__clock_mono() < deadline);
    }
    gate_post(&park);
    assert_true(gate_await(&c.ran, 2));
    ctx_end(0);
    gate_destroy(&park);
    gate_destroy(&done);
}

static void hog_may_be_lost_too(void **state) {
    (void)state;
    gate_t park;
    gate_init(&park);
    ctx_init((cay_sched_options_t){.executors = 1});
    fake_t *f = &c.hogs[0];
    fake_init(f, c.s, body_lost, &c.gone);
    f->ran = &c.ran;
    f->user = &park;
    f->n = 1;
    cay__actor_wake(&f->actor);
    assert_true(gate_await(&c.ran, 1));
    quick_ns();
    assert_int_equal(stats().hogs, 1);
    atomic_store(&f->quit, true);
    assert_true(gate_await(&c.ran, 2));
    quick_ns();
    cay_sched_stats_t st = stats();
    assert_int_equal(st.lost, 1);
    assert_int_equal(st.hogs, 0);
    assert_int_equal(st.threads, 1);
    gate_post(&park);
    assert_true(gate_await(&c.ran, 3));
    ctx_end(0);
    gate_destroy(&park);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_never_pass_their_bound),
        cmocka_unit_test(surplus_threads_end_when_hogs_do),
        cmocka_unit_test(no_thread_to_be_had_is_tried_again),
        cmocka_unit_test(lost_thread_is_replaced_and_forgotten),
        cmocka_unit_test(queue_of_a_lost_thread_goes_to_the_others),
        cmocka_unit_test(hog_may_be_lost_too),
    };
    threads_warm();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
