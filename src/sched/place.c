/* SPDX-License-Identifier: MIT */
/* Run queues: a place's next slot and local queue, the global queue, stealing, parking.
 *
 * Who may wait how long: the next slot gives way to the local queue after NEXT_RUNS slices or one budget;
 * the global queue is looked at every GLOBAL_EVERY slices and every two budgets; what comes back from a
 * slice goes to the tail. Only a place's own thread puts actors there, so a parked place has none. */
#include "sched/sched_internal.h"

#include "os/clock.h"

#define NEXT_RUNS    32
#define GLOBAL_EVERY 16
#define GLOBAL_BATCH 32

void cay__place_init(cay_place_t *p, unsigned index) {
    cay__mutex_init(&p->lock);
    cay__list_init(&p->queue);
    p->index = index;
}

void cay__place_destroy(cay_place_t *p) {
    cay__mutex_destroy(&p->lock);
}

static void waiting_add(cay_place_t *p, int n) CAY_REQUIRES(p->lock) {
    unsigned was = atomic_load_explicit(&p->waiting, memory_order_relaxed);
    atomic_store_explicit(&p->waiting, was + (unsigned)n, memory_order_relaxed);
}

static unsigned waiting_peek(cay_place_t *p) {
    return atomic_load_explicit(&p->waiting, memory_order_relaxed);
}

static void queue_push(cay_place_t *p, cay_actor_t *a) CAY_REQUIRES(p->lock) {
    cay__list_push(&p->queue, &a->link);
    p->queued++;
}

static cay_actor_t *queue_shift(cay_place_t *p) CAY_REQUIRES(p->lock) {
    cay_link_t *l = cay__list_shift(&p->queue);
    if (!l) {
        return NULL;
    }
    p->queued--;
    waiting_add(p, -1);
    return CAY_CONTAINER(l, cay_actor_t, link);
}

static cay_actor_t *next_take(cay_place_t *p) CAY_REQUIRES(p->lock) {
    cay_actor_t *a = p->next;
    p->next = NULL;
    waiting_add(p, -1);
    return a;
}

void cay__place_push(cay_place_t *p, cay_actor_t *a) {
    queue_push(p, a);
    waiting_add(p, 1);
}

unsigned cay__place_drain(cay_place_t *p, cay_link_t *to) {
    unsigned n = waiting_peek(p);
    if (p->next) {
        cay__list_push(to, &next_take(p)->link);
    }
    cay__list_splice(to, &p->queue);
    waiting_add(p, -(int)p->queued);
    p->queued = 0;
    return n;
}

bool cay__place_wake(cay_place_t *p, cay_exec_t *t, cay_actor_t *a) {
    cay__mutex_lock(&p->lock);
    if (p->owner != t) {
        cay__mutex_unlock(&p->lock);
        return false;
    }
    if (p->next) {
        queue_push(p, p->next);
    }
    p->next = a;
    waiting_add(p, 1);
    unsigned waiting = waiting_peek(p);
    cay__mutex_unlock(&p->lock);
    if (waiting > 1) {
        cay__sched_spread(t->sched);
    }
    cay__clock_watch(t->sched);
    return true;
}

/* ---- idle executors ---- */

/* Signals with the lock held: a waker from outside may not touch the scheduler after letting go of it,
 * since the actor it woke may end, and the scheduler with it. */
bool cay__idle_wake(cay_sched_t *s) {
    cay_link_t *l = cay__list_shift(&s->idle);
    if (!l) {
        return false;
    }
    atomic_fetch_sub(&s->idle_count, 1);
    cay_exec_t *t = CAY_CONTAINER(l, cay_exec_t, link);
    t->woken = true;
    cay__cond_signal(&t->cond);
    return true;
}

void cay__sched_spread(cay_sched_t *s) {
    if (atomic_load(&s->idle_count)) {
        cay__mutex_lock(&s->lock);
        cay__idle_wake(s);
        cay__mutex_unlock(&s->lock);
    }
}

/* ---- the global queue ---- */

void cay__global_push_locked(cay_sched_t *s, cay_actor_t *a) {
    cay__list_push(&s->global, &a->link);
    atomic_fetch_add(&s->global_count, 1);
    if (!cay__idle_wake(s)) {
        cay__clock_watch(s);
    }
}

void cay__global_push(cay_sched_t *s, cay_actor_t *a) {
    cay__mutex_lock(&s->lock);
    cay__global_push_locked(s, a);
    cay__mutex_unlock(&s->lock);
}

static unsigned global_batch(cay_sched_t *s, cay_link_t *to) {
    cay__mutex_lock(&s->lock);
    unsigned have = atomic_load_explicit(&s->global_count, memory_order_relaxed);
    unsigned n = have ? have / s->o.executors + 1 : 0;
    n = n > have ? have : n;
    n = n > GLOBAL_BATCH ? GLOBAL_BATCH : n;
    for (unsigned i = 0; i < n; i++) {
        cay__list_push(to, cay__list_shift(&s->global));
    }
    atomic_fetch_sub(&s->global_count, n);
    cay__mutex_unlock(&s->lock);
    return n;
}

/* Adds `n` actors to the queue of the caller's own place. */
static void batch_adopt(cay_place_t *p, cay_exec_t *t, cay_link_t *batch, unsigned n, bool first) {
    cay__mutex_lock(&p->lock);
    if (first) {
        cay__list_push_front(&p->queue, cay__list_shift(batch));
    }
    cay__list_splice(&p->queue, batch);
    p->queued += n;
    waiting_add(p, (int)n);
    unsigned waiting = waiting_peek(p);
    cay__mutex_unlock(&p->lock);
    if (waiting > 1) {
        cay__sched_spread(t->sched);
        cay__clock_watch(t->sched);
    }
}

