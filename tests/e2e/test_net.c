/* SPDX-License-Identifier: MIT */
/* No connection that was not granted: every spelling of a forbidden address, DNS answers that change, redirects.
 * The server that each of them would reach runs here, on loopback, and counts. */
#include "host.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "io/http.h"
#include "server.h"

/* ---- spellings ---- */

/* Hosts of URLs that lead, or in some client have led, to this machine or its neighbourhood. `%d` is not there: the
 * port is put behind. */
static const char *const hosts[] = {
    /* loopback */
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "127.0.0.2",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "0177.1",
    "017700000001",
    "00000177.0.0.1",
    "127.0.0.1.",
    "127.000.000.001",
    "0x7F.0x0.0x0.0x1",
    "0X7F000001",
    "127.0.0.0x1",
    "%31%32%37.0.0.1",
    "127%2E0%2E0%2E1",
    "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1" /* full-width digits */,
    "\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1" /* circled digits */,
    "127\xe3\x80\x82"
    "0\xe3\x80\x82"
    "0\xe3\x80\x82"
    "1" /* ideographic full stops */,
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "LocalHost.",
    "x.y.localhost.",
    "\xe2\x93\x9bocalhost" /* circled l */,
    "loc%61lhost",
    "localhost%2E",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::0.0.0.1]",
    "[0:0::1]",
    /* unspecified, which connects to loopback on Linux */
    "0.0.0.0",
    "0",
    "0x0",
    "00",
    "0.0",
    "[::]",
    "[0:0:0:0:0:0:0:0]",
    /* IPv4 inside IPv6 */
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::FFFF:7F00:0001]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::127.0.0.1]",
    "[2002:7f00:1::]",
    "[2002:7f00:0001::1]",
    "[2001:0:7f00:1::]",
    "[::ffff:0:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::]",
    "[::ffff:0.0.0.0]",
    "[fe80::5efe:127.0.0.1]",
    /* private */
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "0xa000001",
    "167772161",
    "012.0.0.1",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[fec0::1]",
    /* link-local and metadata */
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.1.1",
    "[fe80::1]",
    "[febf::1]",
    "[fd00:ec2::254]",
    "169.254.170.2",
    "100.100.100.200",
    "metadata.google.internal",
    /* carrier, benchmark, documentation, multicast, reserved, broadcast */
    "100.64.0.1",
    "100.127.255.255",
    "198.18.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "[ff02::1]",
    "[ff0e::1]",
    "[2001:db8::1]",
    "[100::1]",
    "[3fff::1]",
    "[5f00::1]",
    "192.88.99.1",
};

/* Every name is answered with an address of this machine: so a name of the list reaches the server, if it is
 * let through. */
static int answer_loopback(void *ctx, const char *host,
                           int (*add)(void *list, const struct sockaddr *sa), void *list) {
    (void)ctx;
    (void)host;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return add(list, (struct sockaddr *)&in);
}

/* Fetches e.data with all names and public addresses granted; says what came. */
static const char fetcher[] = "onmessage = async ({data: [url, options]}) => {"
                              "  try { const r = await fetch(url, options); postMessage(`status "
                              "${r.status} ${await r.text()}`) }"
                              "  catch (e) { postMessage(`${e.name}: ${e.message}`) } }";

static char *ask(cay_worker_t *w, const char *json) {
    host_post(w, json);
    cay_event_t *ev = host_until(w, CAY_EVENT_MESSAGE);
    char *text = NULL;
    assert_int_equal(cay_message_to_json(ev->u.message.message, &text, NULL), 0);
    cay_event_free(ev);
    return text;
}

static void expect_refused(cay_worker_t *w, const char *url) {
    char json[4096];
    snprintf(json, sizeof json, "[\"%s\"]", url);
    char *text = ask(w, json);
    if (strncmp(text, "\"NotCapable: ", 13) != 0) {
        fail_msg("%s: %s", url, text);
    }
    cay_free(text);
}

typedef struct net {
    cay_runtime_t *rt;
    server_t *v4, *v6;
} net_t;

static void open_net(net_t *n) {
    n->rt = host_runtime(2);
    n->v4 = server_start(false);
    n->v6 = server_start(true);
    assert_non_null(n->v4);
}

static void close_net(net_t *n) {
    host_shutdown(n->rt);
    server_stop(n->v4);
    server_stop(n->v6);
    cay__resolve_hook(NULL, NULL);
}

static void no_spelling_of_a_special_address_is_reached(void **state) {
    (void)state;
    assert_true(sizeof hosts / sizeof *hosts >= 60);
    net_t n;
    open_net(&n);
    cay__resolve_hook(answer_loopback, NULL);
    cay_worker_t *w = host_spawn_granted(n.rt, fetcher, "net");
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        char url[300];
        snprintf(url, sizeof url, "http://%s:%d/json", hosts[i], server_port(n.v4));
        expect_refused(w, url);
        if (n.v6) {
            snprintf(url, sizeof url, "http://%s:%d/json", hosts[i], server_port(n.v6));
            expect_refused(w, url);
        }
    }
    cay_worker_free(w);
    assert_int_equal(server_connections(n.v4), 0);
    assert_int_equal(n.v6 ? server_connections(n.v6) : 0, 0);
    close_net(&n);
}

