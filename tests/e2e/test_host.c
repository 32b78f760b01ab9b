/* SPDX-License-Identifier: MIT */
/* Host functions, from the guest's side to the host's and back. */
#include "host.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- functions ---- */

static void twice(cay_call_t *call, void *user) {
    _Atomic int *count = user;
    const cay_value_t *v = NULL;
    cay_doc_t *doc = NULL;
    atomic_fetch_add(count, 1);
    if (cay_call_value(call, &v, NULL) || cay_value_type(v) != CAY_TYPE_NUMBER ||
        cay_doc_new(&doc)) {
        cay_call_reject(call, "TypeError", "twice: not a number");
        return;
    }
    assert_int_equal(cay_doc_set_root(doc, cay_doc_number(doc, 2 * cay_value_number(v))), 0);
    assert_int_equal(cay_call_reply(call, doc), 0);
    cay_doc_free(doc);
}

static void echo(cay_call_t *call, void *user) {
    (void)user;
    char *json = NULL;
    if (cay_call_to_json(call, &json, NULL)) {
        cay_call_reject(call, "RangeError", "echo: no JSON");
        return;
    }
    (void)!cay_call_reply_json(call, json, strlen(json));
    cay_free(json);
}

/* Keeps the call, for another thread or for good. */
static _Atomic(cay_call_t *) kept;
static void keep(cay_call_t *call, void *user) {
    (void)user;
    atomic_store(&kept, call);
}

static _Atomic int twice_count;
static const cay_function_t functions[] = {
    {"twice", twice, &twice_count}, {"echo", echo, NULL}, {"keep", keep, NULL}};

static cay_worker_t *spawn(cay_runtime_t *rt, const char *source) {
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = source;
    o.functions = functions;
    o.function_count = sizeof functions / sizeof *functions;
    o.flags = CAY_WORKER_CLOSE_WHEN_QUIET;
    return host_spawn_with(rt, &o);
}

static void run(const char *source, const char *json) {
    cay_runtime_t *rt = host_runtime(2);
    cay_worker_t *w = spawn(rt, source);
    host_expect(w, json);
    host_expect_end(w, CAY_REASON_CLOSED);
    cay_worker_free(w);
    host_shutdown(rt);
}

/* ---- tests ---- */

static void values_cross_by_copy_in_both_directions(void **state) {
    (void)state;
    atomic_store(&twice_count, 0);
    run("postMessage([await cay.host.twice(21), await cay.host.echo({a: [1, 'x', null]}),"
        " await cay.host.echo(1, 2), await cay.host.echo(null)])",
        "[42,{\"a\":[1,\"x\",null]},[1,2],null]");
    assert_int_equal(atomic_load(&twice_count), 1);
}

static void errors_cross_as_errors(void **state) {
    (void)state;
    run("const f = async (p) => { try { await p; return 'none' } catch (e) {"
        " return [e.name, e.message, e instanceof Error] } };"
        "postMessage([await f(cay.host.twice('x')), await f(cay.host.echo(1n))])",
        "[[\"TypeError\",\"twice: not a number\",true],[\"RangeError\",\"echo: no JSON\",true]]");
}

static void names_that_are_not_bound_reject(void **state) {
    (void)state;
    run("const out = []; for (const name of ['nothing', '__proto__', 'constructor', 'toString', "
        "'']) {"
        " try { await cay.host[name](1); out.push('called') }"
        " catch (e) { out.push(e.name + (e.message.includes('not bound') ? '' : e.message)) } }"
        " const h = await cay.host; out.push(h === cay.host, cay.host.twice === cay.host.twice);"
        " try { cay.host.twice = 1; out.push('set') } catch (e) { out.push(e.name) }"
        " postMessage(out)",
        "[\"NotFound\",\"NotFound\",\"NotFound\",\"NotFound\",\"NotFound\",true,true,"
        "\"TypeError\"]");
}

static void what_cannot_be_cloned_rejects_and_calls_nobody(void **state) {
    (void)state;
    atomic_store(&twice_count, 0);
    run("const out = []; for (const v of [() => 1, Symbol(), new MessageChannel().port1,"
        " {get x() { throw new RangeError('mine') }}]) {"
        " try { await cay.host.twice(v); out.push('called') } catch (e) { out.push(e.name) } }"
        " postMessage(out)",
        "[\"DataCloneError\",\"DataCloneError\",\"DataCloneError\",\"RangeError\"]");
    assert_int_equal(atomic_load(&twice_count), 0);
}

