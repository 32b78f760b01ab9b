/* SPDX-License-Identifier: MIT */
/* Writing a document in V8's format. A stack of open containers takes the place of recursion, so
 * the C stack is safe from any nesting. Ids go by a mark in each value (doc->epoch tells marks of
 * this run from older ones), so shared values and cycles come out as references. */
#include "codec/doc.h"
#include "codec/wire.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

typedef struct frame {
    cay_value_t *v;
    uint32_t at; /* next pointer of its vector; error: 1 once the cause is written */
} frame_t;

typedef struct encoder {
    cay_doc_t *doc;
    cay_buf_t *out;
    cay_cargo_t *cargo;
    cay_error_t **err;
    frame_t *stack;
    uint32_t depth;
    uint32_t stack_cap;
    uint32_t next_id;
    uint64_t values;
    uint32_t most_depth;
    uint64_t most_values;
    uint64_t most_bytes;
} encoder_t;

static void put_varint(cay_buf_t *b, uint64_t v) {
    uint8_t bytes[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7) {
        bytes[n++] = (uint8_t)(v | 0x80);
    }
    bytes[n++] = (uint8_t)v;
    cay__buf_put(b, bytes, n);
}

static void put_int32(cay_buf_t *b, int32_t v) {
    cay__buf_u8(b, TAG_INT32);
    put_varint(b, (uint32_t)v << 1 ^ (v < 0 ? UINT32_MAX : 0));
}

static void put_double(cay_buf_t *b, uint8_t tag, double v) {
    cay__buf_u8(b, tag);
    cay__buf_put(b, &v, sizeof v);
}

static void put_number(cay_buf_t *b, double v) {
    if (v >= INT32_MIN && v <= INT32_MAX && v == trunc(v) && !(v == 0 && signbit(v))) {
        put_int32(b, (int32_t)v);
    } else {
        put_double(b, TAG_DOUBLE, v);
    }
}

static void put_bigint(cay_buf_t *b, uint8_t tag, const cay_value_t *v) {
    size_t bytes = v->bigint.count * sizeof(uint64_t);
    cay__buf_u8(b, tag);
    put_varint(b, bytes << 1 | v->kind);
    cay__buf_put(b, v->bigint.digits, bytes);
}

/* What a string needs: its length in UTF-16 units, and its highest code point. */
static size_t measure(const char *s, size_t len, uint32_t *highest) {
    size_t units = 0;
    *highest = 0;
    for (size_t at = 0; at < len;) {
        uint32_t cp = (uint8_t)s[at];
        if (cp < 0x80) {
            at++;
        } else {
            at += cay__utf8_decode(s + at, len - at, &cp);
        }
        units += cp >= 0x10000 ? 2 : 1;
        *highest = cp > *highest ? cp : *highest;
    }
    return units;
}

static void put_utf16(cay_buf_t *b, const char *s, size_t len, size_t units) {
    size_t varint = 1;
    for (uint64_t n = (uint64_t)units * 2; n >= 0x80; n >>= 7) {
        varint++;
    }
    if ((b->len + 1 + varint) & 1) {
        cay__buf_u8(b, TAG_PADDING);
    }
    cay__buf_u8(b, TAG_UTF16);
    put_varint(b, (uint64_t)units * 2);
    uint8_t *to = cay__buf_room(b, units * 2);
    for (size_t at = 0; to && at < len;) {
        uint32_t cp;
        at += cay__utf8_decode(s + at, len - at, &cp);
        uint16_t pair[2] = {(uint16_t)cp, 0};
        size_t n = 1;
        if (cp >= 0x10000) {
            pair[0] = (uint16_t)(0xd7c0 + (cp >> 10));
            pair[1] = (uint16_t)(0xdc00 + (cp & 0x3ff));
            n = 2;
        }
        memcpy(to, pair, 2 * n);
        to += 2 * n;
    }
    b->len += to ? units * 2 : 0;
}

static void put_string(cay_buf_t *b, const cay_value_t *v) {
    const char *s = v->text.data;
    size_t len = v->text.len;
    uint32_t highest;
    size_t units = measure(s, len, &highest);
    if (highest > 0xff) {
        put_utf16(b, s, len, units);
        return;
    }
    cay__buf_u8(b, TAG_LATIN1);
    put_varint(b, units);
    if (highest < 0x80) {
        cay__buf_put(b, s, len);
        return;
    }
    uint8_t *to = cay__buf_room(b, units);
    for (size_t at = 0; to && at < len;) {
        uint32_t cp;
        at += cay__utf8_decode(s + at, len - at, &cp);
        *to++ = (uint8_t)cp;
    }
    b->len += to ? units : 0;
}

