/* SPDX-License-Identifier: MIT */
/* libcay-v8: guests in this process, each on a V8 isolate of its own (the first wall only: it stops
 * mistakes and misuse of the API, not an attacker who holds an exploit of V8). */
#ifndef CAY_V8_H
#define CAY_V8_H

#include "cay/runtime.h"

CAY_BEGIN_DECLS

/** The in-process provider. *Ownership*: static. *Thread*: any. */
const cay_provider_t *cay_v8_provider(void);
/** Version of the engine, such as "10.2.154.26-node.36". *Ownership*: static. *Thread*: any. */
const char *cay_v8_version(void);

CAY_END_DECLS

#endif
