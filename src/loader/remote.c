/* SPDX-License-Identifier: MIT */
/* Modules over http and https: permission, lock file, cache, request, and what is asked of the answer.
 *
 *     permission ──► the lock file knows it ──► cache ──► admitted
 *                                                 └─────► waiting ──► under way ──► admitted ──► cache
 *
 * A remote is the loader's from begin to end. The I/O thread fills it in and posts it; a revocation of the
 * import permission marks it and posts it. Once cay__http_get_free and cay__use_end have returned neither
 * happens any more, so no references are counted. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "loader/cache.h"
#include "loader/internal.h"
#include "url/url.h"
#include "worker/net.h"

#define MAX_CACHED ((uint64_t)256 << 20) /* bytes that one group may put into the cache */

struct remote {
    answer_t answer; /* first: the answer is the remote */
    cay_link_t link; /* loader.remotes or loader.waiting_remotes */
    answers_t *answers;
    entry_t *entry;
    char *url;            /* what is requested: without a fragment */
    const char *fragment; /* in the entry's URL: "" or "#..." */
    char *host;
    int port;
    bool own_host_free; /* the creator of a root asked for that host: it needs no grant */
    cay_net_judge_t judge;
    cay_use_t use;
    cay_http_get_t *get; /* NULL while it waits */
    atomic_bool revoked;

    /* Written by the I/O thread before it posts; the texts are the request's. */
    cay_http_got_t got;
    cay_error_t *err;
};

/* Code that came, from the net or the cache. */
typedef struct found {
    const char *final, *content_type, *sri, *data;
    size_t len;
} found_t;

static void remote_free(remote_t *r) {
    cay__http_get_free(r->get);
    cay__use_end(&r->use);
    cay__answers_withdraw(r->answers, &r->answer);
    cay__answers_unref(r->answers);
    cay__list_remove(&r->link);
    cay__free(r->url);
    cay__free(r->host);
    cay_error_free(r->err);
    cay__free(r);
}

/* ---- permission ---- */

static bool is_own_host(const remote_t *r, const char *host, int port) {
    return port == r->port && strcmp(host, r->host) == 0;
}

static cay_ask_t ask_of(const char *host, int port) {
    return (cay_ask_t){.kind = CAY_KIND_IMPORT, .value = host, .len = strlen(host), .port = port};
}

/* The host that was asked for was judged, and audited, when the use of its grant began; here it is looked at whether
 * it still holds, as the request may have waited. */
static int judge_name(void *ctx, const char *host, int port, cay_error_t **err) {
    remote_t *r = ctx;
    cay_ask_t ask = ask_of(host, port);
    if (is_own_host(r, host, port) &&
        (r->own_host_free || cay__authority_has(r->judge.authority, &ask))) {
        return 0;
    }
    return cay__net_judge.name(&r->judge, host, port, err);
}

static int judge_address(void *ctx, const char *host, int port, const struct sockaddr *sa,
                         cay_error_t **err) {
    remote_t *r = ctx;
    bool is_free = r->own_host_free && is_own_host(r, host, port);
    return is_free ? 0 : cay__net_judge.address(&r->judge, host, port, sa, err);
}

static const cay_http_judge_t judge = {.name = judge_name, .address = judge_address};

static void on_revoked(cay_use_t *use) {
    remote_t *r = CAY_CONTAINER(use, remote_t, use);
    atomic_store(&r->revoked, true);
    (void)cay__answers_post(r->answers, &r->answer); /* refused: it is being freed */
}

static int begin_use(loader_t *l, remote_t *r, cay_error_t **err) {
    cay_authority_t *authority = cay__entry_authority(l, r->entry);
    r->judge.kind = CAY_KIND_IMPORT;
    r->judge.authority = authority ? authority : l->agent->authority;
    r->own_host_free = !authority;
    if (!authority) {
        return 0;
    }
    cay_ask_t ask = ask_of(r->host, r->port);
    r->use.revoked = on_revoked;
    return cay__use_begin(authority, &r->use, &ask, NULL, err);
}

/* Where redirects led to, when that was long ago (the cache) or may have been revoked meanwhile. */
static int check_final(const remote_t *r, const char *final, cay_error_t **err) {
    CAY_AUTOFREE char *host = NULL;
    int port;
    int rc = cay__net_ask_of(final, &host, &port, err);
    if (rc || is_own_host(r, host, port)) {
        return rc;
    }
    cay_ask_t ask = ask_of(host, port);
    return cay__authority_check(r->judge.authority, &ask, NULL, err);
}

/* ---- the beginning ---- */

