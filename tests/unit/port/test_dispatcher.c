/* SPDX-License-Identifier: MIT */
/* Callbacks: order, thread, freeing and terminating inside and beside them. */
#include "account_util.h"

/* A worker with a callback, and what the callback saw. */
typedef struct host {
    cay_worker_t *w;
    cay_inside_t *in;
    counter_t events;
    counter_t finals;
    counter_t freed; /* runs of user_free */
    counter_t *gate; /* the first callback waits for it, when set */
    char log[256];   /* first letter of each message, capitals for control events */
    int free_at;     /* frees the worker in the callback of that event; -1 never */
    int terminate_at;
    bool overlap, inside;
    pthread_t thread;
} host_t;

static char letter(const cay_event_t *ev) {
    switch (ev->type) {
    case CAY_EVENT_MESSAGE: return (char)ev->u.message.message->bytes[0];
    case CAY_EVENT_ONLINE: return 'O';
    case CAY_EVENT_ERROR: return 'E';
    case CAY_EVENT_DRAIN: return 'D';
    case CAY_EVENT_CLOSE: return 'C';
    default: return 'T';
    }
}

static void on_event(cay_worker_t *w, cay_event_t *ev, void *user) {
    host_t *h = user;
    h->overlap = h->overlap || h->inside || w != h->w || counter_get(&h->freed);
    h->inside = true;
    h->thread = pthread_self();
    int n = counter_get(&h->events);
    if ((size_t)n < sizeof h->log - 1) {
        h->log[n] = letter(ev);
    }
    counter_add(&h->events);
    if (h->gate && n == 0) {
        counter_await(h->gate, 1);
    }
    bool final = cay_event_is_final(ev);
    if (n == h->terminate_at) {
        cay_worker_terminate(w);
    }
    if (n == h->free_at) {
        cay_worker_free(w);
        assert_true(ev->type != 0); /* the event outlives its worker until the callback returns */
    }
    h->inside = false;
    if (final) {
        counter_add(&h->finals);
    }
}

static void on_free(void *user) {
    counter_add(&((host_t *)user)->freed);
}

static void host_init(host_t *h, cay_dispatcher_t *on) {
    memset(h, 0, sizeof *h);
    h->free_at = h->terminate_at = -1;
    counter_init(&h->events);
    counter_init(&h->finals);
    counter_init(&h->freed);
    ok(cay_handles_new(NULL, &h->w, &h->in));
    ok(cay__worker_set_callback(h->w, on, on_event, h, on_free));
}

static void host_check_and_destroy(host_t *h) {
    assert_false(h->overlap);
    assert_int_equal(counter_get(&h->freed), 1);
    counter_destroy(&h->events);
    counter_destroy(&h->finals);
    counter_destroy(&h->freed);
}

static cay_dispatcher_t *dispatcher(void) {
    cay_dispatcher_t *d = NULL;
    ok(cay__dispatcher_new(&d));
    return d;
}

static void events_are_called_back_in_order_on_one_thread(void **state) {
    (void)state;
    cay_dispatcher_t *d = dispatcher();
    host_t h;
    host_init(&h, d);
    cay_event_t online = {.type = CAY_EVENT_ONLINE};
    ok(cay_inside_post_event(h.in, &online));
    ok(send_text(cay_inside_port(h.in), "a"));
    ok(post_error(h.in, "oops"));
    ok(send_text(cay_inside_port(h.in), "b"));
    ok(post_final(h.in, CAY_REASON_CLOSED));
    cay_inside_free(h.in);
    counter_await(&h.freed, 1); /* directly after the final event, handle held or not */
    assert_string_equal(h.log, "OaEbC");
    assert_false(pthread_equal(h.thread, pthread_self()));
    cay_worker_free(h.w);
    cay__dispatcher_free(d);
    host_check_and_destroy(&h);
}

/* Posts until refused, and takes it all. */
static void fill_and_drain(host_t *h) {
    while (send_text(cay_worker_port(h->w), "x") == 0) {}
    for (unsigned i = 0; i < CAY_MAX_MESSAGES; i++) {
        drop_next(cay_inside_port(h->in));
    }
}

