/* SPDX-License-Identifier: MIT */
/* A request as its user holds it. */
#include "base/err.h"
#include "base/mem.h"
#include "io/http_inner.h"
#include "os/clock.h"

#define MAX_REDIRECTS      10
#define CONNECT_TIMEOUT_MS 30000
#define MAX_RATIO          1000

static uint64_t limit(uint64_t ms) {
    return ms && ms <= INT64_MAX ? cay__clock_deadline((int64_t)ms) : UINT64_MAX;
}

static void set_options(cay_http_t *h, const cay_http_options_t *o) {
    h->o = *o;
    h->o.url = h->o.method = NULL;
    h->o.headers = NULL;
    h->o.body = NULL;
    h->o.max_redirects = o->max_redirects ? o->max_redirects : MAX_REDIRECTS;
    h->o.max_ratio = o->max_ratio ? o->max_ratio : MAX_RATIO;
    uint64_t connect = o->connect_timeout_ms ? o->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    h->o.connect_timeout_ms = connect < INT32_MAX ? connect : INT32_MAX;
    h->streaming = o->streamed_body;
    h->head_by = limit(o->head_timeout_ms);
    h->total_by = limit(o->total_timeout_ms);
    h->resolve_by = UINT64_MAX;
}

static void free_memory(cay_http_t *h) {
    cay__head_clear(&h->head);
    cay__body_clear(h);
    cay__peers_clear(&h->peers);
    cay__easy_wire_free(h);
    cay__url_free(h->url);
    cay__free(h->wire_url);
    cay__free(h->host);
    cay__free(h->method);
    cay__free(h->headers);
    cay__free(h->body);
    cay__buf_free(&h->in);
    cay__buf_free(&h->out);
    cay_error_free(h->fail_err);
    cay_error_free(h->done_err);
    cay__mutex_destroy(&h->lock);
    cay__free(h);
}

static cay_http_t *http_new(cay_http_client_t *c) {
    cay_http_t *h = CAY_NEW(cay_http_t);
    if (h) {
        h->client = c;
        h->cmd.run = cay__hop_run;
        h->deadline.expired = cay__hop_expired;
        h->news.run = cay__hop_tell;
        cay__list_init(&h->cmd.link);
        cay__list_init(&h->queued);
        cay__list_init(&h->news.link);
        cay__mutex_init(&h->lock);
    }
    return h;
}

int cay__http_start(cay_http_client_t *c, const cay_http_options_t *o, cay_http_t **out,
                    cay_error_t **err) {
    *out = NULL;
    int rc = cay__loop_start(c->loop, err);
    if (rc) {
        return rc;
    }
    cay_http_t *h = http_new(c);
    if (!h) {
        return cay__error_set(err, CAY_ENOMEM, "no memory for the request");
    }
    set_options(h, o);
    rc = cay__request_parse(h, o, err);
    if (rc) {
        free_memory(h);
        return rc;
    }
    *out = h;
    cay__loop_post(c->loop, &h->cmd, HTTP_START);
    return 0;
}

void cay__http_abort(cay_http_t *h) {
    cay__loop_post(h->client->loop, &h->cmd, HTTP_ABORT);
}

void cay__http_free(cay_http_t *h) {
    if (!h) {
        return;
    }
    cay_loop_t *l = h->client->loop;
    cay__mutex_lock(&l->lock);
    h->freed = true;
    while (l->calling == h && !cay__loop_is_current(l)) {
        cay__cond_wait(&l->quiet, &l->lock);
    }
    cay__mutex_unlock(&l->lock);
    cay__loop_post(l, &h->cmd, HTTP_FREE);
}

void cay__http_destroy(cay_http_t *h) {
    cay_http_client_t *c = h->client;
    cay__list_remove(&h->news.link);
    free_memory(h);
    c->requests--;
    cay__client_settle(c);
}
