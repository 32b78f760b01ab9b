/* SPDX-License-Identifier: MIT */
/* One lock, one queue, one condition. A thread that finds the queue empty waits; a submission
 * wakes one, or starts one while there are fewer than allowed and more jobs wait than threads
 * are idle. */
#include "io/pool.h"

#include "base/mem.h"
#include "cay/error.h"
#include "os/thread.h"

enum { DEFAULT_THREADS = 4, MAX_THREADS = 256, STACK_BYTES = 512 * 1024 };

struct cay_pool {
    cay_mutex_t lock;
    cay_cond_t wake;
    cay_link_t queue; /* lock */
    size_t queued;    /* lock */
    unsigned
        idle; /* lock: threads inside the wait, also those that were woken and did not run yet */
    unsigned started;       /* lock */
    bool ending;            /* lock */
    unsigned max;           /* fixed */
    char name[16];          /* fixed */
    cay_thread_t threads[]; /* [0, started): lock; [max] */
};

static cay_job_t *next_locked(cay_pool_t *p) CAY_REQUIRES(p->lock) {
    while (cay__list_empty(&p->queue)) {
        if (p->ending) {
            return NULL;
        }
        p->idle++;
        cay__cond_wait(&p->wake, &p->lock);
        p->idle--;
    }
    p->queued--;
    return CAY_CONTAINER(cay__list_shift(&p->queue), cay_job_t, link);
}

static void thread_run(void *arg) {
    cay_pool_t *p = arg;
    cay__mutex_lock(&p->lock);
    for (cay_job_t *job; (job = next_locked(p));) {
        cay__mutex_unlock(&p->lock);
        job->work(job); /* may free it */
        cay__mutex_lock(&p->lock);
    }
    cay__mutex_unlock(&p->lock);
}

int cay__pool_new(const char *name, unsigned threads, cay_pool_t **out) {
    unsigned max = threads == 0 ? DEFAULT_THREADS : threads > MAX_THREADS ? MAX_THREADS : threads;
    cay_pool_t *p = cay__calloc(1, sizeof *p + max * sizeof p->threads[0]);
    if (!p) {
        return CAY_ENOMEM;
    }
    cay__mutex_init(&p->lock);
    cay__cond_init(&p->wake);
    cay__list_init(&p->queue);
    p->max = max;
    for (size_t i = 0; i + 1 < sizeof p->name && name[i]; i++) {
        p->name[i] = name[i];
    }
    *out = p;
    return 0;
}

/* Under the lock, so that a job never waits for a thread whose start then fails. It happens
 * `max` times. */
static void start_locked(cay_pool_t *p) CAY_REQUIRES(p->lock) {
    if (cay__thread_start(&p->threads[p->started], p->name, STACK_BYTES, thread_run, p) == 0) {
        p->started++;
    }
}

int cay__pool_submit(cay_pool_t *p, cay_job_t *job) {
    int rc = 0;
    cay__mutex_lock(&p->lock);
    if (p->queued >= p->idle && p->started < p->max) {
        start_locked(p);
    }
    if (p->started == 0) {
        rc = CAY_ELIMIT;
    } else {
        cay__list_push(&p->queue, &job->link);
        p->queued++;
        if (p->idle > 0) {
            cay__cond_signal(&p->wake);
        }
    }
    cay__mutex_unlock(&p->lock);
    return rc;
}

bool cay__pool_cancel(cay_pool_t *p, cay_job_t *job) {
    cay__mutex_lock(&p->lock);
    /* A zeroed link was never submitted; one that points at itself was taken. */
    bool waiting = job->link.next && !cay__list_empty(&job->link);
    if (waiting) {
        cay__list_remove(&job->link);
        p->queued--;
    }
    cay__mutex_unlock(&p->lock);
    return waiting;
}

void cay__pool_free(cay_pool_t *p) {
    if (!p) {
        return;
    }
    cay__mutex_lock(&p->lock);
    p->ending = true;
    cay__cond_broadcast(&p->wake);
    /* A last job may submit others, and so start a thread: `started` is read anew for each. */
    for (unsigned i = 0; i < p->started; i++) {
        cay_thread_t thread = p->threads[i];
        cay__mutex_unlock(&p->lock);
        cay__thread_join(&thread);
        cay__mutex_lock(&p->lock);
    }
    cay__mutex_unlock(&p->lock);
    cay__cond_destroy(&p->wake);
    cay__mutex_destroy(&p->lock);
    cay__free(p);
}
