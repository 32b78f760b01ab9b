/* SPDX-License-Identifier: MIT */
/* A lookup is one job of the resolvers' pool. It belongs to the loop, not to who asked: getaddrinfo cannot be
 * stopped, so a lookup that nobody waits for any more ends by itself and is freed when its command runs. */
#include "io/resolve.h"

#include <stdatomic.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

struct cay_lookup {
    cay_job_t job;
    cay_command_t cmd;
    cay_loop_t *loop;
    char *host;
    int port;
    /* The resolver's until its command is posted. */
    cay_peers_t found;
    int rc;
    cay_lookup_user_t user; /* told is NULL: cancelled */
};

void cay__peers_clear(cay_peers_t *p) {
    cay__free(p->list);
    *p = (cay_peers_t){NULL, 0, 0};
}

int cay__peers_add(cay_peers_t *p, const struct sockaddr *sa, int port) {
    cay_peer_t peer;
    memset(&peer, 0, sizeof peer);
    if (p->count == CAY_PEERS_MAX) {
        return 0;
    }
    if (sa->sa_family == AF_INET) {
        memcpy(&peer.in, sa, sizeof peer.in);
        peer.in.sin_port = htons((uint16_t)port);
    } else if (sa->sa_family == AF_INET6) {
        memcpy(&peer.in6, sa, sizeof peer.in6);
        peer.in6.sin6_port = htons((uint16_t)port);
    } else {
        return 0;
    }
    if (p->count == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 2;
        cay_peer_t *list = cay__realloc(p->list, cap * sizeof *list);
        if (!list) {
            return CAY_ENOMEM;
        }
        p->list = list;
        p->cap = cap;
    }
    p->list[p->count++] = peer;
    return 0;
}

bool cay__peer_same(const struct sockaddr *a, const struct sockaddr *b) {
    if (a->sa_family != b->sa_family) {
        return false;
    }
    if (a->sa_family == AF_INET) {
        const struct sockaddr_in *x = (const void *)a, *y = (const void *)b;
        return x->sin_port == y->sin_port && x->sin_addr.s_addr == y->sin_addr.s_addr;
    }
    if (a->sa_family == AF_INET6) {
        const struct sockaddr_in6 *x = (const void *)a, *y = (const void *)b;
        return x->sin6_port == y->sin6_port &&
               memcmp(&x->sin6_addr, &y->sin6_addr, sizeof x->sin6_addr) == 0;
    }
    return false;
}

void cay__peer_print(const cay_peer_t *p, char *out, size_t size) {
    const void *addr = p->sa.sa_family == AF_INET ? (const void *)&p->in.sin_addr
                                                  : (const void *)&p->in6.sin6_addr;
    if (!inet_ntop(p->sa.sa_family, addr, out, (socklen_t)size)) {
        out[0] = 0;
    }
}

bool cay__peer_parse(const char *text, int port, cay_peer_t *out) {
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, text, &out->in.sin_addr) == 1) {
        out->in.sin_family = AF_INET;
        out->in.sin_port = htons((uint16_t)port);
        return true;
    }
    if (inet_pton(AF_INET6, text, &out->in6.sin6_addr) == 1) {
        out->in6.sin6_family = AF_INET6;
        out->in6.sin6_port = htons((uint16_t)port);
        return true;
    }
    return false;
}

static bool is_localhost(const char *host) {
    static const char name[] = "localhost";
    const size_t n = sizeof name - 1;
    size_t len = strlen(host);
    if (len && host[len - 1] == '.') {
        len--;
    }
    return len >= n && strncasecmp(host + len - n, name, n) == 0 &&
           (len == n || host[len - n - 1] == '.');
}

static int add_localhost(int port, cay_peers_t *out) {
    cay_peer_t peer;
    int rc = cay__peer_parse("127.0.0.1", port, &peer) ? cay__peers_add(out, &peer.sa, port) : 0;
    if (!rc && cay__peer_parse("::1", port, &peer)) {
        rc = cay__peers_add(out, &peer.sa, port);
    }
    return rc;
}

