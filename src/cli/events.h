/* SPDX-License-Identifier: MIT */
/* Control events as lines of JSON. */
#ifndef CAY_CLI_EVENTS_H
#define CAY_CLI_EVENTS_H

#include <cay/event.h>

#include "text.h"

/** Writes one line for a control event; a message is none. */
void cay__cli_events_write(int fd, const char *worker, const cay_event_t *ev);
/** Puts what a worker used as a JSON object. */
void cay__cli_put_usage_json(cay_cli_text_t *t, const cay_usage_t *usage);

#endif
