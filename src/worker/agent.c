/* SPDX-License-Identifier: MIT */
/* The life of an agent: birth, slices, condemnation, the last slice. */
#include "worker/agent.h"

#include "base/err.h"
#include "base/mem.h"
#include "os/clock.h"
#include "worker/end.h"
#include "worker/inbox.h"
#include "worker/limit.h"
#include "worker/lose.h"
#include "port/call.h"
#include "worker/request.h"

static const char *const phase_names[] = {"new", "starting", "running", "ending", "dead"};

const char *cay__phase_name(cay_phase_t p) {
    return phase_names[p];
}

/* The one place where the phase changes. */
static void set_phase(cay_agent_t *a, cay_phase_t to) {
    static const uint8_t legal[] = {
        [CAY_PHASE_NEW] = 1 << CAY_PHASE_STARTING | 1 << CAY_PHASE_ENDING,
        [CAY_PHASE_STARTING] = 1 << CAY_PHASE_RUNNING | 1 << CAY_PHASE_ENDING,
        [CAY_PHASE_RUNNING] = 1 << CAY_PHASE_ENDING,
        [CAY_PHASE_ENDING] = 1 << CAY_PHASE_DEAD,
        [CAY_PHASE_DEAD] = 0,
    };
    if (!(legal[a->phase] & 1 << to)) {
        __builtin_trap(); /* a bug of ours, never of a guest */
    }
    a->phase = to;
}

bool cay__agent_is_over(const cay_agent_t *a) {
    return atomic_load_explicit(&a->condemned, memory_order_acquire) || a->closing;
}

bool cay__agent_may_run(const cay_agent_t *a) {
    return !cay__agent_is_over(a) &&
           !atomic_load_explicit(&a->limiting.turn_over, memory_order_relaxed);
}

void cay__agent_settled(cay_agent_t *a) {
    if (a->phase == CAY_PHASE_STARTING) {
        set_phase(a, CAY_PHASE_RUNNING);
        cay__budget_started(&a->budget);
        cay__resource_start(&a->main);
    }
}

/* ---- ends ---- */

/* The first reason stays; true when this one is it. */
bool cay__agent_set_reason(cay_agent_t *a, cay_reason_t reason) {
    uint32_t none = CAY_REASON_NONE;
    return atomic_compare_exchange_strong(&a->reason, &none, reason);
}

void cay__agent_condemn(cay_agent_t *a, cay_reason_t reason) {
    cay__agent_set_reason(a, reason);
    if (atomic_exchange_explicit(&a->condemned, true, memory_order_acq_rel)) {
        return;
    }
    cay__mutex_lock(&a->life);
    if (a->iso) {
        eng_terminate(a->iso);
        cay__timer_set(a->env->sched, &a->overdue_clock, cay__clock_mono() + CAY_OVERDUE_NS);
    }
    cay__mutex_unlock(&a->life);
    cay__actor_hurry(&a->actor);
    cay__note_push(a, &a->condemn_note);
}

void cay__agent_fail(cay_agent_t *a, cay_reason_t reason, eng_fault_t *fault) {
    if (cay__agent_set_reason(a, reason)) {
        eng_fault_clear(&a->fault);
        a->fault = *fault;
        *fault = (eng_fault_t){0};
        a->exit_code = 1;
    } else {
        eng_fault_clear(fault);
    }
    cay__agent_condemn(a, reason);
}

void cay__agent_set_message(cay_agent_t *a, char *message) {
    if (a->fault.message) {
        cay__free(message);
    } else {
        a->fault.message = message;
    }
}

void cay__agent_close(cay_agent_t *a, int32_t code, bool hard) {
    if (!a->closing && cay__agent_set_reason(a, CAY_REASON_CLOSED)) {
        a->exit_code = code;
    }
    a->closing = true;
    cay__inside_stop_posting(a->inside);
    if (hard) {
        cay__agent_condemn(a, CAY_REASON_CLOSED);
    }
}

static void on_terminate(void *ctx) {
    cay_agent_t *a = ctx;
    cay__agent_condemn(a, cay__inside_reason(a->inside));
}

static const cay_inside_ops_t inside_ops = {on_terminate};

