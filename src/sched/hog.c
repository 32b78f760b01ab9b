/* SPDX-License-Identifier: MIT */
/* Hogs: threads in a slice whose place was given to another. At most max_running_hogs should compute; a
 * hog asked to pause waits in cay__sched_pause_point until it is its turn.
 *
 * One that was asked and does not come within a turn (a built-in that sees no interrupt, a wait in the
 * kernel), one that was hurried and one that cannot pause still count, but cannot keep the others from
 * having one turn at a time between them. */
#include "sched/sched_internal.h"

#include "base/mem.h"
#include "os/clock.h"

/* Weighs about a tenth of a thread on a place. */
#define HOG_NICE 10
/* On top of that for one that nobody waits for any more. */
#define LOST_NICE 9

typedef struct census {
    unsigned running;
    unsigned asked;   /* within the last turn */
    unsigned outside; /* overdue, hurried, or unable to pause */
} census_t;

static cay_exec_t *hog_of(cay_link_t *l) {
    return CAY_CONTAINER(l, cay_exec_t, hog_link);
}

static void hog_set(cay_sched_t *s, cay_exec_t *t, cay_hog_state_t state) CAY_REQUIRES(s->lock) {
    if (t->hog == HOG_PAUSED) {
        cay__list_remove(&t->turn_link);
        s->paused_count--;
        cay__cond_signal(&t->cond);
    }
    t->hog = state;
    atomic_store_explicit(&t->asked, state == HOG_ASKED, memory_order_relaxed);
    if (state == HOG_PAUSED) {
        cay__list_push(&s->turns, &t->turn_link);
        s->paused_count++;
    }
}

static bool overdue(const cay_sched_t *s, const cay_exec_t *t, uint64_t now) {
    return now >= t->asked_at + s->o.hog_turn_ns;
}

static census_t count(cay_sched_t *s, uint64_t now) CAY_REQUIRES(s->lock) {
    census_t c = {0};
    for (cay_link_t *l = s->hogs.next; l != &s->hogs; l = l->next) {
        cay_exec_t *t = hog_of(l);
        c.running += t->hog == HOG_RUNNING;
        c.asked += t->hog == HOG_ASKED && !overdue(s, t, now);
        c.outside += t->hog == HOG_FREE || (t->hog == HOG_ASKED && overdue(s, t, now));
    }
    return c;
}

static bool room_for_one(const cay_sched_t *s, const census_t *c) {
    return c->running + c->asked + c->outside < s->o.max_running_hogs || c->running + c->asked == 0;
}

/* Lets paused hogs out while there is room. */
static void turns_give(cay_sched_t *s, uint64_t now) CAY_REQUIRES(s->lock) {
    if (!s->paused_count) {
        return;
    }
    census_t c = count(s, now);
    while (s->paused_count && room_for_one(s, &c)) {
        cay_exec_t *t = CAY_CONTAINER(s->turns.next, cay_exec_t, turn_link);
        hog_set(s, t, HOG_RUNNING);
        t->turn_start = now;
        c.running++;
    }
}

static bool hurried(cay_actor_t *a) {
    return atomic_load_explicit(&a->state, memory_order_acquire) & ACTOR_HURRY;
}

void cay__hog_start(cay_sched_t *s, cay_exec_t *t, uint64_t now) {
    bool never = !t->actor->ops->pause || hurried(t->actor);
    t->turn_start = now;
    if (!t->niced) { /* those on places, who have their turn by right, come before it */
        t->niced = true;
        cay__thread_nice(t->id, HOG_NICE);
    }
    cay__list_push(&s->hogs, &t->hog_link);
    s->hog_count++;
    hog_set(s, t, never ? HOG_FREE : HOG_RUNNING);
}

static void hog_leave(cay_sched_t *s, cay_exec_t *t) CAY_REQUIRES(s->lock) {
    while (t->pausing) {
        cay__cond_wait(&t->cond, &s->lock);
    }
    hog_set(s, t, HOG_NONE);
    cay__list_remove(&t->hog_link);
    s->hog_count--;
    t->actor = NULL;
    turns_give(s, cay__clock_mono());
}

void cay__hog_end(cay_sched_t *s, cay_exec_t *t, bool more) {
    cay_actor_t *a = t->actor;
    cay__mutex_lock(&s->lock);
    hog_leave(s, t);
    if (!a->released && cay__actor_settle(a, more)) {
        cay__global_push_locked(s, a);
    }
    cay__mutex_unlock(&s->lock);
}

/* ---- asking for a turn back ---- */

/* The one whose turn began first: when its turn is over and somebody waits for it, or when more are running
 * than should. A newcomer thus has its turn at once: it may only be a slow start, and the others have had
 * theirs. */
static cay_exec_t *hog_to_ask(cay_sched_t *s, uint64_t now) CAY_REQUIRES(s->lock) {
    census_t c = count(s, now);
    cay_exec_t *oldest = NULL;
    for (cay_link_t *l = s->hogs.next; l != &s->hogs; l = l->next) {
        cay_exec_t *t = hog_of(l);
        if (t->hog == HOG_RUNNING && (!oldest || t->turn_start < oldest->turn_start)) {
            oldest = t;
        }
    }
    if (!oldest) {
        return NULL;
    }
    bool too_many = c.running > 1 && c.running + c.outside > s->o.max_running_hogs;
    bool turn_over = now >= oldest->turn_start + s->o.hog_turn_ns && c.asked < s->paused_count;
    return too_many || turn_over ? oldest : NULL;
}

