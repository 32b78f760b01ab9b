/* SPDX-License-Identifier: MIT */
/* Names: asked about once in a while, judged each time, and never at the cost of others. The system's resolver is
 * replaced by the one below. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "http_test.h"

#define OK(body_len, body) "HTTP/1.1 200 OK\r\nContent-Length: " #body_len "\r\n\r\n" body

static void serve_never(http_exchange_t *x) {
    http_gate_wait(x);
    x->close = true;
}

static const http_route_t routes[] = {
    {.path = "/", .reply = OK(5, "hello")},
    {.path = "/never", .serve = serve_never},
    {.path = NULL},
};

static _Atomic unsigned lookups;
static const char *_Atomic answer;
static _Atomic int failure;
static cay_mutex_t gate_lock;
static cay_cond_t gate_changed;
static bool gate_open;

/* "slow..." waits for the gate. */
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **out) {
    struct block {
        struct addrinfo info;
        struct sockaddr_in in;
    } *b = calloc(1, sizeof *b);
    assert_null(service);
    assert_int_equal(hints->ai_socktype, SOCK_STREAM);
    lookups++;
    cay__mutex_lock(&gate_lock);
    while (!gate_open && strncmp(host, "slow", 4) == 0) {
        cay__cond_wait(&gate_changed, &gate_lock);
    }
    cay__mutex_unlock(&gate_lock);
    if (failure || !b) {
        free(b);
        return failure;
    }
    b->in.sin_family = AF_INET;
    inet_pton(AF_INET, answer, &b->in.sin_addr);
    b->info.ai_family = AF_INET;
    b->info.ai_addr = (struct sockaddr *)&b->in;
    b->info.ai_addrlen = sizeof b->in;
    *out = &b->info;
    return 0;
}

void freeaddrinfo(struct addrinfo *list) {
    free(list);
}

static void gate_set(bool open) {
    cay__mutex_lock(&gate_lock);
    gate_open = open;
    cay__cond_broadcast(&gate_changed);
    cay__mutex_unlock(&gate_lock);
}

static bench_t b;
static http_server_t *server;
static call_t c;

static int setup(void **state) {
    (void)state;
    cay__mutex_init(&gate_lock);
    cay__cond_init(&gate_changed);
    gate_set(false);
    lookups = 0;
    failure = 0;
    answer = "127.0.0.1";
    bench_open(&b, NULL);
    server = http_server_start(routes);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    gate_set(true);
    http_server_stop(server);
    bench_close(&b);
    cay__cond_destroy(&gate_changed);
    cay__mutex_destroy(&gate_lock);
    return 0;
}

static int get_of(const char *host) {
    call_init(&c, &b, "GET", http_server_url_of(server, "http", host, "/"));
    int rc = call_run(&c, &b);
    call_free(&c);
    return rc;
}

static void a_name_is_asked_about_once_in_a_while(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(get_of("one.example"), 0);
    }
    assert_int_equal(lookups, 1);
    assert_int_equal(get_of("two.example"), 0);
    assert_int_equal(lookups, 2);
}

static void what_is_kept_is_judged_each_time(void **state) {
    (void)state;
    assert_int_equal(get_of("one.example"), 0);
    unsigned before = b.rules.addresses;
    assert_int_equal(get_of("one.example"), 0);
    assert_true(b.rules.addresses > before);
    b.rules.closed = true;
    assert_int_equal(get_of("one.example"), CAY_EPERM);
    assert_int_equal(lookups, 1);
    assert_int_equal(http_server_requests(server), 2);
}

static void what_is_kept_goes_with_forgetting_and_with_failure(void **state) {
    (void)state;
    assert_int_equal(get_of("one.example"), 0);
    cay__http_client_forget(b.client);
    answer = "127.0.0.2"; /* the server is not there */
    assert_int_equal(get_of("one.example"), CAY_ENET);
    assert_int_equal(lookups, 2);
    answer = "127.0.0.1";
    assert_int_equal(get_of("one.example"), 0);
    assert_int_equal(lookups, 3);
}

static void clients_do_not_share_what_they_found(void **state) {
    (void)state;
    cay_http_client_t *first = b.client;
    assert_int_equal(get_of("one.example"), 0);
    assert_int_equal(cay__http_client_new(b.loop, &b.client), 0);
    assert_int_equal(get_of("one.example"), 0);
    assert_int_equal(lookups, 2);
    cay__http_client_free(b.client);
    b.client = first;
}

static void failures_are_not_kept(void **state) {
    (void)state;
    failure = EAI_NONAME;
    assert_int_equal(get_of("one.example"), CAY_ENET);
    failure = EAI_MEMORY;
    assert_int_equal(get_of("one.example"), CAY_ENOMEM);
    failure = 0;
    assert_int_equal(get_of("one.example"), 0);
    assert_int_equal(lookups, 3);
}

