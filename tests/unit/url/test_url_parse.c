/* SPDX-License-Identifier: MIT */
/* Parsing: a table of inputs, with and without a base, and what they become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "url/url.h"
#include "url_cases.h"

static void absolute_urls_are_normalised(void **state) {
    (void)state;
    static const parse_case_t cases[] = {
        {"http://example.com", NULL, "http://example.com/"},
        {"HTTP://EXAMPLE.com:80/A", NULL, "http://example.com/A"},
        {"https://example.com:443", NULL, "https://example.com/"},
        {"https://example.com:80", NULL, "https://example.com:80/"},
        {"ws://h:80/", NULL, "ws://h/"},
        {"wss://h:443/", NULL, "wss://h/"},
        {"ftp://h:21/", NULL, "ftp://h/"},
        {"http://h:/", NULL, "http://h/"},
        {"http://h:0/", NULL, "http://h:0/"},
        {"http://h:00000000000000000000080/", NULL, "http://h/"},
        {"http://h:65535/", NULL, "http://h:65535/"},
        {"http://h:65536/", NULL, NULL},
        {"http://h:8a/", NULL, NULL},
        {"http://h:-1/", NULL, NULL},
        {"  \t http://h/ \n", NULL, "http://h/"},
        {"ht\ntp://h\t/a\rb", NULL, "http://h/ab"},
        {"\001\037http://h/\002", NULL, "http://h/"},
        {"http:h/a", NULL, "http://h/a"},
        {"http:/h/a", NULL, "http://h/a"},
        {"http:////h/a", NULL, "http://h/a"},
        {"http:\\\\h\\a\\b", NULL, "http://h/a/b"},
        {"http://u@h/", NULL, "http://u@h/"},
        {"http://u:p@h/", NULL, "http://u:p@h/"},
        {"http://:p@h/", NULL, "http://:p@h/"},
        {"http://:@h/", NULL, "http://h/"},
        {"http://u:@h/", NULL, "http://u@h/"},
        {"http://a@b:c:d@h/", NULL, "http://a%40b:c%3Ad@h/"},
        {"http://u p:[;]@h/", NULL, "http://u%20p:%5B%3B%5D@h/"},
        {"http://u@/x", NULL, NULL},
        {"http://@/x", NULL, NULL},
        {"http://", NULL, NULL},
        {"http://?q", NULL, NULL},
        {"http://:80/", NULL, NULL},
        {"", NULL, NULL},
        {"/a", NULL, NULL},
        {"h", NULL, NULL},
        {"1http://h", NULL, NULL},
        {"a+b-c.1://h/x", NULL, "a+b-c.1://h/x"},
        {"a_b://h", NULL, NULL},
        {"http://h/?q#f", NULL, "http://h/?q#f"},
        {"http://h?#", NULL, "http://h/?#"},
        {"http://h/a b\"<>`{}^|\\x", NULL, "http://h/a%20b%22%3C%3E%60%7B%7D%5E|/x"},
        {"http://h/?a b\"<>`{}'|^", NULL, "http://h/?a%20b%22%3C%3E`{}%27|^"},
        {"x://h/?'", NULL, "x://h/?'"},
        {"http://h/#a b\"<>`{}'", NULL, "http://h/#a%20b%22%3C%3E%60{}'"},
        {"http://h/%zz%4", NULL, "http://h/%zz%4"},
        {"http://h/\xc3\xa9?\xc3\xa9#\xc3\xa9", NULL, "http://h/%C3%A9?%C3%A9#%C3%A9"},
        {"x://h\xc3\xa9/", NULL, "x://h%C3%A9/"},
        {"x://H A", NULL, NULL},
        {"x://H%zz", NULL, "x://H%zz"},
        {"x://", NULL, "x://"},
        {"x:///p", NULL, "x:///p"},
        {"x://u@/p", NULL, NULL},
        {"x://h:80/p", NULL, "x://h:80/p"},
        {"x://h\\p", NULL, NULL},
    };
    check_all(cases, CAY_COUNT(cases));
}

static void dot_segments_are_resolved(void **state) {
    (void)state;
    static const parse_case_t cases[] = {
        {"http://h/a/./b/../c", NULL, "http://h/a/c"},
        {"http://h/..", NULL, "http://h/"},
        {"http://h/../../a", NULL, "http://h/a"},
        {"http://h/a/..", NULL, "http://h/"},
        {"http://h/a/.", NULL, "http://h/a/"},
        {"http://h/a/%2e%2E/b", NULL, "http://h/b"},
        {"http://h/a/.%2e", NULL, "http://h/"},
        {"http://h/%2e/a", NULL, "http://h/a"},
        {"http://h/a/.../b", NULL, "http://h/a/.../b"},
        {"http://h//a//..//b", NULL, "http://h//a//b"},
        {"x:/a/../b", NULL, "x:/b"},
        {"x:/..//a", NULL, "x:/.//a"},
        {"x:/.//a", NULL, "x:/.//a"},
        {"x://h//a", NULL, "x://h//a"},
        {"x:a/../b", NULL, "x:a/../b"},
    };
    check_all(cases, CAY_COUNT(cases));
}

static void references_are_resolved_against_a_base(void **state) {
    (void)state;
    static const parse_case_t cases[] = {
        {"", "http://u:p@h:8/a/b?q#f", "http://u:p@h:8/a/b?q"},
        {"c", "http://u:p@h:8/a/b?q#f", "http://u:p@h:8/a/c"},
        {"./c/", "http://h/a/b", "http://h/a/c/"},
        {"../c", "http://h/a/b/d", "http://h/a/c"},
        {"/c", "http://h/a/b", "http://h/c"},
        {"\\c", "http://h/a/b", "http://h/c"},
        {"//i/c", "http://h/a/b", "http://i/c"},
        {"///i/c", "http://h/a/b", "http://i/c"},
        {"\\\\i", "http://h/a/b", "http://i/"},
        {"?x", "http://h/a/b?q#f", "http://h/a/b?x"},
        {"#x", "http://h/a/b?q#f", "http://h/a/b?q#x"},
        {"http:c", "http://h/a/b", "http://h/a/c"},
        {"http:/c", "http://h/a/b", "http://h/c"},
        {"https:c", "http://h/a/b", "https://c/"},
        {"x:c", "x://h/a/b", "x:c"},
        {"c", "x://h", "x://h/c"},
        {"//", "x://h/a", "x://"},
        {"\\c", "x://h/a/b", "x://h/a/\\c"},
        {"//i", "x:/a", "x://i"},
        {"..//c", "x:/a/b", "x:/.//c"},
        {"c", "mailto:a@b", NULL},
        {"?c", "data:,a", NULL},
        {"#c", "mailto:a@b?q#f", "mailto:a@b?q#c"},
        {"y:z", "mailto:a@b", "y:z"},
        {"c:d", "http://h/", "c:d"},
        {"./c:d", "http://h/", "http://h/c:d"},
    };
    check_all(cases, CAY_COUNT(cases));
}

static void opaque_paths_are_kept_as_text(void **state) {
    (void)state;
    static const parse_case_t cases[] = {
        {"mailto:a@b", NULL, "mailto:a@b"},
        {"data:text/plain,a b", NULL, "data:text/plain,a b"},
        {"data:,a  ?q", NULL, "data:,a %20?q"},
        {"data:,a #f", NULL, "data:,a%20#f"},
        {"data:,a ", NULL, "data:,a"},
        {"javascript:1 < 2", NULL, "javascript:1 < 2"},
        {"x:\xc3\xa9\x01y", NULL, "x:%C3%A9%01y"},
        {"x:", NULL, "x:"},
        {"x:?q", NULL, "x:?q"},
        {"blob:http://h/id", NULL, "blob:http://h/id"},
    };
    check_all(cases, CAY_COUNT(cases));
}

static void file_urls_know_drive_letters(void **state) {
    (void)state;
    static const parse_case_t cases[] = {
        {"file:///a/b", NULL, "file:///a/b"},
        {"file:/a", NULL, "file:///a"},
        {"file:a", NULL, "file:///a"},
        {"file:", NULL, "file:///"},
        {"file://h/a", NULL, "file://h/a"},
        {"file://LOCALHOST/a", NULL, "file:///a"},
        {"file://h:80/a", NULL, NULL},
        {"file://u@h/a", NULL, NULL},
        {"file:////a", NULL, "file:////a"},
        {"file:///C|/a/../..", NULL, "file:///C:/"},
        {"file:///c:/../a", NULL, "file:///c:/a"},
        {"file://C|/a", NULL, "file:///C:/a"},
        {"file:///a/C|/b", NULL, "file:///a/C|/b"},
        {"file:\\\\h\\a", NULL, "file://h/a"},
        {"/x", "file:///C:/a/b", "file:///C:/x"},
        {"/D:/x", "file:///C:/a/b", "file:///D:/x"},
        {"D|/x", "file:///C:/a/b", "file:///D:/x"},
        {"D|x", "file:///C:/a/b", "file:///C:/a/D|x"},
        {"../../x", "file:///C:/a/b", "file:///C:/x"},
        {"x", "file://h/a/b", "file://h/a/x"},
        {"/x", "file://h/a/b", "file://h/x"},
        {"//i/x", "file://h/a/b", "file://i/x"},
        {"?q", "file:///a?p#f", "file:///a?q"},
        {"#g", "file:///a?p#f", "file:///a?p#g"},
        {"file:#g", "file:///a?p#f", "file:///a?p#g"},
        {"file:x", "http://h/a", "file:///x"},
    };
    check_all(cases, CAY_COUNT(cases));
}

/* The parts and the origin of one URL, in the order of the fields, '|' between. */
static void assert_parts(const char *input, const char *expected, const char *origin) {
    cay_url_t *u;
    assert_int_equal(parse(input, NULL, &u), 0);
    cay_buf_t all = CAY_BUF_INIT;
    for (int f = CAY_URL_PROTOCOL; f <= CAY_URL_HASH; f++) {
        cay_url_part_t part = cay__url_get(u, (cay_url_field_t)f);
        cay__buf_put(&all, part.ptr, part.len);
        cay__buf_str(&all, f < CAY_URL_HASH ? "|" : "");
    }
    char *text = cay__buf_take_str(&all), *have;
    assert_string_equal(text, expected);
    assert_int_equal(cay__url_origin(u, &have), 0);
    assert_string_equal(have, origin);
    cay__free(have);
    cay__free(text);
    cay__url_free(u);
}

