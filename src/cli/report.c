/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "options.h"
#include "out.h"

#define INDENT      4
#define MAX_COLUMNS 200
#define MIN_COLUMNS 40
#define GLUE        "cay:glue:" /* as stacks name it */
#define MAX_FRAMES  100 /* lines of the stack: a guest sets its own limit, and the text too */

static unsigned columns_of_terminal(void) {
    struct winsize w;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) || w.ws_col == 0 || w.ws_col > MAX_COLUMNS) {
        return MAX_COLUMNS;
    }
    return w.ws_col < MIN_COLUMNS ? MIN_COLUMNS : w.ws_col;
}

void cay__cli_report_init(cay_cli_report_t *r, int color, const cay_cli_limits_t *limits) {
    r->limits = limits;
    const char *no_color = getenv("NO_COLOR");
    bool wanted = isatty(STDERR_FILENO) && !(no_color && *no_color);
    r->is_colored = color == CAY_CLI_COLOR_ALWAYS || (color == CAY_CLI_COLOR_AUTO && wanted);
    r->columns = columns_of_terminal() - INDENT;
}

void cay__cli_put_red(cay_cli_text_t *t, const cay_cli_report_t *r, bool on) {
    if (r->is_colored) {
        cay__cli_puts(t, on ? "\x1b[31m" : "\x1b[0m");
    }
}

/* ---- parts ---- */

static const char *or_empty(const char *s) {
    return s ? s : "";
}

/* "TypeError: x is not a function", as far as it is known. */
static void put_what(cay_cli_text_t *t, const cay_error_info_t *e, int keep, int indent) {
    const char *name = or_empty(e->name);
    const char *message = or_empty(e->message);
    if (!*name && !*message) {
        cay__cli_puts(t, "an error without a name");
        return;
    }
    cay__cli_put_shown(t, name, strlen(name), keep, indent);
    if (*name && *message) {
        cay__cli_puts(t, ": ");
    }
    cay__cli_put_shown(t, message, strlen(message), keep, indent);
}

/* Where the lines after the first "Name: message" begin, which was printed already. */
static const char *frames_of(const cay_error_info_t *e) {
    const char *s = or_empty(e->stack);
    const char *name = or_empty(e->name);
    const char *message = or_empty(e->message);
    size_t n = strlen(name);
    if (n && strncmp(s, name, n) == 0) {
        s += n;
        s += *message && strncmp(s, ": ", 2) == 0 ? 2 : 0;
    }
    n = strlen(message);
    if (n && strncmp(s, message, n) == 0) {
        s += n;
    }
    if (*s !=
        '\n') { /* the name was changed after the stack was taken, or it is a text of the guest's */
        const char *at = strstr(s, "\n    at ");
        s = at ? at : strchr(s, '\n');
    }
    return s ? s : "";
}

/* Whether a line of the stack is `place` and nothing else. */
static bool is_place(const char *line, size_t len, const char *place) {
    static const char *const words[] = {"    at ", "    imported from "};
    size_t n = strlen(place);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t w = strlen(words[i]);
        if (len == w + n && strncmp(line, words[i], w) == 0 && strncmp(line + w, place, n) == 0) {
            return true;
        }
    }
    return false;
}

/* Frames of the code that calls the guest's, which the guest did not write and cannot look at. */
static bool is_glue(const char *line, size_t len) {
    const char *at = memmem(line, len, GLUE, strlen(GLUE));
    return at && at > line && (at[-1] == '(' || at[-1] == ' ');
}

/* Whether a line of the stack tells more than the place that was printed above. */
static bool is_telling(const char *line, size_t len, const char *place) {
    return len > 0 && !is_place(line, len, place) && !is_glue(line, len);
}

static void put_frames(cay_cli_text_t *t, const cay_error_info_t *e, const char *place) {
    const char *s = frames_of(e);
    for (int count = 0; *s == '\n'; count++) {
        s++;
        size_t len = strcspn(s, "\n");
        if (count >= MAX_FRAMES) {
            cay__cli_puts(t, "    ...\n");
            return;
        }
        if (is_telling(s, len, place)) {
            size_t spaces = strspn(s, " ");
            if (spaces > len) {
                spaces = len;
            }
            cay__cli_repeat(t, ' ', INDENT);
            cay__cli_put_shown(t, s + spaces, len - spaces, CAY_CLI_KEEP_NONE, 0);
            cay__cli_puts(t, "\n");
        }
        s += len;
    }
}

/* "FILE:LINE:COLUMN", as stacks have it. */
static void put_place(cay_cli_text_t *t, const cay_error_info_t *e) {
    if (e->file && *e->file && strcmp(e->file, "cay:glue") != 0) {
        cay__cli_puts(t, e->file);
        if (e->line) {
            cay__cli_putf(t, ":%u:%u", e->line, e->column);
        }
    }
}

/* ---- reports ---- */

/* What every report begins with. */
static void put_start(cay_cli_text_t *t, const cay_cli_report_t *r, const char *text) {
    cay__cli_put_red(t, r, true);
    cay__cli_puts(t, "error:");
    cay__cli_put_red(t, r, false);
    cay__cli_putf(t, " %s", text);
}

static void put_error(cay_cli_text_t *t, const cay_cli_report_t *r, const char *before,
                      const cay_error_info_t *e) {
    put_start(t, r, before);
    put_what(t, e, CAY_CLI_KEEP_LINES | CAY_CLI_KEEP_TABS, INDENT);
    cay__cli_puts(t, "\n");
    cay_cli_text_t place = {0};
    put_place(&place, e);
    cay__cli_put(&place, "", 1);
    if (!place.failed && *place.ptr) {
        cay__cli_puts(t, "  at ");
        cay__cli_puts_shown(t, place.ptr);
        cay__cli_puts(t, "\n");
    }
    cay__cli_put_snippet(t, e, r);
    put_frames(t, e, place.failed ? "" : place.ptr);
    cay__cli_text_free(&place);
}

