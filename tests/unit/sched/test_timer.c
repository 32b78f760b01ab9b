/* SPDX-License-Identifier: MIT */
/* Timers of the clock thread. */
#include "fake.h"

typedef struct alarm {
    cay_timer_t timer;
    gate_t *fired;
    cay_sched_t *s;
    unsigned *order; /* shared counter */
    unsigned place;  /* the order it fired in */
    unsigned again;  /* times to rearm itself */
    atomic_uint fires;
    atomic_bool in;
    bool clear_self;
    bool past; /* rearms for a time long gone */
    struct alarm *other;
} alarm_t;

static void alarm_fire(cay_timer_t *t) {
    alarm_t *a = CAY_CONTAINER(t, alarm_t, timer);
    atomic_store(&a->in, true);
    atomic_fetch_add(&a->fires, 1);
    if (a->order) {
        a->place = ++*a->order;
    }
    if (a->clear_self) {
        cay__timer_clear(a->s, t);
        cay__timer_clear(a->s, &a->other->timer);
    }
    if (a->again) {
        a->again--;
        cay__timer_set(a->s, t, a->past ? 0 : cay__clock_mono());
    }
    atomic_store(&a->in, false);
    gate_post(a->fired);
}

static void alarm_init(alarm_t *a, cay_sched_t *s, gate_t *fired) {
    memset(a, 0, sizeof *a);
    a->timer.fire = alarm_fire;
    a->fired = fired;
    a->s = s;
}

static void fire_in_order_of_deadline(void **state) {
    (void)state;
    enum { N = 100 };
    gate_t fired;
    gate_init(&fired);
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 1});
    static alarm_t a[N];
    unsigned order = 0;
    uint64_t base = cay__clock_mono() + 20 * CAY_NS_PER_MS;
    for (unsigned i = 0; i < N; i++) {
        alarm_init(&a[i], s, &fired);
        a[i].order = &order;
    }
    for (unsigned i = 0; i < N; i++) { /* 37 and 100 have no common factor: a scrambled order */
        unsigned at = i * 37 % N;
        cay__timer_set(s, &a[at].timer, base + at * 1000);
    }
    assert_true(gate_await(&fired, N));
    assert_true(cay__clock_mono() >= base + (N - 1) * 1000);
    for (unsigned i = 0; i < N; i++) {
        assert_int_equal(a[i].place, i + 1);
        assert_int_equal(atomic_load(&a[i].fires), 1);
    }
    cay__sched_free(s);
    gate_destroy(&fired);
}

static void earlier_timer_wakes_a_clock_asleep_for_a_later_one(void **state) {
    (void)state;
    gate_t fired;
    gate_init(&fired);
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 1});
    alarm_t far, near;
    alarm_init(&far, s, &fired);
    alarm_init(&near, s, &fired);
    for (unsigned i = 1; i <= 200; i++) {
        cay__timer_set(s, &far.timer, cay__clock_mono() + 3600 * CAY_NS_PER_S);
        cay__timer_set(s, &near.timer, cay__clock_mono() + (i % 3) * 100000);
        assert_true(gate_await(&fired, i));
    }
    assert_int_equal(atomic_load(&far.fires), 0);
    cay__timer_clear(s, &far.timer);
    cay__sched_free(s);
    gate_destroy(&fired);
}

static void setting_again_moves_the_deadline(void **state) {
    (void)state;
    gate_t fired;
    gate_init(&fired);
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 1});
    alarm_t a, b;
    alarm_init(&a, s, &fired);
    alarm_init(&b, s, &fired);
    unsigned order = 0;
    a.order = b.order = &order;
    uint64_t base = cay__clock_mono() + 10 * CAY_NS_PER_MS;
    cay__timer_set(s, &a.timer, base);
    cay__timer_set(s, &b.timer, base + 1);
    cay__timer_set(s, &a.timer, base + 2);
    assert_true(gate_await(&fired, 2));
    assert_int_equal(b.place, 1);
    assert_int_equal(a.place, 2);
    assert_int_equal(atomic_load(&a.fires), 1);
    cay__sched_free(s);
    gate_destroy(&fired);
}

static void fire_may_set_itself_again(void **state) {
    (void)state;
    gate_t fired;
    gate_init(&fired);
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 1});
    alarm_t a;
    alarm_init(&a, s, &fired);
    a.again = 999;
    cay__timer_set(s, &a.timer, 0);
    assert_true(gate_await(&fired, 1000));
    cay__timer_clear(s, &a.timer);
    assert_int_equal(atomic_load(&a.fires), 1000);
    cay__sched_free(s);
    gate_destroy(&fired);
}