static void the_parts_are_as_the_url_class_gives_them(void **state) {
    (void)state;
    assert_parts("http://u:p@h:8/a?q#f", "http:|u|p|h:8|h|8|/a|?q|#f", "http://h:8");
    assert_parts("https://h/?#", "https:|||h|h||/||", "https://h");
    assert_parts("http://:p@[::1]/", "http:||p|[::1]|[::1]||/||", "http://[::1]");
    assert_parts("ws://u@h/", "ws:|u||h|h||/||", "ws://h");
    assert_parts("x:", "x:||||||||", "null");
    assert_parts("x:/.//a?q", "x:||||||//a|?q|", "null");
    assert_parts("x://h:9#f", "x:|||h:9|h|9|||#f", "null");
    assert_parts("file:///a", "file:||||||/a||", "null");
    assert_parts("blob:https://h:8/id", "blob:||||||https://h:8/id||", "https://h:8");
    assert_parts("blob:file:///a", "blob:||||||file:///a||", "null");
    assert_parts("blob:blob:https://h/", "blob:||||||blob:https://h/||", "null");
    assert_parts("blob:", "blob:||||||||", "null");
}

static void facts_about_a_url_are_told(void **state) {
    (void)state;
    static const struct {
        const char *input;
        cay_url_host_t kind;
        int port;
        bool special;
        bool opaque;
    } cases[] = {
        {"http://h/", CAY_URL_HOST_DOMAIN, 80, true, false},
        {"https://1.2/", CAY_URL_HOST_IPV4, 443, true, false},
        {"ws://[::]:0/", CAY_URL_HOST_IPV6, 0, true, false},
        {"file:///", CAY_URL_HOST_EMPTY, -1, true, false},
        {"x://h:7", CAY_URL_HOST_OPAQUE, 7, false, false},
        {"x:///", CAY_URL_HOST_EMPTY, -1, false, false},
        {"x:/a", CAY_URL_HOST_NULL, -1, false, false},
        {"x:a", CAY_URL_HOST_NULL, -1, false, true},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        cay_url_t *u;
        assert_int_equal(parse(cases[i].input, NULL, &u), 0);
        assert_int_equal(u->host_kind, cases[i].kind);
        assert_int_equal(cay__url_effective_port(u), cases[i].port);
        assert_int_equal(cay__url_is_special(u), cases[i].special);
        assert_int_equal(cay__url_has_opaque_path(u), cases[i].opaque);
        cay__url_free(u);
    }
}

