/* SPDX-License-Identifier: MIT */
/* An HTTP/1.1 server for tests: loopback only, a port of the kernel's choice, a thread for each connection. What it
 * answers is scripted by routes; it counts connections and keeps each request as it came. */
#ifndef CAY_TEST_HTTP_SERVER_H
#define CAY_TEST_HTTP_SERVER_H

#include <sys/types.h>

#include "base/attrs.h"

typedef struct http_server http_server_t;

/* A request that is being answered, on its connection's thread. */
typedef struct http_exchange {
    http_server_t *server;
    struct http_conn *conn;
    const char *head; /* request line and fields, without the empty line */
    const char *path; /* the request's target */
    const char *body; /* decoded; NULL for a route that reads it itself */
    size_t body_len;
    const char *rest; /* what came behind the head, for a route that reads the body itself */
    size_t rest_len;
    bool close; /* to be set: the connection ends after this */
} http_exchange_t;

typedef struct http_route {
    const char *path;                  /* the target up to "?"; "*" is every other one */
    const char *reply;                 /* bytes as they are sent */
    size_t len;                        /* 0: strlen(reply) */
    void (*serve)(http_exchange_t *x); /* instead of `reply` */
    bool raw_body;                     /* `serve` reads the body itself */
    bool close;
} http_route_t;

/* Fails the test when it cannot start. `routes` ends with a NULL path. */
http_server_t *http_server_start(const http_route_t *routes);
/* The same over TLS. `tls_accept` makes a session on a connection (NULL: refused); the other three use it. */
typedef struct http_tls {
    void *(*accept)(void *ctx, int fd);
    ssize_t (*read)(void *session, void *data, size_t len);
    ssize_t (*write)(void *session, const void *data, size_t len);
    void (*end)(void *session);
    void *ctx;
} http_tls_t;
http_server_t *http_server_start_tls(const http_route_t *routes, const http_tls_t *tls);
/* Ends all connections and threads. */
void http_server_stop(http_server_t *s);
int http_server_port(const http_server_t *s);
/* "http://127.0.0.1:PORT" and `path`; good until sixteen others were asked for. */
const char *http_server_url(const http_server_t *s, const char *path);
const char *http_server_url_of(const http_server_t *s, const char *scheme, const char *host,
                               const char *path);

unsigned http_server_connections(http_server_t *s);
unsigned http_server_requests(http_server_t *s);
/* Connections that are open now. */
unsigned http_server_open(http_server_t *s);
/* The i-th request, head, empty line and body; good until the server stops. */
const char *http_server_request(http_server_t *s, unsigned i);
/* Waits until so many requests' heads have come, or connections are open; fails the test after ten seconds. */
void http_server_wait_requests(http_server_t *s, unsigned n);
void http_server_wait_open(http_server_t *s, unsigned n);

/* For `serve`. */
void http_send(http_exchange_t *x, const void *data, size_t len);
void http_send_text(http_exchange_t *x, const char *text);
int http_fd(const http_exchange_t *x);
/* As read(2) on the connection. */
ssize_t http_receive(http_exchange_t *x, void *data, size_t len);
/* A gate that routes wait at until the test opens it; the server's end opens it too. */
void http_gate_wait(http_exchange_t *x);
void http_gate_open(http_server_t *s);

#endif
