/* SPDX-License-Identifier: MIT */
/* Accounts: what is charged up a tree, counted, and refused. */
#include "base/mem.h"
#include "limits_test.h"

static uint64_t value(const _Atomic uint64_t *v) {
    return atomic_load(v);
}

static void drop(cay_account_t *a) {
    cay__account_end(a);
    cay__account_unref(&a);
}

static void a_refused_charge_leaves_no_trace_in_the_peaks(void **state) {
    (void)state;
    cay_account_t *root = account_of(NULL, "memory=8M");
    cay_account_t *mid = account_of(root, "memory=16M");
    cay_account_t *leaf = account_of(mid, "memory=16M");
    assert_true(cay__account_charge(leaf, CAY_PART_HOST, MIB));
    assert_false(cay__account_charge(leaf, CAY_PART_HOST, 8 * MIB)); /* the root's limit refuses */
    cay_account_t *all[] = {leaf, mid, root};
    for (size_t i = 0; i < CAY_COUNT(all); i++) {
        assert_int_equal(value(&all[i]->tree), MIB);
        assert_int_equal(value(&all[i]->peak_tree), MIB);
    }
    cay__account_release(leaf, CAY_PART_HOST, MIB);
    drop(leaf);
    drop(mid);
    drop(root);
}

typedef struct runner {
    cay_account_t *a;
    uint64_t base;     /* what its clock told when the first slice began */
    _Atomic int clock; /* 0 until then */
    atomic_bool stop;
    _Atomic uint64_t cpu; /* settled */
} runner_t;

/* Slices as short as they get, and the CPU of each to the nanosecond. */
static void run_slices(void *arg) {
    runner_t *r = arg;
    uint64_t mark = cay__clock_thread(), cpu = 0;
    r->base = mark;
    atomic_store(&r->clock, cay__clock_thread_id());
    while (!atomic_load(&r->stop)) {
        cay__account_begin(r->a, mark);
        uint64_t end = cay__clock_thread();
        cpu += end - mark;
        cay__account_settle(r->a, cpu);
        mark = end;
    }
    atomic_store(&r->cpu, cpu);
}

static void cpu_that_moves_to_the_tree_is_never_counted_twice(void **state) {
    (void)state;
    runner_t r = {.a = account_of(NULL, "cpu=1h")};
    cay_thread_t t;
    assert_int_equal(cay__thread_start(&t, "slices", 0, run_slices, &r), 0);
    while (!atomic_load(&r.clock)) {}
    for (int i = 0; i < 200000; i++) {
        uint64_t now = 0, cpu, tree;
        cpu = cay__account_cpu(r.a, NULL);
        tree = cay__account_tree_cpu(r.a);
        assert_true(cay__clock_of_thread(atomic_load(&r.clock), &now));
        if (cpu > now - r.base || tree > now - r.base) {
            fail_msg("round %d: %llu ns, in the tree %llu, of %llu", i, (unsigned long long)cpu,
                     (unsigned long long)tree, (unsigned long long)(now - r.base));
        }
    }
    atomic_store(&r.stop, true);
    cay__thread_join(&t);
    assert_int_equal(cay__account_tree_cpu(r.a), value(&r.cpu));
    assert_int_equal(cay__account_cpu(r.a, NULL), value(&r.cpu));
    drop(r.a);
}

static void die_within_a_slice(void *arg) {
    runner_t *r = arg;
    cay__account_begin(r->a, cay__clock_thread());
    burn(3 * CAY_NS_PER_MS);
    cay__account_publish(r->a, cay__account_cpu(r->a, NULL));
}

static void cpu_that_was_published_is_not_lost_with_its_thread(void **state) {
    (void)state;
    runner_t r = {.a = account_of(NULL, "cpu=1h")};
    cay_thread_t t;
    assert_int_equal(cay__thread_start(&t, "dies", 0, die_within_a_slice, &r), 0);
    cay__thread_join(&t);
    uint64_t slice;
    assert_true(cay__account_cpu(r.a, &slice) >= 3 * CAY_NS_PER_MS);
    assert_int_equal(slice, 0);
    assert_int_equal(cay__account_tree_cpu(r.a), cay__account_cpu(r.a, NULL));
    drop(r.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_charge_leaves_no_trace_in_the_peaks),
        cmocka_unit_test(cpu_that_moves_to_the_tree_is_never_counted_twice),
        cmocka_unit_test(cpu_that_was_published_is_not_lost_with_its_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
