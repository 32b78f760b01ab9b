/* SPDX-License-Identifier: MIT */
/* A client: its connections, which libcurl's multi handle keeps. */
#include "base/err.h"
#include "base/mem.h"
#include "io/http_inner.h"
#include "os/clock.h"

/* No new request goes there; it ends with the last one on it. */
static void retire(cay_http_client_t *c) {
    cay_multi_t *m = c->multi;
    c->multi = NULL;
    if (m) {
        m->client = NULL;
        cay__loop_kick(c->loop, &m->kick);
    }
}

/* What is left of a multi that lost sight of its sockets. */
static void give_up(cay_multi_t *m) {
    if (m->client) {
        retire(m->client);
    }
    while (!cay__list_empty(&m->easies)) {
        cay_easy_t *e = CAY_CONTAINER(m->easies.next, cay_easy_t, link);
        cay__hop_ended(e->http, CURLE_OUT_OF_MEMORY);
    }
}

static uint64_t held_by(const cay_curl_t *curl, const cay_easy_t *e) {
    curl_off_t came = 0;
    if (!(e->http->pause & CURLPAUSE_RECV)) {
        return 0;
    }
    curl->easy_getinfo(e->curl, CURLINFO_SIZE_DOWNLOAD_T, &came);
    return (uint64_t)came > e->http->received ? (uint64_t)came - e->http->received : 0;
}

/* Ends the one with the most to take, when libcurl holds too much. */
static void bound_held(const cay_multi_t *m) {
    const cay_curl_t *curl = m->loop->curl;
    cay_easy_t *most = NULL;
    uint64_t sum = 0;
    for (cay_link_t *l = m->easies.next; l != &m->easies; l = l->next) {
        cay_easy_t *e = CAY_CONTAINER(l, cay_easy_t, link);
        sum += held_by(curl, e);
        most = !most || held_by(curl, e) > held_by(curl, most) ? e : most;
    }
    if (sum > CAY_HTTP_HELD) {
        cay_error_t *err = NULL;
        int rc = cay__error_set(&err, CAY_ELIMIT, "too much of the response waits to be read");
        cay__hop_fail(most->http, rc, err);
        cay__hop_ended(most->http, CURLE_WRITE_ERROR);
    }
}

void cay__multi_drive(cay_multi_t *m, int fd, int flags) {
    const cay_curl_t *curl = m->loop->curl;
    int n;
    if (curl->multi_socket_action(m->curlm, fd, flags, &n)) {
        m->broken = true;
    }
    for (CURLMsg *msg; (msg = curl->multi_info_read(m->curlm, &n));) {
        char *easy = NULL;
        CURLcode code = msg->data.result;
        if (msg->msg == CURLMSG_DONE &&
            curl->easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &easy) == CURLE_OK) {
            cay__hop_ended(((cay_easy_t *)(void *)easy)->http, code);
        }
    }
    if (m->held) {
        bound_held(m);
    }
    if (m->broken) {
        give_up(m);
    }
}

static void multi_closed(uv_handle_t *handle) {
    cay__free(handle->data);
}

static void multi_free(cay_multi_t *m) {
    cay_loop_t *l = m->loop;
    cay__list_remove(&m->kick.link);
    l->curl->multi_cleanup(m->curlm); /* closes the sockets */
    cay__sock_forget(l, m);
    uv_close((uv_handle_t *)&m->timer, multi_closed);
}

static void multi_kick(cay_later_t *later) {
    cay_multi_t *m = CAY_CONTAINER(later, cay_multi_t, kick);
    if (!m->client && cay__list_empty(&m->easies)) {
        multi_free(m);
    } else {
        cay__multi_drive(m, CURL_SOCKET_TIMEOUT, 0);
    }
}

static void on_multi_timer(uv_timer_t *timer) {
    cay_multi_t *m = timer->data;
    cay__multi_drive(m, CURL_SOCKET_TIMEOUT, 0);
    cay__loop_settle(m->loop);
}

static int on_timeout_wish(CURLM *curlm, long ms, void *userp) {
    (void)curlm;
    cay_multi_t *m = userp;
    if (ms > 0) {
        uv_timer_start(&m->timer, on_multi_timer, (uint64_t)ms, 0);
        return 0;
    }
    uv_timer_stop(&m->timer);
    if (ms == 0) { /* not from in here: libcurl does not want to be entered again */
        cay__loop_kick(m->loop, &m->kick);
    }
    return 0;
}

static bool multi_setup(const cay_curl_t *curl, cay_multi_t *m) {
    CURLM *c = m->curlm;
    return !curl->multi_setopt(c, CURLMOPT_SOCKETFUNCTION, cay__sock_watch) &&
           !curl->multi_setopt(c, CURLMOPT_SOCKETDATA, m) &&
           !curl->multi_setopt(c, CURLMOPT_TIMERFUNCTION, on_timeout_wish) &&
           !curl->multi_setopt(c, CURLMOPT_TIMERDATA, m) &&
           !curl->multi_setopt(c, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX) &&
           !curl->multi_setopt(c, CURLMOPT_MAXCONNECTS, (long)CAY_HTTP_KEEP);
}

static cay_multi_t *multi_new(cay_http_client_t *c) {
    const cay_curl_t *curl = c->loop->curl;
    cay_multi_t *m = CAY_NEW(cay_multi_t);
    if (!m) {
        return NULL;
    }
    m->loop = c->loop;
    m->client = c;
    m->curlm = curl->multi_init();
    if (!m->curlm || !multi_setup(curl, m)) {
        if (m->curlm) {
            curl->multi_cleanup(m->curlm);
        }
        cay__free(m);
        return NULL;
    }
    cay__list_init(&m->kick.link);
    cay__list_init(&m->easies);
    m->kick.run = multi_kick;
    uv_timer_init(&c->loop->uv, &m->timer);
    m->timer.data = m;
    return m;
}

