/* SPDX-License-Identifier: MIT */
/* What the notes of resources do: messages and events become tasks of the guest. */
#ifndef CAY_WORKER_DELIVER_H
#define CAY_WORKER_DELIVER_H

#include "worker/agent.h"

void cay__port_note_run(cay_agent_t *a, cay_note_t *n);
/* Also run while the agent ends, without guest code: it then only waits for the child's last event. */
void cay__child_note_run(cay_agent_t *a, cay_note_t *n);

/* For a note that is dropped unrun: frees its resource when that has ended. */
void cay__deliver_drop(cay_note_t *n);

#endif
