/* SPDX-License-Identifier: MIT */
/* Uses of grants by operations that go on, and revocation, which ends them. */
#include "perm/live.h"

#include <string.h>

#include "base/mem.h"

int cay__use_begin(cay_authority_t *a, cay_use_t *use, const cay_ask_t *ask, cay_place_t *place,
                   cay_error_t **err) {
    cay_decision_t d;
    cay_tree_t *t = a->tree;
    use->authority = NULL;
    if (place) {
        *place = (cay_place_t){NULL, NULL};
    }
    char *value = cay__strndup(ask->value, ask->len);
    if (!value) {
        return CAY_ENOMEM;
    }
    cay__list_init(&use->link);
    use->ask = *ask;
    use->ask.value = value;
    use->addr = ask->addr ? *ask->addr : (cay_addr_t){0};
    use->ask.addr = ask->addr ? &use->addr : NULL;
    cay__mutex_lock(&t->lock);
    cay__decide_locked(a, t, ask, place, err, &d);
    if (d.rc == 0) {
        use->authority = cay__authority_ref(a);
        cay__list_push(&a->uses, &use->link);
    }
    cay__mutex_unlock(&t->lock);
    int rc = cay__decision_finish(a, ask->kind, &d);
    if (rc) {
        cay__free(value);
        use->ask.value = NULL;
    }
    return rc;
}

void cay__use_end(cay_use_t *use) {
    cay_authority_t *a = use->authority;
    if (!a) {
        return;
    }
    cay__mutex_lock(&a->tree->lock);
    cay__list_remove(&use->link);
    cay__mutex_unlock(&a->tree->lock);
    cay__free((void *)(uintptr_t)use->ask.value);
    use->ask.value = NULL;
    cay__authority_unref(&use->authority);
}

/* --- revocation --- */

/* The uses of `a` that its set of now does not grant. */
static void end_uses_locked(cay_tree_t *t, cay_authority_t *a, cay_kind_t kind)
    CAY_REQUIRES(t->lock) {
    cay_link_t *next;
    (void)t;
    for (cay_link_t *at = a->uses.next; at != &a->uses; at = next) {
        cay_use_t *use = CAY_CONTAINER(at, cay_use_t, link);
        cay_verdict_t v;
        next = at->next;
        if (use->ask.kind == kind && !cay__perm_check(a->set, &use->ask, &v)) {
            cay__list_remove(at);
            use->revoked(use);
        }
    }
}

/* The rule as this set has it: with the place where the file system has its path. */
static int add_denial(cay_permissions_t *set, const cay_rule_t *rule) {
    cay_rule_t own;
    int rc = cay__rule_copy(rule, &own);
    if (rc) {
        return rc;
    }
    rc = cay__rule_place(set, &own);
    if (rc == 0 && !cay__set_denies_all_of(set, &own)) {
        rc = cay__set_add(set, &own);
    }
    cay__rule_clear(&own);
    return rc;
}

/* A set that is full of rules loses the whole kind: a guest that fills its own cannot keep a grant by that. */
static int take_away(cay_permissions_t *set, const cay_rule_t *rule) {
    bool whole = cay__kind_is_switch(rule->kind);
    if (set->allow[rule->kind].n == 0) {
        return 0; /* and nothing will be granted again */
    }
    int rc = whole ? 0 : add_denial(set, rule);
    if (whole || rc == CAY_ELIMIT) {
        cay__set_drop(set, rule->kind);
        return 0;
    }
    return rc;
}

/* The one after `a` in a walk over all below `top`; NULL at the end. */
static cay_authority_t *next_below(const cay_authority_t *top, cay_authority_t *a) {
    if (!cay__list_empty(&a->children)) {
        return CAY_CONTAINER(a->children.next, cay_authority_t, sibling);
    }
    while (a != top) {
        if (a->sibling.next != &a->parent->children) {
            return CAY_CONTAINER(a->sibling.next, cay_authority_t, sibling);
        }
        a = a->parent;
    }
    return NULL;
}

static int revoke_locked(cay_tree_t *t, cay_authority_t *a, const cay_rule_t *rule)
    CAY_REQUIRES(t->lock) {
    int rc = take_away(a->set, rule);
    if (rc) {
        return rc;
    }
    end_uses_locked(t, a, rule->kind);
    for (cay_authority_t *at = a; (at = next_below(a, at)) != NULL;) {
        if (take_away(at->set, rule)) {
            cay__set_drop(at->set, rule->kind);
        }
        end_uses_locked(t, at, rule->kind);
    }
    return 0;
}

int cay__authority_revoke(cay_authority_t *a, cay_kind_t kind, const char *value,
                          cay_error_t **err) {
    cay_tree_t *t = a->tree;
    cay_rule_t rule;
    bool deny = kind < CAY_KIND_EVAL; /* a switch has nothing to deny: it is turned off */
    int rc = cay__rule_parse(kind, deny, value, value ? strlen(value) : 0, &rule, err);
    if (rc) {
        return rc;
    }
    cay__mutex_lock(&t->lock);
    rc = revoke_locked(t, a, &rule);
    cay__mutex_unlock(&t->lock);
    cay__rule_clear(&rule);
    return rc;
}
