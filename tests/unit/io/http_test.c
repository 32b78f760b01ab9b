/* SPDX-License-Identifier: MIT */
#include "http_test.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "base/err.h"

static int rules_name(void *ctx, const char *host, int port, cay_error_t **err) {
    rules_t *r = ctx;
    r->names++;
    if (r->no_name && strcmp(r->no_name, host) == 0) {
        return cay__error_set(err, CAY_EPERM, "no access to %s:%d", host, port);
    }
    return 0;
}

static bool is_listed(const char *list, const char *text) {
    for (size_t n; list && *list; list += n + (list[n] == '|')) {
        n = strcspn(list, "|");
        if (strncmp(text, list, n) == 0) {
            return true;
        }
    }
    return false;
}

static int rules_address(void *ctx, const char *host, int port, const struct sockaddr *sa,
                         cay_error_t **err) {
    rules_t *r = ctx;
    char text[INET6_ADDRSTRLEN] = "";
    const struct sockaddr_in *in = (const void *)sa;
    const struct sockaddr_in6 *in6 = (const void *)sa;
    bool v4 = sa->sa_family == AF_INET;
    inet_ntop(sa->sa_family, v4 ? (const void *)&in->sin_addr : (const void *)&in6->sin6_addr, text,
              sizeof text);
    assert_int_equal(ntohs(v4 ? in->sin_port : in6->sin6_port), port);
    r->addresses++;
    if (r->closed || is_listed(r->no_address, text)) {
        return cay__error_set(err, CAY_EPERM, "%s is at %s", host, text);
    }
    return 0;
}

const cay_http_judge_t rules_judge = {rules_name, rules_address};

void bench_open(bench_t *b, const cay_loop_options_t *o) {
    memset(b, 0, sizeof *b);
    b->live = cay__mem_live();
    assert_int_equal(cay__loop_new(o, &b->loop), 0);
    assert_int_equal(cay__http_client_new(b->loop, &b->client), 0);
}

void bench_close(bench_t *b) {
    cay__http_client_free(b->client);
    cay__loop_free(b->loop);
    assert_int_equal(cay__mem_live(), b->live);
}

static void count(call_t *c, unsigned *what) {
    cay__mutex_lock(&c->lock);
    ++*what;
    cay__cond_broadcast(&c->changed);
    cay__mutex_unlock(&c->lock);
}

static void on_head(void *ctx, const cay_http_head_t *head) {
    call_t *c = ctx;
    size_t at = 0;
    c->status = head->status;
    c->version = head->version;
    c->redirected = head->redirected;
    snprintf(c->reason, sizeof c->reason, "%s", head->reason);
    snprintf(c->url, sizeof c->url, "%s", head->url);
    for (size_t i = 0; i < head->header_count && at < sizeof c->fields; i++) {
        at += (size_t)snprintf(c->fields + at, sizeof c->fields - at, "%s: %s\n",
                               head->headers[i].name, head->headers[i].value);
    }
    count(c, &c->heads);
}

static void on_readable(void *ctx) {
    call_t *c = ctx;
    count(c, &c->readables);
}

static void on_writable(void *ctx) {
    call_t *c = ctx;
    count(c, &c->writables);
}

static void on_done(void *ctx, int rc, cay_error_t *err) {
    call_t *c = ctx;
    c->rc = rc;
    c->err = err;
    if (c->free_inside) {
        cay__http_free(c->http);
        c->http = NULL;
    }
    count(c, &c->dones);
}

void call_init(call_t *c, bench_t *b, const char *method, const char *url) {
    memset(c, 0, sizeof *c);
    cay__mutex_init(&c->lock);
    cay__cond_init(&c->changed);
    c->o = (cay_http_options_t){
        .url = url,
        .method = method,
        .judge = &rules_judge,
        .judge_ctx = &b->rules,
        .head = on_head,
        .readable = on_readable,
        .writable = on_writable,
        .done = on_done,
        .ctx = c,
    };
}

void call_start(call_t *c, bench_t *b) {
    c->start_rc = cay__http_start(b->client, &c->o, &c->http, &c->start_err);
    if (!c->free_inside) { /* else it may be gone */
        assert_true((c->start_rc == 0) == (c->http != NULL));
    }
}

void call_wait_count(call_t *c, const unsigned *what, unsigned n) {
    uint64_t by = cay__clock_deadline(10000);
    bool in_time = true;
    cay__mutex_lock(&c->lock);
    while (in_time && *what < n) {
        in_time = cay__cond_wait_until(&c->changed, &c->lock, by);
    }
    cay__mutex_unlock(&c->lock);
    assert_true(in_time);
}

void call_wait_head(call_t *c) {
    call_wait_count(c, &c->heads, 1);
}

void call_wait_done(call_t *c) {
    call_wait_count(c, &c->dones, 1);
}

int call_read(call_t *c) {
    for (;;) {
        cay_blob_t b;
        cay__mutex_lock(&c->lock);
        unsigned before = c->readables;
        cay__mutex_unlock(&c->lock);
        int rc = cay__http_take(c->http, &b);
        if (rc == CAY_EAGAIN) {
            call_wait_count(c, &c->readables, before + 1);
        } else if (rc) {
            return rc;
        }
        cay__buf_put(&c->body, b.data, b.len);
        cay__blob_drop(&b);
    }
}

const char *call_body(call_t *c) {
    cay__buf_u8(&c->body, 0);
    c->body.len--;
    return (const char *)c->body.data;
}

int call_run(call_t *c, bench_t *b) {
    call_start(c, b);
    if (c->start_rc) {
        return c->start_rc;
    }
    int end = call_read(c);
    call_wait_done(c);
    assert_int_equal(end, c->rc ? c->rc : CAY_ECLOSED);
    assert_int_equal(c->rc, cay_error_code(c->err));
    return c->rc;
}

void call_free(call_t *c) {
    cay__http_free(c->http);
    cay_error_free(c->err);
    cay_error_free(c->start_err);
    cay__buf_free(&c->body);
    cay__cond_destroy(&c->changed);
    cay__mutex_destroy(&c->lock);
}