static void room_is_told_through_the_callback(void **state) {
    (void)state;
    cay_dispatcher_t *d = dispatcher();
    host_t h;
    host_init(&h, d);
    for (int round = 1; round <= 2; round++) {
        fill_and_drain(&h);
        counter_await(&h.events, round);
    }
    cay_inside_free(h.in);
    counter_await(&h.freed, 1);
    assert_string_equal(h.log, "DDT");
    cay_worker_free(h.w);
    cay__dispatcher_free(d);
    host_check_and_destroy(&h);
}

static void room_is_told_when_the_dispatcher_stops(void **state) {
    (void)state;
    cay_dispatcher_t *d = dispatcher();
    host_t h;
    counter_t gate;
    counter_init(&gate);
    host_init(&h, d);
    h.gate = &gate;
    ok(send_text(cay_inside_port(h.in), "a"));
    counter_await(&h.events, 1);
    ok(send_text(cay_inside_port(h.in), "b"));
    fill_and_drain(&h);
    ok(post_final(h.in, CAY_REASON_CLOSED));
    counter_add(&gate);
    cay__dispatcher_free(d);
    assert_string_equal(h.log, "abDC");
    cay_inside_free(h.in);
    cay_worker_free(h.w);
    host_check_and_destroy(&h);
    counter_destroy(&gate);
}

static void ports_in_a_callback_are_charged_to_their_sender_no_more(void **state) {
    (void)state;
    cay_account_t *a = account_new(NULL, 0, 0, 0);
    cay_dispatcher_t *d = dispatcher();
    host_t h;
    counter_t gate;
    counter_init(&gate);
    host_init(&h, d);
    h.gate = &gate; /* the callback holds the message */
    pair_t q = channel(a);
    ok(send_text(q.a, "waits"));
    ok(send_port(cay_inside_port(h.in), q.b));
    counter_await(&h.events, 1);
    expect_charges(a, 0, 0, 0);
    assert_false(cay_port_is_closed(q.a));
    counter_add(&gate);
    cay_inside_free(h.in);
    counter_await(&h.freed, 1);
    assert_true(cay_port_is_closed(q.a));
    cay_port_close(q.a);
    cay_worker_free(h.w);
    cay__dispatcher_free(d);
    host_check_and_destroy(&h);
    counter_destroy(&gate);
    account_end(a);
}

static void worker_with_callback_has_no_other_reader(void **state) {
    (void)state;
    cay_dispatcher_t *d = dispatcher();
    host_t h;
    host_init(&h, d);
    cay_event_t *ev;
    gives(CAY_EBUSY, cay_worker_next_event(h.w, 0, &ev));
    gives(CAY_EBUSY, cay_worker_fd(h.w));
    gives(CAY_EINVAL, cay__worker_set_callback(h.w, d, on_event, &h, on_free));
    cay_worker_free(h.w);
    counter_await(&h.freed, 1);
    cay_inside_free(h.in);
    cay__dispatcher_free(d);
    host_check_and_destroy(&h);
}

static void keep_message(cay_worker_t *w, cay_event_t *ev, void *user) {
    (void)w;
    cay_message_t *m = cay_event_take_message(ev);
    if (m) {
        assert_null(cay_event_take_message(ev));
        *(cay_message_t **)user = m;
    }
}

static void callback_may_keep_the_message(void **state) {
    (void)state;
    cay_dispatcher_t *d = dispatcher();
    cay_worker_t *w;
    cay_inside_t *in;
    cay_message_t *kept = NULL;
    ok(cay_handles_new(NULL, &w, &in));
    ok(cay__worker_set_callback(w, d, keep_message, &kept, NULL));
    ok(send_text(cay_inside_port(in), "kept"));
    cay_inside_free(in);
    cay__dispatcher_free(d);
    assert_string_equal((char *)kept->bytes, "kept");
    cay_message_free(kept);
    cay_worker_free(w);
}

static void worker_may_be_freed_in_its_callback(void **state) {
    (void)state;
    cay_dispatcher_t *d = dispatcher();
    counter_t gate;
    counter_init(&gate);
    host_t h;
    host_init(&h, d);
    h.gate = &gate;
    h.free_at = 1;
    ok(send_text(cay_inside_port(h.in), "a"));
    ok(send_text(cay_inside_port(h.in), "b"));
    ok(send_text(cay_inside_port(h.in), "c"));
    counter_add(&gate);
    counter_await(&h.freed, 1);
    assert_string_equal(h.log, "ab");
    assert_true(cay_inside_is_terminated(h.in));
    cay_inside_free(h.in);
    cay__dispatcher_free(d);
    host_check_and_destroy(&h);
    counter_destroy(&gate);
}

