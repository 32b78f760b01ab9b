/* SPDX-License-Identifier: MIT */
/* Connections: kept, forgotten, refused, late; what is refused before there is one; whole GETs. */
#include <netinet/in.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http_test.h"

#define OK(body_len, body) "HTTP/1.1 200 OK\r\nContent-Length: " #body_len "\r\n\r\n" body

static void serve_after_gate(http_exchange_t *x) {
    http_gate_wait(x);
    http_send_text(x, OK(4, "late"));
}

static void serve_half(http_exchange_t *x) {
    http_send_text(x, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
    http_gate_wait(x);
    x->close = true;
}

static void serve_large(http_exchange_t *x) {
    static const char block[1000];
    http_send_text(x, "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 3000000\r\n\r\n");
    for (int i = 0; i < 3000; i++) {
        http_send(x, block, sizeof block);
    }
}

/* The second request finds the connection reset. */
static void serve_unless_second(http_exchange_t *x) {
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    if (http_server_requests(x->server) == 2) {
        setsockopt(http_fd(x), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        x->close = true;
    } else {
        http_send_text(x, OK(5, "hello"));
    }
}

static const http_route_t routes[] = {
    {.path = "/", .reply = OK(5, "hello")},
    {.path = "/once", .reply = OK(5, "hello"), .close = true},
    {.path = "/bye", .reply = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"},
    {.path = "/reset", .serve = serve_unless_second},
    {.path = "/late", .serve = serve_after_gate},
    {.path = "/half", .serve = serve_half},
    {.path = "/large", .serve = serve_large},
    {.path = "/from", .reply = "HTTP/1.1 302 F\r\nLocation: /large?x\r\nContent-Length: 0\r\n\r\n"},
    {.path = NULL},
};

static bench_t b;
static http_server_t *server;
static call_t c;

static int setup(void **state) {
    (void)state;
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

static void get_ok(const char *path, const char *body) {
    call_init(&c, &b, "GET", http_server_url(server, path));
    assert_int_equal(call_run(&c, &b), 0);
    assert_string_equal(call_body(&c), body);
    call_free(&c);
}

static void connections_are_kept_for_the_same_client_only(void **state) {
    (void)state;
    cay_http_client_t *first = b.client, *second;
    for (int i = 0; i < 20; i++) {
        get_ok("/", "hello");
    }
    assert_int_equal(http_server_connections(server), 1);
    assert_int_equal(cay__http_client_new(b.loop, &second), 0);
    b.client = second;
    get_ok("/", "hello");
    assert_int_equal(http_server_connections(server), 2);
    cay__http_client_free(second);
    b.client = first;
    http_server_wait_open(server, 1);
}

static void a_connection_that_the_server_closed_is_not_used_again(void **state) {
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        get_ok(i % 2 ? "/once" : "/bye", i % 2 ? "hello" : "");
        http_server_wait_open(server, 0);
    }
    assert_int_equal(http_server_connections(server), 5);
}

static void a_request_whose_kept_connection_is_reset_is_sent_again(void **state) {
    (void)state;
    get_ok("/reset", "hello");
    get_ok("/reset", "hello");
    assert_int_equal(http_server_requests(server), 3);
    assert_int_equal(http_server_connections(server), 2);
}

static void a_client_that_forgets_makes_new_connections(void **state) {
    (void)state;
    get_ok("/", "hello");
    cay__http_client_forget(b.client);
    http_server_wait_open(server, 0);
    get_ok("/", "hello");
    assert_int_equal(http_server_connections(server), 2);
}

static void a_request_that_goes_on_outlives_forgetting(void **state) {
    (void)state;
    call_t late;
    call_init(&late, &b, "GET", http_server_url(server, "/late"));
    call_start(&late, &b);
    http_server_wait_requests(server, 1);
    cay__http_client_forget(b.client);
    get_ok("/", "hello");
    assert_int_equal(http_server_connections(server), 2);
    http_gate_open(server);
    assert_int_equal(call_read(&late), CAY_ECLOSED);
    assert_string_equal(call_body(&late), "late");
    http_server_wait_open(server, 1); /* its connection went with it */
    call_free(&late);
}

static void many_at_once_each_get_theirs(void **state) {
    (void)state;
    enum { N = 300 }; /* more than may be under way at once */
    call_t *calls = cay__calloc(N, sizeof *calls);
    assert_non_null(calls);
    for (int i = 0; i < N; i++) {
        call_init(&calls[i], &b, "GET", http_server_url(server, "/late"));
        call_start(&calls[i], &b);
    }
    http_server_wait_requests(server, 192);
    http_gate_open(server);
    for (int i = 0; i < N; i++) {
        assert_int_equal(call_read(&calls[i]), CAY_ECLOSED);
        assert_string_equal(call_body(&calls[i]), "late");
        call_free(&calls[i]);
    }
    assert_true(http_server_connections(server) <= 192);
    cay__free(calls);
}

static void the_environment_names_no_proxy(void **state) {
    (void)state;
    static const char *const names[] = {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"};
    for (size_t i = 0; i < CAY_COUNT(names); i++) {
        setenv(names[i], "http://127.0.0.1:1", 1);
    }
    get_ok("/", "hello");
    for (size_t i = 0; i < CAY_COUNT(names); i++) {
        unsetenv(names[i]);
    }
}

static void fails(const char *url, int rc, const char *message) {
    call_init(&c, &b, "GET", url);
    assert_int_equal(call_run(&c, &b), rc);
    assert_non_null(strstr(cay_error_message(c.err), message));
    call_free(&c);
}

/* A port of loopback where nobody listens: bound, and kept so. */
static int closed_port(int *fd) {
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof addr;
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(*fd, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(getsockname(*fd, (struct sockaddr *)&addr, &len), 0);
    return ntohs(addr.sin_port);
}

static void where_nobody_listens_is_an_error(void **state) {
    (void)state;
    char url[64];
    int fd, port = closed_port(&fd);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
    fails(url, CAY_ENET, "cannot connect to 127.0.0.1");
    snprintf(url, sizeof url, "http://localhost:%d/", port);
    fails(url, CAY_ENET, "cannot connect to localhost");
    close(fd);
}

static void connecting_takes_no_longer_than_it_may(void **state) {
    (void)state;
    char url[64];
    int fd, port = closed_port(&fd), fill[8];
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)port),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(listen(fd, 0),
                     0); /* and never accepts: the queue fills, then nothing answers */
    for (size_t i = 0; i < CAY_COUNT(fill); i++) {
        fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)!connect(fill[i], (struct sockaddr *)&addr, sizeof addr);
    }
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
    call_init(&c, &b, "GET", url);
    c.o.connect_timeout_ms = 50;
    assert_int_equal(call_run(&c, &b), CAY_ETIMEDOUT);
    assert_non_null(strstr(cay_error_message(c.err), "within 50 ms"));
    call_free(&c);
    for (size_t i = 0; i < CAY_COUNT(fill); i++) {
        close(fill[i]);
    }
    close(fd);
}

static void a_head_that_does_not_come_in_time_is_an_error(void **state) {
    (void)state;
    call_init(&c, &b, "GET", http_server_url(server, "/late"));
    c.o.head_timeout_ms = 50;
    assert_int_equal(call_run(&c, &b), CAY_ETIMEDOUT);
    assert_int_equal(c.heads, 0);
    call_free(&c);
    call_init(&c, &b, "GET", http_server_url(server, "/half"));
    c.o.head_timeout_ms = 5000; /* does not count any more once the head is there */
    call_start(&c, &b);
    call_wait_head(&c);
    call_free(&c);
}

static void a_response_that_is_not_complete_in_time_is_an_error(void **state) {
    (void)state;
    call_init(&c, &b, "GET", http_server_url(server, "/half"));
    c.o.total_timeout_ms = 50;
    assert_int_equal(call_run(&c, &b), CAY_ETIMEDOUT);
    assert_string_equal(call_body(&c), "half");
    call_free(&c);
}

static void what_cannot_be_asked_is_refused_at_the_start(void **state) {
    (void)state;
    static const struct {
        const char *method, *url, *message;
        int rc;
    } cases[] = {
        {"GET", "no url", "no url", CAY_EINVAL},
        {"GET", "http://a b/", "a b", CAY_EINVAL},
        {"GET", "http:///", "", CAY_ENET}, /* the host is "" or the parser refuses it */
        {"GET", "ftp://host/", "ftp:", CAY_ENOTSUP},
        {"GET", "file:///etc/passwd", "file:", CAY_ENOTSUP},
        {"GET", "data:,x", "data:", CAY_ENOTSUP},
        {"CONNECT", "http://host/", "CONNECT", CAY_EINVAL},
        {"trace", "http://host/", "trace", CAY_EINVAL},
        {"TRACK", "http://host/", "TRACK", CAY_EINVAL},
        {"", "http://host/", "method", CAY_EINVAL},
        {"GET /x HTTP/1.1\r\nA:", "http://host/", "method", CAY_EINVAL},
        {"G\xc3\x89T", "http://host/", "method", CAY_EINVAL},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        call_init(&c, &b, cases[i].method, cases[i].url);
        call_start(&c, &b);
        if (cases[i].rc == CAY_ENET) {
            assert_int_not_equal(c.start_rc, 0);
        } else {
            assert_int_equal(c.start_rc, cases[i].rc);
            assert_non_null(strstr(cay_error_message(c.start_err), cases[i].message));
        }
        assert_int_equal(c.dones, 0);
        call_free(&c);
    }
}

static void a_body_where_none_goes_is_refused(void **state) {
    (void)state;
    static const char *const methods[] = {"GET", "HEAD"};
    for (int i = 0; i < 4; i++) {
        call_init(&c, &b, methods[i % 2], "http://host/");
        c.o.body = i < 2 ? "x" : NULL;
        c.o.body_len = 1;
        c.o.streamed_body = i >= 2;
        call_start(&c, &b);
        assert_int_equal(c.start_rc, CAY_EINVAL);
        call_free(&c);
    }
}

static void headers_that_could_be_more_than_one_are_refused_by_name(void **state) {
    (void)state;
    static const cay_http_header_t bad[] = {
        {"X-Bad", "a\r\nEvil: 1"},
        {"X-Bad", "a\nEvil: 1"},
        {"X-Bad", "a\rEvil: 1"},
        {"X-Bad", "a\r\n folded"},
        {"X-Bad", " leading"},
        {"X-Bad", "trailing\t"},
        {"X-Bad", "\r\n"},
        {"X-Bad", "\xc4\x80"},
        {"X-Bad", "\xe9"},
        {"X-Bad: a\r\nB", "x"},
        {"X-Bad ", "x"},
        {" X-Bad", "x"},
        {"X-Bad:", "x"},
        {"X-Bad\n", "x"},
        {"X-Bad\xc3\xa9", "x"},
        {"X-Bad(", "x"},
        {"Host", "evil"},
        {"content-length", "0"},
        {"Transfer-Encoding", "chunked"},
        {"CONNECTION", "close"},
        {"Keep-Alive", "1"},
        {"Proxy-Connection", "x"},
        {"TE", "trailers"},
        {"Trailer", "x"},
        {"Upgrade", "h2c"},
        {"Expect", "100-continue"},
        {"HTTP2-Settings", "x"},
    };
    for (size_t i = 0; i < CAY_COUNT(bad); i++) {
        const cay_http_header_t two[] = {{"Good", "1"}, bad[i]};
        call_init(&c, &b, "GET", http_server_url(server, "/"));
        c.o.headers = two;
        c.o.header_count = 2;
        call_start(&c, &b);
        assert_int_equal(c.start_rc, CAY_EINVAL);
        assert_non_null(strstr(cay_error_message(c.start_err), bad[i].name));
        call_free(&c);
    }
    call_init(&c, &b, "GET", http_server_url(server, "/"));
    const cay_http_header_t empty = {"", "x"};
    c.o.headers = &empty;
    c.o.header_count = 1;
    call_start(&c, &b);
    assert_int_equal(c.start_rc, CAY_EINVAL);
    call_free(&c);
    assert_int_equal(http_server_connections(server), 0);
}

static void too_many_headers_are_refused(void **state) {
    (void)state;
    cay_http_header_t *many = cay__calloc(1001, sizeof *many);
    assert_non_null(many);
    for (int i = 0; i < 1001; i++) {
        many[i] = (cay_http_header_t){"A", "b"};
    }
    call_init(&c, &b, "GET", http_server_url(server, "/"));
    c.o.headers = many;
    c.o.header_count = 1001;
    call_start(&c, &b);
    assert_int_equal(c.start_rc, CAY_ELIMIT);
    call_free(&c);
    cay__free(many);
}

/* Whole GETs. */

typedef struct got {
    sem_t done;
    int rc;
    uint32_t status;
    char url[256];
    char type[64];
    size_t len;
    cay_http_get_t *free_inside;
} got_t;

static void on_got(void *ctx, const cay_http_got_t *g) {
    got_t *got = ctx;
    got->rc = g->rc;
    got->status = g->status;
    got->len = g->len;
    snprintf(got->url, sizeof got->url, "%s", g->url ? g->url : "");
    snprintf(got->type, sizeof got->type, "%s", g->content_type ? g->content_type : "");
    cay__http_get_free(got->free_inside);
    sem_post(&got->done);
}

static int get_whole(got_t *got, const char *path, size_t max) {
    cay_http_get_t *g;
    memset(got, 0, sizeof *got);
    sem_init(&got->done, 0, 0);
    assert_int_equal(cay__http_get(b.client, http_server_url(server, path), NULL, 0, max,
                                   &rules_judge, &b.rules, on_got, got, &g, NULL),
                     0);
    sem_wait(&got->done);
    cay__http_get_free(g);
    sem_destroy(&got->done);
    return got->rc;
}

static void a_whole_get_follows_and_gathers(void **state) {
    (void)state;
    got_t got;
    assert_int_equal(get_whole(&got, "/from", 3000000), 0);
    assert_int_equal(got.status, 200);
    assert_int_equal(got.len, 3000000);
    assert_string_equal(got.type, "a/b");
    assert_string_equal(got.url, http_server_url(server, "/large?x"));
    assert_int_equal(get_whole(&got, "/from", 2999999), CAY_ELIMIT);
    assert_int_equal(get_whole(&got, "/gone", 1), CAY_ENET);
}

static void a_whole_get_may_be_freed_at_any_time(void **state) {
    (void)state;
    cay_http_get_t *g;
    got_t got;
    for (int i = 0; i < 30; i++) {
        memset(&got, 0, sizeof got);
        sem_init(&got.done, 0, 0);
        assert_int_equal(cay__http_get(b.client,
                                       http_server_url(server, i % 2 ? "/large" : "/late"), NULL, 0,
                                       0, &rules_judge, &b.rules, on_got, &got, &g, NULL),
                         0);
        if (i % 3 == 0) {
            http_server_wait_requests(server, http_server_requests(server));
        }
        cay__http_get_free(g);
        sem_destroy(&got.done);
    }
    assert_int_equal(cay__http_get(b.client, "gopher://x", NULL, 0, 0, &rules_judge, &b.rules,
                                   on_got, &got, &g, NULL),
                     CAY_ENOTSUP);
    assert_null(g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(connections_are_kept_for_the_same_client_only, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_connection_that_the_server_closed_is_not_used_again,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_request_whose_kept_connection_is_reset_is_sent_again,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_that_forgets_makes_new_connections, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_request_that_goes_on_outlives_forgetting, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(many_at_once_each_get_theirs, setup, teardown),
        cmocka_unit_test_setup_teardown(the_environment_names_no_proxy, setup, teardown),
        cmocka_unit_test_setup_teardown(where_nobody_listens_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(connecting_takes_no_longer_than_it_may, setup, teardown),
        cmocka_unit_test_setup_teardown(a_head_that_does_not_come_in_time_is_an_error, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_response_that_is_not_complete_in_time_is_an_error, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_asked_is_refused_at_the_start, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_body_where_none_goes_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(headers_that_could_be_more_than_one_are_refused_by_name,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_headers_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_whole_get_follows_and_gathers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_whole_get_may_be_freed_at_any_time, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
