/* SPDX-License-Identifier: MIT */
#include "ops/transfer.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

/* A promise that waits for something of a transfer. */
typedef struct want {
    cay_request_t base;
    cay_transfer_t *transfer; /* a reference */
    cay_want_t what;
} want_t;

/* The head, copied out of the client's for the agent's thread. */
typedef struct head {
    uint32_t status;
    bool redirected;
    char *reason;
    char *url;
    char *fields; /* "name:value\n", names in lower case */
    size_t fields_len;
} head_t;

struct cay_transfer {
    _Atomic uint32_t refs;
    cay_agent_t *agent; /* its thread only, while in the table */
    uint32_t rid;
    cay_net_judge_t judge; /* the authority is a reference */
    bool asked;            /* I/O thread: the judge has been asked about the first host */
    const char *host;      /* in use.ask */
    int port;
    cay_use_t use;      /* of the host that was asked for */
    cay_use_t last_use; /* of the one that redirects led to */
    atomic_bool revoked;
    head_t head;     /* written before the head's want is done */
    cay_blob_t next; /* its thread: taken, and not given out yet */

    cay_mutex_t lock;
    cay_http_t *http; /* written by its thread, under lock; NULL before it began and once closed */
    want_t *wants[CAY_WANTS]; /* under lock */
    bool ready[CAY_WANTS];    /* under lock: came while nobody wanted it */
    bool stop;                /* under lock: abort it as soon as it has begun */
    bool over;                /* under lock: nothing comes any more */
    cay_error_t *why;         /* under lock: of its failure */
};

static void unref(cay_transfer_t *t) {
    if (atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) > 1) {
        return;
    }
    cay__authority_unref(&t->judge.authority);
    cay__mutex_destroy(&t->lock);
    cay__free(t->head.reason);
    cay__free(t->head.url);
    cay__free(t->head.fields);
    cay_error_free(t->why);
    cay__free(t);
}

static int say_revoked(const cay_transfer_t *t, cay_error_t **err) {
    return cay__error_set(err, CAY_EPERM, "net access to \"%.300s:%d\" was revoked", t->host,
                          t->port);
}

/* ---- wants ---- */

static want_t *of(cay_request_t *r) {
    return CAY_CONTAINER(r, want_t, base);
}

static want_t *take_locked(cay_transfer_t *t, cay_want_t what) CAY_REQUIRES(t->lock) {
    want_t *w = t->wants[what];
    t->wants[what] = NULL;
    t->ready[what] = w == NULL;
    return w;
}

static want_t *take(cay_transfer_t *t, cay_want_t what) {
    cay__mutex_lock(&t->lock);
    want_t *w = take_locked(t, what);
    cay__mutex_unlock(&t->lock);
    return w;
}

/* Outside of the lock: the mailbox has its own, and cancel runs under others. */
static void finish(want_t *w, int rc, cay_error_t *err) {
    if (w) {
        cay__request_done(&w->base, rc, err);
    } else {
        cay_error_free(err);
    }
}

/* Any thread, perhaps under the lock of an authority's tree. */
static void abort_transfer(cay_transfer_t *t) {
    cay__mutex_lock(&t->lock);
    if (t->http) {
        cay__http_abort(t->http);
    } else {
        t->stop = true;
    }
    cay__mutex_unlock(&t->lock);
}

static void want_cancel(cay_request_t *r) {
    abort_transfer(of(r)->transfer);
}

static void want_free(cay_request_t *r) {
    unref(of(r)->transfer);
    cay__free(of(r));
}

static int settle(cay_request_t *r, cay_agent_t *a, eng_val_t *out, cay_error_t **err);
static const cay_request_ops_t want_ops = {
    .settle = settle, .cancel = want_cancel, .free = want_free};

/* Begins a want; what came before anybody wanted it ends it at once. */
static int begin(cay_transfer_t *t, cay_want_t what, uint32_t id, size_t bytes, cay_error_t **err) {
    want_t *w = CAY_NEW(want_t);
    if (!w) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory for a transfer");
    }
    w->base.ops = &want_ops;
    w->base.bytes = bytes;
    w->what = what;
    w->transfer = t;
    int rc = cay__request_begin(t->agent, &w->base, id, NULL, NULL, err);
    if (rc) {
        cay__free(w);
        return rc;
    }
    atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    cay__mutex_lock(&t->lock);
    t->wants[what] = w;
    want_t *now =
        what != CAY_WANT_HEAD && (t->ready[what] || t->over) ? take_locked(t, what) : NULL;
    cay__mutex_unlock(&t->lock);
    finish(now, 0, NULL);
    return 0;
}

