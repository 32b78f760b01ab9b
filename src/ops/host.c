/* SPDX-License-Identifier: MIT */
/* cay.host: calls of functions that the embedder bound to this worker (include/cay/host.h). */
#include "base/err.h"
#include "base/mem.h"
#include "ops/ops.h"
#include "port/call.h"
#include "worker/request.h"

typedef struct host_request {
    cay_request_t base;
    cay_call_t *call; /* once it is answered */
} host_request_t;

static host_request_t *of(cay_request_t *r) {
    return CAY_CONTAINER(r, host_request_t, base);
}

/* A rejection crosses as a value too: the glue makes the error of it. */
static eng_val_t rejection(cay_agent_t *a, const cay_call_t *call) {
    static const char *const keys[] = {"name", "message"};
    eng_val_t values[] = {
        eng_text(a->iso, call->error_name ? call->error_name : "Error"),
        eng_text(a->iso, call->error_message ? call->error_message : "the host rejected the call"),
    };
    return eng_object(a->iso, keys, values, CAY_COUNT(keys));
}

/* [ok, value] */
static int settle(cay_request_t *r, cay_agent_t *a, eng_val_t *out, cay_error_t **err) {
    cay_call_t *call = of(r)->call;
    eng_val_t pair[2] = {eng_bool(a->iso, call->rc == 0), eng_undefined(a->iso)};
    if (call->rc) {
        pair[1] = rejection(a, call);
    } else {
        cay_message_t *m = call->result;
        int rc = eng_deserialize(a->iso, m->bytes, m->len, NULL, 0, m->cargo.blobs,
                                 m->cargo.blob_count, &pair[1]);
        if (rc) {
            return cay__error_set(err, rc, "the host's answer cannot be read");
        }
    }
    *out = eng_array(a->iso, pair, 2);
    return 0;
}

static void request_free(cay_request_t *r) {
    cay__call_free(of(r)->call);
    cay__free(of(r));
}

static const cay_request_ops_t host_ops = {.settle = settle, .free = request_free};

static void answered(cay_call_t *call) {
    host_request_t *r = call->ctx;
    r->call = call;
    cay__request_done(&r->base, 0, NULL);
}

/* Ports stay where they are: an argument is a copy. */
static int refuse_ports(eng_host_t *a, const uint32_t *rids, size_t count, size_t bytes, void *ctx,
                        cay_error_t **err) {
    (void)a;
    (void)rids;
    (void)bytes;
    (void)ctx;
    return count ? cay__error_set(err, CAY_ECLONE, "a port cannot be given to the host") : 0;
}

static int make_call(cay_agent_t *a, const char *name, eng_wire_t *w, cay_call_t **out) {
    cay_message_t *m = NULL;
    int rc = cay__message_new(w->bytes, w->len, NULL, &m);
    if (rc) {
        return rc;
    }
    w->bytes = NULL;
    rc = cay__call_new(name, cay__inside_id(a->inside), m, out);
    if (rc) {
        cay_message_free(m);
    }
    return rc;
}

static int start(cay_agent_t *a, uint32_t id, cay_call_t *call, cay_error_t **err) {
    host_request_t *r = CAY_NEW(host_request_t);
    if (!r) {
        return CAY_ENOMEM;
    }
    r->base.ops = &host_ops;
    r->base.may_outlive = true; /* the host may never answer */
    r->base.bytes = call->argument->len;
    int rc = cay__request_begin(a, &r->base, id, NULL, NULL, err);
    if (rc) {
        cay__free(r);
        return rc;
    }
    call->answered = answered;
    call->ctx = r;
    rc = a->functions ? cay__functions_call(a->functions, call) : CAY_ENOTFOUND;
    if (rc) { /* nobody has it: this is how it ends */
        cay__call_free(call);
        cay__request_done(&r->base, rc, NULL);
    }
    return 0;
}

void cay__op_hostCall(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    eng_isolate_t *iso = eng_call_isolate(c);
    CAY_AUTOFREE char *name = eng_to_text(iso, eng_arg(c, 1), NULL);
    eng_wire_t w;
    if (eng_serialize(c, eng_arg(c, 2), eng_undefined(iso), refuse_ports, NULL, &w)) {
        return;
    }
    cay_error_t *err = NULL;
    cay_call_t *call = NULL;
    int rc = name ? make_call(a, name, &w, &call) : CAY_EINVAL;
    eng_wire_clear(&w);
    if (rc == 0 && (rc = start(a, eng_to_u32(eng_arg(c, 0)), call, &err))) {
        cay__call_free(call);
    }
    if (rc) {
        eng_throw(c, rc, "%s", err ? cay_error_message(err) : cay_error_text(rc));
    }
    cay_error_free(err);
}
