/* SPDX-License-Identifier: MIT */
/* Documents and values as the codec sees them. Only src/codec includes this file.
 *
 * A document is a chain of arena chunks: values, texts and vectors are carved from it and freed
 * with it. What cannot lie in an arena hangs on two lists of the document: resources (ports, and
 * memory that was taken over) and key indexes (hash tables of big objects). So freeing walks three
 * lists and never the values, whatever their shape. */
#ifndef CAY_CODEC_DOC_H
#define CAY_CODEC_DOC_H

#include "base/map.h"
#include "codec/codec.h"

#define CODEC_DEPTH  1000u
#define CODEC_VALUES 4000000u
#define CODEC_BYTES  (512u << 20)

/* A growing vector in the arena. Objects and maps keep keys and values in turn: count is of
 * pointers. */
typedef struct vec {
    cay_value_t **at;
    uint32_t count;
    uint32_t cap;
} vec_t;

typedef struct chunk {
    struct chunk *next;
    size_t used;
    size_t size;
    uint64_t data[];
} chunk_t;

/* A port, or memory of a buffer that moves instead of being copied. */
typedef struct resource {
    struct resource *next;
    cay_value_t *owner;
    struct cay_port *port;
    cay_blob_t blob;
    uint32_t index; /* its place in the cargo */
    bool owned;     /* false until a decode has succeeded: the cargo still has it */
    bool gone;      /* taken out or moved away */
} resource_t;

/* The hashed keys of an object; the values are positions of pairs, plus one. */
typedef struct key_index {
    struct key_index *next;
    cay_map_t map;
} key_index_t;

/* What most arrays do not have: named properties, or so many holes that only the elements are
 * kept. */
typedef struct array_extra {
    cay_value_t *props; /* an object, or NULL */
    bool sparse;
    uint32_t length;   /* sparse: of the array as JavaScript sees it */
    uint32_t *indexes; /* sparse: of each element in the vector, ascending */
} array_extra_t;

typedef struct error_parts {
    const char *name; /* a static text */
    cay_value_t *message;
    cay_value_t *stack;
    cay_value_t *cause;
} error_parts_t;

struct cay_value {
    uint8_t type;  /* cay_type_t */
    uint8_t kind;  /* view: cay_view_t; buffer: 1 when it was resizable; bigint: 1 when negative */
    bool on_path;  /* being written as JSON: meeting it again is a cycle */
    uint32_t seen; /* the encoding (doc->epoch) that wire_id belongs to */
    uint32_t wire_id;
    cay_doc_t *doc;
    union {
        bool boolean;
        double number; /* and date */
        struct {
            char *data; /* NUL-terminated; also a regexp's source */
            size_t len;
            uint32_t flags; /* regexp */
        } text;
        struct {
            uint64_t *digits; /* no leading zero; zero has none */
            size_t count;
        } bigint;
        struct {
            uint8_t *data;
            size_t len;
            resource_t *res; /* NULL: the bytes lie in the arena */
        } buffer;
        struct {
            cay_value_t *buffer;
            size_t offset;
            size_t len;
        } view;
        struct {
            vec_t items;
            union {
                array_extra_t *extra; /* array; NULL for most */
                key_index_t *index;   /* object; NULL while small */
            };
        } box; /* array, object, map, set */
        error_parts_t *error;
        resource_t *port;
        cay_value_t *inner; /* boxed */
    };
};

struct cay_doc {
    const cay_doc_ops_t *ops;
    chunk_t *chunks; /* the newest first */
    resource_t *resources;
    key_index_t *indexes;
    cay_value_t *root;
    cay_value_t undefined, null, yes, no, hole; /* one of each is enough */
    uint32_t epoch;                             /* of the last encoding */
    bool encoded; /* the last encoding succeeded and has not been moved */
    bool failed;
};

/* ---- doc.c ---- */

/* Zeroed memory of the document; NULL and doc->failed when out of memory. */
CAY_NODISCARD void *cay__doc_alloc(cay_doc_t *doc, size_t size);
/* The same without zeroing. */
CAY_NODISCARD void *cay__doc_alloc_raw(cay_doc_t *doc, size_t size);
CAY_NODISCARD cay_value_t *cay__value_new(cay_doc_t *doc, cay_type_t type);
CAY_NODISCARD resource_t *cay__resource_new(cay_doc_t *doc, cay_value_t *owner);
CAY_NODISCARD int cay__vec_push(cay_doc_t *doc, vec_t *v, cay_value_t *item);
/* Room for `count` in all. */
CAY_NODISCARD int cay__vec_reserve(cay_doc_t *doc, vec_t *v, size_t count);

/* ---- build.c ---- */

/* A string over `len` bytes at `data`, which lie in the arena, end with NUL and are valid UTF-8. */
CAY_NODISCARD cay_value_t *cay__value_text(cay_doc_t *doc, char *data, size_t len);
CAY_NODISCARD cay_value_t *cay__value_regexp(cay_doc_t *doc, const cay_value_t *source,
                                             uint32_t flags);
CAY_NODISCARD cay_value_t *cay__value_boxed(cay_doc_t *doc, cay_value_t *inner);
/* The static text for a constructor's name, "Error" when it is none of the standard ones. */
const char *cay__error_class(const char *name);
/* Bytes of one element of a view, 0 for a kind that is none. */
unsigned cay__view_unit(cay_view_t kind);

/* ---- props.c: the keys of objects ---- */

/* The position of the pair, or -1. */
int64_t cay__props_find(const cay_value_t *object, const char *key, size_t len);
/* Appends a pair whose key is not there yet. CAY_ENOMEM. */
CAY_NODISCARD int cay__props_add(cay_value_t *object, cay_value_t *key, cay_value_t *item);

/* ---- sparse.c: arrays of many holes ---- */

bool cay__sparse_is(const cay_value_t *array);
/* The array's rarer parts, made when there are none. NULL when out of memory. */
CAY_NODISCARD array_extra_t *cay__array_extra(cay_value_t *array);
/* Appends an element; any order until cay__sparse_finish. CAY_ENOMEM. */
CAY_NODISCARD int cay__sparse_add(cay_value_t *array, uint32_t index, cay_value_t *item);
/* Puts the elements in order, and makes the array an ordinary one when it has few holes.
 * CAY_EFORMAT when an index is there twice; CAY_ENOMEM. */
CAY_NODISCARD int cay__sparse_finish(cay_value_t *array);
/* The element at i, a hole when there is none. */
const cay_value_t *cay__sparse_at(const cay_value_t *array, size_t i);

/* ---- read.c ---- */

/* Bytes of a buffer or view; false when the buffer has moved away. */
bool cay__value_span(const cay_value_t *v, const uint8_t **data, size_t *len);

/* ---- number.c ---- */

#define NUMBER_TEXT_MAX 32
/* Writes a number as JavaScript's Number::toString does, NUL-terminated: its length. */
size_t cay__number_text(double v, char out[NUMBER_TEXT_MAX]);
/* Writes a date as Date.prototype.toISOString does: its length, 0 for an invalid date. */
size_t cay__date_text(double ms, char out[NUMBER_TEXT_MAX]);
/* A date's number as JavaScript keeps it: whole milliseconds within range, or NaN. */
double cay__time_clip(double ms);
/* The array index that a key spells ("0" to "4294967294"), or -1. */
int64_t cay__key_index(const char *key, size_t len);

#endif
