/* SPDX-License-Identifier: MIT */
/* Inside of the permission layer: what a rule and a set are made of.
 *
 * A rule is parsed once into a form that is matched with comparisons of bytes alone. A set holds its rules in one
 * array for each kind and effect, in the order in which they were added. */
#ifndef CAY_PERM_SET_H
#define CAY_PERM_SET_H

#include "perm/perm.h"

enum {
    CAY_RULES_MAX = 10000,  /* in one set */
    CAY_VALUE_MAX = 4095,   /* bytes of a value: what a path may have for the kernel */
    CAY_TEXT_MAX = 1 << 20, /* bytes of a text form */
    CAY_SET_MAX =
        (1 << 20) - 1024, /* of all printed values: so that what is printed can be parsed */
    CAY_ADDR_PARTS = 4    /* an address and the IPv4 addresses inside it */
};

typedef enum cay_rule_form {
    CAY_RULE_ALL = 0,    /* the whole kind */
    CAY_RULE_PATH = 1,   /* text: absolute and normalised */
    CAY_RULE_HOST = 2,   /* text: canonical, no dot at the end */
    CAY_RULE_SUFFIX = 3, /* text: canonical, beginning with the dot */
    CAY_RULE_STAR = 4,   /* any name, any public address */
    CAY_RULE_ADDR = 5,   /* addr, bits */
    CAY_RULE_NAME = 6,   /* text: env, sys */
    CAY_RULE_PREFIX = 7  /* text: env, without the star */
} cay_rule_form_t;

struct cay_rule {
    char *text; /* owned; NULL for ALL, STAR, ADDR */
    char *real; /* owned; PATH: where the file system has it; NULL = at text */
    uint64_t
        key; /* eight bytes of text, those that tell most: the first of hosts, the last of others */
    uint64_t mask[2]; /* ADDR: over addr.bytes, in memory order */
    uint32_t len;
    uint32_t real_len;
    uint32_t key_at; /* where they begin in text; without meaning when text is shorter */
    uint16_t port;   /* 0 = any */
    uint8_t form;    /* cay_rule_form_t */
    uint8_t kind;    /* cay_kind_t */
    bool deny;
    bool revoked;    /* deny: added by a revocation, not written by anybody */
    bool kernel;     /* PATH: text lies in /proc, /sys or /dev */
    bool misled;     /* PATH: real lies there, text does not. Such a rule grants nothing */
    bool local;      /* HOST, SUFFIX: of localhost, so that loopback addresses are named by it */
    uint8_t bits;    /* ADDR: length of the prefix */
    cay_addr_t addr; /* ADDR: never an IPv4-mapped one */
};

typedef struct cay_rules {
    cay_rule_t *v;
    uint32_t n;
    uint32_t cap;
} cay_rules_t;

struct cay_permissions {
    cay_rules_t allow[CAY_KIND_COUNT];
    cay_rules_t deny[CAY_KIND_COUNT]; /* empty for switches */
    uint32_t count;
    size_t bytes;     /* of all values as they are printed */
    uint32_t dropped; /* bits (1 << kind): of kinds that a revocation took as a whole */
};

static inline bool cay__kind_is_switch(cay_kind_t kind) {
    return kind >= CAY_KIND_EVAL;
}
static inline bool cay__kind_is_path(cay_kind_t kind) {
    return kind == CAY_KIND_READ || kind == CAY_KIND_WRITE;
}
static inline bool cay__kind_is_net(cay_kind_t kind) {
    return kind == CAY_KIND_NET || kind == CAY_KIND_IMPORT;
}

/* "localhost" itself: denied, it takes the loopback addresses with it, by whatever name. */
static inline bool cay__rule_is_localhost(const cay_rule_t *r) {
    return r->form == CAY_RULE_HOST && r->local && r->len == sizeof "localhost" - 1;
}

/* Whether the text of the rule may stand at `at`, where there are at least r->len bytes: most rules are done with
 * here, so that a set of many costs few calls and few comparisons of memory. */
static inline bool cay__rule_may_stand_at(const cay_rule_t *r, const char *at) {
    uint64_t key;
    if (r->len < sizeof key) {
        return true;
    }
    __builtin_memcpy(&key, at + r->key_at, sizeof key);
    return key == r->key;
}
static inline bool cay__rule_text_at(const cay_rule_t *r, const char *at) {
    return cay__rule_may_stand_at(r, at) && __builtin_memcmp(r->text, at, r->len) == 0;
}

