/* SPDX-License-Identifier: MIT */
/* The watchdog's thread. The machine may be busy: CPU that was used is compared, not time that passed, and each bound
 * leaves room for the watchdog to get a CPU. */
#include "watch_test.h"

/* Between the last reading of a slice and its end some CPU passes, which the watchdog sees and the sum of the slices does
 * not have. */
#define UNSEEN (MS / 2)

static void expect_used(const worker_t *w, uint64_t least, uint64_t most) {
    if (w->cpu < least || w->cpu > most) {
        fail_msg("%llu us of CPU used, not %llu to %llu", (unsigned long long)w->cpu / 1000,
                 (unsigned long long)least / 1000, (unsigned long long)most / 1000);
    }
}

/* ---- CPU ---- */

static void who_burns_is_told_and_who_waits_is_not(void **state) {
    (void)state;
    cay_watchdog_t *dog = new_watchdog();
    worker_t *burns = add(dog, NULL, "cpu=30ms"), *turns = add(dog, NULL, "turn-cpu=30ms");
    worker_t *waits = add(dog, NULL, "cpu=30ms;turn-cpu=30ms");
    cay__budget_begin(&waits->b, cay__clock_mono(),
                      cay__clock_thread()); /* and waits for the others */
    start(burns, run_one_slice);
    cay__thread_join(&burns->thread);
    start(turns, run_one_slice);
    cay__thread_join(&turns->thread);
    expect_used(burns, 30 * MS - UNSEEN, 30 * MS + SLACK);
    expect_used(turns, 30 * MS - UNSEEN, 30 * MS + SLACK);
    assert_int_equal(burns->hard, 1);
    assert_int_equal(burns->soft, 1);
    assert_int_equal(burns->which, CAY_LIMIT_CPU);
    assert_int_equal(turns->hard, 1);
    assert_int_equal(turns->soft, 0);
    assert_int_equal(turns->which, CAY_LIMIT_TURN_CPU);
    assert_int_equal(waits->hard + waits->soft, 0);
    cay__budget_end(&waits->b, 0);
    drop(waits);
    drop(turns);
    drop(burns);
    cay__watchdog_free(dog);
}

enum { CROWD = 20 };

static void crowd_is_told(const char *limits, void (*run)(void *), uint64_t limit) {
    cay_watchdog_t *dog = new_watchdog();
    worker_t *w[CROWD];
    for (size_t i = 0; i < CROWD; i++) {
        w[i] = add(dog, NULL, limits);
        start(w[i], run);
    }
    for (size_t i = 0; i < CROWD; i++) {
        cay__thread_join(&w[i]->thread);
    }
    for (size_t i = 0; i < CROWD; i++) {
        assert_int_equal(w[i]->hard, 1);
        assert_int_equal(w[i]->soft, 1);
        expect_used(w[i], limit - UNSEEN, limit + SLACK);
        drop(w[i]);
    }
    cay__watchdog_free(dog);
}

static void each_of_twenty_on_few_cpus_gets_its_own(void **state) {
    (void)state;
    crowd_is_told("cpu=40ms", run_one_slice, 40 * MS);
}

static void run_short_slices(void *arg) {
    worker_t *w = arg;
    while (!atomic_load(&w->hard) && w->cpu < LOST) {
        slice(w, 10000);
    }
}

static void slices_however_short_add_up(void **state) {
    (void)state;
    crowd_is_told("cpu=25ms", run_short_slices, 25 * MS);
}

static void grace_ends_too(void **state) {
    (void)state;
    cay_watchdog_t *dog = new_watchdog();
    worker_t *w = add(dog, NULL, "cpu=20ms");
    start(w, run_one_slice);
    cay__thread_join(&w->thread);
    uint64_t before = w->cpu;
    atomic_store(&w->hard, 0);
    cay__budget_grace(&w->b, 15);
    start(w, run_one_slice);
    cay__thread_join(&w->thread);
    assert_int_equal(w->hard, 1);
    expect_used(w, before + 15 * MS - UNSEEN, before + 15 * MS + SLACK);
    drop(w);
    cay__watchdog_free(dog);
}

/* ---- trees ---- */

static unsigned cpus(void) {
    unsigned n = cay__cpu_count();
    return n < CROWD ? n : CROWD;
}

/* Each CPU adds its own while the watchdog waits for one. */
static void expect_tree_used(worker_t *root, uint64_t limit) {
    uint64_t used = cay__account_tree_cpu(root->b.account);
    if (used + UNSEEN < limit || used > limit + cpus() * SLACK / 2) {
        fail_msg("%llu us of CPU used in the tree, of %llu", (unsigned long long)used / 1000,
                 (unsigned long long)limit / 1000);
    }
}

