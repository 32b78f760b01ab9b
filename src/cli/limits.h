/* SPDX-License-Identifier: MIT */
/* The limit options: --max-memory and its like, --soft-limit, --grace. What a value means is the library's
 * to say; here its words are told with the names that were typed. */
#ifndef CAY_CLI_LIMITS_H
#define CAY_CLI_LIMITS_H

#include <cay/event.h>

#include "text.h"

/** The options by number: those of CAY_LIMIT_*, then these two. */
enum { CAY_CLI_LIMIT_SOFT = CAY_LIMIT_COUNT, CAY_CLI_LIMIT_GRACE, CAY_CLI_LIMIT_OPTIONS };

typedef struct cay_cli_limits {
    cay_limits_t given; /* what was typed; 0 elsewhere */
    cay_limits_t held;  /* with the defaults, once cay__cli_limits_check went well */
    const char *typed[CAY_CLI_LIMIT_OPTIONS]; /* borrowed from argv; NULL where nothing was */
} cay_cli_limits_t;

void cay__cli_limits_init(cay_cli_limits_t *l);
/** Reads the value of one option. 0, or an exit code after one line on standard error, as below. */
int cay__cli_limits_set(cay_cli_limits_t *l, uint32_t which, const char *value);
/** Fills in the defaults, once all options were read, and tells which of them contradict one another. */
int cay__cli_limits_check(cay_cli_limits_t *l);

/** Whether a worker that ended for this reason was ended by a limit. */
bool cay__cli_is_limit(cay_reason_t reason);

/** Puts "--max-memory". */
void cay__cli_put_limit_option(cay_cli_text_t *t, uint32_t which);
/** Puts "64 MiB" or the like. */
void cay__cli_put_limit_value(cay_cli_text_t *t, cay_limit_t which, uint64_t value);
/** Puts what the option may have been that was mistyped as `name`, which stands after "--" and has `len`
 *  bytes. Nothing when it is like none. */
void cay__cli_put_limit_hint(cay_cli_text_t *t, const char *name, size_t len);

/** Puts the limits as a JSON object: the names as in JavaScript, null for none. */
void cay__cli_put_limits_json(cay_cli_text_t *t, const cay_limits_t *limits);

#endif
