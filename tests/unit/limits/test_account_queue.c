/* SPDX-License-Identifier: MIT */
/* Messages that wait for an account's worker: how many, of how many bytes, and who is told of room. */
#include "limits_test.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shared_queues_have_one_bound),
        cmocka_unit_test(a_message_alone_may_be_larger_than_its_queue),
        cmocka_unit_test(room_is_asked_for_without_taking_it),
        cmocka_unit_test(what_is_adopted_is_not_refused),
        cmocka_unit_test(room_is_told_when_what_was_refused_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
