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

/* ---- CPU ---- */

/* Several workers of a tree use up its CPU at once, each on a CPU of its own. */
static uint64_t shared(const cay_account_t *a, uint64_t left) {
    bool is_tree = a->parent || atomic_load_explicit(&a->tree_workers, memory_order_relaxed);
    return is_tree && left != UINT64_MAX ? left / cay__cpu_count() : left;
}

/* How much CPU may pass before its limits, own and above, could be reached. */
static uint64_t cpu_left(const cay_budget_t *b, uint64_t total, uint64_t slice) {
    const cay_account_t *a = b->account;
    uint64_t grace = atomic_load(&b->grace);
    if (grace) {
        return left_of(grace, total);
    }
    uint64_t left = left_of(ns_of(a->limits.turn_cpu_ms), slice);
    for (const cay_account_t *p = a; p; p = p->parent) {
        if (p->limits.cpu_ms != CAY_UNLIMITED) {
            uint64_t used = cay__account_tree_cpu(p);
            left = least(left, shared(a, left_of(ns_of(p->limits.cpu_ms), used)));
        }
    }
    uint64_t soft = cay__account_soft(a, CAY_LIMIT_CPU);
    if (soft != UINT64_MAX && !(b->told & 1u << CAY_LIMIT_CPU)) {
        left = least(left, shared(a, left_of(ns_of(soft), cay__account_tree_cpu(a))));
    }
    return left;
}

/* ---- the worker's side ---- */

void cay__budget_begin(cay_budget_t *b, uint64_t now, uint64_t mark) {
    cay__account_begin(b->account, mark);
    if (atomic_load_explicit(&b->rest, memory_order_relaxed)) {
        atomic_store_explicit(&b->rest, 0, memory_order_relaxed);
    }
    uint64_t total = atomic_load_explicit(&b->account->cpu, memory_order_relaxed);
    uint64_t due = plus(now, least(cpu_left(b, total, 0), b->sample_ns - 1));
    if (due < atomic_load(&b->armed)) {
        cay__watchdog_arm(b->watchdog, b, due);
    }
}

void cay__budget_end(cay_budget_t *b, uint64_t cpu) {
    cay__account_settle(b->account, cpu);
    if (b->account->limits.idle_ms != CAY_UNLIMITED) {
        uint64_t now = cay__clock_mono();
        atomic_store(&b->rest, now);
        uint64_t soft = cay__account_soft(b->account, CAY_LIMIT_IDLE);
        uint64_t due = plus(now, ns_of(least(soft, b->account->limits.idle_ms)));
        if (due < atomic_load(&b->armed)) {
            cay__watchdog_arm(b->watchdog, b, due);
        }
    }
}

void cay__budget_started(cay_budget_t *b) {
    atomic_store(&b->started, true);
}

void cay__budget_grace(cay_budget_t *b, uint64_t ms) {
    uint64_t now = cay__account_cpu(b->account, NULL);
    atomic_store(&b->grace, plus(now, ns_of(ms)));
    atomic_store(&b->over_again, true);
    cay__watchdog_arm(b->watchdog, b, plus(cay__clock_mono(), ns_of(ms)));
}

/* ---- the watch's side ---- */

typedef struct look {
    cay_budget_t *b;
    uint64_t now;
    uint64_t next; /* to look again */
    bool told;     /* hard, in this look */
} look_t;

static void again(look_t *l, uint64_t when) {
    l->next = least(l->next, when);
}

static void tell_hard(look_t *l, const cay_account_t *whose, cay_limit_t which, uint64_t limit,
                      uint64_t used_ns) {
    cay_budget_t *b = l->b;
    if (atomic_exchange(&b->over_again, false)) {
        b->over = false;
    }
    if (!b->over) {
        b->over = true;
        b->ops->hard(b, whose, which, limit, used_ns / CAY_NS_PER_MS);
    }
    l->told = true;
}

static void tell_soft(look_t *l, cay_limit_t which, uint64_t used_ns) {
    l->b->told |= 1u << which;
    l->b->ops->soft(l->b, which, cay_limits_get(&l->b->account->limits, which),
                    used_ns / CAY_NS_PER_MS);
}

