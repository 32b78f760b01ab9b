/* SPDX-License-Identifier: MIT */
#include "loader/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "loader/digest.h"
#include "loader/place_file.h"
#include "loader/text.h"
#include "os/file.h"
#include "os/thread.h"
#include "url/url.h"

#define DEPTH   2
#define VERSION 1
/* What JSON adds to the texts of one entry: quotes, separators, indentation. */
#define ENTRY_EXTRA 16

struct cay_lock {
    _Atomic uint32_t refs;
    char *path; /* links of the host's own followed */
    bool write;
    cay_mutex_t lock;
    json_t *remote;    /* under lock: URL -> digest */
    json_t *redirects; /* under lock: URL -> URL */
    size_t bytes;      /* under lock: about what the file takes */
    bool dirty;        /* under lock */
};

/* ---- reading ---- */

/* Known URLs are looked up by their text, so only the parser's own form can ever match. */
static int check_url(const char *url, cay_error_t **err) {
    cay_url_t *u = NULL;
    int rc = cay__url_parse(url, strlen(url), NULL, &u, NULL);
    bool good = rc == 0 && (cay__url_scheme_is(u, "https") || cay__url_scheme_is(u, "http")) &&
                strcmp(u->href, url) == 0 && !strchr(url, '#');
    cay__url_free(u);
    if (rc == CAY_ENOMEM) {
        return cay__error_set(err, rc, "out of memory");
    }
    return good ? 0
                : cay__error_set(err, CAY_EINVAL, "\"%.200s\" is no normalised http(s) URL", url);
}

static int check_digest(const char *text, cay_error_t **err) {
    return cay__sri_is_sha256(text)
               ? 0
               : cay__error_set(err, CAY_EINVAL, "\"%.100s\" is no digest: sha256-<base64>", text);
}

static int put(cay_lock_t *l, json_t *to, const char *url, const char *value) {
    if (!json_object_get(to, url)) {
        l->bytes += strlen(url) + strlen(value) + ENTRY_EXTRA;
    }
    return json_object_set_new(to, url, json_string(value)) ? CAY_ENOMEM : 0;
}

/* What is in the file counts, should we have taken in something else meanwhile. */
static int take_members(cay_lock_t *l, json_t *to, json_t *from, const char *name,
                        int (*check)(const char *value, cay_error_t **err), cay_error_t **err) {
    const char *url;
    json_t *value;
    json_object_foreach(from, url, value) {
        int rc = check_url(url, err);
        if (rc == 0 && !json_is_string(value)) {
            rc = cay__error_set(err, CAY_EINVAL, "\"%.200s\": no string", url);
        } else if (rc == 0 && (rc = check(json_string_value(value), err))) {
            rc = cay__error_wrap(err, rc, "\"%.200s\"", url);
        }
        if (rc) {
            return cay__error_wrap(err, rc, "%s", name);
        }
        if (put(l, to, url, json_string_value(value))) {
            return cay__error_set(err, CAY_ENOMEM, "out of memory");
        }
    }
    return 0;
}

static int read_member(cay_lock_t *l, const char *key, json_t *value, cay_error_t **err) {
    if (strcmp(key, "version") == 0) {
        return json_is_integer(value) && json_integer_value(value) == VERSION
                   ? 0
                   : cay__error_set(err, CAY_EINVAL, "version: only %d is known", VERSION);
    }
    bool remote = strcmp(key, "remote") == 0;
    if (!remote && strcmp(key, "redirects") != 0) {
        return cay__error_set(err, CAY_EINVAL,
                              "unknown key \"%.200s\": there are version, remote and redirects",
                              key);
    }
    if (!json_is_object(value)) {
        return cay__error_set(err, CAY_EINVAL, "%s is not an object", key);
    }
    return remote ? take_members(l, l->remote, value, key, check_digest, err)
                  : take_members(l, l->redirects, value, key, check_url, err);
}

static int read_text(cay_lock_t *l, const char *text, size_t len, cay_error_t **err) {
    CAY_CLEANUP(cay__json_cleanup) json_t *root = NULL;
    int rc = cay__json_object(text, len, CAY_LOCK_MAX, DEPTH, &root, err);
    if (rc == 0 && !json_object_get(root, "version")) {
        rc = cay__error_set(err, CAY_EINVAL, "it has no version");
    }
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value) {
        rc = rc ? rc : read_member(l, key, value, err);
    }
    return rc;
}

