/* SPDX-License-Identifier: MIT */
/* What moves beside the bytes: who owns ports and buffers before, during and after a post. */
#include "codec_test.h"

/* A message in transit, as the port layer would hold it. */
typedef struct transit {
    cay_buf_t bytes;
    cay_cargo_t cargo;
} transit_t;

static int pack(cay_doc_t *doc, transit_t *t) {
    t->bytes = (cay_buf_t)CAY_BUF_INIT;
    int rc = cay__codec_encode(doc, NULL, &t->bytes, &t->cargo, NULL);
    if (rc != 0) {
        cay__buf_free(&t->bytes);
    }
    return rc;
}

static int unpack(transit_t *t, cay_doc_t **out) {
    return cay__codec_decode(t->bytes.data, t->bytes.len, &t->cargo, NULL, &test_ops, out, NULL);
}

static void transit_free(transit_t *t) {
    cay__buf_free(&t->bytes);
    cay__free(t->cargo.ports);
    cay__free(t->cargo.blobs);
}

static cay_value_t *taken(cay_doc_t *doc, const char *text, int *released) {
    return cay_doc_buffer_take(doc, strdup(text), strlen(text), test_release, released);
}

static void ports_that_nobody_took_are_dropped_once(void **state) {
    (void)state;
    struct cay_port kept = {0}, dropped = {0};
    cay_doc_t *doc = test_doc();
    cay_value_t *a = cay_doc_port(doc, &kept), *b = cay_doc_port(doc, &dropped);
    assert_int_equal(cay_value_type(b), CAY_TYPE_PORT);
    assert_ptr_equal(cay_value_take_port(a), &kept);
    assert_null(cay_value_take_port(a));
    cay_doc_free(doc);
    assert_int_equal(kept.drops, 0);
    assert_int_equal(dropped.drops, 1);
}

static void taken_buffers_are_released_once(void **state) {
    (void)state;
    int released = 0;
    cay_doc_t *doc = test_doc();
    size_t len;
    assert_memory_equal(cay_value_bytes(taken(doc, "abc", &released), &len), "abc", 3);
    assert_int_equal(len, 3);
    assert_int_equal(released, 0);
    cay_doc_free(doc);
    assert_int_equal(released, 1);
}

static cay_value_t *three_ports_two_buffers(cay_doc_t *doc, struct cay_port ports[3],
                                            int *released) {
    cay_value_t *list = cay_doc_array(doc);
    cay_value_t *buffer = taken(doc, "abcd", released);
    cay_value_t *items[] = {
        cay_doc_port(doc, &ports[0]), cay_doc_view(doc, buffer, CAY_VIEW_UINT8, 1, 2),
        cay_doc_port(doc, &ports[1]), buffer,
        taken(doc, "", released),     cay_doc_port(doc, &ports[2])};
    for (size_t i = 0; i < CAY_COUNT(items); i++) {
        assert_int_equal(cay_value_push(list, items[i]), 0);
    }
    assert_int_equal(cay_value_push(list, items[0]), 0); /* a port twice is one port */
    assert_int_equal(cay_doc_set_root(doc, list), 0);
    return list;
}

static void ports_and_buffers_move_with_a_post(void **state) {
    (void)state;
    struct cay_port ports[3] = {{0}};
    int released = 0;
    cay_doc_t *doc = test_doc(), *there = NULL;
    cay_value_t *list = three_ports_two_buffers(doc, ports, &released);
    transit_t t;
    assert_int_equal(pack(doc, &t), 0);
    assert_int_equal(t.cargo.port_count, 3);
    assert_int_equal(t.cargo.blob_count, 2);
    cay__doc_moved(doc);
    cay__doc_moved(doc);
    assert_null(cay_value_take_port(cay_value_at(list, 0)));
    size_t len = 9;
    assert_null(cay_value_bytes(cay_value_at(list, 3), &len));
    assert_int_equal(len, 0);
    assert_null(cay_value_bytes(cay_value_at(list, 1), &len)); /* the view of it */
    assert_int_equal(len, 0);
    cay_doc_free(doc);
    assert_int_equal(released, 0);

    assert_int_equal(unpack(&t, &there), 0);
    for (int i = 0; i < 3; i++) {
        assert_null(t.cargo.ports[i]);
        assert_int_equal(ports[i].drops, 0);
    }
    assert_null(t.cargo.blobs[0].release);
    char *words = test_describe(cay_doc_root(there));
    assert_string_equal(words, "[Port,Uint8@1+2(Buffer(61626364)),Port,#2,Buffer(),Port,#1]");
    cay__free(words);
    assert_ptr_equal(cay_value_take_port(cay_value_at(cay_doc_root(there), 2)), &ports[1]);
    cay_doc_free(there);
    assert_int_equal(released, 2);
    assert_int_equal(ports[0].drops, 1);
    assert_int_equal(ports[1].drops, 0);
    assert_int_equal(ports[2].drops, 1);
    transit_free(&t);
}

