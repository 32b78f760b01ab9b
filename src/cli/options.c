/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "out.h"

enum {
    OPT_NAME = 256,
    OPT_EVENTS,
    OPT_V8_FLAGS,
    OPT_THREADS,
    OPT_MAX_WORKERS,
    OPT_ROOT,
    OPT_WALL,
    OPT_UNCAUGHT,
    OPT_COLOR
};

static const struct option longs[] = {
    {"name", required_argument, NULL, OPT_NAME},
    {"events", required_argument, NULL, OPT_EVENTS},
    {"v8-flags", required_argument, NULL, OPT_V8_FLAGS},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"max-workers", required_argument, NULL, OPT_MAX_WORKERS},
    {"module-root", required_argument, NULL, OPT_ROOT},
    {"wall", required_argument, NULL, OPT_WALL},
    {"uncaught", required_argument, NULL, OPT_UNCAUGHT},
    {"color", required_argument, NULL, OPT_COLOR},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* ---- what is refused ---- */

static bool begins(const char *s, const char *with) {
    return strncmp(s, with, strlen(with)) == 0;
}

/* Options that the plan names and this build lacks get told apart from mistyped ones. */
static const char *kind_of_later(const char *option) {
    if (begins(option, "--allow-") || begins(option, "--deny-") ||
        begins(option, "--worker-permissions") || strcmp(option, "-A") == 0) {
        return "permissions are not part of this build";
    }
    if (begins(option, "--max-")) {
        return "this limit is not part of this build";
    }
    return NULL;
}

void cay__cli_option_refused(char **argv, int at, int why, int letter, const char *command) {
    cay_cli_text_t t = {0};
    const char *arg = argv[at];
    bool is_long = begins(arg, "--");
    char shown[3] = {'-', (char)letter, 0};
    const char *option = is_long ? arg : shown;
    bool is_known =
        why == ':' || (is_long && letter); /* but its value is missing, or is too much */
    cay__cli_puts(&t, is_known ? "cay: the option " : "cay: unknown option ");
    cay__cli_put_shown(&t, option, is_long ? strcspn(option, "=") : strlen(option),
                       CAY_CLI_KEEP_NONE, 0);
    if (is_known) {
        cay__cli_puts(&t, why == ':' ? " needs a value" : " takes no value");
    } else if (kind_of_later(option)) {
        cay__cli_putf(&t, ": %s", kind_of_later(option));
    }
    cay__cli_putf(&t, " (see 'cay %s--help')\n", command);
    cay__cli_out_error(&t);
}

static int bad_value(const char *option, const char *value, const char *expected) {
    cay_cli_text_t t = {0};
    cay__cli_putf(&t, "cay: --%s: \"", option);
    cay__cli_puts_shown(&t, value);
    cay__cli_putf(&t, "\" is not %s\n", expected);
    cay__cli_out_error(&t);
    return CAY_CLI_USAGE;
}

/* ---- values ---- */

static int read_number(const char *option, const char *text, uint64_t max, uint64_t *out) {
    char *end = NULL;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || n < 1 || n > max) {
        char expected[64];
        snprintf(expected, sizeof expected, "a number from 1 to %llu", (unsigned long long)max);
        return bad_value(option, text, expected);
    }
    *out = n;
    return CAY_CLI_OK;
}

/* "json" for standard error, "json:FD" for a descriptor that whoever started us opened. */
static int read_events(cay_cli_options_t *o, const char *text) {
    o->has_events = true;
    o->events_fd = 2;
    if (strcmp(text, "json") == 0) {
        return CAY_CLI_OK;
    }
    uint64_t fd;
    if (!begins(text, "json:")) {
        return bad_value("events", text, "json or json:FD");
    }
    int rc = read_number("events", text + 5, 65535, &fd);
    if (rc) {
        return rc;
    }
    o->events_fd = (int)fd;
    int flags = fcntl(o->events_fd, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
        return bad_value("events", text + 5, "a descriptor open for writing");
    }
    if (o->events_fd > 2) {
        (void)fcntl(o->events_fd, F_SETFD, FD_CLOEXEC);
    }
    return CAY_CLI_OK;
}

