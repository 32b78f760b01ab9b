/* SPDX-License-Identifier: MIT */
/* The states that read credentials, a host and a port. */
#include "url/parser.h"

int cay__url_port_state(url_parser_t *p, const char *stop) {
    const char *start = p->at;
    unsigned port = 0;
    while (p->at < stop && url_is_digit((uint8_t)*p->at)) {
        port = port > 65535 ? port : port * 10 + (unsigned)(*p->at - '0');
        p->at++;
    }
    bool whole = p->only == CAY_URL_STATE_ALL;
    if (whole && p->at < stop) {
        return fail(p, "the port is not a number");
    }
    if (p->at == start) {
        return whole ? 0 : fail(p, "no port");
    }
    if (port > 65535) {
        return fail(p, "the port is above 65535");
    }
    p->u->port = (int)port == scheme_port(p->u) ? -1 : (int32_t)port;
    return 0;
}

/* The first ':' outside of brackets, or `end`. */
static const char *find_port(const char *s, const char *end) {
    bool inside = false;
    for (; s < end && (*s != ':' || inside); s++) {
        inside = *s == '[' || (inside && *s != ']');
    }
    return s;
}

static int set_host(url_parser_t *p, const char *text, const char *end) {
    return cay__url_rec_set_host(p->u, text, (size_t)(end - text), !is_special(p->u), &p->why);
}

int cay__url_host_state(url_parser_t *p, const char *stop) {
    const char *colon = find_port(p->at, stop);
    bool whole = p->only == CAY_URL_STATE_ALL;
    if (colon < stop && (p->at == colon || p->only == CAY_URL_STATE_HOSTNAME)) {
        return fail(p, "a port without a host");
    }
    if (p->at == stop) {
        if (is_special(p->u)) {
            return fail(p, "the host is empty");
        }
        if (!whole && (has_credentials(p->u) || p->u->port >= 0)) {
            return fail(p, "the host is empty, but not its port or credentials");
        }
    }
    int rc = set_host(p, p->at, colon);
    if (rc == 0 && colon < stop) {
        p->at = colon + 1;
        rc = cay__url_port_state(p, stop);
    }
    if (rc || !whole) {
        return rc;
    }
    p->at = stop;
    return cay__url_path_start_state(p);
}

const char *cay__url_authority_end(const url_parser_t *p) {
    bool special = is_special(p->u);
    const char *s = p->at;
    while (s < p->end && *s != '/' && *s != '?' && *s != '#' && !(special && *s == '\\')) {
        s++;
    }
    return s;
}

int cay__url_authority_state(url_parser_t *p) {
    const char *stop = cay__url_authority_end(p);
    const char *sign = p->at < stop ? memrchr(p->at, '@', (size_t)(stop - p->at)) : NULL;
    if (sign) {
        const char *colon = find(p->at, sign, ':');
        cay__pct_encode(&p->u->username, p->at, (size_t)(colon - p->at), CAY_PCT_USERINFO);
        if (colon < sign) {
            cay__pct_encode(&p->u->password, colon + 1, (size_t)(sign - colon - 1),
                            CAY_PCT_USERINFO);
        }
        p->at = sign + 1;
        if (p->at == stop) {
            return fail(p, "credentials without a host");
        }
    }
    return cay__url_host_state(p, stop);
}

/* A host of a file: URL; "localhost" is the empty host. */
int cay__url_file_host_state(url_parser_t *p) {
    const char *stop = cay__url_authority_end(p);
    bool whole = p->only == CAY_URL_STATE_ALL;
    if (whole && cay__url_is_drive(p->at, (size_t)(stop - p->at), false)) {
        return cay__url_path_state(p);
    }
    if (p->at == stop) {
        p->u->host.len = 0;
        p->u->host_kind = CAY_URL_HOST_EMPTY;
    } else {
        int rc = set_host(p, p->at, stop);
        if (rc) {
            return rc;
        }
        if (p->u->host.len == 9 && memcmp(p->u->host.data, "localhost", 9) == 0) {
            p->u->host.len = 0;
            p->u->host_kind = CAY_URL_HOST_EMPTY;
        }
        p->at = stop;
    }
    return whole ? cay__url_path_start_state(p) : 0;
}