/* rule.c. Reads one value (NULL: all of the kind) into *out, which then owns its text. CAY_EINVAL names entry and
 * reason. */
CAY_NODISCARD int cay__rule_parse(cay_kind_t kind, bool deny, const char *value, size_t len,
                                  cay_rule_t *out, cay_error_t **err);
/* Takes `text` over and makes what is looked at first of it. CAY_ENOMEM for NULL. */
CAY_NODISCARD int cay__rule_keep_text(cay_rule_t *r, cay_rule_form_t form, CAY_OWN char *text);
CAY_NODISCARD int cay__rule_copy(const cay_rule_t *from, cay_rule_t *out);
void cay__rule_clear(cay_rule_t *r);
/* Takes `real` over, NULL too. */
void cay__rule_set_real(cay_rule_t *r, CAY_OWN char *real);
bool cay__rule_same(const cay_rule_t *a, const cay_rule_t *b);
/* The value alone, not escaped; nothing for ALL. */
void cay__rule_value(const cay_rule_t *r, cay_buf_t *out);
/* CAY_EINVAL: permission entry "KIND=VALUE": what fmt says. */
int cay__rule_error(cay_error_t **err, cay_kind_t kind, bool deny, const char *value, size_t len,
                    const char *fmt, ...) CAY_PRINTF(6, 7);

/* pattern.c: the value of a net or import rule. */
CAY_NODISCARD int cay__pattern_parse(cay_rule_t *r, const char *value, size_t len,
                                     cay_error_t **err);
/* localhost, or a name below it: canonical, no dot at the end. */
bool cay__host_is_local(const char *host, size_t len);
/* "HOST:PORT", brackets where they are needed; port -1 or 0: none. */
void cay__host_print(cay_buf_t *out, const char *host, size_t len, int port);
void cay__addr_port_print(cay_buf_t *out, const cay_addr_t *a, int port);

/* set.c. What NULL stands for in the public functions: grants nothing. */
extern const cay_permissions_t cay__set_none;

/* Adds a rule and takes it over on success; one that is there already is dropped. CAY_ELIMIT, CAY_ENOMEM
 * change nothing. */
CAY_NODISCARD int cay__set_add(cay_permissions_t *set, cay_rule_t *rule);
CAY_NODISCARD int cay__set_add_copy(cay_permissions_t *set, const cay_rule_t *rule);
/* All rules that allow something of the kind go: a revocation. */
void cay__set_drop(cay_permissions_t *set, cay_kind_t kind);

/* text.c. '%', ',' and ';' as the text form has them. */
void cay__text_escape(cay_buf_t *out, const char *s, size_t len);
size_t cay__text_escaped_len(const char *s, size_t len);
/* 0 to CAY_KIND_COUNT, the latter for a name that is none. */
cay_kind_t cay__kind_of(const char *name, size_t len);

/* show.c. For messages: control characters, what reverses text and malformed UTF-8 are escaped; cut after a few
 * hundred bytes. quoted: '"' and '\' are escaped too. */
void cay__show(cay_buf_t *out, const char *s, size_t len, bool quoted);
/* The rule for a message; NULL when out of memory. */
CAY_OWN char *cay__rule_shown(const cay_rule_t *r);
/* Why `v` refused `ask`, for the guest, and what would grant it. `nested`: another worker made this one; its rules
 * are not told, nor whether it has what is asked for. */
void cay__refusal_print(const cay_permissions_t *set, bool nested, const cay_ask_t *ask,
                        const cay_verdict_t *v, cay_buf_t *out);
/* "KIND access to "VALUE" was revoked" */
void cay__revoked_print(const cay_ask_t *ask, cay_buf_t *out);
/* The value of an audit record. */
void cay__ask_print(const cay_ask_t *ask, cay_buf_t *out);

