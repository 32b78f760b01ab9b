/* SPDX-License-Identifier: MIT */
/* Full heaps: the worker ends with "heap", the process and its neighbours go on. The first two end inside
 * V8's near-limit callback; the third is fatal for V8, which costs the thread and its heap. */
#include "host.h"

static cay_runtime_t *small_heaps(void) {
    cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
    o.provider = cay_v8_provider();
    o.engine_flags = "--max-heap-size=64";
    cay_runtime_t *rt = NULL;
    assert_int_equal(cay_runtime_new(&o, &rt, NULL), 0);
    return rt;
}

static void bomb(const char *source, unsigned lost) {
    cay_runtime_t *rt = small_heaps();
    cay_worker_t *neighbour = host_spawn(rt, host_echo_source);
    host_echo(neighbour, "1");
    cay_worker_t *w = host_spawn_limited(rt, source, "memory=unlimited;turn-cpu=unlimited");
    host_expect_end(w, CAY_REASON_HEAP);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    cay_runtime_stats_t s = {.size = sizeof s};
    double until = host_ms() + WAIT_MS;
    do { /* children of the lost worker end on their own time */
        host_echo(neighbour, "2");
        assert_int_equal(cay_runtime_stats(rt, &s), 0);
    } while (s.workers > 1 && host_ms() < until);
    assert_int_equal(s.lost, lost);
    assert_int_equal(s.workers, 1);
    cay_worker_free(w);
    cay_worker_free(neighbour);
    host_shutdown(rt);
}

static void objects_fill_the_heap(void **state) {
    (void)state;
    bomb("const a = []; for (;;) a.push({x: a.length, y: [1, 2, 3]});", 0);
}

static void promises_fill_the_heap(void **state) {
    (void)state;
    bomb("const a = []; const f = async () => { for (;;) { a.push(new Promise(() => {})); await 1; "
         "} };"
         "await f();",
         0);
}

static void one_giant_array_is_fatal_for_the_engine_alone(void **state) {
    (void)state;
    bomb("const a = []; for (;;) a.push(new Array(3e7).fill(1.5));", 1);
}

static void a_parent_that_is_lost_takes_its_children_along(void **state) {
    (void)state;
    bomb("const w = new Worker('data:text/javascript,for(;;);', {type: 'module'});"
         "const a = []; for (;;) a.push(new Array(3e7).fill(1.5));",
         1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_fill_the_heap),
        cmocka_unit_test(promises_fill_the_heap),
        cmocka_unit_test(one_giant_array_is_fatal_for_the_engine_alone),
        cmocka_unit_test(a_parent_that_is_lost_takes_its_children_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
