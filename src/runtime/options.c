/* SPDX-License-Identifier: MIT */
#include "runtime/options.h"

#include <string.h>

#include "base/err.h"

int cay__options_copy(void *to, size_t to_size, const void *from, size_t least, const char *what,
                      cay_error_t **err) {
    uint64_t size = 0;
    if (!from) {
        return cay__error_set(err, CAY_EINVAL, "%s: NULL", what);
    }
    memcpy(&size, from, sizeof size);
    if (size < least || size > 65536) {
        return cay__error_set(err, CAY_EINVAL, "%s.size: %llu, not the size of the struct", what,
                              (unsigned long long)size);
    }
    const uint8_t *bytes = from;
    for (size_t i = to_size; i < size; i++) {
        if (bytes[i]) {
            return cay__error_set(err, CAY_E2BIG,
                                  "%s: an option is set that this version of the library lacks",
                                  what);
        }
    }
    memset(to, 0, to_size);
    memcpy(to, from, size < to_size ? size : to_size);
    return 0;
}
