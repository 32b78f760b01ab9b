/* SPDX-License-Identifier: MIT */
/* CAY_WORKER_CLOSE_WHEN_QUIET: a tree of workers ends when nothing can happen in it any more, and never
 * before. */
#include "host.h"

#include <pthread.h>

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

static cay_worker_t *spawn_quiet(const char *source) {
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = source;
    o.flags = CAY_WORKER_CLOSE_WHEN_QUIET;
    return host_spawn_with(rt, &o);
}

static void ends_closed(cay_worker_t *w) {
    cay_event_t *ev = host_final(w);
    if (ev->type != CAY_EVENT_CLOSE || ev->u.end.reason != CAY_REASON_CLOSED) {
        fail_msg("ended as %s: %s", cay_reason_name(ev->u.end.reason), ev->u.end.error.message);
    }
    assert_int_equal(ev->u.end.exit_code, 0);
    cay_event_free(ev);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    cay_worker_free(w);
}

/* Sources whose last message is "end", after which the worker is to end by itself. */
static const char *const trees[] = {
    "postMessage('end');",
    "onmessage = () => {}; postMessage('end');",
    "setTimeout(() => setTimeout(() => postMessage('end'), 10), 30);",
    "let n = 0; const t = setInterval(() => { if (++n === 20) { clearInterval(t); "
    "postMessage('end'); } }, 1);",
    "await new Promise((r) => setTimeout(r, 20)); postMessage('end');",
    "setTimeout(() => {}, 1e6); const t = setTimeout(() => {}, 1e6); clearTimeout(t); "
    "setTimeout(() => {"
    " postMessage('end'); close(); }, 5);",
    "const f = (n) => n ? Promise.resolve().then(() => f(n - 1)) : postMessage('end'); f(1000);",
    "const { port1, port2 } = new MessageChannel(); let n = 0;\n"
    "port1.onmessage = port2.onmessage = (e) => { if (++n === 500) postMessage('end');"
    " else e.target.postMessage(0); }; port1.postMessage(0);",
    "await import('data:text/javascript,await new Promise((r) => setTimeout(r, 20));'); "
    "postMessage('end');",
    "import('data:text/javascript,export default 1').then(() => postMessage('end'));",
    "setTimeout(() => { postMessage('end'); throw new Error('which is reported'); });",
    /* children that idle, work and end */
    HOST_CHILD "for (let i = 0; i < 3; i++) child('onmessage = (e) => postMessage(e.data)'); "
               "postMessage('end');",
    HOST_CHILD
    "child('setTimeout(() => postMessage(1), 40)').onmessage = () => postMessage('end');",
    HOST_CHILD "const w = child('setInterval(() => {}, 1); postMessage(1)');"
               " w.onmessage = () => { w.terminate(); w.onclose = () => postMessage('end'); };",
    HOST_CHILD
    "const w = child('for (;;) {}'); setTimeout(() => { w.terminate(); postMessage('end'); }, 20);",
    HOST_CHILD "const w = child('setTimeout(close, 20)'); w.onclose = () => postMessage('end');",
    HOST_CHILD "const w = child('throw 1'); w.onerror = (e) => e.preventDefault(); w.onclose = () "
               "=> postMessage('end');",
    HOST_CHILD
    "const deep = (n) => n ? 'const child = ' + child + '; child(' + JSON.stringify(deep(n - 1)) +"
    " ').onmessage = (e) => postMessage(e.data);' : 'setTimeout(() => postMessage(7), 20)';\n"
    "child(deep(5)).onmessage = () => postMessage('end');",
    /* a port given from one child to another, with messages waiting in it */
    HOST_CHILD
    "const a = child('const { port1, port2 } = new MessageChannel(); for (let i = 0; i < 10; i++)"
    " port1.postMessage(i); postMessage(port2, [port2]);');\n"
    "const b = child('onmessage = (e) => { let n = 0; e.data.onmessage = () => { if (++n === 10)"
    " postMessage(n); }; };');\n"
    "a.onmessage = (e) => b.postMessage(e.data, [e.data]); b.onmessage = () => postMessage('end');",
};

