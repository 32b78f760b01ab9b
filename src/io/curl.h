/* SPDX-License-Identifier: MIT */
/* libcurl as a table of the functions we use, loaded with dlopen when it is first needed: it brings some thirty
 * libraries along, which a process that makes no request should not carry. It is never unloaded. */
#ifndef CAY_IO_CURL_H
#define CAY_IO_CURL_H

#include <curl/curl.h>

#include "base/attrs.h"
#include "cay/error.h"

/* The type checks of curl's headers wrap these in macros that name the functions. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

#define CAY_CURL_FUNCTIONS(X)                                                                      \
    X(global_init)                                                                                 \
    X(version_info)                                                                                \
    X(easy_init)                                                                                   \
    X(easy_setopt)                                                                                 \
    X(easy_getinfo)                                                                                \
    X(easy_pause)                                                                                  \
    X(easy_strerror)                                                                               \
    X(easy_cleanup)                                                                                \
    X(multi_init)                                                                                  \
    X(multi_setopt)                                                                                \
    X(multi_add_handle)                                                                            \
    X(multi_remove_handle)                                                                         \
    X(multi_socket_action)                                                                         \
    X(multi_info_read)                                                                             \
    X(multi_cleanup)

typedef struct cay_curl {
#define CAY_CURL_FIELD(name) __typeof__(curl_##name) *name;
    CAY_CURL_FUNCTIONS(CAY_CURL_FIELD)
#undef CAY_CURL_FIELD
} cay_curl_t;

/* Any thread. CAY_ENOTSUP: it is not there, or too old for what we rely on. */
CAY_NODISCARD int cay__curl_load(const cay_curl_t **out, cay_error_t **err);

#endif
