/* SPDX-License-Identifier: MIT */
/* An HTTP/1.1 server on the loopback interface for the benchmark of fetch: every request gets the same answer of
 * 200 bytes of JSON, connections stay open. One thread and one epoll set, so that what is measured is the client.
 *
 *     bench-server
 *
 * Prints "port N"; ends when its standard input is closed, and prints what it has served. It trusts its clients:
 * requests have no body, and only the empty line at the end of each is looked for. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BODY = 200, ANSWERS = 64, CLIENTS = 4096, EVENTS = 256, BACKLOG = 1024 };

/* What a client is owed is always a piece of the same answer repeated, so that no output is queued: how much, and
 * where in the answer the next byte is. */
typedef struct client {
    size_t owed;
    size_t at;
    unsigned seen; /* bytes of the empty line found so far */
    bool stalled;  /* waits until the socket takes more */
} client_t;

static client_t clients[CLIENTS]; /* by descriptor */
static char answers[ANSWERS * 512];
static size_t answer_len, answers_len;
static unsigned long long requests, connections;
static int epoll;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void make_answers(void) {
    static const char head[] = "{\"id\":7,\"name\":\"ping\",\"ok\":true,\"pad\":\"", tail[] = "\"}";
    char body[BODY];
    memset(body, 'x', sizeof body);
    memcpy(body, head, sizeof head - 1);
    memcpy(body + sizeof body - (sizeof tail - 1), tail, sizeof tail - 1);
    answer_len = (size_t)snprintf(answers, sizeof answers,
                                  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                  "Content-Length: %d\r\n\r\n%.*s",
                                  BODY, BODY, body);
    for (size_t i = 1; i < ANSWERS; i++) {
        memcpy(answers + i * answer_len, answers, answer_len);
    }
    answers_len = ANSWERS * answer_len;
}

static void watch(int fd, int op, unsigned events) {
    struct epoll_event ev = {.events = events, .data.fd = fd};
    if (epoll_ctl(epoll, op, fd, &ev)) {
        die("epoll_ctl");
    }
}

static int listen_at(struct sockaddr_in *at) {
    socklen_t len = sizeof *at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || bind(fd, (struct sockaddr *)at, len) || listen(fd, BACKLOG) ||
        getsockname(fd, (struct sockaddr *)at, &len)) {
        die("listen");
    }
    return fd;
}

static void greet(int listener) {
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        if (fd >= CLIENTS) {
            close(fd);
            continue;
        }
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        clients[fd] = (client_t){.owed = 0};
        connections++;
        watch(fd, EPOLL_CTL_ADD, EPOLLIN);
    }
}

/* How many empty lines end in these bytes. */
static size_t count_ends(client_t *c, const char *bytes, size_t n) {
    static const char end[] = "\r\n\r\n";
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        c->seen = bytes[i] == end[c->seen] ? c->seen + 1 : bytes[i] == '\r';
        if (c->seen == 4) {
            found++;
            c->seen = 0;
        }
    }
    return found;
}

static bool answer(int fd, client_t *c) {
    while (c->owed > 0) {
        size_t left = answers_len - c->at;
        ssize_t n = send(fd, answers + c->at, c->owed < left ? c->owed : left, MSG_NOSIGNAL);
        if (n < 0) {
            break;
        }
        c->owed -= (size_t)n;
        c->at = (c->at + (size_t)n) % answer_len;
    }
    bool stalled = c->owed > 0;
    if (stalled && errno != EAGAIN && errno != EINTR) {
        return false;
    }
    if (stalled != c->stalled) {
        c->stalled = stalled;
        watch(fd, EPOLL_CTL_MOD, stalled ? EPOLLOUT : EPOLLIN);
    }
    return true;
}

/* false: the connection is over. */
static bool serve(int fd, client_t *c) {
    char bytes[65536];
    if (c->owed == 0) {
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        if (n <= 0) {
            return n < 0 && (errno == EAGAIN || errno == EINTR);
        }
        size_t found = count_ends(c, bytes, (size_t)n);
        requests += found;
        c->owed = found * answer_len;
    }
    return answer(fd, c);
}

/* false: standard input was closed. */
static bool handle(int fd, int listener) {
    if (fd == STDIN_FILENO) {
        char bytes[64];
        return read(fd, bytes, sizeof bytes) > 0;
    }
    if (fd == listener) {
        greet(listener);
    } else if (!serve(fd, &clients[fd])) {
        close(fd);
    }
    return true;
}

static void run(int listener) {
    struct epoll_event events[EVENTS];
    for (;;) {
        int n = epoll_wait(epoll, events, EVENTS, -1);
        if (n < 0 && errno != EINTR) {
            die("epoll_wait");
        }
        for (int i = 0; i < n; i++) {
            if (!handle(events[i].data.fd, listener)) {
                return;
            }
        }
    }
}

int main(void) {
    struct sockaddr_in at;
    make_answers();
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        die("epoll_create1");
    }
    int listener = listen_at(&at);
    watch(STDIN_FILENO, EPOLL_CTL_ADD, EPOLLIN);
    watch(listener, EPOLL_CTL_ADD, EPOLLIN);
    printf("port %d\n", ntohs(at.sin_port));
    fflush(stdout);
    run(listener);
    printf("requests %llu connections %llu\n", requests, connections);
    return 0;
}
