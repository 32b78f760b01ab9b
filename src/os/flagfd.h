/* SPDX-License-Identifier: MIT */
/* A descriptor that polls readable while it is raised: what a host's event loop waits on. Nothing is to be
 * read from it. */
#ifndef CAY_OS_FLAGFD_H
#define CAY_OS_FLAGFD_H

#include "base/attrs.h"

/* A lowered flag's descriptor (close-on-exec), or CAY_ELIMIT (no descriptor left), CAY_ENOMEM. */
CAY_NODISCARD int cay__flagfd_open(void);
void cay__flagfd_raise(int fd);
void cay__flagfd_lower(int fd);
/* Negative is fine. */
void cay__flagfd_close(int fd);

#endif
