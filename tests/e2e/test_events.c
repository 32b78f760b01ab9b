/* SPDX-License-Identifier: MIT */
/* The control stream of a worker: order, errors with their places, the one final event, and the three ways of
 * reading it (next_event, descriptor, callback). */
#include "host.h"

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

static cay_runtime_t *rt;

static int set_up(void **state) {
    (void)state;
    rt = host_runtime(0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    host_shutdown(rt);
    return 0;
}

static void end_of(cay_worker_t *w) {
    cay_event_t *more = NULL;
    assert_int_equal(cay_worker_next_event(w, 0, &more), CAY_ECLOSED);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    cay_worker_free(w);
}

/* ---- order ---- */

static void messages_and_errors_share_one_order(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, "for (let i = 0; i < 100; i++) postMessage(i);\n"
                                     "setTimeout(() => { postMessage('before');\n"
                                     "  queueMicrotask(() => postMessage('microtask'));\n"
                                     "  throw new Error('boom'); });\n"
                                     "setTimeout(() => { postMessage('after'); close(); }, 1);");
    cay_event_t *ev = host_event(w);
    assert_int_equal(ev->type, CAY_EVENT_ONLINE);
    cay_event_free(ev);
    for (int i = 0; i < 100; i++) {
        char json[16];
        snprintf(json, sizeof json, "%d", i);
        host_expect(w, json);
    }
    host_expect(w, "\"before\"");
    ev = host_event(w);
    assert_int_equal(ev->type, CAY_EVENT_ERROR);
    assert_string_equal(ev->u.error.error.message, "boom");
    cay_event_free(ev);
    host_expect(w, "\"microtask\"");
    host_expect(w, "\"after\"");
    ev = host_event(w);
    assert_int_equal(ev->type, CAY_EVENT_CLOSE);
    cay_event_free(ev);
    end_of(w);
}

static void online_comes_once_and_first(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, "postMessage(1); await null; postMessage(2); close();");
    unsigned online = 0, events = 0;
    for (bool final = false; !final; events++) {
        cay_event_t *ev = host_event(w);
        online += ev->type == CAY_EVENT_ONLINE;
        assert_true(events > 0 || ev->type == CAY_EVENT_ONLINE);
        final = cay_event_is_final(ev);
        cay_event_free(ev);
    }
    assert_int_equal(online, 1);
    assert_int_equal(events, 4);
    end_of(w);
}

static void messages_wait_for_a_handler(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, "await new Promise((r) => setTimeout(r, 20));\n"
                                     "onmessage = (e) => postMessage(e.data);");
    for (int i = 0; i < 10; i++) {
        host_post(w, "{\"early\":true}");
    }
    for (int i = 0; i < 10; i++) {
        host_expect(w, "{\"early\":true}");
    }
    cay_worker_free(w);
}

/* ---- ends ---- */

typedef struct ending {
    const char *name;
    const char *source;
    uint64_t uncaught;
    cay_event_type_t type;
    cay_reason_t reason;
    int32_t code;
    const char *error; /* name, NULL: no error */
    const char *message;
    const char *source_line;
    uint32_t line, column; /* 0: not looked at */
} ending_t;

#define TERMINAL CAY_EVENT_TERMINAL_ERROR
#define MAIN     CAY_REASON_MAIN_MODULE
#define DIES     CAY_UNCAUGHT_TERMINATE

