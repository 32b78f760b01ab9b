/* SPDX-License-Identifier: MIT */
/* Charges of what is on its way: what waits in carried ports, places that are reserved, bounds for a host that does not
 * read, failing allocations. */
#include "account_util.h"

/* ---- what waits in carried ports ---- */

static void what_waits_in_carried_ports_has_to_fit_as_well(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 5 * MIB);
    pair_t to = channel(a), q = channel(NULL), r = channel(NULL);
    ok(send_text(to.a, "x"));
    ok(send_sized(q.a, 5 * MIB));
    gives(CAY_EAGAIN, send_port(to.a, q.b));
    expect_charges(a, 1, 2, 1);
    ok(send_port(to.a, r.b)); /* it is what waits, not the port */
    drop_next(to.b);
    drop_next(to.b);
    ok(send_port(to.a, q.b)); /* alone it may pass the bound */
    expect_charges(a, 2, 5 * MIB + PORT, 2);
    close_both(to);
    cay_port_close(q.a);
    cay_port_close(r.a);
    account_end(a);
}

static void what_waits_in_carried_ports_counts_where_nobody_is_charged(void **state) {
    (void)state;
    pair_t to = channel(NULL), q = channel(NULL);
    ok(send_sized(to.a, 2 * MIB));
    ok(send_sized(q.a, 15 * MIB));
    gives(CAY_EAGAIN, send_port(to.a, q.b));
    drop_next(to.b);
    ok(send_port(to.a, q.b));
    close_both(to);
    cay_port_close(q.a);
}

static void what_waits_in_carried_ports_can_be_too_much_for_ever(void **state) {
    (void)state;
    pair_t to = channel(NULL), q = channel(NULL);
    ok(send_sized(q.a, CAY_MAX_SINGLE));
    cay_error_t *err = NULL;
    cay_message_t *m = ports_message(&q.b, 1);
    gives(CAY_ELIMIT, cay__port_send(to.a, m, &err));
    assert_string_equal(
        cay_error_message(err),
        "the message, with what waits in its ports, is larger than the other end's mailbox");
    cay_error_free(err);
    shell_free(m);
    close_both(to);
    close_both(q);
}

static void refused_move_changes_no_charge(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 1, 0), *b = account_new(NULL, 0, 0, 0);
    pair_t to = channel(a), q = channel(b);
    ok(send_text(q.a, "1"));
    ok(send_text(to.a, "x"));
    gives(CAY_EAGAIN, send_port(to.a, q.b));
    expect_charges(a, 1, 2, 1);
    expect_charges(b, 1, 2, 1);
    cay_port_close(to.b);
    gives(CAY_ECLOSED, send_port(to.a, q.b));
    gives(CAY_ECLONE, send_port(q.a, q.b));
    expect_charges(b, 1, 2, 1);
    cay_port_close(to.a);
    close_both(q);
    account_end(a);
    account_end(b);
}

/* ---- places ---- */

typedef struct place {
    cay_account_t *creator, *a;
    worker_t x;
    pair_t p, q; /* q.b goes through p.a */
    cay_message_t *text, *port;
    cay_room_t text_room, port_room;
} place_t;

/* A place for a text in the stream, and one for a port in p.b. */
static void place_init(place_t *s) {
    s->creator = account_new(NULL, 0, 0, 0);
    s->a = account_new(s->creator, 0, 0, 0);
    s->x = worker(s->a, s->creator);
    s->p = channel(s->a);
    s->q = channel(NULL);
    s->text = text_message("x");
    s->port = ports_message(&s->q.b, 1);
    ok(send_text(s->q.a, "waits"));
    ok(cay__port_reserve(s->x.inner, 2, NULL, 0, &s->text_room, NULL));
    cay__transit_hold();
    ok(cay__port_reserve(s->p.a, 1, &s->q.b, 1, &s->port_room, NULL));
    expect_charges(s->creator, 1, 2, 1);
    expect_charges(s->a, 1, PORT, 1);
}

/* Whether the two messages come into their places. */
static void place_send(place_t *s, bool text, bool port) {
    bool sent = cay__port_send_reserved(s->p.a, s->port, &s->port_room);
    cay__transit_release();
    assert_int_equal(sent, port);
    if (!sent) {
        cay_message_free(s->port);
    }
    assert_int_equal(cay__port_send_reserved(s->x.inner, s->text, &s->text_room), text);
    if (!text) {
        cay_message_free(s->text);
    }
}

static void place_free(place_t *s) {
    cay_port_close(s->q.a);
    cay_port_close(s->p.a);
    cay_port_close(s->p.b);
    cay_worker_free(s->x.w);
    cay_inside_free(s->x.in);
    account_end(s->a);
    account_end(s->creator);
}

static void reserved_place_is_taken_by_its_message(void **state) {
    (void)state;
    place_t s;
    place_init(&s);
    place_send(&s, true, true);
    expect_charges(s.creator, 1, 2, 1);
    expect_charges(s.a, 2, PORT + 6, 2);
    place_free(&s);
}

static void reserved_place_goes_with_the_end_that_closes(void **state) {
    (void)state;
    place_t s;
    place_init(&s);
    cay_port_close(cay_steal(&s.p.b));
    expect_charges(s.a, 0, 0, 0);
    place_send(&s, true, false);
    assert_true(cay_port_is_closed(s.q.a));
    expect_charges(s.a, 0, 0, 0);
    place_free(&s);
}

