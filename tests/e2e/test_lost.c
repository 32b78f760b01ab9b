/* SPDX-License-Identifier: MIT */
/* Built-ins that look at no termination: the worker is condemned at once, told to be overdue, and given up with its thread at
 * the deadline; exactly one final event, its neighbours go on, and the runtime drains when too much is lost. */
#include "host.h"

#define DEAF "new Array(2 ** 32 - 1).indexOf(1);"

static cay_runtime_t *runtime(uint64_t lost_after_ms, uint64_t max_lost) {
    cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
    o.provider = cay_v8_provider();
    o.lost_after_ms = lost_after_ms;
    o.max_lost_threads = max_lost;
    cay_runtime_t *rt = NULL;
    assert_int_equal(cay_runtime_new(&o, &rt, NULL), 0);
    return rt;
}

static cay_runtime_stats_t stats_of(cay_runtime_t *rt) {
    cay_runtime_stats_t s = {.size = sizeof s};
    assert_int_equal(cay_runtime_stats(rt, &s), 0);
    return s;
}

/* Its events up to the final one, of which there is one. */
static cay_event_end_t follow(cay_worker_t *w, unsigned *overdue, double *told_after,
                              cay_worker_t *neighbour) {
    double begun = host_ms();
    for (;;) {
        cay_event_t *ev = NULL;
        int rc = cay_worker_next_event(w, 20, &ev);
        host_echo(neighbour, "1");
        if (rc == CAY_ETIMEDOUT) {
            assert_true(host_ms() < begun + WAIT_MS);
            continue;
        }
        assert_int_equal(rc, 0);
        if (ev->type == CAY_EVENT_OVERDUE) {
            ++*overdue;
            *told_after = host_ms() - begun;
        }
        if (cay_event_is_final(ev)) {
            cay_event_end_t end = ev->u.end;
            assert_non_null(strstr(end.error.message, "given up"));
            cay_event_free(ev);
            assert_int_equal(cay_worker_next_event(w, 0, &ev), CAY_ECLOSED);
            return end;
        }
        cay_event_free(ev);
    }
}

static void a_deaf_built_in_costs_its_thread_and_nothing_else(void **state) {
    (void)state;
    cay_runtime_t *rt = runtime(600, 100);
    cay_worker_t *neighbour = host_spawn(rt, host_echo_source);
    host_echo(neighbour, "0");
    unsigned fds = host_fds();
    for (unsigned i = 1; i <= 2; i++) {
        cay_worker_t *w = host_spawn_limited(
            rt,
            "globalThis.b = new ArrayBuffer(1 << 20); postMessage('go'); setTimeout(() => {" DEAF
            "})",
            "turn-cpu=50ms;memory=32M");
        unsigned overdue = 0;
        double told = 0;
        cay_event_end_t end = follow(w, &overdue, &told, neighbour);
        assert_int_equal(end.reason, CAY_REASON_LOST);
        assert_int_equal(end.limit.which, CAY_LIMIT_TURN_CPU); /* why it was told to end */
        assert_int_equal(overdue, 1);
        assert_int_equal(end.usage.buffers, 1 << 20);
        assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
        cay_worker_free(w);
        cay_runtime_stats_t s = stats_of(rt);
        assert_int_equal(s.lost, i);
        assert_int_equal(s.overdue, i);
        assert_int_equal(s.workers, 1);
        assert_true(s.lost_memory > i << 20);
        print_message("  overdue was told %.0f ms after the start, 50 of which were its limit\n",
                      told);
    }
    assert_int_equal(host_fds(), fds);
    cay_worker_free(neighbour);
    host_shutdown(rt);
}

