/* SPDX-License-Identifier: MIT */
/* Every allocation of every operation is made to fail once: the code is CAY_ENOMEM, nothing is lost, nothing
 * stays behind, and the same operation works directly afterwards. */
#include "util.h"

/* What an operation works on, made before the sweep and checked after. */
typedef struct world {
    cay_port_t *a, *b; /* one channel */
    cay_port_t *c, *d; /* another, to move */
    cay_worker_t *w;
    cay_inside_t *in;
    cay_doc_t *doc; /* {port: d, memory: taken} */
    cay_message_t *m;
} world_t;

static char memory[100];
static int releases;
static void count_release(void *data, size_t len, void *user) {
    (void)data;
    (void)len;
    (void)user;
    releases++;
}

static void world_init(world_t *x) {
    memset(x, 0, sizeof *x);
    releases = 0;
    ok(cay_channel_new(&x->a, &x->b));
    ok(cay_channel_new(&x->c, &x->d));
    ok(cay_handles_new(NULL, &x->w, &x->in));
    ok(cay_doc_new(&x->doc));
    cay_value_t *root = cay_doc_object(x->doc);
    ok(cay_value_set(root, "port", cay_doc_port(x->doc, x->d)));
    ok(cay_value_set(root, "memory",
                     cay_doc_buffer_take(x->doc, memory, sizeof memory, count_release, NULL)));
    ok(cay_value_set(root, "text", cay_doc_text(x->doc, "a text of some length")));
    ok(cay_doc_set_root(x->doc, root));
}

static void world_free(world_t *x) {
    cay_message_free(x->m);
    cay_doc_free(x->doc);
    cay_worker_free(x->w);
    cay_inside_free(x->in);
    cay_port_close(x->a);
    cay_port_close(x->b);
    assert_true(cay_port_is_closed(x->c));
    cay_port_close(x->c);
    assert_int_equal(releases, 1);
}

/* Runs op with the n-th allocation failing, n = 1, 2, ..., until it gets through. */
static void sweep(world_t *x, int (*op)(world_t *)) {
    int rc = CAY_ENOMEM;
    unsigned failures = 0;
    for (uint64_t n = 1; rc; n++) {
        int64_t live = cay__mem_live();
        cay__mem_fail_at(n, false);
        rc = op(x);
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        if (rc) {
            gives(CAY_ENOMEM, rc);
            assert_true(failed);
            assert_int_equal(cay__mem_live(), live);
            failures++;
        }
        assert_true(n < 1000);
    }
    assert_true(failures > 0);
}

static void swept(int (*op)(world_t *)) {
    world_t x;
    world_init(&x);
    sweep(&x, op);
    world_free(&x);
}

static int op_channel(world_t *x) {
    (void)x;
    cay_port_t *a = NULL, *b = NULL;
    int rc = cay_channel_new(&a, &b);
    assert_true((a != NULL) == (rc == 0) && (b != NULL) == (rc == 0));
    cay_port_close(a);
    cay_port_close(b);
    return rc;
}
static void making_a_channel(void **state) {
    (void)state;
    swept(op_channel);
}

static int op_handles(world_t *x) {
    (void)x;
    cay_handles_options_t o = CAY_HANDLES_OPTIONS_INIT;
    o.name = "name";
    cay_worker_t *w = NULL;
    cay_inside_t *in = NULL;
    int rc = cay_handles_new(&o, &w, &in);
    assert_true((w != NULL) == (rc == 0) && (in != NULL) == (rc == 0));
    cay_worker_free(w);
    cay_inside_free(in);
    return rc;
}
static void making_handles(void **state) {
    (void)state;
    swept(op_handles);
}

static int op_message(world_t *x) {
    cay_cargo_t cargo = {NULL, 0, NULL, 0};
    uint8_t byte = 1, *bytes = &byte; /* not taken over on failure */
    int rc = cay__message_new(bytes, 1, &cargo, &x->m);
    if (!rc) {
        x->m->bytes = NULL;
    }
    return rc;
}
static void making_a_message(void **state) {
    (void)state;
    swept(op_message);
}

static int op_post(world_t *x) {
    return cay_port_post(x->a, x->doc, NULL);
}
/* A post that failed has moved nothing: the last one of the sweep carries all of it over. */
static void posting_a_document(void **state) {
    (void)state;
    world_t x;
    world_init(&x);
    sweep(&x, op_post);
    ok(cay_port_receive(x.b, 0, &x.m));
    gives(CAY_ETIMEDOUT, cay_port_receive(x.b, 0, &(cay_message_t *){NULL}));
    assert_int_equal(x.m->cargo.port_count, 1);
    assert_int_equal(x.m->cargo.blob_count, 1);
    assert_ptr_equal(x.m->cargo.ports[0], x.d);
    world_free(&x);
}

static int op_post_json(world_t *x) {
    const char json[] = "{\"a\":[1,2,\"x\"]}";
    return cay_port_post_json(x->a, json, strlen(json), NULL);
}
static void posting_json(void **state) {
    (void)state;
    swept(op_post_json);
}

static int op_value(world_t *x) {
    const cay_value_t *v;
    return cay_message_value(x->m, &v, NULL);
}
static int op_to_json(world_t *x) {
    char *json;
    int rc = cay_message_to_json(x->m, &json, NULL);
    if (!rc) {
        cay_free(json);
    }
    return rc;
}
static int op_forward(world_t *x) {
    int rc = cay_port_forward(x->a, x->m, NULL);
    if (!rc) {
        x->m = NULL;
    }
    return rc;
}

