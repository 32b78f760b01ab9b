/* SPDX-License-Identifier: MIT */
#include "bout.h"

#include <time.h>

#include "../e2e/host.h"

#define END_MS     10000 /* for an end that was asked for */
#define SETTLE_MS  10000 /* for threads, descriptors and memory to come back */
#define MOST_POSTS 1000000
#define SPARES     1 /* threads that the scheduler may keep for the next loop */

/* What the host saw of one worker. */
typedef struct view {
    const attack_t *attack;
    cay_worker_t *worker;
    outcome_t *out;
    unsigned share; /* of the machine: one of so many */
    unsigned finals;
    bool said;
    bool told;
    char fault[200]; /* the error that came with the end, or the last one told */
} view_t;

CAY_NODISCARD static bool is_well(const outcome_t *out) {
    return !out->why[0];
}

/* The first fault stays. */
static void blame(outcome_t *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void blame(outcome_t *out, const char *fmt, ...) {
    if (is_well(out)) {
        va_list args;
        va_start(args, fmt);
        vsnprintf(out->why, sizeof out->why, fmt, args);
        va_end(args);
    }
}

static void blame_error(outcome_t *out, const char *what, cay_error_t *err) {
    blame(out, "%s: %s", what, cay_error_message(err));
    cay_error_free(err);
}

/* ---- spawn ---- */

static void output(const char *name, bool is_error, const char *text, size_t len, void *user) {
    const stage_t *s = user;
    if (s->shows_output) {
        fprintf(stderr, "  [%s%s] %.*s", name, is_error ? " err" : "", (int)len, text);
    }
}

static cay_worker_t *spawn(stage_t *s, const attack_t *a, outcome_t *out) {
    cay_limits_t limits = CAY_LIMITS_INIT;
    limits.startup_ms = CAY_UNLIMITED; /* a slow machine is not what is tested */
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    cay_permissions_t *grants = NULL;
    cay_error_t *err = NULL;
    cay_worker_t *w = NULL;
    if (attack_limits(a->limits, &limits, &err)) {
        blame_error(out, "limits", err);
    }
    if (cay_permissions_parse(a->grants, &grants, &err)) {
        blame_error(out, "grants", err);
    }
    o.main_file = a->path;
    o.name = a->name;
    o.flags = a->stays ? 0 : CAY_WORKER_CLOSE_WHEN_QUIET;
    o.uncaught = a->reports ? CAY_UNCAUGHT_REPORT : CAY_UNCAUGHT_TERMINATE;
    o.limits = &limits;
    o.permissions = grants;
    o.child_permissions = CAY_CHILDREN_INHERIT;
    o.on_output = output;
    o.output_user = s;
    if (is_well(out) && cay_worker_spawn(s->rt, &o, &w, &err)) {
        blame_error(out, "spawn", err);
    }
    cay_permissions_free(grants);
    return w;
}

/* ---- the stream of events ---- */

static void see_message(view_t *v, cay_event_t *ev) {
    char *json = NULL;
    if (!v->attack->says[0] || cay_message_to_json(ev->u.message.message, &json, NULL)) {
        return;
    }
    v->said = v->said || strcmp(json, v->attack->says) == 0;
    cay_free(json);
}

static void see_error(view_t *v, const cay_error_info_t *e) {
    if (e->message) {
        snprintf(v->fault, sizeof v->fault, "%s: %s (line %u)", e->name ? e->name : "?", e->message,
                 e->line);
    }
}

/* A reason that is a limit's tells that limit and no other; heap stands for the engine's own end of it too. */
static void see_limit(view_t *v, const cay_event_end_t *end) {
    const char *word = attack_reason_word(end->reason);
    for (cay_limit_t i = 0; i < CAY_LIMIT_COUNT; i++) {
        if (strcmp(cay_limit_name(i), word) == 0 && i != CAY_LIMIT_HEAP && end->limit.which != i) {
            blame(v->out, "ended as %s, and tells of the limit %s", word,
                  cay_limit_name(end->limit.which));
        }
    }
}

/* Posts until there is no room. A worker whose queue has no bound would take them all. */
static void flood(view_t *v) {
    for (unsigned i = 0; i < MOST_POSTS; i++) {
        if (cay_port_post_json(cay_worker_port(v->worker), "[1,2,3]", 7, NULL)) {
            v->out->refused++;
            return;
        }
    }
    blame(v->out, "took %u messages of the host's without refusing one", MOST_POSTS);
}

static bool see(view_t *v, cay_event_t *ev) {
    bool final = cay_event_is_final(ev);
    switch (ev->type) {
    case CAY_EVENT_ONLINE:
        if (v->attack->host == HOST_FLOODS) {
            flood(v);
        }
        break;
    case CAY_EVENT_MESSAGE: see_message(v, ev); break;
    case CAY_EVENT_ERROR: see_error(v, &ev->u.error.error); break;
    case CAY_EVENT_LIMIT:
        v->told = v->told || strcmp(cay_limit_name(ev->u.limit.which), v->attack->tells) == 0;
        break;
    default: break;
    }
    if (final) {
        see_error(v, &ev->u.end.error);
        v->finals++;
        v->out->got = attack_reason_word(ev->u.end.reason);
        see_limit(v, &ev->u.end);
        v->out->usage = ev->u.end.usage;
    }
    cay_event_free(ev);
    return final;
}

/* Reads up to the final event; false when none came in time. */
static bool read_events(view_t *v, double ms) {
    double until = host_ms() + ms;
    for (;;) {
        double left = until - host_ms();
        cay_event_t *ev;
        if (left < 0 || cay_worker_next_event(v->worker, (int64_t)left + 1, &ev)) {
            return false;
        }
        if (see(v, ev)) {
            return true;
        }
    }
}

static void await_end(view_t *v) {
    double start = host_ms();
    double within = (double)v->attack->within_ms * SLOWER * v->share;
    if (v->attack->host == HOST_SILENT && cay_worker_join(v->worker, (int64_t)within)) {
        blame(v->out, "still there after %.0f s, with nobody reading its events", within / 1e3);
    }
    if (!read_events(v, v->attack->host == HOST_SILENT ? END_MS : within)) {
        blame(v->out, "no final event within %.0f s", within / 1e3);
        cay_worker_terminate(v->worker);
        if (!read_events(v, END_MS)) {
            blame(v->out, "and none %d s after it was terminated", END_MS / 1000);
        }
    }
    v->out->ms = host_ms() - start;
}

/* ---- judgement ---- */

static void judge_end(view_t *v) {
    const attack_t *a = v->attack;
    cay_event_t *more = NULL;
    int rc = cay_worker_next_event(v->worker, 0, &more);
    if (rc != CAY_ECLOSED) {
        blame(v->out, "after the final event: %s",
              rc ? cay_error_name(rc) : cay_event_type_name(more->type));
        cay_event_free(more);
    }
    if (v->finals && !attack_word_is_in(v->out->got, a->expect)) {
        blame(v->out, "ended as %s, expected %s; %s", v->out->got, a->expect,
              v->fault[0] ? v->fault : "no error was told");
    }
    if (a->says[0] && !v->said) {
        blame(v->out, "never said %s", a->says);
    }
    if (a->tells[0] && !v->told) {
        blame(v->out, "no event told of the limit %s", a->tells);
    }
    if (a->host == HOST_FLOODS && !v->out->refused) {
        blame(v->out, "refused no message of the host's");
    }
    if (v->finals && cay_worker_join(v->worker, END_MS)) {
        blame(v->out, "not gone %d s after its final event", END_MS / 1000);
    }
}

cay_runtime_stats_t stage_stats(const stage_t *s) {
    cay_runtime_stats_t stats = {.size = sizeof stats};
    if (cay_runtime_stats(s->rt, &stats)) {
        abort();
    }
    return stats;
}

void stage_begin(stage_t *s) {
    s->threads = host_threads() + SPARES;
    s->fds = host_fds();
    s->lost = stage_stats(s).lost;
    s->workers = stage_stats(s).workers;
}

/* What is not back yet; NULL when all is. A lost thread may end by itself later, so fewer are fine. */
static const char *left_over(const stage_t *s) {
    cay_runtime_stats_t stats = stage_stats(s);
    return stats.workers > s->workers                           ? "a worker is left"
           : host_threads() > s->threads + stats.lost - s->lost ? "a thread is left"
           : host_fds() != s->fds                               ? "a descriptor is left"
                                                                : NULL;
}

static void settle(stage_t *s, outcome_t *out) {
    const struct timespec pause = {.tv_nsec = 2000000};
    double until = host_ms() + SETTLE_MS * SLOWER;
    const char *left;
    while ((left = left_over(s)) && host_ms() < until) {
        nanosleep(&pause, NULL); /* between looks at figures that nobody tells the change of */
    }
    if (left) {
        cay_runtime_stats_t stats = stage_stats(s);
        blame(out, "%s: %u threads (%u before, %u lost), %u descriptors (%u), %u workers (%u)",
              left, host_threads(), s->threads, (unsigned)(stats.lost - s->lost), host_fds(),
              s->fds, (unsigned)stats.workers, (unsigned)s->workers);
        stage_begin(s); /* so that the next attack is not blamed for it */
    }
}

static void judge_figures(stage_t *s, const attack_t *a, outcome_t *out) {
    if (atomic_load(&s->neighbour.gone)) {
        blame(out, "the neighbour is gone");
        neighbour_stop(&s->neighbour);
        if (!neighbour_start(&s->neighbour, s->rt)) {
            abort(); /* nothing that follows would tell anything */
        }
    }
    out->neighbour_ms = neighbour_worst(&s->neighbour);
    if (out->neighbour_ms > s->patience_ms * SLOWER) {
        blame(out, "the neighbour waited for %.0f ms", out->neighbour_ms);
    }
    if (s->at_a_time == 1 && out->lost && !a->loses) {
        blame(out, "cost %u thread(s)", (unsigned)out->lost);
    }
    if (s->at_a_time == 1 && !IS_ASAN && out->peak_mb > (double)a->peak_mb) {
        blame(out, "the process grew by %.0f MiB", out->peak_mb);
    }
}

void bout_run(stage_t *s, const attack_t *a, outcome_t *out) {
    uint64_t lost = stage_stats(s).lost;
    double rss = (double)host_rss_kb();
    *out = (outcome_t){.got = "none"};
    bool has_peak = host_peak_reset();
    neighbour_worst(&s->neighbour);
    view_t v = {.attack = a, .out = out, .share = s->at_a_time, .worker = spawn(s, a, out)};
    if (!v.worker) {
        return;
    }
    await_end(&v);
    judge_end(&v);
    cay_worker_free(v.worker);
    if (s->at_a_time == 1) {
        settle(s, out);
    }
    out->peak_mb = has_peak ? ((double)host_peak_kb() - rss) / 1024 : 0;
    out->rss_mb = ((double)host_rss_kb() - rss) / 1024;
    out->lost = stage_stats(s).lost - lost;
    judge_figures(s, a, out);
}
