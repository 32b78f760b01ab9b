/* SPDX-License-Identifier: MIT */
/* The one URL parser of cay: the URL Standard's parser, serialiser and API setters.
 *
 * A cay_url_t is one string, the serialised URL, and the places of its parts in it. Reading a part is
 * a borrowed slice; changing one builds the new string first and swaps it in, so that a failure
 * leaves the URL as it was. There is no state outside the objects: a URL may be read by any number
 * of threads while none changes it. */
#ifndef CAY_URL_URL_H
#define CAY_URL_URL_H

#include "base/attrs.h"
#include "base/buf.h"
#include "cay/error.h"

/* Bound on the bytes of an input and of a serialised URL; more is CAY_ELIMIT. */
#define CAY_URL_MAX ((size_t)2 << 20)
/* Bound on a host that needs IDNA mapping, because punycode takes quadratic time in a label. Hosts
 * in plain ASCII have no bound of their own. */
#define CAY_URL_IDNA_MAX 8192

typedef enum cay_url_host {
    CAY_URL_HOST_NULL,   /* no host at all: mailto:a@b */
    CAY_URL_HOST_EMPTY,  /* file:///x */
    CAY_URL_HOST_DOMAIN, /* lower case, IDNA in ASCII form */
    CAY_URL_HOST_IPV4,   /* four decimal numbers, whatever the spelling was */
    CAY_URL_HOST_IPV6,   /* in brackets, compressed */
    CAY_URL_HOST_OPAQUE, /* of a scheme that is not special: percent-encoded, never mapped */
} cay_url_host_t;

/* scheme : [// [username [: password] @] host [: port]] [/.] path [? query] [# fragment] */
typedef struct cay_url {
    char *href; /* owned, ASCII, NUL-terminated */
    size_t href_len;
    uint32_t scheme_end;   /* at the first ':' */
    uint32_t username_end; /* host_start when there are no credentials */
    uint32_t host_start;
    uint32_t host_end;
    uint32_t path_start;
    uint32_t path_end;
    uint32_t query_end; /* path_end when there is no query */
    int32_t port;       /* -1 when none, or the scheme's default */
    cay_url_host_t host_kind;
    bool opaque_path;
} cay_url_t;

/* A slice of a URL's href; not NUL-terminated, valid until the URL changes. */
typedef struct cay_url_part {
    const char *ptr;
    size_t len;
} cay_url_part_t;

/* The attributes of the URL class that are slices of href, as that class spells them: protocol with
 * its ':', search and hash with '?' and '#' or empty, host with the port. */
#define CAY_URL_FIELDS(X)                                                                          \
    X(HREF, href)                                                                                  \
    X(PROTOCOL, protocol)                                                                          \
    X(USERNAME, username)                                                                          \
    X(PASSWORD, password)                                                                          \
    X(HOST, host)                                                                                  \
    X(HOSTNAME, hostname)                                                                          \
    X(PORT, port)                                                                                  \
    X(PATHNAME, pathname)                                                                          \
    X(SEARCH, search)                                                                              \
    X(HASH, hash)

typedef enum cay_url_field {
#define CAY_URL_FIELD_ENUM(upper, lower) CAY_URL_##upper,
    CAY_URL_FIELDS(CAY_URL_FIELD_ENUM)
#undef CAY_URL_FIELD_ENUM
} cay_url_field_t;

/* Parses UTF-8 (what is not UTF-8 becomes U+FFFD) against `base` (may be NULL). CAY_EFORMAT with a
 * message that quotes the input, CAY_ELIMIT, CAY_ENOMEM; *out is then NULL. */
CAY_NODISCARD int cay__url_parse(const char *input, size_t len, const cay_url_t *base,
                                 CAY_OWN cay_url_t **out, cay_error_t **err);
CAY_NODISCARD int cay__url_clone(const cay_url_t *u, CAY_OWN cay_url_t **out);
void cay__url_free(CAY_OWN cay_url_t *u);

cay_url_part_t cay__url_get(const cay_url_t *u, cay_url_field_t field);
/* The API's setter. A value that the standard says to ignore gives 0 and changes nothing; only href
 * gives CAY_EFORMAT. On CAY_ELIMIT and CAY_ENOMEM the URL is unchanged. */
CAY_NODISCARD int cay__url_set(cay_url_t *u, cay_url_field_t field, const char *value, size_t len,
                               cay_error_t **err);

