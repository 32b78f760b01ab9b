/* SPDX-License-Identifier: MIT */
#include "stats.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "events.h"
#include "out.h"

#define LABEL_WIDTH  24
#define COLUMN_WIDTH 13

#define US 1000u
#define MS (1000u * US)
#define S  (1000u * MS)

typedef enum unit { UNIT_TIME, UNIT_BYTES, UNIT_COUNT } unit_t;

/* A figure of one of the two structs. */
#define NONE         SIZE_MAX
#define USED(member) offsetof(cay_usage_t, member)
#define DID(member)  offsetof(cay_runtime_stats_t, member)

typedef struct row {
    const char *label;
    unit_t unit;
    size_t used;
    size_t peak;
    cay_limit_t limit;
} row_t;

/* An indented row is a part of the one above. */
static const row_t rows[] = {
    {"CPU", UNIT_TIME, USED(tree_cpu_ns), NONE, CAY_LIMIT_CPU},
    {"  the script alone", UNIT_TIME, USED(cpu_ns), NONE, CAY_LIMIT_NONE},
    {"wall", UNIT_TIME, USED(wall_ns), NONE, CAY_LIMIT_WALL},
    {"memory", UNIT_BYTES, USED(memory), USED(peak_memory), CAY_LIMIT_MEMORY},
    {"  heap", UNIT_BYTES, USED(heap), USED(peak_heap), CAY_LIMIT_HEAP},
    {"  buffers", UNIT_BYTES, USED(buffers), NONE, CAY_LIMIT_NONE},
    {"  WebAssembly", UNIT_BYTES, USED(wasm), NONE, CAY_LIMIT_NONE},
    {"  messages", UNIT_BYTES, USED(messages), NONE, CAY_LIMIT_QUEUE_BYTES},
    {"  host", UNIT_BYTES, USED(host), NONE, CAY_LIMIT_NONE},
    {"  native", UNIT_BYTES, USED(native), NONE, CAY_LIMIT_NONE},
    {"messages waiting", UNIT_COUNT, USED(queued), NONE, CAY_LIMIT_QUEUE},
    {"  in", UNIT_COUNT, USED(messages_in), NONE, CAY_LIMIT_NONE},
    {"  out", UNIT_COUNT, USED(messages_out), NONE, CAY_LIMIT_NONE},
    {"ports", UNIT_COUNT, USED(ports), NONE, CAY_LIMIT_PORTS},
    {"timers", UNIT_COUNT, USED(timers), NONE, CAY_LIMIT_TIMERS},
    {"operations", UNIT_COUNT, USED(ops), NONE, CAY_LIMIT_OPS},
    {"workers below", UNIT_COUNT, USED(workers), NONE, CAY_LIMIT_WORKERS},
    {"output", UNIT_BYTES, USED(output), NONE, CAY_LIMIT_OUTPUT},
    {"  dropped", UNIT_BYTES, USED(output_dropped), NONE, CAY_LIMIT_NONE},
    {"slices", UNIT_COUNT, USED(slices), NONE, CAY_LIMIT_NONE},
};

