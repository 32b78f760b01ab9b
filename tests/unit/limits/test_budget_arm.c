/* SPDX-License-Identifier: MIT */
/* When the watchdog is asked to look: by a slice that begins, by a rest. */
#include "budget_test.h"

typedef struct armed {
    cay_watchdog_t *watchdog;
    watched_t *w;
} armed_t;

static armed_t add(cay_account_t *parent, const char *text, uint64_t sample_ns) {
    armed_t x = {.w = watched(parent, text)};
    x.w->b.account->born = cay__clock_mono();
    x.w->b.sample_ns = sample_ns;
    assert_int_equal(cay__watchdog_new(&x.watchdog), 0);
    assert_int_equal(cay__budget_add(x.watchdog, &x.w->b), 0);
    x.w->b.cpus = 4;
    return x;
}

static void take_out(armed_t x) {
    cay__budget_remove(&x.w->b);
    cay__watchdog_free(x.watchdog);
    assert_string_equal(x.w->told, "");
    drop(x.w);
}

static uint64_t armed_by_begin(cay_budget_t *b, uint64_t now) {
    atomic_store(&b->armed, NEVER); /* as after a look */
    cay__budget_begin(b, now, cay__clock_thread());
    uint64_t due = atomic_load(&b->armed);
    cay__budget_end(b, atomic_load(&b->account->cpu));
    return due;
}

#define HOUR (3600 * CAY_NS_PER_S)

static void a_slice_arms_the_first_moment(void **state) {
    (void)state;
    uint64_t now = cay__clock_mono();
    armed_t x = add(NULL, "cpu=10h;turn-cpu=9h", 0);
    assert_int_equal(atomic_load(&x.w->b.armed), NEVER); /* nothing could happen yet */
    assert_int_equal(armed_by_begin(&x.w->b, now), now + 8 * HOUR);
    cay__account_settle(x.w->b.account, 3 * HOUR);
    assert_int_equal(armed_by_begin(&x.w->b, now), now + 5 * HOUR);
    atomic_store(&x.w->b.told, 1u << CAY_LIMIT_CPU);
    cay__account_settle(x.w->b.account, 8 * HOUR + 1);
    assert_int_equal(armed_by_begin(&x.w->b, now), now + 2 * HOUR - 1);
    take_out(x);
    x = add(NULL, "turn-cpu=9h", HOUR);
    assert_int_equal(armed_by_begin(&x.w->b, now), now + HOUR);
    take_out(x);
    x = add(NULL, "", 0);
    assert_int_equal(armed_by_begin(&x.w->b, now), NEVER);
    take_out(x);
}

static void what_is_armed_earlier_stays(void **state) {
    (void)state;
    armed_t x = add(NULL, "cpu=10h;wall=5h;idle=1h", 0);
    uint64_t born = x.w->b.account->born, now = cay__clock_mono();
    assert_int_equal(atomic_load(&x.w->b.armed), born + 4 * HOUR);
    cay__budget_begin(&x.w->b, now, cay__clock_thread());
    assert_int_equal(atomic_load(&x.w->b.armed), born + 4 * HOUR);
    cay__budget_end(&x.w->b, 1000);
    uint64_t rest = atomic_load(&x.w->b.rest); /* soft idle: 48 min */
    assert_true(rest >= now);
    assert_int_equal(atomic_load(&x.w->b.armed), rest + HOUR / 10 * 8);
    take_out(x);
}

static void in_a_tree_a_slice_arms_for_all(void **state) {
    (void)state;
    uint64_t now = cay__clock_mono();
    watched_t *root = watched(NULL, "cpu=10h;soft=unlimited");
    armed_t x = add(root->b.account, "", 0);
    assert_int_equal(armed_by_begin(&x.w->b, now), now + 10 * HOUR / 4);
    cay__account_settle(root->b.account, 2 * HOUR);
    assert_int_equal(armed_by_begin(&x.w->b, now), now + 8 * HOUR / 4);
    take_out(x);
    drop(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slice_arms_the_first_moment),
        cmocka_unit_test(what_is_armed_earlier_stays),
        cmocka_unit_test(in_a_tree_a_slice_arms_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
