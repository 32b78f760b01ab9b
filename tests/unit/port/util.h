/* SPDX-License-Identifier: MIT */
/* What the port tests share: messages made by hand, threads, and the check that every test gives back all
 * memory and descriptors. */
#ifndef CAY_TEST_PORT_UTIL_H
#define CAY_TEST_PORT_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "port/control.h"

#define ok(expr)       assert_int_equal((expr), 0)
#define gives(rc, exp) assert_int_equal((exp), (rc))

typedef struct balance {
    int64_t blocks;
    int fds;
} balance_t;

static inline int fd_count(void) {
    DIR *d = opendir("/proc/self/fd");
    int n = 0;
    while (d && readdir(d)) {
        n++;
    }
    if (d) {
        closedir(d);
    }
    return n;
}

static inline int balance_setup(void **state) {
    balance_t *b = malloc(sizeof *b);
    *b = (balance_t){cay__mem_live(), fd_count()};
    *state = b;
    return 0;
}

static inline int balance_teardown(void **state) {
    balance_t *b = *state;
    bool even = cay__mem_live() == b->blocks && fd_count() == b->fds;
    if (!even) {
        print_error("left behind: %d blocks, %d descriptors\n", (int)(cay__mem_live() - b->blocks),
                    fd_count() - b->fds);
    }
    free(b);
    return even ? 0 : -1;
}

/* Every test of a group gives back what it took. */
#define balanced(f) cmocka_unit_test_setup_teardown(f, balance_setup, balance_teardown)

/* A message whose bytes are the text, NUL included; NULL when out of memory. */
static inline cay_message_t *text_message(const char *text) {
    uint8_t *bytes = cay__memdup(text, strlen(text) + 1);
    cay_message_t *m = NULL;
    if (bytes && cay__message_new(bytes, strlen(text) + 1, NULL, &m)) {
        cay__free(bytes);
    }
    return m;
}

/* A message that carries the ports; they stay the caller's when NULL. */
static inline cay_message_t *ports_message(cay_port_t *const *ports, size_t n) {
    cay_cargo_t cargo = {cay__memdup(ports, n * sizeof(cay_port_t *)), n, NULL, 0};
    uint8_t *bytes = cay__malloc(1);
    cay_message_t *m = NULL;
    if (!cargo.ports || !bytes || cay__message_new(bytes, 1, &cargo, &m)) {
        cay__free(bytes);
        cay__free(cargo.ports);
    }
    return m;
}

/* Frees a message that was not sent, leaving its ports to the caller. */
static inline void shell_free(cay_message_t *m) {
    m->cargo.port_count = 0;
    cay_message_free(m);
}

/* Sends; frees the message, and not its ports, when that fails. */
static inline int try_send(cay_port_t *port, cay_message_t *m) {
    int rc = m ? cay__port_send(port, m, NULL) : CAY_ENOMEM;
    if (rc && m) {
        shell_free(m);
    }
    return rc;
}

static inline int send_text(cay_port_t *port, const char *text) {
    return try_send(port, text_message(text));
}

static inline int send_port(cay_port_t *through, cay_port_t *port) {
    return try_send(through, ports_message(&port, 1));
}

/* Receives without waiting and checks the text. */
static inline void expect_text(cay_port_t *port, const char *text) {
    cay_message_t *m = NULL;
    ok(cay_port_receive(port, 0, &m));
    assert_string_equal((const char *)m->bytes, text);
    cay_message_free(m);
}

/* Receives a message of one port and takes that. */
static inline cay_port_t *expect_port(cay_port_t *port) {
    cay_message_t *m = NULL;
    ok(cay_port_receive(port, 0, &m));
    assert_int_equal(m->cargo.port_count, 1);
    cay_port_t *p = m->cargo.ports[0];
    shell_free(m);
    return p;
}

static inline bool polls_readable(int fd) {
    struct pollfd p = {fd, POLLIN, 0};
    return poll(&p, 1, 0) == 1;
}

/* Takes what comes first and frees it. */
static inline void drop_next(cay_port_t *port) {
    cay_message_t *m = NULL;
    ok(cay__port_take(port, &m));
    cay_message_free(m);
}

