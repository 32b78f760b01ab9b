/* SPDX-License-Identifier: MIT */
/* Ops on open files. A file keeps no grant: each operation on it is checked as if it named the path, so that a
 * revocation reaches files that are open. */
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "ops/file_op.h"
#include "ops/ops.h"

/* One read gives no more, so that none holds much memory. */
#define MAX_ONE_READ ((size_t)16 << 20)
#define ONE_PIECE    ((size_t)8 << 20)

#define AT_POSITION UINT64_MAX

struct cay_open_file {
    _Atomic uint32_t refs;
    unsigned flags;    /* CAY_FS_* it was opened with */
    char *shown;       /* the path, as the guest wrote it */
    char *full;        /* as permissions are asked about it */
    char *real;        /* where links led to, or NULL */
    char *root;        /* of the grant it was opened with */
    int fd;            /* -1: closed. Changed in a turn, or by the last reference */
    uint64_t position; /* changed in a turn */
    cay_pool_t *pool;
    cay_job_t job;    /* takes one turn */
    cay_mutex_t lock; /* of the two below */
    cay_link_t queue; /* of cay_file_op_t.turn */
    bool busy;        /* a turn is being taken, or waits for a thread */
};

static void take_turn(cay_job_t *job);

cay_open_file_t *cay__open_file_new(cay_pool_t *pool, unsigned flags) {
    cay_open_file_t *f = CAY_NEW(cay_open_file_t);
    if (f) {
        atomic_init(&f->refs, 1);
        cay__mutex_init(&f->lock);
        cay__list_init(&f->queue);
        cay__list_init(&f->job.link);
        f->job.work = take_turn;
        f->pool = pool;
        f->flags = flags;
        f->fd = -1;
    }
    return f;
}

static cay_open_file_t *file_ref(cay_open_file_t *f) {
    atomic_fetch_add_explicit(&f->refs, 1, memory_order_relaxed);
    return f;
}

void cay__open_file_unref(cay_open_file_t *f) {
    if (atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    if (f->fd >= 0) {
        close(f->fd);
    }
    cay__mutex_destroy(&f->lock);
    cay__free(f->shown);
    cay__free(f->full);
    cay__free(f->real);
    cay__free(f->root);
    cay__free(f);
}

static void close_object(void *object) {
    cay__open_file_unref(object);
}

static const cay_object_ops_t file_ops = {"file", close_object};

/* ---- opening ---- */

int cay__open_file_run(cay_file_op_t *op, cay_error_t **err) {
    cay_fs_path_t p = cay__file_path_place(&op->path);
    return cay__fs_open(&p, op->flags, &op->file->fd, err);
}

int cay__open_file_settle(cay_file_op_t *op, cay_agent_t *a, eng_val_t *out, cay_error_t **err) {
    cay_open_file_t *f = op->file;
    f->shown = cay_steal(&op->path.shown);
    f->full = cay_steal(&op->path.full);
    f->real = cay_steal(&op->path.real);
    f->root = cay_steal(&op->path.place.root);
    if (a->objects >= CAY_MAX_OBJECTS) {
        return cay__error_set(err, CAY_ELIMIT, "open \"%s\": the worker has %u files open",
                              f->shown, CAY_MAX_OBJECTS);
    }
    cay_resource_t *r = cay__resource_add_object(a, &file_ops, f);
    if (!r) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory for an open file");
    }
    op->file = NULL; /* the table has the reference */
    *out = eng_number(a->iso, r->rid);
    return 0;
}

/* ---- turns ---- */

/* Pool thread. The next turn may begin on another thread as soon as the job is submitted again; `f` lives on by
 * the reference of the operation that is not yet done. */
static void take_turn(cay_job_t *job) {
    cay_open_file_t *f = CAY_CONTAINER(job, cay_open_file_t, job);
    bool again = true;
    while (again) {
        cay__mutex_lock(&f->lock);
        cay_file_op_t *op = CAY_CONTAINER(cay__list_shift(&f->queue), cay_file_op_t, turn);
        cay__mutex_unlock(&f->lock);
        cay_error_t *err = NULL;
        int rc = atomic_load(&op->stop) ? CAY_ETERMINATED : op->run(op, &err);
        cay__mutex_lock(&f->lock);
        f->busy = !cay__list_empty(&f->queue);
        again = f->busy;
        cay__mutex_unlock(&f->lock);
        /* Others in the pool's queue get theirs first. */
        again = again && cay__pool_submit(f->pool, &f->job) != 0;
        cay__file_op_done(op, rc, err);
    }
}