/* `first`: what waited longest gets the next slice. */
static bool global_take(cay_place_t *p, cay_exec_t *t, uint64_t now, bool first) {
    cay_sched_t *s = t->sched;
    t->global_seen = now;
    if (!atomic_load_explicit(&s->global_count, memory_order_relaxed)) {
        return false;
    }
    cay_link_t batch;
    cay__list_init(&batch);
    unsigned n = global_batch(s, &batch);
    if (n) {
        batch_adopt(p, t, &batch, n, first);
    }
    return n > 0;
}

/* ---- stealing ---- */

/* How many of the queue a thief may have: one stays when the owner is about to take it. */
static unsigned queue_spare(const cay_place_t *q) CAY_REQUIRES(q->lock) {
    bool served = q->owner && !q->owner->actor && !q->next;
    return served && q->queued ? q->queued - 1 : q->queued;
}

/* The next slot belongs to a conversation that stays on its core, unless its partner computes on. */
static bool next_spare(const cay_place_t *q, uint64_t budget, uint64_t now) CAY_REQUIRES(q->lock) {
    return q->next && q->owner && q->owner->actor && now >= q->owner->slice_start + budget;
}

static unsigned steal_from(cay_place_t *q, uint64_t budget, uint64_t now, cay_link_t *to) {
    cay__mutex_lock(&q->lock);
    unsigned n = (queue_spare(q) + 1) / 2;
    for (unsigned i = 0; i < n; i++) {
        cay__list_push(to, &queue_shift(q)->link);
    }
    if (!n && next_spare(q, budget, now)) {
        cay__list_push(to, &next_take(q)->link);
        n = 1;
    }
    cay__mutex_unlock(&q->lock);
    return n;
}

static bool steal(cay_place_t *p, cay_exec_t *t, uint64_t now) {
    cay_sched_t *s = t->sched;
    for (unsigned i = 1; i < s->o.executors; i++) {
        cay_place_t *q = &s->places[(p->index + i) % s->o.executors];
        if (!waiting_peek(q)) {
            continue; /* a stale zero does no harm: parking looks again under the lock */
        }
        cay_link_t batch;
        cay__list_init(&batch);
        unsigned n = steal_from(q, s->o.budget_ns, now, &batch);
        if (n) {
            batch_adopt(p, t, &batch, n, false);
            cay__mutex_lock(&p->lock);
            p->steals += n;
            cay__mutex_unlock(&p->lock);
            return true;
        }
    }
    return false;
}

/* ---- parking ---- */

static bool anything_to_steal(cay_sched_t *s, const cay_place_t *p) CAY_REQUIRES(s->lock) {
    uint64_t now = cay__clock_mono();
    bool found = false;
    for (unsigned i = 0; !found && i < s->o.executors; i++) {
        cay_place_t *q = &s->places[i];
        if (q != p) {
            cay__mutex_lock(&q->lock);
            found = queue_spare(q) || next_spare(q, s->o.budget_ns, now);
            cay__mutex_unlock(&q->lock);
        }
    }
    return found;
}

/* Sleeps until woken; false when the scheduler stops. Returns at once when something came up between the
 * last look and the place being listed as idle. */
static bool park(cay_place_t *p, cay_exec_t *t) {
    cay_sched_t *s = t->sched;
    t->cpu_mark = 0;
    cay__mutex_lock(&s->lock);
    t->woken = false;
    cay__list_push_front(&s->idle, &t->link);
    atomic_fetch_add(&s->idle_count, 1);
    bool work = !cay__list_empty(&s->global) || anything_to_steal(s, p);
    while (!work && !t->woken && !s->stopping) {
        cay__cond_wait(&t->cond, &s->lock);
    }
    if (!t->woken) {
        cay__list_remove(&t->link);
        atomic_fetch_sub(&s->idle_count, 1);
    }
    bool go_on = work || t->woken || !s->stopping;
    cay__mutex_unlock(&s->lock);
    return go_on;
}

/* ---- what runs next ---- */

static cay_actor_t *choose(cay_place_t *p, uint64_t budget, uint64_t now) CAY_REQUIRES(p->lock) {
    bool chain_over = p->chain >= NEXT_RUNS || now - p->chain_start >= budget;
    if (p->next && (!p->queued || !chain_over)) {
        p->chain++;
        return next_take(p);
    }
    p->chain = 0;
    p->chain_start = now;
    return queue_shift(p);
}

/* The slice begins under the lock: whoever sees t->actor there may take its place away from it. */
static cay_actor_t *take(cay_place_t *p, cay_exec_t *t, uint64_t now) {
    cay__mutex_lock(&p->lock);
    cay_actor_t *a = choose(p, t->sched->o.budget_ns, now);
    if (a) {
        a->run_by = t;
        cay__actor_begin(a);
        t->actor = a;
        t->slice_start = now;
        atomic_store_explicit(&t->give_way, false, memory_order_relaxed);
        p->slices++;
    }
    cay__mutex_unlock(&p->lock);
    return a;
}

cay_actor_t *cay__place_next(cay_place_t *p, cay_exec_t *t) {
    for (;;) {
        uint64_t now = cay__clock_mono();
        if (++t->ticks % GLOBAL_EVERY == 0 || now - t->global_seen >= 2 * t->sched->o.budget_ns) {
            global_take(p, t, now, true);
        }
        cay_actor_t *a = take(p, t, now);
        if (a) {
            return a;
        }
        if (!global_take(p, t, now, false) && !steal(p, t, now) && !park(p, t)) {
            return NULL;
        }
    }
}
