/* SPDX-License-Identifier: MIT */
/* States of an actor: what a wake does, and that none is lost. */
#include "fake.h"

typedef struct ctx {
    cay_sched_t *s;
    gate_t gone;
    gate_t ran;
    fake_t a;
} ctx_t;

static void ctx_init(ctx_t *c, unsigned executors, bool (*body)(fake_t *)) {
    gate_init(&c->gone);
    gate_init(&c->ran);
    c->s = sched_of((cay_sched_options_t){.executors = executors});
    fake_init(&c->a, c->s, body, &c->gone);
    c->a.ran = &c->ran;
}

static void ctx_end(ctx_t *c) {
    fake_quit(&c->a);
    assert_true(gate_await(&c->gone, 1));
    cay__sched_free(c->s);
    gate_destroy(&c->gone);
    gate_destroy(&c->ran);
}

static void actor_not_woken_does_not_run(void **state) {
    (void)state;
    ctx_t c;
    ctx_init(&c, 1, fake_tell);
    fake_t other;
    fake_init(&other, c.s, fake_tell, &c.gone);
    other.ran = &c.ran;
    cay__actor_wake(&other.actor);
    assert_true(gate_await(&c.ran, 1));
    assert_int_equal(atomic_load(&c.a.runs), 0);
    assert_null(cay__sched_current());
    fake_quit(&other);
    assert_true(gate_await(&c.gone, 1));
    fake_quit(&c.a);
    assert_true(gate_await(&c.gone, 2));
    assert_int_equal(atomic_load(&c.a.runs), 1);
    cay__sched_free(c.s);
    gate_destroy(&c.gone);
    gate_destroy(&c.ran);
}

static bool body_hold(fake_t *f) {
    if (atomic_load(&f->quit)) {
        cay__actor_release(&f->actor);
        return false;
    }
    gate_post(f->ran);
    assert_true(gate_await(f->user, atomic_load(&f->runs)));
    return false;
}

/* One slice holds the only executor, so that wakes pile up on a queued actor. */
static void wakes_of_a_queued_actor_are_one_slice(void **state) {
    (void)state;
    ctx_t c;
    gate_t hold;
    gate_init(&hold);
    ctx_init(&c, 1, body_hold);
    c.a.user = &hold;
    fake_t b;
    fake_init(&b, c.s, fake_tell, &c.gone);
    gate_t told;
    gate_init(&told);
    b.ran = &told;
    cay__actor_wake(&c.a.actor);
    assert_true(gate_await(&c.ran, 1));
    for (int i = 0; i < 100; i++) {
        cay__actor_wake(&b.actor);
    }
    gate_post(&hold);
    assert_true(gate_await(&told, 1));
    fake_quit(&b);
    assert_true(gate_await(&c.gone, 1));
    assert_int_equal(atomic_load(&b.runs), 2); /* the pile, and quit */
    fake_quit(&c.a);
    assert_true(gate_await(&c.gone, 2));
    cay__sched_free(c.s);
    gate_destroy(&c.gone);
    gate_destroy(&c.ran);
    gate_destroy(&hold);
    gate_destroy(&told);
}

static void wake_during_a_slice_gives_another(void **state) {
    (void)state;
    ctx_t c;
    gate_t hold;
    gate_init(&hold);
    ctx_init(&c, 2, body_hold);
    c.a.user = &hold;
    cay__actor_wake(&c.a.actor);
    assert_true(gate_await(&c.ran, 1));
    cay__actor_wake(&c.a.actor);
    cay__actor_wake(&c.a.actor);
    gate_post(&hold);
    assert_true(gate_await(&c.ran, 2));
    gate_post(&hold);
    ctx_end(&c);
    assert_int_equal(atomic_load(&c.a.runs), 3);
    assert_int_equal(c.a.actor.slices, 3);
    gate_destroy(&hold);
}

static bool body_countdown(fake_t *f) {
    if (atomic_load(&f->quit)) {
        cay__actor_release(&f->actor);
        return false;
    }
    gate_post(f->ran);
    return --f->n > 0;
}