/* A key of an object: array indexes go as numbers, as V8 itself writes them. */
static void put_key(cay_buf_t *b, const cay_value_t *key) {
    int64_t index = cay__key_index(key->text.data, key->text.len);
    if (index >= 0) {
        put_number(b, (double)index);
    } else {
        put_string(b, key);
    }
}

static int gone(encoder_t *e, const char *what) {
    return cay__error_set(e->err, CAY_EINVAL, "%s: it was moved away or taken before", what);
}

/* Adds a member to one of the cargo's tables, which double as they grow. */
static int cargo_room(void *table_ptr, size_t count, size_t size) {
    void *table;
    memcpy(&table, table_ptr, sizeof table);
    if (count >= 4 && (count & (count - 1)) != 0) {
        return 0; /* between powers of two there is room */
    }
    if (count != 0 && count < 4) {
        return 0;
    }
    void *grown = cay__realloc(table, (count ? count * 2 : 4) * size);
    if (!grown) {
        return CAY_ENOMEM;
    }
    memcpy(table_ptr, &grown, sizeof grown);
    return 0;
}

static int put_port(encoder_t *e, const cay_value_t *v) {
    if (v->port->gone) {
        return gone(e, "port");
    }
    cay_cargo_t *c = e->cargo;
    int rc = cargo_room(&c->ports, c->port_count, sizeof *c->ports);
    if (rc != 0) {
        return rc;
    }
    cay__buf_u8(e->out, TAG_HOST);
    put_varint(e->out, CAY_HOST_PORT);
    put_varint(e->out, c->port_count);
    c->ports[c->port_count++] = v->port->port;
    return 0;
}

static int put_buffer(encoder_t *e, const cay_value_t *v) {
    const resource_t *res = v->buffer.res;
    if (!res) {
        if (v->buffer.len > UINT32_MAX) {
            return cay__error_set(e->err, CAY_ELIMIT, "buffer: larger than 4 GiB");
        }
        cay__buf_u8(e->out, TAG_BUFFER);
        put_varint(e->out, v->buffer.len);
        cay__buf_put(e->out, v->buffer.data, v->buffer.len);
        return 0;
    }
    if (res->gone) {
        return gone(e, "buffer");
    }
    cay_cargo_t *c = e->cargo;
    int rc = cargo_room(&c->blobs, c->blob_count, sizeof *c->blobs);
    if (rc != 0) {
        return rc;
    }
    cay__buf_u8(e->out, TAG_MOVED_BUFFER);
    put_varint(e->out, c->blob_count);
    c->blobs[c->blob_count++] = res->blob;
    return 0;
}

static int put_view(encoder_t *e, const cay_value_t *v) {
    static const uint8_t subtag[] = {
#define SUBTAG(kind, letter) [CAY_VIEW_##kind] = (letter),
        WIRE_VIEWS(SUBTAG)
#undef SUBTAG
    };
    if (v->view.offset > UINT32_MAX || v->view.len > UINT32_MAX) {
        return cay__error_set(e->err, CAY_ELIMIT, "view: beyond 4 GiB");
    }
    cay__buf_u8(e->out, TAG_VIEW);
    cay__buf_u8(e->out, subtag[v->kind]);
    put_varint(e->out, v->view.offset);
    put_varint(e->out, v->view.len);
    put_varint(e->out, 0); /* no flags: the buffer has a fixed length */
    return 0;
}

static void put_boxed(cay_buf_t *b, const cay_value_t *inner) {
    switch (inner->type) {
    case CAY_TYPE_BOOL: cay__buf_u8(b, inner->boolean ? TAG_BOXED_TRUE : TAG_BOXED_FALSE); return;
    case CAY_TYPE_NUMBER: put_double(b, TAG_BOXED_NUMBER, inner->number); return;
    case CAY_TYPE_BIGINT: put_bigint(b, TAG_BOXED_BIGINT, inner); return;
    default:
        cay__buf_u8(b, TAG_BOXED_STRING);
        put_string(b, inner);
        return;
    }
}

static void put_error_head(cay_buf_t *b, const error_parts_t *parts) {
    cay__buf_u8(b, TAG_ERROR);
#define LETTER(text, letter)                                                                       \
    if (strcmp(parts->name, text) == 0) {                                                          \
        cay__buf_u8(b, letter);                                                                    \
    }
    WIRE_ERRORS(LETTER)
#undef LETTER
    if (parts->message) {
        cay__buf_u8(b, ERROR_MESSAGE);
        put_string(b, parts->message);
    }
    if (parts->stack) {
        cay__buf_u8(b, ERROR_STACK);
        put_string(b, parts->stack);
    }
}

