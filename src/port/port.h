/* SPDX-License-Identifier: MIT */
/* Channels of messages, and the stream of a worker: the thread-safe halves under include/cay/port.h and
 * handles.h.
 *
 *        cay_port_t a ──┐  one lock  ┌── cay_port_t b
 *        queue of a     └─ channel ──┘   queue of b
 *
 * A post through a appends to b's queue. A queue holds items: messages, and on the outer half of a
 * worker's main channel also control events, which is what makes the one ordered stream.
 *
 * Invariants: no item is in two queues; a port is posted only while no port waits in its queue, and never
 * through its own channel (so ports in transit form trees, no ring, and a closed end always frees all behind
 * it; while in transit a port may be sent further ports); a queued message is not decoded; memory is freed
 * and ports are closed outside the lock.
 *
 * Bounds: a queue refuses messages past its count or its bytes, control events past limits of their own;
 * the final event always fits. A worker's posts after terminate are refused, so what terminate throws
 * away stays away. What waits in an end is charged to the account of whoever receives from it, which can refuse as
 * well. An end whose post was refused for room is starved; it is told once there is room again.
 *
 * Lock order: the lock of ports in transit (port.c), one channel's lock, a dispatcher's lock or whatever a
 * sink takes. No thread ever holds two channels' locks.
 *
 * A sink is told when its queue turns from drained to not empty, or its peer closes, and when a starved end finds room.
 * It is called under the channel's lock, so that it cannot be gone: it may only push to an inbox and wake a scheduler, never
 * call back into this layer. */
#ifndef CAY_PORT_PORT_H
#define CAY_PORT_PORT_H

#include "base/list.h"
#include "cay/handles.h"
#include "codec/codec.h"

/* ---- messages ---- */

/* What a queue links: a message, or a control event (then part of a larger struct of its own). */
typedef struct cay_item {
    cay_link_t link;
    cay_event_type_t type; /* CAY_EVENT_MESSAGE for a message */
    uint32_t ports;        /* that it carries */
    uint64_t cost;         /* bytes, as counted against the bound of a queue */
} cay_item_t;

struct cay_message {
    cay_item_t item;
    uint8_t *bytes; /* wire format; cay__malloc'ed */
    size_t len;
    cay_cargo_t cargo;
    cay_doc_t *doc; /* decoded by cay_message_value; NULL while in a queue */
};

/* The memory of a message, to be had before what cannot be undone; empty until filled. */
CAY_NODISCARD int cay__message_shell(CAY_OWN cay_message_t **out);
/* Takes bytes over and empties *cargo (NULL: carries nothing) into it. */
void cay__message_fill(cay_message_t *m, CAY_OWN uint8_t *bytes, size_t len, cay_cargo_t *cargo);
/* Both at once; takes over on success only. */
CAY_NODISCARD int cay__message_new(CAY_OWN uint8_t *bytes, size_t len, cay_cargo_t *cargo,
                                   CAY_OWN cay_message_t **out);

/* ---- ports, as a worker holds them ---- */

/* Any thread; under the channel's lock. Either may be NULL. */
typedef struct cay_sink_ops {
    void (*ready)(void *ctx); /* something waits */
    void (*drained)(
        void *
            ctx); /* a post through this port was refused with CAY_EAGAIN, and there is room again. Once
                                   for any number of refusals. Not for a stream, which gets CAY_EVENT_DRAIN */
} cay_sink_ops_t;

/* Binds a port to a sink: `ready` is called at once when something waits already. ops NULL unbinds (after
 * it returns, `ready` is not running and will not be called). */
void cay__port_set_sink(cay_port_t *port, const cay_sink_ops_t *ops, void *ctx);
/* Posts a message. Consumed on success only; the errors of cay_port_post. */
CAY_NODISCARD int cay__port_send(cay_port_t *port, CAY_OWN cay_message_t *m, cay_error_t **err);
/* From hold to release no other thread queues a message that carries ports, so that what cay__port_may_move
 * has said stays true until cay__port_send_held has moved them. Nothing may wait or call out in between. */
void cay__transit_hold(void);
void cay__transit_release(void);
/* A place in the other end's queue, had before what cannot be undone (detaching buffers). */
typedef struct cay_room {
    uint64_t cost;
    bool is_read; /* false: the post is swallowed, and there is no place */
} cay_room_t;
/* Reserves a place for a message of `bytes` (buffers included) that will carry these ports: `transit` is held when there
 * are any. 0, also when nobody will ever read it (the other end is closed, its worker told to end); CAY_EAGAIN,
 * CAY_ELIMIT. On success cay__port_send_reserved has to follow. */
CAY_NODISCARD int cay__port_reserve(cay_port_t *port, uint64_t bytes, cay_port_t *const *ports,
                                    size_t count, cay_room_t *out, cay_error_t **err);
