/* SPDX-License-Identifier: MIT */
/* The record and its serialisation, and the text of errors. */
#include "url/internal.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

#define RECORD_BUFFERS(X) X(scheme) X(username) X(password) X(host) X(path) X(query) X(fragment)

void cay__url_rec_free(cay_url_rec_t *r) {
#define FREE(name) cay__buf_free(&r->name);
    RECORD_BUFFERS(FREE)
#undef FREE
}

bool cay__url_rec_failed(const cay_url_rec_t *r) {
#define FAILED(name) r->name.failed ||
    return RECORD_BUFFERS(FAILED) false;
#undef FAILED
}

void cay__url_buf_set(cay_buf_t *b, const char *text, size_t len) {
    b->len = 0;
    cay__buf_put(b, text, len);
}

static void load_field(cay_buf_t *b, const cay_url_t *u, cay_url_field_t field) {
    cay_url_part_t part = cay__url_get(u, field);
    cay__url_buf_set(b, part.ptr, part.len);
}

void cay__url_rec_load(cay_url_rec_t *r, const cay_url_t *u) {
    cay__url_buf_set(&r->scheme, u->href, u->scheme_end);
    load_field(&r->username, u, CAY_URL_USERNAME);
    load_field(&r->password, u, CAY_URL_PASSWORD);
    load_field(&r->host, u, CAY_URL_HOSTNAME);
    load_field(&r->path, u, CAY_URL_PATHNAME);
    r->has_query = u->query_end > u->path_end;
    if (r->has_query) {
        cay__url_buf_set(&r->query, u->href + u->path_end + 1, u->query_end - u->path_end - 1);
    }
    r->has_fragment = u->href_len > u->query_end;
    if (r->has_fragment) {
        cay__url_buf_set(&r->fragment, u->href + u->query_end + 1, u->href_len - u->query_end - 1);
    }
    r->port = u->port;
    r->host_kind = u->host_kind;
    r->opaque_path = u->opaque_path;
}

static void put_buf(cay_buf_t *out, const cay_buf_t *part) {
    cay__buf_put(out, part->data, part->len);
}

/* From "//" to the port, with the offsets of its parts. */
static void store_authority(const cay_url_rec_t *r, cay_buf_t *out, cay_url_t *u) {
    cay__buf_str(out, "//");
    put_buf(out, &r->username);
    u->username_end = (uint32_t)out->len;
    if (r->password.len) {
        cay__buf_u8(out, ':');
        put_buf(out, &r->password);
    }
    if (r->username.len || r->password.len) {
        cay__buf_u8(out, '@');
    }
    u->host_start = (uint32_t)out->len;
    put_buf(out, &r->host);
    u->host_end = (uint32_t)out->len;
    if (r->port >= 0) {
        cay__buf_printf(out, ":%d", (int)r->port);
    }
}

static void store_path(const cay_url_rec_t *r, cay_buf_t *out, cay_url_t *u) {
    u->path_start = (uint32_t)out->len;
    put_buf(out, &r->path);
    u->path_end = (uint32_t)out->len;
    if (r->has_query) {
        cay__buf_u8(out, '?');
        put_buf(out, &r->query);
    }
    u->query_end = (uint32_t)out->len;
    if (r->has_fragment) {
        cay__buf_u8(out, '#');
        put_buf(out, &r->fragment);
    }
}

static size_t record_size(const cay_url_rec_t *r) {
#define ADD(name) +r->name.len
    return sizeof "://:@:65535/.?#" RECORD_BUFFERS(ADD);
#undef ADD
}

int cay__url_rec_store(const cay_url_rec_t *r, cay_url_t *u) {
    cay_url_t made = {.port = r->port, .host_kind = r->host_kind, .opaque_path = r->opaque_path};
    cay_buf_t out = CAY_BUF_INIT;
    size_t size = record_size(r);
    if (size > CAY_URL_MAX + 64) {
        return CAY_ELIMIT;
    }
    if (cay__url_rec_failed(r) || !cay__buf_room(&out, size)) {
        return CAY_ENOMEM;
    }
    put_buf(&out, &r->scheme);
    made.scheme_end = (uint32_t)out.len;
    cay__buf_u8(&out, ':');
    made.username_end = made.host_start = made.host_end = (uint32_t)out.len;
    if (r->host_kind != CAY_URL_HOST_NULL) {
        store_authority(r, &out, &made);
    } else if (!r->opaque_path && r->path.len > 1 && memcmp(r->path.data, "//", 2) == 0) {
        cay__buf_str(&out, "/."); /* keeps the path from being read as an authority */
    }
    store_path(r, &out, &made);
    made.href_len = out.len;
    if (out.len > CAY_URL_MAX) {
        cay__buf_free(&out);
        return CAY_ELIMIT;
    }
    made.href = cay__buf_take_str(&out);
    if (!made.href) {
        return CAY_ENOMEM;
    }
    cay__free(u->href);
    *u = made;
    return 0;
}

int cay__url_error(cay_error_t **err, int code, const char *what, const char *text, size_t len,
                   const char *why) {
    enum { QUOTED = 80 };
    cay_buf_t quote = CAY_BUF_INIT;
    if (!err) {
        return code;
    }
    for (size_t i = 0; i < len && i < QUOTED; i++) {
        uint8_t c = (uint8_t)text[i];
        if (c < 0x20 || c > 0x7e) {
            cay__buf_printf(&quote, "\\x%02x", c);
        } else {
            cay__buf_u8(&quote, c);
        }
    }
    CAY_AUTOFREE char *shown = cay__buf_take_str(&quote);
    return cay__error_set(err, code, "%s \"%s%s\": %s", what, shown ? shown : "",
                          len > QUOTED ? "..." : "", why);
}
