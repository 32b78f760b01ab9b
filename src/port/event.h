/* SPDX-License-Identifier: MIT */
/* Events with the memory around them: what the public cay_event_t is a part of. */
#ifndef CAY_PORT_EVENT_H
#define CAY_PORT_EVENT_H

#include "port/port.h"

/* Longest copy of one text of an event; longer ones are cut before a code point. */
#define CAY_EVENT_TEXT_MAX (64u << 10)

typedef struct cay_event_box {
    cay_item_t item;   /* in the stream */
    cay_link_t events; /* in cay_control_t.events while in the stream */
    cay_event_t ev;
    char texts[];
} cay_event_box_t;

/* An empty box. NULL when out of memory. */
CAY_NODISCARD CAY_OWN cay_event_box_t *cay__event_box_new(void);
/* Fills the box with a copy of the event, without its texts. */
void cay__event_box_set(cay_event_box_t *box, const cay_event_t *ev);
/* A copy of the event, texts and all, in one block. NULL when out of memory. */
CAY_NODISCARD CAY_OWN cay_event_box_t *cay__event_box_copy(const cay_event_t *ev);
static inline bool cay__event_type_final(cay_event_type_t type) {
    return type == CAY_EVENT_TERMINAL_ERROR || type == CAY_EVENT_CLOSE;
}

#endif
