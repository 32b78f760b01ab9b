/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "out.h"
#include "values.h"

enum {
    OPT_NAME = 256,
    OPT_EVENTS,
    OPT_V8_FLAGS,
    OPT_THREADS,
    OPT_IO_THREADS,
    OPT_ROOT,
    OPT_WALL,
    OPT_UNCAUGHT,
    OPT_COLOR,
    OPT_CHILDREN,
    OPT_PERMISSIONS,
    OPT_AUDIT,
    OPT_IMPORT_MAP,
    OPT_LOCK,
    OPT_LOCK_WRITE,
    OPT_RELOAD,
    OPT_CACHED_ONLY,
    OPT_CACHE_DIR,
    OPT_NO_CACHE,
    OPT_CA_FILE,
    OPT_STATS,
    OPT_ALLOW = 512, /* and the kind */
    OPT_DENY = 640,  /* and the kind */
    OPT_LIMIT = 768  /* and which */
};

static const struct option longs[] = {
    {"allow-read", optional_argument, NULL, OPT_ALLOW + CAY_KIND_READ},
    {"allow-write", optional_argument, NULL, OPT_ALLOW + CAY_KIND_WRITE},
    {"allow-net", optional_argument, NULL, OPT_ALLOW + CAY_KIND_NET},
    {"allow-env", optional_argument, NULL, OPT_ALLOW + CAY_KIND_ENV},
    {"allow-import", optional_argument, NULL, OPT_ALLOW + CAY_KIND_IMPORT},
    {"allow-sys", optional_argument, NULL, OPT_ALLOW + CAY_KIND_SYS},
    {"allow-eval", no_argument, NULL, OPT_ALLOW + CAY_KIND_EVAL},
    {"allow-wasm", no_argument, NULL, OPT_ALLOW + CAY_KIND_WASM},
    {"allow-shared-memory", no_argument, NULL, OPT_ALLOW + CAY_KIND_SHARED_MEMORY},
    {"allow-fine-clock", no_argument, NULL, OPT_ALLOW + CAY_KIND_FINE_CLOCK},
    {"deny-read", optional_argument, NULL, OPT_DENY + CAY_KIND_READ},
    {"deny-write", optional_argument, NULL, OPT_DENY + CAY_KIND_WRITE},
    {"deny-net", optional_argument, NULL, OPT_DENY + CAY_KIND_NET},
    {"deny-env", optional_argument, NULL, OPT_DENY + CAY_KIND_ENV},
    {"deny-import", optional_argument, NULL, OPT_DENY + CAY_KIND_IMPORT},
    {"deny-sys", optional_argument, NULL, OPT_DENY + CAY_KIND_SYS},
    {"allow-all", no_argument, NULL, 'A'},
    {"permissions", required_argument, NULL, OPT_PERMISSIONS},
    {"worker-permissions", required_argument, NULL, OPT_CHILDREN},
    {"audit", required_argument, NULL, OPT_AUDIT},
    {"module-root", required_argument, NULL, OPT_ROOT},
    {"import-map", required_argument, NULL, OPT_IMPORT_MAP},
    {"lock", required_argument, NULL, OPT_LOCK},
    {"lock-write", no_argument, NULL, OPT_LOCK_WRITE},
    {"reload", no_argument, NULL, OPT_RELOAD},
    {"cached-only", no_argument, NULL, OPT_CACHED_ONLY},
    {"cache-dir", required_argument, NULL, OPT_CACHE_DIR},
    {"no-cache", no_argument, NULL, OPT_NO_CACHE},
    {"ca-file", required_argument, NULL, OPT_CA_FILE},
    {"max-memory", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_MEMORY},
    {"max-heap", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_HEAP},
    {"max-cpu", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_CPU},
    {"max-turn-cpu", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_TURN_CPU},
    {"max-wall", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_WALL},
    {"max-idle", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_IDLE},
    {"max-startup", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_STARTUP},
    {"max-stack", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_STACK},
    {"max-queue", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_QUEUE},
    {"max-queue-bytes", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_QUEUE_BYTES},
    {"max-ports", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_PORTS},
    {"max-timers", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_TIMERS},
    {"max-ops", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_OPS},
    {"max-workers", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_WORKERS},
    {"max-depth", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_DEPTH},
    {"max-output", required_argument, NULL, OPT_LIMIT + CAY_LIMIT_OUTPUT},
    {"soft-limit", required_argument, NULL, OPT_LIMIT + CAY_CLI_LIMIT_SOFT},
    {"grace", required_argument, NULL, OPT_LIMIT + CAY_CLI_LIMIT_GRACE},
    {"name", required_argument, NULL, OPT_NAME},
    {"events", required_argument, NULL, OPT_EVENTS},
    {"v8-flags", required_argument, NULL, OPT_V8_FLAGS},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"io-threads", required_argument, NULL, OPT_IO_THREADS},
    {"wall", required_argument, NULL, OPT_WALL},
    {"uncaught", required_argument, NULL, OPT_UNCAUGHT},
    {"color", required_argument, NULL, OPT_COLOR},
    {"stats", no_argument, NULL, OPT_STATS},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* ---- what is refused ---- */

