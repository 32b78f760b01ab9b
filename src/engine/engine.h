/* SPDX-License-Identifier: MIT */
/* The wall around V8: coarse functions in C. Only the .cc files beside this header may include V8.
 *
 * Two opaques face each other. eng_isolate_t is the engine's; eng_host_t is whoever drives it (the worker
 * layer), which the engine only hands back. An isolate is used by one thread at a time, between eng_enter
 * and eng_leave; the functions marked "any thread" are the exceptions.
 *
 * Values (eng_val_t) are borrowed: they live until the innermost eng_scope_close. Owned references
 * (eng_ref_t) live until eng_ref_drop, which must be called entered.
 *
 * Outcomes of functions that run guest code: 0; CAY_EGUEST, an exception is pending (inside an op: return
 * at once and it propagates; outside: it is in the fault that was passed); CAY_ETERMINATED, unwind at
 * once and touch nothing. */
#ifndef CAY_ENGINE_ENGINE_H
#define CAY_ENGINE_ENGINE_H

#include "base/attrs.h"
#include "base/blob.h"
#include "cay/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct eng_isolate eng_isolate_t;
typedef struct eng_host eng_host_t;
typedef struct eng_call eng_call_t;     /* one call of an op; valid during it */
typedef struct eng_ref eng_ref_t;       /* an owned reference to a value */
typedef struct eng_module eng_module_t; /* a module record; owned by the isolate, gone with it */
typedef struct {
    uintptr_t slot;
} eng_val_t;

#define ENG_NONE ((eng_val_t){0})
static inline bool eng_is_none(eng_val_t v) {
    return v.slot == 0;
}

/* ---- faults: an exception as text ---- */

/* Members are cay__malloc'ed or NULL. As cay_error_info_t, but owned. */
typedef struct eng_fault {
    char *name;
    char *message;
    char *stack;
    char *file;
    char *source_line;
    uint32_t line;
    uint32_t column;
    uint32_t end_column;
    uint32_t flags;
} eng_fault_t;
void eng_fault_clear(eng_fault_t *f);

/* ---- the process ---- */

/* An op: reads its arguments, acts, sets a result with eng_ret_* or throws. */
typedef void (*eng_op_fn)(eng_call_t *call);
typedef struct eng_op {
    const char *name;
    eng_op_fn fn;
    int argc; /* its `length` in JavaScript */
} eng_op_t;

typedef enum eng_module_type { ENG_MODULE_JS = 0, ENG_MODULE_JSON = 1 } eng_module_type_t;

/* What the engine asks of its driver. All on the isolate's thread, entered, unless said otherwise. */
typedef struct eng_host_ops {
    /* Linking: the module for a request of `referrer`; NULL fails the link. */
    eng_module_t *(*resolve)(eng_host_t *host, eng_module_t *referrer, const char *specifier,
                             eng_module_type_t type);
    /* import(): settle `promise` later with eng_import_done. The texts are borrowed. `type_name` is the
     * attribute's text, NULL when none. */
    void (*import_dynamic)(eng_host_t *host, const char *specifier, const char *referrer,
                           const char *type_name, CAY_OWN eng_ref_t *promise);
    /* import.meta.resolve: the URL (cay__malloc'ed), or NULL with a message in *err. */
    CAY_OWN char *(*meta_resolve)(eng_host_t *host, const char *specifier, const char *referrer,
                                  CAY_OWN cay_error_t **err);
    /* Whether the guest may make code now, from a string or (`wasm`) of WebAssembly. Asked only where
     * ENG_ALLOW_* let it have that at all. */
    bool (*may_generate)(eng_host_t *host, bool wasm);
    /* Any thread: a task of the engine waits for eng_run_task, from `delay_ns` on. */
    void (*task_posted)(eng_host_t *host, uint64_t delay_ns);
    /* The engine's own maximum is near: the isolate has been terminated and got room to unwind. */
    void (*near_heap_limit)(eng_host_t *host);
    /* What eng_meter_ops.memory said: the soft limit is passed (may only mark and wake); a limit is passed after a full
     * collection: the driver ends the worker, or knows of one that should end in its place. */
    void (*memory_soft)(eng_host_t *host);
    void (*memory_over)(eng_host_t *host);
    /* The engine cannot go on with this isolate. Must not return. */
    void (*fatal)(eng_host_t *host, bool out_of_memory, const char *location);
} eng_host_ops_t;

