/* SPDX-License-Identifier: MIT */
/* Authorities: checks, audit, revocation over a tree of live sets.
 *
 * The tree's lock guards the sets, the lists of uses and the links between authorities. What a decision needs
 * afterwards (messages, the audit record) is made under it and handed out after it. */
#include "perm/live.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "os/clock.h"

static void tree_unref(cay_tree_t *t) {
    if (t && atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) == 1) {
        cay__mutex_destroy(&t->lock);
        cay__free(t);
    }
}

static cay_tree_t *tree_of(const cay_authority_options_t *o) {
    if (o->parent) {
        atomic_fetch_add_explicit(&o->parent->tree->refs, 1, memory_order_relaxed);
        return o->parent->tree;
    }
    cay_tree_t *t = CAY_NEW(cay_tree_t);
    if (t) {
        cay__mutex_init(&t->lock);
        atomic_init(&t->refs, 1);
        t->on_audit = o->on_audit;
        t->audit_user = o->audit_user;
    }
    return t;
}

/* What the parent lost since the set was made from its own is lost here too. */
static int narrow(const cay_permissions_t *parent, cay_permissions_t *set) {
    for (cay_kind_t kind = 0; kind < CAY_KIND_COUNT; kind++) {
        const cay_rules_t *denials = &parent->deny[kind];
        if (parent->allow[kind].n == 0) {
            cay__set_drop(set, kind);
        }
        for (uint32_t i = 0; i < denials->n && set->allow[kind].n; i++) {
            int rc = cay__set_denies_all_of(set, &denials->v[i])
                         ? 0
                         : cay__set_add_copy(set, &denials->v[i]);
            if (rc) {
                return rc;
            }
        }
    }
    return 0;
}

/* From here on revocations reach the set. */
static int join_parent(cay_authority_t *a, cay_authority_t *parent, cay_permissions_t *set) {
    cay_tree_t *t = a->tree;
    cay__mutex_lock(&t->lock);
    int rc = narrow(parent->set, set);
    if (rc == 0) {
        a->set = set;
        a->parent = cay__authority_ref(parent);
        cay__list_push(&parent->children, &a->sibling);
    }
    cay__mutex_unlock(&t->lock);
    return rc;
}

static cay_authority_t *blank(const cay_authority_options_t *o) {
    cay_authority_t *a = CAY_NEW(cay_authority_t);
    if (!a) {
        return NULL;
    }
    atomic_init(&a->refs, 1);
    cay__list_init(&a->sibling);
    cay__list_init(&a->children);
    cay__list_init(&a->uses);
    a->worker_id = o->worker_id;
    a->worker_name = cay__strdup(o->worker_name ? o->worker_name : "");
    a->tree = tree_of(o);
    if (!a->worker_name || !a->tree) {
        cay__authority_unref(&a);
    }
    return a;
}

int cay__authority_new(const cay_authority_options_t *o, CAY_OWN cay_permissions_t *set,
                       CAY_OWN cay_authority_t **out) {
    cay_authority_t *a = blank(o);
    *out = NULL;
    if (!a) {
        return CAY_ENOMEM;
    }
    if (!o->parent) {
        a->set = set;
    } else {
        int rc = join_parent(a, o->parent, set);
        if (rc) {
            cay__authority_unref(&a);
            return rc;
        }
    }
    *out = a;
    return 0;
}

cay_authority_t *cay__authority_ref(cay_authority_t *a) {
    atomic_fetch_add_explicit(&a->refs, 1, memory_order_relaxed);
    return a;
}

static void authority_free(cay_authority_t *a) {
    if (a->tree) {
        /* Who walks the tree under the lock may have seen it until now. */
        cay__mutex_lock(&a->tree->lock);
        cay__list_remove(&a->sibling);
        cay__mutex_unlock(&a->tree->lock);
    }
    tree_unref(a->tree);
    cay_permissions_free(a->set);
    cay__free(a->worker_name);
    cay__free(a);
}

void cay__authority_unref(cay_authority_t **a) {
    cay_authority_t *at = *a;
    *a = NULL;
    while (at && atomic_fetch_sub_explicit(&at->refs, 1, memory_order_acq_rel) == 1) {
        cay_authority_t *parent = at->parent;
        authority_free(at);
        at = parent; /* the reference that it had */
    }
}

void cay__place_clear(cay_place_t *p) {
    cay__free(p->root);
    cay__free(p->named);
    *p = (cay_place_t){NULL, NULL};
}

/* --- decisions --- */

static int fill_place(const cay_rule_t *rule, cay_place_t *place) {
    const char *root = cay__rule_real(rule), *named = cay__rule_path(rule);
    place->root = cay__strdup(root ? root : "/");
    place->named = cay__strdup(named ? named : "/");
    if (!place->root || !place->named) {
        cay__place_clear(place);
        return CAY_ENOMEM;
    }
    return 0;
}

static int refuse(const cay_authority_t *a, const cay_ask_t *ask, const cay_verdict_t *v,
                  cay_error_t **err) {
    cay_buf_t text = CAY_BUF_INIT;
    if (!err) {
        return CAY_EPERM;
    }
    cay__refusal_print(a->set, a->parent != NULL, ask, v, &text);
    char *message = cay__buf_take_str(&text);
    if (!message) {
        return CAY_ENOMEM;
    }
    cay__error_set(err, CAY_EPERM, "%s", message);
    cay__free(message);
    return CAY_EPERM;
}

