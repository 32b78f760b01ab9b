/* SPDX-License-Identifier: MIT */
#include "base_test.h"

#include "base/list.h"

typedef struct item {
    int number;
    cay_link_t link;
} item_t;

/* The numbers of a list as digits, which must be the same read backwards. */
static void assert_list(const cay_link_t *l, const char *wanted) {
    char there[32] = "", back[32] = "";
    size_t n = 0, m = 0;
    for (const cay_link_t *k = l->next; k != l; k = k->next) {
        there[n++] = (char)('0' + CAY_CONTAINER(k, item_t, link)->number);
    }
    for (const cay_link_t *k = l->prev; k != l; k = k->prev) {
        back[m++] = (char)('0' + CAY_CONTAINER(k, item_t, link)->number);
    }
    assert_string_equal(there, wanted);
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(back[i], there[n - 1 - i]);
    }
}

static void fill(item_t *items, int count) {
    for (int i = 0; i < count; i++) {
        items[i].number = i;
        cay__list_init(&items[i].link);
    }
}

static void items_stand_in_the_order_they_were_put(void **state) {
    (void)state;
    item_t items[4];
    cay_link_t l;
    fill(items, 4);
    cay__list_init(&l);
    assert_true(cay__list_empty(&l));
    assert_null(cay__list_shift(&l));
    cay__list_push(&l, &items[1].link);
    cay__list_push(&l, &items[2].link);
    cay__list_push_front(&l, &items[0].link);
    assert_list(&l, "012");
    assert_ptr_equal(cay__list_shift(&l), &items[0].link);
    assert_list(&l, "12");
    assert_false(cay__list_empty(&l));
}

static void removing_twice_is_harmless(void **state) {
    (void)state;
    item_t items[3];
    cay_link_t l;
    fill(items, 3);
    cay__list_init(&l);
    for (int i = 0; i < 3; i++) {
        cay__list_push(&l, &items[i].link);
    }
    cay__list_remove(&items[1].link);
    cay__list_remove(&items[1].link);
    assert_list(&l, "02");
    cay__list_push(&l, &items[1].link);
    assert_list(&l, "021");
}

static void splicing_moves_all(void **state) {
    (void)state;
    item_t items[5];
    cay_link_t a, b;
    fill(items, 5);
    cay__list_init(&a);
    cay__list_init(&b);
    cay__list_splice(&a, &b);
    assert_list(&a, "");
    for (int i = 0; i < 5; i++) {
        cay__list_push(i < 2 ? &a : &b, &items[i].link);
    }
    cay__list_splice(&a, &b);
    assert_list(&a, "01234");
    assert_true(cay__list_empty(&b));
    cay__list_splice(&b, &a);
    assert_list(&b, "01234");
    assert_true(cay__list_empty(&a));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_stand_in_the_order_they_were_put),
        cmocka_unit_test(removing_twice_is_harmless),
        cmocka_unit_test(splicing_moves_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
