/* SPDX-License-Identifier: MIT */
/* Ports: making, binding, sending with and without ports inside, receiving, closing.
 *
 * A message that carries ports is sent under one lock for the whole process (`transit`), so that "no port
 * waits in its queue" stays true of each port from the check until it is in the other queue. Without it two
 * threads could post two ports into each other's queues, and nobody would ever close either. Messages
 * without ports never touch that lock. */
#include <assert.h>

#include "base/err.h"
#include "base/mem.h"
#include "port/channel.h"

static cay_mutex_t transit = {PTHREAD_MUTEX_INITIALIZER};

int cay_channel_new(cay_port_t **a, cay_port_t **b) {
    if (!a || !b) {
        return CAY_EINVAL;
    }
    cay_channel_t *c = CAY_NEW(cay_channel_t);
    if (!c) {
        return CAY_ENOMEM;
    }
    cay__channel_init(c, 0, 0, false);
    *a = &c->end[0];
    *b = &c->end[1];
    return 0;
}

/* ---- binding ---- */

void cay__port_set_sink(cay_port_t *port, const cay_sink_ops_t *ops, void *ctx) {
    cay_channel_t *c = port->channel;
    cay__mutex_lock(&c->lock);
    cay__end_bind(c, port, ops, ctx);
    cay__mutex_unlock(&c->lock);
}

bool cay__port_same_channel(const cay_port_t *a, const cay_port_t *b) {
    return a->channel == b->channel;
}

static int end_may_move(cay_channel_t *c, const cay_port_t *p) CAY_REQUIRES(c->lock) {
    if (c->main || p->carriers || p->moving) {
        return CAY_ECLONE;
    }
    return p->waiter || p->posters ? CAY_EBUSY : 0;
}

int cay__port_may_move(cay_port_t *port) {
    cay_channel_t *c = port->channel;
    cay__mutex_lock(&c->lock);
    int rc = end_may_move(c, port);
    cay__mutex_unlock(&c->lock);
    return rc;
}

/* ---- sending ---- */

/* Marks the port as listed in this message, when it may be, and adds what waits in it to *carried. A second listing
 * finds the mark. */
static int mark_moving(cay_port_t *through, cay_port_t *port, uint64_t *carried,
                       cay_error_t **err) {
    if (!port) {
        return cay__error_set(err, CAY_EINVAL, "a port was taken out of the message");
    }
    cay_channel_t *c = port->channel;
    if (cay__port_same_channel(port, through)) {
        return cay__error_set(err, CAY_ECLONE, "a port cannot be posted through its own channel");
    }
    cay__mutex_lock(&c->lock);
    int rc = end_may_move(c, port);
    bool twice = port->moving;
    bool main = c->main;
    if (!rc) {
        port->moving = true;
        *carried += port->bytes;
    }
    cay__mutex_unlock(&c->lock);
    if (rc == CAY_ECLONE) {
        return cay__error_set(err, rc, "%s",
                              main    ? "the main port of a worker cannot be posted"
                              : twice ? "a port is listed twice"
                                      : "a port with ports waiting in it cannot be posted");
    }
    return rc ? cay__error_set(err, rc, "a thread waits on the port") : 0;
}

static void unmark_moving(cay_port_t *port) {
    cay_channel_t *c = port->channel;
    cay__mutex_lock(&c->lock);
    port->moving = false;
    cay__mutex_unlock(&c->lock);
}

/* Cuts the port off from its former holder's sink and descriptor. What waits in it is charged to whoever will receive
 * it. When that is nobody (a host), the former holder stays charged for its memory until the port arrives: so a worker
 * cannot pile up in unread ports what it may not keep itself. */
static void move(cay_port_t *port, cay_account_t *reader) {
    cay_channel_t *c = port->channel;
    cay__mutex_lock(&c->lock);
    cay_rest_t rest = {cay__end_unbind(c, port), NULL};
    port->moving = false;
    port->starved = false; /* that was the former holder */
    rest.account = cay__end_charge_to(c, port, reader ? reader : port->account, reader != NULL);
    cay__mutex_unlock(&c->lock);
    cay__rest_drop(&rest);
}