int cay__multi_add(cay_http_t *h) {
    cay_http_client_t *c = h->client;
    if (!c->multi && !(c->multi = multi_new(c))) {
        return CAY_ENOMEM;
    }
    cay_multi_t *m = c->multi;
    h->easy->multi = m;
    cay__list_push(&m->easies, &h->easy->link);
    if (c->loop->curl->multi_add_handle(m->curlm, h->easy->curl)) {
        cay__multi_remove(h);
        return CAY_ENOMEM;
    }
    return 0;
}

static void easy_free(const cay_loop_t *l, cay_easy_t *e) {
    l->curl->easy_cleanup(e->curl);
    cay__free(e);
}

/* What libcurl holds for a transfer that is paused it gives out when it goes on, and in versions before 8.0 loses
 * for good when the transfer is removed from a connection that others use. */
static void drain(cay_http_t *h, const cay_easy_t *e) {
    if (h->pause & CURLPAUSE_RECV) {
        h->pause = 0;
        e->multi->held--;
        h->dropping = true;
        (void)h->client->loop->curl->easy_pause(e->curl, CURLPAUSE_CONT);
        h->dropping = false;
    }
}

void cay__multi_remove(cay_http_t *h) {
    cay_easy_t *e = h->easy;
    cay_multi_t *m = e ? e->multi : NULL;
    if (m) {
        drain(h, e);
    }
    h->easy = NULL;
    if (m) {
        /* May call back for sockets and timers, so h->easy is out of reach by now. */
        m->loop->curl->multi_remove_handle(m->curlm, e->curl);
        cay__list_remove(&e->link);
        if (!m->client && cay__list_empty(&m->easies)) {
            cay__loop_kick(m->loop, &m->kick);
        }
    }
    if (e) {
        easy_free(h->client->loop, e);
    }
    cay__easy_wire_free(h);
}

int cay__easy_new(cay_http_t *h) {
    const cay_loop_t *l = h->client->loop;
    cay_easy_t *e = CAY_NEW(cay_easy_t);
    if (!e || !(e->curl = l->curl->easy_init())) {
        cay__free(e);
        return CAY_ENOMEM;
    }
    cay__list_init(&e->link);
    int rc = cay__easy_setup(e, l);
    if (rc) {
        easy_free(l, e);
        return rc;
    }
    e->http = h;
    h->easy = e;
    return 0;
}

static void client_idle(cay_deadline_t *d) {
    cay_http_client_t *c = CAY_CONTAINER(d, cay_http_client_t, idle);
    retire(c);
    cay__names_clear(c);
}

void cay__client_active(cay_http_client_t *c, int change) {
    c->active = (size_t)((int64_t)c->active + change);
    if (c->active == 0 || (c->active == 1 && change > 0)) {
        uint64_t at = c->active ? UINT64_MAX : cay__clock_deadline(CAY_HTTP_IDLE_MS);
        cay__loop_deadline(c->loop, &c->idle, at);
    }
}

static void client_gone(cay_http_client_t *c) {
    void (*ended)(void *ctx) = c->ended;
    void *ctx = c->ended_ctx;
    cay__free(c);
    if (ended) {
        ended(ctx);
    }
}

void cay__client_settle(cay_http_client_t *c) {
    if (!c->freed || c->requests) {
        return;
    }
    cay__loop_deadline(c->loop, &c->idle, UINT64_MAX);
    if (c->multi) {
        multi_free(c->multi); /* none on it */
    }
    cay__names_free(c);
    client_gone(c);
}

static void client_run(cay_command_t *cmd, uint32_t bits) {
    cay_http_client_t *c = CAY_CONTAINER(cmd, cay_http_client_t, cmd);
    if (bits & CLIENT_FORGET) {
        retire(c);
        cay__names_clear(c);
    }
    if (bits & CLIENT_FREE) {
        c->freed = true;
        cay__client_settle(c);
    }
}

int cay__http_client_new(cay_loop_t *l, cay_http_client_t **out) {
    cay_http_client_t *c = CAY_NEW(cay_http_client_t);
    *out = c;
    if (!c) {
        return CAY_ENOMEM;
    }
    c->loop = l;
    c->cmd.run = client_run;
    c->idle.expired = client_idle;
    cay__list_init(&c->cmd.link);
    cay__list_init(&c->queue);
    cay__list_init(&c->unresolved);
    cay__map_init(&c->names);
    return 0;
}

/* Whether there is a thread to tell; without one there are no connections either. */
static bool runs(cay_loop_t *l) {
    cay__mutex_lock(&l->lock);
    bool started = l->started;
    cay__mutex_unlock(&l->lock);
    return started;
}

void cay__http_client_forget(cay_http_client_t *c) {
    if (runs(c->loop)) {
        cay__loop_post(c->loop, &c->cmd, CLIENT_FORGET);
    }
}

void cay__http_client_end(cay_http_client_t *c, void (*ended)(void *ctx), void *ctx) {
    c->ended = ended;
    c->ended_ctx = ctx;
    if (runs(c->loop)) {
        cay__loop_post(c->loop, &c->cmd, CLIENT_FREE);
    } else {
        client_gone(c);
    }
}

void cay__http_client_free(cay_http_client_t *c) {
    if (c) {
        cay__http_client_end(c, NULL, NULL);
    }
}
