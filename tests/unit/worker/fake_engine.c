/* SPDX-License-Identifier: MIT */
#include "fake_engine.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

struct eng_isolate {
    eng_host_t *host;
    const eng_host_ops_t *ops;
    atomic_bool terminate;
    _Atomic(void (*)(eng_host_t *)) interrupt;
    atomic_bool entered;
    atomic_bool abort;
    _Atomic int where; /* 0 in C code, 1 in the engine, 2 lost */
    const eng_meter_ops_t *meter;
    void *meter_ctx;
    int scopes;
};
struct eng_ref {
    int unused;
};

const fake_guest_t *fake_guest;

static void need(bool ok) {
    if (!ok) {
        abort(); /* misuse of the engine by the layer under test */
    }
}

double fake_number(eng_val_t v) {
    return (double)v.slot - 1;
}

bool fake_check(cay_agent_t *a) {
    void (*cb)(eng_host_t *) = atomic_exchange(&a->iso->interrupt, NULL);
    if (cb) {
        cb(a);
    }
    return atomic_load(&a->iso->terminate) || atomic_load(&a->iso->abort);
}

_Atomic int fake_stuck;
static _Atomic int releases;
eng_memory_t fake_memory;

void fake_release(void) {
    atomic_fetch_add(&releases, 1);
}

void fake_stick(cay_agent_t *a) {
    eng_isolate_t *iso = a->iso;
    int before = atomic_load(&releases);
    atomic_store(&iso->where, 1);
    atomic_fetch_add(&fake_stuck, 1);
    while (atomic_load(&releases) == before) {
        sched_yield();
    }
    if (atomic_exchange(&iso->where, 0) == 2) {
        cay__free(iso); /* for the leak check: the real one stays */
        for (;;) {
            pause();
        }
    }
}

void fake_collect(cay_agent_t *a) {
    eng_isolate_t *iso = a->iso;
    int passed = iso->meter->memory(iso->meter_ctx, &fake_memory);
    if (passed & ENG_MEMORY_SOFT) {
        iso->ops->memory_soft(a);
    }
    if (passed & ENG_MEMORY_OVER) {
        iso->ops->memory_over(a);
    }
}

void eng_abort(eng_isolate_t *iso) {
    atomic_store(&iso->abort, true);
}

void eng_resume(eng_isolate_t *iso) {
    atomic_store(&iso->abort, false);
}

void eng_sample(eng_isolate_t *iso) {
    (void)iso;
}

void eng_check_memory(eng_isolate_t *iso) {
    fake_collect(iso->host);
}

void eng_measure(eng_isolate_t *iso, eng_memory_t *out) {
    *out = fake_memory;
    (void)iso->meter->memory(iso->meter_ctx, out);
}

bool eng_lose(eng_isolate_t *iso) {
    int inside = 1;
    return atomic_compare_exchange_strong(&iso->where, &inside, 2);
}

int fake_post(cay_port_t *port, uint8_t byte) {
    uint8_t *bytes = cay__memdup(&byte, 1);
    cay_message_t *m = NULL;
    int rc = bytes ? cay__message_new(bytes, 1, NULL, &m) : CAY_ENOMEM;
    if (rc) {
        cay__free(bytes);
        return rc;
    }
    rc = cay__port_send(port, m, NULL);
    if (rc) {
        cay_message_free(m);
    }
    return rc;
}

int eng_isolate_new(const eng_isolate_options_t *o, const eng_host_ops_t *ops, eng_host_t *host,
                    eng_isolate_t **out) {
    eng_isolate_t *iso = CAY_NEW(eng_isolate_t);
    if (!iso) {
        return CAY_ENOMEM;
    }
    iso->host = host;
    iso->ops = ops;
    iso->meter = o->meter;
    iso->meter_ctx = o->meter_ctx;
    *out = iso;
    return 0;
}

void eng_isolate_free(eng_isolate_t *iso) {
    need(!atomic_load(&iso->entered));
    cay__free(iso);
}

