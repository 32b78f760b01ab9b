/* SPDX-License-Identifier: MIT */
/* Requests and responses over HTTP/1.1, against a server on loopback. */
#include "http_test.h"

#include <stdio.h>
#include <stdlib.h>

#define OK(body_len, body)                                                                         \
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " #body_len "\r\n\r\n" body
#define CODED(coding, len)                                                                         \
    "HTTP/1.1 200 OK\r\nContent-Encoding: " coding "\r\nContent-Length: " #len "\r\n\r\n"

#define HELLO "hello hello hello hello hello "
static const char gzip_reply[] =
    CODED("gzip", 29) "\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\xc0\x41\x02\0\xbe"
                      "\xcb\x8a\xbd\x1e\0\0\0";
static const char deflate_reply[] =
    CODED("deflate", 17) "\x78\x9c\xcb\x48\xcd\xc9\xc9\x57\xc8\xc0\x41\x02\0\xae\x15\x0b\x05";
static const char br_reply[] = CODED(
    "br", 20) "\x1b\x1d\0\xf8\x8d\x94\x6e\xde\x44\x55\x86\x96\x6c\x20\x6f\x41\x4f\x1c\x40\x71";
/* 16 MiB of zeros in 27 bytes. */
static const char bomb_reply[] =
    CODED("br", 27) "\xcb\xff\xff\x3f\xf8\x27\0\xe2\xb1\x40\x20\xf7\xfe\x2f\xff\xff\xff\xf0\x4f\0"
                    "\xc4\x61\x11\x80\xee\xfd\x1f";

static void serve_echo(http_exchange_t *x) {
    char head[128];
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", x->body_len);
    http_send_text(x, head);
    http_send(x, x->body, x->body_len);
}

static void serve_long_head(http_exchange_t *x) {
    char line[1100];
    http_send_text(x, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 70 && !x->close; i++) {
        snprintf(line, sizeof line, "X-%d: %01000d\r\n", i, 0);
        http_send_text(x, line);
    }
    http_send_text(x, "Content-Length: 0\r\n\r\n");
}