int cay__resolve_known(const char *host, int port, cay_peers_t *out) {
    char text[INET6_ADDRSTRLEN];
    cay_peer_t peer;
    size_t len = strlen(host);
    if (is_localhost(host)) {
        return add_localhost(port, out);
    }
    bool bracketed = len > 2 && host[0] == '[' && host[len - 1] == ']';
    if (bracketed && len - 2 < sizeof text) {
        memcpy(text, host + 1, len - 2);
        text[len - 2] = 0;
        host = text;
    }
    return cay__peer_parse(host, port, &peer) ? cay__peers_add(out, &peer.sa, port) : CAY_EAGAIN;
}

static int hook_add(void *list, const struct sockaddr *sa) {
    cay_lookup_t *k = list;
    return cay__peers_add(&k->found, sa, k->port);
}

static int code_of(int gai) {
    switch (gai) {
    case 0: return 0;
    case EAI_MEMORY: return CAY_ENOMEM;
    default: return CAY_ENET;
    }
}

static int look_up(cay_lookup_t *k) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int rc = code_of(getaddrinfo(k->host, NULL, &hints, &list));
    for (struct addrinfo *a = list; a && !rc; a = a->ai_next) {
        rc = cay__peers_add(&k->found, a->ai_addr, k->port);
    }
    if (list) {
        freeaddrinfo(list);
    }
    return rc;
}

typedef int (*resolve_fn)(void *ctx, const char *host,
                          int (*add)(void *list, const struct sockaddr *sa), void *list);
static _Atomic(resolve_fn) hook;
static _Atomic(void *) hook_ctx;

void cay__resolve_hook(resolve_fn resolve, void *ctx) {
    atomic_store(&hook_ctx, ctx);
    atomic_store(&hook, resolve);
}

bool cay__resolve_is_hooked(const cay_loop_t *l) {
    return l->resolve || atomic_load(&hook);
}

static int look_up_by(cay_loop_t *l, cay_lookup_t *k) {
    resolve_fn fn = atomic_load(&hook);
    if (l->resolve) {
        return l->resolve(l->resolve_ctx, k->host, hook_add, k);
    }
    return fn ? fn(atomic_load(&hook_ctx), k->host, hook_add, k) : look_up(k);
}

static void lookup_work(cay_job_t *job) {
    cay_lookup_t *k = CAY_CONTAINER(job, cay_lookup_t, job);
    cay_loop_t *l = k->loop;
    k->rc = look_up_by(l, k);
    cay__loop_post(l, &k->cmd, 1);
}

static void lookup_free(cay_lookup_t *k) {
    cay__peers_clear(&k->found);
    cay__free(k->host);
    cay__free(k);
}

static void lookup_over(cay_lookup_t *k) {
    cay_lookup_user_t user = k->user;
    lookup_free(k);
    user.over(user.owner);
}

static void lookup_run(cay_command_t *cmd, uint32_t bits) {
    (void)bits;
    cay_lookup_t *k = CAY_CONTAINER(cmd, cay_lookup_t, cmd);
    if (k->user.told) {
        k->user.told(k->user.ctx, k->rc, &k->found);
    }
    lookup_over(k);
}

int cay__lookup_start(cay_loop_t *l, const char *host, int port, const cay_lookup_user_t *user,
                      cay_lookup_t **out) {
    cay_lookup_t *k = CAY_NEW(cay_lookup_t);
    if (!k || !(k->host = cay__strdup(host))) {
        cay__free(k);
        return CAY_ENOMEM;
    }
    cay__list_init(&k->job.link);
    cay__list_init(&k->cmd.link);
    k->job.work = lookup_work;
    k->cmd.run = lookup_run;
    k->loop = l;
    k->port = port;
    k->user = *user;
    int rc = cay__pool_submit(l->resolvers, &k->job);
    if (rc) {
        lookup_free(k);
        return rc;
    }
    *out = k;
    return 0;
}

void cay__lookup_cancel(cay_lookup_t *k) {
    k->user.told = NULL;
    if (cay__pool_cancel(k->loop->resolvers, &k->job)) {
        lookup_over(k);
    }
}