static const ending_t endings[] = {
    {"close()", "close();", 0, CAY_EVENT_CLOSE, CAY_REASON_CLOSED, 0, NULL, NULL, NULL, 0, 0},
    {"close() in a handler", "setTimeout(close);", 0, CAY_EVENT_CLOSE, CAY_REASON_CLOSED, 0, NULL,
     NULL, NULL, 0, 0},
    {"close() and a throw", "close(); throw new Error('late');", 0, CAY_EVENT_CLOSE,
     CAY_REASON_CLOSED, 0, NULL, NULL, NULL, 0, 0},
    {"cay.exit", "cay.exit(7); for (;;) {}", 0, CAY_EVENT_CLOSE, CAY_REASON_CLOSED, 7, NULL, NULL,
     NULL, 0, 0},
    {"cay.exit in a timer", "setTimeout(() => { try { cay.exit(3); } finally { for (;;) {} } });",
     0, CAY_EVENT_CLOSE, CAY_REASON_CLOSED, 3, NULL, NULL, NULL, 0, 0},
    {"cay.exit out of range",
     "try { cay.exit(-1); } catch (e) { throw new Error(`${e.name}: ${e.message}`); }", 0, TERMINAL,
     MAIN, 1, "Error", "RangeError: cay.exit: -1 is not an integer from 0 to 255", NULL, 0, 0},
    {"throw", "const a = 1;\n  throw new TypeError('boom');", 0, TERMINAL, MAIN, 1, "TypeError",
     "boom", "  throw new TypeError('boom');", 2, 9},
    {"throw below a function", "function f() {\n  null.x;\n}\nf();", 0, TERMINAL, MAIN, 1,
     "TypeError", "Cannot read properties of null (reading 'x')", "  null.x;", 2, 8},
    {"syntax", "let a = 1;\nlet b = ;\n", 0, TERMINAL, MAIN, 1, "SyntaxError",
     "Unexpected token ';'", "let b = ;", 2, 9},
    {"throw of a number", "throw 42;", 0, TERMINAL, MAIN, 1, NULL, "42", NULL, 0, 0},
    {"throw of null", "throw null;", 0, TERMINAL, MAIN, 1, NULL, "null", NULL, 0, 0},
    {"throw of a symbol", "throw Symbol('s');", 0, TERMINAL, MAIN, 1, NULL, "Symbol(s)", NULL, 0,
     0},
    {"throw of a proxy", "throw new Proxy({}, {get() { throw 1; }});", 0, TERMINAL, MAIN, 1, NULL,
     "", NULL, 0, 0},
    {"throw of a hostile object", "throw {get message() { throw 1; }, toString() { throw 2; }};", 0,
     TERMINAL, MAIN, 1, NULL, "", NULL, 0, 0},
    {"top-level await rejects", "await Promise.reject(new RangeError('no'));", 0, TERMINAL, MAIN, 1,
     "RangeError", "no", NULL, 0, 0},
    {"top-level await rejects later",
     "await new Promise((_, no) => setTimeout(() => no(new RangeError('late')), 5));", 0, TERMINAL,
     MAIN, 1, "RangeError", "late", NULL, 0, 0},
    {"top-level throw under terminate", "throw new Error('m');", DIES, TERMINAL, MAIN, 1, "Error",
     "m", NULL, 1, 7},
    {"error in a handler", "setTimeout(() => {\n throw new Error('h'); });", DIES, TERMINAL,
     CAY_REASON_UNCAUGHT, 1, "Error", "h", " throw new Error('h'); });", 2, 8},
    {"unhandled rejection", "Promise.reject(new Error('r'));", DIES, TERMINAL, CAY_REASON_UNCAUGHT,
     1, "Error", "r", NULL, 1, 16},
    {"unhandled rejection in a handler", "setTimeout(async () => { throw new Error('ra'); });",
     DIES, TERMINAL, CAY_REASON_UNCAUGHT, 1, "Error", "ra", NULL, 1, 32},
    {"error in a microtask", "queueMicrotask(() => { throw new EvalError('q'); });", DIES, TERMINAL,
     CAY_REASON_UNCAUGHT, 1, "EvalError", "q", NULL, 1, 30},
    {"reportError", "reportError(new Error('told'));", DIES, TERMINAL, CAY_REASON_UNCAUGHT, 1,
     "Error", "told", NULL, 1, 13},
    {"error of a child", HOST_CHILD "child('throw new Error(\"inner\")');", DIES, TERMINAL,
     CAY_REASON_UNCAUGHT, 1, "Error", "inner", NULL, 1, 7},
};

