/* SPDX-License-Identifier: MIT */
/* Host functions: binding, calling, answering, and binding while a call runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "os/thread.h"
#include "port/call.h"

/* ---- a maker of calls ---- */

typedef struct outcome {
    int count;
    cay_call_t *call;
} outcome_t;

static void answered(cay_call_t *call) {
    outcome_t *o = call->ctx;
    o->count++;
    o->call = call;
}

static cay_call_t *call_of(const char *name, const char *json, outcome_t *o) {
    cay_doc_t *doc = NULL;
    cay_message_t *m = NULL;
    cay_call_t *c = NULL;
    assert_int_equal(cay_doc_from_json(json, strlen(json), &doc, NULL), 0);
    assert_int_equal(cay__doc_encode(doc, &m, NULL), 0);
    cay_doc_free(doc);
    assert_int_equal(cay__call_new(name, 7, m, &c), 0);
    *o = (outcome_t){0};
    c->answered = answered;
    c->ctx = o;
    return c;
}

static void echo(cay_call_t *call, void *user) {
    char *json = NULL;
    int *count = user;
    (*count)++;
    if (cay_call_to_json(call, &json, NULL)) {
        cay_call_reject(call, "TypeError", "no JSON");
        return;
    }
    (void)!cay_call_reply_json(call, json, strlen(json));
    cay_free(json);
}

static void expect_result(outcome_t *o, const char *json) {
    char *text = NULL;
    assert_int_equal(o->count, 1);
    assert_int_equal(o->call->rc, 0);
    assert_int_equal(cay_message_to_json(o->call->result, &text, NULL), 0);
    assert_string_equal(text, json);
    cay_free(text);
    cay__call_free(o->call);
}

static cay_functions_t *functions_new(void) {
    cay_functions_t *f = NULL;
    assert_int_equal(cay__functions_new(&f), 0);
    return f;
}

/* ---- tests ---- */

static void a_bound_function_is_called_by_its_name(void **state) {
    (void)state;
    cay_functions_t *f = functions_new();
    int count = 0;
    outcome_t o;
    assert_int_equal(cay__functions_bind(f, "lookup", echo, &count, NULL), 0);
    assert_int_equal(cay__functions_call(f, call_of("lookup", "[1,{\"a\":\"b\"}]", &o)), 0);
    expect_result(&o, "[1,{\"a\":\"b\"}]");
    assert_int_equal(count, 1);
    cay__functions_unref(&f);
}

static void a_name_that_is_not_bound_leaves_the_call_to_its_maker(void **state) {
    (void)state;
    cay_functions_t *f = functions_new();
    int count = 0;
    outcome_t o;
    assert_int_equal(cay__functions_bind(f, "x", echo, &count, NULL), 0);
    assert_int_equal(cay__functions_bind(f, "x", NULL, NULL, NULL), 0);
    const char *names[] = {"x", "lookup", "", "toString", "__proto__"};
    for (size_t i = 0; i < CAY_COUNT(names); i++) {
        cay_call_t *c = call_of(names[i], "1", &o);
        assert_int_equal(cay__functions_call(f, c), CAY_ENOTFOUND);
        assert_int_equal(o.count, 0);
        cay__call_free(c);
    }
    assert_int_equal(count, 0);
    cay__functions_unref(&f);
}

static void names_that_are_no_identifiers_are_refused(void **state) {
    (void)state;
    cay_functions_t *f = functions_new();
    char longest[102];
    memset(longest, 'a', 101);
    longest[101] = 0;
    const char *bad[] = {"", "1a", "a b", "a.b", "a-b", "\xc3\xa9", longest, "a\n"};
    for (size_t i = 0; i < CAY_COUNT(bad); i++) {
        cay_error_t *err = NULL;
        assert_int_equal(cay__functions_bind(f, bad[i], echo, NULL, &err), CAY_EINVAL);
        assert_non_null(strstr(cay_error_message(err), "host function"));
        cay_error_free(err);
    }
    assert_int_equal(cay__functions_bind(f, NULL, echo, NULL, NULL), CAY_EINVAL);
    longest[100] = 0;
    assert_int_equal(cay__functions_bind(f, longest, echo, NULL, NULL), 0);
    assert_int_equal(cay__functions_bind(f, "$_a1", echo, NULL, NULL), 0);
    cay__functions_unref(&f);
}

