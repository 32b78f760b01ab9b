/* SPDX-License-Identifier: MIT */
/* The external handle: what the creator of a worker holds. It works the same whether an engine, a mock
 * or another process is behind it. */
#ifndef CAY_WORKER_H
#define CAY_WORKER_H

#include "cay/event.h"

typedef struct cay_worker cay_worker_t;

/** Called for each event in order. `ev` is valid during the call (cay_event_take_message keeps the
 *  message). Any function of the handle may be called inside, cay_worker_free too. When another thread
 *  terminates or frees the worker, a call that has begun goes on; the finalizer given with the callback
 *  tells when no call is running or will be.
 *  *Thread*: one dispatcher thread of the library; calls for one worker never overlap. */
typedef void (*cay_event_cb)(cay_worker_t *worker, cay_event_t *ev, void *user);

CAY_BEGIN_DECLS

/** The port to the worker: cay_port_post(cay_worker_port(w), ...) reaches its onmessage. What the worker
 *  posts arrives as CAY_EVENT_MESSAGE, in order with its other events. It cannot be closed or posted.
 *  *Ownership*: borrowed, until cay_worker_free. *Thread*: any for posting. */
cay_port_t *cay_worker_port(cay_worker_t *worker);

/** Takes the next event, waiting up to timeout_ms (0 = do not wait, CAY_FOREVER).
 *  CAY_ETIMEDOUT; CAY_ECLOSED once the final event has been taken; CAY_EBUSY when the worker was given a
 *  callback instead, or another thread waits already; CAY_ENOMEM, and the event still waits.
 *  *out on success only. *Ownership*: cay_event_free.
 *  *Thread*: any, one at a time. */
CAY_NODISCARD int cay_worker_next_event(cay_worker_t *worker, int64_t timeout_ms,
                                        CAY_OWN cay_event_t **out);

/** A descriptor that polls readable while an event waits (and for ever after the final one was taken).
 *  Belongs to the handle; read nothing from it. CAY_ELIMIT (no descriptor left), CAY_EBUSY (the worker was
 *  given a callback), CAY_ENOMEM. *Thread*: any. */
CAY_NODISCARD int cay_worker_fd(cay_worker_t *worker);

/** Tells the worker to end, whatever it does. Returns at once; once it has returned, no further message
 *  of the worker is delivered, and the final event follows. Calling it again, or after the end, does
 *  nothing. *Thread*: any. */
void cay_worker_terminate(cay_worker_t *worker);

/** Waits until the worker is gone, memory and all: its internal handle was freed, which is later than its
 *  final event. Events that were not taken can still be. 0 or CAY_ETIMEDOUT. Does not terminate it.
 *  *Thread*: any but a callback's, several at once. */
CAY_NODISCARD int cay_worker_join(cay_worker_t *worker, int64_t timeout_ms);

/** What the worker uses and has used, as of now; after its end, as of then. Writes the first `size` bytes of
 *  what it knows (sizeof *usage), zeroes the rest. CAY_EINVAL; CAY_ENOTSUP for a handle that no runtime (nor
 *  parent) made. *Thread*: any; never blocks. */
CAY_NODISCARD int cay_worker_usage(const cay_worker_t *worker, cay_usage_t *usage, size_t size);

/** A number that no other worker of this process has or had. *Thread*: any. */
uint64_t cay_worker_id(const cay_worker_t *worker);
/** The name it was given, "" when none. *Ownership*: borrowed. *Thread*: any. */
const char *cay_worker_name(const cay_worker_t *worker);

/** Gives the handle up. A worker that still runs is terminated; its events are dropped. NULL is fine.
 *  *Thread*: any, once; not while another thread is inside a call on the handle. */
void cay_worker_free(CAY_OWN cay_worker_t *worker);

CAY_END_DECLS

#endif
