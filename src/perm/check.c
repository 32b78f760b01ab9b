/* SPDX-License-Identifier: MIT */
/* Checks of concrete values: denials first, then grants. No memory is taken.
 *
 * A host is judged in parts. A name needs a rule that matches it. Each address it led to, and each IPv4 address inside
 * of it, needs a rule that names it when it is special; an address that was asked for as such needs one anyway, or
 * "*" when it is public. */
#include "perm/set.h"

#include <string.h>

enum { PARTS = 2 * CAY_ADDR_PARTS };

typedef struct subject {
    cay_kind_t kind;
    int port;         /* -1: every one */
    const char *host; /* NULL: the host is an address */
    size_t len;
    size_t parts;
    cay_addr_t part[PARTS];
    const char *class[PARTS]; /* NULL: public */
} subject_t;

static void add_parts(subject_t *s, const cay_addr_t *a) {
    size_t n = cay__addr_parts(a, s->part + s->parts);
    for (size_t i = 0; i < n; i++, s->parts++) {
        s->class[s->parts] = cay__addr_class(&s->part[s->parts]);
    }
}

/* false when nothing can grant it. */
static bool read_subject(const cay_ask_t *ask, subject_t *s) {
    cay_addr_t literal;
    s->kind = ask->kind;
    s->port = ask->port;
    s->parts = 0;
    s->host = ask->value;
    s->len = ask->len;
    while (s->len && s->host[s->len - 1] == '.') { /* of a DNS name that is absolute */
        s->len--;
    }
    if (s->len == 0 || (s->port != -1 && (s->port < 1 || s->port > 65535)) ||
        (ask->addr && ask->addr->family != 4 && ask->addr->family != 6)) {
        return false;
    }
    bool is_address = cay__addr_parse(s->host, s->len, &literal);
    if (is_address) {
        s->host = NULL;
        add_parts(s, &literal);
    }
    /* Of an address that is connected to in place of the one asked for, both are judged. */
    if (ask->addr && !(is_address && memcmp(ask->addr, &literal, sizeof literal) == 0)) {
        add_parts(s, ask->addr);
    }
    return true;
}

/* A name (no dot at the end); ports are not looked at. Here and below no switch: the common forms come first. */
static inline bool matches_name(const cay_rule_t *r, const char *host, size_t len) {
    if (r->form == CAY_RULE_HOST) {
        return r->len == len && cay__rule_text_at(r, host);
    }
    if (r->form == CAY_RULE_SUFFIX) {
        return len > r->len && cay__rule_text_at(r, host + len - r->len);
    }
    return r->form == CAY_RULE_ALL || r->form == CAY_RULE_STAR;
}

static bool is_loopback(const cay_addr_t *a) {
    return cay__addr_in(a, &cay__loopback4, CAY_LOOPBACK4_BITS) ||
           cay__addr_in(a, &cay__loopback6, CAY_LOOPBACK6_BITS);
}

static inline bool has_part_in(const cay_rule_t *r, const subject_t *s) {
    for (size_t i = 0; i < s->parts; i++) {
        if (cay__addr_masked(&s->part[i], &r->addr, r->mask)) {
            return true;
        }
    }
    return false;
}

static bool has_loopback_part(const subject_t *s) {
    for (size_t i = 0; i < s->parts; i++) {
        if (is_loopback(&s->part[i])) {
            return true;
        }
    }
    return false;
}

static inline bool denies(const cay_rule_t *r, const subject_t *s) {
    if (r->port && s->port != -1 && r->port != s->port) {
        return false;
    }
    if (r->form == CAY_RULE_ADDR) {
        return has_part_in(r, s);
    }
    return r->form == CAY_RULE_ALL || r->form == CAY_RULE_STAR ||
           (s->host && matches_name(r, s->host, s->len)) ||
           (cay__rule_is_localhost(r) && has_loopback_part(s));
}

static bool port_matches(const cay_rule_t *r, const subject_t *s) {
    return r->port == 0 || r->port == s->port;
}

static const cay_rule_t *name_rule(const cay_rules_t *rules, const subject_t *s) {
    for (uint32_t i = 0; i < rules->n; i++) {
        const cay_rule_t *r = &rules->v[i];
        if (port_matches(r, s) && matches_name(r, s->host, s->len)) {
            return r;
        }
    }
    return NULL;
}

/* Whether an allow rule grants that this part is connected to. */
static inline bool grants_part(const cay_rule_t *r, const subject_t *s, size_t i) {
    if (r->form == CAY_RULE_ADDR) {
        return cay__addr_masked(&s->part[i], &r->addr, r->mask);
    }
    if (r->form == CAY_RULE_STAR) {
        return !s->class[i];
    }
    return r->form == CAY_RULE_ALL ||
           (r->local && s->host && is_loopback(&s->part[i]) && matches_name(r, s->host, s->len));
}

