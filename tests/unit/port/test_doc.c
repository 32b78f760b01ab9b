/* SPDX-License-Identifier: MIT */
/* Documents through ports: what moves, what stays when a post fails, and passing messages on. */
#include "util.h"

static cay_doc_t *doc_new(void) {
    cay_doc_t *doc = NULL;
    ok(cay_doc_new(&doc));
    return doc;
}

/* {port: <port>, text: "hi"} */
static cay_doc_t *doc_with_port(cay_port_t *port, cay_value_t **port_value) {
    cay_doc_t *doc = doc_new();
    cay_value_t *root = cay_doc_object(doc);
    cay_value_t *v = cay_doc_port(doc, port);
    assert_non_null(v);
    ok(cay_value_set(root, "port", v));
    ok(cay_value_set(root, "text", cay_doc_text(doc, "hi")));
    ok(cay_doc_set_root(doc, root));
    if (port_value) {
        *port_value = v;
    }
    return doc;
}

static int post_json(cay_port_t *port, const char *json) {
    return cay_port_post_json(port, json, strlen(json), NULL);
}

static cay_message_t *receive(cay_port_t *port) {
    cay_message_t *m = NULL;
    ok(cay_port_receive(port, 0, &m));
    return m;
}

static const cay_value_t *value(cay_message_t *m) {
    const cay_value_t *v = NULL;
    ok(cay_message_value(m, &v, NULL));
    return v;
}

typedef struct ends {
    cay_port_t *a, *b, *c, *d;
} ends_t;

static ends_t two_channels(void) {
    ends_t e;
    ok(cay_channel_new(&e.a, &e.b));
    ok(cay_channel_new(&e.c, &e.d));
    return e;
}

static void value_arrives_as_it_was_sent(void **state) {
    (void)state;
    ends_t e = two_channels();
    ok(post_json(e.a, "{\"x\":[1,true,null,\"s\"]}"));
    cay_message_t *m = receive(e.b);
    const cay_value_t *x = cay_value_get(value(m), "x");
    assert_int_equal(cay_value_count(x), 4);
    assert_true(cay_value_number(cay_value_at(x, 0)) == 1);
    assert_ptr_equal(value(m), value(m)); /* decoded once */
    char *json = NULL;
    ok(cay_message_to_json(m, &json, NULL));
    assert_string_equal(json, "{\"x\":[1,true,null,\"s\"]}");
    cay_free(json);
    cay_message_free(m);
    cay_port_close(e.a);
    cay_port_close(e.b);
    cay_port_close(e.c);
    cay_port_close(e.d);
}

static void port_in_a_document_moves_to_the_receiver(void **state) {
    (void)state;
    ends_t e = two_channels();
    cay_value_t *v;
    cay_doc_t *doc = doc_with_port(e.d, &v);
    ok(cay_port_post(e.a, doc, NULL));
    assert_null(cay_value_take_port(v)); /* gone from here */
    cay_doc_free(doc);
    assert_false(cay_port_is_closed(e.c));
    cay_message_t *m = receive(e.b);
    cay_port_t *got = cay_value_take_port(cay_value_get(value(m), "port"));
    assert_ptr_equal(got, e.d);
    assert_null(cay_value_take_port(cay_value_get(value(m), "port")));
    cay_message_free(m);
    ok(send_text(got, "x"));
    expect_text(e.c, "x");
    cay_port_close(e.a);
    cay_port_close(e.b);
    cay_port_close(e.c);
    cay_port_close(got);
}

static void port_nobody_took_is_closed_with_its_owner(void **state) {
    (void)state;
    ends_t e = two_channels();
    cay_doc_t *doc = doc_with_port(e.d, NULL);
    ok(cay_port_post(e.a, doc, NULL));
    cay_doc_free(doc);
    cay_message_t *m = receive(e.b);
    (void)value(m);
    cay_message_free(m);
    assert_true(cay_port_is_closed(e.c));
    cay_port_close(e.c);
    cay_doc_free(doc_with_port(e.a, NULL));
    assert_true(cay_port_is_closed(e.b));
    cay_port_close(e.b);
}

