/* SPDX-License-Identifier: MIT */
/* Operations in flight: what an op starts and another thread finishes.
 *
 *     op: cay__request_begin ──► listed at the agent, holds an activity token
 *     any thread: cay__request_done ──► mailbox ──► a task of its own: settle() makes the value, and the
 *                                                    glue's promise `id` is settled with it
 *
 * The lower layer finishes each request exactly once, cancelled or not. An agent that ends cancels all it has
 * and waits for them, as for its children; only requests marked `may_outlive` (the host may never answer) are left
 * behind, and free themselves when they are done.
 *
 * A request may use a grant (`use`): when that is revoked it is cancelled and, whatever its outcome, settles
 * with CAY_EPERM. */
#ifndef CAY_WORKER_REQUEST_H
#define CAY_WORKER_REQUEST_H

#include "perm/authority.h"
#include "worker/agent.h"

typedef struct cay_mailbox cay_mailbox_t;
typedef struct cay_request cay_request_t;

typedef struct cay_request_ops {
    /* Entered, the outcome was 0: the value that the promise gets. Another code throws *err's message in its
     * place. */
    int (*settle)(cay_request_t *r, cay_agent_t *a, eng_val_t *out, cay_error_t **err);
    /* Any thread, at most a few times, from the end of the agent, a revocation, or an abort: hurry. May call
     * cay__request_done itself when the work never began. NULL: it ends by itself soon. Can be called under the
     * lock of the authority's tree: may only mark and wake, or take a job out of a pool. */
    void (*cancel)(cay_request_t *r);
    /* Any thread: frees the whole; its parts of cay_request_t were cleared. */
    void (*free)(cay_request_t *r);
} cay_request_ops_t;

struct cay_request {
    cay_link_t link; /* mailbox: among those that wait to be settled */
    cay_link_t held; /* mailbox: among those in flight; the agent's thread only */
    cay_mailbox_t *mailbox;
    const cay_request_ops_t *ops;
    uint32_t id; /* the glue's promise; 0: nobody waits */
    bool may_outlive;
    size_t bytes;   /* set by the caller: what it holds outside of the guest's heap */
    size_t results; /* bytes that wait to be settled; see cay__request_keep */
    bool cancelled; /* its own thread: nobody waits for the outcome */
    bool has_use;
    cay_use_t use;
    atomic_bool revoked; /* or cancelled: the lower layer may look at it between steps */
    int rc;
    cay_error_t *err; /* owned */
};

/* Begins: zeroed but for what the caller set (ops, bytes, may_outlive). On success the request belongs to the lower
 * layer until done. With `ask` the grant is checked and used; `place` as cay__use_begin. CAY_EPERM, CAY_ELIMIT (too
 * many in flight), CAY_ENOMEM; on failure the request stays the caller's (ops->free is not called). */
CAY_NODISCARD int cay__request_begin(cay_agent_t *a, cay_request_t *r, uint32_t id,
                                     const cay_ask_t *ask, cay_place_t *place, cay_error_t **err);
/* Its own thread: whether only one request is in flight. */
bool cay__request_alone(cay_agent_t *a);
/* Any thread, once; *err is taken over. The request may be gone when it returns. */
void cay__request_done(cay_request_t *r, int rc, CAY_OWN cay_error_t *err);
/* Any thread, before it is done: its result holds `bytes`, which count in the worker's memory until it is settled. Adds up.
 * CAY_ELIMIT when they are too many: nothing is counted, and the result should be dropped. */
CAY_NODISCARD int cay__request_keep(cay_request_t *r, size_t bytes, cay_error_t **err);
/* Its own thread: stops waiting for a request: it is cancelled, and its promise is rejected with CAY_ETERMINATED
 * when it is done. */
void cay__request_cancel(cay_request_t *r);
/* Its own thread: the request in flight whose promise is `id`; NULL when there is none. */
cay_request_t *cay__request_find(cay_agent_t *a, uint32_t id);

/* ---- for the agent's own files ---- */

/* NULL when out of memory. */
CAY_OWN cay_mailbox_t *cay__mailbox_new_for(cay_agent_t *a);
void cay__mail_note_run(cay_agent_t *a, cay_note_t *n);
/* The thread that was settling a request never comes back: the request is freed. */
void cay__request_drop_settling(cay_agent_t *a);
/* The agent ends: all in flight are told to hurry. */
void cay__requests_cancel_all(cay_agent_t *a);
/* Drops what was done meanwhile; true when nothing is in flight that must be waited for. */
bool cay__requests_drained(cay_agent_t *a);
/* Blocks until that is so, on a thread that has nothing else to do. */
void cay__requests_wait(cay_agent_t *a);
/* After that: what may outlive the agent is left to itself. The mailbox is gone. */
void cay__requests_end(cay_agent_t *a);

#endif
