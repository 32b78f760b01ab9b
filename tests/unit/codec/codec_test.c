/* SPDX-License-Identifier: MIT */
#include "codec_test.h"

#include <inttypes.h>
#include <math.h>

#include "base/map.h"
#include "codec/doc.h"

static void drop(struct cay_port *port) {
    port->drops++;
}

const cay_doc_ops_t test_ops = {drop};

void test_release(void *data, size_t len, void *user) {
    (void)len;
    free(data);
    ++*(int *)user;
}

typedef struct describer {
    cay_buf_t out;
    const cay_value_t *seen[512];
    size_t count;
} describer_t;

static void describe(describer_t *d, const cay_value_t *v);

static void put_quoted(cay_buf_t *b, const char *s, size_t len) {
    cay__buf_u8(b, '"');
    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)s[i];
        if (c == '"' || c == '\\') {
            cay__buf_printf(b, "\\%c", c);
        } else if (c < 0x20) {
            cay__buf_printf(b, "\\u%04x", c);
        } else {
            cay__buf_u8(b, c);
        }
    }
    cay__buf_u8(b, '"');
}

static void put_number(cay_buf_t *b, double n) {
    char text[NUMBER_TEXT_MAX];
    cay__number_text(n, text);
    cay__buf_str(b, n == 0 && signbit(n) ? "-0" : text);
}

static void put_bigint(cay_buf_t *b, const cay_value_t *v) {
    bool negative;
    size_t count;
    const uint64_t *digits = cay_value_bigint_digits(v, &negative, &count);
    cay__buf_str(b, negative ? "-" : "");
    for (size_t i = count; i-- > 0;) {
        cay__buf_printf(b, i == count - 1 ? "%" PRIx64 : "%016" PRIx64, digits[i]);
    }
    cay__buf_str(b, count ? "n" : "0n");
}

static void put_bytes(cay_buf_t *b, const cay_value_t *v) {
    size_t len;
    const uint8_t *bytes = cay_value_bytes(v, &len);
    for (size_t i = 0; i < len; i++) {
        cay__buf_printf(b, "%02x", bytes[i]);
    }
}

static void put_props(describer_t *d, const cay_value_t *v) {
    cay__buf_u8(&d->out, '{');
    for (size_t i = 0; i < cay_value_count(v); i++) {
        size_t len;
        const char *key = cay_value_string(cay_value_key_at(v, i), &len);
        cay__buf_str(&d->out, i ? "," : "");
        put_quoted(&d->out, key, len);
        cay__buf_u8(&d->out, ':');
        describe(d, cay_value_at(v, i));
    }
    cay__buf_u8(&d->out, '}');
}

static void put_array(describer_t *d, const cay_value_t *v) {
    size_t count = cay_value_count(v), holes = 0;
    bool first = true;
    cay__buf_u8(&d->out, '[');
    for (size_t i = 0; i <= count; i++) {
        const cay_value_t *item = cay_value_at(v, i);
        if (item && cay_value_type(item) == CAY_TYPE_HOLE) {
            holes++;
            continue;
        }
        if (holes) {
            cay__buf_printf(&d->out, first ? "hole*%zu" : ",hole*%zu", holes);
            first = false;
            holes = 0;
        }
        if (item) {
            cay__buf_str(&d->out, first ? "" : ",");
            first = false;
            describe(d, item);
        }
    }
    cay__buf_u8(&d->out, ']');
    if (v->box.extra && v->box.extra->props) {
        put_props(d, v->box.extra->props);
    }
}

static void put_entries(describer_t *d, const cay_value_t *v) {
    bool map = cay_value_type(v) == CAY_TYPE_MAP;
    cay__buf_str(&d->out, map ? "Map{" : "Set{");
    for (size_t i = 0; i < cay_value_count(v); i++) {
        cay__buf_str(&d->out, i ? "," : "");
        if (map) {
            describe(d, cay_value_key_at(v, i));
            cay__buf_str(&d->out, "=>");
        }
        describe(d, cay_value_at(v, i));
    }
    cay__buf_u8(&d->out, '}');
}

static void put_error(describer_t *d, const cay_value_t *v) {
    const char *message = cay_value_error_message(v), *stack = cay_value_error_stack(v);
    cay__buf_printf(&d->out, "%s(", cay_value_error_name(v));
    message ? put_quoted(&d->out, message, strlen(message)) : cay__buf_u8(&d->out, '-');
    cay__buf_u8(&d->out, ',');
    stack ? put_quoted(&d->out, stack, strlen(stack)) : cay__buf_u8(&d->out, '-');
    if (cay_value_error_cause(v)) {
        cay__buf_u8(&d->out, ',');
        describe(d, cay_value_error_cause(v));
    }
    cay__buf_u8(&d->out, ')');
}

/* Whether v was met before, and then its number; otherwise it gets the next one. */
static bool put_again(describer_t *d, const cay_value_t *v) {
    for (size_t i = 0; i < d->count; i++) {
        if (d->seen[i] == v) {
            cay__buf_printf(&d->out, "#%zu", i);
            return true;
        }
    }
    assert_true(d->count < 512);
    d->seen[d->count++] = v;
    return false;
}