static int read_file(cay_lock_t *l, cay_error_t **err) {
    CAY_AUTOFREE char *text = NULL;
    size_t len = 0;
    cay_error_t *why = NULL;
    int rc = cay__file_read(NULL, l->path, CAY_LOCK_MAX, &text, &len, &why);
    if (rc == CAY_ENOTFOUND && l->write) {
        rc = 0;
    } else if (rc == 0) {
        rc = read_text(l, text, len, &why);
    }
    if (rc) {
        cay__error_set(err, rc, "lock file \"%.300s\": %s", l->path, cay_error_message(why));
    }
    cay_error_free(why);
    return rc;
}

/* ---- writing ---- */

static char *whole_text(cay_lock_t *l) {
    json_t *root = json_pack("{s:i,s:O}", "version", VERSION, "remote", l->remote);
    if (root && json_object_size(l->redirects)) {
        json_object_set(root, "redirects", l->redirects);
    }
    char *text = root ? json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
    json_decref(root);
    return text;
}

static int write_text(const cay_lock_t *l, const char *text) {
    CAY_AUTOFREE char *dir_path = cay__path_dir(l->path);
    int dir = dir_path ? open(dir_path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    if (dir < 0) {
        return dir_path ? errno : ENOMEM;
    }
    const char *name = strrchr(l->path, '/') + 1;
    struct stat st;
    mode_t mask = 022; /* the process's umask cannot be read without changing it for all threads */
    mode_t mode = fstatat(dir, name, &st, 0) == 0 ? st.st_mode & 0777 : 0666 & ~mask;
    cay_piece_t pieces[] = {{text, strlen(text)}, {"\n", 1}};
    int e = cay__file_place(dir, name, mode, pieces, CAY_COUNT(pieces));
    close(dir);
    return e;
}

static int flush_locked(cay_lock_t *l, cay_error_t **err) CAY_REQUIRES(l->lock) {
    int rc = read_file(l, err);
    if (rc) {
        return rc;
    }
    char *text = whole_text(l);
    int e = text ? write_text(l, text) : ENOMEM;
    free(text);
    if (e) {
        char why[100];
        return cay__error_set(err, e == ENOMEM ? CAY_ENOMEM : CAY_EIO,
                              "lock file \"%.300s\" cannot be written: %s", l->path,
                              strerror_r(e, why, sizeof why));
    }
    l->dirty = false;
    return 0;
}

int cay__lock_flush(cay_lock_t *l, cay_error_t **err) {
    cay__mutex_lock(&l->lock);
    int rc = l->dirty ? flush_locked(l, err) : 0;
    cay__mutex_unlock(&l->lock);
    return rc;
}

/* ---- life ---- */

static void lock_free(cay_lock_t *l) {
    json_decref(l->remote);
    json_decref(l->redirects);
    cay__mutex_destroy(&l->lock);
    cay__free(l->path);
    cay__free(l);
}

/* The rename that writes must replace the file itself, not a link to it. */
static char *real_path(const char *path) {
    char *real = realpath(path, NULL);
    char *out = real ? cay__strdup(real) : cay__path_absolute(path);
    free(real);
    return out;
}

/* What is added is written long after the start; that it can be is found out now. */
static int check_writable(const cay_lock_t *l, cay_error_t **err) {
    CAY_AUTOFREE char *dir = cay__path_dir(l->path);
    if (!dir) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory");
    }
    if (faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) == 0) {
        return 0;
    }
    char why[100];
    int e = errno;
    return cay__error_set(err, e == ENOENT || e == ENOTDIR ? CAY_ENOTFOUND : CAY_EPERM,
                          "lock file \"%.300s\" cannot be written: %s", l->path,
                          strerror_r(e, why, sizeof why));
}

static int open_path(cay_lock_t *l, const char *path, cay_error_t **err) {
    l->path = real_path(path);
    l->remote = json_object();
    l->redirects = json_object();
    if (!l->path || !l->remote || !l->redirects) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory");
    }
    int rc = read_file(l, err);
    return rc == 0 && l->write ? check_writable(l, err) : rc;
}

