/* SPDX-License-Identifier: MIT */
/* Import maps: what specifiers become, what is refused and how it is told, bounds, memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "loader/import_map.h"

#define BASE "https://base.test/app/index.html"

static cay_import_map_t *parse(const char *json) {
    cay_import_map_t *m = NULL;
    cay_error_t *err = NULL;
    int rc = cay__import_map_parse(json, BASE, &m, &err);
    if (rc) {
        fail_msg("%s: %s", json, cay_error_message(err));
    }
    assert_null(err);
    return m;
}

/* The URL, or "!" and the message. */
static char *resolve(const cay_import_map_t *m, const char *specifier, const char *base) {
    char *url = NULL;
    cay_error_t *err = NULL;
    int rc = cay__import_map_resolve(m, specifier, base, &url, &err);
    if (rc) {
        assert_null(url);
        assert_int_equal(cay_error_code(err), rc);
        url = cay__asprintf("!%s", cay_error_message(err));
    }
    cay_error_free(err);
    assert_non_null(url);
    return url;
}

typedef struct expected {
    const char *specifier;
    const char *url;  /* "!text": an error whose message has the text */
    const char *base; /* NULL: BASE */
} expected_t;

static void check(const cay_import_map_t *m, const expected_t *e) {
    char *got = resolve(m, e->specifier, e->base ? e->base : BASE);
    bool failed = got[0] == '!';
    bool right = e->url[0] == '!' ? failed && strstr(got, e->url + 1) : strcmp(got, e->url) == 0;
    if (!right) {
        fail_msg("\"%s\" at %s: %s, expected %s", e->specifier, e->base ? e->base : BASE, got,
                 e->url);
    }
    cay__free(got);
}

static void check_all(const char *json, const expected_t *list, size_t count) {
    cay_import_map_t *m = json ? parse(json) : NULL;
    for (size_t i = 0; i < count; i++) {
        check(m, &list[i]);
    }
    cay__import_map_unref(&m);
}
#define CHECK(json, list) check_all(json, list, sizeof(list) / sizeof *(list))

static void without_a_map_specifiers_are_urls(void **state) {
    (void)state;
    static const expected_t list[] = {
        {"./a.js", "https://base.test/app/a.js", NULL},
        {"../a.js", "https://base.test/a.js", NULL},
        {"/a.js", "https://base.test/a.js", NULL},
        {"//other.test/a.js", "https://other.test/a.js", NULL},
        {"HTTPS://Other.TEST:443/a/../b.js", "https://other.test/b.js", NULL},
        {"data:text/javascript,1", "data:text/javascript,1", NULL},
        {"node:fs", "node:fs", NULL},
        {"./a.js", "!Cannot resolve \"./a.js\" against \"data:,x\"", "data:,x"},
        {"./a.js", "!Cannot resolve", "no url"},
        {"a", "!\"a\" is a bare specifier", NULL},
        {"", "!\"\" is a bare specifier", NULL},
        {".", "!is a bare specifier", NULL},
        {"..", "!is a bare specifier", NULL},
        {".a.js", "!is a bare specifier", NULL},
        {"@scope/name", "!is a bare specifier", NULL},
        {"https://[", "!is a bare specifier", NULL},
        {"%2e/a.js", "!is a bare specifier", NULL},
        {"\\a.js", "!is a bare specifier", NULL},
    };
    CHECK(NULL, list);
    CHECK("{}", list);
    CHECK("{\"imports\":{},\"scopes\":{},\"integrity\":{}}", list);
}

