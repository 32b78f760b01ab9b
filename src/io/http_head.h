/* SPDX-License-Identifier: MIT */
/* The head of a response, gathered line by line as libcurl tells it. Pure: no I/O. */
#ifndef CAY_IO_HTTP_HEAD_H
#define CAY_IO_HTTP_HEAD_H

#include "base/buf.h"
#include "io/http.h"

#define CAY_HEAD_BYTES  ((size_t)64 << 10)
#define CAY_HEAD_FIELDS 1000

typedef struct cay_head_parser {
    cay_buf_t text;   /* reason NUL, then for each field: name NUL value NUL */
    cay_buf_t places; /* uint32_t pairs: where name and value are in text */
    size_t bytes;     /* of all lines, also of interim heads and trailers */
    size_t lines;
    uint32_t status; /* 0 before the first status line */
    uint32_t version;
    bool complete;             /* the final head has ended; what follows are trailers */
    cay_http_header_t *fields; /* made by cay__head_fields */
} cay_head_parser_t;

void cay__head_clear(cay_head_parser_t *p);
/* One line with or without its line end. Interim heads (1xx) are read and dropped, trailers are checked and
 * dropped. CAY_ENET: malformed; CAY_ELIMIT: over one of the bounds above; CAY_ENOMEM. Bytes become UTF-8 text as
 * if they were Latin-1. */
CAY_NODISCARD int cay__head_line(cay_head_parser_t *p, const char *line, size_t len,
                                 cay_error_t **err);
size_t cay__head_count(const cay_head_parser_t *p);
const char *cay__head_reason(const cay_head_parser_t *p);
/* The fields of a complete head, valid until cay__head_clear. CAY_ENOMEM. */
CAY_NODISCARD int cay__head_fields(cay_head_parser_t *p, const cay_http_header_t **out);
/* The first field of that lower case name, NULL when there is none; *same says whether all others of that name
 * have the same value (may be NULL). */
const char *cay__head_get(const cay_head_parser_t *p, const char *name, bool *same);

/* UTF-8 of at most U+00FF (a value that was checked) as the bytes of the wire; where their NUL is. `to` may be
 * `text`. */
char *cay__http_latin1(char *to, const char *text);

#endif
