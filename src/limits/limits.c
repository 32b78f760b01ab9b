/* SPDX-License-Identifier: MIT */
#include "limits/limits.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

#define KIB 1024ull
#define MIB (1024ull * KIB)
#define MAX UINT64_MAX

/* Bounds that are no policy: below the least an isolate does not start, above the most it cannot be held. */
const cay_limit_info_t cay__limit_infos[CAY_LIMIT_WORDS] = {
    [CAY_LIMIT_MEMORY] = {"memory", "memory", CAY_UNIT_BYTES, 64 * MIB, 4 * MIB, MAX, false},
    [CAY_LIMIT_HEAP] = {"heap", "heap", CAY_UNIT_BYTES, CAY_UNLIMITED, 4 * MIB, MAX, false},
    [CAY_LIMIT_CPU] = {"cpu", "cpu", CAY_UNIT_MS, CAY_UNLIMITED, 5, MAX, false},
    [CAY_LIMIT_TURN_CPU] = {"turn-cpu", "turnCpu", CAY_UNIT_MS, 1000, 5, MAX, false},
    [CAY_LIMIT_WALL] = {"wall", "wall", CAY_UNIT_MS, CAY_UNLIMITED, 1, MAX, false},
    [CAY_LIMIT_IDLE] = {"idle", "idle", CAY_UNIT_MS, CAY_UNLIMITED, 1, MAX, false},
    [CAY_LIMIT_STARTUP] = {"startup", "startup", CAY_UNIT_MS, 30000, 1, MAX, false},
    [CAY_LIMIT_STACK] = {"stack", "stack", CAY_UNIT_BYTES, MIB, 64 * KIB, 3 * MIB / 2, true},
    [CAY_LIMIT_QUEUE] = {"queue", "queue", CAY_UNIT_COUNT, 10000, 1, MAX, false},
    [CAY_LIMIT_QUEUE_BYTES] = {"queue-bytes", "queueBytes", CAY_UNIT_BYTES, 16 * MIB, KIB, MAX,
                               false},
    [CAY_LIMIT_PORTS] = {"ports", "ports", CAY_UNIT_COUNT, 1000, 1, MAX, false},
    [CAY_LIMIT_TIMERS] = {"timers", "timers", CAY_UNIT_COUNT, 10000, 1, MAX, false},
    [CAY_LIMIT_OPS] = {"ops", "ops", CAY_UNIT_COUNT, 10000, 1, MAX, false},
    [CAY_LIMIT_WORKERS] = {"workers", "workers", CAY_UNIT_COUNT, 16, 1, MAX, false},
    [CAY_LIMIT_DEPTH] = {"depth", "depth", CAY_UNIT_COUNT, 16, 1, 64, true},
    [CAY_LIMIT_OUTPUT] = {"output", "output", CAY_UNIT_BYTES, 64 * MIB, 1, MAX, false},
    [CAY_LIMIT_SOFT] = {"soft", "soft", CAY_UNIT_PERCENT, 80, 1, 100, false},
    [CAY_LIMIT_GRACE] = {"grace", "grace", CAY_UNIT_MS, 0, 1, 1000, true},
};

static const cay_limit_info_t *info_of(uint32_t which) {
    return &cay__limit_infos[which];
}

uint64_t cay_limits_get(const cay_limits_t *limits, cay_limit_t which) {
    return limits && which < CAY_LIMIT_COUNT ? *(&limits->memory + which) : CAY_UNLIMITED;
}

const char *cay_limit_name(cay_limit_t which) {
    return which < CAY_LIMIT_COUNT ? info_of(which)->name : "unknown";
}

/* ---- checks ---- */

static int refuse(cay_error_t **err, uint32_t which, uint64_t value, const char *why) {
    char text[64];
    cay_limit_format(which, value, text, sizeof text);
    return cay__error_set(err, CAY_EINVAL, "limit %s: %s %s", info_of(which)->name, text, why);
}