static void worker_may_be_freed_in_its_final_callback(void **state) {
    (void)state;
    cay_dispatcher_t *d = dispatcher();
    host_t h;
    host_init(&h, d);
    h.free_at = 0;
    cay_inside_free(h.in);
    counter_await(&h.freed, 1);
    assert_string_equal(h.log, "T");
    cay__dispatcher_free(d);
    host_check_and_destroy(&h);
}

static void terminate_in_a_callback_stops_messages(void **state) {
    (void)state;
    cay_dispatcher_t *d = dispatcher();
    counter_t gate;
    counter_init(&gate);
    host_t h;
    host_init(&h, d);
    h.gate = &gate;
    h.terminate_at = 0;
    ok(send_text(cay_inside_port(h.in), "a"));
    ok(send_text(cay_inside_port(h.in), "b"));
    ok(post_error(h.in, "stays"));
    ok(send_text(cay_inside_port(h.in), "c"));
    counter_add(&gate);
    counter_await(&h.events, 2);
    cay_inside_free(h.in);
    counter_await(&h.finals, 1);
    assert_string_equal(h.log, "aEC");
    cay_worker_free(h.w);
    cay__dispatcher_free(d);
    host_check_and_destroy(&h);
    counter_destroy(&gate);
}

static void busy_worker_does_not_hold_up_another(void **state) {
    (void)state;
    enum { FLOOD = 2000 };
    cay_dispatcher_t *d = dispatcher();
    counter_t gate;
    counter_init(&gate);
    host_t busy, calm;
    host_init(&busy, d);
    host_init(&calm, d);
    busy.gate = &gate;
    for (int i = 0; i < FLOOD; i++) {
        ok(send_text(cay_inside_port(busy.in), "x"));
    }
    ok(send_text(cay_inside_port(calm.in), "y"));
    counter_t second;
    counter_init(&second);
    calm.gate = &second; /* holds the thread when calm's turn has come */
    counter_add(&gate);
    counter_await(&calm.events, 1);
    assert_true(counter_get(&busy.events) < FLOOD);
    counter_add(&second);
    cay_inside_free(busy.in);
    cay_inside_free(calm.in);
    cay__dispatcher_free(d);
    assert_int_equal(counter_get(&busy.events), FLOOD + 1);
    cay_worker_free(busy.w);
    cay_worker_free(calm.w);
    host_check_and_destroy(&busy);
    host_check_and_destroy(&calm);
    counter_destroy(&gate);
    counter_destroy(&second);
}

static void freeing_the_dispatcher_delivers_what_waits(void **state) {
    (void)state;
    enum { WORKERS = 10, EACH = 200 };
    cay_dispatcher_t *d = dispatcher();
    host_t *h = calloc(WORKERS, sizeof *h);
    for (int i = 0; i < WORKERS; i++) {
        host_init(&h[i], d);
        for (int j = 0; j < EACH; j++) {
            ok(send_text(cay_inside_port(h[i].in), "x"));
        }
    }
    cay__dispatcher_free(d);
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(counter_get(&h[i].events), EACH);
        ok(send_text(cay_inside_port(h[i].in), "nobody hears this"));
        if (i % 2) {
            cay_inside_free(h[i].in);
            cay_worker_free(h[i].w);
        } else {
            cay_worker_free(h[i].w);
            cay_inside_free(h[i].in);
        }
        assert_int_equal(counter_get(&h[i].events), EACH);
        host_check_and_destroy(&h[i]);
    }
    free(h);
}

/* ---- several threads ---- */

static void flood_main(void *arg) {
    cay_inside_t *in = arg;
    while (!cay_inside_is_terminated(in)) {
        if (send_text(cay_inside_port(in), "x") == CAY_EAGAIN) {
            sched_yield(); /* whoever reads needs the lock */
        }
    }
    cay_inside_free(in);
}

