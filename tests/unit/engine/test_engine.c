/* SPDX-License-Identifier: MIT */
/* The wall around V8, with a glue of its own and a driver that records what it is asked. */
#include "engine_host.h"

/* ---- tests ---- */

static void a_broken_glue_makes_no_snapshot(void **state) {
    (void)state;
    void *none = NULL;
    size_t len = 0;
    cay_error_t *err = NULL;
    static const char bad[] = "(function (ops) { throw new Error('broken'); })";
    assert_int_equal(eng_make_snapshot(ops, CAY_COUNT(ops), bad, sizeof bad - 1, &none, &len, &err),
                     CAY_EENGINE);
    assert_non_null(strstr(cay_error_message(err), "broken"));
    assert_null(none);
    cay_error_free(err);
}

static void ops_are_called_and_throw_errors_with_codes(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    run_ok(h, "let e; try { ops.fail(); } catch (x) { e = x; }"
              "if (e.code !== 'EPERM' || e.message !== 'no: 7' || e.constructor !== Error) throw e;"
              "if (ops.send.length !== 2 || 'prototype' in ops.send) throw new Error('shape');");
    close_host(h);
}

static void an_exception_has_its_place_and_text(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    eng_fault_t f = {0};
    assert_int_equal(run(h, "let a = 1;\n  throw new RangeError('boo');", &f), CAY_EGUEST);
    assert_string_equal(f.name, "RangeError");
    assert_string_equal(f.message, "boo");
    assert_string_equal(f.file, "test:main");
    assert_int_equal(f.line, 2);
    assert_int_equal(f.column, 9);
    assert_string_equal(f.source_line, "  throw new RangeError('boo');");
    eng_fault_clear(&f);
    assert_int_equal(run(h, "throw {get message() { throw 1; }, name: {}};", &f), CAY_EGUEST);
    assert_non_null(f.message);
    eng_fault_clear(&f);
    assert_int_equal(run(h, "throw new Proxy({}, {get() { throw 1; }});", &f), CAY_EGUEST);
    eng_fault_clear(&f);
    close_host(h);
}

static void a_syntax_error_is_told_with_its_line(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    eng_module_t *m = NULL;
    eng_fault_t f = {0};
    static const char text[] = "let a;\nlet b = };\n";
    assert_int_equal(
        eng_module_compile(h->iso, "test:x", text, sizeof text - 1, ENG_MODULE_JS, &m, &f),
        CAY_ESYNTAX);
    assert_null(m);
    assert_string_equal(f.name, "SyntaxError");
    assert_int_equal(f.line, 2);
    eng_fault_clear(&f);
    assert_int_equal(eng_module_compile(h->iso, "test:j", "{\"a\":", 5, ENG_MODULE_JSON, &m, &f),
                     CAY_ESYNTAX);
    eng_fault_clear(&f);
    close_host(h);
}

static void modules_link_through_the_driver(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    eng_fault_t f = {0};
    assert_int_equal(
        eng_module_compile(h->iso, "test:j", "{\"a\":[1,2]}", 11, ENG_MODULE_JSON, &h->dep, &f), 0);
    eng_module_t *m = compile(h, "test:main",
                              "import j from 'x' assert {type: 'json'};\n"
                              "if (j.a[1] !== 2) throw 1;");
    assert_int_equal(eng_module_request_count(h->iso, m), 1);
    char *specifier = NULL, *type = NULL;
    uint32_t line, column;
    assert_int_equal(eng_module_request(h->iso, m, 0, &specifier, &type, &line, &column), 0);
    assert_string_equal(specifier, "x");
    assert_string_equal(type, "json");
    assert_int_equal(line, 1);
    cay__free(specifier);
    cay__free(type);
    assert_int_equal(eng_module_link(h->iso, m, &f), 0);
    assert_int_equal(eng_module_evaluate(h->iso, m, &f), 0);
    assert_int_equal(eng_microtasks(h->iso), 0);
    assert_int_equal(eng_module_state(h->iso, m, NULL), ENG_FULFILLED);
    h->dep = NULL; /* the driver finds nothing */
    m = compile(h, "test:main2", "import 'y';");
    assert_int_equal(eng_module_link(h->iso, m, &f), CAY_ESYNTAX);
    eng_fault_clear(&f);
    close_host(h);
}