static int push_frame(encoder_t *e, cay_value_t *v) {
    if (e->depth == e->most_depth) {
        return cay__error_set(e->err, CAY_ELIMIT, "nested deeper than %u levels", e->most_depth);
    }
    if (e->depth == e->stack_cap) {
        uint32_t cap = e->stack_cap ? e->stack_cap * 2 : 16;
        frame_t *grown = cay__realloc(e->stack, cap * sizeof *grown);
        if (!grown) {
            return CAY_ENOMEM;
        }
        e->stack = grown;
        e->stack_cap = cap;
    }
    e->stack[e->depth++] = (frame_t){v, 0};
    return 0;
}

static bool is_sparse(const cay_value_t *v) {
    return v->type == CAY_TYPE_ARRAY && cay__sparse_is(v);
}

/* Writes the head of a container, whose members then follow from its frame. */
static int open_container(encoder_t *e, cay_value_t *v) {
    switch (v->type) {
    case CAY_TYPE_OBJECT: cay__buf_u8(e->out, TAG_OBJECT); break;
    case CAY_TYPE_MAP: cay__buf_u8(e->out, TAG_MAP); break;
    case CAY_TYPE_SET: cay__buf_u8(e->out, TAG_SET); break;
    case CAY_TYPE_ERROR: put_error_head(e->out, v->error); break;
    default:
        cay__buf_u8(e->out, is_sparse(v) ? TAG_SPARSE : TAG_DENSE);
        put_varint(e->out, cay_value_count(v));
        break;
    }
    return push_frame(e, v);
}

/* Whether v was written before: then a reference stands for it now. Otherwise it gets the next
 * id. */
static bool put_reference(encoder_t *e, cay_value_t *v) {
    if (v->seen == e->doc->epoch) {
        cay__buf_u8(e->out, TAG_REFERENCE);
        put_varint(e->out, v->wire_id);
        return true;
    }
    v->seen = e->doc->epoch;
    v->wire_id = e->next_id++;
    return false;
}

/* Everything that has an identity. */
static int put_object(encoder_t *e, cay_value_t *v) {
    if (v->type == CAY_TYPE_VIEW && v->seen != e->doc->epoch && !put_reference(e, v->view.buffer)) {
        int rc = put_buffer(e, v->view.buffer);
        if (rc != 0) {
            return rc;
        }
    }
    if (put_reference(e, v)) {
        return 0;
    }
    switch (v->type) {
    case CAY_TYPE_DATE: put_double(e->out, TAG_DATE, v->number); return 0;
    case CAY_TYPE_BUFFER: return put_buffer(e, v);
    case CAY_TYPE_VIEW: return put_view(e, v);
    case CAY_TYPE_PORT: return put_port(e, v);
    case CAY_TYPE_BOXED: put_boxed(e->out, v->inner); return 0;
    case CAY_TYPE_REGEXP:
        cay__buf_u8(e->out, TAG_REGEXP);
        put_string(e->out, v);
        put_varint(e->out, v->text.flags);
        return 0;
    default: return open_container(e, v);
    }
}

static int put_value(encoder_t *e, cay_value_t *v) {
    if (++e->values > e->most_values) {
        return cay__error_set(e->err, CAY_ELIMIT, "more than %llu values",
                              (unsigned long long)e->most_values);
    }
    switch (v->type) {
    case CAY_TYPE_UNDEFINED: cay__buf_u8(e->out, TAG_UNDEFINED); return 0;
    case CAY_TYPE_HOLE: cay__buf_u8(e->out, TAG_HOLE); return 0;
    case CAY_TYPE_NULL: cay__buf_u8(e->out, TAG_NULL); return 0;
    case CAY_TYPE_BOOL: cay__buf_u8(e->out, v->boolean ? TAG_TRUE : TAG_FALSE); return 0;
    case CAY_TYPE_NUMBER: put_number(e->out, v->number); return 0;
    case CAY_TYPE_BIGINT:
        if (v->bigint.count > WIRE_BIGINT_DIGITS) {
            return cay__error_set(e->err, CAY_ELIMIT, "bigint: larger than 2^30 bits");
        }
        put_bigint(e->out, TAG_BIGINT, v);
        return 0;
    case CAY_TYPE_STRING: put_string(e->out, v); return 0;
    default: return put_object(e, v);
    }
}

