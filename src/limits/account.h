/* SPDX-License-Identifier: MIT */
/* The account of one worker: what it uses, against its limits, and what its tree uses.
 *
 *     root account ◄── child account ◄── grandchild
 *       tree = own parts of all below
 *
 * Every figure is an atomic that anyone may read at any time; that is what cay_worker_usage does. Bytes are charged
 * to parts; each charge goes up the tree, so that a limit of a creator holds for all below it together. An account
 * outlives its worker as long as anything is charged to it: whoever charges holds a reference.
 *
 * Threads: any, but where a figure is said to have one writer. No locks. */
#ifndef CAY_LIMITS_ACCOUNT_H
#define CAY_LIMITS_ACCOUNT_H

#include <stdatomic.h>

#include "limits/limits.h"

/* What memory is used for. */
typedef enum cay_part {
    CAY_PART_HEAP,     /* the engine's heap */
    CAY_PART_BUFFERS,  /* array buffers */
    CAY_PART_WASM,     /* WebAssembly memories */
    CAY_PART_MESSAGES, /* messages that wait for it */
    CAY_PART_HOST,     /* held by operations in flight */
    CAY_PART_NATIVE,   /* native objects of the engine */
    CAY_PART_COUNT
} cay_part_t;

/* Things that are counted. */
typedef enum cay_tally {
    CAY_TALLY_PORTS,
    CAY_TALLY_TIMERS,
    CAY_TALLY_OPS,
    CAY_TALLY_QUEUED, /* messages that wait for it */
    CAY_TALLY_MESSAGES_IN,
    CAY_TALLY_MESSAGES_OUT,
    CAY_TALLY_SLICES,
    CAY_TALLY_COUNT
} cay_tally_t;

typedef struct cay_account {
    _Atomic uint32_t refs;
    struct cay_account *parent; /* a reference; NULL for a root */
    cay_limits_t limits;        /* filled in; constant */
    uint64_t born;              /* monotonic ns */
    _Atomic uint64_t ended;     /* the same; 0 while it lives */

    _Atomic uint64_t part[CAY_PART_COUNT];
    _Atomic uint64_t tally[CAY_TALLY_COUNT];
    _Atomic uint64_t tree; /* bytes of it and all below */
    _Atomic uint64_t peak_tree;
    _Atomic uint64_t peak_heap;
    _Atomic uint64_t tree_cpu;     /* ns, of all that ever were below, too */
    _Atomic uint64_t tree_workers; /* alive below */
    _Atomic uint64_t tree_output;
    _Atomic uint64_t output_dropped; /* of the tree, too */

    /* Messages that wait in all its ports but the main one, which has a queue of its own so that its creator always
     * gets through. */
    _Atomic uint64_t shared_queued;
    _Atomic uint64_t shared_bytes;
    atomic_bool starved;     /* a post was refused for one of these two */
    atomic_bool pressed;     /* a post was refused for memory */
    _Atomic uint64_t wanted; /* bytes of the smallest such post; 0 = none */

    /* CPU: of the slices that are over, and where the current one runs. `seq` is odd while the rest is written; the
     * thread of the slice alone writes. */
    _Atomic uint32_t seq;
    _Atomic uint64_t cpu;     /* ns */
    _Atomic uint64_t counted; /* how much of its CPU is in the tree's by now */
    _Atomic int32_t clock;    /* that of the thread which runs it; meaningless at rest */
    _Atomic uint64_t mark;    /* what that clock told when the slice began; 0 at rest */
} cay_account_t;

/* `limits` is filled in. NULL when out of memory. Adds itself to the workers of all above; CAY_ELIMIT (NULL, *err)
 * when one of them has as many as it may. */
CAY_NODISCARD CAY_OWN cay_account_t *
cay__account_new(cay_account_t *parent, const cay_limits_t *limits, cay_error_t **err);
cay_account_t *cay__account_ref(cay_account_t *a);
void cay__account_unref(cay_account_t **a); /* *a may be NULL */
/* The worker is gone: it counts no more among the workers above, its heap and what else is its alone is given back, and
 * the clock stops. What others charged (messages that wait elsewhere) stays until they release it. Once. */
void cay__account_end(cay_account_t *a);

/* ---- bytes ---- */

