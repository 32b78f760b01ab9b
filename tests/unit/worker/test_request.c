/* SPDX-License-Identifier: MIT */
/* Operations in flight: settled once, cancelled by the end, by a revocation and by hand, left behind by none. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "os/clock.h"
#include "port/call.h"
#include "worker/request.h"

/* ---- a lower layer: a thread that finishes what it is given, in its own time ---- */

typedef struct work {
    cay_request_t base;
    cay_link_t queued;
    int rc;
} work_t;

static struct {
    cay_mutex_t lock;
    cay_cond_t changed;
    cay_link_t queue;
    bool open; /* false: works are kept */
    bool over;
    int freed;
    int cancelled;
} layer;

static void layer_put(work_t *w) {
    cay__mutex_lock(&layer.lock);
    cay__list_push(&layer.queue, &w->queued);
    cay__cond_broadcast(&layer.changed);
    cay__mutex_unlock(&layer.lock);
}

static void layer_run(void *arg) {
    (void)arg;
    cay__mutex_lock(&layer.lock);
    while (!layer.over) {
        cay_link_t *l = layer.open ? cay__list_shift(&layer.queue) : NULL;
        if (!l) {
            cay__cond_wait(&layer.changed, &layer.lock);
            continue;
        }
        cay__mutex_unlock(&layer.lock);
        work_t *w = CAY_CONTAINER(l, work_t, queued);
        cay_error_t *err = NULL;
        int rc = w->rc ? cay__error_set(&err, w->rc, "it failed") : 0;
        cay__request_done(&w->base, rc, err);
        cay__mutex_lock(&layer.lock);
    }
    cay__mutex_unlock(&layer.lock);
}

/* Until that many wait, of which none is done. */
static void wait_begun(size_t count) {
    cay__mutex_lock(&layer.lock);
    for (;;) {
        size_t n = 0;
        for (cay_link_t *l = layer.queue.next; l != &layer.queue; l = l->next) {
            n++;
        }
        if (n >= count) {
            break;
        }
        cay__cond_wait(&layer.changed, &layer.lock);
    }
    cay__mutex_unlock(&layer.lock);
}

static void layer_open(bool open) {
    cay__mutex_lock(&layer.lock);
    layer.open = open;
    cay__cond_broadcast(&layer.changed);
    cay__mutex_unlock(&layer.lock);
}

static cay_thread_t layer_thread;

static int layer_setup(void **state) {
    (void)state;
    memset(&layer, 0, sizeof layer);
    cay__mutex_init(&layer.lock);
    cay__cond_init(&layer.changed);
    cay__list_init(&layer.queue);
    return cay__thread_start(&layer_thread, "layer", 0, layer_run, NULL);
}

static int layer_teardown(void **state) {
    (void)state;
    cay__mutex_lock(&layer.lock);
    layer.over = true;
    cay__cond_broadcast(&layer.changed);
    cay__mutex_unlock(&layer.lock);
    cay__thread_join(&layer_thread);
    return 0;
}

/* ---- the guest: a message starts that many requests; settled ones are told to the creator ---- */

static int work_settle(cay_request_t *r, cay_agent_t *a, eng_val_t *out, cay_error_t **err) {
    (void)err;
    *out = eng_number(a->iso, r->id);
    return 0;
}

static void work_cancel(cay_request_t *r) {
    (void)r;
    cay__mutex_lock(&layer.lock);
    layer.cancelled++;
    layer.open = true; /* hurry */
    cay__cond_broadcast(&layer.changed);
    cay__mutex_unlock(&layer.lock);
}

static void work_free(cay_request_t *r) {
    cay__mutex_lock(&layer.lock);
    layer.freed++;
    cay__cond_broadcast(&layer.changed);
    cay__mutex_unlock(&layer.lock);
    cay__free(CAY_CONTAINER(r, work_t, base));
}

static const cay_request_ops_t work_ops = {work_settle, work_cancel, work_free};
static const cay_request_ops_t slow_ops = {work_settle, NULL, work_free}; /* heeds no cancel */

static size_t bytes_each; /* what each holds while in flight, and gives */
static bool use_grants;
static bool may_outlive;
static const cay_request_ops_t *ops_in_use = &work_ops;

static int begin(cay_agent_t *a, uint32_t id) {
    work_t *w = CAY_NEW(work_t);
    if (!w) {
        return CAY_ENOMEM;
    }
    w->base.ops = ops_in_use;
    w->base.may_outlive = may_outlive;
    w->base.bytes = bytes_each;
    w->rc = id % 2 ? 0 : CAY_EIO;
    cay_ask_t ask = {.kind = CAY_KIND_ENV, .value = "HOME", .len = 4};
    int rc = cay__request_begin(a, &w->base, id, use_grants ? &ask : NULL, NULL, NULL);
    if (rc) {
        cay__free(w);
        return rc;
    }
    layer_put(w);
    return 0;
}

