/* SPDX-License-Identifier: MIT */
/* Digests of source text, in the forms that names of cache entries, lock files and integrity metadata have. */
#ifndef CAY_LOADER_DIGEST_H
#define CAY_LOADER_DIGEST_H

#include "base/attrs.h"
#include "cay/error.h"

#define CAY_SRI_SIZE 52 /* "sha256-", 44 characters of base64, NUL */
#define CAY_HEX_SIZE 65

/* The SHA-256 as "sha256-<base64>". CAY_ENOMEM. */
CAY_NODISCARD int cay__sri_sha256(const void *data, size_t len, char out[CAY_SRI_SIZE]);
/* Whether text is of that form. */
bool cay__sri_is_sha256(const char *text);
/* The SHA-256 as 64 hexadecimal digits. CAY_ENOMEM. */
CAY_NODISCARD int cay__hex_sha256(const void *data, size_t len, char out[CAY_HEX_SIZE]);

/* Integrity metadata of the Subresource Integrity specification: tokens apart by white space, each
 * "sha256-...", "sha384-..." or "sha512-..." with "?options" ignored. Stricter than there: a token of any
 * other form is CAY_EINVAL, and so is no token at all, as nothing would be checked. */
CAY_NODISCARD int cay__sri_parse(const char *metadata, cay_error_t **err);
/* Whether the bytes have one of the digests of the strongest kind named (metadata that cay__sri_parse
 * accepted). CAY_EPERM with both digests in the message, CAY_ENOMEM. */
CAY_NODISCARD int cay__sri_check(const char *metadata, const void *data, size_t len,
                                 cay_error_t **err);

#endif
