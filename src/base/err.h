/* SPDX-License-Identifier: MIT */
/* Making cay_error_t. Each maker returns the code, so that a failure is one line:
 *     return cay__error_set(err, CAY_EINVAL, "name: longer than %d bytes", MAX);
 * `err` may be NULL: the code alone is then told. Out of memory while making the detail never hides
 * the code. */
#ifndef CAY_BASE_ERR_H
#define CAY_BASE_ERR_H

#include "base/attrs.h"
#include "cay/error.h"

int cay__error_set(cay_error_t **err, int code, const char *fmt, ...) CAY_PRINTF(3, 4);
/* Puts "text: " before the message of *err and returns its code; `code` when *err is NULL. */
int cay__error_wrap(cay_error_t **err, int code, const char *fmt, ...) CAY_PRINTF(3, 4);
/* The JavaScript class that a code becomes. */
const char *cay__error_js_class(int code);

#endif
