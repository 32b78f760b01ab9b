/* SPDX-License-Identifier: MIT */
/* Ports: two entangled ends of a channel of messages, as MessagePort in the HTML standard.
 *
 * Either end can be held by the host or by a worker, and can be posted through another port, which
 * moves it. A port belongs to one thread at a time for receiving and closing; cay_port_post may be
 * called from any thread. Closing one end tells the other: it still reads what was posted before, then
 * CAY_ECLOSED. */
#ifndef CAY_PORT_H
#define CAY_PORT_H

#include "cay/value.h"

typedef struct cay_port cay_port_t;
/** A message taken from a port or an event. Opaque. */
typedef struct cay_message cay_message_t;

CAY_BEGIN_DECLS

/** Makes two entangled ports. Both are written on success only. CAY_ENOMEM.
 *  *Ownership*: the caller's, each to cay_port_close or into a document. *Thread*: any. */
CAY_NODISCARD int cay_channel_new(CAY_OWN cay_port_t **a, CAY_OWN cay_port_t **b);

/** Posts the root of `doc` to the other end. The document stays the caller's; on success its ports and
 *  taken buffers have moved (they read as empty), on failure nothing has.
 *  CAY_ECLONE (a port posted through itself or its partner, a port with ports waiting in it, a main port
 *  of a worker), CAY_EBUSY (a port that a thread receives from or waits on), CAY_ELIMIT (too deep, or too large
 *  for an empty mailbox or the receiver's memory limit), CAY_EAGAIN (the other end's mailbox is full; see
 *  cay_port_wait_room), CAY_ECLOSED, CAY_ETERMINATED (the worker was told to end), CAY_ENOMEM.
 *  A mailbox takes 10,000 messages and 16 MiB (see also cay_handles_options_t), and a larger message of up to
 *  256 MiB when it is empty; what waits for a worker is also bounded by its limits. What waits in the ports of a
 *  message has to fit as well. *Thread*: any. */
CAY_NODISCARD int cay_port_post(cay_port_t *port, cay_doc_t *doc, CAY_OWN cay_error_t **err);
/** Waits up to timeout_ms (0 = do not wait, CAY_FOREVER) until a post through the port may succeed: after one was
 *  refused with CAY_EAGAIN, until the other end's mailbox is at most half full and would take that one. Another
 *  thread that posts may be faster. CAY_ETIMEDOUT; CAY_ECLOSED; CAY_ETERMINATED; CAY_EINVAL (NULL). *Thread*: the
 *  port's; any for a main port of a worker. */
CAY_NODISCARD int cay_port_wait_room(cay_port_t *port, int64_t timeout_ms);
/** As cay_port_post, of JSON text. Also CAY_EFORMAT. */
CAY_NODISCARD int cay_port_post_json(cay_port_t *port, const char *json, size_t len,
                                     CAY_OWN cay_error_t **err);
/** Passes a received message on as it is, with its ports and buffers, whether or not its value was read;
 *  values read of it end with that. CAY_EINVAL when a port was taken out of it; errors of cay_port_post.
 *  Consumed on success only. *Thread*: any. */
CAY_NODISCARD int cay_port_forward(cay_port_t *port, CAY_OWN cay_message_t *message,
                                   CAY_OWN cay_error_t **err);

/** Takes the next message, waiting up to timeout_ms (0 = do not wait, CAY_FOREVER).
 *  *out on success only. CAY_ETIMEDOUT; CAY_ECLOSED when the other end is closed and all was read;
 *  CAY_ETERMINATED on an inside port whose worker was told to end; CAY_EBUSY on the port of
 *  cay_worker_port, whose messages come through cay_worker_next_event, and while another thread waits. *Thread*: the port's. */
CAY_NODISCARD int cay_port_receive(cay_port_t *port, int64_t timeout_ms,
                                   CAY_OWN cay_message_t **out);
/** A descriptor that polls readable while cay_port_receive would not wait. It belongs to the port and
 *  closes with it, or when the port is posted; read nothing from it. CAY_ELIMIT (no descriptor left),
 *  CAY_EBUSY (cay_worker_port), CAY_ENOMEM. *Thread*: the port's. */
CAY_NODISCARD int cay_port_fd(cay_port_t *port);
/** Whether the other end is closed (messages may still wait). *Thread*: any. */
bool cay_port_is_closed(const cay_port_t *port);
/** Closes and frees this end; the other end is told. What waits in it is freed, ports and all. NULL is
 *  fine, and so is a main port of a worker: it stays its handle's. *Thread*: the port's. */
void cay_port_close(CAY_OWN cay_port_t *port);

/** The message's value, decoded on first use and kept. CAY_EFORMAT, CAY_ELIMIT, CAY_ENOMEM.
 *  *Ownership*: borrowed from the message. *Thread*: one at a time. */
CAY_NODISCARD int cay_message_value(cay_message_t *message, const cay_value_t **out,
                                    CAY_OWN cay_error_t **err);
/** The message's value as JSON text, for cay_free. Errors of cay_message_value, cay_value_to_json. */
CAY_NODISCARD int cay_message_to_json(cay_message_t *message, CAY_OWN char **out,
                                      CAY_OWN cay_error_t **err);
/** Frees the message and what it carries: ports in it that nobody took are closed. NULL is fine. */
void cay_message_free(CAY_OWN cay_message_t *message);

CAY_END_DECLS

#endif
