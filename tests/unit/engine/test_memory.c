/* SPDX-License-Identifier: MIT */
/* What an isolate uses is measured and judged, follows buffers that move, and the turn of a guest, or its whole isolate,
 * can be taken away. */
#include "engine_host.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/clock.h"

#define MIB ((size_t)1 << 20)

static eng_memory_t now_of(eng_host_t *h) {
    eng_memory_t m;
    eng_measure(h->iso, &m);
    return m;
}

static void near(size_t have, size_t want) {
    if (have + 64 * 1024 < want || have > want + 64 * 1024) {
        fail_msg("%zu is not about %zu", have, want);
    }
}

static void parts_are_told_apart(void **state) {
    (void)state;
    meter_t meter = {0};
    eng_host_t *h = open_metered(ENG_ALLOW_WASM | ENG_ALLOW_SHARED, &meter);
    eng_memory_t start = now_of(h);
    near(start.buffers, 0);
    near(start.wasm, 0);
    run_ok(
        h,
        "globalThis.a = new ArrayBuffer(10 << 20); globalThis.s = new SharedArrayBuffer(4 << 20);");
    near(now_of(h).buffers, 14 * MIB);
    near(now_of(h).wasm, 0);
    run_ok(h, "globalThis.m = new WebAssembly.Memory({ initial: 64 });"); /* of 64 KiB */
    run_ok(h, "globalThis.keep = []; for (let i = 0; i < 200; i++)"
              " keep.push(new Intl.DateTimeFormat('de', { weekday: 'long' }));");
    eng_memory_t m = now_of(h);
    assert_true(m.native > start.native + MIB);
    assert_memory_equal(&m, &meter.now, sizeof m);
    close_host(h);
    assert_int_equal(meter.refs, 0);
}

static void a_shared_memory_of_wasm_is_counted_like_any(void **state) {
    (void)state;
    meter_t meter = {0};
    eng_host_t *h = open_metered(ENG_ALLOW_WASM, &meter);
    run_ok(h,
           "globalThis.m = new WebAssembly.Memory({ initial: 160, maximum: 160, shared: true });");
    near(now_of(h).wasm, 10 * MIB);
    close_host(h);
}

/* From one isolate to the other, where it becomes `b`, as a message would. The other one is entered then. */
static void hand_over(eng_host_t *from, eng_host_t *to) {
    leave(from);
    enter(to);
    eng_val_t v;
    assert_int_equal(eng_deserialize(to->iso, from->wire.bytes, from->wire.len, NULL, 0,
                                     from->wire.blobs, from->wire.blob_count, &v),
                     0);
    eng_wire_clear(&from->wire);
    eng_fault_t fault = {0};
    assert_int_equal(eng_dispatch(to->iso, 0, &v, 1, NULL, &fault), 0);
}

static const char take_buffers[] = "globalThis.onCall = (v) => { globalThis.b = v; };";

static void send_b(eng_host_t *h) {
    run_ok(h, "ops.send(b, [b]); if (b.byteLength) throw 1; globalThis.b = 0;");
    near(now_of(h).buffers, 0);
}

static void what_moves_is_counted_where_it_is(void **state) {
    (void)state;
    meter_t ma = {0}, mb = {0};
    eng_host_t *a = open_metered(0, &ma);
    run_ok(a, take_buffers);
    leave(a);
    eng_host_t *b = open_metered(0, &mb);
    run_ok(b, take_buffers);
    leave(b);
    enter(a);
    run_ok(a, "globalThis.b = new ArrayBuffer(10 << 20);");
    for (int i = 0; i < 500; i++) { /* there and back: what hangs on it does not grow */
        send_b(a);
        hand_over(a, b);
        near(now_of(b).buffers, 10 * MIB);
        send_b(b);
        hand_over(b, a);
        near(now_of(a).buffers, 10 * MIB);
    }
    send_b(a);
    hand_over(a, b); /* and it outlives the isolate that made it */
    leave(b);
    eng_isolate_free(a->iso);
    assert_int_equal(ma.refs, 1);
    enter(b);
    run_ok(b, "new Uint8Array(b)[5] = 1;");
    close_host(b);
    assert_int_equal(ma.refs, 0);
    assert_int_equal(mb.refs, 0);
    cay__cond_destroy(&a->cond);
    cay__mutex_destroy(&a->lock);
    cay__free(a);
}

static int released;

static void release(void *data, size_t len, void *user) {
    (void)len;
    (void)user;
    released++;
    cay__free(data);
}

static void memory_of_the_host_counts_while_it_is_held(void **state) {
    (void)state;
    meter_t ma = {0};
    eng_host_t *a = open_metered(0, &ma);
    released = 0;
    cay_blob_t bytes = {cay__calloc(1, 2 * MIB), 2 * MIB, release, NULL};
    assert_false(eng_is_undefined(eng_buffer(a->iso, &bytes)));
    assert_null(bytes.release);
    near(now_of(a).buffers, 2 * MIB);
    close_host(a);
    assert_int_equal(released, 1);
    assert_int_equal(ma.refs, 0);
}