static int check_range(const cay_limits_t *l, uint32_t which, cay_error_t **err) {
    const cay_limit_info_t *info = info_of(which);
    uint64_t v = *(&l->memory + which);
    if (v == CAY_UNLIMITED) {
        return info->must_be_given ? refuse(err, which, v, "cannot be held: it must have a bound")
                                   : 0;
    }
    if (which == CAY_LIMIT_WORKERS && v == CAY_NO_WORKERS) {
        return 0;
    }
    char text[96], bound[64];
    if (v < info->least || v > info->most) {
        bool is_low = v < info->least;
        cay_limit_format(which, is_low ? info->least : info->most, bound, sizeof bound);
        char *end = stpcpy(text, is_low ? "is too little, at least " : "is too much, at most ");
        strcpy(end, bound);
        return refuse(err, which, v, text);
    }
    return 0;
}

/* What contradicts something that was given, too. `given` has 0 where nothing was said. */
static int check_together(const cay_limits_t *given, const cay_limits_t *l, cay_error_t **err) {
    if (given->heap && l->heap != CAY_UNLIMITED && l->heap > l->memory) {
        return refuse(err, CAY_LIMIT_HEAP, l->heap,
                      "is above the memory limit, which it is part of");
    }
    if (given->queue_bytes && l->memory != CAY_UNLIMITED && l->queue_bytes > l->memory / 4) {
        return refuse(err, CAY_LIMIT_QUEUE_BYTES, l->queue_bytes,
                      "is above a quarter of the memory limit, which waiting messages count in");
    }
    if (given->turn_cpu_ms && l->turn_cpu_ms != CAY_UNLIMITED && l->turn_cpu_ms > l->cpu_ms) {
        return refuse(err, CAY_LIMIT_TURN_CPU, l->turn_cpu_ms, "is above the cpu limit");
    }
    if (given->idle_ms && l->idle_ms != CAY_UNLIMITED && l->idle_ms > l->wall_ms) {
        return refuse(err, CAY_LIMIT_IDLE, l->idle_ms, "is above the wall limit");
    }
    if (given->startup_ms && l->startup_ms != CAY_UNLIMITED && l->startup_ms > l->wall_ms) {
        return refuse(err, CAY_LIMIT_STARTUP, l->startup_ms, "is above the wall limit");
    }
    return 0;
}

static void lower(uint64_t *value, uint64_t most) {
    if (*value > most) {
        *value = most;
    }
}

/* A default gives way to what was said elsewhere. */
static void fit_defaults(const cay_limits_t *given, cay_limits_t *l) {
    if (!given->heap || l->heap == CAY_UNLIMITED) {
        l->heap = l->memory;
    }
    if (!given->queue_bytes && l->memory != CAY_UNLIMITED) {
        lower(&l->queue_bytes, l->memory / 4);
    }
    /* What the whole ends before needs no bound of its own: the reason told is then the one that was asked for. */
    if (!given->turn_cpu_ms && l->turn_cpu_ms >= l->cpu_ms) {
        l->turn_cpu_ms = CAY_UNLIMITED;
    }
    if (!given->startup_ms && l->startup_ms >= l->wall_ms) {
        l->startup_ms = CAY_UNLIMITED;
    }
}

int cay__limits_fill(cay_limits_t *l, cay_error_t **err) {
    cay_limits_t given = *l;
    for (uint32_t i = 0; i < CAY_LIMIT_WORDS; i++) {
        uint64_t *v = cay__limit_field(l, i);
        if (*v == 0) {
            *v = info_of(i)->usual; /* that of grace stays 0: it depends on which limit it is for */
        } else {
            int rc = check_range(l, i, err);
            if (rc) {
                return rc;
            }
        }
    }
    fit_defaults(&given, l);
    return check_together(&given, l, err);
}

/* The caller's struct may be an older or a newer one. */
static int read_struct(const cay_limits_t *in, cay_limits_t *out, cay_error_t **err) {
    *out = (cay_limits_t)CAY_LIMITS_INIT;
    if (!in) {
        return 0;
    }
    if (in->size < sizeof in->size || in->size > 65536) {
        return cay__error_set(err, CAY_EINVAL, "cay_limits.size: %llu, not the size of the struct",
                              (unsigned long long)in->size);
    }
    const char *bytes = (const char *)in;
    for (size_t i = sizeof *out; i < in->size; i++) {
        if (bytes[i]) {
            return cay__error_set(err, CAY_E2BIG,
                                  "cay_limits: a limit is set that this version lacks");
        }
    }
    memcpy(out, in, in->size < sizeof *out ? in->size : sizeof *out);
    out->size = sizeof *out;
    return 0;
}

