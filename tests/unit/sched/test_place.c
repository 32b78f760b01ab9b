/* SPDX-License-Identifier: MIT */
/* Who runs where, and in which order: next slot, queues, stealing, fairness. */
#include "fake.h"

static cay_sched_stats_t stats_of(cay_sched_t *s) {
    cay_sched_stats_t st;
    cay__sched_stats(s, &st);
    return st;
}

/* ---- a conversation of two ---- */

typedef struct talk {
    fake_t a, b;
    gate_t done, gone;
    pthread_t first;
    bool moved;
    bool started;
} talk_t;

static bool body_talk(fake_t *f) {
    talk_t *t = f->user;
    if (atomic_load(&f->quit)) {
        cay__actor_release(&f->actor);
        return false;
    }
    if (!t->started) {
        t->started = true;
        t->first = pthread_self();
    }
    t->moved = t->moved || !pthread_equal(t->first, pthread_self());
    if (f->n++ == f->limit) {
        gate_post(&t->done);
    } else {
        cay__actor_wake(&f->peer->actor);
    }
    return false;
}

static void talk_init(talk_t *t, cay_sched_t *s, uint64_t rounds) {
    memset(t, 0, sizeof *t);
    gate_init(&t->done);
    gate_init(&t->gone);
    fake_init(&t->a, s, body_talk, &t->gone);
    fake_init(&t->b, s, body_talk, &t->gone);
    t->a.user = t->b.user = t;
    t->a.peer = &t->b;
    t->b.peer = &t->a;
    t->a.limit = rounds;
    t->b.limit = UINT64_MAX;
}

static void talk_end(talk_t *t) {
    fake_quit(&t->a);
    fake_quit(&t->b);
    assert_true(gate_await(&t->gone, 2));
    gate_destroy(&t->done);
    gate_destroy(&t->gone);
}

static void conversation_stays_on_one_executor(void **state) {
    (void)state;
    /* Slices and budgets as long as a loaded machine may need: nothing is stuck here. */
    cay_sched_t *s = sched_of((cay_sched_options_t){
        .executors = 4, .budget_ns = 60 * CAY_NS_PER_S, .slice_ns = 60 * CAY_NS_PER_S});
    talk_t t;
    talk_init(&t, s, 20000);
    cay__actor_wake(&t.a.actor);
    assert_true(gate_await(&t.done, 1));
    assert_false(t.moved);
    assert_int_equal(stats_of(s).steals, 0);
    assert_int_equal(stats_of(s).handoffs, 0);
    talk_end(&t);
    cay__sched_free(s);
}

/* Talks until both others have run: they must not wait for the conversation to end. */
static bool body_talk_on(fake_t *f) {
    if (atomic_load(&f->quit)) {
        cay__actor_release(&f->actor);
    } else {
        cay__actor_wake(&f->peer->actor);
    }
    return false;
}

/* `from_inside`: the third is in the local queue behind the next slot; otherwise in the global one. */
static bool body_start_talk(fake_t *f) {
    if (atomic_load(&f->quit)) {
        cay__actor_release(&f->actor);
        return false;
    }
    cay__actor_wake(f->user);         /* the third: displaced into the queue */
    cay__actor_wake(&f->peer->actor); /* the next slot */
    return false;
}

static void endless_talk(bool from_inside) {
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 1});
    gate_t gone, ran;
    gate_init(&gone);
    gate_init(&ran);
    fake_t a, b, third, start;
    fake_init(&a, s, body_talk_on, &gone);
    fake_init(&b, s, body_talk_on, &gone);
    fake_init(&third, s, fake_tell, &gone);
    fake_init(&start, s, body_start_talk, &gone);
    a.peer = &b;
    b.peer = &a;
    third.ran = &ran;
    start.user = &third.actor;
    start.peer = &a;
    cay__actor_wake(from_inside ? &start.actor : &a.actor);
    for (unsigned i = 1; i <= 20; i++) {
        if (!from_inside || i > 1) {
            cay__actor_wake(&third.actor);
        }
        assert_true(gate_await(&ran, i));
    }
    assert_true(atomic_load(&a.runs) > 0);
    fake_quit(&a);
    fake_quit(&b);
    fake_quit(&third);
    fake_quit(&start);
    assert_true(gate_await(&gone, 4));
    cay__sched_free(s);
    gate_destroy(&gone);
    gate_destroy(&ran);
}

static void conversation_does_not_starve_the_local_queue(void **state) {
    (void)state;
    endless_talk(true);
}

static void conversation_does_not_starve_the_global_queue(void **state) {
    (void)state;
    endless_talk(false);
}

/* ---- fairness ---- */

static bool body_busy(fake_t *f) {
    if (atomic_load(&f->quit)) {
        cay__actor_release(&f->actor);
        return false;
    }
    if (atomic_load(&f->runs) == f->limit) {
        gate_post(f->ran);
    }
    return true;
}