typedef struct eng_config {
    const eng_op_t *ops; /* static; the same table that made the snapshot */
    size_t op_count;
    const void *snapshot; /* static */
    size_t snapshot_size;
    const char
        *glue; /* static: the very text that the snapshot was made of. The isolates share it */
    size_t glue_size;
    const char *v8_flags; /* NULL = none */
} eng_config_t;

/* Starts V8; once per process: of later calls only a snapshot counts, when none was given yet. V8 cannot be
 * started again after an end, so it is never ended. Any thread. CAY_EENGINE; CAY_EINVAL for a flag that V8
 * does not have, from then on. */
CAY_NODISCARD int eng_start(const eng_config_t *config, cay_error_t **err);
const char *eng_version(void);
/* Build time: runs the glue (ASCII) once and writes the snapshot. 0 or CAY_EENGINE with the reason. The text must
 * stay, as must what the snapshot is used in this process. */
CAY_NODISCARD int eng_make_snapshot(const eng_op_t *ops, size_t op_count, const char *glue,
                                    size_t glue_len, CAY_OWN void **blob, size_t *blob_len,
                                    cay_error_t **err);

/* ---- isolates ---- */

/* What a guest may have; without a bit the thing is absent or throws. */
enum {
    ENG_ALLOW_EVAL = 1,  /* code from strings */
    ENG_ALLOW_WASM = 2,  /* WebAssembly */
    ENG_ALLOW_SHARED = 4 /* SharedArrayBuffer, Atomics.wait */
};

/* What an isolate uses, in bytes. */
typedef struct eng_memory {
    size_t heap;    /* of the engine's heap, in use */
    size_t buffers; /* array buffers: made here or moved in, less what was moved out */
    size_t wasm;    /* WebAssembly memories */
    size_t native;  /* native objects: those of Intl */
} eng_memory_t;

enum { ENG_MEMORY_SOFT = 1, ENG_MEMORY_OVER = 2 };

/* Whoever counts. `ctx` is referred to by the isolate and by every buffer that it made, wherever that is by now. */
typedef struct eng_meter_ops {
    void (*ref)(void *ctx);
    void (*unref)(void *ctx); /* any thread */
    /* The isolate's thread: how things stand; ENG_MEMORY_* when a limit is passed. */
    int (*memory)(void *ctx, const eng_memory_t *now);
    /* The isolate's thread: whether an array buffer of `more` bytes may be made. */
    bool (*fits)(void *ctx, const eng_memory_t *now, size_t more);
} eng_meter_ops_t;

typedef struct eng_isolate_options {
    size_t max_heap;  /* bytes at which the engine itself gives up; 0 = its own choice */
    size_t max_young; /* of these, for new objects; 0 = its own choice */
    size_t stack;     /* bytes; 0 = all that the thread has */
    uint32_t allow;   /* ENG_ALLOW_* */
    const eng_meter_ops_t *meter; /* NULL = nothing is counted */
    void *meter_ctx;
} eng_isolate_options_t;

/* Not entered. CAY_ENOMEM, CAY_EENGINE. */
CAY_NODISCARD int eng_isolate_new(const eng_isolate_options_t *o, const eng_host_ops_t *ops,
                                  eng_host_t *host, CAY_OWN eng_isolate_t **out);
/* Not entered; whatever runs must have unwound. */
void eng_isolate_free(CAY_OWN eng_isolate_t *iso);
/* `stack_low`: lowest address of the calling thread's stack. */
void eng_enter(eng_isolate_t *iso, uintptr_t stack_low);
void eng_leave(eng_isolate_t *iso);
void eng_scope_open(eng_isolate_t *iso);
void eng_scope_close(eng_isolate_t *iso);
/* Any thread. Never blocks. For good: whatever runs guest code later gives CAY_ETERMINATED. V8 itself forgets
 * its request once the stack has unwound, so the driver must not dispatch to the isolate any more. */
