/* SPDX-License-Identifier: MIT */
#include "perm_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

cay_permissions_t *parsed(const char *text) {
    cay_permissions_t *set = NULL;
    cay_error_t *err = NULL;
    if (cay_permissions_parse(text, &set, &err)) {
        fprintf(stderr, "\"%s\": %s\n", text, cay_error_message(err));
        abort();
    }
    return set;
}

cay_authority_t *root_authority(const char *text) {
    cay_authority_t *a;
    cay_authority_options_t o = {.worker_id = 1, .worker_name = "root"};
    if (cay__authority_new(&o, parsed(text), &a)) {
        abort();
    }
    return a;
}

cay_authority_t *child_authority(cay_authority_t *parent, const char *text) {
    cay_authority_t *a;
    cay_permissions_t *set;
    cay_authority_options_t o = {.parent = parent, .worker_id = 2};
    if (cay__authority_derive(parent, text, 0, &set, NULL) || cay__authority_new(&o, set, &a)) {
        abort();
    }
    return a;
}

cay_ask_t read_ask(const char *path) {
    return (cay_ask_t){CAY_KIND_READ, path, strlen(path), 0, NULL};
}

bool reads(cay_authority_t *a, const char *path) {
    cay_ask_t ask = read_ask(path);
    return cay__authority_has(a, &ask);
}

