/* SPDX-License-Identifier: MIT */
/* The runtime: checks what the host asks for, makes the handles, and lets a provider give them a body. */
#include "cay/runtime.h"

#include <stdatomic.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "limits/account.h"
#include "os/clock.h"
#include "os/thread.h"
#include "port/port.h"
#include "runtime/options.h"
#include "runtime/plan.h"
#include "runtime/provider.h"

struct cay_runtime {
    const cay_provider_t *provider;
    void *self;
    cay_mutex_t lock;
    cay_cond_t changed;
    cay_dispatcher_t *dispatcher; /* under lock: made with the first callback */
    unsigned spawning;            /* under lock: calls that may use the dispatcher */
    bool closing;                 /* under lock: there are no more such calls */
    bool retiring;                /* under lock: a shutdown waits for the dispatcher's end */
    bool down;                    /* under lock: nothing is alive any more */
};

int cay_runtime_new(const cay_runtime_options_t *options, cay_runtime_t **out, cay_error_t **err) {
    cay_runtime_options_t o;
    int rc = cay__options_copy(&o, sizeof o, options, sizeof(uint64_t), "cay_runtime_options", err);
    if (rc) {
        return rc;
    }
    if (!o.provider) {
        return cay__error_set(err, CAY_EINVAL,
                              "cay_runtime_options.provider: none given (cay_v8_provider() of "
                              "libcay-v8 runs guests in this process)");
    }
    cay_runtime_t *rt = CAY_NEW(cay_runtime_t);
    if (!rt) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory");
    }
    rt->provider = o.provider;
    cay__mutex_init(&rt->lock);
    cay__cond_init(&rt->changed);
    rc = o.provider->start(&o, &rt->self, err);
    if (rc) {
        cay__cond_destroy(&rt->changed);
        cay__mutex_destroy(&rt->lock);
        cay__free(rt);
        return rc;
    }
    *out = rt;
    return 0;
}

/* ---- spawn ---- */

/* A host's callback. Its finalizer belongs to the host until the spawn has succeeded, and an event may be
 * delivered (or the dispatcher end) before that is known: whoever comes second settles it. */
typedef struct hook {
    cay_event_cb cb;
    void *user;
    void (*user_free)(void *user);
    _Atomic uint32_t votes;
} hook_t;

enum { VOTE_OVER = 1, VOTE_KEPT = 2, VOTE_FAILED = 4 };

static void hook_vote(hook_t *h, uint32_t vote) {
    uint32_t all = atomic_fetch_or(&h->votes, vote) | vote;
    if (all == (VOTE_OVER | VOTE_KEPT) && h->user_free) {
        h->user_free(h->user);
    }
    if (all & VOTE_OVER && all != VOTE_OVER) {
        cay__free(h);
    }
}

static void hook_event(cay_worker_t *w, cay_event_t *ev, void *user) {
    hook_t *h = user;
    if (!(atomic_load(&h->votes) &
          VOTE_FAILED)) { /* the end of a pair of handles that nobody got */
        h->cb(w, ev, h->user);
    }
}

static void hook_over(void *user) {
    hook_vote(user, VOTE_OVER);
}

static int dispatcher_of(cay_runtime_t *rt, cay_dispatcher_t **out) {
    cay__mutex_lock(&rt->lock);
    int rc = rt->dispatcher ? 0 : cay__dispatcher_new(&rt->dispatcher);
    *out = rt->dispatcher;
    cay__mutex_unlock(&rt->lock);
    return rc;
}

static int hook_set(cay_runtime_t *rt, const cay_worker_options_t *o, cay_worker_t *w,
                    hook_t **out) {
    cay_dispatcher_t *d = NULL;
    hook_t *h = CAY_NEW(hook_t);
    int rc = h ? dispatcher_of(rt, &d) : CAY_ENOMEM;
    if (rc == 0) {
        h->cb = o->on_event;
        h->user = o->event_user;
        h->user_free = o->event_user_free;
        rc = cay__worker_set_callback(w, d, hook_event, h, hook_over);
    }
    if (rc) {
        cay__free(h);
        return rc;
    }
    *out = h;
    return 0;
}

static int spawn_planned(cay_runtime_t *rt, const cay_worker_options_t *o, cay_plan_t *p,
                         cay_worker_t **out, cay_error_t **err) {
    cay_handles_options_t ho = CAY_HANDLES_OPTIONS_INIT;
    ho.name = o->name;
    ho.max_messages = p->limits.queue;
    ho.max_bytes = p->limits.queue_bytes;
    cay_worker_t *worker;
    cay_inside_t *inside;
    int rc = cay_handles_new(&ho, &worker, &inside);
    if (rc) {
        return cay__error_set(err, rc, "out of memory for a worker");
    }
    cay_authority_t *authority = NULL;
    cay_account_t *account = cay__account_new(NULL, &p->limits, err);
    rc = account ? cay__plan_authority(o, p, worker, &authority) : CAY_ENOMEM;
    if (rc) {
        cay__error_set(err, rc, "out of memory for a worker");
    } else {
        cay__worker_set_account(worker, account);
        cay__worker_equip(worker, cay__authority_ref(authority), cay__authority_unref,
                          p->functions);
    }
    hook_t *hook = NULL;
    if (rc == 0 && o->on_event && (rc = hook_set(rt, o, worker, &hook))) {
        cay__error_set(err, rc, "no dispatcher thread for callbacks");
    }
    cay_worker_options_t copy = *o;
    copy.module_root = p->root;
    copy.directory = p->directory;
    copy.lock_file = p->lock_file;
    cay_spawn_t spawn = {p->url,       o->main_source, o->main_source_len, &copy, authority,
                         p->functions, account};
    if (o->main_source && o->main_source_len == 0) {
        spawn.source_len = strlen(o->main_source);
    }
    rc = rc ? rc : rt->provider->spawn(rt->self, &spawn, inside, err);
    cay__authority_unref(&authority);
    cay__account_unref(&account);
    if (hook) {
        hook_vote(hook, rc ? VOTE_FAILED : VOTE_KEPT);
    }
    if (rc) {
        cay_inside_free(inside);
        cay_worker_free(worker);
        return rc;
    }
    *out = worker; /* which a callback may have freed by now */
    return 0;
}

