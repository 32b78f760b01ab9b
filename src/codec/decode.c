/* SPDX-License-Identifier: MIT */
/* Reading V8's format: containers, and the run as a whole. decode_leaf.c reads what holds no other
 * value.
 *
 * A stack of open containers takes the place of recursion. Every value is charged against a budget
 * before it is made, no memory is taken on the word of a length alone, and keys are hashed: work
 * and memory are linear in the bytes, whoever wrote them. */
#include "codec/decode.h"

#include <math.h>

#include "base/err.h"
#include "base/mem.h"

int cay__decode_bad(decoder_t *d, const char *what) {
    return cay__error_set(d->err, CAY_EFORMAT, "%s (at byte %zu of %zu)", what,
                          (size_t)(d->in.pos - d->start), (size_t)(d->in.end - d->start));
}

int cay__decode_charge(decoder_t *d, uint64_t count) {
    if (count > d->values_left) {
        return cay__error_set(d->err, CAY_ELIMIT, "too many values");
    }
    d->values_left -= count;
    return 0;
}

int cay__decode_id(decoder_t *d, cay_value_t *v) {
    if (d->id_count == d->id_cap) {
        uint32_t cap = d->id_cap ? d->id_cap * 2 : 16;
        cay_value_t **grown = cay__realloc(d->ids, cap * sizeof *grown);
        if (!grown) {
            return CAY_ENOMEM;
        }
        d->ids = grown;
        d->id_cap = cap;
    }
    d->ids[d->id_count++] = v;
    return 0;
}

int cay__decode_peek(decoder_t *d) {
    while (cay__reader_peek(&d->in) == TAG_PADDING) {
        cay__reader_u8(&d->in);
    }
    return cay__reader_peek(&d->in);
}

int cay__decode_tag(decoder_t *d) {
    int tag = cay__decode_peek(d);
    if (tag >= 0) {
        cay__reader_u8(&d->in);
    }
    return tag;
}

/* ---- opening ---- */

static int push_frame(decoder_t *d, cay_value_t *v, uint32_t length, uint32_t left) {
    if (d->depth == d->most_depth) {
        return cay__error_set(d->err, CAY_ELIMIT, "nested deeper than %u levels", d->most_depth);
    }
    if (d->depth == d->stack_cap) {
        uint32_t cap = d->stack_cap ? d->stack_cap * 2 : 16;
        frame_t *grown = cay__realloc(d->stack, cap * sizeof *grown);
        if (!grown) {
            return CAY_ENOMEM;
        }
        d->stack = grown;
        d->stack_cap = cap;
    }
    d->stack[d->depth++] = (frame_t){.v = v, .index = -1, .length = length, .left = left};
    return 0;
}

static int open_plain(decoder_t *d, cay_type_t type) {
    cay_value_t *v = cay__value_new(d->doc, type);
    int rc = v ? cay__decode_id(d, v) : CAY_ENOMEM;
    return rc != 0 ? rc : push_frame(d, v, 0, 0);
}

static int open_array(decoder_t *d, bool sparse) {
    uint32_t length = cay__reader_varint32(&d->in);
    if (d->in.failed || (!sparse && length > cay__reader_left(&d->in))) {
        return cay__decode_bad(d, "array is longer than the data");
    }
    /* The elements of a dense array are charged as they come; holes of a sparse one never come, but
     * whoever walks the array meets them. */
    int rc = sparse ? cay__decode_charge(d, length) : 0;
    cay_value_t *v = rc == 0 ? cay__value_new(d->doc, CAY_TYPE_ARRAY) : NULL;
    if (!v) {
        return rc != 0 ? rc : CAY_ENOMEM;
    }
    if (sparse) {
        array_extra_t *extra = cay__array_extra(v);
        if (!extra) {
            return CAY_ENOMEM;
        }
        extra->sparse = true;
        extra->length = length;
    }
    rc = cay__decode_id(d, v);
    return rc != 0 ? rc : push_frame(d, v, length, sparse ? 0 : length);
}

