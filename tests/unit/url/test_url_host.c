/* SPDX-License-Identifier: MIT */
/* Hosts: IPv4 spellings, IPv6, domains through IDNA, and a host alone. */
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

static void every_spelling_of_an_ipv4_address_is_one_host(void **state) {
    (void)state;
    static const parse_case_t cases[] = {
        {"http://127.0.0.1", NULL, "http://127.0.0.1/"},
        {"http://127.1", NULL, "http://127.0.0.1/"},
        {"http://127.0.1", NULL, "http://127.0.0.1/"},
        {"http://2130706433", NULL, "http://127.0.0.1/"},
        {"http://0x7f000001", NULL, "http://127.0.0.1/"},
        {"http://0X7F.1", NULL, "http://127.0.0.1/"},
        {"http://017700000001", NULL, "http://127.0.0.1/"},
        {"http://0177.0.0.01", NULL, "http://127.0.0.1/"},
        {"http://127.0.0.1.", NULL, "http://127.0.0.1/"},
        {"http://%31%32%37.0.0.1", NULL, "http://127.0.0.1/"},
        {"http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97\xe3\x80\x82\xef\xbc\x91", NULL,
         "http://127.0.0.1/"},
        {"http://0", NULL, "http://0.0.0.0/"},
        {"http://0x", NULL, "http://0.0.0.0/"},
        {"http://0x.0", NULL, "http://0.0.0.0/"},
        {"http://4294967295", NULL, "http://255.255.255.255/"},
        {"http://4294967296", NULL, NULL},
        {"http://0xffffffffffffffffffffffff", NULL, NULL},
        {"http://256.0.0.1", NULL, NULL},
        {"http://1.2.3.256", NULL, NULL},
        {"http://1.2.65535", NULL, "http://1.2.255.255/"},
        {"http://1.2.65536", NULL, NULL},
        {"http://1.2.3.4.5", NULL, NULL},
        {"http://1.2.3.08", NULL, NULL},
        {"http://1..2", NULL, NULL},
        {"http://a.1", NULL, NULL},
        {"http://a.0x1.", NULL, NULL},
        {"http://1.a", NULL, "http://1.a/"},
        {"http://0xg", NULL, "http://0xg/"},
        {"http://1.2.3.4..", NULL, "http://1.2.3.4../"},
        {"http://.", NULL, "http://./"},
        {"http://..", NULL, "http://../"},
        {"x://127.1", NULL, "x://127.1"},
    };
    check_all(cases, CAY_COUNT(cases));
}

static void ipv6_addresses_are_compressed(void **state) {
    (void)state;
    static const parse_case_t cases[] = {
        {"http://[::1]", NULL, "http://[::1]/"},
        {"http://[::]", NULL, "http://[::]/"},
        {"http://[1::]:80/", NULL, "http://[1::]/"},
        {"http://[0:0:0:0:0:0:0:1]", NULL, "http://[::1]/"},
        {"http://[1:0:0:2:0:0:0:3]", NULL, "http://[1:0:0:2::3]/"},
        {"http://[1:0:0:2:3:0:0:4]", NULL, "http://[1::2:3:0:0:4]/"},
        {"http://[1:0:2:3:4:5:6:7]", NULL, "http://[1:0:2:3:4:5:6:7]/"},
        {"http://[1:2:3:4:5:6:7::]", NULL, "http://[1:2:3:4:5:6:7:0]/"},
        {"http://[FE80::ABCD]", NULL, "http://[fe80::abcd]/"},
        {"http://[::ffff:1.2.3.4]", NULL, "http://[::ffff:102:304]/"},
        {"http://[1:2:3:4:5:6:1.2.3.4]", NULL, "http://[1:2:3:4:5:6:102:304]/"},
        {"x://[::1]", NULL, "x://[::1]"},
        {"http://[]", NULL, NULL},
        {"http://[:]", NULL, NULL},
        {"http://[:::]", NULL, NULL},
        {"http://[::1", NULL, NULL},
        {"http://[::1]x", NULL, NULL},
        {"http://[1:2:3:4:5:6:7]", NULL, NULL},
        {"http://[1:2:3:4:5:6:7:8:9]", NULL, NULL},
        {"http://[1:2:3:4:5:6:7:8::]", NULL, NULL},
        {"http://[1::2::3]", NULL, NULL},
        {"http://[1:]", NULL, NULL},
        {"http://[12345::]", NULL, NULL},
        {"http://[g::]", NULL, NULL},
        {"http://[::1.2.3]", NULL, NULL},
        {"http://[::1.2.3.4.5]", NULL, NULL},
        {"http://[::1.2.3.04]", NULL, NULL},
        {"http://[::1.2.3.256]", NULL, NULL},
        {"http://[::1.2.3.4:5]", NULL, NULL},
        {"http://[1:2:3:4:5:6:7:1.2.3.4]", NULL, NULL},
        {"http://[::%31]", NULL, NULL},
        {"http://[fe80::1%eth0]", NULL, NULL},
    };
    check_all(cases, CAY_COUNT(cases));
}

