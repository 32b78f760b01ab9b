/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"
#include "out.h"

/* Far more than any import map. */
#define MAX_FILE ((size_t)16 << 20)

static int cannot_read(const char *option, const char *path, const char *why) {
    cay_cli_text_t t = {0};
    cay__cli_putf(&t, "cay: --%s: cannot read \"", option);
    cay__cli_puts_shown(&t, path);
    cay__cli_putf(&t, "\": %s\n", why);
    cay__cli_out_error(&t);
    return CAY_CLI_USAGE;
}

/* Not blocking, so that a pipe is refused and not waited for. */
static int open_file(const char *option, const char *path, int *out) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        bool may_be_made = strcmp(option, "lock") == 0;
        const char *none =
            may_be_made ? "there is no such file; --lock-write makes it" : "there is no such file";
        return cannot_read(option, path, errno == ENOENT ? none : strerror(errno));
    }
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        close(fd);
        return cannot_read(option, path, "it is not a regular file");
    }
    *out = fd;
    return CAY_CLI_OK;
}

int cay__cli_file_check(const char *option, const char *path) {
    int fd;
    int rc = open_file(option, path, &fd);
    if (rc == CAY_CLI_OK) {
        close(fd);
    }
    return rc;
}

/* NULL, or why it cannot be taken as a text. */
static const char *read_all(int fd, cay_cli_text_t *t) {
    static char block[16384];
    while (t->len <= MAX_FILE) {
        ssize_t n = read(fd, block, sizeof block);
        if (n == 0) {
            break;
        }
        if (n > 0) {
            cay__cli_put(t, block, (size_t)n);
        } else if (errno != EINTR) {
            return strerror(errno);
        }
    }
    if (t->len > MAX_FILE) {
        return "it is larger than 16 MB";
    }
    if (t->len && memchr(t->ptr, 0, t->len)) {
        return "it is not text";
    }
    cay__cli_put(t, "", 1);
    return t->failed ? "out of memory" : NULL;
}

int cay__cli_file_read(const char *option, const char *path, char **out) {
    int fd;
    int rc = open_file(option, path, &fd);
    if (rc) {
        return rc;
    }
    cay_cli_text_t t = {0};
    const char *why = read_all(fd, &t);
    close(fd);
    if (why) {
        cay__cli_text_free(&t);
        return cannot_read(option, path, why);
    }
    *out = t.ptr;
    return CAY_CLI_OK;
}

/* Whether a line of the text begins so. */
static bool has_line(const char *text, const char *with) {
    for (const char *at = text; (at = strstr(at, with)); at++) {
        if (at == text || at[-1] == '\n') {
            return true;
        }
    }
    return false;
}

int cay__cli_file_check_certificates(const char *option, const char *path) {
    char *text = NULL;
    int rc = cay__cli_file_read(option, path, &text);
    if (rc) {
        return rc;
    }
    /* The labels that OpenSSL takes for a certificate (PEM_read_bio_X509_AUX(3)). */
    bool has_any = has_line(text, "-----BEGIN CERTIFICATE-----") ||
                   has_line(text, "-----BEGIN TRUSTED CERTIFICATE-----") ||
                   has_line(text, "-----BEGIN X509 CERTIFICATE-----");
    free(text);
    if (has_any) {
        return CAY_CLI_OK;
    }
    cay_cli_text_t t = {0};
    cay__cli_putf(&t, "cay: --%s: there is no certificate (PEM) in \"", option);
    cay__cli_puts_shown(&t, path);
    cay__cli_puts(&t, "\"\n");
    cay__cli_out_error(&t);
    return CAY_CLI_USAGE;
}

/* ---- URLs ---- */

static bool is_plain_in_url(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("-._~/", c);
}

static void put_in_url(cay_cli_text_t *t, const char *path) {
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        cay__cli_putf(t, is_plain_in_url(c) ? "%c" : "%%%02X", c);
    }
}

/* The finished text, or NULL. */
static char *take_text(cay_cli_text_t *t) {
    cay__cli_put(t, "", 1);
    if (t->failed) {
        cay__cli_text_free(t);
    }
    return t->ptr;
}

char *cay__cli_file_url_in(const char *directory, const char *name) {
    cay_cli_text_t t = {0};
    cay__cli_puts(&t, "file://");
    put_in_url(&t, strcmp(directory, "/") == 0 ? "" : directory);
    cay__cli_putf(&t, "/%s", name);
    return take_text(&t);
}

char *cay__cli_file_url(const char *path) {
    cay_cli_text_t t = {0};
    cay__cli_puts(&t, "file://");
    if (path[0] != '/') {
        char *directory = getcwd(NULL, 0);
        if (!directory) {
            return NULL;
        }
        put_in_url(&t, strcmp(directory, "/") == 0 ? "" : directory);
        cay__cli_puts(&t, "/");
        free(directory);
    }
    put_in_url(&t, path);
    return take_text(&t);
}

/* ---- the cache ---- */

/* A relative value is to be passed over (XDG Base Directory Specification). */
static const char *absolute_of(const char *name) {
    const char *value = getenv(name);
    return value && value[0] == '/' ? value : NULL;
}

int cay__cli_file_cache(char **out) {
    const char *cache = absolute_of("XDG_CACHE_HOME");
    const char *home = absolute_of("HOME");
    *out = NULL;
    if (!cache && !home) {
        return CAY_CLI_OK;
    }
    if (asprintf(out, "%s%s", cache ? cache : home, cache ? "/cay" : "/.cache/cay") < 0) {
        *out = NULL;
        cay__cli_say("out of memory");
        return CAY_CLI_FAILED;
    }
    return CAY_CLI_OK;
}

/* What of the path is there: itself, or the nearest directory above it. For free; NULL when out of memory. */
static char *what_is_there(const char *path) {
    char *at = strdup(path);
    while (at && access(at, F_OK) && errno == ENOENT) {
        char *slash = strrchr(at, '/');
        if (!slash || slash == at) {
            strcpy(at, slash ? "/" : ".");
            break;
        }
        *slash = 0;
    }
    return at;
}

void cay__cli_file_warn_cache(const char *path) {
    char *at = what_is_there(path);
    if (at && faccessat(AT_FDCWD, at, W_OK | X_OK, AT_EACCESS)) {
        int why = errno;
        cay_cli_text_t t = {0};
        cay__cli_puts(&t, "cay: no code can be kept in \"");
        cay__cli_puts_shown(&t, path);
        cay__cli_putf(&t, "\": %s\n", strerror(why));
        cay__cli_out_error(&t);
    }
    free(at);
}
