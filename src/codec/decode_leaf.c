/* SPDX-License-Identifier: MIT */
/* Reading values that hold no others: primitives, strings, dates, buffers and their views,
 * ports. */
#include "codec/decode.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static int out_of(cay_value_t *v, cay_value_t **out) {
    *out = v;
    return v ? 0 : CAY_ENOMEM;
}

/* A value with an id. */
static int identified(decoder_t *d, cay_value_t *v, cay_value_t **out) {
    *out = v;
    return v ? cay__decode_id(d, v) : CAY_ENOMEM;
}

/* ---- strings ---- */

static int make_text(decoder_t *d, char *data, size_t len, cay_value_t **out) {
    data[len] = 0;
    return out_of(cay__value_text(d->doc, data, len), out);
}

static int latin1(decoder_t *d, const uint8_t *bytes, size_t n, cay_value_t **out) {
    size_t len = n;
    for (size_t i = 0; i < n; i++) {
        len += bytes[i] >> 7;
    }
    char *data = cay__doc_alloc_raw(d->doc, len + 1);
    if (!data) {
        return CAY_ENOMEM;
    }
    char *to = data;
    for (size_t i = 0; i < n; i++) {
        to += cay__utf8_encode(bytes[i], to);
    }
    return make_text(d, data, len, out);
}

/* One code point of UTF-16; a lone surrogate stays itself, for the UTF-8 encoder to replace. */
static uint32_t next_utf16(const uint8_t *bytes, size_t n, size_t *at) {
    uint16_t unit, low;
    memcpy(&unit, bytes + *at, 2);
    *at += 2;
    if ((unit & 0xfc00) != 0xd800 || *at == n) {
        return unit;
    }
    memcpy(&low, bytes + *at, 2);
    if ((low & 0xfc00) != 0xdc00) {
        return unit;
    }
    *at += 2;
    return 0x10000 + ((uint32_t)(unit & 0x3ff) << 10 | (low & 0x3ff));
}

static int utf16(decoder_t *d, const uint8_t *bytes, size_t n, cay_value_t **out) {
    if (n % 2) {
        return cay__decode_bad(d, "two-byte string of an odd length");
    }
    char piece[4];
    size_t len = 0;
    for (size_t at = 0; at < n;) {
        len += cay__utf8_encode(next_utf16(bytes, n, &at), piece);
    }
    char *data = cay__doc_alloc_raw(d->doc, len + 1);
    if (!data) {
        return CAY_ENOMEM;
    }
    char *to = data;
    for (size_t at = 0; at < n;) {
        unsigned k = cay__utf8_encode(next_utf16(bytes, n, &at), piece);
        memcpy(to, piece, k);
        to += k;
    }
    return make_text(d, data, len, out);
}

static int utf8(decoder_t *d, const uint8_t *bytes, size_t n, cay_value_t **out) {
    if (cay__utf8_valid((const char *)bytes, n) != n) {
        return cay__decode_bad(d, "string is not UTF-8");
    }
    return out_of(cay_doc_string(d->doc, (const char *)bytes, n), out);
}

static int text_of(decoder_t *d, int tag, cay_value_t **out) {
    uint32_t n = cay__reader_varint32(&d->in);
    const uint8_t *bytes = cay__reader_bytes(&d->in, n);
    if (!bytes) {
        return cay__decode_bad(d, "string is longer than the data");
    }
    return tag == TAG_LATIN1  ? latin1(d, bytes, n, out)
           : tag == TAG_UTF16 ? utf16(d, bytes, n, out)
                              : utf8(d, bytes, n, out);
}

int cay__decode_string(decoder_t *d, cay_value_t **out) {
    int tag = cay__decode_tag(d);
    if (tag != TAG_LATIN1 && tag != TAG_UTF16 && tag != TAG_UTF8) {
        return cay__decode_bad(d, "a string was expected");
    }
    return text_of(d, tag, out);
}

/* ---- numbers ---- */

static int number(decoder_t *d, double v, cay_value_t **out) {
    if (d->in.failed) {
        return cay__decode_bad(d, "number is cut off");
    }
    return out_of(cay_doc_number(d->doc, isnan(v) ? (double)NAN : v), out);
}

static double zigzag(uint32_t v) {
    return v & 1 ? -(double)(v >> 1) - 1 : (double)(v >> 1);
}

