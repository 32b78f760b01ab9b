/* SPDX-License-Identifier: MIT */
/* Accounts: what is charged up a tree, counted, and refused. */
#include <sched.h>

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

typedef struct crowd {
    cay_account_t *a;
    _Atomic unsigned in, wrong;
} crowd_t;

enum { LONERS = 2, LONE_ROUNDS = 150000 };

static void meet(crowd_t *c, unsigned meeting) {
    atomic_fetch_add(&c->in, 1);
    for (unsigned spins = 0; atomic_load(&c->in) < meeting * LONERS; spins++) {
        if (spins > 1000) {
            sched_yield();
        }
    }
}

/* Both post a message of twice the bound at once, each to an empty port. */
static void post_alone(void *arg) {
    crowd_t *c = arg;
    for (unsigned i = 0; i < LONE_ROUNDS; i++) {
        meet(c, 2 * i + 1);
        bool taken = cay__account_enqueue(c->a, true, true, 2 * MIB);
        atomic_fetch_add(&c->wrong, value(&c->a->shared_bytes) > 2 * MIB);
        meet(c, 2 * i + 2);
        if (taken) {
            cay__account_dequeue(c->a, true, 1, 2 * MIB);
        }
    }
}

static void only_one_message_is_alone(void **state) {
    (void)state;
    crowd_t c = {.a = account_of(NULL, "queue-bytes=1M")};
    cay_thread_t t[LONERS];
    for (size_t i = 0; i < LONERS; i++) {
        assert_int_equal(cay__thread_start(&t[i], "post", 0, post_alone, &c), 0);
    }
    for (size_t i = 0; i < LONERS; i++) {
        cay__thread_join(&t[i]);
    }
    assert_int_equal(value(&c.a->shared_bytes), 0);
    assert_int_equal(atomic_load(&c.wrong), 0);
    drop(c.a);
}

typedef struct flow {
    cay_account_t *a;
    bool is_shared;
    _Atomic uint64_t waiting; /* posted and not taken */
    atomic_bool told;         /* there is room again */
    _Atomic uint64_t looks;   /* of the taker, each a whole one */
    atomic_bool stop;
} flow_t;

static void take_all(void *arg) {
    flow_t *f = arg;
    while (!atomic_load(&f->stop)) {
        if (atomic_load(&f->waiting)) {
            atomic_fetch_sub(&f->waiting, 1);
            cay__account_dequeue(f->a, f->is_shared, 1, 2 * MIB);
            if (cay__account_drained(f->a)) {
                atomic_store(&f->told, true);
            }
        }
        atomic_fetch_add(&f->looks, 1);
    }
}

/* After two looks that began later than the refusal, all is taken and told. */
static bool is_told(flow_t *f) {
    while (atomic_load(&f->waiting)) {}
    for (uint64_t since = atomic_load(&f->looks); atomic_load(&f->looks) < since + 2;) {}
    return atomic_load(&f->told);
}

static void who_is_refused_is_told(const char *limits, bool is_shared) {
    flow_t f = {.a = account_of(NULL, limits), .is_shared = is_shared};
    cay_thread_t t;
    unsigned refused = 0;
    assert_int_equal(cay__thread_start(&t, "take", 0, take_all, &f), 0);
    for (unsigned i = 0; i < 100000; i++) {
        if (cay__account_enqueue(f.a, is_shared, false, 2 * MIB)) {
            atomic_fetch_add(&f.waiting, 1);
            continue;
        }
        refused++;
        if (!is_told(&f)) {
            fail_msg("nobody told that there is room, after %u refusals", refused);
        }
        atomic_store(&f.told, false);
    }
    atomic_store(&f.stop, true);
    cay__thread_join(&t);
    assert_true(refused > 0);
    cay__account_dequeue(f.a, is_shared, value(&f.waiting), value(&f.waiting) * 2 * MIB);
    drop(f.a);
}

static void a_refusal_is_never_missed_by_who_makes_room(void **state) {
    (void)state;
    who_is_refused_is_told("memory=40M;queue=2;queue-bytes=10M", true);
    who_is_refused_is_told("memory=40M;queue-bytes=4M", true);
    who_is_refused_is_told("memory=4M", false);
}

static void room_is_told_when_what_was_refused_fits(void **state) {
    (void)state;
    cay_account_t *a = account_of(NULL, "memory=8M");
    cay__account_force(a, CAY_PART_HEAP, 6 * MIB);
    assert_false(cay__account_drained(a));
    assert_false(cay__account_enqueue(a, false, true, 4 * MIB));
    assert_false(cay__account_drained(a)); /* 2 MiB, and no use to anyone */
    assert_false(cay__account_enqueue(a, true, true, 3 * MIB));
    assert_false(cay__account_drained(a));
    cay__account_release(a, CAY_PART_HEAP, MIB);
    assert_true(cay__account_drained(a));
    assert_false(cay__account_drained(a));
    /* What never fits holds nobody else up. */
    assert_false(cay__account_enqueue(a, false, true, 9 * MIB));
    assert_true(cay__account_drained(a));
    cay__account_release(a, CAY_PART_HEAP, 5 * MIB);
    drop(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_charge_leaves_no_trace_in_the_peaks),
        cmocka_unit_test(cpu_that_moves_to_the_tree_is_never_counted_twice),
        cmocka_unit_test(cpu_that_was_published_is_not_lost_with_its_thread),
        cmocka_unit_test(only_one_message_is_alone),
        cmocka_unit_test(a_refusal_is_never_missed_by_who_makes_room),
        cmocka_unit_test(room_is_told_when_what_was_refused_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
