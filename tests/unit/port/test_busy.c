/* SPDX-License-Identifier: MIT */
/* Objects used, closed and freed by several threads at once. Meant for the thread sanitizer; the balance of
 * memory after each test is what fails elsewhere. */
#include "util.h"

#define ROUNDS 200

/* ---- posting ---- */

typedef struct poster {
    cay_port_t *port;
    uint32_t id;
    uint32_t n;
    int rc; /* of the last post */
} poster_t;

static cay_message_t *number_message(uint32_t id, uint32_t n) {
    uint32_t body[2] = {id, n};
    cay_message_t *m = NULL;
    uint8_t *bytes = cay__memdup(body, sizeof body);
    if (!bytes || cay__message_new(bytes, sizeof body, NULL, &m)) {
        abort();
    }
    return m;
}

/* Posts n numbered messages, or until refused for good. */
static void poster_main(void *arg) {
    poster_t *p = arg;
    for (uint32_t i = 0; i < p->n;) {
        p->rc = try_send(p->port, number_message(p->id, i));
        if (p->rc == 0) {
            i++;
        } else if (p->rc != CAY_EAGAIN) {
            return;
        } else {
            sched_yield(); /* whoever reads needs the lock */
        }
    }
}

static void posters_of_one_port_keep_their_order(void **state) {
    (void)state;
    enum { POSTERS = 3, EACH = 5000 };
    cay_port_t *a, *b;
    ok(cay_channel_new(&a, &b));
    poster_t p[POSTERS];
    cay_thread_t t[POSTERS];
    uint32_t next[POSTERS] = {0};
    for (uint32_t i = 0; i < POSTERS; i++) {
        p[i] = (poster_t){a, i, EACH, 0};
        t[i] = start(poster_main, &p[i]);
    }
    for (int i = 0; i < POSTERS * EACH; i++) {
        cay_message_t *m;
        uint32_t body[2];
        ok(cay_port_receive(b, CAY_FOREVER, &m));
        memcpy(body, m->bytes, sizeof body);
        assert_int_equal(body[1], next[body[0]]++);
        cay_message_free(m);
    }
    for (int i = 0; i < POSTERS; i++) {
        cay__thread_join(&t[i]);
        ok(p[i].rc);
    }
    cay_port_close(a);
    cay_port_close(b);
}

static void port_closes_while_the_other_end_posts(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        cay_port_t *a, *b;
        ok(cay_channel_new(&a, &b));
        poster_t p = {a, 0, UINT32_MAX, 0};
        cay_thread_t t = start(poster_main, &p);
        for (int i = 0; i < round % 8; i++) {
            cay_message_t *m;
            ok(cay_port_receive(b, CAY_FOREVER, &m));
            cay_message_free(m);
        }
        cay_port_close(b);
        cay__thread_join(&t);
        gives(CAY_ECLOSED, p.rc);
        cay_port_close(a);
    }
}

static void close_main(void *arg) {
    cay_port_close(arg);
}

static void both_ends_close_at_once(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        cay_port_t *a, *b;
        ok(cay_channel_new(&a, &b));
        ok(send_text(a, "x"));
        cay_thread_t t = start(close_main, a);
        cay_port_close(b);
        cay__thread_join(&t);
    }
}

/* Reads a flood through the descriptor alone: a lost wake-up would hang here. */
static void descriptor_loses_no_wake_up(void **state) {
    (void)state;
    enum { N = 20000 };
    cay_port_t *a, *b;
    ok(cay_channel_new(&a, &b));
    struct pollfd pf = {cay_port_fd(b), POLLIN, 0};
    poster_t p = {a, 0, N, 0};
    cay_thread_t t = start(poster_main, &p);
    for (int got = 0; got < N;) {
        cay_message_t *m;
        assert_int_equal(poll(&pf, 1, -1), 1);
        while (cay_port_receive(b, 0, &m) == 0) {
            cay_message_free(m);
            got++;
        }
    }
    cay__thread_join(&t);
    cay_port_close(a);
    cay_port_close(b);
}

