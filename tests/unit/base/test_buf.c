/* SPDX-License-Identifier: MIT */
/* The growable buffer and the bounds-checked reader: both sticky. */
#include "base_test.h"

#include "base/buf.h"
#include "base/mem.h"

static void a_buffer_grows_and_keeps_its_bytes(void **state) {
    (void)state;
    cay_buf_t b = CAY_BUF_INIT;
    for (unsigned i = 0; i < 10000; i++) {
        cay__buf_u8(&b, (uint8_t)i);
    }
    assert_int_equal(b.len, 10000);
    for (unsigned i = 0; i < 10000; i++) {
        assert_int_equal(b.data[i], (uint8_t)i);
    }
    cay__buf_free(&b);
    assert_null(b.data);
    assert_int_equal(b.len, 0);
}

static void text_is_appended_and_taken(void **state) {
    (void)state;
    cay_buf_t b = CAY_BUF_INIT;
    cay__buf_str(&b, "a");
    cay__buf_put(&b, NULL, 0);
    cay__buf_printf(&b, "%d-%s", 12, "x");
    cay__buf_put(&b, "yz", 2);
    assert_int_equal(b.len, 7);
    char *s = cay__buf_take_str(&b);
    assert_string_equal(s, "a12-xyz");
    assert_null(b.data);
    cay__free(s);
    s = cay__buf_take_str(&b); /* an empty one is an empty text */
    assert_string_equal(s, "");
    cay__free(s);
}

static void room_is_written_in_place(void **state) {
    (void)state;
    cay_buf_t b = CAY_BUF_INIT;
    uint8_t *to = cay__buf_room(&b, 300);
    assert_non_null(to);
    memset(to, 'x', 300);
    assert_int_equal(b.len, 0);
    b.len += 300;
    cay__buf_u8(&b, 'y');
    assert_int_equal(b.data[299], 'x');
    assert_int_equal(b.data[300], 'y');
    cay__buf_free(&b);
}

static void a_failure_sticks(void **state) {
    (void)state;
    int64_t before = cay__mem_live();
    cay_buf_t b = CAY_BUF_INIT;
    cay__buf_str(&b, "kept");
    cay__mem_fail_at(1, false);
    assert_null(cay__buf_room(&b, 1000));
    cay__mem_fail_at(0, false);
    assert_true(b.failed);
    cay__buf_u8(&b, 'x');
    cay__buf_printf(&b, "x");
    assert_null(cay__buf_room(&b, 1));
    assert_int_equal(b.len, 4);
    assert_memory_equal(b.data, "kept", 4);
    assert_null(cay__buf_take_str(&b));
    assert_false(b.failed); /* freed and fresh */
    assert_int_equal(cay__mem_live(), before);
}

static void a_size_that_overflows_is_refused(void **state) {
    (void)state;
    cay_buf_t b = CAY_BUF_INIT;
    cay__buf_u8(&b, 1);
    assert_null(cay__buf_room(&b, SIZE_MAX));
    assert_true(b.failed);
    cay__buf_free(&b);
}

static void a_reader_stops_at_the_end(void **state) {
    (void)state;
    cay_reader_t r = cay__reader("abc", 3);
    assert_int_equal(cay__reader_left(&r), 3);
    assert_int_equal(cay__reader_peek(&r), 'a');
    assert_int_equal(cay__reader_u8(&r), 'a');
    assert_memory_equal(cay__reader_bytes(&r, 2), "bc", 2);
    assert_int_equal(cay__reader_peek(&r), -1);
    assert_false(r.failed);
    assert_non_null(cay__reader_bytes(&r, 0));
    assert_int_equal(cay__reader_u8(&r), 0);
    assert_true(r.failed);
    assert_null(cay__reader_bytes(&r, 0)); /* sticky, even for nothing */
}

static void a_reader_that_failed_gives_no_more(void **state) {
    (void)state;
    cay_reader_t r = cay__reader("abc", 3);
    assert_null(cay__reader_bytes(&r, 4));
    assert_true(r.failed);
    assert_int_equal(cay__reader_peek(&r), -1);
    assert_int_equal(cay__reader_u8(&r), 0);
    assert_int_equal(cay__reader_varint32(&r), 0);
    assert_true(cay__reader_double(&r) == 0);
    r = cay__reader("abc", 3);
    assert_null(cay__reader_bytes(&r, SIZE_MAX));
}

typedef struct varint_case {
    const char *bytes;
    size_t len;
    uint64_t value;
    bool fits32, fits64;
} varint_case_t;

static void varints_are_read_within_their_width(void **state) {
    (void)state;
    static const varint_case_t cases[] = {
        {"\x00", 1, 0, true, true},
        {"\x7f", 1, 127, true, true},
        {"\x80\x01", 2, 128, true, true},
        {"\x80\x00", 2, 0, true, true}, /* longer than needed, but within the width */
        {"\xff\xff\xff\xff\x0f", 5, UINT32_MAX, true, true},
        {"\x80\x80\x80\x80\x10", 5, (uint64_t)1 << 32, false, true},
        {"\x80\x80\x80\x80\x80\x00", 6, 0, false, true},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, UINT64_MAX, false, true},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, 0, false, false},
        {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11, 0, false, false},
        {"\x80", 1, 0, false, false},
        {"", 0, 0, false, false},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        const varint_case_t *c = &cases[i];
        cay_reader_t r = cay__reader(c->bytes, c->len);
        uint32_t v32 = cay__reader_varint32(&r);
        assert_int_equal(r.failed, !c->fits32);
        assert_true(v32 == (c->fits32 ? c->value : 0));
        assert_true(!c->fits32 || cay__reader_left(&r) == 0);
        r = cay__reader(c->bytes, c->len);
        uint64_t v64 = cay__reader_varint64(&r);
        assert_int_equal(r.failed, !c->fits64);
        assert_true(v64 == (c->fits64 ? c->value : 0));
    }
}

static void doubles_need_eight_bytes(void **state) {
    (void)state;
    double pi = 3.14159;
    char bytes[9];
    memcpy(bytes + 1, &pi, 8);
    cay_reader_t r = cay__reader(bytes + 1, 8);
    assert_true(cay__reader_double(&r) == pi);
    r = cay__reader(bytes + 1, 7);
    assert_true(cay__reader_double(&r) == 0);
    assert_true(r.failed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_grows_and_keeps_its_bytes),
        cmocka_unit_test(text_is_appended_and_taken),
        cmocka_unit_test(room_is_written_in_place),
        cmocka_unit_test(a_failure_sticks),
        cmocka_unit_test(a_size_that_overflows_is_refused),
        cmocka_unit_test(a_reader_stops_at_the_end),
        cmocka_unit_test(a_reader_that_failed_gives_no_more),
        cmocka_unit_test(varints_are_read_within_their_width),
        cmocka_unit_test(doubles_need_eight_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
