/* SPDX-License-Identifier: MIT */
/* Ops on paths: reading and writing whole files, directories, and opening. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "os/clock.h"
#include "ops/file_op.h"
#include "ops/ops.h"
#include "url/url.h"

#define READ  (1u << CAY_KIND_READ)
#define WRITE (1u << CAY_KIND_WRITE)

/* No read gives more, whatever the guest asks for. */
#define MAX_READ ((size_t)1 << 30)

/* An operation on the path of argument 1. */
static cay_file_op_t *new_op(eng_call_t *c, cay_kind_t kind, uint32_t kinds) {
    cay_file_op_t *op = cay__file_op_new(c);
    if (!op || !cay__file_op_path(c, op, 1, &op->path, kinds)) {
        return NULL;
    }
    op->kind = kind;
    return op;
}

/* ---- whole files ---- */

static int run_read(cay_file_op_t *op, cay_error_t **err) {
    cay_fs_path_t p = cay__file_path_place(&op->path);
    int rc = cay__fs_read_all(&p, op->max, &op->stop, &op->bytes, err);
    rc = rc ? rc : cay__request_keep(&op->request, op->bytes.len, err);
    return rc;
}

/* On the worker's own thread, where the file is at hand: the way to the pool and back costs more than the read. */
static bool read_now(cay_file_op_t *op) {
    cay_fs_path_t p = cay__file_path_place(&op->path);
    return cay__fs_read_cached(&p, op->max, &op->bytes) == 0;
}

static int settle_read(cay_file_op_t *op, cay_agent_t *a, eng_val_t *out, cay_error_t **err) {
    size_t len = op->bytes.len;
    if (op->choice) {
        *out = eng_string(a->iso, op->bytes.data, len);
    } else {
        *out = eng_uint8array(a->iso, &op->bytes);
    }
    return eng_is_undefined(*out)
               ? cay__error_set(err, CAY_ELIMIT, "read \"%s\": %zu bytes are more than a %s can be",
                                op->path.shown, len, op->choice ? "string" : "Uint8Array")
               : 0;
}

/* fsRead(id, path, maxBytes, text) */
void cay__op_fsRead(eng_call_t *c) {
    double max = eng_to_number(eng_arg(c, 2));
    bool text = eng_to_bool(eng_call_isolate(c), eng_arg(c, 3));
    cay_file_op_t *op = new_op(c, CAY_KIND_READ, READ);
    if (!op) {
        return;
    }
    op->max = max >= 0 && max < (double)MAX_READ ? (size_t)max : MAX_READ;
    uint64_t memory = eng_call_host(c)->account->limits.memory; /* more could not be kept */
    op->max = memory < op->max ? (size_t)memory : op->max;
    op->choice = text;
    op->now = read_now;
    op->run = run_read;
    op->settle = settle_read;
    cay__file_op_start(c, op);
}

static int run_write(cay_file_op_t *op, cay_error_t **err) {
    cay_fs_path_t p = cay__file_path_place(&op->path);
    return cay__fs_write_all(&p, op->flags, op->bytes.data, op->bytes.len, &op->stop, err);
}

/* A copy of a string as UTF-8, or of bytes. */
static int copy_content(eng_call_t *c, int i, cay_blob_t *out, cay_error_t **err) {
    eng_isolate_t *iso = eng_call_isolate(c);
    if (eng_is_string(eng_arg(c, i))) {
        size_t len = 0;
        char *text = eng_to_text(iso, eng_arg(c, i), &len);
        *out = (cay_blob_t){text, len, cay__file_bytes_free, NULL};
        return text ? 0 : cay__error_set(err, CAY_ENOMEM, "out of memory for what is written");
    }
    int rc = eng_bytes_copy(iso, eng_arg(c, i), out);
    return rc == CAY_EINVAL ? cay__error_set(err, rc, "what is written is not bytes, or is shared")
           : rc             ? cay__error_set(err, rc, "out of memory for what is written")
                            : 0;
}

/* fsWrite(id, path, content, flags) */
void cay__op_fsWrite(eng_call_t *c) {
    cay_file_op_t *op = new_op(c, CAY_KIND_WRITE, WRITE);
    if (!op) {
        return;
    }
    cay_error_t *err = NULL;
    int rc = copy_content(c, 2, &op->bytes, &err);
    if (rc) {
        cay__file_op_fail(c, op, rc, err);
        return;
    }
    op->flags = eng_to_u32(eng_arg(c, 3)) &
                (CAY_FS_CREATE | CAY_FS_EXCLUSIVE | CAY_FS_TRUNCATE | CAY_FS_APPEND);
    op->run = run_write;
    cay__file_op_start(c, op);
}

/* ---- facts about files ---- */