/* It has begun, so it is told its end in any case. */
static void enqueue(cay_file_op_t *op) {
    cay_open_file_t *f = op->file;
    cay__mutex_lock(&f->lock);
    bool first = !f->busy;
    f->busy = true;
    cay__list_push(&f->queue, &op->turn);
    cay__mutex_unlock(&f->lock);
    int rc = first ? cay__pool_submit(f->pool, &f->job) : 0;
    if (rc) { /* no turn is being taken, and only this thread adds to the queue */
        cay__mutex_lock(&f->lock);
        f->busy = false;
        cay__list_remove(&op->turn);
        cay__mutex_unlock(&f->lock);
        cay__file_op_done(op, rc, NULL);
    }
}

/* ---- operations ---- */

/* An operation on the open file of argument 1; NULL: thrown. */
static cay_file_op_t *new_op(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    cay_open_file_t *f = cay__resource_object(a, eng_to_u32(eng_arg(c, 1)), &file_ops);
    if (!f) {
        eng_throw(c, CAY_ECLOSED, "the file is closed");
        return NULL;
    }
    cay_file_op_t *op = cay__file_op_new(c);
    if (op) {
        op->file = file_ref(f);
        op->at = AT_POSITION;
    }
    return op;
}

/* What was reached through a link is denied also by where it lies, and outside of its grant's root granted there. */
static int check_file(cay_agent_t *a, const cay_open_file_t *f, cay_kind_t kind,
                      cay_error_t **err) {
    bool may = f->flags & (kind == CAY_KIND_READ ? CAY_FS_READ : CAY_FS_WRITE);
    const char *word = kind == CAY_KIND_READ ? "reading" : "writing";
    if (!may) {
        return cay__error_set(err, CAY_ENOTSUP, "\"%s\" is not open for %s", f->shown, word);
    }
    if (f->real && cay__file_check_real(a->authority, kind, f->root, f->real, false)) {
        return cay__error_set(err, CAY_EPERM, "%s access to \"%s\" was revoked",
                              cay_kind_name(kind), f->shown);
    }
    return 0;
}

static void start(eng_call_t *c, cay_file_op_t *op, cay_kind_t kind) {
    cay_agent_t *a = eng_call_host(c);
    const char *full = op->file->full;
    cay_ask_t ask = {.kind = kind, .value = full, .len = strlen(full), .port = -1};
    cay_error_t *err = NULL;
    int rc = check_file(a, op->file, kind, &err);
    if (rc == 0) {
        op->request.bytes = op->bytes.len;
        rc = cay__request_begin(a, &op->request, eng_to_u32(eng_arg(c, 0)), &ask, NULL, &err);
    }
    if (rc) {
        cay__file_op_fail(c, op, rc, err);
    } else {
        enqueue(op);
    }
}

/* A position as the guest gave it; no number: where the file is. */
static uint64_t position_arg(eng_call_t *c, int i) {
    double at = eng_to_number(eng_arg(c, i));
    return at >= 0 && at <= 9007199254740991.0 ? (uint64_t)at : AT_POSITION;
}

static int run_read(cay_file_op_t *op, cay_error_t **err) {
    cay_open_file_t *f = op->file;
    uint64_t at = op->at == AT_POSITION ? f->position : op->at;
    int full = cay__request_keep(&op->request, op->max, err);
    void *data = full ? NULL : cay__malloc(op->max + 1);
    if (full) {
        return full;
    }
    if (!data) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory for a read");
    }
    op->bytes = (cay_blob_t){data, 0, cay__file_bytes_free, NULL};
    int rc = cay__fs_pread(f->fd, data, op->max, at, &op->bytes.len, f->shown, err);
    if (rc == 0 && op->at == AT_POSITION) {
        f->position += op->bytes.len;
    }
    return rc;
}

/* Checked once more: the use that is listed is of the file's name, not of the place where links led to. */
static int settle_read(cay_file_op_t *op, cay_agent_t *a, eng_val_t *out, cay_error_t **err) {
    int rc = check_file(a, op->file, CAY_KIND_READ, err);
    if (rc) {
        return rc;
    }
    *out = eng_uint8array(a->iso, &op->bytes);
    return eng_is_undefined(*out) ? cay__error_set(err, CAY_ENOMEM, "out of memory for a read") : 0;
}

/* fileRead(id, rid, length, at): bytes, at most `length` */
void cay__op_fileRead(eng_call_t *c) {
    double length = eng_to_number(eng_arg(c, 2));
    cay_file_op_t *op = new_op(c);
    if (op) {
        op->at = position_arg(c, 3);
        op->max = length >= 0 && length < (double)MAX_ONE_READ ? (size_t)length : MAX_ONE_READ;
        op->run = run_read;
        op->settle = settle_read;
        start(c, op, CAY_KIND_READ);
    }
}

