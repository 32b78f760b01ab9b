/* SPDX-License-Identifier: MIT */
/* What a message costs between two ends of a channel: ns per send and take, on one thread and between two.
 *
 *     port_bench [messages]
 *
 * "bare" moves messages that exist already, "with memory" also makes and frees each. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/clock.h"
#include "port/channel.h"

#define BATCH 64

static void die(const char *what) {
    fprintf(stderr, "port_bench: %s failed\n", what);
    exit(1);
}

static cay_message_t *message(void) {
    uint8_t *bytes = cay__malloc(16);
    cay_message_t *m;
    if (!bytes || cay__message_new(bytes, 16, NULL, &m)) {
        die("message");
    }
    return m;
}

static void report(const char *what, uint64_t start, uint64_t n) {
    double ns = (double)(cay__clock_mono() - start) / (double)n;
    printf("%-34s %8.1f ns  %8.2f M/s\n", what, ns, 1000.0 / ns);
}

/* Moves the same messages back and forth: a queue is filled with a batch, then emptied. */
static void bench_bare(cay_port_t *a, cay_port_t *b, uint64_t n) {
    cay_message_t *m[BATCH];
    for (int i = 0; i < BATCH; i++) {
        m[i] = message();
    }
    uint64_t start = cay__clock_mono();
    for (uint64_t done = 0; done < n; done += BATCH) {
        for (int i = 0; i < BATCH; i++) {
            if (cay__port_send(a, m[i], NULL)) {
                die("send");
            }
        }
        for (int i = 0; i < BATCH; i++) {
            if (cay__port_take(b, &m[i])) {
                die("take");
            }
        }
    }
    report("one thread, bare", start, n);
    for (int i = 0; i < BATCH; i++) {
        cay_message_free(m[i]);
    }
}

static void bench_full(cay_port_t *a, cay_port_t *b, uint64_t n) {
    uint64_t start = cay__clock_mono();
    for (uint64_t i = 0; i < n; i++) {
        cay_message_t *m = message();
        if (cay__port_send(a, m, NULL) || cay__port_take(b, &m)) {
            die("send and take");
        }
        cay_message_free(m);
    }
    report("one thread, with memory", start, n);
}

typedef struct flood {
    cay_port_t *port;
    uint64_t n;
} flood_t;

static void flood_main(void *arg) {
    flood_t *f = arg;
    for (uint64_t i = 0; i < f->n; i++) {
        cay_message_t *m = message();
        int rc;
        while ((rc = cay__port_send(f->port, m, NULL)) == CAY_EAGAIN) {
            sched_yield();
        }
        if (rc) {
            die("send");
        }
    }
}

static void bench_threads(cay_port_t *a, cay_port_t *b, uint64_t n) {
    flood_t f = {a, n};
    cay_thread_t t;
    uint64_t start = cay__clock_mono();
    if (cay__thread_start(&t, "flood", 0, flood_main, &f)) {
        die("thread");
    }
    for (uint64_t i = 0; i < n; i++) {
        cay_message_t *m;
        if (cay_port_receive(b, CAY_FOREVER, &m)) {
            die("receive");
        }
        cay_message_free(m);
    }
    cay__thread_join(&t);
    report("two threads, flood, receive", start, n);
}

int main(int argc, char **argv) {
    uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 2000000;
    cay_port_t *a, *b;
    if (!n || cay_channel_new(&a, &b)) {
        die("channel");
    }
    printf("%u CPUs, %llu messages; an idle channel takes %zu bytes\n", cay__cpu_count(),
           (unsigned long long)n, sizeof(cay_channel_t));
    bench_bare(a, b, n);
    bench_full(a, b, n);
    bench_threads(a, b, n);
    cay_port_close(a);
    cay_port_close(b);
    return 0;
}
