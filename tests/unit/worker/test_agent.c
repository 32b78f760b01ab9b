/* SPDX-License-Identifier: MIT */
/* Agents on a real scheduler with a fake engine: messages, quiet, termination, shutdown, failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "fake_engine.h"
#include "world.h"
#include "os/clock.h"
#include "perm/authority.h"
#include "worker/net.h"

/* ---- guests ---- */

static _Atomic uint64_t calls;
static _Atomic uint64_t out_of_order;

/* Echoes; a byte of 255 starts an endless loop. */
static int echo(cay_agent_t *a, int which, const eng_val_t *argv, int argc) {
    (void)argc;
    if (which == ENG_DISPATCH_MESSAGE) {
        atomic_fetch_add(&calls, 1);
        uint8_t byte = (uint8_t)fake_number(argv[1]);
        while (byte == 255) {
            if (fake_check(a)) {
                return CAY_ETERMINATED;
            }
        }
        (void)!fake_post(cay_inside_port(a->inside), byte);
    }
    return fake_check(a) ? CAY_ETERMINATED : 0;
}

static const fake_guest_t echo_guest = {echo};

/* ---- tests ---- */

enum { SENDERS = 4, PER_SENDER = 2000 };

static void send_many(void *arg) {
    for (int i = 0; i < PER_SENDER; i++) {
        assert_int_equal(fake_post(cay_worker_port(arg), (uint8_t)(i % 200)), 0);
    }
}

static void every_message_of_many_threads_is_worked_off(void **state) {
    (void)state;
    fake_guest = &echo_guest;
    atomic_store(&calls, 0);
    world_t w;
    world_open(&w, 3);
    cay_worker_t *h = world_spawn_ok(&w, 0);
    cay_thread_t t[SENDERS];
    for (int i = 0; i < SENDERS; i++) {
        assert_int_equal(cay__thread_start(&t[i], "sender", 0, send_many, h), 0);
    }
    for (int got = 0; got < SENDERS * PER_SENDER;) {
        cay_event_t *ev = NULL;
        assert_int_equal(cay_worker_next_event(h, WAIT_MS, &ev), 0);
        got += ev->type == CAY_EVENT_MESSAGE;
        cay_event_free(ev);
    }
    for (int i = 0; i < SENDERS; i++) {
        cay__thread_join(&t[i]);
    }
    assert_int_equal(atomic_load(&calls), SENDERS * PER_SENDER);
    cay_worker_free(h);
    world_close(&w);
}

/* A ring of agents below one root: each passes a countdown on to the next. When it is over nothing is left
 * to do, and only then may the root be told so. */
enum { RING = 6, LAPS = 120 };
static cay_port_t *ring_out[RING];
static _Atomic unsigned passed;

static int ring_guest(cay_agent_t *a, int which, const eng_val_t *argv, int argc) {
    (void)argc;
    if (which == ENG_DISPATCH_TIMER) {
        (void)!fake_post(ring_out[0], LAPS);
    } else if (which == ENG_DISPATCH_MESSAGE && fake_number(argv[0]) > 0) {
        uint32_t rid = (uint32_t)fake_number(argv[0]);
        uint8_t left = (uint8_t)fake_number(argv[1]);
        atomic_fetch_add(&passed, 1);
        if (left) { /* the ports of the ring are numbered in order */
            (void)!fake_post(ring_out[rid % RING], (uint8_t)(left - 1));
        }
    }
    return fake_check(a) ? CAY_ETERMINATED : 0;
}

static void load_ring(cay_agent_t *a) {
    cay__agent_settled(a);
    for (int i = 0; i < RING; i++) {
        cay_port_t *in;
        assert_int_equal(cay_channel_new(&ring_out[i], &in), 0);
        cay__resource_start(cay__resource_add_port(a, in));
    }
    assert_int_equal(cay__guest_timer_set(a, 1, 1, false), 0);
}

