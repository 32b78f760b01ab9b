/* SPDX-License-Identifier: MIT */
/* Modules from the host's callback. The request may outlive the worker, so it is on its own once asked. */
#include <string.h>

#include "base/mem.h"
#include "loader/internal.h"
#include "port/source.h"
#include "url/url.h"

typedef struct host_ask {
    answer_t answer; /* first: the answer is the question */
    answers_t *answers;
    cay_source_t *source;
    entry_t *entry; /* the loader's: alive as long as an answer is taken */
} host_ask_t;

static void ask_free(host_ask_t *q) {
    cay__source_free(q->source);
    cay__answers_unref(q->answers);
    cay__free(q);
}

static void drop(answer_t *a) {
    ask_free((host_ask_t *)a);
}

/* Any thread. */
static void answered(cay_source_t *s) {
    host_ask_t *q = s->ctx;
    if (!cay__answers_post(q->answers, &q->answer)) {
        ask_free(q);
    }
}

/* The URL as the parser writes it; NULL with *rc: CAY_EINVAL (no URL), CAY_ENOMEM. */
static char *url_normal(const char *text, int *rc) {
    cay_url_t *url = NULL;
    *rc = cay__url_parse(text, strlen(text), NULL, &url, NULL);
    if (*rc) {
        *rc = *rc == CAY_ENOMEM ? CAY_ENOMEM : CAY_EINVAL;
        return NULL;
    }
    char *out = cay__strndup(url->href, url->href_len);
    cay__url_free(url);
    *rc = out ? 0 : CAY_ENOMEM;
    return out;
}

/* The name of a module that the host answered with; NULL with *rc. */
static char *answer_url(const entry_t *e, const cay_source_t *s, int *rc) {
    *rc = CAY_ENOMEM;
    return s->answer_url ? url_normal(s->answer_url, rc)
           : e->url      ? cay__strdup(e->url)
                         : cay__asprintf("cay:%s", e->specifier);
}

static int name_entry(loader_t *l, entry_t *e, const cay_source_t *s, cay_error_t **err) {
    int rc = e->url ? cay__check_integrity(l, e->url, s->text, s->len, err) : 0;
    if (rc) {
        return rc;
    }
    char *url = answer_url(e, s, &rc);
    return url ? cay__entry_name(l, e, url) : rc;
}

static void take_text(loader_t *l, entry_t *e, const cay_source_t *s) {
    cay_error_t *err = NULL;
    int rc = name_entry(l, e, s, &err);
    if (rc == CAY_EINVAL) {
        CAY_AUTOFREE char *m =
            cay__asprintf("the host named it \"%.300s\", which is no URL", s->answer_url);
        cay__entry_fail(e, "TypeError", m ? m : "the host gave no URL");
    } else if (rc) {
        cay__entry_fail(e, "TypeError", err ? cay_error_message(err) : cay_error_text(rc));
    } else if (!e->alias) {
        cay__entry_text(l, e, s->text, s->len);
    }
    cay_error_free(err);
}

static void take(loader_t *l, answer_t *a) {
    host_ask_t *q = (host_ask_t *)a;
    const cay_source_t *s = q->source;
    entry_t *e = q->entry;
    if (s->failed) {
        cay__entry_fail(e, "TypeError", s->rejected ? s->rejected : cay_error_text(CAY_ENOMEM));
    } else if (!s->pass) {
        take_text(l, e, s);
    } else if (!e->url) {
        cay__entry_fail(e, "TypeError", "it is a bare specifier, and the host does not know it");
    } else {
        cay__source_load(l, e);
    }
    ask_free(q);
}

int cay__host_ask(loader_t *l, entry_t *e) {
    cay_group_t *g = l->agent->group;
    host_ask_t *q = CAY_NEW(host_ask_t);
    if (!q) {
        return CAY_ENOMEM;
    }
    cay_source_t *s = q->source =
        cay__source_new(e->specifier, e->referrer, e->url, e->type == ENG_MODULE_JSON);
    if (!s) {
        cay__free(q);
        return CAY_ENOMEM;
    }
    cay__list_init(&q->answer.link);
    q->answer.take = take;
    q->answer.drop = drop;
    q->answers = cay__answers_ref(l->answers);
    q->entry = e;
    s->ctx = q;
    s->answered = answered;
    l->open_requests++;
    cay__group_hold(g);
    g->on_source(s, g->source_user);
    return 0;
}
