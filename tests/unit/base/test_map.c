/* SPDX-License-Identifier: MIT */
/* The hash map against a plain array. */
#include "base_test.h"

#include "base/map.h"
#include "base/mem.h"
#include "cay/error.h"

enum { MANY = 500 };

static void siphash_gives_the_published_numbers(void **state) {
    (void)state;
    /* From the paper's appendix: key 00..0f, messages 00..0e and the empty one. */
    static const uint64_t key[2] = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    uint8_t message[15];
    for (uint8_t i = 0; i < sizeof message; i++) {
        message[i] = i;
    }
    assert_true(cay__siphash(key, message, 15) == 0xa129ca6149be45e5u);
    assert_true(cay__siphash(key, message, 0) == 0x726fdb47dd0e0e31u);
    assert_true(cay__siphash(key, message, 8) == 0x93f5f5799a932462u);
}

static void an_empty_map_has_nothing(void **state) {
    (void)state;
    cay_map_t m;
    size_t at = 0;
    cay__map_init(&m);
    assert_null(cay__map_get(&m, "a", 1));
    assert_null(cay__map_remove(&m, "a", 1));
    assert_null(cay__map_next(&m, &at));
    cay__map_free(&m);
}

static void keys_are_bytes_with_a_length(void **state) {
    (void)state;
    cay_map_t m;
    int a, b, c;
    cay__map_init(&m);
    assert_int_equal(cay__map_put(&m, "a\0b", 3, &a), 0);
    assert_int_equal(cay__map_put(&m, "a", 1, &b), 0);
    assert_int_equal(cay__map_put(&m, "", 0, &c), 0);
    assert_ptr_equal(cay__map_get(&m, "a\0b", 3), &a);
    assert_ptr_equal(cay__map_get(&m, "a", 1), &b);
    assert_ptr_equal(cay__map_get(&m, "", 0), &c);
    assert_null(cay__map_get(&m, "a\0", 2));
    assert_int_equal(cay__map_put(&m, "x", 1, NULL), CAY_EINVAL);
    assert_int_equal(cay__map_put(&m, NULL, 0, &a), CAY_EINVAL);
    cay__map_free(&m);
}

static void a_second_put_replaces_value_and_key(void **state) {
    (void)state;
    cay_map_t m;
    int a, b;
    char first[] = "key", second[] = "key";
    size_t at = 0;
    cay__map_init(&m);
    assert_int_equal(cay__map_put(&m, first, 3, &a), 0);
    assert_int_equal(cay__map_put(&m, second, 3, &b), 0);
    assert_int_equal(m.count, 1);
    memset(first, 'x', 3); /* no longer looked at */
    assert_ptr_equal(cay__map_get(&m, "key", 3), &b);
    assert_ptr_equal(cay__map_next(&m, &at)->key, second);
    cay__map_free(&m);
}

static void agrees_with_a_plain_array(void **state) {
    (void)state;
    static char keys[MANY][16];
    bool in[MANY] = {false};
    cay_map_t m;
    uint64_t random = 7;
    size_t count = 0;
    cay__map_init(&m);
    for (int i = 0; i < MANY; i++) {
        snprintf(keys[i], sizeof keys[i], "%d", i * 31);
    }
    for (int step = 0; step < 20000; step++) {
        size_t i = test_random(&random) % MANY;
        if (test_random(&random) % 2) {
            assert_int_equal(cay__map_put(&m, keys[i], strlen(keys[i]), keys[i]), 0);
            count += !in[i];
            in[i] = true;
        } else {
            assert_ptr_equal(cay__map_remove(&m, keys[i], strlen(keys[i])), in[i] ? keys[i] : NULL);
            count -= in[i];
            in[i] = false;
        }
        size_t j = test_random(&random) % MANY;
        assert_ptr_equal(cay__map_get(&m, keys[j], strlen(keys[j])), in[j] ? keys[j] : NULL);
        assert_int_equal(m.count, count);
        assert_true(m.used <= m.cap / 4 * 3 && m.cap <= 4096);
    }
    size_t at = 0, seen = 0;
    for (const cay_map_entry_t *e; (e = cay__map_next(&m, &at)); seen++) {
        assert_ptr_equal(e->value, e->key);
    }
    assert_int_equal(seen, count);
    cay__map_free(&m);
}

static void entries_may_be_removed_on_the_way(void **state) {
    (void)state;
    static char keys[100][16];
    cay_map_t m;
    size_t at = 0;
    cay__map_init(&m);
    for (int i = 0; i < 100; i++) {
        snprintf(keys[i], sizeof keys[i], "%d", i);
        assert_int_equal(cay__map_put(&m, keys[i], strlen(keys[i]), keys[i]), 0);
    }
    for (const cay_map_entry_t *e; (e = cay__map_next(&m, &at));) {
        assert_non_null(cay__map_remove(&m, e->key, e->len));
    }
    assert_int_equal(m.count, 0);
    cay__map_free(&m);
}

/* Coming and going must not fill the table with removed places. */
static void churn_does_not_grow_the_table(void **state) {
    (void)state;
    static char keys[2000][16];
    cay_map_t m;
    cay__map_init(&m);
    for (int i = 0; i < 2000; i++) {
        snprintf(keys[i], sizeof keys[i], "%d", i);
        assert_int_equal(cay__map_put(&m, keys[i], strlen(keys[i]), keys[i]), 0);
        if (i >= 10) {
            assert_non_null(cay__map_remove(&m, keys[i - 10], strlen(keys[i - 10])));
        }
    }
    assert_int_equal(m.cap, 32);
    cay__map_free(&m);
}

static void a_failed_allocation_changes_nothing(void **state) {
    (void)state;
    static char keys[200][16];
    int64_t before = cay__mem_live();
    cay_map_t m;
    int failures = 0;
    cay__map_init(&m);
    for (int i = 0; i < 200; i++) {
        snprintf(keys[i], sizeof keys[i], "%d", i);
        cay__mem_fail_at(1, false);
        int rc = cay__map_put(&m, keys[i], strlen(keys[i]), keys[i]);
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_int_equal(rc, failed ? CAY_ENOMEM : 0);
        if (failed) {
            failures++;
            assert_int_equal(m.count, i);
            assert_null(cay__map_get(&m, keys[i], strlen(keys[i])));
            assert_int_equal(cay__map_put(&m, keys[i], strlen(keys[i]), keys[i]), 0);
        }
    }
    for (int i = 0; i < 200; i++) {
        assert_ptr_equal(cay__map_get(&m, keys[i], strlen(keys[i])), keys[i]);
    }
    assert_true(failures >= 3);
    cay__map_free(&m);
    assert_int_equal(cay__mem_live(), before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_gives_the_published_numbers),
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(keys_are_bytes_with_a_length),
        cmocka_unit_test(a_second_put_replaces_value_and_key),
        cmocka_unit_test(agrees_with_a_plain_array),
        cmocka_unit_test(entries_may_be_removed_on_the_way),
        cmocka_unit_test(churn_does_not_grow_the_table),
        cmocka_unit_test(a_failed_allocation_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
