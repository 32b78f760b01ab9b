/* SPDX-License-Identifier: MIT */
/* The external handle of a worker, and the block it shares with the internal one (inside.c). */
#include <string.h>

#include "base/mem.h"
#include "limits/account.h"
#include "os/clock.h"
#include "os/flagfd.h"
#include "port/call.h"
#include "port/control.h"

static _Atomic uint64_t last_id;

/* ---- the shared block ---- */

/* Copies what caller and library both know of the options. */
static int options_read(const cay_handles_options_t *in, cay_handles_options_t *out) {
    *out = (cay_handles_options_t)CAY_HANDLES_OPTIONS_INIT;
    if (!in) {
        return 0;
    }
    if (in->size < sizeof in->size || in->size > 65536) { /* no size of a struct: nothing is read */
        return CAY_EINVAL;
    }
    const char *bytes = (const char *)in;
    for (size_t i = sizeof *out; i < in->size; i++) {
        if (bytes[i]) {
            return CAY_E2BIG;
        }
    }
    memcpy(out, in, in->size < sizeof *out ? in->size : sizeof *out);
    return 0;
}

int cay_handles_new(const cay_handles_options_t *options, cay_worker_t **worker,
                    cay_inside_t **inside) {
    cay_handles_options_t o;
    int rc = worker && inside ? options_read(options, &o) : CAY_EINVAL;
    if (rc) {
        return rc;
    }
    size_t name_size = (o.name ? strlen(o.name) : 0) + 1;
    cay_control_t *k = cay__calloc(1, sizeof *k + name_size);
    cay_event_box_t *last = cay__event_box_new();
    if (!k || !last) {
        cay__free(k);
        cay__free(last);
        return CAY_ENOMEM;
    }
    cay__channel_init(&k->channel, o.max_messages, o.max_bytes, true);
    cay__cond_init(&k->gone_cond);
    cay__list_init(&k->drain.link);
    k->drain.type = CAY_EVENT_DRAIN;
    cay__list_init(&k->events);
    cay__list_init(&k->garbage);
    k->refs = 2;
    k->last = last;
    k->id = atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1;
    memcpy(k->name, o.name ? o.name : "", name_size);
    *worker = &k->worker;
    *inside = &k->inside;
    return 0;
}

bool cay__control_unref(cay_control_t *k) {
    return --k->refs == 0;
}

void cay__control_free(cay_control_t *k) {
    cay__items_free(&k->garbage);
    cay__free(k->last);
    cay__free(k->worker.spare);
    if (k->authority) {
        k->authority_unref(&k->authority);
    }
    cay__functions_unref(&k->functions);
    cay__account_unref(&k->account);
    cay__cond_destroy(&k->gone_cond);
    cay__mutex_destroy(&k->channel.lock);
    cay__free(k);
}

/* ---- the stream ---- */

void cay__stream_took(cay_channel_t *c, cay_port_t *p, cay_item_t *item) {
    cay_control_t *k = CAY_CONTAINER(c, cay_control_t, channel);
    if (item == &k->drain) {
        return;
    }
    cay__list_remove(&CAY_CONTAINER(item, cay_event_box_t, item)->events);
    if (cay__event_type_final(item->type)) {
        p->take_rc = CAY_ECLOSED;
    } else {
        k->event_count--;
        k->event_bytes -= item->cost;
    }
}

void cay__stream_drained(cay_channel_t *c) {
    cay_control_t *k = CAY_CONTAINER(c, cay_control_t, channel);
    if (cay__list_empty(&k->drain.link)) {
        cay__end_push(c, cay__outer(k), &k->drain);
    }
}

bool cay__stream_end(cay_control_t *k, cay_event_box_t *box, const cay_event_t *ev) {
    if (k->ended) {
        return false;
    }
    if (!box) {
        box = cay_steal(&k->last);
        cay__event_box_set(box, ev);
    }
    k->ended = true;
    cay__inner(k)->post_rc = cay__outer(k)->post_rc = CAY_ECLOSED;
    cay__end_wake_posters(&k->channel, cay__inner(k));
    cay__end_wake_posters(&k->channel, cay__outer(k));
    if (cay__outer(k)->closed) {
        cay__list_push(&k->garbage, &box->item.link); /* nobody will read it */
    } else {
        cay__list_push(&k->events, &box->events);
        cay__end_push(&k->channel, cay__outer(k), &box->item);
    }
    return true;
}

