/* SPDX-License-Identifier: MIT */
/* A few threads for work that blocks: files, name resolution, digests. Jobs are embedded in what they work on; a
 * job goes straight from the submitting thread to a pool thread, and tells its end from there. */
#ifndef CAY_IO_POOL_H
#define CAY_IO_POOL_H

#include "base/list.h"

typedef struct cay_pool cay_pool_t;

typedef struct cay_job {
    cay_link_t link; /* the pool's while waiting */
    /* Pool thread. The job may be freed or submitted again inside. */
    void (*work)(struct cay_job *job);
} cay_job_t;

/* Threads start with the first job, up to `threads` (0 = 4), named `name`. CAY_ENOMEM. */
CAY_NODISCARD int cay__pool_new(const char *name, unsigned threads, CAY_OWN cay_pool_t **out);
/* Any thread. CAY_ELIMIT when no thread could be started at all: the job was not taken. */
CAY_NODISCARD int cay__pool_submit(cay_pool_t *p, cay_job_t *job);
/* Any thread. true: it was still waiting and is out; its work will not run. */
bool cay__pool_cancel(cay_pool_t *p, cay_job_t *job);
/* Finishes all jobs, then ends the threads. */
void cay__pool_free(CAY_OWN cay_pool_t *p);

#endif
