/* SPDX-License-Identifier: MIT */
/* What happens around a look: slices and rests that begin, budgets that come and go. */
#include <stdlib.h>

#include "watch_test.h"

/* ---- lost times ---- */

/* A budget whose sink says that the watchdog is about to look at the next one. */
static _Atomic uint32_t beats;

static void on_beat(cay_budget_t *b) {
    atomic_store(&b->account->mark, 0); /* one a time */
    atomic_fetch_add(&beats, 1);
}

static worker_t *add_metronome(cay_watchdog_t *dog) {
    static const cay_budget_ops_t ops = {on_soft, on_hard, on_beat};
    worker_t *w = make(NULL, "");
    w->b.ops = &ops;
    w->b.sample_ns = 1;
    assert_int_equal(cay__budget_add(dog, &w->b), 0);
    atomic_store(&w->b.account->clock, cay__clock_thread_id());
    return w;
}

/* Returns within a microsecond or so of a look at `b`, before, in or after it. */
static void meet_look(cay_watchdog_t *dog, worker_t *metronome, cay_budget_t *b, unsigned round) {
    uint32_t seen = atomic_load(&beats);
    uint64_t due = cay__clock_mono();
    atomic_store(&metronome->b.account->mark, 1);
    cay__watchdog_arm(dog, &metronome->b, due);
    cay__watchdog_arm(dog, b, due);
    spin_until(&beats, seen + 1);
    for (unsigned i = 0; i < round % 97 * 4; i++) {
        atomic_signal_fence(memory_order_seq_cst); /* keeps the loop */
    }
}

/* Whichever comes first, the slice is looked at: else this waits for ever. */
static void no_slice_begins_unseen(void **state) {
    (void)state;
    cay_watchdog_t *dog = new_watchdog();
    worker_t *metronome = add_metronome(dog), *w = make(NULL, "");
    w->b.sample_ns = 20000;
    assert_int_equal(cay__budget_add(dog, &w->b), 0);
    for (unsigned i = 0; i < 12000; i++) {
        uint32_t seen = atomic_load(&w->samples);
        meet_look(dog, metronome, &w->b, i);
        uint64_t mark = cay__clock_thread();
        cay__budget_begin(&w->b, cay__clock_mono(), mark);
        spin_until(&w->samples, seen + 1);
        w->cpu += cay__clock_thread() - mark;
        cay__budget_end(&w->b, w->cpu);
    }
    drop(w);
    drop(metronome);
    cay__watchdog_free(dog);
}

static void no_rest_begins_unseen(void **state) {
    (void)state;
    cay_watchdog_t *dog = new_watchdog();
    worker_t *metronome = add_metronome(dog), *w = add(dog, NULL, "idle=10h");
    w->b.account->limits.soft_percent = 0; /* so that the rest is told as soon as it is seen */
    for (unsigned i = 0; i < 12000; i++) {
        uint32_t seen = atomic_load(&w->soft);
        cay__budget_begin(&w->b, cay__clock_mono(), cay__clock_thread());
        meet_look(dog, metronome, &w->b, i);
        cay__budget_end(&w->b, w->cpu += 1000);
        spin_until(&w->soft, seen + 1);
    }
    assert_int_equal(w->hard, 0);
    drop(w);
    drop(metronome);
    cay__watchdog_free(dog);
}

/* ---- a sink that is held ---- */

static struct {
    cay_mutex_t lock;
    cay_cond_t cond;
    bool is_in, may_go;
    atomic_bool is_out;
} gate;

static void gate_close(void) {
    gate.is_in = gate.may_go = false;
    atomic_store(&gate.is_out, false);
}

static void hold(cay_budget_t *b) {
    cay__mutex_lock(&gate.lock);
    gate.is_in = true;
    cay__cond_broadcast(&gate.cond);
    while (!gate.may_go) {
        cay__cond_wait(&gate.cond, &gate.lock);
    }
    cay__mutex_unlock(&gate.lock);
    on_sample(b);
}

static void hold_soft(cay_budget_t *b, cay_limit_t which, uint64_t limit, uint64_t used) {
    (void)which, (void)limit, (void)used;
    hold(b);
}

static void await_held(void) {
    cay__mutex_lock(&gate.lock);
    while (!gate.is_in) {
        cay__cond_wait(&gate.cond, &gate.lock);
    }
    cay__mutex_unlock(&gate.lock);
}

