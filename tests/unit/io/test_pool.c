/* SPDX-License-Identifier: MIT */
/* The pool: jobs run once, on few threads, and none is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <time.h>

#include "base/mem.h"
#include "cay/error.h"
#include "io/pool.h"
#include "os/clock.h"
#include "os/thread.h"

/* Opens once; whoever waits goes on. */
typedef struct gate {
    cay_mutex_t lock;
    cay_cond_t moved;
    unsigned arrived;
    bool open;
} gate_t;

static void gate_init(gate_t *g) {
    *g = (gate_t){.arrived = 0};
    cay__mutex_init(&g->lock);
    cay__cond_init(&g->moved);
}

static void gate_destroy(gate_t *g) {
    cay__mutex_destroy(&g->lock);
    cay__cond_destroy(&g->moved);
}

static void gate_pass(gate_t *g) {
    cay__mutex_lock(&g->lock);
    g->arrived++;
    cay__cond_broadcast(&g->moved);
    while (!g->open) {
        cay__cond_wait(&g->moved, &g->lock);
    }
    cay__mutex_unlock(&g->lock);
}

/* Until n have arrived; false after 20 seconds. */
static bool gate_await(gate_t *g, unsigned n) {
    uint64_t deadline = cay__clock_deadline(20000);
    cay__mutex_lock(&g->lock);
    while (g->arrived < n && cay__cond_wait_until(&g->moved, &g->lock, deadline)) {}
    bool there = g->arrived >= n;
    cay__mutex_unlock(&g->lock);
    return there;
}

static void gate_open(gate_t *g) {
    cay__mutex_lock(&g->lock);
    g->open = true;
    cay__cond_broadcast(&g->moved);
    cay__mutex_unlock(&g->lock);
}

typedef struct item {
    cay_job_t job;
    gate_t *gate;
    atomic_uint *count;
    cay_pool_t *pool;
    unsigned again; /* times to submit itself once more */
    char thread[16];
} item_t;

static void count_work(cay_job_t *job) {
    item_t *i = CAY_CONTAINER(job, item_t, job);
    pthread_getname_np(pthread_self(), i->thread, sizeof i->thread);
    atomic_fetch_add(i->count, 1);
}

static void gate_work(cay_job_t *job) {
    item_t *i = CAY_CONTAINER(job, item_t, job);
    gate_pass(i->gate);
    atomic_fetch_add(i->count, 1);
}

static void again_work(cay_job_t *job) {
    item_t *i = CAY_CONTAINER(job, item_t, job);
    atomic_fetch_add(i->count, 1);
    if (i->again > 0) {
        i->again--;
        assert_int_equal(cay__pool_submit(i->pool, job), 0);
    }
}

static void free_work(cay_job_t *job) {
    item_t *i = CAY_CONTAINER(job, item_t, job);
    atomic_fetch_add(i->count, 1);
    cay__free(i);
}

static cay_pool_t *pool_of(unsigned threads) {
    cay_pool_t *p = NULL;
    assert_int_equal(cay__pool_new("test-pool", threads, &p), 0);
    return p;
}

static void pool_without_jobs_starts_no_thread(void **state) {
    (void)state;
    unsigned before = cay__thread_count();
    cay_pool_t *p = pool_of(0);
    assert_true(cay__thread_count() <= before); /* one that ended may be counted for a moment yet */
    cay__pool_free(p);
    cay__pool_free(NULL);
}

static void job_runs_once_on_a_named_thread(void **state) {
    (void)state;
    atomic_uint count = 0;
    item_t i = {.job = {.work = count_work}, .count = &count};
    cay_pool_t *p = pool_of(2);
    assert_int_equal(cay__pool_submit(p, &i.job), 0);
    cay__pool_free(p);
    assert_int_equal(count, 1);
    assert_string_equal(i.thread, "test-pool");
}