static bool begins(const char *s, const char *with) {
    return strncmp(s, with, strlen(with)) == 0;
}

/* A switch has no values to take some out of. */
static bool denies_switch(const char *option) {
    size_t len = strcspn(option, "=");
    for (int k = CAY_KIND_EVAL; begins(option, "--deny-") && k < CAY_KIND_COUNT; k++) {
        const char *name = cay_kind_name((cay_kind_t)k);
        if (strlen(name) == len - 7 && strncmp(option + 7, name, len - 7) == 0) {
            return true;
        }
    }
    return false;
}

/* Options that there is no need for get told apart from mistyped ones, and those of limits a hint. */
static void put_why_unknown(cay_cli_text_t *t, const char *option, const char *command) {
    if (denies_switch(option)) {
        cay__cli_puts(t, ": a switch is off until it is granted");
    } else if (strcmp(command, "info ") != 0) { /* which has none of them */
        cay__cli_put_limit_hint(t, option + 2, strcspn(option, "=") - 2);
    }
}

void cay__cli_option_refused(char **argv, int at, int why, int letter, const char *command) {
    cay_cli_text_t t = {0};
    const char *arg = argv[at];
    bool is_long = begins(arg, "--");
    char shown[3] = {'-', (char)letter, 0};
    const char *option = is_long ? arg : shown;
    bool is_known =
        why == ':' || (is_long && letter); /* but its value is missing, or is too much */
    cay__cli_puts(&t, is_known ? "cay: the option " : "cay: unknown option ");
    cay__cli_put_shown(&t, option, is_long ? strcspn(option, "=") : strlen(option),
                       CAY_CLI_KEEP_NONE, 0);
    if (is_known) {
        cay__cli_puts(&t, why == ':' ? " needs a value" : " takes no value");
    } else if (is_long) {
        put_why_unknown(&t, option, command);
    }
    cay__cli_putf(&t, " (see 'cay %s--help')\n", command);
    cay__cli_out_error(&t);
}

/* Options that say opposite things, or one that says nothing without another. */
static int check_together(const cay_cli_options_t *o) {
    const char *what = NULL;
    if (o->is_reload && o->is_cached_only) {
        what = "--reload and --cached-only exclude one another";
    } else if (o->has_no_cache && o->cache_dir) {
        what = "--no-cache and --cache-dir exclude one another";
    } else if (o->has_no_cache && o->is_cached_only) {
        what = "--no-cache and --cached-only exclude one another";
    } else if (o->is_lock_write && !o->lock_file) {
        what = "--lock-write needs --lock=FILE";
    }
    if (what) {
        cay__cli_say("%s", what);
        return CAY_CLI_USAGE;
    }
    return CAY_CLI_OK;
}

/* ---- reading ---- */

static int take_permission(cay_cli_options_t *o, int option) {
    bool is_denial = option >= OPT_DENY;
    cay_kind_t kind = (cay_kind_t)(option - (is_denial ? OPT_DENY : OPT_ALLOW));
    char name[64];
    snprintf(name, sizeof name, "--%s-%s", is_denial ? "deny" : "allow", cay_kind_name(kind));
    return cay__cli_grants_add(&o->grants, name, kind, is_denial, optarg);
}

