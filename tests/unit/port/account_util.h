/* SPDX-License-Identifier: MIT */
/* What the tests of charges share: accounts with limits as small as it takes, channels and handles that are charged
 * to them. */
#ifndef CAY_TEST_PORT_ACCOUNT_UTIL_H
#define CAY_TEST_PORT_ACCOUNT_UTIL_H

#include "util.h"

#define PORT ((uint64_t)CAY_PORT_COST + 1) /* what a message of one port costs */
#define MIB  (1ull << 20)

/* 0: the default. Others may be less than a host could give. */
static inline cay_account_t *account_new(cay_account_t *parent, uint64_t memory, uint64_t queue,
                                         uint64_t queue_bytes) {
    cay_limits_t l = CAY_LIMITS_INIT;
    ok(cay_limits_resolve(NULL, &l, NULL));
    l.memory = memory ? memory : l.memory;
    l.queue = queue ? queue : l.queue;
    l.queue_bytes = queue_bytes ? queue_bytes : l.queue_bytes;
    cay_account_t *a = cay__account_new(parent, &l, NULL);
    assert_non_null(a);
    return a;
}

static inline uint64_t charged(const cay_account_t *a) {
    return atomic_load(&a->part[CAY_PART_MESSAGES]);
}
static inline uint64_t queued(const cay_account_t *a) {
    return atomic_load(&a->tally[CAY_TALLY_QUEUED]);
}

/* So many messages of so many bytes are charged, of which `shared` in the shared queues. */
static inline void expect_charges(const cay_account_t *a, uint64_t count, uint64_t bytes,
                                  uint64_t shared) {
    assert_int_equal(queued(a), count);
    assert_int_equal(charged(a), bytes);
    assert_int_equal(atomic_load(&a->shared_queued), shared);
    if (shared == 0 || shared == count) {
        assert_int_equal(atomic_load(&a->shared_bytes), shared ? bytes : 0);
    }
}

/* Nothing is charged, and nobody but the test holds it. */
static inline void account_end(cay_account_t *a) {
    expect_charges(a, 0, 0, 0);
    assert_int_equal(atomic_load(&a->tree), 0);
    assert_int_equal(cay__account_own(a), 0);
    assert_int_equal(atomic_load(&a->refs), 1);
    cay__account_end(a);
    cay__account_unref(&a);
}

typedef struct pair {
    cay_port_t *a, *b;
} pair_t;

/* b is received from by the account's worker. */
static inline pair_t channel(cay_account_t *of_b) {
    pair_t p;
    ok(cay_channel_new(&p.a, &p.b));
    cay__port_set_account(p.b, of_b);
    return p;
}

static inline void close_both(pair_t p) {
    cay_port_close(p.a);
    cay_port_close(p.b);
}

typedef struct worker {
    cay_worker_t *w;
    cay_inside_t *in;
    cay_port_t *outer, *inner;
} worker_t;

static inline worker_t worker(cay_account_t *own, cay_account_t *reader) {
    worker_t x;
    ok(cay_handles_new(NULL, &x.w, &x.in));
    if (own) {
        cay__worker_set_account(x.w, own);
    }
    cay__worker_set_reader(x.w, reader);
    x.outer = cay_worker_port(x.w);
    x.inner = cay_inside_port(x.in);
    return x;
}

static inline void free_both(worker_t x) {
    cay_inside_free(x.in);
    cay_worker_free(x.w);
}

/* Takes the one event that waits, which is a message. */
static inline cay_message_t *next_message(cay_worker_t *w) {
    cay_event_t *ev = NULL;
    ok(cay_worker_next_event(w, 0, &ev));
    cay_message_t *m = cay_event_take_message(ev);
    assert_non_null(m);
    cay_event_free(ev);
    return m;
}

#endif
