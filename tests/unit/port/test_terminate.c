/* SPDX-License-Identifier: MIT */
/* Terminate from outside and close() from inside, on one thread: what is still delivered and what is not. */
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

/* ---- terminate ---- */

static void terminate_withholds_messages_and_keeps_events(void **state) {
    (void)state;
    pair_t p = handles();
    cay_port_t *a, *b;
    ok(cay_channel_new(&a, &b));
    ok(send_text(cay_inside_port(p.in), "1"));
    ok(post_error(p.in, "oops"));
    ok(send_port(cay_inside_port(p.in), b));
    ok(post_error(p.in, "again"));
    cay_worker_terminate(p.w);
    assert_true(cay_inside_is_terminated(p.in));
    gives(CAY_ETERMINATED, send_text(cay_inside_port(p.in), "2"));
    gives(CAY_ETERMINATED, send_text(cay_worker_port(p.w), "3"));
    ok(post_error(p.in, "late"));
    expect_event_error(p.w, "oops");
    expect_event_error(p.w, "again");
    expect_event_error(p.w, "late");
    cay_event_t *ev;
    gives(CAY_ETIMEDOUT, cay_worker_next_event(p.w, 0, &ev));
    cay_inside_free(p.in);
    assert_true(cay_port_is_closed(a)); /* the withheld message was freed */
    expect_final(p.w, CAY_EVENT_CLOSE, CAY_REASON_TERMINATED);
    cay_worker_terminate(p.w);
    cay_worker_free(p.w);
    cay_port_close(a);
}

/* However much waits, terminate looks at none of it; the worker's side frees it when it ends. */
static void terminate_leaves_the_freeing_to_the_inside(void **state) {
    (void)state;
    pair_t p = handles();
    int64_t idle = cay__mem_live();
    for (int i = 0; i < 1000; i++) {
        ok(send_text(cay_inside_port(p.in), "x"));
        ok(send_text(cay_worker_port(p.w), "x"));
    }
    int64_t full = cay__mem_live();
    cay_worker_terminate(p.w);
    assert_int_equal(cay__mem_live(), full);
    cay_inside_free(p.in);
    assert_int_equal(cay__mem_live(), idle);
    cay_worker_free(p.w);
}

static void terminate_after_the_end_still_withholds_messages(void **state) {
    (void)state;
    pair_t p = handles();
    ok(send_text(cay_inside_port(p.in), "unread"));
    ok(post_final(p.in, CAY_REASON_CLOSED));
    cay_worker_terminate(p.w);
    assert_false(cay_inside_is_terminated(p.in));
    expect_final(p.w, CAY_EVENT_CLOSE, CAY_REASON_CLOSED);
    free_both(p);
}

static void terminate_makes_receiving_inside_fail(void **state) {
    (void)state;
    pair_t p = handles();
    ok(send_text(cay_worker_port(p.w), "unread"));
    int fd = cay_port_fd(cay_inside_port(p.in));
    expect_text(cay_inside_port(p.in), "unread");
    assert_false(polls_readable(fd));
    ok(send_text(cay_worker_port(p.w), "unread"));
    cay_worker_terminate(p.w);
    cay_message_t *m;
    gives(CAY_ETERMINATED, cay_port_receive(cay_inside_port(p.in), CAY_FOREVER, &m));
    gives(CAY_ETERMINATED, cay__port_take(cay_inside_port(p.in), &m));
    assert_true(polls_readable(fd));
    free_both(p);
}

static void count_terminate(void *ctx) {
    ++*(int *)ctx;
}
static const cay_inside_ops_t count_ops = {count_terminate};

static void inside_ops_are_told_once(void **state) {
    (void)state;
    pair_t p = handles();
    int told = 0;
    cay__inside_set_ops(p.in, &count_ops, &told);
    assert_int_equal(told, 0);
    cay_worker_terminate(p.w);
    cay_worker_terminate(p.w);
    assert_int_equal(told, 1);
    cay_worker_free(p.w);
    assert_int_equal(told, 1);
    cay__inside_set_ops(p.in, NULL, NULL);
    cay_inside_free(p.in);
}

static void inside_ops_bound_late_are_told_at_once(void **state) {
    (void)state;
    pair_t p = handles();
    int told = 0;
    cay_worker_terminate(p.w);
    cay__inside_set_ops(p.in, &count_ops, &told);
    assert_int_equal(told, 1);
    cay__inside_set_ops(p.in, NULL, NULL);
    cay_worker_free(p.w);
    assert_int_equal(told, 1);
    cay_inside_free(p.in);
}

/* ---- close() of the worker ---- */

static void posts_after_stop_are_dropped_without_error(void **state) {
    (void)state;
    pair_t p = handles();
    cay_port_t *a, *b;
    ok(cay_channel_new(&a, &b));
    ok(send_text(cay_inside_port(p.in), "before"));
    cay__inside_stop_posting(p.in);
    ok(send_text(cay_inside_port(p.in), "after"));
    ok(send_port(cay_inside_port(p.in), b));
    assert_true(cay_port_is_closed(a));
    ok(post_error(p.in, "events still come"));
    ok(post_final(p.in, CAY_REASON_CLOSED));
    expect_event_message(p.w, "before");
    expect_event_error(p.w, "events still come");
    expect_final(p.w, CAY_EVENT_CLOSE, CAY_REASON_CLOSED);
    cay__inside_stop_posting(p.in);
    gives(CAY_ECLOSED, send_text(cay_inside_port(p.in), "after the end"));
    cay_port_close(a);
    free_both(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(terminate_withholds_messages_and_keeps_events),
        balanced(terminate_leaves_the_freeing_to_the_inside),
        balanced(terminate_after_the_end_still_withholds_messages),
        balanced(terminate_makes_receiving_inside_fail),
        balanced(inside_ops_are_told_once),
        balanced(inside_ops_bound_late_are_told_at_once),
        balanced(posts_after_stop_are_dropped_without_error),
    };
    return cmocka_run_group_tests_name("terminate", tests, NULL, NULL);
}
