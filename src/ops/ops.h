/* SPDX-License-Identifier: MIT */
/* The ops: what the glue can ask of C. Each checks its arguments (the glue passes plain values only, but is
 * not trusted to), acts on the calling agent and answers with plain data. */
#ifndef CAY_OPS_OPS_H
#define CAY_OPS_OPS_H

#include "engine/engine.h"

/* The table, in the order that the snapshot knows. */
const eng_op_t *cay__ops_table(size_t *count);

#define OP(name, argc, doc) void cay__op_##name(eng_call_t *c);
#include "ops/ops.def"

#endif
