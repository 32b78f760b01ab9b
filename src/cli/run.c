/* SPDX-License-Identifier: MIT */
/* `cay run` and `cay eval`: one runtime, one root worker, and its events until the final one. */
#include <cay/cay.h>
#include <cay/v8.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "commands.h"
#include "events.h"
#include "files.h"
#include "options.h"
#include "out.h"
#include "report.h"
#include "source.h"
#include "stats.h"
#include "stop.h"

/* How long the runtime may take to be gone once its only worker is. */
#define SHUTDOWN_MS 1000

/* What the library's errors of an import map begin with. */
#define MAP_ERROR "import map: "

/* ---- output of the guest ---- */

/* Set once a write failed: standard output is gone, and so is the point of going on. */
static atomic_bool out_failed;

static void on_output(const char *worker, bool is_error, const char *text, size_t len, void *user) {
    (void)worker;
    (void)user;
    if (!is_error && atomic_load(&out_failed)) {
        return;
    }
    int rc = cay__cli_out_write(is_error ? STDERR_FILENO : STDOUT_FILENO, text, len);
    if (rc == 0 || is_error || atomic_exchange(&out_failed, true)) {
        return;
    }
    if (rc != EPIPE) { /* a reader that has seen enough is no mistake to talk about */
        cay__cli_say("cannot write to standard output: %s", strerror(rc));
    }
    cay__cli_stop_request(CAY_CLI_FAILED);
}

/* ---- life ---- */

static int refuse(const char *what, int code, cay_error_t *err) {
    const char *detail = err ? cay_error_message(err) : cay_error_text(code);
    cay__cli_say_about(what, detail, "");
    cay_error_free(err);
    return code == CAY_EINVAL ? CAY_CLI_USAGE : CAY_CLI_FAILED;
}

/* What is wrong with the import map, with the name of its file, which the library was not told. */
static int refuse_import_map(const char *path, int code, cay_error_t *err) {
    cay_cli_text_t t = {0};
    cay__cli_puts(&t, "cay: --import-map: \"");
    cay__cli_puts_shown(&t, path);
    cay__cli_puts(&t, "\": ");
    cay__cli_puts_shown(&t, cay_error_message(err) + strlen(MAP_ERROR));
    cay__cli_puts(&t, "\n");
    cay__cli_out_error(&t);
    cay_error_free(err);
    return code == CAY_EINVAL ? CAY_CLI_USAGE : CAY_CLI_FAILED;
}

static int refuse_script(const cay_cli_options_t *o, int code, cay_error_t *err) {
    if (o->import_map && err &&
        strncmp(cay_error_message(err), MAP_ERROR, strlen(MAP_ERROR)) == 0) {
        return refuse_import_map(o->import_map, code, err);
    }
    return refuse("cannot start the script: ", code, err);
}

static int exit_code_of(const cay_event_t *ev) {
    const cay_event_end_t *end = &ev->u.end;
    if (ev->type == CAY_EVENT_CLOSE) {
        return end->exit_code >= 0 && end->exit_code <= 255 ? end->exit_code : CAY_CLI_FAILED;
    }
    if (end->reason == CAY_REASON_ENGINE || end->reason == CAY_REASON_LOST) {
        return CAY_CLI_LOST;
    }
    return cay__cli_is_limit(end->reason) ? CAY_CLI_LIMIT : CAY_CLI_FAILED;
}

typedef struct run {
    const cay_cli_options_t *options;
    cay_runtime_t *runtime;
    cay_worker_t *worker;
    cay_cli_report_t report;
} run_t;

/* The last line of JSON stays the final event's, by which readers know that no more comes; for a person
 * the figures stand below all that was told. */
static void tell_end(run_t *r, const cay_event_t *ev) {
    const cay_cli_options_t *o = r->options;
    cay_cli_stats_t stats;
    if (o->has_stats) {
        cay__cli_stats_take(&stats, &ev->u.end, &o->limits.held, r->runtime);
    }
    if (o->has_stats && o->has_events) {
        cay__cli_stats_write(o->events_fd, cay_worker_name(r->worker), &stats);
    }
    if (o->has_events) {
        cay__cli_events_write(o->events_fd, cay_worker_name(r->worker), ev);
    }
    cay__cli_report_event(&r->report, ev);
    if (o->has_stats && !o->has_events) {
        cay__cli_stats_print(&stats);
    }
}

static void tell(run_t *r, const cay_event_t *ev) {
    if (r->options->has_events) {
        cay__cli_events_write(r->options->events_fd, cay_worker_name(r->worker), ev);
    }
    cay__cli_report_event(&r->report, ev);
}

/* Takes events until the final one; the exit code. */
static int follow(run_t *r) {
    int rc = CAY_CLI_FAILED;
    cay_event_t *ev = NULL;
    while (cay_worker_next_event(r->worker, CAY_FOREVER, &ev) == 0) {
        bool is_final = cay_event_is_final(ev);
        (is_final ? tell_end : tell)(r, ev);
        rc = is_final ? exit_code_of(ev) : rc;
        cay_event_free(ev);
        if (is_final) {
            break;
        }
    }
    int stopped = cay__cli_stop_code();
    return stopped >= 0 ? stopped : rc;
}

static int run_worker(cay_runtime_t *rt, const cay_worker_options_t *wo,
                      const cay_cli_options_t *o) {
    run_t r = {.options = o, .runtime = rt};
    cay__cli_report_init(&r.report, (int)o->color, &o->limits);
    /* Reports would stand between the lines of JSON. */
    r.report.is_quiet = o->is_quiet || (o->has_events && o->events_fd == STDERR_FILENO);
    cay_error_t *err = NULL;
    int rc = cay_worker_spawn(rt, wo, &r.worker, &err);
    if (rc) {
        return refuse_script(o, rc, err);
    }
    cay__cli_stop_worker(r.worker);
    rc = follow(&r);
    cay__cli_stop_worker(NULL);
    cay_worker_free(r.worker);
    return rc;
}