static void a_tree_ends_after_the_last_thing_that_happens(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        cay_worker_t *w = spawn_quiet(trees[i]);
        cay_event_t *ev;
        char *json = NULL;
        for (;;) {
            ev = host_event(w);
            if (cay_event_is_final(ev)) {
                fail_msg("ended early: %s", trees[i]);
            }
            if (ev->type == CAY_EVENT_MESSAGE) {
                break;
            }
            cay_event_free(ev);
        }
        assert_int_equal(cay_message_to_json(ev->u.message.message, &json, NULL), 0);
        assert_string_equal(json, "\"end\"");
        cay_free(json);
        cay_event_free(ev);
        ends_closed(w);
    }
}

static void without_the_flag_it_stays(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, "postMessage('end');");
    host_expect(w, "\"end\"");
    cay_event_t *ev = NULL;
    assert_int_equal(cay_worker_next_event(w, 100, &ev), CAY_ETIMEDOUT);
    cay_worker_free(w);
}

static void a_promise_that_nothing_can_settle_is_an_error(void **state) {
    (void)state;
    static const char *const sources[] = {
        "await new Promise(() => {});",
        "setTimeout(() => {}, 20); onmessage = () => {};\nawait new Promise(() => {});",
        HOST_CHILD "const w = child('onmessage = (e) => postMessage(e.data)');\n"
                   "await new Promise((r) => { w.onmessage = r; });",
        "await import('data:text/javascript,await new Promise(() => {})');",
    };
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        cay_worker_t *w = spawn_quiet(sources[i]);
        cay_event_t *ev = host_final(w);
        assert_int_equal(ev->type, CAY_EVENT_TERMINAL_ERROR);
        assert_int_equal(ev->u.end.reason, CAY_REASON_MAIN_MODULE);
        assert_int_equal(ev->u.end.exit_code, 1);
        assert_non_null(strstr(ev->u.end.error.message, "promise"));
        assert_string_equal(ev->u.end.error.file, "cay:main");
        cay_event_free(ev);
        cay_worker_free(w);
    }
}

static void what_the_host_posts_in_time_is_worked_off(void **state) {
    (void)state;
    cay_worker_t *w =
        spawn_quiet("onmessage = (e) => { setTimeout(() => postMessage(e.data), 20); };\n"
                    "await new Promise((r) => setTimeout(r, 30));");
    for (int i = 0; i < 5; i++) {
        host_post(w, "[1]");
    }
    for (int i = 0; i < 5; i++) {
        host_expect(w, "[1]");
    }
    ends_closed(w);
}

/* ---- imports in flight ---- */

typedef struct slow {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    cay_source_t *open;
} slow_t;

static void keep(cay_source_t *s, void *user) {
    slow_t *slow = user;
    pthread_mutex_lock(&slow->lock);
    slow->open = s;
    pthread_cond_signal(&slow->changed);
    pthread_mutex_unlock(&slow->lock);
}

static void an_import_that_the_host_keeps_keeps_the_tree(void **state) {
    (void)state;
    slow_t slow = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = "import('x:1').then(() => postMessage('end'), () => postMessage('no'));";
    o.flags = CAY_WORKER_CLOSE_WHEN_QUIET;
    o.on_source = keep;
    o.source_user = &slow;
    cay_worker_t *w = host_spawn_with(rt, &o);
    pthread_mutex_lock(&slow.lock);
    while (!slow.open) {
        pthread_cond_wait(&slow.changed, &slow.lock);
    }
    pthread_mutex_unlock(&slow.lock);
    cay_event_free(host_until(w, CAY_EVENT_ONLINE));
    cay_event_t *ev = NULL;
    assert_int_equal(cay_worker_next_event(w, 50, &ev), CAY_ETIMEDOUT);
    assert_int_equal(cay_source_reply(slow.open, NULL, "", 0), 0);
    host_expect(w, "\"end\"");
    ends_closed(w);
}

/* ---- trees at random ---- */

/* A node draws how many children it has, then bounces messages and ports about with them, with timers and
 * imports between, and tells its sum upwards. `count` foretells the sum from the seed. */