/* However their looks fall: the children begin one after another. */
static void a_tree_uses_what_its_root_may(void **state) {
    (void)state;
    cay_watchdog_t *dog = new_watchdog();
    worker_t *root = add(dog, NULL, "cpu=1s"), *mid = add(dog, root->b.account, ""), *w[CROWD];
    unsigned n = cpus();
    for (size_t i = 0; i < n; i++) {
        w[i] = add(dog, mid->b.account, "");
        start(w[i], run_one_slice);
        burn(100 * MS / n);
    }
    for (size_t i = 0; i < n; i++) {
        cay__thread_join(&w[i]->thread);
        assert_int_equal(w[i]->hard, 1);
        assert_int_equal(w[i]->soft, 0);
    }
    expect_tree_used(root, CAY_NS_PER_S);
    spin_until(&root->hard, 1); /* it has not run at all */
    assert_int_equal(root->soft, 1);
    assert_int_equal(mid->hard + mid->soft, 0);
    for (size_t i = 0; i < n; i++) {
        drop(w[i]);
    }
    drop(mid);
    drop(root);
    cay__watchdog_free(dog);
}

static void a_parent_that_runs_is_told_what_its_child_used(void **state) {
    (void)state;
    cay_watchdog_t *dog = new_watchdog();
    worker_t *root = add(dog, NULL, "cpu=400ms;soft=unlimited");
    start(root, run_one_slice); /* alone: looked at when it could have used it up by itself */
    burn(20 * MS);
    worker_t *child = add(dog, root->b.account, "");
    start(child, run_one_slice);
    cay__thread_join(&child->thread);
    cay__thread_join(&root->thread);
    assert_int_equal(root->hard, 1);
    assert_int_equal(child->hard, 1);
    expect_tree_used(root, 400 * MS);
    drop(child);
    drop(root);
    cay__watchdog_free(dog);
}

/* The look that all were to be judged with goes with the budget it belonged to. */
static void the_tree_is_watched_though_who_was_looked_at_is_gone(void **state) {
    (void)state;
    cay_watchdog_t *dog = new_watchdog();
    worker_t *root = add(dog, NULL, "cpu=300ms;soft=unlimited");
    worker_t *first = add(dog, root->b.account, ""), *w[2];
    start(first, run_one_slice);
    burn(100 * MS);
    for (size_t i = 0; i < 2; i++) {
        w[i] = add(dog, root->b.account, "");
        start(w[i], run_one_slice);
    }
    burn(5 * MS);
    atomic_store(&first->stop, true);
    cay__thread_join(&first->thread);
    drop(first);
    for (size_t i = 0; i < 2; i++) {
        cay__thread_join(&w[i]->thread);
        assert_int_equal(w[i]->hard, 1);
    }
    expect_tree_used(root, 300 * MS);
    for (size_t i = 0; i < 2; i++) {
        drop(w[i]);
    }
    drop(root);
    cay__watchdog_free(dog);
}

/* ---- which thread ---- */

static cay_watchdog_t *nobody_watched(void) {
    cay_watchdog_t *dog = new_watchdog();
    unsigned before = cay__thread_count();
    worker_t *w = add(dog, NULL, ""), *child = add(dog, w->b.account, "");
    slice(w, 1000);
    slice(child, 1000);
    assert_int_equal(cay__thread_count(), before);
    drop(child);
    drop(w);
    return dog;
}

static void no_limit_costs_no_thread(void **state) {
    (void)state;
    cay__watchdog_free(nobody_watched());
    cay_watchdog_t *dog = nobody_watched();
    unsigned before = cay__thread_count();
    worker_t *w = add(dog, NULL, "wall=1h");
    worker_t *other = add(dog, NULL, "idle=1h");
    assert_int_equal(cay__thread_count(), before + 1);
    drop(other);
    drop(w);
    cay__watchdog_free(dog);
    cay__watchdog_free(NULL);
}

static _Thread_local bool is_test_thread;
static atomic_bool told_in_test;

static void note_thread(cay_budget_t *b, const cay_account_t *whose, cay_limit_t which,
                        uint64_t limit, uint64_t used) {
    if (is_test_thread) {
        atomic_store(&told_in_test, true);
    }
    on_hard(b, whose, which, limit, used);
}

static void what_is_over_from_the_start_is_told_by_the_watchdog(void **state) {
    (void)state;
    static const cay_budget_ops_t ops = {on_soft, note_thread, NULL};
    is_test_thread = true;
    cay_watchdog_t *dog = new_watchdog();
    worker_t *w = make(NULL, "wall=5ms");
    w->b.ops = &ops;
    w->b.account->born -= 10 * MS;
    assert_int_equal(cay__budget_add(dog, &w->b), 0);
    spin_until(&w->hard, 1);
    assert_int_equal(w->soft, 1);
    assert_false(atomic_load(&told_in_test));
    drop(w);
    cay__watchdog_free(dog);
}

