/* SPDX-License-Identifier: MIT */
/* Any bytes as JSON text. What parses must be written as JSON that parses to the same text again,
 * and survive the wire. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/codec.h"

#define CHECK(x)                                                                                   \
    if (!(x)) {                                                                                    \
        abort();                                                                                   \
    }

static char *write_json(const cay_doc_t *doc) {
    char *text = NULL;
    CHECK(cay_value_to_json(cay_doc_root(doc), &text, NULL) == 0);
    return text;
}

static void check_wire(cay_doc_t *doc, const char *text) {
    cay_buf_t bytes = CAY_BUF_INIT;
    cay_cargo_t cargo;
    cay_doc_t *back = NULL;
    CHECK(cay__codec_encode(doc, NULL, &bytes, &cargo, NULL) == 0);
    CHECK(cay__codec_decode(bytes.data, bytes.len, NULL, NULL, NULL, &back, NULL) == 0);
    char *there = write_json(back);
    CHECK(strcmp(there, text) == 0);
    cay_free(there);
    cay_doc_free(back);
    cay__buf_free(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int64_t live = cay__mem_live();
    cay_doc_t *doc = NULL, *again = NULL;
    cay_error_t *err = NULL;
    int rc = cay__doc_from_json(NULL, (const char *)data, size, &doc, &err);
    if (rc == 0) {
        char *text = write_json(doc);
        CHECK(cay__doc_from_json(NULL, text, strlen(text), &again, NULL) == 0);
        char *second = write_json(again);
        CHECK(strcmp(text, second) == 0);
        check_wire(doc, text);
        cay_free(text);
        cay_free(second);
        cay_doc_free(again);
        cay_doc_free(doc);
    } else {
        CHECK(rc == CAY_EFORMAT || rc == CAY_ELIMIT);
        CHECK(cay_error_code(err) == rc);
    }
    cay_error_free(err);
    CHECK(cay__mem_live() == live);
    return 0;
}
