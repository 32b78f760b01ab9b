/* SPDX-License-Identifier: MIT */
#include "worker/deliver.h"

#include "base/mem.h"
#include "worker/inbox.h"
#include "worker/report.h"

/* Messages of one port in a row before others get their turn. */
#define BATCH 64

/* The ports of a message become resources and MessagePort objects, in order. Ports that get neither are
 * closed with the message. The number made, or -1 when one failed. */
static int make_ports(cay_agent_t *a, cay_message_t *m, eng_val_t *out) {
    for (size_t i = 0; i < m->cargo.port_count; i++) {
        cay_resource_t *r = cay__resource_add_port(a, m->cargo.ports[i]);
        if (!r) {
            return -1;
        }
        m->cargo.ports[i] = NULL;
        eng_val_t rid = eng_number(a->iso, r->rid);
        if (cay__task_call(a, ENG_DISPATCH_MAKE_PORT, &rid, 1, &out[i])) {
            return -1;
        }
    }
    return (int)m->cargo.port_count;
}

static void deliver(cay_agent_t *a, uint32_t rid, cay_message_t *m) {
    size_t count = m->cargo.port_count;
    eng_val_t few[8];
    eng_val_t *ports = count <= CAY_COUNT(few) ? few : cay__calloc(count, sizeof *ports);
    eng_val_t value = eng_undefined(a->iso);
    bool bad = !ports || make_ports(a, m, ports) < 0;
    if (!bad) {
        int rc = eng_deserialize(a->iso, m->bytes, m->len, ports, count, m->cargo.blobs,
                                 m->cargo.blob_count, &value);
        bad = rc != 0;
    }
    eng_val_t args[4] = {eng_number(a->iso, rid), value, eng_array(a->iso, ports, bad ? 0 : count),
                         eng_bool(a->iso, bad)};
    if (ports != few) {
        cay__free(ports);
    }
    cay_message_free(m);
    cay__account_count(a->account, CAY_TALLY_MESSAGES_IN);
    cay__task_call(a, ENG_DISPATCH_MESSAGE, args, 4, NULL);
}

/* Whether the resource had ended while its note was in the inbox. */
static bool bury(cay_resource_t *r) {
    bool dead = r->dead;
    if (dead && !atomic_load(&r->note.queued)) {
        cay__free(r);
    }
    return dead;
}

void cay__deliver_drop(cay_note_t *n) {
    if (n->run == cay__child_note_run || n->run == cay__port_note_run) {
        bury((cay_resource_t *)n);
    }
}

static void tell_closed(cay_agent_t *a, cay_resource_t *r) {
    uint32_t rid = r->rid;
    if (r->kind == CAY_RESOURCE_MAIN) {
        return; /* the creator's end goes only with a terminate */
    }
    cay__resource_close(r);
    cay__task_begin(a);
    eng_val_t arg = eng_number(a->iso, rid);
    cay__task_call(a, ENG_DISPATCH_CLOSED, &arg, 1, NULL);
    cay__task_end(a);
}

static void tell_drained(cay_agent_t *a, uint32_t rid) {
    cay__task_begin(a);
    eng_val_t arg = eng_number(a->iso, rid);
    cay__task_call(a, ENG_DISPATCH_DRAIN, &arg, 1, NULL);
    cay__task_end(a);
}

void cay__port_note_run(cay_agent_t *a, cay_note_t *n) {
    cay_resource_t *r = (cay_resource_t *)n;
    if (bury(r)) {
        return;
    }
    uint32_t rid = r->rid;
    if (atomic_exchange(&r->drained, false)) {
        tell_drained(a, rid);
        if (!cay__agent_may_run(a) || cay__resource_get(a, rid) != r) {
            return;
        }
    }
    for (int i = 0; i < BATCH && r->started; i++) {
        cay_message_t *m;
        int rc = cay__port_take(r->port, &m);
        if (rc == CAY_ECLOSED) {
            tell_closed(a, r);
            return;
        }
        if (rc) {
            return;
        }
        cay__task_begin(a);
        deliver(a, rid, m);
        cay__task_end(a);
        /* The guest may have closed the port, or moved it on. */
        if (!cay__agent_may_run(a) || cay__resource_get(a, rid) != r) {
            return;
        }
        if (cay__sched_should_yield(&a->actor)) {
            break;
        }
    }
    if (r->started) { /* or it is told anew once it is */
        cay__inbox_again(a, n);
    }
}

/* ---- children ---- */

