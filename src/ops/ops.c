/* SPDX-License-Identifier: MIT */
#include "ops/ops.h"

static const eng_op_t table[] = {
#define OP(name, argc, doc) {#name, cay__op_##name, argc},
#include "ops/ops.def"
};

const eng_op_t *cay__ops_table(size_t *count) {
    *count = CAY_COUNT(table);
    return table;
}