static void jobs_run_side_by_side_up_to_the_bound(void **state) {
    (void)state;
    atomic_uint count = 0;
    gate_t gate;
    gate_init(&gate);
    item_t items[5];
    unsigned before = cay__thread_count();
    cay_pool_t *p = pool_of(3);
    for (size_t i = 0; i < CAY_COUNT(items); i++) {
        items[i] = (item_t){.job = {.work = gate_work}, .gate = &gate, .count = &count};
        assert_int_equal(cay__pool_submit(p, &items[i].job), 0);
    }
    assert_true(gate_await(&gate, 3)); /* three at once, though none ends */
    assert_true(cay__thread_count() <= before + 3);
    assert_int_equal(gate.arrived, 3);
    assert_int_equal(count, 0);
    gate_open(&gate);
    cay__pool_free(p);
    assert_int_equal(count, 5);
    gate_destroy(&gate);
}

static void idle_thread_is_used_before_another_is_started(void **state) {
    (void)state;
    atomic_uint count = 0;
    unsigned before = cay__thread_count();
    cay_pool_t *p = pool_of(8);
    for (unsigned i = 0; i < 50; i++) {
        gate_t gate;
        gate_init(&gate);
        gate_open(&gate);
        item_t one = {.job = {.work = gate_work}, .gate = &gate, .count = &count};
        assert_int_equal(cay__pool_submit(p, &one.job), 0);
        while (atomic_load(&count) <= i) {
            cay__thread_count(); /* takes a while: the thread is idle again, nearly always */
        }
        gate_destroy(&gate);
    }
    assert_true(cay__thread_count() < before + 8);
    cay__pool_free(p);
    assert_int_equal(count, 50);
}

static void waiting_job_can_be_cancelled_and_a_running_one_not(void **state) {
    (void)state;
    atomic_uint count = 0;
    gate_t gate;
    gate_init(&gate);
    item_t running = {.job = {.work = gate_work}, .gate = &gate, .count = &count};
    item_t waiting = {.job = {.work = count_work}, .count = &count};
    item_t behind = {.job = {.work = count_work}, .count = &count};
    item_t never = {.job = {.work = count_work}, .count = &count};
    cay_pool_t *p = pool_of(1);
    assert_int_equal(cay__pool_submit(p, &running.job), 0);
    assert_true(gate_await(&gate, 1));
    assert_int_equal(cay__pool_submit(p, &waiting.job), 0);
    assert_int_equal(cay__pool_submit(p, &behind.job), 0);
    assert_false(cay__pool_cancel(p, &running.job));
    assert_false(cay__pool_cancel(p, &never.job));
    assert_true(cay__pool_cancel(p, &waiting.job));
    assert_false(cay__pool_cancel(p, &waiting.job));
    gate_open(&gate);
    cay__pool_free(p);
    assert_int_equal(count, 2);
    assert_false(waiting.thread[0]);
    assert_true(behind.thread[0]);
    gate_destroy(&gate);
}

static void freeing_finishes_what_waits_and_what_that_submits(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads++) {
        atomic_uint count = 0;
        cay_pool_t *p = pool_of(threads);
        item_t items[20];
        for (size_t i = 0; i < CAY_COUNT(items); i++) {
            items[i] =
                (item_t){.job = {.work = again_work}, .count = &count, .pool = p, .again = 9};
            assert_int_equal(cay__pool_submit(p, &items[i].job), 0);
        }
        cay__pool_free(p);
        assert_int_equal(count, 200);
    }
}

static void job_may_free_itself(void **state) {
    (void)state;
    atomic_uint count = 0;
    int64_t before = cay__mem_live();
    cay_pool_t *p = pool_of(2);
    for (int i = 0; i < 100; i++) {
        item_t *one = CAY_NEW(item_t);
        assert_non_null(one);
        one->job.work = free_work;
        one->count = &count;
        assert_int_equal(cay__pool_submit(p, &one->job), 0);
    }
    cay__pool_free(p);
    assert_int_equal(count, 100);
    assert_int_equal(cay__mem_live(), before);
}

typedef struct crowd {
    cay_pool_t *pool;
    item_t items[2000];
    unsigned cancelled;
} crowd_t;

static void crowd_run(void *arg) {
    crowd_t *c = arg;
    for (size_t i = 0; i < CAY_COUNT(c->items); i++) {
        assert_int_equal(cay__pool_submit(c->pool, &c->items[i].job), 0);
        if (i % 3 == 0 && cay__pool_cancel(c->pool, &c->items[i].job)) {
            c->cancelled++;
        }
    }
}

