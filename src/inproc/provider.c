/* SPDX-License-Identifier: MIT */
/* The in-process provider: composition root of libcay-v8. Ties the scheduler, the engine, the loader and the
 * ops together behind the provider table. */
#include "cay/v8.h"

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "inproc/snapshot.h"
#include "loader/loader.h"
#include "ops/ops.h"
#include "os/clock.h"
#include "runtime/provider.h"

/* Mappings an isolate takes (measured: 12, with room for what a guest adds), and those of the process
 * itself. Past vm.max_map_count V8 aborts, so we refuse well before. */
#define MAPS_PER_WORKER 16
#define MAPS_RESERVED   4096

typedef struct inproc {
    cay_sched_t *sched;
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
    return eng_start(&c, err);
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
    cay_sched_options_t so = {.executors = (unsigned)(o->threads > 1024 ? 1024 : o->threads),
                              .max_threads =
                                  (unsigned)(o->max_threads > 65536 ? 65536 : o->max_threads)};
    rc = cay__sched_new(&so, &p->sched);
    if (rc) {
        cay__free(p);
        return cay__error_set(err, rc, "the scheduler did not start: %s", cay_error_text(rc));
    }
    uint64_t most = workers_by_maps();
    cay__env_init(&p->env, p->sched, &cay__loader_hooks,
                  o->max_workers && o->max_workers < most ? o->max_workers : most);
    *self = p;
    return 0;
}

static int spawn(void *self, const cay_spawn_t *s, cay_inside_t *inside, cay_error_t **err) {
    inproc_t *p = self;
    cay_group_t *group = cay__group_new(s->options);
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
    };
    cay_agent_t *a = NULL;
    int rc = cay__agent_new(&p->env, &spec, inside, &a, err);
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
    cay__mutex_lock(&p->env.lock);
    out->workers = p->env.alive;
    out->spawned = p->env.spawned;
    cay__mutex_unlock(&p->env.lock);
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