static void import_settles_as_the_driver_says(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    run_ok(h, "globalThis.got = 0; import('later').then((m) => { got = m.default; });");
    assert_string_equal(h->imported, "later");
    eng_module_t *m = compile(h, "test:later", "export default 42;");
    eng_fault_t f = {0};
    assert_int_equal(eng_module_link(h->iso, m, &f), 0);
    assert_int_equal(eng_module_evaluate(h->iso, m, &f), 0);
    eng_import_done(h->iso, h->promise, m, ENG_NONE, NULL, NULL);
    assert_int_equal(eng_microtasks(h->iso), 0);
    run_ok(h, "if (got !== 42) throw new Error(String(got));");
    cay__free(h->imported);
    run_ok(h, "globalThis.why = null; import('never').catch((e) => { why = e; });");
    eng_import_done(h->iso, h->promise, NULL, ENG_NONE, "SyntaxError", "not to be had");
    assert_int_equal(eng_microtasks(h->iso), 0);
    run_ok(h, "if (!(why instanceof SyntaxError) || why.message !== 'not to be had') throw why;");
    close_host(h);
}

static void import_meta_resolves_through_the_driver(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    run_ok(h, "if (import.meta.url !== 'test:main') throw 1;"
              "if (import.meta.resolve('a') !== 'test:main+a') throw 2;"
              "try { import.meta.resolve('bad'); throw 3; } catch (e) {"
              "  if (!(e instanceof TypeError) || e.message !== 'bad is bad') throw e; }");
    close_host(h);
}

static void values_go_over_the_wire_and_buffers_move(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    run_ok(
        h,
        "const b = new ArrayBuffer(8); new Uint8Array(b)[3] = 9;"
        "if (!ops.send({a: [1, 'x', new Map([[1, 2]])], b}, [b, ops.hostObject(1, 5)])) throw 1;"
        "if (b.byteLength !== 0) throw 2;"
        "globalThis.onCall = (v, p) => { if (v.b.byteLength !== 8 || new Uint8Array(v.b)[3] !== 9"
        "  || v.a[2].get(1) !== 2) throw 3; };");
    assert_int_equal(h->moved, 1);
    assert_int_equal(h->wire.rid_count, 1);
    assert_int_equal(h->wire.rids[0], 5);
    assert_int_equal(h->wire.blob_count, 1);
    assert_int_equal(h->wire.blobs[0].len, 8);
    eng_val_t v;
    assert_int_equal(eng_deserialize(h->iso, h->wire.bytes, h->wire.len, NULL, 0, h->wire.blobs,
                                     h->wire.blob_count, &v),
                     0);
    eng_fault_t f = {0};
    if (eng_dispatch(h->iso, ENG_DISPATCH_MESSAGE, &v, 1, NULL, &f)) {
        fail_msg("dispatch: %s", f.message);
    }
    close_host(h);
}

static void a_refused_move_detaches_nothing(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    h->deny = CAY_EAGAIN;
    run_ok(h,
           "const b = new ArrayBuffer(8); let e; try { ops.send({b}, [b]); } catch (x) { e = x; }"
           "if (e.code !== 'EAGAIN' || b.byteLength !== 8) throw 1;"
           "const check = (v, t) => { try { ops.send(v, t); } catch (x) { if (x.code === 'ECLONE')"
           "  return; throw x; } throw new Error('sent'); };"
           "check(() => {}); check(Symbol()); check({x: ops.hostObject(1, 3)}); check(1, [b, b]);"
           "check(1, [{}]); check(new SharedArrayBuffer(8)); check(ops.hostObject(2, 1));"
           "const o = ops.hostObject(1, 3); check(1, [o, o]);"
           "try { ops.send({get a() { throw 'mine'; }}); throw 1; } catch (x) { if (x !== 'mine') "
           "throw x; }");
    assert_null(h->wire.bytes);
    close_host(h);
}