static void many_submitters_lose_no_job(void **state) {
    (void)state;
    static crowd_t crowds[4];
    cay_thread_t threads[4];
    atomic_uint count = 0;
    cay_pool_t *p = pool_of(4);
    for (size_t i = 0; i < 4; i++) {
        memset(&crowds[i], 0, sizeof crowds[i]);
        crowds[i].pool = p;
        for (size_t k = 0; k < CAY_COUNT(crowds[i].items); k++) {
            crowds[i].items[k] = (item_t){.job = {.work = count_work}, .count = &count};
        }
        assert_int_equal(cay__thread_start(&threads[i], "crowd", 0, crowd_run, &crowds[i]), 0);
    }
    unsigned cancelled = 0;
    for (size_t i = 0; i < 4; i++) {
        cay__thread_join(&threads[i]);
        cancelled += crowds[i].cancelled;
    }
    cay__pool_free(p);
    assert_int_equal(count + cancelled, 4 * CAY_COUNT(crowds[0].items));
}

static void job_is_refused_when_no_thread_starts_and_taken_when_one_is_there(void **state) {
    (void)state;
    atomic_uint count = 0;
    int64_t before = cay__mem_live();
    cay_pool_t *p = NULL;
    cay__mem_fail_at(1, false);
    assert_int_equal(cay__pool_new("x", 1, &p), CAY_ENOMEM);
    assert_null(p);
    gate_t gate;
    gate_init(&gate);
    p = pool_of(2);
    item_t one = {.job = {.work = gate_work}, .gate = &gate, .count = &count};
    item_t two = {.job = {.work = count_work}, .count = &count};
    cay__mem_fail_at(1, false); /* the thread's start asks for memory */
    assert_int_equal(cay__pool_submit(p, &one.job), CAY_ELIMIT);
    assert_false(cay__pool_cancel(p, &one.job));
    assert_int_equal(cay__pool_submit(p, &one.job), 0);
    assert_true(gate_await(&gate, 1));
    cay__mem_fail_at(1, false);
    assert_int_equal(cay__pool_submit(p, &two.job), 0); /* waits for the one thread */
    cay__mem_fail_at(0, false);
    assert_int_equal(count, 0);
    gate_open(&gate);
    cay__pool_free(p);
    assert_int_equal(count, 2);
    assert_int_equal(cay__mem_live(), before);
    gate_destroy(&gate);
}

static void pool_that_waits_uses_no_time(void **state) {
    (void)state;
    atomic_uint count = 0;
    gate_t gate;
    gate_init(&gate);
    item_t items[4];
    cay_pool_t *p = pool_of(4);
    for (size_t i = 0; i < 4; i++) {
        items[i] = (item_t){.job = {.work = gate_work}, .gate = &gate, .count = &count};
        assert_int_equal(cay__pool_submit(p, &items[i].job), 0);
    }
    assert_true(gate_await(&gate, 4));
    struct timespec a, b, idle = {0, 100000000};
    gate_open(&gate);
    while (atomic_load(&count) < 4) {
        cay__thread_count();
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    nanosleep(&idle, NULL);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    int64_t used = (b.tv_sec - a.tv_sec) * INT64_C(1000000000) + b.tv_nsec - a.tv_nsec;
    assert_true(used < 50000000); /* one thread that spins would use twice as much */
    cay__pool_free(p);
    gate_destroy(&gate);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool_without_jobs_starts_no_thread),
        cmocka_unit_test(job_runs_once_on_a_named_thread),
        cmocka_unit_test(jobs_run_side_by_side_up_to_the_bound),
        cmocka_unit_test(idle_thread_is_used_before_another_is_started),
        cmocka_unit_test(waiting_job_can_be_cancelled_and_a_running_one_not),
        cmocka_unit_test(freeing_finishes_what_waits_and_what_that_submits),
        cmocka_unit_test(job_may_free_itself),
        cmocka_unit_test(many_submitters_lose_no_job),
        cmocka_unit_test(job_is_refused_when_no_thread_starts_and_taken_when_one_is_there),
        cmocka_unit_test(pool_that_waits_uses_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