/* `pausing` keeps the slice from ending, hence the actor from going, while its pause is called. */
static void hog_ask(cay_sched_t *s, cay_exec_t *t, uint64_t now) CAY_REQUIRES(s->lock) {
    cay_actor_t *a = t->actor;
    t->asked_at = now;
    t->pausing = true;
    hog_set(s, t, HOG_ASKED);
    cay__mutex_unlock(&s->lock);
    a->ops->pause(a);
    cay__mutex_lock(&s->lock);
    t->pausing = false;
    cay__cond_signal(&t->cond);
}

static uint64_t next_look(cay_sched_t *s, uint64_t now) CAY_REQUIRES(s->lock) {
    if (!s->paused_count) {
        return UINT64_MAX; /* reaching a pause point starts the watch */
    }
    uint64_t turn = s->o.hog_turn_ns;
    uint64_t next = now + turn;
    for (cay_link_t *l = s->hogs.next; l != &s->hogs; l = l->next) {
        cay_exec_t *t = hog_of(l);
        if (t->hog == HOG_RUNNING) {
            next = cay__min_u64(next, t->turn_start + turn);
        } else if (t->hog == HOG_ASKED && !overdue(s, t, now)) {
            next = cay__min_u64(next, t->asked_at + turn);
        }
    }
    /* What has run out and was not asked waits for one that was: no need to look all the time. */
    return next > now ? next : now + turn / 4 + 1;
}

uint64_t cay__hogs_watch(cay_sched_t *s, uint64_t now) {
    cay__mutex_lock(&s->lock);
    turns_give(s, now);
    cay_exec_t *t;
    while ((t = hog_to_ask(s, now))) {
        hog_ask(s, t, now);
    }
    uint64_t next = next_look(s, now);
    cay__mutex_unlock(&s->lock);
    return next;
}

/* ---- from inside a slice ---- */

void cay__sched_pause_point(cay_actor_t *a) {
    cay_exec_t *t = a->run_by;
    cay_sched_t *s = a->sched;
    if (!atomic_load_explicit(&t->asked, memory_order_relaxed)) {
        return;
    }
    cay__mutex_lock(&s->lock);
    if (t->hog == HOG_ASKED) {
        hog_set(s, t, HOG_PAUSED);
        turns_give(s, cay__clock_mono());
        cay__clock_watch(s);
        while (t->hog == HOG_PAUSED && !s->stopping) {
            cay__cond_wait(&t->cond, &s->lock);
        }
    }
    cay__mutex_unlock(&s->lock);
}

/* The flag first, then a look: a hog that begins in between sees one or is seen by the other. */
void cay__actor_hurry(cay_actor_t *a) {
    cay_sched_t *s = a->sched;
    if (atomic_fetch_or_explicit(&a->state, ACTOR_HURRY, memory_order_acq_rel) & ACTOR_HURRY) {
        return;
    }
    cay__mutex_lock(&s->lock);
    for (cay_link_t *l = s->hogs.next; l != &s->hogs; l = l->next) {
        if (hog_of(l)->actor == a) {
            hog_set(s, hog_of(l), HOG_FREE);
            turns_give(s, cay__clock_mono());
            break;
        }
    }
    cay__mutex_unlock(&s->lock);
}

/* Vacates the place, if the thread still has it: what waits there goes to the others. */
static void place_vacate(cay_sched_t *s, cay_place_t *p, cay_exec_t *t) CAY_REQUIRES(s->lock) {
    cay_link_t waiting, *l;
    cay__list_init(&waiting);
    cay__mutex_lock(&p->lock);
    if (p->owner == t) {
        p->owner = NULL;
        cay__place_drain(p, &waiting);
    }
    cay__mutex_unlock(&p->lock);
    while ((l = cay__list_shift(&waiting))) {
        cay__global_push_locked(s, CAY_CONTAINER(l, cay_actor_t, link));
    }
}

/* The thread is not counted any more and serves nothing; it ends with the process. */
static void thread_forget(cay_sched_t *s, cay_exec_t *t) CAY_REQUIRES(s->lock) {
    place_vacate(s, t->place, t);
    if (t->hog != HOG_NONE) {
        hog_leave(s, t);
    }
    cay__list_remove(&t->all);
    s->thread_count--;
    s->lost++;
    cay__clock_watch(s);
}

void cay__sched_thread_lost(cay_actor_t *a) {
    cay_exec_t *t = a->run_by;
    cay_sched_t *s = a->sched;
    cay__mutex_lock(&s->lock);
    thread_forget(s, t);
    cay__mutex_unlock(&s->lock);
    cay__exec_forget_self();
    cay_thread_t me = {pthread_self()};
    cay__thread_detach(&me);
    cay__exec_free(t);
}

/* The record stays: it is where the thread believes itself to be. */
void cay__sched_slice_lost(cay_actor_t *a) {
    cay_exec_t *t = a->run_by;
    cay_sched_t *s = a->sched;
    cay__mutex_lock(&s->lock);
    thread_forget(s, t);
    t->actor = NULL;
    cay__thread_nice(t->id, LOST_NICE);
    (void)cay__actor_settle(a, true);
    cay__global_push_locked(s, a);
    cay__mutex_unlock(&s->lock);
    cay__thread_detach(&t->thread);
}
