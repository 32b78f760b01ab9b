/* SPDX-License-Identifier: MIT */
/* The options of libcurl: those that hold for every request, and those of one hop. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "io/http_inner.h"

#define BUFFER_SIZE 32768L

/* libcurl's own resolver is never asked for a name: all are in its cache by then, put there by us. */
static int refuse_resolution(void *state, void *reserved, void *userp) {
    (void)state;
    (void)reserved;
    const cay_easy_t *e = userp;
    const char *host = e->http->host;
    cay_peers_t known = {NULL, 0, 0};
    int rc = cay__resolve_known(host, 1, &known);
    cay__peers_clear(&known);
    return rc != 0;
}

/* Sticky: the first option that is refused decides. */
#define SET(option, value) (rc = rc ? rc : set(e->curl, option, value))

static CURLcode setup_policy(cay_easy_t *e, const cay_loop_t *l) {
    __typeof__(l->curl->easy_setopt) set = l->curl->easy_setopt;
    CURLcode rc = CURLE_OK;
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, ""); /* "": not even the environment's */
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(CURLOPT_PIPEWAIT, 0L);
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_BUFFERSIZE, BUFFER_SIZE);
    SET(CURLOPT_HTTP_TRANSFER_DECODING, 1L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (l->ca_file) {
        SET(CURLOPT_CAINFO, l->ca_file);
        SET(CURLOPT_CAPATH, NULL);
    }
    return rc;
}

static CURLcode setup_callbacks(cay_easy_t *e, const cay_loop_t *l) {
    __typeof__(l->curl->easy_setopt) set = l->curl->easy_setopt;
    CURLcode rc = CURLE_OK;
    SET(CURLOPT_PRIVATE, e);
    SET(CURLOPT_ERRORBUFFER, e->why);
    SET(CURLOPT_OPENSOCKETFUNCTION, cay__sock_open);
    SET(CURLOPT_OPENSOCKETDATA, e);
    SET(CURLOPT_CLOSESOCKETFUNCTION, cay__sock_close);
    SET(CURLOPT_CLOSESOCKETDATA, l); /* outlives every connection */
    SET(CURLOPT_RESOLVER_START_FUNCTION, refuse_resolution);
    SET(CURLOPT_RESOLVER_START_DATA, e);
    SET(CURLOPT_PREREQFUNCTION, cay__hop_prereq);
    SET(CURLOPT_PREREQDATA, e);
    SET(CURLOPT_HEADERFUNCTION, cay__hop_header);
    SET(CURLOPT_HEADERDATA, e);
    SET(CURLOPT_WRITEFUNCTION, cay__body_receive);
    SET(CURLOPT_WRITEDATA, e);
    SET(CURLOPT_READFUNCTION, cay__body_send);
    SET(CURLOPT_READDATA, e);
    return rc;
}

int cay__easy_setup(cay_easy_t *e, const cay_loop_t *l) {
    CURLcode rc = setup_policy(e, l);
    rc = rc ? rc : setup_callbacks(e, l);
    return rc == CURLE_OK ? 0 : rc == CURLE_OUT_OF_MEMORY ? CAY_ENOMEM : CAY_ENOTSUP;
}

void cay__easy_wire_free(cay_http_t *h) {
    cay__free(h->wire_headers);
    cay__free(h->wire_resolve);
    h->wire_headers = h->wire_resolve = NULL;
}

