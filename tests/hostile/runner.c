/* SPDX-License-Identifier: MIT */
/* Runs the attacks of a folder in one process, on one runtime, beside a neighbour that must be answered all the while.
 *
 *     hostile [--only NAME]... [--at-a-time N] [--json FILE] [--list] [FOLDER]
 *
 * NAME may be a pattern as a shell has them. The last line is "N passed, N failed". From the environment:
 *
 *     CAY_HOSTILE_PATIENCE_MS   how long the neighbour may wait, 2,000 when not set
 *     CAY_HOSTILE_RSS_MB        the memory at which the process gives up, 8,000 when not set
 *     CAY_HOSTILE_OUTPUT        set: what the scripts print is shown */
#include <fnmatch.h>
#include <getopt.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../e2e/host.h"
#include "alone.h"

#define MOST_AT_ONCE 16
#define MOST_ONLY    64

typedef struct run {
    stage_t stage;
    const char *folder;
    const char *json;
    const char *only[MOST_ONLY];
    unsigned only_count;
    bool lists;
    bool here; /* also those that are to be alone */
    attack_t *attacks;
    outcome_t *outcomes;
    size_t count;
    _Atomic size_t next;
    _Atomic(const attack_t *) current[MOST_AT_ONCE];
    pthread_mutex_t print;
    double worst_ms;
    unsigned passed;
    unsigned failed;
} run_t;

/* ---- what is wanted ---- */

static bool read_options(run_t *r, int argc, char **argv) {
    static const struct option options[] = {{"only", 1, NULL, 'o'}, {"at-a-time", 1, NULL, 'n'},
                                            {"json", 1, NULL, 'j'}, {"list", 0, NULL, 'l'},
                                            {"here", 0, NULL, 'h'}, {0}};
    int c;
    r->stage.at_a_time = 1;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (c) {
        case 'o': r->only[r->only_count++ % MOST_ONLY] = optarg; break;
        case 'n': r->stage.at_a_time = (unsigned)strtoul(optarg, NULL, 10); break;
        case 'j': r->json = optarg; break;
        case 'l': r->lists = true; break;
        case 'h': r->here = true; break;
        default: return false;
        }
    }
    r->folder = optind < argc ? argv[optind] : CAY_HOSTILE_FOLDER;
    r->stage.shows_output = getenv("CAY_HOSTILE_OUTPUT") != NULL;
    r->stage.patience_ms = host_count("CAY_HOSTILE_PATIENCE_MS", 2000);
    return r->stage.at_a_time >= 1 && r->stage.at_a_time <= MOST_AT_ONCE &&
           r->only_count <= MOST_ONLY;
}

static bool is_wanted(const run_t *r, const attack_t *a) {
#ifdef __SANITIZE_ADDRESS__
    if (a->not_under_asan) {
        return false;
    }
#endif
    bool wanted = r->only_count == 0;
    for (unsigned i = 0; i < r->only_count; i++) {
        wanted = wanted || fnmatch(r->only[i], a->name, 0) == 0;
    }
    return wanted;
}

/* Those that are not wanted go. */
static bool choose(run_t *r) {
    size_t kept = 0;
    if (!(r->attacks = attacks_read(r->folder, &r->count))) {
        return false;
    }
    for (size_t i = 0; i < r->count; i++) {
        if (is_wanted(r, &r->attacks[i])) {
            r->attacks[kept++] = r->attacks[i];
        }
    }
    r->count = kept;
    r->outcomes = calloc(kept ? kept : 1, sizeof *r->outcomes);
    if (kept == 0) {
        fprintf(stderr, "%s: no attack of that name\n", r->folder);
    }
    return kept > 0 && r->outcomes;
}

/* ---- the process ---- */

/* An attack that gets past every limit must not take the machine along. Of address space there are guard regions of many
 * gigabytes, so what is bounded is what can be written to; the address sanitizer's shadow is all of that kind. */
static void bound_process(void) {
#ifndef __SANITIZE_ADDRESS__
    rlim_t most = (rlim_t)host_count("CAY_HOSTILE_RSS_MB", 8000) * 2 << 20;
    struct rlimit limit = {most, most};
    if (setrlimit(RLIMIT_DATA, &limit)) {
        perror("RLIMIT_DATA");
        exit(2);
    }
#endif
}

