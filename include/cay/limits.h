/* SPDX-License-Identifier: MIT */
/* Limits of a worker: what it may use of memory, time and everything that can pile up.
 *
 * In all of them 0 means the default and CAY_UNLIMITED none. A worker that a worker starts gets limits of its
 * own that are never above its parent's, and what it uses of memory, CPU, workers and output counts in its
 * parent's too, up to the root: a tree never uses more than its root may.
 *
 * Three kinds of outcome. What can be refused is refused, and the worker goes on: array buffers, messages,
 * timers, ports, operations, workers, output. What cannot ends the worker, with a reason of its own: memory,
 * CPU, time. Before that its creator gets CAY_EVENT_LIMIT and the worker a `limit` event, at `soft_percent` of
 * the limit for memory, CPU, wall and idle time. A worker whose CPU or turn is used up while it could not yet
 * handle that event (an endless loop) has its turn cut short and the event handled in a last slice of
 * `grace_ms`; then it ends. */
#ifndef CAY_LIMITS_H
#define CAY_LIMITS_H

#include "cay/defs.h"
#include "cay/error.h"

/** No limit. */
#define CAY_UNLIMITED UINT64_MAX

/** One limit by number, as events and functions name it. */
typedef uint32_t cay_limit_t;
enum {
    CAY_LIMIT_MEMORY = 0,
    CAY_LIMIT_HEAP = 1,
    CAY_LIMIT_CPU = 2,
    CAY_LIMIT_TURN_CPU = 3,
    CAY_LIMIT_WALL = 4,
    CAY_LIMIT_IDLE = 5,
    CAY_LIMIT_STARTUP = 6,
    CAY_LIMIT_STACK = 7,
    CAY_LIMIT_QUEUE = 8,
    CAY_LIMIT_QUEUE_BYTES = 9,
    CAY_LIMIT_PORTS = 10,
    CAY_LIMIT_TIMERS = 11,
    CAY_LIMIT_OPS = 12,
    CAY_LIMIT_WORKERS = 13,
    CAY_LIMIT_DEPTH = 14,
    CAY_LIMIT_OUTPUT = 15,
    CAY_LIMIT_COUNT = 16
};
/** None of them. No enumerator: ISO C has those within int. */
#define CAY_LIMIT_NONE UINT32_MAX

/** The limits. In the order of CAY_LIMIT_*, then what governs their telling. */
typedef struct cay_limits {
    uint64_t size; /* sizeof this struct: CAY_LIMITS_INIT */
    /** Bytes of engine heap, array buffers, WebAssembly, waiting messages, host buffers and the engine's native
     *  objects, together and with those of all workers below. Default 64 MiB; at least 4 MiB. */
    uint64_t memory;
    /** Bytes of engine heap alone. Default: as memory; at least 4 MiB, at most memory. */
    uint64_t heap;
    /** CPU over its life, with that of the workers below. Default none; at least 5. */
    uint64_t cpu_ms;
    /** CPU of one turn: a task and its microtasks. Default 1,000, none where cpu_ms is lower; at least 5. */
    uint64_t turn_cpu_ms;
    /** From spawn to end. Default none. */
    uint64_t wall_ms;
    /** Without running. Default none. */
    uint64_t idle_ms;
    /** From spawn until the main module has been evaluated. Default 30,000, none where wall_ms is lower. */
    uint64_t startup_ms;
    /** Bytes. Default 1 MiB; from 64 KiB to 1.5 MiB, never unlimited. */
    uint64_t stack;
    /** Messages that wait for it. Default 10,000. */
    uint64_t queue;
    /** Bytes of these. Default 16 MiB, at most a quarter of memory. A single larger message fits an empty queue. */
    uint64_t queue_bytes;
    uint64_t ports;  /* that it holds; default 1,000 */
    uint64_t timers; /* that are set; default 10,000 */
    uint64_t ops;    /* operations in flight; default 10,000 */
    /** Alive below it, at all depths. Default 16; CAY_NO_WORKERS: none. */
    uint64_t workers;
    uint64_t depth; /* of nesting below a root; default 16, at most 64 */
    /** Bytes of console output over its life, past which output is dropped. Default 64 MiB. */
    uint64_t output;
    uint64_t soft_percent; /* default 80; CAY_UNLIMITED: nothing is told before the end */
    /** CPU of the last slice. Default a tenth of the limit, from 5 to 50. */
    uint64_t grace_ms;
} cay_limits_t;
#define CAY_LIMITS_INIT                                                                            \
    { sizeof(cay_limits_t), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/** As `workers`: it may start none. */
#define CAY_NO_WORKERS (UINT64_MAX - 1)

CAY_BEGIN_DECLS

/** Sets one limit from text. `name`: "memory", "heap", "cpu", "turn-cpu", "wall", "idle", "startup", "stack",
 *  "queue", "queue-bytes", "ports", "timers", "ops", "workers", "depth", "output", "soft", "grace". `value`:
 *  "unlimited", or a number with its unit. Bytes: none or B, K, M, G (KiB, MiB, GiB are the same: 1,024).
 *  Time: ms, s, m, h; the unit is needed. Counts: digits; "workers" also takes 0. "soft": a percentage with or
 *  without %. Decimals are fine ("1.5s") as long as a whole number of bytes or milliseconds comes out.
 *  CAY_ENOTFOUND (no such name), CAY_EINVAL (names the value; `limits` is as before). *Thread*: any. */
CAY_NODISCARD int cay_limits_set(cay_limits_t *limits, const char *name, const char *value,
                                 CAY_OWN cay_error_t **err);

/** Fills in the defaults and checks that the limits can be held and do not contradict one another; `in` may be
 *  NULL. `*out` is written on success only; out->size must be set. CAY_EINVAL names the limit and why;
 *  CAY_E2BIG. cay_worker_spawn does the same by itself. *Thread*: any. */
CAY_NODISCARD int cay_limits_resolve(const cay_limits_t *in, cay_limits_t *out,
                                     CAY_OWN cay_error_t **err);

/** The value of one limit; CAY_UNLIMITED for a number that is none. *Thread*: any. */
uint64_t cay_limits_get(const cay_limits_t *limits, cay_limit_t which);
/** "memory", "turn-cpu", ...; "unknown". *Ownership*: static. *Thread*: any. */
const char *cay_limit_name(cay_limit_t which);
/** Writes a value of that limit for people, such as "64 MiB", "1.5 s", "10,000", "unlimited"; cut to `size` bytes
 *  with the NUL. The length, as snprintf(3). *Thread*: any. */
size_t cay_limit_format(cay_limit_t which, uint64_t value, char *out, size_t size);

CAY_END_DECLS

#endif
