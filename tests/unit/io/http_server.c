/* SPDX-License-Identifier: MIT */
/* Plain threads and memory: what is ours is counted, and made to fail, by the tests. */
#include "http_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/clock.h"
#include "os/thread.h"

#define CONNECTIONS_MAX 4096
#define HEAD_MAX        (512 << 10)

typedef struct http_conn {
    http_server_t *server;
    int fd; /* -1 once closed; server's lock */
    pthread_t thread;
    void *tls;
    char *data; /* what was read and not used */
    size_t len;
    size_t cap;
} conn_t;

struct http_server {
    const http_route_t *routes;
    http_tls_t tls;
    int fd;
    int port;
    pthread_t thread;
    cay_mutex_t lock;
    cay_cond_t changed;
    bool stopping;
    bool gate;
    conn_t *conns[CONNECTIONS_MAX];
    unsigned conn_count;
    unsigned open;
    char **requests;
    unsigned request_count;
};

static ssize_t conn_read(conn_t *c, void *data, size_t len) {
    return c->tls ? c->server->tls.read(c->tls, data, len) : read(c->fd, data, len);
}

static ssize_t conn_write(conn_t *c, const void *data, size_t len) {
    return c->tls ? c->server->tls.write(c->tls, data, len) : send(c->fd, data, len, MSG_NOSIGNAL);
}

/* One read more; false at the end. */
static bool fill(conn_t *c) {
    if (c->cap - c->len < 65536) {
        c->cap += 65536 + c->cap;
        c->data = realloc(c->data, c->cap);
    }
    ssize_t n = c->data ? conn_read(c, c->data + c->len, c->cap - c->len - 1) : -1;
    if (n <= 0) {
        return false;
    }
    c->len += (size_t)n;
    c->data[c->len] = 0;
    return true;
}

static void used(conn_t *c, size_t n) {
    c->len -= n;
    memmove(c->data, c->data + n, c->len + 1);
}

static const char *field(const char *head, const char *name) {
    size_t n = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, n) == 0 && line[2 + n] == ':') {
            return line + 2 + n + 1;
        }
    }
    return NULL;
}

typedef struct text {
    char *data;
    size_t len;
} text_t;

static void put(text_t *t, const char *data, size_t len) {
    t->data = realloc(t->data, t->len + len + 1);
    if (t->data) {
        memcpy(t->data + t->len, data, len);
        t->len += len;
        t->data[t->len] = 0;
    }
}

static bool take(conn_t *c, size_t n, text_t *out) {
    while (c->len < n) {
        if (!fill(c)) {
            return false;
        }
    }
    put(out, c->data, n);
    used(c, n);
    return true;
}

static bool take_line(conn_t *c, text_t *out) {
    char *end;
    while (!c->len || !(end = strstr(c->data, "\r\n"))) {
        if (!fill(c)) {
            return false;
        }
    }
    put(out, c->data, (size_t)(end - c->data));
    used(c, (size_t)(end - c->data) + 2);
    return true;
}

static bool take_chunks(conn_t *c, text_t *body) {
    for (;;) {
        text_t line = {NULL, 0}, end = {NULL, 0};
        bool ok = take_line(c, &line);
        size_t n = ok ? strtoul(line.data, NULL, 16) : 0;
        ok = ok && (n == 0 || take(c, n, body)) && take_line(c, &end);
        free(line.data);
        free(end.data);
        if (!ok || n == 0) {
            return ok;
        }
    }
}

static bool take_body(conn_t *c, const char *head, text_t *body) {
    const char *length = field(head, "Content-Length"), *coding = field(head, "Transfer-Encoding");
    put(body, "", 0);
    if (coding) {
        return take_chunks(c, body);
    }
    return !length || take(c, strtoul(length, NULL, 10), body);
}

static const http_route_t *route_of(const http_server_t *s, const char *path) {
    const http_route_t *r = s->routes;
    size_t n = strcspn(path, "?");
    while (r->path && strcmp(r->path, "*") != 0 &&
           (strlen(r->path) != n || strncmp(r->path, path, n) != 0)) {
        r++;
    }
    return r;
}

