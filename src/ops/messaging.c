/* SPDX-License-Identifier: MIT */
/* Ops of ports and children. HTML: "message ports", "dedicated workers"; structured clone with transfer. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "ops/grants.h"
#include "ops/ops.h"
#include "perm/authority.h"
#include "port/call.h"
#include "worker/agent.h"

static eng_isolate_t *isolate(eng_call_t *c) {
    return eng_call_isolate(c);
}

/* The port that a message to `r` goes into; NULL for one that is closed. */
static cay_port_t *target_of(cay_resource_t *r) {
    return !r ? NULL : r->kind == CAY_RESOURCE_CHILD ? cay_worker_port(r->child) : r->port;
}

/* A post on its way: what it needs is had before anything moves, so that from then on it cannot fail. */
typedef struct post {
    uint32_t rid;
    bool held; /* the transit of ports, from the check until they have moved */
    cay_port_t **ports;
    cay_message_t *message;
    cay_room_t room; /* in the receiver's queue */
} post_t;

/* Writes the ports to `out`, when that is not NULL. */
static int check_ports(cay_agent_t *a, const cay_port_t *target, const uint32_t *rids, size_t count,
                       cay_port_t **out, cay_error_t **err) {
    for (size_t i = 0; i < count; i++) {
        cay_resource_t *r = cay__resource_get(a, rids[i]);
        if (!r || r->kind != CAY_RESOURCE_PORT) {
            return cay__error_set(err, CAY_ECLONE,
                                  "A MessagePort in the transfer list is closed "
                                  "or was transferred already");
        }
        if (target && cay__port_same_channel(r->port, target)) {
            return cay__error_set(err, CAY_ECLONE,
                                  "A MessagePort cannot be transferred through its own channel");
        }
        if (cay__port_may_move(r->port)) {
            return cay__error_set(err, CAY_ECLONE,
                                  "A MessagePort with ports waiting in it cannot "
                                  "be transferred");
        }
        if (out) {
            out[i] = r->port;
        }
    }
    return 0;
}

static int reserve(post_t *p, size_t count, cay_error_t **err) {
    p->ports = count ? cay__calloc(count, sizeof *p->ports) : NULL;
    int rc = count && !p->ports ? CAY_ENOMEM : cay__message_shell(&p->message);
    return rc ? cay__error_set(err, rc, "out of memory for a message") : 0;
}

static void let_go(post_t *p) {
    if (p->held) {
        cay__transit_release();
        p->held = false;
    }
}

/* Asked by the engine once the value is written: may these ports move into that one? */
static int may_move(eng_host_t *a, const uint32_t *rids, size_t count, size_t bytes, void *ctx,
                    cay_error_t **err) {
    post_t *p = ctx;
    cay_port_t *target = target_of(cay__resource_get(a, p->rid));
    int rc = reserve(p, count, err);
    if (rc == 0 && count) {
        cay__transit_hold();
        p->held = true;
        rc = check_ports(a, target, rids, count, p->ports, err);
    }
    if (rc == 0 && target) {
        rc = cay__port_reserve(target, bytes, p->ports, count, &p->room, err);
    }
    if (rc) {
        let_go(p);
    }
    return rc;
}

/* For structuredClone, whose ports stay in the worker. */
static int may_remake(eng_host_t *a, const uint32_t *rids, size_t count, size_t bytes, void *ctx,
                      cay_error_t **err) {
    (void)bytes;
    (void)ctx;
    return check_ports(a, NULL, rids, count, NULL, err);
}

static eng_val_t rid_array(eng_call_t *c, const uint32_t *rids, size_t count) {
    eng_val_t *list = cay__calloc(count, sizeof *list);
    if (!list) {
        return eng_undefined(isolate(c));
    }
    for (size_t i = 0; i < count; i++) {
        list[i] = eng_number(isolate(c), rids[i]);
    }
    eng_val_t out = eng_array(isolate(c), list, count);
    cay__free(list);
    return out;
}

