/* SPDX-License-Identifier: MIT */
/* What URLs carry: file paths, data: bodies, percent- and form-encoded text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "url/url.h"

static cay_url_t *parsed(const char *href) {
    cay_url_t *u;
    assert_int_equal(cay__url_parse(href, strlen(href), NULL, &u, NULL), 0);
    return u;
}

static void file_urls_become_paths(void **state) {
    (void)state;
    static const struct {
        const char *href;
        const char *path; /* NULL: refused */
    } cases[] = {
        {"file:///a/b", "/a/b"},       {"file:///", "/"},
        {"file:///a%20b%25", "/a b%"}, {"file:///%C3%A9%FF", "/\xc3\xa9\xff"},
        {"file:///a?q#f", "/a"},       {"file:////a", "//a"},
        {"file:///a/%5Cb", "/a/\\b"},  {"file:///a/../b", "/b"},
        {"file://localhost/a", "/a"},  {"file://h/a", NULL},
        {"file:///a%2Fb", NULL},       {"file:///a%2fb", NULL},
        {"file:///a%00b", NULL},       {"file:///a%00", NULL},
        {"http://h/a", NULL},          {"x:/a", NULL},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        cay_url_t *u = parsed(cases[i].href);
        cay_error_t *err = NULL;
        char *path;
        assert_int_equal(cay__url_to_path(u, &path, &err), cases[i].path ? 0 : CAY_EFORMAT);
        assert_int_equal(path != NULL, cases[i].path != NULL);
        if (path) {
            assert_string_equal(path, cases[i].path);
        } else {
            assert_non_null(strstr(cay_error_message(err), u->href));
        }
        cay_error_free(err);
        cay__free(path);
        cay__url_free(u);
    }
}

static void paths_become_file_urls_and_come_back(void **state) {
    (void)state;
    static const struct {
        const char *path;
        const char *href;
        const char *back; /* NULL: as it was */
    } cases[] = {
        {"/", "file:///", NULL},
        {"/a b/c.js", "file:///a%20b/c.js", NULL},
        {"/a?b#c%20d", "file:///a%3Fb%23c%2520d", NULL},
        {"/a\\b", "file:///a%5Cb", NULL},
        {"/%2e%2e/x", "file:///%252e%252e/x", NULL},
        {"/a\n\t\rb ", "file:///a%0A%09%0Db%20", NULL},
        {"/\xc3\xa9\xff", "file:///%C3%A9%FF", NULL},
        {"//a//b/", "file:////a//b/", NULL},
        {"/C:/x", "file:///C%3A/x", NULL},
        {"/C|/../x", "file:///x", "/x"},
        {"/a/./b/../c", "file:///a/c", "/a/c"},
        {"/a:b|c", "file:///a:b|c", NULL},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        cay_url_t *u;
        char *back;
        assert_int_equal(cay__url_from_path(cases[i].path, &u, NULL), 0);
        assert_string_equal(u->href, cases[i].href);
        assert_int_equal(cay__url_to_path(u, &back, NULL), 0);
        assert_string_equal(back, cases[i].back ? cases[i].back : cases[i].path);
        cay__free(back);
        cay__url_free(u);
    }
    cay_url_t *u;
    assert_int_equal(cay__url_from_path("a/b", &u, NULL), CAY_EFORMAT);
    assert_null(u);
    assert_int_equal(cay__url_from_path("", &u, NULL), CAY_EFORMAT);
}

