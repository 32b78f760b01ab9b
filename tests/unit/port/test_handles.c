/* SPDX-License-Identifier: MIT */
/* The paired handles on one thread: the stream, its one end, join, both orders of freeing. */
#include "util.h"

typedef struct pair {
    cay_worker_t *w;
    cay_inside_t *in;
} pair_t;

static pair_t handles(void) {
    pair_t p;
    ok(cay_handles_new(NULL, &p.w, &p.in));
    return p;
}

static void free_both(pair_t p) {
    cay_inside_free(p.in);
    cay_worker_free(p.w);
}

static void options_are_read_by_their_size(void **state) {
    (void)state;
    struct {
        cay_handles_options_t o;
        uint64_t newer;
    } big = {CAY_HANDLES_OPTIONS_INIT, 0};
    pair_t p = {NULL, NULL};
    big.o.name = "fred";
    big.o.size = sizeof big;
    ok(cay_handles_new(&big.o, &p.w, &p.in));
    assert_string_equal(cay_worker_name(p.w), "fred");
    assert_string_equal(cay__inside_name(p.in), "fred");
    free_both(p);
    p = (pair_t){NULL, NULL};
    big.newer = 1;
    gives(CAY_E2BIG, cay_handles_new(&big.o, &p.w, &p.in));
    big.o.size = 0;
    gives(CAY_EINVAL, cay_handles_new(&big.o, &p.w, &p.in));
    gives(CAY_EINVAL, cay_handles_new(NULL, NULL, &p.in));
    gives(CAY_EINVAL, cay_handles_new(NULL, &p.w, NULL));
    assert_null(p.w);
    assert_null(p.in);
}

static void ids_are_never_given_twice(void **state) {
    (void)state;
    pair_t p = handles();
    uint64_t id = cay_worker_id(p.w);
    assert_int_equal(cay__inside_id(p.in), id);
    assert_string_equal(cay_worker_name(p.w), "");
    free_both(p);
    p = handles();
    assert_true(cay_worker_id(p.w) > id);
    free_both(p);
}

static void messages_and_events_share_one_order(void **state) {
    (void)state;
    pair_t p = handles();
    cay_event_t online = {.type = CAY_EVENT_ONLINE};
    ok(cay_inside_post_event(p.in, &online));
    ok(send_text(cay_inside_port(p.in), "1"));
    ok(post_error(p.in, "oops"));
    ok(send_text(cay_inside_port(p.in), "2"));
    ok(post_final(p.in, CAY_REASON_CLOSED));
    cay_event_t *ev = NULL;
    ok(cay_worker_next_event(p.w, 0, &ev));
    assert_int_equal(ev->type, CAY_EVENT_ONLINE);
    cay_event_free(ev);
    expect_event_message(p.w, "1");
    expect_event_error(p.w, "oops");
    expect_event_message(p.w, "2");
    expect_final(p.w, CAY_EVENT_CLOSE, CAY_REASON_CLOSED);
    free_both(p);
}

static void host_messages_reach_the_inside(void **state) {
    (void)state;
    pair_t p = handles();
    ok(send_text(cay_worker_port(p.w), "hello"));
    expect_text(cay_inside_port(p.in), "hello");
    cay_message_t *m;
    gives(CAY_ETIMEDOUT, cay_port_receive(cay_inside_port(p.in), 0, &m));
    free_both(p);
}

static void stream_is_not_read_through_the_port(void **state) {
    (void)state;
    pair_t p = handles();
    cay_message_t *m;
    gives(CAY_EBUSY, cay_port_receive(cay_worker_port(p.w), 0, &m));
    gives(CAY_EBUSY, cay__port_take(cay_worker_port(p.w), &m));
    gives(CAY_EBUSY, cay_port_fd(cay_worker_port(p.w)));
    free_both(p);
}

static void main_ports_stay_with_their_handles(void **state) {
    (void)state;
    pair_t p = handles();
    cay_port_t *a, *b;
    ok(cay_channel_new(&a, &b));
    gives(CAY_ECLONE, cay__port_may_move(cay_worker_port(p.w)));
    gives(CAY_ECLONE, send_port(a, cay_inside_port(p.in)));
    cay_port_close(cay_worker_port(p.w)); /* not the caller's: nothing happens */
    cay_port_close(cay_inside_port(p.in));
    ok(send_text(cay_worker_port(p.w), "x"));
    expect_text(cay_inside_port(p.in), "x");
    cay_port_close(a);
    cay_port_close(b);
    free_both(p);
}