/* ---- the engine's own calls ---- */

/* The earliest of the delayed tasks counts; a run of the tasks sets the timer for the next one. */
static void engine_due(cay_agent_t *a, uint64_t deadline) {
    uint64_t due = atomic_load(&a->engine_due);
    while (deadline < due) {
        if (atomic_compare_exchange_weak(&a->engine_due, &due, deadline)) {
            cay__timer_set(a->env->sched, &a->engine_clock, deadline);
            return;
        }
    }
}

void cay__agent_engine_task(eng_host_t *a, uint64_t delay_ns) {
    if (delay_ns == 0) {
        cay__note_push(a, &a->engine_note);
    } else {
        engine_due(a, cay__clock_mono() + delay_ns);
    }
}

static void on_engine_clock(cay_timer_t *t) {
    cay_agent_t *a = CAY_CONTAINER(t, cay_agent_t, engine_clock);
    atomic_store(&a->engine_due, UINT64_MAX);
    cay__note_push(a, &a->engine_note);
}

static void run_engine_task(cay_agent_t *a, cay_note_t *n) {
    cay__task_begin(a);
    uint64_t next = eng_run_task(a->iso);
    cay__task_end(a);
    if (next == 0) {
        cay__inbox_again(a, n); /* there may be more; others get their turn first */
    } else if (next != UINT64_MAX) {
        engine_due(a, cay__clock_mono() + next);
    }
}

bool cay__agent_may_generate(eng_host_t *a, bool wasm) {
    cay_ask_t ask = {.kind = wasm ? CAY_KIND_WASM : CAY_KIND_EVAL, .value = ""};
    return cay__authority_check(a->authority, &ask, NULL, NULL) == 0;
}

/* ---- slices ---- */

bool cay__agent_has(cay_agent_t *a, uint32_t kind) {
    cay_ask_t ask = {.kind = kind, .value = ""};
    return cay__authority_has(a->authority, &ask);
}

static uint32_t engine_switches(cay_agent_t *a) {
    return (cay__agent_has(a, CAY_KIND_EVAL) ? ENG_ALLOW_EVAL : 0u) |
           (cay__agent_has(a, CAY_KIND_WASM) ? ENG_ALLOW_WASM : 0u) |
           (cay__agent_has(a, CAY_KIND_SHARED_MEMORY) ? ENG_ALLOW_SHARED : 0u);
}

static int make_isolate(cay_agent_t *a) {
    eng_isolate_options_t o = {.allow = engine_switches(a)};
    cay__limit_engine_options(a, &o);
    eng_isolate_t *iso = NULL;
    a->fine_clock = cay__agent_has(a, CAY_KIND_FINE_CLOCK);
    int rc = eng_isolate_new(&o, &a->env->engine_ops, a, &iso);
    if (rc) {
        return rc;
    }
    cay__mutex_lock(&a->life);
    a->iso = iso;
    cay__mutex_unlock(&a->life);
    return 0;
}

static eng_val_t boot_config(cay_agent_t *a) {
    eng_isolate_t *iso = a->iso;
    eng_val_t args[256];
    size_t count = 0;
    for (; a->args && a->args[count] && count < CAY_COUNT(args); count++) {
        args[count] = eng_text(iso, a->args[count]);
    }
    static const char *const keys[] = {"id",      "name", "url",    "args", "timeOrigin",
                                       "version", "v8",   "isRoot", "cpus"};
    eng_val_t values[] = {
        eng_number(iso, (double)cay__inside_id(a->inside)),
        eng_text(iso, cay__inside_name(a->inside)),
        eng_text(iso, a->url),
        eng_array(iso, args, count),
        eng_number(iso, (double)(cay__clock_wall() / CAY_NS_PER_MS)),
        eng_text(iso, cay_version()),
        eng_text(iso, eng_version()),
        eng_bool(iso, a->is_root),
        eng_number(iso, cay__cpu_count()),
    };
    return eng_object(iso, keys, values, CAY_COUNT(keys));
}

