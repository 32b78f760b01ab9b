/* SPDX-License-Identifier: MIT */
/* Checks, uses, derivations and revocations of one tree from several threads at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "os/thread.h"
#include "perm_test.h"

enum { WORKERS = 3, DIRECTORIES = 60, USES = 40 };

/* Counts what is wrong: cmocka's checks are for the main thread. */
typedef struct world {
    cay_authority_t *root;
    _Atomic unsigned gone; /* directories below this number have been revoked */
    _Atomic unsigned wrong;
    _Atomic unsigned begun;
    _Atomic unsigned revoked;
    _Atomic unsigned audited;
    _Atomic unsigned decided;
} world_t;

typedef struct op {
    cay_use_t use;
    world_t *world;
    _Atomic unsigned revoked;
} op_t;

static void on_audit(const cay_audit_t *r, void *user) {
    world_t *w = user;
    atomic_fetch_add(&w->audited, 1);
    atomic_fetch_add(&w->wrong, r->value[0] != '/');
}

static void on_revoked(cay_use_t *use) {
    op_t *op = CAY_CONTAINER(use, op_t, use);
    atomic_fetch_add(&op->revoked, 1);
    atomic_fetch_add(&op->world->revoked, 1);
}

static void expect(world_t *w, bool ok) {
    atomic_fetch_add(&w->wrong, !ok);
}

/* One use of the directory: it begins only when the directory is still there, and is told at most once. */
static void use_once(world_t *w, cay_authority_t *a, unsigned directory) {
    char path[64];
    snprintf(path, sizeof path, "/data/%03u/f", directory);
    cay_ask_t ask = read_ask(path);
    cay_place_t place = {NULL, NULL};
    op_t op = {.use = {.revoked = on_revoked}, .world = w};
    bool was_gone = directory < atomic_load(&w->gone);
    int rc = cay__use_begin(a, &op.use, &ask, &place, NULL);
    atomic_fetch_add(&w->decided, 1);
    expect(w, rc == 0 || rc == CAY_EPERM);
    expect(w, !(was_gone && rc == 0));
    if (rc == 0) {
        atomic_fetch_add(&w->begun, 1);
        expect(w, strcmp(place.root, "/data") == 0);
    }
    cay__place_clear(&place);
    cay__use_end(&op.use);
    unsigned told = atomic_load(&op.revoked);
    expect(w, told <= (rc == 0));
}

static void worker(void *arg) {
    world_t *w = arg;
    cay_authority_t *mine = child_authority(w->root, "read=/data");
    for (unsigned i = 0; i < DIRECTORIES * USES; i++) {
        use_once(w, mine, i % DIRECTORIES);
        if (i % 50 == 0) {
            cay_authority_t *below = child_authority(mine, "read=/data");
            use_once(w, below, i % DIRECTORIES);
            cay__authority_unref(&below);
        }
    }
    cay__authority_unref(&mine);
}

static void revoker(void *arg) {
    world_t *w = arg;
    for (unsigned i = 0; i < DIRECTORIES; i++) {
        char path[64];
        snprintf(path, sizeof path, "/data/%03u", i);
        expect(w, cay__authority_revoke(w->root, CAY_KIND_READ, path, NULL) == 0);
        expect(w, !reads(w->root, path));
        atomic_store(&w->gone, i + 1);
    }
}

static void checks_uses_and_revocations_from_many_threads(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    world_t w = {.root = NULL};
    cay_authority_options_t o = {.on_audit = on_audit, .audit_user = &w};
    cay_thread_t threads[WORKERS + 1];
    assert_int_equal(cay__authority_new(&o, parsed("read=/data"), &w.root), 0);
    for (unsigned i = 0; i <= WORKERS; i++) {
        assert_int_equal(
            cay__thread_start(&threads[i], "perm-test", 0, i < WORKERS ? worker : revoker, &w), 0);
    }
    for (unsigned i = 0; i <= WORKERS; i++) {
        cay__thread_join(&threads[i]);
    }
    assert_int_equal(atomic_load(&w.wrong), 0);
    /* Each decision, each revocation, each use that one ended. */
    assert_int_equal(atomic_load(&w.audited),
                     atomic_load(&w.decided) + DIRECTORIES + atomic_load(&w.revoked));
    assert_true(atomic_load(&w.revoked) <= atomic_load(&w.begun));
    cay__authority_unref(&w.root);
    assert_int_equal(cay__mem_live(), live);
}

