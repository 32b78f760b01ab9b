/* SPDX-License-Identifier: MIT */
#include "library.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_PAGES       512
#define MAX_CONNECTIONS 512

typedef struct page {
    char *path, *head, *body;
    size_t fill;
    bool hangs;
    unsigned requests;
} page_t;

typedef struct connection {
    int fd;
    bool hangs;
    size_t len;
    char in[8192];
} connection_t;

struct library {
    pthread_mutex_t lock;
    pthread_t thread;
    int listener, port, stop[2];
    page_t pages[MAX_PAGES]; /* under lock, as all below */
    size_t page_count;
    unsigned requests, connections, hanging;
    connection_t *list[MAX_CONNECTIONS]; /* the thread's */
    size_t count;
};

static void *must(void *p) {
    if (!p) {
        abort();
    }
    return p;
}

/* ---- pages ---- */

static page_t *find(library_t *l, const char *path) {
    for (size_t i = 0; i < l->page_count; i++) {
        if (strcmp(l->pages[i].path, path) == 0) {
            return &l->pages[i];
        }
    }
    return NULL;
}

static page_t *find_or_add(library_t *l, const char *path) {
    page_t *p = find(l, path);
    if (!p) {
        if (l->page_count == MAX_PAGES) {
            abort();
        }
        p = &l->pages[l->page_count++];
        *p = (page_t){.path = must(strdup(path))};
    }
    return p;
}

static void set(library_t *l, const char *path, const char *head, const char *body, bool hangs,
                size_t fill) {
    pthread_mutex_lock(&l->lock);
    page_t *p = find_or_add(l, path);
    free(p->head);
    free(p->body);
    p->head = must(strdup(head));
    p->body = must(strdup(body));
    p->hangs = hangs;
    p->fill = fill;
    pthread_mutex_unlock(&l->lock);
}

#define JS_HEAD "200 OK\r\ncontent-type: text/javascript"

void library_put(library_t *l, const char *path, const char *head, const char *body) {
    set(l, path, head, body, false, 0);
}

void library_js(library_t *l, const char *path, const char *body) {
    set(l, path, JS_HEAD, body, false, 0);
}

void library_hang(library_t *l, const char *path) {
    set(l, path, "", "", true, 0);
}

void library_fill(library_t *l, const char *path, size_t count) {
    set(l, path, JS_HEAD, "", false, count);
}

unsigned library_requests(library_t *l, const char *path) {
    pthread_mutex_lock(&l->lock);
    page_t *p = path ? find(l, path) : NULL;
    unsigned n = !path ? l->requests : p ? p->requests : 0;
    pthread_mutex_unlock(&l->lock);
    return n;
}

unsigned library_connections(library_t *l) {
    pthread_mutex_lock(&l->lock);
    unsigned n = l->connections;
    pthread_mutex_unlock(&l->lock);
    return n;
}

unsigned library_hanging(library_t *l) {
    pthread_mutex_lock(&l->lock);
    unsigned n = l->hanging;
    pthread_mutex_unlock(&l->lock);
    return n;
}

/* ---- answers ---- */

