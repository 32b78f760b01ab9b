/* SPDX-License-Identifier: MIT */
#include "base/heap.h"

static bool before(const cay_heap_node_t *a, const cay_heap_node_t *b) {
    return a->key != b->key ? a->key < b->key : a->order < b->order;
}

/* Makes the larger root the leftmost child of the smaller. Both are roots or NULL. */
static cay_heap_node_t *meld(cay_heap_node_t *a, cay_heap_node_t *b) {
    if (!a || !b) {
        return a ? a : b;
    }
    if (before(b, a)) {
        cay_heap_node_t *t = a;
        a = b;
        b = t;
    }
    b->prev = a;
    b->next = a->child;
    if (a->child) {
        a->child->prev = b;
    }
    a->child = b;
    a->next = a->prev = NULL;
    return a;
}

/* The two-pass merge of a list of siblings, first pass building a reversed list of pairs. */
static cay_heap_node_t *merge_siblings(cay_heap_node_t *first) {
    cay_heap_node_t *pairs = NULL;
    while (first) {
        cay_heap_node_t *a = first;
        cay_heap_node_t *b = a->next;
        first = b ? b->next : NULL;
        a->next = a->prev = NULL;
        if (b) {
            b->next = b->prev = NULL;
        }
        cay_heap_node_t *pair = meld(a, b);
        pair->next = pairs;
        pairs = pair;
    }
    cay_heap_node_t *root = NULL;
    while (pairs) {
        cay_heap_node_t *rest = pairs->next;
        pairs->next = NULL;
        root = meld(root, pairs);
        pairs = rest;
    }
    return root;
}

void cay__heap_push(cay_heap_t *h, cay_heap_node_t *n, uint64_t key) {
    *n = (cay_heap_node_t){.key = key, .order = h->pushes++, .in_heap = true};
    h->root = meld(h->root, n);
    h->count++;
}

void cay__heap_remove(cay_heap_t *h, cay_heap_node_t *n) {
    if (!n->in_heap) {
        return;
    }
    n->in_heap = false;
    h->count--;
    cay_heap_node_t *below = merge_siblings(n->child);
    n->child = NULL;
    if (n == h->root) {
        h->root = below;
        return;
    }
    if (n->prev->child == n) {
        n->prev->child = n->next;
    } else {
        n->prev->next = n->next;
    }
    if (n->next) {
        n->next->prev = n->prev;
    }
    n->next = n->prev = NULL;
    h->root = meld(h->root, below);
}
