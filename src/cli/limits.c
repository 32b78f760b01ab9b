/* SPDX-License-Identifier: MIT */
#include "limits.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "out.h"

#define MAX_PREFIX "max-"

/* What the library's errors of one limit begin with, and the name of the limit after it. */
#define LIMIT_ERROR "limit "

void cay__cli_limits_init(cay_cli_limits_t *l) {
    *l = (cay_cli_limits_t){.given = CAY_LIMITS_INIT, .held = CAY_LIMITS_INIT};
    /* What a person reads or pipes on has no bound of its own; where it must have one, it is asked for. */
    l->given.output = CAY_UNLIMITED;
}

/* The library's name of what an option sets. */
static const char *name_of(uint32_t which) {
    switch (which) {
    case CAY_CLI_LIMIT_SOFT: return "soft";
    case CAY_CLI_LIMIT_GRACE: return "grace";
    default: return cay_limit_name(which);
    }
}

static void option_of(uint32_t which, char *out, size_t size) {
    const char *before = which < CAY_LIMIT_COUNT ? MAX_PREFIX : "";
    const char *after = which == CAY_CLI_LIMIT_SOFT ? "-limit" : "";
    snprintf(out, size, "%s%s%s", before, name_of(which), after);
}

bool cay__cli_is_limit(cay_reason_t reason) {
    switch (reason) {
    case CAY_REASON_MEMORY:
    case CAY_REASON_HEAP:
    case CAY_REASON_CPU:
    case CAY_REASON_TURN_CPU:
    case CAY_REASON_WALL:
    case CAY_REASON_IDLE:
    case CAY_REASON_STARTUP: return true;
    default: return false;
    }
}

void cay__cli_put_limit_option(cay_cli_text_t *t, uint32_t which) {
    char option[32];
    option_of(which, option, sizeof option);
    cay__cli_putf(t, "--%s", option);
}

void cay__cli_put_limit_value(cay_cli_text_t *t, cay_limit_t which, uint64_t value) {
    char text[64];
    cay_limit_format(which, value, text, sizeof text);
    cay__cli_puts(t, text);
}

/* ---- what the library refuses ---- */

/* Which limit `text` begins with; CAY_LIMIT_NONE. `end` is what follows the name. */
static uint32_t named_at(const char *text, const char *end) {
    for (uint32_t i = 0; i < CAY_CLI_LIMIT_OPTIONS; i++) {
        size_t n = strlen(name_of(i));
        if (strncmp(text, name_of(i), n) == 0 && strncmp(text + n, end, strlen(end)) == 0) {
            return i;
        }
    }
    return CAY_LIMIT_NONE;
}

/* The limit that an error of `which` holds against it: "... is above the memory limit". */
static uint32_t other_of(const char *message, uint32_t which) {
    for (const char *at = message; (at = strchr(at, ' ')); at++) {
        uint32_t other = named_at(at + 1, " limit");
        if (other != CAY_LIMIT_NONE && other != which) {
            return other;
        }
    }
    return CAY_LIMIT_NONE;
}

/* A contradiction has two sides, and one may be a default that nobody typed. */
static void put_other(cay_cli_text_t *t, const cay_cli_limits_t *l, uint32_t other) {
    cay_limits_t usual = CAY_LIMITS_INIT;
    cay__cli_puts(t, " (");
    cay__cli_put_limit_option(t, other);
    if (l->typed[other]) {
        cay__cli_puts(t, "=");
        cay__cli_puts_shown(t, l->typed[other]);
    } else if (cay_limits_resolve(NULL, &usual, NULL) == 0) {
        cay__cli_puts(t, " is ");
        cay__cli_put_limit_value(t, other, cay_limits_get(&usual, other));
        cay__cli_puts(t, " by default");
    }
    cay__cli_puts(t, ")");
}

/* `l`: to look for the other side of a contradiction in; NULL when the value itself is what is wrong, and may
 * say anything. */
