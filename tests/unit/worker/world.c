/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "os/clock.h"
#include "port/call.h"

/* ---- a world: scheduler, environment, hooks ---- */

static void load_main(cay_agent_t *a) {
    cay__agent_settled(a);
}

static bool after_task(cay_agent_t *a) {
    (void)a;
    return false;
}

static void on_quiet(cay_agent_t *a) {
    cay__agent_close(a, 5, false);
}

static void end_loads(cay_agent_t *a) {
    (void)a;
}

const cay_agent_hooks_t world_hooks = {
    .load_main = load_main, .after_task = after_task, .quiet = on_quiet, .end_loads = end_loads};

uint64_t world_lost_after_ms = 60000;

void world_env(world_t *w, const cay_agent_hooks_t *hooks, uint64_t max_workers) {
    cay_watchdog_t *watchdog;
    cay_env_options_t o = {.max_workers = max_workers,
                           .lost_after_ns = world_lost_after_ms * CAY_NS_PER_MS,
                           .max_lost_threads = 1,
                           .max_lost_memory = UINT64_MAX};
    assert_int_equal(cay__watchdog_new(&watchdog), 0);
    cay__env_init(&w->env, w->sched, hooks, &w->services, watchdog, &o);
}

void world_open(world_t *w, unsigned executors) {
    cay_sched_options_t o = {.executors = executors, .stack_size = 256 * 1024};
    assert_int_equal(cay__sched_new(&o, &w->sched), 0);
    world_env(w, &world_hooks, 100000);
}

void world_close(world_t *w) {
    cay__env_close(&w->env);
    assert_int_equal(cay__env_wait(&w->env, cay__clock_deadline(WAIT_MS)), 0);
    cay__sched_free(w->sched);
    cay__env_destroy(&w->env);
}

const char *world_grants;
const char *world_limits;

static cay_account_t *make_account(void) {
    cay_limits_t l = CAY_LIMITS_INIT;
    assert_int_equal(cay__limits_read(&l, world_limits ? world_limits : "", NULL), 0);
    assert_int_equal(cay__limits_fill(&l, NULL), 0);
    return cay__account_new(NULL, &l, NULL);
}

static int make_authority(cay_authority_t **out) {
    cay_permissions_t *set = NULL;
    cay_authority_options_t o = {.worker_name = ""};
    int rc = cay_permissions_parse(world_grants, &set, NULL);
    rc = rc ? rc : cay__authority_new(&o, set, out);
    if (rc) {
        cay_permissions_free(set);
    }
    return rc;
}

int world_spawn(world_t *w, uint64_t flags, cay_worker_t **out) {
    cay_worker_options_t wo = {.flags = flags};
    cay_group_t *g = cay__group_new(&wo, false);
    cay_worker_t *handle = NULL;
    cay_inside_t *inside = NULL;
    cay_agent_t *a = NULL;
    int rc = g ? cay_handles_new(NULL, &handle, &inside) : CAY_ENOMEM;
    if (rc == 0) {
        cay_authority_t *authority = NULL;
        cay_account_t *account = make_account();
        rc = account ? make_authority(&authority) : CAY_ENOMEM;
        cay_agent_spec_t spec = {.url = "test:x",
                                 .group = g,
                                 .is_root = true,
                                 .authority = authority,
                                 .account = account};
        if (rc == 0) {
            cay__worker_set_account(handle, account);
            cay__worker_equip(handle, cay__authority_ref(authority), cay__authority_unref, NULL);
            rc = cay__agent_new(&w->env, &spec, inside, &a, NULL);
        }
        cay__authority_unref(&authority);
        cay__account_unref(&account);
        if (rc) {
            cay_inside_free(inside);
            cay_worker_free(handle);
        }
    }
    if (rc == 0) {
        *out = handle;
        cay__agent_start(a);
    }
    cay__group_unref(&g);
    return rc;
}

cay_worker_t *world_spawn_ok(world_t *w, uint64_t flags) {
    cay_worker_t *handle = NULL;
    assert_int_equal(world_spawn(w, flags, &handle), 0);
    return handle;
}

cay_event_end_t world_expect_end(cay_worker_t *w) {
    for (;;) {
        cay_event_t *ev = NULL;
        assert_int_equal(cay_worker_next_event(w, WAIT_MS, &ev), 0);
        bool final = cay_event_is_final(ev);
        cay_event_end_t end = final ? ev->u.end : (cay_event_end_t){0};
        cay_event_free(ev);
        if (final) {
            return end;
        }
    }
}
