/* SPDX-License-Identifier: MIT */
/* IP addresses: reading, printing, and which of them are not of the public internet.
 *
 * The ranges are those of the IANA registries of special-purpose addresses (RFC 6890 and its updates), of
 * multicast and of what is not given out, and the addresses at which clouds answer their own machines. */
#include "perm/set.h"

#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

enum { TEXT_MAX = 45 }; /* of the longest IPv6 address */

bool cay__addr_parse(const char *text, size_t len, cay_addr_t *out) {
    char copy[TEXT_MAX + 1];
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
        if (!memchr(text, ':', len)) {
            return false;
        }
    }
    if (len == 0 || len > TEXT_MAX || memchr(text, 0, len)) {
        return false;
    }
    memcpy(copy, text, len);
    copy[len] = 0;
    *out = (cay_addr_t){0};
    out->family = memchr(text, ':', len) ? 6 : 4;
    return inet_pton(out->family == 6 ? AF_INET6 : AF_INET, copy, out->bytes) == 1;
}

void cay__addr_print(const cay_addr_t *a, char out[64]) {
    if ((a->family != 4 && a->family != 6) ||
        !inet_ntop(a->family == 6 ? AF_INET6 : AF_INET, a->bytes, out, 64)) {
        memcpy(out, "?", 2);
    }
}

typedef struct range {
    cay_addr_t net;
    uint8_t bits;
    const char *name;
} range_t;

#define V4(a, b, c, d)                                                                             \
    {                                                                                              \
        4, {                                                                                       \
            a, b, c, d                                                                             \
        }                                                                                          \
    }
#define V6(a, b, c, d, e, f, g, h)                                                                 \
    {                                                                                              \
        6, {                                                                                       \
            a, b, c, d, e, f, g, h                                                                 \
        }                                                                                          \
    }

const cay_addr_t cay__loopback4 = V4(127, 0, 0, 0);
const cay_addr_t cay__loopback6 = {6, {[15] = 1}};

/* The first that fits tells the class. */
static const range_t special4[] = {
    {V4(0, 0, 0, 0), 8, "unspecified"},         {V4(10, 0, 0, 0), 8, "private"},
    {V4(100, 100, 100, 200), 32, "metadata"}, /* Alibaba Cloud */
    {V4(100, 64, 0, 0), 10, "carrier"},         {V4(127, 0, 0, 0), 8, "loopback"},
    {V4(168, 63, 129, 16), 32, "metadata"},   /* Azure's host, outside of every registered range */
    {V4(169, 254, 169, 254), 32, "metadata"}, /* AWS, Azure, Google Cloud, ... */
    {V4(169, 254, 170, 2), 32, "metadata"},   /* AWS: roles of containers */
    {V4(169, 254, 0, 0), 16, "link-local"},     {V4(172, 16, 0, 0), 12, "private"},
    {V4(192, 0, 0, 192), 32, "metadata"}, /* Oracle Cloud */
    {V4(192, 0, 0, 0), 24, "reserved"},         {V4(192, 0, 2, 0), 24, "documentation"},
    {V4(192, 31, 196, 0), 24, "reserved"},      {V4(192, 52, 193, 0), 24, "reserved"},
    {V4(192, 88, 99, 0), 24, "reserved"},       {V4(192, 168, 0, 0), 16, "private"},
    {V4(192, 175, 48, 0), 24, "reserved"},      {V4(198, 18, 0, 0), 15, "benchmark"},
    {V4(198, 51, 100, 0), 24, "documentation"}, {V4(203, 0, 113, 0), 24, "documentation"},
    {V4(224, 0, 0, 0), 4, "multicast"},         {V4(255, 255, 255, 255), 32, "broadcast"},
    {V4(240, 0, 0, 0), 4, "reserved"},
};

