/* SPDX-License-Identifier: MIT */
/* The standard's own test data, when the environment names the files: CAY_URLTESTDATA is
 * urltestdata.json, CAY_SETTERSTESTDATA is setters_tests.json, CAY_TOASCIITESTDATA is toascii.json,
 * of the web platform tests. Skipped without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <unicode/uchar.h>

#include "base/mem.h"
#include "url/url.h"

static json_t *load(const char *variable) {
    const char *path = getenv(variable);
    if (!path) {
        skip();
    }
    json_error_t error;
    json_t *root = json_load_file(path, JSON_ALLOW_NUL, &error);
    if (!root) {
        fail_msg("%s: %s", path, error.text);
    }
    return root;
}

static const char *field_names[] = {
#define NAME(upper, lower) #lower,
    CAY_URL_FIELDS(NAME)
#undef NAME
};

static int field_by_name(const char *name) {
    for (size_t i = 0; i < CAY_COUNT(field_names); i++) {
        if (strcmp(field_names[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* Prints what differs; the number of fields that do. */
static int differing_fields(const cay_url_t *u, json_t *expected, const char *what) {
    int bad = 0;
    for (size_t i = 0; i < CAY_COUNT(field_names); i++) {
        json_t *want = json_object_get(expected, field_names[i]);
        cay_url_part_t have = cay__url_get(u, (cay_url_field_t)i);
        if (json_is_string(want) && (json_string_length(want) != have.len ||
                                     memcmp(json_string_value(want), have.ptr, have.len) != 0)) {
            print_error("%s: %s is \"%.*s\", not \"%s\"\n", what, field_names[i], (int)have.len,
                        have.ptr, json_string_value(want));
            bad++;
        }
    }
    return bad;
}

static int differing_origin(const cay_url_t *u, json_t *expected, const char *what) {
    json_t *want = json_object_get(expected, "origin");
    char *have;
    assert_int_equal(cay__url_origin(u, &have), 0);
    int bad = json_is_string(want) && strcmp(json_string_value(want), have) != 0;
    if (bad) {
        print_error("%s: origin is \"%s\", not \"%s\"\n", what, have, json_string_value(want));
    }
    cay__free(have);
    return bad;
}

static int parse_json(json_t *text, const cay_url_t *base, cay_url_t **out) {
    return cay__url_parse(json_string_value(text), json_string_length(text), base, out, NULL);
}

/* Whether one entry of urltestdata.json goes wrong. */
static bool wrong_parse(json_t *entry) {
    json_t *input = json_object_get(entry, "input"), *base_text = json_object_get(entry, "base");
    bool want_failure = json_is_true(json_object_get(entry, "failure"));
    cay_url_t *base = NULL, *u = NULL;
    int rc = json_is_string(base_text) ? parse_json(base_text, NULL, &base) : 0;
    if (rc == 0) {
        rc = parse_json(input, base, &u);
    }
    int bad = (rc != 0) != want_failure;
    if (bad) {
        print_error("\"%s\": %s\n", json_string_value(input), rc ? "refused" : u->href);
    } else if (u) {
        bad = differing_fields(u, entry, json_string_value(input)) +
              differing_origin(u, entry, json_string_value(input));
    }
    cay__url_free(u);
    cay__url_free(base);
    return bad != 0;
}

static void every_case_of_the_standards_parser_data_agrees(void **state) {
    (void)state;
    json_t *root = load("CAY_URLTESTDATA"), *entry;
    size_t i, ran = 0, bad = 0;
    json_array_foreach(root, i, entry) {
        if (json_is_object(entry)) {
            ran++;
            bad += wrong_parse(entry);
        }
    }
    json_decref(root);
    print_message("parser data: %zu cases, %zu wrong\n", ran, bad);
    assert_true(ran > 0);
    assert_int_equal(bad, 0);
}

static bool wrong_set(json_t *entry, cay_url_field_t field) {
    json_t *href = json_object_get(entry, "href"), *value = json_object_get(entry, "new_value");
    cay_url_t *u;
    assert_int_equal(parse_json(href, NULL, &u), 0);
    int rc = cay__url_set(u, field, json_string_value(value), json_string_length(value), NULL);
    assert_true(rc == 0 || (field == CAY_URL_HREF && rc == CAY_EFORMAT));
    char what[256];
    snprintf(what, sizeof what, "%s of %s to \"%s\"", field_names[field], json_string_value(href),
             json_string_value(value));
    int bad = differing_fields(u, json_object_get(entry, "expected"), what);
    cay__url_free(u);
    return bad != 0;
}

static void every_case_of_the_standards_setter_data_agrees(void **state) {
    (void)state;
    json_t *root = load("CAY_SETTERSTESTDATA"), *list, *entry;
    const char *name;
    size_t i, ran = 0, bad = 0;
    json_object_foreach(root, name, list) {
        int field = field_by_name(name);
        json_array_foreach(list, i, entry) {
            if (field >= 0) {
                ran++;
                bad += wrong_set(entry, (cay_url_field_t)field);
            }
        }
    }
    json_decref(root);
    print_message("setter data: %zu cases, %zu wrong\n", ran, bad);
    assert_true(ran > 0);
    assert_int_equal(bad, 0);
}

/* Unicode 16 allowed characters that older data disallows; the library's data is what it is, and
 * refusing is the safe side. */
static bool is_old_refusal(int rc) {
    UVersionInfo version;
    u_getUnicodeVersion(version);
    return rc == CAY_EFORMAT && version[0] < 16;
}

/* Whether one entry of toascii.json goes wrong; *old counts those excused by the age of ICU. */
static bool wrong_host(json_t *entry, size_t *old) {
    json_t *input = json_object_get(entry, "input"), *want = json_object_get(entry, "output");
    char *have;
    cay_url_host_t kind;
    int rc = cay__url_host_parse(json_string_value(input), json_string_length(input), &have, &kind,
                                 NULL);
    bool bad = json_is_null(want) ? rc == 0 : rc != 0 || strcmp(have, json_string_value(want)) != 0;
    if (bad && is_old_refusal(rc)) {
        ++*old;
        return false;
    }
    if (bad) {
        print_error("host \"%s\": %s\n", json_string_value(input), rc ? "refused" : have);
    }
    cay__free(have);
    return bad;
}

static void every_case_of_the_standards_host_data_agrees(void **state) {
    (void)state;
    json_t *root = load("CAY_TOASCIITESTDATA"), *entry;
    size_t i, ran = 0, bad = 0, old = 0;
    json_array_foreach(root, i, entry) {
        if (json_is_object(entry)) {
            ran++;
            bad += wrong_host(entry, &old);
        }
    }
    json_decref(root);
    print_message("host data: %zu cases, %zu wrong, %zu refused by old ICU data\n", ran, bad, old);
    assert_in_range(old, 0, 8);
    assert_int_equal(bad, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_the_standards_parser_data_agrees),
        cmocka_unit_test(every_case_of_the_standards_setter_data_agrees),
        cmocka_unit_test(every_case_of_the_standards_host_data_agrees),
    };
    return cmocka_run_group_tests_name("url_standard", tests, NULL, NULL);
}
