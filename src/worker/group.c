/* SPDX-License-Identifier: MIT */
#include "worker/group.h"

#include <unistd.h>

#include "base/mem.h"
#include "io/fs.h"

static void environ_free(char **list) {
    for (char **e = list; e && *e; e++) {
        cay__free(*e);
    }
    cay__free(list);
}

/* environ(7) belongs to the host, which may change it at any time: a guest sees what it was. */
static char **environ_copy(void) {
    size_t count = 0;
    while (environ && environ[count]) {
        count++;
    }
    char **list = cay__calloc(count + 1, sizeof *list);
    for (size_t i = 0; list && i < count; i++) {
        if (!(list[i] = cay__strdup(environ[i]))) {
            environ_free(list);
            list = NULL;
        }
    }
    return list;
}

static int copy_text(char **to, const char *from) {
    *to = from ? cay__strdup(from) : NULL;
    return from && !*to ? CAY_ENOMEM : 0;
}

static int copy_texts(cay_group_t *g, const cay_worker_options_t *o, bool with_environ) {
    if (copy_text(&g->module_root, o->module_root) || copy_text(&g->directory, o->directory)) {
        return CAY_ENOMEM;
    }
    if (g->module_root && !(g->module_root_real = cay__fs_real(g->module_root))) {
        return CAY_ENOMEM;
    }
    return with_environ && !(g->environ = environ_copy()) ? CAY_ENOMEM : 0;
}

static void group_free(cay_group_t *g) {
    if (g->import_map) {
        g->import_map_unref(&g->import_map);
    }
    if (g->lock_file) {
        g->lock_unref(&g->lock_file);
    }
    cay__mutex_destroy(&g->lock);
    cay__free(g->module_root);
    cay__free(g->module_root_real);
    cay__free(g->directory);
    environ_free(g->environ);
    cay__free(g);
}

cay_group_t *cay__group_new(const cay_worker_options_t *o, bool with_environ) {
    cay_group_t *g = CAY_NEW(cay_group_t);
    if (!g) {
        return NULL;
    }
    atomic_init(&g->refs, 1);
    cay__mutex_init_recursive(&g->lock);
    g->flags = o->flags;
    g->child_permissions = o->child_permissions;
    g->on_source = o->on_source;
    g->source_user = o->source_user;
    g->on_output = o->on_output;
    g->output_user = o->output_user;
    if (copy_texts(g, o, with_environ)) {
        group_free(g);
        return NULL;
    }
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
        group_free(g);
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
