/* SPDX-License-Identifier: MIT */
/* Modules of one worker: from a specifier to source text to a linked, evaluated graph.
 *
 * An entry is one module (URL and type) in the worker's module map. A job is one graph that somebody waits
 * for: the main module's, or one import()'s. Loading never blocks on the host or the network: an entry asked of
 * either stays LOADING until the answer arrives as a note.
 *
 *     entry:  WAITING ──► LOADING ──► READY
 *                            └──────► FAILED (with its error, kept: the same import fails the same way)
 *
 * Whose authority. The main module of a root is loaded with its creator's: that one URL, and no other host that it
 * redirects to. The main module of a nested worker is loaded with its parent's, everything else with the worker's
 * own. Files below the group's module root may be imported by all unless a rule denies the path; other files need
 * `read`; http and https need `import`, hop by hop. Code from http(s) imports no files, nor does a data: URL
 * that such code imports, or starts as a worker. */
#ifndef CAY_LOADER_LOADER_H
#define CAY_LOADER_LOADER_H

#include "worker/agent.h"

/* The part of the agent's hooks that the loader is. */
extern const cay_agent_hooks_t cay__loader_hooks;

#endif
