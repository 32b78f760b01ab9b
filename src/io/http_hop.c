/* SPDX-License-Identifier: MIT */
/* The machine of a request, hop by hop. In each hop the host is judged, resolved, and every address is judged;
 * only then libcurl gets to see it. */
#include <assert.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/http_inner.h"
#include "os/clock.h"

/* Who may follow whom, as bits. */
static const uint8_t moves[] = {
    [HTTP_QUEUED] = 1 << HTTP_RESOLVING | 1 << HTTP_OVER,
    [HTTP_RESOLVING] = 1 << HTTP_SENDING | 1 << HTTP_OVER,
    [HTTP_SENDING] = 1 << HTTP_RESOLVING | 1 << HTTP_BODY | 1 << HTTP_OVER,
    [HTTP_BODY] = 1 << HTTP_OVER,
    [HTTP_OVER] = 0,
};

static void set_deadline(cay_http_t *h) {
    uint64_t at = h->total_by;
    bool waits = h->state == HTTP_QUEUED || h->state == HTTP_RESOLVING || h->state == HTTP_SENDING;
    if (waits && h->head_by < at) {
        at = h->head_by;
    }
    if (h->state == HTTP_RESOLVING && h->resolve_by < at) {
        at = h->resolve_by;
    }
    cay__loop_deadline(h->client->loop, &h->deadline, h->state == HTTP_OVER ? UINT64_MAX : at);
}

static void set_state(cay_http_t *h, cay_http_state_t state) {
    assert(moves[h->state] & (1 << state));
    h->state = state;
}

static void start_hop(cay_http_t *h);

/* Requests that waited for their turn. */
static void start_queued(cay_http_client_t *c) {
    if (c->starting) {
        return; /* the turn that goes on sees to it: those that end at once must not nest */
    }
    c->starting = true;
    while (c->active < CAY_HTTP_ACTIVE && !cay__list_empty(&c->queue)) {
        cay_link_t *link = cay__list_shift(&c->queue);
        cay__client_active(c, 1);
        start_hop(CAY_CONTAINER(link, cay_http_t, queued));
    }
    c->starting = false;
}

/* Ends what the hop had going: nothing of it calls back any more. */
static void stop_hop(cay_http_t *h) {
    if (h->lookup) {
        cay__lookup_cancel(h->lookup);
        h->lookup = NULL;
    }
    cay__multi_remove(h);
    cay__peers_clear(&h->peers);
}

static void end_body(cay_http_t *h, int rc) {
    cay__mutex_lock(&h->lock);
    h->over = true;
    h->over_rc = rc ? rc : CAY_ECLOSED;
    h->in_held = false;
    cay__buf_free(&h->out);
    h->out_at = 0;
    h->out_dry = false;
    cay__mutex_unlock(&h->lock);
}

/* Takes err over. */
static void finish(cay_http_t *h, int rc, cay_error_t *err) {
    cay_http_client_t *c = h->client;
    bool was_active = h->state != HTTP_QUEUED;
    cay__list_remove(&h->queued);
    stop_hop(h);
    set_state(h, HTTP_OVER);
    set_deadline(h);
    cay__body_clear(h);
    end_body(h, rc);
    h->done_rc = rc;
    h->done_err = err;
    h->news_bits |= NEWS_DONE;
    cay__loop_tell(c->loop, &h->news);
    if (was_active) {
        cay__client_active(c, -1);
    }
}

static void finish_no_memory(cay_http_t *h) {
    cay_error_t *err = NULL;
    int rc = cay__error_set(&err, CAY_ENOMEM, "no memory for the request");
    finish(h, rc, err);
}

void cay__hop_fail(cay_http_t *h, int rc, cay_error_t *err) {
    if (h->fail_rc) {
        cay_error_free(err);
        return;
    }
    h->fail_rc = rc;
    h->fail_err = err;
}

int cay__hop_judge(cay_http_t *h, const struct sockaddr *sa, cay_error_t **err) {
    cay_loop_t *l = h->client->loop;
    if (!cay__loop_call(l, h, &h->freed)) {
        return cay__error_set(err, CAY_ETERMINATED, "the request was given up");
    }
    int rc = sa ? h->o.judge->address(h->o.judge_ctx, h->host, h->port, sa, err)
                : h->o.judge->name(h->o.judge_ctx, h->host, h->port, err);
    cay__loop_called(l);
    return rc;
}

