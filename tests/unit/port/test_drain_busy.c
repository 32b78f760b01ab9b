/* SPDX-License-Identifier: MIT */
/* Senders that post until refused and then sleep until they are told: one notice that gets lost hangs the test, one too
 * many is counted. */
#include "account_util.h"

/* A sender, as a worker would be one: it sleeps until its sink was told. */
typedef struct sender {
    cay_port_t *port;
    unsigned n; /* messages to post */
    cay_mutex_t lock;
    cay_cond_t cond;
    unsigned told;
    unsigned refused; /* times that it went to sleep */
    cay_thread_t thread;
} sender_t;

static void on_drained(void *ctx) {
    sender_t *s = ctx;
    cay__mutex_lock(&s->lock);
    s->told++;
    cay__cond_signal(&s->cond);
    cay__mutex_unlock(&s->lock);
}
static const cay_sink_ops_t drained_ops = {NULL, on_drained};

static void sender_main(void *arg) {
    sender_t *s = arg;
    for (unsigned i = 0; i < s->n;) {
        int rc = send_text(s->port, "text");
        if (rc == 0) {
            i++;
            continue;
        }
        gives(CAY_EAGAIN, rc);
        s->refused++;
        cay__mutex_lock(&s->lock);
        while (s->told < s->refused) {
            cay__cond_wait(&s->cond, &s->lock);
        }
        cay__mutex_unlock(&s->lock);
    }
}

static void sender_start(sender_t *s, cay_port_t *port, unsigned n) {
    *s = (sender_t){.port = port, .n = n};
    cay__mutex_init(&s->lock);
    cay__cond_init(&s->cond);
    cay__port_set_sink(port, &drained_ops, s);
    s->thread = start(sender_main, s);
}

/* Each refusal was told of, and once. */
static void sender_join(sender_t *s) {
    cay__thread_join(&s->thread);
    cay__port_set_sink(s->port, NULL, NULL);
    assert_int_equal(s->told, s->refused);
    cay__cond_destroy(&s->cond);
    cay__mutex_destroy(&s->lock);
}

static void sender_to_a_host_is_told_of_every_refusal(void **state) {
    (void)state;
    enum { N = 20000 };
    cay_handles_options_t o = CAY_HANDLES_OPTIONS_INIT;
    o.max_messages = 16;
    cay_worker_t *w;
    cay_inside_t *in;
    ok(cay_handles_new(&o, &w, &in));
    sender_t s;
    sender_start(&s, cay_inside_port(in), N);
    for (unsigned got = 0; got < N; got++) {
        cay_event_t *ev = NULL;
        ok(cay_worker_next_event(w, CAY_FOREVER, &ev));
        cay_event_free(ev);
    }
    sender_join(&s);
    assert_true(s.refused > 0);
    cay_inside_free(in);
    cay_worker_free(w);
}

typedef struct host {
    cay_worker_t *w;
    unsigned n;
} host_t;

static void host_main(void *arg) {
    host_t *h = arg;
    for (unsigned i = 0; i < h->n;) {
        if (send_text(cay_worker_port(h->w), "x") == 0) {
            i++;
            continue;
        }
        ok(cay_port_wait_room(cay_worker_port(h->w), CAY_FOREVER));
    }
}

static void hosts_wait_for_room_and_are_woken(void **state) {
    (void)state;
    enum { EACH = 5000 };
    cay_handles_options_t o = CAY_HANDLES_OPTIONS_INIT;
    o.max_messages = 8;
    cay_worker_t *w;
    cay_inside_t *in;
    ok(cay_handles_new(&o, &w, &in));
    host_t h = {w, EACH};
    cay_thread_t t[2] = {start(host_main, &h), start(host_main, &h)};
    for (unsigned got = 0; got < 2 * EACH; got++) {
        cay_message_t *m = NULL;
        ok(cay_port_receive(cay_inside_port(in), CAY_FOREVER, &m));
        cay_message_free(m);
    }
    cay__thread_join(&t[0]);
    cay__thread_join(&t[1]);
    cay_inside_free(in);
    cay_worker_free(w);
}

/* A creator that sleeps in its stream until the event comes. */
static void creator_main(void *arg) {
    host_t *h = arg;
    for (unsigned i = 0; i < h->n;) {
        if (send_text(cay_worker_port(h->w), "x") == 0) {
            i++;
            continue;
        }
        cay_event_t *ev = NULL;
        ok(cay_worker_next_event(h->w, CAY_FOREVER, &ev));
        assert_int_equal(ev->type, CAY_EVENT_DRAIN);
        cay_event_free(ev);
    }
}

static void creator_sleeps_until_its_event(void **state) {
    (void)state;
    enum { N = 20000 };
    cay_handles_options_t o = CAY_HANDLES_OPTIONS_INIT;
    o.max_messages = 8;
    cay_worker_t *w;
    cay_inside_t *in;
    ok(cay_handles_new(&o, &w, &in));
    host_t h = {w, N};
    cay_thread_t t = start(creator_main, &h);
    for (unsigned got = 0; got < N; got++) {
        cay_message_t *m = NULL;
        ok(cay_port_receive(cay_inside_port(in), CAY_FOREVER, &m));
        cay_message_free(m);
    }
    cay__thread_join(&t);
    cay_inside_free(in);
    cay_worker_free(w);
}

/* Several senders into one worker, whose account is what is full: its queues, or with `memory` that. The worker does what
 * the worker layer does: it takes what there is, then asks its account and pokes its ports. */
static void crowd(uint64_t queue, uint64_t memory) {
    enum { SENDERS = 3, EACH = 4000 };
    cay_account_t *a = account_new(NULL, memory, queue, 0);
    pair_t p[SENDERS];
    sender_t s[SENDERS];
    for (int i = 0; i < SENDERS; i++) {
        p[i] = channel(a);
        sender_start(&s[i], p[i].a, EACH);
    }
    for (unsigned got = 0; got < SENDERS * EACH;) {
        for (int i = 0; i < SENDERS; i++) {
            for (cay_message_t *m; cay__port_take(p[i].b, &m) == 0; got++) {
                cay_message_free(m);
            }
        }
        bool drained = cay__account_drained(a);
        for (int i = 0; drained && i < SENDERS; i++) {
            cay__port_poke(p[i].b);
        }
        sched_yield();
    }
    unsigned refused = 0;
    for (int i = 0; i < SENDERS; i++) {
        sender_join(&s[i]);
        refused += s[i].refused;
        close_both(p[i]);
    }
    assert_true(refused > 0);
    account_end(a);
}

static void senders_into_full_queues_are_told_of_every_refusal(void **state) {
    (void)state;
    crowd(8, 0);
}

static void senders_into_full_memory_are_told_of_every_refusal(void **state) {
    (void)state;
    crowd(0, 41);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(sender_to_a_host_is_told_of_every_refusal),
        balanced(hosts_wait_for_room_and_are_woken),
        balanced(creator_sleeps_until_its_event),
        balanced(senders_into_full_queues_are_told_of_every_refusal),
        balanced(senders_into_full_memory_are_told_of_every_refusal),
    };
    return cmocka_run_group_tests_name("drain, busy", tests, NULL, NULL);
}
