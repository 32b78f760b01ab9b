/* SPDX-License-Identifier: MIT */
/* The builders of include/cay/value.h. */
#include "codec/doc.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

cay_value_t *cay_doc_undefined(cay_doc_t *doc) {
    return doc ? &doc->undefined : NULL;
}

cay_value_t *cay_doc_null(cay_doc_t *doc) {
    return doc ? &doc->null : NULL;
}

cay_value_t *cay_doc_bool(cay_doc_t *doc, bool v) {
    return !doc ? NULL : v ? &doc->yes : &doc->no;
}

static cay_value_t *new_number(cay_doc_t *doc, cay_type_t type, double number) {
    cay_value_t *v = doc ? cay__value_new(doc, type) : NULL;
    if (v) {
        v->number = number;
    }
    return v;
}

cay_value_t *cay_doc_number(cay_doc_t *doc, double v) {
    return new_number(doc, CAY_TYPE_NUMBER, v);
}

cay_value_t *cay_doc_date(cay_doc_t *doc, double ms) {
    return new_number(doc, CAY_TYPE_DATE, cay__time_clip(ms));
}

cay_value_t *cay_doc_bigint_digits(cay_doc_t *doc, bool negative, const uint64_t *digits,
                                   size_t count) {
    if (!doc || (!digits && count)) {
        return NULL;
    }
    while (count && digits[count - 1] == 0) {
        count--;
    }
    cay_value_t *v = cay__value_new(doc, CAY_TYPE_BIGINT);
    if (!v || count > SIZE_MAX / sizeof *digits) {
        return NULL;
    }
    v->bigint.digits = cay__doc_alloc_raw(doc, count * sizeof *digits);
    if (!v->bigint.digits) {
        return NULL;
    }
    if (count) {
        memcpy(v->bigint.digits, digits, count * sizeof *digits);
    }
    v->bigint.count = count;
    v->kind = negative && count;
    return v;
}

cay_value_t *cay_doc_bigint(cay_doc_t *doc, int64_t v) {
    uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    return cay_doc_bigint_digits(doc, v < 0, &size, 1);
}

cay_value_t *cay__value_text(cay_doc_t *doc, char *data, size_t len) {
    cay_value_t *v = cay__value_new(doc, CAY_TYPE_STRING);
    if (v) {
        v->text.data = data;
        v->text.len = len;
    }
    return v;
}

cay_value_t *cay_doc_string(cay_doc_t *doc, const char *s, size_t len) {
    if (!doc || (!s && len) || cay__utf8_valid(s, len) != len) {
        return NULL;
    }
    char *copy = cay__doc_alloc_raw(doc, len + 1);
    if (!copy) {
        return NULL;
    }
    if (len) {
        memcpy(copy, s, len);
    }
    copy[len] = 0;
    return cay__value_text(doc, copy, len);
}

cay_value_t *cay_doc_text(cay_doc_t *doc, const char *s) {
    return s ? cay_doc_string(doc, s, strlen(s)) : NULL;
}

cay_value_t *cay__value_regexp(cay_doc_t *doc, const cay_value_t *source, uint32_t flags) {
    cay_value_t *v = cay__value_new(doc, CAY_TYPE_REGEXP);
    if (v) {
        v->text = source->text;
        v->text.flags = flags;
    }
    return v;
}

cay_value_t *cay__value_boxed(cay_doc_t *doc, cay_value_t *inner) {
    cay_value_t *v = cay__value_new(doc, CAY_TYPE_BOXED);
    if (v) {
        v->inner = inner;
    }
    return v;
}

cay_value_t *cay_doc_buffer(cay_doc_t *doc, const void *bytes, size_t len) {
    if (!doc || (!bytes && len)) {
        return NULL;
    }
    cay_value_t *v = cay__value_new(doc, CAY_TYPE_BUFFER);
    if (!v) {
        return NULL;
    }
    v->buffer.data = cay__doc_alloc_raw(doc, len);
    if (!v->buffer.data) {
        return NULL;
    }
    if (len) {
        memcpy(v->buffer.data, bytes, len);
    }
    v->buffer.len = len;
    return v;
}

cay_value_t *cay_doc_buffer_take(cay_doc_t *doc, void *data, size_t len,
                                 void (*release)(void *data, size_t len, void *user), void *user) {
    if (!doc || (!data && len) || !release) {
        return NULL;
    }
    cay_value_t *v = cay__value_new(doc, CAY_TYPE_BUFFER);
    resource_t *r = v ? cay__resource_new(doc, v) : NULL;
    if (!r) {
        return NULL;
    }
    r->blob = (cay_blob_t){data, len, release, user};
    r->owned = true;
    v->buffer.data = data;
    v->buffer.len = len;
    v->buffer.res = r;
    return v;
}