/* Where an Error was made or thrown: the engine says one or the other, both on the same line. */
static void check_error(const ending_t *e, const cay_error_info_t *got) {
    if (e->error) {
        assert_non_null(got->name);
        assert_string_equal(got->name, e->error);
    }
    assert_non_null(got->message);
    if (!strstr(got->message, e->message)) {
        fail_msg("%s: \"%s\", expected \"%s\"", e->name, got->message, e->message);
    }
    if (e->line && (got->line != e->line || !got->file)) {
        fail_msg("%s: line %u, expected %u", e->name, got->line, e->line);
    }
    if (e->column && got->column != e->column) {
        fail_msg("%s: column %u, expected %u", e->name, got->column, e->column);
    }
    assert_true(got->column == 0 || got->end_column >= got->column);
    if (e->source_line) {
        assert_non_null(got->source_line);
        assert_string_equal(got->source_line, e->source_line);
    }
}

static void run_ending(const ending_t *e) {
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = e->source;
    o.main_url = "https://x.test/main.js";
    o.uncaught = e->uncaught;
    o.name = e->name;
    cay_worker_t *w = host_spawn_with(rt, &o);
    cay_event_t *ev = host_final(w);
    if (ev->type != e->type || ev->u.end.reason != e->reason || ev->u.end.exit_code != e->code) {
        fail_msg("%s: ended as %s, %s, code %d: %s", e->name, cay_event_type_name(ev->type),
                 cay_reason_name(ev->u.end.reason), ev->u.end.exit_code,
                 ev->u.end.error.message ? ev->u.end.error.message : "");
    }
    if (e->message) {
        check_error(e, &ev->u.end.error);
    } else {
        assert_null(ev->u.end.error.message);
        assert_null(ev->u.end.error.name);
    }
    cay_event_free(ev);
    end_of(w);
}

static void each_end_is_told_once_with_its_reason(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        run_ending(&endings[i]);
    }
}

static void the_final_event_tells_what_was_used(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, "let n = 0; onmessage = (e) => { postMessage(e.data);"
                                     " if (++n === 5) { const until = performance.now() + 20;"
                                     " while (performance.now() < until); close(); } };");
    double start = host_ms();
    for (int i = 0; i < 5; i++) {
        host_echo(w, "1");
    }
    cay_event_t *ev = host_final(w);
    double wall = host_ms() - start;
    const cay_usage_t *u = &ev->u.end.usage;
    assert_int_equal(u->messages_in, 5);
    assert_int_equal(u->messages_out, 5);
    assert_true(u->slices >= 2);
    assert_true(u->peak_heap > 100 * 1000 && u->peak_heap < 100 * 1000 * 1000);
    assert_true(u->wall_ns >= 20u * 1000 * 1000);
    assert_true((double)u->wall_ns <= (wall + 10000) * 1e6);
    assert_true(u->cpu_ns >= 1000 * 1000 && u->cpu_ns <= u->wall_ns + 50u * 1000 * 1000);
    cay_event_free(ev);
    end_of(w);
}

static void uncaught_errors_are_reported_and_the_worker_goes_on(void **state) {
    (void)state;
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_url = "https://x.test/m.js";
    o.main_source = "onmessage = (e) => {\n"
                    "  if (e.data === 1) throw new SyntaxError('one');\n"
                    "  if (e.data === 2) Promise.reject(new Error('two'));\n"
                    "  if (e.data === 3) reportError('three');\n"
                    "  postMessage(e.data);\n"
                    "};";
    cay_worker_t *w = host_spawn_with(rt, &o);
    host_post(w, "1");
    cay_event_t *ev = host_until(w, CAY_EVENT_ERROR);
    assert_string_equal(ev->u.error.error.name, "SyntaxError");
    assert_string_equal(ev->u.error.error.message, "one");
    assert_string_equal(ev->u.error.error.file, "https://x.test/m.js");
    assert_int_equal(ev->u.error.error.line, 2);
    assert_int_equal(ev->u.error.error.column, 27);
    assert_string_equal(ev->u.error.error.source_line,
                        "  if (e.data === 1) throw new SyntaxError('one');");
    assert_non_null(strstr(ev->u.error.error.stack, "SyntaxError: one\n    at "));
    assert_non_null(strstr(ev->u.error.error.stack, "https://x.test/m.js:2:"));
    cay_event_free(ev);
    host_post(w, "2");
    host_expect(w, "2");
    ev = host_until(w, CAY_EVENT_ERROR);
    assert_string_equal(ev->u.error.error.message, "two");
    assert_int_equal(ev->u.error.error.line, 3);
    cay_event_free(ev);
    host_post(w, "3");
    ev = host_until(w, CAY_EVENT_ERROR);
    assert_non_null(strstr(ev->u.error.error.message, "three"));
    cay_event_free(ev);
    host_expect(w, "3");
    host_echo(w, "4");
    cay_worker_free(w);
}

