/* SPDX-License-Identifier: MIT */
/* The command line of `cay run` and `cay eval`. */
#ifndef CAY_CLI_OPTIONS_H
#define CAY_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/** Exit codes of the command. */
enum {
    CAY_CLI_OK = 0,
    CAY_CLI_FAILED = 1, /* an uncaught error, or the script did not load */
    CAY_CLI_USAGE = 2,
    CAY_CLI_LOST = 4 /* the engine could not go on */
};

typedef enum cay_cli_color {
    CAY_CLI_COLOR_AUTO,
    CAY_CLI_COLOR_ALWAYS,
    CAY_CLI_COLOR_NEVER
} cay_cli_color_t;

/** Texts are borrowed from argv, but for v8_flags. */
typedef struct cay_cli_options {
    const char *name;
    const char *module_root;
    char *v8_flags; /* every --v8-flags, joined; owned */
    uint64_t threads;
    uint64_t max_workers;
    bool is_report; /* --uncaught=report */
    bool is_quiet;
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
