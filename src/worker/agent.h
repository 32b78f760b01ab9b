/* SPDX-License-Identifier: MIT */
/* An agent: the running body of a worker (the ECMAScript term: one isolate, one realm, one thread of
 * execution at a time). The handles of src/port are how others see it; this is what the scheduler runs.
 *
 *     NEW ──► STARTING ──► RUNNING ──► ENDING ──► DEAD
 *      └──────────┴───────────────────────┘
 *
 * Actors and threads. `condemn` and note_push may come from any thread. All else happens on the thread
 * that runs the agent's slice, one at a time; "entered" functions need the isolate entered.
 *
 * Ownership. The agent owns its isolate, its internal handle, its resources (ports, children) and its
 * loader state. It is owned by the scheduler between cay__agent_start and its last slice, which posts the
 * final event and frees it. Children are held by their external handles and end before it does.
 *
 * Teardown order: children and operations in flight, loads, timers, ports, isolate, memory, final event. */
#ifndef CAY_WORKER_AGENT_H
#define CAY_WORKER_AGENT_H

#include <stdatomic.h>

#include "base/heap.h"
#include "base/list.h"
#include "base/map.h"
#include "engine/engine.h"
#include "limits/budget.h"
#include "port/port.h"
#include "sched/sched.h"
#include "worker/group.h"

typedef struct eng_host cay_agent_t; /* the engine's opaque driver is us */

/* ---- notes: what wakes an agent ---- */

typedef struct cay_note cay_note_t;
/* Embedded in whatever can become ready. A note is in the inbox at most once; `run` is called entered. */
struct cay_note {
    cay_note_t *next;
    atomic_bool queued;
    void (*run)(cay_agent_t *a, cay_note_t *n);
};
/* Any thread. One exchange and, for the first into an empty inbox, one wake. */
void cay__note_push(cay_agent_t *a, cay_note_t *n);

/* ---- what the layers above give ---- */

typedef struct cay_agent_hooks {
    eng_host_ops_t engine;             /* resolve, import_dynamic, meta_resolve; the rest is ours */
    void (*load_main)(cay_agent_t *a); /* entered: starts to load the main module */
    bool (*after_task)(cay_agent_t *a); /* entered: moves loads on; true when guest code ran */
    void (*quiet)(cay_agent_t *a);      /* entered: the tree of this root has nothing left to do */
    void (*end_loads)(cay_agent_t *a);  /* not entered: drops all loads and loader state */
} cay_agent_hooks_t;

typedef struct cay_env_options {
    uint64_t max_workers;
    /* told to end, and inside the engine for so long: given up; UINT64_MAX = never */
    uint64_t lost_after_ns;
    uint64_t max_lost_threads;
    uint64_t max_lost_memory;
} cay_env_options_t;

/* What all agents of one provider share. */
typedef struct cay_env {
    cay_sched_t *sched;
    const cay_agent_hooks_t *hooks;
    eng_host_ops_t engine_ops;           /* hooks->engine completed */
    const struct cay_services *services; /* threads for input and output; see net.h */
    cay_watchdog_t *watchdog;
    cay_env_options_t o;
    cay_mutex_t lock;
    cay_cond_t changed;
    cay_link_t agents;  /* under lock, as all below: all alive */
    cay_link_t leaving; /* out of reach, with memory that their accounts still count */
    uint64_t alive;
    uint64_t spawned;
    uint64_t lost; /* threads */
    uint64_t lost_memory;
    uint64_t ended_by_limit;
    uint64_t overdue;
    uint64_t past_cpu; /* ns, of workers that are gone */
    bool closing;
} cay_env_t;

/* `watchdog` is taken over. */
void cay__env_init(cay_env_t *env, cay_sched_t *sched, const cay_agent_hooks_t *hooks,
                   const struct cay_services *services, CAY_OWN cay_watchdog_t *watchdog,
                   const cay_env_options_t *o);
