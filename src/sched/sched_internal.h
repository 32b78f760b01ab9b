/* SPDX-License-Identifier: MIT */
/* What the files of this layer share.
 *
 *   sched.c     making and freeing a scheduler; actors and their states
 *   place.c     run queues: next slot, local queue, global queue, stealing, parking
 *   executor.c  the threads: slices, CPU accounting, spares
 *   hog.c       threads without a place: turns, pausing, hurrying, losing
 *   watch.c     what the clock thread looks for: places to hand over
 *   clock.c     the clock thread and its timers
 *
 * A place is a seat for a running thread and a run queue; there are as many as executors were asked for,
 * for ever. A thread has a place, or is a hog (in a slice, its place given to another), or a spare.
 *
 * Lock order: sched.lock, then place.lock (never two places), then clock_lock (a leaf). Actor and engine
 * callbacks run with none of them held.
 *
 * A wake-up cannot be lost between a push and a park: the pusher stores the actor under a lock and then
 * reads `idle_count`; the parker raises `idle_count` and then looks into every queue under its lock.
 * Whichever took the queue's lock second sees the other. The same argument holds for `watching`. */
#ifndef CAY_SCHED_INTERNAL_H
#define CAY_SCHED_INTERNAL_H

#include <stdatomic.h>

#include "sched/sched.h"

/* The state word of an actor: one of four states and a flag that sticks. */
enum {
    ACTOR_IDLE = 0,
    ACTOR_QUEUED = 1,
    ACTOR_RUNNING = 2,
    ACTOR_DIRTY = 3, /* running, and woken since its slice began */
    ACTOR_STATES = 3,
    ACTOR_HURRY = 4, /* condemned: never paused */
};

/*        hand-over            ops->pause            pause_point
 *  NONE ───────────► RUNNING ────────────► ASKED ───────────────► PAUSED
 *                       ▲                                            │
 *                       └───────────────── its turn ─────────────────┘
 *  Any of them becomes FREE by hurrying (or at once, for an actor that cannot pause), and NONE when the
 *  slice ends. */
typedef enum cay_hog_state {
    HOG_NONE,
    HOG_RUNNING,
    HOG_ASKED,
    HOG_PAUSED,
    HOG_FREE,
} cay_hog_state_t;

typedef struct cay_exec cay_exec_t;

typedef struct cay_place {
    cay_mutex_t lock;
    cay_exec_t *owner;        /* changes under sched.lock and lock; NULL: waits for a thread */
    cay_actor_t *next;        /* woken by the actor running here; guarded by lock, as all below */
    cay_link_t queue;         /* of cay_actor.link */
    _Atomic unsigned waiting; /* actors in next and queue; written under lock, peeked at without */
    unsigned queued;          /* those in queue */
    unsigned chain;           /* slices in a row that came from the next slot while others queued */
    uint64_t chain_start;
    uint64_t slices;
    uint64_t steals;
    unsigned index;
    char pad[64]; /* keeps two places off one cache line */
} cay_place_t;

struct cay_exec {
    cay_sched_t *sched;
    cay_thread_t thread;
    cay_link_t all;  /* in sched.threads; under sched.lock, as link, hog_link, turn_link */
    cay_link_t link; /* in sched.idle, spares or dead */
    cay_cond_t cond; /* with sched.lock; whatever this thread waits for */
    bool woken;      /* from sched.idle; under sched.lock */
    bool spare;      /* in sched.spares; under sched.lock */
    bool niced;      /* was a hog: it serves no place again; under sched.lock */
    int id;          /* kernel's; written before it can be a hog */

    /* Own: touched by the thread alone. */
    cay_place_t *place; /* served now; place->owner tells whether still */
    uint64_t cpu_mark;  /* thread clock at the last slice boundary; 0 = time was spent elsewhere */
    unsigned ticks;
    uint64_t global_seen; /* when the global queue was last looked at */

    /* Handed over by the giver; under sched.lock. */
    cay_place_t *given;

    /* Written by the thread; under place.lock while it owns its place, under sched.lock as a hog. The
     * thread itself reads them without. */
    cay_actor_t *actor;
    uint64_t slice_start;
    atomic_bool give_way;

    /* A hog's; under sched.lock. */
    cay_hog_state_t hog;
    atomic_bool asked; /* hog == HOG_ASKED, for a look without the lock */
    bool pausing;      /* ops->pause is being called: the slice may not end */
    uint64_t turn_start;
    uint64_t asked_at;
    cay_link_t hog_link;  /* in sched.hogs */
    cay_link_t turn_link; /* in sched.turns while paused */
};

