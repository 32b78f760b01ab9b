/* SPDX-License-Identifier: MIT */
/* Accounts under several threads: no limit is passed, nothing is counted twice or lost, nobody waits in vain. */
#include <sched.h>

#include "base/mem.h"
#include "limits_test.h"

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
    end_account(r.a);
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
    end_account(r.a);
}

typedef struct crowd {
    cay_account_t *a;
    _Atomic unsigned in, wrong;
} crowd_t;

enum { LONERS = 2, LONE_ROUNDS = 60000 };

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
    end_account(c.a);
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
        if (atomic_fetch_add(&f->looks, 1) % 1000 == 0) {
            sched_yield();
        }
    }
}

static void yield_now_and_then(unsigned spins) {
    if (spins > 1000) {
        sched_yield();
    }
}

/* All is taken; after two looks that began later than that it is also told. */
static bool is_told(flow_t *f) {
    for (unsigned i = 0; atomic_load(&f->waiting); i++) {
        yield_now_and_then(i);
    }
    uint64_t since = atomic_load(&f->looks);
    for (unsigned i = 0; atomic_load(&f->looks) < since + 2; i++) {
        yield_now_and_then(i);
    }
    return atomic_load(&f->told);
}

static void who_is_refused_is_told(const char *limits, bool is_shared) {
    flow_t f = {.a = account_of(NULL, limits), .is_shared = is_shared};
    cay_thread_t t;
    unsigned refused = 0;
    assert_int_equal(cay__thread_start(&t, "take", 0, take_all, &f), 0);
    for (unsigned i = 0; i < 100000 && refused < 8000; i++) {
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
    end_account(f.a);
}

static void a_refusal_is_never_missed_by_who_makes_room(void **state) {
    (void)state;
    who_is_refused_is_told("memory=40M;queue=2;queue-bytes=10M", true);
    who_is_refused_is_told("memory=40M;queue-bytes=4M", true);
    who_is_refused_is_told("memory=4M", false);
}

/* ---- all at once ---- */

enum { HANDS = 4, DEEDS = 60000, OWN = 3 };

typedef struct hand {
    cay_account_t *root, *mid, *leaf; /* the leaf is this hand's, the rest everybody's */
    cay_thread_t thread;
    uint64_t chance;
    uint64_t held[OWN]; /* bytes charged to the root, mid, leaf */
    uint64_t heap, taken, output;
    _Atomic unsigned *wrong;
} hand_t;

static bool is_within(const cay_account_t *a) {
    return value(&a->tree) <= a->limits.memory && value(&a->tree_output) <= a->limits.output &&
           value(&a->tree_workers) <= a->limits.workers &&
           value(&a->tally[CAY_TALLY_PORTS]) <= a->limits.ports &&
           value(&a->shared_queued) <= a->limits.queue &&
           value(&a->shared_bytes) <= a->limits.queue_bytes;
}

static void charge_one(hand_t *h, uint64_t n) {
    cay_account_t *own[OWN] = {h->root, h->mid, h->leaf};
    size_t which = chance(&h->chance, OWN);
    if (cay__account_charge(own[which], CAY_PART_HOST, n)) {
        h->held[which] += n;
    } else if (h->held[which]) {
        cay__account_release(own[which], CAY_PART_HOST, h->held[which]);
        h->held[which] = 0;
    }
}

static void message_one(hand_t *h, uint64_t n) {
    if (cay__account_enqueue(h->mid, true, false, n)) {
        cay__account_dequeue(h->mid, true, 1, n);
    }
    (void)cay__account_drained(h->mid);
}

static void worker_one(hand_t *h) {
    cay_error_t *err = NULL;
    cay_account_t *a = cay__account_new(h->mid, &h->mid->limits, &err);
    atomic_fetch_add(h->wrong, !a && cay_error_code(err) != CAY_ELIMIT);
    cay_error_free(err);
    if (a) {
        cay__account_end(a);
        cay__account_unref(&a);
    }
}

static void port_one(hand_t *h) {
    if (cay__account_take(h->mid, CAY_TALLY_PORTS, CAY_LIMIT_PORTS)) {
        h->taken++;
    } else if (h->taken) {
        cay__account_give(h->mid, CAY_TALLY_PORTS);
        h->taken--;
    }
}

/* The heap is measured: only as far as the others leave room. */
static void measure_one(hand_t *h, uint64_t n) {
    if (n < h->heap) {
        cay__account_set(h->leaf, CAY_PART_HEAP, h->heap = n);
    }
    h->output += cay__account_output(h->leaf, n % 100) ? n % 100 : 0;
}

static void do_deeds(void *arg) {
    hand_t *h = arg;
    for (unsigned i = 0; i < DEEDS; i++) {
        uint64_t n = chance(&h->chance, MIB);
        switch (i % 5) {
        case 0: charge_one(h, n); break;
        case 1: message_one(h, n); break;
        case 2: worker_one(h); break;
        case 3: port_one(h); break;
        case 4: measure_one(h, n); break;
        }
        atomic_fetch_add(h->wrong,
                         !is_within(h->root) || !is_within(h->mid) || !is_within(h->leaf));
    }
    cay_account_t *own[OWN] = {h->root, h->mid, h->leaf};
    for (size_t i = 0; i < OWN; i++) {
        cay__account_release(own[i], CAY_PART_HOST, h->held[i]);
    }
    for (; h->taken; h->taken--) {
        cay__account_give(h->mid, CAY_TALLY_PORTS);
    }
}

static void no_limit_is_passed_and_all_comes_back(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    _Atomic unsigned wrong = 0;
    hand_t h[HANDS];
    cay_account_t *root =
        account_of(NULL, "memory=12M;queue=2;queue-bytes=1M;workers=7;output=1M;ports=5");
    cay_account_t *mid =
        account_of(root, "memory=8M;queue=2;queue-bytes=1M;workers=6;output=1M;ports=5");
    for (unsigned i = 0; i < HANDS; i++) {
        h[i] = (hand_t){.root = root, .mid = mid, .chance = i, .wrong = &wrong, .heap = MIB};
        h[i].leaf = account_of(mid, "memory=4M");
        cay__account_set(h[i].leaf, CAY_PART_HEAP, MIB);
    }
    for (unsigned i = 0; i < HANDS; i++) {
        assert_int_equal(cay__thread_start(&h[i].thread, "hand", 0, do_deeds, &h[i]), 0);
    }
    uint64_t output = 0;
    for (unsigned i = 0; i < HANDS; i++) {
        cay__thread_join(&h[i].thread);
        output += h[i].output;
        end_account(h[i].leaf);
    }
    assert_int_equal(atomic_load(&wrong), 0);
    assert_int_equal(value(&root->tree_output), output);
    for (cay_account_t *a = mid; a; a = a->parent) {
        assert_int_equal(value(&a->tree) + cay__account_own(a), 0);
        assert_int_equal(value(&a->shared_queued) + value(&a->shared_bytes), 0);
        assert_int_equal(value(&a->tally[CAY_TALLY_PORTS]) + value(&a->tally[CAY_TALLY_QUEUED]), 0);
        assert_int_equal(value(&a->tree_workers), a == root);
        assert_true(value(&a->peak_tree) <= a->limits.memory);
    }
    end_account(mid);
    end_account(root);
    assert_int_equal(cay__mem_live(), live);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpu_that_moves_to_the_tree_is_never_counted_twice),
        cmocka_unit_test(cpu_that_was_published_is_not_lost_with_its_thread),
        cmocka_unit_test(only_one_message_is_alone),
        cmocka_unit_test(a_refusal_is_never_missed_by_who_makes_room),
        cmocka_unit_test(no_limit_is_passed_and_all_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
