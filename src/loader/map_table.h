/* SPDX-License-Identifier: MIT */
/* Inside of an import map: sorted tables of text, and the look-up of the longest key that a text begins with. */
#ifndef CAY_LOADER_MAP_TABLE_H
#define CAY_LOADER_MAP_TABLE_H

#include <stdatomic.h>

#include "loader/import_map.h"
#include "url/url.h"

typedef struct map_table map_table_t;

typedef struct map_pair {
    char *key;
    size_t len;
    char *value;      /* imports: a URL, or NULL: blocked. integrity: metadata */
    map_table_t *sub; /* scopes: what is imported there */
    size_t order;     /* place in the text: of equal keys the last counts */
} map_pair_t;

/* Sorted by bytes. The standard sorts by UTF-16 code units and goes from the end: what matters there is only
 * that of two keys of which one begins the other the longer comes first, and that order is the same in both. */
struct map_table {
    map_pair_t *at;
    size_t count;
    size_t longest; /* key */
};

struct cay_import_map {
    _Atomic uint32_t refs;
    map_table_t imports;
    map_table_t scopes;
    map_table_t integrity;
};

/* The pair with that key, NULL when none. */
const map_pair_t *cay__map_table_find(const map_table_t *t, const char *key, size_t len);
/* From the longest to the shortest: pairs whose key is `text`, or ends with '/' and begins it. *state starts
 * with SIZE_MAX. NULL at the end. */
const map_pair_t *cay__map_table_prefix(const map_table_t *t, const char *text, size_t len,
                                        size_t *state);

/* "Resolve a URL-like module specifier": 0 with *out NULL when it is none. CAY_ENOMEM. */
CAY_NODISCARD int cay__url_like(const char *specifier, const cay_url_t *base,
                                CAY_OWN cay_url_t **out);

#endif
