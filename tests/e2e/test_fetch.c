/* SPDX-License-Identifier: MIT */
/* fetch() under failing allocations, in whatever thread they hit: nothing crashes or hangs, a worker gets its
 * final event, and all memory and every connection comes back. CAY_SWEEP_STEP=1 is the full form. */
#include "host.h"

#include <time.h>

#include "base/mem.h"
#include "cay/cay.h"
#include "server.h"

#define PATIENCE_MS 150 /* without an event: something was lost, and the host ends the worker */

static cay_runtime_t *rt;
static server_t *server;
static bool hit; /* the failure has happened */

/* Every way through a fetch once; failures are what the sweep is about, so each step goes on after one. */
static const char life_source[] =
    "const base = cay.args[0];\n"
    "const step = async (f) => { try { return await f(); } catch (e) { return e; } };\n"
    "let well = 0;\n"
    "well += await step(async () => (await (await fetch(base + '/json')).json()) ? 1 : 0) === 1;\n"
    "well += await step(async () => (await fetch(base + '/to/' + base + '/json')).redirected);\n"
    "const a = new AbortController(), { signal } = a;\n"
    "const hanging = step(() => fetch(base + '/hang', { signal }));\n"
    "const half = await step(() => fetch(base + '/half', { signal }));\n"
    "const reading = step(() => half.text());\n"
    "const unread = await step(() => fetch(base + '/half'));\n"
    "const body = new ReadableStream({ start(c) { c.enqueue(new Uint8Array(10)); c.close(); } });\n"
    "const post = (body) => step(() => fetch(base + '/hang', { method: 'POST', body, duplex: "
    "'half',"
    " signal, headers: { a: 'b' } }));\n"
    "const posts = [post(body), post('text'), post(new Uint8Array(9))];\n"
    "setTimeout(() => a.abort(7), 2);\n"
    "well += (await hanging) === 7; well += (await reading) === 7;\n"
    "for (const p of posts) { well += (await p) === 7; }\n"
    "well += (await step(() => fetch('http://10.0.0.1/'))) instanceof cay.errors.NotCapable;\n"
    "well += (await step(async () => (await fetch('data:,x')).text())) === 'x';\n"
    "const blob = await step(() => new Blob(['bl', new Uint8Array(2)], { type: 'a/b' }));\n"
    "well += (await step(async () => (await fetch(URL.createObjectURL(blob))).blob()))?.size === "
    "4;\n"
    "postMessage(well); close();";

static void memory_comes_back(void) {
    hit |= cay__mem_failed_process();
    cay__mem_fail_process(0, false);
}

/* Threads of the library finish what they are at a moment after the host has seen the end. */
static void memory_back_to(int64_t start, uint64_t n) {
    double until = host_ms() + 10000;
    while (cay__mem_live() > start || server_hanging(server)) {
        if (host_ms() > until) {
            fail_msg("n = %llu: %lld blocks and %u connections are still there",
                     (unsigned long long)n, (long long)(cay__mem_live() - start),
                     server_hanging(server));
        }
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    }
}

/* Reads events until the final one; a worker that falls silent is terminated. The message, -1 without one. */
static int read_events(cay_worker_t *w, uint64_t n) {
    int well = -1;
    double start = host_ms(), until = start + WAIT_MS;
    for (bool final = false; !final;) {
        cay_event_t *ev = NULL;
        int rc = cay_worker_next_event(w, PATIENCE_MS, &ev);
        if (rc == CAY_ETIMEDOUT) {
            memory_comes_back();
            cay_worker_terminate(w);
        } else if (rc == 0) {
            final = cay_event_is_final(ev);
            if (n == 0 && final && ev->u.end.reason != CAY_REASON_CLOSED) {
                print_message("  ended as %s: %s\n", cay_reason_name(ev->u.end.reason),
                              ev->u.end.error.message ? ev->u.end.error.message : "");
            }
            char *json = NULL;
            if (ev->type == CAY_EVENT_MESSAGE &&
                cay_message_to_json(ev->u.message.message, &json, NULL) == 0) {
                well = atoi(json);
                cay_free(json);
            }
            cay_event_free(ev);
        } else {
            assert_int_equal(rc, CAY_ENOMEM); /* the event still waits */
            if (host_ms() > start + PATIENCE_MS) {
                memory_comes_back();
            }
        }
        if (host_ms() > until) {
            fail_msg("n = %llu: no final event", (unsigned long long)n);
        }
    }
    return well;
}