/* --- a revocation in another thread has told every use when it returns --- */

typedef struct hand {
    cay_mutex_t lock;
    cay_cond_t cond;
    unsigned turn;
    op_t *ops;
    cay_authority_t *root;
    unsigned wrong;
} hand_t;

static void await_turn(hand_t *h, unsigned turn) {
    cay__mutex_lock(&h->lock);
    while (h->turn < turn) {
        cay__cond_wait(&h->cond, &h->lock);
    }
    cay__mutex_unlock(&h->lock);
}

static void give_turn(hand_t *h, unsigned turn) {
    cay__mutex_lock(&h->lock);
    h->turn = turn;
    cay__cond_broadcast(&h->cond);
    cay__mutex_unlock(&h->lock);
}

static void revoke_when_told(void *arg) {
    hand_t *h = arg;
    await_turn(h, 1);
    h->wrong += cay__authority_revoke(h->root, CAY_KIND_READ, NULL, NULL) != 0;
    for (unsigned i = 0; i < USES; i++) {
        h->wrong += atomic_load(&h->ops[i].revoked) != 1;
    }
    give_turn(h, 2);
}

static void every_use_was_told_when_the_revocation_returns(void **state) {
    (void)state;
    op_t ops[USES];
    world_t w = {.root = root_authority("read=/data")};
    hand_t h = {.ops = ops, .root = w.root};
    cay_thread_t thread;
    cay_authority_t *child = child_authority(w.root, "read=/data");
    cay__mutex_init(&h.lock);
    cay__cond_init(&h.cond);
    assert_int_equal(cay__thread_start(&thread, "perm-test", 0, revoke_when_told, &h), 0);
    for (unsigned i = 0; i < USES; i++) {
        cay_ask_t ask = read_ask("/data/f");
        ops[i] = (op_t){.use = {.revoked = on_revoked}, .world = &w};
        assert_int_equal(cay__use_begin(i % 2 ? child : w.root, &ops[i].use, &ask, NULL, NULL), 0);
    }
    give_turn(&h, 1);
    await_turn(&h, 2);
    cay__thread_join(&thread);
    assert_int_equal(h.wrong, 0);
    for (unsigned i = 0; i < USES; i++) {
        cay__use_end(&ops[i].use);
    }
    cay__authority_unref(&child);
    cay__authority_unref(&w.root);
    cay__cond_destroy(&h.cond);
    cay__mutex_destroy(&h.lock);
}

/* Authorities that end while the tree is walked by a revocation. */
static void come_and_go(void *arg) {
    world_t *w = arg;
    for (int i = 0; i < 400; i++) {
        cay_authority_t *a = child_authority(w->root, "env"), *b = child_authority(a, "env");
        cay__authority_unref(&a);
        cay__authority_unref(&b);
    }
}

static void revoke_names(void *arg) {
    world_t *w = arg;
    for (int i = 0; i < 400; i++) {
        char name[16];
        snprintf(name, sizeof name, "V%d", i % 20);
        expect(w, cay__authority_revoke(w->root, CAY_KIND_ENV, name, NULL) == 0);
    }
}

static void authorities_end_while_the_tree_is_walked(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    world_t w = {.root = root_authority("env")};
    cay_thread_t threads[3];
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(
            cay__thread_start(&threads[i], "perm-test", 0, i ? come_and_go : revoke_names, &w), 0);
    }
    for (unsigned i = 0; i < 3; i++) {
        cay__thread_join(&threads[i]);
    }
    assert_int_equal(atomic_load(&w.wrong), 0);
    cay__authority_unref(&w.root);
    assert_int_equal(cay__mem_live(), live);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_uses_and_revocations_from_many_threads),
        cmocka_unit_test(every_use_was_told_when_the_revocation_returns),
        cmocka_unit_test(authorities_end_while_the_tree_is_walked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
