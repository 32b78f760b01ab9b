/* SPDX-License-Identifier: MIT */
/* The block that a worker's two handles share. It embeds the main channel, whose lock guards everything here
 * that is not said to be otherwise.
 *
 *      cay_worker_t ──┐                          ┌── cay_inside_t
 *                     ├── cay_control_t (refs) ──┤
 *      dispatcher ────┘   channel: end 0 │ end 1 └
 *
 * end 0's queue is the stream: messages of the worker and control events. Ends are told by post_rc and
 * take_rc: terminate sets CAY_ETERMINATED on all that is the worker's, the final event CAY_ECLOSED. */
#ifndef CAY_PORT_CONTROL_H
#define CAY_PORT_CONTROL_H

#include <stdatomic.h>

#include "port/channel.h"
#include "port/event.h"

/* Control events that may wait in a stream, beside the final one. */
#define CAY_MAX_EVENTS      1000u
#define CAY_MAX_EVENT_BYTES (16u << 20)

typedef struct cay_control cay_control_t;
typedef struct cay_dispatch cay_dispatch_t; /* one worker's callback, see dispatcher.c */

struct cay_worker {
    cay_event_box_t *spare; /* memory for the next message's event; of the consuming thread alone */
    bool callback;          /* set before any other thread knows the handle */
};

struct cay_inside {
    const cay_inside_ops_t *ops;
    void *ctx;
    bool told; /* ops->terminate has run for this binding */
};

struct cay_control {
    cay_channel_t channel;
    cay_worker_t worker;
    cay_inside_t inside;
    unsigned refs; /* worker, inside, dispatch */
    _Atomic uint32_t
        reason; /* cay_reason_t given to terminate; written under the lock, read anywhere */
    bool ended; /* the final event was posted */
    bool gone;  /* the inside handle was freed */
    cay_event_box_t *last; /* kept for the final event; NULL once posted */
    cay_item_t
        drain; /* CAY_EVENT_DRAIN: in the stream, or in no list. One is enough, as nobody reads two in a row */
    cay_link_t events;    /* boxes in the stream, by box->events */
    uint32_t event_count; /* of them, the final one not counted */
    uint64_t event_bytes;
    cay_link_t
        garbage; /* messages that terminate threw away, for a thread with time to free them */
    cay_cond_t gone_cond;
    cay_dispatch_t *dispatch;        /* NULL without callback, and once it is over */
    struct cay_authority *authority; /* what a runtime gave; constant, references */
    void (*authority_unref)(struct cay_authority **authority);
    struct cay_functions *functions;
    struct cay_account *account; /* the worker's, a reference; NULL without a runtime */
    uint64_t id;                 /* constant, as is name */
    char name[];
};

static inline cay_port_t *cay__outer(cay_control_t *k) {
    return &k->channel.end[0];
}
static inline cay_port_t *cay__inner(cay_control_t *k) {
    return &k->channel.end[1];
}
static inline cay_control_t *cay__worker_control(const cay_worker_t *w) {
    return CAY_CONTAINER(w, cay_control_t, worker);
}
static inline cay_control_t *cay__inside_control(const cay_inside_t *in) {
    return CAY_CONTAINER(in, cay_control_t, inside);
}

/* There is room again for the creator's posts: puts CAY_EVENT_DRAIN into the stream, unless one waits there. It needs no
 * memory and no place, so that it cannot be lost. */
void cay__stream_drained(cay_channel_t *c) CAY_REQUIRES(c->lock);
/* Keeps the books when a control event leaves the stream; the final one closes it. */
void cay__stream_took(cay_channel_t *c, cay_port_t *p, cay_item_t *item) CAY_REQUIRES(c->lock);
/* Ends the worker's stream with `box`, or when NULL with the reserved one after setting its event to *ev.
 * false, and nothing happened, when it had ended. */
CAY_NODISCARD bool cay__stream_end(cay_control_t *k, CAY_OWN cay_event_box_t *box,
                                   const cay_event_t *ev) CAY_REQUIRES(k->channel.lock);
/* Gives up one reference; true when it was the last, and the caller must call cay__control_free after
 * unlocking. */
CAY_NODISCARD bool cay__control_unref(cay_control_t *k) CAY_REQUIRES(k->channel.lock);
void cay__control_free(CAY_OWN cay_control_t *k);

/* ---- dispatcher.c ---- */

/* The handle is being freed: the dispatch (not NULL, taken out of control->dispatch by the caller) ends. */
void cay__dispatch_abandon(CAY_OWN cay_dispatch_t *d);

#endif