int cay__lock_open(const char *path, bool write, cay_lock_t **out, cay_error_t **err) {
    cay_lock_t *l = CAY_NEW(cay_lock_t);
    if (!l) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory");
    }
    atomic_init(&l->refs, 1);
    cay__mutex_init(&l->lock);
    l->write = write;
    int rc = open_path(l, path, err);
    if (rc) {
        lock_free(l);
        return rc;
    }
    *out = l;
    return 0;
}

cay_lock_t *cay__lock_ref(cay_lock_t *l) {
    atomic_fetch_add_explicit(&l->refs, 1, memory_order_relaxed);
    return l;
}

void cay__lock_unref(cay_lock_t **slot) {
    cay_lock_t *l = *slot;
    *slot = NULL;
    if (l && atomic_fetch_sub_explicit(&l->refs, 1, memory_order_acq_rel) == 1) {
        (void)!cay__lock_flush(l, NULL); /* nobody is left to be told */
        lock_free(l);
    }
}

/* ---- checks ---- */

static const char *get(const json_t *object, const char *url) {
    return json_string_value(json_object_get(object, url));
}

static int unknown(const cay_lock_t *l, const char *what, cay_error_t **err) {
    return cay__error_set(err, CAY_EPERM,
                          "%.500s is not in the lock file \"%.300s\"; --lock-write would add it",
                          what, l->path);
}

int cay__lock_knows(cay_lock_t *l, const char *url, cay_error_t **err) {
    cay__mutex_lock(&l->lock);
    bool known = l->write || get(l->remote, url) || get(l->redirects, url);
    cay__mutex_unlock(&l->lock);
    return known ? 0 : unknown(l, "it", err); /* whoever asked names the URL */
}

static int mismatch(const cay_lock_t *l, const char *url, const char *expected, const char *found,
                    cay_error_t **err) {
    return cay__error_set(err, CAY_EPERM,
                          "%.500s is not what the lock file \"%.300s\" says: expected %.500s, "
                          "found %.500s",
                          url, l->path, expected, found);
}

/* 0 when `known` is `found`; CAY_ENOTFOUND when there is none and it may be added. */
static int compare(const cay_lock_t *l, const char *url, const char *known, const char *found,
                   cay_error_t **err) {
    if (!known) {
        return l->write ? CAY_ENOTFOUND : unknown(l, url, err);
    }
    return strcmp(known, found) == 0 ? 0 : mismatch(l, url, known, found, err);
}

static int add(cay_lock_t *l, json_t *to, const char *url, const char *value, cay_error_t **err) {
    if (l->bytes + strlen(url) + strlen(value) + ENTRY_EXTRA > CAY_LOCK_MAX) {
        return cay__error_set(err, CAY_ELIMIT,
                              "the lock file \"%.300s\" would be larger than %zu bytes", l->path,
                              CAY_LOCK_MAX);
    }
    l->dirty = true;
    int rc = put(l, to, url, value);
    return rc ? cay__error_set(err, rc, "out of memory") : 0;
}

static int check_locked(cay_lock_t *l, const char *url, const char *final, const char *sri,
                        cay_error_t **err) CAY_REQUIRES(l->lock) {
    bool moved = strcmp(url, final) != 0;
    const char *leads = get(l->redirects, url);
    /* A module that was there itself, and is a redirect now, or the other way round, is a mismatch too. */
    const char *known = leads || !moved ? leads : get(l->remote, url) ? url : NULL;
    int redirect = moved || leads ? compare(l, url, known, final, err) : 0;
    if (redirect && redirect != CAY_ENOTFOUND) {
        return redirect;
    }
    int digest = compare(l, final, get(l->remote, final), sri, err);
    if (digest && digest != CAY_ENOTFOUND) {
        return digest;
    }
    int rc = digest ? add(l, l->remote, final, sri, err) : 0;
    return rc == 0 && redirect ? add(l, l->redirects, url, final, err) : rc;
}

int cay__lock_check(cay_lock_t *l, const char *url, const char *final, const char *sri,
                    cay_error_t **err) {
    cay__mutex_lock(&l->lock);
    int rc = check_locked(l, url, final, sri, err);
    cay__mutex_unlock(&l->lock);
    return rc;
}