/* Under the lock of transit, so that `port`'s other end does not move meanwhile. */
static void move_cargo(cay_port_t *port, const cay_cargo_t *cargo) {
    cay_channel_t *c = port->channel;
    cay__mutex_lock(&c->lock);
    cay_account_t *reader = cay__peer(c, port)->account;
    reader = reader ? cay__account_ref(reader) : NULL;
    cay__mutex_unlock(&c->lock);
    for (size_t i = 0; i < cargo->port_count; i++) {
        move(cargo->ports[i], reader);
    }
    cay__account_unref(&reader);
}

/* Marks all ports of the message, or none. */
static int mark_cargo(cay_port_t *through, const cay_cargo_t *cargo, uint64_t *carried,
                      cay_error_t **err) {
    for (size_t i = 0; i < cargo->port_count; i++) {
        int rc = mark_moving(through, cargo->ports[i], carried, err);
        if (rc) {
            while (i > 0) {
                unmark_moving(cargo->ports[--i]);
            }
            return rc;
        }
    }
    return 0;
}

static int reserve(cay_port_t *port, uint64_t cost, uint64_t carried, cay_room_t *out) {
    cay_channel_t *c = port->channel;
    cay__mutex_lock(&c->lock);
    int rc = cay__end_admit(c, port, cost, carried);
    cay__mutex_unlock(&c->lock);
    *out = (cay_room_t){.cost = cost, .is_read = rc == 0};
    return rc == CAY_SWALLOW ? 0 : rc;
}

int cay__port_reserve(cay_port_t *port, uint64_t bytes, cay_port_t *const *ports, size_t count,
                      cay_room_t *out, cay_error_t **err) {
    uint64_t carried = 0;
    for (size_t i = 0; i < count; i++) {
        cay_channel_t *c = ports[i]->channel;
        cay__mutex_lock(&c->lock);
        carried += ports[i]->bytes;
        cay__mutex_unlock(&c->lock);
    }
    uint64_t cost = bytes + count * CAY_PORT_COST;
    int rc = reserve(port, cost, carried, out);
    if (rc == 0 || rc == CAY_ECLOSED || rc == CAY_ETERMINATED) {
        return 0;
    }
    return cay__post_error(port, rc, cost, carried, err);
}

/* Queues a message that was admitted. false when the other end has closed or been terminated since: it is
 * then as if the message had been in the queue at that time. */
static bool deliver(cay_port_t *port, cay_item_t *item) {
    cay_channel_t *c = port->channel;
    cay__mutex_lock(&c->lock);
    cay_port_t *to = cay__peer(c, port);
    bool open = !to->closed && !port->post_rc;
    if (open) {
        cay__end_push(c, to, item);
    } else if (to->count) { /* else its place went with all that waited there */
        cay__end_settle(to, 1, item->cost);
    }
    cay__mutex_unlock(&c->lock);
    return open;
}

bool cay__port_send_reserved(cay_port_t *port, cay_message_t *m, const cay_room_t *room) {
    if (!room->is_read) {
        return false;
    }
    assert(m->item.cost == room->cost);
    if (m->item.ports) {
        move_cargo(port, &m->cargo);
    }
    return deliver(port, &m->item);
}

/* The worker layer holds it for messages with ports alone, which the analysis cannot follow. */
void cay__transit_hold(void) CAY_NO_THREAD_CHECK {
    cay__mutex_lock(&transit);
}

void cay__transit_release(void) CAY_NO_THREAD_CHECK {
    cay__mutex_unlock(&transit);
}

/* The ports must be unbound before the receiver can see them, and must stay bound when the post fails:
 * hence room is reserved first, and from then on the post cannot fail. */
static int send_held(cay_port_t *port, cay_message_t *m, bool *read, cay_error_t **err) {
    uint64_t carried = 0;
    int rc = mark_cargo(port, &m->cargo, &carried, err);
    if (rc) {
        return rc;
    }
    cay_room_t room;
    rc = reserve(port, m->item.cost, carried, &room);
    for (size_t i = 0; rc && i < m->cargo.port_count; i++) {
        unmark_moving(m->cargo.ports[i]);
    }
    *read = rc == 0 && cay__port_send_reserved(port, m, &room);
    return rc ? cay__post_error(port, rc, m->item.cost, carried, err) : 0;
}