/* The other side of the test above: the same server is reached when its address is granted. */
static void the_granted_address_is_reached_and_no_other(void **state) {
    (void)state;
    net_t n;
    open_net(&n);
    char grants[100], json[200];
    snprintf(grants, sizeof grants, "net=127.0.0.1:%d", server_port(n.v4));
    cay_worker_t *w = host_spawn_granted(n.rt, fetcher, grants);
    snprintf(json, sizeof json, "[\"http://0x7f.1:%d/json\"]", server_port(n.v4));
    char *text = ask(w, json);
    assert_string_equal(text, "\"status 200 {\\\"x\\\":1}\"");
    cay_free(text);
    assert_int_equal(server_connections(n.v4), 1);
    char url[100];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/json", server_port(n.v4) ^ 1);
    expect_refused(w, url);
    snprintf(url, sizeof url, "http://127.0.0.2:%d/json", server_port(n.v4));
    expect_refused(w, url);
    cay_worker_free(w);
    close_net(&n);
}

/* ---- answers that change ---- */

static _Atomic int lookups;

/* First a public address, then this machine's: rebinding. And both in one answer. */
static int answer_changing(void *ctx, const char *host,
                           int (*add)(void *list, const struct sockaddr *sa), void *list) {
    (void)host;
    const char *mode = ctx;
    struct sockaddr_in in = {.sin_family = AF_INET};
    int n = atomic_fetch_add(&lookups, 1);
    if (strcmp(mode, "both") == 0) {
        inet_pton(AF_INET, "127.0.0.1", &in.sin_addr);
        int rc = add(list, (struct sockaddr *)&in);
        inet_pton(AF_INET, "169.254.169.254", &in.sin_addr);
        return rc ? rc : add(list, (struct sockaddr *)&in);
    }
    /* TEST-NET addresses are special too, so that no test ever leaves the machine: the point is what the second
     * answer does. */
    inet_pton(AF_INET, n % 2 ? "127.0.0.1" : "192.0.2.1", &in.sin_addr);
    return add(list, (struct sockaddr *)&in);
}

static void answers_that_change_are_judged_each_time(void **state) {
    (void)state;
    net_t n;
    open_net(&n);
    static char changing[] = "changing", both[] = "both";
    char *modes[] = {changing, both};
    for (size_t m = 0; m < 2; m++) {
        cay__resolve_hook(answer_changing, modes[m]);
        cay_worker_t *w = host_spawn_granted(n.rt, fetcher, "net=rebind.example");
        int before = atomic_load(&lookups);
        for (int i = 0; i < 10; i++) {
            char url[100];
            snprintf(url, sizeof url, "http://rebind.example:%d/json", server_port(n.v4));
            expect_refused(w, url);
        }
        assert_int_equal(atomic_load(&lookups) - before, 10);
        cay_worker_free(w);
    }
    assert_int_equal(server_connections(n.v4), 0);
    close_net(&n);
}

/* First the granted address, where the server answers; then another one of this machine. What was judged is what
 * is connected to, and a second answer gets no second chance. */
static int answer_moving(void *ctx, const char *host,
                         int (*add)(void *list, const struct sockaddr *sa), void *list) {
    (void)ctx;
    (void)host;
    struct sockaddr_in in = {.sin_family = AF_INET};
    inet_pton(AF_INET, atomic_fetch_add(&lookups, 1) ? "127.0.0.2" : "127.0.0.1", &in.sin_addr);
    return add(list, (struct sockaddr *)&in);
}

static void the_connection_goes_to_the_address_that_was_judged(void **state) {
    (void)state;
    net_t n;
    open_net(&n);
    char grants[100], url[100], json[200];
    atomic_store(&lookups, 0);
    cay__resolve_hook(answer_moving, NULL);
    snprintf(grants, sizeof grants, "net=moving.example,127.0.0.1:%d", server_port(n.v4));
    cay_worker_t *w = host_spawn_granted(n.rt, fetcher, grants);
    snprintf(url, sizeof url, "http://moving.example:%d/json", server_port(n.v4));
    snprintf(json, sizeof json, "[\"%s\"]", url);
    char *text = ask(w, json);
    assert_string_equal(text, "\"status 200 {\\\"x\\\":1}\"");
    cay_free(text);
    assert_int_equal(server_connections(n.v4), 1);
    expect_refused(w, url);
    assert_int_equal(server_connections(n.v4), 1);
    cay_worker_free(w);
    close_net(&n);
}

