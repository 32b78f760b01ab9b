/* SPDX-License-Identifier: MIT */
/* Text that grows, and ways to put hostile text into it so that a terminal or a JSON reader stays safe. */
#ifndef CAY_CLI_TEXT_H
#define CAY_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** All zero is empty. Out of memory is remembered in `failed`, and what is there stays. */
typedef struct cay_cli_text {
    char *ptr;
    size_t len;
    size_t cap;
    bool failed;
} cay_cli_text_t;

/** What a shown text may keep of its control characters. */
enum {
    CAY_CLI_KEEP_NONE = 0,
    CAY_CLI_KEEP_LINES = 1, /* line feeds, each followed by the indent of the call */
    CAY_CLI_KEEP_TABS = 2
};

void cay__cli_put(cay_cli_text_t *t, const char *s, size_t len);
void cay__cli_puts(cay_cli_text_t *t, const char *s);
void cay__cli_putf(cay_cli_text_t *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void cay__cli_repeat(cay_cli_text_t *t, char c, size_t count);
void cay__cli_text_free(cay_cli_text_t *t);

/** Puts `s` as a person may safely see it: what moves a cursor, colours, reorders or hides text is shown
 *  as an escape such as \x1b or \u{202e}, and bytes that are not UTF-8 as U+FFFD. */
void cay__cli_put_shown(cay_cli_text_t *t, const char *s, size_t len, int keep, int indent);
/** The same for a whole NUL-terminated text on one line. */
void cay__cli_puts_shown(cay_cli_text_t *t, const char *s);
/** Puts `s` as a JSON string with its quotes; NULL as null. */
void cay__cli_put_json(cay_cli_text_t *t, const char *s);

/** Decodes one code point at s[0..len), len > 0. How many bytes it took; U+FFFD for one byte that fits
 *  nowhere. */
size_t cay__cli_decode(const char *s, size_t len, uint32_t *cp);
/** Whether a terminal may do something else with it than show it. */
bool cay__cli_is_unsafe(uint32_t cp);
/** Puts the escape for an unsafe code point. */
void cay__cli_put_escape(cay_cli_text_t *t, uint32_t cp);

#endif