static void fire_may_clear_itself_and_others(void **state) {
    (void)state;
    gate_t fired;
    gate_init(&fired);
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 1});
    alarm_t a, b, c;
    alarm_init(&a, s, &fired);
    alarm_init(&b, s, &fired);
    alarm_init(&c, s, &fired);
    a.clear_self = true;
    a.other = &b;
    uint64_t base = cay__clock_mono() + 5 * CAY_NS_PER_MS;
    cay__timer_set(s, &b.timer, base + 1);
    cay__timer_set(s, &c.timer, base + 2);
    cay__timer_set(s, &a.timer, base);
    assert_true(gate_await(&fired, 2));
    assert_int_equal(atomic_load(&a.fires), 1);
    assert_int_equal(atomic_load(&b.fires), 0);
    assert_int_equal(atomic_load(&c.fires), 1);
    cay__sched_free(s);
    gate_destroy(&fired);
}

static void cleared_timer_does_not_fire(void **state) {
    (void)state;
    gate_t fired;
    gate_init(&fired);
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 1});
    alarm_t a, mark;
    alarm_init(&a, s, &fired);
    alarm_init(&mark, s, &fired);
    cay__timer_clear(s, &a.timer); /* never set: harmless */
    uint64_t base = cay__clock_mono() + 5 * CAY_NS_PER_MS;
    cay__timer_set(s, &a.timer, base);
    cay__timer_set(s, &mark.timer, base + CAY_NS_PER_MS);
    cay__timer_clear(s, &a.timer);
    cay__timer_clear(s, &a.timer);
    assert_true(gate_await(&fired, 1));
    assert_int_equal(atomic_load(&mark.fires), 1);
    assert_int_equal(atomic_load(&a.fires), 0);
    cay__sched_free(s);
    gate_destroy(&fired);
}

/* ---- clearing against firing ---- */

typedef struct racer {
    cay_sched_t *s;
    unsigned seed;
    gate_t sink;
} racer_t;

/* The timer's memory goes right after the clear: a fire that ran on would be seen by the sanitizers. */
static void race_main(void *arg) {
    racer_t *r = arg;
    unsigned x = r->seed;
    for (unsigned i = 0; i < 3000; i++) {
        x = x * 1664525u + 1013904223u;
        alarm_t *a = cay__malloc(sizeof *a);
        assert_non_null(a);
        alarm_init(a, r->s, &r->sink);
        a->again = i % 3;
        cay__timer_set(r->s, &a->timer, cay__clock_mono() + x % 40000);
        if (i % 2) {
            uint64_t until = cay__clock_mono() + (x >> 8) % 60000;
            while (cay__clock_mono() < until) {}
        }
        cay__timer_clear(r->s, &a->timer);
        assert_false(atomic_load(&a->in));
        memset(a, 0xee, sizeof *a);
        cay__free(a);
    }
}

static void clear_returns_only_when_fire_is_over(void **state) {
    (void)state;
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 1});
    racer_t r[2];
    cay_thread_t t[2];
    for (unsigned i = 0; i < 2; i++) {
        r[i].s = s;
        r[i].seed = i + 1;
        gate_init(&r[i].sink);
        assert_int_equal(cay__thread_start(&t[i], "racer", 0, race_main, &r[i]), 0);
    }
    for (unsigned i = 0; i < 2; i++) {
        cay__thread_join(&t[i]);
    }
    assert_true(r[0].sink.count + r[1].sink.count > 0);
    for (unsigned i = 0; i < 2; i++) {
        gate_destroy(&r[i].sink);
    }
    cay__sched_free(s);
}

/* A timer that always sets itself to the past keeps the clock busy, yet hogs are still handed over. */
static bool body_spin_told(fake_t *f) {
    return fake_spin(f);
}

static void timer_storm_does_not_stop_the_watch(void **state) {
    (void)state;
    gate_t fired, gone, ran;
    gate_init(&fired);
    gate_init(&gone);
    gate_init(&ran);
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 1});
    alarm_t a;
    alarm_init(&a, s, &fired);
    a.again = UINT32_MAX;
    a.past = true;
    cay__timer_set(s, &a.timer, 0);
    fake_t hog, other;
    fake_init(&hog, s, body_spin_told, &gone);
    fake_init(&other, s, fake_tell, &gone);
    other.ran = &ran;
    cay__actor_wake(&hog.actor);
    cay__actor_wake(&other.actor);
    assert_true(gate_await(&ran, 1));
    cay__timer_clear(s, &a.timer);
    fake_quit(&hog);
    fake_quit(&other);
    assert_true(gate_await(&gone, 2));
    cay__sched_free(s);
    gate_destroy(&fired);
    gate_destroy(&gone);
    gate_destroy(&ran);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fire_in_order_of_deadline),
        cmocka_unit_test(earlier_timer_wakes_a_clock_asleep_for_a_later_one),
        cmocka_unit_test(setting_again_moves_the_deadline),
        cmocka_unit_test(fire_may_set_itself_again),
        cmocka_unit_test(fire_may_clear_itself_and_others),
        cmocka_unit_test(cleared_timer_does_not_fire),
        cmocka_unit_test(clear_returns_only_when_fire_is_over),
        cmocka_unit_test(timer_storm_does_not_stop_the_watch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
