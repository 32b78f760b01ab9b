/* SPDX-License-Identifier: MIT */
/* An operation on files, from the op that asks for it to its end. */
#include "ops/file_op.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "ops/ops.h"
#include "worker/net.h"

/* Longer than any path the kernel takes; messages and audits carry paths. */
#define MAX_PATH_BYTES 8192

void cay__file_path_clear(cay_file_path_t *p) {
    cay__free(p->shown);
    cay__free(p->full);
    cay__free(p->real);
    cay__free(p->refused);
    cay__place_clear(&p->place);
    cay__authority_unref(&p->who);
    *p = (cay_file_path_t){0};
}

void cay__file_bytes_free(void *data, size_t len, void *user) {
    (void)len;
    (void)user;
    cay__free(data);
}

static void op_free(cay_request_t *r) {
    cay_file_op_t *op = CAY_CONTAINER(r, cay_file_op_t, request);
    cay__use_end(&op->to_use);
    cay__file_path_clear(&op->path);
    cay__file_path_clear(&op->to);
    if (op->file) {
        cay__open_file_unref(op->file);
    }
    cay__blob_drop(&op->bytes);
    cay__buf_free(&op->list);
    cay__free(op->names);
    cay__free(op);
}

/* 0 unless writing the second path was revoked, be it after the work was done. */
static int check_to(cay_file_op_t *op, cay_error_t **err) {
    return atomic_load(&op->to_revoked)
               ? cay__error_set(err, CAY_EPERM, "write access to \"%.300s\" was revoked",
                                op->to.full)
               : 0;
}

/* 0 unless the place where it lies was revoked meanwhile: the use that is listed is of the name alone. */
static int check_real(const cay_file_path_t *p, cay_error_t **err) {
    for (cay_kind_t kind = CAY_KIND_READ; p->real && kind <= CAY_KIND_WRITE; kind++) {
        if (!(p->kinds & 1u << kind)) {
            continue;
        }
        if (cay__file_check_real(p->who, kind, p->place.root, p->real, !p->whole) ||
            (p->whole && cay__authority_denies_below(p->who, kind, p->real, strlen(p->real)))) {
            return cay__error_set(err, CAY_EPERM, "%s access to \"%.300s\" was revoked",
                                  cay_kind_name(kind), p->shown);
        }
    }
    return 0;
}

static int op_settle(cay_request_t *r, cay_agent_t *a, eng_val_t *out, cay_error_t **err) {
    cay_file_op_t *op = CAY_CONTAINER(r, cay_file_op_t, request);
    int rc = check_to(op, err);
    rc = rc ? rc : check_real(&op->path, err);
    rc = rc ? rc : check_real(&op->to, err);
    return rc == 0 && op->settle ? op->settle(op, a, out, err) : rc;
}

/* An operation on an open file waits in that file's queue, not in the pool's: it sees `stop` when its turn
 * comes, which is soon. */
static void op_cancel(cay_request_t *r) {
    cay_file_op_t *op = CAY_CONTAINER(r, cay_file_op_t, request);
    atomic_store(&op->stop, true);
    if (atomic_load(&op->submitted) && cay__pool_cancel(op->pool, &op->job)) {
        cay__request_done(r, CAY_ETERMINATED, NULL);
    }
}

static const cay_request_ops_t request_ops = {op_settle, op_cancel, op_free};

static void op_work(cay_job_t *job) {
    cay_file_op_t *op = CAY_CONTAINER(job, cay_file_op_t, job);
    cay_error_t *err = NULL;
    cay__free(cay_steal(&op->path.refused)); /* left by `now` */
    int rc = atomic_load(&op->stop) ? CAY_ETERMINATED : op->run(op, &err);
    cay__file_op_done(op, rc, err);
}

cay_file_op_t *cay__file_op_new(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    cay_file_op_t *op = CAY_NEW(cay_file_op_t);
    if (!op) {
        eng_throw(c, CAY_ENOMEM, "out of memory for an operation on files");
        return NULL;
    }
    op->request.ops = &request_ops;
    op->pool = a->env->services->pool;
    op->job.work = op_work;
    cay__list_init(&op->job.link);
    cay__list_init(&op->turn);
    return op;
}

void cay__file_op_fail(eng_call_t *c, cay_file_op_t *op, int rc, cay_error_t *err) {
    eng_throw(c, rc, "%s", err ? cay_error_message(err) : cay_error_text(rc));
    cay_error_free(err);
    op_free(&op->request);
}

/* ---- paths ---- */

static cay_ask_t ask_real(cay_kind_t kind, const char *real) {
    return (cay_ask_t){.kind = kind, .value = real, .len = strlen(real), .port = -1};
}

