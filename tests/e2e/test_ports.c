/* SPDX-License-Identifier: MIT */
/* Ports and values between the host and workers: who can hold an end, what closing tells, what arrives, and
 * that a post which fails has moved nothing. */
#include "host.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "same.h"

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

/* ---- helpers ---- */

static void post_doc(cay_port_t *port, cay_doc_t *doc, cay_value_t *root) {
    assert_false(cay_doc_failed(doc));
    assert_non_null(root);
    assert_int_equal(cay_doc_set_root(doc, root), 0);
    cay_error_t *err = NULL;
    if (cay_port_post(port, doc, &err)) {
        fail_msg("post: %s", cay_error_message(err));
    }
}

static cay_doc_t *doc_new(void) {
    cay_doc_t *doc = NULL;
    assert_int_equal(cay_doc_new(&doc), 0);
    return doc;
}

static void post_port(cay_port_t *through, cay_port_t *port) {
    cay_doc_t *doc = doc_new();
    post_doc(through, doc, cay_doc_port(doc, port));
    cay_doc_free(doc);
}

static cay_message_t *receive(cay_port_t *port) {
    cay_message_t *m = NULL;
    int rc = cay_port_receive(port, WAIT_MS, &m);
    if (rc) {
        fail_msg("receive: %s", cay_error_name(rc));
    }
    return m;
}

static void receive_json(cay_port_t *port, const char *json) {
    cay_message_t *m = receive(port);
    char *got = NULL;
    assert_int_equal(cay_message_to_json(m, &got, NULL), 0);
    assert_string_equal(got, json);
    cay_free(got);
    cay_message_free(m);
}

static void send_json(cay_port_t *port, const char *json) {
    cay_error_t *err = NULL;
    if (cay_port_post_json(port, json, strlen(json), &err)) {
        fail_msg("post: %s", cay_error_message(err));
    }
}

/* The next message that the worker posts to the host. */
static cay_message_t *from_worker(cay_worker_t *w) {
    cay_event_t *ev = host_until(w, CAY_EVENT_MESSAGE);
    cay_message_t *m = cay_event_take_message(ev);
    cay_event_free(ev);
    return m;
}

static const cay_value_t *value_of(cay_message_t *m) {
    const cay_value_t *v = NULL;
    cay_error_t *err = NULL;
    if (cay_message_value(m, &v, &err)) {
        fail_msg("value: %s", cay_error_message(err));
    }
    return v;
}

static cay_port_t *port_from_worker(cay_worker_t *w) {
    cay_message_t *m = from_worker(w);
    const cay_value_t *v = value_of(m);
    assert_int_equal(cay_value_type(v), CAY_TYPE_PORT);
    cay_port_t *p = cay_value_take_port(v);
    assert_non_null(p);
    assert_null(cay_value_take_port(v));
    cay_message_free(m);
    return p;
}

static void channel(cay_port_t **mine, cay_port_t **theirs) {
    assert_int_equal(cay_channel_new(mine, theirs), 0);
}

/* A worker that holds the port posted to it and answers on it. */
static const char port_echo[] =
    "onmessage = (e) => { const p = e.data; globalThis.kept = p;\n"
    "  p.onmessage = (e) => p.postMessage(e.data);\n"
    "  p.onclose = () => postMessage('closed'); p.postMessage('here'); };";

/* ---- journeys ---- */

static void messages_go_both_ways_over_a_posted_port(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, port_echo);
    cay_port_t *mine, *theirs;
    channel(&mine, &theirs);
    send_json(mine, "\"before the move\"");
    post_port(cay_worker_port(w), theirs);
    receive_json(mine, "\"here\"");
    receive_json(mine, "\"before the move\"");
    for (int i = 0; i < 100; i++) {
        send_json(mine, "[1,{\"a\":null}]");
    }
    for (int i = 0; i < 100; i++) {
        receive_json(mine, "[1,{\"a\":null}]");
    }
    cay_port_close(mine);
    cay_event_t *ev = host_until(w, CAY_EVENT_MESSAGE);
    cay_event_free(ev);
    cay_worker_free(w);
}

static void a_port_travels_from_worker_to_worker_and_back(void **state) {
    (void)state;
    cay_worker_t *a = host_spawn(
        rt, HOST_CHILD "const b = child('onmessage = (e) => { e.data.postMessage(\"b had it\");"
                       " postMessage(e.data, [e.data]); }');\n"
                       "b.onmessage = (e) => { e.data.postMessage('a again');"
                       " postMessage(e.data, [e.data]); };\n"
                       "onmessage = (e) => { e.data.postMessage('a had it');"
                       " b.postMessage(e.data, [e.data]); };");
    cay_worker_t *c = host_spawn(rt, "onmessage = (e) => { e.data.postMessage('c had it');"
                                     " postMessage(e.data, [e.data]); };");
    cay_port_t *mine, *theirs;
    channel(&mine, &theirs);
    post_port(cay_worker_port(a), theirs);
    theirs = port_from_worker(a);
    post_port(cay_worker_port(c), theirs);
    theirs = port_from_worker(c);
    receive_json(mine, "\"a had it\"");
    receive_json(mine, "\"b had it\"");
    receive_json(mine, "\"a again\"");
    receive_json(mine, "\"c had it\"");
    send_json(mine, "1");
    receive_json(theirs, "1");
    send_json(theirs, "2");
    receive_json(mine, "2");
    cay_port_close(theirs);
    cay_message_t *m;
    assert_int_equal(cay_port_receive(mine, WAIT_MS, &m), CAY_ECLOSED);
    cay_port_close(mine);
    cay_worker_free(a);
    cay_worker_free(c);
}

