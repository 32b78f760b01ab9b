/* SPDX-License-Identifier: MIT */
/* The basic URL parser's state and the states that its files share. Each takes the parser at the
 * first byte it is to read and returns 0, CAY_EFORMAT (with a reason in p->why) or CAY_ENOMEM. */
#ifndef CAY_URL_PARSER_H
#define CAY_URL_PARSER_H

#include <string.h>

#include "url/internal.h"

typedef struct url_parser {
    const char *at;
    const char *end;
    cay_url_rec_t *u;
    const cay_url_t *base;
    cay_url_state_t only;
    const char *why;
} url_parser_t;

static inline int fail(url_parser_t *p, const char *why) {
    p->why = why;
    return CAY_EFORMAT;
}

static inline int peek(const url_parser_t *p) {
    return p->at < p->end ? (uint8_t)*p->at : -1;
}

static inline int peek_next(const url_parser_t *p) {
    return p->end - p->at > 1 ? (uint8_t)p->at[1] : -1;
}

static inline size_t left(const url_parser_t *p) {
    return (size_t)(p->end - p->at);
}

static inline int scheme_port(const cay_url_rec_t *u) {
    return cay__url_special_port(url_text(&u->scheme), u->scheme.len);
}

static inline bool is_special(const cay_url_rec_t *u) {
    return scheme_port(u) >= 0;
}

static inline bool is_file(const cay_url_rec_t *u) {
    return scheme_port(u) == 0;
}

static inline bool is_slash(const url_parser_t *p, int c) {
    return c == '/' || (c == '\\' && is_special(p->u));
}

static inline const char *find(const char *at, const char *end, char c) {
    const char *hit = at < end ? memchr(at, c, (size_t)(end - at)) : NULL;
    return hit ? hit : end;
}

static inline bool has_credentials(const cay_url_rec_t *u) {
    return u->username.len || u->password.len;
}

/* path.c. A drive letter is a letter and ':' (or '|' unless `normal`), exactly. */
bool cay__url_is_drive(const char *s, size_t len, bool normal);
/* The only segment of the path (with `any`: the first one) is a normalized Windows drive letter. */
bool cay__url_path_has_drive(const char *path, size_t len, bool any);
void cay__url_path_shorten(cay_url_rec_t *u);
int cay__url_path_state(url_parser_t *p);
int cay__url_path_start_state(url_parser_t *p);
int cay__url_opaque_path_state(url_parser_t *p);
int cay__url_query_and_fragment(url_parser_t *p);

/* authority.c */
const char *cay__url_authority_end(const url_parser_t *p);
int cay__url_authority_state(url_parser_t *p);
int cay__url_file_host_state(url_parser_t *p);
/* The host and port of [p->at, stop), then (without an override) the path. */
int cay__url_host_state(url_parser_t *p, const char *stop);
/* Digits up to `stop`. With an override anything may follow them. */
int cay__url_port_state(url_parser_t *p, const char *stop);

#endif