static void a_post_that_failed_loses_nothing(void **state) {
    (void)state;
    struct cay_port ports[3] = {{0}};
    int released = 0;
    cay_doc_t *doc = test_doc();
    cay_value_t *list = three_ports_two_buffers(doc, ports, &released);
    transit_t t;
    assert_int_equal(pack(doc, &t), 0); /* and then the post does not go through */
    transit_free(&t);
    assert_ptr_equal(cay_value_take_port(cay_value_at(list, 0)), &ports[0]);
    assert_int_equal(pack(doc, &t), CAY_EINVAL); /* port 0 was taken */
    cay__doc_moved(doc);                         /* after a failed encoding: nothing */
    assert_ptr_equal(cay_value_take_port(cay_value_at(list, 2)), &ports[1]);
    cay_doc_free(doc);
    assert_int_equal(ports[0].drops + ports[1].drops, 0);
    assert_int_equal(ports[2].drops, 1);
    assert_int_equal(released, 2);
    transit_free(&t);
}

static void only_what_was_reached_moves(void **state) {
    (void)state;
    struct cay_port in = {0}, out = {0};
    int released = 0;
    cay_doc_t *doc = test_doc();
    cay_value_t *other = cay_doc_port(doc, &out), *stays = taken(doc, "x", &released);
    assert_int_equal(cay_doc_set_root(doc, cay_doc_port(doc, &in)), 0);
    transit_t t;
    assert_int_equal(pack(doc, &t), 0);
    cay__doc_moved(doc);
    assert_null(cay_value_take_port(cay_doc_root(doc)));
    assert_ptr_equal(cay_value_take_port(other), &out);
    assert_non_null(cay_value_bytes(stays, NULL));
    assert_int_equal(pack(doc, &(transit_t){0}), CAY_EINVAL); /* it has moved */
    cay_doc_free(doc);
    assert_int_equal(in.drops, 0);
    assert_int_equal(released, 1);
    transit_free(&t);
}

static void moved_buffers_cannot_be_posted_again(void **state) {
    (void)state;
    int released = 0;
    cay_doc_t *doc = test_doc();
    cay_value_t *b = taken(doc, "abcd", &released);
    cay_value_t *v = cay_doc_view(doc, b, CAY_VIEW_INT32, 0, 4);
    assert_int_equal(cay_doc_set_root(doc, v), 0);
    transit_t t, again;
    assert_int_equal(pack(doc, &t), 0);
    cay__doc_moved(doc);
    assert_int_equal(pack(doc, &again), CAY_EINVAL);
    assert_int_equal(cay_doc_set_root(doc, b), 0);
    assert_int_equal(pack(doc, &again), CAY_EINVAL);
    assert_null(cay_doc_view(doc, b, CAY_VIEW_INT32, 0, 4));
    cay_doc_free(doc);
    assert_int_equal(released, 0);
    cay__blob_drop(&t.cargo.blobs[0]);
    cay__blob_drop(&t.cargo.blobs[0]);
    assert_int_equal(released, 1);
    transit_free(&t);
}

/* Malformed messages leave the cargo to whoever holds it. */
static void a_failed_decode_takes_nothing(void **state) {
    (void)state;
    static const char *const cases[] = {
        "ff0f41025c01005c0100240002", /* a port twice */
        "ff0f410274007400240002",     /* a buffer twice */
        "ff0f5c0102",                 /* beyond the table */
        "ff0f7401",
        "ff0f41025c01007400240003", /* wrong at the very end */
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        struct cay_port port = {0};
        struct cay_port *ports[2] = {&port, NULL};
        int released = 0;
        cay_blob_t blobs[1] = {{strdup("x"), 1, test_release, &released}};
        cay_cargo_t cargo = {ports, 2, blobs, 1};
        cay_buf_t bytes;
        test_unhex(cases[i], &bytes);
        cay_doc_t *doc = NULL;
        assert_int_equal(
            cay__codec_decode(bytes.data, bytes.len, &cargo, NULL, &test_ops, &doc, NULL),
            CAY_EFORMAT);
        assert_null(doc);
        assert_ptr_equal(ports[0], &port);
        assert_int_equal(port.drops, 0);
        assert_int_equal(released, 0);
        cay__blob_drop(&blobs[0]);
        assert_int_equal(released, 1);
        cay__buf_free(&bytes);
    }
}

