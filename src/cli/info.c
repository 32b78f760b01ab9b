/* SPDX-License-Identifier: MIT */
#include <cay/cay.h>
#include <cay/v8.h>

#include <getopt.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "options.h"
#include "out.h"

#define DAY_S 86400

/* What a worker takes of the process's memory mappings, and what the process itself does; as in the
 * provider, which refuses workers past that. */
#define MAPS_PER_WORKER 16
#define MAPS_RESERVED   4096
#define MAPS_DEFAULT    65530

#define LIMITS_PER_LINE 4

/* Days since 1970 on which a line of the engine was released as stable. An engine that a distribution
 * carries gets fixes of the embedder's, not of the engine's own. */
typedef struct release {
    const char *version;
    const char *date;
    int day;
} release_t;
static const release_t releases[] = {
    {"10.2.", "2022-05-24", 19136},
    {"11.3.", "2023-05-02", 19479},
};

typedef struct facts {
    const char *engine;
    const release_t *release; /* NULL: not known */
    long age_days;
    long cpus;
    bool has_openat2;
    unsigned long maps;
    unsigned long workers;
    cay_cli_limits_t limits; /* as a run without options has them */
} facts_t;

static const release_t *release_of(const char *version) {
    for (size_t i = 0; i < sizeof releases / sizeof releases[0]; i++) {
        if (strncmp(version, releases[i].version, strlen(releases[i].version)) == 0) {
            return &releases[i];
        }
    }
    return NULL;
}

static long count_cpus(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        return CPU_COUNT(&set);
    }
    return sysconf(_SC_NPROCESSORS_ONLN);
}

static unsigned long max_maps(void) {
    unsigned long maps = MAPS_DEFAULT;
    FILE *f = fopen("/proc/sys/vm/max_map_count", "re");
    if (f) {
        if (fscanf(f, "%lu", &maps) != 1) {
            maps = MAPS_DEFAULT;
        }
        fclose(f);
    }
    return maps;
}

/* Files are opened by openat2(2) alone, for the kernel keeps a path below the granted directory. It is
 * lacking before Linux 5.6, and filters of containers may refuse it. */
static bool has_openat2(void) {
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH};
    long fd = syscall(SYS_openat2, AT_FDCWD, ".", &how, sizeof how);
    if (fd >= 0) {
        close((int)fd);
    }
    return fd >= 0 || (errno != ENOSYS && errno != EPERM);
}

static facts_t gather(void) {
    facts_t f = {.engine = cay_v8_version(), .cpus = count_cpus(), .maps = max_maps()};
    f.has_openat2 = has_openat2();
    cay__cli_limits_init(&f.limits);
    if (cay__cli_limits_check(&f.limits)) {
        f.limits.held = f.limits.given;
    }
    f.release = release_of(f.engine);
    if (f.release) {
        f.age_days = (long)(time(NULL) / DAY_S) - f.release->day;
    }
    f.workers =
        f.maps > MAPS_RESERVED + MAPS_PER_WORKER ? (f.maps - MAPS_RESERVED) / MAPS_PER_WORKER : 1;
    return f;
}

/* The kinds of permissions, each as `put` writes it, with ", " or "," between. */
static void put_kinds(cay_cli_text_t *t, const char *between,
                      void (*put)(cay_cli_text_t *, const char *)) {
    for (cay_kind_t kind = 0; kind < CAY_KIND_COUNT; kind++) {
        cay__cli_puts(t, kind ? between : "");
        put(t, cay_kind_name(kind));
    }
}

/* Those that hold, and then those of which there are none unless asked for. */
static void put_limits(cay_cli_text_t *t, const cay_limits_t *limits) {
    cay_cli_text_t none = {0};
    unsigned count = 0;
    for (cay_limit_t i = 0; i < CAY_LIMIT_COUNT; i++) {
        uint64_t v = cay_limits_get(limits, i);
        if (v == CAY_UNLIMITED) {
            cay__cli_putf(&none, "%s%s", none.len ? ", " : "", cay_limit_name(i));
            continue;
        }
        cay__cli_puts(t, count == 0                ? "limits   "
                         : count % LIMITS_PER_LINE ? ", "
                                                   : ",\n         ");
        cay__cli_putf(t, "%s ", cay_limit_name(i));
        cay__cli_put_limit_value(t, i, v);
        count++;
    }
    cay__cli_puts(t, "\n         unless --max-... says otherwise; unlimited: ");
    cay__cli_put(t, none.ptr, none.len);
    cay__cli_puts(t, "\n");
    cay__cli_text_free(&none);
}