/* The lost one had children, operations and ports; all of that ends as with any other. */
static void what_hangs_on_a_lost_worker_ends(void **state) {
    (void)state;
    cay_runtime_t *rt = runtime(400, 100);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    cay_limits_t l = host_limits("turn-cpu=10s");
    o.limits = &l;
    o.flags = CAY_WORKER_CLOSE_WHEN_QUIET;
    o.main_source = HOST_CHILD
        "const w = child(`const c = new Worker('data:text/javascript,for(;;);');\n"
        " const { port1, port2 } = new MessageChannel(); postMessage(port2, [port2]);\n"
        " setInterval(() => {}, 1e6); cay.host; Promise.reject(1).catch(() => 0);\n"
        " setTimeout(() => { " DEAF " }, 20);`, { cay: { limits: { turnCpu: 50 } } });\n"
        "let closed = 0; const done = () => { if (++closed === 2) postMessage('both'); };\n"
        "w.onmessage = ({ data }) => { data.onclose = done; data.start(); };\n"
        "w.onclose = (e) => { postMessage(e.reason); done(); }; w.onerror = (e) => "
        "e.preventDefault();";
    cay_worker_t *w = host_spawn_with(rt, &o);
    host_expect(w, "\"lost\"");
    host_expect(w, "\"both\"");
    host_expect_end(w, CAY_REASON_CLOSED); /* quiet: nothing of the lost one counts any more */
    cay_worker_free(w);
    host_shutdown(rt);
}

/* Until it has computed for so long that it can only be inside the built-in. */
static cay_worker_t *deaf(cay_runtime_t *rt) {
    cay_worker_t *w = host_spawn(rt, DEAF);
    cay_usage_t u = {0};
    double until = host_ms() + WAIT_MS;
    while (u.cpu_ns < 100000000 && host_ms() < until) {
        assert_int_equal(cay_worker_usage(w, &u, sizeof u), 0);
    }
    return w;
}

static void terminate_and_shutdown_meet_a_deaf_one(void **state) {
    (void)state;
    cay_runtime_t *rt = runtime(300, 100);
    cay_worker_t *w = deaf(rt);
    cay_worker_terminate(w);
    host_expect_end(w, CAY_REASON_LOST);
    cay_worker_free(w);
    w = deaf(rt);
    host_shutdown(rt); /* which ends, as the worker is given up */
    host_expect_end(w, CAY_REASON_LOST);
    cay_worker_free(w);
}

static void a_runtime_that_lost_too_much_drains(void **state) {
    (void)state;
    cay_runtime_t *rt = runtime(300, 1);
    cay_worker_t *neighbour = host_spawn(rt, host_echo_source);
    host_echo(neighbour, "0");
    cay_worker_t *w = host_spawn_limited(rt, DEAF, "turn-cpu=50ms");
    host_expect_end(w, CAY_REASON_LOST);
    cay_worker_free(w);
    assert_int_equal(stats_of(rt).draining, 1);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = "1";
    cay_error_t *err = NULL;
    assert_int_equal(cay_worker_spawn(rt, &o, &w, &err), CAY_ELIMIT);
    assert_non_null(strstr(cay_error_message(err), "drains: it has lost 1 threads"));
    cay_error_free(err);
    host_echo(neighbour, "1"); /* those that live go on */
    cay_worker_free(neighbour);
    host_shutdown(rt);
}

/* It comes back after all, a moment before or after it is given up: one end, whichever. */
static void one_that_comes_back_at_the_deadline_ends_once(void **state) {
    (void)state;
    cay_runtime_t *rt = runtime(260, 1000);
    unsigned lost = 0;
    for (unsigned i = 0; i < 12; i++) {
        char source[128];
        snprintf(source, sizeof source, "new Array(%u).indexOf(1);", 100000000 + i * 40000000);
        cay_worker_t *w = host_spawn_limited(rt, source, "turn-cpu=10ms");
        cay_event_t *ev = host_final(w);
        assert_true(ev->u.end.reason == CAY_REASON_LOST || ev->u.end.reason == CAY_REASON_TURN_CPU);
        lost += ev->u.end.reason == CAY_REASON_LOST;
        cay_event_free(ev);
        assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
        assert_int_equal(cay_worker_next_event(w, 0, &ev), CAY_ECLOSED);
        cay_worker_free(w);
    }
    assert_int_equal(stats_of(rt).lost, lost);
    print_message("  %u of 12 were given up\n", lost);
    host_shutdown(rt);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deaf_built_in_costs_its_thread_and_nothing_else),
        cmocka_unit_test(what_hangs_on_a_lost_worker_ends),
        cmocka_unit_test(terminate_and_shutdown_meet_a_deaf_one),
        cmocka_unit_test(a_runtime_that_lost_too_much_drains),
        cmocka_unit_test(one_that_comes_back_at_the_deadline_ends_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
