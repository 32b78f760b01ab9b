/* SPDX-License-Identifier: MIT */
/* Options: structs from older and newer callers, and every value that cannot be honoured is refused by name. */
#include "host.h"

#include <unistd.h>

#include "cay/cay.h"

static cay_runtime_t *rt;

static int set_up(void **state) {
    (void)state;
    rt = host_runtime(0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    host_shutdown(rt);
    return 0;
}

/* ---- extensible structs ---- */

/* Room for an option that a later version may have. */
typedef struct later {
    union {
        cay_runtime_options_t runtime;
        cay_worker_options_t worker;
        cay_handles_options_t handles;
        cay_runtime_stats_t stats;
    } u;
    uint64_t more[4];
} later_t;

static int try_runtime(void *options, char *message, size_t size) {
    cay_runtime_t *made = (cay_runtime_t *)options; /* anything but NULL */
    cay_error_t *err = NULL;
    int rc = cay_runtime_new(options, &made, &err);
    if (rc == 0) {
        host_shutdown(made);
    } else {
        assert_ptr_equal(made, options); /* not written */
        snprintf(message, size, "%s", cay_error_message(err));
        assert_int_equal(cay_error_code(err), rc);
        cay_error_free(err);
        assert_int_equal(cay_runtime_new(options, &made, NULL), rc);
    }
    return rc;
}

static int try_worker(void *options, char *message, size_t size) {
    cay_worker_t *made = (cay_worker_t *)options;
    cay_error_t *err = NULL;
    int rc = cay_worker_spawn(rt, options, &made, &err);
    if (rc == 0) {
        cay_worker_free(made);
    } else {
        assert_ptr_equal(made, options);
        snprintf(message, size, "%s", cay_error_message(err));
        assert_int_equal(cay_error_code(err), rc);
        cay_error_free(err);
        assert_int_equal(cay_worker_spawn(rt, options, &made, NULL), rc);
    }
    return rc;
}

static int try_handles(void *options, char *message, size_t size) {
    cay_worker_t *w = NULL;
    cay_inside_t *in = NULL;
    int rc = cay_handles_new(options, &w, &in);
    snprintf(message, size, "cay_handles_options");
    assert_int_equal(!w, rc != 0);
    assert_int_equal(!in, rc != 0);
    cay_inside_free(in);
    cay_worker_free(w);
    return rc;
}

typedef int (*try_t)(void *options, char *message, size_t size);

static void sizes_of(try_t attempt, later_t *o, size_t known, const char *name) {
    char message[300];
    uint64_t *size = (uint64_t *)o;
    static const uint64_t small[] = {0, 1, 4, 7};
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        *size = small[i];
        assert_int_equal(attempt(o, message, sizeof message), CAY_EINVAL);
        assert_non_null(strstr(message, name));
    }
    *size = UINT64_MAX;
    assert_int_equal(attempt(o, message, sizeof message), CAY_EINVAL);
    *size = known;
    assert_int_equal(attempt(o, message, sizeof message), 0);
    for (size_t more = 1; more <= sizeof o->more; more += 7) {
        uint8_t *tail = (uint8_t *)o + known;
        *size = known + more;
        memset(tail, 0, sizeof o->more);
        assert_int_equal(attempt(o, message, sizeof message), 0);
        tail[more - 1] = 1;
        assert_int_equal(attempt(o, message, sizeof message), CAY_E2BIG);
        assert_non_null(strstr(message, name));
        tail[more - 1] = 0;
        tail[more] = 1; /* past what the caller vouches for: not looked at */
        assert_int_equal(attempt(o, message, sizeof message), 0);
    }
}

static void callers_of_other_versions(void **state) {
    (void)state;
    later_t o;
    memset(&o, 0, sizeof o);
    o.u.runtime.provider = cay_v8_provider();
    sizes_of(try_runtime, &o, sizeof o.u.runtime, "cay_runtime_options");
    memset(&o, 0, sizeof o);
    o.u.worker.main_source = "";
    sizes_of(try_worker, &o, sizeof o.u.worker, "cay_worker_options");
    memset(&o, 0, sizeof o);
    sizes_of(try_handles, &o, sizeof o.u.handles, "cay_handles_options");
}

static void an_older_callers_struct_ends_early(void **state) {
    (void)state;
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = "postMessage(1);";
    o.main_source_len = 3; /* beyond the size: not looked at */
    o.uncaught = 77;
    o.flags = UINT64_MAX;
    o.size = offsetof(cay_worker_options_t, main_source_len);
    cay_worker_t *w = NULL;
    assert_int_equal(cay_worker_spawn(rt, &o, &w, NULL), 0);
    host_expect(w, "1");
    cay_worker_free(w);
}

