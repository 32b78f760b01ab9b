/* SPDX-License-Identifier: MIT */
#include "os/thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "cay/error.h"
#include "os/clock.h"

void cay__mutex_init(cay_mutex_t *m) {
    pthread_mutex_init(&m->m, NULL); /* cannot fail for a plain mutex on Linux */
}

void cay__mutex_init_recursive(cay_mutex_t *m) {
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&m->m, &attr);
    pthread_mutexattr_destroy(&attr);
}

void cay__mutex_destroy(cay_mutex_t *m) {
    pthread_mutex_destroy(&m->m);
}

void cay__mutex_lock(cay_mutex_t *m) CAY_NO_THREAD_CHECK {
    pthread_mutex_lock(&m->m);
}

void cay__mutex_unlock(cay_mutex_t *m) CAY_NO_THREAD_CHECK {
    pthread_mutex_unlock(&m->m);
}

void cay__cond_init(cay_cond_t *c) {
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&c->c, &attr);
    pthread_condattr_destroy(&attr);
}

void cay__cond_destroy(cay_cond_t *c) {
    pthread_cond_destroy(&c->c);
}

void cay__cond_signal(cay_cond_t *c) {
    pthread_cond_signal(&c->c);
}

void cay__cond_broadcast(cay_cond_t *c) {
    pthread_cond_broadcast(&c->c);
}

void cay__cond_wait(cay_cond_t *c, cay_mutex_t *m) {
    pthread_cond_wait(&c->c, &m->m);
}

bool cay__cond_wait_until(cay_cond_t *c, cay_mutex_t *m, uint64_t deadline) {
    if (deadline == UINT64_MAX) {
        pthread_cond_wait(&c->c, &m->m);
        return true;
    }
    struct timespec ts = {(time_t)(deadline / CAY_NS_PER_S), (long)(deadline % CAY_NS_PER_S)};
    return pthread_cond_timedwait(&c->c, &m->m, &ts) != ETIMEDOUT;
}

typedef struct start {
    void (*run)(void *);
    void *arg;
    char name[16];
} start_t;

static void *thread_main(void *arg) {
    start_t s = *(start_t *)arg;
    cay__free(arg);
    pthread_setname_np(pthread_self(), s.name);
    s.run(s.arg);
    return NULL;
}

int cay__thread_start(cay_thread_t *t, const char *name, size_t stack, void (*run)(void *),
                      void *arg) {
    start_t *s = CAY_NEW(start_t);
    if (!s) {
        return CAY_ENOMEM;
    }
    s->run = run;
    s->arg = arg;
    snprintf(s->name, sizeof s->name, "%s", name);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    if (stack) {
        pthread_attr_setstacksize(&attr, stack);
    }
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* the new thread inherits the mask */
    int rc = pthread_create(&t->id, &attr, thread_main, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    if (rc) {
        cay__free(s);
        return rc == EAGAIN ? CAY_ELIMIT : CAY_ENOMEM;
    }
    return 0;
}

void cay__thread_join(cay_thread_t *t) {
    pthread_join(t->id, NULL);
}

void cay__thread_detach(cay_thread_t *t) {
    pthread_detach(t->id);
}

uintptr_t cay__thread_stack_low(void) {
    static _Thread_local uintptr_t known; /* asking takes microseconds and allocates */
    if (known) {
        return known;
    }
    pthread_attr_t attr;
    void *low = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
        pthread_attr_getstack(&attr, &low, &size);
        pthread_attr_destroy(&attr);
    }
    known = (uintptr_t)low;
    return known;
}

int cay__thread_id(void) {
    return (int)syscall(SYS_gettid);
}

void cay__thread_nice(int id, int steps) {
    errno = 0;
    int now = getpriority(PRIO_PROCESS, (id_t)id); /* on Linux the value is one of the thread */
    if (errno == 0) {
        (void)setpriority(PRIO_PROCESS, (id_t)id, now + steps > 19 ? 19 : now + steps);
    }
}

unsigned cay__cpu_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) {
        return (unsigned)CPU_COUNT(&set);
    }
    return 1;
}

unsigned cay__thread_count(void) {
    unsigned n = 0;
    FILE *f = fopen("/proc/self/status", "re");
    if (f) {
        char line[256];
        while (fgets(line, sizeof line, f)) {
            if (sscanf(line, "Threads: %u", &n) == 1) {
                break;
            }
        }
        fclose(f);
    }
    return n;
}