static void data_urls_are_taken_apart(void **state) {
    (void)state;
    static const struct {
        const char *href;
        const char *mime; /* NULL: refused */
        const char *body;
    } cases[] = {
        {"data:,", "text/plain;charset=US-ASCII", ""},
        {"data:,a,b", "text/plain;charset=US-ASCII", "a,b"},
        {"data:text/javascript,x=1%0A", "text/javascript", "x=1\n"},
        {"data:,a?b#c", "text/plain;charset=US-ASCII", "a?b"},
        {"data:Text/HTML;Charset=UTF-8,x", "text/html;charset=UTF-8", "x"},
        {"data:;charset=x,y", "text/plain;charset=x", "y"},
        {"data:;base64,YWJj", "text/plain;charset=US-ASCII", "abc"},
        {"data:text/css; BASE64,YWI=", "text/css", "ab"},
        {"data:text/css;base64,YWI", "text/css", "ab"},
        {"data:text/css;base64,Y%20W%0AI%3D", "text/css", "ab"},
        {"data:;base64,//+/", "text/plain;charset=US-ASCII", "\xff\xff\xbf"},
        {"data:;base64,ab", "text/plain;charset=US-ASCII", "i"},
        {"data:;base64,", "text/plain;charset=US-ASCII", ""},
        {"data:;base64,a", NULL, NULL},
        {"data:;base64,ab=", NULL, NULL},
        {"data:;base64,ab===", NULL, NULL},
        {"data:;base64,====", NULL, NULL},
        {"data:;base64,a-_b", NULL, NULL},
        {"data:;base64;x,YQ", "text/plain", "YQ"},
        {"data:base64,YQ", "text/plain;charset=US-ASCII", "YQ"},
        {"data:text/plain;x=\"base64\",YQ", "text/plain;x=base64", "YQ"},
        {"data:a/b;x=\"c;d\\\"\\\\e\" ;y=,f", "a/b;x=\"c;d\\\"\\\\e\"", "f"},
        {"data:a/b;x=1;X=2;y=\"\",f", "a/b;x=1;y=\"\"", "f"},
        {"data:a/b;;x;=y; z = 1;q=v,f", "a/b;q=v", "f"},
        {"data: a/b ,f", "a/b", "f"},
        {"data:a,f", "text/plain;charset=US-ASCII", "f"},
        {"data:a/,f", "text/plain;charset=US-ASCII", "f"},
        {"data:/b,f", "text/plain;charset=US-ASCII", "f"},
        {"data:a /b,f", "text/plain;charset=US-ASCII", "f"},
        {"data:a/b", NULL, NULL},
        {"data:", NULL, NULL},
        {"data:#,", NULL, NULL},
        {"data://h/p,f", "text/plain;charset=US-ASCII", "f"},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        cay_url_t *u = parsed(cases[i].href);
        char *mime;
        uint8_t *bytes;
        size_t len;
        int rc = cay__url_data(u, &mime, &bytes, &len, NULL);
        assert_int_equal(rc, cases[i].mime ? 0 : CAY_EFORMAT);
        if (rc == 0) {
            assert_string_equal(mime, cases[i].mime);
            assert_int_equal(len, strlen(cases[i].body));
            assert_memory_equal(bytes, cases[i].body, len);
        } else {
            assert_true(!mime && !bytes && len == 0);
        }
        cay__free(mime);
        cay__free(bytes);
        cay__url_free(u);
    }
}

static void only_data_urls_have_data(void **state) {
    (void)state;
    cay_url_t *u = parsed("http://h/");
    char *mime;
    uint8_t *bytes;
    size_t len;
    assert_int_equal(cay__url_data(u, &mime, &bytes, &len, NULL), CAY_EINVAL);
    cay__url_free(u);
}

static void parameters_of_a_mime_type_are_bounded(void **state) {
    (void)state;
    cay_buf_t text = CAY_BUF_INIT;
    cay__buf_str(&text, "data:a/b");
    for (int i = 0; i < 5000; i++) {
        cay__buf_printf(&text, ";p%d=1", i);
    }
    cay__buf_u8(&text, ',');
    char *href = cay__buf_take_str(&text), *mime;
    cay_url_t *u = parsed(href);
    uint8_t *bytes;
    size_t len;
    assert_int_equal(cay__url_data(u, &mime, &bytes, &len, NULL), 0);
    assert_non_null(strstr(mime, ";p63=1"));
    assert_null(strstr(mime, ";p64=1"));
    cay__free(mime);
    cay__free(bytes);
    cay__free(href);
    cay__url_free(u);
}

static void assert_encoded(cay_pct_set_t set, const char *text, const char *expected) {
    cay_buf_t out = CAY_BUF_INIT;
    cay__pct_encode(&out, text, strlen(text), set);
    char *have = cay__buf_take_str(&out);
    assert_string_equal(have, expected);
    cay__free(have);
}

static void each_encode_set_is_the_standards(void **state) {
    (void)state;
    static const struct {
        cay_pct_set_t set;
        const char *encoded; /* of the printable ASCII characters */
    } sets[] = {
        {CAY_PCT_C0, ""},
        {CAY_PCT_FRAGMENT, " \"<>`"},
        {CAY_PCT_QUERY, " \"#<>"},
        {CAY_PCT_SPECIAL_QUERY, " \"#<>'"},
        {CAY_PCT_PATH, " \"#<>?^`{}"},
        {CAY_PCT_USERINFO, " \"#<>?^`{}/:;=@[\\]|"},
        {CAY_PCT_COMPONENT, " \"#<>?^`{}/:;=@[\\]|$%&+,"},
        {CAY_PCT_FORM, " \"#<>?^`{}/:;=@[\\]|$%&+,!'()~"},
    };
    for (size_t i = 0; i < CAY_COUNT(sets); i++) {
        for (int c = 0; c < 256; c++) {
            bool want = c < 0x20 || c > 0x7e || strchr(sets[i].encoded, c);
            assert_int_equal(cay__pct_in_set((uint8_t)c, sets[i].set), want);
        }
    }
    assert_encoded(CAY_PCT_COMPONENT, "a b&\xc3\xa9\x7f", "a%20b%26%C3%A9%7F");
}

