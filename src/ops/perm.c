/* SPDX-License-Identifier: MIT */
/* Ops of permissions, and of what is told by permission without waiting: the environment and facts about the
 * machine. environ(7), proc(5). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "ops/ops.h"
#include "os/thread.h"
#include "port/call.h"
#include "worker/request.h"

static void throw_error(eng_call_t *c, int rc, cay_error_t *err) {
    eng_throw(c, rc, "%s", err ? cay_error_message(err) : cay_error_text(rc));
    cay_error_free(err);
}

/* ---- query and revoke ---- */

typedef struct descriptor {
    cay_kind_t kind;
    char *value; /* NULL: all of the kind */
} descriptor_t;

/* Arguments i (name) and i + 1 (value or undefined). Paths are made absolute here. */
static int read_descriptor(eng_call_t *c, int i, descriptor_t *out, cay_error_t **err) {
    cay_agent_t *a = eng_call_host(c);
    eng_isolate_t *iso = eng_call_isolate(c);
    size_t len = 0;
    CAY_AUTOFREE char *name = eng_to_text(iso, eng_arg(c, i), NULL);
    CAY_AUTOFREE char *value = eng_to_text(iso, eng_arg(c, i + 1), &len);
    out->kind = 0;
    while (out->kind < CAY_KIND_COUNT && (!name || strcmp(name, cay_kind_name(out->kind)))) {
        out->kind++;
    }
    if (out->kind == CAY_KIND_COUNT) {
        return cay__error_set(err, CAY_EINVAL, "there is no permission \"%.100s\"",
                              name ? name : "");
    }
    if (!value) {
        return 0;
    }
    if (strlen(value) != len) {
        return cay__error_set(err, CAY_EINVAL, "%s: a value has a NUL character in it", name);
    }
    bool is_path = out->kind == CAY_KIND_READ || out->kind == CAY_KIND_WRITE;
    out->value = is_path ? cay__perm_path(value, len, a->group->directory) : cay_steal(&value);
    return out->value ? 0 : cay__error_set(err, CAY_ENOMEM, "out of memory for a permission");
}

static const char *member_of(cay_kind_t kind) {
    static const char *const names[] = {
        [CAY_KIND_READ] = "path",    [CAY_KIND_WRITE] = "path",  [CAY_KIND_NET] = "host",
        [CAY_KIND_ENV] = "variable", [CAY_KIND_IMPORT] = "host", [CAY_KIND_SYS] = "kind",
    };
    return kind < CAY_COUNT(names) ? names[kind] : NULL;
}

/* A malformed value is told as that of the descriptor's member: the guest wrote no entry "net=...". */
static void throw_about(eng_call_t *c, const char *what, const descriptor_t *d, int rc,
                        cay_error_t *err) {
    const char *text = err ? cay_error_message(err) : cay_error_text(rc);
    const char *member = member_of(d->kind);
    char entry[64];
    for (int deny = 0; rc == CAY_EINVAL && member && deny < 2; deny++) {
        int n = snprintf(entry, sizeof entry, "permission entry \"%s%s=", deny ? "deny-" : "",
                         cay_kind_name(d->kind));
        if (strncmp(text, entry, (size_t)n) == 0) {
            eng_throw(c, rc, "%s: %s \"%s", what, member, text + n);
            cay_error_free(err);
            return;
        }
    }
    throw_error(c, rc, err);
}

/* permQuery(name, value): 0 denied, 1 granted, 2 in part */
void cay__op_permQuery(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    cay_error_t *err = NULL;
    descriptor_t d = {0};
    cay_grant_t grant = CAY_GRANT_DENIED;
    int rc = read_descriptor(c, 0, &d, &err);
    rc = rc ? rc : cay__authority_query(a->authority, d.kind, d.value, &grant, &err);
    cay__free(d.value);
    if (rc) {
        throw_about(c, "cay.permissions.query", &d, rc, err);
    } else {
        eng_ret(c, eng_number(eng_call_isolate(c), grant));
    }
}

