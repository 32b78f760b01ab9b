/* SPDX-License-Identifier: MIT */
/* Ops of fetch(): what the guest sends, as C has it. The transfers themselves are in transfer.c. */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "ops/ops.h"
#include "ops/transfer.h"
#include "url/url.h"

#define MAX_HEADERS 1024

static cay_agent_t *agent(eng_call_t *c) {
    return eng_call_host(c);
}

static eng_isolate_t *isolate(eng_call_t *c) {
    return eng_call_isolate(c);
}

static void throw_error(eng_call_t *c, int rc, cay_error_t *err) {
    eng_throw(c, rc, "%s", err ? cay_error_message(err) : cay_error_text(rc));
    cay_error_free(err);
}

static void free_text(void *data, size_t len, void *user) {
    (void)len;
    (void)user;
    cay__free(data);
}

/* ---- URLs ---- */

static bool has_prefix(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Only what is not absolute needs the base. (A scheme alone, "http:x", may be relative to it.) */
static int parse_url(const char *input, size_t len, const char *base_text, cay_url_t **out) {
    if (!base_text || has_prefix(input, "http://") || has_prefix(input, "https://")) {
        return cay__url_parse(input, len, NULL, out, NULL);
    }
    cay_url_t *base = NULL;
    int rc = cay__url_parse(base_text, strlen(base_text), NULL, &base, NULL);
    if (rc == 0) {
        rc = cay__url_parse(input, len, base, out, NULL);
        cay__url_free(base);
    }
    return rc;
}

void cay__op_fetchUrl(eng_call_t *c) {
    size_t len = 0;
    CAY_AUTOFREE char *input = eng_to_text(isolate(c), eng_arg(c, 0), &len);
    CAY_AUTOFREE char *base = eng_to_text(isolate(c), eng_arg(c, 1), NULL);
    cay_url_t *u = NULL;
    if (!input || parse_url(input, len, base, &u)) {
        eng_ret(c, eng_number(isolate(c), 0));
        return;
    }
    bool credentials = cay__url_username(u).len || cay__url_password(u).len;
    eng_ret(c,
            credentials ? eng_number(isolate(c), 1) : eng_string(isolate(c), u->href, u->href_len));
    cay__url_free(u);
}

void cay__op_fetchData(eng_call_t *c) {
    eng_isolate_t *iso = isolate(c);
    size_t len = 0;
    CAY_AUTOFREE char *text = eng_to_text(iso, eng_arg(c, 0), &len);
    CAY_AUTOFREE char *mime = NULL;
    cay_url_t *u = NULL;
    cay_blob_t body = {NULL, 0, free_text, NULL};
    uint8_t *bytes = NULL;
    bool ok = text && cay__url_parse(text, len, NULL, &u, NULL) == 0 &&
              cay__url_scheme_is(u, "data") &&
              cay__url_data(u, &mime, &bytes, &body.len, NULL) == 0;
    cay__url_free(u);
    eng_ret(c, eng_null(iso));
    if (ok) {
        body.data = bytes;
        eng_val_t pair[2] = {eng_text(iso, mime), eng_buffer(iso, &body)};
        if (!eng_is_undefined(pair[1])) {
            eng_ret(c, eng_array(iso, pair, 2));
        }
    }
}

void cay__op_mimeType(eng_call_t *c) {
    size_t len = 0;
    CAY_AUTOFREE char *text = eng_to_text(isolate(c), eng_arg(c, 0), &len);
    cay_buf_t out = CAY_BUF_INIT;
    bool ok = text && cay__mime_normalise(text, len, &out) == 0;
    eng_ret(c, eng_string(isolate(c), ok ? (const char *)out.data : "", ok ? out.len : 0));
    cay__buf_free(&out);
}

/* ---- text and bytes ---- */

void cay__op_encodeUtf8(eng_call_t *c) {
    cay_blob_t bytes = {NULL, 0, free_text, NULL};
    bytes.data = eng_to_text(isolate(c), eng_arg(c, 0), &bytes.len);
    if (!bytes.data) {
        eng_throw(c, CAY_ENOMEM, "no memory for the bytes of a text");
        return;
    }
    eng_val_t buffer = eng_buffer(isolate(c), &bytes);
    if (eng_is_undefined(buffer)) {
        eng_throw(c, CAY_ENOMEM, "no memory for the bytes of a text");
    } else {
        eng_ret(c, buffer);
    }
}

void cay__op_decodeUtf8(eng_call_t *c) {
    cay_blob_t bytes = {NULL, 0, NULL, NULL};
    int rc = eng_bytes_copy(isolate(c), eng_arg(c, 0), &bytes);
    if (rc) {
        eng_throw(c, rc, "decodeUtf8: %s", cay_error_text(rc));
        return;
    }
    size_t mark = bytes.len >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    eng_ret(c, eng_string(isolate(c), (const char *)bytes.data + mark, bytes.len - mark));
    cay__blob_drop(&bytes);
}

/* ---- what is sent ---- */

typedef struct request {
    char *url;
    char *method;
    char *header_text;
    char *redirect;
    char *host;
    cay_blob_t body;
    cay_http_header_t *headers;
    cay_transfer_spec_t spec;
} request_t;

static void request_free(request_t *r) {
    cay__free(r->url);
    cay__free(r->method);
    cay__free(r->header_text);
    cay__free(r->redirect);
    cay__free(r->host);
    cay__free(r->headers);
    cay__blob_drop(&r->body);
    cay__free(r);
}

static bool has_header(const request_t *r, const char *name) {
    for (size_t i = 0; i < r->spec.http.header_count; i++) {
        if (strcasecmp(r->headers[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void default_header(request_t *r, const char *name, const char *value) {
    if (!has_header(r, name)) {
        r->headers[r->spec.http.header_count++] = (cay_http_header_t){name, value};
    }
}

static size_t count_lines(const char *text) {
    size_t n = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++) {
        n++;
    }
    return n;
}

/* "name:value\n" lines, taken apart in place. What is in them is checked by the client. */
static int read_headers(request_t *r, cay_error_t **err) {
    size_t n = 0, count = count_lines(r->header_text);
    r->headers = count <= MAX_HEADERS ? cay__calloc(count + 2, sizeof *r->headers) : NULL;
    if (!r->headers) {
        return count > MAX_HEADERS
                   ? cay__error_set(err, CAY_EINVAL, "more than %d headers", MAX_HEADERS)
                   : CAY_ENOMEM;
    }
    for (char *at = r->header_text; *at;) {
        char *end = strchr(at, '\n');
        char *colon = end ? memchr(at, ':', (size_t)(end - at)) : NULL;
        if (!colon) {
            return cay__error_set(err, CAY_EINVAL, "the headers are malformed");
        }
        *colon = *end = 0;
        r->headers[n++] = (cay_http_header_t){at, colon + 1};
        at = end + 1;
    }
    r->spec.http.headers = r->headers;
    r->spec.http.header_count = n;
    default_header(r, "accept", "*/*");
    default_header(r, "user-agent", "cay/" CAY_VERSION_STRING);
    return 0;
}

static int read_body(eng_isolate_t *iso, eng_val_t v, request_t *r) {
    cay_http_options_t *o = &r->spec.http;
    if (eng_is_undefined(v)) {
        return 0;
    }
    if (eng_is_string(v)) {
        r->body.data = eng_to_text(iso, v, &r->body.len);
        r->body.release = free_text;
        if (!r->body.data) {
            return CAY_ENOMEM;
        }
    } else if (eng_bytes_length(iso, v) != SIZE_MAX) {
        int rc = eng_bytes_copy(iso, v, &r->body);
        if (rc) {
            return rc;
        }
    } else {
        o->streamed_body = eng_to_bool(iso, v);
        return 0;
    }
    o->body = r->body.data;
    o->body_len = r->body.len;
    return 0;
}

static int read_redirect(const char *text, cay_http_redirect_t *out) {
    static const char *const names[] = {
        [CAY_HTTP_FOLLOW] = "follow", [CAY_HTTP_ERROR] = "error", [CAY_HTTP_MANUAL] = "manual"};
    for (size_t i = 0; i < CAY_COUNT(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (cay_http_redirect_t)i;
            return 0;
        }
    }
    return CAY_EINVAL;
}

static int read_request(eng_call_t *c, request_t *r, cay_error_t **err) {
    eng_isolate_t *iso = isolate(c);
    r->url = eng_to_text(iso, eng_arg(c, 1), NULL);
    r->method = eng_to_text(iso, eng_arg(c, 2), NULL);
    r->header_text = eng_to_text(iso, eng_arg(c, 3), NULL);
    r->redirect = eng_to_text(iso, eng_arg(c, 5), NULL);
    if (!r->url || !r->method || !r->header_text || !r->redirect) {
        return cay__error_set(err, CAY_EINVAL,
                              "fetchStart: URL, method, headers, redirect are strings");
    }
    r->spec.url = r->spec.http.url = r->url;
    r->spec.http.method = r->method;
    int rc = read_body(iso, eng_arg(c, 4), r);
    rc = rc ? rc : read_redirect(r->redirect, &r->spec.http.redirect);
    rc = rc ? rc : read_headers(r, err);
    rc = rc ? rc : cay__net_ask_of(r->url, &r->host, &r->spec.port, err);
    r->spec.host = r->host;
    return rc;
}

void cay__op_fetchStart(eng_call_t *c) {
    cay_error_t *err = NULL;
    uint32_t rid = 0;
    request_t *r = CAY_NEW(request_t);
    int rc = r ? read_request(c, r, &err) : CAY_ENOMEM;
    if (rc == 0) {
        rc = cay__transfer_start(agent(c), eng_to_u32(eng_arg(c, 0)), &r->spec, &rid, &err);
    }
    if (r) {
        request_free(r);
    }
    if (rc) {
        throw_error(c, rc, err);
    } else {
        eng_ret(c, eng_number(isolate(c), rid));
    }
}

/* ---- bodies ---- */

static cay_transfer_t *transfer(eng_call_t *c, int arg) {
    return cay__transfer_of(agent(c), eng_to_u32(eng_arg(c, arg)));
}

void cay__op_fetchRead(eng_call_t *c) {
    cay_error_t *err = NULL;
    cay_blob_t chunk = {NULL, 0, NULL, NULL};
    cay_transfer_t *t = transfer(c, 1);
    int rc = t ? cay__transfer_read(t, eng_to_u32(eng_arg(c, 0)), &chunk, &err) : CAY_ETERMINATED;
    if (rc == CAY_ECLOSED) {
        eng_ret(c, eng_null(isolate(c)));
    } else if (rc == 0) {
        eng_val_t buffer = eng_buffer(isolate(c), &chunk);
        if (eng_is_undefined(buffer)) {
            eng_throw(c, CAY_ENOMEM, "no memory for the body");
        } else {
            eng_ret(c, buffer);
        }
    } else if (rc != CAY_EAGAIN) {
        throw_error(c, rc, err);
        return;
    }
    cay_error_free(err);
}

void cay__op_fetchWrite(eng_call_t *c) {
    cay_error_t *err = NULL;
    cay_blob_t bytes = {NULL, 0, NULL, NULL};
    int rc = eng_bytes_copy(isolate(c), eng_arg(c, 2), &bytes);
    cay_transfer_t *t = transfer(c, 1);
    if (rc == 0) {
        rc = t ? cay__transfer_write(t, eng_to_u32(eng_arg(c, 0)), &bytes, &err) : CAY_ECLOSED;
    }
    cay__blob_drop(&bytes);
    if (rc && rc != CAY_EAGAIN) {
        throw_error(c, rc, err);
        return;
    }
    eng_ret(c, eng_bool(isolate(c), rc == 0));
    cay_error_free(err);
}

void cay__op_fetchEnd(eng_call_t *c) {
    cay_transfer_t *t = transfer(c, 0);
    if (t) {
        cay__transfer_end(t);
    }
}

void cay__op_fetchClose(eng_call_t *c) {
    cay_transfer_t *t = transfer(c, 0);
    if (t) {
        cay__transfer_close(t);
    }
}