static const cay_rule_t *part_rule(const cay_rules_t *rules, const subject_t *s, size_t i) {
    for (uint32_t k = 0; k < rules->n; k++) {
        const cay_rule_t *r = &rules->v[k];
        if (port_matches(r, s) && grants_part(r, s, i)) {
            return r;
        }
    }
    return NULL;
}

/* A public address that a name led to needs nothing beside the name's rule. */
static bool needs_rule(const subject_t *s, size_t i) {
    return s->class[i] || !s->host;
}

static bool check_net(const cay_permissions_t *set, const cay_ask_t *ask, cay_verdict_t *out) {
    subject_t s;
    if (!read_subject(ask, &s)) {
        return false;
    }
    const cay_rules_t *deny = &set->deny[s.kind], *allow = &set->allow[s.kind];
    for (uint32_t i = 0; i < deny->n; i++) {
        if (denies(&deny->v[i], &s)) {
            out->rule = &deny->v[i];
            return false;
        }
    }
    const cay_rule_t *rule = s.host ? name_rule(allow, &s) : NULL;
    bool granted = !s.host || rule;
    for (size_t i = 0; i < s.parts; i++) {
        const cay_rule_t *r = needs_rule(&s, i) ? part_rule(allow, &s, i) : rule;
        if (!r) {
            granted = false;
            out->special = out->special ? out->special : s.class[i];
        }
        rule = r && needs_rule(&s, i) ? r : rule;
    }
    out->rule = granted ? rule : NULL;
    return granted;
}

void cay__net_needed(const cay_ask_t *ask, cay_buf_t *out) {
    subject_t s;
    bool local = false;
    if (!read_subject(ask, &s)) {
        return;
    }
    if (s.host) {
        cay__host_print(out, s.host, s.len, s.port);
        local = cay__host_is_local(s.host, s.len);
    }
    for (size_t i = 0; i < s.parts; i++) {
        if (needs_rule(&s, i) && !(local && is_loopback(&s.part[i]))) {
            cay__buf_str(out, out->len ? "," : "");
            cay__addr_port_print(out, &s.part[i], s.port);
        }
    }
}

static bool check_path(const cay_permissions_t *set, const cay_ask_t *ask, cay_verdict_t *out) {
    const cay_rules_t *deny = &set->deny[ask->kind];
    if (!cay__path_is_normal(ask->value, ask->len)) {
        return false;
    }
    for (uint32_t i = 0; i < deny->n; i++) {
        if (cay__path_may_deny(&deny->v[i], ask->value, ask->len) &&
            cay__path_denied(&deny->v[i], ask->value, ask->len)) {
            out->rule = &deny->v[i];
            return false;
        }
    }
    out->rule = cay__path_rule(set, ask->kind, ask->value, ask->len);
    return out->rule != NULL;
}

static bool name_matches(const cay_rule_t *r, const cay_ask_t *ask) {
    return r->form == CAY_RULE_ALL ||
           ((r->form == CAY_RULE_NAME ? ask->len == r->len : ask->len >= r->len) &&
            cay__rule_text_at(r, ask->value));
}

static const cay_rule_t *find_name(const cay_rules_t *rules, const cay_ask_t *ask) {
    for (uint32_t i = 0; i < rules->n; i++) {
        if (name_matches(&rules->v[i], ask)) {
            return &rules->v[i];
        }
    }
    return NULL;
}

/* env, sys, and the switches, whose value is empty. */
static bool check_name(const cay_permissions_t *set, const cay_ask_t *ask, cay_verdict_t *out) {
    bool empty = ask->len == 0;
    if (empty != cay__kind_is_switch(ask->kind)) {
        return false;
    }
    out->rule = find_name(&set->deny[ask->kind], ask);
    if (out->rule) {
        return false;
    }
    out->rule = find_name(&set->allow[ask->kind], ask);
    return out->rule != NULL;
}

bool cay__perm_check(const cay_permissions_t *set, const cay_ask_t *ask, cay_verdict_t *out) {
    *out = (cay_verdict_t){false, NULL, NULL};
    if (ask->kind >= CAY_KIND_COUNT) {
        return false;
    }
    /* What uses a name after this check would stop reading at a NUL. */
    if (ask->len && !cay__kind_is_path(ask->kind) && memchr(ask->value, 0, ask->len)) {
        return false;
    }
    out->granted = cay__kind_is_path(ask->kind)  ? check_path(set, ask, out)
                   : cay__kind_is_net(ask->kind) ? check_net(set, ask, out)
                                                 : check_name(set, ask, out);
    return out->granted;
}