static void bare_specifiers_are_mapped(void **state) {
    (void)state;
    static const expected_t list[] = {
        {"a", "https://base.test/app/lib/a.js", NULL},
        {"b", "https://base.test/b.js", NULL},
        {"c", "https://cdn.test/c.js", NULL},
        {"d", "https://base.test/d.js", NULL},
        {"data", "data:text/javascript,1", NULL},
        {"@s/n", "https://cdn.test/s/n.js", NULL},
        {"%2e", "https://cdn.test/percent.js", NULL},
        {"...", "https://cdn.test/dots.js", NULL},
        {"\xc3\xa9", "https://cdn.test/e.js", NULL},
        {"A", "!is a bare specifier", NULL},
        {"a ", "!is a bare specifier", NULL},
        {"a/b", "!is a bare specifier", NULL},
        {"aa", "!is a bare specifier", NULL},
        {"./a", "https://base.test/app/a", NULL},
        {"a", "https://base.test/app/lib/a.js", "data:text/javascript,importer"},
    };
    CHECK(
        "{\"imports\":{\"a\":\"./lib/a.js\",\"b\":\"../b.js\",\"c\":\"https://cdn.test/x/../c.js\","
        "\"d\":\"/d.js\",\"data\":\"data:text/javascript,1\",\"@s/n\":\"https://cdn.test/s/n.js\","
        "\"%2e\":\"https://cdn.test/percent.js\",\"...\":\"https://cdn.test/dots.js\","
        "\"\xc3\xa9\":\"https://cdn.test/e.js\"}}",
        list);
}

static void url_like_keys_are_compared_as_urls(void **state) {
    (void)state;
    static const expected_t list[] = {
        {"./x.js", "https://cdn.test/1", NULL},
        {"../app/x.js", "https://cdn.test/1", NULL},
        {"https://base.test/app/x.js", "https://cdn.test/1", NULL},
        {"HTTPS://BASE.test:443/app/x.js", "https://cdn.test/1", NULL},
        {"./x.js", "https://base.test/other/x.js", "https://base.test/other/main.js"},
        {"./x.js?q", "https://base.test/app/x.js?q", NULL},
        {"https://cdn.test/y", "https://cdn.test/2", NULL},
        {"node:fs", "https://cdn.test/fs.js", NULL},
        {"node:path", "node:path", NULL},
        {"/deep/x", "https://cdn.test/3/x", NULL},
        {"https://base.test/deep/x", "https://cdn.test/3/x", NULL},
    };
    CHECK("{\"imports\":{\"./x.js\":\"https://cdn.test/1\",\"https://CDN.test/a/../y\":"
          "\"https://cdn.test/2\",\"node:fs\":\"https://cdn.test/fs.js\","
          "\"/deep/\":\"https://cdn.test/3/\"}}",
          list);
}

static void prefixes_map_what_lies_below(void **state) {
    (void)state;
    static const expected_t list[] = {
        {"lib", "https://cdn.test/lib.js", NULL},
        {"lib/", "https://cdn.test/lib/", NULL},
        {"lib/a.js", "https://cdn.test/lib/a.js", NULL},
        {"lib/a/b?c#d", "https://cdn.test/lib/a/b?c#d", NULL},
        {"lib/special/a.js", "https://special.test/a.js", NULL},
        {"lib/special/", "https://special.test/", NULL},
        {"lib/special", "https://cdn.test/lib/special", NULL},
        {"lib/exact.js", "https://exact.test/", NULL},
        {"lib/exact.js/more", "https://cdn.test/lib/exact.js/more", NULL},
        {"library/a.js", "!is a bare specifier", NULL},
        {"lib/../lib/a.js", "https://cdn.test/lib/a.js", NULL},
        {"lib/../a.js", "!leads out of \"https://cdn.test/lib/\"", NULL},
        {"lib/../../a.js", "!leads out of", NULL},
        {"lib/%2e%2e/a.js", "!leads out of", NULL},
        {"lib//a.js", "!leads out of", NULL},
        {"lib//lib/a.js", "https://cdn.test/lib/a.js", NULL},
        {"lib///evil.test/a.js", "!leads out of", NULL},
        {"lib///cdn.test/lib/a.js", "https://cdn.test/lib/a.js", NULL},
        {"lib/https://evil.test/", "!leads out of", NULL},
        {"lib/https://cdn.test/lib/x", "https://cdn.test/lib/x", NULL},
        {"lib/https://[", "!no URL comes of it below \"https://cdn.test/lib/\"", NULL},
        {"lib/\\evil.test/", "!leads out of", NULL},
        {"https://base.test/v1/x/y.js", "https://base.test/v2/x/y.js", NULL},
        {"/v1/y.js", "https://base.test/v2/y.js", NULL},
        {"/v1/", "https://base.test/v2/", NULL},
        {"/v1", "https://base.test/v1", NULL},
        {"p:q/r", "p:q/r", NULL}, /* not special: prefixes do not apply */
        {"p:q/", "https://cdn.test/whole/", NULL},
        {"data/x", "!no URL comes of it", NULL},
    };
    static const expected_t root[] = {
        {"/", "https://root.test/", NULL},
        {"/any", "https://root.test/any", NULL},
        {"https://base.test/any", "https://root.test/any", NULL},
        {"./any", "https://root.test/app/any", NULL},
        {"//other.test/", "https://other.test/", NULL},
    };
    CHECK("{\"imports\":{\"/\":\"https://root.test/\"}}", root);
    CHECK("{\"imports\":{\"lib\":\"https://cdn.test/lib.js\",\"lib/\":\"https://cdn.test/lib/\","
          "\"lib/special/\":\"https://special.test/\",\"lib/exact.js\":\"https://exact.test/\","
          "\"/v1/\":\"/v2/\",\"p:q/\":\"https://cdn.test/whole/\",\"data/\":\"data:text/\"}}",
          list);
}

