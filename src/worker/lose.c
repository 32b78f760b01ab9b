/* SPDX-License-Identifier: MIT */
#include "worker/lose.h"

#include <unistd.h>

#include "base/mem.h"
#include "os/clock.h"
#include "worker/end.h"
#include "worker/request.h"

/* What the isolate takes along. */
static uint64_t isolate_memory(const cay_agent_t *a) {
    static const cay_part_t parts[] = {CAY_PART_HEAP, CAY_PART_BUFFERS, CAY_PART_WASM,
                                       CAY_PART_NATIVE};
    uint64_t sum = 0;
    for (size_t i = 0; i < CAY_COUNT(parts); i++) {
        sum += atomic_load(&a->account->part[parts[i]]);
    }
    return sum;
}

/* V8 cannot go on with this isolate: tell the end, give back what is ours, and keep the thread for ever,
 * with the isolate on its stack. */
void cay__lose_fatal(eng_host_t *a, bool out_of_memory, const char *location) {
    cay_env_t *env = a->env;
    cay__env_count_loss(env, isolate_memory(a));
    cay__end_lost(a, out_of_memory ? CAY_REASON_HEAP : CAY_REASON_ENGINE, location);
    cay__sched_thread_lost(&a->actor);
    cay__end_forget(
        env); /* only now: the host may free the scheduler, which joins the threads it has */
    for (;;) {
        pause();
    }
}

/* ---- stuck ---- */

static void tell_overdue(cay_agent_t *a) {
    cay_event_t ev = {.type = CAY_EVENT_OVERDUE, .size = sizeof ev};
    (void)!cay_inside_post_event(a->inside,
                                 &ev); /* a full stream: its reader is further behind than we */
    cay__mutex_lock(&a->env->lock);
    a->env->overdue++;
    cay__mutex_unlock(&a->env->lock);
}

/* The isolate stays behind with its thread. Under `life`, so that nobody reaches for it meanwhile. */
static bool take_isolate(cay_agent_t *a) {
    cay__mutex_lock(&a->life);
    bool yes = a->iso && eng_lose(a->iso);
    if (yes) {
        a->iso = NULL;
    }
    cay__mutex_unlock(&a->life);
    return yes;
}

static char *message_of(const cay_agent_t *a, cay_reason_t why) {
    return cay__asprintf(
        "it did not stop within %.1f s of being told to end (%s): its thread is given up",
        (double)a->env->o.lost_after_ns / (double)CAY_NS_PER_S, cay_reason_name(why));
}

/* From here on the agent is the clock's, until it is queued again. */
static void end_elsewhere(cay_agent_t *a) {
    cay_reason_t why = atomic_exchange(&a->reason, CAY_REASON_LOST);
    cay__agent_set_message(a, message_of(a, why));
    cay__env_count_loss(a->env, isolate_memory(a));
    a->entered = false;
    a->actor.cpu_ns = cay__account_cpu(a->account, NULL);
    cay__account_settle(a->account, a->actor.cpu_ns);
    cay__request_drop_settling(a);
    cay__sched_slice_lost(&a->actor);
}

/* An agent that is between two calls of the engine, or waits for its children, is not stuck: it is looked at again until
 * its end clears the timer. */
void cay__lose_on_clock(cay_timer_t *t) {
    cay_agent_t *a = CAY_CONTAINER(t, cay_agent_t, overdue_clock);
    uint64_t patience = a->env->o.lost_after_ns;
    if (!atomic_exchange(&a->told_overdue, true)) {
        tell_overdue(a);
        if (patience != UINT64_MAX) {
            uint64_t rest = patience > CAY_OVERDUE_NS ? patience - CAY_OVERDUE_NS : 0;
            cay__timer_set(a->env->sched, t, cay__clock_mono() + rest);
        }
    } else if (take_isolate(a)) {
        end_elsewhere(a);
    } else {
        cay__timer_set(a->env->sched, t, cay__clock_mono() + CAY_LOSE_AGAIN_NS);
    }
}