void eng_enter(eng_isolate_t *iso, uintptr_t stack_low) {
    (void)stack_low;
    need(!atomic_exchange(&iso->entered, true));
}

void eng_leave(eng_isolate_t *iso) {
    need(iso->scopes == 0);
    need(atomic_exchange(&iso->entered, false));
}

void eng_scope_open(eng_isolate_t *iso) {
    need(atomic_load(&iso->entered));
    iso->scopes++;
}

void eng_scope_close(eng_isolate_t *iso) {
    iso->scopes--;
}

void eng_terminate(eng_isolate_t *iso) {
    atomic_store(&iso->terminate, true);
}

void eng_interrupt(eng_isolate_t *iso, void (*cb)(eng_host_t *host)) {
    atomic_store(&iso->interrupt, cb);
}

uint64_t eng_run_task(eng_isolate_t *iso) {
    (void)iso;
    return UINT64_MAX;
}

eng_val_t eng_take_uncaught(eng_isolate_t *iso) {
    (void)iso;
    return ENG_NONE;
}

int eng_microtasks(eng_isolate_t *iso) {
    return atomic_load(&iso->terminate) ? CAY_ETERMINATED : 0;
}

int eng_boot(eng_isolate_t *iso, eng_val_t config, eng_fault_t *fault) {
    (void)config;
    (void)fault;
    return atomic_load(&iso->terminate) ? CAY_ETERMINATED : 0;
}

int eng_dispatch(eng_isolate_t *iso, int which, const eng_val_t *argv, int argc, eng_val_t *out,
                 eng_fault_t *fault) {
    (void)fault;
    need(atomic_load(&iso->entered));
    if (out) {
        *out = eng_undefined(iso);
    }
    return fake_guest->dispatch(iso->host, which, argv, argc);
}

int eng_deserialize(eng_isolate_t *iso, const uint8_t *bytes, size_t len, const eng_val_t *ports,
                    size_t port_count, cay_blob_t *blobs, size_t blob_count, eng_val_t *out) {
    (void)ports;
    (void)port_count;
    for (size_t i = 0; i < blob_count; i++) {
        cay__blob_drop(&blobs[i]);
    }
    *out = eng_number(iso, len ? bytes[0] : 0);
    return 0;
}

eng_val_t eng_take_rejections(eng_isolate_t *iso) {
    (void)iso;
    return ENG_NONE;
}

eng_val_t eng_undefined(eng_isolate_t *iso) {
    (void)iso;
    return (eng_val_t){1};
}

eng_val_t eng_null(eng_isolate_t *iso) {
    return eng_undefined(iso);
}

eng_val_t eng_bool(eng_isolate_t *iso, bool v) {
    return eng_number(iso, v);
}

eng_val_t eng_number(eng_isolate_t *iso, double v) {
    (void)iso;
    return (eng_val_t){(uintptr_t)v + 1};
}

eng_val_t eng_text(eng_isolate_t *iso, const char *s) {
    (void)s;
    return eng_undefined(iso);
}

eng_val_t eng_array(eng_isolate_t *iso, const eng_val_t *items, size_t count) {
    (void)items;
    return eng_number(iso, (double)count);
}

eng_val_t eng_object(eng_isolate_t *iso, const char *const *keys, const eng_val_t *values,
                     size_t count) {
    (void)keys;
    (void)values;
    return eng_number(iso, (double)count);
}

bool eng_to_bool(eng_isolate_t *iso, eng_val_t v) {
    (void)iso;
    return v.slot > 1;
}

int eng_describe(eng_isolate_t *iso, eng_val_t exception, eng_fault_t *out) {
    (void)iso;
    (void)exception;
    out->message = cay__strdup("thrown");
    return 0;
}

void eng_fault_clear(eng_fault_t *f) {
    cay__free(f->name);
    cay__free(f->message);
    cay__free(f->stack);
    cay__free(f->file);
    cay__free(f->source_line);
    *f = (eng_fault_t){0};
}

const char *eng_version(void) {
    return "fake";
}