static void a_prevented_error_stays_inside(void **state) {
    (void)state;
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.uncaught = CAY_UNCAUGHT_TERMINATE;
    o.main_source = "onerror = (message) => { postMessage(message); return true; };\n"
                    "addEventListener('unhandledrejection', (e) => { postMessage(e.reason);"
                    " e.preventDefault(); });\n"
                    "setTimeout(() => { throw new Error('x'); });\n"
                    "setTimeout(() => { Promise.reject('y'); }, 1);\n"
                    "setTimeout(close, 2);";
    cay_worker_t *w = host_spawn_with(rt, &o);
    host_expect(w, "\"x\"");
    host_expect(w, "\"y\"");
    host_expect_end(w, CAY_REASON_CLOSED);
    cay_worker_free(w);
}

static void a_rejection_handled_in_time_is_none(void **state) {
    (void)state;
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.uncaught = CAY_UNCAUGHT_TERMINATE;
    o.main_source = "const p = Promise.reject(1); await null; p.catch(() => {});\n"
                    "const q = Promise.reject(2); queueMicrotask(() => q.catch(() => {}));\n"
                    "postMessage('fine'); setTimeout(close, 5);";
    cay_worker_t *w = host_spawn_with(rt, &o);
    host_expect(w, "\"fine\"");
    host_expect_end(w, CAY_REASON_CLOSED);
    cay_worker_free(w);
}

static void after_close_nothing_more_comes_or_runs(void **state) {
    (void)state;
    cay_worker_t *w =
        host_spawn(rt, "onmessage = (e) => { postMessage('a'); postMessage('b'); close();\n"
                       "  postMessage('lost'); Promise.resolve().then(() => postMessage('x')); };\n"
                       "setTimeout(() => postMessage('timer'), 30);");
    host_post(w, "1");
    host_post(w, "2");
    host_expect(w, "\"a\"");
    host_expect(w, "\"b\"");
    assert_int_equal(host_expect_end(w, CAY_REASON_CLOSED), 0);
    cay_error_t *err = NULL;
    assert_int_equal(cay_port_post_json(cay_worker_port(w), "1", 1, &err), CAY_ECLOSED);
    cay_error_free(err);
    cay_worker_free(w);
}

/* The nested worker holds one end of the host's channel: that it closes is the sign that it ended. */
static void a_nested_worker_ends_with_its_parent(const char *how) {
    char source[512];
    snprintf(source, sizeof source,
             HOST_CHILD
             "const w = child(\"onmessage = (e) => { const p = e.ports[0];"
             " p.postMessage('mine'); setInterval(() => {}, 1); globalThis.kept = p; }\");\n"
             "onmessage = (e) => { if (e.ports[0]) w.postMessage(0, [e.ports[0]]); else { %s } };",
             how);
    cay_worker_t *w = host_spawn(rt, source);
    cay_port_t *mine, *theirs;
    assert_int_equal(cay_channel_new(&mine, &theirs), 0);
    cay_doc_t *doc;
    assert_int_equal(cay_doc_new(&doc), 0);
    cay_value_t *root = cay_doc_port(doc, theirs);
    assert_non_null(root);
    assert_int_equal(cay_doc_set_root(doc, root), 0);
    assert_int_equal(cay_port_post(cay_worker_port(w), doc, NULL), 0);
    cay_doc_free(doc);
    cay_message_t *m;
    assert_int_equal(cay_port_receive(mine, WAIT_MS, &m), 0);
    cay_message_free(m);
    assert_false(cay_port_is_closed(mine));
    if (*how) {
        host_post(w, "1");
    } else {
        cay_worker_terminate(w);
    }
    assert_int_equal(cay_port_receive(mine, WAIT_MS, &m), CAY_ECLOSED);
    assert_true(cay_port_is_closed(mine));
    cay_port_close(mine);
    cay_event_free(host_final(w));
    end_of(w);
}

