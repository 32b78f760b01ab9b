/* SPDX-License-Identifier: MIT */
#include "server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 1024

typedef struct connection {
    int fd;
    bool hangs;
    size_t len;
    char in[4096];
} connection_t;

struct server {
    int listener;
    int stop[2];
    int port;
    pthread_t thread;
    _Atomic unsigned accepted, open, hanging;
    connection_t *list[MAX_CONNECTIONS];
    size_t count;
};

static void answer(connection_t *c, const char *status, const char *extra, const char *body) {
    char out[6000];
    int n = snprintf(out, sizeof out,
                     "HTTP/1.1 %s\r\ncontent-type: application/json\r\n%s"
                     "content-length: %zu\r\n\r\n%s",
                     status, extra, strlen(body), body);
    if (send(c->fd, out, (size_t)n, MSG_NOSIGNAL) != n) {
        shutdown(c->fd, SHUT_RDWR);
    }
}

static void serve(server_t *s, connection_t *c) {
    char path[3000] = "";
    if (sscanf(c->in, "%*s %2999s", path) != 1) {
        return;
    }
    if (strcmp(path, "/json") == 0) {
        answer(c, "200 OK", "", "{\"x\":1}");
    } else if (strncmp(path, "/to/", 4) == 0) {
        char location[3100];
        snprintf(location, sizeof location, "location: %s\r\n", path + 4);
        answer(c, "302 Found", location, "");
    } else if (strcmp(path, "/hang") == 0 || strcmp(path, "/half") == 0) {
        if (strcmp(path, "/half") == 0) {
            static const char head[] = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
            (void)!send(c->fd, head, sizeof head - 1, MSG_NOSIGNAL);
        }
        c->hangs = true;
        atomic_fetch_add(&s->hanging, 1);
    } else {
        answer(c, "404 Not Found", "", "{}");
    }
}

static void drop(server_t *s, size_t i) {
    connection_t *c = s->list[i];
    atomic_fetch_sub(&s->hanging, c->hangs);
    atomic_fetch_sub(&s->open, 1);
    close(c->fd);
    free(c);
    s->list[i] = s->list[--s->count];
}

/* false: the connection is over. */
static bool receive(server_t *s, connection_t *c) {
    ssize_t n = recv(c->fd, c->in + c->len, sizeof c->in - 1 - c->len, 0);
    if (n <= 0) {
        return false;
    }
    c->len += (size_t)n;
    c->in[c->len] = 0;
    for (char *end; !c->hangs && (end = strstr(c->in, "\r\n\r\n"));) {
        serve(s, c);
        size_t used = (size_t)(end + 4 - c->in);
        c->len -= used;
        memmove(c->in, end + 4, c->len + 1);
    }
    return c->len < sizeof c->in - 1;
}

static void take(server_t *s) {
    int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
    connection_t *c = fd >= 0 && s->count < MAX_CONNECTIONS ? calloc(1, sizeof *c) : NULL;
    if (!c) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    c->fd = fd;
    s->list[s->count++] = c;
    atomic_fetch_add(&s->accepted, 1);
    atomic_fetch_add(&s->open, 1);
}

static void *run(void *arg) {
    server_t *s = arg;
    struct pollfd polls[MAX_CONNECTIONS + 2];
    for (;;) {
        polls[0] = (struct pollfd){s->stop[0], POLLIN, 0};
        polls[1] = (struct pollfd){s->listener, POLLIN, 0};
        for (size_t i = 0; i < s->count; i++) {
            polls[i + 2] = (struct pollfd){s->list[i]->fd, POLLIN, 0};
        }
        size_t count = s->count;
        if (poll(polls, count + 2, -1) < 0 || polls[0].revents) {
            return NULL;
        }
        for (size_t i = count; i-- > 0;) { /* backwards: a dropped one is replaced by the last */
            if (polls[i + 2].revents && !receive(s, s->list[i])) {
                drop(s, i);
            }
        }
        if (polls[1].revents) {
            take(s);
        }
    }
}

static int listen_on(bool v6, int *port) {
    struct sockaddr_in a4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr *sa = v6 ? (struct sockaddr *)&a6 : (struct sockaddr *)&a4;
    socklen_t len = v6 ? sizeof a6 : sizeof a4;
    int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, sa, len) || listen(fd, 512) || getsockname(fd, sa, &len)) {
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    *port = ntohs(v6 ? a6.sin6_port : a4.sin_port);
    return fd;
}

server_t *server_start(bool v6) {
    server_t *s = calloc(1, sizeof *s);
    if (!s) {
        return NULL;
    }
    s->listener = listen_on(v6, &s->port);
    if (s->listener < 0 || pipe2(s->stop, O_CLOEXEC)) {
        free(s);
        return NULL;
    }
    if (pthread_create(&s->thread, NULL, run, s)) {
        abort();
    }
    return s;
}

int server_port(const server_t *s) {
    return s->port;
}

unsigned server_connections(const server_t *s) {
    return atomic_load(&s->accepted);
}

unsigned server_open(const server_t *s) {
    return atomic_load(&s->open);
}

unsigned server_hanging(const server_t *s) {
    return atomic_load(&s->hanging);
}

void server_stop(server_t *s) {
    if (!s) {
        return;
    }
    (void)!write(s->stop[1], "", 1);
    pthread_join(s->thread, NULL);
    while (s->count) {
        drop(s, s->count - 1);
    }
    close(s->listener);
    close(s->stop[0]);
    close(s->stop[1]);
    free(s);
}
