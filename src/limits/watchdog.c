/* SPDX-License-Identifier: MIT */
/* The watchdog's thread: a heap of budgets by the time to look at each. */
#include "base/mem.h"
#include "limits/budget.h"
#include "os/clock.h"

/* How old the CPU of a tree may be that is judged by. */
#define STALE (CAY_NS_PER_MS / 2)

struct cay_watchdog {
    cay_mutex_t lock;
    cay_cond_t wake;
    cay_cond_t acted;
    cay_heap_t heap;       /* under lock, as all below */
    cay_link_t all;        /* every budget */
    uint64_t swept;        /* when last */
    uint64_t sweep_at;     /* a look that a sweep was to come with is gone; UINT64_MAX = none is */
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
    if (due >= atomic_load(&b->armed)) { /* which it always is of one that is removed */
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

/* Brings the CPU of all trees up to date, and the looks at all that share some. A time that is armed without what others
 * used meanwhile is too late; after the sweep none is, until what is left now is used up. */
static void sweep(cay_watchdog_t *w, const cay_budget_t *about_to_look, uint64_t now)
    CAY_REQUIRES(w->lock) {
    if (now < w->swept + STALE) {
        return;
    }
    w->swept = now;
    w->sweep_at = UINT64_MAX;
    for (cay_link_t *n = w->all.next; n != &w->all; n = n->next) {
        cay_budget_t *b = CAY_CONTAINER(n, cay_budget_t, all);
        if (cay__account_runs(b->account)) {
            cay__budget_publish(b);
        }
    }
    for (cay_link_t *n = w->all.next; n != &w->all; n = n->next) {
        cay_budget_t *b = CAY_CONTAINER(n, cay_budget_t, all);
        bool may_owe = cay__account_runs(b->account) || b->account->limits.cpu_ms != CAY_UNLIMITED;
        if (may_owe && b != about_to_look && cay__budget_shares_cpu(b)) {
            push(w, b, cay__budget_next(b, now));
        }
    }
}

static void look(cay_watchdog_t *w, cay_budget_t *b) CAY_REQUIRES(w->lock) {
    w->acting = b;
    cay__mutex_unlock(&w->lock);
    uint64_t next = cay__budget_look(b, cay__clock_mono());
    cay__mutex_lock(&w->lock);
    if (w->acting == b) { /* or it was removed by its own sink, and may be gone */
        push(w, b, next);
    }
    w->acting = NULL;
    cay__cond_broadcast(&w->acted);
}

static void sleep_until_due(cay_watchdog_t *w) CAY_REQUIRES(w->lock) {
    cay_heap_node_t *n = cay__heap_top(&w->heap);
    w->asleep_until = n && n->key < w->sweep_at ? n->key : w->sweep_at;
    cay__cond_wait_until(&w->wake, &w->lock, w->asleep_until);
    w->asleep_until = 0;
}

static void watchdog_main(void *arg) {
    cay_watchdog_t *w = arg;
    watchdog_of = w;
    cay__mutex_lock(&w->lock);
    while (!w->stop) {
        uint64_t now = cay__clock_mono();
        cay_budget_t *b = take_due(w, now);
        if (now >= w->sweep_at || (b && cay__budget_shares_cpu(b))) {
            sweep(w, b, now);
        }
        if (b) {
            look(w, b);
        } else {
            sleep_until_due(w);
        }
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
    cay__list_init(&w->all);
    w->sweep_at = UINT64_MAX;
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

/* The first time is found out before anybody else knows of the budget; nothing is told here, however late it is. */
int cay__budget_add(cay_watchdog_t *w, cay_budget_t *b) {
    int rc = 0;
    atomic_init(&b->armed, UINT64_MAX);
    b->cpus = cay__cpu_count();
    b->sampled = cay__clock_mono();
    uint64_t first = cay__budget_next(b, b->sampled);
    cay__mutex_lock(&w->lock);
    if (!w->is_started && (b->sample_ns || is_watched(b->account))) {
        rc = cay__thread_start(&w->thread, "cay-watchdog", 0, watchdog_main, w);
        w->is_started = rc == 0;
    }
    if (rc == 0) {
        atomic_store(&b->watchdog, w);
        cay__list_push(&w->all, &b->all);
        push(w, b, first);
    }
    cay__mutex_unlock(&w->lock);
    return rc;
}

/* Out of the heap and the list before it waits, or else a budget that is due all the time were taken again and again
 * before whoever waits gets the lock. */
void cay__budget_remove(cay_budget_t *b) {
    cay_watchdog_t *w = atomic_exchange(&b->watchdog, NULL);
    if (!w) {
        return;
    }
    cay__mutex_lock(&w->lock);
    if (b->node.in_heap && b->node.key < w->sweep_at && cay__budget_shares_cpu(b)) {
        uint64_t fresh = w->swept + STALE;
        w->sweep_at = b->node.key > fresh ? b->node.key : fresh;
    }
    cay__heap_remove(&w->heap, &b->node);
    cay__list_remove(&b->all);
    atomic_store(&b->armed, 0); /* whatever begins now arms nothing */
    if (w->acting == b && watchdog_of == w) {
        w->acting = NULL;
    }
    while (w->acting == b) {
        cay__cond_wait(&w->acted, &w->lock);
    }
    cay__mutex_unlock(&w->lock);
}
