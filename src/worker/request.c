/* SPDX-License-Identifier: MIT */
#include "worker/request.h"

#include "base/err.h"
#include "base/mem.h"
#include "worker/inbox.h"

/* Where outcomes arrive, from any thread. Shared by the agent and every request. */
struct cay_mailbox {
    _Atomic uint32_t refs;
    cay_mutex_t lock;
    cay_cond_t arrived;
    cay_agent_t *agent;     /* under lock; NULL once it has ended */
    cay_link_t answers;     /* under lock: of cay_request_t.link */
    cay_link_t held;        /* the agent's thread: all that are not settled */
    size_t count;           /* of held */
    size_t awaited;         /* of these, what an ending agent waits for */
    cay_account_t *account; /* a reference: what they hold is charged to it */
};

static void mailbox_unref(cay_mailbox_t *m) {
    if (atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) == 1) {
        cay__account_unref(&m->account);
        cay__cond_destroy(&m->arrived);
        cay__mutex_destroy(&m->lock);
        cay__free(m);
    }
}

cay_mailbox_t *cay__mailbox_new_for(cay_agent_t *a) {
    cay_mailbox_t *m = CAY_NEW(cay_mailbox_t);
    if (m) {
        atomic_init(&m->refs, 1);
        cay__mutex_init(&m->lock);
        cay__cond_init(&m->arrived);
        cay__list_init(&m->answers);
        cay__list_init(&m->held);
        m->agent = a;
        m->account = cay__account_ref(a->account);
    }
    return m;
}

static void request_free(cay_request_t *r) {
    if (r->has_use) {
        cay__use_end(&r->use);
    }
    cay_error_free(r->err);
    cay_mailbox_t *m = r->mailbox;
    cay__account_release(m->account, CAY_PART_HOST, r->bytes + r->results);
    cay__account_give(m->account, CAY_TALLY_OPS);
    r->ops->free(r);
    mailbox_unref(m);
}

static void on_revoked(cay_use_t *use) {
    cay_request_t *r = CAY_CONTAINER(use, cay_request_t, use);
    atomic_store(&r->revoked, true);
    if (r->ops->cancel) {
        r->ops->cancel(r);
    }
}

/* What the operation holds, and its place among the others. */
static int charge(cay_mailbox_t *m, const cay_request_t *r, cay_error_t **err) {
    if (!cay__account_take(m->account, CAY_TALLY_OPS, CAY_LIMIT_OPS)) {
        return cay__error_set(err, CAY_ELIMIT,
                              "the worker has %llu operations in flight, the limit of ops",
                              (unsigned long long)m->account->limits.ops);
    }
    if (!cay__account_charge(m->account, CAY_PART_HOST, r->bytes)) {
        cay__account_give(m->account, CAY_TALLY_OPS);
        return cay__error_set(
            err, CAY_ELIMIT, "the operation would hold %zu bytes, past the memory limit", r->bytes);
    }
    return 0;
}

static void discharge(cay_mailbox_t *m, const cay_request_t *r) {
    cay__account_release(m->account, CAY_PART_HOST, r->bytes);
    cay__account_give(m->account, CAY_TALLY_OPS);
}

int cay__request_begin(cay_agent_t *a, cay_request_t *r, uint32_t id, const cay_ask_t *ask,
                       cay_place_t *place, cay_error_t **err) {
    cay_mailbox_t *m = a->mailbox;
    int rc = charge(m, r, err);
    if (rc) {
        return rc;
    }
    r->id = id;
    r->has_use = ask != NULL;
    if (ask) {
        r->use.revoked = on_revoked;
        rc = cay__use_begin(a->authority, &r->use, ask, place, err);
        if (rc) {
            r->has_use = false;
            discharge(m, r);
            return rc;
        }
    }
    r->mailbox = m;
    atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
    cay__list_init(&r->link);
    cay__list_push(&m->held, &r->held);
    m->count++;
    m->awaited += !r->may_outlive;
    cay__group_hold(a->group);
    return 0;
}

bool cay__request_alone(cay_agent_t *a) {
    return a->mailbox->count == 1;
}

void cay__request_done(cay_request_t *r, int rc, cay_error_t *err) {
    cay_mailbox_t *m = r->mailbox;
    r->rc = rc;
    r->err = err;
    cay__mutex_lock(&m->lock);
    cay_agent_t *a = m->agent;
    if (a) {
        cay__list_push(&m->answers, &r->link);
        cay__note_push(a, &a->mail_note); /* under the lock: the agent cannot end in between */
        cay__cond_signal(&m->arrived);
    }
    cay__mutex_unlock(&m->lock);
    if (!a) {
        request_free(r);
    }
}

int cay__request_keep(cay_request_t *r, size_t bytes, cay_error_t **err) {
    if (!cay__account_charge(r->mailbox->account, CAY_PART_HOST, bytes)) {
        return cay__error_set(err, CAY_ELIMIT,
                              "%zu bytes more would pass the worker's memory limit", bytes);
    }
    r->results += bytes;
    return 0;
}