static void let_go(void) {
    cay__mutex_lock(&gate.lock);
    gate.may_go = true;
    cay__cond_broadcast(&gate.cond);
    cay__mutex_unlock(&gate.lock);
}

static int set_up(void **state) {
    (void)state;
    cay__mutex_init(&gate.lock);
    cay__cond_init(&gate.cond);
    return 0;
}

/* The look that is under way knows of a later time only. */
static void a_slice_that_begins_within_a_look_keeps_its_time(void **state) {
    (void)state;
    static const cay_budget_ops_t ops = {hold_soft, on_hard, NULL};
    gate_close();
    cay_watchdog_t *dog = new_watchdog();
    worker_t *metronome = add_metronome(dog), *w = make(NULL, "wall=10h");
    w->b.account->limits.soft_percent = 0;
    w->b.ops = &ops;
    w->b.sample_ns = 3600 * CAY_NS_PER_S;
    assert_int_equal(cay__budget_add(dog, &w->b), 0);
    await_held();
    assert_int_equal(atomic_load(&w->b.armed), UINT64_MAX);
    uint64_t now = cay__clock_mono();
    cay__budget_begin(&w->b, now, cay__clock_thread());
    let_go();
    meet_look(dog, metronome, &metronome->b, 0); /* so that one is over */
    assert_int_equal(atomic_load(&w->b.armed), now + w->b.sample_ns);
    cay__budget_end(&w->b, 0);
    drop(w);
    drop(metronome);
    cay__watchdog_free(dog);
}

/* ---- removal ---- */

static void remove_and_free(cay_budget_t *b) {
    worker_t *w = CAY_CONTAINER(b, worker_t, b);
    cay_account_t *a = b->account;
    cay__budget_remove(b);
    memset(w, 0xa5, sizeof *w);
    cay__free(w);
    cay__account_end(a);
    cay__account_unref(&a);
}

static _Atomic uint32_t removed, told_after;

static void remove_on_soft(cay_budget_t *b, cay_limit_t which, uint64_t limit, uint64_t used) {
    (void)which, (void)limit, (void)used;
    remove_and_free(b);
    atomic_fetch_add(&removed, 1);
}
static void count_after(cay_budget_t *b, const cay_account_t *whose, cay_limit_t which,
                        uint64_t limit, uint64_t used) {
    (void)b, (void)whose, (void)which, (void)limit, (void)used;
    atomic_fetch_add(&told_after, 1);
}
static void remove_on_hard(cay_budget_t *b, const cay_account_t *whose, cay_limit_t which,
                           uint64_t limit, uint64_t used) {
    (void)whose;
    remove_on_soft(b, which, limit, used);
}
static void remove_on_sample(cay_budget_t *b) {
    remove_on_soft(b, CAY_LIMIT_NONE, 0, 0);
}

/* Of each sort of notice, with more that is due. */
static void a_sink_may_remove_its_budget(void **state) {
    (void)state;
    static const cay_budget_ops_t on_first = {remove_on_soft, count_after, NULL};
    static const cay_budget_ops_t on_last = {on_soft, remove_on_hard, NULL};
    static const cay_budget_ops_t on_look = {on_soft, on_hard, remove_on_sample};
    static const cay_budget_ops_t *const sorts[] = {&on_first, &on_last, &on_look};
    cay_watchdog_t *dog = new_watchdog();
    for (uint32_t i = 0; i < 300; i++) {
        worker_t *w = make(NULL, i % 3 == 2 ? "cpu=1h" : "wall=1ms;cpu=5ms");
        w->b.ops = sorts[i % 3];
        w->b.sample_ns = 1;
        assert_int_equal(cay__budget_add(dog, &w->b), 0);
        if (i % 3 == 2) {
            cay__budget_begin(&w->b, cay__clock_mono(), cay__clock_thread());
        }
        spin_until(&removed, i + 1);
    }
    assert_int_equal(atomic_load(&told_after), 0);
    cay__watchdog_free(dog);
}

static void remove_in_thread(void *arg) {
    cay__budget_remove(arg);
    atomic_store(&gate.is_out, true);
}

