/* SPDX-License-Identifier: MIT */
#include "worker/end.h"

#include "base/mem.h"
#include "os/clock.h"
#include "io/http.h"
#include "port/call.h"
#include "worker/deliver.h"
#include "worker/inbox.h"
#include "worker/limit.h"
#include "worker/report.h"
#include "worker/request.h"

void cay__end_pause_point(eng_host_t *host) {
    cay__sched_pause_point(&host->actor);
}

static void leave_group(cay_agent_t *a) {
    if (a->is_root) {
        cay__group_set_root(a->group, NULL, NULL);
    }
}

void cay__end_begin(cay_agent_t *a) {
    cay__timer_clear(a->env->sched, &a->overdue_clock);
    leave_group(a);
    cay__resources_end_children(a);
    cay__requests_cancel_all(a);
}

static void close_free(cay_request_t *r) {
    cay__free(r);
}

static const cay_request_ops_t close_ops = {.free = close_free};

static void http_gone(void *ctx) {
    cay__request_done(ctx, 0, NULL);
}

/* The connections close on the I/O thread, which is waited for as for any operation. */
static void end_http(cay_agent_t *a) {
    a->env->hooks->end_loads(a);
    cay__resources_close_objects(a);
    cay_request_t *r = CAY_NEW(cay_request_t);
    if (r) {
        r->ops = &close_ops;
        if (cay__request_begin(a, r, 0, NULL, NULL, NULL) == 0) {
            cay__http_client_end(cay_steal(&a->http), http_gone, r);
            return;
        }
        cay__free(r);
    }
    cay__http_client_free(cay_steal(&a->http)); /* they close soon, without being waited for */
}

static bool io_over(cay_agent_t *a) {
    if (cay__requests_drained(a) && a->children == 0 && a->http) {
        end_http(a);
    }
    return cay__requests_drained(a);
}

/* Works off what has come in: only the events of children matter by now. What a note puts back (it had no
 * memory, say) waits for the next slice. */
bool cay__end_step(cay_agent_t *a) {
    cay__inbox_take(a);
    size_t count = 0;
    for (const cay_note_t *n = a->todo; n; n = n->next) {
        count++;
    }
    for (; count; count--) {
        cay_note_t *n = cay__inbox_shift(a);
        if (n->run == cay__child_note_run) {
            n->run(a, n);
        } else {
            cay__deliver_drop(n);
        }
    }
    return io_over(a) && a->children == 0;
}

static cay_reason_t reason_of(const cay_agent_t *a) {
    uint32_t r = atomic_load(&a->reason);
    return r == CAY_REASON_NONE ? CAY_REASON_TERMINATED : r;
}

static bool is_fault(cay_reason_t r) {
    return r != CAY_REASON_CLOSED && r != CAY_REASON_TERMINATED && r != CAY_REASON_PARENT_GONE &&
           r != CAY_REASON_SHUTDOWN;
}

/* A fault that came without an error of the guest's is told as one all the same. */
static cay_error_info_t final_error(const cay_agent_t *a, cay_reason_t reason,
                                    const char *sentence) {
    cay_error_info_t e = cay__fault_info(&a->fault);
    if (is_fault(reason) && !e.message) {
        e.name = "Error";
        e.message = sentence                    ? sentence
                    : reason == CAY_REASON_HEAP ? "the worker's heap is full"
                                                : cay_reason_name(reason);
    }
    return e;
}

/* What a limit did is the limit's only when that is why it ended. */
static cay_event_limit_t final_limit(cay_agent_t *a, cay_reason_t reason) {
    cay_event_limit_t none = {.which = CAY_LIMIT_NONE};
    bool is_limit = cay__limit_of_reason(reason) != CAY_LIMIT_NONE || reason == CAY_REASON_LOST;
    return is_limit ? cay__limit_over(a) : none;
}

static void count_end(cay_agent_t *a, const cay_event_limit_t *limit, uint64_t cpu) {
    cay__mutex_lock(&a->env->lock);
    cay__list_remove(&a->env_link);
    a->env->past_cpu += cpu > a->past_cpu ? cpu - a->past_cpu : 0;
    a->env->ended_by_limit += limit->which != CAY_LIMIT_NONE;
    cay__mutex_unlock(&a->env->lock);
}

static void post_final(cay_agent_t *a) {
    cay_reason_t reason = reason_of(a);
    cay_event_limit_t limit = final_limit(a, reason);
    CAY_AUTOFREE char *sentence = limit.which == CAY_LIMIT_NONE
                                      ? NULL
                                      : cay__limit_sentence(limit.which, limit.limit, limit.used);
    cay_event_t ev = {
        .type = is_fault(reason) ? CAY_EVENT_TERMINAL_ERROR : CAY_EVENT_CLOSE,
        .size = sizeof ev,
        .u.end =
            {
                .reason = reason,
                .exit_code = is_fault(reason) && a->exit_code == 0 ? 1 : a->exit_code,
                .error = final_error(a, reason, sentence),
                .limit = limit,
            },
    };
    cay__account_usage(a->account, &ev.u.end.usage);
    cay__account_end(a->account);
    count_end(a, &limit, ev.u.end.usage.cpu_ns);
    /* Refused only after another final event, of which there is none. */
    if (cay_inside_post_event(a->inside, &ev)) {
        __builtin_trap();
    }
}

