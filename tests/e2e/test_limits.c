/* SPDX-License-Identifier: MIT */
/* Limits of memory, CPU and time end a worker with the reason, the limit and the usage; its neighbours go on. CPU is judged
 * by CPU time, which a busy machine does not change; times on the wall are printed. */
#include "host.h"

#include <unistd.h>

static cay_runtime_t *rt;
static cay_worker_t *neighbour;

static int set_up(void **state) {
    (void)state;
    rt = host_runtime(0);
    neighbour = host_spawn(rt, host_echo_source);
    host_echo(neighbour, "0");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    host_echo(neighbour, "1");
    cay_worker_free(neighbour);
    host_shutdown(rt);
    return 0;
}

/* The end of a worker under these limits; what it says before is skipped. */
static cay_event_end_t end_of(const char *source, const char *limits) {
    cay_worker_t *w = host_spawn_limited(rt, source, limits);
    cay_event_t *ev = host_final(w);
    cay_event_end_t end = ev->u.end;
    end.error = (cay_error_info_t){0}; /* goes with the event */
    cay_event_free(ev);
    cay_worker_free(w);
    return end;
}

static cay_event_end_t expect(const char *source, const char *limits, cay_reason_t reason,
                              cay_limit_t which, uint64_t limit) {
    cay_event_end_t end = end_of(source, limits);
    if (end.reason != reason) {
        fail_msg("%s: ended as %s", source, cay_reason_name(end.reason));
    }
    assert_int_equal(end.limit.which, which);
    assert_int_equal(end.limit.limit, limit);
    assert_true(end.limit.used >= limit);
    return end;
}

static void each_limit_ends_with_its_reason(void **state) {
    (void)state;
    expect("const a = []; for (;;) a.push({ a: a.length });", "memory=32M", CAY_REASON_MEMORY,
           CAY_LIMIT_MEMORY, 32 << 20);
    expect("const a = []; for (;;) a.push({ a: a.length });", "memory=256M;heap=16M",
           CAY_REASON_HEAP, CAY_LIMIT_HEAP, 16 << 20);
    expect("setInterval(() => { const t = performance.now(); while (performance.now() - t < 5); }, "
           "0);",
           "cpu=100ms;turn-cpu=80ms", CAY_REASON_CPU, CAY_LIMIT_CPU, 100);
    expect("for (;;);", "cpu=1s;turn-cpu=50ms", CAY_REASON_TURN_CPU, CAY_LIMIT_TURN_CPU, 50);
    expect("setInterval(() => {}, 5);", "wall=60ms", CAY_REASON_WALL, CAY_LIMIT_WALL, 60);
    expect("onmessage = () => {};", "idle=40ms", CAY_REASON_IDLE, CAY_LIMIT_IDLE, 40);
    expect("await new Promise(() => {});", "startup=50ms", CAY_REASON_STARTUP, CAY_LIMIT_STARTUP,
           50);
}

static void memory_of_every_kind_counts(void **state) {
    (void)state;
    static const char *const bombs[] = {
        "const a = []; for (;;) a.push(new Array(1e5).fill(1.5));",
        "const m = new Map(); for (let i = 0;; i++) m.set(i, {});",
        "const a = []; for (;;) a.push((x) => x + a.length);",
        "const a = []; for (;;) a.push('abc'.repeat(1000) + a.length, ('' + "
        "a.length).repeat(5000).split(''));",
        "const a = []; const f = async () => { for (;;) { a.push(new Promise(() => {})); await 1; "
        "} }; await f();",
        "const a = []; for (;;) a.push(2n ** 10000n + BigInt(a.length));",
        "const a = []; for (;;) a.push(new Intl.DateTimeFormat('de', { weekday: 'long' }));",
        "const a = []; for (;;) { try { a.push(new Error('x'.repeat(100), { cause: a.at(-1) })); } "
        "catch {} }",
    };
    for (size_t i = 0; i < sizeof bombs / sizeof bombs[0]; i++) {
        cay_event_end_t end = expect(bombs[i], "memory=32M;turn-cpu=unlimited", CAY_REASON_MEMORY,
                                     CAY_LIMIT_MEMORY, 32 << 20);
        assert_true(end.usage.peak_memory < 96 << 20);
        host_echo(neighbour, "2");
    }
}