/* A message of so many bytes, of which hardly any are there. */
static inline cay_message_t *sized_message(uint64_t cost) {
    static char data;
    cay_cargo_t cargo = {NULL, 0, cay__malloc(sizeof(cay_blob_t)), 1};
    uint8_t *bytes = cay__malloc(1);
    cay_message_t *m = NULL;
    if (!cargo.blobs || !bytes) {
        abort();
    }
    cargo.blobs[0] = (cay_blob_t){&data, cost - 1, NULL, NULL};
    ok(cay__message_new(bytes, 1, &cargo, &m));
    return m;
}

static inline int send_sized(cay_port_t *port, uint64_t cost) {
    return try_send(port, sized_message(cost));
}

/* ---- waiting threads ---- */

/* Waits until some thread sleeps in a blocking receive on the port. */
static inline void await_waiter(cay_port_t *port) {
    for (bool there = false; !there; sched_yield()) {
        cay__mutex_lock(&port->channel->lock);
        there = port->waiter != NULL;
        cay__mutex_unlock(&port->channel->lock);
    }
}

/* The same for `count` threads in cay_port_wait_room. */
static inline void await_posters(cay_port_t *port, int count) {
    for (int there = 0; there < count; sched_yield()) {
        there = 0;
        cay__mutex_lock(&port->channel->lock);
        for (cay_waiter_t *w = port->posters; w; w = w->next) {
            there++;
        }
        cay__mutex_unlock(&port->channel->lock);
    }
}

static inline cay_thread_t start(void (*run)(void *), void *arg) {
    cay_thread_t t;
    if (cay__thread_start(&t, "test", 0, run, arg)) {
        abort();
    }
    return t;
}

/* Counts that one thread raises and another waits for. */
typedef struct counter {
    cay_mutex_t lock;
    cay_cond_t changed;
    int n;
} counter_t;

static inline void counter_init(counter_t *c) {
    cay__mutex_init(&c->lock);
    cay__cond_init(&c->changed);
    c->n = 0;
}

static inline void counter_destroy(counter_t *c) {
    cay__cond_destroy(&c->changed);
    cay__mutex_destroy(&c->lock);
}

static inline void counter_add(counter_t *c) {
    cay__mutex_lock(&c->lock);
    c->n++;
    cay__cond_broadcast(&c->changed);
    cay__mutex_unlock(&c->lock);
}

static inline int counter_get(counter_t *c) {
    cay__mutex_lock(&c->lock);
    int n = c->n;
    cay__mutex_unlock(&c->lock);
    return n;
}

static inline void counter_await(counter_t *c, int n) {
    cay__mutex_lock(&c->lock);
    while (c->n < n) {
        cay__cond_wait(&c->changed, &c->lock);
    }
    cay__mutex_unlock(&c->lock);
}

/* ---- events ---- */

static inline cay_event_t final_event(cay_reason_t reason) {
    cay_event_t ev = {.type = CAY_EVENT_CLOSE};
    ev.u.end.reason = reason;
    return ev;
}

static inline cay_event_t error_event(const char *message) {
    cay_event_t ev = {.type = CAY_EVENT_ERROR};
    ev.u.error.error.message = message;
    return ev;
}

static inline int post_error(cay_inside_t *in, const char *message) {
    cay_event_t ev = error_event(message);
    return cay_inside_post_event(in, &ev);
}

static inline int post_final(cay_inside_t *in, cay_reason_t reason) {
    cay_event_t ev = final_event(reason);
    return cay_inside_post_event(in, &ev);
}

static inline void expect_event_message(cay_worker_t *w, const char *text) {
    cay_event_t *ev = NULL;
    ok(cay_worker_next_event(w, 0, &ev));
    assert_int_equal(ev->type, CAY_EVENT_MESSAGE);
    assert_string_equal((const char *)ev->u.message.message->bytes, text);
    cay_event_free(ev);
}

static inline void expect_event_error(cay_worker_t *w, const char *message) {
    cay_event_t *ev = NULL;
    ok(cay_worker_next_event(w, 0, &ev));
    assert_int_equal(ev->type, CAY_EVENT_ERROR);
    assert_string_equal(ev->u.error.error.message, message);
    cay_event_free(ev);
}

static inline void expect_final(cay_worker_t *w, cay_event_type_t type, cay_reason_t reason) {
    cay_event_t *ev = NULL;
    ok(cay_worker_next_event(w, 0, &ev));
    assert_int_equal(ev->type, type);
    assert_int_equal(ev->u.end.reason, reason);
    assert_true(cay_event_is_final(ev));
    cay_event_free(ev);
    gives(CAY_ECLOSED, cay_worker_next_event(w, 0, &ev));
}

#endif