static void note_for_audit(const cay_ask_t *ask, const cay_verdict_t *v, cay_decision_t *d) {
    cay__ask_print(ask, &d->value);
    cay__buf_u8(&d->value, 0);
    if (v->rule) {
        cay__rule_print(v->rule, &d->rule);
        cay__buf_u8(&d->rule, 0);
    }
    if (d->value.failed || d->rule.failed) {
        d->rc = CAY_ENOMEM;
    }
    d->audited = d->rc != CAY_ENOMEM;
}

void cay__decide_locked(cay_authority_t *a, cay_tree_t *t, const cay_ask_t *ask, cay_place_t *place,
                        cay_error_t **err, cay_decision_t *d) {
    cay_verdict_t v;
    *d = (cay_decision_t){.value = CAY_BUF_INIT, .rule = CAY_BUF_INIT};
    if (place) {
        *place = (cay_place_t){NULL, NULL};
    }
    if (!cay__perm_check(a->set, ask, &v)) {
        d->rc = refuse(a, ask, &v, err);
    } else if (place && cay__kind_is_path(ask->kind)) {
        d->rc = fill_place(v.rule, place);
    }
    if (t->on_audit && d->rc != CAY_ENOMEM) {
        note_for_audit(ask, &v, d);
    }
    if (d->rc && place) {
        cay__place_clear(place);
    }
}

int cay__decision_finish(const cay_authority_t *a, cay_kind_t kind, cay_decision_t *d) {
    if (d->audited) {
        cay_audit_t record = {
            .size = sizeof record,
            .time_ns = cay__clock_wall(),
            .worker_id = a->worker_id,
            .worker_name = a->worker_name,
            .kind = kind,
            .granted = d->rc == 0,
            .value = (const char *)d->value.data,
            .rule = d->rule.len ? (const char *)d->rule.data : NULL,
        };
        a->tree->on_audit(&record, a->tree->audit_user);
    }
    cay__buf_free(&d->value);
    cay__buf_free(&d->rule);
    return d->rc;
}

int cay__authority_check(cay_authority_t *a, const cay_ask_t *ask, cay_place_t *place,
                         cay_error_t **err) {
    cay_decision_t d;
    cay_tree_t *t = a->tree;
    cay__mutex_lock(&t->lock);
    cay__decide_locked(a, t, ask, place, err, &d);
    cay__mutex_unlock(&t->lock);
    return cay__decision_finish(a, ask->kind, &d);
}

bool cay__authority_has(cay_authority_t *a, const cay_ask_t *ask) {
    cay_verdict_t v;
    cay__mutex_lock(&a->tree->lock);
    bool granted = cay__perm_check(a->set, ask, &v);
    cay__mutex_unlock(&a->tree->lock);
    return granted;
}

bool cay__authority_denies_path(cay_authority_t *a, cay_kind_t kind, const char *path, size_t len) {
    cay__mutex_lock(&a->tree->lock);
    bool denied = cay__perm_denies_path(a->set, kind, path, len);
    cay__mutex_unlock(&a->tree->lock);
    return denied;
}

bool cay__authority_denies_below(cay_authority_t *a, cay_kind_t kind, const char *path,
                                 size_t len) {
    cay__mutex_lock(&a->tree->lock);
    bool denied = cay__perm_denies_below(a->set, kind, path, len);
    cay__mutex_unlock(&a->tree->lock);
    return denied;
}

CAY_OWN char *cay__authority_denial_below(cay_authority_t *a, cay_kind_t kind, const char *path,
                                          size_t len) {
    cay__mutex_lock(&a->tree->lock);
    const cay_rule_t *rule = cay__perm_denial_below(a->set, kind, path, len);
    char *shown = rule ? cay__rule_shown(rule) : NULL;
    cay__mutex_unlock(&a->tree->lock);
    return shown;
}

int cay__authority_snapshot(cay_authority_t *a, CAY_OWN cay_permissions_t **out) {
    cay__mutex_lock(&a->tree->lock);
    int rc = cay_permissions_copy(a->set, out);
    cay__mutex_unlock(&a->tree->lock);
    return rc;
}

int cay__authority_query(cay_authority_t *a, cay_kind_t kind, const char *value, cay_grant_t *out,
                         cay_error_t **err) {
    cay__mutex_lock(&a->tree->lock);
    int rc = cay_permissions_query(a->set, kind, value, out, err);
    cay__mutex_unlock(&a->tree->lock);
    return rc;
}

int cay__authority_derive(cay_authority_t *a, const char *text, uint32_t inherit,
                          CAY_OWN cay_permissions_t **out, cay_error_t **err) {
    cay_permissions_t *now;
    int rc = cay__authority_snapshot(a, &now);
    if (rc || !text) {
        *out = now;
        return rc;
    }
    /* A large text takes its time: not under the lock. What is revoked meanwhile is taken from the child when it
     * joins the tree. */
    cay_lack_t lack = {.value = CAY_BUF_INIT, .rule = CAY_BUF_INIT};
    rc = cay__child_make(now, text, inherit, out, &lack, err);
    cay_permissions_free(now);
    cay_decision_t d = {.rc = rc, .value = lack.value, .rule = lack.rule};
    d.audited = a->tree->on_audit && lack.found && rc == CAY_EPERM;
    return cay__decision_finish(a, lack.kind, &d);
}