static void work_left_runs_again_without_a_wake(void **state) {
    (void)state;
    ctx_t c;
    ctx_init(&c, 1, body_countdown);
    c.a.n = 1000;
    cay__actor_wake(&c.a.actor);
    assert_true(gate_await(&c.ran, 1000));
    ctx_end(&c);
    assert_int_equal(atomic_load(&c.a.runs), 1001);
}

static bool body_release_with_more(fake_t *f) {
    cay__actor_release(&f->actor);
    return true;
}

static void released_actor_is_gone_once_even_with_work_left(void **state) {
    (void)state;
    ctx_t c;
    ctx_init(&c, 2, body_release_with_more);
    ctx_end(&c);
    assert_int_equal(atomic_load(&c.a.runs), 1);
    assert_int_equal(atomic_load(&c.a.goners), 1);
}

static bool body_until_yield(fake_t *f) {
    if (atomic_load(&f->quit)) {
        cay__actor_release(&f->actor);
        return false;
    }
    uint64_t began = cay__clock_mono();
    assert_false(cay__sched_should_yield(&f->actor) && cay__clock_mono() - began < 1000);
    while (!cay__sched_should_yield(&f->actor)) {}
    f->n = cay__clock_mono() - began;
    gate_post(f->ran);
    return false;
}

static void slice_is_asked_to_yield_after_its_budget_and_charged(void **state) {
    (void)state;
    ctx_t c;
    ctx_init(&c, 1, body_until_yield);
    for (unsigned i = 1; i <= 5; i++) {
        cay__actor_wake(&c.a.actor);
        assert_true(gate_await(&c.ran, i));
        assert_true(c.a.n >= CAY_NS_PER_MS * 9 / 10);
    }
    ctx_end(&c);
    assert_true(c.a.actor.cpu_ns > 100000);
}

/* ---- stress ---- */

#define WAKERS 3

typedef struct mailbox {
    _Atomic uint64_t sent;
    _Atomic uint64_t seen;
} mailbox_t;

typedef struct stress {
    cay_sched_t *s;
    fake_t *actors;
    mailbox_t *boxes;
    unsigned count;
    unsigned wakes;
    unsigned seed;
    atomic_bool *quit;
} stress_t;

static bool body_receive(fake_t *f) {
    mailbox_t *m = f->user;
    /* Relaxed on purpose: only the wake orders the sender's write before this read. */
    uint64_t sent = atomic_load_explicit(&m->sent, memory_order_relaxed);
    atomic_store_explicit(&m->seen, sent, memory_order_relaxed);
    if (sent >= f->limit) {
        cay__actor_release(&f->actor);
    }
    return false;
}

static void stress_wake(void *arg) {
    stress_t *st = arg;
    unsigned x = st->seed;
    for (unsigned i = 0; i < st->wakes; i++) {
        x = x * 1664525u + 1013904223u;
        unsigned at = (x >> 16) % st->count;
        for (unsigned k = 0; k < st->count; k++, at = (at + 1) % st->count) {
            mailbox_t *m = &st->boxes[at];
            /* Everyone's last letter is sent by the test itself: a released actor is not woken. */
            if (atomic_load(&m->sent) + WAKERS < st->actors[at].limit) {
                atomic_fetch_add_explicit(&m->sent, 1, memory_order_relaxed);
                cay__actor_wake(&st->actors[at].actor);
                break;
            }
        }
    }
}

/* With `executors`, `count` actors and a million wakes between them: the last letter of each must be
 * seen, which fails when any last wake is lost. */
