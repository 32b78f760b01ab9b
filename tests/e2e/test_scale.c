/* SPDX-License-Identifier: MIT */
/* Many workers: cycles of life that leave nothing behind, many idle ones, many hogs. CI runs a short form;
 * CAY_CYCLES=10000 and CAY_IDLE=2000 are the full one (make figures). */
#include "host.h"

/* The address sanitizer's red zones and shadow count as memory too: about 150 kB for each worker. */
#ifdef __SANITIZE_ADDRESS__
#define MOST_KB_EACH 2048
#else
#define MOST_KB_EACH 1536
#endif

#include <unistd.h>

static void cycle(cay_runtime_t *rt) {
    cay_worker_t *w = host_spawn(rt, host_echo_source);
    host_echo(w, "{\"n\":1}");
    cay_worker_terminate(w);
    host_expect_end(w, CAY_REASON_TERMINATED);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    cay_worker_free(w);
}

static void cycles_leave_nothing(void **state) {
    (void)state;
    unsigned cycles = host_count("CAY_CYCLES", 1000);
    cay_runtime_t *rt = host_runtime(0);
    unsigned warm = cycles < 1000 ? cycles / 2 : 500;
    for (unsigned i = 0; i < 20; i++) {
        cycle(rt);
    }
    unsigned threads = host_threads(), fds = host_fds(), maps = host_maps();
    for (unsigned i = 20; i < warm; i++) {
        cycle(rt);
    }
    size_t rss = host_rss_kb();
    double start = host_ms();
    for (unsigned i = warm; i < cycles; i++) {
        cycle(rt);
    }
    double ms = (host_ms() - start) / (cycles - warm);
    size_t rss_end = host_rss_kb();
    print_message("  %u cycles, %.2f ms each: threads %u -> %u, fds %u -> %u, mappings %u -> %u, "
                  "RSS after %u: %zu kB, at the end: %zu kB (%+.1f %%)\n",
                  cycles, ms, threads, host_threads(), fds, host_fds(), maps, host_maps(), warm,
                  rss, rss_end, 100.0 * ((double)rss_end - (double)rss) / (double)rss);
    assert_in_range(host_threads(), 0, threads);
    assert_int_equal(host_fds(), fds);
    assert_in_range(host_maps(), 0, maps + maps / 4); /* the allocators' own arenas move a little */
    assert_true(rss_end <= rss + rss / 10);
    host_shutdown(rt);
}

static void idle_workers_are_small_and_still(void **state) {
    (void)state;
    unsigned count = host_count("CAY_IDLE", 300);
    cay_runtime_t *rt = host_runtime(0);
    cay_worker_t **w = calloc(count, sizeof *w);
    assert_non_null(w);
    size_t before = host_rss_kb();
    double start = host_ms();
    for (unsigned i = 0; i < count; i++) {
        w[i] = host_spawn_limited(rt, host_echo_source, "turn-cpu=unlimited");
    }
    for (unsigned i = 0; i < count; i++) {
        host_echo(w[i], "1");
    }
    double up = host_ms() - start;
    size_t kb = (host_rss_kb() - before) / count;
    unsigned threads = host_threads();
    double cpu = host_cpu_ms();
    usleep(1000 * 1000); /* what is measured is this second of doing nothing */
    cpu = host_cpu_ms() - cpu;
    print_message(
        "  %u idle workers: %zu kB each, %u threads, all answered after %.0f ms; one idle "
        "second took %.2f ms of CPU\n",
        count, kb, threads, up, cpu);
    assert_in_range(kb, 0, MOST_KB_EACH);
    assert_true(cpu < 200);
    start = host_ms();
    for (unsigned i = 0; i < count; i++) {
        cay_worker_terminate(w[i]);
    }
    for (unsigned i = 0; i < count; i++) {
        host_expect_end(w[i], CAY_REASON_TERMINATED);
        cay_worker_free(w[i]);
    }
    print_message("  all of them terminated in %.0f ms\n", host_ms() - start);
    free(w);
    host_shutdown(rt);
}

static void loops_do_not_stop_a_neighbour(void **state) {
    (void)state;
    enum { HOGS = 50, ROUNDS = 50 };
    cay_runtime_t *rt = host_runtime(0);
    cay_worker_t *hog[HOGS];
    for (int i = 0; i < HOGS; i++) {
        hog[i] = host_spawn(rt, "postMessage('in'); for (;;) {}");
    }
    double start = host_ms();
    cay_worker_t *w = host_spawn(rt, host_echo_source);
    host_echo(w, "\"first\"");
    double crowd = host_ms() - start; /* while most of them are still starting */
    for (int i = 0; i < HOGS; i++) {
        host_expect(hog[i], "\"in\"");
    }
    start = host_ms();
    cay_worker_t *late = host_spawn(rt, host_echo_source);
    host_echo(late, "\"first\"");
    double first = host_ms() - start;
    cay_worker_free(late);
    double worst = 0;
    for (int i = 0; i < ROUNDS; i++) {
        start = host_ms();
        host_echo(w, "{\"i\":1}");
        double took = host_ms() - start;
        worst = took > worst ? took : worst;
    }
    cay_runtime_stats_t s = {.size = sizeof s};
    assert_int_equal(cay_runtime_stats(rt, &s), 0);
    print_message(
        "  beside %d endless loops: spawned and answered after %.1f ms (%.1f ms while they were "
        "starting), worst of %d echoes %.1f ms; %llu threads, %llu hand-offs\n",
        HOGS, first, crowd, ROUNDS, worst, (unsigned long long)s.threads,
        (unsigned long long)s.handoffs);
    start = host_ms();
    for (int i = 0; i < HOGS; i++) {
        cay_worker_terminate(hog[i]);
    }
    for (int i = 0; i < HOGS; i++) {
        host_expect_end(hog[i], CAY_REASON_TERMINATED);
        cay_worker_free(hog[i]);
    }
    print_message("  all loops ended in %.1f ms\n", host_ms() - start);
    host_echo(w, "\"after\"");
    cay_worker_free(w);
    host_shutdown(rt);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cycles_leave_nothing),
        cmocka_unit_test(loops_do_not_stop_a_neighbour),
        cmocka_unit_test(idle_workers_are_small_and_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
