/* SPDX-License-Identifier: MIT */
/* Accounts: what is charged up a tree, counted, and refused. */
#include "base/mem.h"
#include "limits_test.h"

/* ---- bytes ---- */

static void a_charge_counts_in_all_above(void **state) {
    (void)state;
    cay_account_t *root = account_of(NULL, ""), *mid = account_of(root, ""),
                  *leaf = account_of(mid, "");
    assert_true(cay__account_charge(leaf, CAY_PART_HOST, 5));
    assert_true(cay__account_charge(mid, CAY_PART_MESSAGES, 70));
    cay__account_force(root, CAY_PART_WASM, 900);
    assert_int_equal(value(&leaf->tree), 5);
    assert_int_equal(value(&mid->tree), 75);
    assert_int_equal(value(&root->tree), 975);
    assert_int_equal(cay__account_own(leaf), 5);
    assert_int_equal(cay__account_own(mid), 70);
    assert_int_equal(cay__account_own(root), 900);
    assert_int_equal(value(&mid->part[CAY_PART_MESSAGES]), 70);
    cay__account_release(leaf, CAY_PART_HOST, 5);
    cay__account_release(mid, CAY_PART_MESSAGES, 70);
    cay__account_release(root, CAY_PART_WASM, 900);
    assert_int_equal(value(&root->tree) + value(&mid->tree) + value(&leaf->tree), 0);
    assert_int_equal(value(&root->peak_tree), 975);
    assert_int_equal(value(&mid->peak_tree), 75);
    end_account(leaf);
    end_account(mid);
    end_account(root);
}

enum { LEVELS = 4 };

/* Whichever level refuses, nothing has changed anywhere, down to the last byte of the structs. */
static void a_refusal_at_any_level_leaves_every_figure(void **state) {
    (void)state;
    for (int tight = 0; tight < LEVELS; tight++) {
        cay_account_t *a[LEVELS] = {NULL}, before[LEVELS];
        for (int i = 0; i < LEVELS; i++) {
            a[i] =
                account_of(i ? a[i - 1] : NULL, i == tight ? "memory=5M;output=5M" : "memory=1G");
        }
        cay_account_t *leaf = a[LEVELS - 1];
        assert_true(cay__account_charge(leaf, CAY_PART_HOST, 2 * MIB));
        assert_true(cay__account_output(leaf, 2 * MIB));
        for (int i = 0; i < LEVELS; i++) {
            memcpy(&before[i], a[i], sizeof before[i]);
        }
        assert_false(cay__account_charge(leaf, CAY_PART_HOST, 3 * MIB + 1));
        assert_false(cay__account_charge(leaf, CAY_PART_HOST, UINT64_MAX));
        assert_false(cay__account_fits(leaf, 3 * MIB + 1));
        assert_true(cay__account_fits(leaf, 3 * MIB));
        for (int i = 0; i < LEVELS; i++) {
            assert_memory_equal(a[i], &before[i], sizeof before[i]);
        }
        assert_false(cay__account_output(leaf, 3 * MIB + 1));
        for (int i = 0; i < LEVELS; i++) {
            assert_int_equal(value(&a[i]->tree_output), 2 * MIB);
        }
        assert_true(cay__account_charge(leaf, CAY_PART_HOST, 3 * MIB)); /* just up to it */
        assert_ptr_equal(cay__account_passed(leaf), NULL);
        cay__account_release(leaf, CAY_PART_HOST, 5 * MIB);
        for (int i = LEVELS - 1; i >= 0; i--) {
            end_account(a[i]);
        }
    }
}

static void what_is_forced_passes_a_limit_and_shows(void **state) {
    (void)state;
    cay_account_t *root = account_of(NULL, "memory=8M"),
                  *leaf = account_of(root, "memory=unlimited");
    cay__account_force(leaf, CAY_PART_HEAP, 9 * MIB);
    assert_ptr_equal(cay__account_passed(leaf), root);
    assert_false(cay__account_charge(leaf, CAY_PART_HOST, 0));
    assert_false(cay__account_fits(leaf, 0));
    cay__account_release(leaf, CAY_PART_HEAP, MIB);
    assert_null(cay__account_passed(leaf));
    assert_true(cay__account_charge(leaf, CAY_PART_HOST, 0));
    assert_true(cay__account_is_below(leaf, root) && cay__account_is_below(leaf, leaf));
    assert_false(cay__account_is_below(root, leaf));
    cay__account_release(leaf, CAY_PART_HEAP, 8 * MIB);
    end_account(leaf);
    end_account(root);
}

