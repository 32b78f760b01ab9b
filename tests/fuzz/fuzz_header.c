/* SPDX-License-Identifier: MIT */
/* Heads of responses, line by line as libcurl hands them over; the input is the lines. What must hold: every
 * name is a token in lower case, every value is one that a request could send, all within the bounds; and a
 * head written out again reads the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "io/http_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok, const char *what) {
    if (!ok) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

static void read_same(const cay_http_header_t *field) {
    cay_head_parser_t p = {.status = 0};
    const cay_http_header_t *again;
    char *line = malloc(strlen(field->name) + strlen(field->value) + 3);
    require(line != NULL, "no memory");
    char *end = stpcpy(stpcpy(line, field->name), ": ");
    end = cay__http_latin1(end, field->value); /* as it stood on the wire */
    require(cay__head_line(&p, "HTTP/2 200", 10, NULL) == 0 &&
                cay__head_line(&p, line, (size_t)(end - line), NULL) == 0 &&
                cay__head_fields(&p, &again) == 0 && cay__head_count(&p) == 1,
            "a field does not read again");
    require(strcmp(again->name, field->name) == 0 && strcmp(again->value, field->value) == 0,
            "a field reads otherwise");
    cay__head_clear(&p);
    free(line);
}

static void check(cay_head_parser_t *p) {
    const cay_http_header_t *fields;
    size_t count = cay__head_count(p);
    require(cay__head_fields(p, &fields) == 0, "no memory");
    require(count <= CAY_HEAD_FIELDS + 1 && p->status >= 200 && p->status <= 999, "bounds");
    require(cay__utf8_valid(cay__head_reason(p), strlen(cay__head_reason(p))) ==
                strlen(cay__head_reason(p)),
            "the reason is no UTF-8");
    for (size_t i = 0; i < count; i++) {
        require(cay__http_is_token(fields[i].name, strlen(fields[i].name)), "a name is no token");
        require(cay__http_is_value(fields[i].value, strlen(fields[i].value)), "a value is none");
        for (const char *c = fields[i].name; *c; c++) {
            require(*c < 'A' || *c > 'Z', "a name has upper case");
        }
        require(cay__head_get(p, fields[i].name, NULL) != NULL, "a field is not found");
        if (i < 8) {
            read_same(&fields[i]);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    cay_head_parser_t p = {.status = 0};
    cay_error_t *err = NULL;
    const char *at = (const char *)data, *end = at + size;
    int rc = 0;
    while (at < end && rc == 0) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        size_t len = lf ? (size_t)(lf + 1 - at) : (size_t)(end - at);
        char *line = malloc(len ? len : 1); /* of the very size */
        if (!line) {
            break;
        }
        memcpy(line, at, len);
        rc = cay__head_line(&p, line, len, &err);
        free(line);
        at += len;
    }
    if (rc == 0 && p.complete) {
        check(&p);
    }
    require(rc == 0 || (cay_error_code(err) == rc && cay_error_message(err)[0]), "no message");
    cay_error_free(err);
    cay__head_clear(&p);
    bool value = cay__http_is_value((const char *)data, size);
    require(!value ||
                (cay__utf8_valid((const char *)data, size) == size && !memchr(data, '\n', size)),
            "a value that is none");
    require(!cay__http_is_token((const char *)data, size) || value, "a token is a value");
    (void)cay__http_is_transport_field((const char *)data, size);
    return 0;
}