/* Whether too much was lost for another worker. */
bool cay__env_draining(const cay_env_t *env) CAY_REQUIRES(env->lock);
/* A thread is lost, with so much memory. */
void cay__env_count_loss(cay_env_t *env, uint64_t memory);
void cay__env_stats(cay_env_t *env, cay_runtime_stats_t *out);
/* Condemns all agents and refuses new ones. Any thread. */
void cay__env_close(cay_env_t *env);
/* Waits until no agent is alive; the number left at the deadline (monotonic ns). */
uint64_t cay__env_wait(cay_env_t *env, uint64_t deadline);
void cay__env_destroy(cay_env_t *env);

/* ---- resources ---- */

typedef enum cay_resource_kind {
    CAY_RESOURCE_MAIN = 0, /* the worker's own main port; rid 0 */
    CAY_RESOURCE_PORT = 1,
    CAY_RESOURCE_CHILD = 2,
    CAY_RESOURCE_OBJECT = 3 /* of an op: an open file, a transfer */
} cay_resource_kind_t;

/* What an object of an op is, by address; `close` runs on the agent's thread, when the guest closes it or the
 * agent ends. */
typedef struct cay_object_ops {
    const char *name;
    void (*close)(void *object);
} cay_object_ops_t;

typedef struct cay_resource {
    cay_note_t note; /* first: the note is the resource */
    uint32_t rid;
    cay_resource_kind_t kind;
    cay_agent_t *agent;
    cay_port_t *port;    /* PORT: owned; MAIN: borrowed from the internal handle */
    cay_worker_t *child; /* CHILD: owned */
    void *object;        /* OBJECT: owned */
    const cay_object_ops_t *object_ops;
    bool started;
    bool dead;           /* out of the table; freed when its note is out of the inbox */
    atomic_bool drained; /* a post through it was refused, and there is room again */
} cay_resource_t;

/* ---- the agent ---- */

/* After this long inside the engine a condemned agent is told to be overdue: some built-ins of V8 look at no
 * termination (a default sort of millions of numbers runs for seconds). */
#define CAY_OVERDUE_NS (250ull * 1000 * 1000)
/* One that was not inside the engine when it should have been given up is looked at again after this. */
#define CAY_LOSE_AGAIN_NS (20ull * 1000 * 1000)
/* Open objects of one worker. */
#define CAY_MAX_OBJECTS 1024u

typedef enum cay_phase {
    CAY_PHASE_NEW = 0,
    CAY_PHASE_STARTING = 1, /* the isolate is there, the main module loads or evaluates */
    CAY_PHASE_RUNNING = 2,  /* its evaluation has settled */
    CAY_PHASE_ENDING = 3,   /* no guest code any more; waits for its children */
    CAY_PHASE_DEAD = 4
} cay_phase_t;
const char *cay__phase_name(cay_phase_t p);

typedef struct cay_agent_spec {
    const char *url;    /* of the main module, absolute */
    const char *source; /* its text, or NULL */
    size_t source_len;
    const char *const *args; /* NULL-terminated, or NULL */
    uint64_t uncaught;
    cay_group_t *group; /* a reference is taken */
    bool is_root;
    cay_account_t *account;          /* what it uses, with its limits. A reference is taken */
    uint32_t depth;                  /* of nesting; 0 for a root */
    struct cay_authority *authority; /* references are taken of both */
    struct cay_authority *creator;   /* NULL for a root */
    struct cay_functions *functions; /* what the host bound; NULL = none. A reference is taken */
    bool of_remote; /* its parent runs code from http(s): a data: URL may be that code's */
} cay_agent_spec_t;

/* How limits stand. See limit.h. */
typedef struct cay_limiting {
    _Atomic uint32_t pending; /* bits of CAY_LIMIT_*: the guest is to be told */
    _Atomic uint32_t handled; /* bits: it has been, and its handlers have run */
    atomic_bool turn_over;    /* the turn was cut short: the last slice comes, then the end */
    atomic_bool wanted;       /* the guest listens for `limit` */
    bool grace_given;         /* under life */
    bool is_recorded;         /* under life: `over` holds what ended it */
    cay_event_limit_t over;
    _Atomic uint64_t used[CAY_LIMIT_COUNT]; /* when the pending bit was set */
    atomic_bool told_output;                /* that output is being dropped */
} cay_limiting_t;

