/* SPDX-License-Identifier: MIT */
/* What --stats tells at the end: what the script used, beside its limits, and what the runtime did. */
#ifndef CAY_CLI_STATS_H
#define CAY_CLI_STATS_H

#include <cay/runtime.h>

#include "options.h"

typedef struct cay_cli_stats {
    cay_usage_t usage; /* of the final event */
    cay_limits_t limits;
    cay_runtime_stats_t runtime;
} cay_cli_stats_t;

/** Takes them; the runtime still has to be there. */
void cay__cli_stats_take(cay_cli_stats_t *s, const cay_event_end_t *end, const cay_limits_t *limits,
                         cay_runtime_t *rt);
/** Prints the table on standard error. */
void cay__cli_stats_print(const cay_cli_stats_t *s);
/** Writes them as one line of JSON. */
void cay__cli_stats_write(int fd, const char *worker, const cay_cli_stats_t *s);

#endif
