/* SPDX-License-Identifier: MIT */
/* One attack: a script of this folder and what its head comments ask for.
 *
 *     // expect: memory|heap       the reason of the end, or one of several; see `attack_reason_word`
 *     // limits: memory=64M;cpu=1s each as for cay_limits_set; none: the defaults
 *     // grants: eval;wasm         the text form of permissions; none: nothing
 *     // says: "done"              a message with this JSON must have come
 *     // tells: memory             CAY_EVENT_LIMIT must have told this limit
 *     // host: silent              nobody reads its events until it has ended
 *     // host: floods              the host posts to it until it is refused for room
 *     // within: 30                seconds until the end, 20 when not said
 *     // peak: 500                 MiB by which the process may grow at most while it runs, 400 when not said
 *     // quiet: stays              the worker stays when it has nothing left to do
 *     // uncaught: report          an uncaught error is told, and does not end the worker
 *     // loses: thread             its thread may be lost
 *     // alone: process            run in a process of its own, since it might be the end of that
 *     // not-under: asan           left out of a build with the address sanitizer
 *
 * An error that nobody caught ends a worker, so a script checks what it finds by throwing. */
#ifndef CAY_TESTS_HOSTILE_ATTACK_H
#define CAY_TESTS_HOSTILE_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cay/event.h"
#include "cay/limits.h"

typedef enum attack_host { HOST_READS, HOST_SILENT, HOST_FLOODS } attack_host_t;

typedef struct attack {
    char name[64]; /* of the file, without .js */
    char path[512];
    char expect[96];
    char limits[192];
    char grants[96];
    char says[96];
    char tells[32];
    uint64_t within_ms;
    uint64_t peak_mb;
    attack_host_t host;
    bool stays;
    bool reports;
    bool loses;
    bool alone;
    bool not_under_asan;
} attack_t;

/* All scripts of the folder by name. NULL, after a line on stderr, when one cannot be read or its head makes no sense. */
attack_t *attacks_read(const char *folder, size_t *count);
/* Whether `word` is one of those in `list`, which are separated by |. */
bool attack_word_is_in(const char *word, const char *list);
/* One word for a reason, as heads have it: "closed", "main-module", "turn-cpu", ... */
const char *attack_reason_word(cay_reason_t reason);
/* The same word, for ever; "unknown". */
const char *attack_reason_named(const char *word);

/* Sets "name=value;name=value". What cay_limits_set gives. */
CAY_NODISCARD int attack_limits(const char *text, cay_limits_t *limits, cay_error_t **err);

#endif
