/* SPDX-License-Identifier: MIT */
/* What a switch between actors costs: ping-pong on one executor (a wake and a slice each), the same with
 * idle executors beside it, and the wake of an idle executor from a thread outside.
 *
 * Prints one line of JSON for each: median, lowest and highest of REPEATS runs, in ns. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "os/clock.h"
#include "os/thread.h"
#include "sched/sched.h"

#define REPEATS 9

typedef struct player {
    cay_actor_t actor;
    struct player *peer; /* NULL: tells the outside that it ran */
    uint64_t left;
    atomic_bool quit;
} player_t;

static cay_mutex_t lock;
static cay_cond_t cond;
static uint64_t posts;

static void post(void) {
    cay__mutex_lock(&lock);
    posts++;
    cay__cond_signal(&cond);
    cay__mutex_unlock(&lock);
}

static void await_posts(uint64_t n) {
    cay__mutex_lock(&lock);
    while (posts < n) {
        cay__cond_wait(&cond, &lock);
    }
    posts -= n;
    cay__mutex_unlock(&lock);
}

static bool player_run(cay_actor_t *a) {
    player_t *p = CAY_CONTAINER(a, player_t, actor);
    if (atomic_load(&p->quit)) {
        cay__actor_release(a);
    } else if (p->peer && p->left && p->left-- > 1) {
        cay__actor_wake(&p->peer->actor);
    } else {
        post();
    }
    return false;
}

static void player_gone(cay_actor_t *a) {
    (void)a;
    post();
}

static const cay_actor_ops_t ops = {player_run, NULL, player_gone};

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const char *name, double *ns) {
    qsort(ns, REPEATS, sizeof *ns, by_value);
    printf("{\"name\":\"%s\",\"median_ns\":%.1f,\"low_ns\":%.1f,\"high_ns\":%.1f}\n", name,
           ns[REPEATS / 2], ns[0], ns[REPEATS - 1]);
}

static void quit(player_t *p) {
    atomic_store(&p->quit, true);
    cay__actor_wake(&p->actor);
    await_posts(1);
}

static double ping_pong(cay_sched_t *s, uint64_t slices) {
    player_t a = {.left = slices / 2}, b = {.left = slices};
    cay__actor_init(&a.actor, s, &ops);
    cay__actor_init(&b.actor, s, &ops);
    a.peer = &b;
    b.peer = &a;
    uint64_t began = cay__clock_mono();
    cay__actor_wake(&a.actor);
    await_posts(1);
    double ns = (double)(cay__clock_mono() - began) / (double)slices;
    quit(&a);
    quit(&b);
    return ns;
}

static double idle_wake(cay_sched_t *s, unsigned rounds) {
    player_t a = {.left = 0};
    cay__actor_init(&a.actor, s, &ops);
    uint64_t began = cay__clock_mono();
    for (unsigned i = 0; i < rounds; i++) {
        cay__actor_wake(&a.actor);
        await_posts(1);
    }
    double ns = (double)(cay__clock_mono() - began) / rounds;
    quit(&a);
    return ns;
}

static void measure(unsigned executors) {
    cay_sched_t *s;
    if (cay__sched_new(&(cay_sched_options_t){.executors = executors}, &s)) {
        fprintf(stderr, "sched_bench: no scheduler\n");
        exit(1);
    }
    double talk[REPEATS], wake[REPEATS];
    for (unsigned i = 0; i < REPEATS; i++) {
        talk[i] = ping_pong(s, 200000);
        wake[i] = idle_wake(s, 2000);
    }
    char name[64];
    snprintf(name, sizeof name, "sched.ping_pong_switch.executors_%u", executors);
    report(name, talk);
    snprintf(name, sizeof name, "sched.idle_wake_round_trip.executors_%u", executors);
    report(name, wake);
    cay__sched_free(s);
}

int main(void) {
    cay__mutex_init(&lock);
    cay__cond_init(&cond);
    measure(1);
    measure(2);
    measure(4);
    return 0;
}