/* Charges `n` bytes when no memory limit, its own or one above, is passed by it. */
CAY_NODISCARD bool cay__account_charge(cay_account_t *a, cay_part_t part, uint64_t n);
/* Charges what is there already. */
void cay__account_force(cay_account_t *a, cay_part_t part, uint64_t n);
void cay__account_release(cay_account_t *a, cay_part_t part, uint64_t n);
/* A part that is measured and not counted (heap, buffers, wasm, native); one writer at a time. */
void cay__account_set(cay_account_t *a, cay_part_t part, uint64_t n);
/* Whether `n` more bytes would fit now. */
bool cay__account_fits(const cay_account_t *a, uint64_t n);
/* Bytes of its own parts. */
uint64_t cay__account_own(const cay_account_t *a);
/* The lowest account whose memory limit is passed, itself or one above; NULL when none is. */
cay_account_t *cay__account_passed(cay_account_t *a);
/* The bytes up to which the heap, and all, may go before the soft limit is told; UINT64_MAX for never. */
uint64_t cay__account_soft(const cay_account_t *a, cay_limit_t which);
bool cay__account_is_below(const cay_account_t *a, const cay_account_t *above); /* or the same */

/* ---- counts ---- */

/* One more, when fewer than `limit` (CAY_LIMIT_PORTS, ...) there are. */
CAY_NODISCARD bool cay__account_take(cay_account_t *a, cay_tally_t tally, cay_limit_t limit);
/* One less. */
void cay__account_give(cay_account_t *a, cay_tally_t tally);
/* One more of a figure that only grows; one writer. */
static inline void cay__account_count(cay_account_t *a, cay_tally_t tally) {
    uint64_t v = atomic_load_explicit(&a->tally[tally], memory_order_relaxed);
    atomic_store_explicit(&a->tally[tally], v + 1, memory_order_relaxed);
}
/* Whether `n` bytes more of output are within its limit and those above; when not, they count as dropped. */
CAY_NODISCARD bool cay__account_output(cay_account_t *a, uint64_t n);

/* ---- messages that wait ---- */

/* A message of `bytes` is about to wait for the account's worker. `shared`: not in its main port. false, and the
 * account remembers it for cay__account_drained, when its queues or its memory are full. A message alone (`alone`: its
 * queue is empty) may pass the bound on bytes, not that of memory. */
CAY_NODISCARD bool cay__account_enqueue(cay_account_t *a, bool shared, bool alone, uint64_t bytes);
/* As cay__account_enqueue, and charges nothing. */
CAY_NODISCARD bool cay__account_has_room(cay_account_t *a, bool shared, bool alone, uint64_t bytes);
/* `count` messages of `bytes` together wait for another worker now: without a check. */
void cay__account_adopt(cay_account_t *a, bool shared, uint64_t count, uint64_t bytes);
void cay__account_dequeue(cay_account_t *a, bool shared, uint64_t count, uint64_t bytes);
/* Of those that wait already, so many count as shared from now on, or no more. */
void cay__account_share(cay_account_t *a, bool shared, uint64_t count, uint64_t bytes);
/* Whether those refused for want of room can try again: the shared queues are at most half full, or there is memory for
 * the smallest that was refused for that. Says so once. To be asked after a dequeue, or when memory was given back. */
bool cay__account_drained(cay_account_t *a);
/* Whether there is anybody to ask that for. After a dequeue by the same thread it misses nobody. */
static inline bool cay__account_has_refused(const cay_account_t *a) {
    return atomic_load_explicit(&a->starved, memory_order_relaxed) ||
           atomic_load_explicit(&a->pressed, memory_order_relaxed);
}

/* ---- CPU ---- */

/* A slice begins on the calling thread, whose CPU clock reads `mark`. It is settled before that thread ends. */
void cay__account_begin(cay_account_t *a, uint64_t mark);
/* It is over; `cpu`: ns of all slices so far. What they added goes to the tree. */
void cay__account_settle(cay_account_t *a, uint64_t cpu);
/* Whether a slice is under way. */
static inline bool cay__account_runs(const cay_account_t *a) {
    return atomic_load(&a->mark) != 0;
}
/* CPU so far, that of the slice under way included; *slice (may be NULL) that of the slice alone, 0 at rest. */
uint64_t cay__account_cpu(const cay_account_t *a, uint64_t *slice);
/* Adds what the slice under way has used by now to the tree. Any thread. */
void cay__account_publish(cay_account_t *a, uint64_t cpu);
/* CPU of the tree, with its own slice under way. */
uint64_t cay__account_tree_cpu(const cay_account_t *a);
/* The same when its own CPU is known. */
uint64_t cay__account_tree_cpu_with(const cay_account_t *a, uint64_t own);

/* The whole, as of now. */
void cay__account_usage(const cay_account_t *a, cay_usage_t *out);

#endif
