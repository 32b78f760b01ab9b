/* SPDX-License-Identifier: MIT */
/* What a look at a budget tells, in which order, and when the next one is. No time passes: `now` is given, and slices run
 * on the CPU clock of a thread that stands still. */
#include "base/mem.h"
#include "limits_test.h"
#include "os/thread.h"

#define MS    CAY_NS_PER_MS
#define NEVER UINT64_MAX

/* ---- a clock that stands ---- */

static struct {
    cay_mutex_t lock;
    cay_cond_t cond;
    int clock;     /* 0 until it stands */
    uint64_t time; /* what it tells; more than 60 ms */
    bool stop;
    cay_thread_t thread;
} still;

static void stand_still(void *arg) {
    (void)arg;
    burn(60 * MS);
    cay__mutex_lock(&still.lock);
    still.clock = cay__clock_thread_id();
    cay__cond_broadcast(&still.cond);
    while (!still.stop) {
        cay__cond_wait(&still.cond, &still.lock);
    }
    cay__mutex_unlock(&still.lock);
}

/* It stands once two looks at it, with a pause for it to fall asleep between them, tell the same. */
static int set_up(void **state) {
    (void)state;
    cay__mutex_init(&still.lock);
    cay__cond_init(&still.cond);
    if (cay__thread_start(&still.thread, "still", 0, stand_still, NULL)) {
        return 1;
    }
    cay__mutex_lock(&still.lock);
    while (!still.clock) {
        cay__cond_wait(&still.cond, &still.lock);
    }
    cay__mutex_unlock(&still.lock);
    uint64_t before = 0;
    do {
        before = still.time;
        burn(5 * MS);
        if (!cay__clock_of_thread(still.clock, &still.time)) {
            return 1;
        }
    } while (still.time != before);
    return still.time > 60 * MS ? 0 : 1;
}

static int tear_down(void **state) {
    (void)state;
    cay__mutex_lock(&still.lock);
    still.stop = true;
    cay__cond_broadcast(&still.cond);
    cay__mutex_unlock(&still.lock);
    cay__thread_join(&still.thread);
    return 0;
}

/* ---- a sink that remembers ---- */

typedef struct watched {
    cay_budget_t b;
    char told[512]; /* "soft cpu 100 80; hard cpu 100 101; " */
} watched_t;

static void remember(cay_budget_t *b, const char *what, cay_limit_t which, uint64_t limit,
                     uint64_t used) {
    watched_t *w = CAY_CONTAINER(b, watched_t, b);
    size_t n = strlen(w->told);
    snprintf(w->told + n, sizeof w->told - n, "%s %s %lld %llu; ", what, cay_limit_name(which),
             (long long)limit, (unsigned long long)used);
}
static void on_soft(cay_budget_t *b, cay_limit_t which, uint64_t limit, uint64_t used) {
    remember(b, "soft", which, limit, used);
}
static void on_hard(cay_budget_t *b, const cay_account_t *whose, cay_limit_t which, uint64_t limit,
                    uint64_t used) {
    remember(b,
             whose == b->account           ? "hard"
             : whose == b->account->parent ? "parent's"
                                           : "root's",
             which, limit, used);
}
static void on_sample(cay_budget_t *b) {
    strcat(CAY_CONTAINER(b, watched_t, b)->told, "sample; ");
}
static const cay_budget_ops_t ops = {on_soft, on_hard, on_sample};

/* Born at time 0, of no limits but those in the text; nobody watches it but the test. */
static watched_t *watched(cay_account_t *parent, const char *text) {
    cay_limits_t l = CAY_LIMITS_INIT;
    l.turn_cpu_ms = l.startup_ms = CAY_UNLIMITED;
    assert_int_equal(cay__limits_read(&l, text, NULL), 0);
    assert_int_equal(cay__limits_fill(&l, NULL), 0);
    watched_t *w = CAY_NEW(watched_t);
    assert_non_null(w);
    w->b.ops = &ops;
    w->b.account = cay__account_new(parent, &l, NULL);
    assert_non_null(w->b.account);
    w->b.account->born = 0;
    w->b.cpus = 4;
    return w;
}

static void drop(watched_t *w) {
    cay__account_end(w->b.account);
    cay__account_unref(&w->b.account);
    cay__free(w);
}

