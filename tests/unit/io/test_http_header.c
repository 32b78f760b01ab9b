/* SPDX-License-Identifier: MIT */
/* Rules of header fields, and heads of responses read line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "io/http_head.h"

static void names_are_tokens(void **state) {
    (void)state;
    for (int c = 0; c < 256; c++) {
        char name[3] = {'A', (char)c, 'b'};
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool token = alnum || (c && strchr("!#$%&'*+-.^_`|~", c));
        assert_int_equal(cay__http_is_token(name, 3), token);
        assert_int_equal(cay__http_is_token(name + 1, 1), token);
    }
    assert_false(cay__http_is_token("", 0));
}

static void values_hold_no_line_end_and_no_character_over_latin1(void **state) {
    (void)state;
    for (int c = 0; c < 256; c++) {
        char value[3] = {'A', (char)c, 'b'};
        bool ok = c != 0 && c != '\r' && c != '\n' && c < 0x80;
        assert_int_equal(cay__http_is_value(value, 3), ok);
        bool edge = ok && c != ' ' && c != '\t';
        assert_int_equal(cay__http_is_value(value + 1, 1), edge);
    }
    static const struct {
        const char *value;
        bool ok;
    } cases[] = {
        {"", true},           {"a b\tc", true},    {"\xc2\x80", true},      {"\xc3\xbf", true},
        {"\xc4\x80", false},  {"\xc2", false},     {"\xc3 ", false},        {"\xc0\x80", false},
        {"\xc1\xbf", false},  {"\xc3\xc3", false}, {"\xe2\x82\xac", false}, {"\x80", false},
        {" a", false},        {"a ", false},       {"\ta", false},          {" ", false},
        {"a\r\nb: c", false},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        assert_int_equal(cay__http_is_value(cases[i].value, strlen(cases[i].value)), cases[i].ok);
    }
    assert_false(cay__http_is_value("\xc3\xbf", 1));
}

static void transport_fields_are_known_in_any_case(void **state) {
    (void)state;
    static const char *const ours[] = {
        "Host",   "HOST",       "content-length",   "Transfer-Encoding",
        "te",     "Connection", "keep-alive",       "Upgrade",
        "Expect", "Trailer",    "Proxy-Connection", "HTTP2-Settings"};
    static const char *const theirs[] = {
        "Hos", "Hosts",           "",       "Content-Type",  "Accept",
        "t",   "Content-Length2", "Cookie", "Authorization", "X-Host"};
    for (size_t i = 0; i < CAY_COUNT(ours); i++) {
        assert_true(cay__http_is_transport_field(ours[i], strlen(ours[i])));
    }
    for (size_t i = 0; i < CAY_COUNT(theirs); i++) {
        assert_false(cay__http_is_transport_field(theirs[i], strlen(theirs[i])));
    }
}

static int read_lines(cay_head_parser_t *p, const char *const *lines) {
    memset(p, 0, sizeof *p);
    for (; *lines; lines++) {
        int rc = cay__head_line(p, *lines, strlen(*lines), NULL);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

#define READ(p, ...) read_lines(p, (const char *const[]){__VA_ARGS__, NULL})

static void a_head_is_read(void **state) {
    (void)state;
    cay_head_parser_t p;
    const cay_http_header_t *fields;
    bool same;
    assert_int_equal(READ(&p, "HTTP/1.1 200 All right\r\n", "A:b\r\n", "Set-Cookie:  c=d; e \t\r\n",
                          "SET-COOKIE: f\n", "Empty:\r\n", "\r\n"),
                     0);
    assert_true(p.complete);
    assert_int_equal(p.status, 200);
    assert_int_equal(p.version, 11);
    assert_string_equal(cay__head_reason(&p), "All right");
    assert_int_equal(cay__head_count(&p), 4);
    assert_int_equal(cay__head_fields(&p, &fields), 0);
    assert_string_equal(fields[1].name, "set-cookie");
    assert_string_equal(fields[1].value, "c=d; e");
    assert_string_equal(fields[2].name, "set-cookie");
    assert_string_equal(fields[2].value, "f");
    assert_string_equal(fields[3].value, "");
    assert_string_equal(cay__head_get(&p, "set-cookie", &same), "c=d; e");
    assert_false(same);
    assert_string_equal(cay__head_get(&p, "a", &same), "b");
    assert_true(same);
    assert_null(cay__head_get(&p, "b", &same));
    cay__head_clear(&p);
}

static void status_lines(void **state) {
    (void)state;
    static const struct {
        const char *line;
        int rc;
        uint32_t status, version;
        const char *reason;
    } cases[] = {
        {"HTTP/1.1 204 No Content", 0, 204, 11, "No Content"},
        {"HTTP/1.0 404 ", 0, 404, 10, ""},
        {"HTTP/1.1 404", 0, 404, 11, ""},
        {"HTTP/2 200 ", 0, 200, 20, ""},
        {"HTTP/2 200", 0, 200, 20, ""},
        {"HTTP/3 999 x", 0, 999, 30, "x"},
        {"HTTP/1.1 200 caf\xe9", 0, 200, 11, "caf\xc3\xa9"},
        {"HTTP/1.1 099 x", CAY_ENET, 0, 0, NULL},
        {"HTTP/1.1  200 x", CAY_ENET, 0, 0, NULL},
        {"HTTP/1.1 20 x", CAY_ENET, 0, 0, NULL},
        {"HTTP/1.1 2000 x", CAY_ENET, 0, 0, NULL},
        {"HTTP/1.1 20x", CAY_ENET, 0, 0, NULL},
        {"HTTP/1.1 ", CAY_ENET, 0, 0, NULL},
        {"HTTP/1.", CAY_ENET, 0, 0, NULL},
        {"HTTP/x 200 OK", CAY_ENET, 0, 0, NULL},
        {"http/1.1 200 OK", CAY_ENET, 0, 0, NULL},
        {"ICY 200 OK", CAY_ENET, 0, 0, NULL},
        {"HTTP/1.1 200 a\rb", CAY_ENET, 0, 0, NULL},
        {"A: b", CAY_ENET, 0, 0, NULL},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        cay_head_parser_t p;
        assert_int_equal(READ(&p, cases[i].line, ""), cases[i].rc);
        if (cases[i].rc == 0) {
            assert_true(p.complete);
            assert_int_equal(p.status, cases[i].status);
            assert_int_equal(p.version, cases[i].version);
            assert_string_equal(cay__head_reason(&p), cases[i].reason);
        }
        cay__head_clear(&p);
    }
}

static void interim_heads_leave_nothing(void **state) {
    (void)state;
    cay_head_parser_t p;
    assert_int_equal(READ(&p, "HTTP/1.1 100 Continue", "", "HTTP/1.1 103 Hints", "A: b", " c", "",
                          "HTTP/1.1 200 OK", "D: e", ""),
                     0);
    assert_true(p.complete);
    assert_int_equal(cay__head_count(&p), 1);
    assert_null(cay__head_get(&p, "a", NULL));
    assert_string_equal(cay__head_reason(&p), "OK");
    cay__head_clear(&p);
    assert_int_equal(READ(&p, "HTTP/1.1 101 Switching", "Upgrade: x", ""), CAY_ENET);
    cay__head_clear(&p);
    assert_int_equal(READ(&p, "HTTP/1.1 100 Continue", "", "A: b"), CAY_ENET);
    cay__head_clear(&p);
    assert_int_equal(READ(&p, ""), CAY_ENET);
    cay__head_clear(&p);
}

static void lines_that_are_no_fields_are_errors(void **state) {
    (void)state;
    static const char *const bad[] = {"no colon", ": no name", "a b: c", "A : b",        "A\t: b",
                                      "A: b\rc",  "\x80: b",   "(: b",   " folded first"};
    for (size_t i = 0; i < CAY_COUNT(bad); i++) {
        cay_head_parser_t p;
        assert_int_equal(READ(&p, "HTTP/1.1 200 OK", bad[i]), CAY_ENET);
        cay__head_clear(&p);
        assert_int_equal(READ(&p, "HTTP/1.1 200 OK", "", bad[i]),
                         i + 1 == CAY_COUNT(bad) ? 0 : CAY_ENET); /* trailers too */
        cay__head_clear(&p);
    }
    cay_head_parser_t p = {.status = 0};
    assert_int_equal(cay__head_line(&p, "HTTP/1.1 200 OK", 15, NULL), 0);
    assert_int_equal(cay__head_line(&p, "A: b\0c", 6, NULL), CAY_ENET);
    cay__head_clear(&p);
}

