/* SPDX-License-Identifier: MIT */
#include "worker/limit.h"

#include "base/mem.h"
#include "os/clock.h"

/* The engine's own maximum is so many times the policy: what it counts after a collection is judged long before, and
 * what it does in one step (growing an array) must not be fatal. */
#define HEAP_FACTOR 3u
/* A maximum above this makes the engine begin with a megabyte more for each isolate. */
#define HEAP_LARGE ((size_t)1536 << 20)
/* The part of the policy that new objects may take. From the engine's own choice on it is not set: the engine then
 * begins with less. */
#define YOUNG_SHARE(heap) ((heap) / 8 * 3)
#define YOUNG_USUAL       ((size_t)48 << 20)

#define BIT(which) (1u << (which))

/* ---- telling ---- */

static void tell_creator(cay_agent_t *a, const cay_event_limit_t *what) {
    cay_event_t ev = {.type = CAY_EVENT_LIMIT, .size = sizeof ev, .u.limit = *what};
    /* Refused by a creator that does not read: it will see the end. */
    (void)!cay_inside_post_event(a->inside, &ev);
}

/* Any thread. */
static void tell_guest(cay_agent_t *a, cay_limit_t which, uint64_t used) {
    atomic_store(&a->limiting.used[which], used);
    atomic_fetch_or(&a->limiting.pending, BIT(which));
    cay__note_push(a, &a->limit_note);
}

static void soft(cay_agent_t *a, cay_limit_t which, uint64_t limit, uint64_t used) {
    cay_event_limit_t what = {.which = which, .limit = limit, .used = used};
    tell_creator(a, &what);
    if (atomic_load(&a->limiting.wanted)) {
        tell_guest(a, which, used);
    }
}

/* One task of the guest: the event `limit`. */
static void tell(cay_agent_t *a, cay_limit_t which, bool is_over) {
    eng_val_t args[4] = {
        eng_text(a->iso, cay__limit_infos[which].member),
        eng_number(a->iso, (double)cay_limits_get(&a->account->limits, which)),
        eng_number(a->iso, (double)atomic_load(&a->limiting.used[which])),
        eng_bool(a->iso, is_over),
    };
    cay__task_call(a, ENG_DISPATCH_LIMIT, args, 4, NULL);
}

static void run_pending(cay_agent_t *a, cay_note_t *n) {
    (void)n;
    uint32_t bits = atomic_exchange(&a->limiting.pending, 0);
    for (cay_limit_t i = 0; i < CAY_LIMIT_COUNT && cay__agent_may_run(a); i++) {
        if (bits & BIT(i)) {
            cay__task_begin(a);
            tell(a, i, false);
            cay__task_end(a);
            if (cay__agent_may_run(a)) {
                atomic_fetch_or(&a->limiting.handled, BIT(i));
            }
        }
    }
}

/* ---- the end ---- */

/* The first limit stays, as the first reason does; which that was. */
static cay_limit_t record(cay_agent_t *a, cay_limit_t which, uint64_t limit, uint64_t used) {
    cay__mutex_lock(&a->life);
    if (!a->limiting.is_recorded && !atomic_load(&a->condemned)) {
        a->limiting.is_recorded = true;
        a->limiting.over =
            (cay_event_limit_t){.which = which, .is_over = 1, .limit = limit, .used = used};
    }
    which = a->limiting.is_recorded ? a->limiting.over.which : which;
    cay__mutex_unlock(&a->life);
    return which;
}

cay_event_limit_t cay__limit_over(cay_agent_t *a) {
    cay_event_limit_t none = {.which = CAY_LIMIT_NONE};
    cay__mutex_lock(&a->life);
    cay_event_limit_t over = a->limiting.is_recorded ? a->limiting.over : none;
    cay__mutex_unlock(&a->life);
    return over;
}

static void end(cay_agent_t *a, cay_limit_t which, uint64_t limit, uint64_t used) {
    which = record(a, which, limit, used);
    cay__agent_condemn(a, cay__reason_of_limit(which));
}

/* ---- CPU and time: on the watchdog's thread ---- */

