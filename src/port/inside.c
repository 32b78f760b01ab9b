/* SPDX-License-Identifier: MIT */
/* The internal handle: what the worker's side posts, and how it learns that it should end. */
#include "base/mem.h"
#include "os/flagfd.h"
#include "port/control.h"

void cay__inside_set_ops(cay_inside_t *in, const cay_inside_ops_t *ops, void *ctx) {
    cay_control_t *k = cay__inside_control(in);
    cay__mutex_lock(&k->channel.lock);
    in->ops = ops;
    in->ctx = ctx;
    in->told = ops && k->reason != CAY_REASON_NONE;
    if (in->told) {
        ops->terminate(ctx);
    }
    cay__mutex_unlock(&k->channel.lock);
}

cay_reason_t cay__inside_reason(const cay_inside_t *in) {
    return atomic_load_explicit(&cay__inside_control(in)->reason, memory_order_acquire);
}

bool cay_inside_is_terminated(const cay_inside_t *inside) {
    return inside && cay__inside_reason(inside) != CAY_REASON_NONE;
}

uint64_t cay__inside_id(const cay_inside_t *in) {
    return cay__inside_control(in)->id;
}

const char *cay__inside_name(const cay_inside_t *in) {
    return cay__inside_control(in)->name;
}

cay_port_t *cay_inside_port(cay_inside_t *inside) {
    return inside ? cay__inner(cay__inside_control(inside)) : NULL;
}

void cay__inside_stop_posting(cay_inside_t *in) {
    cay_control_t *k = cay__inside_control(in);
    cay__mutex_lock(&k->channel.lock);
    if (!cay__inner(k)->post_rc) {
        cay__inner(k)->post_rc = CAY_SWALLOW;
    }
    cay__mutex_unlock(&k->channel.lock);
}

/* ---- events ---- */

/* Puts a control event that is not final into the stream. *box is taken when it went in. */
static int post(cay_control_t *k, cay_event_box_t **box) CAY_REQUIRES(k->channel.lock) {
    if (k->ended) {
        return CAY_ECLOSED;
    }
    if (cay__outer(k)->closed) {
        return 0; /* nobody will read it */
    }
    if (k->event_count >= CAY_MAX_EVENTS ||
        (*box)->item.cost > CAY_MAX_EVENT_BYTES - k->event_bytes) {
        return CAY_EAGAIN;
    }
    cay_event_box_t *in = cay_steal(box);
    k->event_count++;
    k->event_bytes += in->item.cost;
    cay__list_push(&k->events, &in->events);
    cay__end_push(&k->channel, cay__outer(k), &in->item);
    return 0;
}

static int post_plain(cay_control_t *k, const cay_event_t *ev) {
    cay_event_box_t *box = cay__event_box_copy(ev);
    if (!box) {
        return CAY_ENOMEM;
    }
    cay__mutex_lock(&k->channel.lock);
    int rc = post(k, &box);
    cay__mutex_unlock(&k->channel.lock);
    cay__free(box);
    return rc;
}

/* Ends the stream; whoever held the creator's handle may have freed it, and then there is no reader. */
static int post_final(cay_control_t *k, const cay_event_t *ev) {
    cay_event_box_t *box = cay__event_box_copy(ev);
    cay__mutex_lock(&k->channel.lock);
    bool first = cay__stream_end(k, box, ev);
    cay__mutex_unlock(&k->channel.lock);
    if (!first) {
        cay__free(box);
    }
    return first ? 0 : CAY_ECLOSED;
}

int cay_inside_post_event(cay_inside_t *inside, const cay_event_t *ev) {
    if (!inside || !ev) {
        return CAY_EINVAL;
    }
    cay_control_t *k = cay__inside_control(inside);
    switch (ev->type) {
    case CAY_EVENT_ONLINE:
    case CAY_EVENT_ERROR:
    case CAY_EVENT_LIMIT:
    case CAY_EVENT_OVERDUE: return post_plain(k, ev);
    case CAY_EVENT_TERMINAL_ERROR:
    case CAY_EVENT_CLOSE: return post_final(k, ev);
    default: return CAY_EINVAL;
    }
}

/* ---- giving up ---- */

/* What a worker that did not say how it ended is said to have ended of. */
static cay_event_t default_end(cay_reason_t told) {
    cay_event_t ev = {.type = told ? CAY_EVENT_CLOSE : CAY_EVENT_TERMINAL_ERROR};
    ev.u.end.reason = told ? told : CAY_REASON_LOST;
    return ev;
}

/* In two steps, so that all is freed by the time that cay_worker_join sees `gone`. */
void cay_inside_free(cay_inside_t *inside) {
    if (!inside) {
        return;
    }
    cay_control_t *k = cay__inside_control(inside);
    cay_link_t doomed;
    cay__list_init(&doomed);
    cay__mutex_lock(&k->channel.lock);
    cay_event_t end = default_end(k->reason);
    bool posted = cay__stream_end(k, NULL, &end);
    (void)posted;
    inside->ops = NULL;
    cay_rest_t rest = cay__end_close(&k->channel, cay__inner(k), &doomed);
    cay__list_splice(&doomed, &k->garbage);
    cay__mutex_unlock(&k->channel.lock);
    cay__rest_drop(&rest);
    cay__items_free(&doomed);

    cay__mutex_lock(&k->channel.lock);
    k->gone = true;
    cay__cond_broadcast(&k->gone_cond);
    bool last = cay__control_unref(k);
    cay__mutex_unlock(&k->channel.lock);
    if (last) {
        cay__control_free(k);
    }
}
