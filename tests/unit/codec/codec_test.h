/* SPDX-License-Identifier: MIT */
/* What the codec's tests share: values in words, hex, counting port operations, and sweeps. */
#ifndef TESTS_UNIT_CODEC_CODEC_TEST_H
#define TESTS_UNIT_CODEC_CODEC_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cay/value.h"
#include "codec/codec.h"

/* Ports of the tests: an int that counts how often it was dropped. */
struct cay_port {
    int drops;
};
extern const cay_doc_ops_t test_ops;

/* A release callback for blobs: counts in *(int *)user. */
void test_release(void *data, size_t len, void *user);

/* A value in words, for comparison; cay__free it. Objects met again are "#n", n counting from 0 in
 * the order of meeting them (a view after its buffer). */
char *test_describe(const cay_value_t *v);
/* Bytes of a hex text into *out (freed by cay__buf_free). */
void test_unhex(const char *hex, cay_buf_t *out);
/* Hex of bytes; cay__free it. */
char *test_hex(const void *bytes, size_t len);
/* Encodes without cargo; hex or NULL (*rc says why). */
char *test_encode_hex(cay_doc_t *doc, int *rc);
/* Decodes a hex text without cargo. */
int test_decode_hex(const char *hex, cay_doc_t **out, cay_error_t **err);
cay_doc_t *test_doc(void);

/* Runs f with the 1st, 2nd, ... allocation failing until none does. f returns 0, or CAY_ENOMEM
 * cleaned up behind itself; nothing may be left. */
void test_sweep(int (*f)(void *arg), void *arg);

#endif