static void put_human(cay_cli_text_t *t, const facts_t *f) {
    cay__cli_putf(t, "cay      %s\n", cay_version());
    cay__cli_puts(t, "V8       ");
    cay__cli_puts_shown(t, f->engine);
    if (f->release) {
        cay__cli_putf(t, " (released %s)\n", f->release->date);
        cay__cli_putf(
            t,
            "warning  this V8 is %ld days old and gets no security fixes: do not rely on the\n"
            "         isolate wall against attackers\n",
            f->age_days);
    } else {
        cay__cli_puts(t, " (its age is not known here)\n");
    }
    cay__cli_puts(t, "walls    isolate: yes; process: not part of this build\n");
    cay__cli_puts(t, "grants   ");
    put_kinds(t, ", ", cay__cli_puts);
    cay__cli_putf(t, "\nfiles    %s\n",
                  f->has_openat2 ? "opened with openat2"
                                 : "none: this system has no openat2, which --allow-read and "
                                   "--allow-write need");
    put_limits(t, &f->limits.held);
    cay__cli_putf(t, "CPUs     %ld\n", f->cpus);
    cay__cli_putf(t, "threads  %ld run scripts unless --threads says otherwise\n", f->cpus);
    cay__cli_putf(t, "workers  %lu at once in all (vm.max_map_count is %lu)\n", f->workers,
                  f->maps);
}

static void put_json(cay_cli_text_t *t, const facts_t *f) {
    cay__cli_puts(t, "{\"version\":");
    cay__cli_put_json(t, cay_version());
    cay__cli_puts(t, ",\"engine\":{\"name\":\"V8\",\"version\":");
    cay__cli_put_json(t, f->engine);
    cay__cli_puts(t, ",\"released\":");
    cay__cli_put_json(t, f->release ? f->release->date : NULL);
    if (f->release) {
        cay__cli_putf(t, ",\"ageDays\":%ld},", f->age_days);
    } else {
        cay__cli_puts(t, ",\"ageDays\":null},");
    }
    cay__cli_puts(t, "\"walls\":{\"isolate\":true,\"process\":false},\"permissions\":[");
    put_kinds(t, ",", cay__cli_put_json);
    cay__cli_putf(t, "],\"openat2\":%s,\"limits\":", f->has_openat2 ? "true" : "false");
    cay__cli_put_limits_json(t, &f->limits.held);
    cay__cli_putf(t, ",\"cpus\":%ld,\"threads\":%ld,\"maxMapCount\":%lu,\"maxWorkers\":%lu}\n",
                  f->cpus, f->cpus, f->maps, f->workers);
}

static const struct option longs[] = {
    {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};

int cay__cli_info(int argc, char **argv) {
    bool as_json = false;
    optind = 1;
    for (;;) {
        int at = optind;
        int c = getopt_long(argc, argv, "+:h", longs, NULL);
        if (c < 0) {
            break;
        }
        if (c == 'h') {
            return cay__cli_help_print("info");
        }
        if (c != 'j' || strcmp(argv[at], "--json") != 0) {
            cay__cli_option_refused(argv, at, c, optopt, "info ");
            return CAY_CLI_USAGE;
        }
        as_json = true;
    }
    if (optind < argc) {
        cay__cli_say_about("info takes no argument, and was given \"", argv[optind], "\"");
        return CAY_CLI_USAGE;
    }
    facts_t f = gather();
    cay_cli_text_t t = {0};
    (as_json ? put_json : put_human)(&t, &f);
    int rc = cay__cli_out_write(STDOUT_FILENO, t.ptr, t.len);
    cay__cli_text_free(&t);
    return rc ? CAY_CLI_FAILED : CAY_CLI_OK;
}
