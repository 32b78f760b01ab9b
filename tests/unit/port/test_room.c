/* SPDX-License-Identifier: MIT */
/* Room when an account is what was full, and blocking calls that wait for room. */
#include "drain_util.h"

#include "os/clock.h"

/* ---- accounts ---- */

static void refused_by_the_account_is_told_by_a_poke(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 4, 0);
    pair_t p = channel(a), q = channel(a), idle = channel(a);
    int told = 0, idle_told = 0;
    cay__port_set_sink(q.a, &drained_ops, &told);
    cay__port_set_sink(idle.a, &drained_ops, &idle_told);
    fill(p.a);
    gives(CAY_EAGAIN, send_text(q.a, "x"));
    drop_next(p.b);
    assert_false(cay__account_drained(a));
    cay__port_poke(p.b); /* a room of one */
    drop_next(p.b);
    assert_int_equal(told, 0); /* p's queue is not q's */
    assert_true(cay__account_drained(a));
    cay__port_poke(p.b);
    cay__port_poke(idle.b);
    cay__port_poke(q.b);
    cay__port_poke(q.b);
    assert_int_equal(told, 1);
    assert_int_equal(idle_told, 0);
    assert_false(cay__account_drained(a));
    close_both(p);
    close_both(q);
    close_both(idle);
    account_end(a);
}

/* The poke comes for others, and the account is full: it has to say so again. */
static void poke_without_enough_room_is_asked_for_again(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 100);
    pair_t p = channel(a), q = channel(a);
    int told = 0;
    cay__port_set_sink(q.a, &drained_ops, &told);
    ok(send_sized(p.a, 50));
    ok(send_sized(p.a, 40));
    gives(CAY_EAGAIN, send_sized(q.a, 70));
    drop_next(p.b);
    assert_true(cay__account_drained(a)); /* 40 of 100 wait: at most half */
    cay__port_poke(q.b);
    assert_int_equal(told, 0);
    drop_next(p.b);
    assert_true(cay__account_drained(a));
    cay__port_poke(q.b);
    assert_int_equal(told, 1);
    close_both(p);
    close_both(q);
    account_end(a);
}

static void refused_for_memory_is_told_when_there_is_some(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 1000, 1, 0);
    worker_t x = worker(a, NULL);
    pair_t full = channel(a);
    ok(send_text(full.a, "x")); /* the shared queues stay full, which is no matter */
    cay__account_set(a, CAY_PART_HEAP, 900);
    gives(CAY_EAGAIN, send_sized(x.outer, 200));
    cay__account_set(a, CAY_PART_HEAP, 850);
    assert_false(cay__account_drained(a)); /* not enough for what was refused */
    cay__port_poke(x.inner);
    expect_no_event(x.w);
    cay__account_set(a, CAY_PART_HEAP, 100);
    assert_true(cay__account_drained(a));
    cay__port_poke(x.inner);
    expect_drain(x.w);
    assert_false(cay__account_drained(a));
    close_both(full);
    free_both(x);
    cay__account_set(a, CAY_PART_HEAP, 0);
    account_end(a);
}

static void memory_that_is_enough_for_one_is_not_told_to_the_other(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 1000, 0, 0);
    worker_t x = worker(a, NULL);
    pair_t p = channel(a);
    int told = 0;
    cay__port_set_sink(p.a, &drained_ops, &told);
    cay__account_set(a, CAY_PART_HEAP, 950);
    gives(CAY_EAGAIN, send_sized(x.outer, 200));
    gives(CAY_EAGAIN, send_sized(p.a, 100));
    cay__account_set(a, CAY_PART_HEAP, 900);
    assert_true(cay__account_drained(a));
    cay__port_poke(x.inner);
    cay__port_poke(p.b);
    expect_no_event(x.w);
    assert_int_equal(told, 1);
    cay__account_set(a, CAY_PART_HEAP, 800);
    assert_true(cay__account_drained(a));
    cay__port_poke(x.inner);
    expect_drain(x.w);
    close_both(p);
    free_both(x);
    cay__account_set(a, CAY_PART_HEAP, 0);
    account_end(a);
}