static cay_agent_t *agent_of(cay_budget_t *b) {
    return CAY_CONTAINER(b, cay_agent_t, budget);
}

static void on_soft(cay_budget_t *b, cay_limit_t which, uint64_t limit, uint64_t used) {
    soft(agent_of(b), which, limit, used);
}

static uint64_t grace_of(const cay_agent_t *a, uint64_t limit) {
    uint64_t tenth = limit / 10;
    return a->account->limits.grace_ms ? a->account->limits.grace_ms
           : tenth < 5                 ? 5
           : tenth > 50                ? 50
                                       : tenth;
}

static bool may_have_grace(const cay_agent_t *a, cay_limit_t which) {
    bool is_cpu = which == CAY_LIMIT_CPU || which == CAY_LIMIT_TURN_CPU;
    return is_cpu && atomic_load(&a->limiting.wanted) &&
           !(atomic_load(&a->limiting.handled) & BIT(which));
}

/* Cuts the turn short; false when the agent had its grace, or has no engine to tell anything by. */
static bool give_grace(cay_agent_t *a, cay_limit_t which, uint64_t limit, uint64_t used) {
    cay__mutex_lock(&a->life);
    bool yes = a->iso && !a->limiting.grace_given && !atomic_load(&a->condemned);
    if (yes) {
        a->limiting.grace_given = true;
        (void)cay__agent_set_reason(
            a, cay__reason_of_limit(which)); /* a close() in there is no other end */
        a->limiting.is_recorded = true;
        a->limiting.over =
            (cay_event_limit_t){.which = which, .is_over = 1, .limit = limit, .used = used};
        atomic_store(&a->limiting.used[which], used);
        atomic_store(&a->limiting.turn_over, true);
        eng_abort(a->iso);
    }
    cay__mutex_unlock(&a->life);
    return yes;
}

/* A tree has used up its CPU, so it is the tree's root that ends, and all below it with it. */
static bool end_owner(cay_env_t *env, const cay_account_t *whose, uint64_t limit, uint64_t used) {
    cay_agent_t *owner = NULL;
    cay__mutex_lock(&env->lock);
    for (cay_link_t *l = env->agents.next; !owner && l != &env->agents; l = l->next) {
        cay_agent_t *a = CAY_CONTAINER(l, cay_agent_t, env_link);
        owner = a->account == whose ? a : NULL;
    }
    if (owner) {
        end(owner, CAY_LIMIT_CPU, limit, used);
    }
    cay__mutex_unlock(&env->lock);
    return owner != NULL;
}

static void on_hard(cay_budget_t *b, const cay_account_t *whose, cay_limit_t which, uint64_t limit,
                    uint64_t used) {
    cay_agent_t *a = agent_of(b);
    if (whose != a->account && end_owner(a->env, whose, limit, used)) {
        return;
    }
    if (!may_have_grace(a, which) || !give_grace(a, which, limit, used)) {
        end(a, which, limit, used);
        return;
    }
    cay_event_limit_t what = {.which = which, .is_over = 1, .limit = limit, .used = used};
    tell_creator(a, &what);
    cay__budget_grace(b, grace_of(a, limit));
    cay__actor_hurry(&a->actor); /* out of a pause, so that it sees the interrupt */
    cay__note_push(a, &a->limit_note);
}

static void on_sample(cay_budget_t *b) {
    cay_agent_t *a = agent_of(b);
    cay__mutex_lock(&a->life);
    if (a->iso) {
        eng_sample(a->iso);
    }
    cay__mutex_unlock(&a->life);
}

const cay_budget_ops_t cay__limit_budget_ops = {on_soft, on_hard, on_sample};

/* The guest is told, and condemned. */
static void last_slice(cay_agent_t *a) {
    eng_resume(a->iso);
    cay_limit_t which = a->limiting.over.which; /* written before turn_over was set */
    atomic_store(&a->limiting.turn_over, false);
    if (!cay__agent_is_over(a)) {
        cay__task_begin(a);
        tell(a, which, true);
        cay__task_end(a);
    }
    cay__agent_condemn(a, cay__reason_of_limit(which));
}