static void bytes_are_copied_out_and_written_in(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    run_ok(h, "const b = new Uint8Array([1, 2, 3, 4]);"
              "const eq = (a, t) => { if (String(a) !== t) throw new Error(a + ' is not ' + t); };"
              "eq(ops.bytes(b), '1,2,3,4'); eq(b, '9,2,3,4');"
              "eq(ops.bytes(b.subarray(1, 3)), '2,3'); eq(b, '9,9,3,4');"
              "const buffer = ops.bytes(b.buffer, true); eq(buffer instanceof ArrayBuffer, 'true');"
              "eq(new Uint8Array(buffer), '9,9,3,4');"
              "eq(ops.bytes(new DataView(b.buffer, 2, 2)), '3,4');"
              "eq(ops.bytes(new Uint16Array([258])), '2,1');"
              "eq(ops.bytes(new ArrayBuffer(0)).length, '0'); eq(ops.bytes(new Uint8Array(0)), '');"
              "const gone = new ArrayBuffer(8), view = new Uint8Array(gone, 2);"
              "ops.send(0, [gone]);"
              "for (const v of [1, 'x', null, undefined, {}, [1], new SharedArrayBuffer(4),"
              "  new Uint8Array(new SharedArrayBuffer(4))]) {"
              "  try { ops.bytes(v); } catch (e) { eq(e.code, 'EINVAL'); continue; }"
              "  throw new Error('taken: ' + v); }"
              "eq(ops.bytes(view).length, '0'); eq(ops.bytes(gone).length, '0');");
    close_host(h);
}

static void what_is_not_allowed_is_absent(void **state) {
    (void)state;
    eng_host_t *h = open_allowed(0);
    run_ok(h,
           "const no = (x, t) => { if (x) throw new Error(t); };"
           "no('WebAssembly' in globalThis, 'wasm'); no('SharedArrayBuffer' in globalThis, 'sab');"
           "no('wait' in Atomics, 'wait');"
           "try { eval('1'); throw 1; } catch (e) { no(e.name !== 'EvalError', 'eval'); }"
           "no(eval(7) !== 7, 'number');"
           "try { new Function(''); throw 1; } catch (e) { no(e.name !== 'EvalError', 'f'); }");
    close_host(h);
    h = open_allowed(ENG_ALLOW_EVAL | ENG_ALLOW_WASM);
    run_ok(h, "if (eval('1 + 1') !== 2 || new Function('return 3')() !== 3) throw 1;");
    h->no_eval = h->no_wasm = true;
    run_ok(h,
           "for (const f of [() => eval('1'), () => new Function(''), () => new WebAssembly.Module("
           "new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))]) {"
           " try { f(); } catch (e) { if (e.name === 'EvalError' || e.name === 'CompileError')"
           " continue; throw e; } throw new Error(String(f)); }");
    close_host(h);
    h = open_allowed(ENG_ALLOW_WASM);
    run_ok(h, "new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));"
              "if ('SharedArrayBuffer' in globalThis) throw 1;");
    close_host(h);
}

static void hostile_bytes_make_no_value(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    static const char *const cases[] = {"",
                                        "\xff",
                                        "\xff\x0f",
                                        "\xff\x0fo",
                                        "\xff\x0f\\\x01\x07",
                                        "\xff\x0f\\\x09\x01",
                                        "\xff\x0ft\x03",
                                        "\xff\x0f\"\x7f",
                                        "zz"};
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        eng_val_t v;
        assert_int_equal(eng_deserialize(h->iso, (const uint8_t *)cases[i], strlen(cases[i]), NULL,
                                         0, NULL, 0, &v),
                         CAY_EFORMAT);
    }
    run_ok(h, "1"); /* no exception is left behind */
    close_host(h);
}

static void terminate_later(void *arg) {
    eng_host_t *h = arg;
    cay__mutex_lock(&h->lock);
    while (!h->running) {
        cay__cond_wait(&h->cond, &h->lock);
    }
    cay__mutex_unlock(&h->lock);
    eng_terminate(h->iso);
}

static void a_loop_is_terminated_from_another_thread(void **state) {
    (void)state;
    static const char *const loops[] = {
        "ops.running(); for (;;) {}",
        "ops.running(); const f = () => Promise.resolve().then(f); f();",
        "ops.running(); ops.send({get x() { for (;;) {} }});",
        "ops.running(); throw {get message() { for (;;) {} }};",
    };
    for (size_t i = 0; i < CAY_COUNT(loops); i++) {
        eng_host_t *h = open_host();
        cay_thread_t t;
        assert_int_equal(cay__thread_start(&t, "killer", 0, terminate_later, h), 0);
        eng_fault_t f = {0};
        int rc = run(h, loops[i], &f);
        cay__thread_join(&t);
        if (i < 3) {
            assert_int_equal(rc, CAY_ETERMINATED);
        }
        eng_fault_clear(&f);
        close_host(h);
    }
}