/* path.c. `path` lies at or below `root`, component by component. */
static inline bool cay__path_below(const char *root, size_t root_len, const char *path,
                                   size_t len) {
    if (root_len == 1) {
        return true;
    }
    return len >= root_len && (len == root_len || path[root_len] == '/') &&
           __builtin_memcmp(root, path, root_len) == 0;
}
/* At or below /proc, /sys or /dev. */
bool cay__path_is_kernel(const char *path, size_t len);
/* Absolute, no NUL, no empty, "." or ".." component, no '/' at the end. */
bool cay__path_is_normal(const char *path, size_t len);
/* Whether an allow rule of a path kind grants the normalised path; denials are not looked at. */
bool cay__path_granted(const cay_rule_t *r, const char *path, size_t len);
/* A quick no for most rules that do not cover a path. */
static inline bool cay__path_may_grant(const cay_rule_t *r, const char *path, size_t len) {
    return len >= r->len && cay__rule_may_stand_at(r, path);
}
static inline bool cay__path_may_deny(const cay_rule_t *r, const char *path, size_t len) {
    return r->real || cay__path_may_grant(r, path, len);
}
/* Whether a deny rule of a path kind covers it, as text or as where the file system has it. */
bool cay__path_denied(const cay_rule_t *r, const char *path, size_t len);
/* The allow rule that grants the path: the longest, as the root of an operation. NULL: none. */
const cay_rule_t *cay__path_rule(const cay_permissions_t *set, cay_kind_t kind, const char *path,
                                 size_t len);
/* Where the rule has `path`, which it grants: its real path and the tail. cay__malloc'ed; NULL when out of
 * memory. */
CAY_OWN char *cay__path_real(const cay_rule_t *r, const char *path, size_t len);

/* addr.c. IPv4 inside IPv6: the addresses to judge instead of `a`. A mapped address is its IPv4 address and
 * nothing else; otherwise the first is `a`. */
size_t cay__addr_parts(const cay_addr_t *a, cay_addr_t out[CAY_ADDR_PARTS]);
/* The class of the address by itself; NULL for a public one. */
const char *cay__addr_class(const cay_addr_t *a);
bool cay__addr_in(const cay_addr_t *a, const cay_addr_t *net, unsigned bits);
/* The first `bits` of 128 set, in memory order. */
void cay__addr_mask(unsigned bits, uint64_t mask[2]);
/* cay__addr_in with the mask at hand. */
static inline bool cay__addr_masked(const cay_addr_t *a, const cay_addr_t *net,
                                    const uint64_t mask[2]) {
    uint64_t x[2], y[2];
    __builtin_memcpy(x, a->bytes, sizeof x);
    __builtin_memcpy(y, net->bytes, sizeof y);
    return a->family == net->family && (((x[0] ^ y[0]) & mask[0]) | ((x[1] ^ y[1]) & mask[1])) == 0;
}
/* A range with no special address; a range with no other. */
bool cay__range_is_public(const cay_addr_t *net, unsigned bits);
bool cay__range_is_special(const cay_addr_t *net, unsigned bits);
/* The loopback ranges: 127.0.0.0/8 and ::1. */
extern const cay_addr_t cay__loopback4, cay__loopback6;
enum { CAY_LOOPBACK4_BITS = 8, CAY_LOOPBACK6_BITS = 128 };

/* check.c. The values that, allowed alone, let a net or import ask pass; comma separated, text form. */
void cay__net_needed(const cay_ask_t *ask, cay_buf_t *out);

/* child.c. cay__perm_child; of a grant that is refused with CAY_EPERM it tells more, for the audit. */
typedef struct cay_lack {
    bool found;
    cay_kind_t kind;
    cay_buf_t value; /* both with a NUL at the end */
    cay_buf_t rule;  /* the parent's denial; empty: none */
} cay_lack_t;
CAY_NODISCARD int cay__child_make(const cay_permissions_t *parent, const char *text,
                                  uint32_t inherit, CAY_OWN cay_permissions_t **out,
                                  cay_lack_t *lack, cay_error_t **err);
/* Where a path rule lies when `set` is asked: below the rule of the set that grants its path, as text from
 * there on. Nothing when none does. CAY_ENOMEM. */
CAY_NODISCARD int cay__rule_place(const cay_permissions_t *set, cay_rule_t *r);

/* subset.c. Whether some of what `q` means is granted. */
bool cay__set_has_part(const cay_permissions_t *set, const cay_rule_t *q);

/* relate.c: rules of one kind compared. Whether an ask may be matched by the grant and the denial both. */
bool cay__rule_meets(const cay_rule_t *grant, const cay_rule_t *deny);
/* Whether two grants have a value in common. */
bool cay__rule_overlaps(const cay_rule_t *a, const cay_rule_t *b);
/* Whether the allow rules of the set, denials aside, grant all that `c` does. */
bool cay__set_covers(const cay_permissions_t *set, const cay_rule_t *c);
/* The deny rule that covers all of `x`; NULL: none does. */
const cay_rule_t *cay__set_denies_all_of(const cay_permissions_t *set, const cay_rule_t *x);

#endif
