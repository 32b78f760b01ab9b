/* SPDX-License-Identifier: MIT */
/* Ends at any time: freed and aborted in every state, clients and loops that go at once, memory that runs out. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http_test.h"

#define OK(body_len, body) "HTTP/1.1 200 OK\r\nContent-Length: " #body_len "\r\n\r\n" body

static void serve_never(http_exchange_t *x) {
    http_gate_wait(x);
    x->close = true;
}

static void serve_half(http_exchange_t *x) {
    http_send_text(x, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
    http_gate_wait(x);
    x->close = true;
}

static void serve_endless(http_exchange_t *x) {
    static const char block[65536];
    http_send_text(x, "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n");
    while (!x->close) {
        http_send(x, block, sizeof block);
    }
}

static const char br_reply[] =
    "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 20\r\n\r\n"
    "\x1b\x1d\0\xf8\x8d\x94\x6e\xde\x44\x55\x86\x96\x6c\x20\x6f\x41\x4f\x1c\x40\x71";

static const http_route_t routes[] = {
    {.path = "/", .reply = OK(5, "hello")},
    {.path = "/br", .reply = br_reply, .len = sizeof br_reply - 1},
    {.path = "/never", .serve = serve_never, .raw_body = true},
    {.path = "/half", .serve = serve_half},
    {.path = "/endless", .serve = serve_endless},
    {.path = "/from", .reply = "HTTP/1.1 302 R\r\nLocation: /?x\r\nContent-Length: 0\r\n\r\n"},
    {.path = NULL},
};

/* A resolver that waits for its gate. */
static cay_mutex_t gate_lock;
static cay_cond_t gate_changed;
static bool gate_open;
static unsigned gate_waits;

static int resolve_at_gate(void *ctx, const char *host,
                           int (*add)(void *list, const struct sockaddr *sa), void *list) {
    (void)ctx;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    cay__mutex_lock(&gate_lock);
    gate_waits++;
    cay__cond_broadcast(&gate_changed);
    while (!gate_open && strcmp(host, "slow.example") == 0) {
        cay__cond_wait(&gate_changed, &gate_lock);
    }
    cay__mutex_unlock(&gate_lock);
    return add(list, (struct sockaddr *)&in);
}

static void gate_wait_for(unsigned n) {
    cay__mutex_lock(&gate_lock);
    while (gate_waits < n) {
        cay__cond_wait(&gate_changed, &gate_lock);
    }
    cay__mutex_unlock(&gate_lock);
}

static void gate_set(bool open) {
    cay__mutex_lock(&gate_lock);
    gate_open = open;
    gate_waits = 0;
    cay__cond_broadcast(&gate_changed);
    cay__mutex_unlock(&gate_lock);
}

static bench_t b;
static http_server_t *server;
static int black_hole, hole_port, hole_fill[4];

/* A port whose queue of connections is full and never accepted from. */
static void open_hole(void) {
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof addr;
    black_hole = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(black_hole, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(getsockname(black_hole, (struct sockaddr *)&addr, &len), 0);
    assert_int_equal(listen(black_hole, 0), 0);
    hole_port = ntohs(addr.sin_port);
    for (size_t i = 0; i < CAY_COUNT(hole_fill); i++) {
        hole_fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)!connect(hole_fill[i], (struct sockaddr *)&addr, sizeof addr);
    }
}

static int setup(void **state) {
    (void)state;
    const cay_loop_options_t o = {.resolve = resolve_at_gate};
    cay__mutex_init(&gate_lock);
    cay__cond_init(&gate_changed);
    gate_set(false);
    bench_open(&b, &o);
    server = http_server_start(routes);
    open_hole();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    for (size_t i = 0; i < CAY_COUNT(hole_fill); i++) {
        close(hole_fill[i]);
    }
    close(black_hole);
    http_server_stop(server);
    bench_close(&b);
    cay__cond_destroy(&gate_changed);
    cay__mutex_destroy(&gate_lock);
    return 0;
}

typedef enum stage { RESOLVING, CONNECTING, SENT, HALF, PAUSED, UPLOADING, ENDED, STAGES } stage_t;