/* The first note: the glue boots and the main module begins to load. */
static void start(cay_agent_t *a, cay_note_t *n) {
    (void)n;
    set_phase(a, CAY_PHASE_STARTING);
    cay__resource_bind_main(a);
    cay__task_begin(a);
    eng_fault_t fault = {0};
    int rc = eng_boot(a->iso, boot_config(a), &fault);
    if (rc == 0) {
        eng_memory_t now;
        eng_measure(a->iso, &now); /* so that there is a figure before the first collection */
        a->env->hooks->load_main(a);
    } else {
        cay__agent_fail(a, CAY_REASON_START, &fault);
    }
    cay__task_end(a);
}

static void run_quiet(cay_agent_t *a, cay_note_t *n) {
    (void)n;
    /* Only this slice's own tokens left: nothing has come up since the count was zero. */
    if (!a->todo && atomic_load(&a->inbox) == NULL &&
        atomic_load(&a->group->active) == (int64_t)a->tokens) {
        cay__task_begin(a);
        a->env->hooks->quiet(a);
        cay__task_end(a);
    }
}

static void run_condemned(cay_agent_t *a, cay_note_t *n) {
    (void)a;
    (void)n; /* it only had to wake the agent */
}

static void work(cay_agent_t *a) {
    eng_enter(a->iso, cay__thread_stack_low());
    a->entered = true;
    do {
        cay__inbox_take(a);
        cay_note_t *n = cay__inbox_shift(a);
        if (!n) {
            break;
        }
        n->run(a, n);
    } while (cay__agent_may_run(a) && !cay__sched_should_yield(&a->actor));
    cay__limit_after_slice(a);
    a->entered = false;
    eng_leave(a->iso);
}

static bool run_slice(cay_actor_t *actor) {
    cay_agent_t *a = CAY_CONTAINER(actor, cay_agent_t, actor);
    uint64_t start, mark;
    cay__actor_slice(actor, &start, &mark);
    cay__budget_begin(&a->budget, start, mark);
    if (a->phase < CAY_PHASE_ENDING && !cay__agent_is_over(a)) {
        if (!a->iso && make_isolate(a)) {
            cay__agent_condemn(a, CAY_REASON_START);
        } else {
            work(a);
        }
    }
    if (cay__agent_is_over(a)) {
        if (a->phase < CAY_PHASE_ENDING) {
            set_phase(a, CAY_PHASE_ENDING);
            cay__end_begin(a);
        }
        if (cay__end_step(a)) {
            set_phase(a, CAY_PHASE_DEAD);
            cay__end_finish(a);
            cay__actor_release(actor);
            return false;
        }
    }
    bool more = a->todo != NULL;
    cay__inbox_settle(a);
    return more;
}

static void pause_slice(cay_actor_t *actor) {
    cay_agent_t *a = CAY_CONTAINER(actor, cay_agent_t, actor);
    cay__mutex_lock(&a->life);
    if (a->iso) {
        eng_interrupt(a->iso, cay__end_pause_point);
    }
    cay__mutex_unlock(&a->life);
}

static void gone(cay_actor_t *actor) {
    cay_agent_t *a = CAY_CONTAINER(actor, cay_agent_t, actor);
    cay__end_free(a);
}

static void ran(cay_actor_t *actor) {
    cay_agent_t *a = CAY_CONTAINER(actor, cay_agent_t, actor);
    cay__budget_end(&a->budget, actor->cpu_ns);
}

static const cay_actor_ops_t actor_ops = {run_slice, pause_slice, gone, ran};

/* ---- birth ---- */

static int copy_spec(cay_agent_t *a, const cay_agent_spec_t *spec) {
    a->url = cay__strdup(spec->url);
    a->source = spec->source ? cay__strndup(spec->source, spec->source_len) : NULL;
    a->source_len = spec->source_len;
    size_t count = 0;
    while (spec->args && spec->args[count]) {
        count++;
    }
    a->args = cay__calloc(count + 1, sizeof *a->args);
    if (!a->url || (spec->source && !a->source) || !a->args) {
        return CAY_ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        if (!(a->args[i] = cay__strdup(spec->args[i]))) {
            return CAY_ENOMEM;
        }
    }
    return 0;
}