static int send_with_ports(cay_port_t *port, cay_message_t *m, cay_error_t **err) {
    bool read = false;
    cay__transit_hold();
    int rc = send_held(port, m, &read, err);
    cay__transit_release();
    if (rc == 0 && !read) {
        cay_message_free(m);
    }
    return rc;
}

int cay__port_send(cay_port_t *port, cay_message_t *m, cay_error_t **err) {
    if (CAY_UNLIKELY(m->doc != NULL)) {
        return cay__error_set(err, CAY_EINVAL, "a decoded message cannot be queued");
    }
    if (m->item.ports) {
        return send_with_ports(port, m, err);
    }
    cay_channel_t *c = port->channel;
    cay__mutex_lock(&c->lock);
    int rc = cay__end_admit(c, port, m->item.cost, 0);
    if (CAY_LIKELY(rc == 0)) {
        cay__end_push(c, cay__peer(c, port), &m->item);
    }
    cay__mutex_unlock(&c->lock);
    if (CAY_LIKELY(rc == 0)) {
        return 0;
    }
    if (rc == CAY_SWALLOW) {
        cay_message_free(m);
        return 0;
    }
    return cay__post_error(port, rc, m->item.cost, 0, err);
}

/* ---- receiving ---- */

/* The stream of a worker is read through its handle, where messages come as events. */
static bool is_stream(const cay_port_t *p) {
    return p->channel->main && p == &p->channel->end[0];
}

int cay__port_take(cay_port_t *port, cay_message_t **out) {
    if (is_stream(port)) {
        return CAY_EBUSY;
    }
    cay_item_t *item;
    int rc = cay__end_take(port, &item);
    if (!rc) {
        *out = CAY_CONTAINER(item, cay_message_t, item);
    }
    return rc;
}

int cay_port_receive(cay_port_t *port, int64_t timeout_ms, cay_message_t **out) {
    if (!port || !out) {
        return CAY_EINVAL;
    }
    if (is_stream(port)) {
        return CAY_EBUSY;
    }
    cay_item_t *item;
    int rc = cay__end_receive(port, timeout_ms, &item);
    if (!rc) {
        *out = CAY_CONTAINER(item, cay_message_t, item);
    }
    return rc;
}

int cay_port_fd(cay_port_t *port) {
    if (!port) {
        return CAY_EINVAL;
    }
    if (is_stream(port)) {
        return CAY_EBUSY;
    }
    cay_channel_t *c = port->channel;
    cay__mutex_lock(&c->lock);
    int fd = cay__end_fd(c, port);
    cay__mutex_unlock(&c->lock);
    return fd;
}

bool cay_port_is_closed(const cay_port_t *port) {
    if (!port) {
        return true;
    }
    cay_channel_t *c = port->channel;
    cay__mutex_lock(&c->lock);
    bool closed = cay__peer(c, port)->closed || port->post_rc == CAY_ECLOSED;
    cay__mutex_unlock(&c->lock);
    return closed;
}

/* ---- closing ---- */

void cay__port_close_into(cay_port_t *port, cay_link_t *doomed) {
    cay_channel_t *c = port->channel;
    if (c->main) {
        return; /* it belongs to a handle and closes with that */
    }
    cay__mutex_lock(&c->lock);
    cay_rest_t rest = cay__end_close(c, port, doomed);
    bool last = cay__peer(c, port)->closed;
    cay__mutex_unlock(&c->lock);
    cay__rest_drop(&rest);
    if (last) {
        cay__mutex_destroy(&c->lock);
        cay__free(c);
    }
}

void cay_port_close(cay_port_t *port) {
    if (port) {
        cay_link_t doomed;
        cay__list_init(&doomed);
        cay__port_close_into(port, &doomed);
        cay__items_free(&doomed);
    }
}
