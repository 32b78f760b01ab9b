/* SPDX-License-Identifier: MIT */
/* A transfer: one HTTP request of a guest, from fetch() to the end of the response's body.
 *
 *     agent's thread: start ──► wants HEAD ──► wants READ, when nothing has arrived ──► close
 *     I/O thread:        head, readable, writable, done: each finishes what is wanted
 *
 * A want is a request in flight (worker/request.h): the I/O thread takes it out and finishes it, or `close`
 * does. Between two wants nothing is in flight: a body that nobody reads keeps no worker busy.
 *
 * The grant is in use for as long as the transfer is open, not only while something is wanted: when it is revoked
 * the connection ends, and what has arrived is not given out.
 *
 * Counted: by the agent's table, by each want. */
#ifndef CAY_OPS_TRANSFER_H
#define CAY_OPS_TRANSFER_H

#include "os/thread.h"
#include "worker/net.h"
#include "worker/request.h"

typedef enum cay_want {
    CAY_WANT_HEAD =
        0, /* settles with [status, reason, headers, url, redirected, chunk or null, ended] */
    CAY_WANT_READ = 1, /* an ArrayBuffer, null at the end, undefined: ask again */
    CAY_WANT_ROOM = 2, /* for more of a streamed body: undefined */
    CAY_WANTS = 3
} cay_want_t;

typedef struct cay_transfer cay_transfer_t;
extern const cay_object_ops_t cay__transfer_ops;

/* What is sent. All borrowed. `judge` and the callbacks are filled in here. */
typedef struct cay_transfer_spec {
    const char *url;
    const char *host; /* of the URL, as permissions are asked about it */
    int port;
    cay_http_options_t http;
} cay_transfer_spec_t;

/* Asks, starts, and puts it into the agent's table; the promise `id` is that of the head. The number in *rid.
 * CAY_EPERM with the message for the guest; CAY_ELIMIT, CAY_EINVAL, CAY_ENOTSUP, CAY_ENOMEM. */
CAY_NODISCARD int cay__transfer_start(cay_agent_t *a, uint32_t id, cay_transfer_spec_t *spec,
                                      uint32_t *rid, cay_error_t **err);
/* NULL when there is none of that number. The agent's thread, as all below. */
cay_transfer_t *cay__transfer_of(cay_agent_t *a, uint32_t rid);

/* Takes what has arrived: 0; CAY_ECLOSED at the end, and the transfer is closed then, as with any failure;
 * CAY_EAGAIN: nothing yet, and the promise `id` settles as CAY_WANT_READ. CAY_EBUSY: that is so already. */
CAY_NODISCARD int cay__transfer_read(cay_transfer_t *t, uint32_t id, cay_blob_t *out,
                                     cay_error_t **err);
/* Appends to the request's body: 0; CAY_EAGAIN: nothing was taken, and the promise `id` settles when there is
 * room. CAY_ECLOSED: the server wants no more; CAY_EBUSY; CAY_ENOMEM. */
CAY_NODISCARD int cay__transfer_write(cay_transfer_t *t, uint32_t id, const cay_blob_t *bytes,
                                      cay_error_t **err);
void cay__transfer_end(cay_transfer_t *t);
/* Whatever is wanted fails with CAY_ETERMINATED. */
void cay__transfer_close(cay_transfer_t *t);

#endif