static void what_waits_in_a_port_travels_with_it(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, "const { port1, port2 } = new MessageChannel();\n"
                                     "for (let i = 0; i < 50; i++) port1.postMessage(i);\n"
                                     "postMessage(port2, [port2]);\n"
                                     "for (let i = 50; i < 100; i++) port1.postMessage(i);\n"
                                     "port1.onmessage = (e) => port1.postMessage(-e.data);");
    cay_port_t *p = port_from_worker(w);
    for (int i = 0; i < 100; i++) {
        char json[16];
        snprintf(json, sizeof json, "%d", i);
        receive_json(p, json);
    }
    send_json(p, "7");
    receive_json(p, "-7");
    cay_port_close(p);
    cay_worker_free(w);
}

static void two_workers_talk_over_a_channel_of_the_host(void **state) {
    (void)state;
    static const char ping[] = "onmessage = (e) => { const p = e.data; let n = 0;\n"
                               "  p.onmessage = (e) => { if (e.data === 1000) postMessage('done');"
                               " else p.postMessage(e.data + 1); };\n"
                               "  postMessage('ready'); globalThis.go = () => p.postMessage(0);"
                               " onmessage = () => p.postMessage(0); };";
    cay_worker_t *a = host_spawn(rt, ping), *b = host_spawn(rt, ping);
    cay_port_t *x, *y;
    channel(&x, &y);
    post_port(cay_worker_port(a), x);
    post_port(cay_worker_port(b), y);
    host_expect(a, "\"ready\"");
    host_expect(b, "\"ready\"");
    host_post(a, "1");
    host_expect(b, "\"done\""); /* even numbers are sent by a */
    cay_worker_free(a);
    cay_worker_free(b);
}

/* ---- closing ---- */

static void closing_outside_fires_close_inside(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, port_echo);
    cay_port_t *mine, *theirs;
    channel(&mine, &theirs);
    post_port(cay_worker_port(w), theirs);
    receive_json(mine, "\"here\"");
    cay_port_close(mine);
    host_expect(w, "\"closed\"");
    cay_worker_free(w);
}

static void closing_inside_is_told_after_what_was_posted(void **state) {
    (void)state;
    cay_worker_t *w =
        host_spawn(rt, "onmessage = ({ data: p }) => { p.onclose = () => postMessage('no');\n"
                       "  p.postMessage(1); p.close(); p.postMessage(2); p.close();"
                       " setTimeout(() => postMessage('fine'), 5); };");
    cay_port_t *mine, *theirs;
    channel(&mine, &theirs);
    post_port(cay_worker_port(w), theirs);
    receive_json(mine, "1");
    cay_message_t *m;
    assert_int_equal(cay_port_receive(mine, WAIT_MS, &m), CAY_ECLOSED);
    cay_error_t *err = NULL;
    assert_int_equal(cay_port_post_json(mine, "1", 1, &err), CAY_ECLOSED);
    assert_non_null(strstr(cay_error_message(err), "closed"));
    cay_error_free(err);
    cay_port_close(mine);
    host_expect(w, "\"fine\""); /* the one who closes is not told */
    cay_worker_free(w);
}

/* HTML has no such event for a port that nobody listens on; here it waits like a message. */
static void close_waits_until_a_port_is_started(void **state) {
    (void)state;
    cay_worker_t *w =
        host_spawn(rt, "onmessage = (e) => { if (e.data === 'start') { kept.start(); return; }\n"
                       " globalThis.kept = e.data; kept.addEventListener('message',"
                       " (e) => postMessage(e.data));\n"
                       " kept.addEventListener('close', () => postMessage('closed'));"
                       " postMessage('kept'); };");
    cay_port_t *mine, *theirs;
    channel(&mine, &theirs);
    post_port(cay_worker_port(w), theirs);
    host_expect(w, "\"kept\"");
    send_json(mine, "1");
    cay_port_close(mine);
    host_post(w, "\"start\"");
    host_expect(w, "1");
    host_expect(w, "\"closed\"");
    cay_worker_free(w);
}