/* Takes the messages out of the stream and leaves the control events, but for that of room, which is no use any more.
 * The messages are not looked at one by one: there may be a million, and terminate has to return at once. */
static void stream_purge(cay_control_t *k) CAY_REQUIRES(k->channel.lock) {
    cay_port_t *outer = cay__outer(k);
    cay__list_remove(&k->drain.link);
    for (cay_link_t *l = k->events.next; l != &k->events; l = l->next) {
        cay__list_remove(&CAY_CONTAINER(l, cay_event_box_t, events)->item.link);
    }
    cay__list_splice(&k->garbage, &outer->queue);
    for (cay_link_t *l = k->events.next; l != &k->events; l = l->next) {
        cay__list_push(&outer->queue, &CAY_CONTAINER(l, cay_event_box_t, events)->item.link);
    }
    cay__end_settle(outer, outer->count, outer->bytes);
    outer->carriers = 0;
    cay__end_sync_fd(&k->channel, outer);
}

/* ---- the external handle ---- */

cay_port_t *cay_worker_port(cay_worker_t *worker) {
    return worker ? cay__outer(cay__worker_control(worker)) : NULL;
}

uint64_t cay_worker_id(const cay_worker_t *worker) {
    return worker ? cay__worker_control(worker)->id : 0;
}

const char *cay_worker_name(const cay_worker_t *worker) {
    return worker ? cay__worker_control(worker)->name : "";
}

static void charge_to(cay_control_t *k, cay_port_t *end, cay_account_t *account, bool shared) {
    cay__mutex_lock(&k->channel.lock);
    cay_account_t *old = cay__end_charge_to(&k->channel, end, account, shared);
    cay__mutex_unlock(&k->channel.lock);
    cay__account_unref(&old);
}

void cay__worker_set_account(cay_worker_t *w, cay_account_t *account) {
    cay_control_t *k = cay__worker_control(w);
    k->account = cay__account_ref(account);
    charge_to(k, cay__inner(k), account, false);
}

void cay__worker_set_reader(cay_worker_t *w, cay_account_t *creator) {
    cay_control_t *k = cay__worker_control(w);
    charge_to(k, cay__outer(k), creator, true);
}

cay_account_t *cay__worker_account(const cay_worker_t *w) {
    return cay__worker_control(w)->account;
}

int cay_worker_usage(const cay_worker_t *worker, cay_usage_t *usage, size_t size) {
    if (!worker || !usage || !size) {
        return CAY_EINVAL;
    }
    const cay_account_t *a = cay__worker_control(worker)->account;
    if (!a) {
        return CAY_ENOTSUP;
    }
    cay_usage_t u;
    cay__account_usage(a, &u);
    memset(usage, 0, size);
    memcpy(usage, &u, size < sizeof u ? size : sizeof u);
    return 0;
}

void cay__worker_set_sink(cay_worker_t *w, const cay_sink_ops_t *ops, void *ctx) {
    cay__port_set_sink(cay__outer(cay__worker_control(w)), ops, ctx);
}

/* The event that the item is, or in the spare box becomes. */
static cay_event_t *item_event(cay_worker_t *w, cay_item_t *item) {
    bool is_message = item->type == CAY_EVENT_MESSAGE;
    if (!is_message && item != &cay__worker_control(w)->drain) {
        return &CAY_CONTAINER(item, cay_event_box_t, item)->ev;
    }
    cay_event_t *ev = &cay_steal(&w->spare)->ev;
    *ev = (cay_event_t){.type = item->type, .size = sizeof *ev};
    if (is_message) {
        ev->u.message.message = CAY_CONTAINER(item, cay_message_t, item);
    }
    return ev;
}

/* Memory for a message's event is had before anything is taken, so that nothing can be lost. */
static int spare_ready(cay_worker_t *w) {
    if (!w->spare) {
        w->spare = cay__event_box_new();
    }
    return w->spare ? 0 : CAY_ENOMEM;
}