static void what_is_measured_replaces_what_was(void **state) {
    (void)state;
    cay_account_t *root = account_of(NULL, ""), *leaf = account_of(root, "");
    cay__account_set(leaf, CAY_PART_HEAP, 100);
    cay__account_set(leaf, CAY_PART_BUFFERS, 40);
    cay__account_set(leaf, CAY_PART_HEAP, 30);
    cay__account_set(leaf, CAY_PART_HEAP, 30);
    assert_int_equal(value(&root->tree), 70);
    assert_int_equal(value(&root->peak_tree), 140);
    assert_int_equal(value(&leaf->peak_heap), 100);
    assert_int_equal(value(&root->peak_heap), 0);
    end_account(leaf);
    end_account(root);
}

/* What it alone had is given back at its end; what others charged to it stays until they release it. */
static void an_end_gives_back_its_own(void **state) {
    (void)state;
    cay_account_t *root = account_of(NULL, ""), *leaf = account_of(root, "");
    cay_account_t *kept = cay__account_ref(leaf);
    for (int i = 0; i < CAY_PART_COUNT; i++) {
        cay__account_force(leaf, (cay_part_t)i, 10u << i);
    }
    uint64_t others = (10u << CAY_PART_MESSAGES) + (10u << CAY_PART_HOST);
    assert_int_equal(value(&leaf->ended), 0);
    end_account(leaf);
    assert_true(value(&kept->ended) >= kept->born);
    assert_int_equal(value(&root->tree), others);
    assert_int_equal(value(&root->tree_workers), 0);
    cay__account_release(kept, CAY_PART_MESSAGES, 10u << CAY_PART_MESSAGES);
    cay__account_release(kept, CAY_PART_HOST, 10u << CAY_PART_HOST);
    assert_int_equal(value(&root->tree), 0);
    cay__account_unref(&kept);
    assert_null(kept);
    end_account(root);
}

static void soft_limits_are_parts_of_hard_ones(void **state) {
    (void)state;
    cay_account_t *a = account_of(NULL, "memory=64M;cpu=99ms;wall=unlimited");
    assert_int_equal(cay__account_soft(a, CAY_LIMIT_MEMORY),
                     64 * MIB / 100 * 80 + 64 * MIB % 100 * 80 / 100);
    assert_int_equal(cay__account_soft(a, CAY_LIMIT_CPU), 79);
    assert_int_equal(cay__account_soft(a, CAY_LIMIT_WALL), UINT64_MAX);
    a->limits.memory = UINT64_MAX - 1; /* times 80 it would not fit */
    assert_int_equal(cay__account_soft(a, CAY_LIMIT_MEMORY), (UINT64_MAX - 1) / 5 * 4 + 3);
    a->limits.soft_percent = CAY_UNLIMITED;
    assert_int_equal(cay__account_soft(a, CAY_LIMIT_CPU), UINT64_MAX);
    end_account(a);
}

/* ---- workers ---- */

static void refused_worker(cay_account_t *parent, const char *why) {
    cay_limits_t l = limits_of("");
    cay_error_t *err = NULL;
    assert_null(cay__account_new(parent, &l, &err));
    assert_int_equal(cay_error_code(err), CAY_ELIMIT);
    assert_string_equal(cay_error_message(err), why);
    cay_error_free(err);
}

static void workers_are_counted_at_all_depths(void **state) {
    (void)state;
    cay_account_t *root = account_of(NULL, "workers=3"), *a = account_of(root, "workers=unlimited");
    cay_account_t *b = account_of(a, "workers=0"), *c = account_of(a, "workers=1");
    assert_int_equal(value(&root->tree_workers), 3);
    assert_int_equal(value(&a->tree_workers), 2);
    refused_worker(root, "3 workers are alive below this one, the limit of workers");
    refused_worker(c, "3 workers are alive below a creator of this one, the limit of workers");
    refused_worker(b, "0 workers are alive below this one, the limit of workers");
    assert_int_equal(value(&root->tree_workers), 3);
    assert_int_equal(value(&a->tree_workers), 2);
    assert_int_equal(value(&b->tree_workers) + value(&c->tree_workers), 0);
    assert_int_equal(b->limits.workers, CAY_NO_WORKERS);
    end_account(b); /* one may take its place */
    cay_account_t *d = account_of(c, "");
    assert_int_equal(value(&root->tree_workers), 3);
    end_account(d);
    end_account(c);
    end_account(a);
    assert_int_equal(value(&root->tree_workers), 0);
    end_account(root);
}

