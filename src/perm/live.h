/* SPDX-License-Identifier: MIT */
/* Inside of authorities: the tree and its lock. */
#ifndef CAY_PERM_LIVE_H
#define CAY_PERM_LIVE_H

#include <stdatomic.h>

#include "os/thread.h"
#include "perm/authority.h"
#include "perm/set.h"

/* What all authorities of a tree share; lives as long as any of them. */
typedef struct cay_tree {
    cay_mutex_t lock;
    _Atomic uint32_t refs;
    cay_audit_cb on_audit;
    void *audit_user;
} cay_tree_t;

struct cay_authority {
    _Atomic uint32_t refs;
    cay_tree_t *tree;
    cay_authority_t *parent; /* a reference; fixed */
    uint64_t worker_id;
    char *worker_name;
    /* Guarded by the tree's lock. */
    cay_permissions_t *set;
    cay_link_t sibling;  /* in the parent's children */
    cay_link_t children; /* they have references to us, we have none to them */
    cay_link_t uses;
};

/* authority.c. One decision: what is made of it under the lock, and told after it. */
typedef struct cay_decision {
    int rc;
    bool audited;
    cay_buf_t value; /* for the audit record, with a NUL at the end */
    cay_buf_t rule;  /* empty: none */
} cay_decision_t;

/* Judges, and makes everything that the outcome needs. CAY_ENOMEM: nothing is granted, and nobody is told. */
void cay__decide_locked(cay_authority_t *a, cay_tree_t *t, const cay_ask_t *ask, cay_place_t *place,
                        cay_error_t **err, cay_decision_t *d) CAY_REQUIRES(t->lock);
/* Tells the audit callback, and gives the code of the decision, which is used up. */
int cay__decision_finish(const cay_authority_t *a, cay_kind_t kind, cay_decision_t *d)
    CAY_EXCLUDES(a->tree->lock);

#endif
