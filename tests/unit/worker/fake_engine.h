/* SPDX-License-Identifier: MIT */
/* An engine without V8, so that the worker layer runs under the thread sanitizer: a guest is a C function,
 * a value is a number, a message is its first byte. */
#ifndef CAY_TESTS_FAKE_ENGINE_H
#define CAY_TESTS_FAKE_ENGINE_H

#include "worker/agent.h"

typedef struct fake_guest {
    /* A call of the glue, inside a task. CAY_ETERMINATED as the engine gives it. */
    int (*dispatch)(cay_agent_t *a, int which, const eng_val_t *argv, int argc);
} fake_guest_t;
extern const fake_guest_t *fake_guest; /* set before any isolate exists */

/* What guest code passes now and then: runs interrupts; true when it is terminated. */
bool fake_check(cay_agent_t *a);
double fake_number(eng_val_t v);
/* Inside the engine until fake_release, deaf to every termination. Does not return when the isolate was lost. */
void fake_stick(cay_agent_t *a);
void fake_release(void);       /* all that are stuck */
extern _Atomic int fake_stuck; /* how many are */
/* What the next measurements tell. */
extern eng_memory_t fake_memory;
/* A full collection: the meter is told, and what follows follows. */
void fake_collect(cay_agent_t *a);
/* Posts one byte through a port, as an op would. */
int fake_post(cay_port_t *port, uint8_t byte);

#endif
