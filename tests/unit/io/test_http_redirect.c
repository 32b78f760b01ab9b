/* SPDX-License-Identifier: MIT */
/* Redirects: what is sent next, to whom, and when it ends. */
#include <stdio.h>
#include <stdlib.h>

#include "http_test.h"

#define OK(body_len, body) "HTTP/1.1 200 OK\r\nContent-Length: " #body_len "\r\n\r\n" body

static http_server_t *server, *other;

static void redirect(http_exchange_t *x, int status, const char *to) {
    char text[1024];
    snprintf(text, sizeof text, "HTTP/1.1 %d R\r\nLocation: %s\r\nContent-Length: 4\r\n\r\nbody",
             status, to);
    http_send_text(x, text);
}

/* "/s/STATUS": to "/to". "/x/STATUS": to the other server. */
static void serve_status(http_exchange_t *x) {
    int status = atoi(strchr(x->path, '?') + 1);
    bool cross = x->path[1] == 'x';
    redirect(x, status, cross ? http_server_url(other, "/to") : "/to");
}

static void serve_loop(http_exchange_t *x) {
    char to[64];
    snprintf(to, sizeof to, "/loop?%d", atoi(strchr(x->path, '?') + 1) - 1);
    if (strcmp(to, "/loop?-1") == 0) {
        http_send_text(x, OK(3, "end"));
    } else {
        redirect(x, 302, to);
    }
}

static void serve_back(http_exchange_t *x) {
    redirect(x, 307, http_server_url(server, "/to"));
}

static void serve_round(http_exchange_t *x) {
    redirect(x, 307, http_server_url(other, "/back"));
}

static void serve_credentials(http_exchange_t *x) {
    redirect(x, 307,
             http_server_url_of(x->path[1] == 'x' ? other : server, "http", "user:pass@127.0.0.1",
                                "/to"));
}

static void serve_localhost(http_exchange_t *x) {
    redirect(x, 302, http_server_url_of(other, "http", "localhost", "/to"));
}

static void serve_endless(http_exchange_t *x) {
    static const char block[4096];
    http_send_text(x, "HTTP/1.1 302 R\r\nLocation: /to\r\n\r\n");
    for (int i = 0; i < 100000 && !x->close; i++) {
        http_send(x, block, sizeof block);
    }
    x->close = true;
}

#define TO(name, value)                                                                            \
    { .path = name, .reply = "HTTP/1.1 302 R\r\n" value "Content-Length: 0\r\n\r\n" }

static const http_route_t routes[] = {
    {.path = "/to", .reply = OK(5, "there")},
    {.path = "/s", .serve = serve_status},
    {.path = "/x", .serve = serve_status},
    {.path = "/loop", .serve = serve_loop},
    {.path = "/back", .serve = serve_back},
    {.path = "/round", .serve = serve_round},
    {.path = "/cred", .serve = serve_credentials},
    {.path = "/xcred", .serve = serve_credentials},
    {.path = "/localhost", .serve = serve_localhost},
    {.path = "/endless", .serve = serve_endless},
    {.path = "/a/b/caf%C3%A9", .reply = OK(4, "cafe")},
    {.path = "/a/b/caf%C3%A9%FF", .reply = OK(3, "raw")},
    {.path = "/a/b/%C3%BF", .reply = OK(1, "y")},
    TO("/none", ""),
    TO("/empty", "Location: \r\n"),
    TO("/two", "Location: /a\r\nLocation: /b\r\n"),
    TO("/twice", "Location: /to\r\nLocation: /to\r\n"),
    TO("/relative", "Location: ../to?q#f\r\n"),
    TO("/a/b/utf8", "Location: caf\xc3\xa9\r\n"),
    TO("/a/b/latin1", "Location: \xff\r\n"),
    TO("/unparsable", "Location: http://a b/\r\n"),
    TO("/file", "Location: file:///etc/passwd\r\n"),
    TO("/data", "Location: data:,x\r\n"),
    TO("/ftp", "Location: ftp://127.0.0.1/\r\n"),
    {.path = NULL},
};

static bench_t b;
static call_t c;

static int setup(void **state) {
    (void)state;
    bench_open(&b, NULL);
    server = http_server_start(routes);
    other = http_server_start(routes);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    http_server_stop(server);
    http_server_stop(other);
    bench_close(&b);
    return 0;
}

static void call_of(const char *method, const char *path) {
    call_init(&c, &b, method, http_server_url(server, path));
}

/* The last request that a server saw. */
static const char *seen(http_server_t *s) {
    return http_server_request(s, http_server_requests(s) - 1);
}

