/* SPDX-License-Identifier: MIT */
/* Standard output and standard error, written whole and unbuffered. */
#ifndef CAY_CLI_OUT_H
#define CAY_CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/** Makes sure that descriptors 0, 1 and 2 are open, so that none of ours takes their place, and that a
 *  closed pipe is an error instead of a signal. *Thread*: main, first. */
void cay__cli_out_init(void);

/** Writes all of it; 0 or an errno. Waits for a reader that is slow, also when the descriptor does not
 *  block. Writes of several threads do not mix. *Thread*: any. */
int cay__cli_out_write(int fd, const char *s, size_t len);

/** Writes the text to standard error and empties it. */
void cay__cli_out_error(cay_cli_text_t *t);

/** One line on standard error, "cay: " before it. What is not of this program's making goes
 *  through cay__cli_say_about. */
void cay__cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** One line "cay: BEFORE TEXT AFTER", where TEXT may be hostile. */
void cay__cli_say_about(const char *before, const char *text, const char *after);

#endif
