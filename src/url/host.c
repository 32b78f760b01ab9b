/* SPDX-License-Identifier: MIT */
/* The host parser: one text becomes a domain, an IPv4 or IPv6 address, or an opaque host. */
#include "url/internal.h"

#include <string.h>

#include "base/mem.h"

/* Forbidden host code points; a domain forbids controls, '%' and DEL as well. */
static bool is_forbidden(uint8_t c, bool in_domain) {
    switch (c) {
    case 0:
    case '\t':
    case '\n':
    case '\r':
    case ' ':
    case '#':
    case '/':
    case ':':
    case '<':
    case '>':
    case '?':
    case '@':
    case '[':
    case '\\':
    case ']':
    case '^':
    case '|': return true;
    default: return in_domain && (c < 0x20 || c == '%' || c == 0x7f);
    }
}

static bool has_forbidden(const char *text, size_t len, bool in_domain) {
    for (size_t i = 0; i < len; i++) {
        if (is_forbidden((uint8_t)text[i], in_domain)) {
            return true;
        }
    }
    return false;
}

static int parse_ipv6(const char *text, size_t len, cay_buf_t *out, const char **why) {
    if (len < 2 || text[len - 1] != ']') {
        *why = "an IPv6 address lacks its closing bracket";
        return CAY_EFORMAT;
    }
    uint16_t address[8];
    int rc = cay__ipv6_parse(text + 1, len - 2, address, why);
    if (rc == 0) {
        cay__buf_u8(out, '[');
        cay__ipv6_print(address, out);
        cay__buf_u8(out, ']');
    }
    return rc;
}

static int parse_domain(const char *text, size_t len, cay_buf_t *out, cay_url_host_t *kind,
                        const char **why) {
    cay_buf_t bytes = CAY_BUF_INIT, domain = CAY_BUF_INIT;
    cay__pct_decode(&bytes, text, len);
    cay__utf8_repair(&domain, url_text(&bytes), bytes.len);
    bool failed = bytes.failed || domain.failed;
    cay__buf_free(&bytes);
    int rc = CAY_ENOMEM;
    if (!failed) {
        rc = cay__idna_to_ascii(url_text(&domain), domain.len, out, why);
    }
    cay__buf_free(&domain);
    if (rc) {
        return rc;
    }
    const char *host = url_text(out);
    *kind = CAY_URL_HOST_DOMAIN;
    if (out->len == 0 || has_forbidden(host, out->len, true)) {
        *why = out->len ? "forbidden character in the host" : "the host is empty";
        return CAY_EFORMAT;
    }
    if (cay__ipv4_ends_in_number(host, out->len)) {
        uint32_t address;
        rc = cay__ipv4_parse(host, out->len, &address, why);
        out->len = 0;
        cay__ipv4_print(address, out);
        *kind = CAY_URL_HOST_IPV4;
    }
    return rc;
}

static int parse_opaque(const char *text, size_t len, cay_buf_t *out, cay_url_host_t *kind,
                        const char **why) {
    if (has_forbidden(text, len, false)) {
        *why = "forbidden character in the host";
        return CAY_EFORMAT;
    }
    *kind = len ? CAY_URL_HOST_OPAQUE : CAY_URL_HOST_EMPTY;
    cay__pct_encode(out, text, len, CAY_PCT_C0);
    return 0;
}

static int parse_host(const char *text, size_t len, bool opaque, cay_buf_t *out,
                      cay_url_host_t *kind, const char **why) {
    if (len && text[0] == '[') {
        *kind = CAY_URL_HOST_IPV6;
        return parse_ipv6(text, len, out, why);
    }
    return opaque ? parse_opaque(text, len, out, kind, why)
                  : parse_domain(text, len, out, kind, why);
}

int cay__url_rec_set_host(cay_url_rec_t *r, const char *text, size_t len, bool opaque,
                          const char **why) {
    cay_buf_t host = CAY_BUF_INIT;
    cay_url_host_t kind = CAY_URL_HOST_EMPTY;
    int rc = parse_host(text, len, opaque, &host, &kind, why);
    if (rc || host.failed) {
        rc = host.failed ? CAY_ENOMEM : rc;
        cay__buf_free(&host);
        return rc;
    }
    cay__buf_free(&r->host);
    r->host = host;
    r->host_kind = kind;
    return 0;
}

int cay__url_host_parse(const char *text, size_t len, CAY_OWN char **out, cay_url_host_t *kind,
                        cay_error_t **err) {
    *out = NULL;
    *kind = CAY_URL_HOST_NULL;
    if (len > CAY_URL_MAX) {
        return cay__url_error(err, CAY_ELIMIT, "host", text, len, "too long");
    }
    cay_url_rec_t r = {.port = -1};
    const char *why = "out of memory";
    int rc = cay__url_rec_set_host(&r, text, len, false, &why);
    if (rc == 0) {
        *out = cay__buf_take_str(&r.host);
        rc = *out ? 0 : CAY_ENOMEM;
    }
    if (rc) {
        return cay__url_error(err, rc, "invalid host", text, len, why);
    }
    *kind = r.host_kind;
    return 0;
}
