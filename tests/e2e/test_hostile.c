/* SPDX-License-Identifier: MIT */
/* Guests that try what V8 itself does not bear: the worker ends, its thread and the process stay. */
#include <unistd.h>

#include "host.h"

static cay_runtime_t *runtime(void) {
    cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
    o.provider = cay_v8_provider();
    o.engine_flags = "--max-heap-size=64 --expose-gc";
    o.threads = 2;
    cay_runtime_t *rt = NULL;
    assert_int_equal(cay_runtime_new(&o, &rt, NULL), 0);
    return rt;
}

static uint64_t lost(cay_runtime_t *rt) {
    /* A loss is counted before its worker counts as gone, which is a little after its last event. */
    cay_runtime_stats_t s = {.size = sizeof s};
    double until = host_ms() + WAIT_MS;
    do {
        assert_int_equal(cay_runtime_stats(rt, &s), 0);
    } while (s.workers && host_ms() < until);
    assert_int_equal(s.workers, 0);
    return s.lost;
}

/* A termination that V8 meets on its way into such a module fails a check in it. */
static void a_module_with_top_level_await_ends_at_any_moment(void **state) {
    (void)state;
    static const char source[] =
        "import 'data:text/javascript,await 0; for (let i = 0; i < 1e5; i++); await 0;';\n"
        "import 'data:text/javascript,for (let i = 0; i < 1e5; i++);';\n"
        "for (let k = 0;; k++) {"
        "  await import(`data:text/javascript,import \"data:text/javascript,await ${k}\"; throw 1`)"
        "    .catch(() => {}); }";
    cay_runtime_t *rt = runtime();
    unsigned count = host_count("CAY_HOSTILE_COUNT", 600);
    for (unsigned i = 0; i < count; i++) {
        cay_worker_t *w = host_spawn(rt, source);
        usleep(i * 7919 % 9000);
        cay_worker_terminate(w);
        host_expect_end(w, CAY_REASON_TERMINATED);
        assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
        cay_worker_free(w);
    }
    assert_int_equal(lost(rt), 0);
    host_shutdown(rt);
}

/* Many registries, each with a task of its own: the termination that ends one must not start the next. */
static void finalizers_that_loop_are_terminated(void **state) {
    (void)state;
    cay_runtime_t *rt = runtime();
    cay_worker_t *w = host_spawn(
        rt, "const all = [];\n"
            "for (let i = 0; i < 20; i++) {\n"
            "    const r = new FinalizationRegistry(() => { postMessage('in'); for (;;); });\n"
            "    all.push(r); (() => r.register({}, 0))();\n"
            "}\n"
            "globalThis.all = all; setTimeout(gc);");
    host_expect(w, "\"in\"");
    cay_worker_terminate(w);
    assert_int_equal(host_expect_end(w, CAY_REASON_TERMINATED), 0);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    cay_worker_free(w);
    host_shutdown(rt);
}

static void what_a_finalizer_throws_is_an_uncaught_error(void **state) {
    (void)state;
    cay_runtime_t *rt = runtime();
    cay_worker_t *w = host_spawn(
        rt, "globalThis.r = new FinalizationRegistry(() => { throw new Error('late'); });"
            "(() => r.register({}, 0))(); setTimeout(gc);");
    cay_event_t *ev = host_until(w, CAY_EVENT_ERROR);
    assert_string_equal(ev->u.error.error.message, "late");
    cay_event_free(ev);
    cay_worker_terminate(w);
    host_expect_end(w, CAY_REASON_TERMINATED);
    cay_worker_free(w);
    host_shutdown(rt);
}

/* The tree counts what its workers have to do; a lost one must not be counted for ever. */
static void a_tree_with_a_lost_worker_becomes_quiet(void **state) {
    (void)state;
    cay_runtime_t *rt = runtime();
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.flags = CAY_WORKER_CLOSE_WHEN_QUIET;
    o.main_source =
        HOST_CHILD "const w = child('const a = []; for (;;) a.push(new Array(3e7).fill(1.5));');"
                   "w.onerror = (e) => e.preventDefault();";
    cay_worker_t *w = host_spawn_with(rt, &o);
    host_expect_end(w, CAY_REASON_CLOSED);
    assert_int_equal(lost(rt), 1);
    cay_worker_free(w);
    host_shutdown(rt);
}

/* The host frees the runtime as soon as the worker is gone, whose thread is on its way to be given up. */
static void the_runtime_can_be_freed_at_the_moment_of_a_loss(void **state) {
    (void)state;
    for (int i = 0; i < 10; i++) {
        cay_runtime_t *rt = runtime();
        cay_worker_t *w = host_spawn(rt, "'x'.repeat(2 ** 29 - 24).split('');");
        host_expect_end(w, CAY_REASON_ENGINE);
        cay_worker_free(w);
        host_shutdown(rt);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_module_with_top_level_await_ends_at_any_moment),
        cmocka_unit_test(finalizers_that_loop_are_terminated),
        cmocka_unit_test(what_a_finalizer_throws_is_an_uncaught_error),
        cmocka_unit_test(a_tree_with_a_lost_worker_becomes_quiet),
        cmocka_unit_test(the_runtime_can_be_freed_at_the_moment_of_a_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