static void nested_workers_end_with_their_parent(void **state) {
    (void)state;
    a_nested_worker_ends_with_its_parent("close();");
    a_nested_worker_ends_with_its_parent("cay.exit(1);");
    a_nested_worker_ends_with_its_parent("w.terminate(); w.onclose = () => close();");
    a_nested_worker_ends_with_its_parent("");
}

static void the_parent_is_told_how_a_child_ended(void **state) {
    (void)state;
    static const struct {
        const char *source, *expected;
    } cases[] = {
        {"close()", "[\"closed\",0]"},
        {"cay.exit(9)", "[\"closed\",9]"},
        {"throw 1", "[\"main module failed\",1]"},
        {"import './nowhere.js'", "[\"main module failed\",1]"},
        {"setTimeout(() => parent(), 0); onerror = () => { close(); return true; }",
         "[\"closed\",0]"},
        {"postMessage(0)", "[\"terminated\",0]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char source[1024];
        snprintf(source, sizeof source,
                 HOST_CHILD
                 "let n = 0; const w = child(\"%s\");\n"
                 "w.onmessage = () => w.terminate(); w.onerror = (e) => e.preventDefault();\n"
                 "w.onclose = (e) => { n++; postMessage([e.reason, e.exitCode]);\n"
                 "  setTimeout(() => { postMessage(n); close(); }, 10); };",
                 cases[i].source);
        cay_worker_t *w = host_spawn(rt, source);
        host_expect(w, cases[i].expected);
        host_expect(w, "1");
        host_expect_end(w, CAY_REASON_CLOSED);
        end_of(w);
    }
}

/* ---- a missing import, with its chain ---- */

static void three_modules(cay_source_t *s, void *user) {
    (void)user;
    const char *url = cay_source_url(s);
    if (url && strcmp(url, "https://x.test/a.js") == 0) {
        assert_int_equal(cay_source_reply(s, NULL, "\n  import './b.js';", 18), 0);
    } else if (url && strcmp(url, "https://x.test/b.js") == 0) {
        assert_int_equal(cay_source_reply(s, NULL, "import * as c from './missing.js';", 34), 0);
    } else {
        cay_source_reject(s, "there is no such thing");
    }
}

static void a_missing_import_names_the_way_to_it(void **state) {
    (void)state;
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_url = "https://x.test/main.js";
    o.main_source = "import './a.js';";
    o.on_source = three_modules;
    cay_worker_t *w = host_spawn_with(rt, &o);
    cay_event_t *ev = host_event(w);
    assert_int_equal(ev->type, CAY_EVENT_TERMINAL_ERROR);
    assert_int_equal(ev->u.end.reason, CAY_REASON_MAIN_MODULE);
    const cay_error_info_t *e = &ev->u.end.error;
    assert_non_null(strstr(e->message, "https://x.test/missing.js"));
    assert_non_null(strstr(e->message, "there is no such thing"));
    assert_string_equal(e->file, "https://x.test/b.js");
    assert_int_equal(e->line, 1);
    const char *first = strstr(e->stack, "imported from https://x.test/b.js:1:");
    assert_non_null(first);
    const char *second = strstr(first, "imported from https://x.test/a.js:2:");
    assert_non_null(second);
    assert_non_null(strstr(second, "imported from https://x.test/main.js:1:"));
    cay_event_free(ev);
    end_of(w);
}

/* ---- reading: timeouts, join, descriptor ---- */

static void next_event_waits_no_longer_than_told(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, host_echo_source);
    cay_event_free(host_until(w, CAY_EVENT_ONLINE));
    cay_event_t *ev = NULL;
    assert_int_equal(cay_worker_next_event(w, 0, &ev), CAY_ETIMEDOUT);
    double start = host_ms();
    assert_int_equal(cay_worker_next_event(w, 30, &ev), CAY_ETIMEDOUT);
    assert_true(host_ms() - start >= 29);
    assert_null(ev);
    host_echo(w, "1");
    cay_worker_free(w);
}