/* cay__url_protocol(u), cay__url_set_protocol(u, value, len, err) and so on for each field. */
#define CAY_URL_FIELD_FUNCTIONS(upper, lower)                                                      \
    static inline cay_url_part_t cay__url_##lower(const cay_url_t *u) {                            \
        return cay__url_get(u, CAY_URL_##upper);                                                   \
    }                                                                                              \
    CAY_NODISCARD static inline int cay__url_set_##lower(cay_url_t *u, const char *value,          \
                                                         size_t len, cay_error_t **err) {          \
        return cay__url_set(u, CAY_URL_##upper, value, len, err);                                  \
    }
CAY_URL_FIELDS(CAY_URL_FIELD_FUNCTIONS)
#undef CAY_URL_FIELD_FUNCTIONS

/* The serialised origin: "scheme://host[:port]", or "null" for an opaque one. */
CAY_NODISCARD int cay__url_origin(const cay_url_t *u, CAY_OWN char **out);
/* Same scheme, host and port; two opaque origins are never the same. */
bool cay__url_same_origin(const cay_url_t *a, const cay_url_t *b);
static inline bool cay__url_has_opaque_path(const cay_url_t *u) {
    return u->opaque_path;
}
/* The scheme without its ':' is `scheme` (given in lower case). */
bool cay__url_scheme_is(const cay_url_t *u, const char *scheme);
/* One of http, https, ws, wss, ftp, file. */
bool cay__url_is_special(const cay_url_t *u);
/* The port a connection would use: the explicit one, else the scheme's, else -1. */
int cay__url_effective_port(const cay_url_t *u);

/* A host alone as it would stand in a URL of a special scheme, for patterns of the permission
 * matcher: the very same canonical text. */
CAY_NODISCARD int cay__url_host_parse(const char *text, size_t len, CAY_OWN char **out,
                                      cay_url_host_t *kind, cay_error_t **err);

/* file: URLs and POSIX paths. To a path: refuses a host, an encoded NUL, and an encoded '/' (which would
 * make a name look like a directory). From a path: absolute only; "." and ".." are resolved as text. */
CAY_NODISCARD int cay__url_to_path(const cay_url_t *u, CAY_OWN char **path, cay_error_t **err);
CAY_NODISCARD int cay__url_from_path(const char *path, CAY_OWN cay_url_t **out, cay_error_t **err);

/* The Fetch Standard's processor of data: URLs: the serialised MIME type and the body. */
CAY_NODISCARD int cay__url_data(const cay_url_t *u, CAY_OWN char **mime, CAY_OWN uint8_t **bytes,
                                size_t *len, cay_error_t **err);

/* Parses and serialises a MIME type; CAY_EFORMAT when it is none. */
CAY_NODISCARD int cay__mime_normalise(const char *text, size_t len, cay_buf_t *out);

/* The standard's percent-encode sets. Each bit says whether a byte is in the set. */
typedef enum cay_pct_set {
    CAY_PCT_C0 = 1,
    CAY_PCT_FRAGMENT = 2,
    CAY_PCT_QUERY = 4,
    CAY_PCT_SPECIAL_QUERY = 8,
    CAY_PCT_PATH = 16,
    CAY_PCT_USERINFO = 32,
    CAY_PCT_COMPONENT = 64,
    CAY_PCT_FORM = 128,
} cay_pct_set_t;

bool cay__pct_in_set(uint8_t c, cay_pct_set_t set);
void cay__pct_encode(cay_buf_t *out, const char *text, size_t len, cay_pct_set_t set);
void cay__pct_decode(cay_buf_t *out, const char *text, size_t len);
/* Appends the text as UTF-8, U+FFFD for each maximal part that is not. */
void cay__utf8_repair(cay_buf_t *out, const char *text, size_t len);

/* application/x-www-form-urlencoded. The callback gets each decoded pair and stops the walk by a
 * non-zero result, which is then the result of the parse. */
typedef int (*cay_form_cb)(const char *name, size_t name_len, const char *value, size_t value_len,
                           void *user);
CAY_NODISCARD int cay__form_parse(const char *text, size_t len, cay_form_cb cb, void *user);
/* Appends "name=value", after an '&' when the buffer is not empty. */
void cay__form_append(cay_buf_t *out, const char *name, size_t name_len, const char *value,
                      size_t value_len);

#endif
