/* SPDX-License-Identifier: MIT */
#include "grants.h"

#include <cay/value.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "out.h"

static int out_of_memory(void) {
    cay__cli_say("out of memory");
    return CAY_CLI_FAILED;
}

/* What the library says about an entry, after the option that brought it. */
static int refused(const char *option, int code, cay_error_t *err) {
    cay_cli_text_t t = {0};
    cay__cli_putf(&t, "cay: %s: ", option);
    cay__cli_puts_shown(&t, err ? cay_error_message(err) : cay_error_text(code));
    cay__cli_puts(&t, "\n");
    cay__cli_out_error(&t);
    cay_error_free(err);
    return code == CAY_ENOMEM ? CAY_CLI_FAILED : CAY_CLI_USAGE;
}

int cay__cli_grants_add_text(cay_cli_grants_t *g, const char *option, const char *text) {
    cay_permissions_t *set = NULL;
    cay_error_t *err = NULL;
    int rc = cay_permissions_parse(text, &set, &err);
    if (rc) {
        return refused(option, rc, err);
    }
    /* As the library writes it, so that texts which parse alone parse when joined. */
    char *printed = NULL;
    rc = cay_permissions_print(set, &printed);
    cay_permissions_free(set);
    if (rc) {
        return refused(option, rc, NULL);
    }
    cay__cli_puts(&g->text, g->text.len && printed[0] ? ";" : "");
    cay__cli_puts(&g->text, printed);
    cay_free(printed);
    return g->text.failed ? out_of_memory() : CAY_CLI_OK;
}

/* ---- values ---- */

/* The three characters that the text form gives a meaning; the shell's user wrote a directory without. */
static void put_escaped(cay_cli_text_t *t, const char *s) {
    for (; *s; s++) {
        if (*s == '%' || *s == ',' || *s == ';') {
            cay__cli_putf(t, "%%%02X", (unsigned)*s);
        } else {
            cay__cli_put(t, s, 1);
        }
    }
}

static int put_directory(cay_cli_grants_t *g, cay_cli_text_t *t) {
    if (!g->directory) {
        g->directory = getcwd(NULL, 0);
    }
    if (!g->directory) {
        cay__cli_say("cannot tell the working directory: %s", strerror(errno));
        return CAY_CLI_FAILED;
    }
    put_escaped(t, strcmp(g->directory, "/") == 0 ? "" : g->directory);
    cay__cli_puts(t, "/");
    return CAY_CLI_OK;
}

/* "file:..." and "~/..." would be names below the working directory, which nobody means. */
static bool is_misread(const char *value) {
    return strncmp(value, "file:", 5) == 0 || strncmp(value, "~/", 2) == 0 ||
           (value[0] == '~' && (value[1] == 0 || value[1] == ','));
}

static int refuse_misread(const char *option, const char *value) {
    cay_cli_text_t t = {0};
    cay__cli_putf(&t, "cay: %s: \"", option);
    cay__cli_put_shown(&t, value, strcspn(value, ","), 0, 0);
    cay__cli_puts(&t,
                  "\" is no path: file: URLs and ~ are not understood; write the absolute path\n");
    cay__cli_out_error(&t);
    return CAY_CLI_USAGE;
}

/* One value after another. An empty one stays empty, for the library to refuse: a comma too much must not
 * grant the working directory. */
static int put_values(cay_cli_grants_t *g, cay_cli_text_t *t, const char *option, bool is_path,
                      const char *values) {
    for (bool at_start = true; *values; values++) {
        if (at_start && is_path && is_misread(values)) {
            return refuse_misread(option, values);
        }
        if (at_start && is_path && *values != '/' && *values != ',') {
            int rc = put_directory(g, t);
            if (rc) {
                return rc;
            }
        }
        at_start = *values == ',';
        if (*values == ';') {
            cay__cli_puts(t, "%3B");
        } else {
            cay__cli_put(t, values, 1);
        }
    }
    return CAY_CLI_OK;
}

int cay__cli_grants_add(cay_cli_grants_t *g, const char *option, cay_kind_t kind, bool is_denial,
                        const char *values) {
    cay_cli_text_t t = {0};
    cay__cli_putf(&t, "%s%s", is_denial ? "deny-" : "", cay_kind_name(kind));
    int rc = CAY_CLI_OK;
    if (values) {
        cay__cli_puts(&t, "=");
        rc = put_values(g, &t, option, kind == CAY_KIND_READ || kind == CAY_KIND_WRITE, values);
    }
    cay__cli_put(&t, "", 1);
    if (rc == CAY_CLI_OK) {
        rc = t.failed ? out_of_memory() : cay__cli_grants_add_text(g, option, t.ptr);
    }
    cay__cli_text_free(&t);
    return rc;
}

int cay__cli_grants_set(const cay_cli_grants_t *g, CAY_OWN cay_permissions_t **out) {
    cay_cli_text_t t = {0};
    cay__cli_put(&t, g->text.ptr, g->text.len);
    cay__cli_put(&t, "", 1);
    if (t.failed) {
        cay__cli_text_free(&t);
        return out_of_memory();
    }
    cay_error_t *err = NULL;
    int rc = cay_permissions_parse(t.ptr, out, &err);
    cay__cli_text_free(&t);
    return rc ? refused("permissions", rc, err) : CAY_CLI_OK;
}

void cay__cli_grants_free(cay_cli_grants_t *g) {
    cay__cli_text_free(&g->text);
    free(g->directory);
    g->directory = NULL;
}