/* ---- ports in ports ---- */

typedef struct crossing {
    cay_port_t *through, *moved;
    int rc;
} crossing_t;

static void crossing_main(void *arg) {
    crossing_t *x = arg;
    x->rc = send_port(x->through, x->moved);
}

/* A second thread that sends what it is handed, at the same moment as the first: both spin on `turn`. */
typedef struct rival {
    crossing_t job;
    _Atomic int turn; /* even: the test prepares; odd: both send; -1: end */
    _Atomic int done;
} rival_t;

static void rival_main(void *arg) {
    rival_t *r = arg;
    for (int turn = 1;; turn += 2) {
        int now;
        while ((now = r->turn) != turn && now != -1) {
            sched_yield();
        }
        if (now == -1) {
            return;
        }
        crossing_main(&r->job);
        r->done = turn;
    }
}

/* Two threads post two ports into each other's queues. Both succeeding would make a ring that nobody owns. */
static void crossing_ports_make_no_ring(void **state) {
    (void)state;
    rival_t r = {.turn = 0};
    cay_thread_t t = start(rival_main, &r);
    for (int turn = 1; turn < 2 * 5000; turn += 2) {
        cay_port_t *a1, *b1, *a2, *b2;
        ok(cay_channel_new(&a1, &b1));
        ok(cay_channel_new(&a2, &b2));
        crossing_t x = {a2, b1, 0};
        r.job = (crossing_t){a1, b2, 0};
        r.turn = turn;
        crossing_main(&x);
        while (r.done != turn) {
            sched_yield();
        }
        assert_true((x.rc == 0) != (r.job.rc == 0));
        assert_int_equal(x.rc + r.job.rc, CAY_ECLONE);
        cay_port_close(x.rc ? b1 : b2);
        cay_port_close(a1);
        cay_port_close(a2);
    }
    r.turn = -1;
    cay__thread_join(&t);
}

static void port_moves_to_an_end_that_closes(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        cay_port_t *a, *b, *c, *d;
        ok(cay_channel_new(&a, &b));
        ok(cay_channel_new(&c, &d));
        crossing_t x = {a, d, 0};
        cay_thread_t t = start(crossing_main, &x);
        cay_port_close(b);
        cay__thread_join(&t);
        if (x.rc) {
            gives(CAY_ECLOSED, x.rc);
            cay_port_close(d);
        } else {
            assert_true(cay_port_is_closed(c));
        }
        cay_port_close(a);
        cay_port_close(c);
    }
}

static void port_moves_while_its_peer_posts(void **state) {
    (void)state;
    enum { N = 3000 };
    cay_port_t *a, *b, *c, *d;
    ok(cay_channel_new(&a, &b));
    ok(cay_channel_new(&c, &d));
    poster_t p = {c, 0, N, 0};
    cay_thread_t t = start(poster_main, &p);
    uint32_t next = 0;
    while (next < N) {
        ok(send_port(a, d));
        assert_ptr_equal(expect_port(b), d);
        cay_message_t *m;
        uint32_t body[2];
        ok(cay_port_receive(d, CAY_FOREVER, &m));
        memcpy(body, m->bytes, sizeof body);
        assert_int_equal(body[1], next++);
        cay_message_free(m);
    }
    cay__thread_join(&t);
    cay_port_close(a);
    cay_port_close(b);
    cay_port_close(c);
    cay_port_close(d);
}

/* ---- sinks ---- */

static void touch(void *ctx) {
    ++*(volatile int *)ctx;
}
static const cay_sink_ops_t touch_ops = {.ready = touch};