static void null_addresses_block(void **state) {
    (void)state;
    static const expected_t list[] = {
        {"a", "!the import map blocks \"a\"", NULL},
        {"lib/x", "!the import map blocks \"lib/x\"", NULL},
        {"lib/", "!the import map blocks", NULL},
        {"lib/open/x", "https://cdn.test/x", NULL},
        {"./no.js", "!the import map blocks \"./no.js\"", NULL},
        {"a", "https://cdn.test/a.js", "https://base.test/scope/m.js"},
        {"b", "!the import map blocks \"b\"", "https://base.test/scope/m.js"},
        {"b", "https://cdn.test/b.js", NULL},
    };
    CHECK(
        "{\"imports\":{\"a\":null,\"lib/\":null,\"lib/open/\":\"https://cdn.test/\",\"./"
        "no.js\":null,"
        "\"b\":\"https://cdn.test/b.js\"},\"scopes\":{\"/scope/\":{\"a\":\"https://cdn.test/a.js\","
        "\"b\":null}}}",
        list);
}

static void scopes_are_by_the_importing_module(void **state) {
    (void)state;
    static const char in[] = "https://base.test/js/m.js", deep[] = "https://base.test/js/deep/m.js",
                      exact[] = "https://base.test/one.js", far[] = "https://far.test/x/m.js";
    static const expected_t list[] = {
        {"a", "https://top.test/a", NULL},
        {"a", "https://js.test/a", in},
        {"a", "https://deep.test/a", deep},
        {"a", "https://one.test/a", exact},
        {"a", "https://top.test/a", "https://base.test/one.js/more"},
        {"a", "https://top.test/a", "https://base.test/one.js?q"},
        {"a", "https://top.test/a", "https://base.test/js"},
        {"a", "https://js.test/a", "https://base.test/js/"},
        {"a", "https://top.test/a", "https://base.test/jsx/m.js"},
        {"b", "https://js.test/b", deep}, /* from the scope around it */
        {"c", "https://top.test/c", deep},
        {"d", "!is a bare specifier", deep},
        {"a", "https://far.test/a", far},
        {"./r.js", "https://moved.test/r.js", deep},
        {"https://base.test/js/deep/r.js", "https://moved.test/r.js", deep},
        {"./r.js", "https://base.test/js/r.js", in},
        {"a", "https://data.test/a", "data:text/javascript,x"},
        {"a", "https://top.test/a", "data:text/javascript,xy"},
        {"a", "https://rel.test/a", "https://base.test/app/rel/m.js"},
    };
    CHECK("{\"imports\":{\"a\":\"https://top.test/a\",\"b\":\"https://top.test/b\","
          "\"c\":\"https://top.test/c\"},\"scopes\":{"
          "\"/js/\":{\"a\":\"https://js.test/a\",\"b\":\"https://js.test/b\"},"
          "\"/js/deep/\":{\"a\":\"https://deep.test/a\",\"/js/deep/r.js\":\"https://moved.test/"
          "r.js\"},"
          "\"/one.js\":{\"a\":\"https://one.test/a\"},\"https://FAR.test\":{\"a\":\"https://"
          "far.test/a\"},"
          "\"rel/\":{\"a\":\"https://rel.test/a\"},"
          "\"data:text/javascript,x\":{\"a\":\"https://data.test/a\"}}}",
          list);
}