enum { DEEP = 1000 };

/* Ended from the top or from the bottom, unreferenced in any order: nothing is left, no stack is used up. */
static void deep_trees_come_down_in_any_order(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    for (int order = 0; order < 3; order++) {
        cay_account_t *a[DEEP];
        for (int i = 0; i < DEEP; i++) {
            a[i] = account_of(i ? a[i - 1] : NULL, "workers=unlimited");
        }
        assert_true(cay__account_charge(a[DEEP - 1], CAY_PART_HEAP, 7));
        assert_int_equal(value(&a[0]->tree), 7);
        assert_int_equal(value(&a[0]->tree_workers), DEEP - 1);
        cay_account_t *top = cay__account_ref(a[0]);
        for (int i = 0; i < DEEP; i++) {
            int k = order == 0 ? i : order == 1 ? DEEP - 1 - i : i * 337 % DEEP;
            end_account(a[k]);
        }
        assert_int_equal(value(&top->tree) + value(&top->tree_workers), 0);
        cay__account_unref(&top);
        assert_int_equal(cay__mem_live(), live);
    }
}

/* The first allocation is the account's; the others are those of the error, which may do without its text. */
static void without_memory_no_worker_is_counted(void **state) {
    (void)state;
    cay_account_t *root = account_of(NULL, "workers=0");
    cay_limits_t l = limits_of("");
    int64_t live = cay__mem_live();
    for (uint64_t n = 1; n <= 4; n++) {
        cay_error_t *err = NULL;
        cay__mem_fail_at(n, false);
        cay_account_t *a = cay__account_new(root, &l, &err);
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_null(a);
        assert_int_equal(failed, n < 4);
        assert_int_equal(cay_error_code(err), n == 1 ? CAY_ENOMEM : n == 2 ? 0 : CAY_ELIMIT);
        cay_error_free(err);
        assert_int_equal(value(&root->tree_workers), 0);
        assert_int_equal(cay__mem_live(), live);
    }
    end_account(root);
}

/* ---- counts, output ---- */

static void counts_stop_at_their_limit(void **state) {
    (void)state;
    cay_account_t *a = account_of(NULL, "ports=2;timers=unlimited");
    assert_true(cay__account_take(a, CAY_TALLY_PORTS, CAY_LIMIT_PORTS));
    assert_true(cay__account_take(a, CAY_TALLY_PORTS, CAY_LIMIT_PORTS));
    assert_false(cay__account_take(a, CAY_TALLY_PORTS, CAY_LIMIT_PORTS));
    assert_int_equal(value(&a->tally[CAY_TALLY_PORTS]), 2);
    cay__account_give(a, CAY_TALLY_PORTS);
    assert_true(cay__account_take(a, CAY_TALLY_PORTS, CAY_LIMIT_PORTS));
    for (int i = 0; i < 20000; i++) {
        assert_true(cay__account_take(a, CAY_TALLY_TIMERS, CAY_LIMIT_TIMERS));
    }
    cay__account_count(a, CAY_TALLY_MESSAGES_IN);
    cay__account_count(a, CAY_TALLY_MESSAGES_IN);
    assert_int_equal(value(&a->tally[CAY_TALLY_MESSAGES_IN]), 2);
    end_account(a);
}

static void output_is_dropped_past_the_limit_of_any_above(void **state) {
    (void)state;
    cay_account_t *root = account_of(NULL, "output=100"), *a = account_of(root, "output=80");
    cay_account_t *b = account_of(root, "output=80");
    assert_true(cay__account_output(a, 80));
    assert_false(cay__account_output(a, 1)); /* its own */
    assert_true(cay__account_output(b, 20));
    assert_false(cay__account_output(b, 1)); /* the root's */
    assert_false(cay__account_output(b, UINT64_MAX - 10));
    assert_int_equal(value(&root->tree_output), 100);
    assert_int_equal(value(&b->tree_output), 20);
    assert_int_equal(value(&a->output_dropped), 1);
    assert_int_equal(value(&b->output_dropped), UINT64_MAX - 9);
    assert_int_equal(value(&root->output_dropped), UINT64_MAX - 8); /* of all below */
    end_account(a);
    assert_true(value(&root->tree_output) == 100); /* over its life */
    end_account(b);
    end_account(root);
}