static void origins_are_compared(void **state) {
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        bool same;
    } cases[] = {
        {"http://h/a", "http://u@H:80/b", true}, {"http://h/", "https://h/", false},
        {"http://h/", "http://h:81/", false},    {"http://127.1/", "http://0x7f000001/", true},
        {"file:///a", "file:///a", false},       {"data:,a", "data:,a", false},
        {"http://h/", "http://i/", false},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        cay_url_t *a, *b;
        assert_int_equal(parse(cases[i].a, NULL, &a), 0);
        assert_int_equal(parse(cases[i].b, NULL, &b), 0);
        assert_int_equal(cay__url_same_origin(a, b), cases[i].same);
        cay__url_free(a);
        cay__url_free(b);
    }
}

static void bytes_that_are_not_utf8_become_replacement_characters(void **state) {
    (void)state;
    static const parse_case_t cases[] = {
        {"x:\xff", NULL, "x:%EF%BF%BD"},
        {"x:\xc3", NULL, "x:%EF%BF%BD"},
        {"x:\xe2\x82z", NULL, "x:%EF%BF%BDz"},
        {"x:\xed\xa0\x80", NULL, "x:%EF%BF%BD%EF%BF%BD%EF%BF%BD"},
        {"x:\xf0\x9f\x98/", NULL, "x:%EF%BF%BD/"},
        {"x:\xf4\x90\x80\x80", NULL, "x:%EF%BF%BD%EF%BF%BD%EF%BF%BD%EF%BF%BD"},
        {"x:\xe0\x80\xaf", NULL, "x:%EF%BF%BD%EF%BF%BD%EF%BF%BD"},
    };
    check_all(cases, CAY_COUNT(cases));
}

