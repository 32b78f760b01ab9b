/* SPDX-License-Identifier: MIT */
/* What the ops of files share: an operation that runs on the pool, its paths, and open files.
 *
 *     op: arguments ──► cay__file_op_start ──► pool: run() ──► agent: settle() ──► free
 *                          │ checks the grants, and lists their use: a revocation stops it
 *
 * An operation belongs to whoever runs it; the request layer frees it. An open file is counted: by the agent's
 * table, and by each operation on it. Operations on one open file happen one after the other, in the order in
 * which they were asked for; so its position needs no lock. */
#ifndef CAY_OPS_FILE_OP_H
#define CAY_OPS_FILE_OP_H

#include "io/fs.h"
#include "io/pool.h"
#include "os/thread.h"
#include "worker/request.h"

/* A path on its way from the guest to the file system. */
typedef struct cay_file_path {
    char *shown; /* as the guest wrote it */
    char *full;  /* absolute and normalised as text: what permissions are asked about */
    char *real;  /* where it lies, when that was asked about. Written by the pool's thread */
    char *
        refused; /* a real path that may not be used, of the run that goes on; by the same thread */
    cay_kind_t refused_kind;
    uint32_t kinds; /* bits (1 << kind) of what is done with it */
    /* Nothing below it may be denied: it is moved, or removed, with all in it, which would take that out of its
     * rule's reach. */
    bool whole;
    cay_place_t place;    /* of the grant */
    cay_authority_t *who; /* a reference: whether links may lead where they lead */
} cay_file_path_t;

typedef struct cay_open_file cay_open_file_t;
typedef struct cay_file_op cay_file_op_t;
struct cay_file_op {
    cay_request_t request; /* first */
    cay_job_t job;
    cay_pool_t *pool;
    int (*run)(cay_file_op_t *op, cay_error_t **err); /* pool thread */
    bool (*now)(cay_file_op_t *op); /* NULL, or: done at once without waiting for anything */
    /* Entered; NULL: the promise gets undefined. */
    int (*settle)(cay_file_op_t *op, cay_agent_t *a, eng_val_t *out, cay_error_t **err);

    cay_file_path_t path;
    cay_kind_t kind; /* whose use of path is listed; also_read: read must be granted, too */
    bool also_read;
    cay_file_path_t to;
    cay_use_t to_use;
    atomic_bool to_revoked;
    atomic_bool submitted;
    atomic_bool stop; /* looked at between the steps of run */

    cay_open_file_t
        *file;       /* a reference: of operations on open files, and of the one that opens it */
    cay_link_t turn; /* in the file's queue */

    unsigned flags; /* CAY_FS_* */
    bool choice;    /* recursive; follow; text; data only */
    bool fine;      /* times may be told to the ms */
    uint64_t at;    /* UINT64_MAX: where the file's position is */
    size_t max;
    cay_blob_t bytes;
    cay_buf_t list;
    const char **names; /* into list, sorted; cay__malloc'ed */
    size_t name_count;
    cay_fs_stat_t stat;
};

/* Argument 0 of every op here is the number of the promise. NULL (thrown) when out of memory. */
cay_file_op_t *cay__file_op_new(eng_call_t *c);
/* Reads argument i, a path. false: thrown, and the operation is freed. */
bool cay__file_op_path(eng_call_t *c, cay_file_op_t *op, int i, cay_file_path_t *out,
                       uint32_t kinds);
/* Checks the grants and hands the operation to the pool; or throws and frees it. */
void cay__file_op_start(eng_call_t *c, CAY_OWN cay_file_op_t *op);
/* Throws and frees it. */
void cay__file_op_fail(eng_call_t *c, CAY_OWN cay_file_op_t *op, int rc, CAY_OWN cay_error_t *err);
/* Any thread: it has run. */
void cay__file_op_done(CAY_OWN cay_file_op_t *op, int rc, CAY_OWN cay_error_t *err);

/* 0 while a place below `root` (of the grant) is not denied, and one outside is granted by itself; or a code,
 * and the audit is told. tell: also when it is granted outside. Any thread. */
int cay__file_check_real(cay_authority_t *who, cay_kind_t kind, const char *root, const char *real,
                         bool tell);
cay_fs_path_t cay__file_path_place(cay_file_path_t *p);
void cay__file_path_clear(cay_file_path_t *p);
/* A release for bytes of cay__malloc. */
void cay__file_bytes_free(void *data, size_t len, void *user);
/* [type, size, mode, mtime, atime, ctime, birth time or null], times in ms. */
int cay__file_stat_settle(cay_file_op_t *op, cay_agent_t *a, eng_val_t *out, cay_error_t **err);

/* ---- open files ---- */

/* With one reference; NULL when out of memory. */
CAY_OWN cay_open_file_t *cay__open_file_new(cay_pool_t *pool, unsigned flags);
void cay__open_file_unref(CAY_OWN cay_open_file_t *f);
/* The op that opens: opens op->path on the pool, and puts the file into the agent's table. */
int cay__open_file_run(cay_file_op_t *op, cay_error_t **err);
int cay__open_file_settle(cay_file_op_t *op, cay_agent_t *a, eng_val_t *out, cay_error_t **err);

#endif
