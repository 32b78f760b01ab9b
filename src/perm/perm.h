/* SPDX-License-Identifier: MIT */
/* Permission sets as the layers above use them: checks of concrete values, and what a child's set is made of.
 * Pure: no I/O, no clock, no engine. A set that nobody changes may be read by any number of threads. */
#ifndef CAY_PERM_PERM_H
#define CAY_PERM_PERM_H

#include "base/attrs.h"
#include "base/buf.h"
#include "cay/permissions.h"

/* An IP address. IPv4 uses the first four bytes. IPv4-mapped IPv6 is not normalised here: what classifies
 * it looks inside. */
typedef struct cay_addr {
    uint8_t family; /* 4 or 6 */
    uint8_t bytes[16];
} cay_addr_t;

/* "1.2.3.4", "::1" or "[::1]" exactly as the URL parser writes hosts. false when it is no address. */
bool cay__addr_parse(const char *text, size_t len, cay_addr_t *out);
/* For messages; at least 64 bytes. */
void cay__addr_print(const cay_addr_t *a, char out[64]);
/* Why an address is not reached by names and "*": "loopback", "private", "link-local", "carrier",
 * "multicast", "metadata", "unspecified", "reserved", ...; NULL for a public one. IPv4 inside IPv6 (mapped,
 * compatible, NAT64 64:ff9b::/96 and local-use 64:ff9b:1::/48, 6to4, Teredo, ISATAP) is judged by the IPv4
 * address and by itself. IANA special-purpose registries. */
const char *cay__addr_special(const cay_addr_t *a);

/* What is asked. All borrowed. */
typedef struct cay_ask {
    cay_kind_t kind;
    const char
        *value; /* read, write: absolute path, normalised as text (cay__perm_path); env, sys: name;
                          net, import: the host as cay__url_host_parse writes it; switches: "" */
    size_t len;
    int port; /* net, import: 1 to 65535; -1 = every port (a query) */
    const cay_addr_t
        *addr; /* net, import: the address to connect to; NULL: asked before resolution. A host
                               that is an address itself is judged as one in both cases. */
} cay_ask_t;

typedef struct cay_rule cay_rule_t;
typedef struct cay_verdict {
    bool granted;
    const cay_rule_t *rule; /* that decided; NULL when none spoke for it. Borrowed from the set. */
    const char
        *special; /* refused because the address is special and no rule names it: its class */
} cay_verdict_t;

/* Under 300 ns with 100 rules. Allocates nothing. */
bool cay__perm_check(const cay_permissions_t *set, const cay_ask_t *ask, cay_verdict_t *out);
/* The rule in the text form, "deny-" included. */
void cay__rule_print(const cay_rule_t *rule, cay_buf_t *out);
/* Of the rule of a read or write verdict: the path as the set names it (NULL: everything is granted), and where
 * the file system has it (cay__perm_resolve; the same when that was never called). */
const char *cay__rule_path(const cay_rule_t *rule);
const char *cay__rule_real(const cay_rule_t *rule);
/* Whether a deny rule of `kind` covers the path, given as text or as where the file system has it. */
bool cay__perm_denies_path(const cay_permissions_t *set, cay_kind_t kind, const char *path,
                           size_t len);
/* As that, or covers something below the path. */
bool cay__perm_denies_below(const cay_permissions_t *set, cay_kind_t kind, const char *path,
                            size_t len);
/* The rule that does so, of the set; or NULL. */
const cay_rule_t *cay__perm_denial_below(const cay_permissions_t *set, cay_kind_t kind,
                                         const char *path, size_t len);

/* `path` made absolute against `cwd` (absolute) and normalised as text: "." ".." "//" and a trailing "/" are
 * resolved. A NUL ends it. cay__malloc'ed; NULL when out of memory. */
CAY_OWN char *cay__perm_path(const char *path, size_t len, const char *cwd);

/* Lets `real` say for each path of a rule where the file system has it (cay__malloc'ed; NULL: out of memory).
 * CAY_ENOMEM leaves the set as it was. A rule whose path really lies in /proc, /sys or /dev but does not say so
 * grants nothing. The one place where links of the host's own paths are followed. */
CAY_NODISCARD int cay__perm_resolve(cay_permissions_t *set,
                                    char *(*real)(const char *path, void *ctx), void *ctx);

/* The set of a child. `text`: its own grants and denials in the text form. `inherit`: bits (1 << kind) of kinds
 * and switches taken over whole from the parent. The parent's denials of every kind the child has any grant of
 * are added. Paths below a path of the parent's get their `real` from it, so that no link the parent can make
 * widens them. CAY_EPERM: a grant that the parent lacks, or that one of its denials covers whole; CAY_EINVAL;
 * CAY_ENOMEM. The message names kind and value. */
CAY_NODISCARD int cay__perm_child(const cay_permissions_t *parent, const char *text,
                                  uint32_t inherit, CAY_OWN cay_permissions_t **out,
                                  cay_error_t **err);

#endif