static void of_equal_keys_the_last_counts(void **state) {
    (void)state;
    static const expected_t list[] = {
        {"a", "https://two.test/", NULL},
        {"./x", "https://three.test/", NULL},
        {"b", "https://last.test/", "https://base.test/s/m"},
        {"c", "!is a bare specifier", "https://base.test/s/m"},
    };
    CHECK("{\"imports\":{\"a\":\"https://one.test/\",\"./x\":\"https://one.test/\",\"a\":\"https://"
          "two.test/\","
          "\"/app/x\":\"https://two.test/\",\"https://base.test/app/x\":\"https://three.test/\"},"
          "\"scopes\":{\"/s/\":{\"c\":\"https://c.test/\"},\"https://base.test/s/"
          "\":{\"b\":\"https://last.test/\"}}}",
          list);
}

static void integrity_is_by_url(void **state) {
    (void)state;
#define SHA256 "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    cay_import_map_t *m = parse("{\"integrity\":{\"./a.js\":\"" SHA256
                                "\",\"https://cdn.test/b\":\" " SHA256 " " SHA256 "?x \"}}");
    assert_string_equal(cay__import_map_integrity(m, "https://base.test/app/a.js"), SHA256);
    assert_non_null(cay__import_map_integrity(m, "https://cdn.test/b"));
    assert_null(cay__import_map_integrity(m, "https://cdn.test/"));
    assert_null(cay__import_map_integrity(m, "./a.js"));
    assert_null(cay__import_map_integrity(NULL, "https://cdn.test/b"));
    cay__import_map_unref(&m);
}