static const range_t special6[] = {
    {{6, {0}}, 128, "unspecified"},
    {{6, {[15] = 1}}, 128, "loopback"},
    {V6(0x01, 0x00, 0, 0, 0, 0, 0, 0), 64, "reserved"}, /* discarded */
    {V6(0x20, 0x01, 0, 0, 0, 0, 0, 0), 23, "reserved"}, /* protocol assignments, Teredo */
    {V6(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0), 32, "documentation"},
    {V6(0x20, 0x02, 0, 0, 0, 0, 0, 0), 16, "reserved"}, /* 6to4 */
    {V6(0x26, 0x20, 0x00, 0x4f, 0x80, 0, 0, 0), 48, "reserved"},
    {V6(0x3f, 0xff, 0, 0, 0, 0, 0, 0), 20, "documentation"},
    {{6, {0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54}}, 128, "metadata"}, /* AWS */
    {{6, {0xfd, 0x20, 0x00, 0xce, [14] = 0x02, [15] = 0x54}}, 128, "metadata"}, /* Google Cloud */
    {V6(0xfc, 0, 0, 0, 0, 0, 0, 0), 7, "private"},
    {V6(0xfe, 0x80, 0, 0, 0, 0, 0, 0), 10, "link-local"},
    {V6(0xfe, 0xc0, 0, 0, 0, 0, 0, 0), 10, "private"}, /* site-local of old */
    {V6(0xff, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"},
};

/* IPv6 is given out from here; beside it only translated IPv4 is of the public internet. */
static const range_t global6 = {V6(0x20, 0, 0, 0, 0, 0, 0, 0), 3, NULL};
static const range_t nat64 = {V6(0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0), 96, NULL};

/* Where an IPv6 address has an IPv4 address in it. */
static const range_t mapped = {{6, {[10] = 0xff, [11] = 0xff}}, 96, NULL};
static const range_t translated = {{6, {[8] = 0xff, [9] = 0xff}}, 96, NULL};
static const range_t compatible = {{6, {0}}, 96, NULL};
static const range_t nat64_local = {V6(0x00, 0x64, 0xff, 0x9b, 0, 1, 0, 0), 48, NULL};
static const range_t teredo = {V6(0x20, 0x01, 0, 0, 0, 0, 0, 0), 32, NULL};
static const range_t six_to_four = {V6(0x20, 0x02, 0, 0, 0, 0, 0, 0), 16, NULL};

static uint64_t mask_of(unsigned bits) {
    return bits == 0 ? 0 : htobe64(UINT64_MAX << (64 - bits));
}

void cay__addr_mask(unsigned bits, uint64_t mask[2]) {
    mask[0] = mask_of(bits < 64 ? bits : 64);
    mask[1] = mask_of(bits < 64 ? 0 : bits - 64);
}

bool cay__addr_in(const cay_addr_t *a, const cay_addr_t *net, unsigned bits) {
    uint64_t mask[2];
    cay__addr_mask(bits, mask);
    return cay__addr_masked(a, net, mask);
}

static bool in_range(const cay_addr_t *a, const range_t *r) {
    return cay__addr_in(a, &r->net, r->bits);
}

const char *cay__addr_class(const cay_addr_t *a) {
    const range_t *table = a->family == 4 ? special4 : special6;
    size_t n = a->family == 4 ? CAY_COUNT(special4) : CAY_COUNT(special6);
    for (size_t i = 0; i < n; i++) {
        if (in_range(a, &table[i])) {
            return table[i].name;
        }
    }
    return a->family == 4 || in_range(a, &global6) || in_range(a, &nat64) ? NULL : "reserved";
}

static cay_addr_t v4_at(const cay_addr_t *a, const int at[4], uint8_t flip) {
    cay_addr_t v4 = {4, {0}};
    for (int i = 0; i < 4; i++) {
        v4.bytes[i] = a->bytes[at[i]] ^ flip;
    }
    return v4;
}

static bool is_zero(const cay_addr_t *v4) {
    static const uint8_t zero[4];
    return memcmp(v4->bytes, zero, 4) == 0;
}

static const int last_four[4] = {12, 13, 14, 15};

/* A prefix of an operator: the IPv4 address stands after it or at the end (RFC 6052, 2.2), whichever there is. */
static size_t parts_nat64_local(const cay_addr_t *a, cay_addr_t *out) {
    static const int after_48[4] = {6, 7, 9, 10};
    size_t n = 0;
    out[n] = v4_at(a, after_48, 0);
    n += !is_zero(&out[n]);
    out[n] = v4_at(a, last_four, 0);
    return n + (n == 0 || !is_zero(&out[n]));
}

/* RFC 4380: the server, and the client with all bits turned. */
static size_t parts_teredo(const cay_addr_t *a, cay_addr_t *out) {
    static const int server[4] = {4, 5, 6, 7};
    out[0] = v4_at(a, server, 0);
    out[1] = v4_at(a, last_four, 0xff);
    return 2;
}

/* RFC 5214: an interface identifier of 00-00-5E-FE or 02-00-5E-FE, below any prefix. */
static bool is_isatap(const cay_addr_t *a) {
    return (a->bytes[8] & ~2) == 0 && a->bytes[9] == 0 && a->bytes[10] == 0x5e &&
           a->bytes[11] == 0xfe;
}

size_t cay__addr_parts(const cay_addr_t *a, cay_addr_t out[CAY_ADDR_PARTS]) {
    static const int after_16[4] = {2, 3, 4, 5};
    size_t n = 0;
    if (a->family == 6 && in_range(a, &mapped)) {
        out[0] = v4_at(a, last_four, 0);
        return 1;
    }
    out[n++] = *a;
    if (a->family != 6) {
        return n;
    }
    if (in_range(a, &nat64) || in_range(a, &translated)) {
        out[n++] = v4_at(a, last_four, 0);
    } else if (in_range(a, &compatible)) {
        /* :: and ::1 are addresses of their own. */
        if (!in_range(a, &special6[0]) && !in_range(a, &special6[1])) {
            out[n++] = v4_at(a, last_four, 0);
        }
    } else if (in_range(a, &nat64_local)) {
        n += parts_nat64_local(a, out + n);
    } else if (in_range(a, &teredo)) {
        n += parts_teredo(a, out + n);
    } else if (in_range(a, &six_to_four)) {
        out[n++] = v4_at(a, after_16, 0);
    }
    if (is_isatap(a) && n < CAY_ADDR_PARTS) {
        out[n++] = v4_at(a, last_four, 0);
    }
    return n;
}

const char *cay__addr_special(const cay_addr_t *a) {
    cay_addr_t parts[CAY_ADDR_PARTS];
    size_t n = cay__addr_parts(a, parts);
    /* What is inside says more than the form it has: from the last. */
    for (size_t i = n; i-- > 0;) {
        const char *name = cay__addr_class(&parts[i]);
        if (name) {
            return name;
        }
    }
    return NULL;
}

static bool ranges_meet(const cay_addr_t *net, unsigned bits, const range_t *r) {
    return cay__addr_in(net, &r->net, bits < r->bits ? bits : r->bits);
}

/* In `net` all addresses from `bits` on are 0, so that it stands for the range in comparisons. */
bool cay__range_is_public(const cay_addr_t *net, unsigned bits) {
    const range_t *table = net->family == 4 ? special4 : special6;
    size_t n = net->family == 4 ? CAY_COUNT(special4) : CAY_COUNT(special6);
    for (size_t i = 0; i < n; i++) {
        if (ranges_meet(net, bits, &table[i])) {
            return false;
        }
    }
    return net->family == 4 || (bits >= global6.bits && in_range(net, &global6)) ||
           (bits >= nat64.bits && in_range(net, &nat64));
}

bool cay__range_is_special(const cay_addr_t *net, unsigned bits) {
    const range_t *table = net->family == 4 ? special4 : special6;
    size_t n = net->family == 4 ? CAY_COUNT(special4) : CAY_COUNT(special6);
    for (size_t i = 0; i < n; i++) {
        if (bits >= table[i].bits && in_range(net, &table[i])) {
            return true;
        }
    }
    return net->family == 6 && !ranges_meet(net, bits, &global6) && !ranges_meet(net, bits, &nat64);
}