static int refuse(const cay_cli_limits_t *l, int code, cay_error_t *err) {
    const char *message = err ? cay_error_message(err) : cay_error_text(code);
    size_t n = strlen(LIMIT_ERROR);
    uint32_t which = strncmp(message, LIMIT_ERROR, n) == 0 ? named_at(message + n, ": ")
                                                           : (uint32_t)CAY_LIMIT_NONE;
    cay_cli_text_t t = {0};
    cay__cli_puts(&t, "cay: ");
    if (which != CAY_LIMIT_NONE) {
        message += n + strlen(name_of(which));
        cay__cli_put_limit_option(&t, which);
    }
    cay__cli_puts_shown(&t, message);
    uint32_t other = l ? other_of(message, which) : (uint32_t)CAY_LIMIT_NONE;
    if (other != CAY_LIMIT_NONE) {
        put_other(&t, l, other);
    }
    cay__cli_puts(&t, "\n");
    cay__cli_out_error(&t);
    cay_error_free(err);
    return code == CAY_ENOMEM ? CAY_CLI_FAILED : CAY_CLI_USAGE;
}

int cay__cli_limits_set(cay_cli_limits_t *l, uint32_t which, const char *value) {
    cay_error_t *err = NULL;
    int rc = cay_limits_set(&l->given, name_of(which), value, &err);
    if (rc) {
        return refuse(NULL, rc, err);
    }
    l->typed[which] = value;
    return CAY_CLI_OK;
}

int cay__cli_limits_check(cay_cli_limits_t *l) {
    cay_error_t *err = NULL;
    int rc = cay_limits_resolve(&l->given, &l->held, &err);
    return rc ? refuse(l, rc, err) : CAY_CLI_OK;
}

/* ---- hints ---- */

/* The limit whose name begins with what was typed; CAY_LIMIT_NONE when none does, or several do. */
static uint32_t begun_with(const char *name, size_t len) {
    uint32_t found = CAY_LIMIT_NONE;
    for (uint32_t i = 0; i < CAY_LIMIT_COUNT; i++) {
        if (len && strncmp(name_of(i), name, len) == 0) {
            if (!name_of(i)[len] || found == CAY_LIMIT_NONE) {
                found = i;
            } else if (name_of(found)[len]) {
                return CAY_LIMIT_NONE;
            }
        }
    }
    return found;
}

static void put_names(cay_cli_text_t *t) {
    cay__cli_puts(t, ": there are --max-");
    for (uint32_t i = 0; i < CAY_LIMIT_COUNT; i++) {
        cay__cli_putf(t, "%s%s", i ? ", " : "", name_of(i));
    }
}

void cay__cli_put_limit_hint(cay_cli_text_t *t, const char *name, size_t len) {
    size_t n = strlen(MAX_PREFIX);
    bool is_max = len >= n && strncmp(name, MAX_PREFIX, n) == 0;
    uint32_t which = is_max ? begun_with(name + n, len - n) : begun_with(name, len);
    /* Without "max-" only a whole name is sure to mean a limit. */
    if (which != CAY_LIMIT_NONE && (is_max || !name_of(which)[len])) {
        cay__cli_puts(t, ": did you mean ");
        cay__cli_put_limit_option(t, which);
        cay__cli_puts(t, "?");
    } else if (is_max) {
        put_names(t);
    }
}

/* ---- JSON ---- */

/* "turn-cpu" is turnCpu. */
static void put_member(cay_cli_text_t *t, const char *name) {
    cay__cli_puts(t, "\"");
    for (bool is_joint = false; *name; name++) {
        if (*name != '-') {
            cay__cli_putf(t, "%c", is_joint ? toupper((unsigned char)*name) : *name);
        }
        is_joint = *name == '-';
    }
    cay__cli_puts(t, "\":");
}

void cay__cli_put_limits_json(cay_cli_text_t *t, const cay_limits_t *limits) {
    for (uint32_t i = 0; i < CAY_LIMIT_COUNT; i++) {
        uint64_t v = cay_limits_get(limits, i);
        cay__cli_puts(t, i ? "," : "{");
        put_member(t, name_of(i));
        if (v == CAY_UNLIMITED) {
            cay__cli_puts(t, "null");
        } else {
            cay__cli_putf(t, "%" PRIu64, i == CAY_LIMIT_WORKERS && v == CAY_NO_WORKERS ? 0 : v);
        }
    }
    cay__cli_puts(t, "}");
}
