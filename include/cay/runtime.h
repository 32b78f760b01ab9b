/* SPDX-License-Identifier: MIT */
/* The runtime: where workers are spawned, counted and shut down. */
#ifndef CAY_RUNTIME_H
#define CAY_RUNTIME_H

#include "cay/host.h"
#include "cay/limits.h"
#include "cay/permissions.h"
#include "cay/source.h"
#include "cay/worker.h"

typedef struct cay_runtime cay_runtime_t;
/** Who runs the guests: cay_v8_provider() of cay/v8.h runs them in this process. */
typedef struct cay_provider cay_provider_t;

typedef struct cay_runtime_options {
    uint64_t size;                  /* sizeof this struct: CAY_RUNTIME_OPTIONS_INIT */
    const cay_provider_t *provider; /* required */
    uint64_t threads;               /* executors; 0 = one per CPU */
    uint64_t max_threads;           /* executors and threads stuck in a guest; 0 = 1,024 */
    uint64_t max_workers;           /* alive at once; 0 = what vm.max_map_count allows */
    const char *engine_flags; /* V8 flags for the whole process, first runtime only; NULL = none */
    uint64_t io_threads;      /* for files and digests; 0 = 4. Threads start when they are needed */
    const char *ca_file;      /* PEM bundle to verify TLS servers with; NULL = the system's store */
    const char *
        cache_dir; /* for code imported over http(s); made when it is needed. NULL = kept nowhere */
    /** A worker that was told to end and is still inside the engine after so many ms is given up, with its
     *  thread: its final event has CAY_REASON_LOST. 0 = 10,000; CAY_UNLIMITED = it is waited for. */
    uint64_t lost_after_ms;
    /** Once so many threads, or so many bytes of engine heaps, are lost for good, no worker is spawned any more
     *  (CAY_ELIMIT): the runtime drains, and the process should be replaced. 0 = 16; 0 = 1 GiB. */
    uint64_t max_lost_threads;
    uint64_t max_lost_memory;
} cay_runtime_options_t;
#define CAY_RUNTIME_OPTIONS_INIT                                                                   \
    { sizeof(cay_runtime_options_t), NULL, 0, 0, 0, NULL, 0, NULL, NULL, 0, 0, 0 }

/** What happens on an uncaught error or an unhandled rejection that nobody prevented. */
enum {
    CAY_UNCAUGHT_REPORT = 0,   /* CAY_EVENT_ERROR, and the worker goes on */
    CAY_UNCAUGHT_TERMINATE = 1 /* the worker ends with CAY_REASON_UNCAUGHT */
};

/** Flags of a worker. */
enum {
    /** Ends with CAY_REASON_CLOSED once nothing can happen any more in the worker and all workers below it
     *  unless the host posts: no task, timer, message or import anywhere. */
    CAY_WORKER_CLOSE_WHEN_QUIET = 1,
    /** Code over http(s): fetch anew what is in the cache; or use nothing but the cache. Not both. */
    CAY_WORKER_RELOAD = 2,
    CAY_WORKER_CACHED_ONLY = 4,
    /** Modules that lock_file does not know are added to it, in place of being refused. */
    CAY_WORKER_LOCK_WRITE = 8
};

/** What a worker started by a worker may do when `new Worker` says nothing about it. */
enum {
    CAY_CHILDREN_NONE = 0,   /* compute and talk */
    CAY_CHILDREN_INHERIT = 1 /* what its parent may */
};

/** Console output of a worker and those below it. `text` has `len` bytes of UTF-8. May be called from
 *  several threads at once for different workers; must not block for long. */
typedef void (*cay_output_cb)(const char *worker_name, bool is_error, const char *text, size_t len,
                              void *user);