struct eng_host {
    cay_actor_t actor;
    cay_env_t *env;
    cay_group_t *group;
    cay_link_t env_link;
    cay_inside_t *inside;
    char *url;
    char *source;
    size_t source_len;
    char **args;
    uint64_t uncaught;
    uint32_t depth;
    bool is_root;

    cay_phase_t phase;
    atomic_bool condemned; /* no guest code from here on */
    _Atomic uint32_t reason;
    bool closing; /* close() was called: the current task is the last */
    int32_t exit_code;
    eng_fault_t fault; /* goes with the reason */
    cay_account_t *account;
    cay_budget_t budget;
    cay_limiting_t limiting;

    cay_mutex_t life;   /* orders condemn, pause and abort against the isolate's birth and end */
    eng_isolate_t *iso; /* written under life */
    bool entered;

    _Atomic(cay_note_t *) inbox; /* pushed by anyone, newest first */
    cay_note_t *todo;            /* taken from the inbox, oldest first; the slice's own */
    cay_note_t **todo_end;
    uint32_t tokens; /* activity tokens of the group that the batches in todo hold */
    cay_note_t start_note;
    cay_note_t condemn_note;
    cay_note_t quiet_note;
    cay_note_t engine_note;
    cay_note_t timer_note;
    cay_note_t load_note; /* the loader's: answers of the host wait */
    cay_note_t limit_note;

    cay_map_t resources; /* rid -> cay_resource_t */
    uint32_t last_rid;
    size_t children;
    cay_resource_t main;

    cay_heap_t timers; /* of cay_guest_timer_t */
    cay_map_t timer_ids;
    cay_timer_t clock;         /* fires for the earliest */
    cay_timer_t overdue_clock; /* from condemned on: is it still inside the engine? */
    atomic_bool told_overdue;  /* the clock writes */
    uint64_t past_cpu;         /* of its CPU, in the environment's already */
    cay_timer_t engine_clock;
    _Atomic uint64_t engine_due; /* what engine_clock is set for */
    bool timers_counted;         /* the timers hold an activity token */

    void *loader;
    bool of_remote;   /* as in the spec */
    bool runs_remote; /* code from http(s) has been loaded here */

    struct cay_authority *authority; /* what it may do now */
    bool fine_clock;               /* granted when its isolate was made, as the engine's switches */
    struct cay_authority *creator; /* whose right it is to load the main module; NULL for a root */
    struct cay_functions *functions; /* NULL = none */
    struct cay_mailbox *mailbox;     /* of operations in flight; see request.h */
    struct cay_request *settling;    /* out of the mailbox, and not freed yet */
    cay_note_t mail_note;
    struct cay_http_client *http; /* made when it is first needed */
    size_t objects;
};

/* Makes an agent; consumes `inside` on success only. CAY_ENOMEM; CAY_ELIMIT (max_workers), CAY_ECLOSED. */
CAY_NODISCARD int cay__agent_new(cay_env_t *env, const cay_agent_spec_t *spec,
                                 CAY_OWN cay_inside_t *inside, CAY_OWN cay_agent_t **out,
                                 cay_error_t **err);
/* Hands it to the scheduler. */
void cay__agent_start(CAY_OWN cay_agent_t *a);