enum { OK = 1, FAILED = 2, REFUSED = 3 };

static int guest_dispatch(cay_agent_t *a, int which, const eng_val_t *argv, int argc) {
    (void)argc;
    cay_port_t *out = cay_inside_port(a->inside);
    if (which == ENG_DISPATCH_MESSAGE) {
        int count = (int)fake_number(argv[1]);
        for (int i = 1; i <= count; i++) {
            if (begin(a, (uint32_t)i)) {
                (void)!fake_post(out, REFUSED);
            }
        }
    } else if (which == ENG_DISPATCH_SETTLE) {
        (void)!fake_post(out, fake_number(argv[1]) > 0 ? OK : FAILED);
    }
    return fake_check(a) ? CAY_ETERMINATED : 0;
}

static const fake_guest_t guest = {guest_dispatch};

static void start(world_t *w, cay_worker_t **h, uint8_t count, bool grants, bool outlive) {
    fake_guest = &guest;
    use_grants = grants;
    may_outlive = outlive;
    ops_in_use = &work_ops;
    world_open(w, 2);
    *h = world_spawn_ok(w, 0);
    assert_int_equal(fake_post(cay_worker_port(*h), count), 0);
}

static void count_replies(cay_worker_t *h, int want, int counts[4]) {
    for (int got = 0; got < want;) {
        cay_event_t *ev = NULL;
        assert_int_equal(cay_worker_next_event(h, WAIT_MS, &ev), 0);
        assert_false(cay_event_is_final(ev));
        if (ev->type == CAY_EVENT_MESSAGE) {
            cay_message_t *m = cay_event_take_message(ev);
            counts[m->bytes[0]]++;
            cay_message_free(m);
            got++;
        }
        cay_event_free(ev);
    }
}

static void expect_freed(int count) {
    cay__mutex_lock(&layer.lock);
    while (layer.freed < count) {
        assert_true(
            cay__cond_wait_until(&layer.changed, &layer.lock, cay__clock_deadline(WAIT_MS)));
    }
    assert_int_equal(layer.freed, count);
    cay__mutex_unlock(&layer.lock);
}

/* ---- tests ---- */

static void each_request_settles_once_with_its_outcome(void **state) {
    (void)state;
    world_t w;
    cay_worker_t *h;
    start(&w, &h, 100, false, false);
    layer_open(true);
    int counts[4] = {0};
    count_replies(h, 100, counts);
    assert_int_equal(counts[OK], 50);
    assert_int_equal(counts[FAILED], 50);
    expect_freed(100);
    cay_worker_free(h);
    world_close(&w);
}

static void the_end_waits_for_what_is_in_flight(void **state) {
    (void)state;
    world_t w;
    cay_worker_t *h;
    start(&w, &h, 100, false, false);
    wait_begun(100);
    cay_worker_terminate(h);
    assert_int_equal(world_expect_end(h).reason, CAY_REASON_TERMINATED);
    assert_int_equal(cay_worker_join(h, WAIT_MS), 0);
    cay__mutex_lock(&layer.lock);
    assert_true(layer.cancelled >= 1);
    assert_true(cay__list_empty(&layer.queue));
    cay__mutex_unlock(&layer.lock);
    cay_worker_free(h);
    world_close(&w);
}

static void what_heeds_no_cancel_holds_the_end_up_until_it_is_done(void **state) {
    (void)state;
    world_t w;
    cay_worker_t *h;
    start(&w, &h, 0, false, false);
    ops_in_use = &slow_ops;
    assert_int_equal(fake_post(cay_worker_port(h), 3), 0);
    wait_begun(3);
    cay_worker_terminate(h);
    assert_int_equal(cay_worker_join(h, 20), CAY_ETIMEDOUT);
    layer_open(true);
    assert_int_equal(cay_worker_join(h, WAIT_MS), 0);
    cay_worker_free(h);
    world_close(&w);
}

static void what_may_outlive_its_worker_frees_itself(void **state) {
    (void)state;
    world_t w;
    cay_worker_t *h;
    start(&w, &h, 0, false, true);
    ops_in_use = &slow_ops;
    assert_int_equal(fake_post(cay_worker_port(h), 10), 0);
    wait_begun(10);
    cay_worker_terminate(h);
    assert_int_equal(cay_worker_join(h, WAIT_MS), 0);
    cay_worker_free(h);
    world_close(&w);
    layer_open(true);
    expect_freed(10);
}

