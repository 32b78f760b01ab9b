/* SPDX-License-Identifier: MIT */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

static int fail(cay_error_t **err, int e) {
    int code = e == ENOENT || e == ENOTDIR                             ? CAY_ENOTFOUND
               : e == EACCES || e == EPERM || e == EXDEV || e == ELOOP ? CAY_EPERM
               : e == ENOMEM                                           ? CAY_ENOMEM
                                                                       : CAY_EIO;
    return cay__error_set(err, code, "%s",
                          e == EXDEV ? "a link leads out of the module root" : strerror(e));
}

/* O_NONBLOCK so that a pipe without a writer cannot hold us; it means nothing for regular files. */
#define READ_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

/* `path` relative to `root`, or NULL when it does not lie below by its text. */
static const char *below(const char *root, const char *path) {
    size_t n = strlen(root);
    while (n > 0 && root[n - 1] == '/') {
        n--;
    }
    if (strncmp(root, path, n) != 0 || path[n] != '/') {
        return NULL;
    }
    path += n;
    while (*path == '/') {
        path++;
    }
    return *path ? path : NULL;
}

static int open_below(const char *root, const char *path, cay_error_t **err) {
    const char *rest = below(root, path);
    if (!rest) {
        return cay__error_set(err, CAY_EPERM, "it lies outside the module root %s", root);
    }
    int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        return fail(err, errno);
    }
    struct open_how how = {.flags = READ_FLAGS, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, dir, rest, &how, sizeof how);
    int e = errno;
    close(dir);
    return fd < 0 ? fail(err, e) : fd;
}

static int read_all(int fd, size_t max, cay_buf_t *b, cay_error_t **err) {
    for (;;) {
        uint8_t *to = cay__buf_room(b, 65536);
        if (!to) {
            return cay__error_set(err, CAY_ENOMEM, "out of memory");
        }
        ssize_t n = read(fd, to, 65536);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fail(err, errno);
        }
        if (n == 0) {
            return 0;
        }
        b->len += (size_t)n;
        if (b->len > max) {
            return cay__error_set(err, CAY_ELIMIT, "it is larger than %zu bytes", max);
        }
    }
}

int cay__file_read(const char *root, const char *path, size_t max, char **data, size_t *len,
                   cay_error_t **err) {
    int fd = root ? open_below(root, path, err) : open(path, READ_FLAGS);
    if (fd < 0) {
        return root ? fd : fail(err, errno);
    }
    struct stat st;
    cay_buf_t b = CAY_BUF_INIT;
    int rc = 0;
    if (fstat(fd, &st)) {
        rc = fail(err, errno);
    } else if (!S_ISREG(st.st_mode)) {
        rc = cay__error_set(err, CAY_EINVAL, "%s",
                            S_ISDIR(st.st_mode) ? "it is a directory" : "it is not a regular file");
    } else {
        rc = read_all(fd, max, &b, err);
    }
    close(fd);
    size_t n = b.len;
    char *text = rc ? NULL : cay__buf_take_str(&b);
    if (!text) {
        cay__buf_free(&b);
        return rc ? rc : cay__error_set(err, CAY_ENOMEM, "out of memory");
    }
    *data = text;
    *len = n;
    return 0;
}

char *cay__path_dir(const char *path) {
    const char *slash = strrchr(path, '/');
    size_t n = slash && slash != path ? (size_t)(slash - path) : 1;
    return cay__strndup(slash ? path : "/", n);
}

char *cay__path_absolute(const char *path) {
    CAY_AUTOFREE char *whole = NULL;
    if (path[0] == '/') {
        whole = cay__strdup(path);
    } else {
        char *cwd = getcwd(NULL, 0);
        whole = cwd ? cay__asprintf("%s/%s", cwd, path) : NULL;
        free(cwd);
    }
    char *out = whole ? cay__malloc(strlen(whole) + 2) : NULL;
    if (!out) {
        return NULL;
    }
    size_t n = 0;
    for (char *save = NULL, *part = strtok_r(whole, "/", &save); part;
         part = strtok_r(NULL, "/", &save)) {
        if (strcmp(part, ".") == 0) {
            continue;
        }
        if (strcmp(part, "..") == 0) {
            while (n > 0 && out[--n] != '/') {}
            continue;
        }
        out[n++] = '/';
        memcpy(out + n, part, strlen(part));
        n += strlen(part);
    }
    if (n == 0) {
        out[n++] = '/';
    }
    out[n] = 0;
    return out;
}