static bool send_all(int fd, const char *data, size_t len) {
    while (len) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static bool send_page(int fd, const page_t *p) {
    char *head = NULL;
    int n = asprintf(&head, "HTTP/1.1 %s\r\ncontent-length: %zu\r\n\r\n", p->head,
                     strlen(p->body) + p->fill);
    if (n < 0) {
        abort();
    }
    bool good = send_all(fd, head, (size_t)n) && send_all(fd, p->body, strlen(p->body));
    free(head);
    char spaces[65536];
    memset(spaces, ' ', sizeof spaces);
    for (size_t left = p->fill; good && left;) {
        size_t some = left < sizeof spaces ? left : sizeof spaces;
        good = send_all(fd, spaces, some);
        left -= some;
    }
    return good;
}

static bool serve(library_t *l, connection_t *c) {
    static char not_found[] = "404 Not Found\r\ncontent-type: text/javascript", nothing[] = "";
    static const page_t missing = {.head = not_found, .body = nothing};
    char path[4000] = "";
    if (sscanf(c->in, "GET %3999s", path) != 1) {
        return false;
    }
    pthread_mutex_lock(&l->lock);
    page_t *p = find(l, path);
    l->requests++;
    page_t now = p ? *p : missing;
    if (p) {
        p->requests++;
        now.head = must(strdup(p->head));
        now.body = must(strdup(p->body));
        l->hanging += now.hangs;
        c->hangs = now.hangs;
    }
    pthread_mutex_unlock(&l->lock);
    bool good = now.hangs || send_page(c->fd, &now);
    if (p) {
        free(now.head);
        free(now.body);
    }
    return good;
}

/* ---- connections ---- */

static void drop(library_t *l, size_t i) {
    connection_t *c = l->list[i];
    pthread_mutex_lock(&l->lock);
    l->hanging -= c->hangs;
    pthread_mutex_unlock(&l->lock);
    close(c->fd);
    free(c);
    l->list[i] = l->list[--l->count];
}

/* false: the connection is over. */
static bool receive(library_t *l, connection_t *c) {
    ssize_t n = recv(c->fd, c->in + c->len, sizeof c->in - 1 - c->len, 0);
    if (n <= 0) {
        return false;
    }
    c->len += (size_t)n;
    c->in[c->len] = 0;
    for (char *end; !c->hangs && (end = strstr(c->in, "\r\n\r\n"));) {
        if (!serve(l, c)) {
            return false;
        }
        size_t used = (size_t)(end + 4 - c->in);
        c->len -= used;
        memmove(c->in, end + 4, c->len + 1);
    }
    return c->len < sizeof c->in - 1;
}

static void take(library_t *l) {
    int fd = accept4(l->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0 || l->count == MAX_CONNECTIONS) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    struct timeval limit = {.tv_sec = 10}; /* nobody who stops reading holds the others for long */
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    connection_t *c = must(calloc(1, sizeof *c));
    c->fd = fd;
    l->list[l->count++] = c;
    pthread_mutex_lock(&l->lock);
    l->connections++;
    pthread_mutex_unlock(&l->lock);
}

static void *run(void *arg) {
    library_t *l = arg;
    struct pollfd polls[MAX_CONNECTIONS + 2];
    for (;;) {
        polls[0] = (struct pollfd){l->stop[0], POLLIN, 0};
        polls[1] = (struct pollfd){l->listener, POLLIN, 0};
        size_t count = l->count;
        for (size_t i = 0; i < count; i++) {
            polls[i + 2] = (struct pollfd){l->list[i]->fd, POLLIN, 0};
        }
        if (poll(polls, count + 2, -1) < 0 || polls[0].revents) {
            return NULL;
        }
        for (size_t i = count; i-- > 0;) { /* backwards: a dropped one is replaced by the last */
            if (polls[i + 2].revents && !receive(l, l->list[i])) {
                drop(l, i);
            }
        }
        if (polls[1].revents) {
            take(l);
        }
    }
}

library_t *library_start(void) {
    library_t *l = must(calloc(1, sizeof *l));
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    pthread_mutex_init(&l->lock, NULL);
    l->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l->listener < 0 || bind(l->listener, (struct sockaddr *)&a, len) ||
        listen(l->listener, 512) || getsockname(l->listener, (struct sockaddr *)&a, &len) ||
        pipe2(l->stop, O_CLOEXEC) || pthread_create(&l->thread, NULL, run, l)) {
        abort();
    }
    l->port = ntohs(a.sin_port);
    return l;
}

int library_port(const library_t *l) {
    return l->port;
}

void library_stop(library_t *l) {
    if (write(l->stop[1], "", 1) != 1) {
        abort();
    }
    pthread_join(l->thread, NULL);
    while (l->count) {
        drop(l, 0);
    }
    close(l->listener);
    close(l->stop[0]);
    close(l->stop[1]);
    for (size_t i = 0; i < l->page_count; i++) {
        free(l->pages[i].path);
        free(l->pages[i].head);
        free(l->pages[i].body);
    }
    pthread_mutex_destroy(&l->lock);
    free(l);
}
