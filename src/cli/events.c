/* SPDX-License-Identifier: MIT */
#include "events.h"

#include <inttypes.h>

#include "out.h"

/* The words of the format, which stay when the library changes how it names things. */
static const char *word_of(cay_event_type_t type) {
    switch (type) {
    case CAY_EVENT_ONLINE: return "online";
    case CAY_EVENT_ERROR: return "error";
    case CAY_EVENT_OVERDUE: return "overdue";
    case CAY_EVENT_TERMINAL_ERROR: return "terminal_error";
    case CAY_EVENT_CLOSE: return "close";
    default: return NULL;
    }
}

static const char *reason_of(cay_reason_t reason) {
    switch (reason) {
    case CAY_REASON_CLOSED: return "closed";
    case CAY_REASON_TERMINATED: return "terminated";
    case CAY_REASON_PARENT_GONE: return "parent_gone";
    case CAY_REASON_MAIN_MODULE: return "main_module";
    case CAY_REASON_UNCAUGHT: return "uncaught";
    case CAY_REASON_HEAP: return "heap";
    case CAY_REASON_SHUTDOWN: return "shutdown";
    case CAY_REASON_START: return "start";
    case CAY_REASON_LOST: return "lost";
    case CAY_REASON_ENGINE: return "engine";
    default: return "unknown";
    }
}

static void put_text(cay_cli_text_t *t, const char *key, const char *value) {
    cay__cli_putf(t, ",\"%s\":", key);
    cay__cli_put_json(t, value);
}

static void put_error(cay_cli_text_t *t, const cay_error_info_t *e) {
    cay__cli_puts(t, ",\"error\":");
    if (!e->message && !e->name) {
        cay__cli_puts(t, "null");
        return;
    }
    cay__cli_puts(t, "{\"name\":");
    cay__cli_put_json(t, e->name);
    put_text(t, "message", e->message);
    put_text(t, "file", e->file);
    cay__cli_putf(t, ",\"line\":%" PRIu32 ",\"column\":%" PRIu32, e->line, e->column);
    put_text(t, "stack", e->stack);
    cay__cli_puts(t, "}");
}

static void put_end(cay_cli_text_t *t, const cay_event_end_t *end) {
    put_text(t, "reason", reason_of(end->reason));
    cay__cli_putf(t, ",\"exitCode\":%" PRId32, end->exit_code);
    put_error(t, &end->error);
    cay__cli_putf(t,
                  ",\"usage\":{\"cpuNs\":%" PRIu64 ",\"wallNs\":%" PRIu64 ",\"peakHeap\":%" PRIu64
                  ",\"messagesIn\":%" PRIu64 ",\"messagesOut\":%" PRIu64 ",\"slices\":%" PRIu64 "}",
                  end->usage.cpu_ns, end->usage.wall_ns, end->usage.peak_heap,
                  end->usage.messages_in, end->usage.messages_out, end->usage.slices);
}

void cay__cli_events_write(int fd, const char *worker, const cay_event_t *ev) {
    const char *word = word_of(ev->type);
    if (!word) {
        return;
    }
    cay_cli_text_t t = {0};
    cay__cli_putf(&t, "{\"event\":\"%s\",\"worker\":", word);
    cay__cli_put_json(&t, worker);
    if (ev->type == CAY_EVENT_ERROR) {
        put_error(&t, &ev->u.error.error);
    } else if (cay_event_is_final(ev)) {
        put_end(&t, &ev->u.end);
    }
    cay__cli_puts(&t, "}\n");
    if (!t.failed) { /* half a line would be worse than none */
        (void)cay__cli_out_write(fd, t.ptr, t.len);
    }
    cay__cli_text_free(&t);
}
