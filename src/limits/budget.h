/* SPDX-License-Identifier: MIT */
/* Limits of time: the watchdog, one thread for all workers of a runtime, and what it knows of each.
 *
 *     worker's thread            watchdog
 *     begin: due = now + left ─► earlier than what is armed? then armed, and it is woken if it sleeps longer
 *     end                        at the due time: reads the CPU clock of the slice's thread, judges, tells the
 *                                sink, arms the next moment at which anything could be reached
 *
 * CPU passes no faster than time, so a worker with n ms left is looked at n ms later; whoever got less than a whole core
 * is looked at again. A worker that only runs short slices thus costs one look per shortest limit, not per slice. */
#ifndef CAY_LIMITS_BUDGET_H
#define CAY_LIMITS_BUDGET_H

#include "base/heap.h"
#include "limits/account.h"
#include "os/thread.h"

typedef struct cay_watchdog cay_watchdog_t;
typedef struct cay_budget cay_budget_t;

/* On the watchdog's thread, with no lock held; the budget stays until they return. Values in ms. They may only mark and
 * wake. */
typedef struct cay_budget_ops {
    /* CPU, WALL or IDLE comes near; once each (IDLE: once for each rest). */
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
    cay_watchdog_t *watchdog;
    uint64_t sample_ns;     /* how often a running slice is to be measured; 0 = never */
    cay_heap_node_t node;   /* in the watchdog's heap; under its lock */
    _Atomic uint64_t armed; /* when it is looked at next; UINT64_MAX = not */
    _Atomic uint64_t rest;  /* since when it has been at rest, monotonic ns; 0 while it runs */
    atomic_bool started;    /* startup is no limit any more */
    _Atomic uint64_t
        grace;          /* ns of CPU over all at which the last slice ends; 0 = it has none yet */
    uint64_t sampled;   /* the watchdog's: when last */
    uint64_t told_rest; /* the watchdog's: of which rest the soft limit was told */
    _Atomic uint32_t told;  /* bits of soft limits; the watchdog writes */
    bool over;              /* the watchdog's: hard was told */
    atomic_bool over_again; /* grace was given: hard may be told once more */
};

/* The thread starts with the first budget that has anything to watch. CAY_ENOMEM. */
CAY_NODISCARD int cay__watchdog_new(CAY_OWN cay_watchdog_t **out);
/* All budgets must be out. NULL is fine. */
void cay__watchdog_free(CAY_OWN cay_watchdog_t *w);

/* Zeroed but for `ops`, `account`, `sample_ns`. CAY_ELIMIT, CAY_ENOMEM: no thread to be had. */
CAY_NODISCARD int cay__budget_add(cay_watchdog_t *w, cay_budget_t *b);
/* When it returns no sink is running, nor will be (unless called from one). A budget that was never added is fine. */
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

/* Looks at the budget: tells the sink what is due, and gives the next time to look (UINT64_MAX = when it runs again). */
uint64_t cay__budget_look(cay_budget_t *b, uint64_t now);
/* Looks at it by `due` at the latest. Any thread. */
void cay__watchdog_arm(cay_watchdog_t *w, cay_budget_t *b, uint64_t due);

#endif
