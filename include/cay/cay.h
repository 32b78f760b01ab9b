/* SPDX-License-Identifier: MIT */
/* cay: JavaScript that nobody vouches for, run inside a product.
 *
 * The mental model
 *
 *   runtime ──spawns──► worker ══ its own isolate, heap, timers, modules
 *      │                  ║
 *   few threads        messages (typed values, copied or moved) and control events
 *                         ║
 *                       host: cay_worker_t, the external handle
 *
 * A *worker* is one script on one isolate. It shares no memory with the host or with other workers; all
 * that crosses is plain data: messages over ports, events about its life, and what it asks of the host.
 *
 * *Threads*. The library has a few threads of its own and runs any number of workers on them. The host is
 * none of them: it calls from any thread, waits in cay_worker_next_event, polls cay_worker_fd in a loop of
 * its own, or is called back on one dispatcher thread. Each function says who may call it.
 *
 * *Ownership*. CAY_OWN marks what changes hands; all else is borrowed for the call. A function that fails
 * takes nothing. Handles are opaque and freed by their own functions.
 *
 * *Ends*. Every worker ends in exactly one final event with one reason, and after the end everything it
 * held is gone. cay_worker_terminate stops whatever runs and never blocks.
 *
 * *Outcomes*. Functions return 0 or a negative CAY_E*; detail goes to an optional last cay_error_t **.
 *
 * *Rights*. A worker can compute and talk over its port. Files, network, environment, code from elsewhere are granted by
 * name in a cay_permissions_t; what it starts never has more than it has; host functions are bound to it by name.
 *
 * *Limits*. What a worker may use of memory, CPU, time and queues is a cay_limits_t with sensible defaults; reaching one is
 * told with the reason, and ends that worker at most.
 *
 * Read on: runtime.h (spawn), permissions.h, limits.h, host.h, worker.h (the handle), event.h, port.h, value.h, source.h,
 * handles.h. */
#ifndef CAY_H
#define CAY_H

#include "cay/defs.h"
#include "cay/error.h"
#include "cay/event.h"
#include "cay/handles.h"
#include "cay/host.h"
#include "cay/limits.h"
#include "cay/permissions.h"
#include "cay/port.h"
#include "cay/runtime.h"
#include "cay/source.h"
#include "cay/value.h"
#include "cay/worker.h"

#endif
