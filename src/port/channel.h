/* SPDX-License-Identifier: MIT */
/* The inside of a channel: two ends, their queues and those who wait on them. Shared by the files of this
 * folder only. Everything in a cay_port_t but `channel` is guarded by channel->lock.
 *
 * What waits in an end (messages, and places reserved for them) is counted there and charged to the end's account.
 * An end that closes, or whose queue terminate throws away, counts and charges nothing from then on: no post gets
 * through to it any more, and the places reserved in it went with the rest. */
#ifndef CAY_PORT_CHANNEL_H
#define CAY_PORT_CHANNEL_H

#include "limits/account.h"
#include "os/thread.h"
#include "port/port.h"

#define CAY_MAX_MESSAGES 10000u
#define CAY_MAX_BYTES    (16ull << 20)
/* A message alone in its queue may pass the bound on bytes, up to this. */
#define CAY_MAX_SINGLE (256ull << 20)
/* What a port costs in the queue that it waits in. */
#define CAY_PORT_COST sizeof(cay_channel_t)

/* In post_rc: posts succeed and are thrown away. */
#define CAY_SWALLOW 1

typedef struct cay_channel cay_channel_t;

/* A thread in a blocking call. Lives on its stack: an idle port costs no condition variable. */
typedef struct cay_waiter {
    cay_cond_t cond;
    bool woken;              /* in a receive: signalled already */
    struct cay_waiter *next; /* among the posters of an end */
} cay_waiter_t;

struct cay_port {
    cay_channel_t *channel;
    cay_link_t queue;       /* of cay_item_t: what was posted through the other end */
    uint64_t count;         /* messages in it, or admitted and on their way into it */
    uint64_t bytes;         /* their cost */
    cay_account_t *account; /* a reference: who is charged for them; NULL: nobody */
    uint64_t wanted;        /* bytes of the last post through this end that was refused for room */
    const cay_sink_ops_t *sink;
    void *sink_ctx;
    cay_waiter_t *waiter;  /* in a receive from this end */
    cay_waiter_t *posters; /* that wait for room, to post through this end */
    uint32_t carriers;     /* items in the queue that carry ports */
    int32_t fd;            /* -1 until asked for */
    int16_t post_rc;       /* what posts through this end get, when not 0 */
    int16_t take_rc; /* what receiving from this end gets, when not 0, whatever the queue holds */
    bool armed : 1;  /* the sink wants to be told */
    bool fd_up : 1;  /* the descriptor polls readable */
    bool moving : 1; /* listed in a message that is being posted */
    bool closed : 1;
    bool shared : 1; /* what waits counts among the account's shared queues */
    /* a post through this end was refused for room, and nobody was told of any since */
    bool starved : 1;
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

/* What an end held that is to be given up outside the lock. */
typedef struct cay_rest {
    int fd; /* or -1 */
    cay_account_t *account;
} cay_rest_t;
void cay__rest_drop(cay_rest_t *rest);

/* ---- room.c ---- */

/* Whether a message of `cost`, in whose ports `carried` bytes wait, may be posted through `from`: 0 with room reserved
 * for it, CAY_SWALLOW, or an error. When that is CAY_EAGAIN, `from` is starved. */
CAY_NODISCARD int cay__end_admit(cay_channel_t *c, cay_port_t *from, uint64_t cost,
                                 uint64_t carried) CAY_REQUIRES(c->lock);
/* The error of a post through `from` that was refused with `rc`. Returns rc. */
int cay__post_error(const cay_port_t *from, int rc, uint64_t cost, uint64_t carried,
                    cay_error_t **err);
/* `count` messages of `bytes` together are p's no more. */
static inline void cay__end_settle(cay_port_t *p, uint64_t count, uint64_t bytes) {
    p->count -= count;
    p->bytes -= bytes;
    if (p->account) {
        cay__account_dequeue(p->account, p->shared, count, bytes);
    }
}
/* Tells those who post through `from`, when they are starved and there is enough room again. */
void cay__end_offer_room(cay_channel_t *c, cay_port_t *from) CAY_REQUIRES(c->lock);
/* Wakes the threads that wait for room: the outcome of posting through `from` has changed. */
void cay__end_wake_posters(cay_channel_t *c, cay_port_t *from) CAY_REQUIRES(c->lock);
/* Charges what waits in p to `account` (NULL: nobody) from now on, and returns the reference of the one before. */
CAY_NODISCARD cay_account_t *cay__end_charge_to(cay_channel_t *c, cay_port_t *p,
                                                cay_account_t *account, bool shared)
    CAY_REQUIRES(c->lock);

/* ---- channel.c ---- */

/* Appends to p's queue and tells whoever waits. */
void cay__end_push(cay_channel_t *c, cay_port_t *p, cay_item_t *item) CAY_REQUIRES(c->lock);
/* 0, CAY_EAGAIN (the sink is armed), or why nothing will come. */
CAY_NODISCARD int cay__end_pop(cay_channel_t *c, cay_port_t *p, cay_item_t **out)
    CAY_REQUIRES(c->lock);
/* As cay__end_pop, with the lock; the ports that the item carries are charged to p's account. CAY_ECLOSED also when p
 * itself is closed. */
CAY_NODISCARD int cay__end_take(cay_port_t *p, cay_item_t **out);
/* As cay__end_take, waiting. CAY_ETIMEDOUT; CAY_EBUSY when another thread waits already. */
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
/* Closes the end, moves its queue to the end of `doomed` and tells the peer. */
CAY_NODISCARD cay_rest_t cay__end_close(cay_channel_t *c, cay_port_t *p, cay_link_t *doomed)
    CAY_REQUIRES(c->lock);

/* Frees the items of a list with all that they carry, without recursion however deep that is. */
void cay__items_free(cay_link_t *doomed);
/* Closes a port; what waited in its queue goes to the end of `doomed`. */
void cay__port_close_into(CAY_OWN cay_port_t *port, cay_link_t *doomed);

#endif
