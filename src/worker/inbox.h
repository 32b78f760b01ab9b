/* SPDX-License-Identifier: MIT */
/* The slice's side of the inbox; the pushing side is cay__note_push. */
#ifndef CAY_WORKER_INBOX_H
#define CAY_WORKER_INBOX_H

#include "worker/agent.h"

/* Moves all pushed notes to the end of the slice's own list, oldest first. */
void cay__inbox_take(cay_agent_t *a);
/* The next note of that list, NULL at its end. */
cay_note_t *cay__inbox_shift(cay_agent_t *a);
/* Puts a note to the end of the slice's list: it is not done yet. Only while the slice holds a token, that
 * is from inside a note's run. */
void cay__inbox_again(cay_agent_t *a, cay_note_t *n);
/* Gives the activity tokens back when the list is empty. */
void cay__inbox_settle(cay_agent_t *a);

#endif
