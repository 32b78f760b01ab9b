/* SPDX-License-Identifier: MIT */
/* The inbox: a stack that anyone pushes to and only the agent's slice empties, whole. */
#include "worker/inbox.h"

void cay__note_push(cay_agent_t *a, cay_note_t *n) {
    if (atomic_exchange_explicit(&n->queued, true, memory_order_acq_rel)) {
        return; /* still to be worked off: it will see what made it ready again */
    }
    cay_note_t *head = atomic_load_explicit(&a->inbox, memory_order_relaxed);
    bool held = false;
    do {
        if (!head && !held) { /* the token comes before the note can be seen */
            cay__group_hold(a->group);
            held = true;
        }
        n->next = head;
    } while (!atomic_compare_exchange_weak_explicit(&a->inbox, &head, n, memory_order_release,
                                                    memory_order_relaxed));
    if (head) {
        if (held) { /* somebody else's push had made the batch, and holds its token */
            cay__group_release(a->group, 1);
        }
        return;
    }
    cay__actor_wake(&a->actor);
}

void cay__inbox_take(cay_agent_t *a) {
    cay_note_t *n = atomic_load_explicit(&a->inbox, memory_order_relaxed);
    if (!n) {
        return;
    }
    n = atomic_exchange_explicit(&a->inbox, NULL, memory_order_acquire);
    a->tokens++;
    cay_note_t *oldest = NULL;
    cay_note_t *newest = n;
    while (n) {
        cay_note_t *next = n->next;
        n->next = oldest;
        oldest = n;
        n = next;
    }
    *a->todo_end = oldest;
    a->todo_end = &newest->next;
}

cay_note_t *cay__inbox_shift(cay_agent_t *a) {
    cay_note_t *n = a->todo;
    if (n) {
        a->todo = n->next;
        if (!a->todo) {
            a->todo_end = &a->todo;
        }
        n->next = NULL;
        /* From here on a push brings it in again: what happened before this store is seen by the run. */
        atomic_exchange_explicit(&n->queued, false, memory_order_acq_rel);
    }
    return n;
}

void cay__inbox_again(cay_agent_t *a, cay_note_t *n) {
    if (atomic_exchange_explicit(&n->queued, true, memory_order_acq_rel)) {
        return;
    }
    n->next = NULL;
    *a->todo_end = n;
    a->todo_end = &n->next;
}

void cay__inbox_settle(cay_agent_t *a) {
    uint32_t tokens = a->tokens;
    if (!a->todo && tokens) {
        a->tokens = 0;
        cay__group_release(a->group, tokens);
    }
}
