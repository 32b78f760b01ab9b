/* SPDX-License-Identifier: MIT */
/* Tasks of the event loop, and what happens to errors that nobody caught. HTML standard: "event loop
 * processing model" (a microtask checkpoint after each task), "report an exception", "notify about
 * rejected promises". */
#include <math.h>

#include "base/mem.h"
#include "worker/agent.h"
#include "worker/report.h"

void cay__task_begin(cay_agent_t *a) {
    eng_scope_open(a->iso);
}

static bool tell_uncaught(cay_agent_t *a) {
    eng_val_t exception = eng_take_uncaught(a->iso);
    if (!eng_is_none(exception)) {
        cay__agent_report(a, exception, false);
    }
    return !eng_is_none(exception);
}

static bool tell_rejections(cay_agent_t *a) {
    eng_val_t list = eng_take_rejections(a->iso);
    if (!eng_is_none(list)) {
        cay__task_call(a, ENG_DISPATCH_REJECTIONS, &list, 1, NULL);
    }
    return !eng_is_none(list);
}

/* Rejections can cause microtasks and those rejections, so it goes round until both are done; a guest that
 * keeps this up for ever is a hog like any other loop. */
static void settle_task(cay_agent_t *a) {
    for (bool more = true; more;) {
        if (eng_microtasks(a->iso) || atomic_load(&a->condemned)) {
            return;
        }
        eng_scope_open(a->iso);
        more = (tell_uncaught(a) || tell_rejections(a)) && !atomic_load(&a->condemned);
        eng_scope_close(a->iso);
    }
}

void cay__task_end(cay_agent_t *a) {
    do {
        if (!atomic_load(&a->condemned)) {
            settle_task(a);
        }
    } while (cay__agent_may_run(a) && a->env->hooks->after_task(a));
    eng_scope_close(a->iso);
}

int cay__task_call(cay_agent_t *a, int which, const eng_val_t *argv, int argc, eng_val_t *out) {
    if (atomic_load_explicit(&a->condemned, memory_order_acquire)) {
        return CAY_ETERMINATED;
    }
    eng_fault_t fault = {0};
    int rc = eng_dispatch(a->iso, which, argv, argc, out, &fault);
    if (rc == CAY_EGUEST && which != ENG_DISPATCH_ERROR) {
        cay__agent_report_fault(a, &fault); /* the glue itself ran out of stack, say */
    }
    eng_fault_clear(&fault);
    return rc;
}

/* ---- errors ---- */

cay_error_info_t cay__fault_info(const eng_fault_t *f) {
    return (cay_error_info_t){
        .name = f->name,
        .message = f->message,
        .stack = f->stack,
        .file = f->file,
        .source_line = f->source_line,
        .line = f->line,
        .column = f->column,
        .end_column = f->end_column,
        .flags = f->flags,
    };
}

static int copy(char **to, const char *from) {
    *to = from ? cay__strdup(from) : NULL;
    return from && !*to ? CAY_ENOMEM : 0;
}

void cay__fault_copy(eng_fault_t *to, const cay_error_info_t *from) {
    *to = (eng_fault_t){.line = from->line,
                        .column = from->column,
                        .end_column = from->end_column,
                        .flags = from->flags};
    /* A text that gets no memory is missing in the report; the rest is still told. */
    (void)copy(&to->name, from->name);
    (void)copy(&to->message, from->message);
    (void)copy(&to->stack, from->stack);
    (void)copy(&to->file, from->file);
    (void)copy(&to->source_line, from->source_line);
}

eng_val_t cay__agent_error_object(cay_agent_t *a, const cay_error_info_t *e) {
    static const char *const keys[] = {"message", "name", "stack", "filename", "lineno", "colno"};
    eng_val_t values[] = {
        eng_text(a->iso, e->message ? e->message : ""),
        eng_text(a->iso, e->name),
        eng_text(a->iso, e->stack),
        eng_text(a->iso, e->file ? e->file : ""),
        eng_number(a->iso, e->line),
        eng_number(a->iso, e->column),
    };
    return eng_object(a->iso, keys, values, CAY_COUNT(keys));
}

/* Nobody inside prevented it: it goes to the creator. */
static void tell_creator(cay_agent_t *a, eng_fault_t *fault) {
    if (a->uncaught == CAY_UNCAUGHT_TERMINATE) {
        cay__agent_fail(a, CAY_REASON_UNCAUGHT, fault);
        return;
    }
    cay_event_t ev = {
        .type = CAY_EVENT_ERROR, .size = sizeof ev, .u.error = {cay__fault_info(fault)}};
    /* Refused when the creator does not read: the stream is bounded, and an error is no reason to end. */
    (void)!cay_inside_post_event(a->inside, &ev);
}

static void report(cay_agent_t *a, eng_val_t exception, eng_fault_t *fault) {
    cay_error_info_t info = cay__fault_info(fault);
    eng_val_t args[2] = {exception, cay__agent_error_object(a, &info)};
    eng_val_t prevented = ENG_NONE;
    int rc = cay__task_call(a, ENG_DISPATCH_ERROR, args, 2, &prevented);
    if (rc != CAY_ETERMINATED && !(rc == 0 && eng_to_bool(a->iso, prevented))) {
        tell_creator(a, fault);
    }
}

void cay__agent_report(cay_agent_t *a, eng_val_t exception, bool in_promise) {
    eng_fault_t fault = {0};
    if (eng_describe(a->iso, exception, &fault) == 0) {
        fault.flags = in_promise ? CAY_ERROR_IN_PROMISE : 0;
        report(a, exception, &fault);
    }
    eng_fault_clear(&fault);
}

void cay__agent_report_fault(cay_agent_t *a, eng_fault_t *fault) {
    report(a, eng_undefined(a->iso), fault);
    eng_fault_clear(fault);
}