static void ports_travel_through_a_worker(void **state) {
    (void)state;
    pair_t p = handles();
    cay_port_t *a, *b;
    ok(cay_channel_new(&a, &b));
    ok(send_port(cay_worker_port(p.w), b));
    b = expect_port(cay_inside_port(p.in));
    ok(send_port(cay_inside_port(p.in), b));
    cay_event_t *ev = NULL;
    ok(cay_worker_next_event(p.w, 0, &ev));
    cay_message_t *m = cay_event_take_message(ev);
    assert_null(cay_event_take_message(ev));
    cay_event_free(ev);
    assert_ptr_equal(m->cargo.ports[0], b);
    cay_message_free(m);
    assert_true(cay_port_is_closed(a));
    cay_port_close(a);
    free_both(p);
}

/* ---- the one end ---- */

static void only_the_first_final_event_counts(void **state) {
    (void)state;
    pair_t p = handles();
    ok(post_final(p.in, CAY_REASON_CLOSED));
    gives(CAY_ECLOSED, post_final(p.in, CAY_REASON_HEAP));
    gives(CAY_ECLOSED, post_error(p.in, "late"));
    gives(CAY_ECLOSED, send_text(cay_inside_port(p.in), "late"));
    gives(CAY_ECLOSED, send_text(cay_worker_port(p.w), "late"));
    assert_true(cay_port_is_closed(cay_worker_port(p.w)));
    cay_inside_free(p.in);
    expect_final(p.w, CAY_EVENT_CLOSE, CAY_REASON_CLOSED);
    cay_worker_free(p.w);
}

static void final_event_carries_reason_code_error_and_usage(void **state) {
    (void)state;
    pair_t p = handles();
    cay_event_t ev = {.type = CAY_EVENT_TERMINAL_ERROR};
    ev.u.end.reason = CAY_REASON_MAIN_MODULE;
    ev.u.end.exit_code = 7;
    ev.u.end.error.name = "TypeError";
    ev.u.end.error.stack = "TypeError: x\n    at y";
    ev.u.end.error.line = 12;
    ev.u.end.usage.slices = 5;
    ok(cay_inside_post_event(p.in, &ev));
    cay_inside_free(p.in);
    cay_event_t *got = NULL;
    ok(cay_worker_next_event(p.w, 0, &got));
    assert_int_equal(got->type, CAY_EVENT_TERMINAL_ERROR);
    assert_int_equal(got->size, sizeof *got);
    assert_int_equal(got->u.end.reason, CAY_REASON_MAIN_MODULE);
    assert_int_equal(got->u.end.exit_code, 7);
    assert_string_equal(got->u.end.error.name, "TypeError");
    assert_null(got->u.end.error.message);
    assert_string_equal(got->u.end.error.stack, "TypeError: x\n    at y");
    assert_int_equal(got->u.end.error.line, 12);
    assert_int_equal(got->u.end.usage.slices, 5);
    cay_event_free(got);
    cay_worker_free(p.w);
}

static void end_that_the_library_makes_names_no_limit(void **state) {
    (void)state;
    pair_t p = handles();
    cay_inside_free(p.in);
    cay_event_t *ev = NULL;
    ok(cay_worker_next_event(p.w, 0, &ev));
    assert_int_equal(ev->u.end.limit.which, CAY_LIMIT_NONE);
    cay_event_free(ev);
    cay_worker_free(p.w);
}

static void silent_inside_is_told_as_lost(void **state) {
    (void)state;
    pair_t p = handles();
    ok(send_text(cay_inside_port(p.in), "last"));
    cay_inside_free(p.in);
    expect_event_message(p.w, "last");
    expect_final(p.w, CAY_EVENT_TERMINAL_ERROR, CAY_REASON_LOST);
    cay_worker_free(p.w);
}

static void silent_inside_after_terminate_is_told_with_its_reason(void **state) {
    (void)state;
    const cay_reason_t reasons[] = {CAY_REASON_TERMINATED, CAY_REASON_SHUTDOWN,
                                    CAY_REASON_PARENT_GONE};
    for (size_t i = 0; i < CAY_COUNT(reasons); i++) {
        pair_t p = handles();
        cay__worker_terminate_as(p.w, reasons[i]);
        cay_worker_terminate(p.w); /* the first reason stays */
        assert_int_equal(cay__inside_reason(p.in), reasons[i]);
        cay_inside_free(p.in);
        expect_final(p.w, CAY_EVENT_CLOSE, reasons[i]);
        cay_worker_free(p.w);
    }
}

static void wrong_events_are_refused(void **state) {
    (void)state;
    pair_t p = handles();
    cay_event_t ev = {.type = CAY_EVENT_MESSAGE};
    gives(CAY_EINVAL, cay_inside_post_event(p.in, &ev));
    ev.type = CAY_EVENT_DRAIN;
    gives(CAY_EINVAL, cay_inside_post_event(p.in, &ev));
    ev.type = 0;
    gives(CAY_EINVAL, cay_inside_post_event(p.in, &ev));
    ev.type = 1000;
    gives(CAY_EINVAL, cay_inside_post_event(p.in, &ev));
    gives(CAY_EINVAL, cay_inside_post_event(p.in, NULL));
    gives(CAY_EINVAL, cay_inside_post_event(NULL, &ev));
    cay_event_t *out;
    gives(CAY_ETIMEDOUT, cay_worker_next_event(p.w, 0, &out));
    free_both(p);
}

