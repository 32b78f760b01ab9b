/* SPDX-License-Identifier: MIT */
/* Host functions: named asynchronous functions that the host gives to one worker. In the guest
 * `await cay.host.lookup(arg)`. Arguments and results are values by copy, and travel as messages, so that they work
 * whatever wall stands between. A worker below the one that was given a function does not have it. */
#ifndef CAY_HOST_H
#define CAY_HOST_H

#include "cay/value.h"
#include "cay/worker.h"

/** One call of the guest that waits for its answer. It must end in exactly one of cay_call_reply,
 *  cay_call_reply_json and cay_call_reject, now or later, from any thread; a worker that ends meanwhile makes the
 *  answer a no-op. */
typedef struct cay_call cay_call_t;

/** *Thread*: one of the library's; the calling worker waits for it, and calls of one worker never overlap.
 *  Answer quickly, or keep the call and answer later. */
typedef void (*cay_call_cb)(CAY_OWN cay_call_t *call, void *user);

/** For cay_worker_options_t.functions: bound before the first line of the worker runs. */
typedef struct cay_function {
    const char *name; /* an identifier of at most 100 ASCII letters, digits, '_' and '$' */
    cay_call_cb fn;
    void *user;
} cay_function_t;

CAY_BEGIN_DECLS

/** Binds `name` for the worker, or binds it anew; fn NULL unbinds. When it returns, the former function is not
 *  running and will not be called, unless it is called from inside it. CAY_EINVAL (the name), CAY_ELIMIT (1,000
 *  functions), CAY_ECLOSED (the worker has ended), CAY_ENOMEM. *Thread*: any. */
CAY_NODISCARD int cay_worker_bind(cay_worker_t *worker, const char *name, cay_call_cb fn,
                                  void *user);

/** *Ownership*: borrowed from the call. *Thread*: the call's holder, as all below. */
const char *cay_call_name(const cay_call_t *call);
uint64_t cay_call_worker_id(const cay_call_t *call);
/** The argument; several arguments arrive as an array, none as undefined. CAY_EFORMAT, CAY_ELIMIT (too deep),
 *  CAY_ENOMEM, as cay_message_value. *Ownership*: borrowed from the call. */
CAY_NODISCARD int cay_call_value(cay_call_t *call, const cay_value_t **out,
                                 CAY_OWN cay_error_t **err);
/** The argument as JSON text, for cay_free. */
CAY_NODISCARD int cay_call_to_json(cay_call_t *call, CAY_OWN char **out, CAY_OWN cay_error_t **err);

/** Fulfils the guest's promise with the document's root (NULL: undefined). Consumes the call always; the document
 *  stays the caller's. CAY_ECLONE (it holds a port), CAY_ENOMEM: the guest's promise is then rejected.
 *  *Thread*: any. */
int cay_call_reply(CAY_OWN cay_call_t *call, cay_doc_t *doc);
/** As above from JSON text; CAY_EFORMAT also rejects. */
int cay_call_reply_json(CAY_OWN cay_call_t *call, const char *json, size_t len);
/** Rejects it with an Error of that name (a standard constructor's, else "Error"; NULL "Error") and message. */
void cay_call_reject(CAY_OWN cay_call_t *call, const char *name, const char *message);

CAY_END_DECLS

#endif
