/* SPDX-License-Identifier: MIT */
/* The I/O thread, as the parts of this folder that live on it see it.
 *
 * Other threads reach it by posting commands; a batch of commands costs one wake. What happens on it is ordered
 * in rounds: commands, expired deadlines and ready sockets first, then the kicks (work that libcurl asked for
 * at once), then the news (callbacks to those who use us), so that what came together is told together. */
#ifndef CAY_IO_LOOP_H
#define CAY_IO_LOOP_H

#include <uv.h>

#include "base/heap.h"
#include "base/list.h"
#include "io/curl.h"
#include "io/http.h"
#include "io/pool.h"
#include "os/thread.h"

/* Embedded in what is commanded. Freed by its owner, on the I/O thread, inside `run`. */
typedef struct cay_command {
    cay_link_t link; /* loop's lock */
    uint32_t bits;   /* loop's lock */
    void (*run)(struct cay_command *cmd, uint32_t bits);
} cay_command_t;

typedef struct cay_later {
    cay_link_t link;
    void (*run)(struct cay_later *later);
} cay_later_t;

typedef struct cay_deadline {
    cay_heap_node_t node;
    void (*expired)(struct cay_deadline *d);
} cay_deadline_t;

struct cay_sock;

struct cay_loop {
    cay_mutex_t lock;
    cay_cond_t quiet;    /* `calling` changed */
    cay_link_t commands; /* lock */
    bool started;        /* lock */
    const void *calling; /* lock; whose callback runs now */

    /* The I/O thread's. */
    uv_loop_t uv;
    uv_async_t wake;
    uv_check_t round;
    uv_timer_t timer;
    uint64_t timer_at; /* what the timer is set to, UINT64_MAX = not set */
    cay_heap_t deadlines;
    cay_link_t kicks;
    cay_link_t news;
    bool stop;
    cay_command_t stopping;
    struct cay_sock **socks; /* by descriptor */
    size_t socks_cap;

    cay_thread_t thread;
    cay_pool_t *resolvers;
    const cay_curl_t *curl; /* set before the thread starts */
    char *ca_file;
    int (*resolve)(void *ctx, const char *host, int (*add)(void *list, const struct sockaddr *sa),
                   void *list);
    void *resolve_ctx;
};

/* Starts the thread unless it runs. Any thread. */
CAY_NODISCARD int cay__loop_start(cay_loop_t *l, cay_error_t **err);
/* `run` gets all bits posted since it ran last. Any thread; in order of the first post of each. */
void cay__loop_post(cay_loop_t *l, cay_command_t *cmd, uint32_t bits);

/* The rest: the I/O thread alone. */
bool cay__loop_is_current(const cay_loop_t *l);
/* Brackets callbacks to the user of `object`: false when it was freed (*freed, under the loop's lock). */
CAY_NODISCARD bool cay__loop_call(cay_loop_t *l, const void *object, const bool *freed);
void cay__loop_called(cay_loop_t *l);
/* At the end of this round; once, however often it is asked for. */
void cay__loop_kick(cay_loop_t *l, cay_later_t *later);
void cay__loop_tell(cay_loop_t *l, cay_later_t *later);
/* `at` is monotonic time; UINT64_MAX disarms. */
void cay__loop_deadline(cay_loop_t *l, cay_deadline_t *d, uint64_t at);
/* The end of a round: to be called last in each callback of libuv that is not about a socket. */
void cay__loop_settle(cay_loop_t *l);

#endif
