/* SPDX-License-Identifier: MIT */
/* Host functions (include/cay/host.h): the table of one worker, and calls on their way. Whoever makes a call is
 * called back with its outcome, so that the maker may be an agent here or a connection to another process.
 *
 * A callback runs on the thread that calls, outside the table's lock; the table knows that it runs, so that a
 * bind of that name from another thread waits for it. */
#ifndef CAY_PORT_CALL_H
#define CAY_PORT_CALL_H

#include "cay/host.h"
#include "port/port.h"

struct cay_authority;
typedef struct cay_functions cay_functions_t;

CAY_NODISCARD int cay__functions_new(CAY_OWN cay_functions_t **out);
cay_functions_t *cay__functions_ref(cay_functions_t *f);
void cay__functions_unref(cay_functions_t **f); /* *f may be NULL */
/* As cay_worker_bind; *err names what is wrong. */
CAY_NODISCARD int cay__functions_bind(cay_functions_t *f, const char *name, cay_call_cb fn,
                                      void *user, cay_error_t **err);
/* The worker has ended: all names are unbound, and binding gives CAY_ECLOSED. */
void cay__functions_close(cay_functions_t *f);
/* Hands the call to the function of its name; CAY_ENOTFOUND: the call is still the caller's. One thread at a
 * time. */
CAY_NODISCARD int cay__functions_call(cay_functions_t *f, CAY_OWN cay_call_t *call);

struct cay_call {
    uint64_t worker_id;
    char *name;
    cay_message_t *argument;

    /* The outcome: a message, or an error. */
    cay_message_t *result;
    int rc;           /* 0, or why there is no result */
    char *error_name; /* of a rejection */
    char *error_message;
    /* Any thread, once; takes the call over. */
    void (*answered)(cay_call_t *call);
    void *ctx;
};

/* Copies the name; takes the message over on success. CAY_ENOMEM. */
CAY_NODISCARD int cay__call_new(const char *name, uint64_t worker_id,
                                CAY_OWN cay_message_t *argument, CAY_OWN cay_call_t **out);
void cay__call_free(CAY_OWN cay_call_t *call);

/* What a runtime (or a parent) gives a handle that it makes, before any other thread knows it. `authority` is taken
 * over and given back by `unref`: what it is, this layer does not know. A reference to functions is taken. */
void cay__worker_equip(cay_worker_t *w, CAY_OWN struct cay_authority *authority,
                       void (*unref)(struct cay_authority **authority), cay_functions_t *functions);
/* Borrowed; NULL for a handle that no runtime (nor parent) made. */
struct cay_authority *cay__worker_authority(const cay_worker_t *w);

/* The root of `doc` as a message, whose ports and buffers are still the document's (doc.c). */
CAY_NODISCARD int cay__doc_encode(cay_doc_t *doc, CAY_OWN cay_message_t **out, cay_error_t **err);

#endif
