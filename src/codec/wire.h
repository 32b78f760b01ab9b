/* SPDX-License-Identifier: MIT */
/* The tags of V8's serialization format, version 15, as V8 10.2 to 13 read and write it.
 *
 * value   := 0x00* tag ...          padding may stand before any tag
 * varint  := base 128, least significant first; int32 is zigzagged; doubles are 8 raw bytes
 * An object gets the next id when its tag is met, a view after its buffer; '^' id refers to it. */
#ifndef CAY_CODEC_WIRE_H
#define CAY_CODEC_WIRE_H

#define WIRE_VERSION       15u        /* written */
#define WIRE_OLDEST        13u        /* read: before it host objects had no tag of their own */
#define WIRE_VIEW_FLAGS    14u        /* from here on views carry flags */
#define WIRE_BIGINT_DIGITS (1u << 24) /* V8 knows no larger BigInt */
#define WIRE_VIEW_TRACKING 1u         /* a view as long as its resizable buffer */
#define WIRE_VIEW_RAB      2u         /* a view of a resizable buffer */

enum {
    TAG_VERSION = 0xff,     /* varint version; first of all */
    TAG_PADDING = 0,        /* keeps two-byte strings at even places */
    TAG_OBJECT_COUNT = '?', /* varint; ignored, of old */
    TAG_HOLE = '-',
    TAG_UNDEFINED = '_',
    TAG_NULL = '0',
    TAG_TRUE = 'T',
    TAG_FALSE = 'F',
    TAG_INT32 = 'I',
    TAG_UINT32 = 'U',
    TAG_DOUBLE = 'N',
    TAG_BIGINT = 'Z', /* varint (bytes << 1 | negative), digits */
    TAG_UTF8 = 'S',   /* varint bytes, bytes; so the next two */
    TAG_LATIN1 = '"',
    TAG_UTF16 = 'c',
    TAG_REFERENCE = '^',
    TAG_OBJECT = 'o', /* key, value, ... */
    TAG_OBJECT_END = '{',
    TAG_SPARSE = 'a', /* varint length; key, value, ... */
    TAG_SPARSE_END = '@',
    TAG_DENSE = 'A', /* varint length; elements; key, value, ... */
    TAG_DENSE_END = '$',
    TAG_DATE = 'D',
    TAG_BOXED_TRUE = 'y',
    TAG_BOXED_FALSE = 'x',
    TAG_BOXED_NUMBER = 'n', /* a double */
    TAG_BOXED_BIGINT = 'z', /* as TAG_BIGINT */
    TAG_BOXED_STRING = 's', /* a string with its tag */
    TAG_REGEXP = 'R',       /* a string with its tag, varint flags */
    TAG_MAP = ';',          /* key, value, ... */
    TAG_MAP_END = ':',      /* varint: keys and values together */
    TAG_SET = '\'',
    TAG_SET_END = ',',
    TAG_BUFFER = 'B',    /* varint length, bytes */
    TAG_RESIZABLE = '~', /* varint length, varint most, bytes */
    TAG_MOVED_BUFFER = 't',
    TAG_VIEW = 'V', /* after its buffer: subtag, varint offset, length, flags */
    TAG_ERROR = 'r',
    TAG_HOST = '\\',
    /* Known, and refused by name: */
    TAG_SHARED_BUFFER = 'u',
    TAG_SHARED_OBJECT = 'p',
    TAG_WASM_MODULE = 'w',
    TAG_WASM_MEMORY = 'm',
    /* Inside an error, after an optional prototype letter. */
    ERROR_MESSAGE = 'm',
    ERROR_STACK = 's',
    ERROR_CAUSE = 'c',
    ERROR_END = '.'
};

/* X(kind, subtag) */
#define WIRE_VIEWS(X)                                                                              \
    X(INT8, 'b')                                                                                   \
    X(UINT8, 'B')                                                                                  \
    X(UINT8_CLAMPED, 'C')                                                                          \
    X(INT16, 'w')                                                                                  \
    X(UINT16, 'W')                                                                                 \
    X(INT32, 'd')                                                                                  \
    X(UINT32, 'D')                                                                                 \
    X(FLOAT32, 'f')                                                                                \
    X(FLOAT64, 'F')                                                                                \
    X(BIGINT64, 'q')                                                                               \
    X(BIGUINT64, 'Q')                                                                              \
    X(DATAVIEW, '?')

/* X(name, letter) */
#define WIRE_ERRORS(X)                                                                             \
    X("EvalError", 'E')                                                                            \
    X("RangeError", 'R')                                                                           \
    X("ReferenceError", 'F')                                                                       \
    X("SyntaxError", 'S')                                                                          \
    X("TypeError", 'T')                                                                            \
    X("URIError", 'U')

/* A regexp's flags as V8 numbers them. */
enum {
    REGEXP_UNICODE = 1u << 4,
    REGEXP_LINEAR = 1u << 6, /* V8's own experiment */
    REGEXP_UNICODE_SETS = 1u << 8,
    REGEXP_ALL = (1u << 9) - 1
};

#endif