/* ---- memory: on the isolate's thread ---- */

static void meter_ref(void *ctx) {
    (void)cay__account_ref(ctx);
}

static void meter_unref(void *ctx) {
    cay_account_t *account = ctx;
    cay__account_unref(&account);
}

static void write_parts(cay_account_t *account, const eng_memory_t *now) {
    cay__account_set(account, CAY_PART_HEAP, now->heap);
    cay__account_set(account, CAY_PART_BUFFERS, now->buffers);
    cay__account_set(account, CAY_PART_WASM, now->wasm);
    cay__account_set(account, CAY_PART_NATIVE, now->native);
}

static uint64_t tree_of(const cay_account_t *account) {
    return atomic_load_explicit(&account->tree, memory_order_relaxed);
}

static int measured(void *ctx, const eng_memory_t *now) {
    cay_account_t *account = ctx;
    write_parts(account, now);
    bool over = now->heap > account->limits.heap || cay__account_passed(account);
    bool near = tree_of(account) > cay__account_soft(account, CAY_LIMIT_MEMORY);
    return (over ? ENG_MEMORY_OVER : 0) | (near ? ENG_MEMORY_SOFT : 0);
}

static bool fits(void *ctx, const eng_memory_t *now, size_t more) {
    cay_account_t *account = ctx;
    write_parts(account, now);
    return cay__account_fits(account, more);
}

const eng_meter_ops_t cay__limit_meter = {meter_ref, meter_unref, measured, fits};

/* Told once. */
void cay__limit_memory_soft(eng_host_t *a) {
    if (!(atomic_fetch_or(&a->limiting.handled, BIT(CAY_LIMIT_MEMORY)) & BIT(CAY_LIMIT_MEMORY))) {
        soft(a, CAY_LIMIT_MEMORY, a->account->limits.memory, tree_of(a->account));
    }
}

/* What a worker uses by its own doing: messages that wait for it were sent by others, who would otherwise choose so who
 * ends. */
static uint64_t own_doing(const cay_agent_t *a) {
    uint64_t messages = atomic_load(&a->account->part[CAY_PART_MESSAGES]);
    uint64_t own = cay__account_own(a->account);
    return own > messages ? own - messages : 0;
}

/* What the workers below `above` that are nearly gone will give back. */
static uint64_t leaving_below(cay_env_t *env, const cay_account_t *above) CAY_REQUIRES(env->lock) {
    uint64_t sum = 0;
    for (cay_link_t *l = env->leaving.next; l != &env->leaving; l = l->next) {
        const cay_account_t *account = CAY_CONTAINER(l, cay_agent_t, env_link)->account;
        sum += cay__account_is_below(account, above) ? cay__account_own(account) : 0;
    }
    return sum;
}

/* Of the workers whose memory counts in `above`, the one that uses most by itself; NULL when those that are ending
 * already will give enough back. One that is overdue may never do so: a tree would otherwise be held to nothing while it
 * keeps one such worker. The environment's lock keeps them from going. */
static cay_agent_t *largest_below(cay_env_t *env, const cay_account_t *above)
    CAY_REQUIRES(env->lock) {
    cay_agent_t *largest = NULL;
    uint64_t coming_back = leaving_below(env, above);
    for (cay_link_t *l = env->agents.next; l != &env->agents; l = l->next) {
        cay_agent_t *a = CAY_CONTAINER(l, cay_agent_t, env_link);
        if (!cay__account_is_below(a->account, above)) {
            continue;
        }
        if (atomic_load(&a->condemned)) {
            coming_back += atomic_load(&a->told_overdue) ? 0 : cay__account_own(a->account);
        } else if (!largest || own_doing(a) > own_doing(largest)) {
            largest = a;
        }
    }
    uint64_t tree = tree_of(above); /* last: what was given back meanwhile is in neither */
    return tree > coming_back && tree - coming_back > above->limits.memory ? largest : NULL;
}