static _Atomic int dog_clock;

static void note_clock(cay_budget_t *b) {
    atomic_store(&dog_clock, cay__clock_thread_id());
    on_sample(b);
}

/* What its thread has used, once it sleeps. */
static uint64_t dog_at_rest(void) {
    uint64_t cpu = 0, before;
    do {
        before = cpu;
        burn(10 * MS);
        assert_true(cay__clock_of_thread(atomic_load(&dog_clock), &cpu));
    } while (cpu != before);
    return cpu;
}

static void workers_at_rest_cost_nothing(void **state) {
    (void)state;
    enum { MANY = 500 };
    static const cay_budget_ops_t ops = {on_soft, on_hard, note_clock};
    cay_watchdog_t *dog = new_watchdog();
    worker_t *w[MANY], *clock = make(NULL, "");
    clock->b.ops = &ops;
    clock->b.sample_ns = 1;
    assert_int_equal(cay__budget_add(dog, &clock->b), 0);
    cay__budget_begin(&clock->b, cay__clock_mono(), cay__clock_thread());
    spin_until(&clock->samples, 1);
    cay__budget_end(&clock->b, 0);
    for (size_t i = 0; i < MANY; i++) {
        w[i] = add(dog, NULL, "cpu=5ms;turn-cpu=5ms;wall=1h");
        slice(w[i], 1000);
    }
    uint64_t before = dog_at_rest(), now = 0;
    burn(100 * MS);
    assert_true(cay__clock_of_thread(atomic_load(&dog_clock), &now));
    assert_int_equal(now, before);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(w[i]->hard + w[i]->soft, 0);
        drop(w[i]);
    }
    drop(clock);
    cay__watchdog_free(dog);
}

static void short_slices_cost_a_look_now_and_then(void **state) {
    (void)state;
    cay_watchdog_t *dog = new_watchdog();
    worker_t *w = make(NULL, "turn-cpu=1s");
    w->b.sample_ns = 10 * MS;
    assert_int_equal(cay__budget_add(dog, &w->b), 0);
    uint64_t start_time = cay__clock_mono();
    for (int i = 0; i < 100000; i++) {
        slice(w, 0);
    }
    uint64_t looks = (cay__clock_mono() - start_time) / (10 * MS) + 1;
    assert_true(atomic_load(&w->samples) <= looks);
    assert_int_equal(w->b.account->tally[CAY_TALLY_SLICES], 100000);
    drop(w);
    cay__watchdog_free(dog);
}

/* ---- no memory ---- */

static void without_memory_nothing_is_half_done(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    cay_watchdog_t *dog = NULL;
    cay__mem_fail_at(1, true);
    assert_int_equal(cay__watchdog_new(&dog), CAY_ENOMEM);
    cay__mem_fail_at(0, false);
    assert_null(dog);
    dog = new_watchdog();
    worker_t *w = make(NULL, "wall=5ms");
    unsigned threads = cay__thread_count();
    cay__mem_fail_at(1, true);
    int rc = cay__budget_add(dog, &w->b);
    cay__budget_begin(&w->b, cay__clock_mono(),
                      cay__clock_thread()); /* not watched, and unharmed */
    cay__budget_end(&w->b, 0);
    cay__budget_remove(&w->b);
    cay__mem_fail_at(0, false);
    assert_int_equal(rc, CAY_ENOMEM);
    assert_int_equal(cay__thread_count(), threads);
    assert_int_equal(cay__budget_add(dog, &w->b), 0);
    spin_until(&w->hard, 1);
    drop(w);
    cay__watchdog_free(dog);
    assert_int_equal(cay__mem_live(), live);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_burns_is_told_and_who_waits_is_not),
        cmocka_unit_test(each_of_twenty_on_few_cpus_gets_its_own),
        cmocka_unit_test(slices_however_short_add_up),
        cmocka_unit_test(grace_ends_too),
        cmocka_unit_test(a_tree_uses_what_its_root_may),
        cmocka_unit_test(a_parent_that_runs_is_told_what_its_child_used),
        cmocka_unit_test(the_tree_is_watched_though_who_was_looked_at_is_gone),
        cmocka_unit_test(no_limit_costs_no_thread),
        cmocka_unit_test(what_is_over_from_the_start_is_told_by_the_watchdog),
        cmocka_unit_test(workers_at_rest_cost_nothing),
        cmocka_unit_test(short_slices_cost_a_look_now_and_then),
        cmocka_unit_test(without_memory_nothing_is_half_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
