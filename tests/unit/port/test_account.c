/* SPDX-License-Identifier: MIT */
/* What waits is charged to whoever will receive it, on every path and once: looked at in the account's figures, which
 * have to be zero in the end. */
#include "account_util.h"

/* ---- queues ---- */

static void post_is_charged_to_the_receiver_until_it_is_taken(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 0);
    pair_t p = channel(a);
    ok(send_text(p.a, "1"));
    ok(send_text(p.a, "22"));
    expect_charges(a, 2, 5, 2);
    assert_int_equal(atomic_load(&a->tree), 5);
    ok(send_text(p.b, "the other way is somebody else's"));
    expect_charges(a, 2, 5, 2);
    expect_text(p.b, "1");
    expect_charges(a, 1, 3, 1);
    drop_next(p.b);
    expect_charges(a, 0, 0, 0);
    close_both(p);
    account_end(a);
}

static void main_port_is_charged_apart_from_the_shared_queues(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 1, 0);
    worker_t x = worker(a, NULL);
    pair_t p = channel(a);
    assert_ptr_equal(cay__worker_account(x.w), a);
    for (int i = 0; i < 3; i++) {
        ok(send_text(x.outer, "x"));
    }
    expect_charges(a, 3, 6, 0);
    ok(send_text(p.a, "x"));
    expect_charges(a, 4, 8, 1);
    gives(CAY_EAGAIN, send_text(p.a, "x"));
    ok(send_text(x.outer, "its creator gets through"));
    close_both(p);
    free_both(x);
    account_end(a);
}

static void stream_is_charged_to_the_worker_that_reads_it(void **state) {
    (void)state;
    cay_account_t *creator = account_new(NULL, 0, 0, 0), *a = account_new(creator, 0, 0, 0);
    worker_t x = worker(a, creator);
    ok(send_text(x.inner, "x"));
    ok(post_error(x.in, "events are not messages"));
    expect_charges(creator, 1, 2, 1);
    expect_charges(a, 0, 0, 0);
    expect_event_message(x.w, "x");
    expect_charges(creator, 0, 0, 0);
    free_both(x);
    account_end(a);
    account_end(creator);
}

static void stream_of_a_host_is_charged_to_nobody(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 0);
    worker_t x = worker(a, NULL);
    ok(send_text(x.inner, "x"));
    expect_charges(a, 0, 0, 0);
    free_both(x);
    account_end(a);
}

/* ---- refusals ---- */

static void queues_of_all_ports_share_one_bound(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 3, 0);
    pair_t p = channel(a), q = channel(a);
    ok(send_text(p.a, "1"));
    ok(send_text(p.a, "2"));
    ok(send_text(q.a, "3"));
    gives(CAY_EAGAIN, send_text(q.a, "4"));
    gives(CAY_EAGAIN, send_text(p.a, "4"));
    expect_charges(a, 3, 6, 3);
    drop_next(p.b);
    ok(send_text(q.a, "4"));
    close_both(p);
    close_both(q);
    account_end(a);
}

static void bytes_of_all_ports_share_one_bound_and_one_may_be_larger(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 100);
    pair_t p = channel(a), q = channel(a);
    ok(send_sized(p.a, 60));
    gives(CAY_EAGAIN, send_sized(q.a, 41));
    gives(CAY_EAGAIN, send_sized(q.a, 101));
    ok(send_sized(q.a, 40));
    drop_next(p.b);
    drop_next(q.b);
    ok(send_sized(q.a, 101));
    expect_charges(a, 1, 101, 1);
    gives(CAY_EAGAIN, send_sized(p.a, 1));
    close_both(p);
    close_both(q);
    account_end(a);
}

static void memory_refuses_what_may_fit_later(void **state) {
    (void)state;
    cay_account_t *root = account_new(NULL, 300, 0, 0), *a = account_new(root, 200, 0, 0);
    worker_t x = worker(a, NULL);
    cay__account_set(a, CAY_PART_HEAP, 150);
    gives(CAY_EAGAIN, send_sized(x.outer, 51));
    expect_charges(a, 0, 0, 0);
    ok(send_sized(x.outer, 50));
    drop_next(x.inner);
    cay__account_set(a, CAY_PART_HEAP, 0);
    cay__account_set(root, CAY_PART_HEAP, 150);
    gives(CAY_EAGAIN, send_sized(x.outer, 151)); /* for want of its creator's memory */
    ok(send_sized(x.outer, 150));
    free_both(x);
    cay__account_set(root, CAY_PART_HEAP, 0);
    account_end(a);
    account_end(root);
}

