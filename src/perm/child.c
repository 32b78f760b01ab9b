/* SPDX-License-Identifier: MIT */
/* The set of a child made from its parent's, and where the file system has the paths of a set. */
#include "perm/set.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

static int note_lack(const cay_rule_t *c, const cay_rule_t *denial, cay_lack_t *lack) {
    lack->found = true;
    lack->kind = c->kind;
    cay__rule_value(c, &lack->value);
    cay__buf_u8(&lack->value, 0);
    if (denial) {
        cay__rule_print(denial, &lack->rule);
        cay__buf_u8(&lack->rule, 0);
    }
    return lack->value.failed || lack->rule.failed ? CAY_ENOMEM : 0;
}

/* Of a special address, too, the whole of net is more than a part. */
static bool has_part(const cay_permissions_t *parent, const cay_rule_t *c, bool whole) {
    cay_rule_t all = {.kind = c->kind, .form = CAY_RULE_ALL};
    return cay__set_has_part(parent, whole ? &all : c);
}

static int refuse(const cay_permissions_t *parent, const cay_rule_t *c, const cay_rule_t *denial,
                  cay_lack_t *lack, cay_error_t **err) {
    CAY_AUTOFREE char *grant = cay__rule_shown(c);
    CAY_AUTOFREE char *why = denial ? cay__rule_shown(denial) : NULL;
    bool whole = c->form == CAY_RULE_ALL || c->form == CAY_RULE_STAR;
    const char *what = grant ? grant : "?";
    int rc = lack ? note_lack(c, denial, lack) : 0;
    if (rc) {
        return rc;
    }
    if (denial && denial->revoked) {
        return cay__error_set(err, CAY_EPERM,
                              "a worker cannot be given %s: it was revoked from its parent", what);
    }
    if (denial) {
        return cay__error_set(err, CAY_EPERM,
                              "a worker cannot be given %s: its parent is denied it by %s", what,
                              why ? why : "?");
    }
    if (has_part(parent, c, whole)) {
        return cay__error_set(err, CAY_EPERM,
                              "a worker cannot be given %s: its parent does not have all of it%s",
                              what, whole ? "; \"inherit\" gives what it has" : "");
    }
    return cay__error_set(err, CAY_EPERM,
                          "a worker cannot be given %s: its parent does not have it", what);
}

int cay__rule_place(const cay_permissions_t *parent, cay_rule_t *r) {
    if (r->form != CAY_RULE_PATH) {
        return 0;
    }
    const cay_rule_t *above = cay__path_rule(parent, r->kind, r->text, r->len);
    if (!above || !above->real) {
        return 0;
    }
    char *real = cay__path_real(above, r->text, r->len);
    if (real) {
        cay__rule_set_real(r, real);
    }
    return real ? 0 : CAY_ENOMEM;
}

static int check_own(const cay_permissions_t *parent, cay_rules_t *own, cay_lack_t *lack,
                     cay_error_t **err) {
    for (uint32_t i = 0; i < own->n; i++) {
        cay_rule_t *c = &own->v[i];
        const cay_rule_t *denial = cay__set_denies_all_of(parent, c);
        if (denial || !cay__set_covers(parent, c)) {
            return refuse(parent, c, denial, lack, err);
        }
    }
    return 0;
}

static int place_rules(const cay_permissions_t *parent, cay_rules_t *rules) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < rules->n; i++) {
        rc = cay__rule_place(parent, &rules->v[i]);
    }
    return rc;
}

static int add_copies(cay_permissions_t *set, const cay_rules_t *rules) {
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < rules->n; i++) {
        rc = cay__set_add_copy(set, &rules->v[i]);
    }
    return rc;
}

static int derive_kind(const cay_permissions_t *parent, cay_kind_t kind, bool inherit,
                       cay_permissions_t *set, cay_lack_t *lack, cay_error_t **err) {
    int rc = check_own(parent, &set->allow[kind], lack, err);
    if (rc == 0) {
        rc = place_rules(parent, &set->allow[kind]);
    }
    if (rc == 0) {
        rc = place_rules(parent, &set->deny[kind]);
    }
    if (rc == 0 && inherit) {
        rc = add_copies(set, &parent->allow[kind]);
    }
    if (rc == 0 && set->allow[kind].n) {
        rc = add_copies(set, &parent->deny[kind]);
    }
    return rc;
}

int cay__child_make(const cay_permissions_t *parent, const char *text, uint32_t inherit,
                    CAY_OWN cay_permissions_t **out, cay_lack_t *lack, cay_error_t **err) {
    cay_permissions_t *set;
    *out = NULL;
    int rc = cay_permissions_parse(text, &set, err);
    if (rc) {
        return rc;
    }
    for (cay_kind_t kind = 0; rc == 0 && kind < CAY_KIND_COUNT; kind++) {
        rc = derive_kind(parent, kind, inherit >> kind & 1, set, lack, err);
    }
    if (rc) {
        cay_permissions_free(set);
        return rc == CAY_ELIMIT ? cay__error_set(err, rc, "permissions: too many rules") : rc;
    }
    *out = set;
    return 0;
}

int cay__perm_child(const cay_permissions_t *parent, const char *text, uint32_t inherit,
                    CAY_OWN cay_permissions_t **out, cay_error_t **err) {
    return cay__child_make(parent, text, inherit, out, NULL, err);
}

/* Asks about every path of the kinds read and write: into `reals`, in the order of the walk. */
static int ask_reals(cay_rules_t *rules, char *(*real)(const char *path, void *ctx), void *ctx,
                     char **reals, size_t *n) {
    for (uint32_t i = 0; i < rules->n; i++) {
        if (rules->v[i].form != CAY_RULE_PATH) {
            continue;
        }
        reals[*n] = real(rules->v[i].text, ctx);
        if (!reals[*n]) {
            return CAY_ENOMEM;
        }
        (*n)++;
    }
    return 0;
}

static void keep_reals(cay_rules_t *rules, char **reals, size_t *n) {
    for (uint32_t i = 0; i < rules->n; i++) {
        if (rules->v[i].form == CAY_RULE_PATH) {
            cay__rule_set_real(&rules->v[i], reals[(*n)++]);
        }
    }
}

int cay__perm_resolve(cay_permissions_t *set, char *(*real)(const char *path, void *ctx),
                      void *ctx) {
    cay_rules_t *const all[] = {&set->allow[CAY_KIND_READ], &set->deny[CAY_KIND_READ],
                                &set->allow[CAY_KIND_WRITE], &set->deny[CAY_KIND_WRITE]};
    size_t n = 0;
    int rc = 0;
    CAY_AUTOFREE char **reals = cay__calloc(set->count, sizeof *reals);
    if (!reals) {
        return CAY_ENOMEM;
    }
    for (size_t i = 0; rc == 0 && i < CAY_COUNT(all); i++) {
        rc = ask_reals(all[i], real, ctx, reals, &n);
    }
    if (rc) {
        while (n > 0) {
            cay__free(reals[--n]);
        }
        return rc;
    }
    n = 0;
    for (size_t i = 0; i < CAY_COUNT(all); i++) {
        keep_reals(all[i], reals, &n);
    }
    return 0;
}
