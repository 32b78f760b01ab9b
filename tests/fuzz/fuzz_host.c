/* SPDX-License-Identifier: MIT */
/* The matcher of hosts and addresses: allowed patterns NUL denied pattern NUL host NUL address; patterns are parted by
 * ','.
 *
 * What must hold: the answer is the same when asked again, of a copy, and for other spellings of the same host; a
 * denial grants nothing; names and "*" do not reach special addresses; a subset's grants are its parent's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "perm/perm.h"
#include "url/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok, const char *what, const char *host) {
    if (!ok) {
        fprintf(stderr, "%s: %s\n", what, host);
        abort();
    }
}

typedef struct sets {
    cay_permissions_t *allow; /* the allowed patterns */
    cay_permissions_t *both;  /* and the denied one */
} sets_t;

static bool granted(const cay_permissions_t *set, const cay_ask_t *ask) {
    cay_verdict_t v;
    bool yes = cay__perm_check(set, ask, &v);
    require(yes == v.granted && (!yes || v.rule) && !(v.rule && v.special),
            "a verdict at odds with itself", ask->value);
    return yes;
}

static void same_for(const cay_permissions_t *set, const cay_ask_t *ask, const char *host,
                     const char *what) {
    cay_ask_t other = *ask;
    other.value = host;
    other.len = strlen(host);
    require(granted(set, ask) == granted(set, &other), what, host);
}

/* A dot at the end, brackets, an IPv4 address in the form of IPv6. */
static void other_spellings(const cay_permissions_t *set, const cay_ask_t *ask) {
    cay_addr_t a;
    char text[128];
    if (ask->len > 64) {
        return;
    }
    snprintf(text, sizeof text, "%s.", ask->value);
    same_for(set, ask, text, "another answer with a dot at the end");
    if (cay__addr_parse(ask->value, ask->len, &a) && a.family == 4) {
        snprintf(text, sizeof text, "[::ffff:%x:%x]", (unsigned)(a.bytes[0] << 8 | a.bytes[1]),
                 (unsigned)(a.bytes[2] << 8 | a.bytes[3]));
        same_for(set, ask, text, "another answer for the mapped address");
    }
}

/* "*" alone never reaches a special address. */
static void star(const cay_ask_t *ask) {
    cay_permissions_t *set = NULL;
    cay_addr_t a;
    require(cay_permissions_parse("net=*", &set, NULL) == 0, "no set", "*");
    bool address = cay__addr_parse(ask->value, ask->len, &a);
    if (granted(set, ask)) {
        require(!address || !cay__addr_special(&a), "a special host by *", ask->value);
        require(!ask->addr || !cay__addr_special(ask->addr), "a special address by *", ask->value);
    }
    cay_permissions_free(set);
}

static void ask_all(const sets_t *s, const char *host, const cay_addr_t *addr) {
    cay_ask_t ask = {CAY_KIND_NET, host, strlen(host), 443, addr};
    cay_permissions_t *copy = NULL;
    require(cay_permissions_copy(s->both, &copy) == 0, "no copy", host);
    bool both = granted(s->both, &ask);
    require(granted(copy, &ask) == both && granted(s->both, &ask) == both, "another answer", host);
    require(!both || granted(s->allow, &ask), "granted by a denial", host);
    if (cay_permissions_subset(s->allow, s->both, NULL) == 0) {
        require(granted(s->allow, &ask) == both, "a subset with more", host);
    }
    other_spellings(s->both, &ask);
    star(&ask);
    ask.port = -1;
    require(!granted(s->both, &ask) || both, "every port, but not this one", host);
    cay_permissions_free(copy);
}

static void add_allowed(cay_permissions_t *set, char *patterns) {
    for (char *at = patterns, *comma; at; at = comma ? comma + 1 : NULL) {
        comma = strchr(at, ',');
        if (comma) {
            *comma = 0;
        }
        if (cay_permissions_allow(set, CAY_KIND_NET, at, NULL)) {
            continue; /* malformed: nothing is added */
        }
    }
}

static void run(char *allowed, const char *denied, const char *host, const char *address) {
    sets_t s = {NULL, NULL};
    cay_addr_t addr;
    cay_url_host_t kind;
    char *canonical = NULL;
    bool has_addr = cay__addr_parse(address, strlen(address), &addr);
    require(cay_permissions_new(&s.allow) == 0, "no set", "");
    add_allowed(s.allow, allowed);
    require(cay_permissions_copy(s.allow, &s.both) == 0, "no copy", "");
    if (cay_permissions_deny(s.both, CAY_KIND_NET, denied, NULL) == 0) {
        require(strlen(denied) > 0, "an empty pattern", denied);
    }
    ask_all(&s, host, has_addr ? &addr : NULL);
    if (cay__url_host_parse(host, strlen(host), &canonical, &kind, NULL) == 0) {
        ask_all(&s, canonical, has_addr ? &addr : NULL);
        ask_all(&s, canonical, NULL);
    }
    cay__free(canonical);
    cay_permissions_free(s.allow);
    cay_permissions_free(s.both);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* Four texts, each in memory of its own. */
    char *text[4] = {NULL};
    const char *at = (const char *)data, *end = at + size;
    bool whole = true;
    for (int i = 0; i < 4; i++) {
        const char *nul = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
        size_t len = nul ? (size_t)(nul - at) : (size_t)(end - at);
        text[i] = cay__strndup(at, len);
        whole &= text[i] != NULL;
        at += len + (nul != NULL);
    }
    if (whole) {
        run(text[0], text[1], text[2], text[3]);
    }
    for (int i = 0; i < 4; i++) {
        cay__free(text[i]);
    }
    return 0;
}
