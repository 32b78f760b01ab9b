/* SPDX-License-Identifier: MIT */
/* An intrusive pairing heap: smallest key first, equal keys in the order they came.
 *
 * Nothing is allocated, so arming a timer cannot fail. push O(1), pop and remove O(log n) amortised;
 * the recursion-free merge bounds the C stack whatever a guest does. */
#ifndef CAY_BASE_HEAP_H
#define CAY_BASE_HEAP_H

#include "base/attrs.h"

typedef struct cay_heap_node {
    struct cay_heap_node *child; /* leftmost child */
    struct cay_heap_node *next;  /* right sibling */
    struct cay_heap_node *prev;  /* left sibling, or the parent of a leftmost child */
    uint64_t key;
    uint64_t order;
    bool in_heap;
} cay_heap_node_t;

typedef struct cay_heap {
    cay_heap_node_t *root;
    uint64_t pushes; /* gives each node its place among equal keys */
    size_t count;
} cay_heap_t;

void cay__heap_push(cay_heap_t *h, cay_heap_node_t *n, uint64_t key);
/* The smallest, or NULL. */
static inline cay_heap_node_t *cay__heap_top(const cay_heap_t *h) {
    return h->root;
}
/* Takes n out; nothing happens when it is not in a heap. */
void cay__heap_remove(cay_heap_t *h, cay_heap_node_t *n);

#endif