/* ---- the I/O thread ---- */

static int copy_head(head_t *to, const cay_http_head_t *from) {
    cay_buf_t b = CAY_BUF_INIT;
    for (size_t i = 0; i < from->header_count; i++) {
        cay__buf_str(&b, from->headers[i].name);
        cay__buf_u8(&b, ':');
        cay__buf_str(&b, from->headers[i].value);
        cay__buf_u8(&b, '\n');
    }
    to->status = from->status;
    to->redirected = from->redirected;
    to->fields_len = b.len;
    to->fields = cay__buf_take_str(&b);
    to->reason = cay__strdup(from->reason);
    to->url = cay__strdup(from->url);
    return to->fields && to->reason && to->url ? 0 : CAY_ENOMEM;
}

static void on_head(void *ctx, const cay_http_head_t *head) {
    cay_transfer_t *t = ctx;
    int rc = copy_head(&t->head, head);
    finish(take(t, CAY_WANT_HEAD), rc, NULL);
}

static void on_readable(void *ctx) {
    finish(take(ctx, CAY_WANT_READ), 0, NULL);
}

static void on_writable(void *ctx) {
    finish(take(ctx, CAY_WANT_ROOM), 0, NULL);
}

/* Who still waits for the head is told why there is none; who reads gets what is left, and then the reason. */
static void on_done(void *ctx, int rc, cay_error_t *err) {
    cay_transfer_t *t = ctx;
    if (rc && atomic_load(&t->revoked)) {
        cay_error_free(err);
        err = NULL;
        rc = say_revoked(t, &err);
    }
    cay__mutex_lock(&t->lock);
    t->over = true;
    want_t *head = take_locked(t, CAY_WANT_HEAD);
    want_t *read = take_locked(t, CAY_WANT_READ);
    want_t *room = take_locked(t, CAY_WANT_ROOM);
    if (!head) {
        t->why = cay_steal(&err);
    }
    cay__mutex_unlock(&t->lock);
    finish(head, rc ? rc : CAY_ENET, err);
    finish(read, 0, NULL);
    finish(room, 0, NULL);
}

/* The op has just asked about the first host: asking again would put a second line into the audit. */
static int judge_name(void *ctx, const char *host, int port, cay_error_t **err) {
    cay_transfer_t *t = ctx;
    if (!t->asked && port == t->port && strcmp(host, t->host) == 0) {
        t->asked = true;
        return atomic_load(&t->revoked) ? say_revoked(t, err) : 0;
    }
    return cay__net_judge.name(&t->judge, host, port, err);
}

static int judge_address(void *ctx, const char *host, int port, const struct sockaddr *sa,
                         cay_error_t **err) {
    return cay__net_judge.address(&((cay_transfer_t *)ctx)->judge, host, port, sa, err);
}

static const cay_http_judge_t judge = {.name = judge_name, .address = judge_address};

/* ---- start and end ---- */

static void stop_revoked(cay_transfer_t *t) {
    atomic_store(&t->revoked, true);
    abort_transfer(t);
}

static void on_revoked(cay_use_t *use) {
    stop_revoked(CAY_CONTAINER(use, cay_transfer_t, use));
}

static void on_last_revoked(cay_use_t *use) {
    stop_revoked(CAY_CONTAINER(use, cay_transfer_t, last_use));
}

static int use_host(cay_transfer_t *t, cay_use_t *use, void (*revoked)(cay_use_t *),
                    const char *host, int port, cay_error_t **err) {
    cay_ask_t ask = {.kind = CAY_KIND_NET, .value = host, .len = strlen(host), .port = port};
    use->revoked = revoked;
    return cay__use_begin(t->judge.authority, use, &ask, NULL, err);
}

static cay_transfer_t *transfer_new(cay_agent_t *a) {
    cay_transfer_t *t = CAY_NEW(cay_transfer_t);
    if (t) {
        atomic_init(&t->refs, 1);
        cay__mutex_init(&t->lock);
        t->agent = a;
        t->judge.authority = cay__authority_ref(a->authority);
        t->judge.kind = CAY_KIND_NET;
        t->host = "";
    }
    return t;
}

/* The table's reference ends here. */
static void on_close(void *object) {
    cay_transfer_t *t = object;
    cay__mutex_lock(&t->lock);
    cay_http_t *http = cay_steal(&t->http);
    cay__mutex_unlock(&t->lock);
    cay__http_free(http); /* no callback from here on */
    cay__use_end(&t->use);
    cay__use_end(&t->last_use);
    cay__blob_drop(&t->next);
    t->host = "";
    t->agent = NULL;
    for (int i = 0; i < CAY_WANTS; i++) {
        finish(take(t, (cay_want_t)i), CAY_ETERMINATED, NULL);
    }
    unref(t);
}

