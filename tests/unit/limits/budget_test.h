/* SPDX-License-Identifier: MIT */
/* Budgets whose sinks remember what they were told. */
#ifndef CAY_TESTS_BUDGET_TEST_H
#define CAY_TESTS_BUDGET_TEST_H

#include "base/mem.h"
#include "limits_test.h"
#include "os/thread.h"

#define MS    CAY_NS_PER_MS
#define NEVER UINT64_MAX

typedef struct watched {
    cay_budget_t b;
    char told[512]; /* "soft cpu 100 80; hard cpu 100 101; " */
} watched_t;

static inline void remember(cay_budget_t *b, const char *what, cay_limit_t which, uint64_t limit,
                            uint64_t used) {
    watched_t *w = CAY_CONTAINER(b, watched_t, b);
    size_t n = strlen(w->told);
    snprintf(w->told + n, sizeof w->told - n, "%s %s %lld %llu; ", what, cay_limit_name(which),
             (long long)limit, (unsigned long long)used);
}
static inline void on_soft(cay_budget_t *b, cay_limit_t which, uint64_t limit, uint64_t used) {
    remember(b, "soft", which, limit, used);
}
static inline void on_hard(cay_budget_t *b, const cay_account_t *whose, cay_limit_t which,
                           uint64_t limit, uint64_t used) {
    remember(b,
             whose == b->account           ? "hard"
             : whose == b->account->parent ? "parent's"
                                           : "root's",
             which, limit, used);
}
static inline void on_sample(cay_budget_t *b) {
    strcat(CAY_CONTAINER(b, watched_t, b)->told, "sample; ");
}
static const cay_budget_ops_t ops = {on_soft, on_hard, on_sample};

/* Born at time 0, of no limits but those in the text; nobody watches it but the test. */
static inline watched_t *watched(cay_account_t *parent, const char *text) {
    cay_limits_t l = CAY_LIMITS_INIT;
    l.turn_cpu_ms = l.startup_ms = CAY_UNLIMITED;
    assert_int_equal(cay__limits_read(&l, text, NULL), 0);
    assert_int_equal(cay__limits_fill(&l, NULL), 0);
    watched_t *w = CAY_NEW(watched_t);
    assert_non_null(w);
    w->b.ops = &ops;
    w->b.account = cay__account_new(parent, &l, NULL);
    assert_non_null(w->b.account);
    w->b.account->born = 0;
    w->b.cpus = 4;
    return w;
}

static inline void drop(watched_t *w) {
    cay__account_end(w->b.account);
    cay__account_unref(&w->b.account);
    cay__free(w);
}

#endif
