/* SPDX-License-Identifier: MIT */
/* Memory for every layer, with fault injection for the tests.
 *
 * All of cay's own allocations come through here, so that a sweep can make the n-th one fail and a
 * test can see that none is left. Memory of V8, ICU and jansson is theirs. */
#ifndef CAY_BASE_MEM_H
#define CAY_BASE_MEM_H

#include "base/attrs.h"

/* As the C functions of the same names; NULL when out of memory or when told to fail. A size of 0
 * gives a valid pointer. */
CAY_NODISCARD void *cay__malloc(size_t size);
CAY_NODISCARD void *cay__calloc(size_t count, size_t size);
CAY_NODISCARD void *cay__realloc(void *ptr, size_t size);
CAY_NODISCARD void *cay__memdup(const void *src, size_t size);
CAY_NODISCARD char *cay__strdup(const char *s);
/* A NUL-terminated copy of `size` bytes. */
CAY_NODISCARD char *cay__strndup(const char *s, size_t size);
CAY_NODISCARD char *cay__asprintf(const char *fmt, ...) CAY_PRINTF(1, 2);
void cay__free(void *ptr);

#define CAY_NEW(type) ((type *)cay__calloc(1, sizeof(type)))

/* Tests: the n-th allocation from now on (1 = the next) of the calling thread fails, and with `every`
 * all after it too. 0 switches off. */
void cay__mem_fail_at(uint64_t n, bool every);
/* Tests: whether the failure that was set has happened. */
bool cay__mem_failed(void);
/* Tests: as cay__mem_fail_at, counting the allocations of all threads together. Ends whatever was set so. */
void cay__mem_fail_process(uint64_t n, bool every);
/* Tests: whether a failure set by cay__mem_fail_process has happened, in any thread. */
bool cay__mem_failed_process(void);
/* Blocks allocated and not freed, of all threads. */
int64_t cay__mem_live(void);

/* For CAY_CLEANUP on a pointer of any type. */
void cay__free_cleanup(void *ptr_to_ptr);
#define CAY_AUTOFREE CAY_CLEANUP(cay__free_cleanup)
/* Takes the pointer out of a CAY_AUTOFREE variable. */
#define cay_steal(pp)                                                                              \
    __extension__({                                                                                \
        __typeof__(*(pp)) stolen_ = *(pp);                                                         \
        *(pp) = NULL;                                                                              \
        stolen_;                                                                                   \
    })

#endif