static void expect_too_large(cay_port_t *port, uint64_t cost, const char *text) {
    cay_error_t *err = NULL;
    cay_message_t *m = sized_message(cost);
    gives(CAY_ELIMIT, cay__port_send(port, m, &err));
    assert_string_equal(cay_error_message(err), text);
    cay_error_free(err);
    cay_message_free(m);
}

static void memory_refuses_by_name_what_never_fits(void **state) {
    (void)state;
    static const char text[] = "the message is larger than the other end's memory limit";
    cay_account_t *root = account_new(NULL, 300, 0, 0), *a = account_new(root, 400, 0, 0);
    pair_t p = channel(a);
    ok(send_sized(p.a, 1));
    expect_too_large(p.a, 301, text);
    expect_too_large(p.a, 401, text);
    gives(CAY_EAGAIN, send_sized(p.a, 300));
    drop_next(p.b);
    ok(send_sized(p.a, 300));
    close_both(p);
    account_end(a);
    account_end(root);
}

/* ---- ends ---- */

static void closing_the_receiver_gives_back(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 0);
    pair_t p = channel(a);
    ok(send_text(p.a, "x"));
    cay_port_close(p.b);
    account_end(a); /* while the other end still lives */
    gives(CAY_ECLOSED, send_text(p.a, "x"));
    cay_port_close(p.a);
}

static void closing_the_sender_leaves_the_charge(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 0);
    pair_t p = channel(a);
    ok(send_text(p.a, "x"));
    cay_port_close(p.a);
    expect_charges(a, 1, 2, 1);
    cay_port_close(p.b);
    account_end(a);
}

static void account_outlives_its_worker_while_messages_wait(void **state) {
    (void)state;
    cay_account_t *root = account_new(NULL, 0, 0, 0), *a = account_new(root, 0, 0, 0);
    pair_t p = channel(a);
    ok(send_text(p.a, "x"));
    cay__account_end(a);
    cay__account_unref(&a);
    assert_int_equal(atomic_load(&root->tree), 2);
    close_both(p);
    account_end(root);
}

static void terminate_gives_back_the_stream_and_the_inside_its_port(void **state) {
    (void)state;
    cay_account_t *creator = account_new(NULL, 0, 0, 0), *a = account_new(creator, 0, 0, 0);
    worker_t x = worker(a, creator);
    ok(send_text(x.inner, "x"));
    ok(post_error(x.in, "oops"));
    ok(send_text(x.outer, "x"));
    cay_worker_terminate(x.w);
    expect_charges(creator, 0, 0, 0);
    expect_charges(a, 1, 2, 0);
    cay_inside_free(x.in);
    expect_charges(a, 0, 0, 0);
    cay_worker_free(x.w);
    account_end(a);
    account_end(creator);
}

static void handles_freed_in_either_order_give_all_back(void **state) {
    (void)state;
    for (int order = 0; order < 2; order++) {
        cay_account_t *creator = account_new(NULL, 0, 0, 0), *a = account_new(creator, 0, 0, 0);
        worker_t x = worker(a, creator);
        pair_t p = channel(a);
        ok(send_text(p.a, "waits in a port in the stream"));
        ok(send_port(x.inner, p.b));
        ok(send_text(x.inner, "x"));
        ok(send_text(x.outer, "x"));
        if (order) {
            cay_inside_free(x.in);
            cay_worker_free(x.w);
        } else {
            cay_worker_free(x.w);
            cay_inside_free(x.in);
        }
        assert_true(cay_port_is_closed(p.a));
        cay_port_close(p.a);
        account_end(a);
        account_end(creator);
    }
}

static void final_event_leaves_the_charge_of_what_waits_before_it(void **state) {
    (void)state;
    cay_account_t *creator = account_new(NULL, 0, 0, 0);
    worker_t x = worker(NULL, creator);
    ok(send_text(x.inner, "x"));
    ok(post_final(x.in, CAY_REASON_CLOSED));
    expect_charges(creator, 1, 2, 1);
    cay_inside_free(x.in);
    expect_event_message(x.w, "x");
    expect_charges(creator, 0, 0, 0);
    cay_worker_free(x.w);
    account_end(creator);
}

