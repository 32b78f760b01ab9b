/* SPDX-License-Identifier: MIT */
/* --audit: each permission decision as a line of JSON. */
#ifndef CAY_CLI_AUDIT_H
#define CAY_CLI_AUDIT_H

#include <cay/permissions.h>

/** Opens the file to append to; "-" is standard error. 0, or an exit code after one line there. */
int cay__cli_audit_open(const char *path);
/** For cay_worker_options_t.on_audit. A line that cannot be written ends the script: it would go on
 *  unwatched. *Thread*: any. */
void cay__cli_audit_write(const cay_audit_t *record, void *user);

#endif