static int open_error(decoder_t *d) {
    cay_value_t *v = cay_doc_error(d->doc, NULL, NULL, NULL);
    int rc = v ? cay__decode_id(d, v) : CAY_ENOMEM;
    return rc != 0 ? rc : push_frame(d, v, 0, 0);
}

/* ---- closing ---- */

static int expect(decoder_t *d, uint64_t count) {
    uint32_t told = cay__reader_varint32(&d->in);
    return d->in.failed || told != count ? cay__decode_bad(d, "count at the end does not agree")
                                         : 0;
}

static int end_array(decoder_t *d, const frame_t *f) {
    int rc = expect(d, f->pairs);
    rc = rc == 0 ? expect(d, f->length) : rc;
    if (rc == 0 && cay__sparse_is(f->v)) {
        rc = cay__sparse_finish(f->v);
        rc = rc == CAY_EFORMAT ? cay__decode_bad(d, "index twice in an array") : rc;
    }
    return rc;
}

/* The tag that ends the container now, -1 when its next value has to come first. */
static int end_tag(const frame_t *f) {
    if (f->key || f->index >= 0 || f->left) {
        return -1;
    }
    switch (f->v->type) {
    case CAY_TYPE_OBJECT: return TAG_OBJECT_END;
    case CAY_TYPE_MAP: return TAG_MAP_END;
    case CAY_TYPE_SET: return TAG_SET_END;
    case CAY_TYPE_ARRAY: return cay__sparse_is(f->v) ? TAG_SPARSE_END : TAG_DENSE_END;
    default: return -1; /* an error ends itself */
    }
}

static int end_box(decoder_t *d, const frame_t *f) {
    switch (f->v->type) {
    case CAY_TYPE_ARRAY: return end_array(d, f);
    case CAY_TYPE_MAP: return expect(d, 2 * (uint64_t)f->pairs);
    case CAY_TYPE_SET: return expect(d, f->v->box.items.count);
    default: return expect(d, f->pairs);
    }
}

/* ---- members ---- */

/* A property's key as a string; numbers are spelled out, as JavaScript does. */
static int key_text(decoder_t *d, cay_value_t *v, cay_value_t **out) {
    if (v->type == CAY_TYPE_STRING) {
        *out = v;
        return 0;
    }
    if (v->type != CAY_TYPE_NUMBER) {
        return cay__decode_bad(d, "key is neither string nor number");
    }
    char text[NUMBER_TEXT_MAX];
    size_t len = cay__number_text(v->number, text);
    *out = cay_doc_string(d->doc, text, len);
    return *out ? 0 : CAY_ENOMEM;
}

static int add_prop(decoder_t *d, frame_t *f, cay_value_t *object, cay_value_t *v) {
    if (f->key) {
        int rc = cay__props_add(object, f->key, v);
        f->key = NULL;
        f->pairs++;
        return rc;
    }
    int rc = key_text(d, v, &f->key);
    if (rc == 0 && cay__props_find(object, f->key->text.data, f->key->text.len) >= 0) {
        rc = cay__decode_bad(d, "key twice in an object");
    }
    return rc;
}

/* The index that the key of an array's property means, -1 when it names no element. */
static int64_t key_as_index(const cay_value_t *key) {
    if (key->type == CAY_TYPE_NUMBER) {
        double n = key->number;
        return n >= 0 && n < UINT32_MAX && n == trunc(n) ? (int64_t)n : -1;
    }
    return key->type == CAY_TYPE_STRING ? cay__key_index(key->text.data, key->text.len) : -1;
}

static int add_to_array(decoder_t *d, frame_t *f, cay_value_t *v) {
    if (f->left) {
        f->left--;
        return cay__vec_push(d->doc, &f->v->box.items, v);
    }
    if (f->index >= 0) {
        int rc = cay__sparse_add(f->v, (uint32_t)f->index, v);
        f->index = -1;
        f->pairs++;
        return rc;
    }
    if (!f->key) {
        f->index = key_as_index(v);
        if (f->index >= (int64_t)f->length || (f->index >= 0 && !cay__sparse_is(f->v))) {
            return cay__decode_bad(d, "index beyond the array");
        }
        if (f->index >= 0) {
            return 0;
        }
    }
    array_extra_t *extra = cay__array_extra(f->v);
    if (extra && !extra->props) {
        extra->props = cay__value_new(d->doc, CAY_TYPE_OBJECT);
    }
    return extra && extra->props ? add_prop(d, f, extra->props, v) : CAY_ENOMEM;
}

