/* SPDX-License-Identifier: MIT */
/* The end of an agent, in steps that can wait: see "Teardown order" in agent.h. */
#ifndef CAY_WORKER_END_H
#define CAY_WORKER_END_H

#include "worker/agent.h"

void cay__end_begin(cay_agent_t *a);  /* no guest code any more: children are told to end */
bool cay__end_step(cay_agent_t *a);   /* true when no child is left */
void cay__end_finish(cay_agent_t *a); /* gives everything up and posts the final event */
void cay__end_free(cay_agent_t *a);   /* the memory itself; from the scheduler's `gone` */
/* On a thread that can never leave the engine again: everything but the isolate, and cay__end_forget. */
void cay__end_lost(cay_agent_t *a, cay_reason_t reason, const char *location);
/* The last step, which a shutdown waits for. */
void cay__end_forget(cay_env_t *env);
/* The engine interrupt with which a hog waits for its turn. */
void cay__end_pause_point(eng_host_t *host);

#endif