static int answer_never(void *ctx, const char *host,
                        int (*add)(void *list, const struct sockaddr *sa), void *list) {
    (void)ctx;
    (void)host;
    (void)add;
    (void)list;
    atomic_fetch_add(&lookups, 1);
    return 0;
}

static void a_name_that_is_not_granted_is_not_even_looked_up(void **state) {
    (void)state;
    net_t n;
    open_net(&n);
    atomic_store(&lookups, 0);
    cay__resolve_hook(answer_never, NULL);
    cay_worker_t *w = host_spawn_granted(n.rt, fetcher, "net=*.good.example,0.0.0.0/0,::/0");
    expect_refused(w, "http://good.example/");
    expect_refused(w, "http://secret-in-a-name.bad.example/");
    expect_refused(w, "http://good.example.bad.example/");
    expect_refused(w, "http://xgood.example/");
    assert_int_equal(atomic_load(&lookups), 0);
    char *text = ask(w, "[\"http://a.good.example/\"]");
    assert_int_equal(strncmp(text, "\"TypeError", 10), 0);
    cay_free(text);
    assert_int_equal(atomic_load(&lookups), 1);
    cay_worker_free(w);
    close_net(&n);
}

/* ---- redirects ---- */

static void a_redirect_is_judged_like_a_first_request(void **state) {
    (void)state;
    net_t n;
    open_net(&n);
    server_t *forbidden = server_start(false);
    cay__resolve_hook(answer_loopback, NULL);
    char grants[100];
    snprintf(grants, sizeof grants, "net=127.0.0.1:%d,*", server_port(n.v4));
    cay_worker_t *w = host_spawn_granted(n.rt, fetcher, grants);
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        char url[600];
        snprintf(url, sizeof url, "http://127.0.0.1:%d/to/http://%s:%d/json", server_port(n.v4),
                 hosts[i], server_port(forbidden));
        expect_refused(w, url);
    }
    assert_int_equal(server_connections(forbidden), 0);
    /* To itself it goes. */
    char json[400];
    snprintf(json, sizeof json, "[\"http://127.0.0.1:%d/to/http://127.0.0.1:%d/json\"]",
             server_port(n.v4), server_port(n.v4));
    char *text = ask(w, json);
    assert_string_equal(text, "\"status 200 {\\\"x\\\":1}\"");
    cay_free(text);
    cay_worker_free(w);
    server_stop(forbidden);
    close_net(&n);
}

static void redirects_to_other_schemes_and_without_end_fail(void **state) {
    (void)state;
    net_t n;
    open_net(&n);
    char grants[100], json[600];
    snprintf(grants, sizeof grants, "net=127.0.0.1:%d;read=/etc", server_port(n.v4));
    cay_worker_t *w = host_spawn_granted(n.rt, fetcher, grants);
    static const char *const to[] = {"file:///etc/hostname",
                                     "data:,x",
                                     "gopher://127.0.0.1/",
                                     "ftp://127.0.0.1/",
                                     "javascript:1",
                                     "http://",
                                     "//",
                                     "http://[::1"};
    for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
        snprintf(json, sizeof json, "[\"http://127.0.0.1:%d/to/%s\"]", server_port(n.v4), to[i]);
        char *text = ask(w, json);
        if (strncmp(text, "\"TypeError", 10) != 0) {
            fail_msg("%s: %s", to[i], text);
        }
        cay_free(text);
    }
    cay_worker_free(w);
    close_net(&n);
}

/* ---- imports ---- */

/* A name that is granted for imports grants no private address that it leads to. */
static void imports_of_a_granted_name_reach_no_special_address(void **state) {
    (void)state;
    static const char importer[] =
        "onmessage = async ({data: [url]}) => {"
        "  try { await import(url); postMessage('loaded') }"
        "  catch (e) { postMessage(/not granted/.test(e.message) ? 'refused' : e.message) } }";
    net_t n;
    open_net(&n);
    cay__resolve_hook(answer_loopback, NULL);
    cay_worker_t *w = host_spawn_granted(n.rt, importer, "import=code.example");
    char json[200];
    snprintf(json, sizeof json, "[\"http://code.example:%d/json\"]", server_port(n.v4));
    char *text = ask(w, json);
    assert_string_equal(text, "\"refused\"");
    cay_free(text);
    cay_worker_free(w);
    assert_int_equal(server_connections(n.v4), 0);
    close_net(&n);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_spelling_of_a_special_address_is_reached),
        cmocka_unit_test(the_granted_address_is_reached_and_no_other),
        cmocka_unit_test(answers_that_change_are_judged_each_time),
        cmocka_unit_test(the_connection_goes_to_the_address_that_was_judged),
        cmocka_unit_test(a_name_that_is_not_granted_is_not_even_looked_up),
        cmocka_unit_test(a_redirect_is_judged_like_a_first_request),
        cmocka_unit_test(redirects_to_other_schemes_and_without_end_fail),
        cmocka_unit_test(imports_of_a_granted_name_reach_no_special_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
