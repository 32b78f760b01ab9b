/* SPDX-License-Identifier: MIT */
/* A driver for the engine, as its tests need it: a glue of a few lines, ops, a counter of memory. Included by each test
 * program, of which each uses some. */
#ifndef CAY_TESTS_ENGINE_HOST_H
#define CAY_TESTS_ENGINE_HOST_H

#pragma GCC diagnostic ignored "-Wunused-function"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "os/thread.h"

/* ---- a driver ---- */

/* Whoever counts in these tests. */
typedef struct meter {
    int refs;
    eng_memory_t now; /* as last told */
    size_t most;      /* of heap, buffers and wasm; 0 = any amount */
    size_t soft;
} meter_t;

static void meter_ref(void *ctx) {
    ((meter_t *)ctx)->refs++;
}

static void meter_unref(void *ctx) {
    ((meter_t *)ctx)->refs--;
}

static size_t meter_sum(const eng_memory_t *m) {
    return m->heap + m->buffers + m->wasm + m->native;
}

static int meter_memory(void *ctx, const eng_memory_t *now) {
    meter_t *m = ctx;
    m->now = *now;
    return (m->most && meter_sum(now) > m->most ? ENG_MEMORY_OVER : 0) |
           (m->soft && meter_sum(now) > m->soft ? ENG_MEMORY_SOFT : 0);
}

static bool meter_fits(void *ctx, const eng_memory_t *now, size_t more) {
    meter_t *m = ctx;
    return !m->most || meter_sum(now) + more <= m->most;
}

static const eng_meter_ops_t meter_ops = {meter_ref, meter_unref, meter_memory, meter_fits};

struct eng_host {
    eng_isolate_t *iso;
    eng_module_t *dep;  /* what every specifier resolves to */
    eng_ref_t *promise; /* of the last import() */
    char *imported;     /* its specifier */
    _Atomic unsigned posted;
    eng_wire_t wire;
    uint32_t moved;
    int deny;
    unsigned interrupts;
    cay_mutex_t lock;
    cay_cond_t cond;
    bool running;
    bool no_eval, no_wasm; /* taken away since */
    unsigned softs, overs;
    meter_t *meter; /* NULL = nothing is counted */
};

static const char glue[] =
    "(function (ops) { return function boot(config) {"
    "  globalThis.ops = ops; globalThis.config = config;"
    "  const port = (rid) => ops.hostObject(1, rid);"
    "  return [(a, b) => globalThis.onCall(a, b), () => {}, () => { for (;;) {} },"
    "          () => {}, () => {}, (list) => { globalThis.rejected = list.length; }, port,"
    "          (id, ok, value) => { globalThis.settled = [id, ok, value]; }, () => {}, () => {}]; "
    "} })";

static void op_host_object(eng_call_t *c) {
    eng_ret(c, eng_host_object(eng_call_isolate(c), eng_to_u32(eng_arg(c, 0)),
                               eng_to_u32(eng_arg(c, 1))));
}

static int may_move(eng_host_t *h, const uint32_t *rids, size_t count, size_t bytes, void *ctx,
                    cay_error_t **err) {
    (void)rids;
    (void)bytes;
    (void)ctx;
    h->moved = (uint32_t)count;
    return h->deny ? cay__error_set(err, h->deny, "denied by the driver") : 0;
}

static void op_send(eng_call_t *c) {
    eng_host_t *h = eng_call_host(c);
    eng_wire_clear(&h->wire);
    if (eng_serialize(c, eng_arg(c, 0), eng_arg(c, 1), may_move, NULL, &h->wire) == 0) {
        eng_ret(c, eng_bool(eng_call_isolate(c), true));
    }
}

static void op_running(eng_call_t *c) {
    eng_host_t *h = eng_call_host(c);
    cay__mutex_lock(&h->lock);
    h->running = true;
    cay__cond_signal(&h->cond);
    cay__mutex_unlock(&h->lock);
}

static void op_fail(eng_call_t *c) {
    eng_throw(c, CAY_EPERM, "no: %d", 7);
}

/* What the engine makes of a value as bytes: a copy of them, after a write of 9 into the first. */
static void op_bytes(eng_call_t *c) {
    eng_isolate_t *iso = eng_call_isolate(c);
    cay_blob_t copy = {NULL, 0, NULL, NULL};
    size_t len = eng_bytes_length(iso, eng_arg(c, 0));
    int rc = eng_bytes_copy(iso, eng_arg(c, 0), &copy);
    assert_true((rc == 0) == (len != SIZE_MAX));
    if (rc) {
        assert_int_equal(eng_bytes_write(iso, eng_arg(c, 0), 0, "", 0), rc);
        eng_throw(c, rc, "no bytes");
        return;
    }
    assert_int_equal(copy.len, len);
    assert_int_equal(eng_bytes_write(iso, eng_arg(c, 0), len, "x", 1), CAY_EINVAL);
    assert_int_equal(eng_bytes_write(iso, eng_arg(c, 0), 1, copy.data, len), CAY_EINVAL);
    if (len) {
        assert_int_equal(eng_bytes_write(iso, eng_arg(c, 0), 0, "\x09", 1), 0);
    }
    eng_ret(c,
            eng_to_bool(iso, eng_arg(c, 1)) ? eng_buffer(iso, &copy) : eng_uint8array(iso, &copy));
    assert_null(copy.release);
}