static void a_nested_worker_has_none_of_them(void **state) {
    (void)state;
    run(HOST_CHILD "const w = child(\"cay.host.twice(1).then(() => postMessage('called'),"
                   " (e) => postMessage(e.name))\", {cay: {permissions: 'inherit'}});"
                   "w.onmessage = (e) => { postMessage(e.data); w.terminate() }",
        "\"NotFound\"");
}

static void *answer_later(void *arg) {
    (void)arg;
    cay_call_t *call;
    while (!(call = atomic_exchange(&kept, NULL))) {
        sched_yield();
    }
    assert_int_equal(cay_call_reply_json(call, "[\"later\"]", 9), 0);
    return NULL;
}

static void an_answer_may_come_later_from_any_thread(void **state) {
    (void)state;
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, answer_later, NULL), 0);
    run("postMessage(await cay.host.keep())", "[\"later\"]");
    pthread_join(t, NULL);
}

static void an_answer_to_a_worker_that_has_ended_goes_nowhere(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(2);
    cay_worker_t *w = spawn(rt, "cay.host.keep(); postMessage('asked')");
    host_expect(w, "\"asked\"");
    cay_worker_terminate(w);
    host_expect_end(w, CAY_REASON_TERMINATED);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    cay_call_t *call = atomic_exchange(&kept, NULL);
    assert_non_null(call);
    assert_int_equal(cay_call_reply(call, NULL), 0);
    assert_int_equal(cay_worker_bind(w, "twice", twice, &twice_count), CAY_ECLOSED);
    cay_worker_free(w);
    host_shutdown(rt);
}

static void a_waiting_call_keeps_the_worker_from_being_quiet(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(2);
    cay_worker_t *w =
        spawn(rt, "cay.host.keep().then((v) => postMessage(v)); postMessage('asked')");
    host_expect(w, "\"asked\"");
    cay_event_t *ev = NULL;
    assert_int_equal(cay_worker_next_event(w, 50, &ev), CAY_ETIMEDOUT);
    answer_later(NULL);
    host_expect(w, "[\"later\"]");
    host_expect_end(w, CAY_REASON_CLOSED);
    cay_worker_free(w);
    host_shutdown(rt);
}

static void functions_are_bound_and_unbound_while_it_runs(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(2);
    cay_worker_t *w = host_spawn(
        rt,
        "onmessage = (e) => cay.host.late(e.data).then(postMessage, (e) => postMessage(e.name))");
    host_post(w, "1");
    host_expect(w, "\"NotFound\"");
    assert_int_equal(cay_worker_bind(w, "late", twice, &twice_count), 0);
    host_post(w, "4");
    host_expect(w, "8");
    assert_int_equal(cay_worker_bind(w, "late", echo, NULL), 0);
    host_post(w, "4");
    host_expect(w, "4");
    assert_int_equal(cay_worker_bind(w, "late", NULL, NULL), 0);
    host_post(w, "4");
    host_expect(w, "\"NotFound\"");
    assert_int_equal(cay_worker_bind(w, "not a name", twice, NULL), CAY_EINVAL);
    cay_worker_free(w);
    host_shutdown(rt);
}

static void ten_thousand_calls_at_once_are_all_answered_or_refused(void **state) {
    (void)state;
    run("const all = await Promise.allSettled(Array.from({length: 10005}, (_, i) => "
        "cay.host.twice(i)));"
        "postMessage([all.filter((r) => r.status === 'fulfilled').length >= 9990,"
        " all.every((r, i) => r.status === 'fulfilled' ? r.value === 2 * i :"
        " r.reason.name === 'LimitReached')])",
        "[true,true]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_cross_by_copy_in_both_directions),
        cmocka_unit_test(errors_cross_as_errors),
        cmocka_unit_test(names_that_are_not_bound_reject),
        cmocka_unit_test(what_cannot_be_cloned_rejects_and_calls_nobody),
        cmocka_unit_test(a_nested_worker_has_none_of_them),
        cmocka_unit_test(an_answer_may_come_later_from_any_thread),
        cmocka_unit_test(an_answer_to_a_worker_that_has_ended_goes_nowhere),
        cmocka_unit_test(a_waiting_call_keeps_the_worker_from_being_quiet),
        cmocka_unit_test(functions_are_bound_and_unbound_while_it_runs),
        cmocka_unit_test(ten_thousand_calls_at_once_are_all_answered_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
