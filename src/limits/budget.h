/* SPDX-License-Identifier: MIT */
/* Limits of time: the watchdog, one thread for all workers of a runtime, and what it knows of each.
 *
 *     worker's thread            watchdog
 *     begin: due = now + left ─► earlier than what is armed? then armed, and it is woken if it sleeps longer
 *     end                        at the due time: reads the CPU clock of the slice's thread, judges, tells the
 *                                sink, arms the next moment at which anything could be reached
 *
 * CPU passes no faster than time, so a worker with n ms left is looked at n ms later; whoever got less than a whole core
 * is looked at again. A worker that only runs short slices thus costs one look per shortest limit, not per slice.
 *
 * The CPU of a tree is used up by several at once, on as many CPUs as there are: it is looked at when that many could have
 * used what is left. Such a look begins with a sweep over all that run, so that what it judges by is what was used up to
 * that moment, and whoever else has something to be told by then, a creator at rest too, is looked at next. */
#ifndef CAY_LIMITS_BUDGET_H
#define CAY_LIMITS_BUDGET_H

#include "base/heap.h"
#include "base/list.h"
#include "limits/account.h"
#include "os/thread.h"

typedef struct cay_watchdog cay_watchdog_t;
typedef struct cay_budget cay_budget_t;

/* On the watchdog's thread, with no lock held, and the last thing that a look does. Values in ms. They may only mark and
 * wake; also remove the budget, and free it then. */
typedef struct cay_budget_ops {
    /* CPU, WALL or IDLE comes near; once each (IDLE: once for each rest), and never after hard of the same. */
    void (*soft)(cay_budget_t *b, cay_limit_t which, uint64_t limit, uint64_t used);
    /* CPU, TURN_CPU, WALL, IDLE or STARTUP is reached; once, and again only after cay__budget_grace. `whose`: CPU is
     * that of a tree, and the limit may be one above. */
    void (*hard)(cay_budget_t *b, const cay_account_t *whose, cay_limit_t which, uint64_t limit,
                 uint64_t used);
    /* The slice has lasted so long that what cannot be counted should be measured (see sample_ns). NULL: nothing. */
    void (*sample)(cay_budget_t *b);
} cay_budget_ops_t;

/* Embedded in whatever is watched. */
struct cay_budget {
    const cay_budget_ops_t *ops;
    cay_account_t *account; /* borrowed */
    uint64_t sample_ns;     /* how often a running slice is to be measured; 0 = never */
    _Atomic(cay_watchdog_t *) watchdog;
    unsigned cpus;          /* that its tree can run on at once */
    cay_link_t all;         /* in the watchdog's list; this and the next are under its lock */
    cay_heap_node_t node;   /* in its heap */
    _Atomic uint64_t armed; /* when it is looked at next; UINT64_MAX = not; 0 once removed */
    _Atomic uint64_t rest;  /* since when it has been at rest, monotonic ns; 0 while it runs */
    atomic_bool started;    /* startup is no limit any more */
    _Atomic uint64_t grace; /* CPU at which the last slice ends, in ns of all; 0 = none was given */
    atomic_bool over_again; /* it was given: hard may be told once more */
    _Atomic uint32_t told;  /* bits of soft limits but IDLE; the watchdog writes */
    uint64_t told_rest; /* the watchdog's, as what follows: of which rest the soft limit was told */
    uint64_t sampled;   /* when last */
    bool over;          /* hard was told */
};

/* The thread starts with the first budget that has anything to watch. CAY_ENOMEM. */
CAY_NODISCARD int cay__watchdog_new(CAY_OWN cay_watchdog_t **out);
/* All budgets must be out. NULL is fine. */
void cay__watchdog_free(CAY_OWN cay_watchdog_t *w);

/* Zeroed but for `ops`, `account`, `sample_ns`. CAY_ELIMIT, CAY_ENOMEM: no thread to be had. */
CAY_NODISCARD int cay__budget_add(cay_watchdog_t *w, cay_budget_t *b);
/* When it returns no sink is running, nor will be (unless called from one); so whatever lock a sink takes is not held. A
 * budget that was never added, or is removed already, is fine. What begins or ends afterwards is not watched. */
void cay__budget_remove(cay_budget_t *b);

/* A slice begins at monotonic time `now`, the thread's CPU clock reading `mark`. The worker's thread. */
void cay__budget_begin(cay_budget_t *b, uint64_t now, uint64_t mark);
/* It is over; `cpu` ns of all slices so far. */
void cay__budget_end(cay_budget_t *b, uint64_t cpu);
/* The main module has been evaluated. */
void cay__budget_started(cay_budget_t *b);
/* After hard was told of CPU: `ms` more of CPU from now on, for the last slice, and no other limit of CPU. Any thread. */
void cay__budget_grace(cay_budget_t *b, uint64_t ms);

/* ---- for the watchdog and tests ---- */

/* Looks at the budget: tells the sink the first thing that is due, and gives the next time to look: `now` or before when
 * more is due, UINT64_MAX when nothing is until it runs again. */
uint64_t cay__budget_look(cay_budget_t *b, uint64_t now);
/* The time for the next look; tells nothing. */
uint64_t cay__budget_next(const cay_budget_t *b, uint64_t now);
/* Whether a limit of CPU that it is under is also used up by others. */
bool cay__budget_shares_cpu(const cay_budget_t *b);
/* Its CPU up to now counts in its tree's. */
void cay__budget_publish(cay_budget_t *b);
/* Looks at it by `due` at the latest. Any thread. */
void cay__watchdog_arm(cay_watchdog_t *w, cay_budget_t *b, uint64_t due);

#endif
