/* SPDX-License-Identifier: MIT */
/* What the files http*.c share. Unless told otherwise, all here is the I/O thread's. */
#ifndef CAY_IO_HTTP_INNER_H
#define CAY_IO_HTTP_INNER_H

#include "base/map.h"
#include "io/http_coding.h"
#include "io/http_head.h"
#include "io/loop.h"
#include "io/resolve.h"
#include "url/url.h"

/* Bytes of a body that wait for their taker, or for the network, before the one who makes them is held. */
#define CAY_HTTP_WINDOW ((size_t)1 << 20)
/* Requests of one client that are under way at once, up to the end of the body; more wait their turn. The glue of
 * fetch (src/js/67_network.js) keeps below it: 64 that wait for their head, 128 with a body that nobody reads. */
#define CAY_HTTP_ACTIVE 192
/* Connections that one client keeps for later. Not fewer than may be in use: libcurl counts those too, and would
 * close each as it becomes free. */
#define CAY_HTTP_KEEP CAY_HTTP_ACTIVE
/* A client without requests closes its connections after this time. */
#define CAY_HTTP_IDLE_MS 30000
/* Bytes that libcurl itself may hold for the held ones of a client. Over HTTP/1.1 it is a buffer each; HTTP/2 has
 * them sent up to its window, many megabytes. */
#define CAY_HTTP_HELD ((uint64_t)64 << 20)
/* What is read of a redirect's body, so that its connection can be used again. */
#define CAY_HTTP_REDIRECT_BODY ((uint64_t)64 << 10)

/* libcurl's multi handle with its connections. A client has one at a time; cay__http_client_forget retires it,
 * and it goes when the last request on it is over. */
typedef struct cay_multi {
    cay_loop_t *loop;
    cay_http_client_t *client; /* NULL: retired; it may then outlive the client */
    CURLM *curlm;
    uv_timer_t timer; /* libcurl's */
    cay_later_t kick; /* it wants to be called with no wait at all */
    cay_link_t easies;
    unsigned held; /* of them whose sender is held back */
    bool broken;   /* a socket could not be watched: all on it must fail */
} cay_multi_t;

/* libcurl's handle of one hop. Not used again: it would be cheap to make (under 1 us) anyway, and in libcurl before
 * 8.0 a handle that is used again holds a pointer to a header of before, which a response whose first field
 * line is a folded one makes it follow. */
typedef struct cay_easy {
    cay_link_t link; /* multi's */
    CURL *curl;
    cay_http_t *http;
    cay_multi_t *multi; /* NULL until it is on one */
    bool opened;        /* a socket of its own */
    char why[CURL_ERROR_SIZE];
} cay_easy_t;

enum {
    CLIENT_FORGET = 1,
    CLIENT_FREE = 2,
};

typedef struct cay_slots cay_slots_t;

struct cay_http_client {
    cay_loop_t *loop;
    cay_command_t cmd;
    cay_multi_t *multi;    /* of new requests; NULL until there is one */
    size_t requests;       /* not yet destroyed */
    size_t active;         /* not QUEUED, not OVER */
    cay_link_t queue;      /* QUEUED */
    cay_map_t names;       /* http_names.c */
    cay_link_t unresolved; /* RESOLVING, and waiting for a resolver */
    cay_slots_t *slots;    /* resolvers that work for it */
    bool starting;         /* start_queued is under way */
    cay_deadline_t idle;   /* armed while there are connections and no requests */
    bool freed;
    void (*ended)(void *ctx); /* written before CLIENT_FREE is posted */
    void *ended_ctx;
};

enum {
    HTTP_START = 1,
    HTTP_RESUME = 2, /* there is room for more of the response's body */
    HTTP_FEED = 4,   /* there is more of the request's body */
    HTTP_ABORT = 8,
    HTTP_FREE = 16,
};

/*     QUEUED ──► RESOLVING ──► SENDING ──► BODY ──► OVER
 *        │            ▲  │        │ redirect  │       ▲
 *        │            └──│────────┘           │       │
 *        └───────────────┴── failed, aborted ─┴───────┘      */
typedef enum cay_http_state {
    HTTP_QUEUED,
    HTTP_RESOLVING,
    HTTP_SENDING, /* connecting, sending, waiting for the head */
    HTTP_BODY,    /* the head is there, and it is none of a redirect that is followed */
    HTTP_OVER,
} cay_http_state_t;

enum {
    NEWS_HEAD = 1,
    NEWS_DONE = 2,
};

struct cay_http {
    cay_http_client_t *client;
    cay_command_t cmd;
    bool freed; /* loop's lock */

    /* As given; the pointers in it are dead, save for the judge and the callbacks. */
    cay_http_options_t o;

    /* Of the hop that goes on. */
    cay_http_state_t state;
    cay_link_t queued;
    cay_url_t *url; /* as given or redirected to, with fragment and credentials */
    char *wire_url; /* without */
    char *host;     /* for the judge */
    int port;
    char *method;
    cay_http_header_t *headers; /* one block with its strings */
    size_t header_count;
    void *body;
    size_t body_len;
    bool has_body;
    bool streaming; /* the body is o.streamed_body, and not dropped by a redirect */
    struct curl_slist *wire_headers; /* one block */
    struct curl_slist *wire_resolve; /* one block */
    cay_lookup_t *lookup;
    cay_peers_t peers; /* judged, all of them allowed */
    cay_easy_t *easy;
    int pause;        /* CURLPAUSE bits as libcurl has them */
    bool dropping;    /* what libcurl gives out is not wanted any more */
    bool redirecting; /* this head is of a redirect that is followed */
    bool stale;       /* the connection that was reused leads to an address that is not allowed */
    bool fresh;       /* this hop must make a connection of its own */
    cay_head_parser_t head;