static void busy_actors_get_equal_numbers_of_slices(void **state) {
    (void)state;
    enum { N = 10, SLICES = 2000 };
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 1});
    gate_t gone, ran, told;
    gate_init(&gone);
    gate_init(&ran);
    gate_init(&told);
    fake_t f[N];
    fake_t outsider;
    fake_init(&outsider, s, fake_tell, &gone);
    outsider.ran = &told;
    for (unsigned i = 0; i < N; i++) {
        fake_init(&f[i], s, body_busy, &gone);
        f[i].ran = &ran;
        f[i].limit = SLICES;
    }
    for (unsigned i = 0; i < N; i++) {
        cay__actor_wake(&f[i].actor);
    }
    assert_true(gate_await(&ran, N));
    unsigned low = UINT32_MAX, high = 0;
    for (unsigned i = 0; i < N; i++) {
        unsigned runs = atomic_load(&f[i].runs);
        low = runs < low ? runs : low;
        high = runs > high ? runs : high;
    }
    assert_true(low >= SLICES);
    /* One that wakes while all are busy is served too. */
    cay__actor_wake(&outsider.actor);
    assert_true(gate_await(&told, 1));
    for (unsigned i = 0; i < N; i++) {
        fake_quit(&f[i]);
    }
    fake_quit(&outsider);
    assert_true(gate_await(&gone, N + 1));
    cay__sched_free(s);
    gate_destroy(&gone);
    gate_destroy(&ran);
    gate_destroy(&told);
}

/* ---- order within one queue ---- */

typedef struct order {
    unsigned char seen[64];
    unsigned n;
} order_t;

static bool body_note(fake_t *f) {
    order_t *o = f->user;
    o->seen[o->n++] = (unsigned char)f->n;
    cay__actor_release(&f->actor);
    return false;
}

static bool body_wake_ten(fake_t *f) {
    fake_t *them = f->user;
    for (unsigned i = 0; i < 10; i++) {
        cay__actor_wake(&them[i].actor);
    }
    cay__actor_release(&f->actor);
    return false;
}

static void newest_takes_the_next_slot_and_the_rest_keep_their_order(void **state) {
    (void)state;
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 1});
    gate_t gone;
    gate_init(&gone);
    order_t o = {.n = 0};
    fake_t them[10], first;
    for (unsigned i = 0; i < 10; i++) {
        fake_init(&them[i], s, body_note, &gone);
        them[i].user = &o;
        them[i].n = i;
    }
    fake_init(&first, s, body_wake_ten, &gone);
    first.user = them;
    cay__actor_wake(&first.actor);
    assert_true(gate_await(&gone, 11));
    const unsigned char want[] = {9, 0, 1, 2, 3, 4, 5, 6, 7, 8};
    const unsigned char late[] = {0, 9, 1, 2, 3,
                                  4, 5, 6, 7, 8}; /* when the budget ran out meanwhile */
    assert_true(!memcmp(o.seen, want, 10) || !memcmp(o.seen, late, 10));
    cay__sched_free(s);
    gate_destroy(&gone);
}

/* ---- stealing ---- */

typedef struct crew {
    fake_t *them;
    unsigned count;
    atomic_uint inside;
    gate_t *all_in;
} crew_t;

/* Every member waits inside its slice until all are: so each needs an executor of its own. */
static bool body_meet(fake_t *f) {
    crew_t *c = f->user;
    gate_post(c->all_in);
    assert_true(gate_await(c->all_in, c->count));
    cay__actor_release(&f->actor);
    return false;
}

static bool body_call_crew(fake_t *f) {
    crew_t *c = f->user;
    for (unsigned i = 0; i < c->count; i++) {
        cay__actor_wake(&c->them[i].actor);
    }
    cay__actor_release(&f->actor);
    return false;
}

static void idle_executors_steal_what_one_was_given(void **state) {
    (void)state;
    enum { N = 4 };
    /* No hand-off within the test: only stealing can bring all four in. */
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = N,
                                                    .max_threads = N,
                                                    .budget_ns = CAY_NS_PER_MS,
                                                    .slice_ns = 20 * CAY_NS_PER_MS});
    gate_t gone, in;
    gate_init(&gone);
    gate_init(&in);
    fake_t them[N], first;
    crew_t c = {.them = them, .count = N, .all_in = &in};
    for (unsigned i = 0; i < N; i++) {
        fake_init(&them[i], s, body_meet, &gone);
        them[i].user = &c;
    }
    fake_init(&first, s, body_call_crew, &gone);
    first.user = &c;
    cay__actor_wake(&first.actor);
    assert_true(gate_await(&gone, N + 1));
    assert_true(stats_of(s).steals >= 1);
    assert_int_equal(stats_of(s).handoffs, 0);
    cay__sched_free(s);
    gate_destroy(&gone);
    gate_destroy(&in);
}

