/* SPDX-License-Identifier: MIT */
/* The thread that calls hosts' event callbacks.
 *
 * A worker with a callback has a dispatch here, which is the sink of its stream and holds a reference to the
 * control block. Only the dispatcher's thread frees a dispatch. Who may end it is whoever takes it out of
 * control->dispatch under the channel's lock: the thread itself (final event delivered, or the dispatcher
 * stops), or cay_worker_free, which then hands it over as dead.
 *
 * Lock order: a channel's lock, then the dispatcher's. Callbacks and user_free run with neither. */
#include "base/mem.h"
#include "port/control.h"

/* Events delivered of one worker before the next worker has its turn. */
#define TURN 64u

struct cay_dispatcher {
    cay_mutex_t lock;
    cay_cond_t wake;
    cay_link_t all;   /* every dispatch, by `all` */
    cay_link_t ready; /* those with something to do, by `ready` */
    bool asleep;
    bool stop;
    cay_thread_t thread;
};

struct cay_dispatch {
    cay_link_t all;   /* guarded by on->lock, as are ready and dead */
    cay_link_t ready; /* linked to itself while not in the list */
    bool dead;        /* its worker's handle was freed */
    cay_dispatcher_t *on;
    cay_control_t *control;
    cay_event_cb cb;
    void *user;
    void (*user_free)(void *user);
};

typedef enum { TURN_MORE, TURN_DRAINED, TURN_OVER } turn_t;

static void queue(cay_dispatcher_t *on, cay_dispatch_t *d) CAY_REQUIRES(on->lock) {
    if (cay__list_empty(&d->ready)) {
        cay__list_push(&on->ready, &d->ready);
    }
    if (on->asleep) {
        on->asleep = false;
        cay__cond_signal(&on->wake);
    }
}

static void stream_ready(void *ctx) {
    cay_dispatch_t *d = ctx;
    cay_dispatcher_t *on = d->on;
    cay__mutex_lock(&on->lock);
    queue(on, d);
    cay__mutex_unlock(&on->lock);
}

static const cay_sink_ops_t sink_ops = {.ready = stream_ready};

void cay__dispatch_abandon(cay_dispatch_t *d) {
    cay_dispatcher_t *on = d->on;
    cay__mutex_lock(&on->lock);
    d->dead = true;
    queue(on, d);
    cay__mutex_unlock(&on->lock);
}

/* ---- one worker ---- */

/* Calls back with the item and frees what the callback leaves of it. */
static void call(cay_dispatch_t *d, cay_item_t *item) {
    cay_worker_t *w = &d->control->worker;
    cay_event_t ev = {.type = item->type, .size = sizeof ev};
    if (item == &d->control->drain) {
        d->cb(w, &ev, d->user);
        return;
    }
    if (item->type != CAY_EVENT_MESSAGE) {
        cay_event_box_t *box = CAY_CONTAINER(item, cay_event_box_t, item);
        d->cb(w, &box->ev, d->user);
        cay__free(box);
        return;
    }
    ev.u.message.message = CAY_CONTAINER(item, cay_message_t, item);
    d->cb(w, &ev, d->user);
    cay_message_free(cay_event_take_message(&ev));
}

/* Delivers up to `limit` events. Each is taken under the channel's lock directly before its call, so none is
 * taken once terminate or free has returned. */
static turn_t deliver(cay_dispatch_t *d, uint64_t limit) {
    cay_control_t *k = d->control;
    for (uint64_t i = 0; i < limit; i++) {
        cay_item_t *item;
        int rc = cay__end_take(cay__outer(k), &item);
        if (rc) {
            return rc == CAY_EAGAIN ? TURN_DRAINED : TURN_OVER;
        }
        bool final = cay__event_type_final(item->type);
        call(d, item);
        if (final) {
            return TURN_OVER;
        }
    }
    return TURN_MORE;
}

/* Takes the dispatch away from its worker: true when it is ours to end now, false when cay_worker_free was
 * first and it comes back as dead. */
static bool detach(cay_dispatch_t *d) {
    cay_control_t *k = d->control;
    cay__mutex_lock(&k->channel.lock);
    bool ours = k->dispatch == d;
    if (ours) {
        k->dispatch = NULL;
        cay__end_bind(&k->channel, cay__outer(k), NULL, NULL);
    }
    cay__mutex_unlock(&k->channel.lock);
    return ours;
}

static void end(cay_dispatcher_t *on, cay_dispatch_t *d) CAY_EXCLUDES(on->lock) {
    cay__mutex_lock(&on->lock);
    cay__list_remove(&d->all);
    cay__list_remove(&d->ready);
    cay__mutex_unlock(&on->lock);
    if (d->user_free) {
        d->user_free(d->user);
    }
    cay_control_t *k = d->control;
    cay__mutex_lock(&k->channel.lock);
    bool last = cay__control_unref(k);
    cay__mutex_unlock(&k->channel.lock);
    if (last) {
        cay__control_free(k);
    }
    cay__free(d);
}