/* ---- messages ---- */

static void shared_queues_have_one_bound(void **state) {
    (void)state;
    cay_account_t *a = account_of(NULL, "queue=4;queue-bytes=1M");
    for (int i = 0; i < 4; i++) {
        assert_true(cay__account_enqueue(a, true, i == 0, 10));
    }
    assert_false(value(&a->tally[CAY_TALLY_QUEUED]) != 4 || atomic_load(&a->starved));
    assert_false(cay__account_enqueue(a, true, true, 10));  /* alone in its port, not among all */
    assert_true(cay__account_enqueue(a, false, false, 10)); /* the main port has its own */
    assert_int_equal(value(&a->shared_queued), 4);
    assert_int_equal(value(&a->tally[CAY_TALLY_QUEUED]), 5);
    assert_int_equal(value(&a->part[CAY_PART_MESSAGES]), 50);
    assert_true(atomic_load(&a->starved));
    cay__account_dequeue(a, true, 1, 10);
    assert_false(cay__account_drained(a)); /* more than half full */
    cay__account_dequeue(a, true, 1, 10);
    assert_true(cay__account_drained(a));
    assert_false(cay__account_drained(a)); /* told */
    cay__account_dequeue(a, true, 2, 20);
    cay__account_dequeue(a, false, 1, 10);
    assert_int_equal(value(&a->tree) + value(&a->shared_bytes) + value(&a->tally[CAY_TALLY_QUEUED]),
                     0);
    end_account(a);
}

static void a_message_alone_may_be_larger_than_its_queue(void **state) {
    (void)state;
    cay_account_t *a = account_of(NULL, "memory=8M;queue-bytes=1M");
    assert_false(cay__account_enqueue(a, true, false, 2 * MIB));
    assert_true(cay__account_enqueue(a, true, true, 2 * MIB));
    assert_false(
        cay__account_enqueue(a, true, true, 2 * MIB)); /* in another port, but not alone now */
    assert_false(cay__account_enqueue(a, true, true, 1));
    assert_int_equal(value(&a->shared_queued), 1);
    cay__account_dequeue(a, true, 1, 2 * MIB);
    assert_false(cay__account_enqueue(a, true, true, 8 * MIB + 1)); /* memory is memory */
    assert_int_equal(value(&a->shared_queued) + value(&a->shared_bytes) + value(&a->tree), 0);
    assert_true(cay__account_enqueue(a, true, true, 8 * MIB));
    cay__account_dequeue(a, true, 1, 8 * MIB);
    end_account(a);
}

static void room_is_asked_for_without_taking_it(void **state) {
    (void)state;
    cay_account_t *a = account_of(NULL, "memory=8M;queue=2;queue-bytes=1M");
    cay_account_t *child = account_of(a, "memory=8M;queue=2;queue-bytes=1M");
    assert_true(cay__account_has_room(child, true, false, MIB));
    assert_true(cay__account_has_room(child, true, true, 8 * MIB));
    assert_true(cay__account_has_room(child, false, false, 8 * MIB));
    assert_false(cay__account_has_refused(child));
    assert_false(cay__account_has_room(child, true, false, MIB + 1));
    assert_true(atomic_load(&child->starved));
    assert_true(cay__account_drained(child)); /* what the caller does not wait for is no matter */
    assert_false(cay__account_has_room(child, true, true, 8 * MIB + 1));
    assert_true(atomic_load(&child->pressed));
    assert_true(cay__account_drained(child));
    assert_true(cay__account_charge(a, CAY_PART_HOST, 7 * MIB));
    assert_false(cay__account_has_room(child, false, false, MIB + 1)); /* the creator's */
    assert_false(cay__account_drained(child));
    cay__account_release(a, CAY_PART_HOST, 7 * MIB);
    assert_true(cay__account_drained(child));
    assert_false(cay__account_has_refused(child));
    cay__account_adopt(child, true, 2, 10);
    assert_false(cay__account_has_room(child, true, false, 0)); /* two wait */
    assert_true(atomic_load(&child->starved) && !atomic_load(&child->pressed));
    cay__account_share(child, false, 1, 10);
    assert_int_equal(value(&child->shared_queued), 1);
    assert_int_equal(value(&child->shared_bytes), 0);
    assert_int_equal(value(&child->tally[CAY_TALLY_QUEUED]), 2);
    assert_true(cay__account_drained(child));
    cay__account_share(child, true, 1, 10);
    cay__account_dequeue(child, true, 2, 10);
    assert_int_equal(value(&child->shared_queued) + value(&child->shared_bytes) + value(&a->tree),
                     0);
    end_account(child);
    end_account(a);
}