/* Takes the ports out of the agent's table into a cargo. The ports array has its memory already. */
static void take_ports(cay_agent_t *a, const eng_wire_t *w, cay_port_t **ports) {
    for (size_t i = 0; i < w->rid_count; i++) {
        ports[i] = cay__resource_take_port(cay__resource_get(a, w->rids[i]));
    }
}

/* What was written becomes a message and goes. A port that is closed, or whose worker is told to end,
 * swallows it (HTML: "if targetPort is null, then return"). */
static void send(cay_agent_t *a, post_t *p, eng_wire_t *w) {
    cay_message_t *m = cay_steal(&p->message);
    if (w->rid_count) {
        take_ports(a, w, p->ports);
    }
    cay_cargo_t cargo = {cay_steal(&p->ports), w->rid_count, w->blobs, w->blob_count};
    cay__message_fill(m, cay_steal(&w->bytes), w->len, &cargo);
    w->blobs = NULL;
    w->blob_count = 0;
    cay_port_t *target = target_of(cay__resource_get(a, p->rid));
    bool read = target && cay__port_send_reserved(target, m, &p->room);
    let_go(p);
    if (!read) {
        cay_message_free(m);
    }
    if (read) {
        cay__account_count(a->account, CAY_TALLY_MESSAGES_OUT);
    }
}

void cay__op_post(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    post_t p = {.rid = eng_to_u32(eng_arg(c, 0))};
    eng_wire_t w;
    if (eng_serialize(c, eng_arg(c, 1), eng_arg(c, 2), may_move, &p, &w)) {
        cay__free(p.ports);
        cay_message_free(p.message);
        return;
    }
    send(a, &p, &w);
    eng_val_t moved = rid_array(c, w.rids, w.rid_count);
    eng_wire_clear(&w);
    eng_ret(c, moved);
}