static int post_plain(cay_inside_t *in, cay_event_type_t type) {
    cay_event_t ev = {.type = type};
    return cay_inside_post_event(in, &ev);
}

static void control_events_of_every_kind_share_one_bound(void **state) {
    (void)state;
    static const cay_event_type_t kinds[] = {CAY_EVENT_ONLINE, CAY_EVENT_ERROR, CAY_EVENT_LIMIT,
                                             CAY_EVENT_OVERDUE};
    pair_t p = handles();
    for (unsigned i = 0; i < CAY_MAX_EVENTS; i++) {
        ok(post_plain(p.in, kinds[i % CAY_COUNT(kinds)]));
    }
    for (size_t i = 0; i < CAY_COUNT(kinds); i++) {
        gives(CAY_EAGAIN, post_plain(p.in, kinds[i]));
    }
    cay_event_t *ev = NULL;
    for (unsigned i = 0; i < CAY_COUNT(kinds); i++) {
        ok(cay_worker_next_event(p.w, 0, &ev));
        assert_int_equal(ev->type, kinds[i]);
        cay_event_free(ev);
        ok(post_plain(p.in, kinds[i]));
        gives(CAY_EAGAIN, post_plain(p.in, kinds[i]));
    }
    free_both(p);
}

static void limit_events_carry_which_limit_and_how_far(void **state) {
    (void)state;
    pair_t p = handles();
    cay_event_t ev = {.type = CAY_EVENT_LIMIT};
    ev.u.limit = (cay_event_limit_t){CAY_LIMIT_WALL, 1, 5000, 5001};
    ok(cay_inside_post_event(p.in, &ev));
    cay_event_t *got = NULL;
    ok(cay_worker_next_event(p.w, 0, &got));
    assert_int_equal(got->type, CAY_EVENT_LIMIT);
    assert_memory_equal(&got->u.limit, &ev.u.limit, sizeof ev.u.limit);
    cay_event_free(got);
    free_both(p);
}

static void flood_of_errors_is_bounded_and_the_end_still_fits(void **state) {
    (void)state;
    pair_t p = handles();
    unsigned n = 0;
    int rc;
    while ((rc = post_error(p.in, "again")) == 0 && n <= CAY_MAX_EVENTS) {
        n++;
    }
    gives(CAY_EAGAIN, rc);
    assert_int_equal(n, CAY_MAX_EVENTS);
    ok(post_final(p.in, CAY_REASON_UNCAUGHT));
    for (unsigned i = 0; i < n; i++) {
        expect_event_error(p.w, "again");
    }
    expect_final(p.w, CAY_EVENT_CLOSE, CAY_REASON_UNCAUGHT);
    free_both(p);
}

static void errors_are_bounded_by_their_bytes(void **state) {
    (void)state;
    pair_t p = handles();
    char *text = malloc(200000);
    memset(text, 'x', 199999);
    text[199999] = 0;
    unsigned n = 0;
    while (n < CAY_MAX_EVENTS && post_error(p.in, text) == 0) {
        n++;
    }
    free(text);
    assert_in_range(n, 200, 256); /* of 64 KiB each */
    cay_event_t *ev = NULL;
    ok(cay_worker_next_event(p.w, 0, &ev));
    assert_int_equal(strlen(ev->u.error.error.message), CAY_EVENT_TEXT_MAX);
    cay_event_free(ev);
    ok(post_error(p.in, "room again"));
    free_both(p);
}

/* ---- freeing ---- */

static void count_terminate(void *ctx) {
    ++*(int *)ctx;
}
static const cay_inside_ops_t count_ops = {count_terminate};

static void worker_freed_first_terminates_the_inside(void **state) {
    (void)state;
    pair_t p = handles();
    int told = 0;
    cay__inside_set_ops(p.in, &count_ops, &told);
    ok(post_error(p.in, "unread"));
    ok(send_text(cay_inside_port(p.in), "unread"));
    cay_worker_free(p.w);
    assert_int_equal(told, 1);
    assert_true(cay_inside_is_terminated(p.in));
    ok(post_error(p.in, "nobody reads this"));
    gives(CAY_ETERMINATED, send_text(cay_inside_port(p.in), "nor this"));
    ok(post_final(p.in, CAY_REASON_TERMINATED));
    gives(CAY_ECLOSED, post_final(p.in, CAY_REASON_TERMINATED));
    cay_inside_free(p.in);
    cay_worker_free(NULL);
    cay_inside_free(NULL);
}

