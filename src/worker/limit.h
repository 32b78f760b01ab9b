/* SPDX-License-Identifier: MIT */
/* What happens to an agent when a limit comes near or is reached.
 *
 *     comes near ─► CAY_EVENT_LIMIT, and a task that tells the guest
 *     memory, heap, wall, idle, startup reached ─► condemned
 *     cpu, turn cpu reached ─┬─ the guest was told and is done with it, or does not listen ─► condemned
 *                            └─ else: the turn is cut short, the guest is told in a last slice, then condemned
 *
 * What bounds counts (ports, timers, operations, queues, workers, output) refuses where the thing is asked for. */
#ifndef CAY_WORKER_LIMIT_H
#define CAY_WORKER_LIMIT_H

#include "worker/agent.h"

extern const cay_budget_ops_t cay__limit_budget_ops;
extern const eng_meter_ops_t cay__limit_meter;

void cay__limit_init(cay_agent_t *a);
/* The engine's own bounds that follow from the limits. */
void cay__limit_engine_options(const cay_agent_t *a, eng_isolate_options_t *o);
/* The engine's calls: see eng_host_ops_t. */
void cay__limit_memory_soft(eng_host_t *a);
void cay__limit_memory_over(eng_host_t *a);
void cay__limit_near_heap(eng_host_t *a);
/* Entered, at the end of a slice: the last words after a turn that was cut short, memory that grew in one step, those whose
 * posts were refused. */
void cay__limit_after_slice(cay_agent_t *a);
/* Its own thread: output is dropped, which is told once. */
void cay__limit_output_dropped(cay_agent_t *a);
/* What ended it, for the final event; which is CAY_LIMIT_NONE when that was no limit. */
cay_event_limit_t cay__limit_over(cay_agent_t *a);

#endif
