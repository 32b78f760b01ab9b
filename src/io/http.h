/* SPDX-License-Identifier: MIT */
/* HTTP requests on one I/O thread: libuv's loop, libcurl's multi interface. No JavaScript, no permissions of its
 * own: who asks gives a judge.
 *
 * Names are resolved by us (on a pool of resolver threads), every address is judged, and the connection is made
 * to the judged addresses and no other: libcurl gets them as numbers, and each socket is checked once more as it is
 * opened. Redirects are followed here, each hop judged anew. libcurl is loaded with dlopen on the first request.
 *
 *     request:  RESOLVING ──► SENDING ──► HEAD told ──► BODY ──► DONE
 *                   ▲  redirect │              any state ── abort ──┘
 *
 * Ownership. A client belongs to one worker: its connections, TLS sessions and cookies (none) are shared with
 * nobody. A request is the caller's from start to cay__http_free; `done` comes exactly once unless start
 * failed, on the I/O thread, and nothing is called after it. */
#ifndef CAY_IO_HTTP_H
#define CAY_IO_HTTP_H

#include "base/attrs.h"
#include "base/blob.h"
#include "cay/error.h"

struct sockaddr;

typedef struct cay_loop cay_loop_t; /* the I/O thread; it starts with the first request */
typedef struct cay_http_client cay_http_client_t;
typedef struct cay_http cay_http_t; /* one request */

typedef struct cay_loop_options {
    const char
        *ca_file; /* PEM bundle in place of the system's store; NULL = the system's. Copied */
    /* In place of getaddrinfo, for tests and embedders. Resolver thread. Appends sockaddrs with `add`; 0 or a
     * code. NULL = the system's. */
    int (*resolve)(void *ctx, const char *host, int (*add)(void *list, const struct sockaddr *sa),
                   void *list);
    void *resolve_ctx;
} cay_loop_options_t;

/* CAY_ENOMEM, CAY_ELIMIT. */
CAY_NODISCARD int cay__loop_new(const cay_loop_options_t *o, CAY_OWN cay_loop_t **out);
/* All clients must have been freed. Ends the thread. */
void cay__loop_free(CAY_OWN cay_loop_t *l);

/* Tests: in place of the system's resolution for loops that were given none, of the whole process; as
 * cay_loop_options_t.resolve. NULL ends it. */
void cay__resolve_hook(int (*resolve)(void *ctx, const char *host,
                                      int (*add)(void *list, const struct sockaddr *sa),
                                      void *list),
                       void *ctx);

CAY_NODISCARD int cay__http_client_new(cay_loop_t *l, CAY_OWN cay_http_client_t **out);
/* No request may be under way (cay__http_free of each was called). Any thread; connections close soon after. */
void cay__http_client_free(CAY_OWN cay_http_client_t *c);
/* As above, and `ended` tells that its connections and all else are gone: on the I/O thread, or before this returns. */
void cay__http_client_end(CAY_OWN cay_http_client_t *c, void (*ended)(void *ctx), void *ctx);
/* Connections that are idle now are not used again (a grant was revoked). Any thread. */
void cay__http_client_forget(cay_http_client_t *c);

/* Asked on the I/O thread or a resolver thread; 0, or CAY_EPERM with a message, which fails the request. */
typedef struct cay_http_judge {
    int (*name)(void *ctx, const char *host, int port,
                cay_error_t **err); /* before resolution, each hop */
    int (*address)(void *ctx, const char *host, int port, const struct sockaddr *sa,
                   cay_error_t **err);
} cay_http_judge_t;

typedef enum cay_http_redirect {
    CAY_HTTP_FOLLOW = 0,
    CAY_HTTP_ERROR = 1,
    CAY_HTTP_MANUAL = 2 /* the redirect response itself is told */
} cay_http_redirect_t;

typedef struct cay_http_header {
    const char *name; /* RFC 9110 token */
    /* No CR, LF, NUL, nor white space at the ends. Bytes of the wire are Latin-1 here, in UTF-8: up to U+00FF. */
    const char *value;
} cay_http_header_t;

typedef struct cay_http_head {
    uint32_t status;
    const char *reason; /* "" for HTTP/2 */
    const char *url;    /* after redirects, without credentials and fragment */
    bool redirected;
    uint32_t version;                 /* 10, 11, 20 */
    const cay_http_header_t *headers; /* in order, names in lower case; at most 64 KB in all */
    size_t header_count;
} cay_http_head_t;

