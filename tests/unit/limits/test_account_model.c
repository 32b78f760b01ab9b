/* SPDX-License-Identifier: MIT */
/* Accounts against a simple model: every figure, after each of tens of thousands of random operations. */
#include "limits_test.h"

enum { NODES = 12, STEPS = 40000 };

typedef struct model {
    cay_account_t *a;
    int parent; /* -1: none */
    uint64_t part[CAY_PART_COUNT], peak, heap_peak, ports, queued, shared, shared_bytes, output,
        dropped;
} model_t;

typedef struct world {
    model_t m[NODES];
    int count;
    uint64_t chance;
} world_t;

static bool is_at_or_below(const world_t *w, int i, int above) {
    while (i != above && i >= 0) {
        i = w->m[i].parent;
    }
    return i >= 0;
}

/* A figure of the tree, added up anew each time. */
static uint64_t tree_of(const world_t *w, int above, bool output) {
    uint64_t sum = 0;
    for (int i = 0; i < w->count; i++) {
        for (int p = 0; p < CAY_PART_COUNT && is_at_or_below(w, i, above) && !output; p++) {
            sum += w->m[i].part[p];
        }
        sum += output && is_at_or_below(w, i, above) ? w->m[i].output : 0;
    }
    return sum;
}

static bool model_fits(const world_t *w, int i, uint64_t n) {
    for (; i >= 0; i = w->m[i].parent) {
        if (tree_of(w, i, false) + n > w->m[i].a->limits.memory) {
            return false;
        }
    }
    return true;
}

static bool model_prints(const world_t *w, int i, uint64_t n) {
    for (; i >= 0; i = w->m[i].parent) {
        if (tree_of(w, i, true) + n > w->m[i].a->limits.output) {
            return false;
        }
    }
    return true;
}

static void model_check(world_t *w) {
    for (int i = 0; i < w->count; i++) {
        model_t *m = &w->m[i];
        uint64_t tree = tree_of(w, i, false);
        m->peak = tree > m->peak ? tree : m->peak;
        m->heap_peak =
            m->part[CAY_PART_HEAP] > m->heap_peak ? m->part[CAY_PART_HEAP] : m->heap_peak;
        assert_int_equal(value(&m->a->tree), tree);
        assert_int_equal(value(&m->a->peak_tree), m->peak);
        assert_int_equal(value(&m->a->peak_heap), m->heap_peak);
        for (int p = 0; p < CAY_PART_COUNT; p++) {
            assert_int_equal(value(&m->a->part[p]), m->part[p]);
        }
        assert_int_equal(value(&m->a->tally[CAY_TALLY_PORTS]), m->ports);
        assert_int_equal(value(&m->a->tally[CAY_TALLY_QUEUED]), m->queued);
        assert_int_equal(value(&m->a->shared_queued), m->shared);
        assert_int_equal(value(&m->a->shared_bytes), m->shared_bytes);
        assert_int_equal(value(&m->a->tree_output), tree_of(w, i, true));
        assert_int_equal(value(&m->a->output_dropped), m->dropped);
    }
}

static void step_bytes(world_t *w, int i) {
    model_t *m = &w->m[i];
    cay_part_t part = chance(&w->chance, 2) ? CAY_PART_HOST : CAY_PART_WASM;
    uint64_t n = chance(&w->chance, 3 * MIB);
    switch (chance(&w->chance, 4)) {
    case 0: { /* as much as was found to fit, or more */
        bool fits = model_fits(w, i, n);
        assert_int_equal(cay__account_fits(m->a, n), fits);
        assert_int_equal(cay__account_charge(m->a, part, n), fits);
        m->part[part] += fits ? n : 0;
        break;
    }
    case 1:
        cay__account_set(m->a, CAY_PART_HEAP, n / 2);
        m->part[CAY_PART_HEAP] = n / 2;
        break;
    case 2:
        if (n < MIB / 4) {
            cay__account_force(m->a, part, n);
            m->part[part] += n;
        }
        break;
    default:
        n = n < m->part[part] ? n : m->part[part];
        cay__account_release(m->a, part, n);
        m->part[part] -= n;
    }
}

