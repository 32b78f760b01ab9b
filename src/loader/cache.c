/* SPDX-License-Identifier: MIT */
#include "loader/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "loader/place_file.h"
#include "loader/text.h"
#include "url/url.h"

/* ---- the directory ---- */

/* Only what we alone can write is believed. */
static int check_owned(int fd, bool want_dir, const char *shown, cay_error_t **err) {
    struct stat st;
    if (fstat(fd, &st)) {
        return cay__error_set(err, CAY_EIO, "%s: %s", shown, "it cannot be looked at");
    }
    if (want_dir ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode)) {
        return cay__error_set(err, CAY_EPERM, "%s is no %s", shown,
                              want_dir ? "directory" : "file");
    }
    if (st.st_uid != geteuid()) {
        return cay__error_set(err, CAY_EPERM, "%s belongs to another user", shown);
    }
    if (st.st_mode & 022) {
        return cay__error_set(err, CAY_EPERM, "others may write to %s", shown);
    }
    return 0;
}

static int errno_code(int e) {
    return e == ENOENT || e == ENOTDIR ? CAY_ENOTFOUND : e == ENOMEM ? CAY_ENOMEM : CAY_EIO;
}

static int fail(cay_error_t **err, int e, const char *shown) {
    char why[100];
    return cay__error_set(err, errno_code(e), "%s: %s", shown, strerror_r(e, why, sizeof why));
}

/* Makes the directory and those it lies in. */
static void make_parents(const char *dir) {
    CAY_AUTOFREE char *path = cay__strdup(dir);
    for (char *at = path; at && (at = strchr(at + 1, '/'));) {
        *at = 0;
        (void)mkdir(path, 0700); /* whether it is there now is seen by the open */
        *at = '/';
    }
    (void)mkdir(dir, 0700);
}

static int open_dir(const char *dir, bool make, int *out, cay_error_t **err) {
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && make) {
        make_parents(dir);
        fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (fd < 0) {
        return fail(err, errno, dir);
    }
    int rc = check_owned(fd, true, dir, err);
    if (rc) {
        close(fd);
        return rc;
    }
    *out = fd;
    return 0;
}

/* The directory of the entries whose names begin so. */
static int open_part(const char *dir, const char *hex, bool make, int *out, cay_error_t **err) {
    int top = -1;
    int rc = open_dir(dir, make, &top, err);
    if (rc) {
        return rc;
    }
    char name[3] = {hex[0], hex[1], 0};
    if (make) {
        (void)mkdirat(top, name, 0700);
    }
    int fd = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int e = errno;
    close(top);
    if (fd < 0) {
        return fail(err, e, dir);
    }
    rc = check_owned(fd, true, dir, err);
    if (rc) {
        close(fd);
        return rc;
    }
    *out = fd;
    return 0;
}

/* ---- reading ---- */

static int read_fd(int fd, size_t max, char **text, size_t *len, cay_error_t **err) {
    struct stat st;
    if (fstat(fd, &st) || st.st_size < 0 || (uint64_t)st.st_size > max) {
        return cay__error_set(err, CAY_ENOTFOUND, "it is too large");
    }
    size_t size = (size_t)st.st_size, n = 0;
    *text = cay__malloc(size + 1);
    if (!*text) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory");
    }
    while (n < size) {
        ssize_t got = read(fd, *text + n, size - n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break; /* the digest tells that something is missing */
        }
        n += (size_t)got;
    }
    (*text)[n] = 0;
    *len = n;
    return 0;
}

