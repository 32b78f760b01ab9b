/* SPDX-License-Identifier: MIT */
/* Room in queues: which post is refused, who is charged for what waits, and who is told that there is room again.
 *
 *   post refused (CAY_EAGAIN) ──► starved ── the queue is at most half full, and the account lets it in ──► told, once
 *
 * Told are: the sink of the end posted through, threads in cay_port_wait_room, and for the creator's handle its stream.
 * It is looked for when something is taken, when the account changes, and when whoever holds the other end pokes. */
#include "base/err.h"
#include "os/clock.h"
#include "port/control.h"

/* ---- refusing ---- */

static uint64_t most_single(const cay_channel_t *c) {
    return c->max_bytes > CAY_MAX_SINGLE ? c->max_bytes : CAY_MAX_SINGLE;
}

static bool fits(const cay_channel_t *c, const cay_port_t *to, uint64_t bytes) {
    return to->count < c->max_messages && to->bytes <= c->max_bytes &&
           bytes <= c->max_bytes - to->bytes;
}

/* Whether one more message of `bytes` gets into the queue of `to`. */
static int queue_room(const cay_channel_t *c, const cay_port_t *to, uint64_t bytes) {
    if (CAY_LIKELY(fits(c, to, bytes))) {
        return 0;
    }
    if (bytes > most_single(c)) {
        return CAY_ELIMIT;
    }
    return to->count == 0 ? 0 : CAY_EAGAIN;
}

/* Why an account refused: CAY_ELIMIT when it would as well with nothing else in it. */
static int refusal(const cay_account_t *a, uint64_t bytes) {
    for (; a; a = a->parent) {
        if (bytes > a->limits.memory) {
            return CAY_ELIMIT;
        }
    }
    return CAY_EAGAIN;
}

/* What waits in the carried ports has to fit as well, and is charged when they move. */
static int charge(cay_port_t *to, uint64_t cost, uint64_t carried) {
    cay_account_t *a = to->account;
    if (!cay__account_enqueue(a, to->shared, to->count == 0, cost + carried)) {
        return refusal(a, cost + carried);
    }
    if (carried) {
        cay__account_dequeue(a, to->shared, 0, carried);
    }
    return 0;
}

static int refuse(cay_port_t *from, int rc, uint64_t bytes) {
    if (rc == CAY_EAGAIN) {
        from->starved = true;
        from->wanted = bytes;
    }
    return rc;
}

static int take_place(cay_port_t *to, uint64_t cost) {
    to->count++;
    to->bytes += cost;
    return 0;
}

/* Kept out of the way of the usual post: an account, a large message, a refusal. */
static CAY_NOINLINE int admit_with_care(cay_channel_t *c, cay_port_t *from, uint64_t cost,
                                        uint64_t carried) CAY_REQUIRES(c->lock) {
    cay_port_t *to = cay__peer(c, from);
    int rc = queue_room(c, to, cost + carried);
    if (rc == 0 && to->account) {
        rc = charge(to, cost, carried);
    }
    return rc ? refuse(from, rc, cost + carried) : take_place(to, cost);
}

int cay__end_admit(cay_channel_t *c, cay_port_t *from, uint64_t cost, uint64_t carried) {
    cay_port_t *to = cay__peer(c, from);
    if (CAY_UNLIKELY(from->post_rc)) {
        return from->post_rc;
    }
    if (to->closed) {
        return CAY_ECLOSED;
    }
    bool is_simple = !to->account && fits(c, to, cost + carried);
    return is_simple ? take_place(to, cost) : admit_with_care(c, from, cost, carried);
}

int cay__post_error(const cay_port_t *from, int rc, uint64_t cost, uint64_t carried,
                    cay_error_t **err) {
    bool past_single = cost + carried > most_single(from->channel);
    switch (rc) {
    case CAY_EAGAIN: return cay__error_set(err, rc, "the other end's mailbox is full");
    case CAY_ELIMIT:
        return cay__error_set(err, rc, "the message%s is larger than the other end's %s",
                              carried ? ", with what waits in its ports," : "",
                              past_single ? "mailbox" : "memory limit");
    case CAY_ECLOSED: return cay__error_set(err, rc, "the other end is closed");
    case CAY_ETERMINATED: return cay__error_set(err, rc, "the worker was terminated");
    default: return cay__error_set(err, rc, "%s", cay_error_text(rc));
    }
}

/* ---- telling ---- */

static bool account_room(const cay_port_t *to, uint64_t bytes) {
    return !to->account || cay__account_has_room(to->account, to->shared, to->count == 0, bytes);
}

