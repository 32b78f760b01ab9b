/* SPDX-License-Identifier: MIT */
/* Endless slices: hand-off of the place, turns, hurrying, lost threads, no thread to be had. */
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

static void ctx_init(cay_sched_options_t o) {
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

static void hogs_start(unsigned n, bool (*body)(fake_t *)) {
    for (unsigned i = 0; i < n; i++) {
        fake_init(&c.hogs[i], c.s, body, &c.gone);
        c.hogs[i].ran = &c.ran;
        cay__actor_wake(&c.hogs[i].actor);
    }
}

/* Ends them all: hurried, so that none waits for its turn to see it. */
static void hogs_stop(unsigned n) {
    for (unsigned i = 0; i < n; i++) {
        atomic_store(&c.hogs[i].quit, true);
        cay__actor_hurry(&c.hogs[i].actor);
    }
}

static void ctx_end(unsigned gone) {
    fake_quit(&c.quick);
    assert_true(gate_await(&c.gone, gone + 1));
    cay__sched_free(c.s);
    gate_destroy(&c.gone);
    gate_destroy(&c.ran);
    gate_destroy(&c.told);
    assert_int_equal(cay__mem_live(), c.live_before);
    assert_true(threads_become(c.threads_before));
}

static cay_sched_stats_t stats(void) {
    cay_sched_stats_t st;
    cay__sched_stats(c.s, &st);
    return st;
}

static uint64_t quick_ns(void) {
    uint64_t began = cay__clock_mono();
    uint64_t before = c.told.count;
    cay__actor_wake(&c.quick.actor);
    assert_true(gate_await(&c.told, before + 1));
    return cay__clock_mono() - began;
}

static void place_of_an_endless_slice_is_handed_over(void **state) {
    (void)state;
    ctx_init((cay_sched_options_t){.executors = 1});
    hogs_start(1, fake_spin);
    assert_true(gate_await(&c.ran, 1));
    assert_int_equal(stats().handoffs, 0);
    quick_ns();
    cay_sched_stats_t st = stats();
    assert_int_equal(st.handoffs, 1);
    assert_int_equal(st.hogs, 1);
    assert_int_equal(st.threads, 2);
    hogs_stop(1);
    assert_true(gate_await(&c.gone, 1));
    quick_ns();
    assert_int_equal(stats().hogs, 0);
    ctx_end(1);
}

static bool body_wake_then_spin(fake_t *f) {
    cay__actor_wake(&f->peer->actor);
    return fake_spin(f);
}

static void next_slot_behind_an_endless_slice_is_served(void **state) {
    (void)state;
    ctx_init((cay_sched_options_t){.executors = 1});
    fake_init(&c.hogs[0], c.s, body_wake_then_spin, &c.gone);
    c.hogs[0].peer = &c.quick;
    cay__actor_wake(&c.hogs[0].actor);
    assert_true(gate_await(&c.told, 1));
    hogs_stop(1);
    ctx_end(1);
}

/* What a hog wakes after it lost its place must not land in a queue that it no longer serves. */
static bool body_spin_and_wake(fake_t *f) {
    while (!atomic_load(&f->quit)) {
        cay__actor_wake(&f->peer->actor);
        if (atomic_exchange(&f->pause_wanted, false)) {
            cay__sched_pause_point(&f->actor);
        }
    }
    cay__actor_release(&f->actor);
    return false;
}

static void wakes_of_a_hog_are_served(void **state) {
    (void)state;
    ctx_init((cay_sched_options_t){.executors = 2});
    fake_init(&c.hogs[0], c.s, body_spin_and_wake, &c.gone);
    c.hogs[0].peer = &c.quick;
    cay__actor_wake(&c.hogs[0].actor);
    assert_true(gate_await(&c.told, 2000));
    atomic_store(&c.hogs[0].quit, true);
    assert_true(gate_await(&c.gone, 1));
    ctx_end(1);
}

/* Best of some tries: the machine may be shared; the scheduler is not to blame for its load. */
static void fifty_endless_loops_leave_room_for_one_more(void **state) {
    (void)state;
    ctx_init((cay_sched_options_t){0});
    hogs_start(MANY, fake_spin);
    uint64_t first = quick_ns(); /* queued behind all of them */
    assert_true(gate_await(&c.ran, MANY));
    uint64_t best = UINT64_MAX;
    for (unsigned i = 0; i < 5; i++) {
        uint64_t ns = quick_ns();
        best = ns < best ? ns : best;
    }
    print_message("51st: first %.1f ms, then %.2f ms\n", (double)first / 1e6, (double)best / 1e6);
    assert_true(best < 100 * CAY_NS_PER_MS);
    hogs_stop(MANY);
    assert_true(gate_await(&c.gone, MANY));
    ctx_end(MANY);
}

static bool body_deaf(fake_t *f) {
    gate_post(f->ran);
    while (!atomic_load_explicit(&f->quit, memory_order_relaxed)) {
    }
    cay__actor_release(&f->actor);
    return false;
}

static void loops_that_never_pause_leave_room_too(void **state) {
    (void)state;
    enum { N = 8 };
    ctx_init((cay_sched_options_t){.executors = 2, .max_running_hogs = 1});
    hogs_start(N, body_deaf);
    assert_true(gate_await(&c.ran, N));
    for (unsigned i = 0; i < 3; i++) {
        quick_ns();
    }
    hogs_stop(N);
    assert_true(gate_await(&c.gone, N));
    ctx_end(N);
}

/* ---- turns ---- */

static atomic_int computing;
static atomic_int most;

/* Counts progress; tells when `limit` was reached. */
static bool body_progress(fake_t *f) {
    gate_post(f->ran);
    uint64_t turns = 0;
    while (!atomic_load(&f->quit)) {
        if (atomic_exchange(&f->pause_wanted, false)) {
            atomic_fetch_sub(&computing, 1);
            cay__sched_pause_point(&f->actor);
            int now = atomic_fetch_add(&computing, 1) + 1;
            if (now > atomic_load(&most)) {
                atomic_store(&most, now);
            }
            if (++turns == f->limit) {
                gate_post(f->user);
            }
        }
    }
    cay__actor_release(&f->actor);
    return false;
}

static void hogs_take_turns(void **state) {
    (void)state;
    enum { N = 6 };
    gate_t turns;
    gate_init(&turns);
    ctx_init((cay_sched_options_t){.executors = 1,
                                   .max_running_hogs = 1,
                                   .slice_ns = 4 * CAY_NS_PER_MS,
                                   .hog_turn_ns = CAY_NS_PER_MS});
    atomic_store(&computing, N);
    atomic_store(&most, 0);
    for (unsigned i = 0; i < N; i++) {
        fake_init(&c.hogs[i], c.s, body_progress, &c.gone);
        c.hogs[i].ran = &c.ran;
        c.hogs[i].user = &turns;
        c.hogs[i].limit = 5;
        cay__actor_wake(&c.hogs[i].actor);
    }
    for (unsigned i = 0; i < 2; i++) {
        quick_ns(); /* somebody waits: even the last loses its place */
    }
    assert_true(gate_await(&c.ran, N));
    assert_true(gate_await(&turns, N)); /* every one of them had five turns */
    assert_true(stats().hogs >= N - 1);
    hogs_stop(N);
    assert_true(gate_await(&c.gone, N));
    ctx_end(N);
    gate_destroy(&turns);
}

/* One deaf hog must not keep the only turn for ever. */
static void hog_that_ignores_pause_does_not_hold_up_the_turns(void **state) {
    (void)state;
    enum { N = 3 };
    gate_t turns;
    gate_init(&turns);
    ctx_init((cay_sched_options_t){.executors = 1,
                                   .max_running_hogs = 1,
                                   .hog_turn_ns = CAY_NS_PER_MS});
    fake_t *deaf = &c.hogs[N];
    fake_init(deaf, c.s, body_deaf, &c.gone);
    deaf->ran = &c.ran;
    cay__actor_wake(&deaf->actor);
    assert_true(gate_await(&c.ran, 1));
    quick_ns();
    for (unsigned i = 0; i < N; i++) {
        fake_init(&c.hogs[i], c.s, body_progress, &c.gone);
        c.hogs[i].ran = &c.ran;
        c.hogs[i].user = &turns;
        c.hogs[i].limit = 3;
        cay__actor_wake(&c.hogs[i].actor);
    }
    quick_ns();
    assert_true(gate_await(&c.ran, N + 1));
    quick_ns();
    assert_true(gate_await(&turns, N));
    assert_int_equal(stats().hogs, N + 1);
    hogs_stop(N + 1);
    assert_true(gate_await(&c.gone, N + 1));
    ctx_end(N + 1);
    gate_destroy(&turns);
}

static bool body_paused_note(fake_t *f) {
    gate_post(f->ran);
    while (!atomic_load(&f->quit)) {
        if (atomic_exchange(&f->pause_wanted, false)) {
            gate_post(f->user); /* about to pause */
            cay__sched_pause_point(&f->actor);
            gate_post(f->user); /* out again */
        }
    }
    cay__actor_release(&f->actor);
    return false;
}

static void hurried_hog_leaves_its_pause_at_once_and_for_good(void **state) {
    (void)state;
    gate_t pauses;
    gate_init(&pauses);
    /* A turn of an hour: only hurrying lets the second out. */
    ctx_init((cay_sched_options_t){.executors = 1,
                                   .max_running_hogs = 1,
                                   .hog_turn_ns = 3600 * CAY_NS_PER_S});
    hogs_start(1, fake_spin);
    assert_true(gate_await(&c.ran, 1));
    quick_ns();
    fake_t *h = &c.hogs[1];
    fake_init(h, c.s, body_paused_note, &c.gone);
    h->ran = &c.ran;
    h->user = &pauses;
    cay__actor_wake(&h->actor);
    assert_true(gate_await(&c.ran, 2));
    quick_ns();
    assert_true(gate_await(&pauses, 1));
    for (unsigned i = 0; i < 5; i++) {
        quick_ns();
        assert_int_equal(pauses.count, 1);
    }
    cay__actor_hurry(&h->actor);
    assert_true(gate_await(&pauses, 2));
    cay__actor_hurry(&h->actor);
    for (unsigned i = 0; i < 5; i++) {
        quick_ns();
    }
    assert_int_equal(atomic_load(&h->pauses), 1);
    hogs_stop(2);
    assert_true(gate_await(&c.gone, 2));
    ctx_end(2);
    gate_destroy(&pauses);
}

static void actor_hurried_before_it_is_a_hog_is_never_paused(void **state) {
    (void)state;
    ctx_init((cay_sched_options_t){.executors = 1,
                                   .max_running_hogs = 1,
                                   .hog_turn_ns = CAY_NS_PER_MS});
    hogs_start(1, fake_spin);
    cay__actor_hurry(&c.hogs[0].actor);
    assert_true(gate_await(&c.ran, 1));
    quick_ns();
    for (unsigned i = 1; i < 4; i++) {
        fake_init(&c.hogs[i], c.s, fake_spin, &c.gone);
        c.hogs[i].ran = &c.ran;
        cay__actor_wake(&c.hogs[i].actor);
    }
    assert_true(gate_await(&c.ran, 4));
    for (unsigned i = 0; i < 10; i++) {
        quick_ns();
    }
    assert_int_equal(atomic_load(&c.hogs[0].pauses), 0);
    hogs_stop(4);
    assert_true(gate_await(&c.gone, 4));
    ctx_end(4);
}

/* Slices that are handed over and end at about the moment their pause is called: fake_pause checks that
 * the actor is not gone. */
static bool body_short_hog(fake_t *f) {
    uint64_t until = cay__clock_mono() + 300000 + f->n % 700000;
    f->n = f->n * 6364136223846793005ull + 1442695040888963407ull;
    while (cay__clock_mono() < until) {
        if (atomic_exchange(&f->pause_wanted, false)) {
            cay__sched_pause_point(&f->actor);
        }
    }
    if (atomic_load(&f->runs) >= f->limit) {
        cay__actor_release(&f->actor);
    }
    return true;
}

static void pause_never_meets_an_actor_that_is_gone(void **state) {
    (void)state;
    enum { N = 24 };
    ctx_init((cay_sched_options_t){.executors = 2,
                                   .max_running_hogs = 1,
                                   .budget_ns = 1000,
                                   .slice_ns = 400000,
                                   .hog_turn_ns = 50000});
    for (unsigned i = 0; i < N; i++) {
        fake_init(&c.hogs[i], c.s, body_short_hog, &c.gone);
        c.hogs[i].n = i * 7919;
        c.hogs[i].limit = 20;
        cay__actor_wake(&c.hogs[i].actor);
    }
    assert_true(gate_await(&c.gone, N));
    cay_sched_stats_t st = stats();
    assert_true(st.handoffs > 0);
    assert_true(st.slices >= N * 20);
    ctx_end(N);
}

/* ---- threads ---- */

static void threads_never_pass_their_bound(void **state) {
    (void)state;
    ctx_init((cay_sched_options_t){.executors = 2, .max_threads = 4});
    hogs_start(6, fake_spin);
    assert_true(gate_await(&c.ran, 4)); /* two hogs, two stuck places, two that wait */
    assert_true(stats().threads <= 4);
    atomic_store(&c.hogs[0].quit, true);
    atomic_store(&c.hogs[1].quit, true);
    cay__actor_hurry(&c.hogs[0].actor);
    cay__actor_hurry(&c.hogs[1].actor);
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
    /* One place, three spares, the clock; the rest have been joined. */
    assert_true(threads_become(c.threads_before + 5));
    assert_int_equal(stats().threads, 4);
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
        while (!atomic_load(&f->quit)) {
        }
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
        cmocka_unit_test(place_of_an_endless_slice_is_handed_over),
        cmocka_unit_test(next_slot_behind_an_endless_slice_is_served),
        cmocka_unit_test(wakes_of_a_hog_are_served),
        cmocka_unit_test(fifty_endless_loops_leave_room_for_one_more),
        cmocka_unit_test(loops_that_never_pause_leave_room_too),
        cmocka_unit_test(hogs_take_turns),
        cmocka_unit_test(hog_that_ignores_pause_does_not_hold_up_the_turns),
        cmocka_unit_test(hurried_hog_leaves_its_pause_at_once_and_for_good),
        cmocka_unit_test(actor_hurried_before_it_is_a_hog_is_never_paused),
        cmocka_unit_test(pause_never_meets_an_actor_that_is_gone),
        cmocka_unit_test(threads_never_pass_their_bound),
        cmocka_unit_test(surplus_threads_end_when_hogs_do),
        cmocka_unit_test(no_thread_to_be_had_is_tried_again),
        cmocka_unit_test(lost_thread_is_replaced_and_forgotten),
        cmocka_unit_test(hog_may_be_lost_too),
    };
    threads_warm();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
