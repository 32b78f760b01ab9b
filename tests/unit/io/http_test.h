/* SPDX-License-Identifier: MIT */
/* What the HTTP tests share: a loop with a client and a judge that counts, and requests whose callbacks are
 * recorded and can be waited for. */
#ifndef CAY_TEST_HTTP_TEST_H
#define CAY_TEST_HTTP_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "http_server.h"
#include "io/http.h"
#include "os/clock.h"
#include "os/thread.h"

/* Refuses what is named here, and counts. */
typedef struct rules {
    const char *no_name;    /* this host */
    const char *no_address; /* addresses whose text starts so; several with "|" between */
    _Atomic unsigned names;
    _Atomic unsigned addresses;
    _Atomic bool closed; /* from now on every address is refused */
} rules_t;
extern const cay_http_judge_t rules_judge;

typedef struct bench {
    int64_t live; /* allocations before */
    cay_loop_t *loop;
    cay_http_client_t *client;
    rules_t rules;
} bench_t;
void bench_open(bench_t *b, const cay_loop_options_t *o);
/* Nothing may be left. */
void bench_close(bench_t *b);

/* A request with what it told. Guarded by its lock while it goes on. */
typedef struct call {
    cay_http_options_t o; /* filled in by call_init, to be changed before call_start */
    cay_http_t *http;
    int start_rc;
    cay_error_t *start_err;

    cay_mutex_t lock;
    cay_cond_t changed;
    unsigned heads, readables, writables, dones;
    uint32_t status, version;
    bool redirected;
    char reason[64];
    char url[512];
    char fields[8192]; /* "name: value\n" each */
    int rc;
    cay_error_t *err;
    bool free_inside; /* free the request inside `done` */
    cay_buf_t body;   /* what call_read took */
} call_t;
void call_init(call_t *c, bench_t *b, const char *method, const char *url);
void call_start(call_t *c, bench_t *b);
/* Each waits at most ten seconds and fails the test then. */
void call_wait_head(call_t *c);
void call_wait_done(call_t *c);
void call_wait_count(call_t *c, const unsigned *count, unsigned n);
/* Takes the body to its end: what the last take gave. */
int call_read(call_t *c);
void call_free(call_t *c);
/* All of it: starts, waits for the end, reads. rc as told by done. */
int call_run(call_t *c, bench_t *b);
const char *call_body(call_t *c);

#endif
