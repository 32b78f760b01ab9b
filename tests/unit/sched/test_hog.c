/* SPDX-License-Identifier: MIT */
/* Endless slices: hand-off of the place, turns, hurrying. */
#include "hogs.h"

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

/* What a hog wakes after it lost its place must not land in a queue that it no longer serves: the new
 * owner may be parked by then. */
static bool body_spin_and_wake(fake_t *f) {
    unsigned x = 1;
    while (!atomic_load(&f->quit)) {
        unsigned runs = atomic_load(&f->peer->runs);
        cay__actor_wake(&f->peer->actor);
        while (atomic_load(&f->peer->runs) == runs && !atomic_load(&f->quit)) {
            if (atomic_exchange(&f->pause_wanted, false)) {
                cay__sched_pause_point(&f->actor);
            }
        }
        x = x * 1664525u + 1013904223u;
        uint64_t until = cay__clock_mono() + (x >> 16) % 40000;
        while (cay__clock_mono() < until) {}
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
    assert_true(gate_await(&c.told, 3000));
    assert_true(stats().handoffs >= 1);
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
    while (!atomic_load_explicit(&f->quit, memory_order_relaxed)) {}
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
    assert_true(gate_await(&c.ran, N));
    quick_ns();                         /* somebody waits: even the last loses its place */
    assert_true(gate_await(&turns, N)); /* every one of them had five turns */
    assert_int_equal(stats().hogs, N);
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
    ctx_init(
        (cay_sched_options_t){.executors = 1, .max_running_hogs = 1, .hog_turn_ns = CAY_NS_PER_MS});
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
    /* A turn of an hour: the newcomer takes the first one's, and only hurrying lets that out. */
    ctx_init((cay_sched_options_t){
        .executors = 1, .max_running_hogs = 1, .hog_turn_ns = 3600 * CAY_NS_PER_S});
    fake_t *h = &c.hogs[0];
    fake_init(h, c.s, body_paused_note, &c.gone);
    h->ran = &c.ran;
    h->user = &pauses;
    cay__actor_wake(&h->actor);
    assert_true(gate_await(&c.ran, 1));
    quick_ns();
    fake_init(&c.hogs[1], c.s, fake_spin, &c.gone);
    c.hogs[1].ran = &c.ran;
    cay__actor_wake(&c.hogs[1].actor);
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
    ctx_init(
        (cay_sched_options_t){.executors = 1, .max_running_hogs = 1, .hog_turn_ns = CAY_NS_PER_MS});
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

/* Slices that are handed over and end at about the moment their pause is called, which takes its time:
 * until it has returned there is neither another slice nor an end. */
static void pause_slowly(cay_actor_t *a) {
    fake_t *f = CAY_CONTAINER(a, fake_t, actor);
    atomic_store(&f->pausing, true);
    uint64_t until = cay__clock_mono() + 100000;
    while (cay__clock_mono() < until) {}
    fake_pause(a);
    assert_true((atomic_load(&a->state) & 3) >= 2); /* RUNNING, or woken meanwhile */
    atomic_store(&f->pausing, false);
}

static const cay_actor_ops_t slow_ops = {fake_run, pause_slowly, fake_gone, NULL};

static bool body_short_hog(fake_t *f) {
    assert_false(atomic_load(&f->pausing));
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
        c.hogs[i].actor.ops = &slow_ops;
        cay__actor_wake(&c.hogs[i].actor);
    }
    assert_true(gate_await(&c.gone, N));
    cay_sched_stats_t st = stats();
    assert_true(st.handoffs > 0);
    assert_true(st.slices >= N * 20);
    ctx_end(N);
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
    };
    threads_warm();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
