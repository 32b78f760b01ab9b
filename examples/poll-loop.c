/* SPDX-License-Identifier: MIT */
/* Several workers in an event loop of the host's own: each worker has a descriptor that polls readable
 * while an event of it waits, so epoll, poll, libuv or GLib drive them beside sockets and timers, with no
 * thread of the host's and no callback from one of the library's.
 *
 *     cc poll-loop.c $(pkg-config --cflags --libs cay-v8) -o poll-loop && ./poll-loop */
#include <cay/cay.h>
#include <cay/v8.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define WORKERS 8
#define ROUNDS  5

/* Each answers a number with the next one, and ends itself when told to. */
static const char counter[] = "onmessage = ({ data }) => {\n"
                              "    if (data === null) {\n"
                              "        close();\n"
                              "    } else {\n"
                              "        postMessage({ name, next: data + 1 });\n"
                              "    }\n"
                              "};\n";

typedef struct loop {
    int epoll;
    int alive;
    int answers;
} loop_t;

static void fail(const char *what, int code, cay_error_t *err) {
    fprintf(stderr, "%s: %s\n", what, err ? cay_error_message(err) : cay_error_text(code));
    exit(1);
}

static void post(cay_worker_t *worker, const char *json) {
    cay_error_t *err = NULL;
    int rc = cay_port_post_json(cay_worker_port(worker), json, strlen(json), &err);
    if (rc) {
        fail("post", rc, err);
    }
}

static cay_worker_t *spawn(cay_runtime_t *rt, int i) {
    char name[16];
    snprintf(name, sizeof name, "counter-%d", i);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.name = name;
    o.main_source = counter;
    o.main_source_len = strlen(counter);
    cay_worker_t *worker = NULL;
    cay_error_t *err = NULL;
    int rc = cay_worker_spawn(rt, &o, &worker, &err);
    if (rc) {
        fail("spawn", rc, err);
    }
    return worker;
}

static void watch(loop_t *l, cay_worker_t *worker) {
    int fd = cay_worker_fd(worker);
    if (fd < 0) {
        fail("descriptor", fd, NULL);
    }
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = worker};
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e)) {
        perror("epoll_ctl");
        exit(1);
    }
    l->alive++;
    post(worker, "0"); /* waits in the mailbox until the worker is up */
}

static void on_message(loop_t *l, cay_worker_t *worker, cay_event_t *ev) {
    const cay_value_t *v = NULL;
    cay_error_t *err = NULL;
    int rc = cay_message_value(ev->u.message.message, &v, &err);
    if (rc) {
        fail("message", rc, err);
    }
    l->answers++;
    int next = (int)cay_value_number(cay_value_get(v, "next"));
    char json[16];
    snprintf(json, sizeof json, "%d", next);
    post(worker, next < ROUNDS ? json : "null");
}

/* Takes what waits. The handle is freed with the final event, which takes its descriptor out of epoll. */
static void on_readable(loop_t *l, cay_worker_t *worker) {
    cay_event_t *ev = NULL;
    while (cay_worker_next_event(worker, 0, &ev) == 0) {
        bool is_final = cay_event_is_final(ev);
        if (ev->type == CAY_EVENT_MESSAGE) {
            on_message(l, worker, ev);
        } else if (is_final) {
            printf("%s: %s\n", cay_worker_name(worker), cay_reason_name(ev->u.end.reason));
        }
        cay_event_free(ev);
        if (is_final) {
            cay_worker_free(worker);
            l->alive--;
            return;
        }
    }
}

static void run(loop_t *l) {
    while (l->alive > 0) {
        struct epoll_event ready[WORKERS];
        int n = epoll_wait(l->epoll, ready, WORKERS, 10000);
        if (n <= 0) {
            fail("epoll_wait", CAY_ETIMEDOUT, NULL);
        }
        for (int i = 0; i < n; i++) {
            on_readable(l, ready[i].data.ptr);
        }
    }
}

int main(void) {
    cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
    o.provider = cay_v8_provider();
    cay_runtime_t *rt = NULL;
    cay_error_t *err = NULL;
    int rc = cay_runtime_new(&o, &rt, &err);
    if (rc) {
        fail("runtime", rc, err);
    }
    loop_t l = {.epoll = epoll_create1(EPOLL_CLOEXEC)};
    for (int i = 0; i < WORKERS; i++) {
        watch(&l, spawn(rt, i));
    }
    run(&l);
    close(l.epoll);
    rc = cay_runtime_shutdown(rt, 5000, NULL);
    rc = rc ? rc : cay_runtime_free(rt);
    if (rc) {
        fail("shutdown", rc, NULL);
    }
    printf("%d answers of %d workers\n", l.answers, WORKERS);
    return l.answers == WORKERS * ROUNDS ? 0 : 1;
}
