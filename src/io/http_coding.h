/* SPDX-License-Identifier: MIT */
/* Content codings undone: gzip, deflate, br. Not by libcurl, which decodes a whole buffer of the network before it
 * can be made to wait: here decoding stops in the middle, so that what waits is bounded. The libraries are those
 * that libcurl brings along, loaded with it. */
#ifndef CAY_IO_HTTP_CODING_H
#define CAY_IO_HTTP_CODING_H

#include "base/attrs.h"
#include "cay/error.h"

typedef struct cay_coding cay_coding_t;

/* The value for Accept-Encoding, "" when there is none. Any thread. */
const char *cay__coding_accepted(void);

/* For the value of Content-Encoding; NULL in *out when it is not one of ours alone: bytes are then left as they are.
 * CAY_ENOMEM. */
CAY_NODISCARD int cay__coding_new(const char *value, CAY_OWN cay_coding_t **out);
void cay__coding_free(CAY_OWN cay_coding_t *c);

/* Decodes from *in, of which *in_len bytes are left (both move on), up to `room` bytes into `out`. *got is less than
 * `room` only when the input is used up. CAY_EFORMAT, CAY_ENOMEM. */
CAY_NODISCARD int cay__coding_run(cay_coding_t *c, const uint8_t **in, size_t *in_len, uint8_t *out,
                                  size_t room, size_t *got);
/* Whether what was decoded so far is whole. Nothing at all is. */
bool cay__coding_whole(const cay_coding_t *c);

#endif
