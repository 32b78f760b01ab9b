/* SPDX-License-Identifier: MIT */
/* Bodies as streams, both ways, and who is held back when the other side does not keep up. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "http_test.h"

#define OK(body_len, body) "HTTP/1.1 200 OK\r\nContent-Length: " #body_len "\r\n\r\n" body

enum { LARGE = 64 << 20, BLOCK = 64 << 10 };

/* Bytes that a large response got rid of; how much it was when nothing went for a while. */
static _Atomic size_t sent, stalled_at;

static void serve_large(http_exchange_t *x) {
    char block[BLOCK] = {0};
    char head[128];
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", LARGE);
    http_send_text(x, head);
    for (sent = 0; sent < LARGE && !x->close; sent += BLOCK) {
        struct pollfd p = {.fd = http_fd(x), .events = POLLOUT};
        if (poll(&p, 1, 300) == 0 && !stalled_at) {
            stalled_at = sent;
        }
        for (size_t i = 0; i < BLOCK; i += 4096) {
            block[i] = (char)((sent + i) >> 12);
        }
        http_send(x, block, BLOCK);
    }
}

static void serve_pieces(http_exchange_t *x) {
    http_send_text(x, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    http_gate_wait(x);
    http_send_text(x, "6\r\nsecond\r\n0\r\n\r\n");
}

static void serve_echo(http_exchange_t *x) {
    char head[128];
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", x->body_len);
    http_send_text(x, head);
    http_send(x, x->body, x->body_len);
}

/* Reads nothing of the body until the gate opens, then all of it: the last chunk is seven bytes, which may come
 * in pieces. */
static void serve_slow(http_exchange_t *x) {
    static const char end[] = "\r\n0\r\n\r\n";
    static char all[1 << 20];
    size_t kept = 0;
    http_gate_wait(x);
    for (ssize_t got; (got = http_receive(x, all + kept, sizeof all - kept)) > 0;) {
        size_t n = kept + (size_t)got;
        if (n >= 7 && memcmp(all + n - 7, end, 7) == 0) {
            break;
        }
        kept = n < 6 ? n : 6;
        memmove(all, all + n - kept, kept);
    }
    http_send_text(x, OK(4, "read"));
}

static void serve_early(http_exchange_t *x) {
    http_send_text(x, "HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
}

static const http_route_t routes[] = {
    {.path = "/", .reply = OK(5, "hello")},
    {.path = "/large", .serve = serve_large},
    {.path = "/pieces", .serve = serve_pieces},
    {.path = "/echo", .serve = serve_echo},
    {.path = "/slow", .serve = serve_slow, .raw_body = true},
    {.path = "/early", .serve = serve_early, .raw_body = true},
    {.path = "/307", .reply = "HTTP/1.1 307 R\r\nLocation: /echo\r\nContent-Length: 0\r\n\r\n"},
    {.path = "/303", .reply = "HTTP/1.1 303 R\r\nLocation: /echo\r\nContent-Length: 0\r\n\r\n"},
    {.path = NULL},
};

static bench_t b;
static http_server_t *server;
static call_t c;

static int setup(void **state) {
    (void)state;
    sent = stalled_at = 0;
    bench_open(&b, NULL);
    server = http_server_start(routes);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    http_server_stop(server);
    bench_close(&b);
    return 0;
}

static void call_of(const char *method, const char *path) {
    call_init(&c, &b, method, http_server_url(server, path));
}

static _Atomic int taken_at_head;

static void head_takes(void *ctx, const cay_http_head_t *head) {
    call_t *call = ctx;
    cay_blob_t blob;
    (void)head;
    taken_at_head = cay__http_take(call->http, &blob) == 0 ? (int)blob.len : -1;
    cay__blob_drop(&blob);
}

static void a_small_body_is_there_with_its_head(void **state) {
    (void)state;
    call_of("GET", "/");
    c.o.head = head_takes;
    call_start(&c, &b);
    call_wait_done(&c);
    assert_int_equal(taken_at_head, 5);
    call_free(&c);
}

static void pieces_come_as_they_are_sent(void **state) {
    (void)state;
    cay_blob_t blob;
    call_of("GET", "/pieces");
    call_start(&c, &b);
    call_wait_head(&c);
    while (cay__http_take(c.http, &blob) == CAY_EAGAIN) {
        call_wait_count(&c, &c.readables, 1);
    }
    assert_int_equal(blob.len, 5);
    cay__blob_drop(&blob);
    assert_int_equal(c.dones, 0);
    unsigned before = c.readables;
    assert_int_equal(cay__http_take(c.http, &blob), CAY_EAGAIN);
    assert_int_equal(cay__http_take(c.http, &blob), CAY_EAGAIN); /* armed twice is told once */
    http_gate_open(server);
    call_wait_count(&c, &c.readables, before + 1);
    assert_int_equal(call_read(&c), CAY_ECLOSED);
    assert_string_equal(call_body(&c), "second");
    assert_int_equal(c.rc, 0);
    call_free(&c);
}

static void a_sender_is_held_back_while_nobody_takes(void **state) {
    (void)state;
    size_t at = 0;
    cay_blob_t blob;
    call_of("GET", "/large");
    call_start(&c, &b);
    call_wait_head(&c);
    for (uint64_t by = cay__clock_deadline(10000); !stalled_at && cay__clock_mono() < by;) {
        sched_yield();
    }
    assert_true(stalled_at > 0); /* our window, and what sockets hold */
    assert_true(stalled_at < LARGE / 2);
    for (int rc = 0; rc != CAY_ECLOSED;) {
        unsigned before = c.readables;
        rc = cay__http_take(c.http, &blob);
        if (rc == CAY_EAGAIN) {
            call_wait_count(&c, &c.readables, before + 1);
            continue;
        }
        assert_true(blob.len <= (1 << 20) + (256 << 10));
        for (size_t i = 0; i < blob.len; i++) {
            const char *bytes = blob.data;
            assert_int_equal(bytes[i], (at + i) % 4096 ? 0 : (char)((at + i) >> 12));
        }
        at += blob.len;
        cay__blob_drop(&blob);
    }
    assert_int_equal(at, LARGE);
    call_wait_done(&c);
    assert_int_equal(c.rc, 0);
    call_free(&c);
}

static void others_go_on_while_one_is_held_back(void **state) {
    (void)state;
    call_t held;
    call_init(&held, &b, "GET", http_server_url(server, "/large"));
    call_start(&held, &b);
    call_wait_head(&held);
    for (int i = 0; i < 50; i++) {
        call_of("GET", "/");
        assert_int_equal(call_run(&c, &b), 0);
        call_free(&c);
    }
    assert_int_equal(held.dones, 0);
    call_free(&held);
}

static int write_all(const char *data, size_t len) {
    for (;;) {
        unsigned before = c.writables;
        int rc = cay__http_write(c.http, data, len);
        if (rc != CAY_EAGAIN) {
            return rc;
        }
        call_wait_count(&c, &c.writables, before + 1);
    }
}

static void a_streamed_body_arrives_in_chunks(void **state) {
    (void)state;
    static char block[100000];
    memset(block, 'x', sizeof block);
    call_of("POST", "/echo");
    c.o.streamed_body = true;
    call_start(&c, &b);
    http_server_wait_open(server, 1);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(write_all(block, sizeof block), 0);
    }
    assert_int_equal(write_all("", 0), 0);
    assert_int_equal(write_all("end", 3), 0);
    cay__http_end(c.http);
    assert_int_equal(cay__http_write(c.http, "x", 1), CAY_ECLOSED);
    assert_int_equal(call_read(&c), CAY_ECLOSED);
    call_wait_done(&c);
    assert_int_equal(c.rc, 0);
    assert_int_equal(c.body.len, 100 * sizeof block + 3);
    assert_memory_equal(c.body.data + c.body.len - 4, "xend", 4);
    const char *seen = http_server_request(server, 0);
    assert_non_null(strstr(seen, "Transfer-Encoding: chunked"));
    assert_null(strstr(seen, "Content-Length"));
    assert_null(strstr(seen, "Expect"));
    call_free(&c);
}

static void an_empty_stream_is_an_empty_body(void **state) {
    (void)state;
    call_of("PUT", "/echo");
    c.o.streamed_body = true;
    call_start(&c, &b);
    cay__http_end(c.http);
    assert_int_equal(call_read(&c), CAY_ECLOSED);
    call_wait_done(&c);
    assert_int_equal(c.rc, 0);
    assert_int_equal(c.body.len, 0);
    call_free(&c);
}

static void a_writer_is_held_back_while_the_server_does_not_read(void **state) {
    (void)state;
    static char block[BLOCK];
    size_t total = 0;
    int rc = 0;
    call_of("POST", "/slow");
    c.o.streamed_body = true;
    call_start(&c, &b);
    http_server_wait_requests(server, 1);
    /* Sockets take some; then what we hold is full for good. */
    for (uint64_t quiet = cay__clock_deadline(300); cay__clock_mono() < quiet;) {
        rc = cay__http_write(c.http, block, sizeof block);
        if (rc == 0) {
            total += sizeof block;
            quiet = cay__clock_deadline(300);
        }
        assert_true(total < LARGE);
    }
    assert_int_equal(rc, CAY_EAGAIN);
    http_gate_open(server);
    call_wait_count(&c, &c.writables, 1);
    assert_int_equal(write_all("end", 3), 0);
    cay__http_end(c.http);
    assert_int_equal(call_read(&c), CAY_ECLOSED);
    assert_string_equal(call_body(&c), "read");
    call_free(&c);
}

static void writing_without_a_stream_is_refused(void **state) {
    (void)state;
    call_of("GET", "/pieces");
    call_start(&c, &b);
    assert_int_equal(cay__http_write(c.http, "x", 1), CAY_ECLOSED);
    cay__http_end(c.http);
    call_free(&c);
}

static void a_response_may_come_before_the_body_ends(void **state) {
    (void)state;
    static char block[BLOCK];
    call_of("POST", "/early");
    c.o.streamed_body = true;
    call_start(&c, &b);
    call_wait_head(&c);
    assert_int_equal(c.status, 413);
    int rc = 0;
    for (uint64_t by = cay__clock_deadline(10000); rc != CAY_ECLOSED && cay__clock_mono() < by;) {
        rc = cay__http_write(c.http, block, sizeof block);
    }
    assert_int_equal(rc, CAY_ECLOSED);
    call_wait_done(&c);
    call_free(&c);
}

static void a_streamed_body_cannot_be_sent_twice(void **state) {
    (void)state;
    call_of("POST", "/307");
    c.o.streamed_body = true;
    call_start(&c, &b);
    assert_int_equal(write_all("once", 4), 0);
    cay__http_end(c.http);
    call_wait_done(&c);
    assert_int_equal(c.rc, CAY_ENET);
    assert_non_null(strstr(cay_error_message(c.err), "streamed"));
    call_free(&c);
}

static void a_streamed_body_is_dropped_when_the_method_changes(void **state) {
    (void)state;
    call_of("POST", "/303");
    c.o.streamed_body = true;
    call_start(&c, &b);
    assert_int_equal(write_all("once", 4), 0);
    cay__http_end(c.http);
    assert_int_equal(call_read(&c), CAY_ECLOSED);
    call_wait_done(&c);
    assert_int_equal(c.rc, 0);
    assert_int_equal(c.body.len, 0);
    assert_int_equal(strncmp(http_server_request(server, 1), "GET /echo", 9), 0);
    assert_null(strstr(http_server_request(server, 1), "chunked"));
    call_free(&c);
}

static void bodies_go_both_ways_at_once(void **state) {
    (void)state;
    enum { N = 24 };
    static call_t calls[N];
    static char block[200000];
    for (int i = 0; i < N; i++) {
        call_init(&calls[i], &b, "POST", http_server_url(server, i % 3 ? "/echo" : "/large"));
        calls[i].o.body = block;
        calls[i].o.body_len = sizeof block;
        call_start(&calls[i], &b);
    }
    for (int i = 0; i < N; i++) {
        if (i % 3) {
            assert_int_equal(call_read(&calls[i]), CAY_ECLOSED);
            assert_int_equal(calls[i].body.len, sizeof block);
        }
        call_free(&calls[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_small_body_is_there_with_its_head, setup, teardown),
        cmocka_unit_test_setup_teardown(pieces_come_as_they_are_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(a_sender_is_held_back_while_nobody_takes, setup, teardown),
        cmocka_unit_test_setup_teardown(others_go_on_while_one_is_held_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_streamed_body_arrives_in_chunks, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_stream_is_an_empty_body, setup, teardown),
        cmocka_unit_test_setup_teardown(a_writer_is_held_back_while_the_server_does_not_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(writing_without_a_stream_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_response_may_come_before_the_body_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(a_streamed_body_cannot_be_sent_twice, setup, teardown),
        cmocka_unit_test_setup_teardown(a_streamed_body_is_dropped_when_the_method_changes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(bodies_go_both_ways_at_once, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