static void a_buffer_past_the_limit_is_refused_and_the_worker_goes_on(void **state) {
    (void)state;
    cay_worker_t *w =
        host_spawn_limited(rt,
                           "const a = []; let name; try { for (;;) a.push(new ArrayBuffer(1 << "
                           "20)); } catch (e) { name = e.name; }\n"
                           "const n = a.length, m = cay.memoryUsage(); a.length = 0;\n"
                           "new ArrayBuffer(20 << 20);\n" /* what was collected can be had again */
                           "postMessage([name, n > 20 && n < 32, m.buffers === n << 20, m.total <= "
                           "m.limit, m.limit]);",
                           "memory=32M;soft=unlimited");
    host_expect(w, "[\"RangeError\",true,true,true,33554432]");
    cay_worker_free(w);
}

/* (module (memory 1) (func (export "f") (loop (drop (memory.grow (i32.const 16))) (br 0)))) */
#define WASM_GROW                                                                                  \
    "[0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,5,3,1,0,1,7,5,1,1,102,0,0,10,14,1,12,0,3,64,65,"   \
    "16,64,0,26,12,0,11,11]"

static void webassembly_counts_while_it_runs(void **state) {
    (void)state;
    cay_permissions_t *set = host_grants("wasm");
    cay_limits_t l = host_limits("memory=64M;turn-cpu=unlimited");
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = "new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(" WASM_GROW
                    "))).exports.f();";
    o.permissions = set;
    o.limits = &l;
    cay_worker_t *w = host_spawn_with(rt, &o);
    cay_permissions_free(set);
    cay_event_t *ev = host_final(w);
    assert_int_equal(ev->u.end.reason, CAY_REASON_MEMORY);
    assert_true(ev->u.end.usage.peak_memory > 64 << 20);
    cay_event_free(ev);
    cay_worker_free(w);
}

/* ---- the last slice ---- */

/* Messages of the worker up to its end, each behind a comma. */
static cay_reason_t said(const char *source, const char *limits, char *out, size_t size) {
    cay_worker_t *w = host_spawn_limited(rt, source, limits);
    size_t n = 0;
    unsigned events = 0;
    for (;;) {
        cay_event_t *ev = host_event(w);
        if (ev->type == CAY_EVENT_MESSAGE) {
            char *json = NULL;
            assert_int_equal(cay_message_to_json(ev->u.message.message, &json, NULL), 0);
            n += (size_t)snprintf(out + n, size - n, "%s,", json);
            cay_free(json);
        }
        if (ev->type == CAY_EVENT_LIMIT) {
            events++;
            n += (size_t)snprintf(out + n, size - n, "%s %s,", cay_limit_name(ev->u.limit.which),
                                  ev->u.limit.is_over ? "over" : "near");
        }
        if (cay_event_is_final(ev)) {
            cay_reason_t reason = ev->u.end.reason;
            cay_event_free(ev);
            cay_worker_free(w);
            return reason;
        }
        cay_event_free(ev);
    }
}

#define LISTEN "onlimit = (e) => { postMessage([e.limit, e.max, e.used >= e.max, e.over]); };\n"

static void a_loop_has_its_last_words(void **state) {
    (void)state;
    char text[512] = "";
    assert_int_equal(said(LISTEN "for (;;);", "turn-cpu=50ms", text, sizeof text),
                     CAY_REASON_TURN_CPU);
    assert_string_equal(text, "turn-cpu over,[\"turnCpu\",50,true,true],");
    /* Swallowed by nothing of the guest's, wherever it was. */
    text[0] = 0;
    assert_int_equal(said(LISTEN
                          "const f = () => { try { for (;;); } finally { for (;;); } }; f();",
                          "turn-cpu=50ms", text, sizeof text),
                     CAY_REASON_TURN_CPU);
    assert_string_equal(text, "turn-cpu over,[\"turnCpu\",50,true,true],");
    text[0] = 0;
    assert_int_equal(
        said(LISTEN
             "addEventListener('error', () => { for (;;); }); setTimeout(() => { throw 1; });",
             "turn-cpu=50ms", text, sizeof text),
        CAY_REASON_TURN_CPU);
    assert_string_equal(text, "turn-cpu over,[\"turnCpu\",50,true,true],");
}

static void who_was_told_in_time_has_no_last_slice(void **state) {
    (void)state;
    char text[512] = "";
    assert_int_equal(
        said(
            "let told = 0; onlimit = (e) => { told++; postMessage([e.limit, e.over]); };\n"
            "setInterval(() => { const t = performance.now(); do { for (let i = 0; i < 1e5; i++); }"
            " while (performance.now() - t < 2); }, 0);",
            "cpu=200ms;soft=25%", text, sizeof text),
        CAY_REASON_CPU);
    assert_string_equal(text, "cpu near,[\"cpu\",false],");
}