static void bytes_in_flight_count_in_the_memory_limit(void **state) {
    (void)state;
    world_t w;
    cay_worker_t *h;
    int counts[4] = {0};
    bytes_each = 30u << 20; /* of 64 MiB */
    start(&w, &h, 3, false, false);
    count_replies(h, 1, counts);
    assert_int_equal(counts[REFUSED], 1);
    cay_usage_t u;
    assert_int_equal(cay_worker_usage(h, &u, sizeof u), 0);
    assert_int_equal(u.host, 2 * bytes_each);
    assert_int_equal(u.ops, 2);
    layer_open(true);
    count_replies(h, 2, counts);
    assert_int_equal(counts[OK] + counts[FAILED], 2);
    bytes_each = 0;
    cay_worker_free(h);
    world_close(&w);
}

static _Atomic int kept;

/* What a result holds counts until it is settled; what does not fit is refused and holds nothing. */
static int keep_settle(cay_request_t *r, cay_agent_t *a, eng_val_t *out, cay_error_t **err) {
    (void)err;
    cay_error_t *why = NULL;
    assert_int_equal(cay__request_keep(r, 40u << 20, &why), 0);
    assert_int_equal(cay__request_keep(r, 40u << 20, &why), CAY_ELIMIT);
    assert_non_null(strstr(cay_error_message(why), "memory limit"));
    cay_error_free(why);
    assert_int_equal(atomic_load(&a->account->part[CAY_PART_HOST]), 40u << 20);
    atomic_fetch_add(&kept, 1);
    *out = eng_number(a->iso, r->id);
    return 0;
}

static const cay_request_ops_t keep_ops = {keep_settle, work_cancel, work_free};

static void results_count_until_they_are_settled(void **state) {
    (void)state;
    world_t w;
    cay_worker_t *h;
    int counts[4] = {0};
    atomic_store(&kept, 0);
    start(&w, &h, 0, false, false);
    ops_in_use = &keep_ops;
    assert_int_equal(fake_post(cay_worker_port(h), 7), 0);
    wait_begun(7);
    layer_open(true);
    count_replies(h, 7, counts);
    assert_int_equal(atomic_load(&kept), counts[OK]);
    cay_worker_free(h);
    world_close(&w);
}

static void without_the_grant_nothing_begins(void **state) {
    (void)state;
    world_t w;
    cay_worker_t *h;
    start(&w, &h, 5, true, false);
    int counts[4] = {0};
    count_replies(h, 5, counts);
    assert_int_equal(counts[REFUSED], 5);
    assert_true(cay__list_empty(&layer.queue));
    cay_worker_free(h);
    world_close(&w);
}

static void a_revocation_fails_what_is_in_flight(void **state) {
    (void)state;
    world_t w;
    cay_worker_t *h;
    world_grants = "env=HOME";
    start(&w, &h, 9, true, false);
    world_grants = NULL;
    wait_begun(9);
    assert_int_equal(cay__authority_revoke(cay__worker_authority(h), CAY_KIND_ENV, "HOME", NULL),
                     0);
    int counts[4] = {0};
    count_replies(h, 9, counts);
    assert_int_equal(counts[FAILED], 9);
    assert_int_equal(fake_post(cay_worker_port(h), 2), 0);
    count_replies(h, 2, counts);
    assert_int_equal(counts[REFUSED], 2);
    cay_worker_free(h);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_request_settles_once_with_its_outcome, layer_setup,
                                        layer_teardown),
        cmocka_unit_test_setup_teardown(the_end_waits_for_what_is_in_flight, layer_setup,
                                        layer_teardown),
        cmocka_unit_test_setup_teardown(what_heeds_no_cancel_holds_the_end_up_until_it_is_done,
                                        layer_setup, layer_teardown),
        cmocka_unit_test_setup_teardown(what_may_outlive_its_worker_frees_itself, layer_setup,
                                        layer_teardown),
        cmocka_unit_test_setup_teardown(bytes_in_flight_count_in_the_memory_limit, layer_setup,
                                        layer_teardown),
        cmocka_unit_test_setup_teardown(results_count_until_they_are_settled, layer_setup,
                                        layer_teardown),
        cmocka_unit_test_setup_teardown(without_the_grant_nothing_begins, layer_setup,
                                        layer_teardown),
        cmocka_unit_test_setup_teardown(a_revocation_fails_what_is_in_flight, layer_setup,
                                        layer_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
