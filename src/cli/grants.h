/* SPDX-License-Identifier: MIT */
/* The permission options, gathered as one text in the library's form. */
#ifndef CAY_CLI_GRANTS_H
#define CAY_CLI_GRANTS_H

#include <cay/permissions.h>

#include "text.h"

/** All zero grants nothing. */
typedef struct cay_cli_grants {
    cay_cli_text_t text;
    char *directory; /* the working directory, once a relative path was met */
} cay_cli_grants_t;

/** Adds what one option grants or denies: `values` as in the library's text form, but that a ';' stands for
 *  itself and that paths may be relative to the working directory; NULL is all of the kind. `option` is
 *  named in the one line on standard error. 0 or an exit code, as all below. */
int cay__cli_grants_add(cay_cli_grants_t *g, const char *option, cay_kind_t kind, bool is_denial,
                        const char *values);
/** Adds a text in the library's form. */
int cay__cli_grants_add_text(cay_cli_grants_t *g, const char *option, const char *text);
/** The set of all that was added. */
int cay__cli_grants_set(const cay_cli_grants_t *g, CAY_OWN cay_permissions_t **out);
void cay__cli_grants_free(cay_cli_grants_t *g);

#endif