/* The sink's context is freed directly after unbinding. */
static void unbound_sink_is_never_called(void **state) {
    (void)state;
    cay_port_t *a, *b;
    ok(cay_channel_new(&a, &b));
    poster_t p = {a, 0, UINT32_MAX, 0};
    cay_thread_t t = start(poster_main, &p);
    for (int round = 0; round < 2000; round++) {
        int *ctx = calloc(1, sizeof *ctx);
        cay__port_set_sink(b, &touch_ops, ctx);
        cay_message_t *m;
        if (cay__port_take(b, &m) == 0) {
            cay_message_free(m);
        }
        cay__port_set_sink(b, NULL, NULL);
        free(ctx);
    }
    cay_port_close(b);
    cay__thread_join(&t);
    cay_port_close(a);
}

/* ---- handles ---- */

static void terminate_during_a_flood_withholds_every_message(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        cay_worker_t *w;
        cay_inside_t *in;
        ok(cay_handles_new(NULL, &w, &in));
        poster_t p = {cay_inside_port(in), 0, UINT32_MAX, 0};
        cay_thread_t t = start(poster_main, &p);
        cay_event_t *ev;
        for (int i = 0; i <= round % 5; i++) {
            ok(cay_worker_next_event(w, CAY_FOREVER, &ev));
            assert_int_equal(ev->type, CAY_EVENT_MESSAGE);
            cay_event_free(ev);
        }
        cay_worker_terminate(w);
        gives(CAY_ETIMEDOUT, cay_worker_next_event(w, 0, &ev));
        cay__thread_join(&t);
        gives(CAY_ETERMINATED, p.rc);
        cay_inside_free(in);
        expect_final(w, CAY_EVENT_CLOSE, CAY_REASON_TERMINATED);
        cay_worker_free(w);
    }
}

typedef struct ending {
    cay_worker_t *w;
    cay_inside_t *in;
    cay_reason_t reason;
    int rc;
} ending_t;

static void ending_main(void *arg) {
    ending_t *e = arg;
    (void)post_error(e->in, "about to end");
    e->rc = post_final(e->in, e->reason);
}

static void terminate_main(void *arg) {
    cay_worker_terminate(((ending_t *)arg)->w);
}

/* Counts final events until the stream ends. */
static int drain_finals(cay_worker_t *w) {
    int finals = 0;
    cay_event_t *ev;
    while (cay_worker_next_event(w, CAY_FOREVER, &ev) == 0) {
        finals += cay_event_is_final(ev);
        cay_event_free(ev);
    }
    return finals;
}

static void racing_ends_give_one_final_event(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        cay_worker_t *w;
        cay_inside_t *in;
        ok(cay_handles_new(NULL, &w, &in));
        ending_t e1 = {w, in, CAY_REASON_CLOSED, 0}, e2 = {w, in, CAY_REASON_HEAP, 0};
        cay_thread_t t1 = start(ending_main, &e1);
        cay_thread_t t2 = start(ending_main, &e2);
        cay_thread_t t3 = start(terminate_main, &e1);
        assert_int_equal(drain_finals(w), 1);
        cay__thread_join(&t1);
        cay__thread_join(&t2);
        cay__thread_join(&t3);
        assert_int_equal(e1.rc + e2.rc, CAY_ECLOSED); /* one won, one was refused */
        cay_inside_free(in);
        gives(CAY_ECLOSED, cay_worker_next_event(w, 0, &(cay_event_t *){NULL}));
        cay_worker_free(w);
    }
}

static void inside_life(void *arg) {
    cay_inside_t *in = arg;
    while (!cay_inside_is_terminated(in)) {
        (void)send_text(cay_inside_port(in), "x");
        (void)post_error(in, "x");
        cay_message_t *m;
        if (cay_port_receive(cay_inside_port(in), 0, &m) == 0) {
            cay_message_free(m);
        }
    }
    cay_inside_free(in);
}

static void worker_is_freed_while_the_inside_works(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        cay_worker_t *w;
        cay_inside_t *in;
        ok(cay_handles_new(NULL, &w, &in));
        cay_thread_t t = start(inside_life, in);
        ok(send_text(cay_worker_port(w), "x"));
        if (round % 2) {
            cay_event_t *ev;
            ok(cay_worker_next_event(w, CAY_FOREVER, &ev));
            cay_event_free(ev);
        }
        cay_worker_free(w);
        cay__thread_join(&t);
    }
}

