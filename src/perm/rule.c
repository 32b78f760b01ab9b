/* SPDX-License-Identifier: MIT */
/* One rule: reading its value, comparing, printing. What hosts look like is in pattern.c. */
#include "perm/set.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

int cay__rule_error(cay_error_t **err, cay_kind_t kind, bool deny, const char *value, size_t len,
                    const char *fmt, ...) {
    char why[512];
    cay_buf_t entry = CAY_BUF_INIT;
    va_list args;
    if (!err) {
        return CAY_EINVAL;
    }
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    if (value) {
        cay__buf_u8(&entry, '=');
        cay__show(&entry, value, len, true);
    }
    const char *shown = cay__buf_take_str(&entry);
    const char *name = cay_kind_name(kind);
    cay__error_set(err, CAY_EINVAL, "permission entry \"%s%s%s\": %s", deny ? "deny-" : "",
                   name ? name : "?", shown ? shown : "", why);
    cay__free((void *)(uintptr_t)shown);
    return CAY_EINVAL;
}

int cay__rule_keep_text(cay_rule_t *r, cay_rule_form_t form, CAY_OWN char *text) {
    r->form = (uint8_t)form;
    r->text = text;
    if (!text) {
        return CAY_ENOMEM;
    }
    r->len = (uint32_t)strlen(text);
    if (r->len >= sizeof r->key) {
        bool host = form == CAY_RULE_HOST || form == CAY_RULE_SUFFIX;
        r->key_at = host ? 0 : r->len - (uint32_t)sizeof r->key;
        memcpy(&r->key, text + r->key_at, sizeof r->key);
    }
    return 0;
}

static int parse_path(cay_rule_t *r, const char *value, size_t len, cay_error_t **err) {
    if (value[0] != '/') {
        return cay__rule_error(err, r->kind, r->deny, value, len, "the path is not absolute");
    }
    int rc = cay__rule_keep_text(r, CAY_RULE_PATH, cay__perm_path(value, len, "/"));
    r->kernel = rc == 0 && cay__path_is_kernel(r->text, r->len);
    return rc;
}

static int parse_env(cay_rule_t *r, const char *value, size_t len, cay_error_t **err) {
    const char *star = memchr(value, '*', len);
    if (star && star != value + len - 1) {
        return cay__rule_error(err, r->kind, r->deny, value, len,
                               "'*' may only stand at the end of a name");
    }
    if (memchr(value, '=', len)) {
        return cay__rule_error(err, r->kind, r->deny, value, len,
                               "no variable has a '=' in its name");
    }
    if (star && len == 1) {
        r->form = CAY_RULE_ALL;
        return 0;
    }
    return cay__rule_keep_text(r, star ? CAY_RULE_PREFIX : CAY_RULE_NAME,
                               cay__strndup(value, len - (star != NULL)));
}

static int parse_sys(cay_rule_t *r, const char *value, size_t len, cay_error_t **err) {
    static const char *const names[] = {"hostname", "os", "cpus", "memory", "load", "uptime"};
    for (size_t i = 0; i < CAY_COUNT(names); i++) {
        if (strlen(names[i]) == len && memcmp(names[i], value, len) == 0) {
            return cay__rule_keep_text(r, CAY_RULE_NAME, cay__strndup(value, len));
        }
    }
    return cay__rule_error(err, r->kind, r->deny, value, len,
                           "no such fact: hostname, os, cpus, memory, load and uptime are");
}

/* What holds for values of every kind. */
static int check_value(const cay_rule_t *r, const char *value, size_t len, cay_error_t **err) {
    if (cay__kind_is_switch(r->kind)) {
        return cay__rule_error(err, r->kind, r->deny, value, len, "a switch has no values");
    }
    if (len == 0) {
        return cay__rule_error(err, r->kind, r->deny, value, len, "the value is empty");
    }
    if (memchr(value, 0, len)) {
        return cay__rule_error(err, r->kind, r->deny, value, len, "a NUL in the value");
    }
    if (len > CAY_VALUE_MAX) {
        return cay__rule_error(err, r->kind, r->deny, value, len,
                               "the value is longer than %d bytes", CAY_VALUE_MAX);
    }
    return 0;
}

static int parse_value(cay_rule_t *r, const char *value, size_t len, cay_error_t **err) {
    int rc = check_value(r, value, len, err);
    if (rc) {
        return rc;
    }
    if (cay__kind_is_path(r->kind)) {
        return parse_path(r, value, len, err);
    }
    if (cay__kind_is_net(r->kind)) {
        return cay__pattern_parse(r, value, len, err);
    }
    return r->kind == CAY_KIND_ENV ? parse_env(r, value, len, err) : parse_sys(r, value, len, err);
}