static int take(cay_cli_options_t *o, int option) {
    switch (option) {
    case 'A': return cay__cli_grants_add_text(&o->grants, "--allow-all", "all");
    case OPT_PERMISSIONS: return cay__cli_grants_add_text(&o->grants, "--permissions", optarg);
    case OPT_CHILDREN: return cay__cli_read_children(o, optarg);
    case OPT_AUDIT: o->audit = optarg; return CAY_CLI_OK;
    case OPT_ROOT: return cay__cli_read_root(o, optarg);
    case OPT_IMPORT_MAP: o->import_map = optarg; return CAY_CLI_OK;
    case OPT_LOCK: o->lock_file = optarg; return CAY_CLI_OK;
    case OPT_LOCK_WRITE: o->is_lock_write = true; return CAY_CLI_OK;
    case OPT_RELOAD: o->is_reload = true; return CAY_CLI_OK;
    case OPT_CACHED_ONLY: o->is_cached_only = true; return CAY_CLI_OK;
    case OPT_CACHE_DIR: return cay__cli_read_cache_dir(o, optarg);
    case OPT_NO_CACHE: o->has_no_cache = true; return CAY_CLI_OK;
    case OPT_CA_FILE:
        o->ca_file = optarg;
        return cay__cli_file_check_certificates("ca-file", optarg);
    case OPT_NAME: o->name = optarg; return CAY_CLI_OK;
    case OPT_EVENTS: return cay__cli_read_events(o, optarg);
    case OPT_V8_FLAGS: return cay__cli_add_v8_flags(o, optarg);
    case OPT_THREADS: return cay__cli_read_number("threads", optarg, 256, &o->threads);
    case OPT_IO_THREADS: return cay__cli_read_number("io-threads", optarg, 256, &o->io_threads);
    case OPT_WALL: return cay__cli_read_wall(optarg);
    case OPT_UNCAUGHT: return cay__cli_read_uncaught(o, optarg);
    case OPT_COLOR: return cay__cli_read_color(o, optarg);
    case OPT_STATS: o->has_stats = true; return CAY_CLI_OK;
    case 'q': o->is_quiet = true; return CAY_CLI_OK;
    case 'h': o->wants_help = true; return CAY_CLI_OK;
    default:
        return option >= OPT_LIMIT
                   ? cay__cli_limits_set(&o->limits, (uint32_t)(option - OPT_LIMIT), optarg)
                   : take_permission(o, option);
    }
}

/* getopt_long takes a unique beginning of a name for the name. What is short for one option today would
 * be short for two tomorrow, so only whole names are taken. `which` is -1 for a short option. */
static bool is_whole(const char *arg, int which) {
    if (which < 0) {
        return true;
    }
    size_t len = strlen(longs[which].name);
    return strncmp(arg + 2, longs[which].name, len) == 0 && strchr("=", arg[2 + len]);
}

static int read_all(int argc, char **argv, cay_cli_options_t *out) {
    char hint[16];
    snprintf(hint, sizeof hint, "%s ", argv[0]);
    optind = 1;
    for (;;) {
        int at = optind;
        int which = -1;
        int c = getopt_long(argc, argv, "+:Aqh", longs, &which);
        if (c < 0) {
            return CAY_CLI_OK;
        }
        if (c == '?' || c == ':' || !is_whole(argv[at], which)) {
            cay__cli_option_refused(argv, at, c, optopt, hint);
            return CAY_CLI_USAGE;
        }
        int rc = take(out, c);
        if (rc || out->wants_help) {
            return rc;
        }
    }
}

int cay__cli_options_read(int argc, char **argv, const char *what, cay_cli_options_t *out) {
    *out = (cay_cli_options_t){0};
    cay__cli_limits_init(&out->limits);
    int rc = read_all(argc, argv, out);
    if (rc || out->wants_help) {
        return rc;
    }
    rc = check_together(out);
    rc = rc ? rc : cay__cli_limits_check(&out->limits);
    if (rc) {
        return rc;
    }
    if (optind >= argc) {
        cay__cli_say("%s needs %s (see 'cay %s --help')", argv[0], what, argv[0]);
        return CAY_CLI_USAGE;
    }
    out->main = argv[optind];
    out->args = (const char *const *)(argv + optind + 1);
    return CAY_CLI_OK;
}

void cay__cli_options_free(cay_cli_options_t *o) {
    free(o->v8_flags);
    o->v8_flags = NULL;
    cay__cli_grants_free(&o->grants);
}