static void serve_fields(http_exchange_t *x) {
    int n = atoi(strchr(x->path, '?') + 1);
    http_send_text(x, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
    for (int i = 1; i < n; i++) {
        http_send_text(x, "a: b\r\n");
    }
    http_send_text(x, "\r\n");
}

static const http_route_t routes[] = {
    {.path = "/", .reply = OK(5, "hello")},
    {.path = "/a%2F..;b", .reply = OK(4, "path")},
    {.path = "/echo", .serve = serve_echo},
    {.path = "/gzip", .reply = gzip_reply, .len = sizeof gzip_reply - 1},
    {.path = "/deflate", .reply = deflate_reply, .len = sizeof deflate_reply - 1},
    {.path = "/br", .reply = br_reply, .len = sizeof br_reply - 1},
    {.path = "/bomb", .reply = bomb_reply, .len = sizeof bomb_reply - 1},
    {.path = "/chunked",
     .reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
              "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX-T: trailer\r\n\r\n"},
    {.path = "/to-the-end", .reply = "HTTP/1.0 200 Fine\r\n\r\nall of it", .close = true},
    {.path = "/short", .reply = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .close = true},
    {.path = "/nothing", .reply = "", .len = 0, .close = true},
    {.path = "/interim",
     .reply =
         "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\nB: c\r\n\r\n"},
    {.path = "/switch", .reply = "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", .close = true},
    {.path = "/folded", .reply = "HTTP/1.1 200 OK\r\nA: one\r\n  two\r\nContent-Length: 0\r\n\r\n"},
    {.path = "/latin1",
     .reply = "HTTP/1.1 200 \xe9t\xe9\r\nA: caf\xe9\r\nContent-Length: 0\r\n\r\n"},
    {.path = "/no-field", .reply = "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", .close = true},
    {.path = "/space-name", .reply = "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", .close = true},
    {.path = "/fold-first", .reply = "HTTP/1.1 200 OK\r\n A: b\r\n\r\n", .close = true},
    {.path = "/nul", .reply = "HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", .len = 28, .close = true},
    {.path = "/cr", .reply = "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", .close = true},
    {.path = "/http09", .reply = "hello", .close = true},
    {.path = "/head", .reply = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"},
    {.path = "/not-found", .reply = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"},
    {.path = "/long-head", .serve = serve_long_head},
    {.path = "/fields", .serve = serve_fields},
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

static void call_of(const char *method, const char *path) {
    call_init(&c, &b, method, http_server_url(server, path));
}

static void get_ok(const char *path, const char *body) {
    call_of("GET", path);
    assert_int_equal(call_run(&c, &b), 0);
    assert_string_equal(call_body(&c), body);
}

static void get_fails(const char *path, int rc, const char *message) {
    call_of("GET", path);
    assert_int_equal(call_run(&c, &b), rc);
    assert_non_null(strstr(cay_error_message(c.err), message));
    assert_int_equal(c.heads, 0);
    call_free(&c);
}

static void get_gives_head_and_body(void **state) {
    (void)state;
    get_ok("/", "hello");
    assert_int_equal(c.status, 200);
    assert_int_equal(c.version, 11);
    assert_string_equal(c.reason, "OK");
    assert_string_equal(c.url, http_server_url(server, "/"));
    assert_false(c.redirected);
    assert_string_equal(c.fields, "content-type: text/plain\ncontent-length: 5\n");
    assert_int_equal(c.heads, 1);
    assert_int_equal(c.dones, 1);
    call_free(&c);
}

static void an_error_status_is_a_response(void **state) {
    (void)state;
    get_ok("/not-found", "gone");
    assert_int_equal(c.status, 404);
    call_free(&c);
}

/* What the server saw of the last request has this line. */
static bool was_sent(const char *line) {
    const char *text = http_server_request(server, http_server_requests(server) - 1);
    char with_ends[256];
    snprintf(with_ends, sizeof with_ends, "\r\n%s\r\n", line);
    return strstr(text, with_ends) != NULL || strncmp(text, line, strlen(line)) == 0;
}

static bool was_sent_name(const char *name) {
    const char *text = http_server_request(server, http_server_requests(server) - 1);
    char with_ends[256];
    snprintf(with_ends, sizeof with_ends, "\r\n%s:", name);
    return strstr(text, with_ends) != NULL;
}

static void requests_are_what_was_asked_for_and_no_more(void **state) {
    (void)state;
    const cay_http_header_t headers[] = {{"X-One", "1"}, {"x-two", ""}, {"X-One", "caf\xc3\xa9"}};
    const char *url = http_server_url(server, "/a%2F..;b?q=%20#fragment");
    char line[256];
    call_init(&c, &b, "GET", url);
    c.o.headers = headers;
    c.o.header_count = 3;
    assert_int_equal(call_run(&c, &b), 0);
    snprintf(line, sizeof line, "Host: 127.0.0.1:%d", http_server_port(server));
    assert_true(was_sent("GET /a%2F..;b?q=%20 HTTP/1.1\r\n"));
    assert_true(was_sent(line));
    assert_true(was_sent("X-One: 1"));
    assert_true(was_sent("x-two:"));
    assert_true(was_sent("X-One: caf\xe9"));
    assert_true(was_sent("Accept-Encoding: gzip, deflate, br"));
    assert_true(was_sent("Accept: */*"));
    static const char *const absent[] = {"User-Agent", "Expect",  "Content-Type", "Content-Length",
                                         "Connection", "Upgrade", "Authorization"};
    for (size_t i = 0; i < CAY_COUNT(absent); i++) {
        assert_false(was_sent_name(absent[i]));
    }
    call_free(&c);
}

static void each_method_sends_its_body(void **state) {
    (void)state;
    static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "query"};
    static const char body[] = "bytes\0and more";
    for (size_t i = 0; i < CAY_COUNT(methods); i++) {
        call_of(methods[i], "/echo");
        c.o.body = body;
        c.o.body_len = sizeof body;
        assert_int_equal(call_run(&c, &b), 0);
        assert_int_equal(c.body.len, sizeof body);
        assert_memory_equal(c.body.data, body, sizeof body);
        assert_true(was_sent(methods[i]));
        assert_true(was_sent("Content-Length: 15"));
        assert_false(was_sent_name("Content-Type"));
        assert_false(was_sent_name("Expect"));
        call_free(&c);
    }
    assert_int_equal(http_server_connections(server), 1);
}

static void a_large_body_is_sent_without_asking_first(void **state) {
    (void)state;
    const size_t len = 3 << 20;
    char *body = cay__malloc(len);
    assert_non_null(body);
    memset(body, 'x', len);
    call_of("POST", "/echo");
    c.o.body = body;
    c.o.body_len = len;
    call_start(&c, &b);
    cay__free(body); /* it was copied */
    assert_int_equal(call_read(&c), CAY_ECLOSED);
    assert_int_equal(c.body.len, len);
    assert_false(was_sent_name("Expect"));
    call_free(&c);
}

static void methods_without_a_body_say_its_length_only_where_one_is_usual(void **state) {
    (void)state;
    static const struct {
        const char *method;
        bool length;
    } cases[] = {
        {"POST", true}, {"PUT", true}, {"PATCH", false}, {"DELETE", false}, {"GET", false}};
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        call_of(cases[i].method, "/echo");
        assert_int_equal(call_run(&c, &b), 0);
        assert_int_equal(was_sent("Content-Length: 0"), cases[i].length);
        assert_int_equal(was_sent_name("Content-Length"), cases[i].length);
        assert_true(was_sent(cases[i].method));
        call_free(&c);
    }
}

static void an_empty_body_is_a_body(void **state) {
    (void)state;
    call_of("PATCH", "/echo");
    c.o.body = "";
    assert_int_equal(call_run(&c, &b), 0);
    assert_true(was_sent("Content-Length: 0"));
    call_free(&c);
}

static void head_has_no_body(void **state) {
    (void)state;
    call_of("HEAD", "/head");
    assert_int_equal(call_run(&c, &b), 0);
    assert_int_equal(c.body.len, 0);
    assert_true(was_sent("HEAD /head"));
    assert_string_equal(c.fields, "content-length: 99\n");
    call_free(&c);
    get_ok("/", "hello"); /* on the same connection and handle */
    call_free(&c);
    assert_int_equal(http_server_connections(server), 1);
}

static void credentials_of_the_url_become_authorization(void **state) {
    (void)state;
    char host[] = "us%65r:p%C3%A9@127.0.0.1";
    call_init(&c, &b, "GET", http_server_url_of(server, "http", host, "/"));
    assert_int_equal(call_run(&c, &b), 0);
    assert_true(was_sent("Authorization: Basic dXNlcjpww6k="));
    assert_string_equal(c.url, http_server_url(server, "/"));
    call_free(&c);
    const cay_http_header_t given = {"authorization", "Bearer x"};
    call_init(&c, &b, "GET", http_server_url_of(server, "http", host, "/"));
    c.o.headers = &given;
    c.o.header_count = 1;
    assert_int_equal(call_run(&c, &b), 0);
    assert_true(was_sent("authorization: Bearer x"));
    assert_false(was_sent_name("Authorization"));
    call_free(&c);
}

static void codings_are_undone(void **state) {
    (void)state;
    static const char *const paths[] = {"/gzip", "/deflate", "/br"};
    for (size_t i = 0; i < CAY_COUNT(paths); i++) {
        get_ok(paths[i], HELLO);
        call_free(&c);
    }
    call_of("GET", "/gzip");
    c.o.no_decode = true;
    assert_int_equal(call_run(&c, &b), 0);
    assert_int_equal(c.body.len, 29);
    assert_false(was_sent_name("Accept-Encoding"));
    call_free(&c);
    get_ok("/gzip", HELLO);
    call_free(&c);
}

static void a_decompression_bomb_is_stopped(void **state) {
    (void)state;
    call_of("GET", "/bomb");
    assert_int_equal(call_run(&c, &b), CAY_ELIMIT);
    assert_non_null(strstr(cay_error_message(c.err), "1000-fold"));
    assert_true(c.body.len <= (2 << 20));
    call_free(&c);
    call_of("GET", "/bomb");
    c.o.max_ratio = 1000000;
    assert_int_equal(call_run(&c, &b), 0);
    assert_int_equal(c.body.len, 16 << 20);
    call_free(&c);
}

static void a_body_over_its_bound_is_stopped(void **state) {
    (void)state;
    call_of("GET", "/chunked");
    c.o.max_body = 6;
    assert_int_equal(call_run(&c, &b), CAY_ELIMIT);
    assert_string_equal(call_body(&c), "abc"); /* what came before is there */
    call_free(&c);
    call_of("GET", "/chunked");
    c.o.max_body = 7;
    assert_int_equal(call_run(&c, &b), 0);
    assert_string_equal(call_body(&c), "abcdefg");
    call_free(&c);
}

static void trailers_and_interim_heads_are_dropped(void **state) {
    (void)state;
    get_ok("/chunked", "abcdefg");
    assert_string_equal(c.fields, "transfer-encoding: chunked\ntrailer: X-T\n");
    call_free(&c);
    get_ok("/interim", "");
    assert_int_equal(c.status, 204);
    assert_string_equal(c.fields, "b: c\n");
    assert_int_equal(c.heads, 1);
    call_free(&c);
}

static void heads_become_text(void **state) {
    (void)state;
    get_ok("/folded", "");
    assert_string_equal(c.fields, "a: one two\ncontent-length: 0\n");
    call_free(&c);
    get_ok("/latin1", "");
    assert_string_equal(c.reason, "\xc3\xa9t\xc3\xa9");
    assert_string_equal(c.fields, "a: caf\xc3\xa9\ncontent-length: 0\n");
    call_free(&c);
    get_ok("/to-the-end", "all of it");
    assert_int_equal(c.version, 10);
    call_free(&c);
}

static void malformed_responses_are_errors(void **state) {
    (void)state;
    get_fails("/no-field", CAY_ENET, "malformed");
    get_fails("/space-name", CAY_ENET, "malformed");
    get_fails("/switch", CAY_ENET, "switches");
    get_fails("/nul", CAY_ENET, "malformed");
    get_fails("/cr", CAY_ENET, "malformed");
    get_fails("/http09", CAY_ENET, "malformed");
    get_fails("/nothing", CAY_ENET, "");
    get_fails("/unknown", CAY_ENET, "");
}

/* libcurl would follow a pointer of the response before, if its handle had one. */
static void a_first_line_that_is_folded_is_an_error_also_after_other_responses(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        get_ok("/latin1", "");
        call_free(&c);
        get_fails("/fold-first", CAY_ENET, "malformed");
    }
}

static void a_body_that_breaks_off_is_an_error(void **state) {
    (void)state;
    call_of("GET", "/short");
    assert_int_equal(call_run(&c, &b), CAY_ENET);
    assert_string_equal(call_body(&c), "half");
    assert_int_equal(c.heads, 1);
    call_free(&c);
}

static void heads_are_bounded(void **state) {
    (void)state;
    get_fails("/long-head", CAY_ELIMIT, "head is over");
    get_fails("/fields?1001", CAY_ELIMIT, "head is over");
    get_ok("/fields?1000", "");
    call_free(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(get_gives_head_and_body, setup, teardown),
        cmocka_unit_test_setup_teardown(an_error_status_is_a_response, setup, teardown),
        cmocka_unit_test_setup_teardown(requests_are_what_was_asked_for_and_no_more, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(each_method_sends_its_body, setup, teardown),
        cmocka_unit_test_setup_teardown(a_large_body_is_sent_without_asking_first, setup, teardown),
        cmocka_unit_test_setup_teardown(
            methods_without_a_body_say_its_length_only_where_one_is_usual, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_body_is_a_body, setup, teardown),
        cmocka_unit_test_setup_teardown(head_has_no_body, setup, teardown),
        cmocka_unit_test_setup_teardown(credentials_of_the_url_become_authorization, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(codings_are_undone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_decompression_bomb_is_stopped, setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_over_its_bound_is_stopped, setup, teardown),
        cmocka_unit_test_setup_teardown(trailers_and_interim_heads_are_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(heads_become_text, setup, teardown),
        cmocka_unit_test_setup_teardown(malformed_responses_are_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_first_line_that_is_folded_is_an_error_also_after_other_responses, setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_that_breaks_off_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(heads_are_bounded, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
