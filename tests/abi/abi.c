/* SPDX-License-Identifier: MIT */
/* The binary interface of this release: sizes of the public structs, places of their fields, values of the
 * enums. A struct grows at its end only; what is asserted here never changes, it is added to. */
#include <stdio.h>

#include "cay/cay.h"
#include "cay/v8.h"

#define SIZE(type, size)          _Static_assert(sizeof(type) == (size), "size of " #type)
#define FIELD(type, field, place) _Static_assert(offsetof(type, field) == (place), #type "." #field)
#define VALUE(name, value)        _Static_assert((name) == (value), #name)

_Static_assert(sizeof(void *) == 8, "the layouts are those of LP64");

/* 0.1.0 */
SIZE(cay_runtime_options_t, 96);
FIELD(cay_runtime_options_t, provider, 8);
FIELD(cay_runtime_options_t, threads, 16);
FIELD(cay_runtime_options_t, max_threads, 24);
FIELD(cay_runtime_options_t, max_workers, 32);
FIELD(cay_runtime_options_t, engine_flags, 40);
FIELD(cay_runtime_options_t, io_threads, 48);
FIELD(cay_runtime_options_t, ca_file, 56);
FIELD(cay_runtime_options_t, cache_dir, 64);
FIELD(cay_runtime_options_t, lost_after_ms, 72);
FIELD(cay_runtime_options_t, max_lost_threads, 80);
FIELD(cay_runtime_options_t, max_lost_memory, 88);
SIZE(cay_worker_options_t, 224);
FIELD(cay_worker_options_t, name, 8);
FIELD(cay_worker_options_t, main_file, 16);
FIELD(cay_worker_options_t, main_url, 24);
FIELD(cay_worker_options_t, main_source, 32);
FIELD(cay_worker_options_t, main_source_len, 40);
FIELD(cay_worker_options_t, uncaught, 48);
FIELD(cay_worker_options_t, flags, 56);
FIELD(cay_worker_options_t, args, 64);
FIELD(cay_worker_options_t, module_root, 72);
FIELD(cay_worker_options_t, on_source, 80);
FIELD(cay_worker_options_t, source_user, 88);
FIELD(cay_worker_options_t, on_output, 96);
FIELD(cay_worker_options_t, output_user, 104);
FIELD(cay_worker_options_t, on_event, 112);
FIELD(cay_worker_options_t, event_user, 120);
FIELD(cay_worker_options_t, event_user_free, 128);
FIELD(cay_worker_options_t, permissions, 136);
FIELD(cay_worker_options_t, child_permissions, 144);
FIELD(cay_worker_options_t, directory, 152);
FIELD(cay_worker_options_t, import_map, 160);
FIELD(cay_worker_options_t, import_map_url, 168);
FIELD(cay_worker_options_t, lock_file, 176);
FIELD(cay_worker_options_t, on_audit, 184);
FIELD(cay_worker_options_t, audit_user, 192);
FIELD(cay_worker_options_t, functions, 200);
FIELD(cay_worker_options_t, function_count, 208);
FIELD(cay_worker_options_t, limits, 216);
SIZE(cay_limits_t, 152);
FIELD(cay_limits_t, memory, 8);
FIELD(cay_limits_t, cpu_ms, 24);
FIELD(cay_limits_t, startup_ms, 56);
FIELD(cay_limits_t, queue_bytes, 80);
FIELD(cay_limits_t, output, 128);
FIELD(cay_limits_t, soft_percent, 136);
FIELD(cay_limits_t, grace_ms, 144);
SIZE(cay_audit_t, 56);
FIELD(cay_audit_t, worker_name, 24);
FIELD(cay_audit_t, value, 40);
SIZE(cay_function_t, 24);
SIZE(cay_runtime_stats_t, 128);
FIELD(cay_runtime_stats_t, slices, 56);
FIELD(cay_runtime_stats_t, lost_memory, 64);
FIELD(cay_runtime_stats_t, draining, 72);
FIELD(cay_runtime_stats_t, ops, 120);
SIZE(cay_handles_options_t, 32);
FIELD(cay_handles_options_t, name, 8);
FIELD(cay_handles_options_t, max_messages, 16);
FIELD(cay_handles_options_t, max_bytes, 24);
SIZE(cay_error_info_t, 56);
FIELD(cay_error_info_t, source_line, 32);
FIELD(cay_error_info_t, line, 40);
FIELD(cay_error_info_t, end_column, 48);
SIZE(cay_usage_t, 176);
FIELD(cay_usage_t, slices, 40);
FIELD(cay_usage_t, memory, 48);
FIELD(cay_usage_t, queued, 112);
FIELD(cay_usage_t, tree_cpu_ns, 168);
SIZE(cay_event_message_t, 8);
SIZE(cay_event_error_t, 56);
SIZE(cay_event_limit_t, 24);
FIELD(cay_event_limit_t, limit, 8);
SIZE(cay_event_end_t, 264);
FIELD(cay_event_end_t, exit_code, 4);
FIELD(cay_event_end_t, error, 8);
FIELD(cay_event_end_t, usage, 64);
FIELD(cay_event_end_t, limit, 240);
SIZE(cay_event_t, 272);
FIELD(cay_event_t, size, 4);
FIELD(cay_event_t, u, 8);
SIZE(cay_event_type_t, 4);
SIZE(cay_reason_t, 4);
SIZE(cay_type_t, 4);
SIZE(cay_view_t, 4);