void cay__end_wake_posters(cay_channel_t *c, cay_port_t *from) {
    (void)c;
    for (cay_waiter_t *w = from->posters; w; w = w->next) {
        cay__cond_signal(&w->cond);
    }
}

static bool has_plenty(cay_channel_t *c, const cay_port_t *from) CAY_REQUIRES(c->lock) {
    const cay_port_t *to = cay__peer(c, from);
    return !from->post_rc && !to->closed && to->count <= c->max_messages / 2 &&
           to->bytes <= c->max_bytes / 2 && queue_room(c, to, from->wanted) == 0 &&
           account_room(to, from->wanted);
}

void cay__end_offer_room(cay_channel_t *c, cay_port_t *from) {
    if (!from->starved || !has_plenty(c, from)) {
        return;
    }
    from->starved = false;
    cay__end_wake_posters(c, from);
    if (c->main && from == &c->end[0]) {
        cay__stream_drained(c);
    } else if (from->sink && from->sink->drained) {
        from->sink->drained(from->sink_ctx);
    }
}

void cay__port_poke(cay_port_t *port) {
    cay_channel_t *c = port->channel;
    cay__mutex_lock(&c->lock);
    cay__end_offer_room(c, cay__peer(c, port));
    cay__mutex_unlock(&c->lock);
}

/* ---- waiting for room ---- */

/* What a post would get now. When that is CAY_EAGAIN, the end is starved, and so will be told. */
static int room_now(cay_channel_t *c, cay_port_t *from) CAY_REQUIRES(c->lock) {
    cay_port_t *to = cay__peer(c, from);
    if (from->post_rc) {
        return from->post_rc == CAY_SWALLOW ? 0 : from->post_rc;
    }
    if (to->closed) {
        return CAY_ECLOSED;
    }
    cay__end_offer_room(c, from);
    if (from->starved) {
        return CAY_EAGAIN;
    }
    int rc = queue_room(c, to, 1);
    return refuse(from, rc == 0 && !account_room(to, 1) ? CAY_EAGAIN : rc, 1);
}

static int wait_room(cay_channel_t *c, cay_port_t *from, uint64_t deadline) CAY_REQUIRES(c->lock) {
    cay_waiter_t w = {.next = from->posters};
    cay__cond_init(&w.cond);
    from->posters = &w;
    int rc = CAY_EAGAIN;
    for (bool in_time = true; rc == CAY_EAGAIN && in_time;) {
        in_time = cay__cond_wait_until(&w.cond, &c->lock, deadline);
        rc = room_now(c, from);
    }
    cay_waiter_t **at = &from->posters;
    while (*at != &w) {
        at = &(*at)->next;
    }
    *at = w.next;
    cay__cond_destroy(&w.cond);
    return rc;
}

int cay_port_wait_room(cay_port_t *port, int64_t timeout_ms) {
    if (!port) {
        return CAY_EINVAL;
    }
    cay_channel_t *c = port->channel;
    cay__mutex_lock(&c->lock);
    int rc = room_now(c, port);
    if (rc == CAY_EAGAIN && timeout_ms) {
        rc = wait_room(c, port, cay__clock_deadline(timeout_ms));
    }
    cay__mutex_unlock(&c->lock);
    return rc == CAY_EAGAIN ? CAY_ETIMEDOUT : rc;
}

/* ---- whom it is charged to ---- */

/* Given back before it is charged again: where both are below one limit, it is never counted twice. */
static void swap_account(cay_port_t *p, cay_account_t *account, bool shared) {
    if (p->account) {
        cay__account_dequeue(p->account, p->shared, p->count, p->bytes);
    }
    if (account) {
        cay__account_adopt(account, shared, p->count, p->bytes);
    }
    p->account = account ? cay__account_ref(account) : NULL;
}

/* Room is offered even when nothing changes: while a port was on its way, nobody poked it. */
cay_account_t *cay__end_charge_to(cay_channel_t *c, cay_port_t *p, cay_account_t *account,
                                  bool shared) {
    cay_account_t *old = NULL;
    if (p->account != account) {
        old = p->account;
        swap_account(p, account, shared);
    } else if (account && p->shared != shared) {
        cay__account_share(account, shared, p->count, p->bytes);
    }
    p->shared = shared;
    cay__end_offer_room(c, cay__peer(c, p));
    return old;
}

void cay__port_set_account(cay_port_t *port, cay_account_t *account) {
    cay_channel_t *c = port->channel;
    cay__mutex_lock(&c->lock);
    cay_account_t *old = cay__end_charge_to(c, port, account, true);
    cay__mutex_unlock(&c->lock);
    cay__account_unref(&old);
}
