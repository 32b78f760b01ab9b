/* SPDX-License-Identifier: MIT */
/* Threads that do not come back from the engine. Two kinds:
 *
 *   fatal    V8 itself gives up (a full heap in one step, a failed check): on that thread, which is then parked for good
 *   stuck    told to end, and still inside a built-in that looks at no termination: the clock's thread takes the isolate
 *            away from it, and the agent ends on another thread as if it had none
 *
 * Either way the isolate and the thread are lost to the process, are counted, and the worker has its one final event. */
#ifndef CAY_WORKER_LOSE_H
#define CAY_WORKER_LOSE_H

#include "worker/agent.h"

/* eng_host_ops_t.fatal. */
void cay__lose_fatal(eng_host_t *a, bool out_of_memory, const char *location);
/* The agent's overdue clock: tells it is overdue, and later gives it up. */
void cay__lose_on_clock(cay_timer_t *t);

#endif