static void the_end_of_a_worker_closes_its_ports(void **state) {
    (void)state;
    for (int how = 0; how < 3; how++) {
        cay_worker_t *w =
            host_spawn(rt, "const kept = []; onmessage = ({ data }) => {\n"
                           " if (data === 'exit') cay.exit(0); if (data === 'close') close();\n"
                           " kept.push(data); postMessage('kept'); };");
        cay_port_t *mine[20];
        for (int i = 0; i < 20; i++) {
            cay_port_t *theirs;
            channel(&mine[i], &theirs);
            post_port(cay_worker_port(w), theirs);
            host_expect(w, "\"kept\"");
        }
        if (how == 0) {
            cay_worker_terminate(w);
        } else {
            host_post(w, how == 1 ? "\"exit\"" : "\"close\"");
        }
        for (int i = 0; i < 20; i++) {
            cay_message_t *m;
            assert_int_equal(cay_port_receive(mine[i], WAIT_MS, &m), CAY_ECLOSED);
            cay_port_close(mine[i]);
        }
        cay_worker_free(w);
    }
}

static void a_port_dropped_with_its_message_is_closed(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, "const { port1, port2 } = new MessageChannel();\n"
                                     "port1.onclose = () => postMessage('closed'); port1.start();\n"
                                     "postMessage(port2, [port2]);");
    cay_event_free(host_until(w, CAY_EVENT_MESSAGE));
    host_expect(w, "\"closed\"");
    cay_worker_free(w);
}

static void descriptors_of_ports_poll(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, port_echo);
    cay_port_t *mine, *theirs;
    channel(&mine, &theirs);
    assert_true(cay_port_fd(theirs) >= 0);
    assert_true(cay_port_fd(mine) >= 0);
    unsigned fds = host_fds();
    post_port(cay_worker_port(w), theirs); /* its descriptor closes with the move */
    assert_int_equal(host_fds(), fds - 1);
    receive_json(mine, "\"here\"");
    cay_port_close(mine);
    assert_int_equal(host_fds(), fds - 2);
    cay_worker_free(w);
}

/* ---- values ---- */

static cay_value_t *rich_value(cay_doc_t *d) {
    static const double numbers[] = {
        0,         -0.0,   1,     -1,         1.5,           NAN,          INFINITY,
        -INFINITY, 5e-324, 1e308, 2147483647, -2147483648.0, 4294967296.0, 9007199254740993.0};
    static const uint64_t digits[] = {1, 2, 3, UINT64_MAX};
    cay_value_t *all = cay_doc_array(d);
    cay_value_t *add[64];
    size_t n = 0;
    add[n++] = cay_doc_undefined(d);
    add[n++] = cay_doc_null(d);
    add[n++] = cay_doc_bool(d, true);
    add[n++] = cay_doc_bool(d, false);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        add[n++] = cay_doc_number(d, numbers[i]);
    }
    add[n++] = cay_doc_bigint(d, 0);
    add[n++] = cay_doc_bigint(d, INT64_MIN);
    add[n++] = cay_doc_bigint_digits(d, true, digits, 4);
    add[n++] = cay_doc_text(d, "");
    add[n++] = cay_doc_text(d, "plain");
    add[n++] = cay_doc_string(d, "a\0b", 3);
    add[n++] = cay_doc_text(d, "grün \xe2\x82\xac \xf0\x9f\x8f\x9d \xed\x9f\xbf");
    add[n++] = cay_doc_date(d, 86400000.0 * 365);
    add[n++] = cay_doc_date(d, NAN);
    add[n++] = cay_doc_buffer(d, "", 0);
    add[n++] = cay_doc_bytes(d, "\1\2\3", 3);
    add[n++] = cay_doc_error(d, "RangeError", "out", "RangeError: out\n    at nowhere");
    add[n++] = cay_doc_error(d, "Error", "", "Error");
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(cay_value_push(all, add[i]), 0);
    }
    return all;
}

static void add_views(cay_doc_t *d, cay_value_t *all) {
    uint8_t bytes[64];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
    cay_value_t *buffer = cay_doc_buffer(d, bytes, sizeof bytes);
    for (cay_view_t kind = CAY_VIEW_INT8; kind <= CAY_VIEW_DATAVIEW; kind++) {
        assert_int_equal(cay_value_push(all, cay_doc_view(d, buffer, kind, 8, 48)), 0);
    }
    assert_int_equal(cay_value_push(all, buffer), 0);
}

static void add_graph(cay_doc_t *d, cay_value_t *all) {
    cay_value_t *o = cay_doc_object(d), *map = cay_doc_map(d), *set = cay_doc_set(d);
    cay_value_t *error = cay_doc_error(d, "TypeError", "with cause", "TypeError: with cause");
    assert_int_equal(cay_value_set(o, "self", o), 0);
    assert_int_equal(cay_value_set(o, "all", all), 0);
    assert_int_equal(cay_value_set(o, "", cay_doc_number(d, 1)), 0);
    assert_int_equal(cay_value_set(o, "__proto__", cay_doc_text(d, "own")), 0);
    assert_int_equal(cay_value_set(o, "ключ", map), 0);
    assert_int_equal(cay_value_map_put(map, o, set), 0);
    assert_int_equal(cay_value_map_put(map, cay_doc_number(d, NAN), map), 0);
    assert_int_equal(cay_value_set_add(set, o), 0);
    assert_int_equal(cay_value_set_add(set, cay_doc_text(d, "x")), 0);
    assert_int_equal(cay_value_set_cause(error, o), 0);
    assert_int_equal(cay_value_push(all, o), 0);
    assert_int_equal(cay_value_push(all, o), 0);
    assert_int_equal(cay_value_push(all, error), 0);
}