static void the_thousand_and_first_name_is_refused(void **state) {
    (void)state;
    cay_functions_t *f = functions_new();
    int count = 0;
    char name[16];
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "f%d", i);
        assert_int_equal(cay__functions_bind(f, name, echo, &count, NULL), 0);
    }
    assert_int_equal(cay__functions_bind(f, "more", echo, &count, NULL), CAY_ELIMIT);
    assert_int_equal(cay__functions_bind(f, "f5", echo, &count, NULL), 0);
    cay__functions_unref(&f);
}

static void after_the_end_binding_is_refused(void **state) {
    (void)state;
    cay_functions_t *f = functions_new();
    int count = 0;
    outcome_t o;
    assert_int_equal(cay__functions_bind(f, "x", echo, &count, NULL), 0);
    cay__functions_close(f);
    assert_int_equal(cay__functions_bind(f, "x", echo, &count, NULL), CAY_ECLOSED);
    assert_int_equal(cay__functions_bind(f, "x", NULL, NULL, NULL), CAY_ECLOSED);
    cay_call_t *c = call_of("x", "1", &o);
    assert_int_equal(cay__functions_call(f, c), CAY_ENOTFOUND);
    cay__call_free(c);
    cay__functions_unref(&f);
}

static void reject(cay_call_t *call, void *user) {
    (void)user;
    assert_string_equal(cay_call_name(call), "x");
    assert_int_equal(cay_call_worker_id(call), 7);
    cay_call_reject(call, "RangeError", "too far");
}

static void bad_json(cay_call_t *call, void *user) {
    (void)user;
    assert_int_equal(cay_call_reply_json(call, "{", 1), CAY_EFORMAT);
}

static void with_port(cay_call_t *call, void *user) {
    (void)user;
    cay_doc_t *doc = NULL;
    cay_port_t *a, *b;
    assert_int_equal(cay_doc_new(&doc), 0);
    assert_int_equal(cay_channel_new(&a, &b), 0);
    assert_int_equal(cay_doc_set_root(doc, cay_doc_port(doc, a)), 0);
    assert_int_equal(cay_call_reply(call, doc), CAY_ECLONE);
    cay_doc_free(doc);
    assert_true(cay_port_is_closed(b));
    cay_port_close(b);
}

static void a_call_that_is_rejected_or_answered_badly_tells_why(void **state) {
    (void)state;
    static const struct {
        cay_call_cb fn;
        int rc;
        const char *name;
        const char *text;
    } rows[] = {{reject, CAY_EGUEST, "RangeError", "too far"},
                {bad_json, CAY_EFORMAT, NULL, ""},
                {with_port, CAY_ECLONE, NULL, "port"}};
    for (size_t i = 0; i < CAY_COUNT(rows); i++) {
        cay_functions_t *f = functions_new();
        outcome_t o;
        assert_int_equal(cay__functions_bind(f, "x", rows[i].fn, NULL, NULL), 0);
        assert_int_equal(cay__functions_call(f, call_of("x", "1", &o)), 0);
        assert_int_equal(o.count, 1);
        assert_int_equal(o.call->rc, rows[i].rc);
        assert_null(o.call->result);
        assert_non_null(strstr(o.call->error_message, rows[i].text));
        if (rows[i].name) {
            assert_string_equal(o.call->error_name, rows[i].name);
        }
        cay__call_free(o.call);
        cay__functions_unref(&f);
    }
}

static void unbind_self(cay_call_t *call, void *user) {
    cay_functions_t *f = user;
    assert_int_equal(cay__functions_bind(f, "x", NULL, NULL, NULL), 0);
    (void)!cay_call_reply(call, NULL);
}