static void failed_post_leaves_the_document_whole(void **state) {
    (void)state;
    ends_t e = two_channels();
    cay_value_t *v;
    cay_doc_t *doc = doc_with_port(e.d, &v);
    cay_error_t *err = NULL;
    gives(CAY_ECLONE, cay_port_post(e.c, doc, &err)); /* through its own partner */
    gives(CAY_ECLONE, cay_error_code(err));
    cay_error_free(err);
    cay_port_close(e.b);
    gives(CAY_ECLOSED, cay_port_post(e.a, doc, NULL));
    cay_port_t *back = cay_value_take_port(v);
    assert_ptr_equal(back, e.d);
    cay_doc_free(doc);
    assert_false(cay_port_is_closed(e.c));
    cay_port_close(e.a);
    cay_port_close(e.c);
    cay_port_close(back);
}

static int releases;
static void count_release(void *data, size_t len, void *user) {
    (void)len;
    (void)user;
    releases++;
    free(data);
}

static cay_doc_t *doc_with_memory(void **memory) {
    cay_doc_t *doc = doc_new();
    *memory = malloc(1000);
    memset(*memory, 7, 1000);
    releases = 0;
    cay_value_t *v = cay_doc_buffer_take(doc, *memory, 1000, count_release, NULL);
    assert_non_null(v);
    ok(cay_doc_set_root(doc, v));
    return doc;
}

static void taken_memory_moves_without_a_copy(void **state) {
    (void)state;
    ends_t e = two_channels();
    void *memory;
    cay_doc_t *doc = doc_with_memory(&memory);
    ok(cay_port_post(e.a, doc, NULL));
    size_t len = 1;
    (void)cay_value_bytes(cay_doc_root(doc), &len);
    assert_int_equal(len, 0);
    cay_doc_free(doc);
    assert_int_equal(releases, 0);
    cay_message_t *m = receive(e.b);
    assert_ptr_equal(cay_value_bytes(value(m), &len), memory);
    assert_int_equal(len, 1000);
    cay_message_free(m);
    assert_int_equal(releases, 1);
    doc = doc_with_memory(&memory);
    ok(cay_port_post(e.a, doc, NULL));
    cay_doc_free(doc);
    cay_port_close(e.b); /* unread */
    assert_int_equal(releases, 1);
    cay_port_close(e.a);
    cay_port_close(e.c);
    cay_port_close(e.d);
}

/* ---- passing on ---- */

static void unread_message_is_passed_on_as_it_is(void **state) {
    (void)state;
    ends_t e = two_channels();
    ok(post_json(e.a, "[1]"));
    cay_message_t *m = receive(e.b);
    ok(cay_port_forward(e.c, m, NULL));
    assert_ptr_equal(receive(e.d), m);
    ok(cay_port_forward(e.c, m, NULL));
    cay_port_close(e.a);
    cay_port_close(e.b);
    cay_port_close(e.c);
    cay_port_close(e.d);
}

static void read_message_is_passed_on(void **state) {
    (void)state;
    ends_t e = two_channels();
    ok(post_json(e.a, "[1]"));
    cay_message_t *m = receive(e.b);
    (void)value(m);
    ok(cay_port_forward(e.c, m, NULL));
    m = receive(e.d);
    assert_null(m->doc); /* what waits in a queue is never decoded */
    assert_int_equal(cay_value_count(value(m)), 1);
    cay_message_free(m);
    cay_port_close(e.a);
    cay_port_close(e.b);
    cay_port_close(e.c);
    cay_port_close(e.d);
}

static void read_message_is_passed_on_with_its_port(void **state) {
    (void)state;
    ends_t e = two_channels();
    cay_port_t *x, *y;
    ok(cay_channel_new(&x, &y));
    cay_doc_t *doc = doc_with_port(y, NULL);
    ok(cay_port_post(e.a, doc, NULL));
    cay_doc_free(doc);
    cay_message_t *m = receive(e.b);
    assert_string_equal(cay_value_string(cay_value_get(value(m), "text"), NULL), "hi");
    ok(cay_port_forward(e.c, m, NULL));
    m = receive(e.d);
    assert_int_equal(m->cargo.port_count, 1);
    assert_ptr_equal(cay_value_take_port(cay_value_get(value(m), "port")), y);
    cay_message_free(m);
    cay_port_close(x);
    cay_port_close(y);
    cay_port_close(e.a);
    cay_port_close(e.b);
    cay_port_close(e.c);
    cay_port_close(e.d);
}

