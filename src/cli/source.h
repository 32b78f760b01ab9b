/* SPDX-License-Identifier: MIT */
/* Where the main module comes from. */
#ifndef CAY_CLI_SOURCE_H
#define CAY_CLI_SOURCE_H

#include <cay/runtime.h>

/** What the worker's options borrow. All zero is empty. */
typedef struct cay_cli_source {
    char *url;
    char *text;
    size_t len;
    char *root;
} cay_cli_source_t;

/** Sets main_file, main_url or main_source for what was named to `cay run`: a file, a URL, or "-".
 *  0, or an exit code after one line on standard error. */
int cay__cli_source_run(const char *what, cay_cli_source_t *s, cay_worker_options_t *o);
/** The same for the code given to `cay eval`, which is borrowed. */
int cay__cli_source_eval(const char *code, cay_cli_source_t *s, cay_worker_options_t *o);
void cay__cli_source_free(cay_cli_source_t *s);

#endif
