/* SPDX-License-Identifier: MIT */
/* A little HTTP server on loopback, in a thread of the test. What it answers is told by the path:
 *
 *     /json            a JSON object
 *     /hang            nothing, ever
 *     /half            a head and some of the body, then nothing
 *     /to/URL          a redirect to the URL (which stands there percent-encoded or not)
 *     anything else    404 */
#ifndef CAY_TESTS_E2E_SERVER_H
#define CAY_TESTS_E2E_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>

typedef struct server server_t;

/* On 127.0.0.1, or with `v6` on ::1; NULL when the machine has no such address. */
server_t *server_start(bool v6);
int server_port(const server_t *s);
unsigned server_connections(const server_t *s); /* ever accepted */
unsigned server_open(const server_t *s);        /* open now */
unsigned server_hanging(const server_t *s);     /* requests that wait for ever, now */
void server_stop(server_t *s);

#endif
