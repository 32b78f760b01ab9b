/* SPDX-License-Identifier: MIT */
#include "limits/budget.h"

#include "os/clock.h"

/* A look is no use sooner than this after another: what is left then passes before the thread is stopped anyway. */
#define LEAST_SLEEP (CAY_NS_PER_MS / 2)

static uint64_t ns_of(uint64_t ms) {
    return ms > UINT64_MAX / CAY_NS_PER_MS ? UINT64_MAX : ms * CAY_NS_PER_MS;
}

static uint64_t plus(uint64_t a, uint64_t b) {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static uint64_t left_of(uint64_t limit, uint64_t used) {
    return limit == UINT64_MAX ? UINT64_MAX : used >= limit ? 0 : limit - used;
}

static uint64_t later(uint64_t now, uint64_t left) {
    return plus(now, left > LEAST_SLEEP ? left : LEAST_SLEEP);
}

/* ---- CPU ---- */

/* Several workers of a tree use up its CPU at once, each on a CPU of its own. */
static uint64_t spread(const cay_budget_t *b, const cay_account_t *p, uint64_t left) {
    bool is_tree =
        p != b->account || atomic_load_explicit(&p->tree_workers, memory_order_relaxed) > 0;
    return is_tree && left != UINT64_MAX && b->cpus ? left / b->cpus : left;
}

/* CPU of an account at or above the budget's own, whose CPU is known. */
static uint64_t tree_used(const cay_budget_t *b, const cay_account_t *p, uint64_t own) {
    return p == b->account ? cay__account_tree_cpu_with(p, own) : cay__account_tree_cpu(p);
}

static bool is_told(const cay_budget_t *b, cay_limit_t which) {
    return atomic_load_explicit(&b->told, memory_order_relaxed) & 1u << which;
}

/* How much CPU may pass before the next thing about the limit of `p` has to be told. The soft limits of those above count
 * too: they may be at rest, and nobody else looks at them. `owes_soft`: its own is still to be told, passed or not. */
static uint64_t tree_left(const cay_budget_t *b, const cay_account_t *p, uint64_t own,
                          bool owes_soft) {
    uint64_t limit = ns_of(p->limits.cpu_ms);
    if (limit == UINT64_MAX) {
        return UINT64_MAX;
    }
    uint64_t used = tree_used(b, p, own), soft = ns_of(cay__account_soft(p, CAY_LIMIT_CPU));
    bool is_soft = used < soft || (p == b->account && owes_soft);
    return spread(b, p, left_of(is_soft ? least(soft, limit) : limit, used));
}

/* How much may pass before anything has to be told. */
static uint64_t cpu_left(const cay_budget_t *b, uint64_t own, uint64_t slice, bool owes_soft) {
    const cay_account_t *a = b->account;
    uint64_t grace = atomic_load(&b->grace);
    if (grace) {
        return left_of(grace, own);
    }
    uint64_t left = left_of(ns_of(a->limits.turn_cpu_ms), slice);
    for (const cay_account_t *p = a; p; p = p->parent) {
        left = least(left, tree_left(b, p, own, owes_soft));
    }
    return left;
}

bool cay__budget_shares_cpu(const cay_budget_t *b) {
    const cay_account_t *a = b->account;
    bool shares = a->limits.cpu_ms != CAY_UNLIMITED &&
                  atomic_load_explicit(&a->tree_workers, memory_order_relaxed) > 0;
    for (const cay_account_t *p = a->parent; p && !shares; p = p->parent) {
        shares = p->limits.cpu_ms != CAY_UNLIMITED;
    }
    return shares;
}

/* ---- the worker's side ---- */

/* `armed` is read after what the watch looks at was stored, and the watch takes it back before it looks, all in the one
 * order: either the time that is armed is one that is still to come, or the look sees what was stored. */
static void arm(cay_budget_t *b, uint64_t due) {
    cay_watchdog_t *w;
    if (due < atomic_load(&b->armed) && (w = atomic_load(&b->watchdog))) {
        cay__watchdog_arm(w, b, due);
    }
}

void cay__budget_begin(cay_budget_t *b, uint64_t now, uint64_t mark) {
    cay__account_begin(b->account, mark);
    if (atomic_load_explicit(&b->rest, memory_order_relaxed)) {
        atomic_store_explicit(&b->rest, 0, memory_order_relaxed);
    }
    uint64_t own = atomic_load_explicit(&b->account->cpu, memory_order_relaxed);
    uint64_t left = cpu_left(b, own, 0, !is_told(b, CAY_LIMIT_CPU));
    uint64_t sample = b->sample_ns ? b->sample_ns : UINT64_MAX;
    arm(b, plus(now, least(left, sample)));
}

void cay__budget_end(cay_budget_t *b, uint64_t cpu) {
    cay__account_settle(b->account, cpu);
    if (b->account->limits.idle_ms != CAY_UNLIMITED) {
        uint64_t now = cay__clock_mono();
        atomic_store(&b->rest, now);
        uint64_t soft = cay__account_soft(b->account, CAY_LIMIT_IDLE);
        arm(b, plus(now, ns_of(least(soft, b->account->limits.idle_ms))));
    }
}

void cay__budget_started(cay_budget_t *b) {
    atomic_store(&b->started, true);
}

void cay__budget_grace(cay_budget_t *b, uint64_t ms) {
    uint64_t end = plus(cay__account_cpu(b->account, NULL), ns_of(ms));
    atomic_store(&b->grace, end ? end : 1); /* 0 would be none */
    atomic_store(&b->over_again, true);
    arm(b, plus(cay__clock_mono(), ns_of(ms)));
}

/* ---- the watch's side ---- */

/* In the order in which one takes the place of another. */
typedef enum notice { NOTICE_NONE, NOTICE_SAMPLE, NOTICE_SOFT, NOTICE_HARD } notice_t;

/* What is to be told: one thing a look, so that nothing is touched once the sink was called, which may remove the
 * budget. */
typedef struct look {
    const cay_budget_t *b;
    uint64_t now;
    uint64_t next; /* to look again */
    notice_t notice;
    cay_limit_t which;
    uint64_t limit;
    uint64_t used;              /* ns */
    uint64_t rest;              /* of which IDLE is told */
    const cay_account_t *whose; /* of which CPU is told; NULL = its own */
} look_t;

static void again(look_t *l, uint64_t when) {
    l->next = least(l->next, when);
}

static void note(look_t *l, notice_t notice, cay_limit_t which, uint64_t limit, uint64_t used) {
    if (l->notice != NOTICE_NONE) {
        again(l, l->now); /* whichever is left behind */
    }
    if (notice > l->notice) {
        l->notice = notice;
        l->which = which;
        l->limit = limit;
        l->used = used;
    }
}

/* A limit of time that began at `since`: the soft one first, even when both have passed. */
static void look_time(look_t *l, cay_limit_t which, uint64_t since, bool with_soft) {
    const cay_account_t *a = l->b->account;
    uint64_t limit = cay_limits_get(&a->limits, which);
    if (limit == CAY_UNLIMITED) {
        return;
    }
    uint64_t used = l->now > since ? l->now - since : 0;
    uint64_t hard = plus(since, ns_of(limit));
    uint64_t soft = with_soft ? plus(since, ns_of(cay__account_soft(a, which))) : UINT64_MAX;
    if (l->now >= soft && soft != UINT64_MAX) {
        note(l, NOTICE_SOFT, which, limit, used);
        again(l, hard);
    } else if (l->now >= hard && hard != UINT64_MAX) {
        note(l, NOTICE_HARD, which, limit, used);
    } else {
        again(l, least(soft, hard));
    }
}

static void look_rest(look_t *l) {
    uint64_t rest = atomic_load(&l->b->rest);
    if (rest) {
        l->rest = rest;
        look_time(l, CAY_LIMIT_IDLE, rest, l->b->told_rest != rest);
    }
}

/* The limits of CPU of a tree, its own first; those above only while it runs: at rest it adds nothing to them. */
static void look_tree(look_t *l, uint64_t own, bool runs) {
    const cay_account_t *a = l->b->account;
    uint64_t soft = ns_of(cay__account_soft(a, CAY_LIMIT_CPU));
    for (const cay_account_t *p = a; p && (p == a || runs); p = p->parent) {
        uint64_t limit = ns_of(p->limits.cpu_ms);
        uint64_t used = limit == UINT64_MAX ? 0 : tree_used(l->b, p, own);
        if (p == a && used >= soft && !is_told(l->b, CAY_LIMIT_CPU)) {
            note(l, NOTICE_SOFT, CAY_LIMIT_CPU, p->limits.cpu_ms, used);
            again(l, used >= limit ? l->now : UINT64_MAX);
        } else if (used >= limit) {
            l->whose = l->notice < NOTICE_HARD ? p : l->whose;
            note(l, NOTICE_HARD, CAY_LIMIT_CPU, p->limits.cpu_ms, used);
        }
    }
}

static void look_cpu(look_t *l) {
    const cay_budget_t *b = l->b;
    const cay_account_t *a = b->account;
    uint64_t slice;
    uint64_t own = cay__account_cpu(a, &slice);
    bool runs = cay__account_runs(a);
    uint64_t grace = atomic_load(&b->grace);
    if (grace && own >= grace) {
        note(l, NOTICE_HARD, CAY_LIMIT_CPU, a->limits.cpu_ms, own);
    } else if (!grace) {
        look_tree(l, own, runs);
    }
    /* Last, as its default gives way to that of the whole. */
    if (!grace && l->notice < NOTICE_HARD && slice >= ns_of(a->limits.turn_cpu_ms)) {
        note(l, NOTICE_HARD, CAY_LIMIT_TURN_CPU, a->limits.turn_cpu_ms, slice);
    }
    if (runs) { /* or else the next begin arms it */
        again(l, later(l->now, cpu_left(b, own, slice, false)));
    }
}

static void look_sample(look_t *l) {
    const cay_budget_t *b = l->b;
    if (!b->sample_ns || !cay__account_runs(b->account)) {
        return;
    }
    uint64_t due = plus(b->sampled, b->sample_ns);
    if (l->now >= due) {
        note(l, NOTICE_SAMPLE, CAY_LIMIT_NONE, 0, 0);
        due = plus(l->now, b->sample_ns);
    }
    again(l, due);
}

/* Changes nothing. */
static look_t judge(const cay_budget_t *b, uint64_t now) {
    look_t l = {.b = b, .now = now, .next = UINT64_MAX};
    if (b->over && !atomic_load(&b->over_again)) {
        return l; /* once over, only what is left of the grace matters */
    }
    look_time(&l, CAY_LIMIT_WALL, b->account->born, !is_told(b, CAY_LIMIT_WALL));
    if (!atomic_load(&b->started)) {
        look_time(&l, CAY_LIMIT_STARTUP, b->account->born, false);
    }
    look_rest(&l);
    look_cpu(&l);
    look_sample(&l);
    return l;
}

uint64_t cay__budget_next(const cay_budget_t *b, uint64_t now) {
    look_t l = judge(b, now);
    return l.notice == NOTICE_NONE ? l.next : now;
}

void cay__budget_publish(cay_budget_t *b) {
    cay__account_publish(b->account, cay__account_cpu(b->account, NULL));
}

static void mark_told(cay_budget_t *b, const look_t *l) {
    if (l->which == CAY_LIMIT_IDLE) {
        b->told_rest = l->rest;
    } else {
        atomic_fetch_or_explicit(&b->told, 1u << l->which, memory_order_relaxed);
    }
}

/* The sink comes last. */
uint64_t cay__budget_look(cay_budget_t *b, uint64_t now) {
    cay__budget_publish(b);
    look_t l = judge(b, now);
    switch (l.notice) {
    case NOTICE_NONE: break;
    case NOTICE_SAMPLE:
        b->sampled = now;
        if (b->ops->sample) {
            b->ops->sample(b);
        }
        break;
    case NOTICE_SOFT:
        mark_told(b, &l);
        b->ops->soft(b, l.which, l.limit, l.used / CAY_NS_PER_MS);
        break;
    case NOTICE_HARD:
        b->over = true;
        atomic_store(&b->over_again, false);
        b->ops->hard(b, l.whose ? l.whose : b->account, l.which, l.limit, l.used / CAY_NS_PER_MS);
        return UINT64_MAX;
    }
    return l.next;
}
