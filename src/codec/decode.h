/* SPDX-License-Identifier: MIT */
/* What the two halves of the decoder share: decode.c has containers, decode_leaf.c the rest. */
#ifndef CAY_CODEC_DECODE_H
#define CAY_CODEC_DECODE_H

#include "codec/doc.h"
#include "codec/wire.h"

typedef struct frame {
    cay_value_t *v;
    cay_value_t *key; /* read, and its value awaited: of an object, map, or an array's property */
    int64_t index;    /* sparse: the element whose value is awaited, -1 when `key` is */
    uint32_t left;    /* dense: elements still to come */
    uint32_t length;  /* array */
    uint32_t pairs;   /* properties or entries read: told again at the end */
} frame_t;

typedef struct decoder {
    cay_reader_t in;
    cay_doc_t *doc;
    cay_cargo_t *cargo;
    cay_error_t **err;
    const uint8_t *start;
    uint32_t version;
    cay_value_t **ids; /* what '^' refers to */
    uint32_t id_count;
    uint32_t id_cap;
    uint8_t *used; /* cargo that was met: ports, then blobs */
    frame_t *stack;
    uint32_t depth;
    uint32_t stack_cap;
    uint32_t most_depth;
    uint64_t values_left;
} decoder_t;

/* The bytes are malformed: CAY_EFORMAT, told with the place. */
int cay__decode_bad(decoder_t *d, const char *what);
/* Takes `count` from the values that may still come. CAY_ELIMIT. */
CAY_NODISCARD int cay__decode_charge(decoder_t *d, uint64_t count);
/* Gives v the next id. */
CAY_NODISCARD int cay__decode_id(decoder_t *d, cay_value_t *v);
/* The next tag behind padding, taken or (peek) not; -1 at the end. */
int cay__decode_tag(decoder_t *d);
int cay__decode_peek(decoder_t *d);
/* A string with its tag. */
CAY_NODISCARD int cay__decode_string(decoder_t *d, cay_value_t **out);
/* The value that `tag` begins, when it is no container. CAY_EFORMAT for a tag that is none. */
CAY_NODISCARD int cay__decode_leaf(decoder_t *d, int tag, cay_value_t **out);

#endif
