/* SPDX-License-Identifier: MIT */
/* An intrusive doubly linked list with a sentinel. A node is in one list or, pointing at itself, in
 * none; removing it twice is harmless. */
#ifndef CAY_BASE_LIST_H
#define CAY_BASE_LIST_H

#include "base/attrs.h"

typedef struct cay_link {
    struct cay_link *prev;
    struct cay_link *next;
} cay_link_t;

static inline void cay__list_init(cay_link_t *l) {
    l->prev = l->next = l;
}
static inline bool cay__list_empty(const cay_link_t *l) {
    return l->next == l;
}
static inline void cay__list_remove(cay_link_t *n) {
    n->prev->next = n->next;
    n->next->prev = n->prev;
    cay__list_init(n);
}
static inline void cay__list_push(cay_link_t *head, cay_link_t *n) { /* at the end */
    n->prev = head->prev;
    n->next = head;
    head->prev->next = n;
    head->prev = n;
}
static inline void cay__list_push_front(cay_link_t *head, cay_link_t *n) {
    cay__list_push(head->next, n);
}
static inline cay_link_t *cay__list_shift(cay_link_t *head) { /* the first, taken out; or NULL */
    if (cay__list_empty(head)) {
        return NULL;
    }
    cay_link_t *n = head->next;
    cay__list_remove(n);
    return n;
}
/* All nodes of `from` to the end of `to`. */
static inline void cay__list_splice(cay_link_t *to, cay_link_t *from) {
    if (cay__list_empty(from)) {
        return;
    }
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    cay__list_init(from);
}

#endif
