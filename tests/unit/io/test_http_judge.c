/* SPDX-License-Identifier: MIT */
/* Who may be connected to: names and addresses are judged, and nothing else is reached. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "http_test.h"

#define OK(body_len, body) "HTTP/1.1 200 OK\r\nContent-Length: " #body_len "\r\n\r\n" body

static const http_route_t routes[] = {
    {.path = "/", .reply = OK(5, "hello")},
    {.path = NULL},
};

/* A resolver whose answers are a list, one for each call; the last one stays. */
typedef struct answers {
    const char *each[8]; /* addresses with "," between; "" none; "!" a failure */
    _Atomic unsigned calls;
    char asked[64];
} answers_t;

static int resolve(void *ctx, const char *host, int (*add)(void *list, const struct sockaddr *sa),
                   void *list) {
    answers_t *a = ctx;
    unsigned i = a->calls++;
    while (i && !a->each[i]) {
        i--;
    }
    snprintf(a->asked, sizeof a->asked, "%s", host);
    if (strcmp(a->each[i], "!") == 0) {
        return CAY_ENET;
    }
    char text[128];
    snprintf(text, sizeof text, "%s", a->each[i]);
    char *rest = text;
    for (char *one; (one = strsep(&rest, ",")) && *one;) {
        struct sockaddr_in in = {.sin_family = AF_INET};
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
        int rc = CAY_EINVAL;
        if (inet_pton(AF_INET, one, &in.sin_addr) == 1) {
            rc = add(list, (struct sockaddr *)&in);
        } else if (inet_pton(AF_INET6, one, &in6.sin6_addr) == 1) {
            rc = add(list, (struct sockaddr *)&in6);
        }
        if (rc) {
            return rc;
        }
    }
    return 0;
}

static bench_t b;
static http_server_t *server;
static answers_t answers;
static call_t c;

static int setup(void **state) {
    (void)state;
    const cay_loop_options_t o = {.resolve = resolve, .resolve_ctx = &answers};
    memset(&answers, 0, sizeof answers);
    answers.each[0] = "127.0.0.1";
    bench_open(&b, &o);
    server = http_server_start(routes);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    http_server_stop(server);
    bench_close(&b);
    return 0;
}

static int get_of(const char *host) {
    call_init(&c, &b, "GET", http_server_url_of(server, "http", host, "/"));
    return call_run(&c, &b);
}

static void get_fails(const char *host, int rc, const char *message) {
    assert_int_equal(get_of(host), rc);
    assert_non_null(strstr(cay_error_message(c.err), message));
    assert_int_equal(c.heads, 0);
    call_free(&c);
}

static void get_ok(const char *host) {
    assert_int_equal(get_of(host), 0);
    assert_string_equal(call_body(&c), "hello");
    call_free(&c);
}

static void a_refused_name_is_not_even_resolved(void **state) {
    (void)state;
    b.rules.no_name = "secret.example";
    get_fails("secret.example", CAY_EPERM, "no access to secret.example");
    get_fails("SECRET.EXAMPLE", CAY_EPERM, "no access to secret.example");
    assert_int_equal(answers.calls, 0);
    assert_int_equal(b.rules.addresses, 0);
    assert_int_equal(http_server_connections(server), 0);
    get_ok("other.example");
    assert_string_equal(answers.asked, "other.example");
}

static void a_refused_address_is_not_connected_to(void **state) {
    (void)state;
    static const char *const spellings[] = {
        "127.0.0.1",  "2130706433",   "0x7f000001", "0177.0.0.1", "127.1",
        "127.0.0.1.", "evil.example", "localhost",  "LOCALHOST.", "a.b.localhost"};
    b.rules.no_address = "127.|::1";
    for (size_t i = 0; i < CAY_COUNT(spellings); i++) {
        get_fails(spellings[i], CAY_EPERM, "is at 127.0.0.1");
    }
    get_fails("[::1]", CAY_EPERM, "is at ::1");
    assert_int_equal(http_server_connections(server), 0);
    b.rules.no_address = "::1";
    for (size_t i = 0; i < CAY_COUNT(spellings); i++) {
        get_ok(spellings[i]);
    }
    assert_int_equal(b.rules.names, 21);
}

static void literals_and_localhost_are_not_resolved(void **state) {
    (void)state;
    get_ok("127.0.0.1");
    get_ok("localhost");
    get_ok("x.localhost.");
    assert_int_equal(answers.calls, 0);
    get_ok("notlocalhost");
    assert_int_equal(answers.calls, 1);
}

static void refused_addresses_are_left_out(void **state) {
    (void)state;
    answers.each[0] = "10.1.2.3,::1,127.0.0.1,10.0.0.1";
    b.rules.no_address = "10.|::1";
    get_ok("mixed.example");
    assert_int_equal(b.rules.addresses, 4);
    answers.each[0] = "10.1.2.3,10.0.0.1";
    answers.calls = 0;
    get_fails("mixed2.example", CAY_EPERM, "is at 10.1.2.3");
}