struct cay_sched {
    cay_sched_options_t o; /* every default filled in */
    cay_place_t *places;   /* o.executors of them */

    cay_mutex_t lock;
    cay_link_t global;             /* actors woken from elsewhere; guarded by lock, as all below */
    _Atomic unsigned global_count; /* written under lock */
    cay_link_t idle;               /* parked owners of places, the last one first */
    _Atomic unsigned idle_count;   /* written under lock */
    cay_link_t threads;
    cay_link_t spares;
    cay_link_t dead; /* about to end, to be joined */
    _Atomic unsigned dead_count;
    unsigned thread_count;
    unsigned spare_count;
    cay_link_t hogs;
    cay_link_t turns; /* paused hogs, the longest waiting first */
    unsigned hog_count;
    unsigned paused_count;
    unsigned lost;
    uint64_t handoffs;
    bool stopping;

    cay_mutex_t clock_lock;
    cay_cond_t clock_cond;
    cay_cond_t fired_cond;
    cay_thread_t clock_thread;
    cay_heap_t timers; /* guarded by clock_lock, as all below but watching */
    cay_timer_t *firing;
    uint64_t clock_until; /* when the sleeping clock wakes by itself; 0 = it is awake */
    bool clock_started;
    bool clock_stop;
    bool clock_kicked;
    atomic_bool
        watching; /* the clock looks at the places; false: whoever queues behind a slice kicks it */
};

/* sched.c */
/* At the end of a slice: the state that follows; true when the actor must be queued again. */
bool cay__actor_settle(cay_actor_t *a, bool more);
/* QUEUED → RUNNING. */
void cay__actor_begin(cay_actor_t *a);

/* place.c */
void cay__place_init(cay_place_t *p, unsigned index);
void cay__place_destroy(cay_place_t *p);
/* From the running owner `t`: `a` goes into the next slot. false when t is not the owner any more. */
bool cay__place_wake(cay_place_t *p, cay_exec_t *t, cay_actor_t *a);
/* At the tail. */
void cay__place_push(cay_place_t *p, cay_actor_t *a) CAY_REQUIRES(p->lock);
/* All that waits, to the end of `to`; the number. */
unsigned cay__place_drain(cay_place_t *p, cay_link_t *to) CAY_REQUIRES(p->lock);
/* The next actor, running from here on; NULL when told to stop. */
cay_actor_t *cay__place_next(cay_place_t *p, cay_exec_t *t);
/* Others wait at a place that has just taken what it can: wakes an idle executor, if there is one. */
void cay__sched_spread(cay_sched_t *s);
bool cay__idle_wake(cay_sched_t *s) CAY_REQUIRES(s->lock);
/* From any thread. */
void cay__global_push(cay_sched_t *s, cay_actor_t *a);
void cay__global_push_locked(cay_sched_t *s, cay_actor_t *a) CAY_REQUIRES(s->lock);

/* executor.c */
cay_exec_t *cay__exec_self(void);
void cay__exec_forget_self(void);
/* Starts a thread for the place, or a spare when it is NULL. */
CAY_NODISCARD int cay__exec_new(cay_sched_t *s, cay_place_t *p);
/* Joins those that have ended. */
void cay__exec_reap(cay_sched_t *s);
void cay__exec_free(cay_exec_t *t);

/* hog.c */
void cay__hog_start(cay_sched_t *s, cay_exec_t *t, uint64_t now) CAY_REQUIRES(s->lock);
/* The slice of a hog is over; its actor goes where its state says. */
void cay__hog_end(cay_sched_t *s, cay_exec_t *t, bool more);
/* Gives turns and asks for them back. When to look again; UINT64_MAX = not before something happens. */
uint64_t cay__hogs_watch(cay_sched_t *s, uint64_t now);

/* watch.c */
/* Hands over what is stuck. When to look again, as above. */
uint64_t cay__watch(cay_sched_t *s);

/* clock.c */
CAY_NODISCARD int cay__clock_start(cay_sched_t *s);
void cay__clock_stop(cay_sched_t *s);
/* Makes the clock thread look at once. */
void cay__clock_kick(cay_sched_t *s);
/* Somebody waits behind a slice, or a hog for its turn: the clock must look from time to time. */
void cay__clock_watch(cay_sched_t *s);

static inline uint64_t cay__min_u64(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

#endif