/* Between the two a shutdown waits before it goes on to what a spawn uses. */
static int spawn_begin(cay_runtime_t *rt, cay_error_t **err) {
    cay__mutex_lock(&rt->lock);
    bool closing = rt->closing;
    rt->spawning += !closing;
    cay__mutex_unlock(&rt->lock);
    return closing ? cay__error_set(err, CAY_ECLOSED, "the runtime is shutting down") : 0;
}

static void spawn_end(cay_runtime_t *rt) {
    cay__mutex_lock(&rt->lock);
    rt->spawning--;
    cay__cond_broadcast(&rt->changed);
    cay__mutex_unlock(&rt->lock);
}

int cay_worker_spawn(cay_runtime_t *rt, const cay_worker_options_t *options, cay_worker_t **out,
                     cay_error_t **err) {
    cay_worker_options_t o;
    int rc = cay__options_copy(&o, sizeof o, options, sizeof(uint64_t), "cay_worker_options", err);
    if (rc) {
        return rc;
    }
    cay_plan_t p = {0};
    rc = cay__plan_make(&o, &p, err);
    if (rc == CAY_ENOMEM) {
        cay__error_set(err, rc, "out of memory for a worker");
    }
    rc = rc ? rc : spawn_begin(rt, err);
    if (rc == 0) {
        rc = spawn_planned(rt, &o, &p, out, err);
        spawn_end(rt);
    }
    cay__plan_clear(&p);
    return rc;
}

int cay_worker_revoke(cay_worker_t *worker, cay_kind_t kind, const char *value, cay_error_t **err) {
    struct cay_authority *a = cay__worker_authority(worker);
    return a ? cay__authority_revoke(a, kind, value, err)
             : cay__error_set(err, CAY_ENOTSUP, "the handle was made by no runtime");
}

/* ---- figures and the end ---- */

int cay_runtime_stats(cay_runtime_t *rt, cay_runtime_stats_t *stats) {
    cay_runtime_stats_t s = {0};
    uint64_t size = stats->size;
    if (size < sizeof size || size > 65536) {
        return CAY_EINVAL;
    }
    s.size = size;
    rt->provider->stats(rt->self, &s);
    memcpy(stats, &s, size < sizeof s ? size : sizeof s);
    if (size > sizeof s) { /* a newer caller's figures */
        memset((char *)stats + sizeof s, 0, size - sizeof s);
    }
    return 0;
}

/* No spawn is under way from here on. */
static void stop_spawning(cay_runtime_t *rt) {
    cay__mutex_lock(&rt->lock);
    rt->closing = true;
    while (rt->spawning) {
        cay__cond_wait(&rt->changed, &rt->lock);
    }
    cay__mutex_unlock(&rt->lock);
}

/* Delivers what waits for callbacks. Of several shutdowns one does it, and the others wait for that. */
static void retire_dispatcher(cay_runtime_t *rt) {
    cay__mutex_lock(&rt->lock);
    while (rt->retiring) {
        cay__cond_wait(&rt->changed, &rt->lock);
    }
    cay_dispatcher_t *d = cay_steal(&rt->dispatcher);
    rt->retiring = d != NULL;
    cay__mutex_unlock(&rt->lock);
    if (d) {
        cay__dispatcher_free(d);
        cay__mutex_lock(&rt->lock);
        rt->retiring = false;
        cay__cond_broadcast(&rt->changed);
        cay__mutex_unlock(&rt->lock);
    }
}

int cay_runtime_shutdown(cay_runtime_t *rt, int64_t deadline_ms, uint64_t *left) {
    stop_spawning(rt);
    rt->provider->close(rt->self);
    uint64_t n = rt->provider->wait(rt->self, cay__clock_deadline(deadline_ms));
    if (left) {
        *left = n;
    }
    if (n) {
        return CAY_ETIMEDOUT;
    }
    retire_dispatcher(rt);
    cay__mutex_lock(&rt->lock);
    rt->down = true;
    cay__mutex_unlock(&rt->lock);
    return 0;
}

int cay_runtime_free(cay_runtime_t *rt) {
    if (!rt) {
        return 0;
    }
    cay__mutex_lock(&rt->lock);
    bool down = rt->down;
    cay__mutex_unlock(&rt->lock);
    if (!down) {
        return CAY_EBUSY;
    }
    rt->provider->free(rt->self);
    cay__cond_destroy(&rt->changed);
    cay__mutex_destroy(&rt->lock);
    cay__free(rt);
    return 0;
}