static void what_is_adopted_is_not_refused(void **state) {
    (void)state;
    cay_account_t *root = account_of(NULL, "memory=4M"),
                  *a = account_of(root, "queue=2;queue-bytes=1K");
    cay__account_adopt(a, true, 3, 5 * MIB);
    assert_int_equal(value(&a->shared_queued), 3);
    assert_int_equal(value(&a->shared_bytes), 5 * MIB);
    assert_int_equal(value(&root->tree), 5 * MIB);
    assert_ptr_equal(cay__account_passed(a), root);
    cay__account_adopt(a, false, 1, 1);
    assert_false(cay__account_enqueue(a, true, true, 0));
    cay__account_dequeue(a, true, 3, 5 * MIB);
    cay__account_dequeue(a, false, 1, 1);
    assert_true(cay__account_drained(a));
    assert_int_equal(value(&a->tally[CAY_TALLY_QUEUED]) + value(&root->tree), 0);
    end_account(a);
    end_account(root);
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
    end_account(a);
}

/* ---- CPU, usage ---- */

static void slices_add_up_in_the_tree(void **state) {
    (void)state;
    cay_account_t *root = account_of(NULL, ""), *a = account_of(root, ""),
                  *b = account_of(root, "");
    cay__account_settle(a, 100);
    cay__account_settle(b, 30);
    cay__account_publish(a, 150); /* of a slice under way */
    cay__account_publish(a, 120); /* an older reading */
    assert_int_equal(cay__account_tree_cpu(root), 180);
    cay__account_settle(a, 170);
    cay__account_settle(root, 5);
    assert_int_equal(cay__account_tree_cpu(root), 205);
    assert_int_equal(cay__account_tree_cpu(a), 170);
    assert_int_equal(cay__account_tree_cpu_with(a, 180), 180);
    assert_int_equal(cay__account_cpu(root, NULL), 5);
    end_account(a);
    assert_int_equal(cay__account_tree_cpu(root), 205); /* that ever were below */
    end_account(b);
    end_account(root);
}

static void a_slice_counts_while_it_runs(void **state) {
    (void)state;
    cay_account_t *root = account_of(NULL, ""), *a = account_of(root, "");
    uint64_t slice, mark = cay__clock_thread();
    cay__account_begin(a, mark);
    assert_true(cay__account_runs(a));
    burn(2 * CAY_NS_PER_MS);
    assert_true(cay__account_cpu(a, &slice) >= 2 * CAY_NS_PER_MS);
    assert_true(slice >= 2 * CAY_NS_PER_MS);
    assert_true(cay__account_tree_cpu(a) >= 2 * CAY_NS_PER_MS);
    assert_int_equal(cay__account_tree_cpu(root), 0); /* unless it is published */
    cay__account_settle(a, 1234);
    assert_false(cay__account_runs(a));
    atomic_store(&a->clock, 0); /* at rest its clock means nothing: that would be the time of day */
    assert_int_equal(cay__account_cpu(a, &slice), 1234);
    assert_int_equal(slice, 0);
    cay__account_begin(a, 0); /* a clock that starts is a slice, too */
    assert_true(cay__account_runs(a));
    cay__account_settle(a, 1234);
    assert_int_equal(value(&a->tally[CAY_TALLY_SLICES]), 2);
    end_account(a);
    end_account(root);
}