void cay__request_cancel(cay_request_t *r) {
    r->cancelled = true;
    atomic_store(&r->revoked, true);
    if (r->ops->cancel) {
        r->ops->cancel(r);
    }
}

cay_request_t *cay__request_find(cay_agent_t *a, uint32_t id) {
    cay_mailbox_t *m = a->mailbox;
    for (cay_link_t *l = m->held.next; id && l != &m->held; l = l->next) {
        cay_request_t *r = CAY_CONTAINER(l, cay_request_t, held);
        if (r->id == id) {
            return r;
        }
    }
    return NULL;
}

/* ---- settling ---- */

static cay_request_t *take(cay_mailbox_t *m) {
    cay__mutex_lock(&m->lock);
    cay_link_t *l = cay__list_shift(&m->answers);
    cay__mutex_unlock(&m->lock);
    if (!l) {
        return NULL;
    }
    cay_request_t *r = CAY_CONTAINER(l, cay_request_t, link);
    cay__list_remove(&r->held);
    m->count--;
    m->awaited -= !r->may_outlive;
    return r;
}

/* What was asked for while it was granted is not told once it is not any more. */
static void outcome(cay_request_t *r) {
    if (!atomic_load(&r->revoked)) {
        return;
    }
    cay_error_free(cay_steal(&r->err));
    if (r->cancelled) {
        r->rc = cay__error_set(&r->err, CAY_ETERMINATED, "the operation was cancelled");
    } else {
        r->rc = cay__use_revoked(&r->use, &r->err);
    }
}

static eng_val_t error_value(cay_agent_t *a, const cay_request_t *r) {
    static const char *const keys[] = {"code", "message"};
    eng_val_t values[] = {
        eng_text(a->iso, cay_error_name(r->rc)),
        eng_text(a->iso, r->err ? cay_error_message(r->err) : cay_error_text(r->rc)),
    };
    return eng_object(a->iso, keys, values, CAY_COUNT(keys));
}

static void settle(cay_agent_t *a, cay_request_t *r) {
    outcome(r);
    eng_val_t value = eng_undefined(a->iso);
    if (r->rc == 0 && r->ops->settle) {
        r->rc = r->ops->settle(r, a, &value, &r->err);
    }
    if (r->id) {
        eng_val_t args[3] = {eng_number(a->iso, r->id), eng_bool(a->iso, r->rc == 0),
                             r->rc ? error_value(a, r) : value};
        cay__task_call(a, ENG_DISPATCH_SETTLE, args, 3, NULL);
    }
}

void cay__request_drop_settling(cay_agent_t *a) {
    cay_request_t *r = cay_steal(&a->settling);
    if (r) {
        request_free(r);
        cay__group_release(a->group, 1);
    }
}

void cay__mail_note_run(cay_agent_t *a, cay_note_t *n) {
    cay_request_t *r;
    while (cay__agent_may_run(a) && (r = take(a->mailbox))) {
        a->settling = r;
        cay__task_begin(a);
        settle(a, r);
        cay__task_end(a);
        cay__request_drop_settling(a);
        if (cay__sched_should_yield(&a->actor)) {
            cay__inbox_again(a, n);
            return;
        }
    }
}

/* ---- the end ---- */

void cay__requests_cancel_all(cay_agent_t *a) {
    cay_mailbox_t *m = a->mailbox;
    for (cay_link_t *l = m->held.next; l != &m->held; l = l->next) {
        cay__request_cancel(CAY_CONTAINER(l, cay_request_t, held));
    }
}

bool cay__requests_drained(cay_agent_t *a) {
    for (cay_request_t *r; (r = take(a->mailbox));) {
        request_free(r);
        cay__group_release(a->group, 1);
    }
    return a->mailbox->awaited == 0;
}

void cay__requests_wait(cay_agent_t *a) {
    cay_mailbox_t *m = a->mailbox;
    while (!cay__requests_drained(a)) {
        cay__mutex_lock(&m->lock);
        while (cay__list_empty(&m->answers)) {
            cay__cond_wait(&m->arrived, &m->lock);
        }
        cay__mutex_unlock(&m->lock);
    }
}

void cay__requests_end(cay_agent_t *a) {
    cay_mailbox_t *m = cay_steal(&a->mailbox);
    if (!m) {
        return;
    }
    cay__mutex_lock(&m->lock);
    m->agent = NULL;
    cay_link_t rest;
    cay__list_init(&rest);
    cay__list_splice(&rest, &m->answers);
    cay__mutex_unlock(&m->lock);
    while (cay__list_shift(&m->held)) {} /* each frees itself when it is done */
    cay__group_release(a->group, (uint32_t)m->count);
    for (cay_link_t *l; (l = cay__list_shift(&rest));) {
        request_free(CAY_CONTAINER(l, cay_request_t, link));
    }
    mailbox_unref(m);
}
