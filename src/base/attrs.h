/* SPDX-License-Identifier: MIT */
/* The one place for compiler attributes. */
#ifndef CAY_BASE_ATTRS_H
#define CAY_BASE_ATTRS_H

#include "cay/defs.h"

#define CAY_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define CAY_CLEANUP(fn)       __attribute__((cleanup(fn)))
#define CAY_UNUSED            __attribute__((unused))
#define CAY_LIKELY(x)         __builtin_expect(!!(x), 1)
#define CAY_UNLIKELY(x)       __builtin_expect(!!(x), 0)
#define CAY_NOINLINE          __attribute__((noinline))

/* The struct that embeds `member`, from a pointer to the member. */
#define CAY_CONTAINER(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))
#define CAY_COUNT(array)                 (sizeof(array) / sizeof((array)[0]))

/* Clang's thread-safety analysis (-Wthread-safety); empty for gcc. */
#if defined(__clang__)
#define CAY_TSA(x) __attribute__((x))
#else
#define CAY_TSA(x)
#endif
#define CAY_CAPABILITY(name) CAY_TSA(capability(name))
#define CAY_REQUIRES(...)    CAY_TSA(requires_capability(__VA_ARGS__))
#define CAY_EXCLUDES(...)    CAY_TSA(locks_excluded(__VA_ARGS__))
#define CAY_ACQUIRE(...)     CAY_TSA(acquire_capability(__VA_ARGS__))
#define CAY_RELEASE(...)     CAY_TSA(release_capability(__VA_ARGS__))
#define CAY_TRY_ACQUIRE(...) CAY_TSA(try_acquire_capability(__VA_ARGS__))
#define CAY_NO_THREAD_CHECK  CAY_TSA(no_thread_safety_analysis)

#endif