static void init_notes(cay_agent_t *a) {
    a->todo_end = &a->todo;
    atomic_store(&a->engine_due, UINT64_MAX);
    a->start_note.run = start;
    a->condemn_note.run = run_condemned;
    a->quiet_note.run = run_quiet;
    a->engine_note.run = run_engine_task;
    a->engine_clock.fire = on_engine_clock;
    a->overdue_clock.fire = cay__lose_on_clock;
    a->mail_note.run = cay__mail_note_run;
    /* The start waits in the inbox from the first moment: with it there, no push of another thread wakes an
     * agent that is not built yet. cay__agent_start does. */
    cay__group_hold(a->group);
    atomic_store(&a->start_note.queued, true);
    atomic_store(&a->inbox, &a->start_note);
}

static void tell_quiet(struct eng_host *root) {
    cay__note_push(root, &root->quiet_note);
}

static int register_agent(cay_env_t *env, cay_agent_t *a, cay_error_t **err) {
    cay__mutex_lock(&env->lock);
    int rc = 0;
    if (env->closing) {
        rc = cay__error_set(err, CAY_ECLOSED, "the runtime is shutting down");
    } else if (cay__env_draining(env)) {
        rc = cay__error_set(
            err, CAY_ELIMIT,
            "the runtime drains: it has lost %llu threads and %llu MiB to workers that could "
            "not be stopped, and takes no more",
            (unsigned long long)env->lost, (unsigned long long)(env->lost_memory >> 20));
    } else if (env->alive >= env->o.max_workers) {
        rc = cay__error_set(err, CAY_ELIMIT, "%llu workers are alive, the limit of this runtime",
                            (unsigned long long)env->alive);
    } else {
        cay__list_push(&env->agents, &a->env_link);
        env->alive++;
        env->spawned++;
    }
    cay__mutex_unlock(&env->lock);
    return rc;
}

/* What WebAssembly grows is counted when it is looked at. */
#define SAMPLE_NS (20 * CAY_NS_PER_MS)

static int watch(cay_env_t *env, cay_agent_t *a, cay_error_t **err) {
    a->budget.sample_ns = cay__agent_has(a, CAY_KIND_WASM) ? SAMPLE_NS : 0;
    int rc = cay__budget_add(env->watchdog, &a->budget);
    return rc ? cay__error_set(err, rc, "no thread to watch the worker's limits") : 0;
}

int cay__agent_new(cay_env_t *env, const cay_agent_spec_t *spec, cay_inside_t *inside,
                   cay_agent_t **out, cay_error_t **err) {
    cay_agent_t *a = CAY_NEW(cay_agent_t);
    if (!a) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory for a worker");
    }
    a->env = env;
    a->uncaught = spec->uncaught;
    a->is_root = spec->is_root;
    a->of_remote = spec->of_remote;
    a->depth = spec->depth;
    a->account = cay__account_ref(spec->account);
    cay__limit_init(a);
    a->group = cay__group_ref(spec->group);
    cay__mutex_init(&a->life);
    cay__list_init(&a->env_link);
    cay__map_init(&a->resources);
    cay__guest_timers_init(a);
    init_notes(a);
    cay__actor_init(&a->actor, env->sched, &actor_ops);
    a->authority = cay__authority_ref(spec->authority);
    a->creator = spec->creator ? cay__authority_ref(spec->creator) : NULL;
    a->functions = spec->functions ? cay__functions_ref(spec->functions) : NULL;
    a->mailbox = cay__mailbox_new_for(a);
    int rc = a->mailbox ? copy_spec(a, spec) : CAY_ENOMEM;
    a->inside = inside;
    a->main = (cay_resource_t){.agent = a, .port = cay_inside_port(inside)};
    rc = rc ? cay__error_set(err, rc, "out of memory for a worker") : watch(env, a, err);
    if (rc == 0 && (rc = register_agent(env, a, err))) {
        cay__budget_remove(&a->budget);
    }
    if (rc) {
        a->inside = NULL;
        cay__group_release(a->group, 1);
        cay__end_free(a);
        return rc;
    }
    *out = a;
    return 0;
}

void cay__agent_start(cay_agent_t *a) {
    if (a->is_root) {
        cay__group_set_root(a->group, a, tell_quiet);
    }
    cay__inside_set_ops(a->inside, &inside_ops, a);
    cay__actor_wake(&a->actor);
}
