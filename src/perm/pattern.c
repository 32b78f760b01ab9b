/* SPDX-License-Identifier: MIT */
/* What a net or import rule looks like: HOST, *.SUFFIX, "*", ADDRESS or ADDRESS/BITS, each with an optional :PORT.
 * Hosts get the one spelling that the URL parser gives them. */
#include "perm/set.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "url/url.h"

typedef struct pattern {
    cay_rule_t *rule;
    const char *value; /* as it was given, for messages */
    size_t len;
    const char *host; /* what is left of it, without port, bits and brackets */
    size_t host_len;
    const char *bits; /* NULL: none */
    size_t bits_len;
    cay_error_t **err;
} pattern_t;

#define BAD(p, ...)                                                                                \
    cay__rule_error((p)->err, (p)->rule->kind, (p)->rule->deny, (p)->value, (p)->len, __VA_ARGS__)

/* Digits without sign or a 0 in front; -1 when it is none or above max. */
static int number(const char *s, size_t len, int max) {
    int v = 0;
    if (len == 0 || (len > 1 && s[0] == '0')) {
        return -1;
    }
    for (size_t i = 0; i < len; i++) {
        if (s[i] < '0' || s[i] > '9' || v > max) {
            return -1;
        }
        v = v * 10 + (s[i] - '0');
    }
    return v > max ? -1 : v;
}

static int take_port(pattern_t *p, const char *s, size_t len) {
    int port = number(s, len, 65535);
    if (port < 1) {
        return BAD(p, "a port is a number from 1 to 65535");
    }
    p->rule->port = (uint16_t)port;
    return 0;
}

/* Parts that a URL has and a pattern does not. */
static int check_url_parts(pattern_t *p) {
    if (memmem(p->value, p->len, "://", 3)) {
        return BAD(p, "a URL; write its host alone");
    }
    if (memchr(p->value, '@', p->len)) {
        return BAD(p, "a host has no user information");
    }
    if (memchr(p->value, '?', p->len) || memchr(p->value, '#', p->len)) {
        return BAD(p, "a host has no query and no fragment");
    }
    if (memchr(p->value, '%', p->len)) {
        return BAD(p, "a host is written without '%%'");
    }
    return 0;
}

/* "[v6]", "[v6/bits]", "[v6]:port" */
static int split_brackets(pattern_t *p) {
    const char *end = memchr(p->value, ']', p->len);
    if (!end) {
        return BAD(p, "the closing bracket is missing");
    }
    p->host = p->value + 1;
    p->host_len = (size_t)(end - p->host);
    size_t left = p->len - p->host_len - 2;
    if (left && end[1] == '/') {
        return BAD(p, "the bits belong into the brackets: [ADDRESS/BITS]:PORT");
    }
    if (left && end[1] != ':') {
        return BAD(p, "after the brackets only a port may follow");
    }
    return left ? take_port(p, end + 2, left - 1) : 0;
}

static int split_port(pattern_t *p) {
    const char *colon = memchr(p->value, ':', p->len);
    p->host = p->value;
    p->host_len = p->len;
    /* More than one colon: an IPv6 address, which has a port only after brackets. */
    if (!colon || memchr(colon + 1, ':', p->len - (size_t)(colon + 1 - p->value))) {
        return 0;
    }
    p->host_len = (size_t)(colon - p->value);
    return take_port(p, colon + 1, p->len - p->host_len - 1);
}

static void split_bits(pattern_t *p) {
    const char *slash = memchr(p->host, '/', p->host_len);
    if (slash) {
        p->bits = slash + 1;
        p->bits_len = p->host_len - (size_t)(slash + 1 - p->host);
        p->host_len = (size_t)(slash - p->host);
    }
}

/* The range with all bits after the prefix 0. */
static cay_addr_t masked(const cay_addr_t *a, unsigned bits) {
    cay_addr_t net = *a;
    for (unsigned i = 0; i < 16; i++) {
        unsigned keep = bits <= 8 * i ? 0 : bits - 8 * i;
        if (keep < 8) {
            net.bytes[i] &= (uint8_t)(0xff << (8 - keep));
        }
    }
    return net;
}

static int bad_host_bits(pattern_t *p, const cay_addr_t *a, unsigned bits) {
    char is[64], should[64];
    cay_addr_t net = masked(a, bits);
    cay__addr_print(a, is);
    cay__addr_print(&net, should);
    return BAD(p, "the address has bits beyond the first %u: write %s/%u, or %s for this one alone",
               bits, should, bits, is);
}

/* An IPv4-mapped range is one of IPv4: what is matched is the address inside. */
static void keep_range(cay_rule_t *r, const cay_addr_t *a, unsigned bits) {
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    r->form = CAY_RULE_ADDR;
    r->addr = *a;
    r->bits = (uint8_t)bits;
    if (a->family == 6 && bits >= 96 && memcmp(a->bytes, prefix, sizeof prefix) == 0) {
        r->addr = (cay_addr_t){4, {a->bytes[12], a->bytes[13], a->bytes[14], a->bytes[15]}};
        r->bits = (uint8_t)(bits - 96);
    }
    cay__addr_mask(r->bits, r->mask);
}

static int parse_range(pattern_t *p, const cay_addr_t *a) {
    int most = a->family == 4 ? 32 : 128, bits = most;
    if (p->bits) {
        bits = number(p->bits, p->bits_len, most);
        if (bits < 0) {
            return BAD(p, "the bits of such an address are a number from 0 to %d", most);
        }
        cay_addr_t net = masked(a, (unsigned)bits);
        if (memcmp(net.bytes, a->bytes, sizeof net.bytes) != 0) {
            return bad_host_bits(p, a, (unsigned)bits);
        }
    }
    keep_range(p->rule, a, (unsigned)bits);
    return 0;
}

