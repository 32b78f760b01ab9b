/* SPDX-License-Identifier: MIT */
/* Where source text comes from: the host's callback first, then the built-in schemes. */
#include "port/source.h"

#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "loader/internal.h"
#include "os/file.h"
#include "url/url.h"

/* ---- the built-in schemes ---- */

static int read_file(cay_agent_t *a, const entry_t *e, const cay_url_t *url, char **text,
                     size_t *len, cay_error_t **err) {
    const char *root = a->group->module_root;
    if (!e->trusted && !root) {
        return cay__error_set(err, CAY_EPERM, "files cannot be imported here: no module root");
    }
    CAY_AUTOFREE char *path = NULL;
    int rc = cay__url_to_path(url, &path, err);
    return rc ? rc : cay__file_read(e->trusted ? NULL : root, path, MAX_SOURCE, text, len, err);
}

/* MIME Sniffing standard: the JavaScript types that are in use, and JSON. */
static bool mime_fits(const char *mime, eng_module_type_t type) {
    size_t n = strcspn(mime, "; ");
    static const char *const js[] = {"text/javascript", "application/javascript",
                                     "application/ecmascript", "text/ecmascript",
                                     "application/x-javascript"};
    if (type == ENG_MODULE_JSON) {
        return (n >= 5 && strncasecmp(mime + n - 5, "+json", 5) == 0) ||
               (n == 16 && strncasecmp(mime, "application/json", 16) == 0) ||
               (n == 9 && strncasecmp(mime, "text/json", 9) == 0);
    }
    for (size_t i = 0; i < CAY_COUNT(js); i++) {
        if (n == strlen(js[i]) && strncasecmp(mime, js[i], n) == 0) {
            return true;
        }
    }
    return false;
}

static int read_data(const entry_t *e, const cay_url_t *url, char **text, size_t *len,
                     cay_error_t **err) {
    CAY_AUTOFREE char *mime = NULL;
    uint8_t *bytes = NULL;
    int rc = cay__url_data(url, &mime, &bytes, len, err);
    if (rc) {
        return rc;
    }
    if (!mime_fits(mime, e->type)) {
        cay__free(bytes);
        return cay__error_set(err, CAY_EINVAL, "its type \"%.100s\" is not that of a %s module",
                              mime, e->type == ENG_MODULE_JSON ? "JSON" : "JavaScript");
    }
    *text = (char *)bytes;
    return 0;
}

int cay__source_read(cay_agent_t *a, const entry_t *e, char **text, size_t *len,
                     cay_error_t **err) {
    cay_url_t *url = NULL;
    int rc = cay__url_parse(e->url, strlen(e->url), NULL, &url, err);
    if (rc) {
        return rc;
    }
    if (cay__url_scheme_is(url, "file")) {
        rc = read_file(a, e, url, text, len, err);
    } else if (cay__url_scheme_is(url, "data")) {
        rc = read_data(e, url, text, len, err);
    } else {
        cay_url_part_t p = cay__url_get(url, CAY_URL_PROTOCOL);
        rc = cay__error_set(err, CAY_ENOTSUP, "modules of the scheme \"%.*s\" cannot be loaded",
                            (int)p.len, p.ptr);
    }
    cay__url_free(url);
    return rc;
}

/* ---- the host's callback ---- */

static void mailbox_unref(mailbox_t *m) {
    if (atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) == 1) {
        cay__mutex_destroy(&m->lock);
        cay__free(m);
    }
}

mailbox_t *cay__mailbox_new(cay_agent_t *a) {
    mailbox_t *m = CAY_NEW(mailbox_t);
    if (m) {
        atomic_init(&m->refs, 1);
        cay__mutex_init(&m->lock);
        cay__list_init(&m->answers);
        m->agent = a;
    }
    return m;
}

static void source_free(cay_source_t *s) {
    mailbox_unref(s->ctx);
    cay__source_free(s);
}

void cay__mailbox_close(mailbox_t *m) {
    cay_link_t rest;
    cay__list_init(&rest);
    cay__mutex_lock(&m->lock);
    m->agent = NULL;
    cay__list_splice(&rest, &m->answers);
    cay__mutex_unlock(&m->lock);
    for (cay_link_t *l; (l = cay__list_shift(&rest));) {
        source_free(CAY_CONTAINER(l, cay_source_t, link));
    }
    mailbox_unref(m);
}

cay_source_t *cay__mailbox_take(mailbox_t *m) {
    cay__mutex_lock(&m->lock);
    cay_link_t *l = cay__list_shift(&m->answers);
    cay__mutex_unlock(&m->lock);
    return l ? CAY_CONTAINER(l, cay_source_t, link) : NULL;
}

void cay__mailbox_done(cay_source_t *s) {
    source_free(s);
}

static void answered(cay_source_t *s) {
    mailbox_t *m = s->ctx;
    cay__mutex_lock(&m->lock);
    cay_agent_t *a = m->agent;
    if (a) {
        cay__list_push(&m->answers, &s->link);
        cay__note_push(a,
                       &a->load_note); /* under the lock, so that the agent cannot end in between */
    }
    cay__mutex_unlock(&m->lock);
    if (!a) {
        source_free(s);
    }
}

int cay__source_ask(loader_t *l, entry_t *e) {
    cay_group_t *g = l->agent->group;
    cay_source_t *s =
        cay__source_new(e->specifier, e->referrer, e->url, e->type == ENG_MODULE_JSON);
    if (!s) {
        return CAY_ENOMEM;
    }
    atomic_fetch_add_explicit(&l->mailbox->refs, 1, memory_order_relaxed);
    s->ctx = l->mailbox;
    s->tag = (uintptr_t)e;
    s->answered = answered;
    e->state = ENTRY_LOADING;
    l->open_requests++;
    cay__group_hold(g);
    g->on_source(s, g->source_user);
    return 0;
}