static void send_hop(cay_http_t *h) {
    cay__head_clear(&h->head);
    cay__body_clear(h);
    h->redirecting = h->stale = false;
    if (cay__easy_new(h) || cay__easy_aim(h) || cay__multi_add(h)) {
        finish_no_memory(h);
        return;
    }
    set_state(h, HTTP_SENDING);
    set_deadline(h);
}

/* Drops the addresses that are refused; the first refusal is the reason when none is left. */
static void judge_peers(cay_http_t *h) {
    cay_error_t *first = NULL;
    size_t kept = 0;
    int rc = 0;
    for (size_t i = 0; i < h->peers.count; i++) {
        cay_error_t *err = NULL;
        int refused = cay__hop_judge(h, &h->peers.list[i].sa, &err);
        if (!refused) {
            h->peers.list[kept++] = h->peers.list[i];
        } else if (!rc) {
            rc = refused;
            first = err;
            continue;
        }
        cay_error_free(err);
    }
    h->peers.count = kept;
    if (kept) {
        cay_error_free(first);
        send_hop(h);
        return;
    }
    rc = rc ? rc : cay__error_set(&first, CAY_ENET, "cannot resolve host \"%s\"", h->host);
    finish(h, rc, first);
}

void cay__hop_resolved(cay_http_t *h, int rc) {
    cay_error_t *err = NULL;
    if (rc == 0) {
        judge_peers(h);
    } else if (rc == CAY_ENOMEM || rc == CAY_ELIMIT) {
        finish_no_memory(h);
    } else {
        rc = cay__error_set(&err, CAY_ENET, "cannot resolve host \"%s\"", h->host);
        finish(h, rc, err);
    }
    start_queued(h->client);
}

static void start_hop(cay_http_t *h) {
    cay_error_t *err = NULL;
    set_state(h, HTTP_RESOLVING);
    int rc = cay__hop_judge(h, NULL, &err);
    if (rc) {
        finish(h, rc, err);
        return;
    }
    h->resolve_by = cay__clock_deadline((int64_t)h->o.connect_timeout_ms);
    set_deadline(h);
    cay__names_resolve(h);
}

/* What libcurl calls while the hop goes on. */

/* The head is complete: of a redirect that is followed, or the one that is told. */
static int head_ended(cay_http_t *h, cay_error_t **err) {
    const cay_http_header_t *fields;
    bool alone;
    bool redirect = cay__redirect_is(h->head.status) && cay__head_get(&h->head, "location", NULL);
    if (redirect && h->o.redirect == CAY_HTTP_ERROR) {
        return cay__error_set(err, CAY_ENET, "it was redirected (%u), which was not wanted",
                              h->head.status);
    }
    if (redirect && h->o.redirect == CAY_HTTP_FOLLOW) {
        h->redirecting = true;
        return 0;
    }
    if (cay__head_fields(&h->head, &fields)) {
        return cay__error_set(err, CAY_ENOMEM, "no memory for the response's head");
    }
    const char *coding =
        h->o.no_decode ? NULL : cay__head_get(&h->head, "content-encoding", &alone);
    if (coding && alone && cay__coding_new(coding, &h->coding)) {
        return cay__error_set(err, CAY_ENOMEM, "no memory for the response's body");
    }
    set_state(h, HTTP_BODY);
    set_deadline(h);
    h->news_bits |= NEWS_HEAD;
    cay__loop_tell(h->client->loop, &h->news);
    return 0;
}

size_t cay__hop_header(char *line, size_t size, size_t count, void *userp) {
    cay_http_t *h = ((const cay_easy_t *)userp)->http;
    cay_error_t *err = NULL;
    size_t n = size * count;
    bool before = h->head.complete;
    int rc = cay__head_line(&h->head, line, n, &err);
    if (!rc && h->head.complete && !before) {
        rc = head_ended(h, &err);
    }
    if (rc) {
        cay__hop_fail(h, rc, err);
        return n ? 0 : 1;
    }
    return n;
}