static void reading_and_passing_on_a_message(void **state) {
    (void)state;
    world_t x;
    world_init(&x);
    ok(cay_port_post(x.a, x.doc, NULL));
    ok(cay_port_receive(x.b, 0, &x.m));
    sweep(&x, op_value);
    sweep(&x, op_forward);
    ok(cay_port_receive(x.b, 0, &x.m));
    assert_ptr_equal(x.m->cargo.ports[0], x.d);
    const cay_value_t *v = NULL;
    ok(cay_message_value(x.m, &v, NULL));
    size_t len;
    assert_ptr_equal(cay_value_bytes(cay_value_get(v, "memory"), &len), memory);
    world_free(&x);
}

static void reading_a_message_as_json(void **state) {
    (void)state;
    world_t x;
    world_init(&x);
    ok(op_post_json(&x));
    ok(cay_port_receive(x.b, 0, &x.m));
    const cay_value_t *v;
    ok(cay_message_value(x.m, &v, NULL)); /* kept, so that a failing sweep finds the memory even */
    sweep(&x, op_to_json);
    world_free(&x);
}

static int op_event(world_t *x) {
    return post_error(x->in, "oops");
}
static void posting_an_event(void **state) {
    (void)state;
    world_t x;
    world_init(&x);
    sweep(&x, op_event);
    expect_event_error(x.w, "oops");
    gives(CAY_ETIMEDOUT, cay_worker_next_event(x.w, 0, &(cay_event_t *){NULL}));
    world_free(&x);
}

static int op_next(world_t *x) {
    cay_event_t *ev;
    int rc = cay_worker_next_event(x->w, 0, &ev);
    if (!rc) {
        assert_int_equal(ev->type, CAY_EVENT_MESSAGE);
        cay_event_free(ev);
    }
    return rc;
}
static int op_take(world_t *x) {
    cay_event_t *ev;
    int rc = cay__worker_take(x->w, &ev);
    if (!rc) {
        cay_event_free(ev);
    }
    return rc;
}
static void taking_an_event(void **state) {
    (void)state;
    world_t x;
    world_init(&x);
    ok(send_text(cay_inside_port(x.in), "kept"));
    sweep(&x, op_next);
    ok(send_text(cay_inside_port(x.in), "kept"));
    sweep(&x, op_take);
    world_free(&x);
}

/* With no memory at all the final event loses its texts, and nothing else. */
static void final_event_needs_no_memory(void **state) {
    (void)state;
    world_t x;
    world_init(&x);
    cay_event_t end = {.type = CAY_EVENT_TERMINAL_ERROR};
    end.u.end.reason = CAY_REASON_HEAP;
    end.u.end.exit_code = 5;
    end.u.end.error.message = "dropped";
    end.u.end.error.line = 9;
    end.u.end.usage.cpu_ns = 77;
    cay__mem_fail_at(1, true);
    int rc = cay_inside_post_event(x.in, &end);
    int again = cay_inside_post_event(x.in, &end);
    cay__mem_fail_at(0, false);
    ok(rc);
    gives(CAY_ECLOSED, again);
    cay_event_t *ev = NULL;
    ok(cay_worker_next_event(x.w, 0, &ev));
    assert_int_equal(ev->type, CAY_EVENT_TERMINAL_ERROR);
    assert_int_equal(ev->u.end.reason, CAY_REASON_HEAP);
    assert_int_equal(ev->u.end.exit_code, 5);
    assert_int_equal(ev->u.end.error.line, 9);
    assert_int_equal(ev->u.end.usage.cpu_ns, 77);
    assert_null(ev->u.end.error.message);
    cay_event_free(ev);
    world_free(&x);
}

static void freeing_and_ending_need_no_memory(void **state) {
    (void)state;
    world_t x;
    world_init(&x);
    ok(send_text(cay_worker_port(x.w), "x"));
    ok(send_text(cay_inside_port(x.in), "x"));
    ok(cay_port_post(x.a, x.doc, NULL));
    cay__mem_fail_at(1, true);
    cay_worker_terminate(x.w);
    world_free(&x);
    assert_false(cay__mem_failed());
    cay__mem_fail_at(0, false);
}

static void failing_detail_does_not_hide_the_code(void **state) {
    (void)state;
    world_t x;
    world_init(&x);
    cay_port_close(x.b);
    x.b = NULL;
    cay_message_t *m = text_message("x");
    cay_error_t *err = NULL;
    cay__mem_fail_at(1, true);
    int rc = cay__port_send(x.a, m, &err);
    cay__mem_fail_at(0, false);
    gives(CAY_ECLOSED, rc);
    cay_error_free(err);
    cay_message_free(m);
    world_free(&x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(making_a_channel),
        balanced(making_handles),
        balanced(making_a_message),
        balanced(posting_a_document),
        balanced(posting_json),
        balanced(reading_and_passing_on_a_message),
        balanced(reading_a_message_as_json),
        balanced(posting_an_event),
        balanced(taking_an_event),
        balanced(final_event_needs_no_memory),
        balanced(freeing_and_ending_need_no_memory),
        balanced(failing_detail_does_not_hide_the_code),
    };
    return cmocka_run_group_tests_name("allocation", tests, NULL, NULL);
}
