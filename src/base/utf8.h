/* SPDX-License-Identifier: MIT */
/* UTF-8 as of RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF. */
#ifndef CAY_BASE_UTF8_H
#define CAY_BASE_UTF8_H

#include "base/attrs.h"

/* Bytes from the start that are valid UTF-8; equal to len when all is. */
size_t cay__utf8_valid(const char *s, size_t len);
/* Decodes one code point at s (left > 0 bytes): its length, or 0 when malformed. */
unsigned cay__utf8_decode(const char *s, size_t left, uint32_t *out);
/* Writes one code point, 1 to 4 bytes; surrogates become U+FFFD. */
unsigned cay__utf8_encode(uint32_t cp, char out[4]);

#endif
