/* SPDX-License-Identifier: MIT */
/* Errors of the guest as a person reads them on standard error. */
#ifndef CAY_CLI_REPORT_H
#define CAY_CLI_REPORT_H

#include <cay/event.h>

#include "limits.h"
#include "text.h"

typedef struct cay_cli_report {
    bool is_quiet;
    bool is_colored;
    bool is_online;   /* the main module was about to be evaluated: what it throws is uncaught */
    unsigned columns; /* width of a source line */
    const cay_cli_limits_t *limits;
} cay_cli_report_t;

/** Sets colours and width for standard error. `color` is a cay_cli_color_t; `limits` are borrowed. */
void cay__cli_report_init(cay_cli_report_t *r, int color, const cay_cli_limits_t *limits);
/** Prints what an ERROR or TERMINAL_ERROR event tells, and at the end what was dropped of the output; other
 *  events are silent. */
void cay__cli_report_event(cay_cli_report_t *r, const cay_event_t *ev);

/** Puts the source line of an error and carets below what it marks, each line after four spaces. Puts
 *  nothing when the line is not known. */
void cay__cli_put_snippet(cay_cli_text_t *t, const cay_error_info_t *e, const cay_cli_report_t *r);

/** Switches to red and back; nothing without colours. */
void cay__cli_put_red(cay_cli_text_t *t, const cay_cli_report_t *r, bool on);

#endif
