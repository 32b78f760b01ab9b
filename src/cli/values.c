/* SPDX-License-Identifier: MIT */
#include "values.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "out.h"

int cay__cli_bad_value(const char *option, const char *value, const char *expected) {
    cay_cli_text_t t = {0};
    cay__cli_putf(&t, "cay: --%s: \"", option);
    cay__cli_puts_shown(&t, value);
    cay__cli_putf(&t, "\" is not %s\n", expected);
    cay__cli_out_error(&t);
    return CAY_CLI_USAGE;
}

int cay__cli_read_number(const char *option, const char *text, uint64_t max, uint64_t *out) {
    char *end = NULL;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || n < 1 || n > max) {
        char expected[64];
        snprintf(expected, sizeof expected, "a number from 1 to %llu", (unsigned long long)max);
        return cay__cli_bad_value(option, text, expected);
    }
    *out = n;
    return CAY_CLI_OK;
}

/* "json" for standard error, "json:FD" for a descriptor that whoever started us opened. */
int cay__cli_read_events(cay_cli_options_t *o, const char *text) {
    o->has_events = true;
    o->events_fd = 2;
    if (strcmp(text, "json") == 0) {
        return CAY_CLI_OK;
    }
    uint64_t fd;
    if (strncmp(text, "json:", 5) != 0) {
        return cay__cli_bad_value("events", text, "json or json:FD");
    }
    int rc = cay__cli_read_number("events", text + 5, 65535, &fd);
    if (rc) {
        return rc;
    }
    o->events_fd = (int)fd;
    int flags = fcntl(o->events_fd, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
        return cay__cli_bad_value("events", text + 5, "a descriptor open for writing");
    }
    if (o->events_fd > 2) {
        (void)fcntl(o->events_fd, F_SETFD, FD_CLOEXEC);
    }
    return CAY_CLI_OK;
}

int cay__cli_read_root(cay_cli_options_t *o, const char *text) {
    struct stat st;
    if (stat(text, &st) || !S_ISDIR(st.st_mode)) {
        return cay__cli_bad_value("module-root", text, "a directory");
    }
    o->module_root = text;
    return CAY_CLI_OK;
}

int cay__cli_read_wall(const char *text) {
    if (strcmp(text, "process") == 0) {
        cay__cli_say("--wall=process: the process wall is not part of this build");
        return CAY_CLI_USAGE;
    }
    if (text[0] >= '0' && text[0] <= '9') {
        return cay__cli_bad_value("wall", text, "isolate; a limit of time is --max-wall");
    }
    return strcmp(text, "isolate") == 0 ? CAY_CLI_OK : cay__cli_bad_value("wall", text, "isolate");
}

int cay__cli_read_uncaught(cay_cli_options_t *o, const char *text) {
    o->is_report = strcmp(text, "report") == 0;
    return o->is_report || strcmp(text, "terminate") == 0
               ? CAY_CLI_OK
               : cay__cli_bad_value("uncaught", text, "terminate or report");
}

int cay__cli_read_color(cay_cli_options_t *o, const char *text) {
    static const char *const words[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(text, words[i]) == 0) {
            o->color = (cay_cli_color_t)i;
            return CAY_CLI_OK;
        }
    }
    return cay__cli_bad_value("color", text, "auto, always or never");
}

int cay__cli_add_v8_flags(cay_cli_options_t *o, const char *text) {
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

int cay__cli_read_children(cay_cli_options_t *o, const char *text) {
    o->children = strcmp(text, "inherit") == 0 ? CAY_CHILDREN_INHERIT : CAY_CHILDREN_NONE;
    return o->children == CAY_CHILDREN_INHERIT || strcmp(text, "none") == 0
               ? CAY_CLI_OK
               : cay__cli_bad_value("worker-permissions", text, "none or inherit");
}

/* It is made when it is needed. */
int cay__cli_read_cache_dir(cay_cli_options_t *o, const char *text) {
    struct stat st;
    bool is_there = stat(text, &st) == 0;
    if ((is_there && !S_ISDIR(st.st_mode)) || !text[0]) {
        return cay__cli_bad_value("cache-dir", text, "a directory");
    }
    o->cache_dir = text;
    return CAY_CLI_OK;
}