static void every_value_comes_back_as_it_went(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, "onmessage = (e) => postMessage(structuredClone(e.data));");
    cay_doc_t *d = doc_new();
    cay_value_t *all = rich_value(d);
    add_views(d, all);
    add_graph(d, all);
    post_doc(cay_worker_port(w), d, all);
    cay_message_t *m = from_worker(w);
    same_value(cay_doc_root(d), value_of(m));
    cay_message_free(m);
    cay_doc_free(d);
    cay_worker_free(w);
}

static void values_made_inside_survive_the_host(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(
        rt, "const shared = { deep: [1] };\n"
            "const sparse = []; sparse[5] = 1; sparse.named = 'x';\n"
            "const value = [, 1, , new Number(-0), new String('s\\ud800'), Object(true), "
            "Object(10n ** 40n),\n"
            "  /a\\/b/giu, new RegExp(''), sparse, shared, shared, new Date(NaN), -(2n ** 64n),\n"
            "  new Map([[shared, new Set([shared])]]), new AggregateError([], 'many'),\n"
            "  new Float64Array([NaN, -0]), new DataView(new ArrayBuffer(16), 3, 5), [[]], "
            "'x'.repeat(1000),\n"
            "  '\\u{1f3dd}'.repeat(1000), { a: undefined, 1: 2, [Symbol('s')]: 1 }];\n"
            "value.push(value);\n"
            "const show = (v, seen = new Map()) => {\n"
            "  if (typeof v === 'bigint') return v + 'n';\n"
            "  if (Object.is(v, -0)) return '-0';\n"
            "  if (typeof v !== 'object' || v === null) return String(v);\n"
            "  if (seen.has(v)) return '#' + seen.get(v); seen.set(v, seen.size);\n"
            "  let s = Object.prototype.toString.call(v);\n"
            "  if (v instanceof RegExp) s += v + v.lastIndex;\n"
            "  if (v instanceof Map || v instanceof Set) s += show([...v], seen);\n"
            "  if (v instanceof Error) s += v.name + v.message;\n"
            "  if (ArrayBuffer.isView(v)) s += v.byteOffset + ',' + v.byteLength;\n"
            "  if (!(v instanceof Error)) for (const k of Object.keys(v)) s += k + ':' + "
            "show(v[k], seen) + ';';\n"
            "  const p = s.startsWith('[object Number') || s.startsWith('[object S') || "
            "s.startsWith('[object B');\n"
            "  if (p && v.valueOf() !== v) s += show(v.valueOf(), seen);\n"
            "  return s; };\n"
            "onmessage = (e) => { const a = show(structuredClone(value)), b = show(e.data);\n"
            "  postMessage(a === b ? 'same' : a + ' VS ' + b); };\n"
            "postMessage(value);");
    cay_message_t *m = from_worker(w);
    const cay_value_t *v = value_of(m);
    assert_int_equal(cay_value_type(v), CAY_TYPE_ARRAY);
    assert_int_equal(cay_value_type(cay_value_at(v, 0)), CAY_TYPE_HOLE);
    assert_int_equal(cay_value_type(cay_value_at(v, 3)), CAY_TYPE_BOXED);
    assert_int_equal(cay_value_type(cay_value_at(v, 7)), CAY_TYPE_REGEXP);
    assert_string_equal(cay_value_string(cay_value_at(v, 7), NULL), "a\\/b");
    assert_ptr_equal(cay_value_at(v, 10), cay_value_at(v, 11));
    assert_ptr_equal(cay_value_at(v, cay_value_count(v) - 1), v);
    assert_int_equal(cay_port_forward(cay_worker_port(w), m, NULL), 0);
    host_expect(w, "\"same\"");
    cay_worker_free(w);
}

static void a_document_read_and_posted_again_is_the_same(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, host_echo_source);
    cay_doc_t *d = doc_new();
    cay_value_t *all = rich_value(d);
    add_views(d, all);
    add_graph(d, all);
    post_doc(cay_worker_port(w), d, all);
    for (int i = 0; i < 5; i++) {
        cay_message_t *m = from_worker(w);
        if (i % 2) {
            same_value(cay_doc_root(d), value_of(m));
        }
        assert_int_equal(cay_port_forward(cay_worker_port(w), m, NULL), 0);
    }
    cay_message_free(from_worker(w));
    cay_doc_free(d);
    cay_worker_free(w);
}