/* A limit of time that began at `since`: the soft one first. */
static void look_time(look_t *l, cay_limit_t which, uint64_t since, bool has_soft) {
    uint64_t limit = cay_limits_get(&l->b->account->limits, which);
    if (limit == CAY_UNLIMITED || l->told) {
        return;
    }
    uint64_t used = l->now > since ? l->now - since : 0;
    uint64_t hard = plus(since, ns_of(limit));
    if (l->now >= hard) {
        tell_hard(l, l->b->account, which, limit, used);
        return;
    }
    again(l, hard);
    uint64_t soft = has_soft ? cay__account_soft(l->b->account, which) : UINT64_MAX;
    if (soft == UINT64_MAX || l->b->told & 1u << which) {
        return;
    }
    uint64_t near = plus(since, ns_of(soft));
    if (l->now >= near) {
        tell_soft(l, which, used);
    } else {
        again(l, near);
    }
}

static void look_rest(look_t *l) {
    cay_budget_t *b = l->b;
    uint64_t rest = atomic_load(&b->rest);
    if (rest) {
        if (b->told_rest != rest) {
            b->told_rest = rest;
            b->told &= ~(1u << CAY_LIMIT_IDLE);
        }
        look_time(l, CAY_LIMIT_IDLE, rest, true);
    }
}

/* The first limit of CPU that is reached. That of a turn comes last: its default gives way to the other. */
static bool look_cpu_hard(look_t *l, uint64_t total, uint64_t slice) {
    const cay_account_t *a = l->b->account;
    uint64_t grace = atomic_load(&l->b->grace);
    if (grace) {
        if (total >= grace) {
            tell_hard(l, a, CAY_LIMIT_CPU, a->limits.cpu_ms, total);
        }
        return total >= grace;
    }
    for (const cay_account_t *p = a; p; p = p->parent) {
        uint64_t used = p->limits.cpu_ms == CAY_UNLIMITED ? 0 : cay__account_tree_cpu(p);
        if (used >= ns_of(p->limits.cpu_ms)) {
            tell_hard(l, p, CAY_LIMIT_CPU, p->limits.cpu_ms, used);
            return true;
        }
    }
    if (slice >= ns_of(a->limits.turn_cpu_ms)) {
        tell_hard(l, a, CAY_LIMIT_TURN_CPU, a->limits.turn_cpu_ms, slice);
        return true;
    }
    return false;
}

static void look_cpu(look_t *l) {
    cay_budget_t *b = l->b;
    uint64_t slice;
    uint64_t total = cay__account_cpu(b->account, &slice);
    bool is_running = atomic_load(&b->account->mark) != 0;
    cay__account_publish(b->account, total);
    if (l->told || look_cpu_hard(l, total, slice)) {
        return;
    }
    uint64_t soft = cay__account_soft(b->account, CAY_LIMIT_CPU);
    uint64_t used = cay__account_tree_cpu(b->account);
    if (soft != UINT64_MAX && used >= ns_of(soft) && !(b->told & 1u << CAY_LIMIT_CPU)) {
        tell_soft(l, CAY_LIMIT_CPU, used);
    }
    if (is_running) { /* or else the next begin arms it */
        uint64_t left = cpu_left(b, total, slice);
        again(l, plus(l->now, left > LEAST_SLEEP ? left : LEAST_SLEEP));
    }
}

static void look_sample(look_t *l) {
    cay_budget_t *b = l->b;
    if (!b->sample_ns || !atomic_load(&b->account->mark)) {
        return;
    }
    if (l->now >= b->sampled + b->sample_ns) {
        b->sampled = l->now;
        b->ops->sample(b);
    }
    again(l, b->sampled + b->sample_ns);
}

/* Once over, only what is left of the grace matters. */
uint64_t cay__budget_look(cay_budget_t *b, uint64_t now) {
    look_t l = {.b = b, .now = now, .next = UINT64_MAX};
    if (b->over && !atomic_load(&b->over_again)) {
        return UINT64_MAX;
    }
    look_time(&l, CAY_LIMIT_WALL, b->account->born, true);
    if (!atomic_load(&b->started)) {
        look_time(&l, CAY_LIMIT_STARTUP, b->account->born, false);
    }
    look_rest(&l);
    look_cpu(&l);
    look_sample(&l);
    return l.told ? UINT64_MAX : l.next;
}
