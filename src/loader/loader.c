/* SPDX-License-Identifier: MIT */
/* Jobs: from queue to graph to evaluation, and the hooks that the worker and the engine call. */
#include "loader/loader.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "loader/internal.h"

static loader_t *loader_of(cay_agent_t *a) {
    return a->loader;
}

/* ---- loading ---- */

static void load(loader_t *l, entry_t *e) {
    e->state = ENTRY_LOADING;
    if (e->text_given) {
        cay__entry_text(l, e, l->agent->source, l->agent->source_len);
    } else if (!l->agent->group->on_source) {
        cay__source_load(l, e);
    } else {
        int rc = cay__host_ask(l, e);
        if (rc) {
            cay__entry_fail(e, "TypeError", cay_error_text(rc));
        }
    }
}

/* ---- graphs ---- */

/* The first entry below `root` that is not READY, NULL when all are. Breadth first, with the entries' own
 * queue links, so that the depth of a graph costs no stack. */
static entry_t *first_unready(loader_t *l, entry_t *root) {
    cay_link_t todo;
    cay__list_init(&todo);
    uint64_t walk = ++l->walks;
    entry_t *found = NULL;
    cay__list_push(&todo, &cay__entry_real(root)->queue);
    cay__entry_real(root)->mark = walk;
    for (cay_link_t *at; (at = cay__list_shift(&todo));) {
        entry_t *e = CAY_CONTAINER(at, entry_t, queue);
        if (e->state != ENTRY_READY) {
            found = found ? found : e;
            if (e->state == ENTRY_FAILED) {
                found = e;
                break;
            }
            continue;
        }
        for (size_t i = 0; i < e->request_count; i++) {
            entry_t *to = cay__entry_real(e->requests[i].entry);
            if (to->mark != walk) {
                to->mark = walk;
                cay__list_push(&todo, &to->queue);
            }
        }
    }
    while (cay__list_shift(&todo)) {}
    return found;
}

static eng_module_t *host_resolve(eng_host_t *a, eng_module_t *referrer, const char *specifier,
                                  eng_module_type_t type) {
    (void)a;
    entry_t *e = eng_module_tag(referrer);
    CAY_AUTOFREE char *key = cay__asprintf("%d%s", type, specifier);
    request_t *r = e && key ? cay__map_get(&e->by_key, key, strlen(key)) : NULL;
    return r ? cay__entry_real(r->entry)->module : NULL;
}

/* ---- jobs ---- */

static void job_free(job_t *j) {
    cay__list_remove(&j->link);
    eng_ref_drop(j->promise);
    cay__free(j);
}

/* Fails whoever waits: the worker, or the promise of an import(). */
static void job_fail(loader_t *l, job_t *j, eng_fault_t *fault) {
    if (!j->promise) {
        cay__agent_fail(l->agent, CAY_REASON_MAIN_MODULE, fault);
        return;
    }
    CAY_AUTOFREE char *where =
        fault->file && fault->line
            ? cay__asprintf("%s (%s:%u:%u)", fault->message ? fault->message : "", fault->file,
                            fault->line, fault->column)
            : NULL;
    const char *text = where ? where : fault->message ? fault->message : "the import failed";
    eng_import_done(l->agent->iso, cay_steal(&j->promise), NULL, ENG_NONE,
                    fault->name ? fault->name : "TypeError", text);
    eng_fault_clear(fault);
}

static void fault_dup(eng_fault_t *to, const eng_fault_t *from) {
    char *const *texts[] = {&from->name, &from->message, &from->stack, &from->file,
                            &from->source_line};
    *to = *from;
    char **copies[] = {&to->name, &to->message, &to->stack, &to->file, &to->source_line};
    for (size_t i = 0; i < CAY_COUNT(texts); i++) {
        *copies[i] = *texts[i] ? cay__strdup(*texts[i]) : NULL;
    }
}

static void go_online(loader_t *l) {
    cay_event_t ev = {.type = CAY_EVENT_ONLINE, .size = sizeof ev};
    (void)!cay_inside_post_event(l->agent->inside,
                                 &ev); /* without it the worker runs all the same */
    l->evaluating = true;
}

/* What the graph added to the lock file is on disk before any of it runs. */
static int write_lock(loader_t *l, eng_fault_t *fault) {
    cay_lock_t *lock = l->agent->group->lock_file;
    cay_error_t *err = NULL;
    int rc = lock ? cay__lock_flush(lock, &err) : 0;
    if (rc) {
        fault->name = cay__strdup("TypeError");
        fault->message = cay__strdup(err ? cay_error_message(err) : cay_error_text(rc));
    }
    cay_error_free(err);
    return rc;
}

