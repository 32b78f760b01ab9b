/* SPDX-License-Identifier: MIT */
/* Limits as values (include/cay/limits.h): the table of them, defaults, checks, what a child gets. */
#ifndef CAY_LIMITS_LIMITS_H
#define CAY_LIMITS_LIMITS_H

#include "base/attrs.h"
#include "cay/event.h"
#include "cay/limits.h"

typedef enum cay_unit { CAY_UNIT_BYTES, CAY_UNIT_MS, CAY_UNIT_COUNT, CAY_UNIT_PERCENT } cay_unit_t;

typedef struct cay_limit_info {
    const char *name;
    const char *member; /* of cay.limits in JavaScript, "" when none */
    cay_unit_t unit;
    uint64_t usual; /* the default; CAY_UNLIMITED for none */
    uint64_t least;
    uint64_t most;      /* of what is not unlimited */
    bool must_be_given; /* cannot be unlimited */
} cay_limit_info_t;

/* The limits, then soft and grace. */
#define CAY_LIMIT_SOFT  CAY_LIMIT_COUNT
#define CAY_LIMIT_GRACE (CAY_LIMIT_COUNT + 1)
#define CAY_LIMIT_WORDS (CAY_LIMIT_COUNT + 2)

extern const cay_limit_info_t cay__limit_infos[CAY_LIMIT_WORDS];

/* The field of a limit. */
static inline uint64_t *cay__limit_field(cay_limits_t *l, uint32_t which) {
    return &l->memory + which;
}

/* As cay_limits_resolve, of a struct of this library's version in which 0 is the default. A default is never above
 * what is given elsewhere (heap, queue_bytes). */
CAY_NODISCARD int cay__limits_fill(cay_limits_t *l, cay_error_t **err);
/* The limits of a child: what `asked` (may be NULL; 0 = the default, or the parent's where that is lower) says, which
 * may not be above `parent`, whose limits are filled in. CAY_EINVAL names the limit. */
CAY_NODISCARD int cay__limits_child(const cay_limits_t *parent, const cay_limits_t *asked,
                                    cay_limits_t *out, cay_error_t **err);
/* "name=value;name=value", each as for cay_limits_set; later ones win. CAY_EINVAL also for an unknown name;
 * `*l` is then as before. */
CAY_NODISCARD int cay__limits_read(cay_limits_t *l, const char *text, cay_error_t **err);

/* Which limit a reason stands for, CAY_LIMIT_NONE when none; and back. */
cay_limit_t cay__limit_of_reason(cay_reason_t reason);
cay_reason_t cay__reason_of_limit(cay_limit_t which);
/* One line: "the memory limit of 64 MiB was reached (65 MiB used)". cay__malloc'ed; NULL when out of memory. */
CAY_OWN char *cay__limit_sentence(cay_limit_t which, uint64_t limit, uint64_t used);

#endif
