/* SPDX-License-Identifier: MIT */
/* The pair of handles of a worker: external (cay_worker_t, the creator's) and internal (cay_inside_t, for
 * whatever plays the worker). Needs no engine, so an embedder can test either side against a mock. */
#ifndef CAY_HANDLES_H
#define CAY_HANDLES_H

#include "cay/worker.h"

/** The internal handle. */
typedef struct cay_inside cay_inside_t;

typedef struct cay_handles_options {
    uint64_t size;         /* sizeof this struct: CAY_HANDLES_OPTIONS_INIT */
    const char *name;      /* copied; NULL = "" */
    uint64_t max_messages; /* waiting in each direction; 0 = 10,000, UINT64_MAX = no bound */
    /* waiting in each direction; 0 = 16 MiB, UINT64_MAX = no bound. A message that waits alone may be larger, up to
     * 256 MiB */
    uint64_t max_bytes;
} cay_handles_options_t;
#define CAY_HANDLES_OPTIONS_INIT                                                                   \
    { sizeof(cay_handles_options_t), NULL, 0, 0 }

CAY_BEGIN_DECLS

/** Makes the pair. Both are written on success only. `options` may be NULL.
 *  CAY_EINVAL (size), CAY_E2BIG, CAY_ENOMEM. *Thread*: any.
 *  *Ownership*: cay_worker_free and cay_inside_free. */
CAY_NODISCARD int cay_handles_new(const cay_handles_options_t *options,
                                  CAY_OWN cay_worker_t **worker, CAY_OWN cay_inside_t **inside);

/** Puts a copy of a control event into the stream: ONLINE, ERROR, LIMIT, OVERDUE, or one final event. Texts are
 *  copied, and cut to 64 KiB each; `ev->size` 0 means all of the struct. A final event whose `limit` is not filled
 *  in gets CAY_LIMIT_NONE there.
 *  CAY_EINVAL for a MESSAGE, a DRAIN (the library posts it) or an unknown type, CAY_ECLOSED after a final event, CAY_EAGAIN when 1,000
 *  events (or 16 MiB of them) wait unread, CAY_ENOMEM. A final event is never refused for room and never
 *  lost to lack of memory: its texts are dropped before it is. It ends posting in both directions.
 *  *Thread*: any. */
CAY_NODISCARD int cay_inside_post_event(cay_inside_t *inside, const cay_event_t *ev);

/** Whether the creator terminated the worker or dropped its handle. *Thread*: any, costs one load. */
bool cay_inside_is_terminated(const cay_inside_t *inside);

/** The worker's end of its main port. Receiving and posting give CAY_ETERMINATED once terminated, whatever
 *  waits; posting gives CAY_ECLOSED after a final event. It cannot be closed or posted.
 *  *Ownership*: borrowed, until cay_inside_free. *Thread*: the worker's. */
cay_port_t *cay_inside_port(cay_inside_t *inside);

/** Gives the internal handle up: the worker is gone, as cay_worker_join sees it. When no final event was posted, one is: TERMINAL_ERROR with
 *  CAY_REASON_LOST, or CLOSE with CAY_REASON_TERMINATED when the creator had terminated it.
 *  NULL is fine. *Thread*: any, once. */
void cay_inside_free(CAY_OWN cay_inside_t *inside);

CAY_END_DECLS

#endif
