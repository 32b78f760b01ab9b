/* SPDX-License-Identifier: MIT */
/* The basic URL parser.
 *
 * The standard writes it as a state machine over code points. Here each state that reads a run (a
 * scheme, an authority, a path segment) takes the run at once as a slice of the input; every byte is
 * looked at a fixed number of times, so the whole is linear. All delimiters are ASCII, hence bytes
 * do. Function names follow the standard's states. */
#include "url/parser.h"

#include "base/utf8.h"

static bool starts_with_drive(const url_parser_t *p) {
    return left(p) >= 2 && cay__url_is_drive(p->at, 2, false) &&
           (left(p) == 2 || memchr("/\\?#", p->at[2], 4));
}

/* Special authority slashes and special authority ignore slashes states. */
static int ignore_slashes(url_parser_t *p) {
    while (peek(p) == '/' || peek(p) == '\\') {
        p->at++;
    }
    return cay__url_authority_state(p);
}

static void copy_part(cay_buf_t *b, const cay_url_t *from, cay_url_field_t field) {
    cay_url_part_t part = cay__url_get(from, field);
    cay__url_buf_set(b, part.ptr, part.len);
}

static void copy_authority(url_parser_t *p) {
    copy_part(&p->u->username, p->base, CAY_URL_USERNAME);
    copy_part(&p->u->password, p->base, CAY_URL_PASSWORD);
    copy_part(&p->u->host, p->base, CAY_URL_HOSTNAME);
    p->u->host_kind = p->base->host_kind;
    p->u->port = p->base->port;
}

static void copy_path_and_query(url_parser_t *p) {
    const cay_url_t *b = p->base;
    copy_part(&p->u->path, b, CAY_URL_PATHNAME);
    p->u->opaque_path = b->opaque_path;
    p->u->has_query = b->query_end > b->path_end;
    if (p->u->has_query) {
        cay__url_buf_set(&p->u->query, b->href + b->path_end + 1, b->query_end - b->path_end - 1);
    }
}

static void drop_query(cay_url_rec_t *u) {
    u->has_query = false;
    u->query.len = 0;
}

static int relative_state(url_parser_t *p) {
    if (is_slash(p, peek(p))) {
        int c = peek_next(p);
        if (is_slash(p, c)) {
            p->at += 2;
            return is_special(p->u) ? ignore_slashes(p) : cay__url_authority_state(p);
        }
        copy_authority(p);
        p->at++;
        return cay__url_path_state(p);
    }
    copy_authority(p);
    copy_path_and_query(p);
    int c = peek(p);
    if (c == -1 || c == '?' || c == '#') {
        return cay__url_query_and_fragment(p);
    }
    drop_query(p->u);
    cay__url_path_shorten(p->u);
    return cay__url_path_state(p);
}

static int file_slash_state(url_parser_t *p, bool base_is_file) {
    if (is_slash(p, peek_next(p))) {
        p->at += 2;
        return cay__url_file_host_state(p);
    }
    p->at++;
    if (base_is_file) {
        copy_part(&p->u->host, p->base, CAY_URL_HOSTNAME);
        p->u->host_kind = p->base->host_kind;
        cay_url_part_t path = cay__url_pathname(p->base);
        if (!starts_with_drive(p) && cay__url_path_has_drive(path.ptr, path.len, true)) {
            cay__buf_put(&p->u->path, path.ptr, 3);
        }
    }
    return cay__url_path_state(p);
}

static int file_state(url_parser_t *p) {
    bool base_is_file = p->base && cay__url_scheme_is(p->base, "file");
    p->u->host_kind = CAY_URL_HOST_EMPTY;
    if (is_slash(p, peek(p))) {
        return file_slash_state(p, base_is_file);
    }
    if (!base_is_file) {
        return cay__url_path_state(p);
    }
    copy_part(&p->u->host, p->base, CAY_URL_HOSTNAME);
    p->u->host_kind = p->base->host_kind;
    copy_path_and_query(p);
    int c = peek(p);
    if (c == -1 || c == '?' || c == '#') {
        return cay__url_query_and_fragment(p);
    }
    drop_query(p->u);
    if (starts_with_drive(p)) {
        p->u->path.len = 0;
    } else {
        cay__url_path_shorten(p->u);
    }
    return cay__url_path_state(p);
}

static int no_scheme_state(url_parser_t *p) {
    if (!p->base) {
        return fail(p, "relative URL without a base");
    }
    if (p->base->opaque_path && peek(p) != '#') {
        return fail(p, "relative URL, but the base has an opaque path");
    }
    cay__url_buf_set(&p->u->scheme, p->base->href, p->base->scheme_end);
    if (p->base->opaque_path) {
        copy_path_and_query(p);
        return cay__url_query_and_fragment(p);
    }
    return cay__url_scheme_is(p->base, "file") ? file_state(p) : relative_state(p);
}

/* Length of the scheme that a ':' follows, 0 when there is none. */
static size_t scheme_length(const url_parser_t *p) {
    const char *s = p->at;
    if (s == p->end || !url_is_alpha((uint8_t)*s)) {
        return 0;
    }
    while (s < p->end && (url_is_alpha((uint8_t)*s) || url_is_digit((uint8_t)*s) || *s == '+' ||
                          *s == '-' || *s == '.')) {
        s++;
    }
    return s < p->end && *s == ':' ? (size_t)(s - p->at) : 0;
}