const cay_object_ops_t cay__transfer_ops = {.name = "transfer", .close = on_close};

cay_transfer_t *cay__transfer_of(cay_agent_t *a, uint32_t rid) {
    return cay__resource_object(a, rid, &cay__transfer_ops);
}

void cay__transfer_close(cay_transfer_t *t) {
    cay__resource_close(cay__resource_get(t->agent, t->rid));
}

static int ask(cay_transfer_t *t, const cay_transfer_spec_t *spec, cay_error_t **err) {
    int rc = use_host(t, &t->use, on_revoked, spec->host, spec->port, err);
    if (rc == 0) {
        t->host = t->use.ask.value;
        t->port = spec->port;
    }
    return rc;
}

/* The http request is there from now on, unless it was told to stop meanwhile. */
static void started(cay_transfer_t *t, cay_http_t *http) {
    cay__mutex_lock(&t->lock);
    t->http = http;
    if (t->stop) {
        cay__http_abort(http);
    }
    cay__mutex_unlock(&t->lock);
}

static int launch(cay_transfer_t *t, uint32_t id, cay_transfer_spec_t *spec, cay_error_t **err) {
    cay_http_client_t *client = cay__agent_http(t->agent);
    if (!client) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory for a transfer");
    }
    int rc = begin(t, CAY_WANT_HEAD, id, spec->http.body_len, err);
    if (rc) {
        return rc;
    }
    spec->http.judge = &judge;
    spec->http.judge_ctx = t;
    spec->http.head = on_head;
    spec->http.readable = on_readable;
    spec->http.writable = on_writable;
    spec->http.done = on_done;
    spec->http.ctx = t;
    cay_http_t *http = NULL;
    cay_error_t *why = NULL;
    rc = cay__http_start(client, &spec->http, &http, &why);
    if (rc) {
        finish(take(t, CAY_WANT_HEAD), rc, why); /* through the promise, as all from here on */
    } else {
        started(t, http);
    }
    return 0;
}

int cay__transfer_start(cay_agent_t *a, uint32_t id, cay_transfer_spec_t *spec, uint32_t *rid,
                        cay_error_t **err) {
    cay_transfer_t *t = transfer_new(a);
    if (!t) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory for a transfer");
    }
    int rc = ask(t, spec, err);
    if (rc) {
        unref(t);
        return rc;
    }
    cay_resource_t *r = cay__resource_add_object(a, &cay__transfer_ops, t);
    if (!r) {
        on_close(t);
        return cay__error_set(err, CAY_ELIMIT, "too many open files and transfers");
    }
    *rid = t->rid = r->rid;
    rc = launch(t, id, spec, err);
    if (rc) {
        cay__resource_close(r);
    }
    return rc;
}

/* ---- bodies ---- */

/* One look at what has arrived. */
static int look(cay_transfer_t *t, cay_blob_t *out, cay_error_t **err) {
    if (atomic_load(&t->revoked)) {
        return say_revoked(t, err);
    }
    if (t->next.data) {
        *out = t->next;
        t->next = (cay_blob_t){NULL, 0, NULL, NULL};
        return 0;
    }
    cay__mutex_lock(&t->lock);
    t->ready[CAY_WANT_READ] = false;
    cay__mutex_unlock(&t->lock);
    return t->http ? cay__http_take(t->http, out) : CAY_ETERMINATED;
}

/* The message that goes with a failure of look(). */
static int explain(cay_transfer_t *t, int rc, cay_error_t **err) {
    if (rc == CAY_ECLOSED || (err && *err)) {
        return rc;
    }
    cay__mutex_lock(&t->lock);
    const char *why = t->why ? cay_error_message(t->why) : cay_error_text(rc);
    cay__error_set(err, rc, "%s", why);
    cay__mutex_unlock(&t->lock);
    return rc;
}

static bool is_wanted(cay_transfer_t *t, cay_want_t what) {
    cay__mutex_lock(&t->lock);
    bool wanted = t->wants[what] != NULL;
    cay__mutex_unlock(&t->lock);
    return wanted;
}

