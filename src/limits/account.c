/* SPDX-License-Identifier: MIT */
#include "limits/account.h"

#include <assert.h>

#include "base/err.h"
#include "base/mem.h"
#include "os/clock.h"

#define RELAXED memory_order_relaxed

static uint64_t get(const _Atomic uint64_t *v) {
    return atomic_load_explicit(v, RELAXED);
}

static void raise_to(_Atomic uint64_t *peak, uint64_t v) {
    uint64_t have = get(peak);
    while (have < v && !atomic_compare_exchange_weak_explicit(peak, &have, v, RELAXED, RELAXED)) {}
}

/* Adds `n` unless that passes `most`. */
static bool add_within(_Atomic uint64_t *v, uint64_t n, uint64_t most) {
    uint64_t have = get(v);
    do {
        if (n > most || have > most - n) {
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(v, &have, have + n, RELAXED, RELAXED));
    return true;
}

/* More than is there would be given back twice, and the figure then so large that everything is refused. */
static void subtract(_Atomic uint64_t *v, uint64_t n) {
    uint64_t had = atomic_fetch_sub_explicit(v, n, RELAXED);
    assert(had >= n);
    (void)had;
}

static uint64_t most_workers(const cay_account_t *a) {
    return a->limits.workers == CAY_NO_WORKERS ? 0 : a->limits.workers;
}

/* ---- life ---- */

/* Up to and without `end`. */
static void leave_workers(cay_account_t *from, const cay_account_t *end) {
    for (; from && from != end; from = from->parent) {
        subtract(&from->tree_workers, 1);
    }
}

static int join_workers(cay_account_t *parent, cay_error_t **err) {
    for (cay_account_t *p = parent; p; p = p->parent) {
        if (!add_within(&p->tree_workers, 1, most_workers(p))) {
            uint64_t most = most_workers(p);
            leave_workers(parent, p);
            return cay__error_set(
                err, CAY_ELIMIT, "%llu workers are alive below %s, the limit of workers",
                (unsigned long long)most, p == parent ? "this one" : "a creator of this one");
        }
    }
    return 0;
}

cay_account_t *cay__account_new(cay_account_t *parent, const cay_limits_t *limits,
                                cay_error_t **err) {
    cay_account_t *a = CAY_NEW(cay_account_t);
    if (!a) {
        cay__error_set(err, CAY_ENOMEM, "out of memory for a worker");
        return NULL;
    }
    if (join_workers(parent, err)) {
        cay__free(a);
        return NULL;
    }
    atomic_init(&a->refs, 1);
    a->limits = *limits;
    a->born = cay__clock_mono();
    a->parent = parent ? cay__account_ref(parent) : NULL;
    return a;
}

cay_account_t *cay__account_ref(cay_account_t *a) {
    atomic_fetch_add_explicit(&a->refs, 1, RELAXED);
    return a;
}

/* A tree of them is as deep as workers are nested, so it goes up in a loop. */
void cay__account_unref(cay_account_t **slot) {
    cay_account_t *a = *slot;
    *slot = NULL;
    while (a && atomic_fetch_sub_explicit(&a->refs, 1, memory_order_acq_rel) == 1) {
        cay_account_t *parent = a->parent;
        cay__free(a);
        a = parent;
    }
}

void cay__account_end(cay_account_t *a) {
    static const cay_part_t own[] = {CAY_PART_HEAP, CAY_PART_BUFFERS, CAY_PART_WASM,
                                     CAY_PART_NATIVE};
    for (size_t i = 0; i < CAY_COUNT(own); i++) {
        cay__account_set(a, own[i], 0);
    }
    cay__account_publish(a, cay__account_cpu(a, NULL)); /* the slice under way may never be over */
    leave_workers(a->parent, NULL);
    atomic_store_explicit(&a->ended, cay__clock_mono(), RELAXED);
}

/* ---- bytes ---- */

static void tree_add(cay_account_t *a, const cay_account_t *end, uint64_t n) {
    for (; a != end; a = a->parent) {
        uint64_t now = atomic_fetch_add_explicit(&a->tree, n, RELAXED) + n;
        raise_to(&a->peak_tree, now);
    }
}

static void tree_subtract(cay_account_t *a, const cay_account_t *end, uint64_t n) {
    for (; a != end; a = a->parent) {
        subtract(&a->tree, n);
    }
}

bool cay__account_charge(cay_account_t *a, cay_part_t part, uint64_t n) {
    for (cay_account_t *p = a; p; p = p->parent) {
        if (!add_within(&p->tree, n, p->limits.memory)) {
            tree_subtract(a, p, n);
            return false;
        }
    }
    /* Not before all agreed: a peak has no way back. */
    for (cay_account_t *p = a; p; p = p->parent) {
        raise_to(&p->peak_tree, get(&p->tree));
    }
    atomic_fetch_add_explicit(&a->part[part], n, RELAXED);
    return true;
}

void cay__account_force(cay_account_t *a, cay_part_t part, uint64_t n) {
    tree_add(a, NULL, n);
    atomic_fetch_add_explicit(&a->part[part], n, RELAXED);
}

void cay__account_release(cay_account_t *a, cay_part_t part, uint64_t n) {
    tree_subtract(a, NULL, n);
    subtract(&a->part[part], n);
}

void cay__account_set(cay_account_t *a, cay_part_t part, uint64_t n) {
    uint64_t old = atomic_exchange_explicit(&a->part[part], n, RELAXED);
    if (n > old) {
        tree_add(a, NULL, n - old);
    } else if (n < old) {
        tree_subtract(a, NULL, old - n);
    }
    if (part == CAY_PART_HEAP) {
        raise_to(&a->peak_heap, n);
    }
}

bool cay__account_fits(const cay_account_t *a, uint64_t n) {
    for (const cay_account_t *p = a; p; p = p->parent) {
        uint64_t most = p->limits.memory;
        if (n > most || get(&p->tree) > most - n) {
            return false;
        }
    }
    return true;
}

uint64_t cay__account_own(const cay_account_t *a) {
    uint64_t sum = 0;
    for (int i = 0; i < CAY_PART_COUNT; i++) {
        sum += get(&a->part[i]);
    }
    return sum;
}

cay_account_t *cay__account_passed(cay_account_t *a) {
    while (a && get(&a->tree) <= a->limits.memory) {
        a = a->parent;
    }
    return a;
}

uint64_t cay__account_soft(const cay_account_t *a, cay_limit_t which) {
    uint64_t limit = cay_limits_get(&a->limits, which);
    uint64_t percent = a->limits.soft_percent;
    if (limit == CAY_UNLIMITED || percent == CAY_UNLIMITED) {
        return UINT64_MAX;
    }
    return limit / 100 * percent + limit % 100 * percent / 100;
}

bool cay__account_is_below(const cay_account_t *a, const cay_account_t *above) {
    while (a && a != above) {
        a = a->parent;
    }
    return a != NULL;
}

/* ---- counts ---- */

bool cay__account_take(cay_account_t *a, cay_tally_t tally, cay_limit_t limit) {
    return add_within(&a->tally[tally], 1, cay_limits_get(&a->limits, limit));
}

void cay__account_give(cay_account_t *a, cay_tally_t tally) {
    subtract(&a->tally[tally], 1);
}

bool cay__account_output(cay_account_t *a, uint64_t n) {
    for (cay_account_t *p = a; p; p = p->parent) {
        if (!add_within(&p->tree_output, n, p->limits.output)) {
            for (cay_account_t *q = a; q != p; q = q->parent) {
                subtract(&q->tree_output, n);
            }
            for (cay_account_t *q = a; q; q = q->parent) {
                atomic_fetch_add_explicit(&q->output_dropped, n, RELAXED);
            }
            return false;
        }
    }
    return true;
}

/* ---- messages that wait ---- */

static bool enqueue_shared(cay_account_t *a, bool alone, uint64_t bytes) {
    if (!add_within(&a->shared_queued, 1, a->limits.queue)) {
        return false;
    }
    if (!add_within(&a->shared_bytes, bytes, a->limits.queue_bytes)) {
        /* Alone in the whole of its queues: nothing else is held up by it. */
        uint64_t none = 0;
        if (!alone || !atomic_compare_exchange_strong(&a->shared_bytes, &none, bytes)) {
            subtract(&a->shared_queued, 1);
            return false;
        }
    }
    return true;
}

static void shared_add(cay_account_t *a, uint64_t count, uint64_t bytes) {
    atomic_fetch_add_explicit(&a->shared_queued, count, RELAXED);
    atomic_fetch_add_explicit(&a->shared_bytes, bytes, RELAXED);
}

static void shared_subtract(cay_account_t *a, uint64_t count, uint64_t bytes) {
    subtract(&a->shared_queued, count);
    subtract(&a->shared_bytes, bytes);
}

/* NULL, or the flag of what is full. */
static atomic_bool *try_enqueue(cay_account_t *a, bool shared, bool alone, uint64_t bytes) {
    if (shared && !enqueue_shared(a, alone, bytes)) {
        return &a->starved;
    }
    if (!cay__account_charge(a, CAY_PART_MESSAGES, bytes)) {
        if (shared) {
            shared_subtract(a, 1, bytes);
        }
        return &a->pressed;
    }
    atomic_fetch_add_explicit(&a->tally[CAY_TALLY_QUEUED], 1, RELAXED);
    return NULL;
}

static atomic_bool *look_for_room(cay_account_t *a, bool shared, bool alone, uint64_t bytes) {
    uint64_t have = get(&a->shared_bytes), most = a->limits.queue_bytes;
    bool fits = (bytes <= most && have <= most - bytes) || (alone && have == 0);
    if (shared && (!fits || get(&a->shared_queued) >= a->limits.queue)) {
        return &a->starved;
    }
    return cay__account_fits(a, bytes) ? NULL : &a->pressed;
}

static void want(cay_account_t *a, uint64_t bytes) {
    uint64_t have = get(&a->wanted);
    while ((have == 0 || bytes < have) &&
           !atomic_compare_exchange_weak_explicit(&a->wanted, &have, bytes, RELAXED, RELAXED)) {}
}

/* Where who says that something is full and who makes room pass one after the other: by the count of what waits, which
 * each of them changes, if by nothing. The second finds what the first had stored. */
static void pass(cay_account_t *a) {
    atomic_fetch_add_explicit(&a->tally[CAY_TALLY_QUEUED], 0, memory_order_acq_rel);
}

/* What is full is said before it is looked at again: whoever makes room looks for that afterwards, so that one of the
 * two sees the other, and no refusal is forgotten. */
static bool ask(cay_account_t *a, bool shared, bool alone, uint64_t bytes,
                atomic_bool *(*look)(cay_account_t *a, bool shared, bool alone, uint64_t bytes)) {
    atomic_bool *full = look(a, shared, alone, bytes);
    for (const atomic_bool *said = NULL; full && full != said;) {
        said = full;
        if (full == &a->pressed) {
            want(a, bytes);
        }
        atomic_store_explicit(full, true, RELAXED);
        pass(a);
        full = look(a, shared, alone, bytes);
    }
    return !full;
}

bool cay__account_enqueue(cay_account_t *a, bool shared, bool alone, uint64_t bytes) {
    return ask(a, shared, alone, bytes, try_enqueue);
}

bool cay__account_has_room(cay_account_t *a, bool shared, bool alone, uint64_t bytes) {
    return ask(a, shared, alone, bytes, look_for_room);
}

void cay__account_share(cay_account_t *a, bool shared, uint64_t count, uint64_t bytes) {
    if (shared) {
        shared_add(a, count, bytes);
    } else {
        shared_subtract(a, count, bytes);
    }
}

void cay__account_adopt(cay_account_t *a, bool shared, uint64_t count, uint64_t bytes) {
    if (shared) {
        shared_add(a, count, bytes);
    }
    cay__account_force(a, CAY_PART_MESSAGES, bytes);
    atomic_fetch_add(&a->tally[CAY_TALLY_QUEUED], count);
}

void cay__account_dequeue(cay_account_t *a, bool shared, uint64_t count, uint64_t bytes) {
    if (shared) {
        shared_subtract(a, count, bytes);
    }
    cay__account_release(a, CAY_PART_MESSAGES, bytes);
    uint64_t had =
        atomic_fetch_sub_explicit(&a->tally[CAY_TALLY_QUEUED], count, memory_order_acq_rel);
    assert(had >= count); /* last: see pass() */
    (void)had;
}

static bool was_said(atomic_bool *flag) {
    return atomic_load_explicit(flag, RELAXED) &&
           atomic_exchange_explicit(flag, false, memory_order_acq_rel);
}

bool cay__account_drained(cay_account_t *a) {
    pass(a);
    bool half = get(&a->shared_queued) <= a->limits.queue / 2 &&
                get(&a->shared_bytes) <= a->limits.queue_bytes / 2;
    bool queues = half && was_said(&a->starved);
    uint64_t wanted = get(&a->wanted);
    /* What never fits is waited for by nobody. */
    bool memory =
        cay__account_fits(a, wanted < a->limits.memory ? wanted : 0) && was_said(&a->pressed);
    if (memory) {
        atomic_store_explicit(&a->wanted, 0, RELAXED);
    }
    return queues || memory;
}

/* ---- CPU ---- */

/* A seqlock without fences: what is stored between two writes of `seq` is released, and acquired by readers. Who reads
 * a value of a slice then finds `seq` as it was written before that value, or newer. */
static void turn_seq(cay_account_t *a, memory_order order) {
    uint32_t seq = atomic_load_explicit(&a->seq, RELAXED);
    atomic_store_explicit(&a->seq, seq + 1, order);
}

/* The mark is stored in the one order of all: whoever then looks at `armed` (budget.c) finds the watch's look at the
 * mark behind or before it. */
void cay__account_begin(cay_account_t *a, uint64_t mark) {
    turn_seq(a, RELAXED);
    atomic_store_explicit(&a->clock, cay__clock_thread_id(), memory_order_release);
    atomic_store(&a->mark, mark ? mark : 1); /* 0 would be no slice */
    turn_seq(a, memory_order_release);
    cay__account_count(a, CAY_TALLY_SLICES);
}

/* Settling and publishing meet here; each part of the CPU is added by one of them. It counts as added before it is, so
 * that nobody who reads the two the other way round has it twice. */
void cay__account_publish(cay_account_t *a, uint64_t cpu) {
    uint64_t have = get(&a->counted);
    do {
        if (have >= cpu) {
            return;
        }
    } while (!atomic_compare_exchange_weak_explicit(&a->counted, &have, cpu, RELAXED, RELAXED));
    for (cay_account_t *p = a; p; p = p->parent) {
        atomic_fetch_add_explicit(&p->tree_cpu, cpu - have, memory_order_release);
    }
}

void cay__account_settle(cay_account_t *a, uint64_t cpu) {
    turn_seq(a, RELAXED);
    atomic_store_explicit(&a->cpu, cpu, memory_order_release);
    atomic_store_explicit(&a->mark, 0, memory_order_release);
    turn_seq(a, memory_order_release);
    cay__account_publish(a, cpu);
}

/* false when the slice changed meanwhile, and the reading is worth nothing. A thread settles before it ends, so a clock
 * whose number went to another thread since is such a reading, too. */
static bool read_cpu(const cay_account_t *a, uint64_t *total, uint64_t *slice) {
    uint32_t seq = atomic_load_explicit(&a->seq, memory_order_acquire);
    uint64_t mark = atomic_load_explicit(&a->mark, memory_order_acquire);
    int clock = atomic_load_explicit(&a->clock, memory_order_acquire);
    *total = atomic_load_explicit(&a->cpu, memory_order_acquire);
    *slice = 0;
    uint64_t now = 0;
    bool ok = !mark || cay__clock_of_thread(clock, &now);
    if (mark && now > mark) {
        *slice = now - mark;
        *total += *slice;
    }
    return ok && !(seq & 1) && atomic_load(&a->seq) == seq;
}

uint64_t cay__account_cpu(const cay_account_t *a, uint64_t *slice) {
    uint64_t total, part;
    for (int tries = 0; !read_cpu(a, &total, &part); tries++) {
        if (tries == 8) { /* slices follow one another fast: what is over is near enough */
            total = get(&a->cpu);
            part = 0;
            break;
        }
    }
    if (slice) {
        *slice = part;
    }
    uint64_t counted = get(&a->counted); /* more when the thread of the slice is gone for good */
    return total > counted ? total : counted;
}

uint64_t cay__account_tree_cpu_with(const cay_account_t *a, uint64_t own) {
    uint64_t tree, before, counted = get(&a->counted);
    do { /* until the two belong together */
        before = counted;
        tree = atomic_load_explicit(&a->tree_cpu, memory_order_acquire);
        counted = get(&a->counted);
    } while (counted != before);
    tree += own > counted ? own - counted : 0;
    return tree > own ? tree : own;
}

uint64_t cay__account_tree_cpu(const cay_account_t *a) {
    return cay__account_tree_cpu_with(a, cay__account_cpu(a, NULL));
}

void cay__account_usage(const cay_account_t *a, cay_usage_t *out) {
    uint64_t ended = get(&a->ended);
    uint64_t cpu = cay__account_cpu(a, NULL);
    *out = (cay_usage_t){
        .cpu_ns = cpu,
        .wall_ns = (ended ? ended : cay__clock_mono()) - a->born,
        .peak_heap = get(&a->peak_heap),
        .messages_in = get(&a->tally[CAY_TALLY_MESSAGES_IN]),
        .messages_out = get(&a->tally[CAY_TALLY_MESSAGES_OUT]),
        .slices = get(&a->tally[CAY_TALLY_SLICES]),
        .memory = get(&a->tree),
        .peak_memory = get(&a->peak_tree),
        .heap = get(&a->part[CAY_PART_HEAP]),
        .buffers = get(&a->part[CAY_PART_BUFFERS]),
        .wasm = get(&a->part[CAY_PART_WASM]),
        .messages = get(&a->part[CAY_PART_MESSAGES]),
        .host = get(&a->part[CAY_PART_HOST]),
        .native = get(&a->part[CAY_PART_NATIVE]),
        .queued = get(&a->tally[CAY_TALLY_QUEUED]),
        .ops = get(&a->tally[CAY_TALLY_OPS]),
        .ports = get(&a->tally[CAY_TALLY_PORTS]),
        .timers = get(&a->tally[CAY_TALLY_TIMERS]),
        .workers = get(&a->tree_workers),
        .output = get(&a->tree_output),
        .output_dropped = get(&a->output_dropped),
        .tree_cpu_ns = cay__account_tree_cpu_with(a, cpu),
    };
}
