/* SPDX-License-Identifier: MIT */
/* Ports on one thread: order, closing, moving, bounds, descriptors, sinks. */
#include "util.h"

typedef struct pair {
    cay_port_t *a, *b;
} pair_t;

static pair_t channel(void) {
    pair_t p;
    ok(cay_channel_new(&p.a, &p.b));
    return p;
}

static void close_both(pair_t p) {
    cay_port_close(p.a);
    cay_port_close(p.b);
}

static void messages_arrive_in_order_both_ways(void **state) {
    (void)state;
    pair_t p = channel();
    for (int i = 0; i < 3; i++) {
        ok(send_text(p.a, (const char *[]){"1", "2", "3"}[i]));
        ok(send_text(p.b, (const char *[]){"x", "y", "z"}[i]));
    }
    expect_text(p.b, "1");
    expect_text(p.b, "2");
    expect_text(p.b, "3");
    expect_text(p.a, "x");
    expect_text(p.a, "y");
    expect_text(p.a, "z");
    cay_message_t *m;
    gives(CAY_ETIMEDOUT, cay_port_receive(p.a, 0, &m));
    gives(CAY_EAGAIN, cay__port_take(p.b, &m));
    close_both(p);
}

static void closing_tells_the_peer_after_what_was_posted(void **state) {
    (void)state;
    pair_t p = channel();
    ok(send_text(p.a, "last words"));
    assert_false(cay_port_is_closed(p.b));
    cay_port_close(p.a);
    assert_true(cay_port_is_closed(p.b));
    gives(CAY_ECLOSED, send_text(p.b, "too late"));
    expect_text(p.b, "last words");
    cay_message_t *m;
    gives(CAY_ECLOSED, cay_port_receive(p.b, CAY_FOREVER, &m));
    gives(CAY_ECLOSED, cay__port_take(p.b, &m));
    cay_port_close(p.b);
}

static void misuse_is_refused(void **state) {
    (void)state;
    cay_port_t *a = NULL;
    cay_message_t *m = NULL;
    gives(CAY_EINVAL, cay_channel_new(&a, NULL));
    gives(CAY_EINVAL, cay_channel_new(NULL, &a));
    gives(CAY_EINVAL, cay_port_receive(NULL, 0, &m));
    gives(CAY_EINVAL, cay_port_fd(NULL));
    assert_true(cay_port_is_closed(NULL));
    cay_port_close(NULL);
    cay_message_free(NULL);
    pair_t p = channel();
    gives(CAY_EINVAL, cay_port_receive(p.a, 0, NULL));
    close_both(p);
}

static void error_tells_why_a_post_failed(void **state) {
    (void)state;
    pair_t p = channel();
    cay_port_close(p.b);
    cay_error_t *err = NULL;
    cay_message_t *m = text_message("x");
    gives(CAY_ECLOSED, cay__port_send(p.a, m, &err));
    gives(CAY_ECLOSED, cay_error_code(err));
    assert_true(strlen(cay_error_message(err)) > 0);
    cay_error_free(err);
    cay_message_free(m);
    cay_port_close(p.a);
}

/* ---- moving ports ---- */

static void port_keeps_its_queue_while_it_moves(void **state) {
    (void)state;
    pair_t p = channel(), q = channel();
    ok(send_text(q.a, "before"));
    ok(send_port(p.a, q.b));
    ok(send_text(q.a, "in transit"));
    cay_port_t *moved = expect_port(p.b);
    assert_ptr_equal(moved, q.b);
    ok(send_text(q.a, "after"));
    expect_text(moved, "before");
    expect_text(moved, "in transit");
    expect_text(moved, "after");
    ok(send_text(moved, "back"));
    expect_text(q.a, "back");
    close_both(p);
    close_both(q);
}

static void port_moves_many_times(void **state) {
    (void)state;
    pair_t p = channel(), q = channel();
    cay_port_t *moved = q.b;
    for (int i = 0; i < 100; i++) {
        ok(send_port(i % 2 ? p.b : p.a, moved));
        moved = expect_port(i % 2 ? p.a : p.b);
        ok(send_text(q.a, "x"));
    }
    for (int i = 0; i < 100; i++) {
        expect_text(moved, "x");
    }
    close_both(p);
    close_both(q);
}

static void port_cannot_move_through_itself_or_its_partner(void **state) {
    (void)state;
    pair_t p = channel();
    gives(CAY_ECLONE, send_port(p.a, p.a));
    gives(CAY_ECLONE, send_port(p.a, p.b));
    assert_true(cay__port_same_channel(p.a, p.b));
    ok(send_text(p.a, "still works"));
    expect_text(p.b, "still works");
    close_both(p);
}

