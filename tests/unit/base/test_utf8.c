/* SPDX-License-Identifier: MIT */
#include "base_test.h"

#include "base/attrs.h"
#include "base/utf8.h"

static void every_code_point_survives(void **state) {
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
        char bytes[4];
        uint32_t back = 0;
        unsigned n = cay__utf8_encode(cp, bytes);
        assert_int_equal(cay__utf8_decode(bytes, n, &back), n);
        bool surrogate = cp >= 0xd800 && cp <= 0xdfff;
        assert_int_equal(back, surrogate ? 0xfffd : cp);
        assert_int_equal(n, cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4);
        assert_int_equal(cay__utf8_decode(bytes, n - 1 ? n - 1 : 1, &back), n == 1 ? 1 : 0);
    }
}

static void beyond_unicode_is_replaced(void **state) {
    (void)state;
    char bytes[4];
    assert_int_equal(cay__utf8_encode(0x110000, bytes), 3);
    assert_memory_equal(bytes, "\xef\xbf\xbd", 3);
}

static void malformed_bytes_are_found_where_they_stand(void **state) {
    (void)state;
    static const struct {
        const char *s;
        size_t valid;
    } cases[] = {
        {"abc", 3},
        {"\xc3\xa9x", 3},
        {"a\x80", 1},    /* a continuation alone */
        {"a\xc3", 1},    /* cut off */
        {"a\xc3z", 1},   /* not continued */
        {"\xc0\x80", 0}, /* overlong */
        {"\xc1\xbf", 0},
        {"\xe0\x9f\xbf", 0},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xed\xa0\x80", 0}, /* a surrogate */
        {"\xed\x9f\xbf", 3},
        {"\xee\x80\x80", 3},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 0}, /* above U+10FFFF */
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
        {"ok\xf0\x9f\x98", 2},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        assert_int_equal(cay__utf8_valid(cases[i].s, strlen(cases[i].s)), cases[i].valid);
    }
    assert_int_equal(cay__utf8_valid("a\0b", 3), 3);
    assert_int_equal(cay__utf8_valid("", 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_survives),
        cmocka_unit_test(beyond_unicode_is_replaced),
        cmocka_unit_test(malformed_bytes_are_found_where_they_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