/* In a slice that has used `ns` so far. */
static void runs(watched_t *w, uint64_t ns) {
    cay_account_t *a = w->b.account;
    atomic_store(&w->b.rest, 0);
    atomic_store(&a->clock, still.clock);
    atomic_store(&a->mark, still.time - ns);
}

static void expect_look(watched_t *w, uint64_t now, const char *told, uint64_t next) {
    w->told[0] = 0;
    cay__budget_publish(&w->b);
    uint64_t foretold = cay__budget_next(&w->b, now);
    assert_string_equal(w->told, ""); /* that tells nothing */
    assert_int_equal(foretold, *told ? now : next);
    uint64_t got = cay__budget_look(&w->b, now);
    assert_string_equal(w->told, told);
    if (got != next && !(next <= now && got <= now)) {
        fail_msg("next look at %lld ns, and not %lld", (long long)got, (long long)next);
    }
}

/* ---- time ---- */

static void no_limit_is_never_looked_at(void **state) {
    (void)state;
    watched_t *w = watched(NULL, "");
    expect_look(w, 0, "", NEVER);
    runs(w, 50 * MS);
    expect_look(w, NEVER - 1, "", NEVER);
    cay__account_settle(w->b.account, NEVER / 2);
    atomic_store(&w->b.rest, 1);
    expect_look(w, NEVER - 1, "", NEVER);
    drop(w);
}

static void wall_is_told_soft_then_hard_and_once(void **state) {
    (void)state;
    watched_t *w = watched(NULL, "wall=100ms");
    expect_look(w, 0, "", 80 * MS);
    expect_look(w, 80 * MS - 1, "", 80 * MS);
    expect_look(w, 80 * MS, "soft wall 100 80; ", 100 * MS);
    expect_look(w, 100 * MS - 1, "", 100 * MS);
    expect_look(w, 100 * MS, "hard wall 100 100; ", NEVER);
    expect_look(w, 200 * MS, "", NEVER);
    drop(w);
}

static void a_late_look_tells_both(void **state) {
    (void)state;
    watched_t *w = watched(NULL, "wall=100ms");
    expect_look(w, 150 * MS, "soft wall 100 150; ", 150 * MS);
    expect_look(w, 150 * MS, "hard wall 100 150; ", NEVER);
    drop(w);
    w = watched(NULL, "cpu=100ms");
    cay__account_settle(w->b.account, 150 * MS); /* at rest, and told all the same: it is its own */
    expect_look(w, 1, "soft cpu 100 150; ", 1);
    expect_look(w, 1, "hard cpu 100 150; ", NEVER);
    drop(w);
}

static void soft_follows_its_percentage(void **state) {
    (void)state;
    watched_t *w = watched(NULL, "wall=100ms;soft=unlimited");
    expect_look(w, 0, "", 100 * MS);
    expect_look(w, 100 * MS, "hard wall 100 100; ", NEVER);
    drop(w);
    w = watched(NULL, "wall=100ms;soft=100");
    expect_look(w, 0, "", 100 * MS);
    expect_look(w, 100 * MS, "soft wall 100 100; ", 100 * MS);
    expect_look(w, 100 * MS, "hard wall 100 100; ", NEVER);
    drop(w);
    w = watched(NULL, "wall=1s;soft=5%");
    expect_look(w, 0, "", 50 * MS);
    drop(w);
}

static void startup_ends_with_the_start(void **state) {
    (void)state;
    watched_t *w = watched(NULL, "startup=10ms");
    expect_look(w, 9 * MS, "", 10 * MS); /* without a soft one */
    expect_look(w, 10 * MS, "hard startup 10 10; ", NEVER);
    drop(w);
    w = watched(NULL, "startup=10ms");
    cay__budget_started(&w->b);
    expect_look(w, 10 * MS, "", NEVER);
    drop(w);
}

