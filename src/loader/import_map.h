/* SPDX-License-Identifier: MIT */
/* Import maps (HTML standard, "Import maps"): parsed once, then read by any number of threads. Pure.
 *
 * Parsing follows the standard, but what it would only warn about (a key it does not know, an address that is no
 * URL, an empty key) is an error here that names the entry. The address null stays what it is there: the specifier
 * is blocked. */
#ifndef CAY_LOADER_IMPORT_MAP_H
#define CAY_LOADER_IMPORT_MAP_H

#include "base/attrs.h"
#include "cay/error.h"

#define CAY_IMPORT_MAP_MAX     ((size_t)1 << 20)  /* bytes of the JSON text */
#define CAY_IMPORT_MAP_ENTRIES 10000              /* in all its parts together */
#define CAY_IMPORT_MAP_BYTES   ((size_t)16 << 20) /* of all its URLs, resolved */

typedef struct cay_import_map cay_import_map_t;

/* `base_url` is absolute. CAY_EINVAL names the entry; CAY_ELIMIT, CAY_ENOMEM. *out on success only. */
CAY_NODISCARD int cay__import_map_parse(const char *json, const char *base_url,
                                        CAY_OWN cay_import_map_t **out, cay_error_t **err);
cay_import_map_t *cay__import_map_ref(cay_import_map_t *m);
void cay__import_map_unref(cay_import_map_t **m); /* any thread; NULL inside is fine */

/* "Resolve a module specifier" for a module at `base`: the URL, cay__malloc'ed. `m` may be NULL, an empty map.
 * CAY_ENOTFOUND: a bare specifier that the map does not know. CAY_EINVAL: no URL comes of it, or the map forbids it.
 * CAY_ENOMEM. */
CAY_NODISCARD int cay__import_map_resolve(const cay_import_map_t *m, const char *specifier,
                                          const char *base, CAY_OWN char **out, cay_error_t **err);
/* Integrity metadata for a URL, NULL when none. `m` may be NULL. Borrowed. */
const char *cay__import_map_integrity(const cay_import_map_t *m, const char *url);

#endif
