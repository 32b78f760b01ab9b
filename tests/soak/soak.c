/* SPDX-License-Identifier: MIT */
/* Churn: workers of many kinds, several at a time, that end in random ways at random moments. Each must end in exactly
 * one final event with a reason that fits, and afterwards the process must be as before.
 *
 *     CAY_SOAK_WORKERS   how many, 2,000 when not set
 *     CAY_SOAK_AT_ONCE   at a time, 8 when not set
 *     CAY_SOAK_SEED      of what is random: the moments and the kinds, not how threads interleave
 */
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "../e2e/host.h"
#include "../hostile/attack.h"
#include "scenarios.h"

#define ROUNDS       10
#define MOST_AT_ONCE 64
#define SETTLE_MS    20000
/* What the process may grow by: once for all, since heaps come and go, and with each thousand workers. */
#define NOISE_MB  16.0
#define GROWTH_MB 0.25

typedef struct soak {
    cay_runtime_t *rt;
    uint64_t seed;
    unsigned at_once;
    unsigned threads; /* of the process once it is warm */
    unsigned fds;
    atomic_uint left; /* workers of this round */
    atomic_uint failed;
    atomic_uint reasons[32];
    atomic_uint freed; /* handles dropped while the worker ran */
    double rss_mb[ROUNDS];
} soak_t;

/* One of the threads that start workers. */
typedef struct driver {
    soak_t *soak;
    uint64_t random;
    const scenario_t *scenario;
} driver_t;

static uint64_t draw(driver_t *d, uint64_t below) {
    d->random ^= d->random >> 12;
    d->random ^= d->random << 25;
    d->random ^= d->random >> 27;
    return (d->random * 0x2545F4914F6CDD1Dull >> 33) % below;
}

