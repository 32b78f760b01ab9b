/* SPDX-License-Identifier: MIT */
/* What the clock thread looks for: places whose thread is stuck in a slice while others wait. */
#include "sched/sched_internal.h"

#include "os/clock.h"

typedef enum verdict {
    PLACE_FINE,   /* nobody waits */
    PLACE_BUSY,   /* somebody waits, not too long yet */
    PLACE_SPREAD, /* somebody waits behind a long slice, and an executor is idle */
    PLACE_STUCK,  /* to be handed over */
    PLACE_VACANT, /* has no thread */
} verdict_t;

/* How long a slice may be while `waiting` others wait: the more, the shorter, so that a crowd of endless
 * loops is soon off its places; never so short that a slice using up its budget counts as a hog. */
static uint64_t patience(const cay_sched_t *s, unsigned waiting) {
    uint64_t shared = s->o.slice_ns / waiting;
    uint64_t least = s->o.budget_ns * 3 / 2;
    return cay__min_u64(s->o.slice_ns, shared > least ? shared : least);
}

/* Those that this place could serve: its own, and its share of the global queue. */
static unsigned demand(cay_sched_t *s, cay_place_t *p, bool idle) {
    unsigned own = atomic_load_explicit(&p->waiting, memory_order_relaxed);
    unsigned global = atomic_load_explicit(&s->global_count, memory_order_relaxed);
    return own + (idle ? 0 : (global + s->o.executors - 1) / s->o.executors);
}

/* `next` is set to when to look again unless the place is fine. */
static verdict_t judge(cay_sched_t *s, cay_place_t *p, uint64_t now, uint64_t *next)
    CAY_REQUIRES(s->lock) CAY_REQUIRES(p->lock) {
    bool idle = !cay__list_empty(&s->idle);
    unsigned waiting = demand(s, p, idle);
    cay_exec_t *t = p->owner;
    uint64_t tick = now + s->o.slice_ns / 2 + 1;
    *next = tick;
    if (!t) {
        return PLACE_VACANT;
    }
    if (!waiting) {
        return PLACE_FINE;
    }
    uint64_t most = patience(s, waiting);
    *next = cay__min_u64(tick, now + most); /* for the slice that follows, whoever runs it */
    if (!t->actor) {
        return PLACE_BUSY; /* between two slices, or about to start */
    }
    uint64_t limit = t->slice_start + most;
    if (now >= limit) {
        return PLACE_STUCK;
    }
    *next = cay__min_u64(tick, limit);
    return idle && now >= t->slice_start + s->o.budget_ns ? PLACE_SPREAD : PLACE_BUSY;
}

static verdict_t look(cay_sched_t *s, cay_place_t *p, uint64_t *next, bool *have_spare) {
    cay__mutex_lock(&s->lock);
    cay__mutex_lock(&p->lock);
    verdict_t v = judge(s, p, cay__clock_mono(), next);
    if (v == PLACE_STUCK) { /* asked even when there is no thread to take over */
        atomic_store_explicit(&p->owner->give_way, true, memory_order_relaxed);
    }
    cay__mutex_unlock(&p->lock);
    if (v == PLACE_SPREAD) {
        cay__idle_wake(s);
    }
    *have_spare = !cay__list_empty(&s->spares);
    cay__mutex_unlock(&s->lock);
    return v;
}

/* Gives the place to a spare, if it is still to be handed over. Only the clock takes spares, so the one
 * seen or made before is there. */
static void hand_over(cay_sched_t *s, cay_place_t *p) {
    uint64_t now = cay__clock_mono();
    uint64_t next;
    cay__mutex_lock(&s->lock);
    cay__mutex_lock(&p->lock);
    cay_exec_t *stuck = p->owner;
    if (judge(s, p, now, &next) >= PLACE_STUCK) {
        cay_exec_t *t = CAY_CONTAINER(cay__list_shift(&s->spares), cay_exec_t, link);
        s->spare_count--;
        t->spare = false;
        t->given = p;
        p->owner = t;
        s->handoffs++;
        cay__cond_signal(&t->cond);
        if (stuck) {
            cay__hog_start(s, stuck, now);
        }
    }
    cay__mutex_unlock(&p->lock);
    cay__mutex_unlock(&s->lock);
}

static uint64_t watch_place(cay_sched_t *s, cay_place_t *p) {
    uint64_t next;
    bool have_spare;
    switch (look(s, p, &next, &have_spare)) {
    case PLACE_FINE: return UINT64_MAX;
    case PLACE_BUSY:
    case PLACE_SPREAD: return next;
    case PLACE_STUCK:
    case PLACE_VACANT: break;
    }
    /* No thread to be had: tried again at the next look. */
    if (have_spare || cay__exec_new(s, NULL) == 0) {
        hand_over(s, p);
    }
    return next;
}

uint64_t cay__watch(cay_sched_t *s) {
    uint64_t next = UINT64_MAX;
    for (unsigned i = 0; i < s->o.executors; i++) {
        next = cay__min_u64(next, watch_place(s, &s->places[i]));
    }
    return cay__min_u64(next, cay__hogs_watch(s, cay__clock_mono()));
}
