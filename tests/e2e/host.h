/* SPDX-License-Identifier: MIT */
/* What the end-to-end tests share: a runtime, workers from source text, waiting for events, and figures of
 * the process. Public API only. */
#ifndef CAY_TESTS_E2E_HOST_H
#define CAY_TESTS_E2E_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cay/v8.h"

#define WAIT_MS 30000 /* far past anything healthy: a test that needs it fails */

cay_runtime_t *host_runtime(uint64_t threads);
void host_shutdown(cay_runtime_t *rt); /* everything must be gone */
cay_worker_t *host_spawn(cay_runtime_t *rt, const char *source);
/* With permissions in the text form. */
cay_worker_t *host_spawn_granted(cay_runtime_t *rt, const char *source, const char *grants);
cay_permissions_t *host_grants(const char *text);
cay_worker_t *host_spawn_with(cay_runtime_t *rt, cay_worker_options_t *o);
/* Limits from "name=value;name=value". */
cay_limits_t host_limits(const char *text);
/* With these; what host_spawn starts has wide ones. */
cay_worker_t *host_spawn_limited(cay_runtime_t *rt, const char *source, const char *limits);
/* The next event; fails the test when none comes. */
cay_event_t *host_event(cay_worker_t *w);
/* Skips to the next event of the type; fails the test when the worker ends before. */
cay_event_t *host_until(cay_worker_t *w, cay_event_type_t type);
/* Skips to the final event. */
cay_event_t *host_final(cay_worker_t *w);
/* Waits for a message whose JSON is `json`; other events before it fail the test, ONLINE apart. */
void host_expect(cay_worker_t *w, const char *json);
/* Skips to the final event, which must have the reason; messages on the way are counted. */
unsigned host_expect_end(cay_worker_t *w, cay_reason_t reason);
void host_post(cay_worker_t *w, const char *json);
/* Posts `json` and waits for the same back. */
void host_echo(cay_worker_t *w, const char *json);
extern const char host_echo_source[];

/* A main module that defines `child(source)`, which starts a nested worker from text. */
#define HOST_CHILD                                                                                 \
    "const child = (source, options) => new Worker('data:text/javascript,' +"                      \
    " encodeURIComponent(source), {type: 'module', ...options});\n"

double host_ms(void); /* monotonic */
double host_cpu_ms(void);
unsigned host_threads(void);
unsigned host_fds(void);
unsigned host_maps(void);
size_t host_rss_kb(void);
size_t host_peak_kb(void);  /* since the start or the last reset */
bool host_peak_reset(void); /* false where the kernel does not let it */
/* Number from the environment, for longer runs than CI's. */
unsigned host_count(const char *name, unsigned usual);

#endif