static bool has_header(const cay_http_t *h, const char *name) {
    for (size_t i = 0; i < h->header_count; i++) {
        if (strcasecmp(h->headers[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* A list of lines in one block: nodes first, then the text. */
typedef struct lines {
    struct curl_slist *nodes;
    size_t count;
    char *text;
} lines_t;

static void add_line(lines_t *b, const char *a, const char *sep, const char *c) {
    struct curl_slist *node = &b->nodes[b->count];
    node->data = b->text;
    node->next = NULL;
    if (b->count) {
        node[-1].next = node;
    }
    b->count++;
    b->text = stpcpy(stpcpy(stpcpy(b->text, a), sep), c) + 1;
}

/* What libcurl would add of its own and the Fetch Standard would not. */
static const char *const unwanted[] = {"Expect", "Content-Type"};

static int wire_headers(cay_http_t *h) {
    const char *codings = cay__coding_accepted();
    size_t nodes = h->header_count + CAY_COUNT(unwanted) + 1, bytes = CAY_COUNT(unwanted) * 16 + 64;
    for (size_t i = 0; i < h->header_count; i++) {
        bytes += strlen(h->headers[i].name) + strlen(h->headers[i].value) + 3;
    }
    struct curl_slist *block = cay__malloc(nodes * sizeof *block + bytes);
    if (!block) {
        return CAY_ENOMEM;
    }
    lines_t b = {block, 0, (char *)(block + nodes)};
    for (size_t i = 0; i < h->header_count; i++) {
        const cay_http_header_t *f = &h->headers[i];
        add_line(&b, f->name, f->value[0] ? ": " : ";", f->value); /* "Name;" sends an empty one */
    }
    for (size_t i = 0; i < CAY_COUNT(unwanted); i++) {
        if (!has_header(h, unwanted[i])) {
            add_line(&b, unwanted[i], ":", "");
        }
    }
    if (!h->o.no_decode && codings[0] && !has_header(h, "Accept-Encoding")) {
        add_line(&b, "Accept-Encoding", ": ", codings);
    }
    h->wire_headers = block;
    return 0;
}

/* "host:port:address,address": the judged addresses and no other. A literal needs none. */
static int wire_resolve(cay_http_t *h) {
    char text[INET6_ADDRSTRLEN];
    size_t room = strlen(h->host) + 16 + h->peers.count * (INET6_ADDRSTRLEN + 3);
    if (cay__peer_parse(h->host, 1, &(cay_peer_t){0}) || h->host[0] == '[') {
        return 0;
    }
    struct curl_slist *node = cay__malloc(sizeof *node + room);
    if (!node) {
        return CAY_ENOMEM;
    }
    node->next = NULL;
    node->data = (char *)(node + 1);
    char *at = node->data + sprintf(node->data, "%s:%d:", h->host, h->port);
    for (size_t i = 0; i < h->peers.count; i++) {
        bool v6 = h->peers.list[i].sa.sa_family == AF_INET6;
        cay__peer_print(&h->peers.list[i], text, sizeof text);
        at += sprintf(at, "%s%s%s%s", i ? "," : "", v6 ? "[" : "", text, v6 ? "]" : "");
    }
    h->wire_resolve = node;
    return 0;
}

/* Whether a request without a body says so by "Content-Length: 0" (Fetch, HTTP-network-or-cache fetch). */
static bool says_empty(const char *method) {
    return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;
}

static CURLcode aim_method(cay_http_t *h, cay_easy_t *e) {
    __typeof__(h->client->loop->curl->easy_setopt) set = h->client->loop->curl->easy_setopt;
    CURLcode rc = CURLE_OK;
    const char *plain = "GET";
    if (h->streaming) {
        SET(CURLOPT_UPLOAD, 1L);
        SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)-1);
        plain = "PUT";
    } else if (h->has_body || says_empty(h->method)) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)h->body_len);
        SET(CURLOPT_POSTFIELDS, h->body_len ? h->body : "");
        plain = "POST";
    } else if (strcmp(h->method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
        plain = "HEAD";
    }
    SET(CURLOPT_CUSTOMREQUEST, strcmp(h->method, plain) == 0 ? NULL : h->method);
    return rc;
}

static CURLcode aim_rest(cay_http_t *h, cay_easy_t *e) {
    __typeof__(h->client->loop->curl->easy_setopt) set = h->client->loop->curl->easy_setopt;
    CURLcode rc = CURLE_OK;
    SET(CURLOPT_URL, h->wire_url);
    SET(CURLOPT_HTTPHEADER, h->wire_headers);
    SET(CURLOPT_RESOLVE, h->wire_resolve);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)h->o.connect_timeout_ms);
    SET(CURLOPT_FRESH_CONNECT, h->fresh ? 1L : 0L);
    return rc;
}
#undef SET

int cay__easy_aim(cay_http_t *h) {
    int failed = wire_headers(h);
    failed = failed ? failed : wire_resolve(h);
    if (failed) {
        return failed;
    }
    CURLcode rc = aim_method(h, h->easy);
    rc = rc ? rc : aim_rest(h, h->easy);
    h->easy->why[0] = 0;
    h->pause = 0;
    return rc ? CAY_ENOMEM : 0;
}