static const char random_tree[] =
    "const lcg = (s) => () => (s = (s * 1103515245 + 12345) % 2147483648) / 2147483648;\n"
    "const kidsOf = (seed, depth) => depth ? Math.floor(lcg(seed)() * 4) : 0;\n"
    "const seedOf = (seed, i) => (seed * 31 + i * 7919 + 17) % 2147483648;\n"
    "const count = (seed, depth) => { let n = 1; for (let i = 0; i < kidsOf(seed, depth); i++)"
    " n += count(seedOf(seed, i), depth - 1); return n; };\n"
    "const pause = (ms) => new Promise((r) => setTimeout(r, ms));\n"
    "const bounce = (a, b, n) => new Promise((done) => { b.onmessage = (e) => e.data ? "
    "b.postMessage(e.data - 1) : 0;\n"
    "  a.onmessage = (e) => e.data > 0 ? a.postMessage(e.data - 1) : done(); a.postMessage(n * 2 + "
    "1); });\n"
    "const step = async (rnd) => { const x = rnd();\n"
    "  if (x < 0.3) await pause(rnd() * 3); else if (x < 0.5) await import('data:text/javascript,' "
    "+ x);\n"
    "  else if (x < 0.8) { const c = new MessageChannel(); await bounce(c.port1, c.port2, "
    "Math.floor(rnd() * 20)); } };\n"
    "const work = async (seed, depth, source) => { const rnd = lcg(seed + 1); let sum = 1;\n"
    "  const one = async (i) => { await step(rnd);\n"
    "    const w = new Worker('data:text/javascript,' + encodeURIComponent(source), { type: "
    "'module' });\n"
    "    const c = new MessageChannel(); const back = new Promise((r) => { c.port1.onmessage = r; "
    "});\n"
    "    w.postMessage([seedOf(seed, i), depth - 1, source], [c.port2]);\n"
    "    const e = await back; await step(rnd); sum += e.data; if (rnd() < 0.3) w.terminate(); };\n"
    "  const all = []; for (let i = 0; i < kidsOf(seed, depth); i++) all.push(one(i)); await "
    "Promise.all(all);\n"
    "  await step(rnd); return sum; };\n"
    "if (name === 'root') { const seed = Number(cay.args[0]); const source = cay.args[1];\n"
    "  const sum = await work(seed, 3, source); postMessage([sum, count(seed, 3)]); }\n"
    "else onmessage = async (e) => e.ports[0].postMessage(await work(...e.data));\n";

static void random_tree_of(unsigned seed) {
    char number[16];
    snprintf(number, sizeof number, "%u", seed);
    const char *args[] = {number, random_tree, NULL};
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.name = "root";
    o.main_source = random_tree;
    o.args = args;
    o.flags = CAY_WORKER_CLOSE_WHEN_QUIET;
    cay_worker_t *w = host_spawn_with(rt, &o);
    cay_event_free(host_until(w, CAY_EVENT_ONLINE));
    cay_event_t *ev = host_event(w);
    if (ev->type != CAY_EVENT_MESSAGE) {
        fail_msg("seed %u: %s before the sum: %s", seed, cay_event_type_name(ev->type),
                 ev->type == CAY_EVENT_ERROR ? ev->u.error.error.message : ev->u.end.error.message);
    }
    const cay_value_t *v;
    assert_int_equal(cay_message_value(ev->u.message.message, &v, NULL), 0);
    assert_true(cay_value_number(cay_value_at(v, 0)) == cay_value_number(cay_value_at(v, 1)));
    cay_event_free(ev);
    ends_closed(w);
}

static void random_trees_never_end_early_and_always_end(void **state) {
    (void)state;
    unsigned rounds = host_count("CAY_ROUNDS", 200);
    double start = host_ms();
    for (unsigned seed = 1; seed <= rounds; seed++) {
        random_tree_of(seed);
    }
    cay_runtime_stats_t s = {.size = sizeof s};
    assert_int_equal(cay_runtime_stats(rt, &s), 0);
    print_message("  %u trees, %llu workers by now: %.0f ms\n", rounds,
                  (unsigned long long)s.spawned, host_ms() - start);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_ends_after_the_last_thing_that_happens),
        cmocka_unit_test(without_the_flag_it_stays),
        cmocka_unit_test(a_promise_that_nothing_can_settle_is_an_error),
        cmocka_unit_test(what_the_host_posts_in_time_is_worked_off),
        cmocka_unit_test(an_import_that_the_host_keeps_keeps_the_tree),
        cmocka_unit_test(random_trees_never_end_early_and_always_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
