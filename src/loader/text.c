/* SPDX-License-Identifier: MIT */
#include "loader/text.h"

#include "base/err.h"

/* Whether brackets outside of strings are open deeper than `most`: jansson goes into depth by recursion. */
static bool too_deep(const char *text, size_t len, unsigned most) {
    unsigned depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '"') {
            in_string = !in_string;
        } else if (in_string) {
            i += c == '\\';
        } else if (c == '[' || c == '{') {
            if (++depth > most) {
                return true;
            }
        } else if (c == ']' || c == '}') {
            depth -= depth > 0;
        }
    }
    return false;
}

int cay__json_object(const char *text, size_t len, size_t max, unsigned depth, json_t **out,
                     cay_error_t **err) {
    if (len > max) {
        return cay__error_set(err, CAY_ELIMIT, "it is larger than %zu bytes", max);
    }
    if (too_deep(text, len, depth)) {
        return cay__error_set(err, CAY_EINVAL, "it is nested deeper than %u", depth);
    }
    json_error_t e;
    json_t *root = json_loadb(text, len, JSON_DECODE_ANY, &e);
    if (!root) {
        if (json_error_code(&e) == json_error_out_of_memory) {
            return cay__error_set(err, CAY_ENOMEM, "out of memory");
        }
        return cay__error_set(err, CAY_EINVAL, "it is not JSON: line %d, column %d: %.100s", e.line,
                              e.column, e.text);
    }
    if (!json_is_object(root)) {
        json_decref(root);
        return cay__error_set(err, CAY_EINVAL, "it is not a JSON object");
    }
    *out = root;
    return 0;
}

void cay__json_cleanup(json_t **ref) {
    json_decref(*ref);
}