static int read_root(cay_cli_options_t *o, const char *text) {
    struct stat st;
    if (stat(text, &st) || !S_ISDIR(st.st_mode)) {
        return bad_value("module-root", text, "a directory");
    }
    o->module_root = text;
    return CAY_CLI_OK;
}

static int read_wall(const char *text) {
    if (strcmp(text, "process") == 0) {
        cay__cli_say("--wall=process: the process wall is not part of this build");
        return CAY_CLI_USAGE;
    }
    return strcmp(text, "isolate") == 0 ? CAY_CLI_OK : bad_value("wall", text, "isolate");
}

static int read_uncaught(cay_cli_options_t *o, const char *text) {
    o->is_report = strcmp(text, "report") == 0;
    return o->is_report || strcmp(text, "terminate") == 0
               ? CAY_CLI_OK
               : bad_value("uncaught", text, "terminate or report");
}

static int read_color(cay_cli_options_t *o, const char *text) {
    static const char *const words[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(text, words[i]) == 0) {
            o->color = (cay_cli_color_t)i;
            return CAY_CLI_OK;
        }
    }
    return bad_value("color", text, "auto, always or never");
}

static int add_v8_flags(cay_cli_options_t *o, const char *text) {
    char *joined = NULL;
    if (asprintf(&joined, "%s%s%s", o->v8_flags ? o->v8_flags : "", o->v8_flags ? " " : "", text) <
        0) {
        cay__cli_say("out of memory");
        return CAY_CLI_FAILED;
    }
    free(o->v8_flags);
    o->v8_flags = joined;
    return CAY_CLI_OK;
}

static int take(cay_cli_options_t *o, int option) {
    switch (option) {
    case OPT_NAME: o->name = optarg; return CAY_CLI_OK;
    case OPT_EVENTS: return read_events(o, optarg);
    case OPT_V8_FLAGS: return add_v8_flags(o, optarg);
    case OPT_THREADS: return read_number("threads", optarg, 256, &o->threads);
    case OPT_MAX_WORKERS: return read_number("max-workers", optarg, 1000000, &o->max_workers);
    case OPT_ROOT: return read_root(o, optarg);
    case OPT_WALL: return read_wall(optarg);
    case OPT_UNCAUGHT: return read_uncaught(o, optarg);
    case OPT_COLOR: return read_color(o, optarg);
    case 'q': o->is_quiet = true; return CAY_CLI_OK;
    default: o->wants_help = true; return CAY_CLI_OK;
    }
}

/* getopt_long takes a unique beginning of a name for the name. What is short for one option today would
 * be short for two tomorrow, so only whole names are taken. */
static bool is_whole(const char *arg, const char *name) {
    size_t len = strlen(name);
    return !begins(arg, "--") || (strncmp(arg + 2, name, len) == 0 && strchr("=", arg[2 + len]));
}

int cay__cli_options_read(int argc, char **argv, const char *what, cay_cli_options_t *out) {
    *out = (cay_cli_options_t){0};
    char hint[16];
    snprintf(hint, sizeof hint, "%s ", argv[0]);
    optind = 1;
    for (;;) {
        int at = optind;
        int which = 0;
        int c = getopt_long(argc, argv, "+:qh", longs, &which);
        if (c < 0) {
            break;
        }
        if (c == '?' || c == ':' || (c >= 256 && !is_whole(argv[at], longs[which].name)) ||
            (c == 'q' && !is_whole(argv[at], "quiet")) ||
            (c == 'h' && !is_whole(argv[at], "help"))) {
            cay__cli_option_refused(argv, at, c, optopt, hint);
            return CAY_CLI_USAGE;
        }
        int rc = take(out, c);
        if (rc || out->wants_help) {
            return rc;
        }
    }
    if (optind >= argc) {
        cay__cli_say("%s needs %s (see 'cay %s --help')", argv[0], what, argv[0]);
        return CAY_CLI_USAGE;
    }
    out->main = argv[optind];
    out->args = (const char *const *)(argv + optind + 1);
    return CAY_CLI_OK;
}

void cay__cli_options_free(cay_cli_options_t *o) {
    free(o->v8_flags);
    o->v8_flags = NULL;
}