/* ---- buffers ---- */

typedef struct owned {
    _Atomic unsigned released;
    uint8_t *data;
    size_t len;
} owned_t;

static void release(void *data, size_t len, void *user) {
    owned_t *o = user;
    assert_ptr_equal(data, o->data);
    assert_int_equal(len, o->len);
    free(data);
    atomic_fetch_add(&o->released, 1);
}

static cay_value_t *take(cay_doc_t *d, owned_t *o, size_t len) {
    o->data = malloc(len);
    assert_non_null(o->data);
    memset(o->data, 0x5a, len);
    o->len = len;
    o->released = 0;
    cay_value_t *v = cay_doc_buffer_take(d, o->data, len, release, o);
    assert_non_null(v);
    return v;
}

static void wait_released(owned_t *o) {
    double until = host_ms() + WAIT_MS;
    while (!atomic_load(&o->released)) {
        assert_true(host_ms() < until);
        sched_yield();
    }
    assert_int_equal(atomic_load(&o->released), 1);
}

static void a_taken_buffer_moves_without_a_copy_and_comes_back(void **state) {
    (void)state;
    cay_worker_t *w =
        host_spawn(rt, "onmessage = ({ data: b }) => { const u = new Uint8Array(b);\n"
                       " if (u[1000] !== 0x5a) throw 1; u[0] = 1; postMessage(b, [b]);\n"
                       " postMessage(b.byteLength); };");
    cay_doc_t *d = doc_new();
    owned_t o;
    cay_value_t *v = take(d, &o, 1 << 20);
    post_doc(cay_worker_port(w), d, v);
    size_t left = 1;
    cay_value_bytes(v, &left);
    assert_int_equal(left, 0);
    cay_doc_free(d);
    cay_message_t *m = from_worker(w);
    size_t len;
    const uint8_t *back = cay_value_bytes(value_of(m), &len);
    assert_int_equal(len, 1 << 20);
    assert_ptr_equal(back, o.data);
    assert_int_equal(back[0], 1);
    host_expect(w, "0");
    cay_worker_terminate(w);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    assert_int_equal(atomic_load(&o.released), 0); /* it outlives the worker: the message has it */
    assert_int_equal(back[1000], 0x5a);
    cay_message_free(m);
    assert_int_equal(atomic_load(&o.released), 1);
    cay_worker_free(w);
}

static void a_taken_buffer_is_released_once_whatever_happens(void **state) {
    (void)state;
    owned_t o;
    cay_doc_t *d = doc_new(); /* never posted */
    take(d, &o, 100);
    cay_doc_free(d);
    assert_int_equal(o.released, 1);

    cay_worker_t *w =
        host_spawn(rt, "let kept; onmessage = (e) => { kept = e.data; postMessage('got'); };");
    d = doc_new(); /* kept by the worker until it ends */
    post_doc(cay_worker_port(w), d, take(d, &o, 5000));
    cay_doc_free(d);
    host_expect(w, "\"got\"");
    assert_int_equal(o.released, 0);
    cay_worker_terminate(w);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    assert_int_equal(o.released, 1);
    cay_worker_free(w);

    w = host_spawn(rt, "for (;;) {}"); /* never read */
    d = doc_new();
    post_doc(cay_worker_port(w), d, take(d, &o, 5000));
    cay_doc_free(d);
    assert_int_equal(o.released, 0);
    cay_worker_free(w);
    wait_released(&o);

    cay_port_t *x, *y; /* waits in a port that is closed */
    channel(&x, &y);
    d = doc_new();
    post_doc(x, d, take(d, &o, 5000));
    cay_doc_free(d);
    cay_port_close(y);
    assert_int_equal(o.released, 1);
    cay_port_close(x);
}

static void a_buffer_in_two_places_is_one_buffer(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, "onmessage = ({ data: [a, b, u] }) => {\n"
                                     " postMessage([a === b, u.buffer === a, u.length, u[0]]); };");
    cay_doc_t *d = doc_new();
    owned_t o;
    cay_value_t *v = take(d, &o, 4096), *list = cay_doc_array(d);
    assert_int_equal(cay_value_push(list, v), 0);
    assert_int_equal(cay_value_push(list, v), 0);
    assert_int_equal(cay_value_push(list, cay_doc_view(d, v, CAY_VIEW_UINT8, 16, 32)), 0);
    post_doc(cay_worker_port(w), d, list);
    cay_doc_free(d);
    host_expect(w, "[true,true,32,90]");
    cay_worker_free(w);
    wait_released(&o);
}

