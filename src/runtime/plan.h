/* SPDX-License-Identifier: MIT */
/* What a spawn is made of: the options checked, texts completed, permissions tied to the file system. */
#ifndef CAY_RUNTIME_PLAN_H
#define CAY_RUNTIME_PLAN_H

#include "cay/runtime.h"
#include "perm/authority.h"
#include "port/call.h"

typedef struct cay_plan {
    char *url;                      /* of the main module */
    char *root;                     /* module root, absolute; NULL = none */
    char *directory;                /* absolute */
    char *lock_file;                /* absolute; NULL = none */
    cay_permissions_t *permissions; /* own copy; taken by the authority */
    cay_functions_t *functions;
    cay_limits_t limits; /* filled in */
} cay_plan_t;

/* CAY_EINVAL names the option; CAY_ELIMIT, CAY_ENOMEM. The plan is to be cleared in any case. */
CAY_NODISCARD int cay__plan_make(const cay_worker_options_t *o, cay_plan_t *p, cay_error_t **err);
/* The authority of a worker that has its handle by now; takes the plan's permissions. */
CAY_NODISCARD int cay__plan_authority(const cay_worker_options_t *o, cay_plan_t *p,
                                      const cay_worker_t *worker, CAY_OWN cay_authority_t **out);
void cay__plan_clear(cay_plan_t *p);

#endif