int cay__rule_parse(cay_kind_t kind, bool deny, const char *value, size_t len, cay_rule_t *out,
                    cay_error_t **err) {
    *out = (cay_rule_t){.deny = deny};
    if (kind >= CAY_KIND_COUNT) {
        return cay__error_set(err, CAY_EINVAL, "no permission has the number %u", kind);
    }
    out->kind = (uint8_t)kind;
    if (deny && cay__kind_is_switch(kind)) {
        return cay__rule_error(err, kind, deny, value, len,
                               "a switch is off until it is granted: there is nothing to deny");
    }
    if (!value && cay__kind_is_net(kind) && !deny) {
        out->form = CAY_RULE_STAR; /* what is special needs to be named, here too */
    }
    int rc = value ? parse_value(out, value, len, err) : 0;
    if (rc) {
        cay__rule_clear(out);
    }
    return rc;
}

int cay__rule_copy(const cay_rule_t *from, cay_rule_t *out) {
    *out = *from;
    out->text = from->text ? cay__memdup(from->text, (size_t)from->len + 1) : NULL;
    out->real = from->real ? cay__memdup(from->real, (size_t)from->real_len + 1) : NULL;
    if (!out->text != !from->text || !out->real != !from->real) {
        cay__rule_clear(out);
        return CAY_ENOMEM;
    }
    return 0;
}

void cay__rule_clear(cay_rule_t *r) {
    cay__free(r->text);
    cay__free(r->real);
    *r = (cay_rule_t){0};
}

void cay__rule_set_real(cay_rule_t *r, CAY_OWN char *real) {
    cay__free(r->real);
    if (real && r->text && strcmp(real, r->text) == 0) {
        cay__free(real);
        real = NULL;
    }
    r->real = real;
    r->real_len = real ? (uint32_t)strlen(real) : 0;
    r->misled = real && !r->kernel && cay__path_is_kernel(real, r->real_len);
}

bool cay__rule_same(const cay_rule_t *a, const cay_rule_t *b) {
    if (a->form != b->form || a->len != b->len || a->port != b->port || a->bits != b->bits ||
        a->kind != b->kind || a->deny != b->deny || a->key != b->key ||
        a->real_len != b->real_len) {
        return false;
    }
    if (a->form == CAY_RULE_ADDR) {
        return a->addr.family == b->addr.family &&
               memcmp(a->addr.bytes, b->addr.bytes, sizeof a->addr.bytes) == 0;
    }
    return (!a->text || memcmp(a->text, b->text, a->len) == 0) &&
           (!a->real || memcmp(a->real, b->real, a->real_len) == 0);
}

static void print_range(const cay_rule_t *r, cay_buf_t *out) {
    char text[64];
    bool whole = r->bits == (r->addr.family == 4 ? 32 : 128);
    bool brackets = r->port && r->addr.family == 6;
    cay__addr_print(&r->addr, text);
    cay__buf_printf(out, "%s%s", brackets ? "[" : "", text);
    if (!whole) {
        cay__buf_printf(out, "/%u", r->bits);
    }
    cay__buf_str(out, brackets ? "]" : "");
}

void cay__rule_value(const cay_rule_t *r, cay_buf_t *out) {
    switch ((cay_rule_form_t)r->form) {
    case CAY_RULE_ALL: return;
    case CAY_RULE_ADDR: print_range(r, out); break;
    case CAY_RULE_STAR: cay__buf_u8(out, '*'); break;
    case CAY_RULE_SUFFIX:
        cay__buf_u8(out, '*');
        cay__buf_put(out, r->text, r->len);
        break;
    case CAY_RULE_PREFIX:
        cay__buf_put(out, r->text, r->len);
        cay__buf_u8(out, '*');
        break;
    case CAY_RULE_PATH:
    case CAY_RULE_HOST:
    case CAY_RULE_NAME: cay__buf_put(out, r->text, r->len); break;
    }
    if (r->port) {
        cay__buf_printf(out, ":%u", r->port);
    }
}

void cay__rule_print(const cay_rule_t *rule, cay_buf_t *out) {
    cay_buf_t value = CAY_BUF_INIT;
    cay__buf_printf(out, "%s%s", rule->deny ? "deny-" : "", cay_kind_name(rule->kind));
    if (rule->form != CAY_RULE_ALL) {
        cay__rule_value(rule, &value);
        cay__buf_u8(out, '=');
        cay__text_escape(out, (const char *)value.data, value.len);
        out->failed |= value.failed;
        cay__buf_free(&value);
    }
}

const char *cay__rule_path(const cay_rule_t *rule) {
    return rule->text;
}

const char *cay__rule_real(const cay_rule_t *rule) {
    return rule->real ? rule->real : rule->text;
}