void eng_terminate(eng_isolate_t *iso);
/* Any thread: cb runs on the isolate's thread, inside guest code, once it reaches a check. */
void eng_interrupt(eng_isolate_t *iso, void (*cb)(eng_host_t *host));
bool eng_is_terminating(eng_isolate_t *iso);
/* Any thread: ends the turn under way, and that alone. eng_resume, on the isolate's thread and outside of guest code, must
 * come before anything else runs. */
void eng_abort(eng_isolate_t *iso);
void eng_resume(eng_isolate_t *iso);
/* Any thread: measures memory once guest code reaches a check. */
void eng_sample(eng_isolate_t *iso);
/* Entered, outside of guest code: measures memory, and when a limit is passed collects garbage and has it judged. */
void eng_check_memory(eng_isolate_t *iso);
/* Entered: measures memory now, and tells the meter. */
void eng_measure(eng_isolate_t *iso, eng_memory_t *out);
/* Any thread: takes the isolate away from a thread that is inside the engine and does not come back: it never leaves the
 * engine again, and the isolate must not be touched any more by anyone. false when it is not inside just now. */
bool eng_lose(eng_isolate_t *iso);
/* Runs one of the engine's own tasks that is due, which may run guest code: 0 when there was one, else ns
 * until the next delayed one, UINT64_MAX for none. */
uint64_t eng_run_task(eng_isolate_t *iso);
/* Runs microtasks until none is left. */
int eng_microtasks(eng_isolate_t *iso);

/* ---- calling the glue ---- */

/* The dispatch functions that boot returns; see src/js/README.md. */
enum {
    ENG_DISPATCH_MESSAGE = 0,
    ENG_DISPATCH_CLOSED = 1,
    ENG_DISPATCH_TIMER = 2,
    ENG_DISPATCH_CHILD = 3,
    ENG_DISPATCH_ERROR = 4,
    ENG_DISPATCH_REJECTIONS = 5,
    ENG_DISPATCH_MAKE_PORT = 6,
    ENG_DISPATCH_SETTLE = 7,
    ENG_DISPATCH_LIMIT = 8,
    ENG_DISPATCH_DRAIN = 9,
    ENG_DISPATCH_COUNT = 10
};
/* Runs boot(config) and keeps what it returns. */
CAY_NODISCARD int eng_boot(eng_isolate_t *iso, eng_val_t config, eng_fault_t *fault);
/* *out may be NULL. */
CAY_NODISCARD int eng_dispatch(eng_isolate_t *iso, int which, const eng_val_t *argv, int argc,
                               eng_val_t *out, eng_fault_t *fault);
/* One exception that escaped guest code with no caller of ours below it (the engine's tasks call finalizers),
 * oldest first; ENG_NONE when there is none. */
eng_val_t eng_take_uncaught(eng_isolate_t *iso);
/* The promise rejections since the last call, as the flat array the glue takes; ENG_NONE when none. */
eng_val_t eng_take_rejections(eng_isolate_t *iso);

/* ---- values ---- */

eng_val_t eng_undefined(eng_isolate_t *iso);
eng_val_t eng_null(eng_isolate_t *iso);
eng_val_t eng_bool(eng_isolate_t *iso, bool v);
eng_val_t eng_number(eng_isolate_t *iso, double v);
/* From UTF-8; malformed parts become U+FFFD. undefined when it is longer than the engine can hold. */
eng_val_t eng_string(eng_isolate_t *iso, const char *s, size_t len);
eng_val_t eng_text(eng_isolate_t *iso, const char *s); /* NULL gives null */
eng_val_t eng_array(eng_isolate_t *iso, const eng_val_t *items, size_t count);
/* An object without a prototype, with own data properties. */
eng_val_t eng_object(eng_isolate_t *iso, const char *const *keys, const eng_val_t *values,
                     size_t count);