static void run_one(cay_dispatcher_t *on, cay_dispatch_t *d, bool dead) CAY_EXCLUDES(on->lock) {
    turn_t turn = dead ? TURN_OVER : deliver(d, TURN);
    if (turn == TURN_MORE) {
        cay__mutex_lock(&on->lock);
        queue(on, d);
        cay__mutex_unlock(&on->lock);
    } else if (turn == TURN_OVER && (dead || detach(d))) {
        end(on, d);
    }
}

/* ---- the thread ---- */

/* Gives the next of those that are ready its turn; false when there is none. */
static bool run_next(cay_dispatcher_t *on) CAY_REQUIRES(on->lock) {
    cay_link_t *l = cay__list_shift(&on->ready);
    if (!l) {
        return false;
    }
    cay_dispatch_t *d = CAY_CONTAINER(l, cay_dispatch_t, ready);
    bool dead = d->dead;
    cay__mutex_unlock(&on->lock);
    run_one(on, d, dead);
    cay__mutex_lock(&on->lock);
    return true;
}

static void sleep_until_woken(cay_dispatcher_t *on) CAY_REQUIRES(on->lock) {
    on->asleep = true;
    while (on->asleep) {
        cay__cond_wait(&on->wake, &on->lock);
    }
}

/* How many events wait for the dispatch: so many are delivered, and not what is posted meanwhile. */
static uint64_t waiting(cay_dispatch_t *d) {
    cay_control_t *k = d->control;
    cay__mutex_lock(&k->channel.lock);
    uint64_t n =
        cay__outer(k)->count + k->event_count + 2; /* one that tells of room, and a final one */
    cay__mutex_unlock(&k->channel.lock);
    return n;
}

/* Delivers what waits and lets go of every worker, but those whose handle is being freed right now: these
 * come through `ready`. Only this thread takes a dispatch out of `all`, so the walk may drop the lock. */
static void retire_all(cay_dispatcher_t *on) CAY_REQUIRES(on->lock) {
    for (cay_link_t *l = on->all.next; l != &on->all;) {
        cay_dispatch_t *d = CAY_CONTAINER(l, cay_dispatch_t, all);
        bool dead = d->dead;
        cay__mutex_unlock(&on->lock);
        bool ours = false;
        if (!dead) {
            (void)deliver(d, waiting(d));
            ours = detach(d);
        }
        cay__mutex_lock(&on->lock);
        l = l->next;
        if (ours) {
            cay__mutex_unlock(&on->lock);
            end(on, d);
            cay__mutex_lock(&on->lock);
        }
    }
}

static void dispatcher_main(void *arg) {
    cay_dispatcher_t *on = arg;
    cay__mutex_lock(&on->lock);
    while (!on->stop) {
        if (!run_next(on)) {
            sleep_until_woken(on);
        }
    }
    retire_all(on);
    while (!cay__list_empty(&on->all)) {
        if (!run_next(on)) {
            sleep_until_woken(on);
        }
    }
    cay__mutex_unlock(&on->lock);
}

int cay__dispatcher_new(cay_dispatcher_t **out) {
    cay_dispatcher_t *on = CAY_NEW(cay_dispatcher_t);
    if (!on) {
        return CAY_ENOMEM;
    }
    cay__mutex_init(&on->lock);
    cay__cond_init(&on->wake);
    cay__list_init(&on->all);
    cay__list_init(&on->ready);
    int rc = cay__thread_start(&on->thread, "cay-events", 0, dispatcher_main, on);
    if (rc) {
        cay__cond_destroy(&on->wake);
        cay__mutex_destroy(&on->lock);
        cay__free(on);
        return rc;
    }
    *out = on;
    return 0;
}

void cay__dispatcher_free(cay_dispatcher_t *on) {
    if (!on) {
        return;
    }
    cay__mutex_lock(&on->lock);
    on->stop = true;
    if (on->asleep) {
        on->asleep = false;
        cay__cond_signal(&on->wake);
    }
    cay__mutex_unlock(&on->lock);
    cay__thread_join(&on->thread);
    cay__cond_destroy(&on->wake);
    cay__mutex_destroy(&on->lock);
    cay__free(on);
}

int cay__worker_set_callback(cay_worker_t *w, cay_dispatcher_t *on, cay_event_cb cb, void *user,
                             void (*user_free)(void *user)) {
    if (!cb || w->callback) {
        return CAY_EINVAL;
    }
    cay_dispatch_t *d = CAY_NEW(cay_dispatch_t);
    if (!d) {
        return CAY_ENOMEM;
    }
    cay_control_t *k = cay__worker_control(w);
    *d = (cay_dispatch_t){.on = on, .control = k, .cb = cb, .user = user, .user_free = user_free};
    cay__list_init(&d->ready);
    w->callback = true;
    cay__mutex_lock(&on->lock);
    cay__list_push(&on->all, &d->all);
    cay__mutex_unlock(&on->lock);
    cay__mutex_lock(&k->channel.lock);
    k->refs++;
    k->dispatch = d;
    cay__end_bind(&k->channel, cay__outer(k), &sink_ops, d);
    cay__mutex_unlock(&k->channel.lock);
    return 0;
}
