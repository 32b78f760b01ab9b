/* SPDX-License-Identifier: MIT */
/* The runtime: checks what the host asks for, makes the handles, and lets a provider give them a body. */
#include "cay/runtime.h"

#include <stdatomic.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/thread.h"
#include "port/port.h"
#include "runtime/options.h"
#include "runtime/provider.h"
#include "url/url.h"

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

/* Strings made out of the options. */
typedef struct plan {
    char *url;
    char *root;
} plan_t;

static void plan_clear(plan_t *p) {
    cay__free(p->url);
    cay__free(p->root);
}

static char *href_of(cay_url_t *u) {
    cay_url_part_t part = cay__url_get(u, CAY_URL_HREF);
    char *out = cay__strndup(part.ptr, part.len);
    cay__url_free(u);
    return out;
}

/* Whatever is wrong with the URL or the path, the option is what the caller got wrong. */
static int bad_place(cay_error_t **err, int rc, const char *option) {
    if (rc == CAY_ENOMEM) {
        return rc;
    }
    CAY_AUTOFREE char *why =
        cay__strdup(err && *err ? cay_error_message(*err) : cay_error_text(rc));
    return cay__error_set(err, CAY_EINVAL, "%s: %s", option, why ? why : cay_error_text(rc));
}

static int plan_file(const cay_worker_options_t *o, plan_t *p, cay_error_t **err) {
    CAY_AUTOFREE char *path = cay__path_absolute(o->main_file);
    cay_url_t *u = NULL;
    int rc = path ? cay__url_from_path(path, &u, err) : CAY_ENOMEM;
    if (rc) {
        return bad_place(err, rc, "cay_worker_options.main_file");
    }
    p->url = href_of(u);
    if (!o->module_root) {
        p->root = cay__path_dir(path);
    }
    return p->url && (o->module_root || p->root) ? 0 : CAY_ENOMEM;
}

static int plan_url(const cay_worker_options_t *o, plan_t *p, cay_error_t **err) {
    const char *text = o->main_url ? o->main_url : "cay:main";
    cay_url_t *u = NULL;
    int rc = cay__url_parse(text, strlen(text), NULL, &u, err);
    if (rc) {
        return bad_place(err, rc, "cay_worker_options.main_url");
    }
    if (cay__url_scheme_is(u, "file") && !o->module_root && !o->main_source) {
        CAY_AUTOFREE char *path = NULL;
        rc = cay__url_to_path(u, &path, err);
        p->root = path ? cay__path_dir(path) : NULL;
    }
    p->url = href_of(u);
    return rc ? bad_place(err, rc, "cay_worker_options.main_url") : p->url ? 0 : CAY_ENOMEM;
}

static int plan_make(const cay_worker_options_t *o, plan_t *p, cay_error_t **err) {
    if (o->module_root && !(p->root = cay__path_absolute(o->module_root))) {
        return CAY_ENOMEM;
    }
    return o->main_file ? plan_file(o, p, err) : plan_url(o, p, err);
}

static int text_ok(const char *s, const char *what, cay_error_t **err) {
    if (s && cay__utf8_valid(s, strlen(s)) != strlen(s)) {
        return cay__error_set(err, CAY_EINVAL, "%s: not valid UTF-8", what);
    }
    return 0;
}

static int check(const cay_worker_options_t *o, cay_error_t **err) {
    if (!o->main_file && !o->main_url && !o->main_source) {
        return cay__error_set(
            err, CAY_EINVAL,
            "cay_worker_options: one of main_file, main_url, main_source is needed");
    }
    if (o->main_file && (o->main_url || o->main_source)) {
        return cay__error_set(
            err, CAY_EINVAL,
            "cay_worker_options.main_file: goes with neither main_url nor main_source");
    }
    if (o->main_source_len && !o->main_source) {
        return cay__error_set(err, CAY_EINVAL,
                              "cay_worker_options.main_source_len: no main_source");
    }
    if (o->uncaught > CAY_UNCAUGHT_TERMINATE) {
        return cay__error_set(err, CAY_EINVAL, "cay_worker_options.uncaught: %llu is unknown",
                              (unsigned long long)o->uncaught);
    }
    if (o->flags & ~(uint64_t)CAY_WORKER_CLOSE_WHEN_QUIET) {
        return cay__error_set(err, CAY_EINVAL, "cay_worker_options.flags: 0x%llx has unknown bits",
                              (unsigned long long)o->flags);
    }
    if (o->event_user_free && !o->on_event) {
        return cay__error_set(err, CAY_EINVAL, "cay_worker_options.event_user_free: no on_event");
    }
    int rc = text_ok(o->name, "cay_worker_options.name", err);
    for (size_t i = 0; rc == 0 && o->args && o->args[i]; i++) {
        rc = i < 256 ? text_ok(o->args[i], "cay_worker_options.args", err)
                     : cay__error_set(err, CAY_EINVAL, "cay_worker_options.args: more than 256");
    }
    return rc;
}

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

static int spawn_planned(cay_runtime_t *rt, const cay_worker_options_t *o, const plan_t *p,
                         cay_worker_t **out, cay_error_t **err) {
    cay_handles_options_t ho = CAY_HANDLES_OPTIONS_INIT;
    ho.name = o->name;
    cay_worker_t *worker;
    cay_inside_t *inside;
    int rc = cay_handles_new(&ho, &worker, &inside);
    if (rc) {
        return cay__error_set(err, rc, "out of memory for a worker");
    }
    hook_t *hook = NULL;
    if (o->on_event) {
        rc = hook_set(rt, o, worker, &hook);
    }
    cay_worker_options_t copy = *o;
    copy.module_root = p->root;
    cay_spawn_t spawn = {p->url, o->main_source, o->main_source_len, &copy};
    if (o->main_source && o->main_source_len == 0) {
        spawn.source_len = strlen(o->main_source);
    }
    rc = rc ? cay__error_set(err, rc, "no dispatcher thread for callbacks")
            : rt->provider->spawn(rt->self, &spawn, inside, err);
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
    rc = rc ? rc : check(&o, err);
    if (rc) {
        return rc;
    }
    plan_t p = {0};
    rc = plan_make(&o, &p, err);
    if (rc == CAY_ENOMEM) {
        cay__error_set(err, rc, "out of memory for a worker");
    }
    rc = rc ? rc : spawn_begin(rt, err);
    if (rc == 0) {
        rc = spawn_planned(rt, &o, &p, out, err);
        spawn_end(rt);
    }
    plan_clear(&p);
    return rc;
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