static void post(world_t *w, int i, bool is_shared, uint64_t n) {
    model_t *m = &w->m[i];
    const cay_limits_t *l = &m->a->limits;
    bool alone = chance(&w->chance, 2);
    bool room = !is_shared || (m->shared < l->queue && (m->shared_bytes + n <= l->queue_bytes ||
                                                        (alone && m->shared_bytes == 0)));
    bool taken = room && model_fits(w, i, n);
    assert_int_equal(cay__account_has_room(m->a, is_shared, alone, n), taken);
    assert_int_equal(cay__account_enqueue(m->a, is_shared, alone, n), taken);
    if (taken) {
        m->part[CAY_PART_MESSAGES] += n;
        m->queued++;
        m->shared += is_shared;
        m->shared_bytes += is_shared ? n : 0;
    }
}

static void step_messages(world_t *w, int i) {
    model_t *m = &w->m[i];
    bool is_shared = chance(&w->chance, 2);
    if (chance(&w->chance, 2)) {
        post(w, i, is_shared, chance(&w->chance, MIB));
        return;
    }
    uint64_t waiting = is_shared ? m->shared : m->queued - m->shared;
    uint64_t bytes = is_shared ? m->shared_bytes : m->part[CAY_PART_MESSAGES] - m->shared_bytes;
    if (waiting) {
        uint64_t n = waiting == 1 ? bytes : bytes / waiting;
        cay__account_dequeue(m->a, is_shared, 1, n);
        m->queued--;
        m->part[CAY_PART_MESSAGES] -= n;
        m->shared -= is_shared;
        m->shared_bytes -= is_shared ? n : 0;
    }
}

static void step_counts(world_t *w, int i) {
    model_t *m = &w->m[i];
    uint64_t n = chance(&w->chance, 500);
    if (chance(&w->chance, 2)) {
        bool taken = m->ports < m->a->limits.ports;
        assert_int_equal(cay__account_take(m->a, CAY_TALLY_PORTS, CAY_LIMIT_PORTS), taken);
        m->ports += taken;
    } else if (m->ports) {
        cay__account_give(m->a, CAY_TALLY_PORTS);
        m->ports--;
    }
    bool prints = model_prints(w, i, n);
    assert_int_equal(cay__account_output(m->a, n), prints);
    m->output += prints ? n : 0;
    for (; i >= 0 && !prints; i = w->m[i].parent) {
        w->m[i].dropped += n;
    }
}

static void figures_are_those_of_a_simple_model(void **state) {
    (void)state;
    static const char *const limits[] = {"memory=5M;queue=3;queue-bytes=1M;ports=2;output=300K",
                                         "memory=9M;queue=5;queue-bytes=512K;ports=4;output=1M",
                                         "memory=20M;queue-bytes=2M;ports=9;output=2M",
                                         "memory=unlimited;output=unlimited"};
    world_t w = {.count = NODES, .chance = 1};
    for (int i = 0; i < NODES; i++) {
        w.m[i].parent = i ? (int)chance(&w.chance, (uint64_t)i) : -1;
        w.m[i].a = account_of(i ? w.m[w.m[i].parent].a : NULL,
                              limits[chance(&w.chance, CAY_COUNT(limits))]);
    }
    for (int step = 0; step < STEPS; step++) {
        int i = (int)chance(&w.chance, NODES);
        switch (chance(&w.chance, 3)) {
        case 0: step_bytes(&w, i); break;
        case 1: step_messages(&w, i); break;
        case 2: step_counts(&w, i); break;
        }
        model_check(&w);
    }
    for (int i = NODES - 1; i >= 0; i--) {
        cay_account_t *a = w.m[i].a;
        cay__account_release(a, CAY_PART_HOST, value(&a->part[CAY_PART_HOST]));
        cay__account_release(a, CAY_PART_MESSAGES, value(&a->part[CAY_PART_MESSAGES]));
        cay__account_end(a);
        assert_int_equal(value(&a->tree), 0);
    }
    for (int i = 0; i < NODES; i++) {
        cay__account_unref(&w.m[i].a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_those_of_a_simple_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