static void what_is_wrong_is_named(void **state) {
    (void)state;
    static const char *const list[][2] = {
        {"", "import map: it is not JSON: line 1"},
        {"{", "it is not JSON"},
        {"{\"imports\":{}} x", "it is not JSON"},
        {"{\"imports\":{\"a\":\"\\u0000\"}}", "it is not JSON"},
        {"\xff", "it is not JSON"},
        {"null", "it is not a JSON object"},
        {"[]", "it is not a JSON object"},
        {"\"x\"", "it is not a JSON object"},
        {"{\"import\":{}}", "unknown key \"import\""},
        {"{\"imports\":[]}", "\"imports\" is not an object"},
        {"{\"imports\":null}", "\"imports\" is not an object"},
        {"{\"scopes\":\"x\"}", "\"scopes\" is not an object"},
        {"{\"scopes\":{\"/a/\":null}}", "scopes: \"/a/\" is not an object"},
        {"{\"scopes\":{\"https://[/\":{}}}", "scopes: \"https://[/\" is no URL"},
        {"{\"integrity\":1}", "\"integrity\" is not an object"},
        {"{\"integrity\":{\"bare\":\"" SHA256 "\"}}", "integrity: \"bare\" is no URL"},
        {"{\"integrity\":{\"./a\":7}}", "integrity: \"./a\": the metadata is no string"},
        {"{\"integrity\":{\"./a\":\"md5-xx\"}}", "integrity: \"./a\": \"md5-xx\" is no digest"},
        {"{\"integrity\":{\"./a\":\"\"}}", "integrity: \"./a\": it names no digest"},
        {"{\"imports\":{\"\":\"./a\"}}", "imports: an empty specifier"},
        {"{\"imports\":{\"a\":1}}", "imports: \"a\": the address is no string"},
        {"{\"imports\":{\"a\":{}}}", "imports: \"a\": the address is no string"},
        {"{\"imports\":{\"a\":\"b\"}}", "imports: \"a\": the address \"b\" is no URL"},
        {"{\"imports\":{\"a\":\"\"}}", "imports: \"a\": the address \"\" is no URL"},
        {"{\"imports\":{\"a\":\"https://[\"}}", "is no URL"},
        {"{\"imports\":{\"a/\":\"./b\"}}", "the address \"./b\" must end with \"/\" too"},
        {"{\"imports\":{\"a/\":\"./b?/c\"}}", "must end with \"/\" too"},
        {"{\"scopes\":{\"/s/\":{\"a\":\"b\"}}}",
         "scopes: \"/s/\": \"a\": the address \"b\" is no URL"},
        {"{\"imports\":{\"a\":[[]]}}", "it is nested deeper than 3"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        cay_import_map_t *m = NULL;
        cay_error_t *err = NULL;
        assert_int_equal(cay__import_map_parse(list[i][0], BASE, &m, &err), CAY_EINVAL);
        if (!strstr(cay_error_message(err), list[i][1])) {
            fail_msg("%s: \"%s\", expected \"%s\"", list[i][0], cay_error_message(err), list[i][1]);
        }
        assert_null(m);
        cay_error_free(err);
    }
    cay_import_map_t *m = NULL;
    assert_int_equal(cay__import_map_parse("{}", "no url", &m, NULL), CAY_EINVAL);
    assert_int_equal(cay__import_map_parse("{\"a\":1}", BASE, &m, NULL), CAY_EINVAL);
}

/* Entries "BEFORE<number>": "ADDRESS". */
static char *many(size_t count, const char *before, const char *address) {
    cay_buf_t b = CAY_BUF_INIT;
    cay__buf_str(&b, "{\"imports\":{");
    for (size_t i = 0; i < count; i++) {
        cay__buf_printf(&b, "%s\"%s%zu\":\"%s\"", i ? "," : "", before, i, address);
    }
    cay__buf_str(&b, "}}");
    char *text = cay__buf_take_str(&b);
    assert_non_null(text);
    return text;
}

static int parse_at(const char *json, const char *base) {
    cay_import_map_t *m = NULL;
    cay_error_t *err = NULL;
    int rc = cay__import_map_parse(json, base, &m, &err);
    assert_int_equal(cay_error_code(err), rc);
    cay_error_free(err);
    cay__import_map_unref(&m);
    return rc;
}

static void sizes_are_bounded(void **state) {
    (void)state;
    char *text = many(CAY_IMPORT_MAP_ENTRIES, "k", "/");
    cay_import_map_t *m = parse(text);
    check(m, &(expected_t){"k9999", "https://base.test/", NULL});
    check(m, &(expected_t){"k0", "https://base.test/", NULL});
    check(m, &(expected_t){"k10000", "!bare", NULL});
    cay__import_map_unref(&m);
    cay__free(text);

    text = many(CAY_IMPORT_MAP_ENTRIES + 1, "k", "/");
    assert_int_equal(parse_at(text, BASE), CAY_ELIMIT);
    cay__free(text);

    text = malloc(CAY_IMPORT_MAP_MAX + 2);
    memset(text, ' ', CAY_IMPORT_MAP_MAX + 1);
    text[0] = '{';
    text[1] = '}';
    text[CAY_IMPORT_MAP_MAX] = 0;
    assert_int_equal(parse_at(text, BASE), 0);
    text[CAY_IMPORT_MAP_MAX] = ' ';
    text[CAY_IMPORT_MAP_MAX + 1] = 0;
    assert_int_equal(parse_at(text, BASE), CAY_ELIMIT);
    free(text);

    /* A long base does not multiply. */
    char *base = malloc(100001);
    memset(base, 'x', 100000);
    memcpy(base, "https://h/", 10);
    base[99999] = '/';
    base[100000] = 0;
    text = many(1000, "./", "./");
    assert_int_equal(parse_at(text, base), CAY_ELIMIT);
    cay__free(text);
    free(base);
}

static void long_specifiers_cost_no_more(void **state) {
    (void)state;
    cay_import_map_t *m =
        parse("{\"imports\":{\"a/\":\"https://cdn.test/\",\"b\":\"https://cdn.test/b\"}}");
    size_t len = 1u << 20;
    char *specifier = malloc(len + 1);
    memset(specifier, '/', len);
    specifier[0] = 'z';
    specifier[len] = 0;
    char *got = resolve(m, specifier, BASE);
    assert_int_equal(got[0], '!');
    cay__free(got);
    memset(specifier, 'x', len);
    memcpy(specifier, "a/", 2);
    got = resolve(m, specifier, BASE);
    assert_int_equal(strlen(got), strlen("https://cdn.test/") + len - 2);
    cay__free(got);
    free(specifier);
    cay__import_map_unref(&m);
}

static const char whole[] =
    "{\"imports\":{\"a\":\"./a\",\"lib/\":\"https://cdn.test/\",\"a\":null,\"./x\":\"/y\",\"/app/"
    "x\":\"/z\"},"
    "\"scopes\":{\"/s/\":{\"a\":\"/sa\"},\"/t/\":{}},\"integrity\":{\"./a\":\"" SHA256 "\"}}";

static void failed_allocations_leave_nothing(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    bool done = false;
    for (uint64_t n = 1; !done && n < 500; n++) {
        cay_import_map_t *m = NULL;
        cay_error_t *err = NULL;
        cay__mem_fail_at(n, false);
        int rc = cay__import_map_parse(whole, BASE, &m, &err);
        done = !cay__mem_failed();
        cay__mem_fail_at(0, false);
        assert_int_equal(rc, m ? 0 : CAY_ENOMEM);
        assert_true(!done || m);
        cay_error_free(err);
        cay__import_map_unref(&m);
        assert_int_equal(cay__mem_live(), live);
    }
    assert_true(done);
}

static void failed_allocations_of_a_look_up_leave_nothing(void **state) {
    (void)state;
    static const char *const specifiers[] = {"lib/x", "./a", "bare", "lib/../x"};
    cay_import_map_t *m = parse(whole);
    int64_t live = cay__mem_live();
    for (size_t i = 0; i < sizeof specifiers / sizeof *specifiers; i++) {
        bool done = false;
        for (uint64_t n = 1; !done && n < 100; n++) {
            char *url = NULL;
            cay_error_t *err = NULL;
            cay__mem_fail_at(n, false);
            int rc = cay__import_map_resolve(m, specifiers[i], BASE, &url, &err);
            done = !cay__mem_failed();
            cay__mem_fail_at(0, false);
            assert_true(rc == 0 ? url != NULL : url == NULL);
            assert_true(rc == 0 || done || rc == CAY_ENOMEM || rc == CAY_EINVAL ||
                        rc == CAY_ENOTFOUND);
            cay_error_free(err);
            cay__free(url);
            assert_int_equal(cay__mem_live(), live);
        }
        assert_true(done);
    }
    cay__import_map_unref(&m);
}

static void references_are_counted(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    cay_import_map_t *m = parse(whole), *n = cay__import_map_ref(m);
    cay__import_map_unref(&m);
    assert_null(m);
    check(n, &(expected_t){"lib/x", "https://cdn.test/x", NULL});
    cay__import_map_unref(&n);
    cay__import_map_unref(&n);
    assert_int_equal(cay__mem_live(), live);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_map_specifiers_are_urls),
        cmocka_unit_test(bare_specifiers_are_mapped),
        cmocka_unit_test(url_like_keys_are_compared_as_urls),
        cmocka_unit_test(prefixes_map_what_lies_below),
        cmocka_unit_test(null_addresses_block),
        cmocka_unit_test(scopes_are_by_the_importing_module),
        cmocka_unit_test(of_equal_keys_the_last_counts),
        cmocka_unit_test(integrity_is_by_url),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(long_specifiers_cost_no_more),
        cmocka_unit_test(failed_allocations_leave_nothing),
        cmocka_unit_test(failed_allocations_of_a_look_up_leave_nothing),
        cmocka_unit_test(references_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
