/* SPDX-License-Identifier: MIT */
/* Values of single options. Each gives 0, or an exit code after one line on standard error. */
#ifndef CAY_CLI_VALUES_H
#define CAY_CLI_VALUES_H

#include "options.h"

/** One line: `value` of --`option` is not `expected`. The exit code for that. */
int cay__cli_bad_value(const char *option, const char *value, const char *expected);
/** A number from 1 to max. */
int cay__cli_read_number(const char *option, const char *text, uint64_t max, uint64_t *out);
int cay__cli_read_events(cay_cli_options_t *o, const char *text);
int cay__cli_read_root(cay_cli_options_t *o, const char *text);
int cay__cli_read_wall(const char *text);
int cay__cli_read_uncaught(cay_cli_options_t *o, const char *text);
int cay__cli_read_color(cay_cli_options_t *o, const char *text);
int cay__cli_read_children(cay_cli_options_t *o, const char *text);
int cay__cli_read_cache_dir(cay_cli_options_t *o, const char *text);
/** Joined to those before. */
int cay__cli_add_v8_flags(cay_cli_options_t *o, const char *text);

#endif
