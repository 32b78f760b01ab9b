/* SPDX-License-Identifier: MIT */
#include "port/source.h"

#include "base/mem.h"

void cay__source_free(cay_source_t *s) {
    if (s) {
        cay__free(s->specifier);
        cay__free(s->referrer);
        cay__free(s->url);
        cay__free(s->answer_url);
        cay__free(s->text);
        cay__free(s->rejected);
        cay__free(s);
    }
}

cay_source_t *cay__source_new(const char *specifier, const char *referrer, const char *url,
                              bool json) {
    cay_source_t *s = CAY_NEW(cay_source_t);
    if (!s) {
        return NULL;
    }
    s->json = json;
    s->specifier = cay__strdup(specifier);
    s->referrer = cay__strdup(referrer);
    s->url = url ? cay__strdup(url) : NULL;
    if (!s->specifier || !s->referrer || (url && !s->url)) {
        cay__source_free(s);
        return NULL;
    }
    return s;
}

const char *cay_source_specifier(const cay_source_t *s) {
    return s->specifier;
}

const char *cay_source_referrer(const cay_source_t *s) {
    return s->referrer;
}

const char *cay_source_url(const cay_source_t *s) {
    return s->url;
}

const char *cay_source_type(const cay_source_t *s) {
    return s->json ? "json" : "javascript";
}

int cay_source_reply(cay_source_t *s, const char *url, const char *text, size_t len) {
    int rc = text ? 0 : CAY_EINVAL;
    if (rc == 0) {
        s->text = cay__strndup(text, len);
        s->len = len;
        s->answer_url = url ? cay__strdup(url) : NULL;
        rc = s->text && (!url || s->answer_url) ? 0 : CAY_ENOMEM;
    }
    if (rc) {
        s->failed = true;
        s->rejected = cay__strdup(cay_error_text(rc));
    }
    s->answered(s);
    return rc;
}

void cay_source_reject(cay_source_t *s, const char *message) {
    s->failed = true;
    s->rejected = cay__strdup(message ? message : "the host refused it");
    s->answered(s);
}

void cay_source_pass(cay_source_t *s) {
    s->pass = true;
    s->answered(s);
}
