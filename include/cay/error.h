/* SPDX-License-Identifier: MIT */
/* Errors: one negative code per outcome, and an optional object with the detail.
 *
 * A function returns 0 or a negative CAY_E* code. Three kinds of outcome never share a code: misuse
 * and lack of resources (-1 to -99), an exception of the guest (-100 to -199), and an end that
 * somebody or some limit imposed (-200 to -299). */
#ifndef CAY_ERROR_H
#define CAY_ERROR_H

#include "cay/defs.h"

/** X(NAME, value, text, JavaScript class): the one table of codes. Append only. */
#define CAY_ERRORS(X)                                                                              \
    X(EINVAL, -1, "invalid argument", "TypeError")                                                 \
    X(E2BIG, -2, "options from a newer version of the library", "TypeError")                       \
    X(ENOMEM, -3, "out of memory", "RangeError")                                                   \
    X(EAGAIN, -4, "nothing there yet, or no room", "QuotaExceededError")                           \
    X(ETIMEDOUT, -5, "timed out", "TimeoutError")                                                  \
    X(ECLOSED, -6, "closed", "InvalidStateError")                                                  \
    X(EBUSY, -7, "in use", "InvalidStateError")                                                    \
    X(ENOTFOUND, -8, "not found", "NotFoundError")                                                 \
    X(EPERM, -9, "not permitted", "NotCapable")                                                    \
    X(ENOTSUP, -10, "not supported", "NotSupportedError")                                          \
    X(ELIMIT, -11, "a bound was reached", "QuotaExceededError")                                    \
    X(EFORMAT, -12, "malformed data", "DataError")                                                 \
    X(ECLONE, -13, "the value cannot be cloned", "DataCloneError")                                 \
    X(EIO, -14, "input or output failed", "OperationError")                                        \
    X(EENGINE, -15, "the engine failed", "OperationError")                                         \
    X(EEXIST, -16, "it exists already", "AlreadyExists")                                           \
    X(ENOTDIR, -17, "not a directory", "NotADirectory")                                            \
    X(EISDIR, -18, "is a directory", "IsADirectory")                                               \
    X(ENOTEMPTY, -19, "the directory is not empty", "NotEmpty")                                    \
    X(ENOSPC, -20, "no space left", "NoSpace")                                                     \
    X(EACCES, -21, "the operating system refused it", "PermissionDenied")                          \
    X(ENET, -22, "the network failed", "NetworkError")                                             \
    X(EGUEST, -100, "the guest threw an exception", "Error")                                       \
    X(ESYNTAX, -101, "the guest's source does not parse or link", "SyntaxError")                   \
    X(ETERMINATED, -200, "terminated", "AbortError")

enum {
#define CAY_ERROR_ENUM(name, value, text, js) CAY_##name = (value),
    CAY_ERRORS(CAY_ERROR_ENUM)
#undef CAY_ERROR_ENUM
};

CAY_BEGIN_DECLS

/** Detail of a failure. Opaque; made by the library, freed by cay_error_free. Immutable once it is
 *  yours, so any thread may read it. */
typedef struct cay_error cay_error_t;

/** The code's name without prefix, such as "EINVAL"; "UNKNOWN" for a code that is not ours.
 *  *Thread*: any. *Ownership*: static. */
const char *cay_error_name(int code);

/** One phrase for the code. *Thread*: any. *Ownership*: static. */
const char *cay_error_text(int code);

/** The code of `err`, 0 for NULL. *Thread*: any. */
int cay_error_code(const cay_error_t *err);

/** The whole message, causes first to last joined by ": ". Never NULL: an empty string for NULL.
 *  *Thread*: any. *Ownership*: borrowed from `err`. */
const char *cay_error_message(const cay_error_t *err);

/** Frees `err`; NULL is fine. *Thread*: any, one at a time. */
void cay_error_free(CAY_OWN cay_error_t *err);

CAY_END_DECLS

#endif