/* What the runtime did, all workers together. `is_trouble`: shown when there was any. */
typedef struct deed {
    const char *label;
    const char *key;
    unit_t unit;
    bool is_trouble;
    size_t at;
} deed_t;
static const deed_t deeds[] = {
    {"workers started", "spawned", UNIT_COUNT, false, DID(spawned)},
    {"threads", "threads", UNIT_COUNT, false, DID(threads)},
    {"  stuck", "hogs", UNIT_COUNT, true, DID(hogs)},
    {"  handoffs", "handoffs", UNIT_COUNT, true, DID(handoffs)},
    {"  lost", "lost", UNIT_COUNT, true, DID(lost)},
    {"memory lost", "lostMemory", UNIT_BYTES, true, DID(lost_memory)},
    {"ended by a limit", "endedByLimit", UNIT_COUNT, true, DID(ended_by_limit)},
    {"overdue", "overdue", UNIT_COUNT, true, DID(overdue)},
    {"slices, all workers", "slices", UNIT_COUNT, false, DID(slices)},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

void cay__cli_stats_take(cay_cli_stats_t *s, const cay_event_end_t *end, const cay_limits_t *limits,
                         cay_runtime_t *rt) {
    *s = (cay_cli_stats_t){.usage = end->usage, .limits = *limits};
    s->runtime.size = sizeof s->runtime;
    if (cay_runtime_stats(rt, &s->runtime)) {
        s->runtime = (cay_runtime_stats_t){0};
    }
}

static uint64_t figure(const void *of, size_t at) {
    uint64_t value;
    memcpy(&value, (const char *)of + at, sizeof value);
    return value;
}

/* ---- the table ---- */

/* Three digits are enough to read, and to compare. */
static void put_time(cay_cli_text_t *t, uint64_t ns) {
    uint64_t unit = ns >= S ? S : ns >= MS ? MS : US;
    const char *name = ns >= S ? "s" : ns >= MS ? "ms" : "\u00b5s";
    int decimals = ns >= 100 * unit || unit == US ? 0 : ns >= 10 * unit ? 1 : 2;
    cay__cli_putf(t, "%.*f %s", decimals, (double)ns / (double)unit, name);
}

static void put_value(cay_cli_text_t *t, unit_t unit, uint64_t value) {
    switch (unit) {
    case UNIT_TIME: put_time(t, value); break;
    case UNIT_BYTES: cay__cli_put_limit_value(t, CAY_LIMIT_MEMORY, value); break;
    case UNIT_COUNT: cay__cli_put_limit_value(t, CAY_LIMIT_QUEUE, value); break;
    }
}

/* Puts a cell flush right and empties it. */
static void put_cell(cay_cli_text_t *t, cay_cli_text_t *cell) {
    size_t width = 0;
    for (size_t i = 0; i < cell->len; i++) {
        width += ((unsigned char)cell->ptr[i] & 0xC0) != 0x80; /* code points, not bytes */
    }
    cay__cli_repeat(t, ' ', width < COLUMN_WIDTH ? COLUMN_WIDTH - width : 1);
    cay__cli_put(t, cell->ptr, cell->len);
    cay__cli_text_free(cell);
}

/* Cells that are empty at the end of a line are not put. */
static void put_row(cay_cli_text_t *t, const cay_cli_stats_t *s, const row_t *r) {
    bool has_limit = r->limit != CAY_LIMIT_NONE;
    cay_cli_text_t cell = {0};
    cay__cli_putf(t, "%-*s", LABEL_WIDTH, r->label);
    put_value(&cell, r->unit, figure(&s->usage, r->used));
    put_cell(t, &cell);
    if (r->peak != NONE || has_limit) {
        if (r->peak != NONE) {
            put_value(&cell, r->unit, figure(&s->usage, r->peak));
        }
        put_cell(t, &cell);
    }
    if (has_limit) {
        cay__cli_put_limit_value(&cell, r->limit, cay_limits_get(&s->limits, r->limit));
        put_cell(t, &cell);
    }
    cay__cli_puts(t, "\n");
}

static void put_deed(cay_cli_text_t *t, const cay_cli_stats_t *s, const deed_t *d) {
    uint64_t value = figure(&s->runtime, d->at);
    if (d->is_trouble && value == 0) {
        return;
    }
    cay_cli_text_t cell = {0};
    cay__cli_putf(t, "%-*s", LABEL_WIDTH, d->label);
    put_value(&cell, d->unit, value);
    put_cell(t, &cell);
    cay__cli_puts(t, "\n");
}

void cay__cli_stats_print(const cay_cli_stats_t *s) {
    cay_cli_text_t t = {0};
    cay__cli_putf(&t, "%-*s%*s%*s%*s\n", LABEL_WIDTH, "the script", COLUMN_WIDTH, "used",
                  COLUMN_WIDTH, "peak", COLUMN_WIDTH, "limit");
    for (size_t i = 0; i < COUNT(rows); i++) {
        put_row(&t, s, &rows[i]);
    }
    cay__cli_puts(&t, "the runtime\n");
    for (size_t i = 0; i < COUNT(deeds); i++) {
        put_deed(&t, s, &deeds[i]);
    }
    cay__cli_out_error(&t);
}

/* ---- the line ---- */

void cay__cli_stats_write(int fd, const char *worker, const cay_cli_stats_t *s) {
    cay_cli_text_t t = {0};
    cay__cli_puts(&t, "{\"event\":\"stats\",\"worker\":");
    cay__cli_put_json(&t, worker);
    cay__cli_puts(&t, ",\"usage\":");
    cay__cli_put_usage_json(&t, &s->usage);
    cay__cli_puts(&t, ",\"limits\":");
    cay__cli_put_limits_json(&t, &s->limits);
    cay__cli_puts(&t, ",\"runtime\":{");
    for (size_t i = 0; i < COUNT(deeds); i++) {
        cay__cli_putf(&t, "%s\"%s\":%" PRIu64, i ? "," : "", deeds[i].key,
                      figure(&s->runtime, deeds[i].at));
    }
    cay__cli_puts(&t, "}}\n");
    if (!t.failed) {
        (void)cay__cli_out_write(fd, t.ptr, t.len);
    }
    cay__cli_text_free(&t);
}
