/* SPDX-License-Identifier: MIT */
/* What the tests of the permission layer share: sets from text, and sets and questions from chance. */
#ifndef CAY_TEST_PERM_TEST_H
#define CAY_TEST_PERM_TEST_H

#include "base/buf.h"
#include "perm/authority.h"

/* The set of a text that must be right. */
cay_permissions_t *parsed(const char *text);

/* Authorities of the text: worker 1, "root"; worker 2 without a name, derived from its parent. */
cay_authority_t *root_authority(const char *text);
cay_authority_t *child_authority(cay_authority_t *parent, const char *text);
cay_ask_t read_ask(const char *path);
/* Whether the path may be read now. */
bool reads(cay_authority_t *a, const char *path);

/* A stream of numbers that is the same in every run. */
typedef struct chance {
    uint64_t state;
} chance_t;

uint32_t chance_below(chance_t *c, uint32_t n);

/* The text form of a random set out of few names, so that sets have much to do with each other. */
void random_set(chance_t *c, cay_buf_t *out);
/* Some of the items of a random set. */
void random_item(chance_t *c, cay_buf_t *out);

/* A question about the values of random sets: at, below, beside and above them. */
typedef struct question {
    char value[128];
    cay_addr_t addr;
    cay_ask_t ask;
} question_t;

void random_question(chance_t *c, question_t *q);
/* For messages. */
void print_question(const question_t *q, cay_buf_t *out);

#endif
