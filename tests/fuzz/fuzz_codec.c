/* SPDX-License-Identifier: MIT */
/* Any bytes as a message. What decodes must encode, decode again to the same shape and encode to
 * the same bytes, and turn into JSON or be refused. Two ports and two buffers come along. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/codec.h"

struct cay_port {
    int drops;
};

static void drop(struct cay_port *port) {
    port->drops++;
}

static const cay_doc_ops_t ops = {drop};

static void release(void *data, size_t len, void *user) {
    (void)data;
    (void)len;
    ++*(int *)user;
}

#define CHECK(x)                                                                                   \
    if (!(x)) {                                                                                    \
        abort();                                                                                   \
    }

/* Counts of what is met on a walk over all elements, a few levels deep. */
static void measure(const cay_value_t *v, int depth, size_t *sum) {
    size_t len;
    const char *s = cay_value_string(v, &len);
    CHECK(!s || s[len] == 0);
    cay_value_bytes(v, &len);
    *sum = *sum * 31 + cay_value_type(v) + len + cay_value_count(v);
    for (size_t i = 0; depth > 0 && i < cay_value_count(v) && i < 64; i++) {
        measure(cay_value_at(v, i), depth - 1, sum);
        if (cay_value_key_at(v, i)) {
            measure(cay_value_key_at(v, i), depth - 1, sum);
        }
    }
}

static void check_json(const cay_doc_t *doc) {
    char *text = NULL;
    cay_error_t *err = NULL;
    int rc = cay_value_to_json(cay_doc_root(doc), &text, &err);
    if (rc == 0) {
        cay_doc_t *back = NULL;
        rc = cay__doc_from_json(&ops, text, strlen(text), &back, NULL);
        /* jansson has no place for NUL in keys */
        CHECK(rc == 0 || (rc == CAY_EFORMAT && strstr(text, "\\u0000")));
        cay_doc_free(back);
    } else {
        CHECK(rc == CAY_ECLONE || rc == CAY_ELIMIT);
    }
    cay_free(text);
    cay_error_free(err);
}

static void check_again(cay_doc_t *doc, const cay_codec_limits_t *limits) {
    cay_buf_t first = CAY_BUF_INIT, second = CAY_BUF_INIT;
    cay_cargo_t cargo, cargo2;
    size_t a = 0, b = 0;
    cay_doc_t *back = NULL;
    CHECK(cay__codec_encode(doc, limits, &first, &cargo, NULL) == 0);
    measure(cay_doc_root(doc), 4, &a);
    cay__doc_moved(doc);
    CHECK(cay__codec_decode(first.data, first.len, &cargo, limits, &ops, &back, NULL) == 0);
    measure(cay_doc_root(back), 4, &b);
    CHECK(a == b);
    CHECK(cay__codec_encode(back, limits, &second, &cargo2, NULL) == 0);
    CHECK(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    cay_doc_free(back);
    cay__buf_free(&first);
    cay__buf_free(&second);
    cay__free(cargo.ports);
    cay__free(cargo.blobs);
    cay__free(cargo2.ports);
    cay__free(cargo2.blobs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* Values may grow from a length to holes written out, and back: the bound is generous the
     * second time, so that only the first decode may meet it. */
    static const cay_codec_limits_t narrow = {.depth = 100, .values = 100000};
    static const cay_codec_limits_t wide = {.depth = 100, .values = 1000000};
    int64_t live = cay__mem_live();
    int released = 0;
    char bytes[16] = "0123456789abcdef";
    struct cay_port ports[2] = {{0}, {0}};
    struct cay_port *port_table[2] = {&ports[0], &ports[1]};
    cay_blob_t blobs[2] = {{bytes, 16, release, &released}, {NULL, 0, release, &released}};
    cay_cargo_t cargo = {port_table, 2, blobs, 2};
    cay_doc_t *doc = NULL;
    cay_error_t *err = NULL;
    int rc = cay__codec_decode(data, size, &cargo, &narrow, &ops, &doc, &err);
    if (rc == 0) {
        check_json(doc);
        check_again(doc, &wide);
        cay_doc_free(doc);
    } else {
        CHECK(rc == CAY_EFORMAT || rc == CAY_ELIMIT);
        CHECK(port_table[0] && port_table[1] && blobs[0].release && blobs[1].release);
    }
    for (int i = 0; i < 2; i++) {
        ports[i].drops += port_table[i] != NULL;
        cay__blob_drop(&blobs[i]);
        CHECK(ports[i].drops == 1);
    }
    CHECK(released == 2);
    cay_error_free(err);
    CHECK(cay__mem_live() == live);
    return 0;
}