static void quiet_comes_after_the_last_message_and_never_before(void **state) {
    (void)state;
    static const fake_guest_t guest = {ring_guest};
    fake_guest = &guest;
    cay_agent_hooks_t h = world_hooks;
    h.load_main = load_ring;
    for (int round = 0; round < 50; round++) {
        world_t w;
        cay_sched_options_t o = {.executors = 3, .stack_size = 256 * 1024};
        assert_int_equal(cay__sched_new(&o, &w.sched), 0);
        world_env(&w, &h, 10);
        atomic_store(&passed, 0);
        cay_worker_t *root = world_spawn_ok(&w, CAY_WORKER_CLOSE_WHEN_QUIET);
        cay_event_end_t end = world_expect_end(root);
        assert_int_equal(end.reason, CAY_REASON_CLOSED);
        assert_int_equal(end.exit_code, 5);
        assert_int_equal(atomic_load(&passed), LAPS + 1);
        cay_worker_free(root);
        for (int i = 0; i < RING; i++) {
            cay_port_close(ring_out[i]);
        }
        world_close(&w);
    }
}

static void post_until_closed(void *arg) {
    while (fake_post(cay_worker_port(arg), 1) == 0) {}
}

static void terminate_while_messages_fly_gives_one_end(void **state) {
    (void)state;
    fake_guest = &echo_guest;
    world_t w;
    world_open(&w, 2);
    for (int i = 0; i < 60; i++) {
        cay_worker_t *h = world_spawn_ok(&w, 0);
        cay_thread_t t;
        assert_int_equal(cay__thread_start(&t, "sender", 0, post_until_closed, h), 0);
        if (i % 3 == 0) {
            assert_int_equal(fake_post(cay_worker_port(h), 255), 0);
        }
        cay_worker_terminate(h);
        cay_event_end_t end = world_expect_end(h);
        assert_int_equal(end.reason, CAY_REASON_TERMINATED);
        cay_event_t *more = NULL;
        assert_int_equal(cay_worker_next_event(h, 0, &more), CAY_ECLOSED);
        assert_int_equal(cay_worker_join(h, WAIT_MS), 0);
        cay__thread_join(&t);
        cay_worker_free(h);
    }
    world_close(&w);
}

static void hogs_do_not_keep_the_rest_waiting(void **state) {
    (void)state;
    fake_guest = &echo_guest;
    world_t w;
    world_open(&w, 2);
    cay_worker_t *hog[12];
    for (int i = 0; i < 12; i++) {
        hog[i] = world_spawn_ok(&w, 0);
        assert_int_equal(fake_post(cay_worker_port(hog[i]), 255), 0);
    }
    cay_worker_t *h = world_spawn_ok(&w, 0);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(fake_post(cay_worker_port(h), 7), 0);
        cay_event_t *ev = NULL;
        assert_int_equal(cay_worker_next_event(h, WAIT_MS, &ev), 0);
        cay_event_free(ev);
    }
    for (int i = 0; i < 12; i++) {
        cay_worker_terminate(hog[i]);
        world_expect_end(hog[i]);
        cay_worker_free(hog[i]);
    }
    cay_worker_free(h);
    world_close(&w);
}

static void shutdown_ends_all_that_is_alive(void **state) {
    (void)state;
    fake_guest = &echo_guest;
    world_t w;
    world_open(&w, 2);
    cay_worker_t *h[30];
    for (int i = 0; i < 30; i++) {
        h[i] = world_spawn_ok(&w, 0);
        if (i % 3 == 0) {
            assert_int_equal(fake_post(cay_worker_port(h[i]), 255), 0);
        }
    }
    world_close(&w);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(world_expect_end(h[i]).reason, CAY_REASON_SHUTDOWN);
        cay_worker_free(h[i]);
    }
}

/* ---- timers ---- */

static _Atomic unsigned fired;
static _Atomic uint32_t last_fired;

