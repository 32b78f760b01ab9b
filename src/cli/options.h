/* SPDX-License-Identifier: MIT */
/* The command line of `cay run` and `cay eval`. */
#ifndef CAY_CLI_OPTIONS_H
#define CAY_CLI_OPTIONS_H

#include <cay/runtime.h>

#include "grants.h"
#include "limits.h"

/** Exit codes of the command. */
enum {
    CAY_CLI_OK = 0,
    CAY_CLI_FAILED = 1, /* an uncaught error, or the script did not load */
    CAY_CLI_USAGE = 2,
    CAY_CLI_LIMIT = 3, /* ended by a limit */
    CAY_CLI_LOST = 4   /* the engine could not go on */
};

typedef enum cay_cli_color {
    CAY_CLI_COLOR_AUTO,
    CAY_CLI_COLOR_ALWAYS,
    CAY_CLI_COLOR_NEVER
} cay_cli_color_t;

/** Texts are borrowed from argv, but for v8_flags and grants. */
typedef struct cay_cli_options {
    const char *name;
    const char *module_root;
    cay_cli_grants_t grants; /* every permission option; owned */
    uint64_t children;       /* CAY_CHILDREN_* */
    const char *audit;       /* NULL: none; "-": standard error */
    const char *import_map;
    const char *lock_file;
    const char *cache_dir; /* NULL: the usual place */
    const char *ca_file;
    char *v8_flags; /* every --v8-flags, joined; owned */
    bool is_lock_write;
    bool is_reload;
    bool is_cached_only;
    bool has_no_cache;
    uint64_t threads;
    uint64_t io_threads;
    cay_cli_limits_t limits;
    bool is_report; /* --uncaught=report */
    bool is_quiet;
    bool has_stats;
    bool has_events;
    int events_fd;
    cay_cli_color_t color;
    bool wants_help;
    const char *main; /* FILE, URL, "-" or CODE */
    const char *const *args;
} cay_cli_options_t;

/** Reads argv, where argv[0] is "run" or "eval" and `what` is what must follow the options.
 *  CAY_CLI_OK, or CAY_CLI_USAGE after one line on standard error. */
int cay__cli_options_read(int argc, char **argv, const char *what, cay_cli_options_t *out);
void cay__cli_options_free(cay_cli_options_t *o);

/** One line for an option that getopt_long refused: argv[at] was it. `command` is named in the hint. */
void cay__cli_option_refused(char **argv, int at, int why, int letter, const char *command);

#endif