static void what_is_kept_is_bounded(void **state) {
    (void)state;
    for (int i = 0; i < 150; i++) {
        char host[32];
        snprintf(host, sizeof host, "h%d.example", i % 100);
        assert_int_equal(get_of(host), 0);
    }
    assert_in_range(lookups, 101, 150);
}

static void names_that_nobody_answers_for_leave_resolvers_to_others(void **state) {
    (void)state;
    enum { N = 40 };
    static call_t slow[N];
    cay_http_client_t *first = b.client;
    for (int i = 0; i < N; i++) {
        call_init(&slow[i], &b, "GET", http_server_url_of(server, "http", "slow.example", "/"));
        call_start(&slow[i], &b);
        if (i % 2) { /* given up, but its resolver does not know */
            cay__http_abort(slow[i].http);
            call_wait_done(&slow[i]);
        }
    }
    assert_int_equal(cay__http_client_new(b.loop, &b.client), 0);
    assert_int_equal(get_of("fast.example"), 0);
    cay__http_client_free(b.client);
    b.client = first;
    assert_in_range(lookups, 1, 4);
    gate_set(true);
    for (int i = 0; i < N; i++) {
        call_wait_done(&slow[i]);
        assert_int_equal(slow[i].rc, i % 2 ? CAY_ETERMINATED : 0);
        call_free(&slow[i]);
    }
    assert_in_range(lookups, 2, 4); /* the others were served by what the first found */
}

static void a_client_may_go_before_its_lookups(void **state) {
    (void)state;
    call_init(&c, &b, "GET", "http://slow.example/");
    call_start(&c, &b);
    while (lookups == 0) {
        sched_yield();
    }
    call_free(&c);
    cay__http_client_free(b.client);
    assert_int_equal(cay__http_client_new(b.loop, &b.client), 0);
    assert_int_equal(get_of("fast.example"), 0);
}

static void a_name_that_is_not_resolved_in_time_is_an_error(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++) { /* the last ones wait for a resolver of their own */
        call_init(&c, &b, "GET", "http://slow.example/");
        c.o.connect_timeout_ms = 30;
        assert_int_equal(call_run(&c, &b), CAY_ETIMEDOUT);
        assert_non_null(strstr(cay_error_message(c.err), "resolved"));
        call_free(&c);
    }
}

/* Twenty thousand that wait for their turn, and end at once when it comes. */
static _Atomic unsigned refused;

static void on_head(void *ctx, const cay_http_head_t *head) {
    (void)ctx;
    (void)head;
}

static void on_refused(void *ctx, int rc, cay_error_t *err) {
    (void)ctx;
    refused += rc == CAY_EPERM;
    cay_error_free(err);
}

static void many_that_end_at_once_do_not_nest(void **state) {
    (void)state;
    enum { ACTIVE = 192, N = 20000 };
    call_t *busy = cay__calloc(ACTIVE, sizeof *busy);
    cay_http_t **queued = cay__calloc(N, sizeof *queued);
    assert_true(busy && queued);
    refused = 0;
    b.rules.no_name = "refused.example";
    for (int i = 0; i < ACTIVE; i++) {
        call_init(&busy[i], &b, "GET", http_server_url(server, "/never"));
        call_start(&busy[i], &b);
    }
    http_server_wait_requests(server, ACTIVE);
    for (int i = 0; i < N; i++) {
        const cay_http_options_t o = {.url = "http://refused.example/",
                                      .method = "GET",
                                      .judge = &rules_judge,
                                      .judge_ctx = &b.rules,
                                      .head = on_head,
                                      .done = on_refused};
        assert_int_equal(cay__http_start(b.client, &o, &queued[i], NULL), 0);
    }
    assert_int_equal(refused, 0);
    for (int i = 0; i < ACTIVE; i++) {
        call_free(&busy[i]);
    }
    for (uint64_t by = cay__clock_deadline(10000); refused < N && cay__clock_mono() < by;) {
        sched_yield();
    }
    assert_int_equal(refused, N);
    for (int i = 0; i < N; i++) {
        cay__http_free(queued[i]);
    }
    cay__free(queued);
    cay__free(busy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_name_is_asked_about_once_in_a_while, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_kept_is_judged_each_time, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_kept_goes_with_forgetting_and_with_failure, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(clients_do_not_share_what_they_found, setup, teardown),
        cmocka_unit_test_setup_teardown(failures_are_not_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_kept_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(names_that_nobody_answers_for_leave_resolvers_to_others,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_may_go_before_its_lookups, setup, teardown),
        cmocka_unit_test_setup_teardown(a_name_that_is_not_resolved_in_time_is_an_error, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(many_that_end_at_once_do_not_nest, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