typedef struct cay_http_options {
    const char *url;    /* http or https; credentials in it become Authorization */
    const char *method; /* token; CONNECT, TRACE, TRACK are refused */
    /* Hop-by-hop and framing fields (Host, Content-Length, Transfer-Encoding, Connection, ...) are refused with
     * CAY_EINVAL. Authorization, Cookie and Proxy-* are dropped when a redirect crosses origins. */
    const cay_http_header_t *headers;
    size_t header_count;
    const void *body; /* copied; NULL = none, or streamed */
    size_t body_len;
    bool
        streamed_body; /* cay__http_write; HTTP/1.1 sends it chunked. A 307 or 308 to it is an error */
    cay_http_redirect_t redirect;
    uint32_t max_redirects;      /* 0 = 10 */
    uint64_t connect_timeout_ms; /* 0 = 30 s */
    uint64_t head_timeout_ms;    /* from the start to the response's head; 0 = none */
    uint64_t total_timeout_ms;   /* 0 = none */
    uint64_t max_body;           /* bytes after decoding; 0 = none. Past it: CAY_ELIMIT */
    uint64_t max_ratio; /* decoded bytes for each received one, looked at past 1 MiB; 0 = 1,000 */
    bool no_decode;     /* leave Content-Encoding as it came (default: gzip, deflate, br) */
    const cay_http_judge_t *judge;
    void *judge_ctx;
    /* I/O thread; must only mark and wake, or hand work on. */
    void (*head)(
        void *ctx,
        const cay_http_head_t *head); /* once, unless it fails before; told at the end of the
                                                             loop's round, so that a small body is there already */
    void (*readable)(void *ctx); /* armed by a cay__http_take that gave CAY_EAGAIN; once for each */
    void (*writable)(void *ctx); /* armed by a cay__http_write that gave CAY_EAGAIN */
    void (*done)(void *ctx, int rc,
                 CAY_OWN cay_error_t *err); /* all is received (0), or failed. Chunks not taken
                                                                  yet stay */
    void *ctx;
} cay_http_options_t;

/* Any thread. On failure no callback comes. CAY_EINVAL names what is wrong (URL, method, header); CAY_ENOTSUP
 * (scheme; libcurl is missing); CAY_ENOMEM. */
CAY_NODISCARD int cay__http_start(cay_http_client_t *c, const cay_http_options_t *o,
                                  CAY_OWN cay_http_t **out, cay_error_t **err);
/* Takes received bytes of the body (all that wait, at most 1 MiB): 0; CAY_EAGAIN (armed); CAY_ECLOSED at the
 * end; the code of the failure after what came before it was taken. At most 1 MiB waits, then the sender is
 * held back. Any thread, one at a time. */
CAY_NODISCARD int cay__http_take(cay_http_t *h, cay_blob_t *out);
/* Appends to a streamed body, a copy. CAY_EAGAIN: over 1 MiB waits; nothing was taken, `writable` follows.
 * CAY_ECLOSED once the request is over or cay__http_end was called. Any thread, one at a time. */
CAY_NODISCARD int cay__http_write(cay_http_t *h, const void *data, size_t len);
void cay__http_end(cay_http_t *h); /* the streamed body is complete */
/* Any thread: it ends soon, with CAY_ETERMINATED, unless it has ended. */
void cay__http_abort(cay_http_t *h);
/* Any thread, any state, also inside `done`. A request that goes on is aborted without further callbacks: when
 * this returns outside of the I/O thread, no callback is running or will be. */
void cay__http_free(CAY_OWN cay_http_t *h);

/* A whole GET for the loader: follows redirects, at most `max` bytes. `done` as above, with the body in *body
 * (owned by it) and the final head on success. */
typedef struct cay_http_get cay_http_get_t;
typedef struct cay_http_got {
    int rc;
    cay_error_t *err; /* borrowed */
    uint32_t status;
    const char *url;
    const char *content_type; /* NULL when none */
    const char *data;
    size_t len;
} cay_http_got_t;
CAY_NODISCARD int cay__http_get(cay_http_client_t *c, const char *url,
                                const cay_http_header_t *headers, size_t header_count, size_t max,
                                const cay_http_judge_t *judge, void *judge_ctx,
                                void (*done)(void *ctx, const cay_http_got_t *got), void *ctx,
                                CAY_OWN cay_http_get_t **out, cay_error_t **err);
/* As cay__http_free. */
void cay__http_get_free(CAY_OWN cay_http_get_t *g);

/* Header rules, for Headers in JavaScript too: RFC 9110 token; field value without CR, LF, NUL (bytes as
 * Latin-1 in UTF-8 text are allowed); forbidden request fields of the transport. */
bool cay__http_is_token(const char *s, size_t len);
bool cay__http_is_value(const char *s, size_t len);
bool cay__http_is_transport_field(const char *name, size_t len);

#endif