static void failed_forward_leaves_the_message_readable(void **state) {
    (void)state;
    ends_t e = two_channels();
    cay_port_t *x, *y;
    ok(cay_channel_new(&x, &y));
    cay_port_close(e.d);
    for (int with_port = 0; with_port < 2; with_port++) {
        if (with_port) {
            cay_doc_t *doc = doc_with_port(y, NULL);
            ok(cay_port_post(e.a, doc, NULL));
            cay_doc_free(doc);
        } else {
            ok(post_json(e.a, "{\"text\":\"hi\"}"));
        }
        cay_message_t *m = receive(e.b);
        const cay_value_t *v = value(m);
        gives(CAY_ECLOSED, cay_port_forward(e.c, m, NULL));
        assert_string_equal(cay_value_string(cay_value_get(v, "text"), NULL), "hi");
        assert_ptr_equal(value(m), v);
        assert_false(cay_port_is_closed(x));
        cay_message_free(m);
    }
    assert_true(cay_port_is_closed(x));
    cay_port_close(x);
    cay_port_close(e.a);
    cay_port_close(e.b);
    cay_port_close(e.c);
}

/* ---- misuse and malformed bytes ---- */

static void malformed_message_is_told_and_frees(void **state) {
    (void)state;
    cay_port_t *x, *y;
    ok(cay_channel_new(&x, &y));
    cay_message_t *m = ports_message(&y, 1);
    m->bytes[0] = 0x7F;
    const cay_value_t *v = NULL;
    cay_error_t *err = NULL;
    gives(CAY_EFORMAT, cay_message_value(m, &v, &err));
    gives(CAY_EFORMAT, cay_error_code(err));
    cay_error_free(err);
    char *json = NULL;
    gives(CAY_EFORMAT, cay_message_to_json(m, &json, NULL));
    assert_null(v);
    assert_null(json);
    cay_message_free(m);
    assert_true(cay_port_is_closed(x));
    cay_port_close(x);
}

static void malformed_json_is_told(void **state) {
    (void)state;
    ends_t e = two_channels();
    cay_error_t *err = NULL;
    gives(CAY_EFORMAT, cay_port_post_json(e.a, "{", 1, &err));
    assert_non_null(err);
    cay_error_free(err);
    cay_message_t *m;
    gives(CAY_ETIMEDOUT, cay_port_receive(e.b, 0, &m));
    cay_port_close(e.a);
    cay_port_close(e.b);
    cay_port_close(e.c);
    cay_port_close(e.d);
}

static void null_arguments_are_refused(void **state) {
    (void)state;
    cay_doc_t *doc = doc_new();
    const cay_value_t *v;
    gives(CAY_EINVAL, cay_doc_new(NULL));
    gives(CAY_EINVAL, cay_port_post(NULL, doc, NULL));
    gives(CAY_EINVAL, cay_port_forward(NULL, NULL, NULL));
    gives(CAY_EINVAL, cay_message_value(NULL, &v, NULL));
    gives(CAY_EINVAL, cay_port_post_json(NULL, NULL, 1, NULL));
    cay_doc_free(doc);
}

static void borrowed_main_port_survives_its_document(void **state) {
    (void)state;
    cay_worker_t *w;
    cay_inside_t *in;
    ok(cay_handles_new(NULL, &w, &in));
    ends_t e = two_channels();
    cay_doc_t *doc = doc_with_port(cay_worker_port(w), NULL);
    gives(CAY_ECLONE, cay_port_post(e.a, doc, NULL));
    cay_doc_free(doc);
    ok(send_text(cay_worker_port(w), "x"));
    expect_text(cay_inside_port(in), "x");
    cay_worker_free(w);
    cay_inside_free(in);
    cay_port_close(e.a);
    cay_port_close(e.b);
    cay_port_close(e.c);
    cay_port_close(e.d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(value_arrives_as_it_was_sent),
        balanced(port_in_a_document_moves_to_the_receiver),
        balanced(port_nobody_took_is_closed_with_its_owner),
        balanced(failed_post_leaves_the_document_whole),
        balanced(taken_memory_moves_without_a_copy),
        balanced(unread_message_is_passed_on_as_it_is),
        balanced(read_message_is_passed_on),
        balanced(read_message_is_passed_on_with_its_port),
        balanced(failed_forward_leaves_the_message_readable),
        balanced(malformed_message_is_told_and_frees),
        balanced(malformed_json_is_told),
        balanced(null_arguments_are_refused),
        balanced(borrowed_main_port_survives_its_document),
    };
    return cmocka_run_group_tests_name("documents", tests, NULL, NULL);
}
