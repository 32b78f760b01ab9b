/* SPDX-License-Identifier: MIT */
/* An authority: the live permissions of one worker. Shared by the worker, its operations in flight and those
 * who may revoke (counted references); forms a tree as workers do.
 *
 * Threads. Everything from any thread. One lock for a whole tree orders checks, uses and revocations, so that
 * no use begins on a grant that was revoked before. `revoked` and the audit callback run under it or just
 * after it, as told below.
 *
 *     cay__use_begin ──► checked and listed ──► cay__use_end
 *                             │ revoke of what it needs
 *                             └──► revoked(use), once */
#ifndef CAY_PERM_AUTHORITY_H
#define CAY_PERM_AUTHORITY_H

#include "base/list.h"
#include "perm/perm.h"

typedef struct cay_authority cay_authority_t;

typedef struct cay_authority_options {
    cay_authority_t *parent; /* NULL for a root; a reference is taken */
    uint64_t worker_id;
    const char *worker_name; /* copied */
    cay_audit_cb on_audit;   /* roots only: a child has its root's */
    void *audit_user;
} cay_authority_options_t;

/* Takes the set over on success. CAY_ENOMEM. */
CAY_NODISCARD int cay__authority_new(const cay_authority_options_t *o,
                                     CAY_OWN cay_permissions_t *set, CAY_OWN cay_authority_t **out);
cay_authority_t *cay__authority_ref(cay_authority_t *a);
void cay__authority_unref(cay_authority_t **a);

/* What a check found, copied out so that it stays true when the set changes. */
typedef struct cay_place {
    char *
        root; /* read, write: cay__rule_real of the rule that granted it, "/" when everything is granted;
                   cay__malloc'ed. NULL for other kinds */
    char *named; /* cay__rule_path of that rule, "/" when everything is granted; cay__malloc'ed */
} cay_place_t;
void cay__place_clear(cay_place_t *p);

/* 0, or CAY_EPERM with a message for the guest: what is needed, and the flag that grants it ("read access to
 * "/etc/passwd" is not granted; --allow-read=/etc/passwd would grant it"; a special address is told by its
 * class). Audited. `place` may be NULL. CAY_ENOMEM. */
CAY_NODISCARD int cay__authority_check(cay_authority_t *a, const cay_ask_t *ask, cay_place_t *place,
                                       cay_error_t **err);
/* As above without audit or detail: is it granted now? */
bool cay__authority_has(cay_authority_t *a, const cay_ask_t *ask);
/* cay__perm_denies_path of the set of now. */
bool cay__authority_denies_path(cay_authority_t *a, cay_kind_t kind, const char *path, size_t len);
/* cay__perm_denies_below of the set of now. */
bool cay__authority_denies_below(cay_authority_t *a, cay_kind_t kind, const char *path, size_t len);
/* The same for a message: cay__rule_shown of the rule. NULL: there is none, or no memory. */
CAY_OWN char *cay__authority_denial_below(cay_authority_t *a, cay_kind_t kind, const char *path,
                                          size_t len);
/* A copy of the set of now. */
CAY_NODISCARD int cay__authority_snapshot(cay_authority_t *a, CAY_OWN cay_permissions_t **out);
/* cay_permissions_query of the set of now. */
CAY_NODISCARD int cay__authority_query(cay_authority_t *a, cay_kind_t kind, const char *value,
                                       cay_grant_t *out, cay_error_t **err);
/* cay__perm_child of the set of now, or with text NULL all that the parent has. A grant that is refused is audited. */
CAY_NODISCARD int cay__authority_derive(cay_authority_t *a, const char *text, uint32_t inherit,
                                        CAY_OWN cay_permissions_t **out, cay_error_t **err);

/* Takes `value` (NULL: all) of a kind away from a and everyone below, for good: a deny rule; a switch is turned
 * off. When it returns, `revoked` has been called for every use that it ended. CAY_EINVAL and CAY_ENOMEM change
 * nothing for a. What has no room for the rule loses the whole kind instead: a set that is full, and a descendant
 * that gets no memory. Audited: itself, then each use that it ended, all with the denial as
 * their rule (of a switch "deny-KIND"). */
CAY_NODISCARD int cay__authority_revoke(cay_authority_t *a, cay_kind_t kind, const char *value,
                                        cay_error_t **err);

/* A grant in use by an operation that goes on. Embedded in the operation. */
typedef struct cay_use {
    cay_link_t link;
    cay_authority_t *authority; /* a reference, while begun */
    cay_ask_t ask;              /* value is owned: cay__malloc'ed */
    cay_addr_t addr;
    /* Under the tree's lock, on the revoker's thread, at most once: may only mark and wake. */
    void (*revoked)(struct cay_use *use);
} cay_use_t;

/* cay__authority_check, and on success the use is listed. `use->revoked` is set by the caller. */
CAY_NODISCARD int cay__use_begin(cay_authority_t *a, cay_use_t *use, const cay_ask_t *ask,
                                 cay_place_t *place, cay_error_t **err);
/* CAY_EPERM with the message for the guest: "net access to "a:80" was revoked". */
int cay__use_revoked(const cay_use_t *use, cay_error_t **err);
/* After it returns `revoked` does not run any more. A use that never began (zeroed) is fine. */
void cay__use_end(cay_use_t *use);

#endif
