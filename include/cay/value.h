/* SPDX-License-Identifier: MIT */
/* Typed JavaScript values in C, with no engine: built, read, and turned into JSON and back.
 *
 * A document (cay_doc_t) owns all of its values; they are freed together, so shared references and
 * cycles are plain pointers inside one document. A value (cay_value_t) is always borrowed from its
 * document. A document is used by one thread at a time.
 *
 * Builders return NULL when out of memory and remember it: cay_doc_failed() tells once for many.
 * Passing NULL, a value of another type or of another document is misuse: CAY_EINVAL. */
#ifndef CAY_VALUE_H
#define CAY_VALUE_H

#include "cay/defs.h"
#include "cay/error.h"

typedef struct cay_doc cay_doc_t;
typedef struct cay_value cay_value_t;
struct cay_port;

/** Type of a value. */
typedef uint32_t cay_type_t;
enum {
    CAY_TYPE_UNDEFINED = 0,
    CAY_TYPE_NULL = 1,
    CAY_TYPE_BOOL = 2,
    CAY_TYPE_NUMBER = 3, /* a double, as JavaScript has it */
    CAY_TYPE_BIGINT = 4,
    CAY_TYPE_STRING = 5, /* UTF-8; lone surrogates arrive as U+FFFD */
    CAY_TYPE_DATE = 6,   /* milliseconds since 1970, NaN when invalid */
    CAY_TYPE_BUFFER = 7, /* ArrayBuffer */
    CAY_TYPE_VIEW = 8,   /* typed array or DataView over a BUFFER */
    CAY_TYPE_ARRAY = 9,
    CAY_TYPE_OBJECT = 10,
    CAY_TYPE_MAP = 11,
    CAY_TYPE_SET = 12,
    CAY_TYPE_ERROR = 13,
    CAY_TYPE_PORT = 14,
    CAY_TYPE_REGEXP = 15,
    CAY_TYPE_BOXED = 16, /* new Number(1), new String("x"), Object(true), Object(1n) */
    CAY_TYPE_HOLE = 17   /* a missing element of an array */
};

/** Element type of a CAY_TYPE_VIEW. */
typedef uint32_t cay_view_t;
enum {
    CAY_VIEW_INT8 = 1,
    CAY_VIEW_UINT8 = 2,
    CAY_VIEW_UINT8_CLAMPED = 3,
    CAY_VIEW_INT16 = 4,
    CAY_VIEW_UINT16 = 5,
    CAY_VIEW_INT32 = 6,
    CAY_VIEW_UINT32 = 7,
    CAY_VIEW_FLOAT32 = 8,
    CAY_VIEW_FLOAT64 = 9,
    CAY_VIEW_BIGINT64 = 10,
    CAY_VIEW_BIGUINT64 = 11,
    CAY_VIEW_DATAVIEW = 12
};

CAY_BEGIN_DECLS

/* ---- documents ---- */

/** Makes an empty document. *out is written on success only. CAY_ENOMEM.
 *  *Ownership*: the caller's, cay_doc_free. *Thread*: any. */
CAY_NODISCARD int cay_doc_new(CAY_OWN cay_doc_t **out);
/** Frees the document, all its values, and every port in it that was not taken (those are closed).
 *  NULL is fine. *Thread*: the document's user. */
void cay_doc_free(CAY_OWN cay_doc_t *doc);
/** Whether any builder of this document ran out of memory. */
bool cay_doc_failed(const cay_doc_t *doc);
/** The value the document stands for; undefined until set. Never NULL. */
const cay_value_t *cay_doc_root(const cay_doc_t *doc);
/** Makes `v` the root. CAY_EINVAL for NULL or a foreign value. */
CAY_NODISCARD int cay_doc_set_root(cay_doc_t *doc, cay_value_t *v);

/* ---- builders: NULL when out of memory ---- */