eng_val_t eng_host_object(eng_isolate_t *iso, uint32_t kind, uint32_t rid);

bool eng_is_undefined(eng_val_t v);
bool eng_is_function(eng_val_t v);
bool eng_to_bool(eng_isolate_t *iso, eng_val_t v);
/* No coercion: NaN unless a number. */
double eng_to_number(eng_val_t v);
/* No coercion: 0 unless a number in range. */
uint32_t eng_to_u32(eng_val_t v);
/* No coercion: NULL unless a string (or out of memory). UTF-8, NUL-terminated, lone surrogates as
 * U+FFFD; *len may be NULL. */
CAY_OWN char *eng_to_text(eng_isolate_t *iso, eng_val_t v, size_t *len);

bool eng_is_string(eng_val_t v);
/* Bytes of an ArrayBuffer or of a view on one. SIZE_MAX when v is neither, is detached or is shared. */
size_t eng_bytes_length(eng_isolate_t *iso, eng_val_t v);
/* A copy of them in *out (cay__malloc'ed, with its release). CAY_EINVAL as above; CAY_ENOMEM. */
CAY_NODISCARD int eng_bytes_copy(eng_isolate_t *iso, eng_val_t v, CAY_OWN cay_blob_t *out);
/* Writes at `at` bytes into it. CAY_EINVAL also when it does not fit; nothing is written then. */
CAY_NODISCARD int eng_bytes_write(eng_isolate_t *iso, eng_val_t v, size_t at, const void *from,
                                  size_t len);
/* An ArrayBuffer, a Uint8Array, over the blob's memory, which is taken over always. undefined when the engine can
 * hold no such buffer. */
eng_val_t eng_buffer(eng_isolate_t *iso, CAY_OWN cay_blob_t *blob);
eng_val_t eng_uint8array(eng_isolate_t *iso, CAY_OWN cay_blob_t *blob);

CAY_OWN eng_ref_t *eng_ref_new(eng_isolate_t *iso, eng_val_t v);
eng_val_t eng_ref_get(eng_isolate_t *iso, const eng_ref_t *r);
void eng_ref_drop(CAY_OWN eng_ref_t *r);

/* ---- inside an op ---- */

eng_isolate_t *eng_call_isolate(eng_call_t *c);
eng_host_t *eng_call_host(eng_call_t *c); /* NULL while the snapshot is made */
eng_val_t eng_arg(eng_call_t *c, int i);  /* undefined past the end */
void eng_ret(eng_call_t *c, eng_val_t v);
/* Throws an Error of the current realm with the code's name as `code`. */
void eng_throw(eng_call_t *c, int code, const char *fmt, ...) CAY_PRINTF(3, 4);
/* Throws a TypeError. */
void eng_throw_type(eng_call_t *c, const char *fmt, ...) CAY_PRINTF(2, 3);
void eng_queue_microtask(eng_isolate_t *iso, eng_val_t fn);
/* [state, result]; [target, handler] or undefined; entries as array or undefined. */
eng_val_t eng_promise_details(eng_isolate_t *iso, eng_val_t v);
eng_val_t eng_proxy_details(eng_isolate_t *iso, eng_val_t v);
eng_val_t eng_preview_entries(eng_isolate_t *iso, eng_val_t v);
eng_val_t eng_constructor_name(eng_isolate_t *iso, eng_val_t v);
/* The guest's own frames of the stack as it is, at most ten, as the lines of an error's stack: what the glue calls
 * within itself is left out. */
eng_val_t eng_guest_stack(eng_isolate_t *iso);
/* The name under which the script whose code called into the glue was compiled (nothing that it says of itself),
 * cay__malloc'ed; NULL when there is none: a call by way of built-ins alone, code from a string, no memory. */
