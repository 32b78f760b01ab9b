/* SPDX-License-Identifier: MIT */
/* A world for agents: a scheduler, an environment with hooks that do nothing much, and roots to spawn. */
#ifndef CAY_TESTS_WORLD_H
#define CAY_TESTS_WORLD_H

#include "fake_engine.h"
#include "perm/authority.h"
#include "worker/net.h"

#define WAIT_MS 60000

typedef struct world {
    cay_sched_t *sched;
    cay_services_t services;
    cay_env_t env;
} world_t;

extern const cay_agent_hooks_t world_hooks;
extern const char *world_grants; /* permissions of roots spawned from now on; NULL = none */
extern const char *world_limits; /* their limits; NULL = the defaults */
/* An environment on w->sched; loses what is stuck after lost_after_ms. */
void world_env(world_t *w, const cay_agent_hooks_t *hooks, uint64_t max_workers);
extern uint64_t world_lost_after_ms;
void world_open(world_t *w, unsigned executors);
/* Ends all and asserts that nothing is left. */
void world_close(world_t *w);
int world_spawn(world_t *w, uint64_t flags, cay_worker_t **out);
cay_worker_t *world_spawn_ok(world_t *w, uint64_t flags);
/* Reads events up to the final one. */
cay_event_end_t world_expect_end(cay_worker_t *w);

#endif
