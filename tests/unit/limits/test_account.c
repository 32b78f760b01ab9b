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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_charge_leaves_no_trace_in_the_peaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
