/* SPDX-License-Identifier: MIT */
/* What runs guests for a runtime. The runtime checks options and makes handles; a provider gives them a
 * body, in this process or in another. Everything it is told is plain data or a host callback. */
#ifndef CAY_RUNTIME_PROVIDER_H
#define CAY_RUNTIME_PROVIDER_H

#include "cay/handles.h"
#include "cay/runtime.h"

typedef struct cay_spawn {
    const char *url;    /* of the main module, absolute */
    const char *source; /* its text; NULL = load the URL */
    size_t source_len;
    const cay_worker_options_t
        *options;                    /* module_root, directory, lock_file are absolute or NULL */
    struct cay_authority *authority; /* what it may do; the provider takes references */
    struct cay_functions *functions; /* what the host bound */
    struct cay_account *account;     /* what it uses, with its limits */
} cay_spawn_t;

struct cay_provider {
    const char *name;
    /* Starts; *self is passed to all others. */
    int (*start)(const cay_runtime_options_t *o, void **self, cay_error_t **err);
    /* Consumes `inside` on success only. Any thread. */
    int (*spawn)(void *self, const cay_spawn_t *spawn, CAY_OWN cay_inside_t *inside,
                 cay_error_t **err);
    void (*stats)(void *self, cay_runtime_stats_t *out);
    /* Ends all workers and refuses new ones; any number of times. Any thread. */
    void (*close)(void *self);
    /* Waits until the monotonic deadline for the last to be gone; how many are left. */
    uint64_t (*wait)(void *self, uint64_t deadline);
    /* After close and a wait that gave 0. */
    void (*free)(void *self);
};

#endif