/* What the library's options borrow, beside the source and argv. */
typedef struct setup {
    cay_permissions_t *permissions;
    char *import_map;
    char *import_map_url;
    char *cache_dir;
} setup_t;

static void setup_free(setup_t *s) {
    cay_permissions_free(s->permissions);
    free(s->import_map);
    free(s->import_map_url);
    free(s->cache_dir);
}

/* The one that was asked for, or the usual one where code over http(s) is sure to come. */
static const char *cache_to_warn_of(const setup_t *s, const cay_cli_options_t *o) {
    bool is_remote = strncmp(o->main, "https:", 6) == 0 || strncmp(o->main, "http:", 5) == 0;
    return o->cache_dir ? o->cache_dir : is_remote ? s->cache_dir : NULL;
}

static int setup_files(setup_t *s, const cay_cli_options_t *o) {
    int rc = CAY_CLI_OK;
    if (o->import_map) {
        rc = cay__cli_file_read("import-map", o->import_map, &s->import_map);
        s->import_map_url = rc ? NULL : cay__cli_file_url(o->import_map);
    }
    if (rc == CAY_CLI_OK && o->lock_file && !o->is_lock_write) {
        rc = cay__cli_file_check("lock", o->lock_file);
    }
    if (rc == CAY_CLI_OK && !o->cache_dir && !o->has_no_cache) {
        rc = cay__cli_file_cache(&s->cache_dir);
    }
    const char *cache = cache_to_warn_of(s, o);
    if (rc == CAY_CLI_OK && cache && !o->is_quiet && !o->is_cached_only) {
        cay__cli_file_warn_cache(cache);
    }
    return rc;
}

static int setup(setup_t *s, const cay_cli_options_t *o) {
    int rc = cay__cli_grants_set(&o->grants, &s->permissions);
    rc = rc ? rc : setup_files(s, o);
    return rc == CAY_CLI_OK && o->audit ? cay__cli_audit_open(o->audit) : rc;
}

static void fill(cay_worker_options_t *wo, const cay_cli_options_t *o, const setup_t *s) {
    wo->name = o->name;
    wo->uncaught = o->is_report ? CAY_UNCAUGHT_REPORT : CAY_UNCAUGHT_TERMINATE;
    wo->flags = CAY_WORKER_CLOSE_WHEN_QUIET | (o->is_reload ? CAY_WORKER_RELOAD : 0) |
                (o->is_cached_only ? CAY_WORKER_CACHED_ONLY : 0) |
                (o->is_lock_write ? CAY_WORKER_LOCK_WRITE : 0);
    wo->args = o->args;
    wo->on_output = on_output;
    wo->permissions = s->permissions;
    wo->child_permissions = o->children;
    wo->import_map = s->import_map;
    wo->import_map_url = s->import_map_url;
    wo->lock_file = o->lock_file;
    wo->limits = &o->limits.given;
    wo->on_audit = o->audit ? cay__cli_audit_write : NULL;
    if (o->module_root) {
        wo->module_root = o->module_root;
    }
}

static int run(const cay_cli_options_t *o, const setup_t *s, cay_worker_options_t *wo) {
    int rc = cay__cli_stop_start();
    if (rc) {
        cay__cli_say("cannot start a thread: %s", strerror(rc));
        return CAY_CLI_FAILED;
    }
    cay_runtime_options_t ro = CAY_RUNTIME_OPTIONS_INIT;
    ro.provider = cay_v8_provider();
    ro.threads = o->threads;
    ro.engine_flags = o->v8_flags;
    ro.io_threads = o->io_threads;
    ro.ca_file = o->ca_file;
    ro.cache_dir = o->cache_dir ? o->cache_dir : s->cache_dir;
    cay_runtime_t *rt = NULL;
    cay_error_t *err = NULL;
    rc = cay_runtime_new(&ro, &rt, &err);
    if (rc) {
        return refuse("cannot start the engine: ", rc, err);
    }
    rc = run_worker(rt, wo, o);
    /* All was told and written. A thread that the engine cannot give back, or one that waits for a reader
     * of standard output, does not hold the command. */
    if (cay_runtime_shutdown(rt, SHUTDOWN_MS, NULL) || cay_runtime_free(rt)) {
        _exit(rc);
    }
    return rc;
}

static int command(int argc, char **argv, const char *what,
                   int (*source)(const char *, cay_cli_source_t *, cay_worker_options_t *)) {
    cay_cli_options_t o;
    int rc = cay__cli_options_read(argc, argv, what, &o);
    if (rc == CAY_CLI_OK && o.wants_help) {
        rc = cay__cli_help_print(argv[0]);
    } else if (rc == CAY_CLI_OK) {
        setup_t s = {0};
        cay_cli_source_t main = {0};
        cay_worker_options_t wo = CAY_WORKER_OPTIONS_INIT;
        rc = setup(&s, &o);
        rc = rc ? rc : source(o.main, &main, &wo);
        if (rc == CAY_CLI_OK) {
            fill(&wo, &o, &s);
            rc = run(&o, &s, &wo);
        }
        cay__cli_source_free(&main);
        setup_free(&s);
    }
    cay__cli_options_free(&o);
    return rc;
}

int cay__cli_run(int argc, char **argv) {
    return command(argc, argv, "a file, a URL or '-'", cay__cli_source_run);
}

int cay__cli_eval(int argc, char **argv) {
    return command(argc, argv, "code", cay__cli_source_eval);
}
