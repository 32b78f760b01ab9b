/* SPDX-License-Identifier: MIT */
/* Blocking calls: what wakes them, and what they answer. The other thread is seen to sleep before it is
 * woken; no test depends on time passing but those of the timeout itself. */
#include "util.h"

#include "os/clock.h"

/* One blocking receive on a thread of its own. */
typedef struct reader {
    cay_port_t *port;
    cay_message_t *m;
    int rc;
    cay_thread_t thread;
} reader_t;

static void reader_main(void *arg) {
    reader_t *r = arg;
    r->rc = cay_port_receive(r->port, CAY_FOREVER, &r->m);
}

static void reader_start(reader_t *r, cay_port_t *port) {
    *r = (reader_t){.port = port};
    r->thread = start(reader_main, r);
    await_waiter(port);
}

static void message_wakes_a_receiver(void **state) {
    (void)state;
    cay_port_t *a, *b;
    ok(cay_channel_new(&a, &b));
    reader_t r;
    reader_start(&r, b);
    ok(send_text(a, "hello"));
    cay__thread_join(&r.thread);
    ok(r.rc);
    assert_string_equal((char *)r.m->bytes, "hello");
    cay_message_free(r.m);
    cay_port_close(a);
    cay_port_close(b);
}

static void close_wakes_a_receiver(void **state) {
    (void)state;
    cay_port_t *a, *b;
    ok(cay_channel_new(&a, &b));
    reader_t r;
    reader_start(&r, b);
    cay_port_close(a);
    cay__thread_join(&r.thread);
    gives(CAY_ECLOSED, r.rc);
    cay_port_close(b);
}

static void terminate_wakes_a_receiver_inside(void **state) {
    (void)state;
    cay_worker_t *w;
    cay_inside_t *in;
    ok(cay_handles_new(NULL, &w, &in));
    reader_t r;
    reader_start(&r, cay_inside_port(in));
    cay_worker_terminate(w);
    cay__thread_join(&r.thread);
    gives(CAY_ETERMINATED, r.rc);
    cay_inside_free(in);
    cay_worker_free(w);
}

static void dropping_the_worker_wakes_a_receiver_inside(void **state) {
    (void)state;
    cay_worker_t *w;
    cay_inside_t *in;
    ok(cay_handles_new(NULL, &w, &in));
    reader_t r;
    reader_start(&r, cay_inside_port(in));
    cay_worker_free(w);
    cay__thread_join(&r.thread);
    gives(CAY_ETERMINATED, r.rc);
    cay_inside_free(in);
}

static void second_receiver_is_refused_and_the_port_stays(void **state) {
    (void)state;
    cay_port_t *a, *b, *c, *d;
    ok(cay_channel_new(&a, &b));
    ok(cay_channel_new(&c, &d));
    reader_t r;
    reader_start(&r, b);
    cay_message_t *m;
    gives(CAY_EBUSY, cay_port_receive(b, CAY_FOREVER, &m));
    gives(CAY_EBUSY, cay__port_may_move(b));
    gives(CAY_EBUSY, send_port(c, b));
    ok(send_text(a, "x"));
    cay__thread_join(&r.thread);
    ok(r.rc);
    cay_message_free(r.m);
    cay_port_close(a);
    cay_port_close(b);
    cay_port_close(c);
    cay_port_close(d);
}

static void receive_times_out(void **state) {
    (void)state;
    cay_port_t *a, *b;
    ok(cay_channel_new(&a, &b));
    cay_message_t *m;
    uint64_t start_ns = cay__clock_mono();
    gives(CAY_ETIMEDOUT, cay_port_receive(b, 5, &m));
    assert_true(cay__clock_mono() - start_ns >= 5 * CAY_NS_PER_MS);
    ok(send_text(a, "x"));
    expect_text(b, "x");
    cay_port_close(a);
    cay_port_close(b);
}

/* ---- events ---- */

typedef struct watcher {
    cay_worker_t *w;
    cay_event_t *ev;
    int rc;
} watcher_t;

static void watcher_main(void *arg) {
    watcher_t *x = arg;
    x->rc = cay_worker_next_event(x->w, CAY_FOREVER, &x->ev);
}

static void each_kind_of_event_wakes_a_waiter(void **state) {
    (void)state;
    cay_worker_t *w;
    cay_inside_t *in;
    ok(cay_handles_new(NULL, &w, &in));
    const cay_event_type_t types[] = {CAY_EVENT_MESSAGE, CAY_EVENT_ERROR, CAY_EVENT_TERMINAL_ERROR};
    for (size_t i = 0; i < CAY_COUNT(types); i++) {
        watcher_t x = {.w = w};
        cay_thread_t t = start(watcher_main, &x);
        await_waiter(cay_worker_port(w));
        switch (i) {
        case 0: ok(send_text(cay_inside_port(in), "x")); break;
        case 1: ok(post_error(in, "x")); break;
        default: cay_inside_free(in); break;
        }
        cay__thread_join(&t);
        ok(x.rc);
        assert_int_equal(x.ev->type, types[i]);
        cay_event_free(x.ev);
    }
    cay_worker_free(w);
}

static void withheld_messages_wake_no_one(void **state) {
    (void)state;
    cay_worker_t *w;
    cay_inside_t *in;
    ok(cay_handles_new(NULL, &w, &in));
    cay_event_t *ev;
    ok(send_text(cay_inside_port(in), "x"));
    cay_worker_terminate(w);
    gives(CAY_ETIMEDOUT, cay_worker_next_event(w, 5, &ev));
    cay_inside_free(in);
    cay_worker_free(w);
}

static void joiner_main(void *arg) {
    watcher_t *x = arg;
    x->rc = cay_worker_join(x->w, CAY_FOREVER);
}

static void freeing_the_inside_wakes_every_joiner(void **state) {
    (void)state;
    cay_worker_t *w;
    cay_inside_t *in;
    ok(cay_handles_new(NULL, &w, &in));
    watcher_t x[3];
    cay_thread_t t[3];
    for (int i = 0; i < 3; i++) {
        x[i] = (watcher_t){.w = w, .rc = 1};
        t[i] = start(joiner_main, &x[i]);
    }
    cay_inside_free(in);
    for (int i = 0; i < 3; i++) {
        cay__thread_join(&t[i]);
        ok(x[i].rc);
    }
    cay_worker_free(w);
}

static void descriptor_wakes_a_poll(void **state) {
    (void)state;
    cay_port_t *a, *b;
    ok(cay_channel_new(&a, &b));
    int fd = cay_port_fd(b);
    struct pollfd p = {fd, POLLIN, 0};
    ok(send_text(a, "x"));
    assert_int_equal(poll(&p, 1, -1), 1);
    expect_text(b, "x");
    assert_int_equal(poll(&p, 1, 0), 0);
    cay_port_close(a);
    cay_port_close(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(message_wakes_a_receiver),
        balanced(close_wakes_a_receiver),
        balanced(terminate_wakes_a_receiver_inside),
        balanced(dropping_the_worker_wakes_a_receiver_inside),
        balanced(second_receiver_is_refused_and_the_port_stays),
        balanced(receive_times_out),
        balanced(each_kind_of_event_wakes_a_waiter),
        balanced(withheld_messages_wake_no_one),
        balanced(freeing_the_inside_wakes_every_joiner),
        balanced(descriptor_wakes_a_poll),
    };
    return cmocka_run_group_tests_name("waiting", tests, NULL, NULL);
}
