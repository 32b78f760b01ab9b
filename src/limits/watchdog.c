/* SPDX-License-Identifier: MIT */
/* The watchdog's thread: a heap of budgets by the time to look at each. */
#include "base/mem.h"
#include "limits/budget.h"
#include "os/clock.h"

struct cay_watchdog {
    cay_mutex_t lock;
    cay_cond_t wake;
    cay_cond_t acted;
    cay_heap_t heap;       /* under lock, as all below */
    cay_budget_t *acting;  /* its sinks are being called, without the lock */
    uint64_t asleep_until; /* 0 = awake */
    bool is_started;
    bool stop;
    cay_thread_t thread;
};

static _Thread_local cay_watchdog_t *watchdog_of; /* whose thread this is */

/* Takes the budget for a look. What is armed meanwhile by its worker is found afterwards. */
static cay_budget_t *take_due(cay_watchdog_t *w, uint64_t now) CAY_REQUIRES(w->lock) {
    cay_heap_node_t *n = cay__heap_top(&w->heap);
    if (!n || n->key > now) {
        return NULL;
    }
    cay__heap_remove(&w->heap, n);
    cay_budget_t *b = CAY_CONTAINER(n, cay_budget_t, node);
    atomic_store(&b->armed, UINT64_MAX);
    return b;
}

static void push(cay_watchdog_t *w, cay_budget_t *b, uint64_t due) CAY_REQUIRES(w->lock) {
    if (due >= atomic_load(&b->armed)) {
        return;
    }
    cay__heap_remove(&w->heap, &b->node);
    cay__heap_push(&w->heap, &b->node, due);
    atomic_store(&b->armed, due);
    if (due < w->asleep_until) {
        w->asleep_until = due; /* one signal is enough for all that follow, unless still earlier */
        cay__cond_signal(&w->wake);
    }
}

static void look(cay_watchdog_t *w, cay_budget_t *b) CAY_REQUIRES(w->lock) {
    w->acting = b;
    cay__mutex_unlock(&w->lock);
    uint64_t next = cay__budget_look(b, cay__clock_mono());
    cay__mutex_lock(&w->lock);
    if (w->acting == b) { /* or it was removed by its own sink */
        push(w, b, next);
    }
    w->acting = NULL;
    cay__cond_broadcast(&w->acted);
}

static void watchdog_main(void *arg) {
    cay_watchdog_t *w = arg;
    watchdog_of = w;
    cay__mutex_lock(&w->lock);
    while (!w->stop) {
        cay_budget_t *b = take_due(w, cay__clock_mono());
        if (b) {
            look(w, b);
            continue;
        }
        cay_heap_node_t *n = cay__heap_top(&w->heap);
        w->asleep_until = n ? n->key : UINT64_MAX;
        cay__cond_wait_until(&w->wake, &w->lock, w->asleep_until);
        w->asleep_until = 0;
    }
    cay__mutex_unlock(&w->lock);
}

int cay__watchdog_new(cay_watchdog_t **out) {
    cay_watchdog_t *w = CAY_NEW(cay_watchdog_t);
    if (!w) {
        return CAY_ENOMEM;
    }
    cay__mutex_init(&w->lock);
    cay__cond_init(&w->wake);
    cay__cond_init(&w->acted);
    *out = w;
    return 0;
}

void cay__watchdog_free(cay_watchdog_t *w) {
    if (!w) {
        return;
    }
    cay__mutex_lock(&w->lock);
    w->stop = true;
    bool is_started = w->is_started;
    cay__cond_signal(&w->wake);
    cay__mutex_unlock(&w->lock);
    if (is_started) {
        cay__thread_join(&w->thread);
    }
    cay__cond_destroy(&w->acted);
    cay__cond_destroy(&w->wake);
    cay__mutex_destroy(&w->lock);
    cay__free(w);
}

void cay__watchdog_arm(cay_watchdog_t *w, cay_budget_t *b, uint64_t due) {
    cay__mutex_lock(&w->lock);
    push(w, b, due);
    cay__mutex_unlock(&w->lock);
}

static bool is_watched(const cay_account_t *a) {
    const cay_limits_t *l = &a->limits;
    bool has_cpu = l->turn_cpu_ms != CAY_UNLIMITED;
    for (; a; a = a->parent) {
        has_cpu |= a->limits.cpu_ms != CAY_UNLIMITED;
    }
    return has_cpu || l->wall_ms != CAY_UNLIMITED || l->idle_ms != CAY_UNLIMITED ||
           l->startup_ms != CAY_UNLIMITED;
}

int cay__budget_add(cay_watchdog_t *w, cay_budget_t *b) {
    int rc = 0;
    b->watchdog = w;
    atomic_init(&b->armed, UINT64_MAX);
    cay__mutex_lock(&w->lock);
    if (!w->is_started && (b->sample_ns || is_watched(b->account))) {
        rc = cay__thread_start(&w->thread, "cay-watchdog", 0, watchdog_main, w);
        w->is_started = rc == 0;
    }
    cay__mutex_unlock(&w->lock);
    if (rc) {
        b->watchdog = NULL;
        return rc;
    }
    uint64_t first = cay__budget_look(b, cay__clock_mono()); /* nobody else knows it yet */
    cay__watchdog_arm(w, b, first);
    return 0;
}

void cay__budget_remove(cay_budget_t *b) {
    cay_watchdog_t *w = b->watchdog;
    if (!w) {
        return;
    }
    cay__mutex_lock(&w->lock);
    if (w->acting == b && watchdog_of == w) {
        w->acting = NULL;
    }
    while (w->acting == b) {
        cay__cond_wait(&w->acted, &w->lock);
    }
    cay__heap_remove(&w->heap, &b->node);
    atomic_store(&b->armed, 0); /* whatever begins now arms nothing */
    b->watchdog = NULL;
    cay__mutex_unlock(&w->lock);
}