static void terminate_beside_callbacks_starts_no_further_message(void **state) {
    (void)state;
    for (int round = 0; round < 100; round++) {
        cay_dispatcher_t *d = dispatcher();
        host_t h;
        host_init(&h, d);
        cay_thread_t t = start(flood_main, h.in);
        counter_await(&h.events, 1 + round % 5);
        cay_worker_terminate(h.w);
        int seen = counter_get(&h.events);
        counter_await(&h.finals, 1);
        /* one callback may have been on its way, and the final one follows */
        assert_true(counter_get(&h.events) <= seen + 2);
        cay__thread_join(&t);
        cay_worker_free(h.w);
        cay__dispatcher_free(d);
        host_check_and_destroy(&h);
    }
}

static void worker_is_freed_beside_its_callbacks(void **state) {
    (void)state;
    cay_dispatcher_t *d = dispatcher();
    for (int round = 0; round < 200; round++) {
        host_t h;
        host_init(&h, d);
        cay_thread_t t = start(flood_main, h.in);
        counter_await(&h.events, round % 5);
        cay_worker_free(h.w);
        counter_await(&h.freed, 1);
        int seen = counter_get(&h.events);
        cay__thread_join(&t);
        assert_int_equal(counter_get(&h.events), seen);
        host_check_and_destroy(&h);
    }
    cay__dispatcher_free(d);
}

static void free_worker_main(void *arg) {
    cay_worker_free(arg);
}

static void dispatcher_is_freed_while_workers_are(void **state) {
    (void)state;
    for (int round = 0; round < 100; round++) {
        cay_dispatcher_t *d = dispatcher();
        host_t h[2];
        cay_thread_t t[2], flood[2];
        for (int i = 0; i < 2; i++) {
            host_init(&h[i], d);
            flood[i] = start(flood_main, h[i].in);
        }
        counter_await(&h[0].events, round % 4);
        for (int i = 0; i < 2; i++) {
            t[i] = start(free_worker_main, h[i].w);
        }
        cay__dispatcher_free(d);
        for (int i = 0; i < 2; i++) {
            cay__thread_join(&t[i]);
            cay__thread_join(&flood[i]);
            host_check_and_destroy(&h[i]);
        }
    }
}

/* ---- out of memory ---- */

static void failing_memory_leaves_no_callback_behind(void **state) {
    (void)state;
    cay_dispatcher_t *d = NULL;
    int rc = CAY_ENOMEM;
    for (uint64_t n = 1; rc; n++) {
        cay__mem_fail_at(n, false);
        rc = cay__dispatcher_new(&d);
        cay__mem_fail_at(0, false);
        assert_true(rc == 0 || rc == CAY_ENOMEM);
        assert_true((d != NULL) == (rc == 0));
    }
    cay_worker_t *w;
    cay_inside_t *in;
    ok(cay_handles_new(NULL, &w, &in));
    cay_message_t *kept = NULL;
    cay__mem_fail_at(1, false);
    gives(CAY_ENOMEM, cay__worker_set_callback(w, d, keep_message, &kept, NULL));
    cay__mem_fail_at(0, false);
    cay_event_t *ev;
    gives(CAY_ETIMEDOUT, cay_worker_next_event(w, 0, &ev)); /* the handle can still be read */
    cay_worker_free(w);
    cay_inside_free(in);
    cay__dispatcher_free(d);
    cay__dispatcher_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(events_are_called_back_in_order_on_one_thread),
        balanced(room_is_told_through_the_callback),
        balanced(room_is_told_when_the_dispatcher_stops),
        balanced(ports_in_a_callback_are_charged_to_their_sender_no_more),
        balanced(worker_with_callback_has_no_other_reader),
        balanced(callback_may_keep_the_message),
        balanced(worker_may_be_freed_in_its_callback),
        balanced(worker_may_be_freed_in_its_final_callback),
        balanced(terminate_in_a_callback_stops_messages),
        balanced(busy_worker_does_not_hold_up_another),
        balanced(freeing_the_dispatcher_delivers_what_waits),
        balanced(terminate_beside_callbacks_starts_no_further_message),
        balanced(worker_is_freed_beside_its_callbacks),
        balanced(dispatcher_is_freed_while_workers_are),
        balanced(failing_memory_leaves_no_callback_behind),
    };
    return cmocka_run_group_tests_name("dispatcher", tests, NULL, NULL);
}