cay_value_t *cay_doc_undefined(cay_doc_t *doc);
cay_value_t *cay_doc_null(cay_doc_t *doc);
cay_value_t *cay_doc_bool(cay_doc_t *doc, bool v);
cay_value_t *cay_doc_number(cay_doc_t *doc, double v);
/** Signed 64-bit BigInt. */
cay_value_t *cay_doc_bigint(cay_doc_t *doc, int64_t v);
/** A BigInt of `count` 64-bit digits, least significant first. */
cay_value_t *cay_doc_bigint_digits(cay_doc_t *doc, bool negative, const uint64_t *digits,
                                   size_t count);
/** A copy of `len` bytes of UTF-8; NULL (and not failed) when it is not valid UTF-8. */
cay_value_t *cay_doc_string(cay_doc_t *doc, const char *s, size_t len);
/** A copy of a NUL-terminated string. */
cay_value_t *cay_doc_text(cay_doc_t *doc, const char *s);
cay_value_t *cay_doc_date(cay_doc_t *doc, double ms);
/** An ArrayBuffer holding a copy. */
cay_value_t *cay_doc_buffer(cay_doc_t *doc, const void *bytes, size_t len);
/** An ArrayBuffer over the caller's memory, which moves to the receiver without a copy when posted:
 *  `release(data, len, user)` runs once, on any thread, when the last owner is done; also when this
 *  function fails it has not run. After a post the value reads as empty. */
cay_value_t *cay_doc_buffer_take(cay_doc_t *doc, void *data, size_t len,
                                 void (*release)(void *data, size_t len, void *user), void *user);
/** A typed array or DataView over `buffer`; `offset` and `bytes` in bytes. NULL when out of
 *  range or not a multiple of the element's size. */
cay_value_t *cay_doc_view(cay_doc_t *doc, cay_value_t *buffer, cay_view_t kind, size_t offset,
                          size_t bytes);
/** A Uint8Array holding a copy: what most receivers want for bytes. */
cay_value_t *cay_doc_bytes(cay_doc_t *doc, const void *bytes, size_t len);
cay_value_t *cay_doc_array(cay_doc_t *doc);
cay_value_t *cay_doc_object(cay_doc_t *doc);
cay_value_t *cay_doc_map(cay_doc_t *doc);
cay_value_t *cay_doc_set(cay_doc_t *doc);
/** An Error; name is one of the standard constructors' names (else "Error"); message and stack
 *  may be NULL. */
cay_value_t *cay_doc_error(cay_doc_t *doc, const char *name, const char *message,
                           const char *stack);
/** Sets the cause of an error. CAY_EINVAL. */
CAY_NODISCARD int cay_value_set_cause(cay_value_t *error, cay_value_t *cause);
/** A port, which moves to the receiver when the document is posted. The document owns it from
 *  here on success; on NULL it stays the caller's. */
cay_value_t *cay_doc_port(cay_doc_t *doc, CAY_OWN struct cay_port *port);

/** Appends to an array. CAY_EINVAL, CAY_ENOMEM. */
CAY_NODISCARD int cay_value_push(cay_value_t *array, cay_value_t *item);
/** Sets a property of an object; a second set of a key replaces the first. CAY_EINVAL,
 *  CAY_ENOMEM. */
CAY_NODISCARD int cay_value_set(cay_value_t *object, const char *key, cay_value_t *item);
/** Appends an entry to a map. */
CAY_NODISCARD int cay_value_map_put(cay_value_t *map, cay_value_t *key, cay_value_t *item);
/** Appends a member to a set. */
CAY_NODISCARD int cay_value_set_add(cay_value_t *set, cay_value_t *item);

/* ---- readers: of a value of another type they give the neutral answer said below ---- */