static void no_answer_is_an_error_that_names_the_host(void **state) {
    (void)state;
    answers.each[0] = "";
    get_fails("none.example", CAY_ENET, "cannot resolve host \"none.example\"");
    answers.each[0] = "!";
    get_fails("bad.example", CAY_ENET, "cannot resolve host \"bad.example\"");
    assert_int_equal(http_server_connections(server), 0);
}

/* DNS rebinding: good when it is asked first, bad from then on. What was judged is what is connected to, and
 * every answer is judged. */
static void answers_that_change_are_judged_each_time(void **state) {
    (void)state;
    b.rules.no_address = "10.";
    answers.each[0] = "127.0.0.1";
    answers.each[1] = "10.0.0.1";
    get_ok("rebind.example");
    assert_int_equal(answers.calls, 1); /* not asked again behind the judge's back */
    get_fails("rebind.example", CAY_EPERM, "is at 10.0.0.1");
    assert_int_equal(answers.calls, 2);
    b.rules.no_address = "127.";
    answers.each[2] = "127.0.0.1";
    get_fails("rebind.example", CAY_EPERM, "is at 127.0.0.1");
    assert_int_equal(http_server_connections(server), 1);
}

/* A connection of one request is not another one's way to an address that it may not reach. */
static void a_kept_connection_is_judged_again_before_it_is_used(void **state) {
    (void)state;
    answers.each[0] = "127.0.0.1";
    answers.each[1] = "127.0.0.2"; /* the server is not there */
    get_ok("moved.example");
    get_ok("moved.example"); /* the kept one: it is allowed, though the answer of now has it not */
    assert_int_equal(http_server_requests(server), 2);
    assert_int_equal(http_server_connections(server), 1);
    b.rules.no_address = "127.0.0.1";
    get_fails("moved.example", CAY_ENET, "cannot connect");
    assert_int_equal(http_server_requests(server), 2);
    assert_int_equal(http_server_connections(server), 1);
}

static void several_addresses_are_tried(void **state) {
    (void)state;
    answers.each[0] = "127.0.0.2,::1,127.0.0.3,127.0.0.1"; /* the server is only at the last one */
    get_ok("many.example");
    get_ok("many.example.");
    assert_string_equal(answers.asked, "many.example.");
}

static void names_that_url_parsers_read_differently_reach_who_was_judged(void **state) {
    (void)state;
    char url[256];
    int port = http_server_port(server);
    b.rules.no_address = "127.0.0.1";
    static const struct {
        const char *before, *after; /* the port */
    } forms[] = {
        {"http://good.example@127.0.0.1:", "/"},
        {"http://127.0.0.1:", "#@good.example/"},
        {"http://127.0.0.1:", "\\@good.example/"},
        {"http://127.0.0.1:", "/@good.example"},
        {"http://127.0.0.1%2f.evil:", "/"},
        {"http://good.example:1@127.0.0.1:", "/"},
        {"http:127.0.0.1:", ""},
        {"http:///127.0.0.1:", "/"},
        {"http://127。0。0。1:", "/"},
        {"http://①②⑦.0.0.1:", "/"},
    };
    for (size_t i = 0; i < CAY_COUNT(forms); i++) {
        snprintf(url, sizeof url, "%s%d%s", forms[i].before, port, forms[i].after);
        call_init(&c, &b, "GET", url);
        int rc = call_run(&c, &b);
        assert_true(rc == CAY_EPERM || rc == CAY_EINVAL);
        call_free(&c);
    }
    assert_int_equal(http_server_connections(server), 0);
    assert_int_equal(answers.calls, 0);
}

static int add_many(void *ctx, const char *host, int (*add)(void *list, const struct sockaddr *sa),
                    void *list) {
    (void)ctx;
    (void)host;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr other = {.sa_family = AF_UNIX};
    int rc = add(list, &other);
    for (int i = 0; i < 1000 && !rc; i++) {
        rc = add(list, (struct sockaddr *)&in);
    }
    return rc;
}

static void answers_are_bounded(void **state) {
    (void)state;
    const cay_loop_options_t o = {.resolve = add_many};
    bench_t other;
    bench_open(&other, &o);
    call_init(&c, &other, "GET", http_server_url_of(server, "http", "many.example", "/"));
    assert_int_equal(call_run(&c, &other), 0);
    assert_int_equal(other.rules.addresses, 32);
    call_free(&c);
    bench_close(&other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_refused_name_is_not_even_resolved, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refused_address_is_not_connected_to, setup, teardown),
        cmocka_unit_test_setup_teardown(literals_and_localhost_are_not_resolved, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_addresses_are_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(no_answer_is_an_error_that_names_the_host, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_that_change_are_judged_each_time, setup, teardown),
        cmocka_unit_test_setup_teardown(a_kept_connection_is_judged_again_before_it_is_used, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(several_addresses_are_tried, setup, teardown),
        cmocka_unit_test_setup_teardown(
            names_that_url_parsers_read_differently_reach_who_was_judged, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_are_bounded, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
