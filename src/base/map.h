/* SPDX-License-Identifier: MIT */
/* A hash map from byte strings to pointers, for keys that a guest may choose.
 *
 * Keys are hashed by SipHash-2-4 under a key drawn at random once per process, so that nobody can
 * make collisions on purpose. Keys are borrowed: the bytes must stay as they are while the entry is
 * in the map (they usually lie inside the value). A map is used by one thread at a time. */
#ifndef CAY_BASE_MAP_H
#define CAY_BASE_MAP_H

#include "base/attrs.h"

typedef struct cay_map_entry {
    const char *key; /* NULL: free or removed */
    size_t len;
    uint64_t hash;
    void *value;
} cay_map_entry_t;

typedef struct cay_map {
    cay_map_entry_t *table; /* NULL while nothing was put */
    size_t cap;             /* a power of two */
    size_t count;
    size_t used; /* entries and removed ones: what makes probing long */
} cay_map_t;

/* An empty map; allocates nothing. */
void cay__map_init(cay_map_t *m);
/* Frees the table; keys and values are the caller's. */
void cay__map_free(cay_map_t *m);
/* The value of a key, NULL when absent. */
void *cay__map_get(const cay_map_t *m, const char *key, size_t len);
/* Sets a key; `value` is not NULL. On a key that is there, value and key bytes are replaced.
 * CAY_ENOMEM changes nothing. */
CAY_NODISCARD int cay__map_put(cay_map_t *m, const char *key, size_t len, void *value);
/* Takes a key out: its value, NULL when absent. */
void *cay__map_remove(cay_map_t *m, const char *key, size_t len);
/* The next entry from *at on (start with 0), in no particular order; NULL at the end. Between calls
 * entries may be removed, not put. */
const cay_map_entry_t *cay__map_next(const cay_map_t *m, size_t *at);

/* SipHash-2-4 (Aumasson and Bernstein, 2012) of `len` bytes; the map's own hash, apart for its
 * tests. */
uint64_t cay__siphash(const uint64_t key[2], const void *data, size_t len);

#endif