static void folded_lines_are_joined_by_one_space(void **state) {
    (void)state;
    cay_head_parser_t p;
    assert_int_equal(
        READ(&p, "HTTP/1.1 200 OK", "A: b", " \t c \t", "\td", "E:", " f", "G:", " ", "H: i", ""),
        0);
    assert_string_equal(cay__head_get(&p, "a", NULL), "b c d");
    assert_string_equal(cay__head_get(&p, "e", NULL), "f");
    assert_string_equal(cay__head_get(&p, "g", NULL), "");
    assert_string_equal(cay__head_get(&p, "h", NULL), "i");
    cay__head_clear(&p);
}

static void heads_are_bounded_with_their_trailers(void **state) {
    (void)state;
    char line[1024];
    cay_head_parser_t p = {.status = 0};
    memset(line, 'a', sizeof line);
    line[1] = ':';
    assert_int_equal(cay__head_line(&p, "HTTP/1.1 200 OK", 15, NULL), 0);
    for (int i = 0; i < 63; i++) {
        assert_int_equal(cay__head_line(&p, line, sizeof line, NULL), 0);
    }
    assert_int_equal(cay__head_line(&p, "", 0, NULL), 0);
    assert_int_equal(cay__head_line(&p, line, sizeof line, NULL), CAY_ELIMIT);
    cay__head_clear(&p);
    int n = 0;
    assert_int_equal(cay__head_line(&p, "HTTP/1.1 200 OK", 15, NULL), 0);
    while (cay__head_line(&p, "a:b", 3, NULL) == 0) {
        n++;
    }
    assert_in_range(n, 1000, 1001);
    cay__head_clear(&p);
}

static void memory_may_run_out(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    bool done = false;
    for (uint64_t n = 1; !done; n++) {
        cay_head_parser_t p;
        const cay_http_header_t *fields;
        cay__mem_fail_at(n, false);
        int rc = READ(&p, "HTTP/1.1 200 A long reason, longer than the first block of a buffer is",
                      "Name: value", " continued", "Other: value that is also rather long", "");
        rc = rc ? rc : cay__head_fields(&p, &fields);
        done = !cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_int_equal(rc, done ? 0 : CAY_ENOMEM);
        cay__head_clear(&p);
        assert_int_equal(cay__mem_live(), live);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_tokens),
        cmocka_unit_test(values_hold_no_line_end_and_no_character_over_latin1),
        cmocka_unit_test(transport_fields_are_known_in_any_case),
        cmocka_unit_test(a_head_is_read),
        cmocka_unit_test(status_lines),
        cmocka_unit_test(interim_heads_leave_nothing),
        cmocka_unit_test(lines_that_are_no_fields_are_errors),
        cmocka_unit_test(folded_lines_are_joined_by_one_space),
        cmocka_unit_test(heads_are_bounded_with_their_trailers),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
