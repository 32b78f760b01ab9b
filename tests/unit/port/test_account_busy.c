/* SPDX-License-Identifier: MIT */
/* Charges while several threads post, move, close and end: whatever comes in between, nothing is left in the end. */
#include "account_util.h"

typedef struct crowd {
    cay_account_t *root, *a, *b;
    cay_port_t *posted; /* what the posters post through; its other end wanders */
    _Atomic bool stop;
} crowd_t;

static void crowd_post(void *arg) {
    crowd_t *x = arg;
    while (!x->stop) {
        if (send_text(x->posted, "text") == CAY_EAGAIN) {
            sched_yield();
        }
        cay_port_t *p, *q;
        ok(cay_channel_new(&p, &q));
        (void)send_text(p, "inside");
        if (send_port(x->posted, q)) {
            cay_port_close(q);
        }
        cay_port_close(p);
    }
}

static void empty(cay_port_t *port) {
    for (cay_message_t *m; cay_port_receive(port, 0, &m) == 0;) {
        cay_message_free(m);
    }
}

/* Sends the port to the other worker, once no ports wait in it, and takes it there. */
static void wander(cay_port_t *through, cay_port_t *to, cay_port_t *port) {
    while (send_port(through, port)) {
        empty(port);
    }
    cay_message_t *m = NULL;
    ok(cay_port_receive(to, 0, &m));
    assert_ptr_equal(m->cargo.ports[0], port);
    shell_free(m);
}

static void charges_balance_among_posters_moves_and_closes(void **state) {
    (void)state;
    for (int round = 0; round < 20; round++) {
        crowd_t x = {.root = account_new(NULL, 0, 0, 0)};
        x.a = account_new(x.root, 0, 30, 0);
        x.b = account_new(x.root, 0, 30, 0);
        pair_t to_a = channel(x.a), to_b = channel(x.b), q = channel(x.a);
        x.posted = q.a;
        cay_thread_t t[2] = {start(crowd_post, &x), start(crowd_post, &x)};
        for (int i = 0; i < 50; i++) {
            wander(to_b.a, to_b.b, q.b);
            empty(q.b);
            wander(to_a.a, to_a.b, q.b);
            cay__port_poke(q.b);
        }
        cay_port_close(q.b); /* while they post */
        x.stop = true;
        cay__thread_join(&t[0]);
        cay__thread_join(&t[1]);
        cay_port_close(q.a);
        close_both(to_a);
        close_both(to_b);
        account_end(x.a);
        account_end(x.b);
        account_end(x.root);
    }
}

static void crowd_inside(void *arg) {
    cay_inside_t *in = arg;
    while (!cay_inside_is_terminated(in)) {
        (void)send_text(cay_inside_port(in), "x");
        cay_port_t *p, *q;
        ok(cay_channel_new(&p, &q));
        (void)send_text(p, "inside");
        if (send_port(cay_inside_port(in), q)) {
            cay_port_close(q);
        }
        cay_port_close(p);
    }
    cay_inside_free(in);
}

static void charges_balance_when_workers_end_in_the_middle(void **state) {
    (void)state;
    for (int round = 0; round < 200; round++) {
        cay_account_t *creator = account_new(NULL, 0, 20, 0), *a = account_new(creator, 0, 0, 0);
        worker_t x = worker(a, creator);
        cay_thread_t t = start(crowd_inside, x.in);
        ok(send_text(x.outer, "x"));
        for (int i = 0; i < round % 8; i++) {
            cay_event_t *ev = NULL;
            ok(cay_worker_next_event(x.w, CAY_FOREVER, &ev));
            cay_event_free(ev);
        }
        if (round % 2) {
            cay_worker_terminate(x.w);
        }
        cay_worker_free(x.w);
        cay__thread_join(&t);
        account_end(a);
        account_end(creator);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(charges_balance_among_posters_moves_and_closes),
        balanced(charges_balance_when_workers_end_in_the_middle),
    };
    return cmocka_run_group_tests_name("accounts, busy", tests, NULL, NULL);
}
