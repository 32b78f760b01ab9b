/* SPDX-License-Identifier: MIT */
/* Being told of room after a post was refused: once, to whoever posts, by sink or event. */
#include "drain_util.h"

/* ---- sinks ---- */

static void sink_is_told_once_when_the_queue_is_half_empty(void **state) {
    (void)state;
    worker_t x = bounded(4);
    int told = 0;
    cay__port_set_sink(x.inner, &drained_ops, &told);
    for (int round = 1; round <= 3; round++) {
        while (send_text(x.inner, "x") == 0) {}
        gives(CAY_EAGAIN, send_text(x.inner, "x"));
        drop_events(x.w, 1);
        assert_int_equal(told, round - 1); /* 3 of 4 still wait */
        drop_events(x.w, 1);
        assert_int_equal(told, round);
        drop_events(x.w, 2);
        assert_int_equal(told, round);
        expect_no_event(x.w); /* the stream is the other end's */
    }
    free_both(x);
}

static void nobody_is_told_who_was_not_refused(void **state) {
    (void)state;
    worker_t x = bounded(4);
    int told = 0;
    cay__port_set_sink(x.inner, &drained_ops, &told);
    for (int i = 0; i < 4; i++) {
        ok(send_text(x.inner, "x"));
        ok(send_text(x.outer, "x"));
    }
    drop_events(x.w, 4);
    for (int i = 0; i < 4; i++) {
        drop_next(x.inner);
    }
    cay__port_poke(x.inner);
    cay__port_poke(x.outer);
    assert_int_equal(told, 0);
    expect_no_event(x.w);
    free_both(x);
}

static void queue_of_one_is_told_when_it_is_empty(void **state) {
    (void)state;
    worker_t x = bounded(1);
    int told = 0;
    cay__port_set_sink(x.inner, &drained_ops, &told);
    assert_int_equal(fill(x.inner), 1);
    drop_events(x.w, 1);
    assert_int_equal(told, 1);
    free_both(x);
}

/* As a worker's port before it was started: it posts, and does not receive. */
static void sink_without_ready_hears_of_room_alone(void **state) {
    (void)state;
    pair_t p = channel(NULL);
    int told = 0;
    ok(send_text(p.b, "x"));
    cay__port_set_sink(p.a, &drained_ops, &told);
    ok(send_text(p.b, "x"));
    drop_next(p.a);
    drop_next(p.a);
    cay_message_t *m;
    gives(CAY_EAGAIN, cay__port_take(p.a, &m));
    ok(send_text(p.b, "x"));
    assert_int_equal(told, 0);
    unsigned n = fill(p.a);
    while (n-- > CAY_MAX_MESSAGES / 2) {
        drop_next(p.b);
    }
    assert_int_equal(told, 1);
    close_both(p);
}

static void bytes_have_to_be_half_gone_as_well(void **state) {
    (void)state;
    pair_t p = channel(NULL);
    int told = 0;
    cay__port_set_sink(p.a, &drained_ops, &told);
    for (int i = 0; i < 4; i++) {
        ok(send_sized(p.a, 4 * MIB));
    }
    gives(CAY_EAGAIN, send_sized(p.a, 1));
    drop_next(p.b);
    assert_int_equal(told, 0);
    drop_next(p.b); /* 8 of 16 */
    assert_int_equal(told, 1);
    close_both(p);
}

/* What is told is that the refused message would go in. */
static void larger_message_waits_until_it_fits(void **state) {
    (void)state;
    pair_t p = channel(NULL);
    int told = 0;
    cay__port_set_sink(p.a, &drained_ops, &told);
    ok(send_sized(p.a, 1));
    ok(send_sized(p.a, 1));
    gives(CAY_EAGAIN, send_sized(p.a, CAY_MAX_BYTES + 1));
    drop_next(p.b);
    assert_int_equal(told, 0);
    drop_next(p.b);
    assert_int_equal(told, 1);
    ok(send_sized(p.a, CAY_MAX_BYTES + 1));
    close_both(p);
}

static void closing_tells_nobody_of_room(void **state) {
    (void)state;
    pair_t p = channel(NULL);
    int told = 0;
    cay__port_set_sink(p.a, &drained_ops, &told);
    fill(p.a);
    cay_port_close(p.b);
    assert_int_equal(told, 0);
    cay__port_poke(p.a);
    cay_port_close(p.a);
    assert_int_equal(told, 0);
}

/* Its new holder was refused nothing. */
static void move_forgets_that_its_holder_was_refused(void **state) {
    (void)state;
    pair_t p = channel(NULL), q = channel(NULL);
    fill(q.b);
    ok(send_port(p.a, q.b));
    assert_ptr_equal(expect_port(p.b), q.b);
    int told = 0;
    cay__port_set_sink(q.b, &drained_ops, &told);
    for (unsigned i = 0; i < CAY_MAX_MESSAGES; i++) {
        drop_next(q.a);
    }
    assert_int_equal(told, 0);
    close_both(p);
    close_both(q);
}

/* ---- events ---- */

