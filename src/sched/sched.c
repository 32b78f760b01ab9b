/* SPDX-License-Identifier: MIT */
/* Making and freeing a scheduler, and the states of an actor. */
#include "sched/sched_internal.h"

#include <string.h>

#include "base/mem.h"
#include "cay/error.h"
#include "os/clock.h"

/* ---- actors ---- */

void cay__actor_init(cay_actor_t *a, cay_sched_t *s, const cay_actor_ops_t *ops) {
    memset(a, 0, sizeof *a);
    a->ops = ops;
    a->sched = s;
    atomic_init(&a->state, ACTOR_IDLE);
    cay__list_init(&a->link);
}

static uint32_t state_woken(uint32_t state) {
    switch (state & ACTOR_STATES) {
    case ACTOR_IDLE: return (state & ~(uint32_t)ACTOR_STATES) | ACTOR_QUEUED;
    case ACTOR_RUNNING: return (state & ~(uint32_t)ACTOR_STATES) | ACTOR_DIRTY;
    default: return state;
    }
}

/* A swap even when nothing changes: the waker's earlier writes must be seen by the slice that takes the
 * actor out of QUEUED, or by the one that finds DIRTY, and only a read-modify-write orders them. */
void cay__actor_wake(cay_actor_t *a) {
    cay_sched_t *s = a->sched;
    uint32_t old = atomic_load_explicit(&a->state, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&a->state, &old, state_woken(old),
                                                  memory_order_acq_rel, memory_order_relaxed)) {}
    if ((old & ACTOR_STATES) != ACTOR_IDLE) {
        return; /* from here on the actor may be gone */
    }
    cay_exec_t *t = cay__exec_self();
    if (!t || t->sched != s || !t->place || !cay__place_wake(t->place, t, a)) {
        cay__global_push(s, a);
    }
}

void cay__actor_begin(cay_actor_t *a) {
    atomic_fetch_add_explicit(&a->state, ACTOR_RUNNING - ACTOR_QUEUED, memory_order_acq_rel);
}

bool cay__actor_settle(cay_actor_t *a, bool more) {
    uint32_t old = atomic_load_explicit(&a->state, memory_order_relaxed);
    uint32_t new;
    do {
        bool again = more || (old & ACTOR_STATES) == ACTOR_DIRTY;
        new = (old & ~(uint32_t)ACTOR_STATES) | (again ? ACTOR_QUEUED : ACTOR_IDLE);
    } while (!atomic_compare_exchange_weak_explicit(&a->state, &old, new, memory_order_acq_rel,
                                                    memory_order_relaxed));
    return (new &ACTOR_STATES) == ACTOR_QUEUED;
}

void cay__actor_release(cay_actor_t *a) {
    a->released = true;
}

bool cay__sched_should_yield(cay_actor_t *a) {
    cay_exec_t *t = a->run_by;
    return atomic_load_explicit(&t->give_way, memory_order_relaxed) ||
           cay__clock_mono() - t->slice_start >= t->sched->o.budget_ns;
}

/* ---- the scheduler ---- */

static void options_fill(cay_sched_options_t *o) {
    unsigned cpus = cay__cpu_count();
    o->executors = o->executors ? o->executors : cpus;
    o->max_threads = o->max_threads ? o->max_threads : 1024;
    if (o->max_threads < o->executors) {
        o->max_threads = o->executors;
    }
    o->max_running_hogs = o->max_running_hogs ? o->max_running_hogs : cpus;
    o->stack_size = o->stack_size ? o->stack_size : (size_t)64 << 20;
    o->budget_ns = o->budget_ns ? o->budget_ns : CAY_NS_PER_MS;
    o->slice_ns = o->slice_ns ? o->slice_ns : 10 * CAY_NS_PER_MS;
    o->hog_turn_ns = o->hog_turn_ns ? o->hog_turn_ns : 20 * CAY_NS_PER_MS;
}

static cay_sched_t *sched_alloc(const cay_sched_options_t *o) {
    cay_sched_t *s = CAY_NEW(cay_sched_t);
    if (!s) {
        return NULL;
    }
    s->o = *o;
    options_fill(&s->o);
    s->places = cay__calloc(s->o.executors, sizeof *s->places);
    if (!s->places) {
        cay__free(s);
        return NULL;
    }
    for (unsigned i = 0; i < s->o.executors; i++) {
        cay__place_init(&s->places[i], i);
    }
    cay__mutex_init(&s->lock);
    cay__mutex_init(&s->clock_lock);
    cay__cond_init(&s->clock_cond);
    cay__cond_init(&s->fired_cond);
    cay_link_t *lists[] = {&s->global, &s->idle, &s->threads, &s->spares,
                           &s->dead,   &s->hogs, &s->turns};
    for (size_t i = 0; i < CAY_COUNT(lists); i++) {
        cay__list_init(lists[i]);
    }
    return s;
}

int cay__sched_new(const cay_sched_options_t *o, cay_sched_t **out) {
    cay_sched_t *s = sched_alloc(o);
    if (!s) {
        return CAY_ENOMEM;
    }
    int rc = 0;
    for (unsigned i = 0; !rc && i < s->o.executors; i++) {
        rc = cay__exec_new(s, &s->places[i]);
    }
    if (!rc) {
        rc = cay__clock_start(s);
    }
    if (rc) {
        cay__sched_free(s);
        return rc;
    }
    *out = s;
    return 0;
}

static void threads_stop(cay_sched_t *s) {
    cay__mutex_lock(&s->lock);
    s->stopping = true;
    for (cay_link_t *l = s->threads.next; l != &s->threads; l = l->next) {
        cay__cond_signal(&CAY_CONTAINER(l, cay_exec_t, all)->cond);
    }
    cay__mutex_unlock(&s->lock);
}

/* All are joined before any is freed: places and lists refer to threads that have ended already. */
static void threads_join(cay_sched_t *s) {
    cay_link_t *l;
    for (l = s->threads.next; l != &s->threads; l = l->next) {
        cay__thread_join(&CAY_CONTAINER(l, cay_exec_t, all)->thread);
    }
    while ((l = cay__list_shift(&s->threads))) {
        cay__exec_free(CAY_CONTAINER(l, cay_exec_t, all));
    }
}

/* The clock ends first: from then on no thread is started, and none but this one joins. */
void cay__sched_free(cay_sched_t *s) {
    if (!s) {
        return;
    }
    cay__clock_stop(s);
    threads_stop(s);
    threads_join(s);
    for (unsigned i = 0; i < s->o.executors; i++) {
        cay__place_destroy(&s->places[i]);
    }
    cay__free(s->places);
    cay__mutex_destroy(&s->lock);
    cay__mutex_destroy(&s->clock_lock);
    cay__cond_destroy(&s->clock_cond);
    cay__cond_destroy(&s->fired_cond);
    cay__free(s);
}

void cay__sched_stats(cay_sched_t *s, cay_sched_stats_t *out) {
    cay__mutex_lock(&s->lock);
    *out = (cay_sched_stats_t){
        .executors = s->o.executors,
        .threads = s->thread_count,
        .hogs = s->hog_count,
        .lost = s->lost,
        .handoffs = s->handoffs,
    };
    for (unsigned i = 0; i < s->o.executors; i++) {
        cay_place_t *p = &s->places[i];
        cay__mutex_lock(&p->lock);
        out->steals += p->steals;
        out->slices += p->slices;
        cay__mutex_unlock(&p->lock);
    }
    cay__mutex_unlock(&s->lock);
}