/* The whole graph is there: link, evaluate, and let the promise follow. */
static void job_run(loader_t *l, job_t *j) {
    eng_isolate_t *iso = l->agent->iso;
    entry_t *root = cay__entry_real(j->root);
    eng_fault_t fault = {0};
    int rc = write_lock(l, &fault);
    rc = rc ? rc : eng_module_link(iso, root->module, &fault);
    if (rc == 0) {
        if (!j->promise) {
            go_online(l);
        }
        rc = eng_module_evaluate(iso, root->module, &fault);
    }
    if (rc == CAY_ETERMINATED) {
        return;
    }
    if (rc) {
        job_fail(l, j, &fault);
    } else if (j->promise) {
        eng_import_done(iso, cay_steal(&j->promise), root->module, ENG_NONE, NULL, NULL);
    }
    eng_fault_clear(&fault);
}

/* Whether a job that a walk stopped at `blocked` is worth another walk. */
static bool unblocked(const job_t *j) {
    return !j->blocked || j->blocked->state == ENTRY_READY || j->blocked->state == ENTRY_FAILED;
}

static bool advance(loader_t *l, job_t *j) {
    if (!unblocked(j)) {
        return false;
    }
    entry_t *e = first_unready(l, j->root);
    j->blocked = e;
    if (e && e->state != ENTRY_FAILED) {
        return false;
    }
    cay__list_remove(&j->link); /* it is over: evaluation may start other jobs */
    if (e) {
        eng_fault_t fault;
        fault_dup(&fault, &e->fault);
        job_fail(l, j, &fault);
    } else {
        job_run(l, j);
    }
    job_free(j);
    return true;
}

/* Loads all that is queued, then moves the jobs on, until nothing moves. Not re-entered: what a module's
 * evaluation asks for is queued, and found by the loop that runs it. Whether anything moved. */
static bool pump(loader_t *l) {
    if (l->pumping) {
        return false;
    }
    l->pumping = true;
    bool any = false;
    bool moved = true;
    while (moved && cay__agent_may_run(l->agent)) {
        moved = false;
        for (cay_link_t *at; (at = cay__list_shift(&l->queue)) && cay__agent_may_run(l->agent);) {
            load(l, CAY_CONTAINER(at, entry_t, queue));
        }
        for (cay_link_t *at = l->jobs.next; at != &l->jobs; at = at->next) {
            if (advance(l, CAY_CONTAINER(at, job_t, link))) {
                moved = any = true; /* the list may have changed under us */
                break;
            }
        }
    }
    l->pumping = false;
    return any;
}

static void on_answers(cay_agent_t *a, cay_note_t *n) {
    (void)n;
    loader_t *l = loader_of(a);
    answer_t *answer;
    while (cay__agent_may_run(a) && (answer = cay__answers_take(l->answers))) {
        cay__task_begin(a);
        l->open_requests--;
        answer->take(l, answer);
        pump(l);
        cay__task_end(a);
        cay__group_release(a->group, 1);
    }
}

static job_t *job_new(loader_t *l, entry_t *root, eng_ref_t *promise) {
    job_t *j = CAY_NEW(job_t);
    if (j) {
        j->root = root;
        j->promise = promise;
        cay__list_push(&l->jobs, &j->link);
    }
    return j;
}

/* ---- hooks ---- */

static loader_t *loader_new(cay_agent_t *a) {
    loader_t *l = CAY_NEW(loader_t);
    if (!l) {
        return NULL;
    }
    l->agent = a;
    a->load_note.run =
        on_answers; /* the agent's: it may still be in the inbox when the mailbox is gone */
    l->answers = cay__answers_new(a);
    if (!l->answers) {
        cay__free(l);
        return NULL;
    }
    cay__map_init(&l->map);
    cay__list_init(&l->entries);
    cay__list_init(&l->queue);
    cay__list_init(&l->jobs);
    cay__list_init(&l->remotes);
    cay__list_init(&l->waiting_remotes);
    return l;
}

