/* SPDX-License-Identifier: MIT */
#include "stop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

/* How long a worker may take to end before the process goes without it. */
#define GRACE_S 2

/* Carries cay__cli_stop_request into the thread. */
#define SIGNAL_REQUEST SIGRTMIN

static sigset_t signals;
static pthread_t thread;
static _Atomic int code = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static cay_worker_t *target; /* under lock */

static void terminate_target(void) {
    pthread_mutex_lock(&lock);
    if (target) {
        cay_worker_terminate(target);
    }
    pthread_mutex_unlock(&lock);
}

static void ask(int exit_code) {
    int none = -1;
    (void)atomic_compare_exchange_strong(&code, &none, exit_code);
}

/* The grace period, which ends early with a second signal. */
static void wait_grace(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    for (time_t until = now.tv_sec + GRACE_S; now.tv_sec < until;) {
        struct timespec left = {.tv_sec = until - now.tv_sec};
        int sig = sigtimedwait(&signals, NULL, &left);
        if (sig > 0 && sig != SIGNAL_REQUEST) {
            return;
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
    }
}

static void *wait_for_signals(void *unused) {
    (void)unused;
    int sig;
    while (sigwait(&signals, &sig)) {}
    if (sig != SIGNAL_REQUEST) {
        ask(128 + sig);
    }
    terminate_target();
    wait_grace();
    _exit(atomic_load(&code));
}

/* A signal that whoever started us ignores (nohup, a job in the background) stays ignored. */
static void add_signal(int sig) {
    struct sigaction old;
    if (sigaction(sig, NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
        sigaddset(&signals, sig);
    }
}

int cay__cli_stop_start(void) {
    sigemptyset(&signals);
    add_signal(SIGINT);
    add_signal(SIGTERM);
    add_signal(SIGHUP);
    sigaddset(&signals, SIGNAL_REQUEST);
    int rc = pthread_sigmask(SIG_BLOCK, &signals, NULL);
    return rc ? rc : pthread_create(&thread, NULL, wait_for_signals, NULL);
}

void cay__cli_stop_request(int exit_code) {
    ask(exit_code);
    /* The thread never ends, so the id is good; and it does the terminating, for whoever asks may be
     * inside a call of the worker itself. */
    pthread_kill(thread, SIGNAL_REQUEST);
}

int cay__cli_stop_code(void) {
    return atomic_load(&code);
}

void cay__cli_stop_worker(cay_worker_t *worker) {
    pthread_mutex_lock(&lock);
    target = worker;
    pthread_mutex_unlock(&lock);
    if (worker && cay__cli_stop_code() >= 0) {
        cay_worker_terminate(worker);
    }
}