static void keep_request(http_server_t *s, const char *head, const text_t *body) {
    text_t all = {NULL, 0};
    put(&all, head, strlen(head));
    put(&all, "\r\n\r\n", 4);
    put(&all, body->data ? body->data : "", body->len);
    cay__mutex_lock(&s->lock);
    s->requests = realloc(s->requests, (s->request_count + 1) * sizeof *s->requests);
    s->requests[s->request_count++] = all.data;
    cay__cond_broadcast(&s->changed);
    cay__mutex_unlock(&s->lock);
}

void http_send(http_exchange_t *x, const void *data, size_t len) {
    const char *at = data;
    while (len) {
        ssize_t n = conn_write(x->conn, at, len);
        if (n <= 0) {
            x->close = true; /* the client went */
            return;
        }
        at += n;
        len -= (size_t)n;
    }
}

void http_send_text(http_exchange_t *x, const char *text) {
    http_send(x, text, strlen(text));
}

int http_fd(const http_exchange_t *x) {
    return x->conn->fd;
}

ssize_t http_receive(http_exchange_t *x, void *data, size_t len) {
    return conn_read(x->conn, data, len);
}

void http_gate_wait(http_exchange_t *x) {
    http_server_t *s = x->server;
    cay__mutex_lock(&s->lock);
    while (!s->gate && !s->stopping) {
        cay__cond_wait(&s->changed, &s->lock);
    }
    cay__mutex_unlock(&s->lock);
}

void http_gate_open(http_server_t *s) {
    cay__mutex_lock(&s->lock);
    s->gate = true;
    cay__cond_broadcast(&s->changed);
    cay__mutex_unlock(&s->lock);
}

/* "METHOD target HTTP/1.1" */
static char *target_of(const char *head) {
    const char *from = strchr(head, ' ');
    size_t n = from ? strcspn(from + 1, " \r") : 0;
    return n ? strndup(from + 1, n) : strdup("");
}

/* Answers one request; false when the connection is to end. */
static bool answer(conn_t *c, const char *head) {
    http_server_t *s = c->server;
    char *path = target_of(head);
    text_t body = {NULL, 0};
    const http_route_t *r = route_of(s, path);
    http_exchange_t x = {.server = s, .conn = c, .head = head, .path = path, .close = r->close};
    bool ok = r->raw_body || take_body(c, head, &body);
    keep_request(s, head, &body);
    x.body = body.data;
    x.body_len = body.len;
    x.rest = c->data;
    x.rest_len = c->len;
    if (!ok || !r->path) {
        x.close = true;
    } else if (r->serve) {
        r->serve(&x);
    } else {
        http_send(&x, r->reply, r->len ? r->len : strlen(r->reply));
    }
    free(body.data);
    free(path);
    return !x.close && !r->raw_body;
}

static bool serve_one(conn_t *c) {
    char *end = NULL;
    while ((!c->len || !(end = strstr(c->data, "\r\n\r\n"))) && c->len < HEAD_MAX) {
        if (!fill(c)) {
            return false;
        }
    }
    if (!end) {
        return false;
    }
    char *head = strndup(c->data, (size_t)(end - c->data));
    used(c, (size_t)(end - c->data) + 4);
    bool more = answer(c, head);
    free(head);
    return more;
}

static void *conn_main(void *arg) {
    conn_t *c = arg;
    http_server_t *s = c->server;
    c->tls = s->tls.accept ? s->tls.accept(s->tls.ctx, c->fd) : NULL;
    while ((c->tls || !s->tls.accept) && serve_one(c)) {}
    if (c->tls) {
        s->tls.end(c->tls);
    }
    free(c->data);
    cay__mutex_lock(&s->lock);
    close(c->fd);
    c->fd = -1;
    s->open--;
    cay__cond_broadcast(&s->changed);
    cay__mutex_unlock(&s->lock);
    return NULL;
}

static void add_conn(http_server_t *s, int fd) {
    int one = 1;
    conn_t *c = calloc(1, sizeof *c);
    cay__mutex_lock(&s->lock);
    if (!c || s->stopping || s->conn_count == CONNECTIONS_MAX) {
        close(fd);
        free(c);
    } else {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        c->server = s;
        c->fd = fd;
        s->conns[s->conn_count++] = c;
        s->open++;
        if (pthread_create(&c->thread, NULL, conn_main, c)) {
            abort();
        }
        cay__cond_broadcast(&s->changed);
    }
    cay__mutex_unlock(&s->lock);
}