VALUE(CAY_EINVAL, -1);
VALUE(CAY_EENGINE, -15);
VALUE(CAY_EEXIST, -16);
VALUE(CAY_ENET, -22);
VALUE(CAY_EGUEST, -100);
VALUE(CAY_ESYNTAX, -101);
VALUE(CAY_ETERMINATED, -200);
VALUE(CAY_EVENT_ONLINE, 1);
VALUE(CAY_EVENT_LIMIT, 4);
VALUE(CAY_EVENT_CLOSE, 7);
VALUE(CAY_EVENT_DRAIN, 8);
VALUE(CAY_REASON_CLOSED, 1);
VALUE(CAY_REASON_ENGINE, 10);
VALUE(CAY_REASON_STARTUP, 16);
VALUE(CAY_LIMIT_MEMORY, 0);
VALUE(CAY_LIMIT_OUTPUT, 15);
VALUE(CAY_LIMIT_COUNT, 16);
VALUE(CAY_TYPE_UNDEFINED, 0);
VALUE(CAY_TYPE_HOLE, 17);
VALUE(CAY_VIEW_INT8, 1);
VALUE(CAY_VIEW_DATAVIEW, 12);
VALUE(CAY_UNCAUGHT_TERMINATE, 1);
VALUE(CAY_WORKER_CLOSE_WHEN_QUIET, 1);
VALUE(CAY_WORKER_LOCK_WRITE, 8);
VALUE(CAY_CHILDREN_INHERIT, 1);
VALUE(CAY_KIND_READ, 0);
VALUE(CAY_KIND_SYS, 5);
VALUE(CAY_KIND_EVAL, 6);
VALUE(CAY_KIND_COUNT, 10);
VALUE(CAY_GRANT_PARTIAL, 2);

/* Every public function, so that one which is not exported does not link. */
typedef void (*function_t)(void);
static const function_t functions[] = {
#define F(name) (function_t)(name)
    F(cay_version),           F(cay_error_name),
    F(cay_error_text),        F(cay_error_code),
    F(cay_error_message),     F(cay_error_free),
    F(cay_event_is_final),    F(cay_event_take_message),
    F(cay_event_free),        F(cay_event_type_name),
    F(cay_reason_name),       F(cay_handles_new),
    F(cay_inside_post_event), F(cay_inside_is_terminated),
    F(cay_inside_port),       F(cay_inside_free),
    F(cay_channel_new),       F(cay_port_post),
    F(cay_port_post_json),    F(cay_port_forward),
    F(cay_port_receive),      F(cay_port_fd),
    F(cay_port_is_closed),    F(cay_port_close),
    F(cay_message_value),     F(cay_message_to_json),
    F(cay_message_free),      F(cay_runtime_new),
    F(cay_worker_spawn),      F(cay_worker_revoke),
    F(cay_worker_bind),       F(cay_call_name),
    F(cay_call_worker_id),    F(cay_call_value),
    F(cay_call_to_json),      F(cay_call_reply),
    F(cay_call_reply_json),   F(cay_call_reject),
    F(cay_kind_name),         F(cay_permissions_new),
    F(cay_permissions_parse), F(cay_permissions_copy),
    F(cay_permissions_free),  F(cay_permissions_allow),
    F(cay_permissions_deny),  F(cay_permissions_print),
    F(cay_permissions_query), F(cay_permissions_subset),
    F(cay_runtime_stats),     F(cay_runtime_shutdown),
    F(cay_runtime_free),      F(cay_source_specifier),
    F(cay_source_referrer),   F(cay_source_url),
    F(cay_source_type),       F(cay_source_reply),
    F(cay_source_reject),     F(cay_source_pass),
    F(cay_doc_new),           F(cay_doc_free),
    F(cay_doc_failed),        F(cay_doc_root),
    F(cay_doc_set_root),      F(cay_doc_undefined),
    F(cay_doc_null),          F(cay_doc_bool),
    F(cay_doc_number),        F(cay_doc_bigint),
    F(cay_doc_bigint_digits), F(cay_doc_string),
    F(cay_doc_text),          F(cay_doc_date),
    F(cay_doc_buffer),        F(cay_doc_buffer_take),
    F(cay_doc_view),          F(cay_doc_bytes),
    F(cay_doc_array),         F(cay_doc_object),
    F(cay_doc_map),           F(cay_doc_set),
    F(cay_doc_error),         F(cay_value_set_cause),
    F(cay_doc_port),          F(cay_value_push),
    F(cay_value_set),         F(cay_value_map_put),
    F(cay_value_set_add),     F(cay_value_type),
    F(cay_value_bool),        F(cay_value_number),
    F(cay_value_int64),       F(cay_value_bigint_digits),
    F(cay_value_string),      F(cay_value_bytes),
    F(cay_value_view),        F(cay_value_view_buffer),
    F(cay_value_count),       F(cay_value_at),
    F(cay_value_key_at),      F(cay_value_get),
    F(cay_value_error_name),  F(cay_value_error_message),
    F(cay_value_error_stack), F(cay_value_error_cause),
    F(cay_value_boxed),       F(cay_value_regexp_flags),
    F(cay_value_take_port),   F(cay_doc_from_json),
    F(cay_value_to_json),     F(cay_free),
    F(cay_worker_port),       F(cay_worker_next_event),
    F(cay_worker_fd),         F(cay_worker_terminate),
    F(cay_worker_join),       F(cay_worker_id),
    F(cay_worker_name),       F(cay_worker_free),
    F(cay_port_wait_room),
#ifdef CAY_ABI_ENGINE
    F(cay_v8_provider),       F(cay_v8_version),
#endif
#undef F
};

int main(void) {
    size_t count = 0;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        count += functions[i] != NULL;
    }
    printf("%zu functions of cay %s\n", count, cay_version());
    return count == sizeof functions / sizeof *functions ? 0 : 1;
}