static void a_nul_byte_is_a_character_like_others(void **state) {
    (void)state;
    cay_url_t *u;
    assert_int_equal(cay__url_parse("http://h/a\0b", 12, NULL, &u, NULL), 0);
    assert_string_equal(u->href, "http://h/a%00b");
    cay__url_free(u);
    assert_int_equal(cay__url_parse("http://h\0/", 10, NULL, &u, NULL), CAY_EFORMAT);
    assert_null(u);
}

static void a_refusal_quotes_the_input_printably_and_says_why(void **state) {
    (void)state;
    cay_url_t *u;
    cay_error_t *err = NULL;
    assert_int_equal(cay__url_parse("http://a b\x1b[m", 13, NULL, &u, &err), CAY_EFORMAT);
    assert_string_equal(cay_error_message(err),
                        "invalid URL \"http://a b\\x1b[m\": forbidden character in the host");
    char big[4096];
    memset(big, '/', sizeof big);
    assert_int_equal(cay__url_parse(big, sizeof big, NULL, &u, &err), CAY_EFORMAT);
    assert_in_range(strlen(cay_error_message(err)), 80, 200);
    cay_error_free(err);
}

/* A text of n bytes: head, then c to the end. */
static char *filled(const char *head, char c, size_t n) {
    char *text = cay__malloc(n + 1);
    assert_non_null(text);
    memset(text, c, n);
    memcpy(text, head, strlen(head));
    text[n] = 0;
    return text;
}

static void the_length_is_bounded_before_and_after(void **state) {
    (void)state;
    cay_url_t *u;
    char *text = filled("http://h/", 'a', CAY_URL_MAX + 1);
    assert_int_equal(cay__url_parse(text, CAY_URL_MAX + 1, NULL, &u, NULL), CAY_ELIMIT);
    assert_null(u);
    assert_int_equal(cay__url_parse(text, CAY_URL_MAX, NULL, &u, NULL), 0);
    assert_int_equal(u->href_len, CAY_URL_MAX);
    assert_int_equal(cay__url_set_hash(u, "x", 1, NULL), CAY_ELIMIT);
    assert_int_equal(u->href_len, CAY_URL_MAX);
    cay__url_free(u);
    cay__free(text);
    text = filled("http://h/", ' ', CAY_URL_MAX);
    text[CAY_URL_MAX - 1] = 'x';
    assert_int_equal(cay__url_parse(text, CAY_URL_MAX, NULL, &u, NULL), CAY_ELIMIT);
    cay__free(text);
    text = filled("http://\xc3\xbc", 'a', CAY_URL_IDNA_MAX + 8);
    assert_int_equal(parse(text, NULL, &u), CAY_EFORMAT);
    cay__free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absolute_urls_are_normalised),
        cmocka_unit_test(dot_segments_are_resolved),
        cmocka_unit_test(references_are_resolved_against_a_base),
        cmocka_unit_test(opaque_paths_are_kept_as_text),
        cmocka_unit_test(file_urls_know_drive_letters),
        cmocka_unit_test(the_parts_are_as_the_url_class_gives_them),
        cmocka_unit_test(facts_about_a_url_are_told),
        cmocka_unit_test(origins_are_compared),
        cmocka_unit_test(bytes_that_are_not_utf8_become_replacement_characters),
        cmocka_unit_test(a_nul_byte_is_a_character_like_others),
        cmocka_unit_test(a_refusal_quotes_the_input_printably_and_says_why),
        cmocka_unit_test(the_length_is_bounded_before_and_after),
    };
    return cmocka_run_group_tests_name("url_parse", tests, NULL, NULL);
}