static void port_with_ports_waiting_cannot_move(void **state) {
    (void)state;
    pair_t p = channel(), q = channel(), r = channel();
    ok(send_port(q.a, r.b));
    gives(CAY_ECLONE, cay__port_may_move(q.b));
    gives(CAY_ECLONE, send_port(p.a, q.b));
    cay_port_t *moved = expect_port(q.b);
    ok(cay__port_may_move(q.b));
    ok(send_port(p.a, q.b)); /* its queue is empty again */
    cay_port_close(moved);
    cay_port_close(r.a);
    close_both(p);
    cay_port_close(q.a);
}

static void two_ports_cannot_wait_in_each_other(void **state) {
    (void)state;
    pair_t p = channel(), q = channel();
    ok(send_port(p.a, q.b)); /* q.b waits in p.b */
    gives(CAY_ECLONE,
          send_port(q.a, p.b)); /* p.b would wait in q.b: nobody could ever close them */
    cay_port_close(p.b);
    assert_true(cay_port_is_closed(q.a));
    cay_port_close(p.a);
    cay_port_close(q.a);
}

static void port_listed_twice_is_refused_and_stays_usable(void **state) {
    (void)state;
    pair_t p = channel(), q = channel();
    cay_port_t *twice[] = {q.b, q.b};
    gives(CAY_ECLONE, try_send(p.a, ports_message(twice, 2)));
    cay_port_t *both[] = {q.a, q.b};
    ok(try_send(p.a, ports_message(both, 2)));
    close_both(p);
}

static void failed_post_moves_nothing(void **state) {
    (void)state;
    pair_t p = channel(), q = channel();
    int fd = cay_port_fd(q.b);
    cay_port_close(p.b);
    gives(CAY_ECLOSED, send_port(p.a, q.b));
    assert_int_equal(cay_port_fd(q.b), fd);
    ok(send_text(q.a, "x"));
    assert_true(polls_readable(fd));
    expect_text(q.b, "x");
    cay_port_close(p.a);
    close_both(q);
}

static void ready_counts(void *ctx) {
    ++*(int *)ctx;
}
static const cay_sink_ops_t count_ops = {.ready = ready_counts};

static void move_drops_sink_and_descriptor(void **state) {
    (void)state;
    pair_t p = channel(), q = channel();
    int told = 0, before = fd_count();
    cay__port_set_sink(q.b, &count_ops, &told);
    assert_true(cay_port_fd(q.b) >= 0);
    ok(send_port(p.a, q.b));
    assert_int_equal(fd_count(), before);
    ok(send_text(q.a, "x"));
    assert_int_equal(told, 0);
    cay_port_t *moved = expect_port(p.b);
    assert_true(polls_readable(cay_port_fd(moved)));
    close_both(p);
    close_both(q);
}

static void message_freed_unread_closes_its_ports(void **state) {
    (void)state;
    pair_t p = channel(), q = channel();
    ok(send_port(p.a, q.b));
    cay_message_t *m = NULL;
    ok(cay_port_receive(p.b, 0, &m));
    cay_message_free(m);
    assert_true(cay_port_is_closed(q.a));
    close_both(p);
    cay_port_close(q.a);
}

/* Ends stacked 100,000 deep: each waits in the queue of the one before. */
static void deep_chain_of_ports_is_freed(void **state) {
    (void)state;
    enum { DEPTH = 100000 };
    pair_t first = channel();
    cay_port_t *tail = first.a;
    cay_port_t **sides = malloc(DEPTH * sizeof *sides);
    for (int i = 0; i < DEPTH; i++) {
        pair_t p = channel();
        ok(send_port(tail, p.b));
        tail = sides[i] = p.a;
    }
    assert_false(cay_port_is_closed(tail));
    cay_port_close(first.b);
    assert_true(cay_port_is_closed(tail));
    for (int i = 0; i < DEPTH; i++) {
        cay_port_close(sides[i]);
    }
    free(sides);
    cay_port_close(first.a);
}

/* As above, when the outer sides have gone first: freeing the chain frees the channels as well. */
static void deep_chain_without_other_sides_is_freed(void **state) {
    (void)state;
    pair_t first = channel();
    cay_port_t *tail = first.a;
    for (int i = 0; i < 100000; i++) {
        pair_t p = channel();
        ok(send_port(tail, p.b));
        if (tail != first.a) {
            cay_port_close(tail);
        }
        tail = p.a;
    }
    cay_port_close(tail);
    close_both(first);
}

/* ---- bounds ---- */