/** CAY_TYPE_UNDEFINED for NULL. */
cay_type_t cay_value_type(const cay_value_t *v);
/** false unless true. */
bool cay_value_bool(const cay_value_t *v);
/** Number or date; NaN otherwise. */
double cay_value_number(const cay_value_t *v);
/** A BigInt that fits: true and *out written. */
bool cay_value_int64(const cay_value_t *v, int64_t *out);
/** The digits of a BigInt, least significant first; *negative and *count are written. NULL
 *  otherwise. */
const uint64_t *cay_value_bigint_digits(const cay_value_t *v, bool *negative, size_t *count);
/** The text of a string, or of a regexp's source; NUL-terminated; *len (may be NULL) without it.
 *  NULL otherwise. */
const char *cay_value_string(const cay_value_t *v, size_t *len);
/** Bytes of a buffer or of a view's range; NULL with *len = 0 otherwise. */
const void *cay_value_bytes(const cay_value_t *v, size_t *len);
/** A view's element kind, 0 otherwise; the byte offset into its buffer in *offset (may be NULL). */
cay_view_t cay_value_view(const cay_value_t *v, size_t *offset);
/** A view's buffer, NULL otherwise. */
const cay_value_t *cay_value_view_buffer(const cay_value_t *v);
/** Elements of an array, properties of an object, entries of a map, members of a set; 0
 *  otherwise. */
size_t cay_value_count(const cay_value_t *v);
/** Element of an array, value of an object's or map's i-th entry, member of a set. NULL out of
 *  range. */
const cay_value_t *cay_value_at(const cay_value_t *v, size_t i);
/** The i-th key of an object (a string) or of a map. NULL out of range. */
const cay_value_t *cay_value_key_at(const cay_value_t *v, size_t i);
/** Property of an object, or named property of an array, by name; NULL when absent. */
const cay_value_t *cay_value_get(const cay_value_t *object, const char *key);
/** Parts of an error (NULL when absent or not an error). */
const char *cay_value_error_name(const cay_value_t *v);
const char *cay_value_error_message(const cay_value_t *v);
const char *cay_value_error_stack(const cay_value_t *v);
const cay_value_t *cay_value_error_cause(const cay_value_t *v);
/** What is inside a boxed primitive, NULL otherwise. */
const cay_value_t *cay_value_boxed(const cay_value_t *v);
/** Flags of a regexp as V8 numbers them; 0 otherwise. */
uint32_t cay_value_regexp_flags(const cay_value_t *v);
/** Takes the port out of a port value: the caller's from now on. NULL when it is no port or
 *  taken. */
CAY_OWN struct cay_port *cay_value_take_port(const cay_value_t *v);

/* ---- JSON ---- */

/** Reads JSON text (RFC 8259) into a new document; of equal keys the last wins. CAY_EFORMAT with
 *  line and column in *err, also for a number beyond a double's range, an escaped lone
 *  surrogate, and a NUL in a key; CAY_ELIMIT when deeper than 1,000 levels; CAY_ENOMEM. *out on
 *  success only. */
CAY_NODISCARD int cay_doc_from_json(const char *text, size_t len, CAY_OWN cay_doc_t **out,
                                    CAY_OWN cay_error_t **err);
/** Writes a value as JSON, as JSON.stringify would: undefined members are left out, holes, NaN
 *  and infinities become null, dates become ISO strings; unlike it, an error becomes its name
 *  and message. CAY_ECLONE names what JSON cannot carry (undefined itself, BigInt, buffer, view,
 *  regexp, map, set, port, cycle); CAY_ELIMIT when deeper than 1,000 levels or larger than 4
 *  million values or 512 MiB (shared values are written as often as they are met); CAY_ENOMEM.
 *  *out is NUL-terminated, freed with cay_free(). */
CAY_NODISCARD int cay_value_to_json(const cay_value_t *v, CAY_OWN char **out,
                                    CAY_OWN cay_error_t **err);
/** Frees text that the library handed over. NULL is fine. *Thread*: any. */
void cay_free(CAY_OWN void *ptr);

CAY_END_DECLS

#endif