static void put_lower(cay_buf_t *out, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        cay__buf_u8(out, (uint8_t)url_lower((uint8_t)text[i]));
    }
}

static bool base_has_scheme(const url_parser_t *p) {
    const cay_buf_t *scheme = &p->u->scheme;
    return p->base && p->base->scheme_end == scheme->len &&
           memcmp(p->base->href, scheme->data, scheme->len) == 0;
}

static int after_scheme(url_parser_t *p) {
    if (p->u->scheme.failed) {
        return CAY_ENOMEM;
    }
    bool slashes = peek(p) == '/' && peek_next(p) == '/';
    if (is_file(p->u)) {
        return file_state(p);
    }
    if (is_special(p->u)) {
        return base_has_scheme(p) && !slashes ? relative_state(p) : ignore_slashes(p);
    }
    if (slashes) {
        p->at += 2;
        return cay__url_authority_state(p);
    }
    if (peek(p) == '/') {
        p->at++;
        return cay__url_path_state(p);
    }
    return cay__url_opaque_path_state(p);
}

static int url_state(url_parser_t *p) {
    size_t n = scheme_length(p);
    if (n == 0) {
        return no_scheme_state(p);
    }
    put_lower(&p->u->scheme, p->at, n);
    p->at += n + 1;
    return after_scheme(p);
}

/* The protocol setter: never between special and not, never a file: URL with what it cannot have. */
static int scheme_override(url_parser_t *p) {
    cay_url_rec_t *u = p->u;
    size_t n = scheme_length(p);
    cay_buf_t scheme = CAY_BUF_INIT;
    put_lower(&scheme, p->at, n);
    if (n == 0 || scheme.failed) {
        int rc = scheme.failed ? CAY_ENOMEM : fail(p, "no scheme");
        cay__buf_free(&scheme);
        return rc;
    }
    int port = cay__url_special_port(url_text(&scheme), n);
    bool keep = is_special(u) != (port >= 0) ||
                (port == 0 && (has_credentials(u) || u->port >= 0)) ||
                (is_file(u) && u->host_kind == CAY_URL_HOST_EMPTY);
    if (keep) {
        cay__buf_free(&scheme);
        return 0;
    }
    cay__buf_free(&u->scheme);
    u->scheme = scheme;
    if (u->port == port) {
        u->port = -1;
    }
    return 0;
}

static int run(url_parser_t *p) {
    switch (p->only) {
    case CAY_URL_STATE_ALL: return url_state(p);
    case CAY_URL_STATE_SCHEME: return scheme_override(p);
    case CAY_URL_STATE_HOST:
    case CAY_URL_STATE_HOSTNAME:
        return is_file(p->u) ? cay__url_file_host_state(p)
                             : cay__url_host_state(p, cay__url_authority_end(p));
    case CAY_URL_STATE_PORT: return cay__url_port_state(p, p->end);
    case CAY_URL_STATE_PATH: return cay__url_path_start_state(p);
    case CAY_URL_STATE_QUERY:
        cay__pct_encode(&p->u->query, p->at, left(p),
                        is_special(p->u) ? CAY_PCT_SPECIAL_QUERY : CAY_PCT_QUERY);
        return 0;
    case CAY_URL_STATE_FRAGMENT:
        cay__pct_encode(&p->u->fragment, p->at, left(p), CAY_PCT_FRAGMENT);
        return 0;
    }
    return CAY_EINVAL;
}

static bool is_newline_or_tab(char c) {
    return c == '\t' || c == '\n' || c == '\r';
}

/* The input as the state machine sees it: trimmed (unless a part is set), UTF-8, no tab or newline.
 * Points into the input when nothing has to change, else into `own`. */
static void prepare(url_parser_t *p, const char *s, size_t len, cay_buf_t *own) {
    while (p->only == CAY_URL_STATE_ALL && len > 0 && (uint8_t)s[len - 1] <= 0x20) {
        len--;
    }
    while (p->only == CAY_URL_STATE_ALL && len > 0 && (uint8_t)*s <= 0x20) {
        s++;
        len--;
    }
    bool dirty = cay__utf8_valid(s, len) != len;
    for (size_t i = 0; !dirty && i < len; i++) {
        dirty = is_newline_or_tab(s[i]);
    }
    if (dirty) {
        cay__utf8_repair(own, s, len);
        size_t kept = 0;
        for (size_t i = 0; i < own->len; i++) {
            if (!is_newline_or_tab((char)own->data[i])) {
                own->data[kept++] = own->data[i];
            }
        }
        s = url_text(own);
        len = own->len = kept;
    }
    p->at = s;
    p->end = s + len;
}

int cay__url_basic_parse(cay_url_rec_t *r, const char *input, size_t len, const cay_url_t *base,
                         cay_url_state_t only, const char **why) {
    url_parser_t p = {.u = r, .base = base, .only = only, .why = "malformed"};
    cay_buf_t own = CAY_BUF_INIT;
    prepare(&p, input ? input : "", len, &own);
    int rc = own.failed ? CAY_ENOMEM : run(&p);
    cay__buf_free(&own);
    *why = p.why;
    /* A buffer that ran dry may have looked like an empty part: memory comes first. */
    return rc == CAY_EFORMAT && cay__url_rec_failed(r) ? CAY_ENOMEM : rc;
}