/* Of a slice that is never over: its thread is lost to a fault of the engine. */
static void the_last_slice_counts_in_the_tree(void **state) {
    (void)state;
    cay_account_t *root = account_of(NULL, ""), *a = account_of(root, "");
    cay_account_t *kept = cay__account_ref(a);
    cay__account_begin(a, cay__clock_thread());
    burn(2 * CAY_NS_PER_MS);
    end_account(a);
    uint64_t used = cay__account_tree_cpu(root);
    assert_true(used >= 2 * CAY_NS_PER_MS);
    cay__account_settle(kept, used + 5); /* of one that is over later */
    assert_int_equal(cay__account_tree_cpu(root), used + 5);
    cay__account_unref(&kept);
    end_account(root);
}

static void usage_is_all_of_it(void **state) {
    (void)state;
    cay_account_t *root = account_of(NULL, "output=500"), *a = account_of(root, "");
    cay_usage_t u;
    for (int i = 0; i < CAY_PART_COUNT; i++) {
        cay__account_force(root, (cay_part_t)i, 10u << i);
    }
    cay__account_force(a, CAY_PART_HOST, 1000);
    cay__account_set(root, CAY_PART_HEAP, 4);
    for (int i = 0; i < CAY_TALLY_COUNT; i++) {
        for (int k = 0; k <= i; k++) {
            cay__account_count(root, (cay_tally_t)i);
        }
    }
    assert_true(cay__account_output(a, 400));
    assert_true(cay__account_output(root, 50));
    assert_false(cay__account_output(root, 60));
    cay__account_settle(a, 77);
    cay__account_settle(root, 11);
    cay__account_usage(root, &u);
    uint64_t own = 4 + 20 + 40 + 80 + 160 + 320;
    const cay_usage_t expected = {
        .cpu_ns = 11,
        .wall_ns = u.wall_ns,
        .peak_heap = 4,
        .messages_in = 5,
        .messages_out = 6,
        .slices = 7,
        .memory = own + 1000,
        .peak_memory = own + 1006,
        .heap = 4,
        .buffers = 20,
        .wasm = 40,
        .messages = 80,
        .host = 160,
        .native = 320,
        .queued = 4,
        .ops = 3,
        .ports = 1,
        .timers = 2,
        .workers = 1,
        .output = 450,
        .output_dropped = 60,
        .tree_cpu_ns = 88,
    };
    assert_memory_equal(&u, &expected, sizeof u);
    assert_true(cay__account_own(root) == own);
    cay__account_release(a, CAY_PART_HOST, 1000);
    end_account(a);
    cay__account_end(root);
    burn(CAY_NS_PER_MS);
    cay__account_usage(root, &u);
    cay_usage_t later;
    burn(CAY_NS_PER_MS);
    cay__account_usage(root, &later);
    assert_int_equal(u.wall_ns, later.wall_ns); /* its time has stopped */
    assert_int_equal(u.wall_ns, value(&root->ended) - root->born);
    assert_int_equal(u.memory, 80 + 160);
    cay__account_release(root, CAY_PART_MESSAGES, 80);
    cay__account_release(root, CAY_PART_HOST, 160);
    cay__account_unref(&root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_charge_counts_in_all_above),
        cmocka_unit_test(a_refusal_at_any_level_leaves_every_figure),
        cmocka_unit_test(what_is_forced_passes_a_limit_and_shows),
        cmocka_unit_test(what_is_measured_replaces_what_was),
        cmocka_unit_test(an_end_gives_back_its_own),
        cmocka_unit_test(soft_limits_are_parts_of_hard_ones),
        cmocka_unit_test(workers_are_counted_at_all_depths),
        cmocka_unit_test(deep_trees_come_down_in_any_order),
        cmocka_unit_test(without_memory_no_worker_is_counted),
        cmocka_unit_test(counts_stop_at_their_limit),
        cmocka_unit_test(output_is_dropped_past_the_limit_of_any_above),
        cmocka_unit_test(shared_queues_have_one_bound),
        cmocka_unit_test(a_message_alone_may_be_larger_than_its_queue),
        cmocka_unit_test(room_is_asked_for_without_taking_it),
        cmocka_unit_test(what_is_adopted_is_not_refused),
        cmocka_unit_test(room_is_told_when_what_was_refused_fits),
        cmocka_unit_test(slices_add_up_in_the_tree),
        cmocka_unit_test(a_slice_counts_while_it_runs),
        cmocka_unit_test(the_last_slice_counts_in_the_tree),
        cmocka_unit_test(usage_is_all_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