static void close_box(encoder_t *e, const cay_value_t *v) {
    uint32_t count = v->box.items.count;
    const array_extra_t *extra = v->type == CAY_TYPE_ARRAY ? v->box.extra : NULL;
    uint32_t props = extra && extra->props ? extra->props->box.items.count / 2 : 0;
    switch (v->type) {
    case CAY_TYPE_OBJECT: cay__buf_u8(e->out, TAG_OBJECT_END); break;
    case CAY_TYPE_MAP: cay__buf_u8(e->out, TAG_MAP_END); break;
    case CAY_TYPE_SET: cay__buf_u8(e->out, TAG_SET_END); break;
    default:
        cay__buf_u8(e->out, is_sparse(v) ? TAG_SPARSE_END : TAG_DENSE_END);
        put_varint(e->out, props + (is_sparse(v) ? count : 0));
        put_varint(e->out, cay_value_count(v));
        return;
    }
    put_varint(e->out, v->type == CAY_TYPE_OBJECT ? count / 2 : count);
}

/* The next member of an array: its elements first, its named properties after them. */
static int step_array(encoder_t *e, frame_t *f, bool *done) {
    const array_extra_t *extra = f->v->box.extra;
    const vec_t *items = &f->v->box.items;
    if (f->at < items->count) {
        uint32_t i = f->at++;
        if (is_sparse(f->v)) {
            put_number(e->out, extra->indexes[i]);
        }
        return put_value(e, items->at[i]);
    }
    const vec_t *props = extra && extra->props ? &extra->props->box.items : NULL;
    uint32_t at = f->at - items->count;
    if (props && at < props->count) {
        f->at += 2;
        put_string(e->out, props->at[at]);
        return put_value(e, props->at[at + 1]);
    }
    *done = true;
    return 0;
}

static int step_box(encoder_t *e, frame_t *f, bool *done) {
    const vec_t *items = &f->v->box.items;
    if (f->at == items->count) {
        *done = true;
        return 0;
    }
    if (f->v->type == CAY_TYPE_OBJECT) {
        put_key(e->out, items->at[f->at]);
        f->at += 2;
        return put_value(e, items->at[f->at - 1]);
    }
    return put_value(e, items->at[f->at++]);
}

/* Writes the next member of the container on top, or ends it. The frame may move as the stack
 * grows, so it is not touched after a member is written. */
static int step(encoder_t *e) {
    frame_t *f = &e->stack[e->depth - 1];
    cay_value_t *v = f->v;
    bool done = false;
    int rc = 0;
    if (v->type == CAY_TYPE_ERROR) {
        if (v->error->cause && f->at == 0) {
            f->at = 1;
            cay__buf_u8(e->out, ERROR_CAUSE);
            return put_value(e, v->error->cause);
        }
        cay__buf_u8(e->out, ERROR_END);
        e->depth--;
        return 0;
    }
    rc = v->type == CAY_TYPE_ARRAY ? step_array(e, f, &done) : step_box(e, f, &done);
    if (done) {
        close_box(e, v);
        e->depth--;
    }
    return rc;
}

static int encode_all(encoder_t *e) {
    size_t start = e->out->len;
    cay__buf_u8(e->out, TAG_VERSION);
    put_varint(e->out, WIRE_VERSION);
    int rc = put_value(e, e->doc->root);
    while (rc == 0 && e->depth > 0 && !e->out->failed && e->out->len - start <= e->most_bytes) {
        rc = step(e);
    }
    if (rc == 0 && !e->out->failed && e->out->len - start > e->most_bytes) {
        rc = cay__error_set(e->err, CAY_ELIMIT, "more than %llu bytes",
                            (unsigned long long)e->most_bytes);
    }
    return rc == 0 && e->out->failed ? CAY_ENOMEM : rc;
}

int cay__codec_encode(cay_doc_t *doc, const cay_codec_limits_t *limits, cay_buf_t *out,
                      cay_cargo_t *cargo, cay_error_t **err) {
    if (!doc || !out || !cargo) {
        return CAY_EINVAL;
    }
    static const cay_codec_limits_t none = {0};
    limits = limits ? limits : &none;
    *cargo = (cay_cargo_t){0};
    doc->encoded = false;
    doc->epoch++;
    encoder_t e = {.doc = doc, .out = out, .cargo = cargo, .err = err};
    e.most_depth = limits->depth ? limits->depth : CODEC_DEPTH;
    e.most_values = limits->values ? limits->values : CODEC_VALUES;
    e.most_bytes = limits->bytes ? limits->bytes : CODEC_BYTES;
    int rc = encode_all(&e);
    cay__free(e.stack);
    if (rc != 0) {
        cay__free(cargo->ports);
        cay__free(cargo->blobs);
        *cargo = (cay_cargo_t){0};
        return cay__error_wrap(err, rc, "encode");
    }
    doc->encoded = true;
    return 0;
}
