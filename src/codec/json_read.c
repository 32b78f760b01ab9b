/* SPDX-License-Identifier: MIT */
/* JSON text to a document, on jansson's parser.
 *
 * jansson goes into depth by recursion with a bound of its own; a look through the text before it
 * keeps its C stack within ours. Its tree is then walked with a stack of open containers. */
#include "codec/doc.h"

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"

typedef struct frame {
    json_t *from;
    cay_value_t *to;
    size_t at;  /* next element of an array */
    void *iter; /* next member of an object */
} frame_t;

typedef struct reader {
    cay_doc_t *doc;
    frame_t stack[CODEC_DEPTH];
    uint32_t depth;
} json_reader_t;

/* Whether brackets outside of strings are open deeper than allowed. What is malformed otherwise is
 * left to the parser. */
static bool too_deep(const char *text, size_t len) {
    uint32_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > CODEC_DEPTH) {
                return true;
            }
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return false;
}

/* The value of a node; containers are opened on the stack, whose room too_deep has made sure of. */
static cay_value_t *convert(json_reader_t *r, json_t *node) {
    cay_value_t *v = NULL;
    switch (json_typeof(node)) {
    case JSON_NULL: return cay_doc_null(r->doc);
    case JSON_TRUE: return cay_doc_bool(r->doc, true);
    case JSON_FALSE: return cay_doc_bool(r->doc, false);
    case JSON_INTEGER: return cay_doc_number(r->doc, (double)json_integer_value(node));
    case JSON_REAL: return cay_doc_number(r->doc, json_real_value(node));
    case JSON_STRING:
        return cay_doc_string(r->doc, json_string_value(node), json_string_length(node));
    case JSON_ARRAY: v = cay_doc_array(r->doc); break;
    case JSON_OBJECT: v = cay_doc_object(r->doc); break;
    }
    if (v && r->depth < CODEC_DEPTH) {
        void *iter = json_is_object(node) ? json_object_iter(node) : NULL;
        r->stack[r->depth++] = (frame_t){node, v, 0, iter};
    }
    return v;
}

static int next_element(json_reader_t *r, frame_t *f) {
    if (f->at == json_array_size(f->from)) {
        r->depth--;
        return 0;
    }
    cay_value_t *into = f->to;
    cay_value_t *v = convert(r, json_array_get(f->from, f->at++));
    return v ? cay_value_push(into, v) : CAY_ENOMEM;
}

static int next_member(json_reader_t *r, frame_t *f) {
    if (!f->iter) {
        r->depth--;
        return 0;
    }
    cay_value_t *into = f->to;
    void *iter = f->iter;
    f->iter = json_object_iter_next(f->from, iter);
    cay_value_t *key =
        cay_doc_string(r->doc, json_object_iter_key(iter), json_object_iter_key_len(iter));
    cay_value_t *v = key ? convert(r, json_object_iter_value(iter)) : NULL;
    return v ? cay__props_add(into, key, v) : CAY_ENOMEM;
}

static int convert_all(json_reader_t *r, json_t *root) {
    cay_value_t *v = convert(r, root);
    int rc = v ? cay_doc_set_root(r->doc, v) : CAY_ENOMEM;
    while (rc == 0 && r->depth > 0) {
        frame_t *f = &r->stack[r->depth - 1];
        rc = json_is_array(f->from) ? next_element(r, f) : next_member(r, f);
    }
    return rc;
}

static int tree_to_doc(const cay_doc_ops_t *ops, json_t *root, cay_doc_t **out) {
    cay_doc_t *doc;
    int rc = cay__doc_new(ops, &doc);
    if (rc != 0) {
        return rc;
    }
    json_reader_t *r = cay__malloc(sizeof *r);
    if (r) {
        r->doc = doc;
        r->depth = 0;
        rc = convert_all(r, root);
        cay__free(r);
    } else {
        rc = CAY_ENOMEM;
    }
    if (rc != 0) {
        cay_doc_free(doc);
        return rc;
    }
    *out = doc;
    return 0;
}

static int parse_failed(const json_error_t *e, cay_error_t **err) {
    enum json_error_code code = json_error_code(e);
    if (code == json_error_out_of_memory) {
        return CAY_ENOMEM;
    }
    return cay__error_set(err, CAY_EFORMAT, "JSON: line %d, column %d: %s", e->line, e->column,
                          e->text);
}

int cay__doc_from_json(const cay_doc_ops_t *ops, const char *text, size_t len, cay_doc_t **out,
                       cay_error_t **err) {
    if ((!text && len) || !out) {
        return CAY_EINVAL;
    }
    if (too_deep(text, len)) {
        return cay__error_set(err, CAY_ELIMIT, "JSON: nested deeper than %u levels", CODEC_DEPTH);
    }
    json_error_t why;
    size_t flags = JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;
    json_t *root = json_loadb(len ? text : "", len, flags, &why);
    if (!root) {
        return parse_failed(&why, err);
    }
    int rc = tree_to_doc(ops, root, out);
    json_decref(root);
    return rc;
}
