/* SPDX-License-Identifier: MIT */
/* Ending early: SIGINT, SIGTERM and SIGHUP, and an output that nobody reads any more.
 *
 * A thread of its own waits for the signals, so that neither a script that does not obey nor a write that
 * does not return keeps the command alive: the first request terminates the worker, and after a grace
 * period, or at the second signal, the process ends at once. */
#ifndef CAY_CLI_STOP_H
#define CAY_CLI_STOP_H

#include <cay/worker.h>

/** Blocks the signals and starts the thread. 0 or an errno. *Thread*: main, before any other thread is. */
int cay__cli_stop_start(void);
/** Asks for the end with an exit code, as a signal does. The first code counts. *Thread*: any. */
void cay__cli_stop_request(int exit_code);
/** The exit code asked for, -1 when nobody did. *Thread*: any. */
int cay__cli_stop_code(void);
/** The worker to terminate; at once when the end was asked for already. NULL before the handle is given
 *  up. *Thread*: main. */
void cay__cli_stop_worker(cay_worker_t *worker);

#endif