static void buffers_of_the_guest_move_to_the_host(void **state) {
    (void)state;
    cay_worker_t *w =
        host_spawn(rt, "const b = new ArrayBuffer(1 << 20); const u = new Uint8Array(b);\n"
                       "u.fill(7); postMessage({ u, list: [b, b] }, [b]);\n"
                       "postMessage([b.byteLength, u.length, u.byteOffset]);");
    cay_message_t *m = from_worker(w);
    const cay_value_t *v = value_of(m), *list = cay_value_get(v, "list");
    const cay_value_t *b = cay_value_at(list, 0);
    assert_ptr_equal(b, cay_value_at(list, 1));
    assert_ptr_equal(b, cay_value_view_buffer(cay_value_get(v, "u")));
    size_t len;
    const uint8_t *bytes = cay_value_bytes(b, &len);
    assert_int_equal(len, 1 << 20);
    host_expect(w, "[0,0,0]");
    cay_worker_terminate(w);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    for (size_t i = 0; i < len; i += 4097) {
        assert_int_equal(bytes[i], 7);
    }
    cay_message_free(m);
    cay_worker_free(w);
}

/* ---- what cannot be posted ---- */

static void a_post_to_a_worker_that_is_gone_moves_nothing(void **state) {
    (void)state;
    for (int closed = 0; closed < 2; closed++) {
        cay_worker_t *w = host_spawn(rt, closed ? "close();" : "for (;;) {}");
        if (!closed) {
            cay_worker_terminate(w);
            int rc = cay_port_post_json(cay_worker_port(w), "1", 1, NULL);
            assert_true(rc == CAY_ETERMINATED ||
                        rc == CAY_ECLOSED); /* the end may be there already */
        }
        cay_event_free(host_final(w));
        cay_doc_t *d = doc_new();
        owned_t o;
        cay_port_t *mine, *theirs;
        channel(&mine, &theirs);
        cay_value_t *list = cay_doc_array(d), *buffer = take(d, &o, 100),
                    *port = cay_doc_port(d, theirs);
        assert_int_equal(cay_value_push(list, buffer), 0);
        assert_int_equal(cay_value_push(list, port), 0);
        assert_int_equal(cay_doc_set_root(d, list), 0);
        cay_error_t *err = NULL;
        assert_int_equal(cay_port_post(cay_worker_port(w), d, &err), CAY_ECLOSED);
        assert_true(strlen(cay_error_message(err)) > 5);
        cay_error_free(err);
        size_t len;
        assert_ptr_equal(cay_value_bytes(buffer, &len), o.data);
        theirs = cay_value_take_port(port);
        assert_non_null(theirs);
        send_json(mine, "1");
        receive_json(theirs, "1");
        cay_port_close(theirs);
        cay_port_close(mine);
        cay_doc_free(d);
        assert_int_equal(o.released, 1);
        cay_worker_free(w);
    }
}

static void what_a_terminated_worker_did_not_read_is_released(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, "for (;;) {}");
    enum { N = 20 };
    owned_t o[N];
    cay_port_t *mine[N];
    for (int i = 0; i < N; i++) {
        cay_doc_t *d = doc_new();
        cay_port_t *theirs;
        channel(&mine[i], &theirs);
        cay_value_t *list = cay_doc_array(d);
        assert_int_equal(cay_value_push(list, take(d, &o[i], 100)), 0);
        assert_int_equal(cay_value_push(list, cay_doc_port(d, theirs)), 0);
        post_doc(cay_worker_port(w), d, list);
        cay_doc_free(d);
    }
    cay_worker_terminate(w);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    for (int i = 0; i < N; i++) {
        assert_int_equal(o[i].released, 1);
        cay_message_t *m;
        assert_int_equal(cay_port_receive(mine[i], 0, &m), CAY_ECLOSED);
        cay_port_close(mine[i]);
    }
    cay_worker_free(w);
}

static void ports_that_may_not_move_stay(void **state) {
    (void)state;
    cay_worker_t *w =
        host_spawn(rt, "const out = []; const t = (f) => { try { f(); out.push('posted'); } catch "
                       "(e) { out.push(e.name); } };\n"
                       "const { port1, port2 } = new MessageChannel();\n"
                       "t(() => port1.postMessage(0, [port1]));\n"
                       "t(() => port1.postMessage(0, [port2]));\n"
                       "t(() => postMessage(port1));\n"
                       "t(() => postMessage(0, [port1, port1]));\n"
                       "t(() => postMessage(() => {}));\n"
                       "t(() => postMessage(Symbol()));\n"
                       "t(() => postMessage(new WeakMap()));\n"
                       "t(() => postMessage({ get x() { throw new RangeError(); } }));\n"
                       "const b = new ArrayBuffer(8); structuredClone(b, { transfer: [b] });\n"
                       "t(() => postMessage(b, [b]));\n"
                       "const c = new ArrayBuffer(8);\n"
                       "t(() => postMessage(() => {}, [c, port1])); out.push(c.byteLength);\n"
                       "t(() => postMessage({ get x() { structuredClone(c, { transfer: [c] }); } "
                       "}, [c, port1]));\n"
                       "port2.onmessage = (e) => { out.push(e.data); postMessage(out); }; "
                       "port1.postMessage('still');\n");
    host_expect(w, "[\"DataCloneError\",\"DataCloneError\",\"DataCloneError\",\"DataCloneError\","
                   "\"DataCloneError\",\"DataCloneError\",\"DataCloneError\",\"RangeError\","
                   "\"DataCloneError\","
                   "\"DataCloneError\",8,\"DataCloneError\",\"still\"]");
    cay_worker_free(w);
}

