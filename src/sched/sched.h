/* SPDX-License-Identifier: MIT */
/* M:N scheduling of actors on executors. Knows neither JavaScript nor V8: an actor is anything with a
 * `run` that works for one slice.
 *
 *      IDLE ──wake──► QUEUED ──an executor──► RUNNING ──► IDLE
 *                        ▲                       │  │
 *                        └──────── more ─────────┘  └─ woken while running ─► QUEUED
 *
 * wake() is one compare-and-swap; only the IDLE → QUEUED winner enqueues. A wake from a thread that is
 * running an actor goes to that executor's next slot, so a conversation of two stays on one core; another
 * executor is woken only when more than one actor is runnable there.
 *
 * A clock thread, asleep while nothing runs and no timer is set, does two things: it fires timers, and it
 * watches executors. When an executor has been in one slice for longer than `slice_ns` and others are
 * waiting, its place is handed to a spare thread: the stuck thread ("hog") goes on beside it, on its own.
 * At most `max_running_hogs` hogs compute at a time; the others wait inside `pause_point`, which their
 * actor's `pause` brings them to (an engine interrupt), and take turns of `hog_turn_ns`.
 *
 * Lock order: an actor's own locks, then the scheduler's. `run`, `pause` are called with no lock of the
 * scheduler held; `pause` from the clock thread. */
#ifndef CAY_SCHED_SCHED_H
#define CAY_SCHED_SCHED_H

#include "base/heap.h"
#include "base/list.h"
#include "os/thread.h"

typedef struct cay_sched cay_sched_t;
typedef struct cay_actor cay_actor_t;

typedef struct cay_actor_ops {
    /* Works until done or until `cay__sched_should_yield(a)`. true when work is left. */
    bool (*run)(cay_actor_t *a);
    /* Asks the running slice to reach cay__sched_pause_point() soon. Any thread; must not block. The actor
     * is RUNNING when the call starts and stays valid during it. NULL when it cannot. */
    void (*pause)(cay_actor_t *a);
    /* The actor was released (cay__actor_release) and nothing in the scheduler knows it any more: its
     * memory may go. Called on the executor after its last slice. */
    void (*gone)(cay_actor_t *a);
    /* The slice is over and its CPU time is in cpu_ns; still on its thread, before anyone else can run the actor. NULL:
     * nobody wants to know. */
    void (*ran)(cay_actor_t *a);
} cay_actor_ops_t;

/* Embedded in whatever is scheduled; fields belong to the scheduler. */
struct cay_actor {
    const cay_actor_ops_t *ops;
    cay_sched_t *sched;
    _Atomic uint32_t state;
    cay_link_t link; /* in a run queue */
    bool released;
    uint64_t cpu_ns; /* CPU time of its slices; written by the thread that runs it */
    uint64_t slices;
    void *run_by; /* internal: the thread record running it */
};

typedef struct cay_sched_options {
    unsigned executors;        /* 0 = one per CPU */
    unsigned max_threads;      /* executors and hogs; 0 = 1024 */
    unsigned max_running_hogs; /* 0 = one per CPU */
    /* of an executor's thread; 0 = 64 MiB: V8 10.2 compiles regular expressions by recursion that looks at no limit;
     * what is not used costs nothing */
    size_t stack_size;
    uint64_t budget_ns;   /* a slice should yield after this; 0 = 1 ms */
    uint64_t slice_ns;    /* longer than this in one slice is a hog; 0 = 10 ms */
    uint64_t hog_turn_ns; /* 0 = 20 ms */
    /* Called on each executor's thread when it starts and ends; may be NULL. */
    void (*thread_start)(void *user);
    void (*thread_end)(void *user);
    void *user;
} cay_sched_options_t;

CAY_NODISCARD int cay__sched_new(const cay_sched_options_t *o, CAY_OWN cay_sched_t **out);
/* Stops all threads and frees. All actors must be gone. Threads stuck in a slice for good
 * (cay__sched_thread_lost) are left behind. */
void cay__sched_free(CAY_OWN cay_sched_t *s);

void cay__actor_init(cay_actor_t *a, cay_sched_t *s, const cay_actor_ops_t *ops);
/* Any thread. Never blocks on an actor. */
void cay__actor_wake(cay_actor_t *a);
/* From inside its own run: this slice is the last. `gone` follows when run has returned. A wake that comes
 * later must not happen: the caller has made sure that nobody knows the actor any more. (One that comes
 * between the release and the end of `gone` does nothing; the waker whose wake led to the release may
 * still be returning from it, even when the scheduler is freed.) */
void cay__actor_release(cay_actor_t *a);
/* From inside run: whether the slice's time is up, or somebody needs the executor. Cheap (about 30 ns). */
bool cay__sched_should_yield(cay_actor_t *a);
/* From inside run, deep in the engine: waits here while the scheduler wants this hog to pause. */
void cay__sched_pause_point(cay_actor_t *a);
/* The actor was condemned: never pause it (again), and let it out of a pause point at once. Any thread. */
void cay__actor_hurry(cay_actor_t *a);
/* The calling executor thread will never return from run (an engine that is broken): its place is filled
 * anew, the actor counts as gone without `gone` being called, the thread is forgotten. */
void cay__sched_thread_lost(cay_actor_t *a);
/* As above from another thread: the slice under way will never return, and its thread touches neither actor nor scheduler
 * again. The thread and its place are given up likewise, and the actor is queued: it runs again, elsewhere. */
void cay__sched_slice_lost(cay_actor_t *a);
/* The actor that the calling thread is running, NULL when none. */
cay_actor_t *cay__sched_current(void);

/* CPU time of the actor's slices, the one it is in included. From inside run. */
uint64_t cay__actor_cpu(const cay_actor_t *a);

/* When the slice under way began, monotonic ns, and what the thread's CPU clock told then. From inside run. */
void cay__actor_slice(const cay_actor_t *a, uint64_t *start, uint64_t *mark);

/* A timer; embed it, zeroed but for `fire`. Fires once, on the clock thread, with no lock held: it should
 * only wake something, for it delays every other timer and the watch over hogs. Not on the heap
 * afterwards, so `fire` may set it again. */
typedef struct cay_timer {
    cay_heap_node_t node;
    void (*fire)(struct cay_timer *t);
} cay_timer_t;
/* (Re)arms for a monotonic time in ns. Any thread. */
void cay__timer_set(cay_sched_t *s, cay_timer_t *t, uint64_t deadline);
/* Disarms. When it returns `fire` is not running (unless called from inside fire), and its memory may go.
 * Since it waits for a fire under way, the caller may hold no lock that `fire` takes. */
void cay__timer_clear(cay_sched_t *s, cay_timer_t *t);

typedef struct cay_sched_stats {
    unsigned executors;
    unsigned threads; /* executors, spares and hogs now alive */
    unsigned hogs;    /* threads now running or paused beside the executors */
    unsigned lost;    /* threads given up for good */
    uint64_t handoffs;
    uint64_t steals;
    uint64_t slices;
} cay_sched_stats_t;
void cay__sched_stats(cay_sched_t *s, cay_sched_stats_t *out);

#endif
