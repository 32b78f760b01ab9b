/* SPDX-License-Identifier: MIT */
#include "events.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "out.h"

/* The words of the format, which stay when the library changes how it names things. */
static const char *word_of(cay_event_type_t type) {
    switch (type) {
    case CAY_EVENT_ONLINE: return "online";
    case CAY_EVENT_ERROR: return "error";
    case CAY_EVENT_LIMIT: return "limit";
    case CAY_EVENT_OVERDUE: return "overdue";
    case CAY_EVENT_TERMINAL_ERROR: return "terminal_error";
    case CAY_EVENT_CLOSE: return "close";
    case CAY_EVENT_DRAIN: return "drain";
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
    case CAY_REASON_MEMORY: return "memory";
    case CAY_REASON_CPU: return "cpu";
    case CAY_REASON_TURN_CPU: return "turn_cpu";
    case CAY_REASON_WALL: return "wall";
    case CAY_REASON_IDLE: return "idle";
    case CAY_REASON_STARTUP: return "startup";
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

static void put_limit(cay_cli_text_t *t, const char *key, const cay_event_limit_t *l) {
    cay__cli_putf(t, "\"%s\":\"%s\",\"value\":%" PRIu64 ",\"used\":%" PRIu64, key,
                  cay_limit_name(l->which), l->limit, l->used);
}

/* What ended it; null when that was no limit. */
static void put_ending_limit(cay_cli_text_t *t, const cay_event_limit_t *l) {
    cay__cli_puts(t, ",\"limit\":");
    if (l->which == CAY_LIMIT_NONE) {
        cay__cli_puts(t, "null");
        return;
    }
    cay__cli_puts(t, "{");
    put_limit(t, "name", l);
    cay__cli_puts(t, "}");
}

static void put_end(cay_cli_text_t *t, const cay_event_end_t *end) {
    put_text(t, "reason", reason_of(end->reason));
    cay__cli_putf(t, ",\"exitCode\":%" PRId32, end->exit_code);
    put_error(t, &end->error);
    put_ending_limit(t, &end->limit);
    cay__cli_puts(t, ",\"usage\":");
    cay__cli_put_usage_json(t, &end->usage);
}

/* ---- usage ---- */

#define FIGURE(key, member)                                                                        \
    { key, offsetof(cay_usage_t, member) }
static const struct {
    const char *key;
    size_t offset;
} figures[] = {
    FIGURE("cpuNs", cpu_ns),
    FIGURE("treeCpuNs", tree_cpu_ns),
    FIGURE("wallNs", wall_ns),
    FIGURE("memory", memory),
    FIGURE("peakMemory", peak_memory),
    FIGURE("heap", heap),
    FIGURE("peakHeap", peak_heap),
    FIGURE("buffers", buffers),
    FIGURE("wasm", wasm),
    FIGURE("messages", messages),
    FIGURE("host", host),
    FIGURE("native", native),
    FIGURE("messagesIn", messages_in),
    FIGURE("messagesOut", messages_out),
    FIGURE("queued", queued),
    FIGURE("slices", slices),
    FIGURE("ops", ops),
    FIGURE("ports", ports),
    FIGURE("timers", timers),
    FIGURE("workers", workers),
    FIGURE("output", output),
    FIGURE("outputDropped", output_dropped),
};

void cay__cli_put_usage_json(cay_cli_text_t *t, const cay_usage_t *usage) {
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        uint64_t value;
        memcpy(&value, (const char *)usage + figures[i].offset, sizeof value);
        cay__cli_putf(t, "%s\"%s\":%" PRIu64, i ? "," : "{", figures[i].key, value);
    }
    cay__cli_puts(t, "}");
}

/* ---- lines ---- */

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
    } else if (ev->type == CAY_EVENT_LIMIT) {
        cay__cli_puts(&t, ",");
        put_limit(&t, "limit", &ev->u.limit);
        cay__cli_putf(&t, ",\"over\":%s", ev->u.limit.is_over ? "true" : "false");
    } else if (cay_event_is_final(ev)) {
        put_end(&t, &ev->u.end);
    }
    cay__cli_puts(&t, "}\n");
    if (!t.failed) { /* half a line would be worse than none */
        (void)cay__cli_out_write(fd, t.ptr, t.len);
    }
    cay__cli_text_free(&t);
}
