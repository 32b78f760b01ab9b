/* SPDX-License-Identifier: MIT */
/* A lock file: which digest the code of each http(s) module must have, and where redirects lead.
 *
 *     {"version": 1, "remote": {"https://x.test/a.js": "sha256-..."}, "redirects": {"https://x.test/a": "..."}}
 *
 * Shared by the workers of a group (counted references, a lock of its own). What is known is never changed; what
 * is not is refused, or added and written back when the file was opened for writing. URLs have no fragment.
 *
 * Writing replaces the file by rename(2), after reading it once more so that what others added meanwhile stays. */
#ifndef CAY_LOADER_LOCK_H
#define CAY_LOADER_LOCK_H

#include "base/attrs.h"
#include "cay/error.h"

#define CAY_LOCK_MAX ((size_t)16 << 20) /* bytes of the file */

typedef struct cay_lock cay_lock_t;

/* Reads it. A file that is missing is CAY_ENOTFOUND, an empty lock with `write`. CAY_EINVAL names what is malformed;
 * CAY_EPERM, CAY_EIO, CAY_ELIMIT, CAY_ENOMEM. */
CAY_NODISCARD int cay__lock_open(const char *path, bool write, CAY_OWN cay_lock_t **out,
                                 cay_error_t **err);
cay_lock_t *cay__lock_ref(cay_lock_t *l);
/* Any thread; NULL inside is fine. The last one writes what was added and is not written yet. */
void cay__lock_unref(cay_lock_t **l);

/* Before anything is loaded: CAY_EPERM when the URL is not known and may not be added. */
CAY_NODISCARD int cay__lock_knows(cay_lock_t *l, const char *url, cay_error_t **err);
/* What was asked for as `url` came from `final` with the digest `sri`. CAY_EPERM names url, expected and found;
 * CAY_ELIMIT (nothing more fits into the file); CAY_ENOMEM. */
CAY_NODISCARD int cay__lock_check(cay_lock_t *l, const char *url, const char *final,
                                  const char *sri, cay_error_t **err);
/* Writes what was added since the last time, if anything. */
CAY_NODISCARD int cay__lock_flush(cay_lock_t *l, cay_error_t **err);

#endif