CAY_OWN char *eng_guest_script(eng_isolate_t *iso);
/* The text of an exception value; runs guest getters only on native errors. 0, or CAY_ETERMINATED. */
int eng_describe(eng_isolate_t *iso, eng_val_t exception, eng_fault_t *out);

/* ---- structured clone ---- */

typedef struct eng_wire {
    uint8_t *bytes; /* cay__malloc'ed */
    size_t len;
    uint32_t *rids; /* resource ids of the ports in the transfer list, in order; cay__malloc'ed */
    size_t rid_count;
    cay_blob_t *blobs; /* the array buffers of the transfer list; cay__malloc'ed */
    size_t blob_count;
} eng_wire_t;
void eng_wire_clear(eng_wire_t *w);

/* Asked after the value was written and before anything is detached: 0, or a code with its text in *err,
 * which is thrown. `bytes` counts the buffers that would move. Guest code has run since the op began, so all state must be looked at again. */
typedef int (*eng_may_move_fn)(eng_host_t *host, const uint32_t *rids, size_t count, size_t bytes,
                               void *ctx, cay_error_t **err);
/* Writes `v` with the transfer list (an array or undefined). On failure nothing has moved. */
CAY_NODISCARD int eng_serialize(eng_call_t *c, eng_val_t v, eng_val_t transfer,
                                eng_may_move_fn may_move, void *ctx, eng_wire_t *out);
/* Reads a value. `ports` are the objects for the ports on the wire, in order. Blobs are taken over (and
 * emptied in place) on success and failure alike. CAY_EFORMAT when the bytes make no value. */
CAY_NODISCARD int eng_deserialize(eng_isolate_t *iso, const uint8_t *bytes, size_t len,
                                  const eng_val_t *ports, size_t port_count, cay_blob_t *blobs,
                                  size_t blob_count, eng_val_t *out);

/* ---- modules ---- */

/* Compiles (JSON: parses). The isolate keeps the module. CAY_ESYNTAX with the fault. */
CAY_NODISCARD int eng_module_compile(eng_isolate_t *iso, const char *url, const char *source,
                                     size_t len, eng_module_type_t type, eng_module_t **out,
                                     eng_fault_t *fault);
void *eng_module_tag(const eng_module_t *m); /* the driver's own word on a module */
void eng_module_set_tag(eng_module_t *m, void *tag);
size_t eng_module_request_count(eng_isolate_t *iso, eng_module_t *m);
/* One request: specifier and the `type` attribute (NULL none), cay__malloc'ed, and its place. An unknown
 * attribute key gives CAY_ENOTSUP with *specifier its name. */
CAY_NODISCARD int eng_module_request(eng_isolate_t *iso, eng_module_t *m, size_t i,
                                     CAY_OWN char **specifier, CAY_OWN char **type, uint32_t *line,
                                     uint32_t *column);
/* Links the graph below m through host_ops->resolve. CAY_ESYNTAX with the fault. */
CAY_NODISCARD int eng_module_link(eng_isolate_t *iso, eng_module_t *m, eng_fault_t *fault);
/* Starts evaluation (again: gives the same outcome). */
CAY_NODISCARD int eng_module_evaluate(eng_isolate_t *iso, eng_module_t *m, eng_fault_t *fault);
typedef enum eng_settled { ENG_PENDING = 0, ENG_FULFILLED = 1, ENG_REJECTED = 2 } eng_settled_t;
/* How the evaluation stands; ENG_REJECTED writes the reason into *reason (may be NULL). The rejection
 * counts as handled from the first evaluation on. */
eng_settled_t eng_module_state(eng_isolate_t *iso, eng_module_t *m, eng_val_t *reason);
/* Ends an import(): m evaluated or being evaluated (the promise follows it), or NULL: rejected with
 * `reason`, else with an error made of `name` ("SyntaxError", "RangeError"; all else makes a TypeError)
 * and `message`. */
void eng_import_done(eng_isolate_t *iso, CAY_OWN eng_ref_t *promise, eng_module_t *m,
                     eng_val_t reason, const char *name, const char *message);

#ifdef __cplusplus
}
#endif

#endif
