/* SPDX-License-Identifier: MIT */
/* The clock thread: fires timers, and watches the places while anybody waits. It sleeps without end when
 * there is neither a timer nor anything to watch. */
#include "sched/sched_internal.h"

#include "os/clock.h"

/* Timers fired before the places are looked at again: a timer that keeps setting itself to the past must
 * not stop the watch. */
#define FIRE_BATCH 64

static _Thread_local cay_sched_t *clock_of; /* the scheduler whose clock this thread is */

void cay__clock_kick(cay_sched_t *s) {
    cay__mutex_lock(&s->clock_lock);
    s->clock_kicked = true;
    if (s->clock_until) {
        cay__cond_signal(&s->clock_cond);
    }
    cay__mutex_unlock(&s->clock_lock);
}

void cay__clock_watch(cay_sched_t *s) {
    if (!atomic_load(&s->watching) && !atomic_exchange(&s->watching, true)) {
        cay__clock_kick(s);
    }
}

void cay__timer_set(cay_sched_t *s, cay_timer_t *t, uint64_t deadline) {
    cay__mutex_lock(&s->clock_lock);
    cay__heap_remove(&s->timers, &t->node);
    cay__heap_push(&s->timers, &t->node, deadline);
    if (deadline < s->clock_until) {
        s->clock_until =
            deadline; /* one signal is enough for all that follow, unless still earlier */
        cay__cond_signal(&s->clock_cond);
    }
    cay__mutex_unlock(&s->clock_lock);
}

void cay__timer_clear(cay_sched_t *s, cay_timer_t *t) {
    cay__mutex_lock(&s->clock_lock);
    cay__heap_remove(&s->timers, &t->node);
    while (s->firing == t && clock_of != s) {
        cay__cond_wait(&s->fired_cond, &s->clock_lock);
        cay__heap_remove(&s->timers, &t->node); /* fire may have set it again */
    }
    cay__mutex_unlock(&s->clock_lock);
}

static void timers_fire(cay_sched_t *s) CAY_REQUIRES(s->clock_lock) {
    uint64_t now = cay__clock_mono();
    for (unsigned i = 0; i < FIRE_BATCH; i++) {
        cay_heap_node_t *n = cay__heap_top(&s->timers);
        if (!n || n->key > now) {
            break;
        }
        cay__heap_remove(&s->timers, n);
        cay_timer_t *t = CAY_CONTAINER(n, cay_timer_t, node);
        s->firing = t;
        cay__mutex_unlock(&s->clock_lock);
        t->fire(t);
        cay__mutex_lock(&s->clock_lock);
        s->firing = NULL;
        cay__cond_broadcast(&s->fired_cond);
    }
}

/* When to look at the places again. The second look, after watching was dropped, finds what was queued
 * by somebody who still saw it set. */
static uint64_t places_watch(cay_sched_t *s) {
    cay__exec_reap(s);
    if (!atomic_load(&s->watching)) {
        return UINT64_MAX;
    }
    uint64_t next = cay__watch(s);
    if (next == UINT64_MAX) {
        atomic_store(&s->watching, false);
        next = cay__watch(s);
        if (next != UINT64_MAX) {
            atomic_store(&s->watching, true);
        }
    }
    return next;
}

static void clock_sleep(cay_sched_t *s, uint64_t until) CAY_REQUIRES(s->clock_lock) {
    cay_heap_node_t *n = cay__heap_top(&s->timers);
    until = n ? cay__min_u64(until, n->key) : until;
    if (!s->clock_kicked && !s->clock_stop && until > cay__clock_mono()) {
        s->clock_until = until;
        cay__cond_wait_until(&s->clock_cond, &s->clock_lock, until);
        s->clock_until = 0;
    }
}

static void clock_main(void *arg) {
    cay_sched_t *s = arg;
    clock_of = s;
    cay__mutex_lock(&s->clock_lock);
    while (!s->clock_stop) {
        timers_fire(s);
        s->clock_kicked = false;
        cay__mutex_unlock(&s->clock_lock);
        uint64_t next = places_watch(s);
        cay__mutex_lock(&s->clock_lock);
        clock_sleep(s, next);
    }
    cay__mutex_unlock(&s->clock_lock);
}

int cay__clock_start(cay_sched_t *s) {
    int rc = cay__thread_start(&s->clock_thread, "cay-clock", 0, clock_main, s);
    s->clock_started = rc == 0;
    return rc;
}

void cay__clock_stop(cay_sched_t *s) {
    if (!s->clock_started) {
        return;
    }
    cay__mutex_lock(&s->clock_lock);
    s->clock_stop = true;
    cay__cond_signal(&s->clock_cond);
    cay__mutex_unlock(&s->clock_lock);
    cay__thread_join(&s->clock_thread);
}
