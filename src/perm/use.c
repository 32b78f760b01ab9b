/* SPDX-License-Identifier: MIT */
/* Uses of grants by operations that go on, and revocation, which ends them. */
#include "perm/live.h"

#include <string.h>

#include "base/err.h"
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

int cay__use_revoked(const cay_use_t *use, cay_error_t **err) {
    cay_buf_t text = CAY_BUF_INIT;
    cay__revoked_print(&use->ask, &text);
    CAY_AUTOFREE char *message = cay__buf_take_str(&text);
    return cay__error_set(err, CAY_EPERM, "%s", message ? message : "the permission was revoked");
}

/* --- revocation --- */

/* What the audit is told of a revocation once the lock is free. Without memory for one of them a use ends untold: that
 * it ends is what matters. */
typedef struct end {
    struct end *next;
    cay_authority_t *authority; /* a reference */
    cay_decision_t decision;
} end_t;

typedef struct ends {
    const cay_rule_t *rule;
    const char *text; /* of the rule; NULL: there is no audit */
    end_t *first;
    end_t **last;
} ends_t;

static void end_free(end_t *e) {
    cay__buf_free(&e->decision.value);
    cay__buf_free(&e->decision.rule);
    if (e->authority) {
        cay__authority_unref(&e->authority);
    }
    cay__free(e);
}

/* `ask` NULL: the revocation itself. */
static int note_end(ends_t *ends, cay_authority_t *a, const cay_ask_t *ask) {
    end_t *e = ends->text ? CAY_NEW(end_t) : NULL;
    if (!e) {
        return ends->text ? CAY_ENOMEM : 0;
    }
    e->decision = (cay_decision_t){
        .rc = CAY_EPERM, .audited = true, .value = CAY_BUF_INIT, .rule = CAY_BUF_INIT};
    if (ask) {
        cay__ask_print(ask, &e->decision.value);
    } else {
        cay__rule_value(ends->rule, &e->decision.value);
    }
    cay__buf_u8(&e->decision.value, 0);
    cay__buf_put(&e->decision.rule, ends->text, strlen(ends->text) + 1);
    if (e->decision.value.failed || e->decision.rule.failed) {
        end_free(e);
        return CAY_ENOMEM;
    }
    e->authority = cay__authority_ref(a);
    *ends->last = e;
    ends->last = &e->next;
    return 0;
}

/* Without the lock: tells them when it was done, and forgets them. */
static void tell_ends(ends_t *ends, bool done) {
    for (end_t *e; (e = ends->first) != NULL;) {
        ends->first = e->next;
        if (done) {
            cay__decision_finish(e->authority, ends->rule->kind, &e->decision);
        }
        end_free(e);
    }
}

/* The uses of `a` that its set of now does not grant. */
static void end_uses_locked(cay_tree_t *t, cay_authority_t *a, ends_t *ends) CAY_REQUIRES(t->lock) {
    cay_link_t *next;
    (void)t;
    for (cay_link_t *at = a->uses.next; at != &a->uses; at = next) {
        cay_use_t *use = CAY_CONTAINER(at, cay_use_t, link);
        cay_verdict_t v;
        next = at->next;
        if (use->ask.kind == ends->rule->kind && !cay__perm_check(a->set, &use->ask, &v)) {
            cay__list_remove(at);
            (void)!note_end(ends, a, &use->ask);
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

static int revoke_locked(cay_tree_t *t, cay_authority_t *a, ends_t *ends) CAY_REQUIRES(t->lock) {
    const cay_rule_t *rule = ends->rule;
    int rc = take_away(a->set, rule);
    if (rc) {
        return rc;
    }
    end_uses_locked(t, a, ends);
    for (cay_authority_t *at = a; (at = next_below(a, at)) != NULL;) {
        if (take_away(at->set, rule)) {
            cay__set_drop(at->set, rule->kind);
        }
        end_uses_locked(t, at, ends);
    }
    return 0;
}

/* "deny-", which a switch has not in the text form, as the others. */
static char *denial_text(const cay_rule_t *rule) {
    cay_buf_t text = CAY_BUF_INIT;
    cay__buf_str(&text, rule->deny ? "" : "deny-");
    cay__rule_print(rule, &text);
    return cay__buf_take_str(&text);
}

static int revoke(cay_tree_t *t, cay_authority_t *a, const cay_rule_t *rule) {
    CAY_AUTOFREE char *text = t->on_audit ? denial_text(rule) : NULL;
    ends_t ends = {.rule = rule, .text = text};
    ends.last = &ends.first;
    int rc = t->on_audit && !text ? CAY_ENOMEM : note_end(&ends, a, NULL);
    if (rc == 0) {
        cay__mutex_lock(&t->lock);
        rc = revoke_locked(t, a, &ends);
        cay__mutex_unlock(&t->lock);
    }
    tell_ends(&ends, rc == 0);
    return rc;
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
    rule.revoked = deny;
    rc = revoke(t, a, &rule);
    cay__rule_clear(&rule);
    return rc;
}
