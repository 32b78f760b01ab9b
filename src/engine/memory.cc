/* SPDX-License-Identifier: MIT */
/* The watch over an isolate's memory: when it is measured, and what follows.
 *
 * After each collection of the heap. A young one that leaves too much tells little, since much of it may be garbage: it
 * asks for a full one at the next check of the guest's code, and that one is judged. Native objects of ICU, which V8 counts
 * nowhere, come by way of ICU's own hooks for memory. */
#include <malloc.h>
#include <unicode/uclean.h>

#include <cstdlib>

#include "engine/v8_meter.h"

namespace {

/* A full collection is asked for once so much has come since the last: a sixteenth, and at least this. */
constexpr size_t kGrowth = 1u << 20;
/* So much of ICU's is told to V8 at a time. */
constexpr long kNativeStep = 1 << 20;

void collect_and_judge(v8::Isolate *v8, void *data);

void judge(eng_isolate_t *iso, bool settled) {
    eng_memory_t now = iso->meter->measure();
    size_t size = now.heap + now.buffers + now.wasm + now.native;
    int passed = iso->meter->tell(now);
    if (settled) {
        iso->settled = size;
    }
    if (passed & ENG_MEMORY_SOFT) {
        Outside out(iso);
        iso->ops->memory_soft(iso->host);
    }
    if (!(passed & ENG_MEMORY_OVER)) {
        return;
    }
    if (settled) {
        Outside out(iso);
        iso->ops->memory_over(iso->host);
    } else if (!iso->collecting && size > iso->settled + iso->settled / 16 + kGrowth) {
        iso->collecting = true;
        iso->v8->RequestInterrupt(collect_and_judge, iso);
    }
}

void collect_and_judge(v8::Isolate *v8, void *data) {
    eng_isolate_t *iso = static_cast<eng_isolate_t *>(data);
    v8->LowMemoryNotification();
    iso->collecting = false;
    judge(iso, true);
}

void judge_now(v8::Isolate *, void *data) {
    judge(static_cast<eng_isolate_t *>(data), false);
}

/* V8 learns how much hangs on its small objects, so that it collects them in time. */
void tell_native(v8::Isolate *v8, void *data) {
    eng_isolate_t *iso = static_cast<eng_isolate_t *>(data);
    long change = iso->native - iso->native_told;
    iso->native_told = iso->native;
    v8->AdjustAmountOfExternalAllocatedMemory(change);
    judge(iso, false);
}

/* ---- ICU ---- */

/* What one thread frees may have been another's: caches of ICU are shared. The sizes are malloc's own, so nothing is
 * stored beside the memory, and memory from before the hooks can be freed through them. */
void count(void *p, long sign) {
    eng_isolate_t *iso = eng__current;
    if (!iso || !p) {
        return;
    }
    long before = iso->native;
    iso->native += sign * static_cast<long>(malloc_usable_size(p));
    if (iso->native / kNativeStep > iso->native_told / kNativeStep &&
        iso->native / kNativeStep != before / kNativeStep) {
        iso->v8->RequestInterrupt(tell_native, iso);
    }
}

void *icu_alloc(const void *, size_t size) {
    void *p = std::malloc(size);
    count(p, 1);
    return p;
}

void *icu_realloc(const void *, void *old, size_t size) {
    count(old, -1);
    void *p = std::realloc(old, size);
    count(p ? p : old, 1);
    return p;
}

void icu_free(const void *, void *p) {
    count(p, -1);
    std::free(p);
}

} // namespace

void eng__count_icu() {
    UErrorCode status = U_ZERO_ERROR;
    u_setMemoryFunctions(nullptr, icu_alloc, icu_realloc, icu_free, &status);
}

void eng__on_gc(v8::Isolate *, v8::GCType type, v8::GCCallbackFlags, void *data) {
    judge(static_cast<eng_isolate_t *>(data), type == v8::kGCTypeMarkSweepCompact);
}

void eng_sample(eng_isolate_t *iso) {
    iso->v8->RequestInterrupt(judge_now, iso);
}

void eng_check_memory(eng_isolate_t *iso) {
    if (iso->meter->tell(iso->meter->measure()) & ENG_MEMORY_OVER) {
        Inside in(iso);
        collect_and_judge(iso->v8, iso);
    }
}

void eng_measure(eng_isolate_t *iso, eng_memory_t *out) {
    *out = iso->meter->measure();
    (void)iso->meter->tell(*out);
}