static void swallowed_posts_are_charged_to_nobody(void **state) {
    (void)state;
    cay_account_t *creator = account_new(NULL, 0, 0, 0);
    worker_t x = worker(NULL, creator);
    pair_t p = channel(creator);
    ok(send_text(p.a, "x"));
    cay__inside_stop_posting(x.in);
    ok(send_text(x.inner, "x"));
    ok(send_port(x.inner, p.b));
    expect_charges(creator, 0, 0, 0);
    cay_port_close(p.a);
    free_both(x);
    account_end(creator);
}

/* ---- changing hands ---- */

static void account_can_be_set_while_messages_wait(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 0), *b = account_new(NULL, 0, 0, 0);
    pair_t p = channel(NULL);
    ok(send_text(p.a, "1"));
    ok(send_text(p.a, "2"));
    cay__port_set_account(p.b, a);
    expect_charges(a, 2, 4, 2);
    cay__port_set_account(p.b, a);
    expect_charges(a, 2, 4, 2);
    cay__port_set_account(p.b, b);
    expect_charges(a, 0, 0, 0);
    expect_charges(b, 2, 4, 2);
    expect_text(p.b, "1");
    cay__port_set_account(p.b, NULL);
    expect_charges(b, 0, 0, 0);
    expect_text(p.b, "2");
    close_both(p);
    account_end(a);
    account_end(b);
}

static void charge(cay_port_t *port, cay_account_t *a, bool shared) {
    cay__mutex_lock(&port->channel->lock);
    assert_null(cay__end_charge_to(port->channel, port, a, shared));
    cay__mutex_unlock(&port->channel->lock);
}

static void what_waits_can_leave_the_shared_queues_and_come_back(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 0);
    pair_t p = channel(a);
    ok(send_text(p.a, "x"));
    charge(p.b, a, false);
    expect_charges(a, 1, 2, 0);
    ok(send_text(p.a, "x"));
    expect_charges(a, 2, 4, 0);
    charge(p.b, a, true);
    expect_charges(a, 2, 4, 2);
    close_both(p);
    account_end(a);
}

static void port_on_its_way_is_charged_to_whom_it_goes_to(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 0), *b = account_new(NULL, 0, 0, 0);
    pair_t to_a = channel(a), to_b = channel(b), q = channel(NULL);
    ok(send_text(q.a, "1"));
    ok(send_port(to_a.a, q.b));
    expect_charges(a, 2, PORT + 2, 2);
    ok(send_text(q.a, "2"));
    expect_charges(a, 3, PORT + 4, 3);
    assert_ptr_equal(expect_port(to_a.b), q.b);
    expect_charges(a, 2, 4, 2);
    ok(send_port(to_b.a, q.b));
    expect_charges(a, 0, 0, 0);
    expect_charges(b, 3, PORT + 4, 3);
    assert_ptr_equal(expect_port(to_b.b), q.b);
    expect_text(q.b, "1");
    expect_charges(b, 1, 2, 1);
    close_both(q);
    close_both(to_a);
    close_both(to_b);
    account_end(a);
    account_end(b);
}

/* Until the host takes it, the worker that sent it pays for it, but not with its queues: a host that reads nothing
 * holds no more than its workers may. */
static void port_on_its_way_to_a_host_is_charged_to_its_sender(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 0);
    worker_t x = worker(a, NULL);
    pair_t q = channel(a), host = channel(NULL);
    ok(send_text(q.a, "1"));
    ok(send_port(x.inner, q.b));
    ok(send_text(q.a, "2"));
    expect_charges(a, 2, 4, 0);
    cay_message_t *m = next_message(x.w);
    expect_charges(a, 0, 0, 0);
    ok(send_text(q.a, "3"));
    expect_charges(a, 0, 0, 0);
    cay_message_free(m);
    cay_port_close(q.a);

    q = channel(a);
    ok(send_text(q.a, "1"));
    ok(send_port(host.a, q.b));
    expect_charges(a, 1, 2, 0);
    assert_ptr_equal(expect_port(host.b), q.b);
    expect_charges(a, 0, 0, 0);
    close_both(q);
    close_both(host);
    free_both(x);
    account_end(a);
}

