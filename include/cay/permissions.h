/* SPDX-License-Identifier: MIT */
/* Permissions: what a worker may do beside computing and talking over its port. A set is a value: build or
 * parse it, hand it to cay_worker_spawn (which copies it), free it. Nothing is granted until it is named.
 *
 * Text form: items separated by ';', each "kind", "kind=value,value" or "deny-kind=value,...":
 *
 *     read=/data,/etc/hosts;deny-read=/data/secret;net=*.example.com:443,10.0.0.0/8;env=HOME,LC_*;wasm
 *
 * A kind without values grants all of it; for net and import that is "*". "all" stands for every kind and switch, and
 * for all addresses (net=*,0.0.0.0/0,::/0). '%', ',' and ';' inside a
 * value are written %25, %2C, %3B. Deny wins over allow, always.
 *
 *   read, write   absolute paths; a path grants what lies at it and below it, component by component. What
 *                 the kernel makes of /proc, /sys and /dev is never inside a grant that does not name it.
 *   net, import   HOST, *.SUFFIX, "*", an IPv4 or IPv6 address, or ADDRESS/BITS; each with an optional :PORT
 *                 ([v6]:PORT). Names are compared as a URL's host is (case, IDNA). A name, and "*", reach
 *                 public addresses only: loopback, private, link-local, carrier, multicast, metadata and other
 *                 special ranges need a rule that names the address (127.0.0.1, 10.0.0.0/8); "localhost"
 *                 names the loopback addresses.
 *   env           NAME or PREFIX*
 *   sys           hostname, os, cpus, memory, load, uptime
 *   eval, wasm, shared-memory, fine-clock   switches: no values, nothing to deny */
#ifndef CAY_PERMISSIONS_H
#define CAY_PERMISSIONS_H

#include "cay/error.h"

typedef struct cay_permissions cay_permissions_t;

typedef uint32_t cay_kind_t;
enum {
    CAY_KIND_READ = 0,
    CAY_KIND_WRITE = 1,
    CAY_KIND_NET = 2,
    CAY_KIND_ENV = 3,
    CAY_KIND_IMPORT = 4, /* code over http and https */
    CAY_KIND_SYS = 5,
    /* Switches. */
    CAY_KIND_EVAL = 6,          /* code from strings */
    CAY_KIND_WASM = 7,          /* WebAssembly */
    CAY_KIND_SHARED_MEMORY = 8, /* SharedArrayBuffer, Atomics.wait */
    CAY_KIND_FINE_CLOCK = 9,    /* clocks finer than 1 ms, file times finer than 1 s */
    CAY_KIND_COUNT = 10
};

typedef uint32_t cay_grant_t;
enum {
    CAY_GRANT_DENIED = 0,
    CAY_GRANT_GRANTED = 1,
    CAY_GRANT_PARTIAL = 2 /* some values below what was asked about are granted, not all */
};

/** One decision, as an audit callback gets it. Texts are borrowed for the call. A revocation is one, with granted 0 and
 *  the denial it made as rule ("deny-KIND" for a switch); so is each use of a grant that it ends, and a worker that is
 *  refused because its creator lacks what it was to be given. */
typedef struct cay_audit {
    uint64_t size;           /* bytes the library filled in */
    uint64_t time_ns;        /* wall clock, since 1970 */
    uint64_t worker_id;      /* cay_worker_id */
    const char *worker_name; /* "" when none */
    cay_kind_t kind;
    uint32_t granted; /* 1 or 0 */
    const char *
        value; /* path, host:port (with " (ADDRESS)" after resolution), name; "" for a switch, or all of a kind */
    const char *rule; /* the rule that decided, in the text form; NULL: no rule spoke for it */
} cay_audit_t;

/** Called for each decision about a worker or one below it. *Thread*: several of the library's at once; must
 *  not block for long, wait for a worker or call the library with the same one. */
typedef void (*cay_audit_cb)(const cay_audit_t *record, void *user);

CAY_BEGIN_DECLS

/** The kind's name in the text form, NULL for an unknown number. *Thread*: any. *Ownership*: static. */
const char *cay_kind_name(cay_kind_t kind);

/** A set that grants nothing. CAY_ENOMEM. *Thread*: any, as all of this header; one set by one thread at a
 *  time while it is changed. *Ownership*: cay_permissions_free. */
CAY_NODISCARD int cay_permissions_new(CAY_OWN cay_permissions_t **out);
/** Reads the text form; NULL or "" grants nothing. *out on success only. CAY_EINVAL names the entry that is
 *  wrong and why; CAY_ELIMIT (more than 10,000 rules, or a text over 1 MiB); CAY_ENOMEM. */
CAY_NODISCARD int cay_permissions_parse(const char *text, CAY_OWN cay_permissions_t **out,
                                        CAY_OWN cay_error_t **err);
/** In this and in print, query and subset a NULL set is one that grants nothing. CAY_ENOMEM. */
CAY_NODISCARD int cay_permissions_copy(const cay_permissions_t *set,
                                       CAY_OWN cay_permissions_t **out);
/** NULL is fine. */
void cay_permissions_free(CAY_OWN cay_permissions_t *set);

/** Adds a rule; `value` is not escaped here, NULL means all of the kind (to allow net or import: "*"). A failure changes nothing.
 *  CAY_EINVAL names value and reason, CAY_ELIMIT, CAY_ENOMEM. */
CAY_NODISCARD int cay_permissions_allow(cay_permissions_t *set, cay_kind_t kind, const char *value,
                                        CAY_OWN cay_error_t **err);
CAY_NODISCARD int cay_permissions_deny(cay_permissions_t *set, cay_kind_t kind, const char *value,
                                       CAY_OWN cay_error_t **err);
/** The text form, for cay_free; parsed again it gives the same set. CAY_ENOMEM. */
CAY_NODISCARD int cay_permissions_print(const cay_permissions_t *set, CAY_OWN char **out);

/** Whether the set grants `value` (a path, HOST[:PORT], a name; NULL = the whole kind). For net without a port:
 *  every port. CAY_EINVAL, CAY_ENOMEM. */
CAY_NODISCARD int cay_permissions_query(const cay_permissions_t *set, cay_kind_t kind,
                                        const char *value, cay_grant_t *out,
                                        CAY_OWN cay_error_t **err);
/** 0 when whatever `child` grants `parent` grants too. CAY_EPERM tells in *err the first kind and value of the
 *  child that the parent does not grant, and why; CAY_ENOMEM. */
CAY_NODISCARD int cay_permissions_subset(const cay_permissions_t *child,
                                         const cay_permissions_t *parent,
                                         CAY_OWN cay_error_t **err);

CAY_END_DECLS

#endif
