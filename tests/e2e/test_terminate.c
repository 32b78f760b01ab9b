/* SPDX-License-Identifier: MIT */
/* terminate() against whatever a worker may be doing: it returns at once, no message comes after it, the
 * final event comes, and a neighbour answers all the while. Times are printed, not judged: machines that run
 * this are shared. */
#include "host.h"

typedef struct attack {
    const char *name;
    const char *source; /* posts "go" when it is in the middle of it, unless `silent` */
    bool silent;        /* it cannot tell: the ONLINE event has to do */
    bool hangs;         /* a module never arrives */
} attack_t;

static const attack_t attacks[] = {
    {"endless loop", "postMessage('go'); for (;;) {}", false, false},
    {"microtask storm",
     "postMessage('go'); const f = () => Promise.resolve().then(f); f(); await new Promise(() => "
     "{});",
     false, false},
    {"garbage", "postMessage('go'); while (true) new Array(1000).fill(0);", false, false},
    {"catastrophic regex", "postMessage('go'); /^(a+)+$/.test('a'.repeat(40) + 'b');", false,
     false},
    {"Atomics.wait",
     "postMessage('go'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);", false,
     false},
    {"timer storm",
     "const f = () => { setTimeout(f, 0); setTimeout(() => {}, 0); };"
     "for (let i = 0; i < 50; i++) f(); postMessage('go');",
     false, false},
    {"message flood", "postMessage('go'); for (;;) try { postMessage({a: 1}); } catch {}", false,
     false},
    {"flood in turns",
     "postMessage('go'); const f = () => { for (let i = 0; i < 100; i++) try { postMessage(i); } "
     "catch {}"
     " setTimeout(f, 0); }; f();",
     false, false},
    {"half-loaded graph", "import 'never:comes'; postMessage('go');", true, true},
    {"pending import()", "postMessage('go'); await import('never:comes');", false, true},
    {"pending top-level await", "postMessage('go'); await new Promise(() => {});", false, false},
    {"endless getter in a message", "postMessage('go'); postMessage({get x() { for (;;) {} }});",
     false, false},
    {"endless child",
     "const u = 'data:text/javascript,' + encodeURIComponent("
     "\"postMessage('in'); for (;;) {}\");"
     "const w = new Worker(u, {type: 'module'});"
     "w.onmessage = () => postMessage('go');",
     false, false},
    {"handler of a message", "onmessage = () => { for (;;) {} }; postMessage('go');", false, false},
    {"recursion that catches",
     "postMessage('go'); const f = () => { try { f(); } catch { f(); } }; f();", false, false},
};

/* Keeps the request, so that the module never comes; answered when the test is over. */
static cay_source_t *kept;
static void never(cay_source_t *request, void *user) {
    (void)user;
    if (strcmp(cay_source_specifier(request), "never:comes") == 0) {
        kept = request;
    } else {
        cay_source_pass(request);
    }
}

static void run_attack(cay_runtime_t *rt, cay_worker_t *neighbour, const attack_t *a) {
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = a->source;
    o.name = a->name;
    o.on_source = a->hangs ? never : NULL;
    cay_permissions_t *grants = host_grants("shared-memory;wasm"); /* more to hang in */
    o.permissions = grants;
    cay_worker_t *w = host_spawn_with(rt, &o);
    cay_permissions_free(grants);
    if (a->silent) { /* its import is asked for before anything of it runs */
        while (!__atomic_load_n(&kept, __ATOMIC_ACQUIRE)) {
            host_echo(neighbour, "\"still there\"");
        }
    } else {
        host_expect(w, "\"go\"");
    }
    host_post(w, "1");
    host_echo(neighbour, "\"while it runs\"");
    double start = host_ms();
    cay_worker_terminate(w);
    double returned = host_ms();
    unsigned messages = host_expect_end(w, CAY_REASON_TERMINATED);
    double ended = host_ms();
    assert_int_equal(messages, 0);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    host_echo(neighbour, "\"and after\"");
    print_message("  %-28s returned in %6.3f ms, final event after %7.3f ms\n", a->name,
                  returned - start, ended - start);
    cay_worker_free(w);
    if (kept) {
        cay_source_reply(kept, NULL, "export {}", 9);
        kept = NULL;
    }
}

static void terminate_ends_whatever_runs(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(0);
    cay_worker_t *neighbour = host_spawn(rt, host_echo_source);
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        run_attack(rt, neighbour, &attacks[i]);
    }
    cay_worker_free(neighbour);
    host_shutdown(rt);
}

static void terminate_at_any_moment_of_the_start(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(0);
    for (int i = 0; i < 200; i++) {
        cay_worker_t *w = host_spawn(rt, "postMessage(1); for (;;) {}");
        double until = host_ms() + i * 0.05;
        while (host_ms() < until) {}
        cay_worker_terminate(w);
        host_expect_end(w, CAY_REASON_TERMINATED);
        assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
        cay_worker_free(w);
    }
    host_shutdown(rt);
}

static void a_handle_dropped_while_its_worker_runs(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(0);
    for (int i = 0; i < 50; i++) {
        cay_worker_t *w = host_spawn(rt, "for (;;) { try { postMessage(1) } catch {} }");
        if (i % 2) {
            cay_event_free(host_event(w));
        }
        cay_worker_free(w);
    }
    host_shutdown(rt);
}

static void shutdown_ends_loops_and_idlers(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(0);
    cay_worker_t *w[40];
    for (int i = 0; i < 40; i++) {
        w[i] = host_spawn(rt, i % 2 ? "for (;;) {}" : host_echo_source);
    }
    host_shutdown(rt);
    for (int i = 0; i < 40; i++) {
        host_expect_end(w[i], CAY_REASON_SHUTDOWN);
        cay_worker_free(w[i]);
    }
}

static void a_builtin_that_ignores_termination_is_told_as_overdue(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(1); /* one executor: an echo beside a hog takes a hand-off */
    cay_worker_t *neighbour = host_spawn(rt, host_echo_source);
    /* Looks through holes for about a second, in one call of a built-in that looks at nothing else; its
     * start index is asked for inside that call. */
    cay_worker_t *w =
        host_spawn(rt, "new Array(1e8).indexOf(1, {valueOf() { postMessage('go'); return 0; }});");
    host_expect(w, "\"go\"");
    host_echo(neighbour, "\"so it is deep inside by now\"");
    cay_worker_terminate(w);
    host_echo(neighbour, "\"meanwhile\"");
    cay_event_t *ev = host_event(w);
    assert_int_equal(ev->type, CAY_EVENT_OVERDUE);
    cay_event_free(ev);
    host_expect_end(w, CAY_REASON_TERMINATED);
    cay_worker_free(w);
    cay_worker_free(neighbour);
    host_shutdown(rt);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terminate_ends_whatever_runs),
        cmocka_unit_test(terminate_at_any_moment_of_the_start),
        cmocka_unit_test(a_handle_dropped_while_its_worker_runs),
        cmocka_unit_test(shutdown_ends_loops_and_idlers),
        cmocka_unit_test(a_builtin_that_ignores_termination_is_told_as_overdue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