static void full_mailbox_refuses_and_recovers(void **state) {
    (void)state;
    cay_handles_options_t o = CAY_HANDLES_OPTIONS_INIT;
    o.max_messages = 3;
    cay_worker_t *w;
    cay_inside_t *in;
    ok(cay_handles_new(&o, &w, &in));
    for (int i = 0; i < 3; i++) {
        ok(send_text(cay_worker_port(w), "x"));
        ok(send_text(cay_inside_port(in), "x"));
    }
    gives(CAY_EAGAIN, send_text(cay_worker_port(w), "x"));
    gives(CAY_EAGAIN, send_text(cay_inside_port(in), "x"));
    expect_text(cay_inside_port(in), "x");
    ok(send_text(cay_worker_port(w), "x"));
    gives(CAY_EAGAIN, send_text(cay_worker_port(w), "x"));
    cay_worker_free(w);
    cay_inside_free(in);
}

static void bytes_are_bounded_and_count_moved_buffers(void **state) {
    (void)state;
    cay_handles_options_t o = CAY_HANDLES_OPTIONS_INIT;
    o.max_bytes = 100;
    cay_worker_t *w;
    cay_inside_t *in;
    ok(cay_handles_new(&o, &w, &in));
    cay_port_t *port = cay_worker_port(w);
    cay_cargo_t cargo = {NULL, 0, cay__malloc(sizeof(cay_blob_t)), 1};
    static char data[60];
    cargo.blobs[0] = (cay_blob_t){data, sizeof data, NULL, NULL};
    cay_message_t *m;
    ok(cay__message_new(cay__malloc(10), 10, &cargo, &m));
    assert_null(cargo.blobs);
    ok(cay__port_send(port, m, NULL)); /* 70 of 100 */
    ok(cay__message_new(cay__malloc(31), 31, NULL, &m));
    gives(CAY_EAGAIN, cay__port_send(port, m, NULL));
    cay_message_free(m);
    ok(cay__message_new(cay__malloc(30), 30, NULL, &m));
    ok(cay__port_send(port, m, NULL));
    gives(CAY_EAGAIN, send_sized(port, 1));
    cay_worker_free(w);
    cay_inside_free(in);
}

static void larger_message_fits_an_empty_mailbox_alone(void **state) {
    (void)state;
    pair_t p = channel();
    ok(send_sized(p.a, 1));
    gives(CAY_EAGAIN, send_sized(p.a, CAY_MAX_BYTES)); /* 1 too many */
    drop_next(p.b);
    ok(send_sized(p.a, CAY_MAX_BYTES + 1));
    gives(CAY_EAGAIN, send_sized(p.a, 1));
    gives(CAY_EAGAIN, send_sized(p.a, CAY_MAX_SINGLE));
    drop_next(p.b);
    ok(send_sized(p.a, CAY_MAX_SINGLE));
    drop_next(p.b);
    ok(send_sized(p.a, CAY_MAX_BYTES));
    gives(CAY_EAGAIN, send_sized(p.a, 1));
    close_both(p);
}

static void message_past_the_largest_is_refused_by_name(void **state) {
    (void)state;
    pair_t p = channel();
    cay_error_t *err = NULL;
    cay_message_t *m = sized_message(CAY_MAX_SINGLE + 1);
    gives(CAY_ELIMIT, cay__port_send(p.a, m, &err));
    assert_string_equal(cay_error_message(err),
                        "the message is larger than the other end's mailbox");
    cay_error_free(err);
    cay_message_free(m);
    ok(cay_port_wait_room(p.a, 0)); /* it is no want of room that passes */
    close_both(p);
}

static void bounds_can_be_lifted(void **state) {
    (void)state;
    cay_handles_options_t o = CAY_HANDLES_OPTIONS_INIT;
    o.max_bytes = UINT64_MAX;
    o.max_messages = UINT64_MAX;
    cay_worker_t *w;
    cay_inside_t *in;
    ok(cay_handles_new(&o, &w, &in));
    for (unsigned i = 0; i <= CAY_MAX_MESSAGES; i++) {
        ok(send_sized(cay_worker_port(w), CAY_MAX_SINGLE + 1));
    }
    cay_worker_free(w);
    cay_inside_free(in);
}

static void usual_bound_of_messages_holds_each_way(void **state) {
    (void)state;
    pair_t p = channel();
    for (unsigned i = 0; i < CAY_MAX_MESSAGES; i++) {
        ok(send_text(p.a, "x"));
    }
    gives(CAY_EAGAIN, send_text(p.a, "x"));
    ok(send_text(p.b, "x"));
    close_both(p);
}

static void full_mailbox_refuses_ports_and_leaves_them(void **state) {
    (void)state;
    cay_handles_options_t o = CAY_HANDLES_OPTIONS_INIT;
    o.max_messages = 1;
    cay_worker_t *w;
    cay_inside_t *in;
    ok(cay_handles_new(&o, &w, &in));
    pair_t p = channel();
    int told = 0;
    cay__port_set_sink(p.b, &count_ops, &told);
    ok(send_text(cay_worker_port(w), "x"));
    gives(CAY_EAGAIN, send_port(cay_worker_port(w), p.b));
    ok(send_text(p.a, "x"));
    assert_int_equal(told, 1);
    close_both(p);
    cay_worker_free(w);
    cay_inside_free(in);
}