static void *wait_for_event(void *arg) {
    cay_event_t *ev = NULL;
    int rc;
    do { /* the test's own thread may be inside for a moment */
        rc = cay_worker_next_event(arg, WAIT_MS, &ev);
    } while (rc == CAY_EBUSY);
    cay_event_free(ev);
    return (void *)(intptr_t)rc;
}

static void one_thread_waits_for_events_at_a_time(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, host_echo_source);
    cay_event_free(host_until(w, CAY_EVENT_ONLINE));
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, wait_for_event, w), 0);
    cay_event_t *ev = NULL;
    int rc;
    do { /* until the other thread is inside */
        rc = cay_worker_next_event(w, 1, &ev);
    } while (rc == CAY_ETIMEDOUT);
    assert_int_equal(rc, CAY_EBUSY);
    host_post(w, "1");
    void *got;
    pthread_join(t, &got);
    assert_int_equal((int)(intptr_t)got, 0);
    cay_worker_free(w);
}

static void *join_it(void *arg) {
    return (void *)(intptr_t)cay_worker_join(arg, WAIT_MS);
}

static void join_waits_for_the_end_and_does_not_bring_it(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, host_echo_source);
    assert_int_equal(cay_worker_join(w, 0), CAY_ETIMEDOUT);
    host_echo(w, "1");
    assert_int_equal(cay_worker_join(w, 10), CAY_ETIMEDOUT);
    host_echo(w, "2");
    pthread_t t[4];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&t[i], NULL, join_it, w), 0);
    }
    cay_worker_terminate(w);
    for (int i = 0; i < 4; i++) {
        void *got;
        pthread_join(t[i], &got);
        assert_int_equal((int)(intptr_t)got, 0);
    }
    host_expect_end(w, CAY_REASON_TERMINATED); /* what was not taken can still be */
    assert_int_equal(cay_worker_join(w, 0), 0);
    cay_worker_terminate(w);
    end_of(w);
}

static bool readable(int fd, int ms) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, ms) == 1 && p.revents & POLLIN;
}

static void the_descriptor_polls_while_an_event_waits(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, host_echo_source);
    int fd = cay_worker_fd(w);
    assert_true(fd >= 0);
    assert_int_equal(cay_worker_fd(w), fd);
    assert_true(readable(fd, WAIT_MS));
    cay_event_free(host_event(w));
    assert_false(readable(fd, 0));
    host_post(w, "1");
    host_post(w, "2");
    assert_true(readable(fd, WAIT_MS));
    host_expect(w, "1");
    host_expect(w, "2");
    assert_false(readable(fd, 20));
    cay_worker_terminate(w);
    assert_true(readable(fd, WAIT_MS));
    host_expect_end(w, CAY_REASON_TERMINATED);
    assert_true(readable(fd, 0)); /* for ever: there is something to learn, that it is closed */
    assert_true(readable(fd, 0));
    cay_worker_free(w);
}

static void many_workers_in_one_epoll_loop(void **state) {
    (void)state;
    enum { N = 20, EACH = 10 };
    cay_worker_t *w[N];
    unsigned messages[N] = {0};
    int ep = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < N; i++) {
        w[i] = host_spawn(
            rt, "let n = 0; const f = () => { postMessage(n++); if (n < 10) setTimeout(f, n % 3);"
                " else close(); }; f();");
        struct epoll_event ev = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        assert_int_equal(epoll_ctl(ep, EPOLL_CTL_ADD, cay_worker_fd(w[i]), &ev), 0);
    }
    for (int left = N; left > 0;) {
        struct epoll_event got[8];
        int n = epoll_wait(ep, got, 8, WAIT_MS);
        assert_true(n > 0);
        for (int k = 0; k < n; k++) {
            uint32_t i = got[k].data.u32;
            cay_event_t *ev = NULL;
            assert_int_equal(cay_worker_next_event(w[i], 0, &ev), 0);
            messages[i] += ev->type == CAY_EVENT_MESSAGE;
            if (cay_event_is_final(ev)) {
                assert_int_equal(messages[i], EACH);
                assert_int_equal(epoll_ctl(ep, EPOLL_CTL_DEL, cay_worker_fd(w[i]), NULL), 0);
                left--;
            }
            cay_event_free(ev);
        }
    }
    for (int i = 0; i < N; i++) {
        cay_worker_free(w[i]);
    }
    close(ep);
}

