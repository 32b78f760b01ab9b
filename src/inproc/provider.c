/* SPDX-License-Identifier: MIT */
/* The in-process provider: composition root of libcay-v8. Ties the scheduler, the engine, the loader and the
 * ops together behind the provider table. */
#include "cay/v8.h"

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "inproc/snapshot.h"
#include "loader/import_map.h"
#include "loader/loader.h"
#include "loader/lock.h"
#include "ops/ops.h"
#include "os/clock.h"
#include "os/file.h"
#include "perm/authority.h"
#include "runtime/provider.h"
#include "worker/net.h"

/* Mappings an isolate takes (measured: 12, with room for what a guest adds), and those of the process
 * itself. Past vm.max_map_count V8 aborts, so we refuse well before. */
#define MAPS_PER_WORKER 16
#define MAPS_RESERVED   4096

typedef struct inproc {
    cay_sched_t *sched;
    cay_services_t services;
    char *cache_dir; /* owned; NULL = none */
    cay_env_t env;
} inproc_t;

static uint64_t workers_by_maps(void) {
    unsigned long maps = 65530; /* the kernel's default */
    FILE *f = fopen("/proc/sys/vm/max_map_count", "re");
    if (f) {
        if (fscanf(f, "%lu", &maps) != 1) {
            maps = 65530;
        }
        fclose(f);
    }
    return maps > MAPS_RESERVED + MAPS_PER_WORKER ? (maps - MAPS_RESERVED) / MAPS_PER_WORKER : 1;
}

static int start_engine(const cay_runtime_options_t *o, cay_error_t **err) {
    eng_config_t c = {.v8_flags = o->engine_flags};
    c.ops = cay__ops_table(&c.op_count);
    c.snapshot = cay__snapshot(&c.snapshot_size);
    c.glue = cay__glue(&c.glue_size);
    return eng_start(&c, err);
}

static void stop_services(inproc_t *p) {
    cay__loop_free(p->services.loop);
    cay__pool_free(p->services.pool);
    cay__free(p->cache_dir);
}

/* None of them starts a thread before it has work. */
static int start_services(const cay_runtime_options_t *o, inproc_t *p) {
    cay_loop_options_t lo = {.ca_file = o->ca_file};
    unsigned threads = (unsigned)(o->io_threads > 256 ? 256 : o->io_threads);
    int rc = cay__pool_new("cay-io", threads, &p->services.pool);
    rc = rc ? rc : cay__loop_new(&lo, &p->services.loop);
    if (rc == 0 && o->cache_dir && !(p->cache_dir = cay__path_absolute(o->cache_dir))) {
        rc = CAY_ENOMEM;
    }
    p->services.cache_dir = p->cache_dir;
    return rc;
}

/* Threads, and bytes of heaps, that may be lost before the runtime drains. */
#define MAX_LOST_THREADS 16u
#define MAX_LOST_MEMORY  (1ull << 30)
#define LOST_AFTER_MS    10000u

static uint64_t or_usual(uint64_t given, uint64_t usual) {
    return given ? given : usual;
}

static int start_env(const cay_runtime_options_t *o, inproc_t *p) {
    uint64_t most = workers_by_maps();
    uint64_t lost_after = or_usual(o->lost_after_ms, LOST_AFTER_MS);
    cay_env_options_t eo = {
        .max_workers = o->max_workers && o->max_workers < most ? o->max_workers : most,
        .lost_after_ns =
            lost_after > UINT64_MAX / CAY_NS_PER_MS ? UINT64_MAX : lost_after * CAY_NS_PER_MS,
        .max_lost_threads = or_usual(o->max_lost_threads, MAX_LOST_THREADS),
        .max_lost_memory = or_usual(o->max_lost_memory, MAX_LOST_MEMORY),
    };
    cay_watchdog_t *watchdog;
    int rc = cay__watchdog_new(&watchdog);
    if (rc == 0) {
        cay__env_init(&p->env, p->sched, &cay__loader_hooks, &p->services, watchdog, &eo);
    }
    return rc;
}