static void stats_fill_what_the_caller_knows(void **state) {
    (void)state;
    later_t s;
    memset(&s, 0xff, sizeof s);
    s.u.stats.size = 0;
    assert_int_equal(cay_runtime_stats(rt, &s.u.stats), CAY_EINVAL);
    s.u.stats.size = 7;
    assert_int_equal(cay_runtime_stats(rt, &s.u.stats), CAY_EINVAL);
    s.u.stats.size = offsetof(cay_runtime_stats_t, spawned);
    assert_int_equal(cay_runtime_stats(rt, &s.u.stats), 0);
    assert_int_equal(s.u.stats.size, offsetof(cay_runtime_stats_t, spawned));
    assert_true(s.u.stats.workers < 1000);
    assert_true(s.u.stats.spawned == UINT64_MAX); /* past the end */
    s.u.stats.size = sizeof s.u.stats + 16;       /* a newer caller: what we lack reads as 0 */
    uint64_t *tail = (uint64_t *)(&s.u.stats + 1);
    tail[0] = tail[1] = tail[2] = 9;
    assert_int_equal(cay_runtime_stats(rt, &s.u.stats), 0);
    assert_int_equal(s.u.stats.size, sizeof s.u.stats + 16);
    assert_true(s.u.stats.threads > 0 && s.u.stats.threads < 100);
    assert_int_equal(tail[0], 0);
    assert_int_equal(tail[1], 0);
    assert_int_equal(tail[2], 9);
}

/* ---- values ---- */

static void refused(cay_worker_options_t *o, int code, const char *name) {
    char message[300];
    int rc = try_worker(o, message, sizeof message);
    if (rc != code || !strstr(message, name)) {
        fail_msg("%s: got %s, \"%s\"", name, cay_error_name(rc), rc ? message : "");
    }
}

static void on_event(cay_worker_t *w, cay_event_t *ev, void *user) {
    (void)w;
    (void)ev;
    (void)user;
}

static void on_call(cay_call_t *call, void *user) {
    (void)user;
    cay_call_reject(call, NULL, NULL);
}

static void each_refusal_names_the_option(void **state) {
    (void)state;
    cay_worker_options_t clean = CAY_WORKER_OPTIONS_INIT, o = clean;
    refused(NULL, CAY_EINVAL, "cay_worker_options");
    refused(&o, CAY_EINVAL, "main_file, main_url, main_source");
    o.main_file = "x.js";
    o.main_url = "data:text/javascript,1";
    refused(&o, CAY_EINVAL, "main_file");
    o.main_url = NULL;
    o.main_source = "";
    refused(&o, CAY_EINVAL, "main_file");
    o = clean;
    o.main_url = "no url";
    refused(&o, CAY_EINVAL, "main_url");
    o.main_url = "x.js";
    refused(&o, CAY_EINVAL, "main_url");
    o.main_url = "data:text/javascript,1";
    o.main_source_len = 1;
    refused(&o, CAY_EINVAL, "main_source_len");
    o = clean;
    o.main_source = "";
    o.uncaught = 2;
    refused(&o, CAY_EINVAL, "uncaught");
    o.uncaught = 0;
    o.flags = 16;
    refused(&o, CAY_EINVAL, "flags");
    o.flags = CAY_WORKER_RELOAD | CAY_WORKER_CACHED_ONLY;
    refused(&o, CAY_EINVAL, "RELOAD");
    o.flags = CAY_WORKER_LOCK_WRITE;
    refused(&o, CAY_EINVAL, "LOCK_WRITE");
    o.flags = 1ull << 63;
    refused(&o, CAY_EINVAL, "flags");
    o.flags = 0;
    o.child_permissions = 2;
    refused(&o, CAY_EINVAL, "child_permissions");
    o.child_permissions = 0;
    o.import_map_url = "file:///x/";
    refused(&o, CAY_EINVAL, "import_map_url");
    o.import_map_url = NULL;
    o.import_map = "{";
    refused(&o, CAY_EINVAL, "import map");
    o.import_map = NULL;
    o.lock_file = "/nowhere/at/all.json";
    refused(&o, CAY_ENOTFOUND, "/nowhere/at/all.json");
    o.lock_file = NULL;
    o.audit_user = &o;
    refused(&o, CAY_EINVAL, "audit_user");
    o.audit_user = NULL;
    o.function_count = 1;
    refused(&o, CAY_EINVAL, "function_count");
    static const cay_function_t unnamed = {"not a name", on_call, NULL};
    static const cay_function_t empty = {"name", NULL, NULL};
    o.functions = &unnamed;
    refused(&o, CAY_EINVAL, "not a name");
    o.functions = &empty;
    refused(&o, CAY_EINVAL, "functions");
    o.functions = NULL;
    o.function_count = 0;
    o.name = "\xff";
    refused(&o, CAY_EINVAL, "name");
    o.name = NULL;
    const char *bad_args[] = {"fine", "\xc0\x80", NULL};
    o.args = bad_args;
    refused(&o, CAY_EINVAL, "args");
    const char *many[258] = {0};
    for (int i = 0; i < 257; i++) {
        many[i] = "";
    }
    o.args = many;
    refused(&o, CAY_EINVAL, "args");
    o = clean;
    o.main_source = "";
    o.event_user_free = free;
    refused(&o, CAY_EINVAL, "event_user_free");
    o.on_event = on_event;
    o.event_user_free = NULL;
    cay_worker_t *w = NULL;
    assert_int_equal(cay_worker_spawn(rt, &o, &w, NULL), 0);
    cay_worker_free(w);
}