/* In pieces, between which it can be stopped. */
static int run_write(cay_file_op_t *op, cay_error_t **err) {
    cay_open_file_t *f = op->file;
    bool append = f->flags & CAY_FS_APPEND;
    uint64_t at = op->at == AT_POSITION ? f->position : op->at;
    const char *data = op->bytes.data;
    int rc = 0;
    for (size_t left = op->bytes.len; rc == 0 && left > 0;) {
        size_t n = left < ONE_PIECE ? left : ONE_PIECE;
        rc = atomic_load(&op->stop) ? CAY_ETERMINATED
                                    : cay__fs_pwrite(f->fd, data, n, at, append, f->shown, err);
        data += n;
        at += n;
        left -= n;
    }
    if (rc == 0 && op->at == AT_POSITION) {
        f->position = at;
    }
    return rc;
}

/* fileWrite(id, rid, bytes, at): all of them */
void cay__op_fileWrite(eng_call_t *c) {
    cay_file_op_t *op = new_op(c);
    if (!op) {
        return;
    }
    op->at = position_arg(c, 3);
    op->run = run_write;
    int rc = eng_bytes_copy(eng_call_isolate(c), eng_arg(c, 2), &op->bytes);
    if (rc) {
        cay__file_op_fail(c, op, rc, NULL);
    } else {
        start(c, op, CAY_KIND_WRITE);
    }
}

static int run_truncate(cay_file_op_t *op, cay_error_t **err) {
    return cay__fs_truncate(op->file->fd, op->at, op->file->shown, err);
}

/* fileTruncate(id, rid, length) */
void cay__op_fileTruncate(eng_call_t *c) {
    cay_file_op_t *op = new_op(c);
    if (op) {
        op->at = position_arg(c, 2);
        op->at = op->at == AT_POSITION ? 0 : op->at;
        op->run = run_truncate;
        start(c, op, CAY_KIND_WRITE);
    }
}

static cay_kind_t kind_of(const cay_file_op_t *op) {
    return op->file->flags & CAY_FS_READ ? CAY_KIND_READ : CAY_KIND_WRITE;
}

static int run_stat(cay_file_op_t *op, cay_error_t **err) {
    return cay__fs_fstat(op->file->fd, &op->stat, op->file->shown, err);
}

static int settle_stat(cay_file_op_t *op, cay_agent_t *a, eng_val_t *out, cay_error_t **err) {
    int rc = check_file(a, op->file, kind_of(op), err);
    return rc ? rc : cay__file_stat_settle(op, a, out, err);
}

/* fileStat(id, rid) */
void cay__op_fileStat(eng_call_t *c) {
    cay_file_op_t *op = new_op(c);
    if (op) {
        op->fine = cay__agent_has(eng_call_host(c), CAY_KIND_FINE_CLOCK);
        op->run = run_stat;
        op->settle = settle_stat;
        start(c, op, kind_of(op));
    }
}

static int run_sync(cay_file_op_t *op, cay_error_t **err) {
    return cay__fs_sync(op->file->fd, op->choice, op->file->shown, err);
}

/* fileSync(id, rid, dataOnly) */
void cay__op_fileSync(eng_call_t *c) {
    cay_file_op_t *op = new_op(c);
    if (op) {
        op->choice = eng_to_bool(eng_call_isolate(c), eng_arg(c, 2));
        op->run = run_sync;
        start(c, op, kind_of(op));
    }
}

/* Nothing comes after it: the number is gone. close(2) can wait for a disk, so it is done here. */
static int run_close(cay_file_op_t *op, cay_error_t **err) {
    (void)err;
    close(op->file->fd);
    op->file->fd = -1;
    return 0;
}

/* fileClose(id, rid): after what was asked for before. Needs no grant. */
void cay__op_fileClose(eng_call_t *c) {
    cay_agent_t *a = eng_call_host(c);
    cay_file_op_t *op = new_op(c);
    if (!op) {
        return;
    }
    cay_error_t *err = NULL;
    op->run = run_close;
    int rc = cay__request_begin(a, &op->request, eng_to_u32(eng_arg(c, 0)), NULL, NULL, &err);
    if (rc) {
        cay__file_op_fail(c, op, rc, err);
        return;
    }
    cay__resource_close(cay__resource_get(a, eng_to_u32(eng_arg(c, 1))));
    enqueue(op);
}