/* Where everything is granted, no root holds links back: nothing counts as inside. */
static bool is_inside(const char *root, const char *real) {
    size_t n = strlen(root);
    return n > 1 && strncmp(root, real, n) == 0 && (real[n] == '/' || !real[n]);
}

/* Any thread. Where a path really lies may be used when no rule denies that place, there or by name; outside of
 * the grant's root, places are asked about like any path. */
static bool may_use(const cay_file_path_t *p, cay_kind_t kind, const char *real) {
    cay_ask_t ask = ask_real(kind, real);
    bool denied = p->whole ? cay__authority_denies_below(p->who, kind, real, ask.len)
                           : cay__authority_denies_path(p->who, kind, real, ask.len);
    return !denied && (is_inside(p->place.root, real) || cay__authority_has(p->who, &ask));
}

int cay__file_check_real(cay_authority_t *who, cay_kind_t kind, const char *root, const char *real,
                         bool tell) {
    cay_ask_t ask = ask_real(kind, real);
    bool may = is_inside(root, real) ? !cay__authority_denies_path(who, kind, real, ask.len)
                                     : !tell && cay__authority_has(who, &ask);
    return may ? 0 : cay__authority_check(who, &ask, NULL, NULL);
}

/* The length of what the message of the layer below begins with: "read "x": ". 0: it is about another path. */
static size_t message_head(const char *message, const char *shown) {
    const char *quote = strchr(message, '"');
    size_t n = strlen(shown);
    bool same =
        quote && strncmp(quote + 1, shown, n) == 0 && strncmp(quote + 1 + n, "\": ", 3) == 0;
    return same ? (size_t)(quote - message) + n + 4 : 0;
}

/* Why the place was refused; audited. NULL: no memory to tell. */
static cay_error_t *refusal(const cay_file_path_t *p) {
    cay_ask_t ask = ask_real(p->refused_kind, p->refused);
    cay_error_t *why = NULL;
    if (!p->whole || cay__authority_denies_path(p->who, ask.kind, ask.value, ask.len) ||
        !cay__authority_denies_below(p->who, ask.kind, ask.value, ask.len)) {
        (void)!cay__authority_check(p->who, &ask, NULL, &why);
        return why;
    }
    CAY_AUTOFREE char *rule = cay__authority_denial_below(p->who, ask.kind, ask.value, ask.len);
    cay__error_set(&why, CAY_EPERM, "%s access is denied below it by %s", cay_kind_name(ask.kind),
                   rule ? rule : "a rule");
    return why;
}

/* The layer below only knows that it was refused: this tells what, and what would grant it. */
static void tell_refused(const cay_file_path_t *p, cay_error_t **err) {
    cay_error_t *why = refusal(p), *told = NULL;
    size_t head = *err && why ? message_head(cay_error_message(*err), p->shown) : 0;
    if (head) {
        bool met_below = is_inside(p->full, p->refused); /* on the way down, without a link */
        cay__error_set(&told, CAY_EPERM, "%.*s%s%s", (int)head, cay_error_message(*err),
                       met_below ? "" : "a link leads to another place, and ",
                       cay_error_message(why));
    }
    cay_error_free(why);
    if (told) {
        cay_error_free(*err);
        *err = told;
    }
}

static bool judge(void *ctx, const char *real_path) {
    cay_file_path_t *p = ctx;
    for (cay_kind_t kind = CAY_KIND_READ; kind <= CAY_KIND_WRITE; kind++) {
        if ((p->kinds & 1u << kind) && !may_use(p, kind, real_path)) {
            cay__free(p->refused);
            p->refused = cay__strdup(real_path);
            p->refused_kind = kind;
            return false;
        }
    }
    cay__free(p->real);
    p->real = cay__strdup(real_path);
    return p->real != NULL;
}

cay_fs_path_t cay__file_path_place(cay_file_path_t *p) {
    const char *tail = p->full + strlen(p->place.named);
    while (*tail == '/') {
        tail++;
    }
    return (cay_fs_path_t){p->place.root, tail, p->shown, judge, p};
}