/* A limit that is shared with others ends the one that uses most of it, not whoever happened to look. */
static void end_largest(cay_agent_t *a, cay_account_t *above) {
    cay__mutex_lock(&a->env->lock);
    cay_agent_t *which = largest_below(a->env, above);
    if (which) {
        end(which, CAY_LIMIT_MEMORY, above->limits.memory, tree_of(above));
    }
    cay__mutex_unlock(&a->env->lock);
}

void cay__limit_memory_over(eng_host_t *a) {
    cay_account_t *account = a->account;
    uint64_t heap = atomic_load(&account->part[CAY_PART_HEAP]);
    cay_account_t *passed = cay__account_passed(account);
    bool is_alone = passed == account && cay__account_own(account) > account->limits.memory;
    if (is_alone || (passed && !account->parent && !account->tree_workers)) {
        end(a, CAY_LIMIT_MEMORY, account->limits.memory, tree_of(account));
    } else if (heap > account->limits.heap) {
        end(a, CAY_LIMIT_HEAP, account->limits.heap, heap);
    } else if (passed) {
        end_largest(a, passed);
    }
}

/* The engine came to its own maximum, which is above any policy, in one step. */
void cay__limit_near_heap(eng_host_t *a) {
    const cay_limits_t *l = &a->account->limits;
    eng_memory_t now;
    eng_measure(a->iso, &now);
    if (l->heap < l->memory && now.heap > l->heap) {
        end(a, CAY_LIMIT_HEAP, l->heap, now.heap);
    } else if (l->memory != CAY_UNLIMITED) {
        end(a, CAY_LIMIT_MEMORY, l->memory, tree_of(a->account));
    } else {
        cay__agent_condemn(a, CAY_REASON_HEAP);
    }
}

void cay__limit_engine_options(const cay_agent_t *a, eng_isolate_options_t *o) {
    const cay_limits_t *l = &a->account->limits;
    o->stack = l->stack;
    o->meter = &cay__limit_meter;
    o->meter_ctx = a->account;
    if (l->heap == CAY_UNLIMITED) {
        return;
    }
    size_t more = l->heap > SIZE_MAX / 5 ? SIZE_MAX : (size_t)l->heap / 4 * 5;
    o->max_heap = l->heap < HEAP_LARGE / HEAP_FACTOR ? l->heap * HEAP_FACTOR
                  : more > HEAP_LARGE                ? more
                                                     : HEAP_LARGE;
    o->max_young = YOUNG_SHARE(l->heap) < YOUNG_USUAL ? YOUNG_SHARE(l->heap) : 0;
}

/* ---- counts ---- */

void cay__limit_output_dropped(cay_agent_t *a) {
    if (!atomic_exchange(&a->limiting.told_output, true)) {
        cay_event_limit_t what = {.which = CAY_LIMIT_OUTPUT,
                                  .is_over = 1,
                                  .limit = a->account->limits.output,
                                  .used = atomic_load(&a->account->tree_output)};
        tell_creator(a, &what);
    }
}

/* Those whose posts to it were refused can try again, if so. */
static void poke(cay_agent_t *a) {
    if (!cay__account_drained(a->account)) {
        return;
    }
    cay__port_poke(a->main.port);
    size_t at = 0;
    for (const cay_map_entry_t *e; (e = cay__map_next(&a->resources, &at));) {
        cay_resource_t *r = e->value;
        if (r->kind == CAY_RESOURCE_PORT) {
            cay__port_poke(r->port);
        } else if (r->kind == CAY_RESOURCE_CHILD) {
            cay__port_poke(cay_worker_port(r->child));
        }
    }
}

/* One large array of many megabytes is made without a collection before or after it: so a slice that used up its time is
 * looked at. */
void cay__limit_after_slice(cay_agent_t *a) {
    if (atomic_load(&a->limiting.turn_over)) {
        last_slice(a);
    }
    if (cay__agent_may_run(a) && cay__sched_should_yield(&a->actor)) {
        eng_check_memory(a->iso);
    }
    if (CAY_UNLIKELY(cay__account_has_refused(a->account))) {
        poke(a);
    }
}

void cay__limit_init(cay_agent_t *a) {
    a->limit_note.run = run_pending;
    a->budget.ops = &cay__limit_budget_ops;
    a->budget.account = a->account;
}