/* Brings a request to where it stays until it is ended from outside. */
static void bring_to(call_t *c, stage_t stage) {
    static const char *const paths[] = {NULL, NULL, "/never", "/half", "/endless", "/never", "/"};
    char url[128];
    cay_blob_t blob;
    bool full;
    if (stage == RESOLVING) {
        snprintf(url, sizeof url, "http://slow.example:1/");
    } else if (stage == CONNECTING) {
        snprintf(url, sizeof url, "http://127.0.0.1:%d/", hole_port);
    } else {
        snprintf(url, sizeof url, "%s", http_server_url(server, paths[stage]));
    }
    unsigned before = http_server_requests(server);
    call_init(c, &b, stage == UPLOADING ? "POST" : "GET", url);
    c->o.streamed_body = stage == UPLOADING;
    call_start(c, &b);
    assert_int_equal(c->start_rc, 0);
    switch (stage) {
    case RESOLVING: gate_wait_for(1); break;
    case CONNECTING:
        while (b.rules.addresses == 0) { /* it is judged right before it connects */
            sched_yield();
        }
        break;
    case SENT: http_server_wait_requests(server, before + 1); break;
    case HALF: call_wait_head(c); break;
    case PAUSED: /* when the window has been full once, it is full again soon */
        call_wait_head(c);
        do {
            (void)!cay__http_take(c->http, &blob);
            full = blob.len >= 1 << 20;
            cay__blob_drop(&blob);
        } while (!full);
        break;
    case UPLOADING:
        http_server_wait_requests(server, before + 1);
        while (cay__http_write(c->http, url, sizeof url) == 0) {}
        break;
    case ENDED: call_wait_done(c); break;
    case STAGES: break;
    }
}

static void freed_in_each_state(void **state) {
    (void)state;
    for (int s = 0; s < STAGES; s++) {
        call_t c;
        bring_to(&c, (stage_t)s);
        unsigned heads = c.heads, dones = c.dones;
        cay__http_free(c.http);
        c.http = NULL;
        assert_int_equal(c.heads, heads); /* and nothing more comes: c is gone now */
        assert_int_equal(c.dones, dones);
        call_free(&c);
        memset(&c, 0xee, sizeof c);
        gate_set(true);
        gate_set(false);
    }
    gate_set(true);
}

static void aborted_in_each_state(void **state) {
    (void)state;
    for (int s = 0; s < STAGES; s++) {
        call_t c;
        cay_blob_t blob;
        bring_to(&c, (stage_t)s);
        cay__http_abort(c.http);
        cay__http_abort(c.http);
        call_wait_done(&c);
        assert_int_equal(c.dones, 1);
        assert_int_equal(c.rc, s == ENDED ? 0 : CAY_ETERMINATED);
        int rc;
        while ((rc = cay__http_take(c.http, &blob)) == 0) {
            cay__blob_drop(&blob);
        }
        assert_int_equal(rc, s == ENDED ? CAY_ECLOSED : CAY_ETERMINATED);
        assert_int_equal(cay__http_write(c.http, "x", 1), CAY_ECLOSED);
        cay__http_end(c.http);
        call_free(&c);
    }
    gate_set(true);
}

static void client_and_loop_go_at_once(void **state) {
    (void)state;
    for (int s = 0; s < STAGES; s++) {
        const cay_loop_options_t o = {.resolve = resolve_at_gate};
        bench_t mine = b;
        call_t c;
        gate_set(false);
        assert_int_equal(cay__loop_new(&o, &b.loop), 0);
        assert_int_equal(cay__http_client_new(b.loop, &b.client), 0);
        b.rules.addresses = 0;
        bring_to(&c, (stage_t)s);
        call_free(&c);
        cay__http_client_free(b.client);
        gate_set(true); /* freeing a loop waits for its resolvers */
        cay__loop_free(b.loop);
        b.loop = mine.loop;
        b.client = mine.client;
    }
    http_gate_open(server);
    http_server_wait_open(server, 0);
}

static void freed_inside_done(void **state) {
    (void)state;
    static const char *const paths[] = {"/", "/from", "/nowhere"};
    for (size_t i = 0; i < 30; i++) {
        call_t c;
        call_init(&c, &b, "GET", http_server_url(server, paths[i % 3]));
        c.free_inside = true;
        call_start(&c, &b);
        call_wait_done(&c);
        call_free(&c);
    }
}

static void freed_right_after_the_start(void **state) {
    (void)state;
    for (int i = 0; i < 300; i++) {
        call_t c;
        call_init(&c, &b, "GET", http_server_url(server, i % 2 ? "/" : "/half"));
        call_start(&c, &b);
        if (i % 3 == 0) {
            cay__http_abort(c.http);
        }
        if (i % 5 == 0) {
            call_wait_count(&c, &c.dones, i % 3 == 0);
        }
        call_free(&c);
    }
}