static void a_runtime_needs_a_provider(void **state) {
    (void)state;
    cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
    char message[300];
    assert_int_equal(try_runtime(&o, message, sizeof message), CAY_EINVAL);
    assert_non_null(strstr(message, "cay_runtime_options.provider"));
    assert_int_equal(cay_runtime_new(NULL, NULL, NULL), CAY_EINVAL);
}

/* ---- what the options do ---- */

static void all_arguments_reach_the_guest(void **state) {
    (void)state;
    const char *args[257] = {0};
    for (int i = 0; i < 256; i++) {
        args[i] = i ? "a" : "gr\xc3\xbc\xc3\x9f";
    }
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = "postMessage([cay.args.length, cay.args[0], cay.args[255], name]);";
    o.args = args;
    o.name = "n\xe2\x82\xac";
    cay_worker_t *w = host_spawn_with(rt, &o);
    host_expect(w, "[256,\"gr\xc3\xbc\xc3\x9f\",\"a\",\"n\xe2\x82\xac\"]");
    assert_string_equal(cay_worker_name(w), "n\xe2\x82\xac");
    cay_worker_free(w);
}

static void source_text_may_hold_zero_bytes_and_must_be_utf8(void **state) {
    (void)state;
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    static const char text[] = "postMessage('a\0b'.length); postMessage(2)";
    o.main_source = text;
    o.main_source_len = sizeof text - 1;
    cay_worker_t *w = host_spawn_with(rt, &o);
    host_expect(w, "3");
    host_expect(w, "2");
    cay_worker_free(w);
    o.main_source_len = strlen("postMessage('a");
    w = host_spawn_with(rt, &o);
    cay_event_t *ev = host_final(w);
    assert_string_equal(ev->u.end.error.name, "SyntaxError");
    cay_event_free(ev);
    cay_worker_free(w);
    o.main_source = "1; \xff";
    o.main_source_len = 0;
    w = host_spawn_with(rt, &o);
    ev = host_final(w);
    assert_int_equal(ev->u.end.reason, CAY_REASON_MAIN_MODULE);
    assert_non_null(strstr(ev->u.end.error.message, "not valid UTF-8 (at byte 3)"));
    cay_event_free(ev);
    cay_worker_free(w);
}

static void options_are_copied(void **state) {
    (void)state;
    char source[] = "postMessage([name, cay.args[0], import.meta.url]);", name[] = "name",
         arg[] = "arg";
    char url[] = "https://x.test/";
    const char *args[] = {arg, NULL};
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = source;
    o.name = name;
    o.args = args;
    o.main_url = url;
    cay_worker_t *w = host_spawn_with(rt, &o);
    memset(source, 'x', strlen(source));
    memset(name, 'x', strlen(name));
    memset(arg, 'x', strlen(arg));
    memset(url, 'x', strlen(url));
    args[0] = NULL;
    memset(&o, 0xff, sizeof o);
    host_expect(w, "[\"name\",\"arg\",\"https://x.test/\"]");
    cay_worker_free(w);
}

static void a_relative_main_file_is_found(void **state) {
    (void)state;
    char dir[] = "/tmp/cay-options-XXXXXX", path[64], before[4096];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/m #1%%.js", dir);
    FILE *f = fopen(path, "we");
    fputs("postMessage(import.meta.url);", f);
    fclose(f);
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(dir), 0);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_file = "./m #1%.js";
    cay_worker_t *w = host_spawn_with(rt, &o);
    assert_int_equal(chdir(before), 0);
    char expected[100];
    snprintf(expected, sizeof expected, "\"file://%s/m%%20%%231%%25.js\"", dir);
    host_expect(w, expected);
    cay_worker_free(w);
    unlink(path);
    rmdir(dir);
}