static void a_buffer_that_does_not_fit_is_a_range_error(void **state) {
    (void)state;
    meter_t meter = {.most = 32 * MIB};
    eng_host_t *h = open_metered(0, &meter);
    run_ok(
        h,
        "for (let i = 0; i < 100; i++) new ArrayBuffer(12 << 20);"); /* garbage is collected first */
    run_ok(h, "try { new ArrayBuffer(40 << 20); throw 1; } catch (e) { if (e.name !== "
              "'RangeError') throw e; }"
              "new ArrayBuffer(12 << 20);");
    assert_int_equal(h->overs, 0);
    close_host(h);
}

static void a_full_heap_is_judged_after_a_full_collection(void **state) {
    (void)state;
    meter_t meter = {.most = 32 * MIB, .soft = 20 * MIB};
    eng_host_t *h = open_metered(0, &meter);
    eng_fault_t fault = {0};
    /* Much garbage, little that stays. */
    run_ok(h, "let keep = []; for (let i = 0; i < 3e6; i++) keep[i % 1000] = [i, i, i];");
    assert_int_equal(h->overs, 0);
    assert_int_equal(run(h, "globalThis.a = []; for (;;) a.push([1, 2, 3]);", &fault),
                     CAY_ETERMINATED);
    assert_true(h->overs >= 1 && h->softs >= 1);
    assert_true(meter.now.heap < 48 * MIB);
    eng_fault_clear(&fault);
    close_host(h);
}

static void native_objects_are_collected_in_time(void **state) {
    (void)state;
    meter_t meter = {.most = 64 * MIB};
    eng_host_t *h = open_metered(0, &meter);
    run_ok(h, "for (let i = 0; i < 5000; i++) new Intl.DateTimeFormat('de', { weekday: 'long' });");
    assert_int_equal(h->overs, 0);
    assert_true(meter.now.native < 64 * MIB);
    eng_fault_t fault = {0};
    assert_int_equal(run(h,
                         "globalThis.a = []; for (;;) a.push(new Intl.DateTimeFormat('de', { "
                         "weekday: 'long' }));",
                         &fault),
                     CAY_ETERMINATED);
    assert_true(meter.now.native < 100 * MIB);
    eng_fault_clear(&fault);
    close_host(h);
}

/* ---- turns ---- */

static void await_running(eng_host_t *h) {
    cay__mutex_lock(&h->lock);
    while (!h->running) {
        cay__cond_wait(&h->cond, &h->lock);
    }
    h->running = false;
    cay__mutex_unlock(&h->lock);
}

static void abort_when_running(void *arg) {
    eng_host_t *h = arg;
    await_running(h);
    eng_abort(h->iso);
}

static void a_turn_is_cut_short_and_the_isolate_goes_on(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    for (int i = 0; i < 50; i++) {
        cay_thread_t t;
        assert_int_equal(cay__thread_start(&t, "abort", 0, abort_when_running, h), 0);
        eng_fault_t fault = {0};
        assert_int_equal(run(h, "try { ops.running(); for (;;); } finally { for (;;); }", &fault),
                         CAY_ETERMINATED);
        cay__thread_join(&t);
        eng_resume(h->iso);
        run_ok(h, "globalThis.n = (globalThis.n ?? 0) + 1; await 0; globalThis.n += 0;");
    }
    /* One that comes too late ends nothing. */
    eng_abort(h->iso);
    eng_resume(h->iso);
    run_ok(h, "for (let i = 0; i < 1e6; i++); if (n !== 50) throw new Error(String(n));");
    close_host(h);
}

static void loop_for_good(void *arg) {
    eng_host_t *h = arg;
    enter(h);
    eng_fault_t fault = {0};
    (void)!run(h, "ops.running(); new Array(2 ** 31).indexOf(1); ops.running();", &fault);
    abort(); /* it never comes back from the engine */
}

static void an_isolate_is_taken_away_from_a_deaf_built_in_alone(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    assert_false(eng_lose(h->iso)); /* nobody is inside */
    leave(h);
    cay_thread_t t;
    assert_int_equal(cay__thread_start(&t, "lost", 0, loop_for_good, h), 0);
    await_running(h);
    uint64_t until = cay__clock_deadline(60000);
    while (!eng_lose(h->iso) && cay__clock_mono() < until) {
        cay__cpu_count();
    }
    assert_true(cay__clock_mono() < until);
    assert_false(eng_lose(h->iso)); /* once */
    cay__thread_detach(&t);
    /* The isolate stays with its thread, as the driver's own part does here. */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_told_apart),
        cmocka_unit_test(a_shared_memory_of_wasm_is_counted_like_any),
        cmocka_unit_test(what_moves_is_counted_where_it_is),
        cmocka_unit_test(memory_of_the_host_counts_while_it_is_held),
        cmocka_unit_test(a_buffer_that_does_not_fit_is_a_range_error),
        cmocka_unit_test(a_full_heap_is_judged_after_a_full_collection),
        cmocka_unit_test(native_objects_are_collected_in_time),
        cmocka_unit_test(a_turn_is_cut_short_and_the_isolate_goes_on),
        cmocka_unit_test(an_isolate_is_taken_away_from_a_deaf_built_in_alone),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
