/* SPDX-License-Identifier: MIT */
/* What the tests of room share: queues that are quickly full, and what tells that they are no longer. */
#ifndef CAY_TEST_PORT_DRAIN_UTIL_H
#define CAY_TEST_PORT_DRAIN_UTIL_H

#include "account_util.h"

static inline void count(void *ctx) {
    ++*(int *)ctx;
}
static const cay_sink_ops_t drained_ops = {NULL, count};

/* Handles whose queues take so many messages. */
static inline worker_t bounded(uint64_t messages) {
    cay_handles_options_t o = CAY_HANDLES_OPTIONS_INIT;
    o.max_messages = messages;
    worker_t x;
    ok(cay_handles_new(&o, &x.w, &x.in));
    x.outer = cay_worker_port(x.w);
    x.inner = cay_inside_port(x.in);
    return x;
}

/* Posts until refused. */
static inline unsigned fill(cay_port_t *port) {
    unsigned n = 0;
    int rc;
    while ((rc = send_text(port, "x")) == 0) {
        n++;
    }
    gives(CAY_EAGAIN, rc);
    return n;
}

static inline void drop_events(cay_worker_t *w, int n) {
    for (int i = 0; i < n; i++) {
        cay_event_t *ev = NULL;
        ok(cay_worker_next_event(w, 0, &ev));
        cay_event_free(ev);
    }
}

static inline void expect_drain(cay_worker_t *w) {
    cay_event_t *ev = NULL;
    ok(cay_worker_next_event(w, 0, &ev));
    assert_int_equal(ev->type, CAY_EVENT_DRAIN);
    assert_int_equal(ev->size, sizeof *ev);
    assert_null(cay_event_take_message(ev));
    cay_event_free(ev);
}

static inline void expect_no_event(cay_worker_t *w) {
    cay_event_t *ev = NULL;
    gives(CAY_ETIMEDOUT, cay_worker_next_event(w, 0, &ev));
}

#endif
