/* SPDX-License-Identifier: MIT */
/* Limits of agents on a fake engine: the last slice, memory in a tree, threads that do not come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "fake_engine.h"
#include "os/clock.h"
#include "worker/limit.h"
#include "world.h"

enum { LOOP = 1, LISTEN = 2, STICK = 3, COLLECT = 4, LOOP_LAST = 5 };

static _Atomic int last_words;
static atomic_bool loop_in_last;

static eng_memory_t grown; /* what the next collection finds */

static int loop(cay_agent_t *a) {
    while (!fake_check(a)) {}
    return CAY_ETERMINATED;
}

/* What a message asks for; a `limit` event is counted. */
static int guest(cay_agent_t *a, int which, const eng_val_t *argv, int argc) {
    (void)argc;
    if (which == ENG_DISPATCH_LIMIT) {
        atomic_fetch_add(&last_words, 1);
        return atomic_load(&loop_in_last) ? loop(a) : 0;
    }
    int what = which == ENG_DISPATCH_MESSAGE ? (int)fake_number(argv[1]) : 0;
    if (what == LOOP) {
        return loop(a);
    }
    if (what == LISTEN) {
        atomic_store(&a->limiting.wanted, true);
    } else if (what == STICK) {
        fake_stick(a);
    } else if (what == COLLECT) {
        fake_memory = grown;
        fake_collect(a);
    }
    return fake_check(a) ? CAY_ETERMINATED : 0;
}

static const fake_guest_t limited = {guest};

static int setup(void **state) {
    (void)state;
    fake_guest = &limited;
    atomic_store(&last_words, 0);
    atomic_store(&loop_in_last, false);
    fake_memory = (eng_memory_t){0};
    return 0;
}

static cay_worker_t *spawn(world_t *w, const char *limits) {
    world_limits = limits;
    cay_worker_t *h = world_spawn_ok(w, 0);
    world_limits = NULL;
    return h;
}

static void post(cay_worker_t *h, int what) {
    assert_int_equal(fake_post(cay_worker_port(h), (uint8_t)what), 0);
}

static cay_event_end_t end(cay_worker_t *h) {
    cay_event_end_t e = world_expect_end(h);
    assert_int_equal(cay_worker_join(h, WAIT_MS), 0);
    cay_worker_free(h);
    return e;
}

static void cpu_ends_a_loop(void **state) {
    (void)state;
    world_t w;
    world_open(&w, 2);
    cay_worker_t *h = spawn(&w, "turn-cpu=10ms");
    post(h, LOOP);
    cay_event_end_t e = end(h);
    assert_int_equal(e.reason, CAY_REASON_TURN_CPU);
    assert_int_equal(e.limit.which, CAY_LIMIT_TURN_CPU);
    assert_true(e.usage.cpu_ns >= 10 * CAY_NS_PER_MS);
    assert_int_equal(atomic_load(&last_words), 0); /* it did not listen */
    world_close(&w);
}

static void who_listens_has_one_last_slice(void **state) {
    (void)state;
    world_t w;
    world_open(&w, 2);
    for (int i = 0; i < 20; i++) {
        cay_worker_t *h = spawn(&w, "turn-cpu=10ms;soft=unlimited");
        post(h, LISTEN);
        post(h, LOOP);
        post(h, LOOP); /* waits behind, and never runs */
        assert_int_equal(end(h).reason, CAY_REASON_TURN_CPU);
        assert_int_equal(atomic_load(&last_words), i + 1);
    }
    world_close(&w);
}

static void a_last_slice_that_loops_ends_too(void **state) {
    (void)state;
    world_t w;
    world_open(&w, 2);
    atomic_store(&loop_in_last, true);
    cay_worker_t *h = spawn(&w, "turn-cpu=10ms;grace=5ms");
    post(h, LISTEN);
    post(h, LOOP);
    cay_event_end_t e = end(h);
    assert_int_equal(e.reason, CAY_REASON_TURN_CPU);
    assert_int_equal(e.limit.limit, 10);
    assert_int_equal(atomic_load(&last_words), 1);
    world_close(&w);
}

