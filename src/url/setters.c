/* SPDX-License-Identifier: MIT */
/* The API setters: the URL is taken apart, one part is changed, and the new serialisation is swapped
 * in. What the standard's parser had already written when it failed is kept, as there. */
#include "url/internal.h"

#include <string.h>

#include "base/mem.h"

static bool is_file(const cay_url_rec_t *r) {
    return cay__url_special_port(url_text(&r->scheme), r->scheme.len) == 0;
}

static bool cannot_have_credentials(const cay_url_rec_t *r) {
    return r->host_kind == CAY_URL_HOST_NULL || r->host_kind == CAY_URL_HOST_EMPTY || is_file(r);
}

/* Values the parser refuses are ignored; a lack of memory is not. */
static int override(cay_url_rec_t *r, const char *value, size_t len, cay_url_state_t state) {
    const char *why;
    int rc = cay__url_basic_parse(r, value, len, NULL, state, &why);
    return rc == CAY_EFORMAT ? 0 : rc;
}

static int set_protocol(cay_url_rec_t *r, const char *value, size_t len) {
    cay_buf_t with_colon = CAY_BUF_INIT;
    cay__buf_put(&with_colon, value, len);
    cay__buf_u8(&with_colon, ':');
    int rc = CAY_ENOMEM;
    if (!with_colon.failed) {
        rc = override(r, url_text(&with_colon), with_colon.len, CAY_URL_STATE_SCHEME);
    }
    cay__buf_free(&with_colon);
    return rc;
}

static int set_credential(cay_url_rec_t *r, cay_buf_t *part, const char *value, size_t len) {
    if (cannot_have_credentials(r)) {
        return 0;
    }
    cay_buf_t text = CAY_BUF_INIT;
    cay__utf8_repair(&text, value, len);
    part->len = 0;
    cay__pct_encode(part, url_text(&text), text.len, CAY_PCT_USERINFO);
    int rc = text.failed ? CAY_ENOMEM : 0;
    cay__buf_free(&text);
    return rc;
}

static int set_port(cay_url_rec_t *r, const char *value, size_t len) {
    if (cannot_have_credentials(r)) {
        return 0;
    }
    if (len == 0) {
        r->port = -1;
        return 0;
    }
    return override(r, value, len, CAY_URL_STATE_PORT);
}

/* search and hash: without their mark; an empty value takes the part away. */
static int set_marked(cay_url_rec_t *r, const char *value, size_t len, char mark) {
    bool query = mark == '?';
    cay_buf_t *part = query ? &r->query : &r->fragment;
    bool *has = query ? &r->has_query : &r->has_fragment;
    part->len = 0;
    *has = len > 0;
    if (len == 0) {
        return 0;
    }
    size_t skip = value[0] == mark;
    return override(r, value + skip, len - skip,
                    query ? CAY_URL_STATE_QUERY : CAY_URL_STATE_FRAGMENT);
}

static int set_part(cay_url_rec_t *r, cay_url_field_t field, const char *value, size_t len) {
    switch (field) {
    case CAY_URL_PROTOCOL: return set_protocol(r, value, len);
    case CAY_URL_USERNAME: return set_credential(r, &r->username, value, len);
    case CAY_URL_PASSWORD: return set_credential(r, &r->password, value, len);
    case CAY_URL_HOST: return r->opaque_path ? 0 : override(r, value, len, CAY_URL_STATE_HOST);
    case CAY_URL_HOSTNAME:
        return r->opaque_path ? 0 : override(r, value, len, CAY_URL_STATE_HOSTNAME);
    case CAY_URL_PORT: return set_port(r, value, len);
    case CAY_URL_PATHNAME:
        if (r->opaque_path) {
            return 0;
        }
        r->path.len = 0;
        return override(r, value, len, CAY_URL_STATE_PATH);
    case CAY_URL_SEARCH: return set_marked(r, value, len, '?');
    case CAY_URL_HASH: return set_marked(r, value, len, '#');
    case CAY_URL_HREF: break; /* not a part */
    }
    return CAY_EINVAL;
}

static int set_href(cay_url_t *u, const char *value, size_t len, cay_error_t **err) {
    cay_url_t *made;
    int rc = cay__url_parse(value, len, NULL, &made, err);
    if (rc == 0) {
        cay__free(u->href);
        *u = *made;
        cay__free(made);
    }
    return rc;
}

int cay__url_set(cay_url_t *u, cay_url_field_t field, const char *value, size_t len,
                 cay_error_t **err) {
    if (field == CAY_URL_HREF) {
        return set_href(u, value, len, err);
    }
    cay_url_rec_t r = {.port = -1};
    int rc = CAY_ELIMIT;
    if (len <= CAY_URL_MAX) {
        cay__url_rec_load(&r, u);
        rc = cay__url_rec_failed(&r) ? CAY_ENOMEM : set_part(&r, field, value, len);
    }
    if (rc == 0) {
        rc = cay__url_rec_store(&r, u);
    }
    cay__url_rec_free(&r);
    if (rc) {
        return cay__url_error(err, rc, "URL part", value, len,
                              rc == CAY_ELIMIT ? "too long" : cay_error_text(rc));
    }
    return 0;
}
