/* SPDX-License-Identifier: MIT */
/* setTimeout and setInterval of one worker: a heap of its own, and one timer of the scheduler for the
 * earliest. Each callback is a task. HTML, "timers": equal deadlines fire in the order they were set. */
#include <math.h>

#include "base/mem.h"
#include "os/clock.h"
#include "worker/agent.h"
#include "worker/inbox.h"

typedef struct guest_timer {
    cay_heap_node_t node; /* key: monotonic ns */
    uint32_t id;
    uint64_t interval; /* ns; 0 = once */
} guest_timer_t;

static void on_clock(cay_timer_t *t) {
    cay_agent_t *a = CAY_CONTAINER(t, cay_agent_t, clock);
    cay__note_push(a, &a->timer_note);
}

/* Follows the earliest deadline, and holds a token exactly while there is one. */
static void rearm(cay_agent_t *a) {
    cay_heap_node_t *first = cay__heap_top(&a->timers);
    if (first) {
        if (!a->timers_counted) {
            a->timers_counted = true;
            cay__group_hold(a->group);
        }
        cay__timer_set(a->env->sched, &a->clock, first->key);
    } else if (a->timers_counted) {
        cay__timer_clear(a->env->sched, &a->clock);
        a->timers_counted = false;
        cay__group_release(a->group, 1);
    }
}

static void drop(cay_agent_t *a, guest_timer_t *t) {
    cay__heap_remove(&a->timers, &t->node);
    cay__map_remove(&a->timer_ids, (const char *)&t->id, sizeof t->id);
    cay__account_give(a->account, CAY_TALLY_TIMERS);
    cay__free(t);
}

static uint64_t to_ns(double ms) {
    return ms >= 1 ? (uint64_t)(fmin(ms, 2147483647.0) * 1e6) : 0;
}

int cay__guest_timer_set(cay_agent_t *a, uint32_t id, double delay, bool repeat) {
    if (!cay__account_take(a->account, CAY_TALLY_TIMERS, CAY_LIMIT_TIMERS)) {
        return CAY_ELIMIT;
    }
    guest_timer_t *t = CAY_NEW(guest_timer_t);
    if (!t) {
        cay__account_give(a->account, CAY_TALLY_TIMERS);
        return CAY_ENOMEM;
    }
    t->id = id;
    uint64_t ns = to_ns(delay);
    t->interval = repeat ? (ns ? ns : CAY_NS_PER_MS) : 0;
    int rc = cay__map_put(&a->timer_ids, (const char *)&t->id, sizeof t->id, t);
    if (rc) {
        cay__account_give(a->account, CAY_TALLY_TIMERS);
        cay__free(t);
        return rc;
    }
    uint64_t before = a->timers.root ? a->timers.root->key : UINT64_MAX;
    uint64_t due = cay__clock_mono() + ns;
    cay__heap_push(&a->timers, &t->node, due);
    if (due < before) {
        rearm(a);
    }
    return 0;
}

void cay__guest_timer_clear(cay_agent_t *a, uint32_t id) {
    guest_timer_t *t = cay__map_get(&a->timer_ids, (const char *)&id, sizeof id);
    if (t) {
        drop(a, t);
        if (!a->timers.root) {
            rearm(a);
        }
    }
}

/* Runs what is due now; what a callback sets for "now" waits for the next round, so that timers of 0 ms
 * cannot keep messages out. */
static void run_due(cay_agent_t *a, cay_note_t *n) {
    uint64_t now = cay__clock_mono();
    uint64_t round = a->timers.pushes;
    for (;;) {
        cay_heap_node_t *first = cay__heap_top(&a->timers);
        if (!first || first->key > now || first->order >= round || !cay__agent_may_run(a)) {
            break;
        }
        if (cay__sched_should_yield(&a->actor)) {
            cay__inbox_again(a, n);
            break;
        }
        guest_timer_t *t = CAY_CONTAINER(first, guest_timer_t, node);
        uint32_t id = t->id;
        if (t->interval) {
            cay__heap_remove(&a->timers, &t->node);
            cay__heap_push(&a->timers, &t->node, now + t->interval);
        } else {
            drop(a, t);
        }
        cay__task_begin(a);
        eng_val_t arg = eng_number(a->iso, id);
        cay__task_call(a, ENG_DISPATCH_TIMER, &arg, 1, NULL);
        cay__task_end(a);
    }
    rearm(a);
}

void cay__guest_timers_init(cay_agent_t *a) {
    a->clock.fire = on_clock;
    a->timer_note.run = run_due;
    cay__map_init(&a->timer_ids);
}

void cay__guest_timers_free(cay_agent_t *a) {
    while (a->timers.root) {
        drop(a, CAY_CONTAINER(a->timers.root, guest_timer_t, node));
    }
    rearm(a);
    cay__timer_clear(a->env->sched, &a->clock);
    cay__map_free(&a->timer_ids);
}