/* ---- being told ---- */

static void sink_is_told_once_per_drain(void **state) {
    (void)state;
    pair_t p = channel();
    int told = 0;
    cay_message_t *m;
    cay__port_set_sink(p.b, &count_ops, &told);
    assert_int_equal(told, 0);
    ok(send_text(p.a, "1"));
    ok(send_text(p.a, "2"));
    assert_int_equal(told, 1);
    expect_text(p.b, "1");
    ok(send_text(p.a, "3"));
    expect_text(p.b, "2");
    expect_text(p.b, "3");
    assert_int_equal(told, 1); /* it has not yet seen the queue empty */
    gives(CAY_EAGAIN, cay__port_take(p.b, &m));
    ok(send_text(p.a, "4"));
    assert_int_equal(told, 2);
    expect_text(p.b, "4");
    gives(CAY_EAGAIN, cay__port_take(p.b, &m));
    cay_port_close(p.a);
    assert_int_equal(told, 3);
    gives(CAY_ECLOSED, cay__port_take(p.b, &m));
    cay_port_close(p.b);
}

static void sink_bound_late_is_told_at_once(void **state) {
    (void)state;
    pair_t p = channel(), q = channel();
    int told = 0;
    ok(send_text(p.a, "x"));
    cay__port_set_sink(p.b, &count_ops, &told);
    assert_int_equal(told, 1);
    cay_port_close(q.a);
    cay__port_set_sink(q.b, &count_ops, &told);
    assert_int_equal(told, 2);
    cay__port_set_sink(p.b, NULL, NULL);
    ok(send_text(p.a, "y"));
    assert_int_equal(told, 2);
    close_both(p);
    cay_port_close(q.b);
}

static void descriptor_is_readable_exactly_while_receive_would_not_wait(void **state) {
    (void)state;
    int before = fd_count();
    pair_t p = channel();
    assert_int_equal(fd_count(), before);
    int fd = cay_port_fd(p.b);
    assert_true(fd >= 0);
    assert_int_equal(cay_port_fd(p.b), fd);
    assert_false(polls_readable(fd));
    ok(send_text(p.a, "1"));
    ok(send_text(p.a, "2"));
    assert_true(polls_readable(fd));
    expect_text(p.b, "1");
    assert_true(polls_readable(fd));
    expect_text(p.b, "2");
    assert_false(polls_readable(fd));
    cay_port_close(p.a);
    assert_true(polls_readable(fd));
    cay_message_t *m;
    gives(CAY_ECLOSED, cay_port_receive(p.b, 0, &m));
    assert_true(polls_readable(fd));
    cay_port_close(p.b);
    assert_int_equal(fd_count(), before);
}

static void idle_channel_is_small(void **state) {
    (void)state;
    assert_true(sizeof(cay_channel_t) <= 320);
    int64_t blocks = cay__mem_live();
    pair_t p = channel();
    assert_int_equal(cay__mem_live(), blocks + 1);
    close_both(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(messages_arrive_in_order_both_ways),
        balanced(closing_tells_the_peer_after_what_was_posted),
        balanced(misuse_is_refused),
        balanced(error_tells_why_a_post_failed),
        balanced(port_keeps_its_queue_while_it_moves),
        balanced(port_moves_many_times),
        balanced(port_cannot_move_through_itself_or_its_partner),
        balanced(port_with_ports_waiting_cannot_move),
        balanced(two_ports_cannot_wait_in_each_other),
        balanced(port_listed_twice_is_refused_and_stays_usable),
        balanced(failed_post_moves_nothing),
        balanced(move_drops_sink_and_descriptor),
        balanced(message_freed_unread_closes_its_ports),
        balanced(deep_chain_of_ports_is_freed),
        balanced(deep_chain_without_other_sides_is_freed),
        balanced(full_mailbox_refuses_and_recovers),
        balanced(bytes_are_bounded_and_count_moved_buffers),
        balanced(larger_message_fits_an_empty_mailbox_alone),
        balanced(message_past_the_largest_is_refused_by_name),
        balanced(bounds_can_be_lifted),
        balanced(usual_bound_of_messages_holds_each_way),
        balanced(full_mailbox_refuses_ports_and_leaves_them),
        balanced(sink_is_told_once_per_drain),
        balanced(sink_bound_late_is_told_at_once),
        balanced(descriptor_is_readable_exactly_while_receive_would_not_wait),
        balanced(idle_channel_is_small),
    };
    return cmocka_run_group_tests_name("port", tests, NULL, NULL);
}