static int bigint(decoder_t *d, cay_value_t **out) {
    uint32_t bits = cay__reader_varint32(&d->in);
    size_t n = bits >> 1;
    const uint8_t *bytes = cay__reader_bytes(&d->in, n);
    if (!bytes || n > WIRE_BIGINT_DIGITS * sizeof(uint64_t)) {
        return cay__decode_bad(d, "bigint is longer than allowed");
    }
    size_t count = (n + 7) / 8;
    cay_value_t *v = cay__value_new(d->doc, CAY_TYPE_BIGINT);
    uint64_t *digits = v ? cay__doc_alloc(d->doc, count * sizeof *digits) : NULL;
    if (!digits) {
        return CAY_ENOMEM;
    }
    if (n) {
        memcpy(digits, bytes, n); /* little endian, as the digits are */
    }
    while (count && digits[count - 1] == 0) {
        count--;
    }
    v->bigint.digits = digits;
    v->bigint.count = count;
    v->kind = (bits & 1) && count;
    *out = v;
    return 0;
}

/* ---- values with an identity ---- */

static int boxed(decoder_t *d, int tag, cay_value_t **out) {
    cay_value_t *inner = NULL;
    int rc = 0;
    switch (tag) {
    case TAG_BOXED_TRUE: inner = &d->doc->yes; break;
    case TAG_BOXED_FALSE: inner = &d->doc->no; break;
    case TAG_BOXED_NUMBER: rc = number(d, cay__reader_double(&d->in), &inner); break;
    case TAG_BOXED_BIGINT: rc = bigint(d, &inner); break;
    default: rc = cay__decode_string(d, &inner); break;
    }
    return rc != 0 ? rc : identified(d, cay__value_boxed(d->doc, inner), out);
}

static int date(decoder_t *d, cay_value_t **out) {
    double ms = cay__reader_double(&d->in);
    if (d->in.failed) {
        return cay__decode_bad(d, "date is cut off");
    }
    return identified(d, cay_doc_date(d->doc, ms), out);
}

static int regexp(decoder_t *d, cay_value_t **out) {
    cay_value_t *source;
    int rc = cay__decode_string(d, &source);
    if (rc != 0) {
        return rc;
    }
    uint32_t flags = cay__reader_varint32(&d->in);
    bool both = (flags & REGEXP_UNICODE) && (flags & REGEXP_UNICODE_SETS);
    if (d->in.failed || (flags & ~(uint32_t)REGEXP_ALL) || (flags & REGEXP_LINEAR) || both) {
        return cay__decode_bad(d, "regexp has unknown flags");
    }
    return identified(d, cay__value_regexp(d->doc, source, flags), out);
}

static int buffer(decoder_t *d, bool resizable, cay_value_t **out) {
    uint32_t n = cay__reader_varint32(&d->in);
    uint32_t most = resizable ? cay__reader_varint32(&d->in) : n;
    const uint8_t *bytes = cay__reader_bytes(&d->in, n);
    if (!bytes || n > most) {
        return cay__decode_bad(d, "buffer is longer than the data");
    }
    cay_value_t *v = cay_doc_buffer(d->doc, bytes, n);
    if (v) {
        v->kind = resizable;
    }
    return identified(d, v, out);
}

/* Marks a member of the cargo as met: false when it is not there or was met before. */
static bool claim(decoder_t *d, size_t index, size_t base, size_t count) {
    if (d->in.failed || index >= count || d->used[base + index]) {
        return false;
    }
    d->used[base + index] = 1;
    return true;
}

static int moved_buffer(decoder_t *d, cay_value_t **out) {
    uint32_t index = cay__reader_varint32(&d->in);
    if (!claim(d, index, d->cargo->port_count, d->cargo->blob_count)) {
        return cay__decode_bad(d, "transferred buffer that did not come along");
    }
    cay_value_t *v = cay__value_new(d->doc, CAY_TYPE_BUFFER);
    resource_t *res = v ? cay__resource_new(d->doc, v) : NULL;
    if (!res) {
        return CAY_ENOMEM;
    }
    res->index = index;
    res->blob = d->cargo->blobs[index];
    v->buffer.data = res->blob.data;
    v->buffer.len = res->blob.len;
    v->buffer.res = res;
    return identified(d, v, out);
}

static int host_object(decoder_t *d, cay_value_t **out) {
    uint32_t kind = cay__reader_varint32(&d->in);
    uint32_t index = cay__reader_varint32(&d->in);
    if (kind != CAY_HOST_PORT) {
        return cay__decode_bad(d, "unknown host object");
    }
    if (!claim(d, index, 0, d->cargo->port_count) || !d->cargo->ports[index]) {
        return cay__decode_bad(d, "port that did not come along");
    }
    cay_value_t *v = cay__value_new(d->doc, CAY_TYPE_PORT);
    resource_t *res = v ? cay__resource_new(d->doc, v) : NULL;
    if (!res) {
        return CAY_ENOMEM;
    }
    res->index = index;
    res->port = d->cargo->ports[index];
    v->port = res;
    return identified(d, v, out);
}