int cay__worker_take(cay_worker_t *w, cay_event_t **out) {
    int rc = spare_ready(w);
    if (rc) {
        return rc;
    }
    cay_item_t *item;
    rc = cay__end_take(cay__outer(cay__worker_control(w)), &item);
    if (!rc) {
        *out = item_event(w, item);
    }
    return rc;
}

int cay_worker_next_event(cay_worker_t *worker, int64_t timeout_ms, cay_event_t **out) {
    if (!worker || !out) {
        return CAY_EINVAL;
    }
    if (worker->callback) {
        return CAY_EBUSY;
    }
    int rc = spare_ready(worker);
    if (rc) {
        return rc;
    }
    cay_item_t *item;
    rc = cay__end_receive(cay__outer(cay__worker_control(worker)), timeout_ms, &item);
    if (!rc) {
        *out = item_event(worker, item);
    }
    return rc;
}

int cay_worker_fd(cay_worker_t *worker) {
    if (!worker) {
        return CAY_EINVAL;
    }
    if (worker->callback) {
        return CAY_EBUSY;
    }
    cay_control_t *k = cay__worker_control(worker);
    cay__mutex_lock(&k->channel.lock);
    int fd = cay__end_fd(&k->channel, cay__outer(k));
    cay__mutex_unlock(&k->channel.lock);
    return fd;
}

/* ---- the end ---- */

static void terminate(cay_control_t *k, cay_reason_t reason) CAY_REQUIRES(k->channel.lock) {
    stream_purge(k); /* also after the end: what it did not read in time is gone */
    if (k->ended || k->reason != CAY_REASON_NONE) {
        return;
    }
    atomic_store_explicit(&k->reason, reason, memory_order_release);
    cay_port_t *inner = cay__inner(k);
    cay__outer(k)->post_rc = inner->post_rc = inner->take_rc = CAY_ETERMINATED;
    cay__end_notify(&k->channel, inner);
    cay__end_wake_posters(&k->channel, inner);
    cay__end_wake_posters(&k->channel, cay__outer(k));
    if (k->inside.ops) {
        k->inside.told = true;
        k->inside.ops->terminate(k->inside.ctx);
    }
}

void cay__worker_terminate_as(cay_worker_t *w, cay_reason_t reason) {
    cay_control_t *k = cay__worker_control(w);
    cay__mutex_lock(&k->channel.lock);
    terminate(k, reason);
    cay__mutex_unlock(&k->channel.lock);
}

void cay_worker_terminate(cay_worker_t *worker) {
    if (worker) {
        cay__worker_terminate_as(worker, CAY_REASON_TERMINATED);
    }
}

int cay_worker_join(cay_worker_t *worker, int64_t timeout_ms) {
    if (!worker) {
        return CAY_EINVAL;
    }
    cay_control_t *k = cay__worker_control(worker);
    uint64_t deadline = cay__clock_deadline(timeout_ms);
    bool in_time = true;
    cay__mutex_lock(&k->channel.lock);
    while (!k->gone && in_time) {
        in_time = cay__cond_wait_until(&k->gone_cond, &k->channel.lock, deadline);
    }
    bool gone = k->gone;
    cay__mutex_unlock(&k->channel.lock);
    return gone ? 0 : CAY_ETIMEDOUT;
}

void cay_worker_free(cay_worker_t *worker) {
    if (!worker) {
        return;
    }
    cay_control_t *k = cay__worker_control(worker);
    cay_link_t events;
    cay__list_init(&events);
    cay__mutex_lock(&k->channel.lock);
    terminate(k, CAY_REASON_TERMINATED);
    cay_rest_t rest = cay__end_close(&k->channel, cay__outer(k), &events);
    cay__list_init(&k->events);
    k->event_count = 0;
    k->event_bytes = 0;
    cay_dispatch_t *d = cay_steal(&k->dispatch);
    bool last = cay__control_unref(k);
    cay__mutex_unlock(&k->channel.lock);
    cay__rest_drop(&rest);
    cay__items_free(&events);
    if (d) {
        cay__dispatch_abandon(d);
    }
    if (last) {
        cay__control_free(k);
    }
}
