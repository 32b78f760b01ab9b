/* SPDX-License-Identifier: MIT */
/* What a permission check costs in a set of 100 rules of one kind: a value that the last rule grants, one that no
 * rule grants, and one that the last of 100 denials refuses; names, addresses, paths, variables.
 *
 * Prints one line of JSON for each: median, lowest and highest of REPEATS runs, in ns of CPU time for each check. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/clock.h"
#include "perm/authority.h"

enum { REPEATS = 9, RULES = 100, CHECKS = 200000 };

typedef struct bench {
    const char *name;
    const char *rule; /* with the number of the rule */
    const char *value;
    const char *addr; /* NULL: none */
    bool granted;
    bool deny; /* the rules deny, and one before them grants everything */
} bench_t;

static const bench_t benches[] = {
    {"read.granted_by_last", "read=/srv/tenants/data-%03d", "/srv/tenants/data-099/a/b/c.txt", NULL,
     true, false},
    {"read.not_granted", "read=/srv/tenants/data-%03d", "/srv/tenants/data-100/a/b/c.txt", NULL,
     false, false},
    {"read.denied_by_last", "deny-read=/srv/tenants/data-%03d", "/srv/tenants/data-099/a/b/c.txt",
     NULL, false, true},
    {"net.host_granted_by_last", "net=api-%03d.example.com:443", "api-099.example.com", NULL, true,
     false},
    {"net.suffix_granted_by_last", "net=*.zone-%03d.example.com:443", "a.zone-099.example.com",
     NULL, true, false},
    {"net.suffix_resolved", "net=*.zone-%03d.example.com:443", "a.zone-099.example.com",
     "93.184.216.34", true, false},
    {"net.not_granted", "net=*.zone-%03d.example.com:443", "a.zone-100.example.com", NULL, false,
     false},
    {"net.range_granted_by_last", "net=10.%d.0.0/16:443", "10.99.1.2", NULL, true, false},
    {"net.range_v6_granted_by_last", "net=[fd00:%d::/32]:443", "[fd00:99::1]", NULL, true, false},
    {"net.special_refused", "net=10.%d.0.0/16:443", "169.254.169.254", NULL, false, false},
    {"net.resolved_denied_by_last", "deny-net=10.%d.0.0/16", "a.example.com", "10.99.1.2", false,
     true},
    {"env.granted_by_last", "env=APP_VARIABLE_%03d", "APP_VARIABLE_099", NULL, true, false},
};

static cay_kind_t kind_of(const char *text) {
    return strstr(text, "read") ? CAY_KIND_READ : strstr(text, "env") ? CAY_KIND_ENV : CAY_KIND_NET;
}

static cay_permissions_t *make_set(const bench_t *b) {
    cay_buf_t text = CAY_BUF_INIT;
    cay_permissions_t *set = NULL;
    cay_error_t *err = NULL;
    cay__buf_str(&text, b->deny ? "all" : "");
    for (int i = 0; i < RULES; i++) {
        char rule[128];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(rule, sizeof rule, b->rule, i);
#pragma GCC diagnostic pop
        cay__buf_printf(&text, "%s%s", text.len ? ";" : "", rule);
    }
    char *all = cay__buf_take_str(&text);
    if (!all || cay_permissions_parse(all, &set, &err)) {
        fprintf(stderr, "perm_check: %s\n", cay_error_message(err));
        exit(1);
    }
    cay__free(all);
    return set;
}

static double run(const cay_permissions_t *set, const cay_ask_t *ask, bool granted) {
    cay_verdict_t verdict;
    unsigned count = 0;
    uint64_t began = cay__clock_thread();
    for (int i = 0; i < CHECKS; i++) {
        count += cay__perm_check(set, ask, &verdict);
        __asm__ volatile("" ::: "memory");
    }
    double ns = (double)(cay__clock_thread() - began) / CHECKS;
    if (count != (granted ? CHECKS : 0)) {
        fprintf(stderr, "perm_check: a wrong answer\n");
        exit(1);
    }
    return ns;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const bench_t *b) {
    double ns[REPEATS];
    cay_addr_t addr;
    bool has_addr = b->addr && cay__addr_parse(b->addr, strlen(b->addr), &addr);
    cay_permissions_t *set = make_set(b);
    cay_ask_t ask = {kind_of(b->rule), b->value, strlen(b->value), 443, has_addr ? &addr : NULL};
    for (unsigned i = 0; i < REPEATS; i++) {
        ns[i] = run(set, &ask, b->granted);
    }
    qsort(ns, REPEATS, sizeof *ns, by_value);
    printf("{\"name\":\"perm.%s\",\"median_ns\":%.1f,\"low_ns\":%.1f,\"high_ns\":%.1f}\n", b->name,
           ns[REPEATS / 2], ns[0], ns[REPEATS - 1]);
    cay_permissions_free(set);
}

int main(void) {
    for (size_t i = 0; i < CAY_COUNT(benches); i++) {
        measure(&benches[i]);
    }
    return 0;
}
