/* SPDX-License-Identifier: MIT */
/* Ops of the global scope: output, clocks, timers, errors, the end. */
#include "base/mem.h"
#include "ops/ops.h"
#include "os/clock.h"
#include "perm/perm.h"
#include "worker/limit.h"

void cay__op_print(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    size_t len = 0;
    char *text = eng_to_text(eng_call_isolate(c), eng_arg(c, 1), &len);
    bool fits = text && cay__account_output(a->account, len);
    if (text && !fits) {
        cay__limit_output_dropped(a);
    }
    if (fits && a->group->on_output) {
        a->group->on_output(cay__inside_name(a->inside),
                            eng_to_bool(eng_call_isolate(c), eng_arg(c, 0)), text, len,
                            a->group->output_user);
    }
    cay__free(text);
}

void cay__op_now(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    uint64_t ns = a ? cay__clock_mono() - a->account->born : 0;
    double ms = a && a->fine_clock && cay__agent_has(a, CAY_KIND_FINE_CLOCK)
                    ? (double)(ns / 1000) / 1000.0
                    : (double)(ns / CAY_NS_PER_MS);
    eng_ret(c, eng_number(eng_call_isolate(c), ms));
}

void cay__op_setTimer(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    bool repeat = eng_to_bool(eng_call_isolate(c), eng_arg(c, 2));
    int rc =
        cay__guest_timer_set(a, eng_to_u32(eng_arg(c, 0)), eng_to_number(eng_arg(c, 1)), repeat);
    if (rc) {
        eng_throw(c, rc,
                  rc == CAY_ELIMIT ? "the worker has %llu timers, the limit of timers"
                                   : "out of memory for a timer",
                  (unsigned long long)a->account->limits.timers);
    }
}

void cay__op_clearTimer(eng_call_t *c) {
    cay__guest_timer_clear(eng_call_host(c), eng_to_u32(eng_arg(c, 0)));
}

void cay__op_enqueueMicrotask(eng_call_t *c) {
    eng_queue_microtask(eng_call_isolate(c), eng_arg(c, 0));
}

void cay__op_runMicrotasks(eng_call_t *c) {
    (void)eng_microtasks(eng_call_isolate(c)); /* a termination shows in the caller by itself */
}

void cay__op_reportException(eng_call_t *c) {
    cay__agent_report(eng_call_host(c), eng_arg(c, 0),
                      eng_to_bool(eng_call_isolate(c), eng_arg(c, 1)));
}

void cay__op_exit(eng_call_t *c) {
    double code = eng_to_number(eng_arg(c, 0));
    bool hard = eng_to_bool(eng_call_isolate(c), eng_arg(c, 1));
    cay__agent_close(eng_call_host(c), code >= 0 && code <= 255 ? (int32_t)code : 1, hard);
}

void cay__op_watchLimits(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    atomic_store(&a->limiting.wanted, true);
}

/* [total, limit, heap, buffers, wasm, messages, host, native, children] */
void cay__op_memoryUsage(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    eng_isolate_t *iso = eng_call_isolate(c);
    eng_memory_t now;
    eng_measure(iso, &now);
    cay_usage_t u;
    cay__account_usage(a->account, &u);
    uint64_t own = cay__account_own(a->account);
    uint64_t figures[] = {
        u.memory, a->account->limits.memory,          u.heap, u.buffers, u.wasm, u.messages, u.host,
        u.native, u.memory > own ? u.memory - own : 0};
    eng_val_t list[CAY_COUNT(figures)];
    for (size_t i = 0; i < CAY_COUNT(figures); i++) {
        list[i] = eng_number(iso, (double)figures[i]);
    }
    eng_ret(c, eng_array(iso, list, CAY_COUNT(figures)));
}

/* ---- inspection, for the console ---- */

void cay__op_promiseDetails(eng_call_t *c) {
    eng_ret(c, eng_promise_details(eng_call_isolate(c), eng_arg(c, 0)));
}

void cay__op_proxyDetails(eng_call_t *c) {
    eng_ret(c, eng_proxy_details(eng_call_isolate(c), eng_arg(c, 0)));
}

void cay__op_previewEntries(eng_call_t *c) {
    eng_ret(c, eng_preview_entries(eng_call_isolate(c), eng_arg(c, 0)));
}

void cay__op_constructorName(eng_call_t *c) {
    eng_ret(c, eng_constructor_name(eng_call_isolate(c), eng_arg(c, 0)));
}

void cay__op_guestStack(eng_call_t *c) {
    eng_ret(c, eng_guest_stack(eng_call_isolate(c)));
}