static int add_entry(decoder_t *d, frame_t *f, cay_value_t *v) {
    if (!f->key) {
        f->key = v;
        return 0;
    }
    cay_value_t *key = f->key;
    f->key = NULL;
    f->pairs++;
    int rc = cay__vec_push(d->doc, &f->v->box.items, key);
    return rc != 0 ? rc : cay__vec_push(d->doc, &f->v->box.items, v);
}

static int add_member(decoder_t *d, frame_t *f, cay_value_t *v) {
    switch (f->v->type) {
    case CAY_TYPE_OBJECT: return add_prop(d, f, f->v, v);
    case CAY_TYPE_ARRAY: return add_to_array(d, f, v);
    case CAY_TYPE_MAP: return add_entry(d, f, v);
    case CAY_TYPE_SET: return cay__vec_push(d->doc, &f->v->box.items, v);
    default: f->v->error->cause = v; return 0;
    }
}

/* ---- errors: parts under letters, in whatever order the version of V8 has them ---- */

static const char *prototype(uint8_t letter) {
    switch (letter) {
#define NAME(text, letter)                                                                         \
    case letter: return text;
        WIRE_ERRORS(NAME)
#undef NAME
    default: return NULL;
    }
}

/* Reads parts until the end (*done) or until a cause has to come. */
static int error_parts(decoder_t *d, error_parts_t *parts, bool *done) {
    for (;;) {
        uint8_t letter = cay__reader_u8(&d->in);
        int rc = 0;
        if (prototype(letter)) {
            parts->name = cay__error_class(prototype(letter));
        } else if (letter == ERROR_MESSAGE) {
            rc = cay__decode_string(d, &parts->message);
        } else if (letter == ERROR_STACK) {
            rc = cay__decode_string(d, &parts->stack);
        } else if (letter == ERROR_CAUSE || letter == ERROR_END) {
            *done = letter == ERROR_END;
            return 0;
        } else {
            rc = cay__decode_bad(d, "unknown part of an error");
        }
        if (rc != 0) {
            return rc;
        }
    }
}

/* ---- the run ---- */

/* Gives a finished value to the container on top. An error may end by that, and is then given to
 * the container below it, and so on. */
static int deliver(decoder_t *d, cay_value_t *v) {
    while (d->depth > 0) {
        frame_t *f = &d->stack[d->depth - 1];
        int rc = add_member(d, f, v);
        bool done = false;
        if (rc == 0 && f->v->type == CAY_TYPE_ERROR) {
            rc = error_parts(d, f->v->error, &done);
        }
        if (rc != 0 || !done) {
            return rc;
        }
        v = f->v;
        d->depth--;
    }
    d->doc->root = v;
    return 0;
}

/* An error without a cause is whole as soon as its parts are read. */
static int begin_error(decoder_t *d) {
    int rc = open_error(d);
    if (rc != 0) {
        return rc;
    }
    cay_value_t *v = d->stack[d->depth - 1].v;
    bool done;
    rc = error_parts(d, v->error, &done);
    if (rc != 0 || !done) {
        return rc;
    }
    d->depth--;
    return deliver(d, v);
}

static int begin(decoder_t *d, int tag) {
    int rc = cay__decode_charge(d, 1);
    if (rc != 0) {
        return rc;
    }
    switch (tag) {
    case TAG_OBJECT: return open_plain(d, CAY_TYPE_OBJECT);
    case TAG_MAP: return open_plain(d, CAY_TYPE_MAP);
    case TAG_SET: return open_plain(d, CAY_TYPE_SET);
    case TAG_DENSE: return open_array(d, false);
    case TAG_SPARSE: return open_array(d, true);
    case TAG_ERROR: return begin_error(d);
    default: break;
    }
    cay_value_t *v = NULL;
    rc = cay__decode_leaf(d, tag, &v);
    return rc != 0 ? rc : deliver(d, v);
}