static int read_url(remote_t *r, cay_error_t **err) {
    cay_url_t *u = NULL;
    const char *text = r->entry->url;
    int rc = cay__url_parse(text, strlen(text), NULL, &u, err);
    if (rc) {
        return rc;
    }
    if (cay__url_username(u).len || cay__url_password(u).len) {
        rc = cay__error_set(err, CAY_EINVAL,
                            "a URL with a user name or password cannot be imported");
    }
    r->fragment = text + strcspn(text, "#");
    r->url = cay__strndup(text, (size_t)(r->fragment - text));
    cay__url_free(u);
    rc = rc ? rc : r->url ? cay__net_ask_of(r->url, &r->host, &r->port, err) : CAY_ENOMEM;
    return rc;
}

static void take(loader_t *l, answer_t *a);

static void drop(answer_t *a) {
    (void)a; /* the loader's list has it */
}

static remote_t *remote_new(loader_t *l, entry_t *e) {
    remote_t *r = CAY_NEW(remote_t);
    if (r) {
        cay__list_init(&r->link);
        cay__list_init(&r->answer.link);
        r->answer.take = take;
        r->answer.drop = drop;
        r->answers = cay__answers_ref(l->answers);
        r->entry = e;
    }
    return r;
}

/* ---- the end ---- */

/* All that is asked of code before it is compiled. The lock file comes last, as it may take it in. */
static int admit(const loader_t *l, const remote_t *r, const found_t *f, cay_error_t **err) {
    cay_lock_t *lock = l->agent->group->lock_file;
    int rc = check_final(r, f->final, err);
    rc = rc ? rc : cay__check_mime(f->content_type, r->entry->type, err);
    rc = rc ? rc : cay__check_integrity(l, r->entry->url, f->data, f->len, err);
    return rc == 0 && lock ? cay__lock_check(lock, r->url, f->final, f->sri, err) : rc;
}

/* The module's URL is where it came from, with the fragment it was asked with. */
static int use_text(loader_t *l, const remote_t *r, const found_t *f) {
    entry_t *e = r->entry;
    if (strcmp(f->final, r->url) != 0) {
        char *url = cay__asprintf("%s%s", f->final, r->fragment);
        int rc = url ? cay__entry_name(l, e, url) : CAY_ENOMEM;
        if (rc) {
            return rc;
        }
    }
    if (!e->alias) {
        cay__entry_text(l, e, f->data, f->len);
    }
    return 0;
}

/* A guest may import ever new URLs: what a group puts on the disk is bounded. */
static void keep(const loader_t *l, const remote_t *r, const found_t *f) {
    const char *dir = l->agent->env->services->cache_dir;
    _Atomic uint64_t *kept = &l->agent->group->cached_bytes;
    uint64_t size = f->len + CAY_CACHE_HEAD;
    if (!dir) {
        return;
    }
    if (atomic_fetch_add_explicit(kept, size, memory_order_relaxed) > MAX_CACHED - size ||
        cay__cache_put(dir, r->url, f->final, f->content_type, f->sri, f->data, f->len, NULL)) {
        atomic_fetch_sub_explicit(kept, size,
                                  memory_order_relaxed); /* it is fetched another time */
    }
}

static int finish(loader_t *l, remote_t *r, cay_error_t **err) {
    if (atomic_load(&r->revoked)) {
        return cay__error_set(err, CAY_EPERM, "import access to \"%.300s:%d\" was revoked", r->host,
                              r->port);
    }
    const cay_http_got_t *got = &r->got;
    if (got->rc) {
        *err = cay_steal(&r->err);
        return got->rc;
    }
    if (got->status < 200 || got->status > 299) {
        return cay__error_set(err, CAY_ENOTFOUND, "the server answered with status %u",
                              got->status);
    }
    char sri[CAY_SRI_SIZE];
    found_t f = {got->url, got->content_type, sri, got->data, got->len};
    int rc = cay__sri_sha256(f.data, f.len, sri);
    rc = rc ? rc : admit(l, r, &f, err);
    if (rc == 0) {
        keep(l, r, &f);
        rc = use_text(l, r, &f);
    }
    return rc;
}

/* ---- requests ---- */

/* I/O thread. */
static void done(void *ctx, const cay_http_got_t *got) {
    remote_t *r = ctx;
    r->got = *got;
    if (got->err) {
        cay__error_set(&r->err, got->rc, "%s", cay_error_message(got->err));
    }
    (void)cay__answers_post(r->answers, &r->answer); /* refused: it is being freed */
}

static int start(loader_t *l, remote_t *r, cay_error_t **err) {
    static const cay_http_header_t accept[] = {{"accept", "*/*"},
                                               {"accept", "application/json,*/*;q=0.5"}};
    cay_http_client_t *client = cay__agent_http(l->agent);
    if (!client) {
        return CAY_ENOMEM;
    }
    int rc = cay__http_get(client, r->url, &accept[r->entry->type == ENG_MODULE_JSON], 1,
                           MAX_SOURCE, &judge, r, done, r, &r->get, err);
    if (rc == 0) {
        cay__list_push(&l->remotes, &r->link);
        l->remote_count++;
    }
    return rc;
}

