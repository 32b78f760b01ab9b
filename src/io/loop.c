/* SPDX-License-Identifier: MIT */
/* The I/O thread: commands, deadlines, the end of a round. */
#include "io/loop.h"

#include "base/err.h"
#include "base/mem.h"
#include "os/clock.h"

/* Kicks that ask for further kicks in one round, before others get their turn. */
#define KICKS_MAX 16

static _Thread_local const cay_loop_t *current;

bool cay__loop_is_current(const cay_loop_t *l) {
    return current == l;
}

void cay__loop_post(cay_loop_t *l, cay_command_t *cmd, uint32_t bits) {
    cay__mutex_lock(&l->lock);
    cmd->bits |= bits;
    bool first = cay__list_empty(&l->commands);
    if (cay__list_empty(&cmd->link)) {
        cay__list_push(&l->commands, &cmd->link);
    }
    cay__mutex_unlock(&l->lock);
    if (first) {
        uv_async_send(&l->wake);
    }
}

/* One at a time, so that a command may be posted, and its object freed, while others wait. */
static cay_command_t *next_command(cay_loop_t *l, cay_link_t *batch, uint32_t *bits) {
    cay__mutex_lock(&l->lock);
    cay_link_t *link = cay__list_shift(batch);
    cay_command_t *cmd = link ? CAY_CONTAINER(link, cay_command_t, link) : NULL;
    if (cmd) {
        *bits = cmd->bits;
        cmd->bits = 0;
    }
    cay__mutex_unlock(&l->lock);
    return cmd;
}

static void run_commands(cay_loop_t *l) {
    cay_link_t batch;
    cay__list_init(&batch);
    cay__mutex_lock(&l->lock);
    cay__list_splice(&batch, &l->commands);
    cay__mutex_unlock(&l->lock);
    uint32_t bits;
    for (cay_command_t *cmd; (cmd = next_command(l, &batch, &bits));) {
        cmd->run(cmd, bits);
    }
}

static void run_laters(cay_link_t *list) {
    cay_link_t now;
    cay__list_init(&now);
    cay__list_splice(&now, list);
    for (cay_link_t *link; (link = cay__list_shift(&now));) {
        cay_later_t *later = CAY_CONTAINER(link, cay_later_t, link);
        later->run(later);
    }
}

void cay__loop_settle(cay_loop_t *l) {
    for (int i = 0; i < KICKS_MAX; i++) {
        if (!cay__list_empty(&l->kicks)) {
            run_laters(&l->kicks);
        } else if (!cay__list_empty(&l->news)) {
            run_laters(&l->news);
        } else {
            return;
        }
    }
    uv_async_send(&l->wake);
}

void cay__loop_kick(cay_loop_t *l, cay_later_t *later) {
    if (cay__list_empty(&later->link)) {
        cay__list_push(&l->kicks, &later->link);
    }
}

void cay__loop_tell(cay_loop_t *l, cay_later_t *later) {
    if (cay__list_empty(&later->link)) {
        cay__list_push(&l->news, &later->link);
    }
}

bool cay__loop_call(cay_loop_t *l, const void *object, const bool *freed) {
    cay__mutex_lock(&l->lock);
    bool go = !*freed;
    if (go) {
        l->calling = object;
    }
    cay__mutex_unlock(&l->lock);
    return go;
}

void cay__loop_called(cay_loop_t *l) {
    cay__mutex_lock(&l->lock);
    l->calling = NULL;
    cay__cond_broadcast(&l->quiet);
    cay__mutex_unlock(&l->lock);
}

static void on_timer(uv_timer_t *timer);

/* Sets the timer for the first deadline. One that was taken out leaves the timer as it is, to fire once in
 * vain; without any deadline there is no timer. */
static void arm_timer(cay_loop_t *l) {
    cay_heap_node_t *top = cay__heap_top(&l->deadlines);
    if (!top) {
        if (l->timer_at != UINT64_MAX) {
            uv_timer_stop(&l->timer);
            l->timer_at = UINT64_MAX;
        }
    } else if (top->key < l->timer_at) {
        uint64_t at_ms = (top->key + CAY_NS_PER_MS - 1) / CAY_NS_PER_MS, now = uv_now(&l->uv);
        uv_timer_start(&l->timer, on_timer, at_ms > now ? at_ms - now : 0, 0);
        l->timer_at = top->key;
    }
}

static void on_timer(uv_timer_t *timer) {
    cay_loop_t *l = timer->data;
    uint64_t now = cay__clock_mono();
    l->timer_at = UINT64_MAX;
    for (cay_heap_node_t *top; (top = cay__heap_top(&l->deadlines)) && top->key <= now;) {
        cay__heap_remove(&l->deadlines, top);
        cay_deadline_t *d = CAY_CONTAINER(top, cay_deadline_t, node);
        d->expired(d);
    }
    arm_timer(l);
    cay__loop_settle(l);
}