static void idle_is_told_once_for_each_rest(void **state) {
    (void)state;
    watched_t *w = watched(NULL, "idle=100ms");
    expect_look(w, 500 * MS, "", NEVER); /* it has not run yet */
    atomic_store(&w->b.rest, 1000 * MS);
    expect_look(w, 1000 * MS, "", 1080 * MS);
    expect_look(w, 1085 * MS, "soft idle 100 85; ", 1100 * MS);
    expect_look(w, 1090 * MS, "", 1100 * MS);
    runs(w, 0);
    expect_look(w, 1100 * MS, "", NEVER);
    cay__account_settle(w->b.account, 0);
    atomic_store(&w->b.rest, 1200 * MS);
    expect_look(w, 1280 * MS, "soft idle 100 80; ", 1300 * MS);
    expect_look(w, 1300 * MS, "hard idle 100 100; ", NEVER);
    drop(w);
}

static void a_limit_that_is_reached_goes_before_one_that_comes_near(void **state) {
    (void)state;
    watched_t *w = watched(NULL, "wall=100ms;startup=85ms;idle=50ms");
    atomic_store(&w->b.rest, 40 * MS);
    expect_look(w, 85 * MS, "hard startup 85 85; ", NEVER); /* wall and idle: near */
    expect_look(w, 85 * MS, "", NEVER);
    drop(w);
    w = watched(NULL, "wall=100ms;idle=50ms");
    atomic_store(&w->b.rest, 40 * MS);
    expect_look(w, 85 * MS, "soft wall 100 85; ", 85 * MS);
    expect_look(w, 85 * MS, "soft idle 50 45; ", 90 * MS);
    expect_look(w, 90 * MS, "hard idle 50 50; ", NEVER);
    drop(w);
}

/* ---- CPU ---- */

static void cpu_is_looked_at_when_it_could_be_used_up(void **state) {
    (void)state;
    watched_t *w = watched(NULL, "cpu=100ms");
    expect_look(w, 5, "", NEVER); /* at rest: the next begin says when */
    cay__account_settle(w->b.account, 30 * MS);
    runs(w, 10 * MS);
    expect_look(w, 7 * MS, "", 47 * MS); /* 40 ms to the soft limit */
    runs(w, 50 * MS);
    expect_look(w, 50 * MS, "soft cpu 100 80; ", 70 * MS);
    runs(w, 60 * MS);
    expect_look(w, 70 * MS, "", 80 * MS);
    cay__account_settle(w->b.account, 99 * MS + 900000);
    runs(w, 0);
    expect_look(w, 90 * MS, "", 90 * MS + MS / 2); /* no sooner, however little is left */
    runs(w, MS / 5);
    expect_look(w, 91 * MS, "hard cpu 100 100; ", NEVER);
    drop(w);
}

static void a_turn_is_its_slice_alone(void **state) {
    (void)state;
    watched_t *w = watched(NULL, "turn-cpu=20ms");
    cay__account_settle(w->b.account, 500 * MS);
    runs(w, 15 * MS);
    expect_look(w, MS, "", 6 * MS);
    cay__account_settle(w->b.account, 519 * MS);
    expect_look(w, 2 * MS, "", NEVER);
    runs(w, 21 * MS);
    expect_look(w, 3 * MS, "hard turn-cpu 20 21; ", NEVER);
    drop(w);
    w = watched(NULL, "cpu=30ms;turn-cpu=20ms;soft=unlimited");
    runs(w, 31 * MS);
    expect_look(w, MS, "hard cpu 30 31; ",
                NEVER); /* the whole first: a turn's default gives way to it */
    drop(w);
}

static void grace_is_a_last_slice_and_nothing_else_of_cpu(void **state) {
    (void)state;
    watched_t *w = watched(NULL, "cpu=40ms;turn-cpu=10ms;wall=10s");
    cay__account_settle(w->b.account, 20 * MS);
    runs(w, 10 * MS);
    expect_look(w, 50 * MS, "hard turn-cpu 10 10; ", NEVER);
    expect_look(w, 51 * MS, "", NEVER);
    cay__budget_grace(&w->b, 15);
    expect_look(w, 52 * MS, "", 67 * MS); /* its turn and its cpu are behind it: no matter */
    runs(w, 24 * MS);
    expect_look(w, 60 * MS, "", 61 * MS);
    runs(w, 25 * MS);
    expect_look(w, 65 * MS, "hard cpu 40 45; ", NEVER);
    runs(w, 50 * MS);
    expect_look(w, 95 * MS, "", NEVER);
    expect_look(w, 10000 * MS, "", NEVER);
    drop(w);
}