/* splitmix64 */
static uint64_t chance_next(chance_t *c) {
    uint64_t z = (c->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint32_t chance_below(chance_t *c, uint32_t n) {
    return (uint32_t)(chance_next(c) % n);
}

static const char *pick(chance_t *c, const char *const *from, size_t n) {
    return from[chance_below(c, (uint32_t)n)];
}
#define PICK(c, table) pick(c, table, CAY_COUNT(table))

static const char *const path_rules[] = {"/",      "/a",   "/a/b",           "/a/b/c",
                                         "/ab",    "/b",   "/proc",          "/proc/self",
                                         "/sys/x", "/dev", "/a/longer/name", "/a/longer/name/still",
                                         "/x%2Cy"};
static const char *const host_rules[] = {"*",
                                         "a.test",
                                         "b.test",
                                         "*.test",
                                         "*.a.test",
                                         "x.a.test",
                                         "localhost",
                                         "*.localhost",
                                         "y.localhost",
                                         "8.8.8.8",
                                         "8.8.8.0/24",
                                         "8.0.0.0/8",
                                         "0.0.0.0/0",
                                         "127.0.0.1",
                                         "127.0.0.0/8",
                                         "127.0.0.0/9",
                                         "10.0.0.0/8",
                                         "10.1.0.0/16",
                                         "169.254.169.254",
                                         "0.0.0.0/1",
                                         "128.0.0.0/1",
                                         "::1",
                                         "::/0",
                                         "2606::/32",
                                         "2606:1::/48",
                                         "fd00::/8",
                                         "64:ff9b::/96",
                                         "64:ff9b::7f00:1",
                                         "2002::/16",
                                         "::/96",
                                         "64:ff9b:1::/48",
                                         "2000::/3"};
static const char *const env_rules[] = {
    "*", "A*", "AB*", "A", "AB", "ABC", "B", "LONG_NAME_OF_IT*", "LONG_NAME_OF_IT_1"};
static const char *const sys_rules[] = {"hostname", "os", "cpus", "memory", "load", "uptime"};
static const char *const switches[] = {"eval", "wasm", "shared-memory", "fine-clock"};
static const char *const ports[] = {"", "", "", "80", "443"};

static void host_value(chance_t *c, cay_buf_t *out) {
    const char *host = PICK(c, host_rules), *port = PICK(c, ports);
    bool brackets = *port && strchr(host, ':');
    cay__buf_printf(out, "%s%s%s%s%s", brackets ? "[" : "", host, brackets ? "]" : "",
                    *port ? ":" : "", port);
}

static void one_value(chance_t *c, cay_kind_t kind, cay_buf_t *out) {
    if (kind == CAY_KIND_READ) {
        cay__buf_str(out, PICK(c, path_rules));
    } else if (kind == CAY_KIND_NET) {
        host_value(c, out);
    } else if (kind == CAY_KIND_ENV) {
        cay__buf_str(out, PICK(c, env_rules));
    } else {
        cay__buf_str(out, PICK(c, sys_rules));
    }
}

void random_item(chance_t *c, cay_buf_t *out) {
    /* The kinds that share their matching with these add nothing here. */
    static const cay_kind_t kinds[] = {CAY_KIND_READ, CAY_KIND_NET, CAY_KIND_NET, CAY_KIND_ENV,
                                       CAY_KIND_SYS};
    if (chance_below(c, 10) == 0) {
        cay__buf_str(out, PICK(c, switches));
        return;
    }
    cay_kind_t kind = kinds[chance_below(c, CAY_COUNT(kinds))];
    cay__buf_printf(out, "%s%s", chance_below(c, 3) == 0 ? "deny-" : "", cay_kind_name(kind));
    if (chance_below(c, 8) == 0) {
        return;
    }
    cay__buf_u8(out, '=');
    one_value(c, kind, out);
    while (chance_below(c, 2) == 0) {
        cay__buf_u8(out, ',');
        one_value(c, kind, out);
    }
}

void random_set(chance_t *c, cay_buf_t *out) {
    for (uint32_t n = 1 + chance_below(c, 4); n > 0; n--) {
        random_item(c, out);
        cay__buf_str(out, n > 1 ? ";" : "");
    }
}

static const char *const asked_paths[] = {"/",
                                          "/a",
                                          "/a/b",
                                          "/a/b/c",
                                          "/a/b/c/d",
                                          "/a/c",
                                          "/ab",
                                          "/abc",
                                          "/b",
                                          "/b/x",
                                          "/c",
                                          "/proc",
                                          "/proc/self",
                                          "/proc/self/mem",
                                          "/proc/1",
                                          "/sys",
                                          "/sys/x/y",
                                          "/dev/null",
                                          "/a/longer/name",
                                          "/a/longer/name/still/x",
                                          "/a/longer/names",
                                          "/x,y",
                                          "/x,y/z",
                                          "/x"};
static const char *const asked_hosts[] = {"a.test",      "b.test",        "test",     "x.a.test",
                                          "z.x.a.test",  "other.test",    "xtest",    "localhost",
                                          "y.localhost", "z.y.localhost", "c.example"};
static const char *const asked_addrs[] = {"8.8.8.8",
                                          "8.8.8.9",
                                          "8.9.0.1",
                                          "9.9.9.9",
                                          "127.0.0.1",
                                          "127.0.0.2",
                                          "127.200.0.1",
                                          "10.0.0.1",
                                          "10.1.2.3",
                                          "11.0.0.1",
                                          "169.254.169.254",
                                          "169.254.1.1",
                                          "192.168.0.1",
                                          "200.1.1.1",
                                          "::1",
                                          "::",
                                          "2606::1",
                                          "2606:1::1",
                                          "2607::1",
                                          "fd00::1",
                                          "fe80::1",
                                          "64:ff9b::808:808",
                                          "64:ff9b::7f00:1",
                                          "64:ff9b::a01:203",
                                          "2002:808:808::1",
                                          "2002:7f00:1::1",
                                          "::ffff:8.8.8.8",
                                          "::ffff:127.0.0.1",
                                          "::ffff:10.1.2.3",
                                          "::7f00:1",
                                          "::808:808",
                                          "2606::5efe:7f00:1",
                                          "2606::5efe:808:808",
                                          "2001:0:808:808::80ff:fffe",
                                          "64:ff9b:1::a00:1",
                                          "64:ff9b:1:7f00:0:100::"};
static const char *const asked_names[] = {"A",
                                          "AB",
                                          "ABC",
                                          "ABCD",
                                          "B",
                                          "BC",
                                          "a",
                                          "LONG_NAME_OF_IT",
                                          "LONG_NAME_OF_IT_1",
                                          "LONG_NAME_OF_I",
                                          "LONG_NAME_OF_IT_2"};

static void ask_net(chance_t *c, question_t *q) {
    static const int asked_ports[] = {80, 443, 8080, -1};
    bool literal = chance_below(c, 2) == 0;
    const char *host = literal ? PICK(c, asked_addrs) : PICK(c, asked_hosts);
    bool six = literal && strchr(host, ':');
    snprintf(q->value, sizeof q->value, "%s%s%s", six ? "[" : "", host, six ? "]" : "");
    q->ask.port = asked_ports[chance_below(c, CAY_COUNT(asked_ports))];
    if (chance_below(c, 3) != 0) {
        const char *addr = literal && chance_below(c, 4) ? host : PICK(c, asked_addrs);
        if (!cay__addr_parse(addr, strlen(addr), &q->addr)) {
            abort();
        }
        q->ask.addr = &q->addr;
    }
}

void random_question(chance_t *c, question_t *q) {
    static const cay_kind_t kinds[] = {CAY_KIND_READ, CAY_KIND_READ, CAY_KIND_NET, CAY_KIND_NET,
                                       CAY_KIND_NET,  CAY_KIND_ENV,  CAY_KIND_SYS, CAY_KIND_EVAL};
    *q = (question_t){.ask = {.kind = kinds[chance_below(c, CAY_COUNT(kinds))]}};
    if (q->ask.kind == CAY_KIND_READ) {
        snprintf(q->value, sizeof q->value, "%s", PICK(c, asked_paths));
    } else if (q->ask.kind == CAY_KIND_NET) {
        ask_net(c, q);
    } else if (q->ask.kind == CAY_KIND_ENV) {
        snprintf(q->value, sizeof q->value, "%s", PICK(c, asked_names));
    } else if (q->ask.kind == CAY_KIND_SYS) {
        snprintf(q->value, sizeof q->value, "%s", PICK(c, sys_rules));
    } else {
        q->ask.kind += chance_below(c, CAY_KIND_COUNT - CAY_KIND_EVAL);
    }
    q->ask.value = q->value;
    q->ask.len = strlen(q->value);
}

void print_question(const question_t *q, cay_buf_t *out) {
    char addr[64] = "-";
    if (q->ask.addr) {
        cay__addr_print(q->ask.addr, addr);
    }
    cay__buf_printf(out, "%s \"%s\" port %d address %s", cay_kind_name(q->ask.kind), q->value,
                    q->ask.port, addr);
}
