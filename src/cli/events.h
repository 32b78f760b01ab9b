/* SPDX-License-Identifier: MIT */
/* Control events as lines of JSON. */
#ifndef CAY_CLI_EVENTS_H
#define CAY_CLI_EVENTS_H

#include <cay/event.h>

/** Writes one line for a control event; a message is none. */
void cay__cli_events_write(int fd, const char *worker, const cay_event_t *ev);

#endif
