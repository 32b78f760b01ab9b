/* SPDX-License-Identifier: MIT */
/* The states that read a path, a query and a fragment. */
#include "url/parser.h"

bool cay__url_is_drive(const char *s, size_t len, bool normal) {
    return len == 2 && url_is_alpha((uint8_t)s[0]) && (s[1] == ':' || (!normal && s[1] == '|'));
}

bool cay__url_path_has_drive(const char *path, size_t len, bool any) {
    return len >= 3 && path[0] == '/' && cay__url_is_drive(path + 1, 2, true) &&
           (len == 3 || (any && path[3] == '/'));
}

/* "Shorten a URL's path". */
void cay__url_path_shorten(cay_url_rec_t *u) {
    cay_buf_t *path = &u->path;
    if (is_file(u) && cay__url_path_has_drive(url_text(path), path->len, false)) {
        return;
    }
    while (path->len > 0 && path->data[--path->len] != '/') {}
}

/* How many characters of a dot ("." or "%2e") stand at s. */
static size_t dot_length(const char *s, size_t len) {
    if (len >= 1 && s[0] == '.') {
        return 1;
    }
    return len >= 3 && s[0] == '%' && s[1] == '2' && (s[2] | 0x20) == 'e' ? 3 : 0;
}

/* 1 for a single-dot segment, 2 for a double-dot segment, else 0. */
static int segment_dots(const char *s, size_t len) {
    size_t first = dot_length(s, len);
    if (first == 0 || first == len) {
        return first ? 1 : 0;
    }
    size_t second = dot_length(s + first, len - first);
    return second && first + second == len ? 2 : 0;
}

static void path_add_segment(url_parser_t *p, const char *s, size_t len, bool more) {
    cay_buf_t *path = &p->u->path;
    int dots = segment_dots(s, len);
    if (dots == 2) {
        cay__url_path_shorten(p->u);
    }
    if (dots) {
        if (!more) {
            cay__buf_u8(path, '/');
        }
        return;
    }
    cay__buf_u8(path, '/');
    if (path->len == 1 && is_file(p->u) && cay__url_is_drive(s, len, false)) {
        cay__buf_put(path, (char[2]){s[0], ':'}, 2);
    } else {
        cay__pct_encode(path, s, len, CAY_PCT_PATH);
    }
}

/* The query and fragment states, from '?' or '#' or the end. */
int cay__url_query_and_fragment(url_parser_t *p) {
    if (peek(p) == '?') {
        const char *stop = find(p->at, p->end, '#');
        p->u->has_query = true;
        p->u->query.len = 0;
        cay__pct_encode(&p->u->query, p->at + 1, (size_t)(stop - p->at - 1),
                        is_special(p->u) ? CAY_PCT_SPECIAL_QUERY : CAY_PCT_QUERY);
        p->at = stop;
    }
    if (peek(p) == '#') {
        p->u->has_fragment = true;
        cay__pct_encode(&p->u->fragment, p->at + 1, left(p) - 1, CAY_PCT_FRAGMENT);
        p->at = p->end;
    }
    return 0;
}

static const char *segment_end(const url_parser_t *p, bool special) {
    bool whole = p->only == CAY_URL_STATE_ALL;
    const char *s = p->at;
    while (s < p->end && *s != '/' && !(special && *s == '\\') &&
           !(whole && (*s == '?' || *s == '#'))) {
        s++;
    }
    return s;
}

int cay__url_path_state(url_parser_t *p) {
    bool special = is_special(p->u);
    for (;;) {
        const char *stop = segment_end(p, special);
        bool more = stop < p->end && (*stop == '/' || (special && *stop == '\\'));
        path_add_segment(p, p->at, (size_t)(stop - p->at), more);
        p->at = more ? stop + 1 : stop;
        if (!more) {
            break;
        }
    }
    return p->only == CAY_URL_STATE_ALL ? cay__url_query_and_fragment(p) : 0;
}

int cay__url_path_start_state(url_parser_t *p) {
    int c = peek(p);
    bool whole = p->only == CAY_URL_STATE_ALL;
    if (is_special(p->u)) {
        p->at += is_slash(p, c);
        return cay__url_path_state(p);
    }
    if (c == -1) {
        if (!whole && p->u->host_kind == CAY_URL_HOST_NULL) {
            cay__buf_u8(&p->u->path, '/');
        }
        return 0;
    }
    if (whole && (c == '?' || c == '#')) {
        return cay__url_query_and_fragment(p);
    }
    p->at += c == '/';
    return cay__url_path_state(p);
}

/* The last space before a query or fragment is encoded, so that it survives the trimming when the
 * URL's text is parsed again. */
int cay__url_opaque_path_state(url_parser_t *p) {
    const char *stop = find(p->at, p->end, '#');
    stop = find(p->at, stop, '?');
    size_t len = (size_t)(stop - p->at);
    bool space = stop < p->end && len > 0 && stop[-1] == ' ';
    p->u->opaque_path = true;
    cay__pct_encode(&p->u->path, p->at, len - space, CAY_PCT_C0);
    if (space) {
        cay__buf_str(&p->u->path, "%20");
    }
    p->at = stop;
    return cay__url_query_and_fragment(p);
}