    uint32_t redirects;
    uint64_t started_at;
    uint64_t head_by; /* UINT64_MAX = no limit; so are the next two */
    uint64_t total_by;
    uint64_t resolve_by;
    cay_deadline_t deadline;
    cay_coding_t *coding; /* NULL: bytes are taken as they come */
    cay_buf_t coded;      /* came, and waits to be decoded until there is room */
    size_t coded_at;      /* before it: decoded */
    bool coded_waits;     /* there is more to decode, of that or inside of the decoder */
    bool received_all;    /* libcurl is done; what waits is not */
    uint64_t received;    /* bytes of the body as they came */
    uint64_t decoded;     /* as they are given */
    int fail_rc;          /* why the hop is being ended from inside of libcurl's callbacks */
    cay_error_t *fail_err;
    cay_later_t news;
    uint32_t news_bits;
    int done_rc;
    cay_error_t *done_err;

    /* Below: of its own lock; taker, writer and I/O thread. */
    cay_mutex_t lock;
    cay_buf_t in;
    bool in_armed; /* the taker waits */
    bool in_held;  /* the sender waits */
    bool over;
    int over_rc;
    cay_buf_t out;
    size_t out_at;  /* before it: sent */
    bool out_armed; /* the writer waits */
    bool out_dry;   /* libcurl waits */
    bool out_ended;
};

/* http_client.c: connections. */
/* Puts the request's easy on the client's multi. */
CAY_NODISCARD int cay__multi_add(cay_http_t *h);
/* Takes it off, and frees it. */
void cay__multi_remove(cay_http_t *h);
/* h->easy. */
CAY_NODISCARD int cay__easy_new(cay_http_t *h);
/* Lets a client that is freed and has no requests left go. */
void cay__client_settle(cay_http_client_t *c);
/* One more request is under way (1), one less (-1). */
void cay__client_active(cay_http_client_t *c, int change);
/* Lets libcurl work: a descriptor and CURL_CSELECT bits, or CURL_SOCKET_TIMEOUT and 0. */
void cay__multi_drive(cay_multi_t *m, int fd, int flags);

/* http_socket.c: libcurl's sockets on the loop. */
curl_socket_t cay__sock_open(void *clientp, curlsocktype purpose, struct curl_sockaddr *addr);
int cay__sock_close(void *clientp, curl_socket_t fd);
int cay__sock_watch(CURL *easy, curl_socket_t fd, int what, void *userp, void *sockp);
/* The socket's connection is made. */
void cay__sock_stands(const cay_loop_t *l, curl_socket_t fd);
/* No socket of this multi is watched any more. */
void cay__sock_forget(cay_loop_t *l, const cay_multi_t *m);

/* http_easy.c: the options of a hop. */
CAY_NODISCARD int cay__easy_setup(cay_easy_t *e, const cay_loop_t *l);
CAY_NODISCARD int cay__easy_aim(cay_http_t *h);
void cay__easy_wire_free(cay_http_t *h);

/* http_body.c: bytes. */
/* All was received: 0, CAY_EAGAIN when some of it waits to be decoded, or an error that ends the request. */
CAY_NODISCARD int cay__body_whole(cay_http_t *h, cay_error_t **err);
/* Between two hops, and at the end. */
void cay__body_clear(cay_http_t *h);
size_t cay__body_receive(char *data, size_t size, size_t count, void *userp);
size_t cay__body_send(char *data, size_t size, size_t count, void *userp);
void cay__body_resume(cay_http_t *h);
void cay__body_feed(cay_http_t *h);
/* No more of a streamed body is wanted. */
void cay__body_refuse(cay_http_t *h);

/* http_request.c: parsing and copying what was given; any thread. */
CAY_NODISCARD int cay__request_parse(cay_http_t *h, const cay_http_options_t *o, cay_error_t **err);
/* Host, port and wire URL of h->url. CAY_ENOTSUP, CAY_ENOMEM. */
CAY_NODISCARD int cay__request_target(cay_http_t *h, cay_error_t **err);

/* http_redirect.c */
bool cay__redirect_is(uint32_t status);
/* Makes h the request of the next hop. */
CAY_NODISCARD int cay__redirect_apply(cay_http_t *h, cay_error_t **err);

/* http_names.c */
/* Ends in cay__hop_resolved, at once or later, unless h->lookup is cancelled and h->queued taken out before. */
void cay__names_resolve(cay_http_t *h);
/* Nobody was there: the name is asked about anew next time. */
void cay__names_drop(cay_http_t *h);
void cay__names_clear(cay_http_client_t *c);
void cay__names_free(cay_http_client_t *c);

/* http_hop.c: the machine. */
/* With h->peers when rc is 0. */
void cay__hop_resolved(cay_http_t *h, int rc);
void cay__hop_run(cay_command_t *cmd, uint32_t bits);
void cay__hop_expired(cay_deadline_t *d);
void cay__hop_tell(cay_later_t *later);
/* libcurl is done with the easy; again when what waited to be decoded then is decoded (received_all). */
void cay__hop_ended(cay_http_t *h, CURLcode code);
/* Remembers the first reason for ending the hop, for callbacks of libcurl, which can only say that they fail.
 * Takes err over. */
void cay__hop_fail(cay_http_t *h, int rc, cay_error_t *err);
/* Asks the judge, who may have been freed. */
CAY_NODISCARD int cay__hop_judge(cay_http_t *h, const struct sockaddr *sa, cay_error_t **err);
size_t cay__hop_header(char *line, size_t size, size_t count, void *userp);
int cay__hop_prereq(void *userp, char *peer, char *local, int peer_port, int local_port);

/* http.c */
void cay__http_destroy(cay_http_t *h);

#endif
