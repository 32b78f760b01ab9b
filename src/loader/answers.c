/* SPDX-License-Identifier: MIT */
/* The mailbox of a loader: answers of the host, of the network, and revocations. */
#include "base/mem.h"
#include "loader/internal.h"

answers_t *cay__answers_new(cay_agent_t *a) {
    answers_t *b = CAY_NEW(answers_t);
    if (b) {
        atomic_init(&b->refs, 1);
        cay__mutex_init(&b->lock);
        cay__list_init(&b->waiting);
        b->agent = a;
    }
    return b;
}

answers_t *cay__answers_ref(answers_t *b) {
    atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    return b;
}

void cay__answers_unref(answers_t *b) {
    if (atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1) {
        cay__mutex_destroy(&b->lock);
        cay__free(b);
    }
}

bool cay__answers_post(answers_t *b, answer_t *a) {
    cay__mutex_lock(&b->lock);
    cay_agent_t *agent = b->agent;
    if (agent && cay__list_empty(&a->link)) {
        cay__list_push(&b->waiting, &a->link);
        /* Under the lock, so that the agent cannot end in between. */
        cay__note_push(agent, &agent->load_note);
    }
    cay__mutex_unlock(&b->lock);
    return agent != NULL;
}

answer_t *cay__answers_take(answers_t *b) {
    cay__mutex_lock(&b->lock);
    cay_link_t *link = cay__list_shift(&b->waiting);
    cay__mutex_unlock(&b->lock);
    return link ? CAY_CONTAINER(link, answer_t, link) : NULL;
}

void cay__answers_withdraw(answers_t *b, answer_t *a) {
    cay__mutex_lock(&b->lock);
    cay__list_remove(&a->link);
    cay__mutex_unlock(&b->lock);
}

void cay__answers_close(answers_t *b) {
    cay_link_t rest;
    cay__list_init(&rest);
    cay__mutex_lock(&b->lock);
    b->agent = NULL;
    cay__list_splice(&rest, &b->waiting);
    cay__mutex_unlock(&b->lock);
    for (cay_link_t *link; (link = cay__list_shift(&rest));) {
        answer_t *a = CAY_CONTAINER(link, answer_t, link);
        a->drop(a);
    }
    cay__answers_unref(b);
}