static int timer_guest(cay_agent_t *a, int which, const eng_val_t *argv, int argc) {
    (void)argc;
    if (which == ENG_DISPATCH_TIMER) {
        uint32_t id = (uint32_t)fake_number(argv[0]);
        atomic_fetch_add(&fired, 1);
        if (id < atomic_load(&last_fired)) {
            atomic_fetch_add(&out_of_order, 1);
        }
        atomic_store(&last_fired, id);
        if (id == 10) { /* a later one is cleared from inside an earlier one */
            cay__guest_timer_clear(a, 11);
        }
    }
    return 0;
}

static void load_timers(cay_agent_t *a) {
    cay__agent_settled(a);
    for (uint32_t id = 1; id <= 20; id++) {
        assert_int_equal(cay__guest_timer_set(a, id, id < 15 ? 2 : 4, false), 0);
    }
    cay__guest_timer_clear(a, 5);
    cay__guest_timer_clear(a, 999);
}

static void timers_fire_in_order_and_then_it_is_quiet(void **state) {
    (void)state;
    static const fake_guest_t guest = {timer_guest};
    fake_guest = &guest;
    cay_agent_hooks_t h = world_hooks;
    h.load_main = load_timers;
    world_t w;
    cay_sched_options_t o = {.executors = 2, .stack_size = 256 * 1024};
    assert_int_equal(cay__sched_new(&o, &w.sched), 0);
    world_env(&w, &h, 10);
    cay_worker_t *root = world_spawn_ok(&w, CAY_WORKER_CLOSE_WHEN_QUIET);
    assert_int_equal(world_expect_end(root).reason, CAY_REASON_CLOSED);
    assert_int_equal(atomic_load(&fired), 18);
    assert_int_equal(atomic_load(&out_of_order), 0);
    cay_worker_free(root);
    world_close(&w);
}

/* ---- failures ---- */

static void spawning_without_memory_leaves_nothing(void **state) {
    (void)state;
    fake_guest = &echo_guest;
    world_t w;
    world_open(&w, 1);
    for (uint64_t n = 1;; n++) {
        cay_worker_t *h = NULL;
        int64_t live = cay__mem_live();
        cay__mem_fail_at(n, false);
        int rc = world_spawn(&w, 0, &h);
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        if (rc == 0) {
            cay_worker_terminate(h);
            assert_int_equal(cay_worker_join(h, WAIT_MS), 0);
            cay_worker_free(h);
        }
        assert_int_equal(cay__env_wait(&w.env, cay__clock_deadline(WAIT_MS)), 0);
        assert_true(cay__mem_live() <= live); /* starting threads still free what they were given */
        if (!failed) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, CAY_ENOMEM);
    }
    world_close(&w);
}

static void a_full_runtime_refuses_and_says_so(void **state) {
    (void)state;
    fake_guest = &echo_guest;
    world_t w;
    world_open(&w, 1);
    w.env.o.max_workers = 2;
    cay_worker_t *a = world_spawn_ok(&w, 0), *b = world_spawn_ok(&w, 0), *c = NULL;
    assert_int_equal(world_spawn(&w, 0, &c), CAY_ELIMIT);
    cay_worker_free(a);
    cay_worker_free(b);
    assert_int_equal(cay__env_wait(&w.env, cay__clock_deadline(WAIT_MS)), 0);
    assert_int_equal(world_spawn(&w, 0, &c), 0);
    cay_worker_free(c);
    cay__env_close(&w.env);
    assert_int_equal(world_spawn(&w, 0, &c), CAY_ECLOSED);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_of_many_threads_is_worked_off),
        cmocka_unit_test(quiet_comes_after_the_last_message_and_never_before),
        cmocka_unit_test(terminate_while_messages_fly_gives_one_end),
        cmocka_unit_test(hogs_do_not_keep_the_rest_waiting),
        cmocka_unit_test(shutdown_ends_all_that_is_alive),
        cmocka_unit_test(timers_fire_in_order_and_then_it_is_quiet),
        cmocka_unit_test(spawning_without_memory_leaves_nothing),
        cmocka_unit_test(a_full_runtime_refuses_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
