/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct cay_error {
    int code;
    char *message; /* NULL when there was no memory for it: the code's own text stands in */
};

const char *cay_version(void) {
    return CAY_VERSION_STRING;
}

const char *cay_error_name(int code) {
    switch (code) {
#define NAME(name, value, text, js)                                                                \
    case value: return #name;
        CAY_ERRORS(NAME)
#undef NAME
    default: return code == 0 ? "OK" : "UNKNOWN";
    }
}

const char *cay_error_text(int code) {
    switch (code) {
#define TEXT(name, value, text, js)                                                                \
    case value: return text;
        CAY_ERRORS(TEXT)
#undef TEXT
    default: return code == 0 ? "no error" : "unknown error";
    }
}

const char *cay__error_js_class(int code) {
    switch (code) {
#define CLASS(name, value, text, js)                                                               \
    case value: return js;
        CAY_ERRORS(CLASS)
#undef CLASS
    default: return "Error";
    }
}

int cay_error_code(const cay_error_t *err) {
    return err ? err->code : 0;
}

const char *cay_error_message(const cay_error_t *err) {
    if (!err) {
        return "";
    }
    return err->message ? err->message : cay_error_text(err->code);
}

void cay_error_free(cay_error_t *err) {
    if (err) {
        cay__free(err->message);
        cay__free(err);
    }
}

/* The text of fmt, or NULL when out of memory. */
CAY_PRINTF(1, 0) static char *format(const char *fmt, va_list args) {
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    char *out = n < 0 ? NULL : cay__malloc((size_t)n + 1);
    if (out) {
        vsnprintf(out, (size_t)n + 1, fmt, args);
    }
    return out;
}

int cay__error_set(cay_error_t **err, int code, const char *fmt, ...) {
    if (!err) {
        return code;
    }
    cay_error_free(*err);
    *err = CAY_NEW(cay_error_t);
    if (*err) {
        va_list args;
        va_start(args, fmt);
        (*err)->code = code;
        (*err)->message = format(fmt, args);
        va_end(args);
    }
    return code;
}

int cay__error_wrap(cay_error_t **err, int code, const char *fmt, ...) {
    if (!err || !*err) {
        return code;
    }
    va_list args;
    va_start(args, fmt);
    char *head = format(fmt, args);
    va_end(args);
    if (head) {
        char *whole = cay__asprintf("%s: %s", head, cay_error_message(*err));
        if (whole) {
            cay__free((*err)->message);
            (*err)->message = whole;
        }
        cay__free(head);
    }
    return (*err)->code;
}