static int read_path(eng_call_t *c, int i, cay_file_path_t *out, cay_error_t **err) {
    cay_agent_t *a = eng_call_host(c);
    size_t len = 0;
    out->shown = eng_to_text(eng_call_isolate(c), eng_arg(c, i), &len);
    if (!out->shown) {
        return cay__error_set(err, CAY_EINVAL, "a path is a string");
    }
    if (strlen(out->shown) != len) {
        return cay__error_set(err, CAY_EINVAL, "a path has a NUL character in it");
    }
    if (len > MAX_PATH_BYTES) {
        return cay__error_set(err, CAY_EINVAL, "a path is longer than %d bytes", MAX_PATH_BYTES);
    }
    if (len == 0) {
        return cay__error_set(err, CAY_ENOTFOUND, "\"\": not found");
    }
    out->full = cay__perm_path(out->shown, len, a->group->directory);
    out->who = cay__authority_ref(a->authority);
    return out->full ? 0 : cay__error_set(err, CAY_ENOMEM, "out of memory for a path");
}

bool cay__file_op_path(eng_call_t *c, cay_file_op_t *op, int i, cay_file_path_t *out,
                       uint32_t kinds) {
    cay_error_t *err = NULL;
    out->kinds = kinds;
    int rc = read_path(c, i, out, &err);
    if (rc) {
        cay__file_op_fail(c, op, rc, err);
    }
    return rc == 0;
}

/* ---- starting ---- */

static cay_ask_t ask_of(const cay_file_path_t *p, cay_kind_t kind) {
    return (cay_ask_t){.kind = kind, .value = p->full, .len = strlen(p->full), .port = -1};
}

/* Under the lock of the authority's tree. */
static void to_revoked(cay_use_t *use) {
    cay_file_op_t *op = CAY_CONTAINER(use, cay_file_op_t, to_use);
    atomic_store(&op->to_revoked, true);
    atomic_store(&op->stop, true);
}

/* By name; `judge` asks the same of the place where it really lies. */
static int check_whole(cay_agent_t *a, const cay_file_path_t *p, cay_error_t **err) {
    for (cay_kind_t kind = CAY_KIND_READ; p->full && kind <= CAY_KIND_WRITE; kind++) {
        cay_ask_t ask = ask_of(p, kind);
        /* What is not granted at all is told by the check of the path itself. */
        if ((p->kinds & 1u << kind) && cay__authority_has(a->authority, &ask) &&
            cay__authority_denies_below(a->authority, kind, p->full, ask.len)) {
            CAY_AUTOFREE char *rule =
                cay__authority_denial_below(a->authority, kind, p->full, ask.len);
            return cay__error_set(err, CAY_EPERM, "%s access is denied below \"%s\" by %s",
                                  cay_kind_name(kind), p->shown, rule ? rule : "a rule");
        }
    }
    return 0;
}

/* All but the grant that the request itself uses. */
static int check_rest(cay_agent_t *a, cay_file_op_t *op, cay_error_t **err) {
    int rc = 0;
    if (op->also_read) {
        cay_ask_t ask = ask_of(&op->path, CAY_KIND_READ);
        rc = cay__authority_check(a->authority, &ask, NULL, err);
    }
    if (rc == 0 && op->to.full) {
        cay_ask_t ask = ask_of(&op->to, CAY_KIND_WRITE);
        op->to_use.revoked = to_revoked;
        rc = cay__use_begin(a->authority, &op->to_use, &ask, &op->to.place, err);
    }
    rc = rc == 0 && op->path.whole ? check_whole(a, &op->path, err) : rc;
    rc = rc == 0 && op->to.whole ? check_whole(a, &op->to, err) : rc;
    return rc;
}

void cay__file_op_start(eng_call_t *c, cay_file_op_t *op) {
    cay_agent_t *a = eng_call_host(c);
    cay_error_t *err = NULL;
    int rc = check_rest(a, op, &err);
    if (rc == 0) {
        cay_ask_t ask = ask_of(&op->path, op->kind);
        op->request.bytes = op->bytes.len;
        rc = cay__request_begin(a, &op->request, eng_to_u32(eng_arg(c, 0)), &ask, &op->path.place,
                                &err);
    }
    if (rc) {
        cay__file_op_fail(c, op, rc, err);
        return;
    }
    /* Several at once are better off on the pool's threads. */
    if (op->now && cay__request_alone(a) && op->now(op)) {
        cay__file_op_done(op, 0, NULL);
        return;
    }
    atomic_store(&op->submitted, true);
    rc = cay__pool_submit(op->pool, &op->job);
    if (rc) {
        cay__request_done(&op->request, rc, NULL);
    }
}

void cay__file_op_done(cay_file_op_t *op, int rc, cay_error_t *err) {
    if (rc && atomic_load(&op->to_revoked)) {
        cay_error_free(cay_steal(&err));
        rc = check_to(op, &err);
    } else if (rc == CAY_EPERM && (op->path.refused || op->to.refused)) {
        tell_refused(op->path.refused ? &op->path : &op->to, &err);
    }
    cay__request_done(&op->request, rc, err);
}
