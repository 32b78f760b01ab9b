/* SPDX-License-Identifier: MIT */
/* A group: one root worker and all workers below it. Holds what they share (where output and imports go)
 * and counts their activity, so that the root can be told when nothing is left to do.
 *
 * A token is held by: a batch of notes from its push until the slice that took it has worked it off; an
 * agent with a timer set; a load in flight. Idle agents hold none, nor do messages nobody listens for. The
 * count is exact at zero: a token is taken before the work becomes visible and given back after. */
#ifndef CAY_WORKER_GROUP_H
#define CAY_WORKER_GROUP_H

#include <stdatomic.h>

#include "cay/runtime.h"
#include "os/thread.h"

struct eng_host;

typedef struct cay_group {
    _Atomic uint32_t refs;
    _Atomic int64_t active;
    uint64_t flags;
    cay_source_cb on_source;
    void *source_user;
    cay_output_cb on_output;
    void *output_user;
    char *module_root;      /* absolute path, or NULL: files need the read permission */
    char *module_root_real; /* where the file system had it at the spawn; NULL with it */
    char *directory;        /* absolute: where relative paths of a guest start */
    char **environ; /* the environment as it was at the spawn, NULL-terminated; NULL = empty */
    uint64_t child_permissions; /* CAY_CHILDREN_*, for workers that say nothing */
    /* The loader's, shared by the group: set before the first agent starts. Freed by their own functions. */
    struct cay_import_map *import_map;
    void (*import_map_unref)(struct cay_import_map **map);
    struct cay_lock *lock_file;
    void (*lock_unref)(struct cay_lock **lock);
    _Atomic uint64_t cached_bytes; /* what its imports have put on the disk */
    cay_mutex_t lock;
    struct eng_host *root;                /* under lock; NULL once it ends */
    void (*quiet)(struct eng_host *root); /* any thread, under lock: pushes a note */
} cay_group_t;

/* Takes the options it needs by value; texts are copied, and the environment when `with_environ`. NULL when out
 * of memory. */
CAY_OWN cay_group_t *cay__group_new(const cay_worker_options_t *o, bool with_environ);
cay_group_t *cay__group_ref(cay_group_t *g);
void cay__group_unref(cay_group_t **g); /* any thread may run the last free */
void cay__group_set_root(cay_group_t *g, struct eng_host *root,
                         void (*quiet)(struct eng_host *root));
static inline void cay__group_hold(cay_group_t *g) {
    atomic_fetch_add_explicit(&g->active, 1, memory_order_relaxed);
}
/* Gives `count` tokens back; at zero the root is told. */
void cay__group_release(cay_group_t *g, uint32_t count);

#endif
