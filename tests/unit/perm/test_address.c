/* SPDX-License-Identifier: MIT */
/* Addresses: reading, printing, and the class of what is not of the public internet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "perm/perm.h"

static cay_addr_t address(const char *text) {
    cay_addr_t a;
    if (!cay__addr_parse(text, strlen(text), &a)) {
        fail_msg("%s: no address", text);
    }
    return a;
}

static void addresses_are_read_and_printed(void **state) {
    (void)state;
    static const struct {
        const char *text, *printed;
    } cases[] = {
        {"1.2.3.4", "1.2.3.4"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"[::1]", "::1"},
        {"[2001:db8::8:800:200c:417a]", "2001:db8::8:800:200c:417a"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"::ffff:7f00:1", "::ffff:127.0.0.1"},
        {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        char text[64];
        cay_addr_t a = address(cases[i].text);
        assert_int_equal(a.family, strchr(cases[i].text, ':') ? 6 : 4);
        cay__addr_print(&a, text);
        assert_string_equal(text, cases[i].printed);
        cay_addr_t b = address(text);
        assert_memory_equal(&a, &b, sizeof a);
    }
}

static void other_texts_are_no_addresses(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "1",
                                        "1.2.3",
                                        "1.2.3.4.5",
                                        "1.2.3.256",
                                        "01.2.3.4",
                                        "1.2.3.4.",
                                        " 1.2.3.4",
                                        "1.2.3.4 ",
                                        "0x7f.0.0.1",
                                        "[1.2.3.4]",
                                        "[",
                                        "]",
                                        "[]",
                                        "[::1",
                                        "::1]",
                                        "[[::1]]",
                                        ":",
                                        ":::",
                                        "1:2:3:4:5:6:7",
                                        "1:2:3:4:5:6:7:8:9",
                                        "::g",
                                        "::1%eth0",
                                        "::1/128",
                                        "1::2::3",
                                        "example.com",
                                        "12345::",
                                        "::ffff:1.2.3",
                                        "1.2.3.4:80",
                                        "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555",
                                        "-1.2.3.4",
                                        "1..2.3"};
    for (size_t i = 0; i < CAY_COUNT(texts); i++) {
        cay_addr_t a;
        if (cay__addr_parse(texts[i], strlen(texts[i]), &a)) {
            fail_msg("\"%s\" was read", texts[i]);
        }
    }
    cay_addr_t a;
    assert_false(cay__addr_parse("1.2.3.4\0", 8, &a));
    assert_false(cay__addr_parse("1.2\0.3.4", 8, &a));
    assert_true(cay__addr_parse("1.2.3.45", 7, &a)); /* the length counts, not what is after it */
    assert_int_equal(a.bytes[3], 4);
}

static void an_address_of_no_family_is_printed_as_such(void **state) {
    (void)state;
    char text[64];
    cay_addr_t a = {0};
    cay__addr_print(&a, text);
    assert_string_equal(text, "?");
}

