/* SPDX-License-Identifier: MIT */
/* Differences between the V8 versions that cay builds against, in one place.
 * Seen: 10.2.154 (Debian 12, libnode108), 11.3.244 (Debian 13, libnode115). */
#ifndef CAY_ENGINE_V8_CAPS_H
#define CAY_ENGINE_V8_CAPS_H

#include <v8-version.h>

#define CAY_V8_AT_LEAST(major, minor)                                                              \
    (V8_MAJOR_VERSION > (major) || (V8_MAJOR_VERSION == (major) && V8_MINOR_VERSION >= (minor)))

/* The out-of-memory handler is told details in a struct instead of a flag. */
#define CAY_V8_OOM_DETAILS CAY_V8_AT_LEAST(10, 6)
/* Platform::PostJob is built on Platform::CreateJob, which is pure. */
#define CAY_V8_CREATE_JOB CAY_V8_AT_LEAST(10, 5)
/* V8::base calls this hook before it aborts the process for a failed check of its own. Not in V8's public
 * headers; weak, so that a V8 without it still links. */
namespace v8 {
namespace base {
__attribute__((weak)) void SetPrintStackTrace(void (*hook)());
}
} // namespace v8

/* Resizable array buffers exist (they are not moved, only copied). */
#define CAY_V8_RESIZABLE_BUFFERS CAY_V8_AT_LEAST(11, 0)

#endif