unsigned cay__view_unit(cay_view_t kind) {
    static const uint8_t unit[] = {
        [CAY_VIEW_INT8] = 1,     [CAY_VIEW_UINT8] = 1,     [CAY_VIEW_UINT8_CLAMPED] = 1,
        [CAY_VIEW_INT16] = 2,    [CAY_VIEW_UINT16] = 2,    [CAY_VIEW_INT32] = 4,
        [CAY_VIEW_UINT32] = 4,   [CAY_VIEW_FLOAT32] = 4,   [CAY_VIEW_FLOAT64] = 8,
        [CAY_VIEW_BIGINT64] = 8, [CAY_VIEW_BIGUINT64] = 8, [CAY_VIEW_DATAVIEW] = 1,
    };
    return kind < CAY_COUNT(unit) ? unit[kind] : 0;
}

cay_value_t *cay_doc_view(cay_doc_t *doc, cay_value_t *buffer, cay_view_t kind, size_t offset,
                          size_t bytes) {
    unsigned unit = cay__view_unit(kind);
    if (!doc || !buffer || buffer->doc != doc || buffer->type != CAY_TYPE_BUFFER || unit == 0 ||
        offset > buffer->buffer.len || bytes > buffer->buffer.len - offset || offset % unit ||
        bytes % unit) {
        return NULL;
    }
    cay_value_t *v = cay__value_new(doc, CAY_TYPE_VIEW);
    if (v) {
        v->kind = (uint8_t)kind;
        v->view.buffer = buffer;
        v->view.offset = offset;
        v->view.len = bytes;
    }
    return v;
}

cay_value_t *cay_doc_bytes(cay_doc_t *doc, const void *bytes, size_t len) {
    return cay_doc_view(doc, cay_doc_buffer(doc, bytes, len), CAY_VIEW_UINT8, 0, len);
}

cay_value_t *cay_doc_array(cay_doc_t *doc) {
    return doc ? cay__value_new(doc, CAY_TYPE_ARRAY) : NULL;
}

cay_value_t *cay_doc_object(cay_doc_t *doc) {
    return doc ? cay__value_new(doc, CAY_TYPE_OBJECT) : NULL;
}

cay_value_t *cay_doc_map(cay_doc_t *doc) {
    return doc ? cay__value_new(doc, CAY_TYPE_MAP) : NULL;
}

cay_value_t *cay_doc_set(cay_doc_t *doc) {
    return doc ? cay__value_new(doc, CAY_TYPE_SET) : NULL;
}

const char *cay__error_class(const char *name) {
    static const char *const names[] = {"EvalError",   "RangeError", "ReferenceError",
                                        "SyntaxError", "TypeError",  "URIError"};
    for (size_t i = 0; name && i < CAY_COUNT(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            return names[i];
        }
    }
    return "Error";
}

cay_value_t *cay_doc_error(cay_doc_t *doc, const char *name, const char *message,
                           const char *stack) {
    cay_value_t *v = doc ? cay__value_new(doc, CAY_TYPE_ERROR) : NULL;
    error_parts_t *parts = v ? cay__doc_alloc(doc, sizeof *parts) : NULL;
    if (!parts) {
        return NULL;
    }
    parts->name = cay__error_class(name);
    parts->message = cay_doc_text(doc, message);
    parts->stack = cay_doc_text(doc, stack);
    v->error = parts;
    bool lost = (message && !parts->message) || (stack && !parts->stack);
    return lost ? NULL : v;
}

int cay_value_set_cause(cay_value_t *error, cay_value_t *cause) {
    if (!error || !cause || error->type != CAY_TYPE_ERROR || error->doc != cause->doc) {
        return CAY_EINVAL;
    }
    error->error->cause = cause;
    return 0;
}

cay_value_t *cay_doc_port(cay_doc_t *doc, struct cay_port *port) {
    if (!doc || !port || !doc->ops) {
        return NULL;
    }
    cay_value_t *v = cay__value_new(doc, CAY_TYPE_PORT);
    resource_t *r = v ? cay__resource_new(doc, v) : NULL;
    if (!r) {
        return NULL;
    }
    r->port = port;
    r->owned = true;
    v->port = r;
    return v;
}

int cay_value_push(cay_value_t *array, cay_value_t *item) {
    if (!array || !item || array->type != CAY_TYPE_ARRAY || array->doc != item->doc) {
        return CAY_EINVAL;
    }
    if (!cay__sparse_is(array)) {
        return cay__vec_push(array->doc, &array->box.items, item);
    }
    uint32_t *length = &array->box.extra->length;
    int rc = *length == UINT32_MAX ? CAY_ELIMIT : cay__sparse_add(array, *length, item);
    *length += rc == 0;
    return rc;
}

int cay_value_map_put(cay_value_t *map, cay_value_t *key, cay_value_t *item) {
    if (!map || !key || !item || map->type != CAY_TYPE_MAP || map->doc != key->doc ||
        map->doc != item->doc) {
        return CAY_EINVAL;
    }
    int rc = cay__vec_push(map->doc, &map->box.items, key);
    if (rc == 0) {
        rc = cay__vec_push(map->doc, &map->box.items, item);
        if (rc != 0) {
            map->box.items.count--;
        }
    }
    return rc;
}

int cay_value_set_add(cay_value_t *set, cay_value_t *item) {
    if (!set || !item || set->type != CAY_TYPE_SET || set->doc != item->doc) {
        return CAY_EINVAL;
    }
    return cay__vec_push(set->doc, &set->box.items, item);
}
