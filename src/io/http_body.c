/* SPDX-License-Identifier: MIT */
/* Bodies, both ways, with their back-pressure.
 *
 * Received: libcurl's callback takes whatever comes, and the transfer is paused at the end of the round when
 * the window is full. (A callback that refuses its bytes makes libcurl keep them, decoded and out of our
 * sight, which is where a decompression bomb would go.) What can come in one round is bounded by libcurl's
 * buffer and the ratio. Sent: libcurl asks, and is paused when there is nothing. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/http_inner.h"

/* Below it the ratio of decoded to received bytes is not looked at. */
#define RATIO_FROM ((uint64_t)1 << 20)

/* Why these bytes must not be taken; 0 when they may. */
static int over_bounds(cay_http_t *h, cay_error_t **err) {
    curl_off_t received = 0;
    if (h->o.max_body && h->decoded > h->o.max_body) {
        return cay__error_set(err, CAY_ELIMIT, "the response's body is over %llu bytes",
                              (unsigned long long)h->o.max_body);
    }
    if (!h->encoded || h->decoded <= RATIO_FROM) {
        return 0;
    }
    h->client->loop->curl->easy_getinfo(h->easy->curl, CURLINFO_SIZE_DOWNLOAD_T, &received);
    uint64_t ratio = h->decoded / (uint64_t)(received > 0 ? received : 1);
    if (ratio > h->o.max_ratio) {
        return cay__error_set(err, CAY_ELIMIT,
                              "the response's body grows over %llu-fold when decoded",
                              (unsigned long long)h->o.max_ratio);
    }
    return 0;
}

static CURLcode set_pause(cay_http_t *h, int pause) {
    if (!h->easy || h->pause == pause) {
        return CURLE_OK;
    }
    h->pause = pause;
    return h->client->loop->curl->easy_pause(h->easy->curl, pause);
}

/* Going on may at once deliver what libcurl held, and so fail; it tells nobody else of that. */
static void go_on(cay_http_t *h, int pause) {
    CURLcode code = set_pause(h, h->pause & ~pause);
    if (code) {
        cay__hop_ended(h, code);
    }
}

static bool append(cay_http_t *h, const char *data, size_t n) {
    cay__mutex_lock(&h->lock);
    cay__buf_put(&h->in, data, n);
    bool ok = !h->in.failed;
    bool held = ok && (h->in_held = h->in_held || h->in.len >= CAY_HTTP_WINDOW);
    if (ok && h->in_armed) {
        cay__loop_tell(h->client->loop, &h->news);
    }
    cay__mutex_unlock(&h->lock);
    if (held) {
        (void)set_pause(h, h->pause | CURLPAUSE_RECV);
    }
    return ok;
}

size_t cay__body_receive(char *data, size_t size, size_t count, void *userp) {
    cay_http_t *h = ((const cay_easy_t *)userp)->http;
    size_t n = size * count;
    cay_error_t *err = NULL;
    if (h->dropping) {
        return n;
    }
    h->decoded += n;
    if (h->redirecting) {
        return h->decoded > CAY_HTTP_REDIRECT_BODY ? 0 : n;
    }
    int rc = over_bounds(h, &err);
    if (!rc && !append(h, data, n)) {
        rc = cay__error_set(&err, CAY_ENOMEM, "no memory for the response's body");
    }
    if (rc) {
        cay__hop_fail(h, rc, err);
        return n ? 0 : 1;
    }
    return n;
}

void cay__body_resume(cay_http_t *h) {
    cay__mutex_lock(&h->lock);
    bool held = h->in_held;
    cay__mutex_unlock(&h->lock);
    if (!held) {
        go_on(h, CURLPAUSE_RECV);
    }
}

