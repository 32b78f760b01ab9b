/* SPDX-License-Identifier: MIT */
/* The readers of include/cay/value.h. All answer for any value, NULL too. */
#include "codec/doc.h"

#include <math.h>
#include <string.h>

static bool is(const cay_value_t *v, cay_type_t type) {
    return v && v->type == type;
}

cay_type_t cay_value_type(const cay_value_t *v) {
    return v ? v->type : CAY_TYPE_UNDEFINED;
}

bool cay_value_bool(const cay_value_t *v) {
    return is(v, CAY_TYPE_BOOL) && v->boolean;
}

double cay_value_number(const cay_value_t *v) {
    return is(v, CAY_TYPE_NUMBER) || is(v, CAY_TYPE_DATE) ? v->number : (double)NAN;
}

bool cay_value_int64(const cay_value_t *v, int64_t *out) {
    if (!is(v, CAY_TYPE_BIGINT) || !out || v->bigint.count > 1) {
        return false;
    }
    uint64_t size = v->bigint.count ? v->bigint.digits[0] : 0;
    if (size > (uint64_t)INT64_MAX + (v->kind ? 1 : 0)) {
        return false;
    }
    *out = (int64_t)(v->kind ? 0 - size : size);
    return true;
}

const uint64_t *cay_value_bigint_digits(const cay_value_t *v, bool *negative, size_t *count) {
    bool yes = is(v, CAY_TYPE_BIGINT);
    if (negative) {
        *negative = yes && v->kind;
    }
    if (count) {
        *count = yes ? v->bigint.count : 0;
    }
    return yes ? v->bigint.digits : NULL;
}

const char *cay_value_string(const cay_value_t *v, size_t *len) {
    bool yes = is(v, CAY_TYPE_STRING) || is(v, CAY_TYPE_REGEXP);
    if (len) {
        *len = yes ? v->text.len : 0;
    }
    return yes ? v->text.data : NULL;
}

bool cay__value_span(const cay_value_t *v, const uint8_t **data, size_t *len) {
    const cay_value_t *b = is(v, CAY_TYPE_VIEW) ? v->view.buffer : v;
    *data = NULL;
    *len = 0;
    if (!is(b, CAY_TYPE_BUFFER) || (b->buffer.res && b->buffer.res->gone)) {
        return false;
    }
    *data = b->buffer.data;
    *len = b->buffer.len;
    if (b != v) {
        *data = b->buffer.data ? b->buffer.data + v->view.offset : NULL;
        *len = v->view.len;
    }
    return true;
}

const void *cay_value_bytes(const cay_value_t *v, size_t *len) {
    const uint8_t *data;
    size_t n;
    cay__value_span(v, &data, &n);
    if (len) {
        *len = n;
    }
    return data;
}

cay_view_t cay_value_view(const cay_value_t *v, size_t *offset) {
    bool yes = is(v, CAY_TYPE_VIEW);
    if (offset) {
        *offset = yes ? v->view.offset : 0;
    }
    return yes ? v->kind : 0;
}

const cay_value_t *cay_value_view_buffer(const cay_value_t *v) {
    return is(v, CAY_TYPE_VIEW) ? v->view.buffer : NULL;
}

size_t cay_value_count(const cay_value_t *v) {
    switch (cay_value_type(v)) {
    case CAY_TYPE_ARRAY: return cay__sparse_is(v) ? v->box.extra->length : v->box.items.count;
    case CAY_TYPE_SET: return v->box.items.count;
    case CAY_TYPE_OBJECT:
    case CAY_TYPE_MAP: return v->box.items.count / 2;
    default: return 0;
    }
}

const cay_value_t *cay_value_at(const cay_value_t *v, size_t i) {
    if (i >= cay_value_count(v)) {
        return NULL;
    }
    if (v->type == CAY_TYPE_ARRAY && cay__sparse_is(v)) {
        return cay__sparse_at(v, i);
    }
    bool pairs = v->type == CAY_TYPE_OBJECT || v->type == CAY_TYPE_MAP;
    return v->box.items.at[pairs ? 2 * i + 1 : i];
}

const cay_value_t *cay_value_key_at(const cay_value_t *v, size_t i) {
    bool pairs = is(v, CAY_TYPE_OBJECT) || is(v, CAY_TYPE_MAP);
    return pairs && i < v->box.items.count / 2 ? v->box.items.at[2 * i] : NULL;
}

const cay_value_t *cay_value_get(const cay_value_t *object, const char *key) {
    if (is(object, CAY_TYPE_ARRAY)) {
        object = object->box.extra ? object->box.extra->props : NULL;
    }
    if (!is(object, CAY_TYPE_OBJECT) || !key) {
        return NULL;
    }
    int64_t at = cay__props_find(object, key, strlen(key));
    return at >= 0 ? object->box.items.at[2 * at + 1] : NULL;
}

static const char *part_text(const cay_value_t *part) {
    return part ? part->text.data : NULL;
}

const char *cay_value_error_name(const cay_value_t *v) {
    return is(v, CAY_TYPE_ERROR) ? v->error->name : NULL;
}

const char *cay_value_error_message(const cay_value_t *v) {
    return is(v, CAY_TYPE_ERROR) ? part_text(v->error->message) : NULL;
}

const char *cay_value_error_stack(const cay_value_t *v) {
    return is(v, CAY_TYPE_ERROR) ? part_text(v->error->stack) : NULL;
}

const cay_value_t *cay_value_error_cause(const cay_value_t *v) {
    return is(v, CAY_TYPE_ERROR) ? v->error->cause : NULL;
}

const cay_value_t *cay_value_boxed(const cay_value_t *v) {
    return is(v, CAY_TYPE_BOXED) ? v->inner : NULL;
}

uint32_t cay_value_regexp_flags(const cay_value_t *v) {
    return is(v, CAY_TYPE_REGEXP) ? v->text.flags : 0;
}

struct cay_port *cay_value_take_port(const cay_value_t *v) {
    if (!is(v, CAY_TYPE_PORT) || v->port->gone) {
        return NULL;
    }
    v->port->gone = true;
    return v->port->port;
}