static void max_workers_bounds_those_alive(void **state) {
    (void)state;
    cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
    o.provider = cay_v8_provider();
    o.max_workers = 3;
    cay_runtime_t *small = NULL;
    assert_int_equal(cay_runtime_new(&o, &small, NULL), 0);
    cay_worker_t *w[3];
    w[0] = host_spawn(
        small, "onmessage = () => { try { new Worker('data:text/javascript,', { type: 'module' });"
               " postMessage('made'); } catch (e) { postMessage(e.name); } };");
    w[1] = host_spawn(small, host_echo_source);
    w[2] = host_spawn(small, host_echo_source);
    cay_worker_options_t wo = CAY_WORKER_OPTIONS_INIT;
    wo.main_source = "";
    cay_worker_t *more = NULL;
    cay_error_t *err = NULL;
    assert_int_equal(cay_worker_spawn(small, &wo, &more, &err), CAY_ELIMIT);
    assert_non_null(strstr(cay_error_message(err), "3 workers"));
    cay_error_free(err);
    host_post(w[0], "0");
    host_expect(w[0], "\"QuotaExceededError\"");
    cay_worker_terminate(w[1]);
    assert_int_equal(cay_worker_join(w[1], WAIT_MS), 0);
    cay_runtime_stats_t s = {.size = sizeof s};
    do { /* the count falls a moment after the join */
        assert_int_equal(cay_runtime_stats(small, &s), 0);
    } while (s.workers > 2);
    host_post(w[0], "0");
    host_expect(w[0], "\"made\"");
    for (int i = 0; i < 3; i++) {
        cay_worker_free(w[i]);
    }
    host_shutdown(small);
}

static void a_runtime_is_freed_only_when_it_is_down(void **state) {
    (void)state;
    cay_runtime_t *one = host_runtime(1);
    assert_int_equal(cay_runtime_free(one), CAY_EBUSY);
    cay_worker_t *w = host_spawn(one, host_echo_source);
    assert_int_equal(cay_runtime_free(one), CAY_EBUSY);
    host_echo(w, "1");
    assert_int_equal(cay_runtime_shutdown(one, WAIT_MS, NULL), 0);
    assert_int_equal(cay_runtime_shutdown(one, 0, NULL), 0);
    assert_int_equal(cay_runtime_free(one), 0);
    host_expect_end(w, CAY_REASON_SHUTDOWN); /* handles outlive their runtime */
    assert_int_equal(cay_worker_join(w, 0), 0);
    cay_worker_terminate(w);
    cay_worker_free(w);
    assert_int_equal(cay_runtime_free(NULL), 0);
    cay_worker_free(NULL);
    cay_worker_terminate(NULL);
}

static cay_source_t *kept;
static void keep(cay_source_t *s, void *user) {
    (void)user;
    __atomic_store_n(&kept, s, __ATOMIC_RELEASE);
}

static void output_goes_where_it_is_told(const char *name, bool is_error, const char *text,
                                         size_t len, void *user) {
    char *out = user;
    snprintf(out + strlen(out), 200 - strlen(out), "%s%c%.*s", name, is_error ? '!' : ':', (int)len,
             text);
}

static void output_of_a_tree_reaches_the_callback(void **state) {
    (void)state;
    char out[200] = "";
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.name = "root";
    o.main_source =
        HOST_CHILD "console.log('one'); console.error('two');\n"
                   "child('console.log(3); close();', { name: 'kid' }).onclose = () => close();";
    o.on_output = output_goes_where_it_is_told;
    o.output_user = out;
    cay_worker_t *w = host_spawn_with(rt, &o);
    host_expect_end(w, CAY_REASON_CLOSED);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    assert_string_equal(out, "root:one\nroot!two\nkid:3\n");
    cay_worker_free(w);
    kept = NULL;
    o = (cay_worker_options_t)CAY_WORKER_OPTIONS_INIT; /* none given: output is dropped */
    o.main_source = "console.log(1); import 'keep:it';";
    o.on_source = keep;
    assert_int_equal(cay_worker_spawn(rt, &o, &w, NULL), 0);
    while (!__atomic_load_n(&kept, __ATOMIC_ACQUIRE)) {}
    assert_int_equal(cay_source_reply(kept, NULL, "close()", 7), 0);
    host_expect_end(w, CAY_REASON_CLOSED);
    cay_worker_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callers_of_other_versions),
        cmocka_unit_test(an_older_callers_struct_ends_early),
        cmocka_unit_test(stats_fill_what_the_caller_knows),
        cmocka_unit_test(each_refusal_names_the_option),
        cmocka_unit_test(a_runtime_needs_a_provider),
        cmocka_unit_test(all_arguments_reach_the_guest),
        cmocka_unit_test(source_text_may_hold_zero_bytes_and_must_be_utf8),
        cmocka_unit_test(options_are_copied),
        cmocka_unit_test(a_relative_main_file_is_found),
        cmocka_unit_test(max_workers_bounds_those_alive),
        cmocka_unit_test(a_runtime_is_freed_only_when_it_is_down),
        cmocka_unit_test(output_of_a_tree_reaches_the_callback),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