static void on_interrupt(eng_host_t *h) {
    if (++h->interrupts < 3) {
        eng_interrupt(h->iso, on_interrupt);
    } else {
        eng_terminate(h->iso);
    }
}

static void interrupt_later(void *arg) {
    eng_host_t *h = arg;
    cay__mutex_lock(&h->lock);
    while (!h->running) {
        cay__cond_wait(&h->cond, &h->lock);
    }
    cay__mutex_unlock(&h->lock);
    eng_interrupt(h->iso, on_interrupt);
}

static void an_interrupt_runs_inside_a_loop(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    cay_thread_t t;
    assert_int_equal(cay__thread_start(&t, "knocker", 0, interrupt_later, h), 0);
    eng_fault_t f = {0};
    assert_int_equal(run(h, "ops.running(); for (;;) {}", &f), CAY_ETERMINATED);
    assert_int_equal(h->interrupts, 3);
    cay__thread_join(&t);
    close_host(h);
}

static void rejections_are_collected_unless_handled(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    run_ok(h, "Promise.reject(1); const p = Promise.reject(2); p.catch(() => {});"
              "Promise.reject(3); globalThis.rejected = 0;");
    eng_val_t list = eng_take_rejections(h->iso);
    assert_false(eng_is_none(list));
    assert_int_equal(eng_dispatch(h->iso, ENG_DISPATCH_REJECTIONS, &list, 1, NULL, NULL), 0);
    run_ok(h, "if (rejected !== 6) throw new Error(String(rejected));");
    assert_true(eng_is_none(eng_take_rejections(h->iso)));
    run_ok(h, "for (let i = 0; i < 50000; i++) Promise.reject(i);"); /* bounded */
    run_ok(h, "try { throw 1 } catch {}");
    close_host(h);
}

typedef struct migrant {
    eng_host_t *h;
} migrant_t;

static void run_there(void *arg) {
    migrant_t *m = arg;
    eng_enter(m->h->iso, cay__thread_stack_low());
    eng_scope_open(m->h->iso);
    eng_fault_t f = {0};
    (void)!eng_dispatch(m->h->iso, ENG_DISPATCH_MESSAGE, NULL, 0, NULL,
                        &f); /* counted by the guest */
    eng_scope_close(m->h->iso);
    eng_leave(m->h->iso);
    eng_fault_clear(&f);
}

static void an_isolate_moves_between_threads_with_its_stack_limit(void **state) {
    (void)state;
    eng_host_t *h = open_host();
    run_ok(h, "globalThis.count = 0; globalThis.onCall = () => { count++;"
              "  const f = () => f(); try { f(); } catch (e) { if (!(e instanceof RangeError)) "
              "throw e; } };");
    leave(h);
    for (int i = 0; i < 20; i++) {
        migrant_t m = {h};
        cay_thread_t t;
        assert_int_equal(cay__thread_start(&t, "host", i % 2 ? 1 << 20 : 4 << 20, run_there, &m),
                         0);
        cay__thread_join(&t);
    }
    enter(h);
    run_ok(h, "if (count !== 20) throw new Error(String(count));");
    close_host(h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ops_are_called_and_throw_errors_with_codes),
        cmocka_unit_test(an_exception_has_its_place_and_text),
        cmocka_unit_test(a_syntax_error_is_told_with_its_line),
        cmocka_unit_test(modules_link_through_the_driver),
        cmocka_unit_test(import_settles_as_the_driver_says),
        cmocka_unit_test(import_meta_resolves_through_the_driver),
        cmocka_unit_test(values_go_over_the_wire_and_buffers_move),
        cmocka_unit_test(a_refused_move_detaches_nothing),
        cmocka_unit_test(bytes_are_copied_out_and_written_in),
        cmocka_unit_test(what_is_not_allowed_is_absent),
        cmocka_unit_test(hostile_bytes_make_no_value),
        cmocka_unit_test(a_loop_is_terminated_from_another_thread),
        cmocka_unit_test(an_interrupt_runs_inside_a_loop),
        cmocka_unit_test(rejections_are_collected_unless_handled),
        cmocka_unit_test(an_isolate_moves_between_threads_with_its_stack_limit),
        cmocka_unit_test(a_broken_glue_makes_no_snapshot),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