static const eng_op_t ops[] = {
    {"bytes", op_bytes, 2}, {"hostObject", op_host_object, 2},
    {"send", op_send, 2},   {"running", op_running, 0},
    {"fail", op_fail, 0},
};

static eng_module_t *resolve(eng_host_t *h, eng_module_t *referrer, const char *specifier,
                             eng_module_type_t type) {
    (void)referrer;
    (void)specifier;
    (void)type;
    return h->dep;
}

static void import_dynamic(eng_host_t *h, const char *specifier, const char *referrer,
                           const char *type, eng_ref_t *promise) {
    (void)referrer;
    (void)type;
    h->imported = cay__strdup(specifier);
    h->promise = promise;
}

static char *meta_resolve(eng_host_t *h, const char *specifier, const char *referrer,
                          cay_error_t **err) {
    (void)h;
    if (strcmp(specifier, "bad") == 0) {
        cay__error_set(err, CAY_EINVAL, "bad is bad");
        return NULL;
    }
    return cay__asprintf("%s+%s", referrer, specifier);
}

static void task_posted(eng_host_t *h, uint64_t delay_ns) {
    (void)delay_ns;
    h->posted++;
}

static void near_heap_limit(eng_host_t *h) {
    (void)h;
}

static void memory_soft(eng_host_t *h) {
    h->softs++;
}

static void memory_over(eng_host_t *h) {
    h->overs++;
    eng_terminate(h->iso);
}

static void fatal(eng_host_t *h, bool oom, const char *where) {
    (void)h;
    (void)oom;
    fprintf(stderr, "fatal: %s\n", where);
    __builtin_trap();
}

static bool may_generate(eng_host_t *h, bool wasm) {
    return !(wasm ? h->no_wasm : h->no_eval);
}

static const eng_host_ops_t host_ops = {.resolve = resolve,
                                        .import_dynamic = import_dynamic,
                                        .meta_resolve = meta_resolve,
                                        .may_generate = may_generate,
                                        .task_posted = task_posted,
                                        .near_heap_limit = near_heap_limit,
                                        .memory_soft = memory_soft,
                                        .memory_over = memory_over,
                                        .fatal = fatal};

/* ---- set-up ---- */

static void *blob;

static int start(void **state) {
    (void)state;
    size_t len = 0;
    cay_error_t *err = NULL;
    if (eng_make_snapshot(ops, CAY_COUNT(ops), glue, sizeof glue - 1, &blob, &len, &err)) {
        fail_msg("snapshot: %s", cay_error_message(err));
    }
    eng_config_t config = {ops, CAY_COUNT(ops), blob, len, NULL, 0, NULL};
    return eng_start(&config, NULL);
}

static void enter(eng_host_t *h) {
    eng_enter(h->iso, cay__thread_stack_low());
    eng_scope_open(h->iso);
}

static void leave(eng_host_t *h) {
    eng_scope_close(h->iso);
    eng_leave(h->iso);
}

static eng_host_t *open_metered(uint32_t allow, meter_t *meter) {
    eng_host_t *h = CAY_NEW(eng_host_t);
    h->meter = meter;
    cay__mutex_init(&h->lock);
    cay__cond_init(&h->cond);
    eng_isolate_options_t o = {.allow = allow,
                               .meter = meter ? &meter_ops : NULL,
                               .meter_ctx = meter,
                               .max_heap = meter ? 256u << 20 : 0};
    assert_int_equal(eng_isolate_new(&o, &host_ops, h, &h->iso), 0);
    enter(h);
    eng_fault_t fault = {0};
    if (eng_boot(h->iso, eng_object(h->iso, NULL, NULL, 0), &fault)) {
        fail_msg("boot: %s", fault.message);
    }
    return h;
}

static eng_host_t *open_allowed(uint32_t allow) {
    return open_metered(allow, NULL);
}

static eng_host_t *open_host(void) {
    return open_allowed(ENG_ALLOW_EVAL | ENG_ALLOW_WASM | ENG_ALLOW_SHARED);
}

static void close_host(eng_host_t *h) {
    leave(h);
    eng_isolate_free(h->iso);
    eng_wire_clear(&h->wire);
    cay__free(h->imported);
    cay__cond_destroy(&h->cond);
    cay__mutex_destroy(&h->lock);
    cay__free(h);
}

static eng_module_t *compile(eng_host_t *h, const char *url, const char *text) {
    eng_module_t *m = NULL;
    eng_fault_t fault = {0};
    if (eng_module_compile(h->iso, url, text, strlen(text), ENG_MODULE_JS, &m, &fault)) {
        fail_msg("compile: %s", fault.message);
    }
    return m;
}

/* Runs text as a module; the outcome of link and evaluation. */
static int run(eng_host_t *h, const char *text, eng_fault_t *fault) {
    eng_module_t *m = compile(h, "test:main", text);
    int rc = eng_module_link(h->iso, m, fault);
    rc = rc ? rc : eng_module_evaluate(h->iso, m, fault);
    if (rc == 0) {
        rc = eng_microtasks(h->iso);
    }
    eng_val_t reason;
    if (rc == 0 && eng_module_state(h->iso, m, &reason) == ENG_REJECTED) {
        eng_describe(h->iso, reason, fault);
        rc = CAY_EGUEST;
    }
    return rc;
}

static void run_ok(eng_host_t *h, const char *text) {
    eng_fault_t fault = {0};
    int rc = run(h, text, &fault);
    if (rc) {
        fail_msg("%s: %s: %s", text, cay_error_name(rc), fault.message);
    }
}

#endif
