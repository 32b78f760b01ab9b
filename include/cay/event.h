/* SPDX-License-Identifier: MIT */
/* What a worker tells its creator: one ordered stream of messages and control events, the last of which
 * is final (CAY_EVENT_TERMINAL_ERROR or CAY_EVENT_CLOSE) and comes exactly once. */
#ifndef CAY_EVENT_H
#define CAY_EVENT_H

#include "cay/limits.h"
#include "cay/port.h"

/** Kind of an event. Receivers ignore kinds they do not know. */
typedef uint32_t cay_event_type_t;
enum {
    CAY_EVENT_ONLINE = 1,  /* the main module is loaded and about to be evaluated */
    CAY_EVENT_MESSAGE = 2, /* a message of the worker's postMessage */
    CAY_EVENT_ERROR = 3,   /* an uncaught error; the worker goes on */
    CAY_EVENT_LIMIT = 4,   /* a limit comes near, or was reached; see cay/limits.h */
    CAY_EVENT_OVERDUE = 5, /* told to end, and still inside the engine after the grace period */
    CAY_EVENT_TERMINAL_ERROR = 6, /* final: the worker ended for a reason that is a fault */
    CAY_EVENT_CLOSE = 7,          /* final: the worker ended as it or its creator wished */
    /* a post to the worker was refused for room (CAY_EAGAIN), and there is room again */
    CAY_EVENT_DRAIN = 8
};

/** Why a worker ended. */
typedef uint32_t cay_reason_t;
enum {
    CAY_REASON_NONE = 0,
    CAY_REASON_CLOSED = 1,      /* it called close() or cay.exit(), or had nothing left to do */
    CAY_REASON_TERMINATED = 2,  /* its creator terminated it */
    CAY_REASON_PARENT_GONE = 3, /* the worker that created it ended */
    CAY_REASON_MAIN_MODULE = 4, /* the main module did not load, link or evaluate */
    CAY_REASON_UNCAUGHT = 5,    /* an uncaught error under CAY_UNCAUGHT_TERMINATE */
    CAY_REASON_HEAP = 6,        /* the engine ran out of heap */
    CAY_REASON_SHUTDOWN = 7,    /* the runtime was shut down */
    CAY_REASON_START = 8,       /* the isolate could not be created */
    /* it could not be stopped, and its thread was given up; or the inside handle was dropped without a final event */
    CAY_REASON_LOST = 9,
    CAY_REASON_ENGINE = 10,   /* the engine hit a fault of its own, and the worker cannot go on */
    CAY_REASON_MEMORY = 11,   /* past its memory limit */
    CAY_REASON_CPU = 12,      /* its CPU is used up */
    CAY_REASON_TURN_CPU = 13, /* one turn used too much CPU */
    CAY_REASON_WALL = 14,     /* its time is over */
    CAY_REASON_IDLE = 15,     /* it had nothing to do for too long */
    CAY_REASON_STARTUP = 16   /* it took too long to start */
};

/** Flags of an error. */
enum {
    CAY_ERROR_IN_PROMISE = 1 /* an unhandled rejection */
};

/** An error of the guest, as plain text. Pointers are NULL when unknown; valid as long as the event. Texts of
 *  more than 64 KiB are cut. */
typedef struct cay_error_info {
    const char *name;        /* "TypeError" */
    const char *message;     /* the message alone */
    const char *stack;       /* as the engine prints it, first line included; then its causes */
    const char *file;        /* URL of the script */
    const char *source_line; /* text of the line */
    uint32_t line;           /* from 1; 0 unknown */
    uint32_t column;         /* from 1; 0 unknown */
    uint32_t end_column;     /* one past the last marked column; 0 unknown */
    uint32_t flags;          /* CAY_ERROR_* */
} cay_error_info_t;

/** What a worker used over its life, and uses now. */
typedef struct cay_usage {
    uint64_t cpu_ns;       /* CPU time inside the worker's slices */
    uint64_t wall_ns;      /* from spawn to now, or to the end */
    uint64_t peak_heap;    /* bytes of engine heap, highest seen */
    uint64_t messages_in;  /* delivered to it */
    uint64_t messages_out; /* posted by it */
    uint64_t slices;       /* times an executor ran it */
    /* bytes, as its memory limit counts them: the parts below and those of its children */
    uint64_t memory;
    uint64_t peak_memory;    /* highest seen */
    uint64_t heap;           /* engine heap in use, as of the last collection or look */
    uint64_t buffers;        /* array buffers */
    uint64_t wasm;           /* WebAssembly memories */
    uint64_t messages;       /* waiting messages */
    uint64_t host;           /* held by operations in flight and results that wait */
    uint64_t native;         /* native objects of the engine: those of Intl */
    uint64_t queued;         /* messages waiting */
    uint64_t ops;            /* operations in flight */
    uint64_t ports;          /* that it holds */
    uint64_t timers;         /* that are set */
    uint64_t workers;        /* alive below it, at all depths */
    uint64_t output;         /* bytes of console output, its children's included */
    uint64_t output_dropped; /* bytes that were dropped */
    uint64_t tree_cpu_ns;    /* cpu_ns and that of all workers ever below */
} cay_usage_t;

typedef struct cay_event_message {
    cay_message_t *message; /* borrowed from the event; cay_event_take_message to keep */
} cay_event_message_t;
typedef struct cay_event_error {
    cay_error_info_t error;
} cay_event_error_t;
typedef struct cay_event_limit {
    cay_limit_t which; /* CAY_LIMIT_* */
    /* 1: it is reached, and the worker ends (or output is dropped); 0: it comes near */
    uint32_t is_over;
    uint64_t limit; /* in the limit's own unit */
    uint64_t used;
} cay_event_limit_t;
typedef struct cay_event_end {
    cay_reason_t reason;
    int32_t exit_code;
    cay_error_info_t error; /* all NULL when no error goes with the reason */
    cay_usage_t usage;
    cay_event_limit_t limit; /* what ended it; which is CAY_LIMIT_NONE when that was no limit */
} cay_event_end_t;

/** One event. */
typedef struct cay_event {
    cay_event_type_t type; /* unknown values: ignore */
    uint32_t size;         /* bytes of this struct that the library filled in */
    union {
        cay_event_message_t message; /* CAY_EVENT_MESSAGE */
        cay_event_error_t error;     /* CAY_EVENT_ERROR */
        cay_event_limit_t limit;     /* CAY_EVENT_LIMIT */
        cay_event_end_t end;         /* CAY_EVENT_TERMINAL_ERROR, CAY_EVENT_CLOSE */
    } u;
} cay_event_t;

CAY_BEGIN_DECLS

/** Whether the event is the last of its worker. *Thread*: any. */
bool cay_event_is_final(const cay_event_t *ev);
/** Takes the message out of a CAY_EVENT_MESSAGE; NULL otherwise or when taken. */
CAY_OWN cay_message_t *cay_event_take_message(cay_event_t *ev);
/** Frees an event from cay_worker_next_event. NULL is fine. */
void cay_event_free(CAY_OWN cay_event_t *ev);
/** "message", "error", ...; "unknown". *Ownership*: static. */
const char *cay_event_type_name(cay_event_type_t type);
/** "closed", "terminated", "main module failed", ...; "unknown". *Ownership*: static. */
const char *cay_reason_name(cay_reason_t reason);

CAY_END_DECLS

#endif