static void reserved_place_goes_with_terminate(void **state) {
    (void)state;
    place_t s;
    place_init(&s);
    cay_worker_terminate(s.x.w);
    expect_charges(s.creator, 0, 0, 0);
    place_send(&s, false, true);
    expect_charges(s.creator, 0, 0, 0);
    place_free(&s);
}

static void reserved_place_is_given_back_after_the_end(void **state) {
    (void)state;
    place_t s;
    place_init(&s);
    ok(post_final(s.x.in, CAY_REASON_CLOSED));
    place_send(&s, false, true);
    expect_charges(s.creator, 0, 0, 0);
    place_free(&s);
}

static void reserved_place_is_given_back_when_posting_stops(void **state) {
    (void)state;
    place_t s;
    place_init(&s);
    ok(send_text(s.x.inner, "before"));
    cay__inside_stop_posting(s.x.in);
    place_send(&s, false, true);
    expect_charges(s.creator, 1, 7, 1);
    place_free(&s);
}

static void reserved_place_moves_with_its_end(void **state) {
    (void)state;
    place_t s;
    place_init(&s);
    cay__port_set_account(s.p.b, s.creator);
    expect_charges(s.creator, 2, PORT + 2, 2);
    place_send(&s, true, true);
    expect_charges(s.a, 0, 0, 0);
    expect_charges(s.creator, 3, PORT + 8, 3);
    place_free(&s);
}

static void place_at_a_closed_end_is_no_place(void **state) {
    (void)state;
    pair_t p = channel(NULL);
    cay_port_close(p.b);
    cay_room_t room;
    ok(cay__port_reserve(p.a, 2, NULL, 0, &room, NULL));
    cay_message_t *m = text_message("x");
    assert_false(cay__port_send_reserved(p.a, m, &room));
    cay_message_free(m);
    cay_port_close(p.a);
}

static void place_is_refused_with_its_reason(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 1, 0);
    pair_t p = channel(a);
    ok(send_text(p.a, "x"));
    cay_room_t room;
    cay_error_t *err = NULL;
    gives(CAY_EAGAIN, cay__port_reserve(p.a, 2, NULL, 0, &room, &err));
    assert_string_equal(cay_error_message(err), "the other end's mailbox is full");
    cay_error_free(err);
    assert_true(p.a->starved);
    close_both(p);
    account_end(a);
}

/* ---- bounded for a host that does not read ---- */

/* A worker puts as much as it can into ports that it sends to its host, and lets go of the other ends. */
static void host_that_never_reads_holds_no_more_than_the_limit(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 8 * MIB, 0, 0);
    worker_t x = worker(a, NULL);
    int rc = 0;
    unsigned sent = 0;
    for (; rc == 0 && sent < 1000; sent++) {
        pair_t q = channel(a);
        while ((rc = send_sized(q.a, MIB / 4)) == 0 && q.b->count < 8) {}
        if (rc == 0) {
            rc = send_port(x.inner, q.b);
        }
        if (rc) {
            cay_port_close(q.b);
        }
        cay_port_close(q.a);
    }
    gives(CAY_EAGAIN, rc);
    assert_in_range(sent, 4, 6);
    assert_in_range(charged(a), 6 * MIB, 8 * MIB);
    assert_true(atomic_load(&a->peak_tree) <= 8 * MIB);
    free_both(x);
    account_end(a);
}

/* ---- allocation ---- */

/* Every allocation of a post fails once: each time all charges are as they were. */
static void failing_allocation_changes_no_charge(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 0), *b = account_new(NULL, 0, 0, 0);
    pair_t to = channel(a), q = channel(b);
    ok(send_text(q.a, "waits"));
    cay_doc_t *doc = NULL;
    ok(cay_doc_new(&doc));
    ok(cay_doc_set_root(doc, cay_doc_port(doc, q.b)));
    int rc = CAY_ENOMEM;
    unsigned failures = 0;
    for (uint64_t n = 1; rc; n++) {
        cay__mem_fail_at(n, false);
        rc = cay_port_post(to.a, doc, NULL);
        cay__mem_fail_at(0, false);
        if (rc) {
            gives(CAY_ENOMEM, rc);
            expect_charges(a, 0, 0, 0);
            expect_charges(b, 1, 6, 1);
            failures++;
        }
    }
    assert_true(failures > 0);
    expect_charges(b, 0, 0, 0);
    assert_int_equal(queued(a), 2);
    cay_doc_free(doc);
    close_both(to);
    cay_port_close(q.a);
    account_end(a);
    account_end(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(what_waits_in_carried_ports_has_to_fit_as_well),
        balanced(what_waits_in_carried_ports_counts_where_nobody_is_charged),
        balanced(what_waits_in_carried_ports_can_be_too_much_for_ever),
        balanced(refused_move_changes_no_charge),
        balanced(reserved_place_is_taken_by_its_message),
        balanced(reserved_place_goes_with_the_end_that_closes),
        balanced(reserved_place_goes_with_terminate),
        balanced(reserved_place_is_given_back_after_the_end),
        balanced(reserved_place_is_given_back_when_posting_stops),
        balanced(reserved_place_moves_with_its_end),
        balanced(place_at_a_closed_end_is_no_place),
        balanced(place_is_refused_with_its_reason),
        balanced(host_that_never_reads_holds_no_more_than_the_limit),
        balanced(failing_allocation_changes_no_charge),
    };
    return cmocka_run_group_tests_name("cargo", tests, NULL, NULL);
}
