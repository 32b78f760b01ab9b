/* SPDX-License-Identifier: MIT */
/* Bodies, both ways, with their back-pressure.
 *
 * Received: libcurl's callback takes whatever comes, and pauses the transfer when the window is full; it is never
 * refused bytes, which it would keep. Decoding stops at the full window, with the rest of the network's buffer
 * kept as it came. Sent: libcurl asks, and is paused when there is nothing. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/http_inner.h"

/* Below it the ratio of decoded to received bytes is not looked at. */
#define RATIO_FROM ((uint64_t)1 << 20)

/* Decoded at a time. */
#define PIECE ((size_t)16 << 10)

/* Why these bytes must not be taken; 0 when they may. */
static int over_bounds(const cay_http_t *h, cay_error_t **err) {
    if (h->o.max_body && h->decoded > h->o.max_body) {
        return cay__error_set(err, CAY_ELIMIT, "the response's body is over %llu bytes",
                              (unsigned long long)h->o.max_body);
    }
    if (h->coding && h->decoded > RATIO_FROM && h->decoded / h->received > h->o.max_ratio) {
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
    int change = (pause & CURLPAUSE_RECV) - (h->pause & CURLPAUSE_RECV);
    h->easy->multi->held += change > 0 ? 1u : change < 0 ? -1u : 0u;
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

/* *full: the window is, and the sender is to be held back. */
static int append(cay_http_t *h, const void *data, size_t n, bool *full, cay_error_t **err) {
    h->decoded += n;
    int rc = over_bounds(h, err);
    if (rc) {
        return rc;
    }
    cay__mutex_lock(&h->lock);
    cay__buf_put(&h->in, data, n);
    bool ok = !h->in.failed;
    *full = h->in_held = h->in_held || h->in.len >= CAY_HTTP_WINDOW;
    if (h->in_armed) {
        cay__loop_tell(h->client->loop, &h->news);
    }
    cay__mutex_unlock(&h->lock);
    return ok ? 0 : cay__error_set(err, CAY_ENOMEM, "no memory for the response's body");
}

static int decode(cay_http_t *h, const uint8_t **data, size_t *n, bool *full, cay_error_t **err) {
    uint8_t piece[PIECE];
    size_t got = PIECE;
    while (!*full && got == PIECE) {
        int rc = cay__coding_run(h->coding, data, n, piece, PIECE, &got);
        if (rc == CAY_ENOMEM) {
            return cay__error_set(err, rc, "no memory to decode the response's body");
        }
        if (rc) {
            return cay__error_set(err, CAY_ENET, "the response's body does not decode");
        }
        rc = got ? append(h, piece, got, full, err) : 0;
        if (rc) {
            return rc;
        }
    }
    return 0;
}

/* What came, behind what waits already. */
static int receive(cay_http_t *h, const char *data, size_t n, bool *full, cay_error_t **err) {
    const uint8_t *at = (const uint8_t *)data;
    if (!h->coding) {
        return append(h, data, n, full, err);
    }
    *full = h->coded_waits;
    int rc = *full ? 0 : decode(h, &at, &n, full, err);
    if (rc == 0 && *full) { /* also with nothing left: the decoder may hold some output */
        cay__buf_put(&h->coded, at, n);
        h->coded_waits = true;
        rc = h->coded.failed ? cay__error_set(err, CAY_ENOMEM, "no memory for the response's body")
                             : 0;
    }
    return rc;
}

size_t cay__body_receive(char *data, size_t size, size_t count, void *userp) {
    cay_http_t *h = ((const cay_easy_t *)userp)->http;
    size_t n = size * count;
    cay_error_t *err = NULL;
    bool full = false;
    if (h->dropping || n == 0) {
        return n;
    }
    h->received += n;
    if (h->redirecting) {
        return h->received > CAY_HTTP_REDIRECT_BODY ? 0 : n;
    }
    int rc = receive(h, data, n, &full, &err);
    if (rc) {
        cay__hop_fail(h, rc, err);
        return 0;
    }
    if (full) {
        (void)set_pause(h, h->pause | CURLPAUSE_RECV);
    }
    return n;
}

/* Decodes what waits, as far as there is room. */
static int decode_more(cay_http_t *h, bool *full, cay_error_t **err) {
    const uint8_t *at = h->coded.data + h->coded_at;
    size_t n = h->coded.len - h->coded_at;
    int rc = decode(h, &at, &n, full, err);
    h->coded_at = h->coded.len - n;
    h->coded_waits = *full;
    if (!*full) {
        cay__buf_free(&h->coded);
        h->coded_at = 0;
    }
    return rc;
}

int cay__body_whole(cay_http_t *h, cay_error_t **err) {
    if (h->coded_waits) {
        return CAY_EAGAIN;
    }
    if (h->coding && !cay__coding_whole(h->coding)) {
        return cay__error_set(err, CAY_ENET, "the response's body ends before its coding does");
    }
    return 0;
}

void cay__body_clear(cay_http_t *h) {
    cay__coding_free(h->coding);
    h->coding = NULL;
    cay__buf_free(&h->coded);
    h->coded_at = 0;
    h->coded_waits = false;
    h->received = h->decoded = 0;
}

void cay__body_resume(cay_http_t *h) {
    cay_error_t *err = NULL;
    bool full;
    cay__mutex_lock(&h->lock);
    full = h->in_held;
    cay__mutex_unlock(&h->lock);
    if (h->state != HTTP_BODY || full) {
        return;
    }
    int rc = h->coded_waits ? decode_more(h, &full, &err) : 0;
    if (rc) {
        cay__hop_fail(h, rc, err);
        cay__hop_ended(h, CURLE_WRITE_ERROR);
    } else if (h->received_all) {
        cay__hop_ended(h, CURLE_OK);
    } else if (!full) {
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