static void a_function_may_unbind_itself(void **state) {
    (void)state;
    cay_functions_t *f = functions_new();
    outcome_t o;
    assert_int_equal(cay__functions_bind(f, "x", unbind_self, f, NULL), 0);
    assert_int_equal(cay__functions_call(f, call_of("x", "1", &o)), 0);
    assert_int_equal(o.call->rc, 0);
    cay__call_free(o.call);
    cay_call_t *c = call_of("x", "1", &o);
    assert_int_equal(cay__functions_call(f, c), CAY_ENOTFOUND);
    cay__call_free(c);
    cay__functions_unref(&f);
}

/* ---- binding from another thread while a call runs ---- */

typedef struct busy {
    cay_functions_t *f;
    cay_mutex_t lock;
    cay_cond_t changed;
    bool inside;  /* the function runs */
    bool go;      /* it may return */
    bool unbound; /* the other thread's bind has returned */
} busy_t;

static void hold(cay_call_t *call, void *user) {
    busy_t *b = user;
    cay__mutex_lock(&b->lock);
    b->inside = true;
    cay__cond_broadcast(&b->changed);
    while (!b->go) {
        cay__cond_wait(&b->changed, &b->lock);
    }
    assert_false(b->unbound);
    cay__mutex_unlock(&b->lock);
    (void)!cay_call_reply(call, NULL);
}

static void unbind_other(void *arg) {
    busy_t *b = arg;
    cay__mutex_lock(&b->lock);
    while (!b->inside) {
        cay__cond_wait(&b->changed, &b->lock);
    }
    b->go = true;
    cay__cond_broadcast(&b->changed);
    cay__mutex_unlock(&b->lock);
    int rc = cay__functions_bind(b->f, "x", NULL, NULL, NULL);
    cay__mutex_lock(&b->lock);
    b->unbound = rc == 0;
    cay__mutex_unlock(&b->lock);
}

static void unbinding_waits_for_the_call_that_runs(void **state) {
    (void)state;
    for (int i = 0; i < 50; i++) {
        busy_t b = {.f = functions_new()};
        cay__mutex_init(&b.lock);
        cay__cond_init(&b.changed);
        assert_int_equal(cay__functions_bind(b.f, "x", hold, &b, NULL), 0);
        cay_thread_t t;
        assert_int_equal(cay__thread_start(&t, "unbind", 0, unbind_other, &b), 0);
        outcome_t o;
        assert_int_equal(cay__functions_call(b.f, call_of("x", "1", &o)), 0);
        cay__thread_join(&t);
        assert_true(b.unbound);
        cay__call_free(o.call);
        cay__functions_unref(&b.f);
        cay__cond_destroy(&b.changed);
        cay__mutex_destroy(&b.lock);
    }
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    bool failed = true;
    for (uint64_t n = 1; failed; n++) {
        outcome_t o;
        int count = 0;
        cay_call_t *c = call_of("x", "[1,2,3]", &o);
        cay__mem_fail_at(n, false);
        cay_functions_t *f = NULL;
        int rc = cay__functions_new(&f);
        rc = rc ? rc : cay__functions_bind(f, "x", echo, &count, NULL);
        rc = rc ? rc : cay__functions_call(f, c);
        failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        if (rc) {
            cay__call_free(c);
        } else {
            assert_int_equal(o.count, 1);
            assert_true(failed || o.call->rc == 0);
            cay__call_free(o.call);
        }
        cay__functions_unref(&f);
        assert_int_equal(cay__mem_live(), live);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bound_function_is_called_by_its_name),
        cmocka_unit_test(a_name_that_is_not_bound_leaves_the_call_to_its_maker),
        cmocka_unit_test(names_that_are_no_identifiers_are_refused),
        cmocka_unit_test(the_thousand_and_first_name_is_refused),
        cmocka_unit_test(after_the_end_binding_is_refused),
        cmocka_unit_test(a_call_that_is_rejected_or_answered_badly_tells_why),
        cmocka_unit_test(a_function_may_unbind_itself),
        cmocka_unit_test(unbinding_waits_for_the_call_that_runs),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
