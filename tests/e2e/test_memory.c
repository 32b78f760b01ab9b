/* SPDX-License-Identifier: MIT */
/* Allocation failures, in whatever thread they hit: nothing crashes or hangs, a worker that was spawned gets
 * its final event, and all memory comes back. Each sweep makes the n-th allocation fail, for n = 1 and on until
 * a run needs fewer. CAY_SWEEP_STEP=1 is the full form, CI takes samples. */
#include "host.h"

#include <sched.h>
#include <time.h>

#include "base/mem.h"
#include "cay/cay.h"

#define PATIENCE_MS 150 /* without an event: something was lost, and the host ends the worker */

static cay_runtime_t *rt;

static unsigned step_of(unsigned usual) {
    return host_count("CAY_SWEEP_STEP", usual);
}

static bool hit; /* the failure has happened */

/* With `every`, memory is back from here on. */
static void memory_comes_back(void) {
    hit |= cay__mem_failed_process();
    cay__mem_fail_process(0, false);
}

/* Threads of the library finish what they are at a moment after the host has seen the end. */
static void memory_back_to(int64_t start, uint64_t n) {
    double until = host_ms() + 10000;
    while (cay__mem_live() != start) {
        if (host_ms() > until) {
            fail_msg("n = %llu: %lld blocks are still there", (unsigned long long)n,
                     (long long)(cay__mem_live() - start));
        }
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    }
}

/* ---- one life ---- */

static void source(cay_source_t *s, void *user) {
    (void)user;
    const char *url = cay_source_url(s);
    const char *text = !url ? "export { b as a } from 'mod:b'; export default 1;"
                       : strcmp(url, "mod:b") == 0 ? "export const b = await Promise.resolve(2);"
                       : strcmp(url, "mod:c") == 0
                           ? "export const c = 3; import.meta.resolve('mod:d');"
                           : NULL;
    if (text) {
        (void)!cay_source_reply(s, NULL, text, strlen(text));
    } else {
        cay_source_pass(s);
    }
}

static const char life_source[] =
    "import { a } from 'bare'; import json from 'data:application/json,[1]' assert { type: 'json' "
    "};\n" HOST_CHILD
    "const { c } = await import('mod:c'); await import('mod:none').catch(() => 0);\n"
    "let steps = 0; const step = () => { if (++steps === 4) { postMessage('end'); close(); } };\n"
    "const w = child('onmessage = ({ data: [p, b] }) => { p.postMessage(b, [b]);"
    " setTimeout(() => { throw new Error(1); }); }', { name: 'kid' });\n"
    "w.onerror = (e) => { e.preventDefault(); w.terminate(); }; w.onclose = step;\n"
    "const { port1, port2 } = new MessageChannel(), buffer = new ArrayBuffer(1000);\n"
    "w.postMessage([port2, buffer], [port2, buffer]);\n"
    "port1.onmessage = (e) => { port1.close(); step(); };\n"
    "const t = setInterval(() => { clearInterval(t); structuredClone(new Map([[1, { a }]])); "
    "step(); }, 1);\n"
    "onmessage = (e) => { const { p, b } = e.data; p.postMessage(b, [b]); p.postMessage(json); "
    "step(); };\n"
    "console.log('ready'); postMessage(cay.args);";

static void output(const char *name, bool is_error, const char *text, size_t len, void *user) {
    (void)name;
    (void)is_error;
    (void)text;
    (void)len;
    (void)user;
}

static _Atomic int taken; /* buffers given and not released yet */

static void release(void *data, size_t len, void *user) {
    (void)len;
    (void)user;
    free(data);
    taken--;
}

/* Posts { p: port, b: buffer } to the worker; the other end of the port, NULL when out of memory. */
static cay_port_t *give(cay_worker_t *w) {
    cay_port_t *mine, *theirs;
    cay_doc_t *d = NULL;
    if (cay_channel_new(&mine, &theirs)) {
        return NULL;
    }
    cay_value_t *p = NULL, *b = NULL, *root = NULL;
    if (cay_doc_new(&d) == 0) {
        void *data = malloc(100);
        taken++;
        b = cay_doc_buffer_take(d, data, 100, release, NULL);
        if (!b) {
            release(data, 100, NULL);
        }
        p = cay_doc_port(d, theirs);
        root = cay_doc_object(d);
    }
    if (!p) {
        cay_port_close(theirs);
    }
    bool sent = p && b && root && cay_value_set(root, "p", p) == 0 &&
                cay_value_set(root, "b", b) == 0 && cay_doc_set_root(d, root) == 0 &&
                cay_port_post(cay_worker_port(w), d, NULL) == 0;
    cay_doc_free(d);
    if (!sent) {
        cay_port_close(mine);
        return NULL;
    }
    return mine;
}

static void read_port(cay_port_t *p) {
    for (int rc = 0; rc == 0;) {
        cay_message_t *m = NULL;
        rc = cay_port_receive(p, PATIENCE_MS, &m);
        const cay_value_t *v;
        if (rc == 0) {
            (void)!cay_message_value(m, &v, NULL);
            cay_message_free(m);
        }
    }
    cay_port_close(p);
}