static void parent_that_has_no_account_takes_ports_over(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 0);
    worker_t x = worker(a, NULL);
    pair_t q = channel(a);
    ok(send_text(q.a, "1"));
    ok(send_port(x.inner, q.b));
    cay_event_t *ev = NULL;
    ok(cay__worker_take(x.w, &ev));
    expect_charges(a, 0, 0, 0);
    cay_event_free(ev);
    cay_port_close(q.a);
    free_both(x);
    account_end(a);
}

static void message_passed_on_takes_its_ports_along(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 0), *b = account_new(NULL, 0, 0, 0);
    worker_t x = worker(a, NULL), y = worker(b, NULL);
    pair_t q = channel(a);
    ok(send_text(q.a, "1"));
    ok(send_port(x.inner, q.b));
    cay_message_t *m = next_message(x.w);
    ok(cay_port_forward(y.outer, m, NULL));
    expect_charges(a, 0, 0, 0);
    expect_charges(b, 2, PORT + 2, 1); /* the main port is not shared, the port in it is */
    assert_ptr_equal(expect_port(y.inner), q.b);
    close_both(q);
    free_both(x);
    free_both(y);
    account_end(a);
    account_end(b);
}

static void ports_in_ports_are_charged_and_given_back(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 0);
    pair_t root = channel(a), mid = channel(NULL), leaf = channel(NULL);
    ok(send_text(leaf.a, "1"));
    ok(send_port(root.a, mid.b)); /* and once it is on its way */
    ok(send_port(mid.a, leaf.b));
    ok(send_text(leaf.a, "2"));
    expect_charges(a, 4, 2 * PORT + 4, 4);
    cay_port_close(root.b);
    assert_true(cay_port_is_closed(leaf.a));
    account_end(a);
    cay_port_close(root.a);
    cay_port_close(mid.a);
    cay_port_close(leaf.a);
}

static void deep_chain_of_ports_is_given_back(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, CAY_UNLIMITED, CAY_UNLIMITED, CAY_UNLIMITED);
    pair_t first = channel(a);
    cay_port_t *tail = first.a;
    for (int i = 0; i < 10000; i++) {
        pair_t p = channel(NULL);
        ok(send_port(tail, p.b));
        if (tail != first.a) {
            cay_port_close(tail);
        }
        tail = p.a;
        ok(send_text(tail, "x"));
    }
    expect_charges(a, 20000, 10000 * (PORT + 2), 20000);
    cay_port_close(tail);
    close_both(first);
    account_end(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(post_is_charged_to_the_receiver_until_it_is_taken),
        balanced(main_port_is_charged_apart_from_the_shared_queues),
        balanced(stream_is_charged_to_the_worker_that_reads_it),
        balanced(stream_of_a_host_is_charged_to_nobody),
        balanced(queues_of_all_ports_share_one_bound),
        balanced(bytes_of_all_ports_share_one_bound_and_one_may_be_larger),
        balanced(memory_refuses_what_may_fit_later),
        balanced(memory_refuses_by_name_what_never_fits),
        balanced(closing_the_receiver_gives_back),
        balanced(closing_the_sender_leaves_the_charge),
        balanced(account_outlives_its_worker_while_messages_wait),
        balanced(terminate_gives_back_the_stream_and_the_inside_its_port),
        balanced(handles_freed_in_either_order_give_all_back),
        balanced(final_event_leaves_the_charge_of_what_waits_before_it),
        balanced(swallowed_posts_are_charged_to_nobody),
        balanced(account_can_be_set_while_messages_wait),
        balanced(what_waits_can_leave_the_shared_queues_and_come_back),
        balanced(port_on_its_way_is_charged_to_whom_it_goes_to),
        balanced(port_on_its_way_to_a_host_is_charged_to_its_sender),
        balanced(parent_that_has_no_account_takes_ports_over),
        balanced(message_passed_on_takes_its_ports_along),
        balanced(ports_in_ports_are_charged_and_given_back),
        balanced(deep_chain_of_ports_is_given_back),
    };
    return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}
