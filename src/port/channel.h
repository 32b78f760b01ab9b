/* SPDX-License-Identifier: MIT */
/* The inside of a channel: two ends, their queues and those who wait on them. Shared by the files of this
 * folder only. Everything in a cay_port_t but `channel` is guarded by channel->lock. */
#ifndef CAY_PORT_CHANNEL_H
#define CAY_PORT_CHANNEL_H

#include "os/thread.h"
#include "port/port.h"

#define CAY_MAX_MESSAGES 1000000u
#define CAY_MAX_BYTES    (256ull << 20)

/* In post_rc: posts succeed and are thrown away. */
#define CAY_SWALLOW 1

typedef struct cay_channel cay_channel_t;

/* A thread in a blocking receive. Lives on its stack: an idle port costs no condition variable. */
typedef struct cay_waiter {
    cay_cond_t cond;
    bool woken;
} cay_waiter_t;

struct cay_port {
    cay_channel_t *channel;
    cay_link_t queue; /* of cay_item_t: what was posted through the other end */
    uint64_t count;   /* messages in it, or admitted and on their way into it */
    uint64_t bytes;   /* their cost */
    const cay_sink_ops_t *sink;
    void *sink_ctx;
    cay_waiter_t *waiter;
    uint32_t carriers; /* items in the queue that carry ports */
    int32_t fd;        /* -1 until asked for */
    int16_t post_rc;   /* what posts through this end get, when not 0 */
    int16_t take_rc;   /* what receiving from this end gets, when not 0, whatever the queue holds */
    bool armed : 1;    /* the sink wants to be told */
    bool fd_up : 1;    /* the descriptor polls readable */
    bool moving : 1;   /* listed in a message that is being posted */
    bool closed : 1;
};

struct cay_channel {
    cay_mutex_t lock;
    uint64_t max_messages; /* in each direction */
    uint64_t max_bytes;
    bool main; /* embedded in a cay_control_t: end 0 is the creator's, end 1 the worker's */
    cay_port_t end[2];
};

void cay__channel_init(cay_channel_t *c, uint64_t max_messages, uint64_t max_bytes, bool main);
static inline cay_port_t *cay__peer(cay_channel_t *c, const cay_port_t *p) {
    return &c->end[p == &c->end[0]];
}

/* Whether the item may be posted through `from`: 0 with room reserved for it, CAY_SWALLOW, or an error. */
CAY_NODISCARD int cay__end_admit(cay_channel_t *c, cay_port_t *from, const cay_item_t *item)
    CAY_REQUIRES(c->lock);
/* Appends to p's queue and tells whoever waits. */
void cay__end_push(cay_channel_t *c, cay_port_t *p, cay_item_t *item) CAY_REQUIRES(c->lock);
/* 0, CAY_EAGAIN (the sink is armed), or why nothing will come. */
CAY_NODISCARD int cay__end_pop(cay_channel_t *c, cay_port_t *p, cay_item_t **out)
    CAY_REQUIRES(c->lock);
/* As cay__end_pop, waiting. CAY_ETIMEDOUT; CAY_EBUSY when another thread waits already. */
CAY_NODISCARD int cay__end_receive(cay_port_t *p, int64_t timeout_ms, cay_item_t **out);
/* Tells sink, waiter and descriptor that receiving from p has (or may have) a new outcome. */
void cay__end_notify(cay_channel_t *c, cay_port_t *p) CAY_REQUIRES(c->lock);
/* Makes the descriptor agree with the queue, for when things were taken out. */
void cay__end_sync_fd(cay_channel_t *c, cay_port_t *p) CAY_REQUIRES(c->lock);
/* Binds the sink, telling it at once when there is something to tell. */
void cay__end_bind(cay_channel_t *c, cay_port_t *p, const cay_sink_ops_t *ops, void *ctx)
    CAY_REQUIRES(c->lock);
/* Forgets sink and descriptor; returns the latter, to be closed outside the lock. */
CAY_NODISCARD int cay__end_unbind(cay_channel_t *c, cay_port_t *p) CAY_REQUIRES(c->lock);
/* The descriptor, made on first use. */
CAY_NODISCARD int cay__end_fd(cay_channel_t *c, cay_port_t *p) CAY_REQUIRES(c->lock);
/* Closes the end, moves its queue to the end of `doomed` and tells the peer. Returns the descriptor. */
CAY_NODISCARD int cay__end_close(cay_channel_t *c, cay_port_t *p, cay_link_t *doomed)
    CAY_REQUIRES(c->lock);

/* Frees the items of a list with all that they carry, without recursion however deep that is. */
void cay__items_free(cay_link_t *doomed);
/* Closes a port; what waited in its queue goes to the end of `doomed`. */
void cay__port_close_into(CAY_OWN cay_port_t *port, cay_link_t *doomed);

#endif