/* ---- callbacks ---- */

typedef struct listener {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned online, messages, errors, finals, freed;
    cay_reason_t reason;
    unsigned free_at; /* the handle is freed in the callback of this message */
    bool inside;      /* calls for one worker never overlap */
    pthread_t thread;
} listener_t;

static void listener_init(listener_t *l) {
    *l = (listener_t){.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
}

static void on_event(cay_worker_t *w, cay_event_t *ev, void *user) {
    listener_t *l = user;
    bool drop = false;
    pthread_mutex_lock(&l->lock);
    assert_false(l->inside);
    assert_int_equal(l->freed, 0);
    l->inside = true;
    l->thread = pthread_self();
    l->online += ev->type == CAY_EVENT_ONLINE;
    l->messages += ev->type == CAY_EVENT_MESSAGE;
    l->errors += ev->type == CAY_EVENT_ERROR;
    if (cay_event_is_final(ev)) {
        l->finals++;
        l->reason = ev->u.end.reason;
    }
    drop = ev->type == CAY_EVENT_MESSAGE && l->messages == l->free_at;
    pthread_cond_broadcast(&l->changed);
    l->inside = false;
    pthread_mutex_unlock(&l->lock);
    if (ev->type == CAY_EVENT_MESSAGE) {
        cay_message_t *m = cay_event_take_message(ev);
        assert_non_null(m);
        assert_null(cay_event_take_message(ev));
        cay_message_free(m);
    }
    if (drop) {
        cay_worker_free(w);
    }
}

static void on_free(void *user) {
    listener_t *l = user;
    pthread_mutex_lock(&l->lock);
    l->freed++;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

static void wait_until(listener_t *l, const unsigned *what, unsigned least) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_MS / 1000;
    pthread_mutex_lock(&l->lock);
    while (*what < least) {
        assert_int_equal(pthread_cond_timedwait(&l->changed, &l->lock, &until), 0);
    }
    pthread_mutex_unlock(&l->lock);
}

static cay_worker_t *spawn_listened(cay_runtime_t *on, listener_t *l, const char *source) {
    listener_init(l);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = source;
    o.on_event = on_event;
    o.event_user = l;
    o.event_user_free = on_free;
    return host_spawn_with(on, &o);
}

static void callbacks_get_the_whole_stream(void **state) {
    (void)state;
    listener_t l;
    cay_worker_t *w = spawn_listened(rt, &l,
                                     "for (let i = 0; i < 500; i++) postMessage(i);"
                                     "setTimeout(() => { throw 1; }); setTimeout(close, 2);");
    cay_event_t *ev;
    assert_int_equal(cay_worker_next_event(w, 0, &ev), CAY_EBUSY);
    assert_int_equal(cay_worker_fd(w), CAY_EBUSY);
    wait_until(&l, &l.freed, 1);
    assert_int_equal(l.online, 1);
    assert_int_equal(l.messages, 500);
    assert_int_equal(l.errors, 1);
    assert_int_equal(l.finals, 1);
    assert_int_equal(l.reason, CAY_REASON_CLOSED);
    assert_false(pthread_equal(l.thread, pthread_self()));
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    cay_worker_free(w);
    assert_int_equal(l.freed, 1);
}

static void a_handle_may_be_freed_in_its_callback(void **state) {
    (void)state;
    listener_t l;
    spawn_listened(rt, &l, "onmessage = 0; for (;;) try { postMessage(0); } catch {}");
    pthread_mutex_lock(&l.lock);
    l.free_at = l.messages + 50;
    pthread_mutex_unlock(&l.lock);
    wait_until(&l, &l.freed, 1);
    assert_int_equal(l.finals, 0);
    assert_int_equal(l.messages, l.free_at);
}

static void a_handle_freed_elsewhere_runs_its_finalizer_once(void **state) {
    (void)state;
    enum { N = 30 };
    listener_t l[N];
    for (int i = 0; i < N; i++) {
        cay_worker_t *w =
            spawn_listened(rt, &l[i], "for (let i = 0; i < 1000; i++) postMessage(i);");
        if (i % 3) {
            wait_until(&l[i], &l[i].messages, (unsigned)i);
        }
        if (i % 2) {
            cay_worker_terminate(w);
        }
        cay_worker_free(w);
    }
    for (int i = 0; i < N; i++) {
        wait_until(&l[i], &l[i].freed, 1);
        assert_int_equal(l[i].freed, 1);
    }
}

static void shutdown_delivers_the_final_events_first(void **state) {
    (void)state;
    enum { N = 10 };
    listener_t l[N];
    cay_worker_t *w[N];
    cay_runtime_t *other = host_runtime(2);
    for (int i = 0; i < N; i++) {
        w[i] = spawn_listened(other, &l[i], i % 2 ? "for (;;) {}" : host_echo_source);
    }
    host_shutdown(other);
    for (int i = 0; i < N; i++) {
        assert_int_equal(l[i].finals, 1);
        assert_int_equal(l[i].reason, CAY_REASON_SHUTDOWN);
        assert_int_equal(l[i].freed, 1);
        cay_worker_free(w[i]);
    }
}

static void a_failed_spawn_runs_no_finalizer(void **state) {
    (void)state;
    listener_t l;
    listener_init(&l);
    cay_runtime_t *other = host_runtime(1);
    uint64_t left;
    assert_int_equal(cay_runtime_shutdown(other, WAIT_MS, &left), 0);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = "";
    o.on_event = on_event;
    o.event_user = &l;
    o.event_user_free = on_free;
    cay_worker_t *w = NULL;
    assert_int_equal(cay_worker_spawn(other, &o, &w, NULL), CAY_ECLOSED);
    assert_null(w);
    assert_int_equal(l.freed, 0);
    assert_int_equal(l.finals, 0);
    assert_int_equal(cay_runtime_free(other), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_and_errors_share_one_order),
        cmocka_unit_test(online_comes_once_and_first),
        cmocka_unit_test(messages_wait_for_a_handler),
        cmocka_unit_test(each_end_is_told_once_with_its_reason),
        cmocka_unit_test(the_final_event_tells_what_was_used),
        cmocka_unit_test(uncaught_errors_are_reported_and_the_worker_goes_on),
        cmocka_unit_test(a_prevented_error_stays_inside),
        cmocka_unit_test(a_rejection_handled_in_time_is_none),
        cmocka_unit_test(after_close_nothing_more_comes_or_runs),
        cmocka_unit_test(nested_workers_end_with_their_parent),
        cmocka_unit_test(the_parent_is_told_how_a_child_ended),
        cmocka_unit_test(a_missing_import_names_the_way_to_it),
        cmocka_unit_test(next_event_waits_no_longer_than_told),
        cmocka_unit_test(one_thread_waits_for_events_at_a_time),
        cmocka_unit_test(join_waits_for_the_end_and_does_not_bring_it),
        cmocka_unit_test(the_descriptor_polls_while_an_event_waits),
        cmocka_unit_test(many_workers_in_one_epoll_loop),
        cmocka_unit_test(callbacks_get_the_whole_stream),
        cmocka_unit_test(a_handle_may_be_freed_in_its_callback),
        cmocka_unit_test(a_handle_freed_elsewhere_runs_its_finalizer_once),
        cmocka_unit_test(shutdown_delivers_the_final_events_first),
        cmocka_unit_test(a_failed_spawn_runs_no_finalizer),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