/* Each range with the address before it, its first, its last and the one after it. */
static const struct {
    const char *before, *first, *last, *after, *name;
} ranges[] = {
    {NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0", "unspecified"},
    {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", "private"},
    {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0", "carrier"},
    {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0", "loopback"},
    {"168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17", "metadata"},
    {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0", "link-local"},
    {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0", "private"},
    {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0", "reserved"},
    {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0", "documentation"},
    {"192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0", "reserved"},
    {"192.52.192.255", "192.52.193.0", "192.52.193.255", "192.52.194.0", "reserved"},
    {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0", "reserved"},
    {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0", "private"},
    {"192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0", "reserved"},
    {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0", "benchmark"},
    {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0", "documentation"},
    {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0", "documentation"},
    {"223.255.255.255", "224.0.0.0", "239.255.255.255", NULL, "multicast"},
    {NULL, "240.0.0.0", "255.255.255.254", NULL, "reserved"},
    {NULL, "255.255.255.255", "255.255.255.255", NULL, "broadcast"},
    {NULL, "::", "::", NULL, "unspecified"},
    {NULL, "::1", "::1", NULL, "loopback"},
    {NULL, "100::", "100::ffff:ffff:ffff:ffff", NULL, "reserved"},
    {NULL, "200::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::", "reserved"},
    {NULL, "2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::", "reserved"},
    {"2001:db7:ffff::", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
     "2001:db9::", "documentation"},
    {"2001:ffff::", "2002:808:808::", "2002:808:808:ffff:ffff:ffff:ffff:ffff",
     "2003::", "reserved"},
    {"2620:4f:7fff::", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
     "2620:4f:8001::", "reserved"},
    {"3ffe:ffff::", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
     "3fff:1000::", "documentation"},
    {"3fff:ffff::", "4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "reserved"},
    {NULL, "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "private"},
    {NULL, "fe00::", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "reserved"},
    {NULL, "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "link-local"},
    {NULL, "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "private"},
    {NULL, "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "multicast"},
};

static void class_is(const char *text, const char *name) {
    cay_addr_t a;
    if (!text) {
        return;
    }
    a = address(text);
    const char *got = cay__addr_special(&a);
    if (!got != !name || (got && strcmp(got, name) != 0)) {
        fail_msg("%s: %s, not %s", text, got ? got : "public", name ? name : "public");
    }
}

static void special_ranges_end_where_they_end(void **state) {
    (void)state;
    for (size_t i = 0; i < CAY_COUNT(ranges); i++) {
        class_is(ranges[i].before, NULL);
        class_is(ranges[i].first, ranges[i].name);
        class_is(ranges[i].last, ranges[i].name);
        class_is(ranges[i].after, NULL);
    }
}

static void metadata_addresses_are_told(void **state) {
    (void)state;
    static const char *const texts[] = {
        "169.254.169.254", "169.254.170.2",    "100.100.100.200",
        "192.0.0.192",     "168.63.129.16",    "fd00:ec2::254",
        "fd20:ce::254",    "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe"};
    for (size_t i = 0; i < CAY_COUNT(texts); i++) {
        class_is(texts[i], "metadata");
    }
}

static void public_addresses_have_no_class(void **state) {
    (void)state;
    static const char *const texts[] = {
        "1.1.1.1",        "8.8.8.8",          "93.184.216.34",        "100.0.0.1",    "172.15.0.1",
        "192.1.1.1",      "223.255.255.254",  "2606:4700:4700::1111", "2a00:1450::1", "2400::",
        "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2606::5efe:808:808"};
    for (size_t i = 0; i < CAY_COUNT(texts); i++) {
        class_is(texts[i], NULL);
    }
}

/* 127.0.0.1, 10.0.0.1 and 8.8.8.8 in each form of IPv6 that has an IPv4 address in it. */
static void what_is_inside_decides(void **state) {
    (void)state;
    static const struct {
        const char *loopback, *private, *public;
        const char *outside; /* the class that the form has by itself */
    } forms[] = {
        {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", NULL},
        {"::127.0.0.1", "::10.0.0.1", "::8.8.8.8", "reserved"},
        {"::ffff:0:127.0.0.1", "::ffff:0:10.0.0.1", "::ffff:0:8.8.8.8", "reserved"},
        {"64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::8.8.8.8", NULL},
        {"64:ff9b:1::127.0.0.1", "64:ff9b:1::10.0.0.1", "64:ff9b:1::8.8.8.8", "reserved"},
        {"64:ff9b:1:7f00:0:100::", "64:ff9b:1:a00:0:100::", "64:ff9b:1:808:8:800::", "reserved"},
        {"2002:7f00:1::", "2002:a00:1::5", "2002:808:808::", "reserved"},
        {"2001:0:808:808::80ff:fffe", "2001:0:808:808::f5ff:fffe", "2001:0:808:808::f7f7:f7f7",
         "reserved"},
        {"2001:0:7f00:1::f7f7:f7f7", "2001:0:a00:1::f7f7:f7f7", "2001:0:808:808::f7f7:f7f7",
         "reserved"},
        {"2606::5efe:127.0.0.1", "2606::5efe:10.0.0.1", "2606::5efe:8.8.8.8", NULL},
        {"2606::200:5efe:127.0.0.1", "2606::200:5efe:10.0.0.1", "2606::200:5efe:8.8.8.8", NULL},
        {"fe80::5efe:127.0.0.1", "fe80::5efe:10.0.0.1", "fe80::5efe:8.8.8.8", "link-local"},
    };
    for (size_t i = 0; i < CAY_COUNT(forms); i++) {
        class_is(forms[i].loopback, "loopback");
        class_is(forms[i].private, "private");
        class_is(forms[i].public, forms[i].outside);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_printed),
        cmocka_unit_test(other_texts_are_no_addresses),
        cmocka_unit_test(an_address_of_no_family_is_printed_as_such),
        cmocka_unit_test(special_ranges_end_where_they_end),
        cmocka_unit_test(metadata_addresses_are_told),
        cmocka_unit_test(public_addresses_have_no_class),
        cmocka_unit_test(what_is_inside_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