/* Whose: the caller's own for 0, a child's for its number; NULL when that child is gone. */
static cay_authority_t *authority_of(cay_agent_t *a, uint32_t rid) {
    if (rid == 0) {
        return a->authority;
    }
    cay_resource_t *r = cay__resource_get(a, rid);
    return r && r->kind == CAY_RESOURCE_CHILD ? cay__worker_authority(r->child) : NULL;
}

/* permRevoke(rid, name, value): what is left, as permQuery */
void cay__op_permRevoke(eng_call_t *c) {
    cay_authority_t *who = authority_of(eng_call_host(c), eng_to_u32(eng_arg(c, 0)));
    cay_error_t *err = NULL;
    descriptor_t d = {0};
    cay_grant_t grant = CAY_GRANT_DENIED;
    int rc = read_descriptor(c, 1, &d, &err);
    if (rc == 0 && who) {
        rc = cay__authority_revoke(who, d.kind, d.value, &err);
        rc = rc ? rc : cay__authority_query(who, d.kind, d.value, &grant, &err);
    }
    cay__free(d.value);
    if (rc) {
        throw_about(c, "cay.permissions.revoke", &d, rc, err);
    } else {
        eng_ret(c, eng_number(eng_call_isolate(c), grant));
    }
}

/* ---- the environment ---- */

static bool is_env_name(const char *name, size_t len) {
    return len > 0 && strlen(name) == len && !strchr(name, '=');
}

/* The value of a granted variable, NULL when it is not set. */
static const char *find_env(char *const *list, const char *name, size_t len) {
    for (size_t i = 0; list && list[i]; i++) {
        if (strncmp(list[i], name, len) == 0 && list[i][len] == '=') {
            return list[i] + len + 1;
        }
    }
    return NULL;
}

/* envGet(name): the value or null */
void cay__op_envGet(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    eng_isolate_t *iso = eng_call_isolate(c);
    size_t len = 0;
    CAY_AUTOFREE char *name = eng_to_text(iso, eng_arg(c, 0), &len);
    if (!name || !is_env_name(name, len)) {
        eng_throw(c, CAY_EINVAL, "\"%.100s\" is no name of a variable", name ? name : "");
        return;
    }
    cay_error_t *err = NULL;
    cay_ask_t ask = {.kind = CAY_KIND_ENV, .value = name, .len = len, .port = -1};
    int rc = cay__authority_check(a->authority, &ask, NULL, &err);
    if (rc) {
        throw_error(c, rc, err);
    } else {
        eng_ret(c, eng_text(iso, find_env(a->group->environ, name, len)));
    }
}

/* Name and value of a variable that is granted go into `out`. */
static size_t add_env(cay_agent_t *a, const char *entry, eng_val_t out[2]) {
    const char *sign = strchr(entry, '=');
    if (!sign || sign == entry) {
        return 0;
    }
    size_t len = (size_t)(sign - entry);
    cay_ask_t ask = {.kind = CAY_KIND_ENV, .value = entry, .len = len, .port = -1};
    if (!cay__authority_has(a->authority, &ask)) {
        return 0;
    }
    out[0] = eng_string(a->iso, entry, len);
    out[1] = eng_text(a->iso, sign + 1);
    return 2;
}

/* envAll(): [name, value, name, value, ...] of what is granted */
void cay__op_envAll(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    char *const *list = a->group->environ;
    size_t count = 0;
    while (list && list[count]) {
        count++;
    }
    eng_val_t *pairs = cay__malloc((2 * count + 1) * sizeof *pairs);
    if (!pairs) {
        eng_throw(c, CAY_ENOMEM, "out of memory for the environment");
        return;
    }
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        used += add_env(a, list[i], pairs + used);
    }
    eng_ret(c, eng_array(a->iso, pairs, used));
    cay__free(pairs);
}

/* ---- the machine ---- */