static void stress_with(unsigned executors, unsigned count, unsigned wakes) {
    gate_t gone;
    gate_init(&gone);
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = executors});
    fake_t *actors = cay__calloc(count, sizeof *actors);
    mailbox_t *boxes = cay__calloc(count, sizeof *boxes);
    assert_non_null(actors);
    assert_non_null(boxes);
    for (unsigned i = 0; i < count; i++) {
        fake_init(&actors[i], s, body_receive, &gone);
        actors[i].user = &boxes[i];
        actors[i].limit = UINT32_MAX;
    }
    stress_t st[WAKERS];
    cay_thread_t threads[WAKERS];
    for (unsigned i = 0; i < WAKERS; i++) {
        st[i] = (stress_t){s, actors, boxes, count, wakes / WAKERS, i * 7 + 1, NULL};
        assert_int_equal(cay__thread_start(&threads[i], "waker", 0, stress_wake, &st[i]), 0);
    }
    for (unsigned i = 0; i < WAKERS; i++) {
        cay__thread_join(&threads[i]);
    }
    /* All that was sent is seen without another wake. */
    uint64_t deadline = cay__clock_deadline(PATIENCE_MS);
    uint64_t sent = 0;
    for (unsigned i = 0; i < count; i++) {
        sent += boxes[i].sent;
        while (atomic_load(&boxes[i].seen) != atomic_load(&boxes[i].sent)) {
            assert_true(cay__clock_mono() < deadline);
        }
    }
    assert_int_equal(sent, wakes / WAKERS * WAKERS);
    for (unsigned i = 0; i < count; i++) {
        /* limit is read by a slice that this wake orders behind the write */
        atomic_store(&boxes[i].sent, UINT32_MAX);
        cay__actor_wake(&actors[i].actor);
    }
    assert_true(gate_await(&gone, count));
    cay__sched_free(s);
    cay__free(actors);
    cay__free(boxes);
    gate_destroy(&gone);
}

static void no_wake_is_lost_one_actor_one_executor(void **state) {
    (void)state;
    stress_with(1, 1, 300000);
}

static void no_wake_is_lost_many_actors_many_executors(void **state) {
    (void)state;
    stress_with(4, 64, 1000000);
}

/* Each round finds the executors parked or about to park: the window in which a wake could be missed. */
static void no_wake_is_lost_against_parking(void **state) {
    (void)state;
    ctx_t c;
    ctx_init(&c, 3, fake_tell);
    for (unsigned i = 1; i <= 10000; i++) {
        cay__actor_wake(&c.a.actor);
        assert_true(gate_await(&c.ran, i));
    }
    ctx_end(&c);
}

/* Actors wake one another at random, as well as being woken from outside. */
static bool body_relay(fake_t *f) {
    fake_t *ring = f->user;
    if (atomic_load(&f->quit)) {
        cay__actor_release(&f->actor);
        return false;
    }
    _Atomic uint64_t *left = (_Atomic uint64_t *)(void *)f->peer;
    uint64_t n = atomic_fetch_sub(left, 1);
    if ((int64_t)n <= 1) {
        if (n == 1) {
            gate_post(f->ran);
        }
        return false;
    }
    f->n = f->n * 6364136223846793005ull + 1442695040888963407ull;
    cay__actor_wake(&ring[(f->n >> 33) % f->limit].actor);
    return (f->n >> 20) % 7 == 0;
}

static void relay_between_actors_never_stalls(void **state) {
    (void)state;
    enum { RING = 16 };
    gate_t gone, done;
    gate_init(&gone);
    gate_init(&done);
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 4});
    static fake_t ring[RING];
    _Atomic uint64_t left = 300000;
    for (unsigned i = 0; i < RING; i++) {
        fake_init(&ring[i], s, body_relay, &gone);
        ring[i].user = ring;
        ring[i].peer = (fake_t *)(void *)&left;
        ring[i].ran = &done;
        ring[i].n = i + 1;
        ring[i].limit = RING;
    }
    for (unsigned i = 0; i < 5; i++) {
        cay__actor_wake(&ring[i].actor);
    }
    assert_true(gate_await(&done, 1));
    for (unsigned i = 0; i < RING; i++) {
        atomic_store(&ring[i].quit, true);
        cay__actor_wake(&ring[i].actor);
    }
    assert_true(gate_await(&gone, RING));
    cay__sched_free(s);
    gate_destroy(&gone);
    gate_destroy(&done);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actor_not_woken_does_not_run),
        cmocka_unit_test(wakes_of_a_queued_actor_are_one_slice),
        cmocka_unit_test(wake_during_a_slice_gives_another),
        cmocka_unit_test(work_left_runs_again_without_a_wake),
        cmocka_unit_test(released_actor_is_gone_once_even_with_work_left),
        cmocka_unit_test(slice_is_asked_to_yield_after_its_budget_and_charged),
        cmocka_unit_test(no_wake_is_lost_one_actor_one_executor),
        cmocka_unit_test(no_wake_is_lost_many_actors_many_executors),
        cmocka_unit_test(no_wake_is_lost_against_parking),
        cmocka_unit_test(relay_between_actors_never_stalls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
