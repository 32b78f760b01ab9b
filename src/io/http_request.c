/* SPDX-License-Identifier: MIT */
/* What was asked for: checked, and copied into the request. */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/http_inner.h"

/* Bounds on what a guest makes us carry, those of responses four times over. */
#define FIELDS_MAX ((size_t)CAY_HEAD_FIELDS)
#define BYTES_MAX  (4 * CAY_HEAD_BYTES)

static int check_method(const char *m, cay_error_t **err) {
    static const char *const refused[] = {"CONNECT", "TRACE", "TRACK"};
    if (!m || !cay__http_is_token(m, strlen(m)) || strlen(m) > 64) {
        return cay__error_set(err, CAY_EINVAL, "the method is no token");
    }
    for (size_t i = 0; i < CAY_COUNT(refused); i++) {
        if (strcasecmp(m, refused[i]) == 0) {
            return cay__error_set(err, CAY_EINVAL, "the method %s is not allowed", m);
        }
    }
    return 0;
}

static int check_body(const cay_http_options_t *o, cay_error_t **err) {
    bool bodyless = strcmp(o->method, "GET") == 0 || strcmp(o->method, "HEAD") == 0;
    if (bodyless && (o->body || o->streamed_body)) {
        return cay__error_set(err, CAY_EINVAL, "a %s request has no body", o->method);
    }
    if (o->body && o->streamed_body) {
        return cay__error_set(err, CAY_EINVAL, "a body is given and streamed");
    }
    return 0;
}

static int check_header(const cay_http_header_t *f, cay_error_t **err) {
    if (!f->name || !cay__http_is_token(f->name, strlen(f->name))) {
        return cay__error_set(err, CAY_EINVAL, "header \"%.64s\": the name is no token",
                              f->name ? f->name : "");
    }
    if (!f->value || !cay__http_is_value(f->value, strlen(f->value))) {
        return cay__error_set(err, CAY_EINVAL, "header \"%.64s\": the value is none of a header",
                              f->name);
    }
    if (cay__http_is_transport_field(f->name, strlen(f->name))) {
        return cay__error_set(err, CAY_EINVAL, "header \"%.64s\" is the transport's", f->name);
    }
    return 0;
}

static int check_headers(const cay_http_options_t *o, size_t *bytes, cay_error_t **err) {
    *bytes = 0;
    for (size_t i = 0; i < o->header_count; i++) {
        int rc = check_header(&o->headers[i], err);
        if (rc) {
            return rc;
        }
        *bytes += strlen(o->headers[i].name) + strlen(o->headers[i].value) + 2;
        if (*bytes > BYTES_MAX || o->header_count > FIELDS_MAX) {
            return cay__error_set(err, CAY_ELIMIT, "headers over %zu bytes or %zu fields",
                                  BYTES_MAX, FIELDS_MAX);
        }
    }
    return 0;
}

static bool names(const char *a, const char *b) {
    return strcasecmp(a, b) == 0;
}

/* The value of Authorization that credentials in a URL become (RFC 7617); NULL in *out when there are none. */
static int basic_credentials(const cay_url_t *u, char **out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    cay_url_part_t user = cay__url_username(u), pass = cay__url_password(u);
    cay_buf_t plain = CAY_BUF_INIT, text = CAY_BUF_INIT;
    *out = NULL;
    if (!user.len && !pass.len) {
        return 0;
    }
    cay__pct_decode(&plain, user.ptr, user.len);
    cay__buf_u8(&plain, ':');
    cay__pct_decode(&plain, pass.ptr, pass.len);
    cay__buf_str(&text, "Basic ");
    for (size_t i = 0; i < plain.len && !plain.failed; i += 3) {
        size_t left = plain.len - i;
        uint32_t bits = (uint32_t)plain.data[i] << 16;
        bits |= left > 1 ? (uint32_t)plain.data[i + 1] << 8 : 0;
        bits |= left > 2 ? (uint32_t)plain.data[i + 2] : 0;
        cay__buf_u8(&text, (uint8_t)digits[bits >> 18]);
        cay__buf_u8(&text, (uint8_t)digits[(bits >> 12) & 63]);
        cay__buf_u8(&text, left > 1 ? (uint8_t)digits[(bits >> 6) & 63] : '=');
        cay__buf_u8(&text, left > 2 ? (uint8_t)digits[bits & 63] : '=');
    }
    text.failed = text.failed || plain.failed;
    cay__buf_free(&plain);
    *out = cay__buf_take_str(&text);
    return *out ? 0 : CAY_ENOMEM;
}