/* Any thread: ends the agent for `reason` (the first one stays), whatever it is doing. */
void cay__agent_condemn(cay_agent_t *a, cay_reason_t reason);
/* Any thread: the reason of its end, whenever that comes. The first one stays; true when this one is it. */
bool cay__agent_set_reason(cay_agent_t *a, cay_reason_t reason);
/* Its own thread: as condemn, with the error that goes with it (moved out of *fault). */
void cay__agent_fail(cay_agent_t *a, cay_reason_t reason, eng_fault_t *fault);
/* Its own thread: close(), or at once with `hard` (the guest's stack is unwound). */
void cay__agent_close(cay_agent_t *a, int32_t code, bool hard);
/* Whether guest code may still run: it was neither condemned, nor is it closing, nor was its turn cut short. */
bool cay__agent_may_run(const cay_agent_t *a);
/* Condemned or closing. */
bool cay__agent_is_over(const cay_agent_t *a);
/* Its own thread: the error that goes with the reason, when none is set yet. */
void cay__agent_set_message(cay_agent_t *a, CAY_OWN char *message);
/* Entered: the main module has settled; messages flow without a handler from now on. */
void cay__agent_settled(cay_agent_t *a);

/* The engine's calls; see eng_host_ops_t. */
void cay__agent_engine_task(eng_host_t *a, uint64_t delay_ns);
bool cay__agent_may_generate(eng_host_t *a, bool wasm);

/* ---- tasks (entered) ---- */

/* Every piece of guest work is one task: between the two a handle scope is open, and the end runs
 * microtasks, rejections and the loader's look at the main module. */
void cay__task_begin(cay_agent_t *a);
void cay__task_end(cay_agent_t *a);
/* Calls the glue inside a task. An exception that escapes the glue is reported. 0 or the outcome. */
int cay__task_call(cay_agent_t *a, int which, const eng_val_t *argv, int argc, eng_val_t *out);

/* ---- errors (entered) ---- */

/* An uncaught exception: the guest's own handlers first, then the creator. */
void cay__agent_report(cay_agent_t *a, eng_val_t exception, bool in_promise);
/* As above, of an error that is only text by now (a child's). Moves out of *fault. */
void cay__agent_report_fault(cay_agent_t *a, eng_fault_t *fault);
/* Entered: whether the switch (CAY_KIND_*) is granted now. */
bool cay__agent_has(cay_agent_t *a, uint32_t kind);
/* The object that the glue takes for an error. */
eng_val_t cay__agent_error_object(cay_agent_t *a, const cay_error_info_t *e);

/* ---- resources (on its thread) ---- */

cay_resource_t *cay__resource_get(cay_agent_t *a, uint32_t rid);
/* Adds a port (owned on success only): the resource, NULL when out of memory. */
cay_resource_t *cay__resource_add_port(cay_agent_t *a, CAY_OWN cay_port_t *port);
cay_resource_t *cay__resource_add_child(cay_agent_t *a, CAY_OWN cay_worker_t *child);
/* Owned on success only. CAY_MAX_OBJECTS at a time: NULL past that, too. */
cay_resource_t *cay__resource_add_object(cay_agent_t *a, const cay_object_ops_t *ops,
                                         CAY_OWN void *object);
/* NULL when the number is not that of an open object of this kind. */
void *cay__resource_object(cay_agent_t *a, uint32_t rid, const cay_object_ops_t *ops);
/* The worker's main port is told of room from now on; its messages wait until it is started. */
void cay__resource_bind_main(cay_agent_t *a);
void cay__resource_start(cay_resource_t *r); /* messages flow from now on */
/* Takes the port out (to post it): the resource is gone. */
CAY_OWN cay_port_t *cay__resource_take_port(cay_resource_t *r);
void cay__resource_close(cay_resource_t *r);
void cay__resources_free(cay_agent_t *a);
void cay__resources_close_objects(cay_agent_t *a);
/* Terminates all children; their ends are awaited by the slice. */
void cay__resources_end_children(cay_agent_t *a);

/* ---- timers (on its thread) ---- */

/* Sets a timer of the guest; delay in ms. CAY_ENOMEM; CAY_ELIMIT past 10,000. */
CAY_NODISCARD int cay__guest_timer_set(cay_agent_t *a, uint32_t id, double delay, bool repeat);
void cay__guest_timer_clear(cay_agent_t *a, uint32_t id);
void cay__guest_timers_init(cay_agent_t *a);
void cay__guest_timers_free(cay_agent_t *a);

#endif