/* Sends into the place. Cannot fail; false: nobody will read it, and the message is the caller's to free, after the
 * release of transit. */
CAY_NODISCARD bool cay__port_send_reserved(cay_port_t *port, CAY_OWN cay_message_t *m,
                                           const cay_room_t *room);
/* Takes the next message: 0; CAY_EAGAIN when empty (the sink is armed again); CAY_ECLOSED when empty and
 * the peer is closed; CAY_ETERMINATED on the main port of a terminated worker, whatever waits. */
CAY_NODISCARD int cay__port_take(cay_port_t *port, CAY_OWN cay_message_t **out);
/* Whether the port may be posted now; CAY_ECLONE when ports wait in its queue or it is a worker's main
 * port, CAY_EBUSY while a thread waits in cay_port_receive. */
CAY_NODISCARD int cay__port_may_move(cay_port_t *port);
/* What waits in the port is charged to `account` (a reference is taken; NULL: to nobody) from now on: to be called by
 * who came to hold it. On its way it is charged to whoever it goes to; when that is nobody, to its sender. Ports that
 * wait inside of it keep theirs until they are taken out. */
struct cay_account;
void cay__port_set_account(cay_port_t *port, struct cay_account *account);
/* Whoever holds the port has given back something of its account (cay__account_drained): tells those who were refused a
 * post into it, when there is room now. For a worker these are its ports, the main one, and the streams of its children
 * (cay_worker_port). */
void cay__port_poke(cay_port_t *port);
/* Whether both are ends of one channel (or the same end). */
bool cay__port_same_channel(const cay_port_t *a, const cay_port_t *b);

/* ---- the external handle, as a parent worker or the runtime holds it ---- */

/* As cay__port_set_sink, for the stream of events and messages. */
void cay__worker_set_sink(cay_worker_t *w, const cay_sink_ops_t *ops, void *ctx);
/* Takes the next event: 0; CAY_EAGAIN (armed again); CAY_ECLOSED after the final one; CAY_ENOMEM, and the
 * event still waits. */
CAY_NODISCARD int cay__worker_take(cay_worker_t *w, CAY_OWN cay_event_t **out);
/* As cay_worker_terminate, with the reason that the final event should carry (TERMINATED, PARENT_GONE,
 * SHUTDOWN). The first reason stays. */
void cay__worker_terminate_as(cay_worker_t *w, cay_reason_t reason);
/* What the worker uses is counted there from now on, and what waits for it in its main port: set by whoever made the
 * handles, before any other thread knows them. A reference is taken. */
void cay__worker_set_account(cay_worker_t *w, struct cay_account *account);
/* The same for what waits in the stream: that is charged to the worker that reads it. A host has no account. */
void cay__worker_set_reader(cay_worker_t *w, struct cay_account *creator);
/* Borrowed; NULL when none was set. */
struct cay_account *cay__worker_account(const cay_worker_t *w);
/* Events go to a callback on the given dispatcher's thread. Set once, before any event can come.
 * user_free(user), when given, runs once, after the last callback: after that of the final event, or when
 * the handle or the dispatcher is freed before. On failure it has not run. CAY_ENOMEM. */
struct cay_dispatcher;
CAY_NODISCARD int cay__worker_set_callback(cay_worker_t *w, struct cay_dispatcher *d,
                                           cay_event_cb cb, void *user,
                                           void (*user_free)(void *user));

/* ---- the internal handle, as the worker's own layer holds it ---- */

typedef struct cay_inside_ops {
    void (*terminate)(
        void *ctx); /* any thread; under the handle's lock; must not block or call back */
} cay_inside_ops_t;

/* `terminate` is called once, at once if the worker is terminated already. ops NULL unbinds (as above).
 * The creator's cay_worker_free counts as terminate. */
void cay__inside_set_ops(cay_inside_t *in, const cay_inside_ops_t *ops, void *ctx);
/* The reason given to terminate, CAY_REASON_NONE while not terminated. */
cay_reason_t cay__inside_reason(const cay_inside_t *in);
uint64_t cay__inside_id(const cay_inside_t *in);
const char *cay__inside_name(const cay_inside_t *in);
/* After close(): what was posted before is delivered, what comes after is dropped without error. */
void cay__inside_stop_posting(cay_inside_t *in);

/* ---- the dispatcher: one thread that calls host callbacks ---- */

typedef struct cay_dispatcher cay_dispatcher_t;
CAY_NODISCARD int cay__dispatcher_new(CAY_OWN cay_dispatcher_t **out);
/* Delivers what waits, takes the callback from workers that still have one (user_free runs, later events
 * are kept unseen), then ends the thread. Not from a callback. */
void cay__dispatcher_free(CAY_OWN cay_dispatcher_t *d);

#endif
