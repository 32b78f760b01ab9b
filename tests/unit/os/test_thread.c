/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>

#include "base/mem.h"
#include "cay/error.h"
#include "os/clock.h"
#include "os/thread.h"

typedef struct shared {
    cay_mutex_t lock;
    cay_cond_t cond;
    int turns;
    bool signals_blocked;
    uintptr_t stack_low;
    uintptr_t local;
} shared_t;

static void body(void *arg) {
    shared_t *s = arg;
    sigset_t set;
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    cay__mutex_lock(&s->lock);
    s->signals_blocked = sigismember(&set, SIGINT) && sigismember(&set, SIGTERM);
    s->stack_low = cay__thread_stack_low();
    s->local = (uintptr_t)&set;
    s->turns++;
    cay__cond_signal(&s->cond);
    cay__mutex_unlock(&s->lock);
}

static void a_thread_runs_with_signals_blocked_on_a_stack_we_know(void **state) {
    (void)state;
    shared_t s = {.turns = 0};
    cay__mutex_init(&s.lock);
    cay__cond_init(&s.cond);
    cay_thread_t t;
    assert_int_equal(cay__thread_start(&t, "test", 1 << 20, body, &s), 0);
    cay__mutex_lock(&s.lock);
    while (s.turns == 0) {
        assert_true(cay__cond_wait_until(&s.cond, &s.lock, cay__clock_deadline(30000)));
    }
    cay__mutex_unlock(&s.lock);
    cay__thread_join(&t);
    assert_true(s.signals_blocked);
    assert_true(s.stack_low < s.local && s.local - s.stack_low < (1 << 20));
    cay__cond_destroy(&s.cond);
    cay__mutex_destroy(&s.lock);
}

static void a_wait_ends_at_its_deadline(void **state) {
    (void)state;
    cay_mutex_t m;
    cay_cond_t c;
    cay__mutex_init(&m);
    cay__cond_init(&c);
    cay__mutex_lock(&m);
    uint64_t deadline = cay__clock_mono() + 2 * CAY_NS_PER_MS;
    while (cay__cond_wait_until(&c, &m, deadline)) {}
    assert_true(cay__clock_mono() >= deadline);
    cay__mutex_unlock(&m);
    cay__cond_destroy(&c);
    cay__mutex_destroy(&m);
}

static void a_thread_without_memory_is_refused(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    cay_thread_t t;
    cay__mem_fail_at(1, false);
    assert_int_equal(cay__thread_start(&t, "test", 0, body, NULL), CAY_ENOMEM);
    cay__mem_fail_at(0, false);
    assert_int_equal(cay__mem_live(), live);
}

static void deadlines_do_not_overflow(void **state) {
    (void)state;
    assert_true(cay__clock_deadline(-1) == UINT64_MAX);
    assert_true(cay__clock_deadline(INT64_MAX) == UINT64_MAX);
    uint64_t now = cay__clock_mono();
    assert_true(cay__clock_deadline(1000) >= now + 1000 * CAY_NS_PER_MS);
}

static void the_cpu_clock_counts_this_thread(void **state) {
    (void)state;
    uint64_t before = cay__clock_thread();
    uint64_t until = before + CAY_NS_PER_MS;
    while (cay__clock_thread() < until) {}
    assert_true(cay__clock_thread() >= until);
    assert_true(cay__cpu_count() >= 1);
    assert_true(cay__thread_count() >= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_runs_with_signals_blocked_on_a_stack_we_know),
        cmocka_unit_test(a_wait_ends_at_its_deadline),
        cmocka_unit_test(a_thread_without_memory_is_refused),
        cmocka_unit_test(deadlines_do_not_overflow),
        cmocka_unit_test(the_cpu_clock_counts_this_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
