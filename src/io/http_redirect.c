/* SPDX-License-Identifier: MIT */
/* The Fetch Standard's HTTP-redirect fetch, for what a worker is: no referrer, no CORS, but the same care for
 * credentials when the origin changes. */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "io/http_inner.h"

bool cay__redirect_is(uint32_t status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Location is bytes, told to us as Latin-1. Servers mean UTF-8 when they are valid as such. */
static int location_text(const char *value, char **out) {
    char *raw = cay__malloc(strlen(value) + 1);
    if (!raw) {
        return CAY_ENOMEM;
    }
    char *to = cay__http_latin1(raw, value);
    if (cay__utf8_valid(raw, (size_t)(to - raw)) == (size_t)(to - raw)) {
        *out = raw;
        return 0;
    }
    cay__free(raw);
    *out = cay__strdup(value);
    return *out ? 0 : CAY_ENOMEM;
}

static int next_url(const cay_http_t *h, cay_url_t **out, cay_error_t **err) {
    bool same;
    const char *value = cay__head_get(&h->head, "location", &same);
    CAY_AUTOFREE char *text = NULL;
    if (!value || !same) {
        return cay__error_set(err, CAY_ENET, "a redirect to more than one place");
    }
    if (location_text(value, &text)) {
        return cay__error_set(err, CAY_ENOMEM, "no memory for the redirect");
    }
    int rc = cay__url_parse(text, strlen(text), h->url, out, NULL);
    if (rc == CAY_ENOMEM) {
        return cay__error_set(err, rc, "no memory for the redirect");
    }
    if (rc) {
        return cay__error_set(err, CAY_ENET, "a redirect to what is no URL: \"%.200s\"", text);
    }
    if (!cay__url_scheme_is(*out, "http") && !cay__url_scheme_is(*out, "https")) {
        cay__url_free(*out);
        *out = NULL;
        return cay__error_set(err, CAY_ENET, "a redirect to another scheme: \"%.200s\"", text);
    }
    return 0;
}

typedef bool (*header_rule_t)(const char *name);

static bool is_of_body(const char *name) {
    return strncasecmp(name, "content-", 8) == 0;
}

static bool is_credential(const char *name) {
    return strcasecmp(name, "authorization") == 0 || strcasecmp(name, "cookie") == 0 ||
           strcasecmp(name, "cookie2") == 0 || strncasecmp(name, "proxy-", 6) == 0;
}

static void drop_headers(cay_http_t *h, header_rule_t drop) {
    size_t kept = 0;
    for (size_t i = 0; i < h->header_count; i++) {
        if (!drop(h->headers[i].name)) {
            h->headers[kept++] = h->headers[i];
        }
    }
    h->header_count = kept;
}

static int become_get(cay_http_t *h) {
    char *method = cay__strdup("GET");
    if (!method) {
        return CAY_ENOMEM;
    }
    cay__free(h->method);
    cay__free(h->body);
    h->method = method;
    h->body = NULL;
    h->body_len = 0;
    h->has_body = false;
    h->streaming = false;
    cay__body_refuse(h);
    drop_headers(h, is_of_body);
    return 0;
}

static int apply_method(cay_http_t *h, cay_error_t **err) {
    uint32_t status = h->head.status;
    bool post = strcmp(h->method, "POST") == 0;
    bool plain = strcmp(h->method, "GET") == 0 || strcmp(h->method, "HEAD") == 0;
    if (((status == 301 || status == 302) && post) || (status == 303 && !plain)) {
        return become_get(h) ? cay__error_set(err, CAY_ENOMEM, "no memory for the redirect") : 0;
    }
    if (h->streaming) {
        return cay__error_set(err, CAY_ENET,
                              "a redirect (%u) wants the body again, but it was streamed", status);
    }
    return 0;
}

int cay__redirect_apply(cay_http_t *h, cay_error_t **err) {
    cay_url_t *url = NULL;
    if (h->redirects >= h->o.max_redirects) {
        return cay__error_set(err, CAY_ENET, "more than %u redirects", h->o.max_redirects);
    }
    int rc = next_url(h, &url, err);
    rc = rc ? rc : apply_method(h, err);
    if (rc) {
        cay__url_free(url);
        return rc;
    }
    /* Credentials in the new URL are dropped with the rest of it (cay__request_target). */
    if (!cay__url_same_origin(h->url, url)) {
        drop_headers(h, is_credential);
    }
    cay__url_free(h->url);
    h->url = url;
    h->redirects++;
    return cay__request_target(h, err);
}
