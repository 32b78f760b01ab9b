/* SPDX-License-Identifier: MIT */
/* A value to JSON text, by the rules of JSON.stringify (ECMA-262, 25.5.2).
 *
 * jansson's writer is not used: its numbers are not JavaScript's ("0.1" becomes 17 digits).
 * Containers open on a stack and are marked meanwhile, so that a cycle is seen at once. Shared
 * values are written as often as they are met: a budget of values and bytes keeps that from
 * exploding. */
#include "codec/doc.h"

#include <math.h>
#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"

typedef struct frame {
    const cay_value_t *v;
    size_t at;  /* next element or member */
    bool first; /* nothing written yet: no comma */
} frame_t;

typedef struct writer {
    cay_buf_t out;
    cay_error_t **err;
    frame_t *stack;
    uint32_t depth;
    uint32_t cap;
    uint64_t values_left;
} writer_t;

static void put_text(cay_buf_t *b, const char *s, size_t len) {
    static const char short_form[] = {['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
                                      ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't'};
    cay__buf_u8(b, '"');
    size_t from = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)s[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        cay__buf_put(b, s + from, i - from);
        from = i + 1;
        if (short_form[c]) {
            cay__buf_u8(b, '\\');
            cay__buf_u8(b, (uint8_t)short_form[c]);
        } else {
            cay__buf_printf(b, "\\u%04x", c);
        }
    }
    cay__buf_put(b, s + from, len - from);
    cay__buf_u8(b, '"');
}

static void put_string(cay_buf_t *b, const cay_value_t *v) {
    put_text(b, v->text.data, v->text.len);
}

static void put_number(cay_buf_t *b, double v) {
    char text[NUMBER_TEXT_MAX];
    if (isfinite(v)) {
        cay__buf_put(b, text, cay__number_text(v, text));
    } else {
        cay__buf_str(b, "null");
    }
}

static void put_date(cay_buf_t *b, double ms) {
    char text[NUMBER_TEXT_MAX];
    size_t len = cay__date_text(ms, text);
    if (len) {
        put_text(b, text, len);
    } else {
        cay__buf_str(b, "null");
    }
}

static void put_error(cay_buf_t *b, const error_parts_t *parts) {
    cay__buf_str(b, "{\"name\":");
    cay__buf_printf(b, "\"%s\"", parts->name);
    if (parts->message) {
        cay__buf_str(b, ",\"message\":");
        put_string(b, parts->message);
    }
    cay__buf_u8(b, '}');
}

static int open_container(writer_t *w, const cay_value_t *v) {
    if (v->on_path) {
        return cay__error_set(w->err, CAY_ECLONE, "JSON cannot carry a cycle");
    }
    if (w->depth == CODEC_DEPTH) {
        return cay__error_set(w->err, CAY_ELIMIT, "nested deeper than %u levels", CODEC_DEPTH);
    }
    if (w->depth == w->cap) {
        uint32_t cap = w->cap ? w->cap * 2 : 16;
        frame_t *grown = cay__realloc(w->stack, cap * sizeof *grown);
        if (!grown) {
            return CAY_ENOMEM;
        }
        w->stack = grown;
        w->cap = cap;
    }
    cay__buf_u8(&w->out, v->type == CAY_TYPE_ARRAY ? '[' : '{');
    w->stack[w->depth++] = (frame_t){v, 0, true};
    ((cay_value_t *)v)->on_path = true; /* NOLINT: a mark of ours, gone when the writing ends */
    return 0;
}

static int refuse(writer_t *w, const cay_value_t *v) {
    static const char *const names[] = {
        [CAY_TYPE_UNDEFINED] = "undefined", [CAY_TYPE_BIGINT] = "a BigInt",
        [CAY_TYPE_BUFFER] = "a buffer",     [CAY_TYPE_VIEW] = "a typed array",
        [CAY_TYPE_MAP] = "a Map",           [CAY_TYPE_SET] = "a Set",
        [CAY_TYPE_PORT] = "a port",         [CAY_TYPE_REGEXP] = "a RegExp",
        [CAY_TYPE_HOLE] = "a hole"};
    const char *name = v->type < CAY_COUNT(names) ? names[v->type] : NULL;
    return cay__error_set(w->err, CAY_ECLONE, "JSON cannot carry %s", name ? name : "this value");
}

static int put_value(writer_t *w, const cay_value_t *v) {
    switch (v->type) {
    case CAY_TYPE_NULL: cay__buf_str(&w->out, "null"); return 0;
    case CAY_TYPE_BOOL: cay__buf_str(&w->out, v->boolean ? "true" : "false"); return 0;
    case CAY_TYPE_NUMBER: put_number(&w->out, v->number); return 0;
    case CAY_TYPE_STRING: put_string(&w->out, v); return 0;
    case CAY_TYPE_DATE: put_date(&w->out, v->number); return 0;
    case CAY_TYPE_ERROR: put_error(&w->out, v->error); return 0;
    case CAY_TYPE_BOXED: return put_value(w, v->inner); /* a primitive: one level */
    case CAY_TYPE_ARRAY:
    case CAY_TYPE_OBJECT: return open_container(w, v);
    default: return refuse(w, v);
    }
}

static void close_container(writer_t *w) {
    const cay_value_t *v = w->stack[--w->depth].v;
    cay__buf_u8(&w->out, v->type == CAY_TYPE_ARRAY ? ']' : '}');
    ((cay_value_t *)v)->on_path = false; /* NOLINT: as above */
}

/* Writes the next member of the container on top, or ends it. */
static int step(writer_t *w) {
    frame_t *f = &w->stack[w->depth - 1];
    if (f->at == cay_value_count(f->v)) {
        close_container(w);
        return 0;
    }
    if (w->values_left-- == 0) {
        return cay__error_set(w->err, CAY_ELIMIT, "more than %u values", CODEC_VALUES);
    }
    size_t at = f->at++;
    const cay_value_t *v = cay_value_at(f->v, at);
    bool nothing = v->type == CAY_TYPE_UNDEFINED || v->type == CAY_TYPE_HOLE;
    bool array = f->v->type == CAY_TYPE_ARRAY;
    if (nothing && !array) {
        return 0;
    }
    if (!f->first) {
        cay__buf_u8(&w->out, ',');
    }
    f->first = false;
    if (!array) {
        put_string(&w->out, cay_value_key_at(f->v, at));
        cay__buf_u8(&w->out, ':');
    }
    return put_value(w, nothing ? &f->v->doc->null : v);
}

static int write_all(writer_t *w, const cay_value_t *v) {
    int rc = put_value(w, v);
    while (rc == 0 && w->depth > 0 && !w->out.failed) {
        rc = w->out.len > CODEC_BYTES
                 ? cay__error_set(w->err, CAY_ELIMIT, "more than %u bytes", CODEC_BYTES)
                 : step(w);
    }
    while (w->depth > 0) {
        close_container(w);
    }
    cay__free(w->stack);
    return rc;
}

int cay_value_to_json(const cay_value_t *v, char **out, cay_error_t **err) {
    if (!v || !out) {
        return CAY_EINVAL;
    }
    writer_t w = {.out = CAY_BUF_INIT, .err = err, .values_left = CODEC_VALUES};
    int rc = write_all(&w, v);
    if (rc != 0) {
        cay__buf_free(&w.out);
        return cay__error_wrap(err, rc, "to JSON");
    }
    char *text = cay__buf_take_str(&w.out);
    if (!text) {
        return CAY_ENOMEM;
    }
    *out = text;
    return 0;
}
