/* SPDX-License-Identifier: MIT */
/* Modules of one worker: from a specifier to source text to a linked, evaluated graph.
 *
 * An entry is one module (URL and type) in the worker's module map. A job is one graph that somebody waits
 * for: the main module's, or one import()'s. Loading never blocks on the host: an entry asked of the host's
 * callback stays LOADING until the answer arrives as a note.
 *
 *     entry:  WAITING ──► LOADING ──► READY
 *                            └──────► FAILED (with its error, kept: the same import fails the same way)
 *
 * Whose authority: the static graph of a root's main module is loaded with its creator's, from anywhere;
 * all else (import(), workers of workers) may read files below the group's module root only. */
#ifndef CAY_LOADER_LOADER_H
#define CAY_LOADER_LOADER_H

#include "worker/agent.h"

/* The part of the agent's hooks that the loader is. */
extern const cay_agent_hooks_t cay__loader_hooks;

#endif
