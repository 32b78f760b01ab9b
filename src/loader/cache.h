/* SPDX-License-Identifier: MIT */
/* Code from http(s) kept on disk: one file per URL, named by the URL's SHA-256 ("ab/cdef..."): a line of JSON that
 * tells URL, final URL, content type and digest, then the body. What is read is believed only when all of that
 * holds together; anything else is as if it was not there. A directory that somebody else could have written is
 * not used at all.
 *
 * Threads and processes share a directory freely: files are replaced whole. */
#ifndef CAY_LOADER_CACHE_H
#define CAY_LOADER_CACHE_H

#include "base/attrs.h"
#include "cay/error.h"
#include "loader/digest.h"

#define CAY_CACHE_HEAD 65536 /* bytes that the first line may have */

typedef struct cay_cached {
    char *text;         /* the whole file; what follows points into it or is owned */
    char *final;        /* URL after redirects */
    char *content_type; /* NULL when the server told none */
    char sri[CAY_SRI_SIZE];
    const char *data;
    size_t len;
} cay_cached_t;

/* CAY_ENOTFOUND (also: damaged); CAY_EPERM when it must not be used, with the reason; CAY_EIO;
 * CAY_ENOMEM. */
CAY_NODISCARD int cay__cache_get(const char *dir, const char *url, size_t max, cay_cached_t *out,
                                 cay_error_t **err);
void cay__cached_clear(cay_cached_t *c);

/* Keeps it; the directory is made when it is missing. `sri` is the digest of the data. CAY_EPERM as above, CAY_EIO,
 * CAY_ELIMIT (URLs too long to be kept), CAY_ENOMEM. */
CAY_NODISCARD int cay__cache_put(const char *dir, const char *url, const char *final,
                                 const char *content_type, const char *sri, const void *data,
                                 size_t len, cay_error_t **err);

#endif