static void methods_and_bodies_follow_the_standard(void **state) {
    (void)state;
    static const struct {
        const char *method;
        int status;
        const char *next;
        bool body;
    } cases[] = {
        {"GET", 301, "GET", false},      {"GET", 302, "GET", false},
        {"GET", 303, "GET", false},      {"GET", 307, "GET", false},
        {"GET", 308, "GET", false},      {"HEAD", 301, "HEAD", false},
        {"HEAD", 302, "HEAD", false},    {"HEAD", 303, "HEAD", false},
        {"HEAD", 307, "HEAD", false},    {"POST", 301, "GET", false},
        {"POST", 302, "GET", false},     {"POST", 303, "GET", false},
        {"POST", 307, "POST", true},     {"POST", 308, "POST", true},
        {"PUT", 301, "PUT", true},       {"PUT", 302, "PUT", true},
        {"PUT", 303, "GET", false},      {"PUT", 307, "PUT", true},
        {"DELETE", 302, "DELETE", true}, {"DELETE", 303, "GET", false},
    };
    const cay_http_header_t headers[] = {
        {"Content-Type", "a/b"}, {"content-language", "en"}, {"X-Kept", "1"}};
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        char path[32], line[64];
        bool bodyless = strcmp(cases[i].method, "GET") == 0 || strcmp(cases[i].method, "HEAD") == 0;
        snprintf(path, sizeof path, "/s?%d", cases[i].status);
        call_of(cases[i].method, path);
        c.o.headers = headers;
        c.o.header_count = 3;
        c.o.body = bodyless ? NULL : "bytes";
        c.o.body_len = 5;
        assert_int_equal(call_run(&c, &b), 0);
        assert_true(c.redirected);
        assert_string_equal(c.url, http_server_url(server, "/to"));
        snprintf(line, sizeof line, "%s /to HTTP/1.1\r\n", cases[i].next);
        assert_int_equal(strncmp(seen(server), line, strlen(line)), 0);
        assert_int_equal(strstr(seen(server), "\r\n\r\nbytes") != NULL, cases[i].body);
        bool kept = bodyless || cases[i].body;
        assert_int_equal(strstr(seen(server), "Content-Type: a/b") != NULL, kept);
        assert_int_equal(strstr(seen(server), "content-language: en") != NULL, kept);
        assert_non_null(strstr(seen(server), "X-Kept: 1"));
        call_free(&c);
    }
    assert_int_equal(http_server_connections(server), 1); /* bodies of redirects were read */
}

static const cay_http_header_t secrets[] = {
    {"Authorization", "Bearer s"},
    {"cookie", "a=s"},
    {"Proxy-Authorization", "Basic s"},
    {"X-Kept", "1"},
};

static void credentials_stay_with_their_origin(void **state) {
    (void)state;
    static const char *const paths[] = {"/s?307", "/x?307", "/localhost"};
    for (size_t i = 0; i < CAY_COUNT(paths); i++) {
        http_server_t *last = i ? other : server;
        call_of("GET", paths[i]);
        c.o.headers = secrets;
        c.o.header_count = 4;
        assert_int_equal(call_run(&c, &b), 0);
        assert_non_null(strstr(seen(last), "X-Kept: 1"));
        assert_int_equal(strstr(seen(last), "Bearer s") != NULL, i == 0);
        assert_int_equal(strstr(seen(last), "a=s") != NULL, i == 0);
        assert_int_equal(strstr(seen(last), "Basic s") != NULL, i == 0);
        call_free(&c);
    }
}

static void credentials_do_not_come_back_with_their_origin(void **state) {
    (void)state;
    call_of("GET", "/round");
    c.o.headers = secrets;
    c.o.header_count = 4;
    assert_int_equal(call_run(&c, &b), 0);
    assert_int_equal(http_server_requests(other), 1);
    assert_int_equal(http_server_requests(server), 2);
    assert_non_null(strstr(http_server_request(server, 0), "Bearer s"));
    assert_null(strstr(http_server_request(other, 0), "Bearer s"));
    assert_null(strstr(http_server_request(server, 1), "Bearer s"));
    call_free(&c);
}

static void credentials_of_a_location_are_not_used(void **state) {
    (void)state;
    static const char *const paths[] = {"/cred", "/xcred"};
    for (size_t i = 0; i < 2; i++) {
        call_of("GET", paths[i]);
        assert_int_equal(call_run(&c, &b), 0);
        assert_null(strstr(seen(i ? other : server), "Authorization"));
        assert_string_equal(c.url, http_server_url(i ? other : server, "/to"));
        call_free(&c);
    }
}

static void redirects_are_counted(void **state) {
    (void)state;
    static const struct {
        const char *path;
        uint32_t max;
        int rc;
    } cases[] = {
        {"/loop?10", 0, 0}, {"/loop?11", 0, CAY_ENET}, {"/loop?2", 2, 0}, {"/loop?3", 2, CAY_ENET}};
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        call_of("GET", cases[i].path);
        c.o.max_redirects = cases[i].max;
        assert_int_equal(call_run(&c, &b), cases[i].rc);
        assert_int_equal(strstr(cay_error_message(c.err), "redirects") != NULL, cases[i].rc != 0);
        call_free(&c);
    }
}

