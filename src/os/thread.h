/* SPDX-License-Identifier: MIT */
/* Threads, mutexes and condition variables over pthreads, with clang's thread-safety marks.
 * Conditions wait on CLOCK_MONOTONIC. */
#ifndef CAY_OS_THREAD_H
#define CAY_OS_THREAD_H

#include <pthread.h>

#include "base/attrs.h"

typedef struct CAY_CAPABILITY("mutex") cay_mutex {
    pthread_mutex_t m;
} cay_mutex_t;

typedef struct cay_cond {
    pthread_cond_t c;
} cay_cond_t;

void cay__mutex_init(cay_mutex_t *m);
void cay__mutex_init_recursive(cay_mutex_t *m);
void cay__mutex_destroy(cay_mutex_t *m);
void cay__mutex_lock(cay_mutex_t *m) CAY_ACQUIRE(*m);
void cay__mutex_unlock(cay_mutex_t *m) CAY_RELEASE(*m);

void cay__cond_init(cay_cond_t *c);
void cay__cond_destroy(cay_cond_t *c);
void cay__cond_signal(cay_cond_t *c);
void cay__cond_broadcast(cay_cond_t *c);
void cay__cond_wait(cay_cond_t *c, cay_mutex_t *m) CAY_REQUIRES(*m);
/* Until the monotonic time `deadline` (ns, UINT64_MAX = for ever). false when that time came. */
bool cay__cond_wait_until(cay_cond_t *c, cay_mutex_t *m, uint64_t deadline) CAY_REQUIRES(*m);

typedef struct cay_thread {
    pthread_t id;
} cay_thread_t;

/* Starts a thread with all signals blocked (signals belong to the host's threads), a stack of `stack`
 * bytes (0 = the system's default) and a name of at most 15 bytes. 0 or CAY_ENOMEM / CAY_ELIMIT. */
CAY_NODISCARD int cay__thread_start(cay_thread_t *t, const char *name, size_t stack,
                                    void (*run)(void *), void *arg);
void cay__thread_join(cay_thread_t *t);
void cay__thread_detach(cay_thread_t *t);
/* Lowest address of the calling thread's stack, for the engine's stack limit. */
uintptr_t cay__thread_stack_low(void);
/* Kernel id of the calling thread. */
int cay__thread_id(void);
/* Makes a thread of this process less important by `steps` of nice(2). There is no way back without
 * privileges. Without effect where the kernel refuses. */
void cay__thread_nice(int id, int steps);
/* CPUs the process may run on, at least 1. */
unsigned cay__cpu_count(void);
/* Threads of this process, from /proc/self/status; 0 when that cannot be read. */
unsigned cay__thread_count(void);

#endif
