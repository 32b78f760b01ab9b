/* SPDX-License-Identifier: MIT */
/* Ends of channels: queue, bounds, and telling those who wait.
 *
 * The common case of a post is one lock, one append and one look at each kind of waiting reader; a system
 * call happens only when a thread sleeps in receive or a descriptor changes its state. */
#include "port/channel.h"

#include "base/mem.h"
#include "os/clock.h"
#include "os/flagfd.h"
#include "port/control.h"

static void end_init(cay_channel_t *c, cay_port_t *p) {
    *p = (cay_port_t){.channel = c, .fd = -1, .shared = true};
    cay__list_init(&p->queue);
}

void cay__rest_drop(cay_rest_t *rest) {
    cay__flagfd_close(rest->fd);
    cay__account_unref(&rest->account);
}

void cay__channel_init(cay_channel_t *c, uint64_t max_messages, uint64_t max_bytes, bool main) {
    cay__mutex_init(&c->lock);
    c->max_messages = max_messages ? max_messages : CAY_MAX_MESSAGES;
    c->max_bytes = max_bytes ? max_bytes : CAY_MAX_BYTES;
    c->main = main;
    end_init(c, &c->end[0]);
    end_init(c, &c->end[1]);
}

/* Whether receiving would not wait. */
static bool end_readable(cay_channel_t *c, const cay_port_t *p) CAY_REQUIRES(c->lock) {
    return p->take_rc || !cay__list_empty(&p->queue) || cay__peer(c, p)->closed;
}

void cay__end_sync_fd(cay_channel_t *c, cay_port_t *p) {
    if (CAY_LIKELY(p->fd < 0)) {
        return;
    }
    bool up = end_readable(c, p);
    if (up == p->fd_up) {
        return;
    }
    p->fd_up = up;
    if (up) {
        cay__flagfd_raise(p->fd);
    } else {
        cay__flagfd_lower(p->fd);
    }
}

void cay__end_notify(cay_channel_t *c, cay_port_t *p) {
    if (p->armed) {
        p->armed = false;
        p->sink->ready(p->sink_ctx);
    }
    if (p->waiter && !p->waiter->woken) {
        p->waiter->woken = true;
        cay__cond_signal(&p->waiter->cond);
    }
    cay__end_sync_fd(c, p);
}

void cay__end_push(cay_channel_t *c, cay_port_t *p, cay_item_t *item) {
    cay__list_push(&p->queue, &item->link);
    p->carriers += item->ports > 0;
    cay__end_notify(c, p);
}

int cay__end_pop(cay_channel_t *c, cay_port_t *p, cay_item_t **out) {
    if (CAY_UNLIKELY(p->take_rc)) {
        return p->take_rc;
    }
    cay_link_t *l = cay__list_shift(&p->queue);
    if (!l) {
        p->armed = p->sink && p->sink->ready;
        return cay__peer(c, p)->closed ? CAY_ECLOSED : CAY_EAGAIN;
    }
    cay_item_t *item = CAY_CONTAINER(l, cay_item_t, link);
    if (CAY_LIKELY(item->type == CAY_EVENT_MESSAGE)) {
        cay__end_settle(p, 1, item->cost);
        p->carriers -= item->ports > 0;
        if (CAY_UNLIKELY(cay__peer(c, p)->starved)) {
            cay__end_offer_room(c, cay__peer(c, p));
        }
    } else {
        cay__stream_took(c, p, item);
    }
    cay__end_sync_fd(c, p);
    *out = item;
    return 0;
}

/* Ports on their way to an end without an account were charged to their sender until now. Takes the reference. */
static void arrive(cay_item_t *item, cay_account_t *reader) {
    cay_message_t *m = CAY_CONTAINER(item, cay_message_t, item);
    for (size_t i = 0; i < item->ports; i++) {
        cay__port_set_account(m->cargo.ports[i], reader);
    }
    cay__account_unref(&reader);
}

/* Unlocks after a pop that gave `rc`. What arrived with the item is seen to outside the lock. */
static int end_took(cay_channel_t *c, const cay_port_t *p, int rc, cay_item_t *const *item)
    CAY_RELEASE(c->lock) {
    if (CAY_LIKELY(rc || !(*item)->ports)) {
        cay__mutex_unlock(&c->lock);
        return rc;
    }
    cay_account_t *reader = p->account ? cay__account_ref(p->account) : NULL;
    cay__mutex_unlock(&c->lock);
    arrive(*item, reader);
    return rc;
}

int cay__end_take(cay_port_t *p, cay_item_t **out) {
    cay_channel_t *c = p->channel;
    cay__mutex_lock(&c->lock);
    int rc = p->closed ? CAY_ECLOSED : cay__end_pop(c, p, out);
    return end_took(c, p, rc, out);
}

static int end_wait(cay_channel_t *c, cay_port_t *p, uint64_t deadline, cay_item_t **out)
    CAY_REQUIRES(c->lock) {
    if (p->waiter) {
        return CAY_EBUSY;
    }
    cay_waiter_t w = {.next = NULL};
    cay__cond_init(&w.cond);
    p->waiter = &w;
    int rc = CAY_EAGAIN;
    for (bool in_time = true; rc == CAY_EAGAIN && in_time;) {
        w.woken = false;
        in_time = cay__cond_wait_until(&w.cond, &c->lock, deadline);
        rc = cay__end_pop(c, p, out);
    }
    p->waiter = NULL;
    cay__cond_destroy(&w.cond);
    return rc;
}

int cay__end_receive(cay_port_t *p, int64_t timeout_ms, cay_item_t **out) {
    cay_channel_t *c = p->channel;
    cay__mutex_lock(&c->lock);
    int rc = cay__end_pop(c, p, out);
    if (rc == CAY_EAGAIN && timeout_ms) {
        rc = end_wait(c, p, cay__clock_deadline(timeout_ms), out);
    }
    rc = end_took(c, p, rc, out);
    return rc == CAY_EAGAIN ? CAY_ETIMEDOUT : rc;
}

void cay__end_bind(cay_channel_t *c, cay_port_t *p, const cay_sink_ops_t *ops, void *ctx) {
    p->sink = ops;
    p->sink_ctx = ctx;
    p->armed = ops && ops->ready; /* never without a sink that wants it */
    if (p->armed && end_readable(c, p)) {
        p->armed = false;
        ops->ready(ctx);
    }
}

int cay__end_unbind(cay_channel_t *c, cay_port_t *p) {
    int fd = p->fd;
    cay__end_bind(c, p, NULL, NULL);
    p->fd = -1;
    p->fd_up = false;
    return fd;
}

int cay__end_fd(cay_channel_t *c, cay_port_t *p) {
    if (p->fd < 0) {
        int fd = cay__flagfd_open();
        if (fd < 0) {
            return fd;
        }
        p->fd = fd;
        cay__end_sync_fd(c, p);
    }
    return p->fd;
}

cay_rest_t cay__end_close(cay_channel_t *c, cay_port_t *p, cay_link_t *doomed) {
    p->closed = true;
    p->starved = false;
    cay__list_splice(doomed, &p->queue);
    p->carriers = 0;
    cay__end_settle(p, p->count, p->bytes);
    cay_port_t *peer = cay__peer(c, p);
    if (!peer->closed) {
        cay__end_notify(c, peer);
        cay__end_wake_posters(c, peer);
    }
    return (cay_rest_t){cay__end_unbind(c, p), cay_steal(&p->account)};
}