static void get_ok(const char *path, const char *body) {
    call_of("GET", path);
    assert_int_equal(call_run(&c, &b), 0);
    assert_string_equal(call_body(&c), body);
}

static void locations_are_read_against_the_url(void **state) {
    (void)state;
    get_ok("/relative?x", "there");
    assert_string_equal(c.url, http_server_url(server, "/to?q"));
    call_free(&c);
    get_ok("/a/b/utf8", "cafe");
    call_free(&c);
    get_ok("/a/b/latin1", "y");
    call_free(&c);
    get_ok("/twice", "there");
    call_free(&c);
    get_ok("/none", ""); /* a redirect without a place is a response */
    assert_int_equal(c.status, 302);
    call_free(&c);
}

static void locations_that_lead_nowhere_are_errors_that_name_them(void **state) {
    (void)state;
    static const struct {
        const char *path, *message;
    } cases[] = {{"/two", "more than one"},
                 {"/unparsable", "http://a b/"},
                 {"/file", "file:///etc/passwd"},
                 {"/data", "data:,x"},
                 {"/ftp", "ftp://127.0.0.1/"}};
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        call_of("GET", cases[i].path);
        assert_int_equal(call_run(&c, &b), CAY_ENET);
        assert_non_null(strstr(cay_error_message(c.err), cases[i].message));
        assert_int_equal(c.heads, 0);
        call_free(&c);
    }
}

static void an_empty_location_is_the_same_url(void **state) {
    (void)state;
    call_of("GET", "/empty");
    assert_int_equal(call_run(&c, &b), CAY_ENET);
    assert_non_null(strstr(cay_error_message(c.err), "10 redirects"));
    call_free(&c);
}

static void redirects_may_be_told_or_refused(void **state) {
    (void)state;
    call_of("GET", "/s?307");
    c.o.redirect = CAY_HTTP_MANUAL;
    assert_int_equal(call_run(&c, &b), 0);
    assert_int_equal(c.status, 307);
    assert_non_null(strstr(c.fields, "location: /to\n"));
    assert_string_equal(call_body(&c), "body");
    assert_false(c.redirected);
    call_free(&c);
    call_of("GET", "/s?307");
    c.o.redirect = CAY_HTTP_ERROR;
    assert_int_equal(call_run(&c, &b), CAY_ENET);
    assert_int_equal(c.heads, 0);
    call_free(&c);
    assert_int_equal(http_server_requests(server), 2);
}

static void a_status_that_is_no_redirect_is_a_response(void **state) {
    (void)state;
    static const char *const paths[] = {"/s?300", "/s?304", "/s?305", "/s?200"};
    for (size_t i = 0; i < CAY_COUNT(paths); i++) {
        call_of("GET", paths[i]);
        call_start(&c, &b);
        call_wait_done(&c);
        assert_int_equal(c.heads, 1);
        assert_false(c.redirected);
        call_free(&c);
    }
    assert_int_equal(http_server_requests(server), 4);
}

static void each_hop_is_judged(void **state) {
    (void)state;
    b.rules.no_name = "localhost";
    call_of("GET", "/localhost");
    assert_int_equal(call_run(&c, &b), CAY_EPERM);
    assert_int_equal(c.heads, 0);
    call_free(&c);
    b.rules.no_name = NULL;
    b.rules.no_address = "::1";
    call_of("GET", "/localhost");
    assert_int_equal(call_run(&c, &b), 0);
    call_free(&c);
    assert_int_equal(http_server_connections(other), 1);
    assert_int_equal(b.rules.names, 4);
}

static void a_redirect_with_an_endless_body_is_followed(void **state) {
    (void)state;
    get_ok("/endless", "there");
    call_free(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(methods_and_bodies_follow_the_standard, setup, teardown),
        cmocka_unit_test_setup_teardown(credentials_stay_with_their_origin, setup, teardown),
        cmocka_unit_test_setup_teardown(credentials_do_not_come_back_with_their_origin, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(credentials_of_a_location_are_not_used, setup, teardown),
        cmocka_unit_test_setup_teardown(redirects_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(locations_are_read_against_the_url, setup, teardown),
        cmocka_unit_test_setup_teardown(locations_that_lead_nowhere_are_errors_that_name_them,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_location_is_the_same_url, setup, teardown),
        cmocka_unit_test_setup_teardown(redirects_may_be_told_or_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_status_that_is_no_redirect_is_a_response, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(each_hop_is_judged, setup, teardown),
        cmocka_unit_test_setup_teardown(a_redirect_with_an_endless_body_is_followed, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