static void load_main(cay_agent_t *a) {
    cay_error_t *err = NULL;
    loader_t *l = a->loader = loader_new(a);
    int rc = l ? cay__entry_main(l, a->url, &l->main, &err) : CAY_ENOMEM;
    if (rc == 0) {
        l->main->text_given = a->source != NULL;
        rc = job_new(l, l->main, NULL) ? 0 : CAY_ENOMEM;
    }
    if (rc) {
        eng_fault_t fault = {.name = cay__strdup("TypeError"),
                             .message =
                                 cay__strdup(err ? cay_error_message(err) : cay_error_text(rc))};
        cay__agent_fail(a, CAY_REASON_MAIN_MODULE, &fault);
    } else {
        pump(l);
    }
    cay_error_free(err);
}

static void import_dynamic(eng_host_t *a, const char *specifier, const char *referrer,
                           const char *type_name, eng_ref_t *promise) {
    loader_t *l = loader_of(a);
    cay_error_t *err = NULL;
    entry_t *e = NULL;
    int rc = 0;
    if (type_name && strcmp(type_name, "json") != 0) {
        rc = cay__error_set(&err, CAY_ENOTSUP, "unknown module type \"%.100s\"", type_name);
    }
    rc = rc ? rc
            : cay__entry_get(l, specifier, referrer, cay__entry_is_remote(l, referrer),
                             type_name ? ENG_MODULE_JSON : ENG_MODULE_JS, &e, &err);
    if (rc == 0 && !job_new(l, e, promise)) {
        rc = CAY_ENOMEM;
    }
    if (rc) {
        eng_import_done(a->iso, promise, NULL, ENG_NONE, "TypeError",
                        err ? cay_error_message(err) : cay_error_text(rc));
    }
    /* The rest happens once the guest's stack is empty: see after_task. */
    cay_error_free(err);
}

static char *meta_resolve(eng_host_t *a, const char *specifier, const char *referrer,
                          cay_error_t **err) {
    char *url = NULL;
    /* NULL with *err, whatever the code is. */
    (void)!cay__import_map_resolve(a->group->import_map, specifier, referrer, &url, err);
    return url;
}

static void main_rejected(cay_agent_t *a, eng_val_t reason) {
    eng_fault_t fault = {0};
    if (eng_describe(a->iso, reason, &fault) == 0) {
        cay__agent_fail(a, CAY_REASON_MAIN_MODULE, &fault);
    }
    eng_fault_clear(&fault);
}

static bool after_task(cay_agent_t *a) {
    loader_t *l = loader_of(a);
    if (!l) {
        return false;
    }
    if ((!cay__list_empty(&l->queue) || !cay__list_empty(&l->jobs)) && pump(l)) {
        return true;
    }
    if (!l->evaluating || l->settled) {
        return false;
    }
    eng_val_t reason = ENG_NONE;
    switch (eng_module_state(a->iso, cay__entry_real(l->main)->module, &reason)) {
    case ENG_PENDING: break;
    case ENG_FULFILLED:
        l->settled = true;
        cay__agent_settled(a);
        break;
    case ENG_REJECTED:
        l->settled = true;
        main_rejected(a, reason);
        break;
    }
    return false;
}

static void quiet(cay_agent_t *a) {
    loader_t *l = loader_of(a);
    if (l && l->evaluating && !l->settled) {
        eng_fault_t fault = {
            .name = cay__strdup("Error"),
            .message =
                cay__strdup("the main module waits for a promise that nothing is left to settle"),
            .file = cay__strdup(a->url)};
        cay__agent_fail(a, CAY_REASON_MAIN_MODULE, &fault);
    } else {
        cay__agent_close(a, 0, false);
    }
}

static void end_loads(cay_agent_t *a) {
    loader_t *l = loader_of(a);
    if (!l) {
        return;
    }
    cay__answers_close(l->answers);
    cay__remotes_end(l);
    while (!cay__list_empty(&l->jobs)) {
        job_free(CAY_CONTAINER(l->jobs.next, job_t, link));
    }
    for (cay_link_t *at; (at = cay__list_shift(&l->entries));) {
        cay__entry_free(CAY_CONTAINER(at, entry_t, link));
    }
    cay__map_free(&l->map);
    cay__account_release(a->account, CAY_PART_HOST, l->charged);
    cay__group_release(a->group, l->open_requests);
    cay__free(l);
    a->loader = NULL;
}

const cay_agent_hooks_t cay__loader_hooks = {
    .engine = {.resolve = host_resolve,
               .import_dynamic = import_dynamic,
               .meta_resolve = meta_resolve},
    .load_main = load_main,
    .after_task = after_task,
    .quiet = quiet,
    .end_loads = end_loads,
};
