/* SPDX-License-Identifier: MIT */
/* IP addresses as the URL Standard reads and writes them (its own rules, not inet_aton's). */
#include "url/internal.h"

#include <string.h>

/* One part of an IPv4 address: decimal, octal after "0", hexadecimal after "0x". False when it is no
 * number. A value that does not fit 32 bits stops growing; it only has to stay too large. */
static bool ipv4_number(const char *text, size_t len, uint64_t *out) {
    if (len == 0) {
        return false;
    }
    unsigned base = 10;
    if (len >= 2 && text[0] == '0') {
        base = (text[1] | 0x20) == 'x' ? 16 : 8;
        size_t skip = base == 16 ? 2 : 1;
        text += skip;
        len -= skip;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < len; i++) {
        int d = url_hex((uint8_t)text[i]);
        if (d < 0 || (unsigned)d >= base) {
            return false;
        }
        v = v > UINT32_MAX ? v : v * base + (unsigned)d;
    }
    *out = v;
    return true;
}

/* Length without one final dot. */
static size_t without_dot(const char *host, size_t len) {
    return len > 1 && host[len - 1] == '.' ? len - 1 : len;
}

bool cay__ipv4_ends_in_number(const char *host, size_t len) {
    len = without_dot(host, len);
    size_t start = len;
    bool digits = true;
    while (start > 0 && host[start - 1] != '.') {
        start--;
        digits &= url_is_digit((uint8_t)host[start]);
    }
    uint64_t v;
    return start < len && (digits || ipv4_number(host + start, len - start, &v));
}

int cay__ipv4_parse(const char *host, size_t len, uint32_t *out, const char **why) {
    const char *at = host, *end = host + without_dot(host, len);
    uint64_t parts[4];
    size_t n = 0;
    for (;;) {
        const char *dot = memchr(at, '.', (size_t)(end - at));
        const char *stop = dot ? dot : end;
        if (n == 4) {
            *why = "an IPv4 address has at most four parts";
            return CAY_EFORMAT;
        }
        if (!ipv4_number(at, (size_t)(stop - at), &parts[n++])) {
            *why = "a host that ends in a number must be an IPv4 address";
            return CAY_EFORMAT;
        }
        if (!dot) {
            break;
        }
        at = dot + 1;
    }
    uint64_t v = parts[n - 1]; /* the last part fills all bytes that are left */
    bool fits = v < UINT64_C(1) << 8 * (5 - n);
    for (size_t i = 0; i + 1 < n; i++) {
        fits &= parts[i] <= 255;
        v += parts[i] << (24 - 8 * i);
    }
    *why = "a number of the IPv4 address is too large";
    *out = (uint32_t)v;
    return fits ? 0 : CAY_EFORMAT;
}

void cay__ipv4_print(uint32_t a, cay_buf_t *out) {
    cay__buf_printf(out, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

/* Exactly four decimal numbers to the end, without leading zeros, into two pieces. */
static bool ipv6_tail_v4(const char *at, const char *end, uint16_t out[2]) {
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) {
        if (i > 0 && (at == end || *at++ != '.')) {
            return false;
        }
        const char *start = at;
        unsigned part = 0;
        while (at < end && url_is_digit((uint8_t)*at)) {
            if (at > start && part == 0) {
                return false;
            }
            part = part * 10 + (unsigned)(*at++ - '0');
            if (part > 255) {
                return false;
            }
        }
        if (at == start) {
            return false;
        }
        v = v << 8 | part;
    }
    out[0] = (uint16_t)(v >> 16);
    out[1] = (uint16_t)v;
    return at == end;
}

typedef struct ipv6_state {
    const char *at;
    const char *end;
    uint16_t piece[8];
    int count;
    int gap; /* index at which "::" stood, -1 when it has not */
} ipv6_state_t;

/* One piece and the separator after it; false when malformed. */
static bool ipv6_piece(ipv6_state_t *s) {
    const char *start = s->at;
    unsigned v = 0;
    while (s->at < s->end && s->at - start < 4 && url_hex((uint8_t)*s->at) >= 0) {
        v = v << 4 | (unsigned)url_hex((uint8_t)*s->at++);
    }
    if (s->at < s->end && *s->at == '.') {
        if (s->count > 6 || !ipv6_tail_v4(start, s->end, s->piece + s->count)) {
            return false;
        }
        s->count += 2;
        s->at = s->end;
        return true;
    }
    if (s->at == start) {
        return false;
    }
    s->piece[s->count++] = (uint16_t)v;
    if (s->at == s->end) {
        return true;
    }
    /* A colon must be followed by something: another piece, or the second colon of "::". */
    return *s->at++ == ':' && s->at < s->end;
}

static bool ipv6_pieces(ipv6_state_t *s) {
    if (s->at < s->end && *s->at == ':') {
        if (s->end - s->at < 2 || s->at[1] != ':') {
            return false;
        }
        s->at += 2;
        s->gap = 0;
    }
    while (s->at < s->end) {
        if (s->count == 8) {
            return false;
        }
        if (*s->at == ':' && s->count > 0) {
            if (s->gap >= 0) {
                return false;
            }
            s->at++;
            s->gap = s->count;
        } else if (!ipv6_piece(s)) {
            return false;
        }
    }
    return s->gap >= 0 ? s->count < 8 : s->count == 8;
}

int cay__ipv6_parse(const char *text, size_t len, uint16_t out[8], const char **why) {
    ipv6_state_t s = {.at = text, .end = text + len, .gap = -1};
    if (!ipv6_pieces(&s)) {
        *why = "malformed IPv6 address";
        return CAY_EFORMAT;
    }
    memset(out, 0, 8 * sizeof *out);
    int head = s.gap >= 0 ? s.gap : s.count;
    memcpy(out, s.piece, (size_t)head * sizeof *out);
    memcpy(out + 8 - (s.count - head), s.piece + head, (size_t)(s.count - head) * sizeof *out);
    return 0;
}

void cay__ipv6_print(const uint16_t a[8], cay_buf_t *out) {
    int best = -1, best_len = 1; /* the first longest run of more than one zero is left out */
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && a[i + n] == 0) {
            n++;
        }
        if (n > best_len) {
            best = i;
            best_len = n;
        }
        i += n;
    }
    for (int i = 0; i < 8; i++) {
        if (i == best) {
            cay__buf_str(out, i == 0 ? "::" : ":");
            i += best_len - 1;
            continue;
        }
        cay__buf_printf(out, i < 7 ? "%x:" : "%x", a[i]);
    }
}