static double ms_of(int64_t ns, bool fine) {
    int64_t unit = fine ? (int64_t)CAY_NS_PER_MS : (int64_t)CAY_NS_PER_S;
    int64_t whole = ns / unit - (ns % unit < 0);
    return (double)whole * (fine ? 1 : 1000);
}

int cay__file_stat_settle(cay_file_op_t *op, cay_agent_t *a, eng_val_t *out, cay_error_t **err) {
    (void)err;
    const cay_fs_stat_t *s = &op->stat;
    eng_isolate_t *iso = a->iso;
    eng_val_t values[] = {
        eng_number(iso, s->type),
        eng_number(iso, (double)s->size),
        eng_number(iso, s->mode),
        eng_number(iso, ms_of(s->mtime_ns, op->fine)),
        eng_number(iso, ms_of(s->atime_ns, op->fine)),
        eng_number(iso, ms_of(s->ctime_ns, op->fine)),
        s->birthtime_ns == INT64_MIN ? eng_null(iso)
                                     : eng_number(iso, ms_of(s->birthtime_ns, op->fine)),
    };
    *out = eng_array(iso, values, CAY_COUNT(values));
    return 0;
}

static int run_stat(cay_file_op_t *op, cay_error_t **err) {
    cay_fs_path_t p = cay__file_path_place(&op->path);
    return cay__fs_stat(&p, op->choice, &op->stat, err);
}

/* fsStat(id, path, follow) */
void cay__op_fsStat(eng_call_t *c) {
    cay_file_op_t *op = new_op(c, CAY_KIND_READ, READ);
    if (op) {
        op->choice = eng_to_bool(eng_call_isolate(c), eng_arg(c, 2));
        op->fine = cay__agent_has(eng_call_host(c), CAY_KIND_FINE_CLOCK);
        op->run = run_stat;
        op->settle = cay__file_stat_settle;
        cay__file_op_start(c, op);
    }
}

/* ---- directories ---- */

/* An entry is a byte of its type, and its name. */
static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a + 1, *(const char *const *)b + 1);
}

static int sort_names(cay_file_op_t *op, cay_error_t **err) {
    const char *end = (const char *)op->list.data + op->list.len;
    for (const char *at = (const char *)op->list.data; at < end; at += strlen(at + 1) + 2) {
        op->name_count++;
    }
    op->names = cay__malloc((op->name_count + 1) * sizeof *op->names);
    if (!op->names) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory for a directory");
    }
    const char *at = (const char *)op->list.data;
    for (size_t i = 0; i < op->name_count; i++, at += strlen(at + 1) + 2) {
        op->names[i] = at;
    }
    qsort(op->names, op->name_count, sizeof *op->names, compare_names);
    return 0;
}

static int run_list(cay_file_op_t *op, cay_error_t **err) {
    cay_fs_path_t p = cay__file_path_place(&op->path);
    int rc = cay__fs_list(&p, &op->stop, &op->list, err);
    return rc ? rc : sort_names(op, err);
}

/* [names, their types: a digit each] */
static int settle_list(cay_file_op_t *op, cay_agent_t *a, eng_val_t *out, cay_error_t **err) {
    size_t n = op->name_count;
    CAY_AUTOFREE eng_val_t *names = cay__malloc((n + 1) * sizeof *names);
    CAY_AUTOFREE char *types = cay__malloc(n + 1);
    if (!names || !types) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory for a directory");
    }
    for (size_t i = 0; i < n; i++) {
        const char *name = op->names[i] + 1;
        names[i] = eng_string(a->iso, name, strlen(name));
        types[i] = (char)('0' + op->names[i][0]);
    }
    eng_val_t pair[] = {eng_array(a->iso, names, n), eng_string(a->iso, types, n)};
    *out = eng_array(a->iso, pair, CAY_COUNT(pair));
    return 0;
}

/* fsList(id, path) */
void cay__op_fsList(eng_call_t *c) {
    cay_file_op_t *op = new_op(c, CAY_KIND_READ, READ);
    if (op) {
        op->run = run_list;
        op->settle = settle_list;
        cay__file_op_start(c, op);
    }
}

static int run_mkdir(cay_file_op_t *op, cay_error_t **err) {
    cay_fs_path_t p = cay__file_path_place(&op->path);
    return cay__fs_mkdir(&p, op->choice, err);
}

/* fsMkdir(id, path, recursive) */
void cay__op_fsMkdir(eng_call_t *c) {
    cay_file_op_t *op = new_op(c, CAY_KIND_WRITE, WRITE);
    if (op) {
        op->choice = eng_to_bool(eng_call_isolate(c), eng_arg(c, 2));
        op->run = run_mkdir;
        cay__file_op_start(c, op);
    }
}