static void time_goes_on_within_grace(void **state) {
    (void)state;
    watched_t *w = watched(NULL, "cpu=40ms;wall=100ms;soft=unlimited");
    runs(w, 40 * MS);
    expect_look(w, 50 * MS, "hard cpu 40 40; ", NEVER);
    cay__budget_grace(&w->b, 50);
    expect_look(w, 60 * MS, "", 100 * MS);
    expect_look(w, 100 * MS, "hard wall 100 100; ", NEVER);
    expect_look(w, 101 * MS, "", NEVER);
    drop(w);
}

static void grace_of_nothing_is_over_at_once(void **state) {
    (void)state;
    watched_t *w = watched(NULL, "wall=100ms;soft=unlimited");
    expect_look(w, 100 * MS, "hard wall 100 100; ", NEVER);
    cay__budget_grace(&w->b, 0); /* it has not used any CPU either */
    cay__account_settle(w->b.account, 1);
    assert_int_equal(cay__budget_next(&w->b, 0), 0);
    expect_look(w, 0, "hard cpu -1 0; ", NEVER);
    drop(w);
}

/* ---- trees ---- */

static void a_tree_has_as_many_cpus_as_there_are(void **state) {
    (void)state;
    watched_t *root = watched(NULL, "cpu=800ms;soft=50");
    runs(root, 0);
    expect_look(root, 0, "", 400 * MS); /* alone */
    watched_t *a = watched(root->b.account, "cpu=800ms"), *b = watched(a->b.account, "");
    expect_look(root, 0, "", 100 * MS);
    runs(b, 40 * MS);
    expect_look(b, 0, "", 90 * MS); /* 360 ms to the root's soft limit, for four */
    assert_int_equal(cay__account_tree_cpu(root->b.account), 40 * MS);
    assert_int_equal(cay__account_tree_cpu(a->b.account), 40 * MS);
    expect_look(root, 0, "", 90 * MS);
    /* Past the soft limit of the root, which is the root's to hear, its hard one counts. */
    cay__account_settle(a->b.account, 400 * MS);
    runs(b, 40 * MS);
    expect_look(b, 0, "", 50 * MS); /* the soft limit of `a` comes first: 200 ms */
    expect_look(root, 0, "soft cpu 800 440; ", 90 * MS);
    drop(b);
    drop(a);
    drop(root);
}

static void who_runs_in_a_tree_that_is_used_up_is_told_whose_limit(void **state) {
    (void)state;
    watched_t *root = watched(NULL, "cpu=300ms;soft=unlimited");
    watched_t *a = watched(root->b.account, "cpu=200ms;soft=unlimited");
    watched_t *b = watched(root->b.account, "cpu=200ms;soft=unlimited");
    watched_t *c = watched(b->b.account, "");
    cay__account_settle(a->b.account, 150 * MS);
    runs(b, 50 * MS);
    expect_look(b, 0, "", 25 * MS); /* 100 ms of the root's */
    cay__account_settle(b->b.account, 150 * MS);
    expect_look(a, 0, "", NEVER); /* at rest it adds nothing to what is used up */
    expect_look(c, 0, "", NEVER);
    runs(c, 0);
    expect_look(c, 0, "root's cpu 300 300; ", NEVER);
    expect_look(root, 0, "hard cpu 300 300; ", NEVER); /* its own: at rest, too */
    drop(c);
    drop(b);
    drop(a);
    drop(root);
}

static void who_shares_cpu_is_known(void **state) {
    (void)state;
    watched_t *free_one = watched(NULL, "turn-cpu=10ms");
    watched_t *below = watched(free_one->b.account, "cpu=1s");
    assert_false(cay__budget_shares_cpu(&free_one->b));
    assert_false(cay__budget_shares_cpu(&below->b)); /* it has it all alone */
    watched_t *leaf = watched(below->b.account, "");
    assert_true(cay__budget_shares_cpu(&below->b));
    assert_true(cay__budget_shares_cpu(&leaf->b));
    assert_false(cay__budget_shares_cpu(&free_one->b));
    drop(leaf);
    assert_false(cay__budget_shares_cpu(&below->b));
    drop(below);
    drop(free_one);
}

/* ---- numbers ---- */

