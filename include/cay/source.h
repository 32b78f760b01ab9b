/* SPDX-License-Identifier: MIT */
/* Modules from the host: a callback answers (specifier, referrer) with source text, so that an embedder
 * needs no files. */
#ifndef CAY_SOURCE_H
#define CAY_SOURCE_H

#include "cay/error.h"

/** One import that waits for its source. It must end in exactly one of cay_source_reply,
 *  cay_source_reject and cay_source_pass, now or later, from any thread; a worker that ends meanwhile
 *  makes the answer a no-op. */
typedef struct cay_source cay_source_t;

/** Asked for each import of a worker (and of the workers it starts) that is not loaded yet. The request
 *  is the callback's from here on. It runs on a thread of the library, and the worker waits for it: answer
 *  quickly, or keep the request and answer later. */
typedef void (*cay_source_cb)(CAY_OWN cay_source_t *request, void *user);

CAY_BEGIN_DECLS

/** The specifier as the guest wrote it. *Ownership*: borrowed from the request. */
const char *cay_source_specifier(const cay_source_t *request);
/** URL of the module that imports, or of the worker's main script for a main module. */
const char *cay_source_referrer(const cay_source_t *request);
/** The specifier resolved against the referrer and the import map, NULL for a bare one ("lodash"). */
const char *cay_source_url(const cay_source_t *request);
/** "javascript" or "json". */
const char *cay_source_type(const cay_source_t *request);

/** Answers with `len` bytes of UTF-8, which are copied. `url` names the module (errors, import.meta.url,
 *  its own relative imports) and is copied too; NULL takes cay_source_url, or "cay:SPECIFIER" for a bare
 *  one. The same URL is the same module. Consumes the request always. CAY_ENOMEM (the import then fails
 *  with that), CAY_EINVAL (text NULL). *Thread*: any. */
int cay_source_reply(CAY_OWN cay_source_t *request, const char *url, const char *text, size_t len);
/** Fails the import with a TypeError that carries `message`. *Thread*: any. */
void cay_source_reject(CAY_OWN cay_source_t *request, const char *message);
/** Leaves it to the built-in schemes (file:, data:, http:, https:) and the worker's permissions. *Thread*: any. */
void cay_source_pass(CAY_OWN cay_source_t *request);

CAY_END_DECLS

#endif