static void removal_waits_for_a_sink_under_way(void **state) {
    (void)state;
    static const cay_budget_ops_t ops = {on_soft, on_hard, hold};
    gate_close();
    cay_watchdog_t *dog = new_watchdog();
    worker_t *w = make(NULL, "");
    w->b.ops = &ops;
    w->b.sample_ns = 1;
    assert_int_equal(cay__budget_add(dog, &w->b), 0);
    cay__budget_begin(&w->b, cay__clock_mono(), cay__clock_thread());
    await_held();
    start(w, remove_in_thread);
    while (atomic_load(&w->b.armed) != 0) { /* it is out, and waits */
        sched_yield();
    }
    cay__budget_begin(&w->b, 0, cay__clock_thread()); /* its worker may not know yet */
    cay__budget_grace(&w->b, 5);
    assert_int_equal(atomic_load(&w->b.armed), 0);
    assert_false(atomic_load(&gate.is_out));
    assert_int_equal(w->samples, 0);
    let_go();
    cay__thread_join(&w->thread);
    assert_int_equal(w->samples, 1);
    drop(w); /* once more does no harm */
    cay__watchdog_free(dog);
}

/* The watchdog takes it again at once, each time, also while somebody waits for it to be out. */
static void what_is_always_due_is_told_no_more_once_removed(void **state) {
    (void)state;
    cay_watchdog_t *dog = new_watchdog();
    for (unsigned i = 0; i < 300; i++) {
        worker_t *w = make(NULL, "");
        w->b.sample_ns = 1;
        assert_int_equal(cay__budget_add(dog, &w->b), 0);
        cay__budget_begin(&w->b, cay__clock_mono(), cay__clock_thread());
        spin_until(&w->samples, 3);
        cay__budget_remove(&w->b);
        uint32_t after = atomic_load(&w->samples);
        burn(10000);
        assert_int_equal(atomic_load(&w->samples), after);
        drop(w);
    }
    cay__watchdog_free(dog);
}

typedef struct storm {
    cay_watchdog_t *dog;
    cay_account_t *root;
    cay_thread_t thread;
    unsigned seed;
    _Atomic uint32_t told;
} storm_t;

/* Workers that come, run a little under limits that are due all the time, and go. */
static void come_and_go(void *arg) {
    static const char *const limits[] = {"cpu=5ms;idle=1ms", "wall=1ms", "turn-cpu=5ms", "cpu=1h"};
    storm_t *s = arg;
    for (unsigned i = 0; i < 1500; i++) {
        worker_t *w = make(s->root, limits[(i + s->seed) % CAY_COUNT(limits)]);
        w->b.sample_ns = i % 5 ? 1000 * (i % 5) : 0;
        if (cay__budget_add(s->dog, &w->b)) {
            abort();
        }
        for (unsigned k = 0; k < i % 7; k++) {
            slice(w, (i * 37 + k * 11) % 20000);
            if (atomic_load(&w->hard) == 1) {
                cay__budget_grace(&w->b, 1);
            }
        }
        cay__budget_remove(&w->b);
        atomic_fetch_add(&s->told, w->hard + w->soft + w->samples);
        if (w->hard > 2) {
            abort();
        }
        cay_account_t *a = w->b.account;
        memset(w, 0xa5, sizeof *w);
        cay__free(w);
        cay__account_end(a);
        cay__account_unref(&a);
    }
}

static void workers_come_and_go_under_the_watch(void **state) {
    (void)state;
    cay_watchdog_t *dog = new_watchdog();
    worker_t *root = add(dog, NULL, "cpu=10h");
    storm_t s[4];
    for (unsigned i = 0; i < CAY_COUNT(s); i++) {
        s[i] = (storm_t){.dog = dog, .root = root->b.account, .seed = i};
        assert_int_equal(cay__thread_start(&s[i].thread, "storm", 0, come_and_go, &s[i]), 0);
    }
    for (unsigned i = 0; i < CAY_COUNT(s); i++) {
        cay__thread_join(&s[i].thread);
        assert_true(atomic_load(&s[i].told) > 0);
    }
    assert_int_equal(root->b.account->tree_workers, 0);
    assert_int_equal(root->hard + root->soft, 0);
    drop(root);
    cay__watchdog_free(dog);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_slice_begins_unseen),
        cmocka_unit_test(no_rest_begins_unseen),
        cmocka_unit_test(a_slice_that_begins_within_a_look_keeps_its_time),
        cmocka_unit_test(a_sink_may_remove_its_budget),
        cmocka_unit_test(removal_waits_for_a_sink_under_way),
        cmocka_unit_test(what_is_always_due_is_told_no_more_once_removed),
        cmocka_unit_test(workers_come_and_go_under_the_watch),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