static void join_waits_for_the_inside_handle_and_leaves_events(void **state) {
    (void)state;
    pair_t p = handles();
    gives(CAY_ETIMEDOUT, cay_worker_join(p.w, 0));
    ok(send_text(cay_inside_port(p.in), "x"));
    ok(post_final(p.in, CAY_REASON_CLOSED));
    gives(CAY_ETIMEDOUT, cay_worker_join(p.w, 1)); /* ended, but not gone */
    cay_inside_free(p.in);
    ok(cay_worker_join(p.w, CAY_FOREVER));
    ok(cay_worker_join(p.w, 0));
    expect_event_message(p.w, "x");
    expect_final(p.w, CAY_EVENT_CLOSE, CAY_REASON_CLOSED);
    cay_worker_free(p.w);
}

static void worker_descriptor_follows_the_stream(void **state) {
    (void)state;
    pair_t p = handles();
    int fd = cay_worker_fd(p.w);
    assert_false(polls_readable(fd));
    ok(send_text(cay_inside_port(p.in), "x"));
    assert_true(polls_readable(fd));
    cay_worker_terminate(p.w);
    assert_false(polls_readable(fd)); /* there is nothing to take any more */
    ok(post_error(p.in, "oops"));
    assert_true(polls_readable(fd));
    expect_event_error(p.w, "oops");
    assert_false(polls_readable(fd));
    ok(post_final(p.in, CAY_REASON_TERMINATED));
    assert_true(polls_readable(fd));
    expect_final(p.w, CAY_EVENT_CLOSE, CAY_REASON_TERMINATED);
    assert_true(polls_readable(fd)); /* and for ever */
    cay_inside_free(p.in);
    assert_true(polls_readable(fd));
    cay_worker_free(p.w);
}

static void parent_takes_events_through_a_sink(void **state) {
    (void)state;
    pair_t p = handles();
    int told = 0;
    cay_event_t *ev = NULL;
    static const cay_sink_ops_t ops = {.ready = count_terminate};
    cay__worker_set_sink(p.w, &ops, &told);
    gives(CAY_EAGAIN, cay__worker_take(p.w, &ev));
    ok(send_text(cay_inside_port(p.in), "x"));
    ok(post_final(p.in, CAY_REASON_CLOSED));
    assert_int_equal(told, 1);
    ok(cay__worker_take(p.w, &ev));
    assert_int_equal(ev->type, CAY_EVENT_MESSAGE);
    cay_event_free(ev);
    ok(cay__worker_take(p.w, &ev));
    assert_int_equal(ev->type, CAY_EVENT_CLOSE);
    cay_event_free(ev);
    gives(CAY_ECLOSED, cay__worker_take(p.w, &ev));
    cay__worker_set_sink(p.w, NULL, NULL);
    free_both(p);
}

static void null_handles_are_harmless(void **state) {
    (void)state;
    cay_event_t *ev;
    gives(CAY_EINVAL, cay_worker_next_event(NULL, 0, &ev));
    gives(CAY_EINVAL, cay_worker_fd(NULL));
    gives(CAY_EINVAL, cay_worker_join(NULL, 0));
    assert_null(cay_worker_port(NULL));
    assert_null(cay_inside_port(NULL));
    assert_int_equal(cay_worker_id(NULL), 0);
    assert_string_equal(cay_worker_name(NULL), "");
    assert_false(cay_inside_is_terminated(NULL));
    cay_worker_terminate(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(options_are_read_by_their_size),
        balanced(ids_are_never_given_twice),
        balanced(messages_and_events_share_one_order),
        balanced(host_messages_reach_the_inside),
        balanced(stream_is_not_read_through_the_port),
        balanced(main_ports_stay_with_their_handles),
        balanced(ports_travel_through_a_worker),
        balanced(only_the_first_final_event_counts),
        balanced(final_event_carries_reason_code_error_and_usage),
        balanced(end_that_the_library_makes_names_no_limit),
        balanced(silent_inside_is_told_as_lost),
        balanced(silent_inside_after_terminate_is_told_with_its_reason),
        balanced(wrong_events_are_refused),
        balanced(control_events_of_every_kind_share_one_bound),
        balanced(limit_events_carry_which_limit_and_how_far),
        balanced(flood_of_errors_is_bounded_and_the_end_still_fits),
        balanced(errors_are_bounded_by_their_bytes),
        balanced(worker_freed_first_terminates_the_inside),
        balanced(join_waits_for_the_inside_handle_and_leaves_events),
        balanced(worker_descriptor_follows_the_stream),
        balanced(parent_takes_events_through_a_sink),
        balanced(null_handles_are_harmless),
    };
    return cmocka_run_group_tests_name("handles", tests, NULL, NULL);
}
