/* SPDX-License-Identifier: MIT */
/* V8's structured-clone wire format (versions 13 to 15 read; 15 written, as V8 10.2 and 11.3 do),
 * in C.
 *
 * The bytes alone cannot carry what moves: ports and transferred array buffers travel beside them
 * in tables, and the bytes hold indexes into these. A port is a host object ('\\') followed by two
 * base-128 numbers: CAY_HOST_PORT and its index; a moved buffer is 't' and its index. */
#ifndef CAY_CODEC_CODEC_H
#define CAY_CODEC_CODEC_H

#include "base/blob.h"
#include "base/buf.h"
#include "cay/value.h"

#define CAY_HOST_PORT 1u

/* What moves beside the bytes. The arrays are cay__malloc'ed, the members owned. */
typedef struct cay_cargo {
    struct cay_port **ports;
    size_t port_count;
    cay_blob_t *blobs;
    size_t blob_count;
} cay_cargo_t;

typedef struct cay_codec_limits {
    uint32_t depth;  /* nesting; 0 = 1,000 */
    uint64_t values; /* values in one document; 0 = 4 million */
    uint64_t bytes;  /* wire bytes; 0 = 512 MiB */
} cay_codec_limits_t;

/* What a document does with ports, given by the port layer (codec lies below it). */
typedef struct cay_doc_ops {
    void (*port_drop)(struct cay_port *port); /* closes a port that nobody took */
} cay_doc_ops_t;
CAY_NODISCARD int cay__doc_new(const cay_doc_ops_t *ops, CAY_OWN cay_doc_t **out);
/* cay_doc_from_json for a document that knows what to do with ports. */
CAY_NODISCARD int cay__doc_from_json(const cay_doc_ops_t *ops, const char *text, size_t len,
                                     CAY_OWN cay_doc_t **out, cay_error_t **err);

/* Writes the root of `doc`. On success out holds the bytes and cargo->ports / ->blobs the ports and
 * taken buffers in index order, still owned by the document: cay__doc_moved() then empties them
 * there, once the post has succeeded (so that a failed post loses nothing; the arrays themselves
 * are the caller's). CAY_ELIMIT, CAY_ENOMEM, CAY_EINVAL (a port that was taken). */
CAY_NODISCARD int cay__codec_encode(cay_doc_t *doc, const cay_codec_limits_t *limits,
                                    cay_buf_t *out, cay_cargo_t *cargo, cay_error_t **err);
/* Marks all that the last encode listed as moved away. Cannot fail. */
void cay__doc_moved(cay_doc_t *doc);

/* Reads bytes into a fresh document, which takes the cargo's members over on success and leaves the
 * arrays' memory to the caller. A port or blob index used twice, or out of range, is malformed.
 * Members that the bytes never mention stay in the cargo (non-NULL). CAY_EFORMAT, CAY_ELIMIT,
 * CAY_ENOMEM. */
CAY_NODISCARD int cay__codec_decode(const void *bytes, size_t len, cay_cargo_t *cargo,
                                    const cay_codec_limits_t *limits, const cay_doc_ops_t *ops,
                                    CAY_OWN cay_doc_t **out, cay_error_t **err);

#endif