static int read_entry(const char *dir, const char *hex, size_t max, char **text, size_t *len,
                      cay_error_t **err) {
    int part;
    int rc = open_part(dir, hex, false, &part, err);
    if (rc) {
        return rc;
    }
    int fd = openat(part, hex + 2, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int e = errno;
    close(part);
    if (fd < 0) {
        return fail(err, e, dir);
    }
    rc = check_owned(fd, false, dir, err);
    rc = rc ? rc : read_fd(fd, max, text, len, err);
    close(fd);
    return rc;
}

static const char *member(const json_t *head, const char *key) {
    const char *text = json_string_value(json_object_get(head, key));
    return text ? text : "";
}

static bool is_remote_url(const char *text) {
    cay_url_t *u = NULL;
    bool good = cay__url_parse(text, strlen(text), NULL, &u, NULL) == 0 &&
                (cay__url_scheme_is(u, "https") || cay__url_scheme_is(u, "http")) &&
                strcmp(u->href, text) == 0;
    cay__url_free(u);
    return good;
}

/* What the head says of the body, when all of it holds. */
static int read_head(const char *head, size_t head_len, const char *url, cay_cached_t *out) {
    CAY_CLEANUP(cay__json_cleanup) json_t *root = NULL;
    int rc = cay__json_object(head, head_len, CAY_CACHE_HEAD, 1, &root, NULL);
    if (rc) {
        return rc == CAY_ENOMEM ? rc : CAY_ENOTFOUND;
    }
    char sri[CAY_SRI_SIZE];
    rc = cay__sri_sha256(out->data, out->len, sri);
    if (rc) {
        return rc;
    }
    if (strcmp(member(root, "url"), url) != 0 || strcmp(member(root, "sha256"), sri) != 0 ||
        !is_remote_url(member(root, "final"))) {
        return CAY_ENOTFOUND;
    }
    memcpy(out->sri, sri, sizeof sri);
    out->final = cay__strdup(member(root, "final"));
    bool typed = json_is_string(json_object_get(root, "type"));
    out->content_type = typed ? cay__strdup(member(root, "type")) : NULL;
    return out->final && (!typed || out->content_type) ? 0 : CAY_ENOMEM;
}

int cay__cache_get(const char *dir, const char *url, size_t max, cay_cached_t *out,
                   cay_error_t **err) {
    char hex[CAY_HEX_SIZE];
    size_t len = 0;
    *out = (cay_cached_t){0};
    int rc = cay__hex_sha256(url, strlen(url), hex);
    rc = rc ? rc : read_entry(dir, hex, max + CAY_CACHE_HEAD, &out->text, &len, err);
    char *line = rc == 0 ? memchr(out->text, '\n', len) : NULL;
    if (line) {
        out->data = line + 1;
        out->len = len - (size_t)(out->data - out->text);
        rc = out->len > max ? CAY_ENOTFOUND
                            : read_head(out->text, (size_t)(line - out->text), url, out);
    } else if (rc == 0) {
        rc = CAY_ENOTFOUND;
    }
    if (rc) {
        cay__cached_clear(out);
    }
    return rc;
}

void cay__cached_clear(cay_cached_t *c) {
    cay__free(c->text);
    cay__free(c->final);
    cay__free(c->content_type);
    *c = (cay_cached_t){0};
}

/* ---- writing ---- */

static char *make_head(const char *url, const char *final, const char *content_type,
                       const char *sri) {
    json_t *root = json_pack("{s:s,s:s,s:s,s:s?}", "url", url, "final", final, "sha256", sri,
                             "type", content_type);
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    return text;
}

int cay__cache_put(const char *dir, const char *url, const char *final, const char *content_type,
                   const char *sri, const void *data, size_t len, cay_error_t **err) {
    char hex[CAY_HEX_SIZE];
    int part;
    /* Text that is not UTF-8 (a content type from the net) makes no head: then it is not kept. */
    char *head = make_head(url, final, content_type, sri);
    if (!head || strlen(head) >= CAY_CACHE_HEAD) {
        free(head);
        return cay__error_set(err, CAY_ELIMIT, "what is to be told about it cannot be kept");
    }
    int rc = cay__hex_sha256(url, strlen(url), hex);
    rc = rc ? rc : open_part(dir, hex, true, &part, err);
    if (rc == 0) {
        cay_piece_t pieces[] = {{head, strlen(head)}, {"\n", 1}, {data, len}};
        int e = cay__file_place(part, hex + 2, 0600, pieces, CAY_COUNT(pieces));
        close(part);
        rc = e ? fail(err, e, dir) : 0;
    }
    free(head);
    return rc;
}
