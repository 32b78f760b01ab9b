/* SPDX-License-Identifier: MIT */
#include "neighbour.h"

#include <time.h>

#include "../e2e/host.h"

#define PAUSE_NS                                                                                   \
    2000000 /* between an answer and the next question, so that the asking costs little */

static uint64_t now_us(void) {
    return (uint64_t)(host_ms() * 1e3);
}

static bool ask(neighbour_t *n) {
    cay_error_t *err = NULL;
    int rc = cay_port_post_json(cay_worker_port(n->worker), "1", 1, &err);
    if (rc) {
        fprintf(stderr, "the neighbour cannot be asked: %s\n", cay_error_message(err));
    }
    cay_error_free(err);
    return rc == 0;
}

static bool await_answer(neighbour_t *n) {
    for (;;) {
        cay_event_t *ev;
        int rc = cay_worker_next_event(n->worker, WAIT_MS, &ev);
        if (rc) {
            fprintf(stderr, "the neighbour does not answer: %s\n", cay_error_name(rc));
            return false;
        }
        bool answered = ev->type == CAY_EVENT_MESSAGE;
        bool final = cay_event_is_final(ev);
        if (final) {
            fprintf(stderr, "the neighbour ended: %s\n", cay_reason_name(ev->u.end.reason));
        }
        cay_event_free(ev);
        if (answered || final) {
            return answered;
        }
    }
}

static void note(neighbour_t *n, uint64_t took) {
    uint64_t worst = atomic_load(&n->worst);
    while (took > worst && !atomic_compare_exchange_weak(&n->worst, &worst, took)) {
        ;
    }
}

static void *converse(void *user) {
    neighbour_t *n = user;
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    while (!atomic_load(&n->stop)) {
        uint64_t sent = now_us();
        atomic_store(&n->sent, sent);
        if (!ask(n) || !await_answer(n)) {
            atomic_store(&n->gone, true);
            return NULL;
        }
        atomic_store(&n->sent, 0);
        note(n, now_us() - sent);
        atomic_fetch_add(&n->answers, 1);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

bool neighbour_start(neighbour_t *n, cay_runtime_t *rt) {
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = host_echo_source;
    o.name = "neighbour";
    cay_error_t *err = NULL;
    *n = (neighbour_t){.answers = atomic_load(&n->answers)};
    if (cay_worker_spawn(rt, &o, &n->worker, &err)) {
        fprintf(stderr, "the neighbour: %s\n", cay_error_message(err));
        cay_error_free(err);
        return false;
    }
    return pthread_create(&n->thread, NULL, converse, n) == 0;
}

double neighbour_worst(neighbour_t *n) {
    uint64_t sent = atomic_load(&n->sent);
    uint64_t worst = atomic_exchange(&n->worst, 0);
    uint64_t waiting = sent ? now_us() - sent : 0;
    return (double)(waiting > worst ? waiting : worst) / 1e3;
}

void neighbour_stop(neighbour_t *n) {
    atomic_store(&n->stop, true);
    pthread_join(n->thread, NULL);
    cay_worker_free(n->worker);
}
