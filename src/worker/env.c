/* SPDX-License-Identifier: MIT */
/* What all agents of a provider share: who is alive, what was lost, what the engine calls. */
#include "base/list.h"
#include "worker/agent.h"
#include "worker/limit.h"
#include "worker/lose.h"

void cay__env_init(cay_env_t *env, cay_sched_t *sched, const cay_agent_hooks_t *hooks,
                   const struct cay_services *services, cay_watchdog_t *watchdog,
                   const cay_env_options_t *o) {
    *env = (cay_env_t){
        .sched = sched, .hooks = hooks, .services = services, .watchdog = watchdog, .o = *o};
    env->engine_ops = hooks->engine;
    env->engine_ops.task_posted = cay__agent_engine_task;
    env->engine_ops.near_heap_limit = cay__limit_near_heap;
    env->engine_ops.memory_soft = cay__limit_memory_soft;
    env->engine_ops.memory_over = cay__limit_memory_over;
    env->engine_ops.may_generate = cay__agent_may_generate;
    env->engine_ops.fatal = cay__lose_fatal;
    cay__mutex_init(&env->lock);
    cay__cond_init(&env->changed);
    cay__list_init(&env->agents);
    cay__list_init(&env->leaving);
}

void cay__env_close(cay_env_t *env) {
    cay__mutex_lock(&env->lock);
    env->closing = true;
    for (cay_link_t *l = env->agents.next; l != &env->agents; l = l->next) {
        cay__agent_condemn(CAY_CONTAINER(l, cay_agent_t, env_link), CAY_REASON_SHUTDOWN);
    }
    cay__mutex_unlock(&env->lock);
}

uint64_t cay__env_wait(cay_env_t *env, uint64_t deadline) {
    cay__mutex_lock(&env->lock);
    while (env->alive && cay__cond_wait_until(&env->changed, &env->lock, deadline)) {}
    uint64_t left = env->alive;
    cay__mutex_unlock(&env->lock);
    return left;
}

bool cay__env_draining(const cay_env_t *env) {
    return env->lost >= env->o.max_lost_threads || env->lost_memory >= env->o.max_lost_memory;
}

void cay__env_count_loss(cay_env_t *env, uint64_t memory) {
    cay__mutex_lock(&env->lock);
    env->lost++;
    env->lost_memory += memory;
    cay__mutex_unlock(&env->lock);
}

void cay__env_stats(cay_env_t *env, cay_runtime_stats_t *out) {
    cay__mutex_lock(&env->lock);
    out->workers = env->alive;
    out->spawned = env->spawned;
    out->lost_memory = env->lost_memory;
    out->draining = cay__env_draining(env);
    out->ended_by_limit = env->ended_by_limit;
    out->overdue = env->overdue;
    out->cpu_ns = env->past_cpu;
    for (cay_link_t *l = env->agents.next; l != &env->agents; l = l->next) {
        const cay_account_t *account = CAY_CONTAINER(l, cay_agent_t, env_link)->account;
        out->memory += cay__account_own(account);
        out->cpu_ns += cay__account_cpu(account, NULL);
        out->queued += atomic_load(&account->tally[CAY_TALLY_QUEUED]);
        out->ops += atomic_load(&account->tally[CAY_TALLY_OPS]);
    }
    cay__mutex_unlock(&env->lock);
}

void cay__env_destroy(cay_env_t *env) {
    cay__watchdog_free(env->watchdog);
    cay__cond_destroy(&env->changed);
    cay__mutex_destroy(&env->lock);
}