/* The token is there before the answer can be. */
static int enlist(loader_t *l, remote_t *r, cay_error_t **err) {
    cay__group_hold(l->agent->group);
    l->open_requests++;
    if (l->remote_count >= MAX_REMOTES) {
        cay__list_push(&l->waiting_remotes, &r->link);
        return 0;
    }
    int rc = start(l, r, err);
    if (rc) {
        l->open_requests--;
        cay__group_release(l->agent->group, 1);
    }
    return rc;
}

static void fail(remote_t *r, int rc, cay_error_t *err) {
    cay__entry_fail(r->entry, "TypeError", err ? cay_error_message(err) : cay_error_text(rc));
    cay_error_free(err);
}

/* There is room for those that wait. */
static void start_waiting(loader_t *l) {
    while (l->remote_count < MAX_REMOTES && !cay__list_empty(&l->waiting_remotes)) {
        remote_t *r = CAY_CONTAINER(cay__list_shift(&l->waiting_remotes), remote_t, link);
        cay_error_t *err = NULL;
        if (atomic_load(&r->revoked)) { /* its answer is on the way */
            cay__list_push(&l->remotes, &r->link);
            continue;
        }
        int rc = start(l, r, &err);
        if (rc) {
            fail(r, rc, err);
            remote_free(r);
            l->open_requests--;
            cay__group_release(l->agent->group, 1);
        }
    }
}

/* It is here, or its permission was revoked: then it may still go on, and nothing of it is looked at. */
static void take(loader_t *l, answer_t *a) {
    remote_t *r = (remote_t *)a;
    cay_error_t *err = NULL;
    l->remote_count -= r->get != NULL;
    cay__use_end(&r->use);
    int rc = finish(l, r, &err);
    if (rc) {
        fail(r, rc, err);
    }
    remote_free(r);
    start_waiting(l);
}

/* ---- the cache ---- */

/* CAY_ENOTFOUND: it is not there. *err is set when there is more to tell than that. */
static int load_cached(loader_t *l, remote_t *r, cay_error_t **err) {
    const char *dir = l->agent->env->services->cache_dir;
    cay_cached_t c;
    if (!dir || (l->agent->group->flags & CAY_WORKER_RELOAD)) {
        return CAY_ENOTFOUND;
    }
    cay_error_t *why = NULL;
    int rc = cay__cache_get(dir, r->url, MAX_SOURCE, &c, &why);
    if (rc) {
        if (rc == CAY_EPERM) {
            cay__error_set(err, rc, "%s", cay_error_message(why));
        }
        cay_error_free(why);
        return rc;
    }
    found_t f = {c.final, c.content_type, c.sri, c.data, c.len};
    rc = admit(l, r, &f, err);
    rc = rc ? rc : use_text(l, r, &f);
    cay__cached_clear(&c);
    return rc;
}

static int not_cached(const cay_error_t *why, cay_error_t **err) {
    return why ? cay__error_set(err, CAY_ENOTFOUND,
                                "only cached code is to be used, and this cannot be: %s",
                                cay_error_message(why))
               : cay__error_set(err, CAY_ENOTFOUND,
                                "only cached code is to be used, and it is not in the cache");
}

/* true: the entry is loaded, or *rc tells why it cannot be. */
static bool try_cache(loader_t *l, remote_t *r, int *rc, cay_error_t **err) {
    cay_error_t *why = NULL;
    *rc = load_cached(l, r, &why);
    bool over = *rc == 0;
    if (!over && (l->agent->group->flags & CAY_WORKER_CACHED_ONLY)) {
        *rc = not_cached(why, err);
        over = true;
    }
    cay_error_free(why);
    return over;
}

int cay__remote_load(loader_t *l, entry_t *e, cay_error_t **err) {
    remote_t *r = remote_new(l, e);
    if (!r) {
        return CAY_ENOMEM;
    }
    cay_lock_t *lock = l->agent->group->lock_file;
    int rc = read_url(r, err);
    rc = rc ? rc : begin_use(l, r, err);
    rc = rc == 0 && lock ? cay__lock_knows(lock, r->url, err) : rc;
    if (rc == 0 && !try_cache(l, r, &rc, err)) {
        rc = enlist(l, r, err);
        if (rc == 0) {
            return 0;
        }
    }
    remote_free(r);
    return rc;
}

static void free_all(cay_link_t *list) {
    while (!cay__list_empty(list)) {
        remote_free(CAY_CONTAINER(list->next, remote_t, link));
    }
}

void cay__remotes_end(loader_t *l) {
    free_all(&l->remotes);
    free_all(&l->waiting_remotes);
}