static int run_remove(cay_file_op_t *op, cay_error_t **err) {
    cay_fs_path_t p = cay__file_path_place(&op->path);
    return cay__fs_remove(&p, op->choice, &op->stop, err);
}

/* fsRemove(id, path, recursive) */
void cay__op_fsRemove(eng_call_t *c) {
    cay_file_op_t *op = new_op(c, CAY_KIND_WRITE, WRITE);
    if (op) {
        op->choice = eng_to_bool(eng_call_isolate(c), eng_arg(c, 2));
        op->path.whole = op->choice;
        op->run = run_remove;
        cay__file_op_start(c, op);
    }
}

/* ---- two paths ---- */

static int run_rename(cay_file_op_t *op, cay_error_t **err) {
    cay_fs_path_t from = cay__file_path_place(&op->path), to = cay__file_path_place(&op->to);
    return cay__fs_rename(&from, &to, err);
}

/* fsRename(id, from, to). What is moved can be read where it comes to lie, so reading it where it is must be
 * granted. */
void cay__op_fsRename(eng_call_t *c) {
    cay_file_op_t *op = new_op(c, CAY_KIND_WRITE, READ | WRITE);
    if (op && cay__file_op_path(c, op, 2, &op->to, WRITE)) {
        op->also_read = true;
        op->path.whole = op->to.whole = true;
        op->run = run_rename;
        cay__file_op_start(c, op);
    }
}

static int run_copy(cay_file_op_t *op, cay_error_t **err) {
    cay_fs_path_t from = cay__file_path_place(&op->path), to = cay__file_path_place(&op->to);
    return cay__fs_copy(&from, &to, CAY_FS_CREATE | CAY_FS_TRUNCATE, &op->stop, err);
}

/* fsCopy(id, from, to) */
void cay__op_fsCopy(eng_call_t *c) {
    cay_file_op_t *op = new_op(c, CAY_KIND_READ, READ);
    if (op && cay__file_op_path(c, op, 2, &op->to, WRITE)) {
        op->run = run_copy;
        cay__file_op_start(c, op);
    }
}

/* ---- opening ---- */

/* fsOpen(id, path, flags): rid */
void cay__op_fsOpen(eng_call_t *c) {
    unsigned flags =
        eng_to_u32(eng_arg(c, 2)) & (CAY_FS_READ | CAY_FS_WRITE | CAY_FS_CREATE | CAY_FS_EXCLUSIVE |
                                     CAY_FS_TRUNCATE | CAY_FS_APPEND);
    bool reads = flags & CAY_FS_READ, writes = flags & CAY_FS_WRITE;
    uint32_t kinds = (reads ? READ : 0) | (writes ? WRITE : 0);
    cay_file_op_t *op = new_op(c, writes ? CAY_KIND_WRITE : CAY_KIND_READ, kinds);
    if (!op) {
        return;
    }
    op->file = kinds ? cay__open_file_new(op->pool, flags) : NULL;
    if (!op->file) {
        cay__file_op_fail(c, op, kinds ? CAY_ENOMEM : CAY_EINVAL, NULL);
        return;
    }
    op->flags = flags;
    op->also_read = reads && writes;
    op->run = cay__open_file_run;
    op->settle = cay__open_file_settle;
    cay__file_op_start(c, op);
}

/* ---- on the way ---- */

/* fsPath(href): the path of a file: URL */
void cay__op_fsPath(eng_call_t *c) {
    eng_isolate_t *iso = eng_call_isolate(c);
    size_t len = 0;
    CAY_AUTOFREE char *href = eng_to_text(iso, eng_arg(c, 0), &len);
    CAY_AUTOFREE char *path = NULL;
    cay_url_t *url = NULL;
    cay_error_t *err = NULL;
    int rc = href ? cay__url_parse(href, len, NULL, &url, &err) : CAY_EINVAL;
    if (rc == 0 && !cay__url_scheme_is(url, "file")) {
        rc = cay__error_set(&err, CAY_EINVAL, "\"%.300s\" is not a file: URL", href);
    }
    rc = rc ? rc : cay__url_to_path(url, &path, &err);
    cay__url_free(url);
    if (rc) {
        eng_throw(c, rc, "%s", err ? cay_error_message(err) : cay_error_text(rc));
        cay_error_free(err);
    } else {
        eng_ret(c, eng_text(iso, path));
    }
}

/* cancelRequest(id): nobody waits for it any more */
void cay__op_cancelRequest(eng_call_t *c) {
    cay_request_t *r = cay__request_find(eng_call_host(c), eng_to_u32(eng_arg(c, 0)));
    if (r) {
        cay__request_cancel(r);
    }
}
