/* SPDX-License-Identifier: MIT */
/* Sets: their memory, their bounds, adding rules. */
#include "perm/set.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

const cay_permissions_t cay__set_none;

static cay_rules_t *rules_of(cay_permissions_t *set, const cay_rule_t *rule) {
    return rule->deny ? &set->deny[rule->kind] : &set->allow[rule->kind];
}

/* What the rule adds to the printed form: the value and a separator. */
static size_t printed_len(const cay_rule_t *r) {
    enum { LONGEST_ADDR = 56 };
    return 16 + (r->text ? cay__text_escaped_len(r->text, r->len) : (size_t)LONGEST_ADDR);
}

int cay_permissions_new(CAY_OWN cay_permissions_t **out) {
    *out = CAY_NEW(cay_permissions_t);
    return *out ? 0 : CAY_ENOMEM;
}

static void rules_clear(cay_rules_t *rules) {
    for (uint32_t i = 0; i < rules->n; i++) {
        cay__rule_clear(&rules->v[i]);
    }
    cay__free(rules->v);
    *rules = (cay_rules_t){NULL, 0, 0};
}

void cay_permissions_free(CAY_OWN cay_permissions_t *set) {
    if (set) {
        for (cay_kind_t kind = 0; kind < CAY_KIND_COUNT; kind++) {
            rules_clear(&set->allow[kind]);
            rules_clear(&set->deny[kind]);
        }
        cay__free(set);
    }
}

void cay__set_drop(cay_permissions_t *set, cay_kind_t kind) {
    cay_rules_t *rules = &set->allow[kind];
    for (uint32_t i = 0; i < rules->n; i++) {
        set->bytes -= printed_len(&rules->v[i]);
    }
    set->count -= rules->n;
    set->dropped |= rules->n ? 1u << kind : 0;
    rules_clear(rules);
}

static bool rules_have(const cay_rules_t *rules, const cay_rule_t *rule) {
    for (uint32_t i = 0; i < rules->n; i++) {
        if (cay__rule_same(&rules->v[i], rule)) {
            return true;
        }
    }
    return false;
}

static int rules_reserve(cay_rules_t *rules) {
    if (rules->n < rules->cap) {
        return 0;
    }
    uint32_t cap = rules->cap ? rules->cap * 2 : 4;
    cay_rule_t *v = cay__realloc(rules->v, cap * sizeof *v);
    if (!v) {
        return CAY_ENOMEM;
    }
    rules->v = v;
    rules->cap = cap;
    return 0;
}

int cay__set_add(cay_permissions_t *set, cay_rule_t *rule) {
    cay_rules_t *rules = rules_of(set, rule);
    size_t len = printed_len(rule);
    if (rules_have(rules, rule)) {
        cay__rule_clear(rule);
        return 0;
    }
    if (set->count >= CAY_RULES_MAX || set->bytes + len > CAY_SET_MAX) {
        return CAY_ELIMIT;
    }
    int rc = rules_reserve(rules);
    if (rc == 0) {
        rules->v[rules->n++] = *rule;
        *rule = (cay_rule_t){0};
        set->count++;
        set->bytes += len;
    }
    return rc;
}

int cay__set_add_copy(cay_permissions_t *set, const cay_rule_t *rule) {
    cay_rule_t copy;
    int rc = cay__rule_copy(rule, &copy);
    if (rc == 0) {
        rc = cay__set_add(set, &copy);
        cay__rule_clear(&copy);
    }
    return rc;
}

static int copy_rules(cay_permissions_t *to, const cay_rules_t *from, cay_rules_t *rules) {
    if (from->n == 0) {
        return 0;
    }
    rules->v = cay__calloc(from->n, sizeof *rules->v);
    if (!rules->v) {
        return CAY_ENOMEM;
    }
    rules->cap = from->n;
    for (; rules->n < from->n; rules->n++, to->count++) {
        int rc = cay__rule_copy(&from->v[rules->n], &rules->v[rules->n]);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

int cay_permissions_copy(const cay_permissions_t *set, CAY_OWN cay_permissions_t **out) {
    cay_permissions_t *copy;
    set = set ? set : &cay__set_none;
    *out = NULL;
    int rc = cay_permissions_new(&copy);
    for (cay_kind_t kind = 0; rc == 0 && kind < CAY_KIND_COUNT; kind++) {
        rc = copy_rules(copy, &set->allow[kind], &copy->allow[kind]);
        rc = rc ? rc : copy_rules(copy, &set->deny[kind], &copy->deny[kind]);
    }
    if (rc) {
        cay_permissions_free(copy);
        return rc;
    }
    copy->bytes = set->bytes;
    copy->dropped = set->dropped;
    *out = copy;
    return 0;
}

static int add_value(cay_permissions_t *set, cay_kind_t kind, bool deny, const char *value,
                     cay_error_t **err) {
    cay_rule_t rule;
    int rc = cay__rule_parse(kind, deny, value, value ? strlen(value) : 0, &rule, err);
    if (rc) {
        return rc;
    }
    rc = cay__set_add(set, &rule);
    cay__rule_clear(&rule);
    if (rc == CAY_ELIMIT) {
        return cay__error_set(err, rc, "a set of permissions has at most %d rules and %d bytes",
                              CAY_RULES_MAX, CAY_SET_MAX);
    }
    return rc;
}

int cay_permissions_allow(cay_permissions_t *set, cay_kind_t kind, const char *value,
                          CAY_OWN cay_error_t **err) {
    return add_value(set, kind, false, value, err);
}

int cay_permissions_deny(cay_permissions_t *set, cay_kind_t kind, const char *value,
                         CAY_OWN cay_error_t **err) {
    return add_value(set, kind, true, value, err);
}