typedef struct rival {
    cay_port_t *port;
    atomic_bool *go;
    unsigned delay;
} rival_t;

/* Posts a port into the queue of the port that the worker is moving at that moment. */
static void *post_a_port(void *arg) {
    rival_t *r = arg;
    cay_port_t *a, *b;
    channel(&a, &b);
    while (!atomic_load(r->go)) {}
    for (volatile unsigned i = 0; i < r->delay; i++) {}
    post_port(r->port, b);
    cay_port_close(a);
    return NULL;
}

/* Ports with ports waiting in them stay where they are: a port that is refused is still the worker's. */
static void a_port_is_moved_or_refused_whoever_posts_into_it(void **state) {
    (void)state;
    unsigned refused = 0, rounds = host_count("CAY_ROUNDS", 500);
    cay_worker_t *w = host_spawn(
        rt, "const kept = [], buffer = new ArrayBuffer(8); onmessage = ({ data: p }) => {\n"
            " const b = new ArrayBuffer(8);\n"
            " try { postMessage(p, [p, b]); } catch (e) { kept.push(p);"
            " postMessage([e.name, b.byteLength]); } };\n"
            "postMessage('up');");
    host_expect(w, "\"up\"");
    for (unsigned i = 0; i < rounds; i++) {
        cay_port_t *mine, *theirs;
        channel(&mine, &theirs);
        atomic_bool go = false;
        rival_t r = {mine, &go, i * 37 % 20000};
        pthread_t t;
        assert_int_equal(pthread_create(&t, NULL, post_a_port, &r), 0);
        post_port(cay_worker_port(w), theirs);
        atomic_store(&go, true);
        cay_message_t *m = from_worker(w);
        pthread_join(t, NULL);
        const cay_value_t *v = value_of(m);
        if (cay_value_type(v) == CAY_TYPE_ARRAY) {
            refused++;
            assert_string_equal(cay_value_string(cay_value_at(v, 0), NULL), "DataCloneError");
            assert_true(cay_value_number(cay_value_at(v, 1)) == 8);
            assert_false(cay_port_is_closed(mine));
        } else {
            assert_int_equal(cay_value_type(v), CAY_TYPE_PORT);
        }
        cay_message_free(m);
        cay_port_close(mine);
    }
    print_message("  %u of %u refused\n", refused, rounds);
    cay_worker_free(w);
}

/* ---- bounds ---- */

/* A worker whose queues are as long as usual, while the rest is as wide as elsewhere in these tests. */
static cay_worker_t *spawn_usual(const char *source) {
    return host_spawn_limited(rt, source, "memory=4G;turn-cpu=unlimited;startup=unlimited");
}

static void a_full_mailbox_refuses_and_loses_nothing(void **state) {
    (void)state;
    cay_worker_t *w = spawn_usual("const wait = performance.now() + 10;"
                                  " while (performance.now() < wait); postMessage('up');\n"
                                  "await new Promise((r) => setTimeout(r, 1e9));");
    host_expect(w, "\"up\""); /* it has no handler yet, so it reads nothing */
    enum { MOST = 8 };
    owned_t o[MOST];
    int n = 0, rc = 0;
    while (n < MOST && rc == 0) {
        cay_doc_t *d = doc_new();
        cay_port_t *mine, *theirs;
        channel(&mine, &theirs);
        cay_value_t *list = cay_doc_array(d);
        o[n].data = malloc(5 << 20);
        o[n].len = 5 << 20;
        o[n].released = 0;
        cay_value_t *b = cay_doc_buffer_take(d, o[n].data, o[n].len, release, &o[n]);
        cay_value_t *p = cay_doc_port(d, theirs);
        assert_int_equal(cay_value_push(list, b), 0);
        assert_int_equal(cay_value_push(list, p), 0);
        assert_int_equal(cay_doc_set_root(d, list), 0);
        cay_error_t *err = NULL;
        rc = cay_port_post(cay_worker_port(w), d, &err);
        if (rc) {
            assert_int_equal(rc, CAY_EAGAIN);
            assert_non_null(strstr(cay_error_message(err), "full"));
            cay_error_free(err);
            size_t len;
            assert_ptr_equal(cay_value_bytes(b, &len), o[n].data);
            assert_int_equal(len, o[n].len);
            assert_int_equal(o[n].released, 0);
            theirs = cay_value_take_port(p);
            assert_non_null(theirs);
            cay_port_close(theirs);
        }
        cay_doc_free(d);
        cay_port_close(mine);
        n++;
    }
    assert_int_equal(rc, CAY_EAGAIN);
    assert_int_equal(n, 4); /* of which 3 fit into 16 MiB */
    send_json(cay_worker_port(w), "\"a small one still fits\"");
    cay_worker_free(w);
    for (int i = 0; i < n; i++) {
        wait_released(&o[i]);
    }
}