static void an_empty_place_in_the_table_is_no_port(void **state) {
    (void)state;
    struct cay_port *ports[1] = {NULL};
    cay_cargo_t cargo = {ports, 1, NULL, 0};
    cay_doc_t *doc = NULL;
    assert_int_equal(cay__codec_decode("\xff\x0f\\\1\0", 5, &cargo, NULL, &test_ops, &doc, NULL),
                     CAY_EFORMAT);
}

static void what_the_bytes_never_mention_stays(void **state) {
    (void)state;
    struct cay_port unnamed = {0}, named = {0};
    struct cay_port *ports[2] = {&unnamed, &named};
    cay_cargo_t cargo = {ports, 2, NULL, 0};
    cay_doc_t *doc = NULL;
    assert_int_equal(cay__codec_decode("\xff\x0f\\\1\1", 5, &cargo, NULL, &test_ops, &doc, NULL),
                     0);
    assert_ptr_equal(ports[0], &unnamed);
    assert_null(ports[1]);
    cay_doc_free(doc);
    assert_int_equal(unnamed.drops, 0);
    assert_int_equal(named.drops, 1);
}

static void many_ports_keep_their_order(void **state) {
    (void)state;
    struct cay_port ports[100] = {{0}};
    cay_doc_t *doc = test_doc(), *there = NULL;
    cay_value_t *list = cay_doc_array(doc);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(cay_value_push(list, cay_doc_port(doc, &ports[i])), 0);
    }
    assert_int_equal(cay_doc_set_root(doc, list), 0);
    transit_t t;
    assert_int_equal(pack(doc, &t), 0);
    cay__doc_moved(doc);
    assert_int_equal(unpack(&t, &there), 0);
    for (size_t i = 0; i < 100; i++) {
        assert_ptr_equal(cay_value_take_port(cay_value_at(cay_doc_root(there), i)), &ports[i]);
    }
    cay_doc_free(doc);
    cay_doc_free(there);
    transit_free(&t);
}

/* The whole way under failed allocations: whoever holds a thing at the end, it is let go once. */
static int post_once(void *arg) {
    (void)arg;
    struct cay_port port = {0};
    int released = 0;
    cay_doc_t *doc = NULL, *there = NULL;
    transit_t t = {CAY_BUF_INIT, {0}};
    int rc = cay__doc_new(&test_ops, &doc);
    if (rc != 0) {
        return rc;
    }
    cay_value_t *list = cay_doc_array(doc), *p = cay_doc_port(doc, &port);
    char *data = malloc(1);
    cay_value_t *b = cay_doc_buffer_take(doc, data, 1, test_release, &released);
    rc = p && b && list ? cay_value_push(list, p) : CAY_ENOMEM;
    rc = rc == 0 ? cay_value_push(list, b) : rc;
    rc = rc == 0 ? cay_doc_set_root(doc, list) : rc;
    rc = rc == 0 ? pack(doc, &t) : rc;
    if (rc == 0) {
        cay__doc_moved(doc);
        rc = unpack(&t, &there);
        if (rc != 0) {
            assert_ptr_equal(t.cargo.ports[0], &port);
            port.drops++;
            cay__blob_drop(&t.cargo.blobs[0]);
        }
    }
    cay_doc_free(doc);
    cay_doc_free(there);
    transit_free(&t);
    assert_int_equal(port.drops, p ? 1 : 0);
    assert_int_equal(released, b ? 1 : 0);
    if (!b) {
        free(data);
    }
    return rc;
}

static void moving_survives_every_failed_allocation(void **state) {
    (void)state;
    test_sweep(post_once, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ports_that_nobody_took_are_dropped_once),
        cmocka_unit_test(taken_buffers_are_released_once),
        cmocka_unit_test(ports_and_buffers_move_with_a_post),
        cmocka_unit_test(a_post_that_failed_loses_nothing),
        cmocka_unit_test(only_what_was_reached_moves),
        cmocka_unit_test(moved_buffers_cannot_be_posted_again),
        cmocka_unit_test(a_failed_decode_takes_nothing),
        cmocka_unit_test(an_empty_place_in_the_table_is_no_port),
        cmocka_unit_test(what_the_bytes_never_mention_stays),
        cmocka_unit_test(many_ports_keep_their_order),
        cmocka_unit_test(moving_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