static int copy_headers(cay_http_t *h, const cay_http_options_t *o, size_t bytes) {
    CAY_AUTOFREE char *basic = NULL;
    bool given = false;
    for (size_t i = 0; i < o->header_count; i++) {
        given = given || names(o->headers[i].name, "authorization");
    }
    if (!given && basic_credentials(h->url, &basic)) {
        return CAY_ENOMEM;
    }
    size_t count = o->header_count + (basic ? 1 : 0);
    bytes += basic ? strlen(basic) + sizeof "Authorization" + 1 : 0;
    h->headers = cay__malloc(count * sizeof *h->headers + bytes);
    if (!h->headers) {
        return CAY_ENOMEM;
    }
    char *text = (char *)(h->headers + count);
    for (size_t i = 0; i < count; i++) {
        bool ours = i == o->header_count;
        h->headers[i].name = text;
        text = stpcpy(text, ours ? "Authorization" : o->headers[i].name) + 1;
        h->headers[i].value = text;
        text = cay__http_latin1(text, ours ? basic : o->headers[i].value) + 1;
    }
    h->header_count = count;
    return 0;
}

static int copy_body(cay_http_t *h, const cay_http_options_t *o) {
    h->has_body = o->body != NULL;
    h->body_len = o->body ? o->body_len : 0;
    if (h->body_len && !(h->body = cay__memdup(o->body, h->body_len))) {
        return CAY_ENOMEM;
    }
    h->method = cay__strdup(o->method);
    return h->method ? 0 : CAY_ENOMEM;
}

int cay__request_target(cay_http_t *h, cay_error_t **err) {
    cay_url_part_t host = cay__url_hostname(h->url), where = cay__url_host(h->url);
    cay_url_part_t path = cay__url_pathname(h->url), query = cay__url_search(h->url);
    cay_url_part_t scheme = cay__url_protocol(h->url);
    if (!cay__url_scheme_is(h->url, "http") && !cay__url_scheme_is(h->url, "https")) {
        return cay__error_set(err, CAY_ENOTSUP, "\"%.*s\" is not supported: http and https are",
                              (int)(scheme.len < 64 ? scheme.len : 64), scheme.ptr);
    }
    cay_buf_t b = CAY_BUF_INIT;
    cay__buf_put(&b, scheme.ptr, scheme.len);
    cay__buf_str(&b, "//");
    cay__buf_put(&b, where.ptr, where.len);
    cay__buf_put(&b, path.ptr, path.len);
    cay__buf_put(&b, query.ptr, query.len);
    cay__free(h->wire_url);
    cay__free(h->host);
    h->wire_url = cay__buf_take_str(&b);
    h->host = cay__strndup(host.ptr, host.len);
    h->port = cay__url_effective_port(h->url);
    if (!h->wire_url || !h->host) {
        return cay__error_set(err, CAY_ENOMEM, "no memory for the URL");
    }
    return 0;
}

static int parse_url(cay_http_t *h, const char *url, cay_error_t **err) {
    if (!url) {
        return cay__error_set(err, CAY_EINVAL, "no URL");
    }
    int rc = cay__url_parse(url, strlen(url), NULL, &h->url, err);
    if (rc == CAY_EFORMAT) {
        CAY_AUTOFREE char *why = err ? cay__strdup(cay_error_message(*err)) : NULL;
        if (err) {
            cay_error_free(*err);
            *err = NULL;
        }
        return cay__error_set(err, CAY_EINVAL, "%s", why ? why : "the URL does not parse");
    }
    return rc ? rc : cay__request_target(h, err);
}

int cay__request_parse(cay_http_t *h, const cay_http_options_t *o, cay_error_t **err) {
    size_t bytes;
    if (!o->judge || !o->judge->name || !o->judge->address || !o->head || !o->done) {
        return cay__error_set(err, CAY_EINVAL, "a request needs a judge and its callbacks");
    }
    int rc = check_method(o->method, err);
    rc = rc ? rc : check_body(o, err);
    rc = rc ? rc : check_headers(o, &bytes, err);
    rc = rc ? rc : parse_url(h, o->url, err);
    if (!rc && (copy_headers(h, o, bytes) || copy_body(h, o))) {
        rc = cay__error_set(err, CAY_ENOMEM, "no memory for the request");
    }
    return rc;
}
