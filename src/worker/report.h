/* SPDX-License-Identifier: MIT */
/* An error as the engine has it (owned texts) and as events have it (borrowed texts). */
#ifndef CAY_WORKER_REPORT_H
#define CAY_WORKER_REPORT_H

#include "cay/event.h"
#include "engine/engine.h"

cay_error_info_t cay__fault_info(const eng_fault_t *f);
void cay__fault_copy(eng_fault_t *to, const cay_error_info_t *from);

#endif
