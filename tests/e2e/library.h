/* SPDX-License-Identifier: MIT */
/* A web server on loopback that has modules to give, in a thread of the test. What it has may be changed at any
 * time. */
#ifndef CAY_TESTS_E2E_LIBRARY_H
#define CAY_TESTS_E2E_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

typedef struct library library_t;

library_t *library_start(void); /* on 127.0.0.1 */
int library_port(const library_t *l);
/* `head`: status and further header lines ("302 Found\r\nlocation: /x"), without lengths. All is copied. */
void library_put(library_t *l, const char *path, const char *head, const char *body);
/* 200, text/javascript. */
void library_js(library_t *l, const char *path, const char *body);
/* A request for it is never answered. */
void library_hang(library_t *l, const char *path);
/* `count` spaces follow the body. */
void library_fill(library_t *l, const char *path, size_t count);
unsigned library_requests(library_t *l, const char *path); /* for the path, NULL: all */
unsigned library_connections(library_t *l);                /* ever accepted */
unsigned library_hanging(library_t *l);                    /* open connections that wait for ever */
void library_stop(library_t *l);

#endif
