/* SPDX-License-Identifier: MIT */
/* The text form of a set: kind names, escapes, reading, printing. */
#include "perm/set.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

static const char *const kind_names[CAY_KIND_COUNT] = {
    "read", "write", "net", "env", "import", "sys", "eval", "wasm", "shared-memory", "fine-clock"};

const char *cay_kind_name(cay_kind_t kind) {
    return kind < CAY_KIND_COUNT ? kind_names[kind] : NULL;
}

cay_kind_t cay__kind_of(const char *name, size_t len) {
    cay_kind_t kind = 0;
    while (kind < CAY_KIND_COUNT &&
           (strlen(kind_names[kind]) != len || memcmp(kind_names[kind], name, len) != 0)) {
        kind++;
    }
    return kind;
}

static const char *escape_of(char c) {
    switch (c) {
    case '%': return "%25";
    case ',': return "%2C";
    case ';': return "%3B";
    default: return NULL;
    }
}

void cay__text_escape(cay_buf_t *out, const char *s, size_t len) {
    size_t start = 0;
    for (size_t i = 0; i < len; i++) {
        const char *escape = escape_of(s[i]);
        if (escape) {
            cay__buf_put(out, s + start, i - start);
            cay__buf_str(out, escape);
            start = i + 1;
        }
    }
    cay__buf_put(out, s + start, len - start);
}

size_t cay__text_escaped_len(const char *s, size_t len) {
    size_t n = len;
    for (size_t i = 0; i < len; i++) {
        n += escape_of(s[i]) ? 2 : 0;
    }
    return n;
}

/* An item as it stands in the text. */
typedef struct item {
    const char *text;
    size_t len;
    const char *eq; /* NULL: no values */
    cay_kind_t kind;
    bool deny;
} item_t;

static int item_error(cay_error_t **err, const item_t *item, int code, const char *why) {
    cay_buf_t shown = CAY_BUF_INIT;
    if (!err) {
        return code;
    }
    cay__show(&shown, item->text, item->len, true);
    char *text = cay__buf_take_str(&shown);
    cay__error_set(err, code, "permission entry \"%s\": %s", text ? text : "", why);
    cay__free(text);
    return code;
}

/* The byte that the escape at s stands for; NUL when it is none of the three. */
static char escaped_byte(const char *s, size_t left) {
    if (left < 3) {
        return '\0';
    }
    if (s[1] == '2') {
        return s[2] == '5' ? '%' : s[2] == 'C' || s[2] == 'c' ? ',' : '\0';
    }
    return s[1] == '3' && (s[2] == 'B' || s[2] == 'b') ? ';' : '\0';
}

/* The three escapes and no other: a '%' that was meant as itself must not become another value in silence. */
static bool unescape(const char *s, size_t len, cay_buf_t *out) {
    for (size_t i = 0; i < len; i++) {
        char c = s[i];
        if (c == '%') {
            c = escaped_byte(s + i, len - i);
            if (!c) {
                return false;
            }
            i += 2;
        }
        cay__buf_u8(out, (uint8_t)c);
    }
    return true;
}

static int add_rule(cay_permissions_t *set, const item_t *item, const char *value, size_t len,
                    cay_error_t **err) {
    cay_rule_t rule;
    int rc = cay__rule_parse(item->kind, item->deny, value, len, &rule, err);
    if (rc) {
        return rc;
    }
    rc = cay__set_add(set, &rule);
    cay__rule_clear(&rule);
    return rc == CAY_ELIMIT ? item_error(err, item, rc, "too many rules, or too long in all") : rc;
}

static int add_escaped(cay_permissions_t *set, const item_t *item, const char *value, size_t len,
                       cay_error_t **err) {
    cay_buf_t plain = CAY_BUF_INIT;
    if (len == 0) {
        return item_error(err, item, CAY_EINVAL, "a value is empty");
    }
    if (!unescape(value, len, &plain)) {
        cay__buf_free(&plain);
        return item_error(err, item, CAY_EINVAL,
                          "in a value '%' is written %25, ',' %2C and ';' %3B");
    }
    int rc =
        plain.failed ? CAY_ENOMEM : add_rule(set, item, (const char *)plain.data, plain.len, err);
    cay__buf_free(&plain);
    return rc;
}

static int add_values(cay_permissions_t *set, const item_t *item, cay_error_t **err) {
    const char *at = item->eq + 1, *end = item->text + item->len;
    for (;;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;
        int rc = add_escaped(set, item, at, (size_t)(stop - at), err);
        if (rc || !comma) {
            return rc;
        }
        at = comma + 1;
    }
}

