/* SPDX-License-Identifier: MIT */
/* Messages, and freeing whole trees of them.
 *
 * A message may carry a port whose queue holds messages that carry ports, and so on as deep as a guest
 * likes. Freeing turns that into a flat list: closing a port puts what waited in it at the list's end. A
 * message in a queue is never decoded (see cay_port_forward), so no document hides ports from the list. */
#include "base/mem.h"
#include "port/channel.h"
#include "port/event.h"

static uint64_t cargo_cost(const cay_cargo_t *cargo) {
    uint64_t cost = cargo->port_count * CAY_PORT_COST;
    for (size_t i = 0; i < cargo->blob_count; i++) {
        cost += cargo->blobs[i].len;
    }
    return cost;
}

int cay__message_shell(cay_message_t **out) {
    cay_message_t *m = CAY_NEW(cay_message_t);
    if (!m) {
        return CAY_ENOMEM;
    }
    cay__list_init(&m->item.link);
    m->item.type = CAY_EVENT_MESSAGE;
    *out = m;
    return 0;
}

void cay__message_fill(cay_message_t *m, uint8_t *bytes, size_t len, cay_cargo_t *cargo) {
    m->item.cost = len;
    m->bytes = bytes;
    m->len = len;
    if (cargo) {
        m->item.ports = (uint32_t)cargo->port_count;
        m->item.cost += cargo_cost(cargo);
        m->cargo = *cargo;
        *cargo = (cay_cargo_t){NULL, 0, NULL, 0};
    }
}

int cay__message_new(uint8_t *bytes, size_t len, cay_cargo_t *cargo, cay_message_t **out) {
    int rc = cay__message_shell(out);
    if (rc == 0) {
        cay__message_fill(*out, bytes, len, cargo);
    }
    return rc;
}

/* Frees one message; ports that it carries are closed, and what waits in those goes to `doomed`. */
static void message_free_into(cay_message_t *m, cay_link_t *doomed) {
    for (size_t i = 0; i < m->cargo.port_count; i++) {
        if (m->cargo.ports[i]) {
            cay__port_close_into(m->cargo.ports[i], doomed);
        }
    }
    for (size_t i = 0; i < m->cargo.blob_count; i++) {
        cay__blob_drop(&m->cargo.blobs[i]);
    }
    if (m->doc) {
        cay_doc_free(m->doc);
    }
    cay__free(m->cargo.ports);
    cay__free(m->cargo.blobs);
    cay__free(m->bytes);
    cay__free(m);
}

void cay__items_free(cay_link_t *doomed) {
    for (cay_link_t *l; (l = cay__list_shift(doomed));) {
        cay_item_t *item = CAY_CONTAINER(l, cay_item_t, link);
        if (item->type == CAY_EVENT_MESSAGE) {
            message_free_into(CAY_CONTAINER(item, cay_message_t, item), doomed);
        } else {
            cay__free(CAY_CONTAINER(item, cay_event_box_t, item));
        }
    }
}

void cay_message_free(cay_message_t *message) {
    if (message) {
        cay_link_t doomed;
        cay__list_init(&doomed);
        message_free_into(message, &doomed);
        cay__items_free(&doomed);
    }
}
