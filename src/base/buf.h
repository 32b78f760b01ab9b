/* SPDX-License-Identifier: MIT */
/* A growable byte buffer, and the one bounds-checked reader for bytes of a guest.
 *
 * Both are sticky: after the first failure every call is a no-op, and one check at the end tells. */
#ifndef CAY_BASE_BUF_H
#define CAY_BASE_BUF_H

#include "base/attrs.h"

typedef struct cay_buf {
    uint8_t *data; /* cay__malloc'ed; NULL while empty */
    size_t len;
    size_t cap;
    bool failed; /* an append did not get its memory; data holds what came before */
} cay_buf_t;

#define CAY_BUF_INIT                                                                               \
    { NULL, 0, 0, false }

void cay__buf_put(cay_buf_t *b, const void *src, size_t n);
void cay__buf_u8(cay_buf_t *b, uint8_t v);
void cay__buf_str(cay_buf_t *b, const char *s);
void cay__buf_printf(cay_buf_t *b, const char *fmt, ...) CAY_PRINTF(2, 3);
/* Room for n more bytes: where to write them (the caller adds to len), NULL when out of memory. */
CAY_NODISCARD uint8_t *cay__buf_room(cay_buf_t *b, size_t n);
/* Ends the text with a NUL that len does not count and hands the memory over; the buffer is empty
 * afterwards. NULL, with everything freed, when the buffer had failed. */
CAY_NODISCARD CAY_OWN char *cay__buf_take_str(cay_buf_t *b);
void cay__buf_free(cay_buf_t *b);

typedef struct cay_reader {
    const uint8_t *pos;
    const uint8_t *end;
    bool failed; /* something was asked for that was not there */
} cay_reader_t;

static inline cay_reader_t cay__reader(const void *data, size_t len) {
    const uint8_t *p = (const uint8_t *)data;
    return (cay_reader_t){p, p + len, false};
}
static inline size_t cay__reader_left(const cay_reader_t *r) {
    return (size_t)(r->end - r->pos);
}
/* The next n bytes in place, NULL (and failed) when there are fewer. */
const uint8_t *cay__reader_bytes(cay_reader_t *r, size_t n);
/* The next byte, 0 when there is none. */
uint8_t cay__reader_u8(cay_reader_t *r);
/* The next byte without taking it, -1 at the end. */
int cay__reader_peek(const cay_reader_t *r);
/* A little-endian base-128 number of at most 32 (64) bits; longer encodings fail. */
uint32_t cay__reader_varint32(cay_reader_t *r);
uint64_t cay__reader_varint64(cay_reader_t *r);
/* A double in the machine's order, as V8's format has it. */
double cay__reader_double(cay_reader_t *r);

#endif