static void inside_free_main(void *arg) {
    cay_inside_free(arg);
}

static void inside_is_freed_while_the_host_works(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        cay_worker_t *w;
        cay_inside_t *in;
        ok(cay_handles_new(NULL, &w, &in));
        cay_thread_t t = start(inside_free_main, in);
        int rc;
        do {
            rc = send_text(cay_worker_port(w), "x");
        } while (rc == 0 || rc == CAY_EAGAIN);
        gives(CAY_ECLOSED, rc);
        ok(cay_worker_join(w, CAY_FOREVER));
        expect_final(w, CAY_EVENT_TERMINAL_ERROR, CAY_REASON_LOST);
        cay_worker_free(w);
        cay__thread_join(&t);
    }
}

static void both_handles_are_freed_at_once(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        cay_worker_t *w;
        cay_inside_t *in;
        ok(cay_handles_new(NULL, &w, &in));
        ok(send_text(cay_worker_port(w), "x"));
        ok(send_text(cay_inside_port(in), "x"));
        cay_thread_t t = start(inside_free_main, in);
        cay_worker_free(w);
        cay__thread_join(&t);
    }
}

/* After join nothing of the inside is left: the balance is checked with the worker still held. */
static void join_means_that_all_is_freed(void **state) {
    balance_t *b = *state;
    for (int round = 0; round < ROUNDS; round++) {
        cay_worker_t *w;
        cay_inside_t *in;
        ok(cay_handles_new(NULL, &w, &in));
        int64_t idle = cay__mem_live();
        assert_true(idle > b->blocks);
        for (int i = 0; i < 20; i++) {
            ok(send_text(cay_worker_port(w), "x"));
            ok(send_text(cay_inside_port(in), "x"));
        }
        cay_worker_terminate(w);
        cay_thread_t t = start(inside_free_main, in);
        ok(cay_worker_join(w, CAY_FOREVER));
        assert_true(cay__mem_live() <= idle);
        cay_worker_free(w);
        cay__thread_join(&t);
    }
}

static void terminate_ops_main(void *arg) {
    ending_t *e = arg;
    for (int i = 0; i < 50; i++) {
        int *ctx = calloc(1, sizeof *ctx);
        static const cay_inside_ops_t ops = {touch};
        cay__inside_set_ops(e->in, &ops, ctx);
        cay__inside_set_ops(e->in, NULL, NULL);
        assert_true(*ctx <= 1);
        free(ctx);
    }
}

static void unbound_inside_ops_are_never_called(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        cay_worker_t *w;
        cay_inside_t *in;
        ok(cay_handles_new(NULL, &w, &in));
        ending_t e = {w, in, 0, 0};
        cay_thread_t t = start(terminate_ops_main, &e);
        cay_worker_terminate(w);
        cay__thread_join(&t);
        cay_inside_free(in);
        cay_worker_free(w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(posters_of_one_port_keep_their_order),
        balanced(port_closes_while_the_other_end_posts),
        balanced(both_ends_close_at_once),
        balanced(descriptor_loses_no_wake_up),
        balanced(crossing_ports_make_no_ring),
        balanced(port_moves_to_an_end_that_closes),
        balanced(port_moves_while_its_peer_posts),
        balanced(unbound_sink_is_never_called),
        balanced(terminate_during_a_flood_withholds_every_message),
        balanced(racing_ends_give_one_final_event),
        balanced(worker_is_freed_while_the_inside_works),
        balanced(inside_is_freed_while_the_host_works),
        balanced(both_handles_are_freed_at_once),
        balanced(join_means_that_all_is_freed),
        balanced(unbound_inside_ops_are_never_called),
    };
    return cmocka_run_group_tests_name("busy", tests, NULL, NULL);
}