static void domains_are_mapped_by_idna(void **state) {
    (void)state;
    static const parse_case_t cases[] = {
        {"http://b\xc3\xbc"
         "cher.de",
         NULL, "http://xn--bcher-kva.de/"},
        {"http://B%C3%9Ccher.de", NULL, "http://xn--bcher-kva.de/"},
        {"http://fa\xc3\x9f.de", NULL, "http://xn--fa-hia.de/"},
        {"http://\xe1\xba\x9e.com", NULL, "http://xn--zca.com/"},
        {"http://\xe3\x81\x82\xe3\x80\x82jp", NULL, "http://xn--l8j.jp/"},
        {"http://a\xc2\xad"
         "b",
         NULL, "http://ab/"},
        {"http://\xc2\xad", NULL, NULL},
        {"http://\xef\xbc\xa1.com", NULL, "http://a.com/"},
        {"http://xn--bcher-kva.de", NULL, "http://xn--bcher-kva.de/"},
        {"http://XN--A", NULL, "http://xn--a/"},
        {"http://xn--a.\xc3\x9f", NULL, NULL},
        {"http://xn--a-.\xc3\x9f", NULL, NULL},
        {"http://\xef\xbf\xbd", NULL, NULL},
        {"http://a\xe2\x80\x8d"
         "b",
         NULL, NULL},
        {"http://\xd9\x8a"
         "a",
         NULL, NULL},
        {"http://a\xe2\x84\x80"
         "b",
         NULL, NULL},
        {"http://a%00b", NULL, NULL},
        {"http://a%2fb", NULL, NULL},
        {"http://a%b", NULL, NULL},
        {"http://a<b", NULL, NULL},
        {"http://a^b", NULL, NULL},
        {"http://a|b", NULL, NULL},
        {"http://a\x7f"
         "b",
         NULL, NULL},
        {"http://a_b.!$&'()*+,;=~-", NULL, "http://a_b.!$&'()*+,;=~-/"},
        {"http://%ff", NULL, NULL},
    };
    check_all(cases, CAY_COUNT(cases));
}

static void a_host_alone_is_parsed_as_in_a_url(void **state) {
    (void)state;
    char *host;
    cay_url_host_t kind;
    assert_int_equal(cay__url_host_parse("EXAMPLE.com", 11, &host, &kind, NULL), 0);
    assert_string_equal(host, "example.com");
    assert_int_equal(kind, CAY_URL_HOST_DOMAIN);
    cay__free(host);
    assert_int_equal(cay__url_host_parse("0x7f.1", 6, &host, &kind, NULL), 0);
    assert_string_equal(host, "127.0.0.1");
    assert_int_equal(kind, CAY_URL_HOST_IPV4);
    cay__free(host);
    cay_error_t *err = NULL;
    assert_int_equal(cay__url_host_parse("a:80", 4, &host, &kind, &err), CAY_EFORMAT);
    assert_null(host);
    assert_non_null(strstr(cay_error_message(err), "\"a:80\""));
    cay_error_free(err);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_of_an_ipv4_address_is_one_host),
        cmocka_unit_test(ipv6_addresses_are_compressed),
        cmocka_unit_test(domains_are_mapped_by_idna),
        cmocka_unit_test(a_host_alone_is_parsed_as_in_a_url),
    };
    return cmocka_run_group_tests_name("url_host", tests, NULL, NULL);
}
