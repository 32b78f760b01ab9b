/* SPDX-License-Identifier: MIT */
/* TLS: who is believed. Keys and certificates are made here, for this run. */
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "http_test.h"

#define OK(body_len, body) "HTTP/1.1 200 OK\r\nContent-Length: " #body_len "\r\n\r\n" body

static const http_route_t routes[] = {
    {.path = "/", .reply = OK(6, "secret")},
    {.path = NULL},
};

static SSL_CTX *context;
static char ca_file[] = "/tmp/cay-test-ca-XXXXXX";
static bench_t b;
static http_server_t *server;
static call_t c;

static void add_extension(X509 *cert, int nid, const char *value) {
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    assert_non_null(e);
    assert_int_equal(X509_add_ext(cert, e, -1), 1);
    X509_EXTENSION_free(e);
}

/* For localhost and ::1 and not for 127.0.0.1, signed by itself. */
static X509 *make_certificate(EVP_PKEY *key) {
    X509 *cert = X509_new();
    assert_non_null(cert);
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                               (const unsigned char *)"cay test", -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(cert, NID_subject_alt_name, "DNS:localhost,DNS:x.localhost");
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    return cert;
}

static void *tls_accept(void *ctx, int fd) {
    (void)ctx;
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) != 1) {
        SSL_free(ssl);
        return NULL;
    }
    return ssl;
}

static ssize_t tls_read(void *session, void *data, size_t len) {
    return SSL_read(session, data, (int)len);
}

static ssize_t tls_write(void *session, const void *data, size_t len) {
    return SSL_write(session, data, (int)len);
}

static void tls_end(void *session) {
    SSL_free(session);
}

static int make_context(void **state) {
    (void)state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    assert_non_null(key);
    X509 *cert = make_certificate(key);
    int fd = mkstemp(ca_file);
    FILE *f = fdopen(fd, "w");
    assert_non_null(f);
    assert_int_equal(PEM_write_X509(f, cert), 1);
    fclose(f);
    context = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(context, cert), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    X509_free(cert);
    EVP_PKEY_free(key);
    return 0;
}

static int free_context(void **state) {
    (void)state;
    SSL_CTX_free(context);
    unlink(ca_file);
    return 0;
}

static void open_with(const char *ca) {
    static const http_tls_t tls = {tls_accept, tls_read, tls_write, tls_end, NULL};
    const cay_loop_options_t o = {.ca_file = ca};
    bench_open(&b, &o);
    server = http_server_start_tls(routes, &tls);
}

static int setup(void **state) {
    (void)state;
    open_with(ca_file);
    return 0;
}

static int setup_system(void **state) {
    (void)state;
    open_with(NULL);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    http_server_stop(server);
    bench_close(&b);
    return 0;
}

static int get_of(const char *scheme, const char *host) {
    call_init(&c, &b, "GET", http_server_url_of(server, scheme, host, "/"));
    return call_run(&c, &b);
}

static void a_server_that_proves_its_name_is_believed(void **state) {
    (void)state;
    static const char *const hosts[] = {"localhost", "LOCALHOST", "x.localhost", "localhost."};
    for (size_t i = 0; i < CAY_COUNT(hosts); i++) {
        assert_int_equal(get_of("https", hosts[i]), 0);
        assert_string_equal(call_body(&c), "secret");
        call_free(&c);
    }
    assert_int_equal(get_of("https", "localhost"), 0); /* on the connection from before */
    call_free(&c);
    assert_int_equal(http_server_requests(server), 5);
    assert_true(http_server_connections(server) < 5);
}

static void another_name_is_not_believed(void **state) {
    (void)state;
    static const char *const hosts[] = {"127.0.0.1", "y.localhost", "x.x.localhost"};
    for (size_t i = 0; i < CAY_COUNT(hosts); i++) {
        assert_int_equal(get_of("https", hosts[i]), CAY_ENET);
        assert_non_null(strstr(cay_error_message(c.err), "certificate"));
        assert_int_equal(c.heads, 0);
        call_free(&c);
    }
    assert_int_equal(http_server_requests(server), 0);
}

static void a_certificate_that_the_system_does_not_know_is_not_believed(void **state) {
    (void)state;
    setenv("SSL_CERT_FILE", ca_file, 1); /* and the environment does not change that */
    setenv("CURL_CA_BUNDLE", ca_file, 1);
    assert_int_equal(get_of("https", "localhost"), CAY_ENET);
    unsetenv("SSL_CERT_FILE");
    unsetenv("CURL_CA_BUNDLE");
    assert_non_null(strstr(cay_error_message(c.err), "certificate"));
    call_free(&c);
    assert_int_equal(http_server_requests(server), 0);
}

static void old_versions_of_tls_are_refused(void **state) {
    (void)state;
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
    assert_int_equal(get_of("https", "localhost"), CAY_ENET);
    call_free(&c);
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    assert_int_equal(get_of("https", "localhost"), 0);
    call_free(&c);
    SSL_CTX_set_max_proto_version(context, 0);
    assert_int_equal(http_server_requests(server), 1);
}

static void plain_text_and_tls_do_not_mix(void **state) {
    (void)state;
    assert_int_equal(get_of("http", "localhost"), CAY_ENET);
    call_free(&c);
    assert_int_equal(http_server_requests(server), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_server_that_proves_its_name_is_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(another_name_is_not_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_certificate_that_the_system_does_not_know_is_not_believed,
                                        setup_system, teardown),
        cmocka_unit_test_setup_teardown(old_versions_of_tls_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(plain_text_and_tls_do_not_mix, setup, teardown),
    };
    return cmocka_run_group_tests(tests, make_context, free_context);
}