static void note_socket(const cay_loop_t *l, const cay_easy_t *e) {
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (e->opened && l->curl->easy_getinfo(e->curl, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK) {
        cay__sock_stands(l, fd);
    }
}

/* Before each request is sent, also on a connection that is used again: its other end must be one that this
 * request was allowed. A connection made under other rights (of an import, or before a grant was revoked) is
 * left, and a new one is made. */
int cay__hop_prereq(void *userp, char *peer, char *local, int peer_port, int local_port) {
    (void)local;
    (void)local_port;
    const cay_easy_t *e = userp;
    cay_http_t *h = e->http;
    cay_error_t *err = NULL;
    cay_peer_t at;
    note_socket(h->client->loop, e);
    if (!cay__peer_parse(peer, peer_port, &at)) {
        return CURL_PREREQFUNC_ABORT;
    }
    for (size_t i = 0; i < h->peers.count; i++) {
        if (cay__peer_same(&h->peers.list[i].sa, &at.sa)) {
            return CURL_PREREQFUNC_OK;
        }
    }
    int rc = cay__hop_judge(h, &at.sa, &err);
    if (rc) {
        h->stale = !h->fresh;
        cay__hop_fail(h, rc, err);
        return CURL_PREREQFUNC_ABORT;
    }
    return CURL_PREREQFUNC_OK;
}

/* The end of a hop. */

static int error_of(cay_http_t *h, CURLcode code, const char *why, cay_error_t **err) {
    const cay_curl_t *curl = h->client->loop->curl;
    switch ((int)code) {
    case CURLE_OUT_OF_MEMORY: return cay__error_set(err, CAY_ENOMEM, "no memory for the request");
    case CURLE_OPERATION_TIMEDOUT:
        cay__names_drop(h);
        return cay__error_set(err, CAY_ETIMEDOUT, "no connection to %s:%d within %llu ms", h->host,
                              h->port, (unsigned long long)h->o.connect_timeout_ms);
    case CURLE_COULDNT_CONNECT:
        cay__names_drop(h);
        return cay__error_set(err, CAY_ENET, "cannot connect to %s:%d", h->host, h->port);
    case CURLE_PEER_FAILED_VERIFICATION:
        return cay__error_set(err, CAY_ENET, "the certificate of %s is not accepted: %s", h->host,
                              why[0] ? why : curl->easy_strerror(code));
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:  /* HTTP/0.9 */
    case CURLE_BAD_FUNCTION_ARGUMENT: /* a folded line first of all */
        return cay__error_set(err, CAY_ENET, "%s:%d: the response is malformed", h->host, h->port);
    default:
        return cay__error_set(err, CAY_ENET, "%s:%d: %s", h->host, h->port,
                              curl->easy_strerror(code));
    }
}

static void redirect_hop(cay_http_t *h) {
    cay_error_t *err = NULL;
    int rc = cay__redirect_apply(h, &err);
    if (rc) {
        finish(h, rc, err);
        return;
    }
    h->fresh = false;
    start_hop(h);
}

/* The hop once more, on a connection of its own. Nothing was sent yet. */
static void again(cay_http_t *h) {
    cay_error_free(cay_steal(&h->fail_err));
    h->fail_rc = 0;
    h->fresh = true;
    start_hop(h);
}

/* All came, or nothing more will. */
static void end_of_response(cay_http_t *h, CURLcode code, const char *why) {
    cay_error_t *err = NULL;
    int rc = code == CURLE_OK && h->head.complete ? cay__body_whole(h, &err)
                                                  : error_of(h, code, why, &err);
    h->received_all = rc == CAY_EAGAIN;
    if (!h->received_all) {
        finish(h, rc, err);
    }
}

void cay__hop_ended(cay_http_t *h, CURLcode code) {
    char why[CURL_ERROR_SIZE] = "";
    if (h->easy) {
        memcpy(why, h->easy->why, sizeof why);
    }
    bool redirecting = h->redirecting, stale = h->stale;
    stop_hop(h);
    if (stale) {
        again(h);
    } else if (h->fail_rc) {
        finish(h, h->fail_rc, cay_steal(&h->fail_err));
    } else if (redirecting) {
        redirect_hop(h);
    } else {
        end_of_response(h, code, why);
    }
    start_queued(h->client);
}

void cay__hop_expired(cay_deadline_t *d) {
    cay_http_t *h = CAY_CONTAINER(d, cay_http_t, deadline);
    uint64_t now = cay__clock_mono();
    cay_error_t *err = NULL;
    const char *what = h->total_by <= now  ? "the response was not complete"
                       : h->head_by <= now ? "no response came"
                                           : "the host's name was not resolved";
    int rc = cay__error_set(&err, CAY_ETIMEDOUT, "%s in time", what);
    finish(h, rc, err);
    start_queued(h->client);
}

/* Commands and news. */

static void start(cay_http_t *h) {
    cay_http_client_t *c = h->client;
    cay__list_push(&c->queue, &h->queued);
    if (c->active < CAY_HTTP_ACTIVE) {
        start_queued(c);
    } else {
        set_deadline(h);
    }
}

static void abort_request(cay_http_t *h) {
    cay_error_t *err = NULL;
    if (h->state != HTTP_OVER) {
        int rc = cay__error_set(&err, CAY_ETERMINATED, "the request was aborted");
        finish(h, rc, err);
        start_queued(h->client);
    }
}

void cay__hop_run(cay_command_t *cmd, uint32_t bits) {
    cay_http_t *h = CAY_CONTAINER(cmd, cay_http_t, cmd);
    if (bits & HTTP_START) {
        h->client->requests++;
        if (!(bits & (HTTP_ABORT | HTTP_FREE))) {
            start(h);
        }
    }
    if (bits & HTTP_RESUME) {
        cay__body_resume(h);
    }
    if (bits & HTTP_FEED) {
        cay__body_feed(h);
    }
    if (bits & (HTTP_ABORT | HTTP_FREE)) {
        abort_request(h);
    }
    if (bits & HTTP_FREE) {
        cay__http_destroy(h);
    }
}

static void tell_head(cay_http_t *h) {
    const cay_http_header_t *fields = NULL;
    if (cay__head_fields(&h->head, &fields)) {
        return; /* made when the head ended */
    }
    cay_http_head_t head = {
        .status = h->head.status,
        .reason = cay__head_reason(&h->head),
        .url = h->wire_url,
        .redirected = h->redirects > 0,
        .version = h->head.version,
        .headers = fields,
        .header_count = cay__head_count(&h->head),
    };
    h->o.head(h->o.ctx, &head);
}

/* Whether those who wait for bytes or room are to be told; they are not waiting any more then. */
static void disarm(cay_http_t *h, bool *readable, bool *writable) {
    cay__mutex_lock(&h->lock);
    *readable = h->in_armed && (h->in.len || h->over);
    *writable =
        h->out_armed && (h->over || h->out_ended || h->out.len - h->out_at < CAY_HTTP_WINDOW / 2);
    h->in_armed = h->in_armed && !*readable;
    h->out_armed = h->out_armed && !*writable;
    cay__mutex_unlock(&h->lock);
}

/* `freed` is checked again between callbacks: one of them may have freed the request. It is only read where
 * this thread could have set it, or where a callback too many is waited for. */
static bool still(cay_http_t *h) {
    cay_loop_t *l = h->client->loop;
    cay__mutex_lock(&l->lock);
    bool ok = !h->freed;
    cay__mutex_unlock(&l->lock);
    return ok;
}

void cay__hop_tell(cay_later_t *later) {
    cay_http_t *h = CAY_CONTAINER(later, cay_http_t, news);
    cay_loop_t *l = h->client->loop;
    uint32_t bits = h->news_bits;
    bool readable, writable;
    if (!cay__loop_call(l, h, &h->freed)) {
        return;
    }
    h->news_bits = 0;
    if (bits & NEWS_HEAD) {
        tell_head(h);
    }
    disarm(h, &readable, &writable);
    if (readable && h->o.readable && still(h)) {
        h->o.readable(h->o.ctx);
    }
    if (writable && h->o.writable && still(h)) {
        h->o.writable(h->o.ctx);
    }
    if ((bits & NEWS_DONE) && still(h)) {
        h->o.done(h->o.ctx, h->done_rc, cay_steal(&h->done_err));
    }
    cay__loop_called(l);
}
