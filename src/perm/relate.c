/* SPDX-License-Identifier: MIT */
/* Rules compared with rules: what covers what, what meets what. Where the truth is not plain, "covers" says no and
 * "meets" says yes, so that a subset is never accepted wrongly. */
#include "perm/set.h"

#include <string.h>

static bool port_covers(const cay_rule_t *p, const cay_rule_t *c) {
    return p->port == 0 || p->port == c->port;
}

static bool ports_meet(const cay_rule_t *a, const cay_rule_t *b) {
    return a->port == 0 || b->port == 0 || a->port == b->port;
}

static bool same_text(const cay_rule_t *a, const cay_rule_t *b) {
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static bool begins_with(const cay_rule_t *r, const cay_rule_t *prefix) {
    return r->len >= prefix->len && memcmp(r->text, prefix->text, prefix->len) == 0;
}

static bool suffix_has(const cay_rule_t *suffix, const cay_rule_t *r) {
    return r->len >= suffix->len &&
           memcmp(r->text + r->len - suffix->len, suffix->text, suffix->len) == 0;
}

static bool range_covers(const cay_rule_t *p, const cay_rule_t *c) {
    return p->bits <= c->bits && cay__addr_in(&c->addr, &p->addr, p->bits);
}

static bool ranges_meet(const cay_rule_t *a, const cay_rule_t *b) {
    return cay__addr_in(&a->addr, &b->addr, a->bits < b->bits ? a->bits : b->bits);
}

static bool is_name(const cay_rule_t *r) {
    return r->form == CAY_RULE_HOST || r->form == CAY_RULE_SUFFIX;
}

/* The whole kind is "/" where paths are compared: neither has what the kernel makes. */
static const char *path_of(const cay_rule_t *r, size_t *len) {
    *len = r->form == CAY_RULE_ALL ? 1 : r->len;
    return r->form == CAY_RULE_ALL ? "/" : r->text;
}

/* --- as grants --- */

static bool name_covers(const cay_rule_t *p, const cay_rule_t *c) {
    switch ((cay_rule_form_t)p->form) {
    case CAY_RULE_STAR: return c->form == CAY_RULE_STAR || is_name(c);
    case CAY_RULE_HOST: return c->form == CAY_RULE_HOST && same_text(p, c);
    case CAY_RULE_SUFFIX:
        /* "*.a" does not match "a", whose text has no dot in front. */
        return (c->form == CAY_RULE_HOST || c->form == CAY_RULE_SUFFIX) && suffix_has(p, c);
    case CAY_RULE_ALL: return true;
    case CAY_RULE_PATH:
    case CAY_RULE_ADDR:
    case CAY_RULE_NAME:
    case CAY_RULE_PREFIX: return false;
    }
    return false;
}

static bool net_covers(const cay_rule_t *p, const cay_rule_t *c) {
    if (!port_covers(p, c) || c->form == CAY_RULE_ALL) {
        return p->form == CAY_RULE_ALL;
    }
    if (c->form == CAY_RULE_ADDR) {
        return p->form == CAY_RULE_ALL || (p->form == CAY_RULE_ADDR && range_covers(p, c)) ||
               (p->form == CAY_RULE_STAR && cay__range_is_public(&c->addr, c->bits));
    }
    /* A grant of localhost has the loopback addresses in it, which "*" has not. */
    return name_covers(p, c) && !(p->form == CAY_RULE_STAR && c->local);
}

static bool env_covers(const cay_rule_t *p, const cay_rule_t *c) {
    if (p->form == CAY_RULE_ALL || c->form == CAY_RULE_ALL) {
        return p->form == CAY_RULE_ALL;
    }
    return p->form == CAY_RULE_PREFIX ? begins_with(c, p)
                                      : c->form == CAY_RULE_NAME && same_text(p, c);
}

static bool rule_covers(const cay_rule_t *p, const cay_rule_t *c) {
    if (cay__kind_is_path(c->kind)) {
        size_t len;
        const char *path = path_of(c, &len);
        return cay__path_granted(p, path, len);
    }
    return cay__kind_is_net(c->kind) ? net_covers(p, c) : env_covers(p, c);
}

static bool any_covers(const cay_permissions_t *set, const cay_rule_t *c) {
    const cay_rules_t *rules = &set->allow[c->kind];
    for (uint32_t i = 0; i < rules->n; i++) {
        if (rule_covers(&rules->v[i], c)) {
            return true;
        }
    }
    return false;
}

static bool covers_range(const cay_permissions_t *set, const cay_rule_t *like, cay_addr_t net,
                         unsigned bits) {
    cay_rule_t range = {.kind = like->kind,
                        .port = like->port,
                        .form = CAY_RULE_ADDR,
                        .addr = net,
                        .bits = (uint8_t)bits};
    return any_covers(set, &range);
}

/* A name of localhost is also covered by what has the name, and the loopback addresses. */
static bool covers_local(const cay_permissions_t *set, const cay_rule_t *c) {
    cay_rule_t name = *c;
    name.local = false;
    return any_covers(set, &name) && covers_range(set, c, cay__loopback4, CAY_LOOPBACK4_BITS) &&
           covers_range(set, c, cay__loopback6, CAY_LOOPBACK6_BITS);
}

bool cay__set_covers(const cay_permissions_t *set, const cay_rule_t *c) {
    return any_covers(set, c) || (cay__kind_is_net(c->kind) && c->local && covers_local(set, c));
}

/* --- as denials --- */

static bool net_denies_all_of(const cay_rule_t *d, const cay_rule_t *x) {
    if (!port_covers(d, x)) {
        return false;
    }
    if (d->form == CAY_RULE_ALL || d->form == CAY_RULE_STAR) {
        return true;
    }
    if (x->form == CAY_RULE_ADDR) {
        return d->form == CAY_RULE_ADDR && range_covers(d, x);
    }
    /* What a denial of localhost refuses beside names, another rule for the same name refuses too. */
    return name_covers(d, x);
}

/* Of a path the text alone. */
static bool denies_all_of(const cay_rule_t *d, const cay_rule_t *x) {
    if (cay__kind_is_path(x->kind)) {
        size_t len;
        const char *path = path_of(x, &len);
        return cay__path_denied(d, path, len);
    }
    return cay__kind_is_net(x->kind) ? net_denies_all_of(d, x) : env_covers(d, x);
}

static bool real_is_denied(const cay_rules_t *rules, const cay_rule_t *x) {
    for (uint32_t i = 0; i < rules->n; i++) {
        if (cay__path_denied(&rules->v[i], x->real, x->real_len)) {
            return true;
        }
    }
    return false;
}

const cay_rule_t *cay__set_denies_all_of(const cay_permissions_t *set, const cay_rule_t *x) {
    const cay_rules_t *rules = &set->deny[x->kind];
    for (uint32_t i = 0; i < rules->n; i++) {
        if (denies_all_of(&rules->v[i], x)) {
            /* Where a denied path really is may be covered by another rule. */
            return !x->deny || !x->real || real_is_denied(rules, x) ? &rules->v[i] : NULL;
        }
    }
    return NULL;
}

/* --- in common --- */

static bool paths_meet(const cay_rule_t *grant, const cay_rule_t *deny) {
    size_t len;
    const char *path = path_of(grant, &len);
    if (cay__path_denied(deny, path, len)) {
        return true;
    }
    return cay__path_below(path, len, deny->text, deny->len) ||
           (deny->real && cay__path_below(path, len, deny->real, deny->real_len));
}

static bool names_meet(const cay_rule_t *a, const cay_rule_t *b) {
    return name_covers(a, b) || name_covers(b, a);
}

static bool meets_loopback(const cay_rule_t *range) {
    cay_rule_t four = {.addr = cay__loopback4, .bits = CAY_LOOPBACK4_BITS};
    cay_rule_t six = {.addr = cay__loopback6, .bits = CAY_LOOPBACK6_BITS};
    return ranges_meet(range, &four) || ranges_meet(range, &six);
}

static bool net_meets(const cay_rule_t *grant, const cay_rule_t *deny) {
    if (!ports_meet(grant, deny)) {
        return false;
    }
    if (grant->form == CAY_RULE_ALL || grant->form == CAY_RULE_STAR || deny->form == CAY_RULE_ALL ||
        deny->form == CAY_RULE_STAR) {
        return true;
    }
    bool localhost = cay__rule_is_localhost(deny);
    if (grant->form == CAY_RULE_ADDR) {
        return deny->form == CAY_RULE_ADDR ? ranges_meet(grant, deny)
                                           : localhost && meets_loopback(grant);
    }
    /* A name may lead to any address. */
    return deny->form == CAY_RULE_ADDR || localhost || names_meet(grant, deny);
}

static bool env_overlaps(const cay_rule_t *a, const cay_rule_t *b) {
    return env_covers(a, b) || env_covers(b, a);
}

bool cay__rule_meets(const cay_rule_t *grant, const cay_rule_t *deny) {
    if (cay__kind_is_path(grant->kind)) {
        return paths_meet(grant, deny);
    }
    return cay__kind_is_net(grant->kind) ? net_meets(grant, deny) : env_overlaps(grant, deny);
}

static bool net_overlaps(const cay_rule_t *a, const cay_rule_t *b) {
    if (!ports_meet(a, b)) {
        return false;
    }
    if (a->form == CAY_RULE_ALL || b->form == CAY_RULE_ALL) {
        return true;
    }
    const cay_rule_t *range = a->form == CAY_RULE_ADDR ? a : b, *other = range == a ? b : a;
    if (range->form != CAY_RULE_ADDR) {
        return names_meet(a, b);
    }
    return other->form == CAY_RULE_ADDR
               ? ranges_meet(a, b)
               : other->form == CAY_RULE_STAR && !cay__range_is_special(&range->addr, range->bits);
}

bool cay__rule_overlaps(const cay_rule_t *a, const cay_rule_t *b) {
    if (cay__kind_is_path(a->kind)) {
        return rule_covers(a, b) || rule_covers(b, a);
    }
    return cay__kind_is_net(a->kind) ? net_overlaps(a, b) : env_overlaps(a, b);
}