static void last_words_that_never_end_are_cut_off(void **state) {
    (void)state;
    static const char *const handlers[] = {
        "for (;;);",
        "(function f() { Promise.resolve().then(f); })();",
        "setTimeout(() => postMessage('late')); queueMicrotask(() => { for (;;); });",
        "throw new Error('last');",
        "close(); postMessage('swallowed');",
    };
    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++) {
        char source[512], text[512] = "";
        snprintf(source, sizeof source, "onlimit = () => { %s };\nfor (;;);", handlers[i]);
        assert_int_equal(said(source, "turn-cpu=50ms;grace=10ms", text, sizeof text),
                         CAY_REASON_TURN_CPU);
        assert_string_equal(text, "turn-cpu over,");
    }
}

static void near_limits_are_told_once(void **state) {
    (void)state;
    char text[512] = "";
    assert_int_equal(
        said("const keep = []; onlimit = (e) => postMessage([e.limit, e.max, e.over]);\n"
             "setInterval(() => { keep.push(new Array(5e4).fill(keep.length)); }, 0);",
             "memory=16M;soft=50%", text, sizeof text),
        CAY_REASON_MEMORY);
    assert_string_equal(text, "memory near,[\"memory\",16777216,false],");
    text[0] = 0;
    assert_int_equal(
        said("onlimit = (e) => postMessage([e.limit, e.over]); setInterval(() => {}, 1);",
             "wall=200ms;soft=25%", text, sizeof text),
        CAY_REASON_WALL);
    assert_string_equal(text, "wall near,[\"wall\",false],");
    text[0] = 0;
    assert_int_equal(
        said("onlimit = (e) => postMessage([e.limit, e.over]); setInterval(() => {}, 1);",
             "wall=100ms;soft=unlimited", text, sizeof text),
        CAY_REASON_WALL);
    assert_string_equal(text, "");
}

/* ---- how exactly ---- */

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double cpu_of_end(cay_worker_t *w) {
    cay_event_t *ev = host_final(w);
    assert_int_equal(ev->u.end.reason, CAY_REASON_CPU);
    double ms = (double)ev->u.end.usage.cpu_ns / 1e6;
    cay_event_free(ev);
    cay_worker_free(w);
    return ms;
}

static void print_spread(const char *what, double *ms, unsigned count) {
    qsort(ms, count, sizeof *ms, by_value);
    print_message("  %s: %.1f to %.1f ms of CPU, median %.1f\n", what, ms[0], ms[count - 1],
                  ms[count / 2]);
}

static void cpu_is_cut_off_exactly_also_in_a_crowd(void **state) {
    (void)state;
    enum { RUNS = 20 };
    double ms[RUNS];
    for (int i = 0; i < RUNS; i++) {
        ms[i] = cpu_of_end(host_spawn_limited(rt, "for (;;);", "cpu=200ms"));
        assert_true(ms[i] >= 200 && ms[i] < 400);
    }
    print_spread("a limit of 200 ms alone", ms, RUNS);
    cay_worker_t *w[RUNS];
    for (int i = 0; i < RUNS; i++) {
        w[i] = host_spawn_limited(rt, "for (;;);", "cpu=200ms");
    }
    for (int i = 0; i < RUNS; i++) {
        ms[i] = cpu_of_end(w[i]);
        assert_true(ms[i] >= 200 && ms[i] < 400);
    }
    print_spread("the same, 20 at once", ms, RUNS);
}

static void wall_is_cut_off_in_time(void **state) {
    (void)state;
    double late[20];
    for (int i = 0; i < 20; i++) {
        cay_event_end_t end = end_of(i % 2 ? "for (;;);" : "setInterval(() => {}, 1);",
                                     "wall=100ms;turn-cpu=unlimited");
        assert_int_equal(end.reason, CAY_REASON_WALL);
        late[i] = (double)end.usage.wall_ns / 1e6 - 100;
        assert_true(late[i] >= 0);
    }
    qsort(late, 20, sizeof *late, by_value);
    print_message("  a wall limit of 100 ms: %.1f to %.1f ms late, median %.1f\n", late[0],
                  late[19], late[10]);
}

/* ---- trees ---- */