static void percent_decoding_leaves_what_is_no_escape(void **state) {
    (void)state;
    cay_buf_t out = CAY_BUF_INIT;
    cay__pct_decode(&out, "%41%4%zz%%42%6", 14);
    char *text = cay__buf_take_str(&out);
    assert_string_equal(text, "A%4%zz%B%6");
    cay__free(text);
}

static int collect(const char *name, size_t name_len, const char *value, size_t value_len,
                   void *user) {
    cay_buf_t *out = user;
    if (name_len == 4 && memcmp(name, "stop", 4) == 0) {
        return 7;
    }
    cay__form_append(out, name, name_len, value, value_len);
    return 0;
}

static void forms_are_parsed_and_written(void **state) {
    (void)state;
    static const char in[] = "a=1&&b+c=%20d%26=e&f&=g&%ff=%C3%A9*-._~";
    cay_buf_t out = CAY_BUF_INIT;
    assert_int_equal(cay__form_parse(in, strlen(in), collect, &out), 0);
    char *text = cay__buf_take_str(&out);
    assert_string_equal(text, "a=1&b+c=+d%26%3De&f=&=g&%EF%BF%BD=%C3%A9*-._%7E");
    cay__free(text);
    assert_int_equal(cay__form_parse("stop=1&x", 8, collect, &out), 7);
    assert_int_equal(cay__form_parse("", 0, collect, &out), 0);
    assert_int_equal(out.len, 0);
    cay__buf_free(&out);
}

static int use_all(void) {
    cay_url_t *data = NULL, *file = NULL;
    char *mime = NULL, *path = NULL, *host = NULL;
    uint8_t *bytes = NULL;
    size_t len;
    cay_url_host_t kind;
    cay_error_t *err = NULL;
    cay_buf_t form = CAY_BUF_INIT;
    const char *href = "data:;x=\"a b\";y=c;base64,YWJj%20";
    int rc = cay__url_parse(href, strlen(href), NULL, &data, &err);
    rc = rc ? rc : cay__url_data(data, &mime, &bytes, &len, &err);
    rc = rc ? rc : cay__url_from_path("/a\\b/C:/d", &file, &err);
    rc = rc ? rc : cay__url_to_path(file, &path, &err);
    rc = rc                                                                         ? rc
         : cay__url_host_parse("\xc3\xbc.1.2", 6, &host, &kind, &err) == CAY_ENOMEM ? CAY_ENOMEM
                                                                                    : 0;
    rc = rc ? rc : cay__form_parse("a=b&c", 5, collect, &form);
    rc = rc ? rc : form.failed ? CAY_ENOMEM : 0;
    if (rc == 0) {
        assert_string_equal(mime, "text/plain;x=\"a b\";y=c");
        assert_string_equal(path, "/a\\b/C:/d");
    }
    cay__buf_free(&form);
    cay__free(host);
    cay__free(mime);
    cay__free(path);
    cay__free(bytes);
    cay_error_free(err);
    cay__url_free(data);
    cay__url_free(file);
    return rc;
}

static void running_out_of_memory_anywhere_is_told_and_leaks_nothing(void **state) {
    (void)state;
    assert_int_equal(use_all(), 0);
    int64_t live = cay__mem_live();
    for (uint64_t n = 1;; n++) {
        cay__mem_fail_at(n, false);
        int rc = use_all();
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_int_equal(cay__mem_live(), live);
        if (!failed) {
            assert_int_equal(rc, 0);
            assert_true(n > 30);
            break;
        }
        /* What fails last may only have been the text of a refusal. */
        assert_true(rc == CAY_ENOMEM || rc == 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_urls_become_paths),
        cmocka_unit_test(paths_become_file_urls_and_come_back),
        cmocka_unit_test(data_urls_are_taken_apart),
        cmocka_unit_test(only_data_urls_have_data),
        cmocka_unit_test(parameters_of_a_mime_type_are_bounded),
        cmocka_unit_test(each_encode_set_is_the_standards),
        cmocka_unit_test(percent_decoding_leaves_what_is_no_escape),
        cmocka_unit_test(forms_are_parsed_and_written),
        cmocka_unit_test(running_out_of_memory_anywhere_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests_name("url_data", tests, NULL, NULL);
}
