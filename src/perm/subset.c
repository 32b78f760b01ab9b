/* SPDX-License-Identifier: MIT */
/* Whether one set grants no more than another, and what of a value a set grants.
 *
 * A child's grant is covered when a rule of the parent has all of it, and each denial of the parent that it could run
 * into is among the child's own denials too. */
#include "perm/set.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

static int not_covered(const cay_rule_t *c, cay_error_t **err) {
    CAY_AUTOFREE char *grant = cay__rule_shown(c);
    return cay__error_set(err, CAY_EPERM, "%s: the parent does not grant it", grant ? grant : "?");
}

static int not_denied(const cay_rule_t *c, const cay_rule_t *d, cay_error_t **err) {
    CAY_AUTOFREE char *grant = cay__rule_shown(c);
    CAY_AUTOFREE char *denial = cay__rule_shown(d);
    return cay__error_set(err, CAY_EPERM, "%s: the parent has %s, the child has not",
                          grant ? grant : "?", denial ? denial : "?");
}

static int rule_in_parent(const cay_permissions_t *child, const cay_rule_t *c,
                          const cay_permissions_t *parent, cay_error_t **err) {
    const cay_rules_t *denials = &parent->deny[c->kind];
    if (cay__set_denies_all_of(child, c)) {
        return 0; /* it grants nothing */
    }
    if (!cay__set_covers(parent, c)) {
        return not_covered(c, err);
    }
    for (uint32_t i = 0; i < denials->n; i++) {
        const cay_rule_t *d = &denials->v[i];
        if (cay__rule_meets(c, d) && !cay__set_denies_all_of(child, d)) {
            return not_denied(c, d, err);
        }
    }
    return 0;
}

int cay_permissions_subset(const cay_permissions_t *child, const cay_permissions_t *parent,
                           CAY_OWN cay_error_t **err) {
    child = child ? child : &cay__set_none;
    parent = parent ? parent : &cay__set_none;
    for (cay_kind_t kind = 0; kind < CAY_KIND_COUNT; kind++) {
        const cay_rules_t *rules = &child->allow[kind];
        for (uint32_t i = 0; i < rules->n; i++) {
            int rc = rule_in_parent(child, &rules->v[i], parent, err);
            if (rc) {
                return rc;
            }
        }
    }
    return 0;
}

/* Before a name is resolved no denial of an address speaks about it. */
static bool query_meets(const cay_rule_t *q, const cay_rule_t *deny) {
    bool name = q->form == CAY_RULE_HOST || q->form == CAY_RULE_SUFFIX;
    bool address = deny->form == CAY_RULE_ADDR;
    return cay__rule_meets(q, deny) && !(cay__kind_is_net(q->kind) && name && address);
}

static bool any_denial_meets(const cay_permissions_t *set, const cay_rule_t *q) {
    const cay_rules_t *rules = &set->deny[q->kind];
    for (uint32_t i = 0; i < rules->n; i++) {
        if (query_meets(q, &rules->v[i])) {
            return true;
        }
    }
    return false;
}

/* What a grant and the query have in common, as far as one of them has all of the other. */
bool cay__set_has_part(const cay_permissions_t *set, const cay_rule_t *q) {
    const cay_rules_t *rules = &set->allow[q->kind];
    for (uint32_t i = 0; i < rules->n; i++) {
        const cay_rule_t *r = &rules->v[i];
        if (cay__rule_overlaps(r, q) && !cay__set_denies_all_of(set, r)) {
            return true;
        }
    }
    return false;
}

/* A single address, in whose inside there may be another one. */
static bool address_granted(const cay_permissions_t *set, const cay_rule_t *q) {
    char text[64];
    cay_verdict_t verdict;
    cay__addr_print(&q->addr, text);
    cay_ask_t ask = {q->kind, text, strlen(text), q->port ? q->port : -1, NULL};
    return cay__perm_check(set, &ask, &verdict);
}

static bool is_single_address(const cay_rule_t *q) {
    return q->form == CAY_RULE_ADDR && q->bits == (q->addr.family == 4 ? 32 : 128);
}

static cay_grant_t query(const cay_permissions_t *set, const cay_rule_t *q) {
    if (cay__set_denies_all_of(set, q)) {
        return CAY_GRANT_DENIED;
    }
    bool granted = is_single_address(q) ? address_granted(set, q)
                                        : cay__set_covers(set, q) && !any_denial_meets(set, q);
    if (granted) {
        return CAY_GRANT_GRANTED;
    }
    return cay__set_has_part(set, q) ? CAY_GRANT_PARTIAL : CAY_GRANT_DENIED;
}

int cay_permissions_query(const cay_permissions_t *set, cay_kind_t kind, const char *value,
                          cay_grant_t *out, CAY_OWN cay_error_t **err) {
    cay_rule_t q;
    set = set ? set : &cay__set_none;
    int rc = cay__rule_parse(kind, false, value, value ? strlen(value) : 0, &q, err);
    if (rc) {
        return rc;
    }
    *out = query(set, &q);
    cay__rule_clear(&q);
    /* Of the whole of net a special address is a part, though "*" has it not. */
    cay_rule_t whole = {.kind = (uint8_t)kind, .form = CAY_RULE_ALL};
    if (!value && *out == CAY_GRANT_DENIED && cay__set_has_part(set, &whole)) {
        *out = CAY_GRANT_PARTIAL;
    }
    return 0;
}
