/* SPDX-License-Identifier: MIT */
/* Events: copies with their texts in one block, and the words for types and reasons. */
#include "port/event.h"

#include <string.h>

#include "base/mem.h"

#define TEXTS 5

cay_event_box_t *cay__event_box_new(void) {
    cay_event_box_t *box = CAY_NEW(cay_event_box_t);
    if (box) {
        cay__list_init(&box->item.link);
        cay__list_init(&box->events);
    }
    return box;
}

static cay_error_info_t *error_of(cay_event_t *ev) {
    switch (ev->type) {
    case CAY_EVENT_ERROR: return &ev->u.error.error;
    case CAY_EVENT_TERMINAL_ERROR:
    case CAY_EVENT_CLOSE: return &ev->u.end.error;
    default: return NULL;
    }
}

static void texts_of(cay_error_info_t *e, const char **out[TEXTS]) {
    out[0] = &e->name;
    out[1] = &e->message;
    out[2] = &e->stack;
    out[3] = &e->file;
    out[4] = &e->source_line;
}

/* Bytes of the text to copy, the NUL not counted. */
static size_t text_len(const char *s) {
    size_t len = strnlen(s, CAY_EVENT_TEXT_MAX + 1);
    if (len > CAY_EVENT_TEXT_MAX) {
        len = CAY_EVENT_TEXT_MAX;
        while (len > CAY_EVENT_TEXT_MAX - 4 && ((unsigned char)s[len] & 0xC0) == 0x80) {
            len--;
        }
    }
    return len;
}

/* The caller's struct may be an older, shorter one: what it lacks reads as zero. A limit that nobody filled in is none:
 * no limit of zero is ever reached. */
static cay_event_t event_read(const cay_event_t *ev) {
    cay_event_t copy;
    memset(&copy, 0, sizeof copy);
    memcpy(&copy, ev, ev->size && ev->size < sizeof copy ? ev->size : sizeof copy);
    copy.type = ev->type;
    copy.size = sizeof copy;
    if (cay__event_type_final(ev->type) && !copy.u.end.limit.is_over && !copy.u.end.limit.limit) {
        copy.u.end.limit.which = CAY_LIMIT_NONE;
    }
    return copy;
}

/* What of the event's arms its type does not use is cleared, so that no stray pointer is kept. */
static void event_trim(cay_event_t *ev) {
    size_t used = ev->type == CAY_EVENT_ERROR       ? sizeof ev->u.error
                  : ev->type == CAY_EVENT_LIMIT     ? sizeof ev->u.limit
                  : cay__event_type_final(ev->type) ? sizeof ev->u.end
                                                    : 0;
    memset((char *)&ev->u + used, 0, sizeof ev->u - used);
}

void cay__event_box_set(cay_event_box_t *box, const cay_event_t *ev) {
    box->ev = event_read(ev);
    event_trim(&box->ev);
    cay_error_info_t *e = error_of(&box->ev);
    if (e) {
        const char **texts[TEXTS];
        texts_of(e, texts);
        for (int i = 0; i < TEXTS; i++) {
            *texts[i] = NULL;
        }
    }
    box->item.type = box->ev.type;
    box->item.cost = sizeof *box;
}

cay_event_box_t *cay__event_box_copy(const cay_event_t *ev) {
    cay_event_t from = event_read(ev);
    cay_error_info_t *e = error_of(&from);
    const char **src[TEXTS], **dst[TEXTS];
    size_t len[TEXTS], total = 0;
    for (int i = 0; e && i < TEXTS; i++) {
        texts_of(e, src);
        len[i] = *src[i] ? text_len(*src[i]) : 0;
        total += *src[i] ? len[i] + 1 : 0;
    }
    cay_event_box_t *box = cay__calloc(1, sizeof *box + total);
    if (!box) {
        return NULL;
    }
    cay__list_init(&box->item.link);
    cay__list_init(&box->events);
    cay__event_box_set(box, ev);
    box->item.cost += total;
    char *pos = box->texts;
    for (int i = 0; e && i < TEXTS; i++) {
        texts_of(error_of(&box->ev), dst);
        if (*src[i]) {
            memcpy(pos, *src[i], len[i]); /* the NUL is there from calloc */
            *dst[i] = pos;
            pos += len[i] + 1;
        }
    }
    return box;
}

bool cay_event_is_final(const cay_event_t *ev) {
    return ev && cay__event_type_final(ev->type);
}

cay_message_t *cay_event_take_message(cay_event_t *ev) {
    if (!ev || ev->type != CAY_EVENT_MESSAGE) {
        return NULL;
    }
    return cay_steal(&ev->u.message.message);
}

void cay_event_free(cay_event_t *ev) {
    if (ev) {
        cay_message_free(cay_event_take_message(ev));
        cay__free(CAY_CONTAINER(ev, cay_event_box_t, ev));
    }
}

const char *cay_event_type_name(cay_event_type_t type) {
    switch (type) {
    case CAY_EVENT_ONLINE: return "online";
    case CAY_EVENT_MESSAGE: return "message";
    case CAY_EVENT_ERROR: return "error";
    case CAY_EVENT_LIMIT: return "limit";
    case CAY_EVENT_OVERDUE: return "overdue";
    case CAY_EVENT_TERMINAL_ERROR: return "terminal error";
    case CAY_EVENT_CLOSE: return "close";
    case CAY_EVENT_DRAIN: return "drain";
    default: return "unknown";
    }
}

const char *cay_reason_name(cay_reason_t reason) {
    switch (reason) {
    case CAY_REASON_NONE: return "none";
    case CAY_REASON_CLOSED: return "closed";
    case CAY_REASON_TERMINATED: return "terminated";
    case CAY_REASON_PARENT_GONE: return "parent gone";
    case CAY_REASON_MAIN_MODULE: return "main module failed";
    case CAY_REASON_UNCAUGHT: return "uncaught error";
    case CAY_REASON_HEAP: return "out of heap";
    case CAY_REASON_SHUTDOWN: return "shut down";
    case CAY_REASON_START: return "could not start";
    case CAY_REASON_LOST: return "lost";
    case CAY_REASON_ENGINE: return "engine failed";
    case CAY_REASON_MEMORY: return "memory limit";
    case CAY_REASON_CPU: return "cpu limit";
    case CAY_REASON_TURN_CPU: return "turn cpu limit";
    case CAY_REASON_WALL: return "wall limit";
    case CAY_REASON_IDLE: return "idle limit";
    case CAY_REASON_STARTUP: return "startup limit";
    default: return "unknown";
    }
}