static void memory_past_the_limit_ends(void **state) {
    (void)state;
    world_t w;
    world_open(&w, 2);
    grown =
        (eng_memory_t){.heap = 10 << 20, .buffers = 3 << 20, .wasm = 3 << 20, .native = 1 << 20};
    cay_worker_t *h = spawn(&w, "memory=16M");
    post(h, COLLECT);
    cay_event_end_t e = end(h);
    assert_int_equal(e.reason, CAY_REASON_MEMORY);
    assert_int_equal(e.limit.used, 17 << 20);
    assert_int_equal(e.usage.native, 1 << 20);
    fake_memory = (eng_memory_t){0};
    h = spawn(&w, "memory=32M;heap=8M");
    post(h, COLLECT);
    e = end(h);
    assert_int_equal(e.reason, CAY_REASON_HEAP);
    assert_int_equal(e.limit.used, 10 << 20);
    world_close(&w);
}

static void time_ends_who_waits(void **state) {
    (void)state;
    static const struct {
        const char *limits;
        cay_reason_t reason;
    } cases[] = {{"wall=20ms", CAY_REASON_WALL}, {"idle=20ms", CAY_REASON_IDLE}};
    world_t w;
    world_open(&w, 2);
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        assert_int_equal(end(spawn(&w, cases[i].limits)).reason, cases[i].reason);
    }
    world_close(&w);
}

/* The thread never comes back, not even for the end of the test: like the real one it stays in the engine. */
static void a_stuck_one_is_overdue_then_lost(void **state) {
    (void)state;
    world_t w;
    world_lost_after_ms = 300;
    world_open(&w, 2);
    world_lost_after_ms = 60000;
    cay_worker_t *h = spawn(&w, "turn-cpu=20ms"), *neighbour = spawn(&w, NULL);
    post(h, STICK);
    cay_event_t *ev = NULL;
    do {
        cay_event_free(ev);
        assert_int_equal(cay_worker_next_event(h, WAIT_MS, &ev), 0);
    } while (ev->type != CAY_EVENT_OVERDUE && !cay_event_is_final(ev));
    assert_int_equal(ev->type, CAY_EVENT_OVERDUE);
    cay_event_free(ev);
    cay_event_end_t e = end(h);
    assert_int_equal(e.reason, CAY_REASON_LOST);
    assert_int_equal(e.limit.which, CAY_LIMIT_TURN_CPU);
    cay_runtime_stats_t s = {0};
    cay__env_stats(&w.env, &s);
    assert_int_equal(s.draining, 1);
    assert_int_equal(s.overdue, 1);
    cay_worker_t *refused = NULL;
    assert_int_equal(world_spawn(&w, 0, &refused), CAY_ELIMIT);
    cay_worker_free(neighbour);
    fake_release(); /* it comes back late, and finds itself lost */
    world_close(&w);
}

/* Back from the engine just in time, or a moment too late: one end. */
static void one_that_comes_back_ends_once(void **state) {
    (void)state;
    world_t w;
    world_lost_after_ms = 251;
    world_open(&w, 2);
    world_lost_after_ms = 60000;
    cay_worker_t *h = spawn(&w, "turn-cpu=10ms");
    post(h, STICK);
    cay_event_t *ev = NULL;
    do {
        cay_event_free(ev);
        assert_int_equal(cay_worker_next_event(h, WAIT_MS, &ev), 0);
    } while (ev->type != CAY_EVENT_OVERDUE && !cay_event_is_final(ev));
    cay_event_free(ev);
    fake_release();
    cay_reason_t reason = end(h).reason;
    assert_true(reason == CAY_REASON_LOST || reason == CAY_REASON_TURN_CPU);
    world_close(&w);
}

static void an_end_in_the_middle_of_limits_leaves_nothing(void **state) {
    (void)state;
    world_t w;
    world_open(&w, 3);
    for (int i = 0; i < 200; i++) {
        cay_worker_t *h = spawn(&w, "turn-cpu=5ms;wall=8ms;grace=1ms");
        post(h, LISTEN);
        post(h, LOOP);
        if (i % 2) {
            cay_worker_terminate(h);
        }
        (void)end(h);
    }
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(cpu_ends_a_loop, setup),
        cmocka_unit_test_setup(who_listens_has_one_last_slice, setup),
        cmocka_unit_test_setup(a_last_slice_that_loops_ends_too, setup),
        cmocka_unit_test_setup(memory_past_the_limit_ends, setup),
        cmocka_unit_test_setup(time_ends_who_waits, setup),
        cmocka_unit_test_setup(an_end_in_the_middle_of_limits_leaves_nothing, setup),
        cmocka_unit_test_setup(one_that_comes_back_ends_once, setup),
        cmocka_unit_test_setup(a_stuck_one_is_overdue_then_lost, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