static void *server_main(void *arg) {
    http_server_t *s = arg;
    sigset_t
        pipe_signal; /* of this thread and those it starts; the tests' own must not need this */
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, NULL);
    for (int fd; (fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0;) {
        add_conn(s, fd);
    }
    return NULL;
}

http_server_t *http_server_start_tls(const http_route_t *routes, const http_tls_t *tls) {
    http_server_t *s = calloc(1, sizeof *s);
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof addr;
    assert_non_null(s);
    s->routes = routes;
    s->tls = tls ? *tls : (http_tls_t){NULL, NULL, NULL, NULL, NULL};
    cay__mutex_init(&s->lock);
    cay__cond_init(&s->changed);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(s->fd >= 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(listen(s->fd, 256), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&addr, &len), 0);
    s->port = ntohs(addr.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, server_main, s), 0);
    return s;
}

http_server_t *http_server_start(const http_route_t *routes) {
    return http_server_start_tls(routes, NULL);
}

void http_server_stop(http_server_t *s) {
    cay__mutex_lock(&s->lock);
    s->stopping = true;
    shutdown(s->fd, SHUT_RDWR); /* ends accept */
    for (unsigned i = 0; i < s->conn_count; i++) {
        if (s->conns[i]->fd >= 0) {
            shutdown(s->conns[i]->fd, SHUT_RDWR);
        }
    }
    cay__cond_broadcast(&s->changed);
    cay__mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    for (unsigned i = 0; i < s->conn_count; i++) {
        pthread_join(s->conns[i]->thread, NULL);
        free(s->conns[i]);
    }
    for (unsigned i = 0; i < s->request_count; i++) {
        free(s->requests[i]);
    }
    free(s->requests);
    close(s->fd);
    cay__cond_destroy(&s->changed);
    cay__mutex_destroy(&s->lock);
    free(s);
}

int http_server_port(const http_server_t *s) {
    return s->port;
}

const char *http_server_url_of(const http_server_t *s, const char *scheme, const char *host,
                               const char *path) {
    static _Thread_local char urls[16][512];
    static _Thread_local unsigned next;
    char *url = urls[next++ % CAY_COUNT(urls)];
    snprintf(url, sizeof urls[0], "%s://%s:%d%s", scheme, host, s->port, path);
    return url;
}

const char *http_server_url(const http_server_t *s, const char *path) {
    return http_server_url_of(s, "http", "127.0.0.1", path);
}

static unsigned locked(http_server_t *s, const unsigned *value) {
    cay__mutex_lock(&s->lock);
    unsigned n = *value;
    cay__mutex_unlock(&s->lock);
    return n;
}

unsigned http_server_connections(http_server_t *s) {
    return locked(s, &s->conn_count);
}

unsigned http_server_requests(http_server_t *s) {
    return locked(s, &s->request_count);
}

unsigned http_server_open(http_server_t *s) {
    return locked(s, &s->open);
}

const char *http_server_request(http_server_t *s, unsigned i) {
    cay__mutex_lock(&s->lock);
    const char *text = i < s->request_count ? s->requests[i] : NULL;
    cay__mutex_unlock(&s->lock);
    assert_non_null(text);
    return text;
}

static void wait_for(http_server_t *s, const unsigned *value, unsigned n, bool at_least) {
    uint64_t by = cay__clock_deadline(10000);
    bool in_time = true;
    cay__mutex_lock(&s->lock);
    while (in_time && (at_least ? *value < n : *value != n)) {
        in_time = cay__cond_wait_until(&s->changed, &s->lock, by);
    }
    cay__mutex_unlock(&s->lock);
    assert_true(in_time);
}

void http_server_wait_requests(http_server_t *s, unsigned n) {
    wait_for(s, &s->request_count, n, true);
}

void http_server_wait_open(http_server_t *s, unsigned n) {
    wait_for(s, &s->open, n, false);
}
