/* SPDX-License-Identifier: MIT */
#include "worker/group.h"

#include "base/mem.h"

cay_group_t *cay__group_new(const cay_worker_options_t *o) {
    cay_group_t *g = CAY_NEW(cay_group_t);
    if (!g) {
        return NULL;
    }
    if (o->module_root && !(g->module_root = cay__strdup(o->module_root))) {
        cay__free(g);
        return NULL;
    }
    atomic_init(&g->refs, 1);
    g->flags = o->flags;
    g->on_source = o->on_source;
    g->source_user = o->source_user;
    g->on_output = o->on_output;
    g->output_user = o->output_user;
    cay__mutex_init_recursive(&g->lock);
    return g;
}

cay_group_t *cay__group_ref(cay_group_t *g) {
    atomic_fetch_add_explicit(&g->refs, 1, memory_order_relaxed);
    return g;
}

void cay__group_unref(cay_group_t **slot) {
    cay_group_t *g = *slot;
    *slot = NULL;
    if (g && atomic_fetch_sub_explicit(&g->refs, 1, memory_order_acq_rel) == 1) {
        cay__mutex_destroy(&g->lock);
        cay__free(g->module_root);
        cay__free(g);
    }
}

void cay__group_set_root(cay_group_t *g, struct eng_host *root, void (*quiet)(struct eng_host *)) {
    cay__mutex_lock(&g->lock);
    g->root = root;
    g->quiet = quiet;
    cay__mutex_unlock(&g->lock);
}

/* Telling the root pushes a note, and a push can give a token back: hence the recursive lock. It recurses
 * once at most, as the note is in the inbox by then. */
void cay__group_release(cay_group_t *g, uint32_t count) {
    if (count == 0 || atomic_fetch_sub_explicit(&g->active, count, memory_order_acq_rel) != count) {
        return;
    }
    if (!(g->flags & CAY_WORKER_CLOSE_WHEN_QUIET)) {
        return;
    }
    cay__mutex_lock(&g->lock);
    if (g->root) {
        g->quiet(g->root);
    }
    cay__mutex_unlock(&g->lock);
}
