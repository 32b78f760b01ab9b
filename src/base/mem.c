/* SPDX-License-Identifier: MIT */
/* Memory with a live count and fault injection. The injection is per thread, so that a sweep in one
 * test thread does not trip another; the live count is one for the process. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Atomic int64_t live;
static _Thread_local uint64_t fail_in;
static _Thread_local bool fail_every;
static _Thread_local bool failed;

static _Atomic uint64_t process_fail_in;
static atomic_bool process_fail_every;
static atomic_bool process_failed;

static bool process_fails_now(void) {
    uint64_t n = atomic_load(&process_fail_in);
    for (;;) {
        if (n == 0) {
            return false;
        }
        uint64_t next = n > 1 ? n - 1 : atomic_load(&process_fail_every) ? 1 : 0;
        if (atomic_compare_exchange_weak(&process_fail_in, &n, next)) {
            break;
        }
    }
    if (n == 1) {
        atomic_store(&process_failed, true);
    }
    return n == 1;
}

static bool fails_now(void) {
    if (CAY_UNLIKELY(atomic_load_explicit(&process_fail_in, memory_order_relaxed)) &&
        process_fails_now()) {
        return true;
    }
    if (CAY_LIKELY(fail_in == 0)) {
        return false;
    }
    if (fail_in > 1) {
        fail_in--;
        return false;
    }
    if (!fail_every) {
        fail_in = 0;
    }
    failed = true;
    return true;
}

static void *counted(void *ptr) {
    if (ptr) {
        atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
    }
    return ptr;
}

void *cay__malloc(size_t size) {
    return fails_now() ? NULL : counted(malloc(size ? size : 1));
}

void *cay__calloc(size_t count, size_t size) {
    return fails_now() ? NULL : counted(calloc(count ? count : 1, size ? size : 1));
}

void *cay__realloc(void *ptr, size_t size) {
    if (!ptr) {
        return cay__malloc(size);
    }
    return fails_now() ? NULL : realloc(ptr, size ? size : 1);
}

void *cay__memdup(const void *src, size_t size) {
    void *copy = cay__malloc(size);
    if (copy && size) {
        memcpy(copy, src, size);
    }
    return copy;
}

char *cay__strndup(const char *s, size_t size) {
    char *copy = cay__malloc(size + 1);
    if (copy) {
        if (size) {
            memcpy(copy, s, size);
        }
        copy[size] = 0;
    }
    return copy;
}

char *cay__strdup(const char *s) {
    return cay__strndup(s, strlen(s));
}

char *cay__asprintf(const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *out = n < 0 ? NULL : cay__malloc((size_t)n + 1);
    if (out) {
        vsnprintf(out, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    return out;
}

void cay__free(void *ptr) {
    if (ptr) {
        atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
        free(ptr);
    }
}

void cay__free_cleanup(void *ptr_to_ptr) {
    void *ptr;
    memcpy(&ptr, ptr_to_ptr, sizeof ptr);
    cay__free(ptr);
}

void cay__mem_fail_at(uint64_t n, bool every) {
    fail_in = n;
    fail_every = every;
    failed = false;
}

bool cay__mem_failed(void) {
    return failed;
}

void cay__mem_fail_process(uint64_t n, bool every) {
    atomic_store(&process_fail_in, 0);
    atomic_store(&process_fail_every, every);
    atomic_store(&process_failed, false);
    atomic_store(&process_fail_in, n);
}

bool cay__mem_failed_process(void) {
    return atomic_load(&process_failed);
}

int64_t cay__mem_live(void) {
    return atomic_load_explicit(&live, memory_order_relaxed);
}