/* Reads events until the final one; a worker that falls silent is terminated. */
static void read_events(cay_worker_t *w, uint64_t n, bool *ended_well) {
    double start = host_ms(), until = start + WAIT_MS;
    *ended_well = false;
    for (bool final = false; !final;) {
        cay_event_t *ev = NULL;
        int rc = cay_worker_next_event(w, PATIENCE_MS, &ev);
        if (rc == CAY_ETIMEDOUT) {
            memory_comes_back();
            cay_worker_terminate(w);
        } else if (rc == 0) {
            final = cay_event_is_final(ev);
            *ended_well = final && ev->u.end.reason == CAY_REASON_CLOSED;
            if (n == 0 && final && !*ended_well) {
                print_message("  ended as %s: %s\n", cay_reason_name(ev->u.end.reason),
                              ev->u.end.error.message ? ev->u.end.error.message : "");
            }
            char *json = NULL;
            if (ev->type == CAY_EVENT_MESSAGE &&
                cay_message_to_json(ev->u.message.message, &json, NULL) == 0) {
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
}

static bool live_once(uint64_t n) {
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    const char *args[] = {"one", "two", NULL};
    o.main_source = life_source;
    o.main_url = "https://x.test/m.js";
    o.name = "life";
    o.args = args;
    o.on_source = source;
    o.on_output = output;
    cay_worker_t *w = NULL;
    cay_error_t *err = NULL;
    int rc = cay_worker_spawn(rt, &o, &w, &err);
    cay_error_free(err);
    if (rc) {
        assert_int_equal(rc, CAY_ENOMEM);
        return false;
    }
    bool well = false;
    cay_port_t *p = give(w);
    if (!p) {
        cay_worker_terminate(w);
    }
    read_events(w, n, &well);
    if (p) {
        read_port(p);
    }
    if (cay_worker_join(w, WAIT_MS)) {
        fail_msg("n = %llu: not gone", (unsigned long long)n);
    }
    cay_worker_free(w);
    return well;
}

static void sweep_of_a_life(bool every, unsigned step) {
    rt = host_runtime(2);
    for (int i = 0; i < 3; i++) {
        assert_true(live_once(0));
    }
    nanosleep(&(struct timespec){.tv_nsec = 50000000},
              NULL); /* what was made once for ever is there by now */
    int64_t start = cay__mem_live();
    unsigned well = 0, runs = 0;
    uint64_t n = 1;
    /* Lives differ a little: three that do without the n-th allocation are the end of it. */
    for (int without = 0; without < 3; n += step, runs++) {
        hit = false;
        cay__mem_fail_process(n, every);
        well += live_once(n);
        memory_comes_back();
        without = hit ? 0 : without + 1;
        memory_back_to(start, n);
        assert_int_equal(taken, 0);
    }
    assert_true(n > 200);
    print_message("  a life makes %llu allocations; %u runs, %u ended well all the same\n",
                  (unsigned long long)n, runs, well);
    assert_true(live_once(0));
    host_shutdown(rt);
    rt = NULL;
}

static void a_life_in_which_one_allocation_fails(void **state) {
    (void)state;
    sweep_of_a_life(false, step_of(13));
}

static void a_life_in_which_memory_runs_out_for_a_while(void **state) {
    (void)state;
    sweep_of_a_life(true, step_of(47));
}

/* ---- parts ---- */

static void a_runtime_comes_up_or_says_why(void **state) {
    (void)state;
    host_shutdown(host_runtime(2));
    int64_t start = cay__mem_live();
    uint64_t n = 1;
    for (bool failed = true; failed; n++) {
        cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
        o.provider = cay_v8_provider();
        o.threads = 2;
        cay_runtime_t *made = NULL;
        cay_error_t *err = NULL;
        cay__mem_fail_process(n, false);
        int rc = cay_runtime_new(&o, &made, &err);
        failed = cay__mem_failed_process();
        if (rc == 0) {
            uint64_t left;
            assert_int_equal(cay_runtime_shutdown(made, WAIT_MS, &left), 0);
            assert_int_equal(cay_runtime_free(made), 0);
        } else {
            assert_int_equal(rc, CAY_ENOMEM);
            assert_null(made);
        }
        cay_error_free(err);
        cay__mem_fail_process(0, false);
        memory_back_to(start, n);
    }
    assert_true(n > 3);
}

static void ignore(cay_worker_t *w, cay_event_t *ev, void *user) {
    (void)w;
    (void)ev;
    (void)user;
}

static _Atomic int users;
static void user_free(void *user) {
    (void)user;
    users--;
}

/* With a callback, whose finalizer runs exactly when the spawn succeeded. */
static void a_spawn_fails_whole_or_not_at_all(void **state) {
    (void)state;
    rt = host_runtime(2);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    const char *args[] = {"a", NULL};
    o.main_source = "for (;;) {}";
    o.args = args;
    o.name = "n";
    o.module_root = "/tmp";
    o.on_event = ignore;
    o.event_user_free = user_free;
    cay_worker_t *w = NULL;
    users = 1;
    assert_int_equal(cay_worker_spawn(rt, &o, &w, NULL), 0);
    cay_worker_terminate(w);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    cay_worker_free(w);
    while (users) {
        sched_yield();
    }
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    int64_t start = cay__mem_live();
    unsigned failures = 0;
    for (uint64_t n = 1; n < 60; n++) {
        cay_error_t *err = NULL;
        w = NULL;
        users = 1;
        cay__mem_fail_process(n, false);
        int rc = cay_worker_spawn(rt, &o, &w, &err);
        cay__mem_fail_process(0, false);
        if (rc) {
            assert_int_equal(rc, CAY_ENOMEM);
            assert_null(w);
            assert_int_equal(users, 1);
            users = 0;
            failures++;
        }
        cay_error_free(err);
        cay_worker_free(w);
        double until = host_ms() + WAIT_MS;
        while (users) {
            assert_true(host_ms() < until);
            sched_yield();
        }
        memory_back_to(start, n);
    }
    assert_in_range(failures, 10, 59);
    host_shutdown(rt);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_runtime_comes_up_or_says_why),
        cmocka_unit_test(a_spawn_fails_whole_or_not_at_all),
        cmocka_unit_test(a_life_in_which_one_allocation_fails),
        cmocka_unit_test(a_life_in_which_memory_runs_out_for_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