static void a_full_mailbox_inside_throws_and_detaches_nothing(void **state) {
    (void)state;
    static const char source[] =
        "const size = 5 << 20; let sent = 0, b, p, control;\n"
        "const round = () => { try { for (;;) { b = new ArrayBuffer(size); p = new "
        "MessageChannel();\n"
        "  postMessage({ b, p: p.port1 }, [b, p.port1]); sent++; } } catch (e) { return e.name; } "
        "};\n"
        "onmessage = (e) => {\n"
        "  if (e.data === 'again') { postMessage(b, [b]); postMessage(b.byteLength); return; }\n"
        "  control = e.data; control.postMessage([round(), sent, b.byteLength === size]);\n"
        "  p.port1.onmessage = (e) => control.postMessage('port ' + e.data);\n"
        "  p.port2.postMessage('lives'); };";
    cay_worker_t *w = spawn_usual(source);
    cay_port_t *mine, *theirs;
    channel(&mine, &theirs);
    post_port(cay_worker_port(w), theirs);
    receive_json(mine, "[\"QuotaExceededError\",3,true]"); /* 3 times 5 MiB fit into 16 */
    receive_json(mine, "\"port lives\"");
    for (int i = 0; i < 3; i++) {
        cay_message_free(from_worker(w));
    }
    host_post(w, "\"again\"");
    cay_message_t *m = from_worker(w);
    size_t len;
    cay_value_bytes(value_of(m), &len);
    assert_int_equal(len, 5 << 20);
    cay_message_free(m);
    host_expect(w, "0");
    cay_port_close(mine);
    cay_worker_free(w);
}

static void a_message_larger_than_a_mailbox_is_refused(void **state) {
    (void)state;
    cay_worker_t *w = spawn_usual("const b = new ArrayBuffer(300 << 20); let name;\n"
                                  "try { postMessage(b, [b]); } catch (e) { name = e.name; }\n"
                                  "postMessage([name, b.byteLength === 300 << 20]);");
    host_expect(w, "[\"QuotaExceededError\",true]");
    cay_worker_free(w);
}

static void many_small_messages_reach_the_bound_and_no_further(void **state) {
    (void)state;
    cay_worker_t *w =
        spawn_usual("onmessage = ({ data: control }) => { let n = 0, name;\n"
                    " try { for (;; n++) postMessage(n); } catch (e) { name = e.name; }\n"
                    " control.postMessage([name, n]); };");
    cay_port_t *mine, *theirs;
    channel(&mine, &theirs);
    post_port(cay_worker_port(w), theirs);
    receive_json(mine, "[\"QuotaExceededError\",10000]");
    for (unsigned n = 0; n < 10000; n++) {
        cay_message_t *m = from_worker(w);
        assert_true(cay_value_number(value_of(m)) == n);
        cay_message_free(m);
    }
    cay_port_close(mine);
    cay_worker_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_go_both_ways_over_a_posted_port),
        cmocka_unit_test(a_port_travels_from_worker_to_worker_and_back),
        cmocka_unit_test(what_waits_in_a_port_travels_with_it),
        cmocka_unit_test(two_workers_talk_over_a_channel_of_the_host),
        cmocka_unit_test(closing_outside_fires_close_inside),
        cmocka_unit_test(closing_inside_is_told_after_what_was_posted),
        cmocka_unit_test(close_waits_until_a_port_is_started),
        cmocka_unit_test(the_end_of_a_worker_closes_its_ports),
        cmocka_unit_test(a_port_dropped_with_its_message_is_closed),
        cmocka_unit_test(descriptors_of_ports_poll),
        cmocka_unit_test(every_value_comes_back_as_it_went),
        cmocka_unit_test(values_made_inside_survive_the_host),
        cmocka_unit_test(a_document_read_and_posted_again_is_the_same),
        cmocka_unit_test(a_taken_buffer_moves_without_a_copy_and_comes_back),
        cmocka_unit_test(a_taken_buffer_is_released_once_whatever_happens),
        cmocka_unit_test(a_buffer_in_two_places_is_one_buffer),
        cmocka_unit_test(buffers_of_the_guest_move_to_the_host),
        cmocka_unit_test(a_post_to_a_worker_that_is_gone_moves_nothing),
        cmocka_unit_test(what_a_terminated_worker_did_not_read_is_released),
        cmocka_unit_test(ports_that_may_not_move_stay),
        cmocka_unit_test(a_port_is_moved_or_refused_whoever_posts_into_it),
        cmocka_unit_test(a_full_mailbox_refuses_and_loses_nothing),
        cmocka_unit_test(a_full_mailbox_inside_throws_and_detaches_nothing),
        cmocka_unit_test(a_message_larger_than_a_mailbox_is_refused),
        cmocka_unit_test(many_small_messages_reach_the_bound_and_no_further),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