static void stream_of_a_nested_worker_is_poked_as_well(void **state) {
    (void)state;
    cay_account_t *creator = account_new(NULL, 0, 1, 0);
    worker_t x = worker(NULL, creator);
    pair_t p = channel(creator);
    int told = 0;
    cay__port_set_sink(x.inner, &drained_ops, &told);
    ok(send_text(p.a, "x"));
    gives(CAY_EAGAIN, send_text(x.inner, "x"));
    drop_next(p.b);
    assert_true(cay__account_drained(creator));
    cay__port_poke(x.outer);
    assert_int_equal(told, 1);
    close_both(p);
    free_both(x);
    account_end(creator);
}

/* Nobody holds, and nobody pokes, a port on its way. */
static void port_that_arrives_tells_its_other_end(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 3, 0);
    pair_t p = channel(a), q = channel(NULL);
    int told = 0;
    cay__port_set_sink(q.a, &drained_ops, &told);
    ok(send_text(p.a, "x"));
    ok(send_text(p.a, "x"));
    ok(send_port(p.a, q.b));
    gives(CAY_EAGAIN, send_text(q.a, "x"));
    drop_next(p.b);
    drop_next(p.b);
    assert_true(cay__account_drained(a));
    cay__port_poke(p.b);
    assert_int_equal(told, 0);
    assert_ptr_equal(expect_port(p.b), q.b);
    assert_int_equal(told, 1);
    close_both(p);
    close_both(q);
    account_end(a);
}

static void port_that_leaves_a_full_account_tells_its_other_end(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 1, 0);
    pair_t p = channel(a), q = channel(a), r = channel(a), to = channel(NULL);
    int told = 0, r_told = 0;
    ok(send_text(p.a, "x"));
    cay__port_set_sink(q.a, &drained_ops, &told);
    cay__port_set_sink(r.a, &drained_ops, &r_told);
    gives(CAY_EAGAIN, send_text(q.a, "x"));
    gives(CAY_EAGAIN, send_text(r.a, "x"));
    cay__port_set_account(q.b, NULL);
    assert_int_equal(told, 1);
    ok(send_port(to.a, r.b));
    assert_int_equal(r_told, 1);
    close_both(p);
    close_both(q);
    cay_port_close(r.a);
    close_both(to);
    account_end(a);
}

/* ---- waiting ---- */

typedef struct poster {
    cay_port_t *port;
    int rc;
    cay_thread_t thread;
} poster_t;

static void poster_main(void *arg) {
    poster_t *p = arg;
    p->rc = cay_port_wait_room(p->port, CAY_FOREVER);
}

/* Starts a thread that waits for room, and returns once it sleeps. */
static void poster_start(poster_t *p, cay_port_t *port, int nth) {
    *p = (poster_t){.port = port, .rc = 1};
    p->thread = start(poster_main, p);
    await_posters(port, nth);
}

static void room_at_once_is_not_waited_for(void **state) {
    (void)state;
    worker_t x = bounded(2);
    pair_t p = channel(NULL);
    ok(cay_port_wait_room(p.a, 0));
    ok(cay_port_wait_room(x.outer, 0));
    ok(cay_port_wait_room(x.inner, CAY_FOREVER));
    ok(send_text(x.outer, "x"));
    ok(cay_port_wait_room(x.outer, 0));
    gives(CAY_EINVAL, cay_port_wait_room(NULL, 0));
    close_both(p);
    free_both(x);
}

static void full_queue_times_out_and_is_told_of_later(void **state) {
    (void)state;
    worker_t x = bounded(4);
    for (int i = 0; i < 4; i++) {
        ok(send_text(x.inner, "x"));
    }
    gives(CAY_ETIMEDOUT, cay_port_wait_room(x.inner, 0)); /* full, though nothing was refused */
    uint64_t start_ns = cay__clock_mono();
    gives(CAY_ETIMEDOUT, cay_port_wait_room(x.inner, 5));
    assert_true(cay__clock_mono() - start_ns >= 5 * CAY_NS_PER_MS);
    drop_events(x.w, 1);
    gives(CAY_ETIMEDOUT, cay_port_wait_room(x.inner, 0)); /* not half empty */
    drop_events(x.w, 1);
    ok(cay_port_wait_room(x.inner, 0));
    free_both(x);
}

