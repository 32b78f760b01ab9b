/* SPDX-License-Identifier: MIT */
/* Shared by the files of this layer: the URL record while it is built, and the host parser. */
#ifndef CAY_URL_INTERNAL_H
#define CAY_URL_INTERNAL_H

#include "url/url.h"

/* The standard's URL record. The path is kept in its serialised form, "/a/b" for the list [a, b] and
 * "" for the empty list; no segment holds a raw '/', so the two say the same. Buffers are sticky:
 * one check at the end (cay__url_rec_failed) stands for all appends. */
typedef struct cay_url_rec {
    cay_buf_t scheme;
    cay_buf_t username;
    cay_buf_t password;
    cay_buf_t host;
    cay_buf_t path;
    cay_buf_t query;
    cay_buf_t fragment;
    int32_t port;
    cay_url_host_t host_kind;
    bool opaque_path;
    bool has_query;
    bool has_fragment;
} cay_url_rec_t;

/* What a setter parses; ALL for a whole URL. */
typedef enum cay_url_state {
    CAY_URL_STATE_ALL,
    CAY_URL_STATE_SCHEME,
    CAY_URL_STATE_HOST,
    CAY_URL_STATE_HOSTNAME,
    CAY_URL_STATE_PORT,
    CAY_URL_STATE_PATH,
    CAY_URL_STATE_QUERY,
    CAY_URL_STATE_FRAGMENT,
} cay_url_state_t;

void cay__url_rec_free(cay_url_rec_t *r);
bool cay__url_rec_failed(const cay_url_rec_t *r);
/* Copies a URL apart; out of memory is sticky. */
void cay__url_rec_load(cay_url_rec_t *r, const cay_url_t *u);
/* Serialises into *u, whose old href is freed on success and kept on failure. */
CAY_NODISCARD int cay__url_rec_store(const cay_url_rec_t *r, cay_url_t *u);
/* Puts the text in place of what the buffer held. */
void cay__url_buf_set(cay_buf_t *b, const char *text, size_t len);

/* The basic URL parser. Without an override `r` starts empty and the ends of the input are trimmed;
 * with one, only that part of `r` is written, and what was written before a failure stays, as the
 * standard has it. 0, CAY_ENOMEM or CAY_EFORMAT with a reason in *why. */
CAY_NODISCARD int cay__url_basic_parse(cay_url_rec_t *r, const char *input, size_t len,
                                       const cay_url_t *base, cay_url_state_t only,
                                       const char **why);

/* Replaces host and host_kind; `r` is unchanged on failure. */
CAY_NODISCARD int cay__url_rec_set_host(cay_url_rec_t *r, const char *text, size_t len, bool opaque,
                                        const char **why);
/* IDNA's ToASCII as the standard asks for it. `out` is appended to. */
CAY_NODISCARD int cay__idna_to_ascii(const char *domain, size_t len, cay_buf_t *out,
                                     const char **why);
bool cay__ipv4_ends_in_number(const char *host, size_t len);
CAY_NODISCARD int cay__ipv4_parse(const char *host, size_t len, uint32_t *out, const char **why);
void cay__ipv4_print(uint32_t address, cay_buf_t *out);
/* The text between the brackets. */
CAY_NODISCARD int cay__ipv6_parse(const char *text, size_t len, uint16_t out[8], const char **why);
void cay__ipv6_print(const uint16_t address[8], cay_buf_t *out);

/* The default port of a special scheme; 0 for file, -1 when the scheme is not special. */
int cay__url_special_port(const char *scheme, size_t len);
/* CAY_EFORMAT (or another code) with `what "text": why`, the text printable and bounded. */
int cay__url_error(cay_error_t **err, int code, const char *what, const char *text, size_t len,
                   const char *why);

/* What a buffer holds as text; never NULL, so that an empty one can be walked too. */
static inline const char *url_text(const cay_buf_t *b) {
    return b->data ? (const char *)b->data : "";
}
static inline bool url_is_alpha(int c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}
static inline bool url_is_digit(int c) {
    return c >= '0' && c <= '9';
}
static inline int url_lower(int c) {
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}
static inline int url_hex(int c) {
    if (url_is_digit(c)) {
        return c - '0';
    }
    int l = c | 0x20;
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

#endif