/* The value of the first "key: value" line of a file of /proc; cay__malloc'ed, NULL when there is none. */
static char *proc_value(const char *path, const char *key) {
    FILE *file = fopen(path, "re");
    char line[512];
    char *value = NULL;
    size_t n = strlen(key);
    while (file && !value && fgets(line, sizeof line, file)) {
        if (strncmp(line, key, n) == 0 && strchr("\t :", line[n])) {
            const char *at = line + n + strspn(line + n, "\t :");
            value = cay__strndup(at, strcspn(at, "\n"));
        }
    }
    if (file) {
        fclose(file);
    }
    return value;
}

static eng_val_t sys_hostname(eng_isolate_t *iso) {
    struct utsname u;
    return eng_text(iso, uname(&u) ? "" : u.nodename);
}

/* [name, release, version, machine] */
static eng_val_t sys_os(eng_isolate_t *iso) {
    struct utsname u;
    if (uname(&u)) {
        return eng_null(iso);
    }
    eng_val_t list[] = {eng_text(iso, u.sysname), eng_text(iso, u.release),
                        eng_text(iso, u.version), eng_text(iso, u.machine)};
    return eng_array(iso, list, CAY_COUNT(list));
}

/* [count, model] */
static eng_val_t sys_cpus(eng_isolate_t *iso) {
    CAY_AUTOFREE char *model = proc_value("/proc/cpuinfo", "model name");
    eng_val_t list[] = {eng_number(iso, cay__cpu_count()), eng_text(iso, model ? model : "")};
    return eng_array(iso, list, CAY_COUNT(list));
}

/* [total, free, available] in bytes */
static eng_val_t sys_memory(eng_isolate_t *iso) {
    struct sysinfo s = {0};
    (void)!sysinfo(&s); /* fails for a bad address alone */
    double unit = s.mem_unit;
    CAY_AUTOFREE char *kb = proc_value("/proc/meminfo", "MemAvailable");
    double available = kb ? strtod(kb, NULL) * 1024 : (double)s.freeram * unit;
    eng_val_t list[] = {eng_number(iso, (double)s.totalram * unit),
                        eng_number(iso, (double)s.freeram * unit), eng_number(iso, available)};
    return eng_array(iso, list, CAY_COUNT(list));
}

/* Over 1, 5 and 15 minutes */
static eng_val_t sys_load(eng_isolate_t *iso) {
    double load[3] = {0, 0, 0};
    (void)!getloadavg(load, 3);
    eng_val_t list[] = {eng_number(iso, load[0]), eng_number(iso, load[1]),
                        eng_number(iso, load[2])};
    return eng_array(iso, list, CAY_COUNT(list));
}

/* In seconds */
static eng_val_t sys_uptime(eng_isolate_t *iso) {
    struct sysinfo s = {0};
    (void)!sysinfo(&s);
    return eng_number(iso, (double)s.uptime);
}

static const struct {
    const char *name;
    eng_val_t (*get)(eng_isolate_t *iso);
} facts[] = {
    {"hostname", sys_hostname}, {"os", sys_os},     {"cpus", sys_cpus},
    {"memory", sys_memory},     {"load", sys_load}, {"uptime", sys_uptime},
};

/* sysInfo(kind) */
void cay__op_sysInfo(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    CAY_AUTOFREE char *name = eng_to_text(eng_call_isolate(c), eng_arg(c, 0), NULL);
    for (size_t i = 0; name && i < CAY_COUNT(facts); i++) {
        if (strcmp(name, facts[i].name)) {
            continue;
        }
        cay_error_t *err = NULL;
        cay_ask_t ask = {.kind = CAY_KIND_SYS, .value = name, .len = strlen(name), .port = -1};
        int rc = cay__authority_check(a->authority, &ask, NULL, &err);
        if (rc) {
            throw_error(c, rc, err);
        } else {
            eng_ret(c, facts[i].get(a->iso));
        }
        return;
    }
    eng_throw(c, CAY_EINVAL, "sysInfo: unknown");
}