static void large_limits_are_none(void **state) {
    (void)state;
    cay_limits_t l = limits_of("");
    uint64_t values[] = {UINT64_MAX / MS, UINT64_MAX / MS + 1, UINT64_MAX - 2, UINT64_MAX - 1};
    for (size_t i = 0; i < CAY_COUNT(values); i++) {
        l.cpu_ms = l.turn_cpu_ms = l.wall_ms = l.idle_ms = l.startup_ms = values[i];
        watched_t *w = watched(NULL, "");
        w->b.account->limits = l;
        w->b.account->born = NEVER - 2;
        atomic_store(&w->b.rest, NEVER - 2);
        atomic_store(&w->b.told, ~0u);
        w->b.told_rest = NEVER - 2;
        cay__account_settle(w->b.account, NEVER / 2);
        runs(w, 50 * MS);
        assert_int_equal(cay__budget_look(&w->b, NEVER - 1), NEVER);
        assert_string_equal(w->told, "");
        drop(w);
    }
}

/* ---- samples ---- */

static void a_slice_that_lasts_is_sampled(void **state) {
    (void)state;
    watched_t *w = watched(NULL, "");
    w->b.sample_ns = 10 * MS;
    w->b.sampled = 100 * MS;
    expect_look(w, 110 * MS, "", NEVER); /* at rest */
    runs(w, MS);
    expect_look(w, 109 * MS, "", 110 * MS);
    expect_look(w, 115 * MS, "sample; ", 125 * MS);
    expect_look(w, 116 * MS, "", 125 * MS);
    w->b.sample_ns = NEVER - 5; /* no harm */
    expect_look(w, 125 * MS, "", NEVER);
    w->b.sample_ns = 1;
    expect_look(w, 126 * MS, "sample; ", 126 * MS + 1);
    drop(w);
    w = watched(NULL, "wall=100ms;soft=unlimited");
    w->b.sample_ns = 10 * MS;
    runs(w, MS);
    expect_look(w, 95 * MS, "sample; ", 100 * MS);
    drop(w);
    w = watched(NULL, "wall=100ms");
    w->b.sample_ns = 10 * MS;
    runs(w, MS);
    expect_look(w, 95 * MS, "soft wall 100 95; ", 95 * MS);
    expect_look(w, 95 * MS, "sample; ", 100 * MS);
    static const cay_budget_ops_t deaf = {on_soft, on_hard, NULL};
    w->b.ops = &deaf;
    w->told[0] = 0;
    assert_int_equal(cay__budget_look(&w->b, 105 * MS), NEVER); /* hard */
    drop(w);
    w = watched(NULL, "");
    w->b.ops = &deaf;
    w->b.sample_ns = 10 * MS;
    runs(w, MS);
    assert_int_equal(cay__budget_look(&w->b, 105 * MS), 115 * MS);
    drop(w);
}

/* ---- what a slice arms ---- */

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
        cmocka_unit_test(no_limit_is_never_looked_at),
        cmocka_unit_test(wall_is_told_soft_then_hard_and_once),
        cmocka_unit_test(a_late_look_tells_both),
        cmocka_unit_test(soft_follows_its_percentage),
        cmocka_unit_test(startup_ends_with_the_start),
        cmocka_unit_test(idle_is_told_once_for_each_rest),
        cmocka_unit_test(a_limit_that_is_reached_goes_before_one_that_comes_near),
        cmocka_unit_test(cpu_is_looked_at_when_it_could_be_used_up),
        cmocka_unit_test(a_turn_is_its_slice_alone),
        cmocka_unit_test(grace_is_a_last_slice_and_nothing_else_of_cpu),
        cmocka_unit_test(time_goes_on_within_grace),
        cmocka_unit_test(grace_of_nothing_is_over_at_once),
        cmocka_unit_test(a_tree_has_as_many_cpus_as_there_are),
        cmocka_unit_test(who_runs_in_a_tree_that_is_used_up_is_told_whose_limit),
        cmocka_unit_test(who_shares_cpu_is_known),
        cmocka_unit_test(large_limits_are_none),
        cmocka_unit_test(a_slice_that_lasts_is_sampled),
        cmocka_unit_test(a_slice_arms_the_first_moment),
        cmocka_unit_test(what_is_armed_earlier_stays),
        cmocka_unit_test(in_a_tree_a_slice_arms_for_all),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