static void creator_gets_one_event(void **state) {
    (void)state;
    worker_t x = bounded(4);
    assert_int_equal(fill(x.outer), 4);
    gives(CAY_EAGAIN, send_text(x.outer, "x"));
    drop_next(x.inner);
    expect_no_event(x.w);
    drop_next(x.inner);
    drop_next(x.inner);
    expect_drain(x.w);
    expect_no_event(x.w);
    assert_int_equal(fill(x.outer), 3);
    drop_next(x.inner);
    drop_next(x.inner);
    expect_drain(x.w);
    free_both(x);
}

static void event_comes_in_the_order_of_the_stream_and_fits_a_full_one(void **state) {
    (void)state;
    worker_t x = bounded(1);
    for (unsigned i = 0; i < CAY_MAX_EVENTS; i++) {
        ok(post_error(x.in, "x"));
    }
    gives(CAY_EAGAIN, post_error(x.in, "x"));
    ok(send_text(x.inner, "x"));
    fill(x.outer);
    drop_next(x.inner);
    ok(post_final(x.in, CAY_REASON_CLOSED));
    drop_events(x.w, CAY_MAX_EVENTS);
    expect_event_message(x.w, "x");
    expect_drain(x.w);
    expect_final(x.w, CAY_EVENT_CLOSE, CAY_REASON_CLOSED);
    free_both(x);
}

/* Who reads the first finds room whatever was refused before that. */
static void unread_event_stands_for_later_ones(void **state) {
    (void)state;
    worker_t x = bounded(2);
    for (int i = 0; i < 3; i++) {
        fill(x.outer);
        drop_next(x.inner);
        drop_next(x.inner);
    }
    expect_drain(x.w);
    expect_no_event(x.w);
    fill(x.outer);
    drop_next(x.inner);
    expect_drain(x.w);
    free_both(x);
}

static void event_needs_no_memory(void **state) {
    (void)state;
    worker_t x = bounded(1);
    fill(x.outer);
    cay_message_t *m = NULL;
    cay__mem_fail_at(1, true);
    int rc = cay__port_take(x.inner, &m);
    cay__mem_fail_at(0, false);
    ok(rc);
    cay_message_free(m);
    cay_event_t *ev = NULL;
    cay__mem_fail_at(1, true);
    rc = cay_worker_next_event(x.w, 0, &ev);
    cay__mem_fail_at(0, false);
    gives(CAY_ENOMEM, rc); /* the reader has none for any event; this one still waits */
    expect_drain(x.w);
    free_both(x);
}

static void descriptor_and_sink_see_the_event(void **state) {
    (void)state;
    worker_t x = bounded(1);
    int told = 0;
    static const cay_sink_ops_t ops = {count, count};
    int fd = cay_worker_fd(x.w);
    cay__worker_set_sink(x.w, &ops, &told);
    fill(x.outer);
    assert_false(polls_readable(fd));
    drop_next(x.inner);
    assert_true(polls_readable(fd));
    assert_int_equal(told, 1); /* ready; a stream is not told twice */
    cay_event_t *ev = NULL;
    ok(cay__worker_take(x.w, &ev));
    assert_int_equal(ev->type, CAY_EVENT_DRAIN);
    cay_event_free(ev);
    assert_false(polls_readable(fd));
    free_both(x);
}

static void terminated_worker_has_no_room(void **state) {
    (void)state;
    worker_t x = bounded(1);
    fill(x.outer);
    drop_next(x.inner);
    ok(post_error(x.in, "kept"));
    cay_worker_terminate(x.w); /* takes back what nobody needs any more */
    expect_event_error(x.w, "kept");
    expect_no_event(x.w);
    free_both(x);

    x = bounded(1);
    fill(x.outer);
    ok(post_final(x.in, CAY_REASON_CLOSED));
    drop_next(x.inner);
    expect_final(x.w, CAY_EVENT_CLOSE, CAY_REASON_CLOSED);
    free_both(x);
}

static void unread_event_goes_with_its_handles(void **state) {
    (void)state;
    for (int order = 0; order < 2; order++) {
        worker_t x = bounded(1);
        fill(x.outer);
        drop_next(x.inner);
        if (order) {
            cay_inside_free(x.in);
            cay_worker_free(x.w);
        } else {
            cay_worker_free(x.w);
            cay_inside_free(x.in);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(sink_is_told_once_when_the_queue_is_half_empty),
        balanced(nobody_is_told_who_was_not_refused),
        balanced(queue_of_one_is_told_when_it_is_empty),
        balanced(sink_without_ready_hears_of_room_alone),
        balanced(bytes_have_to_be_half_gone_as_well),
        balanced(larger_message_waits_until_it_fits),
        balanced(closing_tells_nobody_of_room),
        balanced(move_forgets_that_its_holder_was_refused),
        balanced(creator_gets_one_event),
        balanced(event_comes_in_the_order_of_the_stream_and_fits_a_full_one),
        balanced(unread_event_stands_for_later_ones),
        balanced(event_needs_no_memory),
        balanced(descriptor_and_sink_see_the_event),
        balanced(terminated_worker_has_no_room),
        balanced(unread_event_goes_with_its_handles),
    };
    return cmocka_run_group_tests_name("drain", tests, NULL, NULL);
}