/* Ports that are cloned into the same worker get new numbers and new objects. */
static int remake_ports(cay_agent_t *a, const eng_wire_t *w, eng_val_t *out) {
    for (size_t i = 0; i < w->rid_count; i++) {
        cay_port_t *port = cay__resource_take_port(cay__resource_get(a, w->rids[i]));
        cay_resource_t *r = cay__resource_add_port(a, port);
        if (!r) {
            cay_port_close(port);
            return CAY_ENOMEM;
        }
        eng_val_t rid = eng_number(a->iso, r->rid);
        int rc = cay__task_call(a, ENG_DISPATCH_MAKE_PORT, &rid, 1, &out[i]);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

void cay__op_structuredClone(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    eng_wire_t w;
    if (eng_serialize(c, eng_arg(c, 0), eng_arg(c, 1), may_remake, NULL, &w)) {
        return;
    }
    eng_val_t *ports = cay__calloc(w.rid_count + 1, sizeof *ports);
    eng_val_t value = ENG_NONE;
    int rc = ports ? remake_ports(a, &w, ports) : CAY_ENOMEM;
    if (rc == 0) {
        rc = eng_deserialize(isolate(c), w.bytes, w.len, ports, w.rid_count, w.blobs, w.blob_count,
                             &value);
    }
    if (rc == 0) {
        eng_val_t pair[2] = {value, rid_array(c, w.rids, w.rid_count)};
        eng_ret(c, eng_array(isolate(c), pair, 2));
    } else if (rc != CAY_ETERMINATED) {
        eng_throw(c, CAY_ECLONE, "The value could not be cloned");
    }
    cay__free(ports);
    eng_wire_clear(&w);
}

void cay__op_hostObject(eng_call_t *c) {
    eng_ret(c, eng_host_object(isolate(c), eng_to_u32(eng_arg(c, 0)), eng_to_u32(eng_arg(c, 1))));
}

static void throw_no_port(eng_call_t *c, const cay_agent_t *a) {
    const cay_account_t *account = a->account;
    bool is_full = atomic_load(&account->tally[CAY_TALLY_PORTS]) >= account->limits.ports;
    eng_throw(c, is_full ? CAY_ELIMIT : CAY_ENOMEM,
              is_full ? "the worker has %llu ports, the limit of ports"
                      : "out of memory for a channel",
              (unsigned long long)account->limits.ports);
}

void cay__op_channel(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    cay_port_t *ends[2];
    int rc = cay_channel_new(&ends[0], &ends[1]);
    if (rc) {
        eng_throw(c, rc, "out of memory for a channel");
        return;
    }
    cay_resource_t *first = cay__resource_add_port(a, ends[0]);
    cay_resource_t *second = first ? cay__resource_add_port(a, ends[1]) : NULL;
    if (!second) {
        throw_no_port(c, a);
        cay_port_close(ends[1]);
        if (first) {
            cay__resource_close(first);
        } else {
            cay_port_close(ends[0]);
        }
        return;
    }
    eng_val_t rids[2] = {eng_number(isolate(c), first->rid), eng_number(isolate(c), second->rid)};
    eng_ret(c, eng_array(isolate(c), rids, 2));
}

void cay__op_startPort(eng_call_t *c) {
    cay_resource_t *r = cay__resource_get(eng_call_host(c), eng_to_u32(eng_arg(c, 0)));
    if (r && r->kind != CAY_RESOURCE_CHILD) {
        cay__resource_start(r);
    }
}

void cay__op_closePort(eng_call_t *c) {
    cay_resource_t *r = cay__resource_get(eng_call_host(c), eng_to_u32(eng_arg(c, 0)));
    if (r && r->kind == CAY_RESOURCE_PORT) {
        cay__resource_close(r);
    }
}

void cay__op_terminate(eng_call_t *c) {
    cay_resource_t *r = cay__resource_get(eng_call_host(c), eng_to_u32(eng_arg(c, 0)));
    if (r && r->kind == CAY_RESOURCE_CHILD) {
        cay_worker_terminate(r->child);
    }
}

/* ---- children ---- */

typedef struct birth {
    char *url;
    char *name;
    char *grants; /* text form; NULL: what the group says */
    uint32_t inherit;
    char *limits; /* text form; NULL: the defaults */
} birth_t;

/* What the child may do: never more than its parent may now. */
static int child_authority(cay_agent_t *a, const birth_t *b, const cay_worker_t *handle,
                           cay_authority_t **out, cay_error_t **err) {
    bool whole = !b->grants && a->group->child_permissions == CAY_CHILDREN_INHERIT;
    const char *grants = b->grants ? b->grants : "";
    CAY_AUTOFREE char *text = NULL;
    cay_permissions_t *set = NULL;
    int rc = whole ? 0 : cay__grants_absolute(grants, a->group->directory, &text, err);
    rc = rc ? rc : cay__authority_derive(a->authority, text, b->inherit, &set, err);
    if (rc) {
        return rc;
    }
    cay_authority_options_t o = {.parent = a->authority,
                                 .worker_id = cay_worker_id(handle),
                                 .worker_name = cay_worker_name(handle)};
    rc = cay__authority_new(&o, set, out);
    if (rc) {
        cay_permissions_free(set);
    }
    return rc;
}

/* Where code from http(s) runs, a worker is that code's unless a file's own code starts it. */
static bool is_of_remote(cay_agent_t *a) {
    if (!a->runs_remote) {
        return false;
    }
    CAY_AUTOFREE char *script = eng_guest_script(a->iso);
    return !script || strncmp(script, "file:", 5) != 0;
}

static int child_limits(cay_agent_t *a, const birth_t *b, cay_limits_t *out, cay_error_t **err) {
    cay_limits_t asked = CAY_LIMITS_INIT;
    int rc = b->limits ? cay__limits_read(&asked, b->limits, err) : 0;
    return rc ? rc : cay__limits_child(&a->account->limits, &asked, out, err);
}

static int make_child(cay_agent_t *a, const birth_t *b, cay_account_t *account,
                      cay_worker_t *handle, cay_inside_t *inside, cay_agent_t **out,
                      cay_error_t **err) {
    cay_authority_t *authority = NULL;
    int rc = child_authority(a, b, handle, &authority, err);
    if (rc) {
        return rc;
    }
    cay__worker_equip(handle, cay__authority_ref(authority), cay__authority_unref, NULL);
    cay__worker_set_account(handle, account);
    cay__worker_set_reader(handle, a->account);
    cay_agent_spec_t spec = {.url = b->url,
                             .uncaught = CAY_UNCAUGHT_REPORT,
                             .group = a->group,
                             .depth = a->depth + 1,
                             .account = account,
                             .authority = authority,
                             .creator = a->authority,
                             .of_remote = is_of_remote(a)};
    rc = cay__agent_new(a->env, &spec, inside, out, err);
    cay__authority_unref(&authority);
    return rc;
}

/* The handles of a child, and the child itself. */
static int bear(cay_agent_t *a, const birth_t *b, cay_account_t *account, cay_worker_t **handle,
                cay_agent_t **child, cay_error_t **err) {
    cay_handles_options_t o = CAY_HANDLES_OPTIONS_INIT;
    o.name = b->name;
    o.max_messages = account->limits.queue;
    o.max_bytes = account->limits.queue_bytes;
    cay_inside_t *inside;
    int rc = cay_handles_new(&o, handle, &inside);
    if (rc) {
        return cay__error_set(err, rc, "out of memory for a worker");
    }
    rc = make_child(a, b, account, *handle, inside, child, err);
    if (rc) {
        cay_inside_free(inside);
        cay_worker_free(*handle);
    }
    return rc;
}

static int spawn(cay_agent_t *a, const birth_t *b, cay_resource_t **out, cay_error_t **err) {
    uint64_t depth = a->account->limits.depth;
    if (a->depth + 1 > depth) {
        return cay__error_set(err, CAY_ELIMIT,
                              "workers can be nested %llu deep, the limit of depth",
                              (unsigned long long)depth);
    }
    cay_limits_t limits;
    int rc = child_limits(a, b, &limits, err);
    if (rc) {
        return rc;
    }
    cay_account_t *account = cay__account_new(a->account, &limits, err);
    if (!account) {
        return *err ? cay_error_code(*err) : CAY_ENOMEM;
    }
    cay_worker_t *handle;
    cay_agent_t *child = NULL;
    rc = bear(a, b, account, &handle, &child, err);
    if (rc) {
        cay__account_end(account);
        cay__account_unref(&account);
        return rc;
    }
    cay__account_unref(&account);
    *out = cay__resource_add_child(a, handle);
    cay__agent_start(child);
    if (!*out) {
        cay_worker_free(handle); /* which terminates it */
        return cay__error_set(err, CAY_ENOMEM, "out of memory for a worker");
    }
    return 0;
}

void cay__op_spawn(eng_call_t *c) {
    birth_t b = {
        .url = eng_to_text(isolate(c), eng_arg(c, 0), NULL),
        .name = eng_to_text(isolate(c), eng_arg(c, 1), NULL),
        .grants = eng_to_text(isolate(c), eng_arg(c, 2), NULL),
        .inherit = eng_to_u32(eng_arg(c, 3)),
        .limits = eng_to_text(isolate(c), eng_arg(c, 4), NULL),
    };
    cay_error_t *err = NULL;
    cay_resource_t *r = NULL;
    if (!b.url || !b.name) {
        eng_throw(c, CAY_EINVAL, "spawn: url and name are strings");
    } else {
        int rc = spawn(eng_call_host(c), &b, &r, &err);
        if (rc) {
            eng_throw(c, rc, "%s", err ? cay_error_message(err) : cay_error_text(rc));
        } else {
            eng_ret(c, eng_number(isolate(c), r->rid));
        }
    }
    cay_error_free(err);
    cay__free(b.url);
    cay__free(b.name);
    cay__free(b.grants);
    cay__free(b.limits);
}
