/* SPDX-License-Identifier: MIT */
/* What a guest holds by number: its ports and its children. JavaScript never sees an address; a number is
 * never used twice in one worker, so a stale one finds nothing. */
#include "base/mem.h"
#include "worker/agent.h"
#include "worker/deliver.h"

static void on_ready(void *ctx) {
    cay_resource_t *r = ctx;
    cay__note_push(r->agent, &r->note);
}

/* A post through it was refused, and there is room again. */
static void on_drained(void *ctx) {
    cay_resource_t *r = ctx;
    atomic_store(&r->drained, true);
    cay__note_push(r->agent, &r->note);
}

static const cay_sink_ops_t sink_ops = {on_ready, on_drained};

cay_resource_t *cay__resource_get(cay_agent_t *a, uint32_t rid) {
    return rid == 0 ? &a->main : cay__map_get(&a->resources, (const char *)&rid, sizeof rid);
}

static cay_resource_t *add(cay_agent_t *a, cay_resource_kind_t kind) {
    cay_resource_t *r = CAY_NEW(cay_resource_t);
    if (!r) {
        return NULL;
    }
    r->agent = a;
    r->kind = kind;
    r->rid = ++a->last_rid;
    r->note.run = kind == CAY_RESOURCE_CHILD ? cay__child_note_run : cay__port_note_run;
    if (cay__map_put(&a->resources, (const char *)&r->rid, sizeof r->rid, r)) {
        cay__free(r);
        return NULL;
    }
    return r;
}

cay_resource_t *cay__resource_add_port(cay_agent_t *a, cay_port_t *port) {
    if (!cay__account_take(a->account, CAY_TALLY_PORTS, CAY_LIMIT_PORTS)) {
        return NULL;
    }
    cay_resource_t *r = add(a, CAY_RESOURCE_PORT);
    if (r) {
        r->port = port;
        cay__port_set_account(port, a->account);
        cay__port_set_sink(port, &sink_ops, r); /* messages wait until it is started */
    } else {
        cay__account_give(a->account, CAY_TALLY_PORTS);
    }
    return r;
}

cay_resource_t *cay__resource_add_child(cay_agent_t *a, cay_worker_t *child) {
    cay_resource_t *r = add(a, CAY_RESOURCE_CHILD);
    if (r) {
        r->child = child;
        r->started = true;
        a->children++;
        cay__worker_set_sink(child, &sink_ops, r);
    }
    return r;
}

cay_resource_t *cay__resource_add_object(cay_agent_t *a, const cay_object_ops_t *ops,
                                         void *object) {
    cay_resource_t *r = a->objects < CAY_MAX_OBJECTS ? add(a, CAY_RESOURCE_OBJECT) : NULL;
    if (r) {
        r->object = object;
        r->object_ops = ops;
        r->started = true; /* it has no queue */
        a->objects++;
    }
    return r;
}

void *cay__resource_object(cay_agent_t *a, uint32_t rid, const cay_object_ops_t *ops) {
    cay_resource_t *r = cay__resource_get(a, rid);
    return r && r->kind == CAY_RESOURCE_OBJECT && r->object_ops == ops ? r->object : NULL;
}

void cay__resource_start(cay_resource_t *r) {
    if (r->started) {
        return;
    }
    r->started = true;
    cay__port_set_sink(r->port, &sink_ops, r);
}

/* Out of the table. The memory waits until its note has left the inbox. */
static void retire(cay_resource_t *r) {
    cay_agent_t *a = r->agent;
    cay__map_remove(&a->resources, (const char *)&r->rid, sizeof r->rid);
    r->dead = true;
    if (!atomic_load(&r->note.queued)) {
        cay__free(r);
    }
}

cay_port_t *cay__resource_take_port(cay_resource_t *r) {
    cay_port_t *port = r->port;
    cay__port_set_sink(port, NULL, NULL);
    cay__account_give(r->agent->account, CAY_TALLY_PORTS);
    r->port = NULL;
    retire(r);
    return port;
}

void cay__resource_close(cay_resource_t *r) {
    if (r->kind == CAY_RESOURCE_CHILD) {
        cay__worker_set_sink(r->child, NULL, NULL);
        cay_worker_free(r->child);
        r->child = NULL;
        r->agent->children--;
        retire(r);
    } else if (r->kind == CAY_RESOURCE_PORT) {
        cay_port_close(cay__resource_take_port(r));
    } else if (r->kind == CAY_RESOURCE_OBJECT) {
        r->agent->objects--;
        r->object_ops->close(r->object);
        retire(r);
    }
}

void cay__resources_end_children(cay_agent_t *a) {
    size_t at = 0;
    for (const cay_map_entry_t *e; (e = cay__map_next(&a->resources, &at));) {
        cay_resource_t *r = e->value;
        if (r->kind == CAY_RESOURCE_CHILD) {
            cay__worker_terminate_as(r->child, CAY_REASON_PARENT_GONE);
        }
    }
}

void cay__resources_close_objects(cay_agent_t *a) {
    size_t at = 0;
    for (const cay_map_entry_t *e; (e = cay__map_next(&a->resources, &at));) {
        cay_resource_t *r = e->value;
        if (r->kind == CAY_RESOURCE_OBJECT) {
            cay__resource_close(r);
        }
    }
}

void cay__resource_bind_main(cay_agent_t *a) {
    a->main.note.run = cay__port_note_run;
    cay__port_set_sink(a->main.port, &sink_ops, &a->main);
}

void cay__resources_free(cay_agent_t *a) {
    cay__port_set_sink(a->main.port, NULL, NULL);
    size_t at = 0;
    for (const cay_map_entry_t *e; (e = cay__map_next(&a->resources, &at));) {
        cay__resource_close(e->value);
    }
}