static void give_up(const run_t *r, size_t mb) {
    fprintf(stderr, "the process has %zu MiB; running:", mb);
    for (unsigned i = 0; i < r->stage.at_a_time; i++) {
        const attack_t *a = atomic_load(&r->current[i]);
        fprintf(stderr, " %s", a ? a->name : "-");
    }
    fprintf(stderr, "\n");
    _exit(3);
}

/* A thread: what stops the process before the machine does tells which attack it was. */
static void *guard(void *user) {
    const run_t *r = user;
    const struct timespec pause = {.tv_nsec = 50000000};
    size_t most = host_count("CAY_HOSTILE_RSS_MB", 8000);
    for (;;) {
        size_t mb = host_rss_kb() / 1024;
        if (mb > most) {
            give_up(r, mb);
        }
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static bool start_guard(run_t *r) {
    pthread_t thread;
    return pthread_create(&thread, NULL, guard, r) == 0 && pthread_detach(thread) == 0;
}

/* Everything that starts late is there afterwards: threads for digests, spares beside a loop. */
static bool warm_up(run_t *r) {
    static const char source[] =
        "const child = () => new Worker('data:text/javascript,for (let i = 0; i < 3e8; i++);');"
        "for (let i = 0; i < 4; i++) { child(); }"
        "const bytes = new Uint8Array(2 ** 20);"
        "await Promise.all(new Array(16).fill(0).map(() => crypto.subtle.digest('SHA-256', "
        "bytes)));";
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    cay_worker_t *w = NULL;
    o.main_source = source;
    o.flags = CAY_WORKER_CLOSE_WHEN_QUIET;
    if (cay_worker_spawn(r->stage.rt, &o, &w, NULL)) {
        return false;
    }
    bool gone = cay_worker_join(w, WAIT_MS) == 0;
    cay_worker_free(w);
    return gone;
}

static bool open_runtime(run_t *r) {
    cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
    cay_error_t *err = NULL;
    o.provider = cay_v8_provider();
    o.threads = 2;
    o.io_threads = 1; /* a pool that starts its threads one by one would look like a leak */
    o.lost_after_ms = 2000 * SLOWER;
    o.max_lost_threads = 100000;
    o.max_lost_memory = UINT64_MAX / 2;
    if (cay_runtime_new(&o, &r->stage.rt, &err)) {
        fprintf(stderr, "the runtime: %s\n", cay_error_message(err));
        return false;
    }
    return true;
}

/* The engine keeps threads of its own for the life of the process: they are there before anything is counted. */
static bool start_engine(run_t *r) {
    return open_runtime(r) && cay_runtime_shutdown(r->stage.rt, WAIT_MS, NULL) == 0 &&
           cay_runtime_free(r->stage.rt) == 0;
}

static bool open_stage(run_t *r) {
    if (!open_runtime(r) || !neighbour_start(&r->stage.neighbour, r->stage.rt) || !warm_up(r)) {
        return false;
    }
    stage_begin(&r->stage);
    return true;
}

/* NULL when nothing is left of the runtime. */
static const char *close_stage(run_t *r, unsigned threads, unsigned fds) {
    uint64_t left = 0;
    neighbour_stop(&r->stage.neighbour);
    uint64_t lost = stage_stats(&r->stage).lost;
    if (cay_runtime_shutdown(r->stage.rt, WAIT_MS, &left) || left) {
        return "workers are left after the shutdown";
    }
    if (cay_runtime_free(r->stage.rt)) {
        return "the runtime is still in use after its shutdown";
    }
    return host_threads() > threads + lost ? "threads are left after the shutdown"
           : host_fds() != fds             ? "descriptors are left after the shutdown"
                                           : NULL;
}

/* ---- the run ---- */

static void print_head(void) {
    printf("%-4s %-38s %-22s %-12s %7s %9s %7s %7s %4s\n", "", "attack", "expected", "got", "ms",
           "neighbour", "RSS +MB", "peak MB", "lost");
    fflush(stdout);
}

static void print_outcome(run_t *r, const attack_t *a, const outcome_t *o) {
    bool ok = !o->why[0];
    pthread_mutex_lock(&r->print);
    printf("%-4s %-38s %-22s %-12s %7.0f %9.0f", ok ? "ok" : "FAIL", a->name, a->expect, o->got,
           o->ms, o->neighbour_ms);
    if (r->stage.at_a_time == 1) {
        printf(" %7.0f %7.0f %4u", o->rss_mb, o->peak_mb, (unsigned)o->lost);
    }
    printf("%s%s\n", ok ? "" : "\n     ", o->why);
    fflush(stdout);
    r->passed += ok;
    r->failed += !ok;
    r->worst_ms = o->neighbour_ms > r->worst_ms ? o->neighbour_ms : r->worst_ms;
    pthread_mutex_unlock(&r->print);
}

typedef struct lane {
    run_t *run;
    unsigned number;
} lane_t;

static void *walk(void *user) {
    lane_t *lane = user;
    run_t *r = lane->run;
    for (;;) {
        size_t i = atomic_fetch_add(&r->next, 1);
        if (i >= r->count) {
            return NULL;
        }
        atomic_store(&r->current[lane->number], &r->attacks[i]);
        if (r->attacks[i].alone && !r->here) {
            alone_run(r->folder, &r->attacks[i], &r->outcomes[i]);
        } else {
            bout_run(&r->stage, &r->attacks[i], &r->outcomes[i]);
        }
        atomic_store(&r->current[lane->number], NULL);
        print_outcome(r, &r->attacks[i], &r->outcomes[i]);
    }
}

static void run_all(run_t *r) {
    lane_t lanes[MOST_AT_ONCE];
    pthread_t threads[MOST_AT_ONCE];
    unsigned n = r->stage.at_a_time;
    for (unsigned i = 0; i < n; i++) {
        lanes[i] = (lane_t){r, i};
        if (i > 0 && pthread_create(&threads[i], NULL, walk, &lanes[i])) {
            perror("pthread_create");
            exit(2);
        }
    }
    walk(&lanes[0]);
    for (unsigned i = 1; i < n; i++) {
        pthread_join(threads[i], NULL);
    }
}

static bool write_json(const run_t *r) {
    FILE *f = fopen(r->json, "we");
    if (!f) {
        perror(r->json);
        return false;
    }
    for (size_t i = 0; i < r->count; i++) {
        const attack_t *a = &r->attacks[i];
        const outcome_t *o = &r->outcomes[i];
        fprintf(f,
                "%s{\"attack\": \"%s\", \"limits\": \"%s\", \"expected\": \"%s\", \"got\": \"%s\", "
                "\"passed\": %s, "
                "\"ms\": %.1f, \"neighbour_ms\": %.1f, \"rss_mb\": %.1f, \"peak_mb\": %.1f, "
                "\"lost\": %u, "
                "\"peak_memory\": %llu, \"cpu_ms\": %.1f}",
                i ? ",\n " : "[", a->name, a->limits, a->expect, o->got,
                o->why[0] ? "false" : "true", o->ms, o->neighbour_ms, o->rss_mb, o->peak_mb,
                (unsigned)o->lost, (unsigned long long)o->usage.peak_memory,
                (double)o->usage.tree_cpu_ns / 1e6);
    }
    fprintf(f, "]\n");
    return fclose(f) == 0;
}

static void list(const run_t *r) {
    for (size_t i = 0; i < r->count; i++) {
        printf("%-38s %-22s %s\n", r->attacks[i].name, r->attacks[i].expect, r->attacks[i].limits);
    }
}

static int judge(run_t *r, const char *left) {
    printf("%u attacks, the neighbour answered %llu times, at worst after %.0f ms\n",
           (unsigned)r->count, (unsigned long long)atomic_load(&r->stage.neighbour.answers),
           r->worst_ms);
    r->passed += !left;
    r->failed += left != NULL;
    printf("%s the end of the runtime%s%s\n", left ? "FAIL" : "ok  ", left ? ": " : "",
           left ? left : "");
    if (r->json && !write_json(r)) {
        r->failed++;
    }
    printf("%u passed, %u failed\n", r->passed, r->failed);
    return r->failed ? 1 : 0;
}

int main(int argc, char **argv) {
    static run_t r = {.print = PTHREAD_MUTEX_INITIALIZER};
    if (!read_options(&r, argc, argv) || !choose(&r)) {
        fprintf(stderr,
                "hostile [--only NAME]... [--at-a-time N] [--json FILE] [--list] [FOLDER]\n");
        return 2;
    }
    if (r.lists) {
        list(&r);
        return 0;
    }
    bound_process();
    if (!start_guard(&r) || !start_engine(&r)) {
        return 2;
    }
    unsigned threads = host_threads(), fds = host_fds();
    if (!open_stage(&r)) {
        fprintf(stderr, "nothing could be started\n");
        return 2;
    }
    print_head();
    run_all(&r);
    return judge(&r, close_stage(&r, threads, fds));
}
