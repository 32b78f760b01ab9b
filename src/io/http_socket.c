/* SPDX-License-Identifier: MIT */
/* libcurl's sockets on the loop. A socket is opened here, to addresses that were judged and to no other.
 *
 * The watch of a connection stays in place while it is idle, so that a request on a connection that is used again
 * costs no call of epoll_ctl; the first event on an idle one (the server closed it) takes it away. That is for
 * connections that stand. libcurl closes a socket that is still connecting without a word, and tells afterwards
 * that it is not to be watched any more. */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/http_inner.h"

typedef struct cay_sock {
    uv_poll_t poll;
    cay_multi_t *multi;
    int fd;
    int armed; /* UV_READABLE, UV_WRITABLE: what epoll has */
    int want;  /* what libcurl asked for */
    bool stands;
} cay_sock_t;

static cay_sock_t *sock_of(const cay_loop_t *l, int fd) {
    return fd >= 0 && (size_t)fd < l->socks_cap ? l->socks[fd] : NULL;
}

static bool make_room(cay_loop_t *l, int fd) {
    size_t cap = l->socks_cap ? l->socks_cap : 64;
    while (cap <= (size_t)fd) {
        cap *= 2;
    }
    if (cap > l->socks_cap) {
        cay_sock_t **socks = cay__realloc(l->socks, cap * sizeof(cay_sock_t *));
        if (!socks) {
            return false;
        }
        for (size_t i = l->socks_cap; i < cap; i++) {
            socks[i] = NULL;
        }
        l->socks = socks;
        l->socks_cap = cap;
    }
    return true;
}

static void on_ready(uv_poll_t *poll, int status, int events);

static void arm(cay_sock_t *s, int events) {
    if (events) {
        uv_poll_start(&s->poll, events, on_ready);
    } else {
        uv_poll_stop(&s->poll);
    }
    s->armed = events;
}

static void on_ready(uv_poll_t *poll, int status, int events) {
    cay_sock_t *s = poll->data;
    cay_multi_t *m = s->multi;
    const cay_loop_t *l = m->loop;
    int fd = s->fd, flags = status < 0 ? CURL_CSELECT_ERR : 0;
    if (status < 0) {
        /* libuv has stopped it. libcurl must find the error itself, by reading or writing: told of the error alone, it
         * would not ask again for what a connection that is used again was closed under. */
        s->armed = 0;
        events = s->want;
    }
    if (s->want == 0) {
        arm(s, 0);
        return;
    }
    flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
    flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
    cay__multi_drive(m, fd, flags);
    s = sock_of(l, fd);
    if (status < 0 && s && s->armed != s->want) {
        arm(s, s->want);
    }
}

static void sock_closed(uv_handle_t *handle) {
    cay__free(handle->data);
}

static void drop(cay_loop_t *l, cay_sock_t *s) {
    l->socks[s->fd] = NULL;
    uv_close((uv_handle_t *)&s->poll, sock_closed);
}

static cay_sock_t *add(cay_multi_t *m, int fd) {
    cay_loop_t *l = m->loop;
    cay_sock_t *s = make_room(l, fd) ? CAY_NEW(cay_sock_t) : NULL;
    if (!s || uv_poll_init(&l->uv, &s->poll, fd)) {
        cay__free(s);
        return NULL;
    }
    s->poll.data = s;
    s->multi = m;
    s->fd = fd;
    l->socks[fd] = s;
    return s;
}

int cay__sock_watch(CURL *easy, curl_socket_t fd, int what, void *userp, void *sockp) {
    (void)easy;
    (void)sockp;
    cay_multi_t *m = userp;
    cay_sock_t *s = sock_of(m->loop, fd);
    int want = what == CURL_POLL_REMOVE ? 0
                                        : (what & CURL_POLL_IN ? UV_READABLE : 0) |
                                              (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    if (!s && want && !(s = add(m, fd))) {
        m->broken = true; /* libcurl cannot be told */
        return 0;
    }
    if (!s) {
        return 0;
    }
    if (!s->stands && what == CURL_POLL_REMOVE) {
        drop(m->loop, s);
        return 0;
    }
    s->want = want;
    int armed = want ? want : s->armed & UV_READABLE;
    if (armed != s->armed) {
        arm(s, armed);
    }
    return 0;
}

void cay__sock_stands(const cay_loop_t *l, curl_socket_t fd) {
    cay_sock_t *s = sock_of(l, fd);
    if (s) {
        s->stands = true;
    }
}

void cay__sock_forget(cay_loop_t *l, const cay_multi_t *m) {
    for (size_t i = 0; i < l->socks_cap; i++) {
        if (l->socks[i] && l->socks[i]->multi == m) {
            drop(l, l->socks[i]);
        }
    }
}

static bool is_judged(const cay_http_t *h, const struct sockaddr *sa) {
    for (size_t i = 0; i < h->peers.count; i++) {
        if (cay__peer_same(&h->peers.list[i].sa, sa)) {
            return true;
        }
    }
    return false;
}

/* The last place where an address can be refused. What libcurl wants must be one that was judged for this
 * very request; another one (its cache was refreshed for a sister request) is judged now. */
static bool is_allowed(cay_http_t *h, const struct curl_sockaddr *addr) {
    cay_error_t *err = NULL;
    if (addr->family != addr->addr.sa_family || addr->socktype != SOCK_STREAM) {
        return false;
    }
    if (is_judged(h, &addr->addr)) {
        return true;
    }
    int rc = cay__hop_judge(h, &addr->addr, &err);
    if (rc) {
        cay__hop_fail(h, rc, err);
    }
    return rc == 0;
}

/* Not a number that libcurl closed and has not told about yet: it would take the new socket for the old one, and
 * think it watched. */
static int fresh_number(const cay_loop_t *l, int fd) {
    while (fd >= 0 && sock_of(l, fd)) {
        int other = fcntl(fd, F_DUPFD_CLOEXEC, fd + 1);
        close(fd);
        fd = other;
    }
    return fd;
}

curl_socket_t cay__sock_open(void *clientp, curlsocktype purpose, struct curl_sockaddr *addr) {
    cay_easy_t *e = clientp;
    if (purpose != CURLSOCKTYPE_IPCXN || !is_allowed(e->http, addr)) {
        return CURL_SOCKET_BAD;
    }
    int fd = socket(addr->family, addr->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, addr->protocol);
    fd = fresh_number(e->http->client->loop, fd);
    e->opened = true;
    return fd >= 0 ? fd : CURL_SOCKET_BAD;
}

int cay__sock_close(void *clientp, curl_socket_t fd) {
    cay_loop_t *l = clientp;
    cay_sock_t *s = sock_of(l, fd);
    if (s) {
        drop(l, s); /* before the descriptor goes */
    }
    return close(fd);
}
