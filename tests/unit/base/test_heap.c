/* SPDX-License-Identifier: MIT */
/* The heap against a plain array that is searched for its smallest. */
#include "base_test.h"

#include "base/heap.h"

enum { MANY = 600 };

typedef struct item {
    cay_heap_node_t node;
    uint64_t key;
    uint64_t came;
    bool in;
} item_t;

/* The item that must be on top: smallest key, earliest among equals. */
static item_t *reference_top(item_t *items) {
    item_t *best = NULL;
    for (int i = 0; i < MANY; i++) {
        item_t *it = &items[i];
        if (it->in &&
            (!best || it->key < best->key || (it->key == best->key && it->came < best->came))) {
            best = it;
        }
    }
    return best;
}

static void order_agrees_with_a_sorted_reference(void **state) {
    (void)state;
    static item_t items[MANY];
    for (uint64_t seed = 1; seed <= 5; seed++) {
        memset(items, 0, sizeof items);
        cay_heap_t h = {0};
        uint64_t random = seed, came = 0;
        size_t count = 0;
        for (int step = 0; step < 4000; step++) {
            item_t *it = &items[test_random(&random) % MANY];
            if (it->in) {
                cay__heap_remove(&h, &it->node);
                it->in = false;
                count--;
            } else if (test_random(&random) % 3 != 0) {
                it->key = test_random(&random) % 50; /* many equal ones */
                it->came = came++;
                it->in = true;
                cay__heap_push(&h, &it->node, it->key);
                count++;
            } else if (cay__heap_top(&h)) {
                item_t *top = CAY_CONTAINER(cay__heap_top(&h), item_t, node);
                cay__heap_remove(&h, &top->node);
                top->in = false;
                count--;
            }
            item_t *wanted = reference_top(items);
            assert_ptr_equal(cay__heap_top(&h), wanted ? &wanted->node : NULL);
            assert_int_equal(h.count, count);
        }
    }
}

static void all_come_out_in_order(void **state) {
    (void)state;
    static cay_heap_node_t nodes[10000];
    cay_heap_t h = {0};
    uint64_t random = 42;
    for (size_t i = 0; i < CAY_COUNT(nodes); i++) {
        cay__heap_push(&h, &nodes[i], test_random(&random) % 1000);
    }
    uint64_t last_key = 0, last_order = 0;
    for (size_t i = 0; i < CAY_COUNT(nodes); i++) {
        cay_heap_node_t *n = cay__heap_top(&h);
        assert_true(n->key > last_key || (n->key == last_key && (i == 0 || n->order > last_order)));
        last_key = n->key;
        last_order = n->order;
        cay__heap_remove(&h, n);
    }
    assert_null(cay__heap_top(&h));
    assert_int_equal(h.count, 0);
}

static void removing_what_is_not_in_does_nothing(void **state) {
    (void)state;
    cay_heap_t h = {0};
    cay_heap_node_t a = {0}, b = {0};
    cay__heap_remove(&h, &a);
    cay__heap_push(&h, &a, 1);
    cay__heap_remove(&h, &b);
    assert_int_equal(h.count, 1);
    cay__heap_remove(&h, &a);
    cay__heap_remove(&h, &a);
    assert_int_equal(h.count, 0);
    cay__heap_push(&h, &a, 2); /* and can come again */
    assert_ptr_equal(cay__heap_top(&h), &a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_agrees_with_a_sorted_reference),
        cmocka_unit_test(all_come_out_in_order),
        cmocka_unit_test(removing_what_is_not_in_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