static int start_parts(const cay_runtime_options_t *o, inproc_t *p, cay_error_t **err) {
    int rc = start_services(o, p);
    if (rc) {
        return cay__error_set(err, rc, "the threads for input and output: %s", cay_error_text(rc));
    }
    cay_sched_options_t so = {.executors = (unsigned)(o->threads > 1024 ? 1024 : o->threads),
                              .max_threads =
                                  (unsigned)(o->max_threads > 65536 ? 65536 : o->max_threads)};
    rc = cay__sched_new(&so, &p->sched);
    if (rc) {
        return cay__error_set(err, rc, "the scheduler did not start: %s", cay_error_text(rc));
    }
    rc = start_env(o, p);
    if (rc) {
        cay__sched_free(p->sched);
    }
    return rc ? cay__error_set(err, rc, "out of memory") : 0;
}

static int start(const cay_runtime_options_t *o, void **self, cay_error_t **err) {
    int rc = start_engine(o, err);
    if (rc) {
        return rc;
    }
    inproc_t *p = CAY_NEW(inproc_t);
    if (!p) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory");
    }
    rc = start_parts(o, p, err);
    if (rc) {
        stop_services(p);
        cay__free(p);
        return rc;
    }
    *self = p;
    return 0;
}

/* What the group's modules go by. */
static int equip_group(cay_group_t *g, const cay_spawn_t *s, cay_error_t **err) {
    const cay_worker_options_t *o = s->options;
    int rc = 0;
    if (o->import_map) {
        g->import_map_unref = cay__import_map_unref;
        rc = cay__import_map_parse(o->import_map, o->import_map_url ? o->import_map_url : s->url,
                                   &g->import_map, err);
    }
    if (rc == 0 && o->lock_file) {
        g->lock_unref = cay__lock_unref;
        rc = cay__lock_open(o->lock_file, o->flags & CAY_WORKER_LOCK_WRITE, &g->lock_file, err);
    }
    return rc;
}

static bool may_see_environ(const cay_spawn_t *s) {
    cay_grant_t grant = CAY_GRANT_DENIED;
    return cay__authority_query(s->authority, CAY_KIND_ENV, NULL, &grant, NULL) ||
           grant != CAY_GRANT_DENIED;
}

static int spawn(void *self, const cay_spawn_t *s, cay_inside_t *inside, cay_error_t **err) {
    inproc_t *p = self;
    cay_group_t *group = cay__group_new(s->options, may_see_environ(s));
    if (!group) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory for a worker");
    }
    cay_agent_spec_t spec = {
        .url = s->url,
        .source = s->source,
        .source_len = s->source_len,
        .args = s->options->args,
        .uncaught = s->options->uncaught,
        .group = group,
        .is_root = true,
        .authority = s->authority,
        .functions = s->functions,
        .account = s->account,
    };
    cay_agent_t *a = NULL;
    int rc = equip_group(group, s, err);
    rc = rc ? rc : cay__agent_new(&p->env, &spec, inside, &a, err);
    cay__group_unref(&group);
    if (rc == 0) {
        cay__agent_start(a);
    }
    return rc;
}

static void stats(void *self, cay_runtime_stats_t *out) {
    inproc_t *p = self;
    cay_sched_stats_t s;
    cay__sched_stats(p->sched, &s);
    out->threads = s.threads;
    out->hogs = s.hogs;
    out->lost = s.lost;
    out->handoffs = s.handoffs;
    out->slices = s.slices;
    cay__env_stats(&p->env, out);
}

static void close_all(void *self) {
    inproc_t *p = self;
    cay__env_close(&p->env);
}

static uint64_t wait_all(void *self, uint64_t deadline) {
    inproc_t *p = self;
    return cay__env_wait(&p->env, deadline);
}

static void free_all(void *self) {
    inproc_t *p = self;
    cay__sched_free(p->sched);
    cay__env_destroy(&p->env);
    stop_services(p);
    cay__free(p);
}

static const cay_provider_t provider = {
    .name = "isolate",
    .start = start,
    .spawn = spawn,
    .stats = stats,
    .close = close_all,
    .wait = wait_all,
    .free = free_all,
};

const cay_provider_t *cay_v8_provider(void) {
    return &provider;
}

const char *cay_v8_version(void) {
    return eng_version();
}
