/* SPDX-License-Identifier: MIT */
/* Words every public header uses: linkage, ownership marks, version. */
#ifndef CAY_DEFS_H
#define CAY_DEFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAY_VERSION_MAJOR  0
#define CAY_VERSION_MINOR  1
#define CAY_VERSION_PATCH  0
#define CAY_VERSION_STRING "0.1.0"

#ifdef __cplusplus
#define CAY_BEGIN_DECLS extern "C" {
#define CAY_END_DECLS   }
#else
#define CAY_BEGIN_DECLS
#define CAY_END_DECLS
#endif

/** Marks a pointer whose ownership moves: into the function for a parameter, to the caller for a
 *  result or an out-parameter. A pointer without the mark is borrowed for the call. Empty macro. */
#define CAY_OWN

/** On every function whose result tells success from failure. */
#define CAY_NODISCARD __attribute__((warn_unused_result))

/** A timeout in milliseconds that never comes. */
#define CAY_FOREVER (-1)

CAY_BEGIN_DECLS

/** The version of the library in use, such as "0.1.0". *Thread*: any. *Ownership*: static. */
const char *cay_version(void);

CAY_END_DECLS

#endif
