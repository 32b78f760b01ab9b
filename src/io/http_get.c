/* SPDX-License-Identifier: MIT */
/* A whole GET: a request whose body is gathered here, on the I/O thread. */
#include <string.h>

#include "base/buf.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "io/http.h"

/* For code: long enough for a slow server, short enough that an import does not hang for ever. */
#define TIMEOUT_MS 120000

struct cay_http_get {
    cay_http_t *http;
    uint32_t status;
    char *url;
    char *content_type;
    bool no_memory;
    cay_buf_t body;
    void (*done)(void *ctx, const cay_http_got_t *got);
    void *ctx;
};

/* Takes all that waits, and so arms for the next. */
static void get_readable(void *ctx) {
    cay_http_get_t *g = ctx;
    cay_blob_t b;
    while (cay__http_take(g->http, &b) == 0) {
        cay__buf_put(&g->body, b.data, b.len);
        cay__blob_drop(&b);
    }
}

static void get_head(void *ctx, const cay_http_head_t *head) {
    cay_http_get_t *g = ctx;
    g->status = head->status;
    g->url = cay__strdup(head->url);
    g->no_memory = !g->url;
    for (size_t i = 0; i < head->header_count && !g->content_type; i++) {
        if (strcmp(head->headers[i].name, "content-type") == 0) {
            g->content_type = cay__strdup(head->headers[i].value);
            g->no_memory = g->no_memory || !g->content_type;
        }
    }
    get_readable(g);
}

static void get_done(void *ctx, int rc, cay_error_t *err) {
    cay_http_get_t *g = ctx;
    get_readable(g);
    if (!rc && (g->no_memory || g->body.failed)) {
        rc = cay__error_set(&err, CAY_ENOMEM, "no memory for the response");
    }
    cay_http_got_t got = {.rc = rc, .err = err};
    if (!rc) {
        got.status = g->status;
        got.url = g->url;
        got.content_type = g->content_type;
        got.data = g->body.data ? (const char *)g->body.data : "";
        got.len = g->body.len;
    }
    g->done(g->ctx, &got); /* may free g */
    cay_error_free(err);
}

static void get_destroy(cay_http_get_t *g) {
    cay__buf_free(&g->body);
    cay__free(g->content_type);
    cay__free(g->url);
    cay__free(g);
}

int cay__http_get(cay_http_client_t *c, const char *url, const cay_http_header_t *headers,
                  size_t header_count, size_t max, const cay_http_judge_t *judge, void *judge_ctx,
                  void (*done)(void *ctx, const cay_http_got_t *got), void *ctx,
                  cay_http_get_t **out, cay_error_t **err) {
    *out = NULL;
    cay_http_get_t *g = CAY_NEW(cay_http_get_t);
    if (!g) {
        return cay__error_set(err, CAY_ENOMEM, "no memory for the request");
    }
    g->done = done;
    g->ctx = ctx;
    const cay_http_options_t o = {
        .url = url,
        .method = "GET",
        .headers = headers,
        .header_count = header_count,
        .max_body = max,
        .total_timeout_ms = TIMEOUT_MS,
        .judge = judge,
        .judge_ctx = judge_ctx,
        .head = get_head,
        .readable = get_readable,
        .done = get_done,
        .ctx = g,
    };
    *out = g; /* before it starts: `done` may come at once */
    int rc = cay__http_start(c, &o, &g->http, err);
    if (rc) {
        *out = NULL;
        get_destroy(g);
    }
    return rc;
}

void cay__http_get_free(cay_http_get_t *g) {
    if (g) {
        cay__http_free(g->http); /* no callback after this */
        get_destroy(g);
    }
}