int cay_limits_resolve(const cay_limits_t *in, cay_limits_t *out, cay_error_t **err) {
    cay_limits_t l;
    if (!out || out->size < sizeof out->size) {
        return cay__error_set(err, CAY_EINVAL, "cay_limits_resolve: out->size is not set");
    }
    int rc = read_struct(in, &l, err);
    rc = rc ? rc : cay__limits_fill(&l, err);
    if (rc == 0) {
        uint64_t size = out->size;
        memset(out, 0, size);
        memcpy(out, &l, size < sizeof l ? size : sizeof l);
        out->size = size;
    }
    return rc;
}

/* ---- children ---- */

/* CAY_NO_WORKERS is the lowest, though as a number nearly the highest. */
static bool is_above(uint32_t which, uint64_t value, uint64_t most) {
    if (which == CAY_LIMIT_WORKERS && value == CAY_NO_WORKERS) {
        return false;
    }
    return which == CAY_LIMIT_WORKERS && most == CAY_NO_WORKERS ? true : value > most;
}

/* The usual value, or the parent's where that is lower. */
static uint64_t inherited(const cay_limits_t *parent, uint32_t which) {
    uint64_t usual = info_of(which)->usual;
    uint64_t most = *(&parent->memory + which);
    return which >= CAY_LIMIT_COUNT || is_above(which, usual, most) ? most : usual;
}

static int check_child(const cay_limits_t *parent, const cay_limits_t *given, uint32_t which,
                       cay_error_t **err) {
    uint64_t v = *(&given->memory + which);
    uint64_t most = *(&parent->memory + which);
    if (v == 0 || which >= CAY_LIMIT_COUNT || !is_above(which, v, most)) {
        return v ? check_range(given, which, err) : 0;
    }
    char text[128] = "is above what its creator has, ";
    size_t n = strlen(text);
    cay_limit_format(which, most, text + n, sizeof text - n);
    return refuse(err, which, v, text);
}

int cay__limits_child(const cay_limits_t *parent, const cay_limits_t *asked, cay_limits_t *out,
                      cay_error_t **err) {
    cay_limits_t given = asked ? *asked : (cay_limits_t)CAY_LIMITS_INIT;
    *out = given;
    for (uint32_t i = 0; i < CAY_LIMIT_WORDS; i++) {
        int rc = check_child(parent, &given, i, err);
        if (rc) {
            return rc;
        }
        uint64_t *v = cay__limit_field(out, i);
        *v = *v ? *v : inherited(parent, i);
    }
    /* What is only inherited gives way to what was asked for, as a default does. */
    fit_defaults(&given, out);
    lower(&out->heap, parent->heap);
    if (!given.idle_ms && out->idle_ms >= out->wall_ms) {
        out->idle_ms = CAY_UNLIMITED;
    }
    return check_together(&given, out, err);
}

/* ---- reasons ---- */

static const struct {
    cay_limit_t which;
    cay_reason_t reason;
} reasons[] = {
    {CAY_LIMIT_MEMORY, CAY_REASON_MEMORY},   {CAY_LIMIT_HEAP, CAY_REASON_HEAP},
    {CAY_LIMIT_CPU, CAY_REASON_CPU},         {CAY_LIMIT_TURN_CPU, CAY_REASON_TURN_CPU},
    {CAY_LIMIT_WALL, CAY_REASON_WALL},       {CAY_LIMIT_IDLE, CAY_REASON_IDLE},
    {CAY_LIMIT_STARTUP, CAY_REASON_STARTUP},
};

cay_limit_t cay__limit_of_reason(cay_reason_t reason) {
    for (size_t i = 0; i < CAY_COUNT(reasons); i++) {
        if (reasons[i].reason == reason) {
            return reasons[i].which;
        }
    }
    return CAY_LIMIT_NONE;
}

cay_reason_t cay__reason_of_limit(cay_limit_t which) {
    for (size_t i = 0; i < CAY_COUNT(reasons); i++) {
        if (reasons[i].which == which) {
            return reasons[i].reason;
        }
    }
    return CAY_REASON_NONE;
}