static void put_view(describer_t *d, const cay_value_t *v) {
    static const char *const names[] = {
        "",       "Int8",    "Uint8",   "Uint8Clamped", "Int16",     "Uint16",  "Int32",
        "Uint32", "Float32", "Float64", "BigInt64",     "BigUint64", "DataView"};
    cay_buf_t outer = d->out;
    for (size_t i = 0; i < d->count; i++) {
        if (d->seen[i] == v) {
            put_again(d, v);
            return;
        }
    }
    d->out = (cay_buf_t)CAY_BUF_INIT;
    describe(d, cay_value_view_buffer(v));
    cay_buf_t inner = d->out;
    d->out = outer;
    put_again(d, v);
    size_t offset, len;
    cay_view_t kind = cay_value_view(v, &offset);
    cay_value_bytes(v, &len);
    cay__buf_printf(&d->out, "%s@%zu+%zu(", names[kind], offset, len);
    cay__buf_put(&d->out, inner.data, inner.len);
    cay__buf_u8(&d->out, ')');
    cay__buf_free(&inner);
}

static void describe_object(describer_t *d, const cay_value_t *v) {
    size_t len;
    const char *s;
    switch (cay_value_type(v)) {
    case CAY_TYPE_DATE:
        cay__buf_str(&d->out, "Date(");
        put_number(&d->out, cay_value_number(v));
        cay__buf_u8(&d->out, ')');
        return;
    case CAY_TYPE_BUFFER:
        cay__buf_str(&d->out, "Buffer(");
        put_bytes(&d->out, v);
        cay__buf_u8(&d->out, ')');
        return;
    case CAY_TYPE_REGEXP:
        cay__buf_str(&d->out, "RegExp(");
        s = cay_value_string(v, &len);
        put_quoted(&d->out, s, len);
        cay__buf_printf(&d->out, ",%u)", cay_value_regexp_flags(v));
        return;
    case CAY_TYPE_BOXED:
        cay__buf_str(&d->out, "Boxed(");
        describe(d, cay_value_boxed(v));
        cay__buf_u8(&d->out, ')');
        return;
    case CAY_TYPE_ERROR: put_error(d, v); return;
    case CAY_TYPE_ARRAY: put_array(d, v); return;
    case CAY_TYPE_OBJECT: put_props(d, v); return;
    case CAY_TYPE_MAP:
    case CAY_TYPE_SET: put_entries(d, v); return;
    case CAY_TYPE_PORT: cay__buf_str(&d->out, "Port"); return;
    default: fail_msg("type %u has no words", cay_value_type(v));
    }
}

static void describe(describer_t *d, const cay_value_t *v) {
    size_t len;
    const char *s = cay_value_string(v, &len);
    switch (cay_value_type(v)) {
    case CAY_TYPE_UNDEFINED: cay__buf_str(&d->out, "undefined"); return;
    case CAY_TYPE_NULL: cay__buf_str(&d->out, "null"); return;
    case CAY_TYPE_BOOL: cay__buf_str(&d->out, cay_value_bool(v) ? "true" : "false"); return;
    case CAY_TYPE_NUMBER: put_number(&d->out, cay_value_number(v)); return;
    case CAY_TYPE_BIGINT: put_bigint(&d->out, v); return;
    case CAY_TYPE_STRING: put_quoted(&d->out, s, len); return;
    case CAY_TYPE_VIEW: put_view(d, v); return;
    default: break;
    }
    if (!put_again(d, v)) {
        describe_object(d, v);
    }
}

char *test_describe(const cay_value_t *v) {
    describer_t *d = cay__calloc(1, sizeof *d);
    assert_non_null(d);
    describe(d, v);
    char *text = cay__buf_take_str(&d->out);
    assert_non_null(text);
    cay__free(d);
    return text;
}

void test_unhex(const char *hex, cay_buf_t *out) {
    *out = (cay_buf_t)CAY_BUF_INIT;
    for (; hex[0] && hex[1]; hex += 2) {
        char pair[3] = {hex[0], hex[1], 0};
        cay__buf_u8(out, (uint8_t)strtoul(pair, NULL, 16));
    }
    assert_false(out->failed);
}

char *test_hex(const void *bytes, size_t len) {
    char *hex = cay__malloc(2 * len + 1);
    assert_non_null(hex);
    hex[0] = 0;
    for (size_t i = 0; i < len; i++) {
        sprintf(hex + 2 * i, "%02x", ((const uint8_t *)bytes)[i]);
    }
    return hex;
}

char *test_encode_hex(cay_doc_t *doc, int *rc) {
    cay_buf_t out = CAY_BUF_INIT;
    cay_cargo_t cargo;
    *rc = cay__codec_encode(doc, NULL, &out, &cargo, NULL);
    char *hex = *rc == 0 ? test_hex(out.data, out.len) : NULL;
    cay__buf_free(&out);
    return hex;
}

int test_decode_hex(const char *hex, cay_doc_t **out, cay_error_t **err) {
    cay_buf_t bytes;
    test_unhex(hex, &bytes);
    /* A copy of the exact size, so that the sanitizer sees a step beyond it. */
    void *exact = cay__memdup(bytes.data, bytes.len);
    assert_non_null(exact);
    size_t len = bytes.len;
    cay__buf_free(&bytes);
    int rc = cay__codec_decode(exact, len, NULL, NULL, &test_ops, out, err);
    cay__free(exact);
    return rc;
}

cay_doc_t *test_doc(void) {
    cay_doc_t *doc = NULL;
    assert_int_equal(cay__doc_new(&test_ops, &doc), 0);
    return doc;
}

void test_sweep(int (*f)(void *arg), void *arg) {
    for (uint64_t n = 1;; n++) {
        int64_t before = cay__mem_live();
        cay__mem_fail_at(n, false);
        int rc = f(arg);
        bool hit = cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_int_equal(cay__mem_live(), before);
        if (!hit) {
            assert_int_equal(rc, 0);
            assert_true(n > 1);
            return;
        }
        assert_int_equal(rc, CAY_ENOMEM);
        assert_true(n < 100000);
    }
}