static int live_once(uint64_t n) {
    char base[64], rule[64];
    snprintf(base, sizeof base, "http://127.0.0.1:%d", server_port(server));
    snprintf(rule, sizeof rule, "net=127.0.0.1:%d", server_port(server));
    const char *args[] = {base, NULL};
    cay_permissions_t *grants = NULL;
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    cay_worker_t *w = NULL;
    if (cay_permissions_parse(rule, &grants, NULL)) {
        return -1;
    }
    o.main_source = life_source;
    o.main_url = "https://x.test/m.js";
    o.args = args;
    o.permissions = grants;
    int rc = cay_worker_spawn(rt, &o, &w, NULL);
    cay_permissions_free(grants);
    if (rc) {
        assert_int_equal(rc, CAY_ENOMEM);
        return -1;
    }
    int well = read_events(w, n);
    if (cay_worker_join(w, WAIT_MS)) {
        fail_msg("n = %llu: not gone", (unsigned long long)n);
    }
    cay_worker_free(w);
    return well;
}

enum { ALL_WELL = 10 };

static void sweep(bool every, unsigned step) {
    rt = host_runtime(2);
    server = server_start(false);
    assert_non_null(server);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(live_once(0), ALL_WELL);
    }
    nanosleep(&(struct timespec){.tv_nsec = 50000000},
              NULL); /* what is made once is there by now */
    int64_t start = cay__mem_live();
    unsigned well = 0, runs = 0;
    uint64_t n = 1;
    /* Lives differ a little: three that do without the n-th allocation are the end of it. */
    for (int without = 0; without < 3; n += step, runs++) {
        hit = false;
        cay__mem_fail_process(n, every);
        well += live_once(n) == ALL_WELL;
        memory_comes_back();
        without = hit ? 0 : without + 1;
        memory_back_to(start, n);
    }
    assert_true(n > 200);
    print_message("  a life makes %llu allocations; %u runs, %u ended well all the same\n",
                  (unsigned long long)n, runs, well);
    assert_int_equal(live_once(0), ALL_WELL);
    host_shutdown(rt);
    server_stop(server);
}

static void fetches_of_which_one_allocation_fails(void **state) {
    (void)state;
    sweep(false, host_count("CAY_SWEEP_STEP", 13));
}

static void fetches_in_which_memory_runs_out_for_a_while(void **state) {
    (void)state;
    sweep(true, host_count("CAY_SWEEP_STEP", 47));
}

/* The process keeps no connection, thread or descriptor of workers that ended in the middle of everything. */
static void workers_that_end_in_the_middle_leave_nothing(void **state) {
    (void)state;
    rt = host_runtime(2);
    server = server_start(false);
    assert_non_null(server);
    char source[1024], rule[64];
    snprintf(rule, sizeof rule, "net=127.0.0.1:%d", server_port(server));
    snprintf(
        source, sizeof source,
        "const base = 'http://127.0.0.1:%d';\n"
        "for (let i = 0; i < 100; i++) fetch(base + '/hang').catch(() => 0);\n"
        "for (let i = 0; i < 20; i++) fetch(base + '/half').then((r) => r.text()).catch(() => 0);\n"
        "postMessage(1);",
        server_port(server));
    int64_t start = 0;
    for (int i = 0; i < 20; i++) {
        cay_worker_t *w = host_spawn_granted(rt, source, rule);
        host_expect(w, "1");
        for (int j = 0; j < i; j++) {
            nanosleep(&(struct timespec){.tv_nsec = 300000},
                      NULL); /* each ends at another moment */
        }
        cay_worker_terminate(w);
        host_expect_end(w, CAY_REASON_TERMINATED);
        cay_worker_free(w);
        if (i == 4) {
            memory_back_to(INT64_MAX, 0);
            nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
            start = cay__mem_live();
        } else if (i > 4) {
            memory_back_to(start, (uint64_t)i);
        }
    }
    host_shutdown(rt);
    server_stop(server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fetches_of_which_one_allocation_fails),
        cmocka_unit_test(fetches_in_which_memory_runs_out_for_a_while),
        cmocka_unit_test(workers_that_end_in_the_middle_leave_nothing),
    };
    return cmocka_run_group_tests_name("fetch", tests, NULL, NULL);
}