static void what_children_use_counts_in_their_creator(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn_limited(
        rt,
        HOST_CHILD "let n = 0, before = cay.memoryUsage().children; const hold = () => {\n"
                   " const w = child('globalThis.b = new ArrayBuffer(4 << 20); postMessage(1)');\n"
                   " w.onmessage = () => { if (++n < 3) hold(); else {\n"
                   "   const m = cay.memoryUsage(); postMessage([before, m.children > 12 << 20, "
                   "m.total > m.children]); } }; };\n"
                   "hold();",
        "memory=64M");
    host_expect(w, "[0,true,true]");
    cay_usage_t u;
    assert_int_equal(cay_worker_usage(w, &u, sizeof u), 0);
    assert_int_equal(u.workers, 3);
    assert_true(u.memory > 12 << 20);
    cay_worker_free(w);
    /* The loop is the child's; the CPU that it uses up is the root's. */
    expect(HOST_CHILD "child('for (;;);'); onmessage = () => {};", "cpu=100ms;turn-cpu=100ms",
           CAY_REASON_CPU, CAY_LIMIT_CPU, 100);
}

static void the_one_that_uses_most_of_a_shared_limit_ends(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn_limited(
        rt,
        HOST_CHILD
        "let n = 0; const keep = []; const w = child(\n"
        " 'const a = []; setInterval(() => { a.push(new Array(1e5).fill(a.length)); }, 0);');\n"
        "w.onerror = (e) => e.preventDefault();\n"
        "w.onclose = (e) => postMessage([e.reason, keep.length > 0]);\n"
        "setInterval(() => { if (keep.length < 1000) keep.push(new Array(100).fill(keep.length)); "
        "}, 1);\n"
        "onmessage = (e) => postMessage(e.data);",
        "memory=48M;turn-cpu=unlimited");
    host_expect(w, "[\"memory limit\",true]");
    host_echo(w, "5"); /* the creator goes on */
    cay_worker_free(w);
}

static void usage_can_be_asked_for_at_any_time(void **state) {
    (void)state;
    cay_worker_t *w =
        host_spawn_limited(rt, "globalThis.b = new ArrayBuffer(3 << 20); postMessage(1); for (;;);",
                           "memory=32M;turn-cpu=300ms");
    host_expect(w, "1");
    cay_usage_t u = {0};
    double until = host_ms() + WAIT_MS;
    while (u.cpu_ns < 50000000 && host_ms() < until) { /* while the slice is under way */
        assert_int_equal(cay_worker_usage(w, &u, sizeof u), 0);
    }
    assert_true(u.cpu_ns >= 50000000 && u.heap > 0 && u.memory >= u.heap + u.buffers);
    assert_int_equal(u.slices, 1);
    cay_event_t *ev = host_final(w);
    assert_int_equal(ev->u.end.usage.buffers, 3 << 20);
    cay_event_free(ev);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    cay_usage_t after;
    assert_int_equal(cay_worker_usage(w, &after, sizeof after), 0);
    assert_int_equal(after.memory, 0);
    assert_true(after.cpu_ns >= u.cpu_ns);
    assert_int_equal(cay_worker_usage(w, NULL, 8), CAY_EINVAL);
    cay_worker_free(w);
}

static void limits_that_cannot_be_held_are_refused_at_the_spawn(void **state) {
    (void)state;
    cay_limits_t l = host_limits("memory=16M;heap=32M");
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = "1";
    o.limits = &l;
    cay_worker_t *w = NULL;
    cay_error_t *err = NULL;
    assert_int_equal(cay_worker_spawn(rt, &o, &w, &err), CAY_EINVAL);
    assert_non_null(strstr(cay_error_message(err), "limit heap: 32 MiB is above the memory limit"));
    cay_error_free(err);
    assert_null(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_limit_ends_with_its_reason),
        cmocka_unit_test(memory_of_every_kind_counts),
        cmocka_unit_test(a_buffer_past_the_limit_is_refused_and_the_worker_goes_on),
        cmocka_unit_test(webassembly_counts_while_it_runs),
        cmocka_unit_test(a_loop_has_its_last_words),
        cmocka_unit_test(who_was_told_in_time_has_no_last_slice),
        cmocka_unit_test(last_words_that_never_end_are_cut_off),
        cmocka_unit_test(near_limits_are_told_once),
        cmocka_unit_test(cpu_is_cut_off_exactly_also_in_a_crowd),
        cmocka_unit_test(wall_is_cut_off_in_time),
        cmocka_unit_test(what_children_use_counts_in_their_creator),
        cmocka_unit_test(the_one_that_uses_most_of_a_shared_limit_ends),
        cmocka_unit_test(usage_can_be_asked_for_at_any_time),
        cmocka_unit_test(limits_that_cannot_be_held_are_refused_at_the_spawn),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
