/* SPDX-License-Identifier: MIT */
/* Memory: the live count, fault injection, and the cleanup attribute. */
#include "base_test.h"

#include <pthread.h>

#include "base/mem.h"

static void live_count_follows_blocks(void **state) {
    (void)state;
    int64_t before = cay__mem_live();
    void *a = cay__malloc(1), *b = cay__calloc(2, 3), *c = cay__realloc(NULL, 4);
    assert_int_equal(cay__mem_live(), before + 3);
    c = cay__realloc(c, 4000);
    assert_int_equal(cay__mem_live(), before + 3);
    cay__free(a);
    cay__free(b);
    cay__free(c);
    cay__free(NULL);
    assert_int_equal(cay__mem_live(), before);
}

static void zero_size_is_a_block(void **state) {
    (void)state;
    void *blocks[] = {cay__malloc(0), cay__calloc(0, 8), cay__calloc(8, 0), cay__memdup("", 0),
                      cay__realloc(cay__malloc(8), 0)};
    for (size_t i = 0; i < CAY_COUNT(blocks); i++) {
        assert_non_null(blocks[i]);
        cay__free(blocks[i]);
    }
}

static void copies_are_copies(void **state) {
    (void)state;
    char *a = cay__memdup("ab", 2), *b = cay__strdup("abc"), *c = cay__strndup("abcd", 2),
         *d = cay__asprintf("%s-%d", "x", 7);
    assert_memory_equal(a, "ab", 2);
    assert_string_equal(b, "abc");
    assert_string_equal(c, "ab");
    assert_string_equal(d, "x-7");
    cay__free(a);
    cay__free(b);
    cay__free(c);
    cay__free(d);
}

static void the_nth_allocation_fails_once(void **state) {
    (void)state;
    int64_t before = cay__mem_live();
    cay__mem_fail_at(3, false);
    void *a = cay__malloc(1), *b = cay__calloc(1, 1);
    assert_false(cay__mem_failed());
    void *c = cay__realloc(a, 100);
    assert_null(c); /* and a is still there */
    assert_true(cay__mem_failed());
    c = cay__strdup("x");
    assert_non_null(c);
    assert_int_equal(cay__mem_live(), before + 3);
    cay__mem_fail_at(0, false);
    assert_false(cay__mem_failed());
    cay__free(a);
    cay__free(b);
    cay__free(c);
}

static void every_allocation_from_the_nth_fails(void **state) {
    (void)state;
    cay__mem_fail_at(2, true);
    void *a = cay__malloc(1);
    assert_non_null(a);
    assert_null(cay__malloc(1));
    assert_null(cay__asprintf("x"));
    assert_null(cay__memdup("x", 1));
    cay__mem_fail_at(0, false);
    cay__free(a);
}

static void *allocate_elsewhere(void *arg) {
    void *p = cay__malloc(1);
    *(bool *)arg = p != NULL && !cay__mem_failed();
    cay__free(p);
    return NULL;
}

static void injection_is_for_one_thread(void **state) {
    (void)state;
    bool fine = false;
    pthread_t thread;
    cay__mem_fail_at(1, true);
    assert_int_equal(pthread_create(&thread, NULL, allocate_elsewhere, &fine), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    cay__mem_fail_at(0, false);
    assert_true(fine);
}

static void injection_for_all_threads_counts_them_together(void **state) {
    (void)state;
    bool fine = true;
    pthread_t thread;
    cay__mem_fail_process(2, false);
    void *a = cay__malloc(1);
    assert_non_null(a);
    assert_false(cay__mem_failed_process());
    assert_int_equal(pthread_create(&thread, NULL, allocate_elsewhere, &fine), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(fine);
    assert_true(cay__mem_failed_process());
    assert_false(cay__mem_failed());
    void *b = cay__malloc(1);
    assert_non_null(b);
    cay__mem_fail_process(1, true);
    assert_null(cay__strdup("x"));
    assert_int_equal(pthread_create(&thread, NULL, allocate_elsewhere, &fine), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(fine);
    cay__mem_fail_process(0, false);
    assert_false(cay__mem_failed_process());
    cay__free(a);
    cay__free(b);
}

static char *stolen_or_freed(bool steal) {
    CAY_AUTOFREE char *s = cay__strdup("kept");
    return steal ? cay_steal(&s) : NULL;
}

static void autofree_frees_what_was_not_stolen(void **state) {
    (void)state;
    int64_t before = cay__mem_live();
    assert_null(stolen_or_freed(false));
    assert_int_equal(cay__mem_live(), before);
    char *s = stolen_or_freed(true);
    assert_string_equal(s, "kept");
    cay__free(s);
    assert_int_equal(cay__mem_live(), before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_count_follows_blocks),
        cmocka_unit_test(zero_size_is_a_block),
        cmocka_unit_test(copies_are_copies),
        cmocka_unit_test(the_nth_allocation_fails_once),
        cmocka_unit_test(every_allocation_from_the_nth_fails),
        cmocka_unit_test(injection_is_for_one_thread),
        cmocka_unit_test(injection_for_all_threads_counts_them_together),
        cmocka_unit_test(autofree_frees_what_was_not_stolen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