void cay__loop_deadline(cay_loop_t *l, cay_deadline_t *d, uint64_t at) {
    cay__heap_remove(&l->deadlines, &d->node);
    if (at != UINT64_MAX) {
        cay__heap_push(&l->deadlines, &d->node, at);
    }
    arm_timer(l);
}

static void on_wake(uv_async_t *wake) {
    cay_loop_t *l = wake->data;
    run_commands(l);
    cay__loop_settle(l);
    if (l->stop) {
        /* Here and not before: requests that were freed have just been told to leave it. What it found
         * meanwhile is posted, for nobody. */
        cay__pool_free(l->resolvers);
        run_commands(l);
        cay__loop_settle(l);
        uv_close((uv_handle_t *)&l->wake, NULL);
        uv_close((uv_handle_t *)&l->round, NULL);
        uv_close((uv_handle_t *)&l->timer, NULL);
    }
}

static void on_round(uv_check_t *round) {
    cay__loop_settle(round->data);
}

static void stop_run(cay_command_t *cmd, uint32_t bits) {
    (void)bits;
    CAY_CONTAINER(cmd, cay_loop_t, stopping)->stop = true;
}

static void loop_main(void *arg) {
    cay_loop_t *l = arg;
    current = l;
    uv_run(&l->uv, UV_RUN_DEFAULT); /* until every handle is closed */
    current = NULL;
}

/* Closes what was opened before a failure; no thread runs. */
static int open_failed(cay_loop_t *l, bool wake_open, cay_error_t **err) {
    if (wake_open) {
        uv_close((uv_handle_t *)&l->wake, NULL);
        uv_run(&l->uv, UV_RUN_DEFAULT);
    }
    uv_loop_close(&l->uv);
    return cay__error_set(err, CAY_ELIMIT, "the I/O thread cannot be started");
}

static int open_loop(cay_loop_t *l, cay_error_t **err) {
    if (uv_loop_init(&l->uv)) {
        return cay__error_set(err, CAY_ELIMIT, "no descriptors for the I/O thread");
    }
    if (uv_async_init(&l->uv, &l->wake, on_wake)) {
        return open_failed(l, false, err);
    }
    uv_check_init(&l->uv, &l->round); /* these two only fill in the structure */
    uv_timer_init(&l->uv, &l->timer);
    l->wake.data = l->round.data = l->timer.data = l;
    uv_check_start(&l->round, on_round);
    if (cay__thread_start(&l->thread, "cay-io", 0, loop_main, l)) {
        uv_close((uv_handle_t *)&l->round, NULL);
        uv_close((uv_handle_t *)&l->timer, NULL);
        return open_failed(l, true, err);
    }
    return 0;
}

int cay__loop_start(cay_loop_t *l, cay_error_t **err) {
    const cay_curl_t *curl;
    int rc = cay__curl_load(&curl, err);
    if (rc) {
        return rc;
    }
    cay__mutex_lock(&l->lock);
    if (!l->started) {
        l->curl = curl;
        rc = open_loop(l, err);
        l->started = rc == 0;
    }
    cay__mutex_unlock(&l->lock);
    return rc;
}

int cay__loop_new(const cay_loop_options_t *o, cay_loop_t **out) {
    *out = NULL;
    cay_loop_t *l = CAY_NEW(cay_loop_t);
    if (!l) {
        return CAY_ENOMEM;
    }
    if (o && o->ca_file && !(l->ca_file = cay__strdup(o->ca_file))) {
        cay__free(l);
        return CAY_ENOMEM;
    }
    /* Eight, so that a few names whose servers do not answer hold up nobody else. */
    int rc = cay__pool_new("cay-resolve", 8, &l->resolvers);
    if (rc) {
        cay__free(l->ca_file);
        cay__free(l);
        return rc;
    }
    l->resolve = o ? o->resolve : NULL;
    l->resolve_ctx = o ? o->resolve_ctx : NULL;
    cay__mutex_init(&l->lock);
    cay__cond_init(&l->quiet);
    cay__list_init(&l->commands);
    cay__list_init(&l->kicks);
    cay__list_init(&l->news);
    cay__list_init(&l->stopping.link);
    l->stopping.run = stop_run;
    l->timer_at = UINT64_MAX;
    *out = l;
    return 0;
}

void cay__loop_free(cay_loop_t *l) {
    if (!l) {
        return;
    }
    if (l->started) { /* nobody else uses the loop any more */
        cay__loop_post(l, &l->stopping, 1);
        cay__thread_join(&l->thread);
        uv_loop_close(&l->uv);
    } else {
        cay__pool_free(l->resolvers);
    }
    cay__cond_destroy(&l->quiet);
    cay__mutex_destroy(&l->lock);
    cay__free(l->socks);
    cay__free(l->ca_file);
    cay__free(l);
}
