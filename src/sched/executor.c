/* SPDX-License-Identifier: MIT */
/* The threads that run actors: with a place, as a hog without one, or spare. */
#include "sched/sched_internal.h"

#include "base/mem.h"
#include "cay/error.h"
#include "os/clock.h"

static _Thread_local cay_exec_t *self;

cay_exec_t *cay__exec_self(void) {
    return self;
}

void cay__exec_forget_self(void) {
    self = NULL;
}

cay_actor_t *cay__sched_current(void) {
    return self ? self->actor : NULL;
}

/* One reading of the clock per boundary: the end of a slice is the start of the next. */
static void account(cay_exec_t *t, cay_actor_t *a) {
    uint64_t now = cay__clock_thread();
    a->cpu_ns += now - t->cpu_mark;
    a->slices++;
    t->cpu_mark = now;
}

void cay__actor_slice(const cay_actor_t *a, uint64_t *start, uint64_t *mark) {
    const cay_exec_t *t = a->run_by;
    *start = t->slice_start;
    *mark = t->cpu_mark;
}

uint64_t cay__actor_cpu(const cay_actor_t *a) {
    return a->cpu_ns + (self && self->actor == a ? cay__clock_thread() - self->cpu_mark : 0);
}

/* Puts the actor where its state says. false when the place went to another thread during the slice.
 * After this the actor may run elsewhere, or be gone. */
static bool slice_end(cay_place_t *p, cay_exec_t *t, cay_actor_t *a, bool more) {
    cay__mutex_lock(&p->lock);
    bool mine = p->owner == t;
    unsigned waiting = 0;
    if (mine) {
        t->actor = NULL;
        if (!a->released && cay__actor_settle(a, more)) {
            cay__place_push(p, a);
            waiting = atomic_load_explicit(&p->waiting, memory_order_relaxed);
        }
    }
    cay__mutex_unlock(&p->lock);
    if (waiting > 1) {
        cay__sched_spread(t->sched);
        cay__clock_watch(t->sched);
    }
    if (!mine) {
        t->place = NULL;
        cay__hog_end(t->sched, t, more);
    }
    return mine;
}

/* Until the place is taken away or the scheduler stops. */
static void serve(cay_place_t *p, cay_exec_t *t) {
    bool mine = true;
    t->place = p;
    t->cpu_mark = 0;
    while (mine) {
        cay_actor_t *a = cay__place_next(p, t);
        if (!a) {
            break;
        }
        if (!t->cpu_mark) {
            t->cpu_mark = cay__clock_thread();
        }
        bool more = a->ops->run(a);
        account(t, a);
        if (a->ops->ran) {
            a->ops->ran(a);
        }
        bool released = a->released;
        mine = slice_end(p, t, a, more);
        if (released) {
            a->ops->gone(a);
        }
    }
    t->place = NULL;
}

/* As a spare, until a place is given. NULL when the thread should end: the scheduler stops, or it has been
 * a hog and is niced for good. */
static cay_place_t *place_await(cay_sched_t *s, cay_exec_t *t) {
    cay__mutex_lock(&s->lock);
    while (t->spare && !s->stopping) {
        cay__cond_wait(&t->cond, &s->lock);
    }
    cay_place_t *p = s->stopping ? NULL : t->given;
    t->given = NULL;
    cay__mutex_unlock(&s->lock);
    return p;
}

static void exec_die(cay_sched_t *s, cay_exec_t *t) {
    cay__mutex_lock(&s->lock);
    if (t->spare) {
        t->spare = false;
        s->spare_count--;
        cay__list_remove(&t->link);
    }
    s->thread_count--;
    cay__list_push(&s->dead, &t->link);
    atomic_fetch_add(&s->dead_count, 1);
    cay__clock_kick(s);
    cay__mutex_unlock(&s->lock);
}

static void exec_main(void *arg) {
    cay_exec_t *t = arg;
    cay_sched_t *s = t->sched;
    self = t;
    t->id = cay__thread_id();
    if (s->o.thread_start) {
        s->o.thread_start(s->o.user);
    }
    cay_place_t *p;
    while ((p = place_await(s, t))) {
        serve(p, t);
    }
    if (s->o.thread_end) {
        s->o.thread_end(s->o.user);
    }
    self = NULL;
    exec_die(s, t);
}

static cay_exec_t *exec_alloc(cay_sched_t *s) {
    cay_exec_t *t = CAY_NEW(cay_exec_t);
    if (t) {
        t->sched = s;
        cay__cond_init(&t->cond);
        cay__list_init(&t->all);
        cay__list_init(&t->link);
        cay__list_init(&t->hog_link);
        cay__list_init(&t->turn_link);
    }
    return t;
}

void cay__exec_free(cay_exec_t *t) {
    cay__cond_destroy(&t->cond);
    cay__free(t);
}

/* Lists the thread before it runs, so that nothing of it is touched after it was started. */
static bool exec_enlist(cay_sched_t *s, cay_exec_t *t, cay_place_t *p) {
    cay__mutex_lock(&s->lock);
    bool room = s->thread_count < s->o.max_threads;
    if (room) {
        s->thread_count++;
        cay__list_push(&s->threads, &t->all);
        if (p) {
            cay__mutex_lock(&p->lock);
            p->owner = t;
            cay__mutex_unlock(&p->lock);
            t->given = p;
        } else {
            cay__list_push(&s->spares, &t->link);
            s->spare_count++;
            t->spare = true;
        }
    }
    cay__mutex_unlock(&s->lock);
    return room;
}

static void exec_delist(cay_sched_t *s, cay_exec_t *t, cay_place_t *p) {
    cay__mutex_lock(&s->lock);
    s->thread_count--;
    cay__list_remove(&t->all);
    if (p) {
        cay__mutex_lock(&p->lock);
        p->owner = NULL;
        cay__mutex_unlock(&p->lock);
    } else {
        cay__list_remove(&t->link);
        s->spare_count--;
    }
    cay__mutex_unlock(&s->lock);
}

int cay__exec_new(cay_sched_t *s, cay_place_t *p) {
    cay_exec_t *t = exec_alloc(s);
    if (!t) {
        return CAY_ENOMEM;
    }
    if (!exec_enlist(s, t, p)) {
        cay__exec_free(t);
        return CAY_ELIMIT;
    }
    int rc = cay__thread_start(&t->thread, "cay-exec", s->o.stack_size, exec_main, t);
    if (rc) {
        exec_delist(s, t, p);
        cay__exec_free(t);
    }
    return rc;
}

void cay__exec_reap(cay_sched_t *s) {
    while (atomic_load(&s->dead_count)) {
        cay__mutex_lock(&s->lock);
        cay_link_t *l = cay__list_shift(&s->dead);
        atomic_fetch_sub(&s->dead_count, 1);
        cay_exec_t *t = CAY_CONTAINER(l, cay_exec_t, link);
        cay__list_remove(&t->all);
        cay__mutex_unlock(&s->lock);
        cay__thread_join(&t->thread);
        cay__exec_free(t);
    }
}