static void fault(driver_t *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void fault(driver_t *d, const char *fmt, ...) {
    char text[300];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    fprintf(stderr, "FAIL seed %llu, \"%s\": %s\n", (unsigned long long)d->soak->seed,
            d->scenario->name, text);
    atomic_fetch_add(&d->soak->failed, 1);
}

/* ---- one worker ---- */

static cay_worker_t *spawn(driver_t *d) {
    cay_limits_t limits = CAY_LIMITS_INIT;
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    cay_error_t *err = NULL;
    cay_worker_t *w = NULL;
    if (d->scenario->limits && attack_limits(d->scenario->limits, &limits, &err)) {
        fault(d, "limits: %s", cay_error_message(err));
    }
    o.main_source = d->scenario->source;
    o.name = d->scenario->name;
    o.uncaught = CAY_UNCAUGHT_TERMINATE;
    o.limits = &limits;
    if (!err && cay_worker_spawn(d->soak->rt, &o, &w, &err)) {
        fault(d, "spawn: %s", cay_error_message(err));
    }
    cay_error_free(err);
    return w;
}

/* A port that came is used once and then dropped or closed. */
static void use_port(driver_t *d, cay_event_t *ev) {
    const cay_value_t *v;
    if (cay_message_value(ev->u.message.message, &v, NULL) || cay_value_type(v) != CAY_TYPE_PORT ||
        draw(d, 2)) {
        return;
    }
    cay_port_t *port = cay_value_take_port(v);
    if (cay_port_post_json(port, "[1]", 3, NULL) == 0 && draw(d, 2)) {
        cay_message_t *m;
        if (cay_port_receive(port, (int64_t)draw(d, 3), &m) == 0) {
            cay_message_free(m);
        }
    }
    cay_port_close(port);
}

static void judge(driver_t *d, cay_worker_t *w, const cay_event_end_t *end, bool was_told) {
    const char *reason = attack_reason_word(end->reason);
    bool fits = was_told && end->reason == CAY_REASON_TERMINATED;
    if (!fits && !(d->scenario->ends && attack_word_is_in(reason, d->scenario->ends))) {
        fault(d, "ended as %s: %s", reason,
              end->error.message ? end->error.message : "no error was told");
    }
    atomic_fetch_add(&d->soak->reasons[end->reason % 32], 1);
    cay_event_t *more;
    int rc = cay_worker_next_event(w, 0, &more);
    if (rc != CAY_ECLOSED) {
        fault(d, "after the final event: %s",
              rc ? cay_error_name(rc) : cay_event_type_name(more->type));
    }
    if (cay_worker_join(w, WAIT_MS)) {
        fault(d, "not gone after its final event");
    }
}

/* Takes events until the final one, or until `ms` have passed. */
static bool read_events(driver_t *d, cay_worker_t *w, double ms, bool was_told) {
    double until = host_ms() + ms;
    for (;;) {
        cay_event_t *ev;
        double left = until - host_ms();
        if (left <= 0 || cay_worker_next_event(w, (int64_t)left, &ev)) {
            return false;
        }
        bool final = cay_event_is_final(ev);
        if (ev->type == CAY_EVENT_MESSAGE) {
            use_port(d, ev);
        }
        if (final) {
            judge(d, w, &ev->u.end, was_told);
        }
        cay_event_free(ev);
        if (final) {
            return true;
        }
    }
}

static void disturb(driver_t *d, cay_worker_t *w) {
    for (uint64_t n = draw(d, 4); n > 0; n--) {
        if (cay_port_post_json(cay_worker_port(w), "{\"a\": 1}", 8, NULL)) {
            return; /* it may have ended by itself */
        }
    }
}

static void run_one(driver_t *d) {
    d->scenario = &soak_scenarios[draw(d, soak_scenario_count)];
    cay_worker_t *w = spawn(d);
    if (!w) {
        return;
    }
    disturb(d, w);
    bool tell = d->scenario->is_endless || draw(d, 3) == 0;
    double moment = tell ? (double)draw(d, 3) * (double)draw(d, 12) : WAIT_MS; /* often at once */
    if (!read_events(d, w, moment, false)) {
        if (tell && draw(d, 4) == 0) {
            atomic_fetch_add(&d->soak->freed, 1);
            cay_worker_free(w);
            return;
        }
        if (!tell) {
            fault(d, "no final event after %d s", WAIT_MS / 1000);
        }
        cay_worker_terminate(w);
        if (!read_events(d, w, WAIT_MS, true)) {
            fault(d, "no final event %d s after it was terminated", WAIT_MS / 1000);
        }
    }
    cay_worker_free(w);
}

/* ---- rounds ---- */

static void *drive(void *user) {
    driver_t *d = user;
    for (;;) {
        unsigned left = atomic_load(&d->soak->left);
        do {
            if (left == 0) {
                return NULL;
            }
        } while (!atomic_compare_exchange_weak(&d->soak->left, &left, left - 1));
        run_one(d);
    }
}

static void run_round(soak_t *s, unsigned round, unsigned workers) {
    driver_t drivers[MOST_AT_ONCE];
    pthread_t threads[MOST_AT_ONCE];
    atomic_store(&s->left, workers);
    for (unsigned i = 0; i < s->at_once; i++) {
        drivers[i] = (driver_t){.soak = s,
                                .random = (s->seed + 1) * 0x9E3779B97F4A7C15ull ^ (round << 8 | i)};
        if (pthread_create(&threads[i], NULL, drive, &drivers[i])) {
            perror("pthread_create");
            exit(2);
        }
    }
    for (unsigned i = 0; i < s->at_once; i++) {
        pthread_join(threads[i], NULL);
    }
}

static cay_runtime_stats_t stats_of(const soak_t *s) {
    cay_runtime_stats_t stats = {.size = sizeof stats};
    if (cay_runtime_stats(s->rt, &stats)) {
        abort();
    }
    return stats;
}

static bool is_settled(const soak_t *s, unsigned round) {
    cay_runtime_stats_t stats = stats_of(s);
    return stats.workers == 0 &&
           (round == 0 || (host_threads() <= s->threads + stats.lost && host_fds() == s->fds));
}

/* After the first round: what is there once everything has been used. */
static void check_round(soak_t *s, unsigned round) {
    const struct timespec pause = {.tv_nsec = 2000000};
    double until = host_ms() + SETTLE_MS;
    while (!is_settled(s, round) && host_ms() < until) {
        nanosleep(&pause, NULL); /* between looks at figures that nobody tells the change of */
    }
    cay_runtime_stats_t stats = stats_of(s);
    malloc_trim(0);
    s->rss_mb[round] = (double)host_rss_kb() / 1024;
    if (!is_settled(s, round)) {
        fprintf(stderr,
                "FAIL seed %llu, round %u: %u workers are left, %u threads (%u when warm), %u "
                "descriptors (%u)\n",
                (unsigned long long)s->seed, round, (unsigned)stats.workers, host_threads(),
                s->threads, host_fds(), s->fds);
        atomic_fetch_add(&s->failed, 1);
    }
    if (round == 0) {
        s->threads = host_threads();
        s->fds = host_fds();
    }
    printf("round %2u: %6u workers so far, RSS %7.1f MB, %u threads, %u descriptors, %u lost\n",
           round + 1, (unsigned)stats.spawned, s->rss_mb[round], host_threads(), host_fds(),
           (unsigned)stats.lost);
    fflush(stdout);
}

/* MB a round, by least squares over all but the first two rounds, in which caches fill. */
static double slope(const soak_t *s) {
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (unsigned i = 2; i < ROUNDS; i++) {
        n += 1, sx += i, sy += s->rss_mb[i], sxx += (double)i * i, sxy += i * s->rss_mb[i];
    }
    return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

/* ---- the whole ---- */

static bool open_runtime(soak_t *s) {
    cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
    cay_error_t *err = NULL;
    o.provider = cay_v8_provider();
    o.threads = 2;
    if (cay_runtime_new(&o, &s->rt, &err)) {
        fprintf(stderr, "the runtime: %s\n", cay_error_message(err));
        return false;
    }
    return true;
}

/* The engine keeps threads of its own for the life of the process: they are there before anything is counted. */
static bool start_engine(soak_t *s) {
    return open_runtime(s) && cay_runtime_shutdown(s->rt, WAIT_MS, NULL) == 0 &&
           cay_runtime_free(s->rt) == 0;
}

static void close_runtime(soak_t *s, unsigned threads, unsigned fds) {
    uint64_t left = 0;
    if (cay_runtime_shutdown(s->rt, WAIT_MS, &left) || left || cay_runtime_free(s->rt)) {
        fprintf(stderr, "FAIL %u workers are left after the shutdown\n", (unsigned)left);
        atomic_fetch_add(&s->failed, 1);
    }
    if (host_threads() > threads || host_fds() != fds) {
        fprintf(stderr,
                "FAIL after the shutdown %u threads (%u at the start), %u descriptors (%u)\n",
                host_threads(), threads, host_fds(), fds);
        atomic_fetch_add(&s->failed, 1);
    }
}

static void print_reasons(const soak_t *s) {
    for (unsigned i = 0; i < 32; i++) {
        unsigned n = atomic_load(&s->reasons[i]);
        if (n) {
            printf("%s %u, ", attack_reason_word(i), n);
        }
    }
    printf("handle dropped %u\n", atomic_load(&s->freed));
}

int main(void) {
    static soak_t s;
    unsigned workers = host_count("CAY_SOAK_WORKERS", 2000);
    s.seed = host_count("CAY_SOAK_SEED", (unsigned)time(NULL));
    s.at_once = host_count("CAY_SOAK_AT_ONCE", 8);
    if (s.at_once == 0 || s.at_once > MOST_AT_ONCE) {
        fprintf(stderr, "CAY_SOAK_AT_ONCE: %u, not from 1 to %u\n", s.at_once, MOST_AT_ONCE);
        return 2;
    }
    printf("seed %llu, %u workers, %u at once\n", (unsigned long long)s.seed, workers, s.at_once);
    fflush(stdout);
    if (!start_engine(&s)) {
        return 2;
    }
    unsigned threads = host_threads(), fds = host_fds();
    double start = host_ms();
    if (!open_runtime(&s)) {
        return 2;
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        run_round(&s, i, workers / ROUNDS);
        check_round(&s, i);
    }
    uint64_t lost = stats_of(&s).lost;
    close_runtime(&s, threads, fds);
    double per_thousand = slope(&s) * ROUNDS * 1000 / workers;
    print_reasons(&s);
    printf("%.1f s, RSS %+.2f MB a thousand workers, %u lost, %u faults\n",
           (host_ms() - start) / 1e3, per_thousand, (unsigned)lost, atomic_load(&s.failed));
    if (per_thousand > GROWTH_MB + NOISE_MB * 1000 / workers) {
        fprintf(stderr, "FAIL seed %llu: the process grew\n", (unsigned long long)s.seed);
        return 1;
    }
    return atomic_load(&s.failed) || lost ? 1 : 0;
}