size_t cay__body_send(char *data, size_t size, size_t count, void *userp) {
    cay_http_t *h = ((const cay_easy_t *)userp)->http;
    size_t n = size * count;
    cay__mutex_lock(&h->lock);
    size_t left = h->out.len - h->out_at;
    n = n < left ? n : left;
    if (n) {
        memcpy(data, h->out.data + h->out_at, n);
        h->out_at += n;
    }
    if (h->out_at == h->out.len) {
        h->out.len = h->out_at = 0;
    }
    h->out_dry = left == 0 && !h->out_ended;
    bool dry = h->out_dry;
    if (h->out_armed && h->out.len - h->out_at < CAY_HTTP_WINDOW / 2) {
        cay__loop_tell(h->client->loop, &h->news);
    }
    cay__mutex_unlock(&h->lock);
    if (dry) {
        h->pause |= CURLPAUSE_SEND; /* as libcurl has it after this answer */
        return CURL_READFUNC_PAUSE;
    }
    return n;
}

void cay__body_feed(cay_http_t *h) {
    go_on(h, CURLPAUSE_SEND);
}

void cay__body_refuse(cay_http_t *h) {
    cay__mutex_lock(&h->lock);
    h->out_ended = true;
    h->out_dry = false;
    cay__buf_free(&h->out);
    h->out_at = 0;
    if (h->out_armed) {
        cay__loop_tell(h->client->loop, &h->news);
    }
    cay__mutex_unlock(&h->lock);
}

/* The taker's and the writer's side: any thread. */

static void release(void *data, size_t len, void *user) {
    (void)len;
    (void)user;
    cay__free(data);
}

int cay__http_take(cay_http_t *h, cay_blob_t *out) {
    *out = (cay_blob_t){NULL, 0, NULL, NULL};
    cay__mutex_lock(&h->lock);
    cay_buf_t b = h->in;
    bool resume = b.len && h->in_held && !h->over;
    int rc = b.len ? 0 : h->over ? h->over_rc : CAY_EAGAIN;
    h->in_armed = rc == CAY_EAGAIN;
    if (b.len) {
        h->in = (cay_buf_t)CAY_BUF_INIT;
        h->in_held = false;
    }
    cay__mutex_unlock(&h->lock);
    if (resume) {
        cay__loop_post(h->client->loop, &h->cmd, HTTP_RESUME);
    }
    if (rc) {
        return rc;
    }
    void *fit = b.cap - b.len > b.len / 4 ? cay__realloc(b.data, b.len) : NULL;
    *out = (cay_blob_t){fit ? fit : b.data, b.len, release, NULL};
    return 0;
}

/* Makes what was sent go, when it is the larger part. */
static void compact(cay_http_t *h) {
    if (h->out_at > h->out.len / 2) {
        h->out.len -= h->out_at;
        memmove(h->out.data, h->out.data + h->out_at, h->out.len);
        h->out_at = 0;
    }
}

int cay__http_write(cay_http_t *h, const void *data, size_t len) {
    bool feed = false;
    int rc = 0;
    cay__mutex_lock(&h->lock);
    if (h->over || h->out_ended || !h->o.streamed_body) {
        rc = CAY_ECLOSED;
    } else if (h->out.len - h->out_at >= CAY_HTTP_WINDOW) {
        rc = CAY_EAGAIN;
        h->out_armed = true;
    } else if (len) {
        compact(h);
        uint8_t *room = cay__buf_room(&h->out, len);
        if (room) {
            memcpy(room, data, len);
            h->out.len += len;
        } else {
            h->out.failed = false; /* what was written before stays good */
            rc = CAY_ENOMEM;
        }
        feed = room && h->out_dry;
        h->out_dry = h->out_dry && !feed;
    }
    cay__mutex_unlock(&h->lock);
    if (feed) {
        cay__loop_post(h->client->loop, &h->cmd, HTTP_FEED);
    }
    return rc;
}

void cay__http_end(cay_http_t *h) {
    cay__mutex_lock(&h->lock);
    h->out_ended = true;
    bool feed = h->out_dry;
    h->out_dry = false;
    cay__mutex_unlock(&h->lock);
    if (feed) {
        cay__loop_post(h->client->loop, &h->cmd, HTTP_FEED);
    }
}