static void a_thousand_in_flight_end_together(void **state) {
    (void)state;
    enum { N = 1000 };
    call_t *calls = cay__calloc(N, sizeof *calls);
    assert_non_null(calls);
    static const char *const paths[] = {"/never", "/half", "/", "/endless"};
    for (int i = 0; i < N; i++) {
        call_init(&calls[i], &b, "GET", http_server_url(server, paths[i % 4]));
        call_start(&calls[i], &b);
    }
    http_server_wait_requests(server, 50);
    for (int i = 0; i < N; i++) {
        if (i % 2) {
            cay__http_abort(calls[i].http);
        }
    }
    cay__http_client_forget(b.client);
    for (int i = 0; i < N; i++) {
        if (i % 2) {
            call_wait_done(&calls[i]);
        }
        call_free(&calls[i]);
    }
    cay__free(calls);
    http_gate_open(server);
    http_server_wait_open(server, 0);
}

static void freed_by_another_thread_while_told(void **state) {
    (void)state;
    for (int i = 0; i < 200; i++) {
        call_t c;
        call_init(&c, &b, "GET", http_server_url(server, "/"));
        call_start(&c, &b);
        for (int spin = 0; spin < i * 50; spin++) {
            __asm__ volatile("" ::: "memory");
        }
        call_free(&c);
        memset(&c, 0xee, sizeof c); /* a callback from now on would touch this */
    }
}

static void unused_ones_cost_no_thread(void **state) {
    (void)state;
    unsigned before = cay__thread_count();
    bench_t other;
    bench_open(&other, NULL);
    cay__http_client_forget(other.client);
    assert_int_equal(cay__thread_count(), before);
    bench_close(&other);
}

/* With each allocation failing in turn, of every thread: a request ends, with its bytes or with an error. */
static void sweep(const char *path, bool upload) {
    int worked = 0;
    for (uint64_t n = 1; worked < 3 && n < 2000; n++) {
        bench_t mine;
        call_t c;
        cay__mem_fail_process(n, false);
        int rc = cay__loop_new(NULL, &mine.loop);
        rc = rc ? rc : cay__http_client_new(mine.loop, &mine.client);
        if (rc) {
            assert_int_equal(rc, CAY_ENOMEM);
            if (mine.loop) {
                cay__loop_free(mine.loop);
            }
            continue;
        }
        memset(&mine.rules, 0, sizeof mine.rules);
        const cay_http_header_t headers[] = {{"A", "b"}, {"C", "d"}};
        call_init(&c, &mine, upload ? "POST" : "GET", path);
        c.o.headers = headers;
        c.o.header_count = 2;
        c.o.body = upload ? "bytes" : NULL;
        c.o.body_len = 5;
        call_start(&c, &mine);
        if (c.start_rc == 0) {
            call_wait_done(&c);
            rc = c.rc;
            if (rc == 0) {
                assert_int_equal(c.heads, 1);
            }
        } else {
            rc = c.start_rc;
        }
        assert_true(rc == 0 || rc == CAY_ENOMEM || rc == CAY_ELIMIT || rc == CAY_ENET);
        worked += rc == 0 && !cay__mem_failed_process();
        cay__mem_fail_process(0, false);
        call_free(&c);
        cay__http_client_free(mine.client);
        cay__loop_free(mine.loop);
    }
    assert_int_equal(worked, 3);
}

static void memory_may_run_out_anywhere(void **state) {
    (void)state;
    sweep(http_server_url(server, "/br"), false);
    sweep(http_server_url_of(server, "http", "u:p@localhost", "/from"), true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(freed_in_each_state, setup, teardown),
        cmocka_unit_test_setup_teardown(aborted_in_each_state, setup, teardown),
        cmocka_unit_test_setup_teardown(client_and_loop_go_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(freed_inside_done, setup, teardown),
        cmocka_unit_test_setup_teardown(freed_right_after_the_start, setup, teardown),
        cmocka_unit_test_setup_teardown(a_thousand_in_flight_end_together, setup, teardown),
        cmocka_unit_test_setup_teardown(freed_by_another_thread_while_told, setup, teardown),
        cmocka_unit_test_setup_teardown(unused_ones_cost_no_thread, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_may_run_out_anywhere, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