static bool call_child(cay_agent_t *a, uint32_t rid, const char *kind, eng_val_t info) {
    eng_val_t args[3] = {eng_number(a->iso, rid), eng_text(a->iso, kind), info};
    eng_val_t prevented = ENG_NONE;
    return cay__task_call(a, ENG_DISPATCH_CHILD, args, 3, &prevented) != 0 ||
           eng_to_bool(a->iso, prevented);
}

/* An error of a child that nobody there or here prevented is one of ours (HTML: "repeating the entire
 * runtime script error reporting process one level up"). */
static void rise(cay_agent_t *a, const cay_error_info_t *e) {
    eng_fault_t fault;
    cay__fault_copy(&fault, e);
    cay__agent_report_fault(a, &fault);
}

static eng_val_t end_object(cay_agent_t *a, const cay_event_end_t *end) {
    static const char *const usage_keys[] = {"cpuMs", "wallMs", "peakHeap", "messagesIn",
                                             "messagesOut"};
    eng_val_t usage[] = {
        eng_number(a->iso, (double)(end->usage.cpu_ns / 1000000)),
        eng_number(a->iso, (double)(end->usage.wall_ns / 1000000)),
        eng_number(a->iso, (double)end->usage.peak_heap),
        eng_number(a->iso, (double)end->usage.messages_in),
        eng_number(a->iso, (double)end->usage.messages_out),
    };
    static const char *const keys[] = {"reason", "exitCode", "usage", "error"};
    eng_val_t values[] = {
        eng_text(a->iso, cay_reason_name(end->reason)),
        eng_number(a->iso, end->exit_code),
        eng_object(a->iso, usage_keys, usage, CAY_COUNT(usage_keys)),
        end->error.message ? cay__agent_error_object(a, &end->error) : eng_null(a->iso),
    };
    return eng_object(a->iso, keys, values, CAY_COUNT(keys));
}

static eng_val_t limit_object(cay_agent_t *a, const cay_event_limit_t *l) {
    static const char *const keys[] = {"limit", "max", "used", "over"};
    eng_val_t values[] = {
        eng_text(a->iso, l->which < CAY_LIMIT_COUNT ? cay__limit_infos[l->which].member : ""),
        eng_number(a->iso, (double)l->limit),
        eng_number(a->iso, (double)l->used),
        eng_bool(a->iso, l->is_over),
    };
    return eng_object(a->iso, keys, values, CAY_COUNT(keys));
}

static void child_event(cay_agent_t *a, uint32_t rid, cay_event_t *ev) {
    cay__task_begin(a);
    if (ev->type == CAY_EVENT_MESSAGE) {
        deliver(a, rid, cay_event_take_message(ev));
    } else if (ev->type == CAY_EVENT_ERROR) {
        eng_val_t info = cay__agent_error_object(a, &ev->u.error.error);
        if (!call_child(a, rid, "error", info)) {
            rise(a, &ev->u.error.error);
        }
    } else if (ev->type == CAY_EVENT_LIMIT) {
        call_child(a, rid, "limit", limit_object(a, &ev->u.limit));
    } else if (ev->type == CAY_EVENT_DRAIN) {
        call_child(a, rid, "drain", eng_undefined(a->iso));
    } else if (cay_event_is_final(ev)) {
        bool prevented = call_child(a, rid, "close", end_object(a, &ev->u.end));
        if (!prevented && ev->u.end.error.message) {
            rise(a, &ev->u.end.error);
        }
    }
    cay__task_end(a);
}

void cay__child_note_run(cay_agent_t *a, cay_note_t *n) {
    cay_resource_t *r = (cay_resource_t *)n;
    if (bury(r)) {
        return;
    }
    uint32_t rid = r->rid;
    for (int i = 0; i < BATCH; i++) {
        cay_event_t *ev;
        int rc = cay__worker_take(r->child, &ev);
        if (rc == CAY_ENOMEM) {
            break; /* the event still waits */
        }
        if (rc) {
            return;
        }
        bool last = cay_event_is_final(ev);
        if (last) {
            cay__resource_close(r);
        }
        if (a->entered && cay__agent_may_run(a)) {
            child_event(a, rid, ev);
        }
        cay_event_free(ev);
        if (last) {
            return;
        }
        if (a->entered && (!cay__agent_may_run(a) || cay__sched_should_yield(&a->actor))) {
            break; /* ending: cay__end_step takes the rest */
        }
    }
    cay__inbox_again(a, n);
}