/* One tag and what belongs to it: the start of a value, or the end of a container. */
static int step(decoder_t *d) {
    int tag = cay__decode_tag(d);
    if (tag == TAG_OBJECT_COUNT) {
        cay__reader_varint32(&d->in);
        return d->in.failed ? cay__decode_bad(d, "object count is cut off") : 0;
    }
    frame_t *f = d->depth ? &d->stack[d->depth - 1] : NULL;
    if (f && tag >= 0 && tag == end_tag(f)) {
        int rc = end_box(d, f);
        cay_value_t *v = f->v;
        d->depth--;
        return rc != 0 ? rc : deliver(d, v);
    }
    if (f && tag == TAG_HOLE && f->left) {
        int rc = cay__decode_charge(d, 1);
        return rc != 0 ? rc : deliver(d, &d->doc->hole);
    }
    return begin(d, tag);
}

static int read_header(decoder_t *d) {
    if (cay__reader_u8(&d->in) != TAG_VERSION) {
        return cay__decode_bad(d, "no version header");
    }
    d->version = cay__reader_varint32(&d->in);
    if (d->in.failed || d->version < WIRE_OLDEST || d->version > WIRE_VERSION) {
        return cay__error_set(d->err, CAY_EFORMAT, "version %u is not one of %u to %u", d->version,
                              WIRE_OLDEST, WIRE_VERSION);
    }
    return 0;
}

static int read_all(decoder_t *d) {
    int rc = read_header(d);
    d->doc->root = NULL;
    while (rc == 0 && !d->doc->root) {
        rc = step(d);
    }
    if (rc == 0 && cay__reader_left(&d->in) > 0) {
        rc = cay__decode_bad(d, "bytes after the value");
    }
    return rc;
}

/* The document now owns what it met of the cargo. */
static void take_over(decoder_t *d) {
    for (resource_t *r = d->doc->resources; r; r = r->next) {
        r->owned = true;
        if (r->port) {
            d->cargo->ports[r->index] = NULL;
        } else {
            d->cargo->blobs[r->index] = (cay_blob_t){0};
        }
    }
}

static int decode(decoder_t *d, cay_doc_t **out) {
    size_t goods = d->cargo->port_count + d->cargo->blob_count;
    if (goods) {
        d->used = cay__calloc(goods, 1);
    }
    int rc = goods && !d->used ? CAY_ENOMEM : read_all(d);
    cay__free(d->used);
    cay__free(d->ids);
    cay__free(d->stack);
    if (rc != 0) {
        cay_doc_free(d->doc);
        return cay__error_wrap(d->err, rc, "decode");
    }
    take_over(d);
    *out = d->doc;
    return 0;
}

int cay__codec_decode(const void *bytes, size_t len, cay_cargo_t *cargo,
                      const cay_codec_limits_t *limits, const cay_doc_ops_t *ops, cay_doc_t **out,
                      cay_error_t **err) {
    if ((!bytes && len) || !out) {
        return CAY_EINVAL;
    }
    static const cay_codec_limits_t none = {0};
    limits = limits ? limits : &none;
    uint64_t most = limits->bytes ? limits->bytes : CODEC_BYTES;
    if (len > most) {
        return cay__error_set(err, CAY_ELIMIT, "decode: %zu bytes are more than %llu", len,
                              (unsigned long long)most);
    }
    cay_cargo_t empty = {0};
    decoder_t d = {.in = cay__reader(len ? bytes : "", len), .err = err};
    d.start = d.in.pos;
    d.cargo = cargo ? cargo : &empty;
    d.most_depth = limits->depth ? limits->depth : CODEC_DEPTH;
    d.values_left = limits->values ? limits->values : CODEC_VALUES;
    int rc = cay__doc_new(ops, &d.doc);
    return rc != 0 ? rc : decode(&d, out);
}