/** What to spawn. Exactly one of main_file, main_url and main_source. */
typedef struct cay_worker_options {
    uint64_t size;            /* sizeof this struct: CAY_WORKER_OPTIONS_INIT */
    const char *name;         /* the guest's `name`; NULL = "" */
    const char *main_file;    /* path of the main module */
    const char *main_url;     /* its URL; beside main_source: the name and base of that text */
    const char *main_source;  /* its text, UTF-8 */
    uint64_t main_source_len; /* bytes; 0 = up to the NUL */
    uint64_t uncaught;        /* CAY_UNCAUGHT_* */
    uint64_t flags;           /* CAY_WORKER_* */
    const char *const *args;  /* cay.args, NULL-terminated; NULL = none */
    /** Directory below which this worker and those below it may import files. NULL: the main module's own
     *  directory, or none when it is not a file. Files elsewhere need the read permission. */
    const char *module_root;
    cay_source_cb on_source; /* NULL = built-in schemes only */
    void *source_user;
    cay_output_cb on_output; /* NULL = console output is dropped */
    void *output_user;
    /** NULL = cay_worker_next_event. May be called before cay_worker_spawn has returned. */
    cay_event_cb on_event;
    void *event_user;
    /** Once, after the last callback; never when the spawn fails. */
    void (*event_user_free)(void *user);
    const cay_permissions_t *permissions; /* copied; NULL = nothing is granted */
    uint64_t child_permissions;           /* CAY_CHILDREN_* */
    const char
        *directory; /* relative paths of the guest start here; NULL = the working directory */
    const char *import_map;     /* JSON text of an import map (HTML standard); NULL = none */
    const char *import_map_url; /* its base; NULL = the main module's URL */
    const char *
        lock_file; /* path of a lock file: code over http(s) must have the digest it tells. NULL = none */
    cay_audit_cb on_audit; /* each permission decision, NULL = not told */
    void *audit_user;
    const cay_function_t *functions; /* `function_count` of them, for cay.host */
    uint64_t function_count;
    const cay_limits_t *limits; /* copied; NULL = the defaults */
} cay_worker_options_t;
#define CAY_WORKER_OPTIONS_INIT                                                                    \
    {                                                                                              \
        sizeof(cay_worker_options_t), NULL, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, NULL, NULL,     \
            NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0,    \
            NULL                                                                                   \
    }

typedef struct cay_runtime_stats {
    uint64_t size;        /* set to sizeof this struct before the call */
    uint64_t workers;     /* alive */
    uint64_t spawned;     /* ever */
    uint64_t threads;     /* executors and threads stuck in a guest */
    uint64_t hogs;        /* of these, stuck */
    uint64_t lost;        /* threads given up because the engine cannot go on with their isolate */
    uint64_t handoffs;    /* times a stuck thread's place was given to another */
    uint64_t slices;      /* times a worker was run */
    uint64_t lost_memory; /* bytes of the heaps that went with the lost threads */
    uint64_t draining;    /* 1: too much was lost, no worker is spawned any more */
    uint64_t ended_by_limit; /* workers that a limit ended */
    uint64_t overdue;        /* workers that were told to end and did not in time */
    uint64_t memory;         /* bytes that the live workers use, as cay_usage_t.memory */
    uint64_t cpu_ns;         /* of all workers, alive and gone */
    uint64_t queued;         /* messages that wait for workers */
    uint64_t ops;            /* operations in flight */
} cay_runtime_stats_t;

CAY_BEGIN_DECLS

/** Starts a runtime. *out on success only. CAY_EINVAL, CAY_E2BIG (options), CAY_ENOMEM, CAY_ELIMIT (no
 *  threads to be had), CAY_EENGINE. *Thread*: any. */
CAY_NODISCARD int cay_runtime_new(const cay_runtime_options_t *options, CAY_OWN cay_runtime_t **out,
                                  CAY_OWN cay_error_t **err);

/** Spawns a worker; all options are copied. What goes wrong later (file missing, syntax error) is told by
 *  the final event. *out on success only. CAY_EINVAL names the option; CAY_E2BIG; CAY_ELIMIT (max_workers);
 *  CAY_ECLOSED (shutting down); CAY_ENOMEM. *Thread*: any. */
CAY_NODISCARD int cay_worker_spawn(cay_runtime_t *rt, const cay_worker_options_t *options,
                                   CAY_OWN cay_worker_t **out, CAY_OWN cay_error_t **err);

/** Takes a permission away from a worker and all below it, for good: `value` as in cay_permissions_deny, NULL =
 *  all of the kind. Operations under way that need it end with an error. Of the switches, shared-memory governs
 *  workers started from now on; the others hold at once, for what is made from then on. CAY_EINVAL names the value;
 *  CAY_ENOMEM; CAY_ENOTSUP for a handle that no runtime made. *Thread*: any. */
CAY_NODISCARD int cay_worker_revoke(cay_worker_t *worker, cay_kind_t kind, const char *value,
                                    CAY_OWN cay_error_t **err);

/** Figures of now. CAY_EINVAL when stats->size is not set. *Thread*: any. */
CAY_NODISCARD int cay_runtime_stats(cay_runtime_t *rt, cay_runtime_stats_t *stats);

/** Terminates all workers and waits until they are gone, at most deadline_ms. 0 when nothing is left;
 *  CAY_ETIMEDOUT with *left (may be NULL) the workers still inside the engine; call again to wait on.
 *  No worker can be spawned from the first call on. *Thread*: any but a callback's. */
CAY_NODISCARD int cay_runtime_shutdown(cay_runtime_t *rt, int64_t deadline_ms, uint64_t *left);

/** Frees a runtime that cay_runtime_shutdown brought to nothing; CAY_EBUSY otherwise, and it stays.
 *  Handles of its workers stay valid. NULL is fine. *Thread*: any but a callback's. */
CAY_NODISCARD int cay_runtime_free(CAY_OWN cay_runtime_t *rt);

CAY_END_DECLS

#endif