int cay__transfer_read(cay_transfer_t *t, uint32_t id, cay_blob_t *out, cay_error_t **err) {
    if (is_wanted(t, CAY_WANT_READ) || is_wanted(t, CAY_WANT_HEAD)) {
        return cay__error_set(err, CAY_EBUSY, "the body is being read already");
    }
    int rc = look(t, out, err);
    if (rc == CAY_EAGAIN) {
        int failed = begin(t, CAY_WANT_READ, id, 0, err);
        return failed ? failed : CAY_EAGAIN;
    }
    if (rc) {
        explain(t, rc, err);
        cay__transfer_close(t);
    }
    return rc;
}

int cay__transfer_write(cay_transfer_t *t, uint32_t id, const cay_blob_t *bytes,
                        cay_error_t **err) {
    if (is_wanted(t, CAY_WANT_ROOM)) {
        return cay__error_set(err, CAY_EBUSY, "the body is being written already");
    }
    cay__mutex_lock(&t->lock);
    t->ready[CAY_WANT_ROOM] = false;
    cay__mutex_unlock(&t->lock);
    int rc = t->http ? cay__http_write(t->http, bytes->data, bytes->len) : CAY_ECLOSED;
    if (rc != CAY_EAGAIN) {
        return rc;
    }
    int failed = begin(t, CAY_WANT_ROOM, id, 0, err);
    return failed ? failed : CAY_EAGAIN;
}

void cay__transfer_end(cay_transfer_t *t) {
    if (t->http) {
        cay__http_end(t->http);
    }
}

/* ---- settling ---- */

/* Where redirects led to is in use from here on, too. */
static int use_last(cay_transfer_t *t, cay_error_t **err) {
    char *host = NULL;
    int port = 0;
    int rc = cay__net_ask_of(t->head.url, &host, &port, err);
    if (rc == 0 && (port != t->port || strcmp(host, t->host) != 0)) {
        rc = use_host(t, &t->last_use, on_last_revoked, host, port, err);
    }
    cay__free(host);
    return rc;
}

static int chunk_value(cay_agent_t *a, cay_blob_t *chunk, eng_val_t *out, cay_error_t **err) {
    *out = eng_buffer(a->iso, chunk);
    return eng_is_undefined(*out) ? cay__error_set(err, CAY_ENOMEM, "no memory for the body") : 0;
}

static int settle_head(cay_transfer_t *t, cay_agent_t *a, eng_val_t *out, cay_error_t **err) {
    cay_blob_t chunk = {NULL, 0, NULL, NULL};
    int rc = t->head.redirected ? use_last(t, err) : 0;
    rc = rc ? rc : look(t, &chunk, err);
    eng_val_t value = eng_null(a->iso);
    if (rc == 0) {
        rc = chunk_value(a, &chunk, &value, err);
        rc = rc ? rc : look(t, &t->next, err); /* is that all? */
    }
    if (rc == CAY_EPERM || rc == CAY_ENOMEM || rc == CAY_EINVAL) {
        return rc;
    }
    bool ended = rc == CAY_ECLOSED; /* another failure is told to who reads */
    eng_val_t items[] = {
        eng_number(a->iso, t->head.status),
        eng_text(a->iso, t->head.reason),
        eng_string(a->iso, t->head.fields, t->head.fields_len),
        eng_text(a->iso, t->head.url),
        eng_bool(a->iso, t->head.redirected),
        value,
        eng_bool(a->iso, ended),
    };
    *out = eng_array(a->iso, items, CAY_COUNT(items));
    if (ended) {
        cay__transfer_close(t);
    }
    return 0;
}

static int settle_read(cay_transfer_t *t, cay_agent_t *a, eng_val_t *out, cay_error_t **err) {
    cay_blob_t chunk = {NULL, 0, NULL, NULL};
    int rc = look(t, &chunk, err);
    if (rc == CAY_EAGAIN) {
        return 0; /* undefined */
    }
    if (rc == 0) {
        return chunk_value(a, &chunk, out, err);
    }
    explain(t, rc, err);
    cay__transfer_close(t);
    *out = eng_null(a->iso);
    return rc == CAY_ECLOSED ? 0 : rc;
}

static int settle(cay_request_t *r, cay_agent_t *a, eng_val_t *out, cay_error_t **err) {
    cay_transfer_t *t = of(r)->transfer;
    if (!t->agent) {
        return cay__error_set(err, CAY_ETERMINATED, "the transfer was closed");
    }
    switch (of(r)->what) {
    case CAY_WANT_HEAD: return settle_head(t, a, out, err);
    case CAY_WANT_READ: return settle_read(t, a, out, err);
    case CAY_WANT_ROOM:
    case CAY_WANTS: break;
    }
    return 0;
}