static void receiver_wakes_every_poster(void **state) {
    (void)state;
    worker_t x = bounded(2);
    fill(x.outer);
    poster_t p[3];
    for (int i = 0; i < 3; i++) {
        poster_start(&p[i], x.outer, i + 1);
    }
    drop_next(x.inner);
    for (int i = 0; i < 3; i++) {
        cay__thread_join(&p[i].thread);
        ok(p[i].rc);
    }
    assert_null(x.outer->posters);
    expect_drain(x.w);
    free_both(x);
}

static void close_wakes_a_poster(void **state) {
    (void)state;
    pair_t p = channel(NULL);
    fill(p.a);
    poster_t x;
    poster_start(&x, p.a, 1);
    cay_port_close(p.b);
    cay__thread_join(&x.thread);
    gives(CAY_ECLOSED, x.rc);
    gives(CAY_ECLOSED, cay_port_wait_room(p.a, CAY_FOREVER));
    cay_port_close(p.a);
}

static void terminate_and_the_end_wake_posters_on_both_sides(void **state) {
    (void)state;
    for (int final = 0; final < 2; final++) {
        worker_t x = bounded(1);
        fill(x.outer);
        fill(x.inner);
        poster_t host, guest;
        poster_start(&host, x.outer, 1);
        poster_start(&guest, x.inner, 1);
        if (final) {
            ok(post_final(x.in, CAY_REASON_CLOSED));
        } else {
            cay_worker_terminate(x.w);
        }
        cay__thread_join(&host.thread);
        cay__thread_join(&guest.thread);
        gives(final ? CAY_ECLOSED : CAY_ETERMINATED, host.rc);
        gives(final ? CAY_ECLOSED : CAY_ETERMINATED, guest.rc);
        free_both(x);
    }
}

static void poke_wakes_a_poster(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 1, 0);
    pair_t p = channel(a), q = channel(a);
    ok(send_text(p.a, "x"));
    poster_t x;
    poster_start(&x, q.a, 1);
    drop_next(p.b);
    assert_true(cay__account_drained(a));
    cay__port_poke(q.b);
    cay__thread_join(&x.thread);
    ok(x.rc);
    close_both(p);
    close_both(q);
    account_end(a);
}

static void port_that_a_poster_waits_on_stays(void **state) {
    (void)state;
    pair_t p = channel(NULL), q = channel(NULL);
    fill(q.a);
    poster_t x;
    poster_start(&x, q.a, 1);
    gives(CAY_EBUSY, cay__port_may_move(q.a));
    gives(CAY_EBUSY, send_port(p.a, q.a));
    cay_port_close(q.b);
    cay__thread_join(&x.thread);
    gives(CAY_ECLOSED, x.rc);
    cay_port_close(q.a);
    close_both(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(refused_by_the_account_is_told_by_a_poke),
        balanced(poke_without_enough_room_is_asked_for_again),
        balanced(refused_for_memory_is_told_when_there_is_some),
        balanced(memory_that_is_enough_for_one_is_not_told_to_the_other),
        balanced(stream_of_a_nested_worker_is_poked_as_well),
        balanced(port_that_arrives_tells_its_other_end),
        balanced(port_that_leaves_a_full_account_tells_its_other_end),
        balanced(room_at_once_is_not_waited_for),
        balanced(full_queue_times_out_and_is_told_of_later),
        balanced(receiver_wakes_every_poster),
        balanced(close_wakes_a_poster),
        balanced(terminate_and_the_end_wake_posters_on_both_sides),
        balanced(poke_wakes_a_poster),
        balanced(port_that_a_poster_waits_on_stays),
    };
    return cmocka_run_group_tests_name("room", tests, NULL, NULL);
}
