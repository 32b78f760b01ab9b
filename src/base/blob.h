/* SPDX-License-Identifier: MIT */
/* Memory that moves from owner to owner without a copy. */
#ifndef CAY_BASE_BLOB_H
#define CAY_BASE_BLOB_H

#include "base/attrs.h"

/* `release` runs once, on any thread; NULL means nothing to release. */
typedef struct cay_blob {
    void *data;
    size_t len;
    void (*release)(void *data, size_t len, void *user);
    void *user;
} cay_blob_t;

/* Releases and zeroes; an empty one is fine. */
static inline void cay__blob_drop(cay_blob_t *b) {
    if (b->release) {
        b->release(b->data, b->len, b->user);
    }
    *b = (cay_blob_t){NULL, 0, NULL, NULL};
}

#endif