static bool body_wake_and_stay(fake_t *f) {
    cay__actor_wake(&f->peer->actor);
    assert_true(gate_await(f->ran, 1)); /* the peer must run while this slice lasts */
    cay__actor_release(&f->actor);
    return false;
}

static void next_slot_behind_a_long_slice_goes_to_an_idle_executor(void **state) {
    (void)state;
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 2, .max_threads = 2});
    gate_t gone, ran;
    gate_init(&gone);
    gate_init(&ran);
    fake_t a, b;
    fake_init(&a, s, body_wake_and_stay, &gone);
    fake_init(&b, s, fake_tell, &gone);
    a.peer = &b;
    a.ran = b.ran = &ran;
    cay__actor_wake(&a.actor);
    assert_true(gate_await(&gone, 1));
    fake_quit(&b);
    assert_true(gate_await(&gone, 2));
    assert_int_equal(stats_of(s).steals, 1);
    cay__sched_free(s);
    gate_destroy(&gone);
    gate_destroy(&ran);
}

/* Puts each executor on a CPU of its own, where there are as many: on one CPU they would take turns, and
 * never meet. */
static void on_own_cpu(void *user) {
    cpu_set_t may, one;
    CPU_ZERO(&one);
    unsigned skip = atomic_fetch_add((atomic_uint *)user, 1);
    if (pthread_getaffinity_np(pthread_self(), sizeof may, &may)) {
        return;
    }
    skip %= (unsigned)CPU_COUNT(&may);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &may) && skip-- == 0) {
            CPU_SET(cpu, &one);
            pthread_setaffinity_np(pthread_self(), sizeof one, &one);
            return;
        }
    }
}

/* One endless slice wakes its two peers in turn; each wake pushes the other out of the next slot, for the
 * second executor, which has just found nothing and is about to park. Slices and budgets are so long that
 * no clock comes to the rescue. */
static bool body_juggle(fake_t *f) {
    fake_t *ball = f->user;
    unsigned x = 1;
    cay__actor_wake(&ball[0].actor);
    for (unsigned i = 1; i <= f->limit; i++) {
        fake_t *pushed = &ball[(i - 1) % 2];
        unsigned runs = atomic_load(&pushed->runs);
        cay__actor_wake(&ball[i % 2].actor);
        uint64_t deadline = cay__clock_deadline(PATIENCE_MS);
        /* Idle again, for a wake during its slice would not go through the next slot. */
        while (atomic_load(&pushed->runs) == runs || atomic_load(&pushed->actor.state) != 0) {
            assert_true(cay__clock_mono() < deadline);
        }
        x = x * 1664525u + 1013904223u;
        for (unsigned wait = (x >> 16) % 128; wait; wait--) { /* up to about 100 ns */
            atomic_signal_fence(memory_order_seq_cst);
        }
    }
    cay__actor_release(&f->actor);
    return false;
}

static void push_is_seen_by_an_executor_about_to_park(void **state) {
    (void)state;
    atomic_uint cpu = 0;
    cay_sched_t *s = sched_of((cay_sched_options_t){.executors = 2,
                                                    .budget_ns = 3600 * CAY_NS_PER_S,
                                                    .slice_ns = 3600 * CAY_NS_PER_S,
                                                    .thread_start = on_own_cpu,
                                                    .user = &cpu});
    gate_t gone;
    gate_init(&gone);
    fake_t ball[2], juggler;
    for (unsigned i = 0; i < 2; i++) {
        fake_init(&ball[i], s, fake_tell, &gone);
    }
    fake_init(&juggler, s, body_juggle, &gone);
    juggler.user = ball;
    juggler.limit = 20000;
    cay__actor_wake(&juggler.actor);
    assert_true(gate_await(&gone, 1));
    fake_quit(&ball[0]);
    fake_quit(&ball[1]);
    assert_true(gate_await(&gone, 3));
    assert_true(stats_of(s).steals >= juggler.limit);
    cay__sched_free(s);
    gate_destroy(&gone);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversation_stays_on_one_executor),
        cmocka_unit_test(conversation_does_not_starve_the_local_queue),
        cmocka_unit_test(conversation_does_not_starve_the_global_queue),
        cmocka_unit_test(busy_actors_get_equal_numbers_of_slices),
        cmocka_unit_test(newest_takes_the_next_slot_and_the_rest_keep_their_order),
        cmocka_unit_test(idle_executors_steal_what_one_was_given),
        cmocka_unit_test(next_slot_behind_a_long_slice_goes_to_an_idle_executor),
        cmocka_unit_test(push_is_seen_by_an_executor_about_to_park),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