/* Its CPU so far goes over from those alive to those gone in one step, so that the sum never lacks it. */
static void leave_env(cay_agent_t *a) {
    cay__mutex_lock(&a->env->lock);
    a->past_cpu = cay__account_cpu(a->account, NULL);
    a->env->past_cpu += a->past_cpu;
    cay__list_remove(&a->env_link);
    cay__list_push(&a->env->leaving, &a->env_link);
    cay__mutex_unlock(&a->env->lock);
}

/* All that is not the isolate. Nobody can condemn the agent any more. */
static void give_up(cay_agent_t *a) {
    cay__budget_remove(&a->budget);
    cay__timer_clear(a->env->sched, &a->overdue_clock);
    if (a->functions) {
        cay__functions_close(a->functions);
    }
    a->env->hooks->end_loads(a);
    cay__guest_timers_free(a);
    cay__resources_free(a);
    cay__requests_end(a);
    cay__http_client_free(cay_steal(&a->http));
}

void cay__end_finish(cay_agent_t *a) {
    cay__inside_set_ops(a->inside, NULL, NULL);
    leave_env(a); /* nobody can condemn it any more */
    give_up(a);
    eng_isolate_t *iso = a->iso;
    cay__mutex_lock(&a->life);
    a->iso = NULL;
    cay__mutex_unlock(&a->life);
    if (iso) {
        eng_isolate_free(iso);
    }
    /* The engine is gone, so nothing pushes notes any more; what was pushed is dropped with its tokens. */
    cay__timer_clear(a->env->sched, &a->engine_clock);
    cay__inbox_take(a);
    for (cay_note_t *n; (n = cay__inbox_shift(a));) {
        cay__deliver_drop(n);
    }
    post_final(a);
}

void cay__end_forget(cay_env_t *env) {
    cay__mutex_lock(&env->lock);
    env->alive--;
    cay__cond_broadcast(&env->changed);
    cay__mutex_unlock(&env->lock);
}

static void free_strings(cay_agent_t *a) {
    cay__free(a->url);
    cay__free(a->source);
    for (char **s = a->args; s && *s; s++) {
        cay__free(*s);
    }
    cay__free(a->args);
    eng_fault_clear(&a->fault);
    cay__authority_unref(&a->authority);
    cay__authority_unref(&a->creator);
    cay__functions_unref(&a->functions);
    cay__account_unref(&a->account);
}

void cay__end_free(cay_agent_t *a) {
    cay__requests_end(a);                       /* of one that was never registered */
    cay_env_t *env = a->inside ? a->env : NULL; /* NULL: it was never registered */
    cay_inside_t *inside = a->inside;
    free_strings(a);
    cay__map_free(&a->resources);
    cay__mutex_destroy(&a->life);
    uint32_t tokens = a->tokens;
    cay_group_t *group = a->group;
    cay__free(a);
    cay__group_release(group, tokens);
    cay__group_unref(&group);
    cay_inside_free(inside); /* joiners wake here: all is gone */
    if (env) {
        cay__end_forget(env);
    }
}

/* The agent will not run again: what comes into its inbox from now on (V8's helpers still know it) finds a
 * batch there, and so takes no token and wakes nobody. The tokens it held, that of the batch included. */
static uint32_t seal_inbox(cay_agent_t *a) {
    a->start_note.next = NULL;
    cay_note_t *batch = atomic_exchange(&a->inbox, &a->start_note);
    return a->tokens + (batch != NULL);
}

void cay__end_lost(cay_agent_t *a, cay_reason_t reason, const char *location) {
    uint32_t none = CAY_REASON_NONE;
    atomic_compare_exchange_strong(&a->reason, &none, reason);
    atomic_store(&a->condemned, true);
    if (!a->fault.message) {
        a->fault.message = cay__asprintf("the engine gave up: %s", location);
    }
    cay__inside_set_ops(a->inside, NULL, NULL);
    leave_env(a);
    leave_group(a);
    cay__resources_end_children(a);
    cay__request_drop_settling(a);
    cay__requests_cancel_all(a);
    cay__requests_wait(a);
    give_up(a);
    cay__timer_clear(a->env->sched, &a->engine_clock);
    cay__mutex_lock(&a->life);
    a->iso = NULL;
    cay__mutex_unlock(&a->life);
    post_final(a);
    cay_inside_t *inside = a->inside;
    cay__group_release(a->group, seal_inbox(a));
    cay_inside_free(inside);
}
