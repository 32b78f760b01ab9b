/* SPDX-License-Identifier: MIT */
/* Whole URLs: parse, copy, free, read the parts, compare origins. */
#include "url/internal.h"

#include <string.h>

#include "base/mem.h"

static const struct {
    const char *name;
    int port;
} special_schemes[] = {{"https", 443}, {"http", 80}, {"file", 0},
                       {"wss", 443},   {"ws", 80},   {"ftp", 21}};

int cay__url_special_port(const char *scheme, size_t len) {
    for (size_t i = 0; i < CAY_COUNT(special_schemes); i++) {
        const char *name = special_schemes[i].name;
        if (strlen(name) == len && memcmp(name, scheme, len) == 0) {
            return special_schemes[i].port;
        }
    }
    return -1;
}

/* One parse into a fresh object; *why is only for CAY_EFORMAT. */
static int parse_new(const char *input, size_t len, const cay_url_t *base, cay_url_t **out,
                     const char **why) {
    cay_url_rec_t r = {.port = -1};
    CAY_AUTOFREE cay_url_t *u = CAY_NEW(cay_url_t);
    if (!u) {
        return CAY_ENOMEM;
    }
    int rc = cay__url_basic_parse(&r, input, len, base, CAY_URL_STATE_ALL, why);
    if (rc == 0) {
        rc = cay__url_rec_store(&r, u);
    }
    cay__url_rec_free(&r);
    if (rc == 0) {
        *out = cay_steal(&u);
    }
    return rc;
}

int cay__url_parse(const char *input, size_t len, const cay_url_t *base, CAY_OWN cay_url_t **out,
                   cay_error_t **err) {
    const char *why = NULL;
    *out = NULL;
    int rc = len > CAY_URL_MAX ? CAY_ELIMIT : parse_new(input, len, base, out, &why);
    if (rc == 0) {
        return 0;
    }
    if (rc != CAY_EFORMAT) {
        why = rc == CAY_ELIMIT ? "too long" : cay_error_text(rc);
    }
    return cay__url_error(err, rc, "invalid URL", input, len, why);
}

int cay__url_clone(const cay_url_t *u, CAY_OWN cay_url_t **out) {
    CAY_AUTOFREE cay_url_t *copy = cay__memdup(u, sizeof *u);
    *out = NULL;
    if (!copy || !(copy->href = cay__memdup(u->href, u->href_len + 1))) {
        return CAY_ENOMEM;
    }
    *out = cay_steal(&copy);
    return 0;
}

void cay__url_free(CAY_OWN cay_url_t *u) {
    if (u) {
        cay__free(u->href);
        cay__free(u);
    }
}

/* Empty, and inside the text, when `from` is not before `to`. */
static cay_url_part_t part(const cay_url_t *u, size_t from, size_t to) {
    from = from < to ? from : to;
    return (cay_url_part_t){u->href + from, to - from};
}

/* A part that is empty when it is its mark alone. */
static cay_url_part_t marked_part(const cay_url_t *u, size_t from, size_t to) {
    return part(u, from, to - from > 1 ? to : from);
}

cay_url_part_t cay__url_get(const cay_url_t *u, cay_url_field_t field) {
    size_t after_scheme = (size_t)u->scheme_end + 1;
    bool has_port = u->port >= 0;
    switch (field) {
    case CAY_URL_HREF: return part(u, 0, u->href_len);
    case CAY_URL_PROTOCOL: return part(u, 0, after_scheme);
    case CAY_URL_USERNAME: return part(u, after_scheme + 2, u->username_end);
    case CAY_URL_PASSWORD:
        /* Between the ':' and the '@' that stands right before the host. */
        return part(u, (size_t)u->username_end + 1,
                    u->host_start > u->username_end ? u->host_start - 1 : 0);
    case CAY_URL_HOST: return part(u, u->host_start, has_port ? u->path_start : u->host_end);
    case CAY_URL_HOSTNAME: return part(u, u->host_start, u->host_end);
    case CAY_URL_PORT:
        return part(u, (size_t)u->host_end + has_port, has_port ? u->path_start : u->host_end);
    case CAY_URL_PATHNAME: return part(u, u->path_start, u->path_end);
    case CAY_URL_SEARCH: return marked_part(u, u->path_end, u->query_end);
    case CAY_URL_HASH: return marked_part(u, u->query_end, u->href_len);
    }
    return (cay_url_part_t){"", 0};
}

bool cay__url_scheme_is(const cay_url_t *u, const char *scheme) {
    return strlen(scheme) == u->scheme_end && memcmp(u->href, scheme, u->scheme_end) == 0;
}

bool cay__url_is_special(const cay_url_t *u) {
    return cay__url_special_port(u->href, u->scheme_end) >= 0;
}

int cay__url_effective_port(const cay_url_t *u) {
    int port = u->port >= 0 ? u->port : cay__url_special_port(u->href, u->scheme_end);
    return port > 0 || u->port == 0 ? port : -1;
}

static bool has_tuple_origin(const cay_url_t *u) {
    return cay__url_special_port(u->href, u->scheme_end) > 0;
}

/* The URL inside a blob: URL that gives it its origin; NULL (with 0) when there is none. */
static int blob_inner(const cay_url_t *u, cay_url_t **inner) {
    *inner = NULL;
    if (!cay__url_scheme_is(u, "blob")) {
        return 0;
    }
    cay_url_part_t path = cay__url_pathname(u);
    int rc = cay__url_parse(path.ptr, path.len, NULL, inner, NULL);
    if (*inner && !cay__url_scheme_is(*inner, "http") && !cay__url_scheme_is(*inner, "https")) {
        cay__url_free(*inner);
        *inner = NULL;
    }
    return rc == CAY_ENOMEM ? rc : 0;
}

static char *origin_text(const cay_url_t *u) {
    if (!has_tuple_origin(u)) {
        return cay__strdup("null");
    }
    cay_url_part_t host = cay__url_host(u);
    cay_buf_t out = CAY_BUF_INIT;
    cay__buf_put(&out, u->href, u->scheme_end);
    cay__buf_str(&out, "://");
    cay__buf_put(&out, host.ptr, host.len);
    return cay__buf_take_str(&out);
}

int cay__url_origin(const cay_url_t *u, CAY_OWN char **out) {
    cay_url_t *inner;
    *out = NULL;
    int rc = blob_inner(u, &inner);
    if (rc) {
        return rc;
    }
    *out = origin_text(inner ? inner : u);
    cay__url_free(inner);
    return *out ? 0 : CAY_ENOMEM;
}

bool cay__url_same_origin(const cay_url_t *a, const cay_url_t *b) {
    if (!has_tuple_origin(a) || a->scheme_end != b->scheme_end ||
        memcmp(a->href, b->href, a->scheme_end) != 0) {
        return false;
    }
    cay_url_part_t x = cay__url_host(a), y = cay__url_host(b);
    return x.len == y.len && memcmp(x.ptr, y.ptr, x.len) == 0;
}