static bool ends_in(const char *s, size_t len, const char *tail) {
    size_t n = strlen(tail);
    return len >= n && memcmp(s + len - n, tail, n) == 0;
}

bool cay__host_is_local(const char *host, size_t len) {
    static const char tail[] = ".localhost";
    return ends_in(host, len, tail) || (len == sizeof tail - 2 && memcmp(host, tail + 1, len) == 0);
}

/* Takes `host` over, which is canonical. A suffix has its '*' cut off: "example.com". */
static int keep_name(pattern_t *p, char *host, bool suffix) {
    size_t len = strlen(host);
    cay_rule_t *r = p->rule;
    len -= len > 1 && host[len - 1] == '.';
    if (host[0] == '.' || host[len - 1] == '.' || memmem(host, len, "..", 2)) {
        return BAD(p, "an empty label in the name");
    }
    if (memchr(host, '*', len)) {
        return BAD(p, "'*' stands alone or as the whole first label: *.example.com");
    }
    int rc = cay__rule_keep_text(r, suffix ? CAY_RULE_SUFFIX : CAY_RULE_HOST,
                                 cay__asprintf("%s%.*s", suffix ? "." : "", (int)len, host));
    if (rc) {
        return rc;
    }
    r->local = cay__host_is_local(r->text, r->len);
    return 0;
}

static int host_error(pattern_t *p, int rc, cay_error_t *why) {
    if (rc != CAY_ENOMEM) {
        rc = BAD(p, "%s", cay_error_message(why));
    }
    cay_error_free(why);
    return rc;
}

/* The host in the URL parser's spelling; an IPv6 address gets the brackets that it wants. */
static int canonical(pattern_t *p, char **out, cay_url_host_t *kind) {
    cay_buf_t text = CAY_BUF_INIT;
    cay_error_t *why = NULL;
    bool brackets = memchr(p->host, ':', p->host_len) != NULL;
    cay__buf_str(&text, brackets ? "[" : "");
    cay__buf_put(&text, p->host, p->host_len);
    cay__buf_str(&text, brackets ? "]" : "");
    if (text.failed) {
        cay__buf_free(&text);
        return CAY_ENOMEM;
    }
    int rc = cay__url_host_parse((const char *)text.data, text.len, out, kind, &why);
    cay__buf_free(&text);
    return rc ? host_error(p, rc, why) : 0;
}

static int parse_host(pattern_t *p, bool suffix) {
    CAY_AUTOFREE char *host = NULL;
    cay_url_host_t kind;
    cay_addr_t addr;
    int rc = canonical(p, &host, &kind);
    if (rc) {
        return rc;
    }
    if (kind == CAY_URL_HOST_DOMAIN) {
        return p->bits ? BAD(p, "only an address has /BITS") : keep_name(p, host, suffix);
    }
    if (suffix) {
        return BAD(p, "'*' does not stand before an address; write ADDRESS/BITS");
    }
    if (!cay__addr_parse(host, strlen(host), &addr)) {
        return BAD(p, "no address");
    }
    return parse_range(p, &addr);
}

static bool all_digits(const char *s, size_t len) {
    size_t i = 0;
    while (i < len && s[i] >= '0' && s[i] <= '9') {
        i++;
    }
    return i == len && len > 0;
}

static int parse_star(pattern_t *p) {
    if (p->bits) {
        return BAD(p, "only an address has /BITS");
    }
    if (p->host_len == 1) {
        p->rule->form = CAY_RULE_STAR;
        return 0;
    }
    if (p->host[1] != '.' || p->host_len == 2) {
        return BAD(p, "'*' stands alone or as the whole first label: *.example.com");
    }
    p->host += 2;
    p->host_len -= 2;
    return parse_host(p, true);
}

int cay__pattern_parse(cay_rule_t *r, const char *value, size_t len, cay_error_t **err) {
    pattern_t p = {.rule = r, .value = value, .len = len, .err = err};
    int rc = check_url_parts(&p);
    if (rc == 0) {
        rc = value[0] == '[' ? split_brackets(&p) : split_port(&p);
    }
    if (rc) {
        return rc;
    }
    split_bits(&p);
    if (p.host_len == 0) {
        return BAD(&p, "the host is missing");
    }
    if (value[0] == '[' && !memchr(p.host, ':', p.host_len)) {
        return BAD(&p, "only IPv6 addresses stand in brackets");
    }
    /* Digits after a slash could be bits; anything else is a path. */
    if (p.bits && !all_digits(p.bits, p.bits_len)) {
        return BAD(&p, "a host has no path");
    }
    return p.host[0] == '*' ? parse_star(&p) : parse_host(&p, false);
}

void cay__host_print(cay_buf_t *out, const char *host, size_t len, int port) {
    bool brackets = port > 0 && host[0] != '[' && memchr(host, ':', len);
    cay__buf_str(out, brackets ? "[" : "");
    cay__buf_put(out, host, len);
    cay__buf_str(out, brackets ? "]" : "");
    if (port > 0) {
        cay__buf_printf(out, ":%d", port);
    }
}

void cay__addr_port_print(cay_buf_t *out, const cay_addr_t *a, int port) {
    char text[64];
    cay__addr_print(a, text);
    cay__host_print(out, text, strlen(text), port);
}