static cay_view_t view_kind(uint32_t subtag) {
    switch (subtag) {
#define KIND(kind, letter)                                                                         \
    case letter: return CAY_VIEW_##kind;
        WIRE_VIEWS(KIND)
#undef KIND
    default: return 0;
    }
}

/* The view that follows `*out`, a buffer just read; nothing changes when none follows. */
static int view_after(decoder_t *d, cay_value_t **out) {
    if (cay__decode_peek(d) != TAG_VIEW) {
        return 0;
    }
    cay__decode_tag(d);
    cay_value_t *of = *out;
    cay_view_t kind = view_kind(cay__reader_u8(&d->in));
    uint32_t offset = cay__reader_varint32(&d->in);
    uint32_t len = cay__reader_varint32(&d->in);
    uint32_t flags = d->version >= WIRE_VIEW_FLAGS ? cay__reader_varint32(&d->in) : 0;
    unsigned unit = cay__view_unit(kind);
    if (d->in.failed || unit == 0) {
        return cay__decode_bad(d, d->in.failed ? "view is cut off" : "view of an unknown kind");
    }
    if (offset > of->buffer.len || len > of->buffer.len - offset || offset % unit || len % unit) {
        return cay__decode_bad(d, "view does not fit its buffer");
    }
    if ((flags & (WIRE_VIEW_TRACKING | WIRE_VIEW_RAB)) && !of->kind) {
        return cay__decode_bad(d, "view and buffer differ in being resizable");
    }
    if (flags & WIRE_VIEW_TRACKING) { /* V8 11 tells no length then; here the buffer is fixed */
        len = (uint32_t)((of->buffer.len - offset) / unit * unit);
    }
    return identified(d, cay_doc_view(d->doc, of, kind, offset, len), out);
}

static int reference(decoder_t *d, cay_value_t **out) {
    uint32_t id = cay__reader_varint32(&d->in);
    if (d->in.failed || id >= d->id_count) {
        return cay__decode_bad(d, "reference to an object that was not met");
    }
    *out = d->ids[id];
    return 0;
}

static int unknown(decoder_t *d, int tag) {
    switch (tag) {
    case -1: return cay__decode_bad(d, "the data ends too early");
    case TAG_SHARED_BUFFER: return cay__decode_bad(d, "SharedArrayBuffer is not carried");
    case TAG_SHARED_OBJECT: return cay__decode_bad(d, "shared object is not carried");
    case TAG_WASM_MODULE: return cay__decode_bad(d, "WebAssembly.Module is not carried");
    case TAG_WASM_MEMORY: return cay__decode_bad(d, "WebAssembly.Memory is not carried");
    default: return cay__decode_bad(d, "unknown tag");
    }
}

static int object_leaf(decoder_t *d, int tag, cay_value_t **out) {
    switch (tag) {
    case TAG_REFERENCE: return reference(d, out);
    case TAG_DATE: return date(d, out);
    case TAG_BOXED_TRUE:
    case TAG_BOXED_FALSE:
    case TAG_BOXED_NUMBER:
    case TAG_BOXED_BIGINT:
    case TAG_BOXED_STRING: return boxed(d, tag, out);
    case TAG_REGEXP: return regexp(d, out);
    case TAG_BUFFER: return buffer(d, false, out);
    case TAG_RESIZABLE: return buffer(d, true, out);
    case TAG_MOVED_BUFFER: return moved_buffer(d, out);
    case TAG_HOST: return host_object(d, out);
    default: return unknown(d, tag);
    }
}

int cay__decode_leaf(decoder_t *d, int tag, cay_value_t **out) {
    switch (tag) {
    case TAG_UNDEFINED: return out_of(&d->doc->undefined, out);
    case TAG_NULL: return out_of(&d->doc->null, out);
    case TAG_TRUE: return out_of(&d->doc->yes, out);
    case TAG_FALSE: return out_of(&d->doc->no, out);
    case TAG_INT32: return number(d, zigzag(cay__reader_varint32(&d->in)), out);
    case TAG_UINT32: return number(d, cay__reader_varint32(&d->in), out);
    case TAG_DOUBLE: return number(d, cay__reader_double(&d->in), out);
    case TAG_BIGINT: return bigint(d, out);
    case TAG_UTF8:
    case TAG_LATIN1:
    case TAG_UTF16: return text_of(d, tag, out);
    default: break;
    }
    int rc = object_leaf(d, tag, out);
    return rc == 0 && (*out)->type == CAY_TYPE_BUFFER ? view_after(d, out) : rc;
}