static int add_all(cay_permissions_t *set, item_t *item, cay_error_t **err) {
    if (item->eq) {
        return item_error(err, item, CAY_EINVAL, "\"all\" has no values");
    }
    int rc = 0;
    for (item->kind = 0; rc == 0 && item->kind < CAY_KIND_COUNT; item->kind++) {
        rc = add_rule(set, item, NULL, 0, err);
        if (cay__kind_is_net(item->kind)) { /* the special addresses are named, by all ranges */
            rc = rc ? rc : add_rule(set, item, "0.0.0.0/0", 9, err);
            rc = rc ? rc : add_rule(set, item, "::/0", 4, err);
        }
    }
    return rc;
}

static int add_item(cay_permissions_t *set, const char *text, size_t len, cay_error_t **err) {
    static const char deny[] = "deny-";
    enum { DENY_LEN = sizeof deny - 1 };
    item_t item = {.text = text, .len = len, .eq = memchr(text, '=', len)};
    const char *name = text;
    size_t name_len = item.eq ? (size_t)(item.eq - text) : len;
    if (len == 0) {
        return item_error(err, &item, CAY_EINVAL, "an empty entry");
    }
    if (name_len == 3 && memcmp(name, "all", 3) == 0) {
        return add_all(set, &item, err);
    }
    if (name_len > DENY_LEN && memcmp(name, deny, DENY_LEN) == 0) {
        item.deny = true;
        name += DENY_LEN;
        name_len -= DENY_LEN;
    }
    item.kind = cay__kind_of(name, name_len);
    if (item.kind == CAY_KIND_COUNT) {
        return item_error(err, &item, CAY_EINVAL, "there is no such kind of permission");
    }
    if (item.eq && cay__kind_is_switch(item.kind)) {
        return item_error(err, &item, CAY_EINVAL, "a switch has no values");
    }
    return item.eq ? add_values(set, &item, err) : add_rule(set, &item, NULL, 0, err);
}

static int add_items(cay_permissions_t *set, const char *text, size_t len, cay_error_t **err) {
    const char *at = text, *end = text + len;
    for (;;) {
        const char *semicolon = memchr(at, ';', (size_t)(end - at));
        const char *stop = semicolon ? semicolon : end;
        int rc = add_item(set, at, (size_t)(stop - at), err);
        if (rc || !semicolon) {
            return rc;
        }
        at = semicolon + 1;
    }
}

int cay_permissions_parse(const char *text, CAY_OWN cay_permissions_t **out,
                          CAY_OWN cay_error_t **err) {
    cay_permissions_t *set;
    size_t len = text ? strnlen(text, (size_t)CAY_TEXT_MAX + 1) : 0;
    *out = NULL;
    if (len > CAY_TEXT_MAX) {
        return cay__error_set(err, CAY_ELIMIT, "permissions: a text of more than %d bytes",
                              CAY_TEXT_MAX);
    }
    int rc = cay_permissions_new(&set);
    if (rc == 0 && len) {
        rc = add_items(set, text, len, err);
    }
    if (rc) {
        cay_permissions_free(set);
        return rc;
    }
    *out = set;
    return 0;
}

/* "KIND" for a rule of the whole kind, then "KIND=VALUE,VALUE" for the others. */
static void print_rules(const cay_rules_t *rules, cay_buf_t *out) {
    bool values = false;
    for (uint32_t i = 0; i < rules->n; i++) {
        if (rules->v[i].form == CAY_RULE_ALL) {
            cay__buf_str(out, out->len ? ";" : "");
            cay__rule_print(&rules->v[i], out);
        }
    }
    for (uint32_t i = 0; i < rules->n; i++) {
        cay_buf_t value = CAY_BUF_INIT;
        if (rules->v[i].form == CAY_RULE_ALL) {
            continue;
        }
        if (!values) {
            cay__buf_str(out, out->len ? ";" : "");
            cay__rule_print(&rules->v[i], out);
            values = true;
            continue;
        }
        cay__rule_value(&rules->v[i], &value);
        cay__buf_u8(out, ',');
        cay__text_escape(out, (const char *)value.data, value.len);
        out->failed |= value.failed;
        cay__buf_free(&value);
    }
}

int cay_permissions_print(const cay_permissions_t *set, CAY_OWN char **out) {
    cay_buf_t text = CAY_BUF_INIT;
    set = set ? set : &cay__set_none;
    for (cay_kind_t kind = 0; kind < CAY_KIND_COUNT; kind++) {
        print_rules(&set->allow[kind], &text);
        print_rules(&set->deny[kind], &text);
    }
    *out = cay__buf_take_str(&text);
    return *out ? 0 : CAY_ENOMEM;
}