static const char *uncaught(const cay_error_info_t *e) {
    return e->flags & CAY_ERROR_IN_PROMISE ? "Uncaught (in promise) " : "Uncaught ";
}

/* What stands before the error's own text, by the reason for which the worker ended. */
static const char *before_of(const cay_cli_report_t *r, cay_reason_t reason,
                             const cay_error_info_t *e) {
    /* What the library itself says of a module has a name and no stack; nothing was thrown. */
    bool is_thrown = r->is_online && (e->stack || !e->name);
    switch (reason) {
    case CAY_REASON_MAIN_MODULE: return is_thrown ? "Uncaught " : "";
    case CAY_REASON_UNCAUGHT: return uncaught(e);
    case CAY_REASON_START: return "the worker could not be started: ";
    case CAY_REASON_ENGINE: return "the engine cannot go on: ";
    default: return "";
    }
}

/* ---- ends by a limit ---- */

/* A default gives way to another limit, which then is the one to change. */
static uint32_t option_of(const cay_cli_report_t *r, cay_limit_t which) {
    static const cay_limit_t yields[][2] = {{CAY_LIMIT_HEAP, CAY_LIMIT_MEMORY},
                                            {CAY_LIMIT_TURN_CPU, CAY_LIMIT_CPU},
                                            {CAY_LIMIT_STARTUP, CAY_LIMIT_WALL}};
    const cay_limits_t *held = &r->limits->held;
    for (size_t i = 0; i < sizeof yields / sizeof yields[0]; i++) {
        if (yields[i][0] == which && !r->limits->typed[which] &&
            cay_limits_get(held, which) == cay_limits_get(held, yields[i][1])) {
            return yields[i][1];
        }
    }
    return which;
}

/* ": 64 MiB allowed (--max-memory)" */
static void put_allowed(cay_cli_text_t *t, const cay_cli_report_t *r, cay_limit_t which,
                        uint64_t value) {
    cay__cli_puts(t, ": ");
    cay__cli_put_limit_value(t, which, value);
    cay__cli_puts(t, " allowed (");
    cay__cli_put_limit_option(t, option_of(r, which));
    cay__cli_puts(t, ")");
}

static void put_limit(cay_cli_text_t *t, const cay_cli_report_t *r, const cay_event_limit_t *l) {
    if (l->which != CAY_LIMIT_NONE) {
        put_allowed(t, r, l->which, l->limit);
        cay__cli_puts(t, ", ");
        cay__cli_put_limit_value(t, l->which, l->used);
        cay__cli_puts(t, " used");
    }
}

/* The engine gives up on its own when what it needs at once is more than it was left. */
static void put_out_of_heap(cay_cli_text_t *t, const cay_cli_report_t *r) {
    put_start(t, r, "the script ran out of heap");
    put_allowed(t, r, CAY_LIMIT_HEAP, r->limits->held.heap);
}

/* One line, for an end with no error of the script's in it. */
static bool put_stopped(cay_cli_text_t *t, const cay_cli_report_t *r, const cay_event_end_t *end) {
    if (end->reason == CAY_REASON_LOST) {
        put_start(t, r, "the script could not be stopped, and its thread was given up");
        put_limit(t, r, &end->limit);
    } else if (cay__cli_is_limit(end->reason) && end->limit.which != CAY_LIMIT_NONE) {
        put_start(t, r, "the script was ended by its ");
        cay__cli_putf(t, "%s limit", cay_limit_name(end->limit.which));
        put_limit(t, r, &end->limit);
    } else if (end->reason == CAY_REASON_HEAP) {
        put_out_of_heap(t, r);
    } else {
        return false;
    }
    cay__cli_puts(t, "\n");
    return true;
}

/* The limit of a nested worker is not one that was typed. */
static void put_dropped(cay_cli_text_t *t, const cay_cli_report_t *r, const cay_usage_t *usage) {
    const char *typed = r->limits->typed[CAY_LIMIT_OUTPUT];
    if (usage->output_dropped == 0) {
        return;
    }
    cay__cli_puts(t, "cay: ");
    cay__cli_put_limit_value(t, CAY_LIMIT_OUTPUT, usage->output_dropped);
    cay__cli_puts(t, " of output were dropped (--max-output=");
    cay__cli_puts_shown(t, typed ? typed : "unlimited");
    cay__cli_puts(t, ")\n");
}

/* ---- events ---- */

static void put_end(cay_cli_text_t *t, const cay_cli_report_t *r, const cay_event_end_t *end) {
    if (put_stopped(t, r, end)) {
        return;
    }
    cay_error_info_t e = end->error;
    if (!e.message && !e.name) {
        e.message = cay_reason_name(end->reason);
    }
    put_error(t, r, before_of(r, end->reason, &e), &e);
}

void cay__cli_report_event(cay_cli_report_t *r, const cay_event_t *ev) {
    cay_cli_text_t t = {0};
    if (ev->type == CAY_EVENT_ONLINE) {
        r->is_online = true;
    } else if (r->is_quiet) {
        return;
    } else if (ev->type == CAY_EVENT_ERROR) {
        put_error(&t, r, uncaught(&ev->u.error.error), &ev->u.error.error);
    } else if (ev->type == CAY_EVENT_TERMINAL_ERROR) {
        put_end(&t, r, &ev->u.end);
    }
    if (cay_event_is_final(ev)) {
        put_dropped(&t, r, &ev->u.end.usage);
    }
    cay__cli_out_error(&t);
}
