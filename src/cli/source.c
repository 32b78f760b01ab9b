/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "options.h"
#include "out.h"

/* Of standard input. Far more than any program, far less than any memory. */
#define MAX_STDIN ((size_t)64 << 20)

static int cannot_run(const char *what, const char *why) {
    cay_cli_text_t t = {0};
    cay__cli_puts(&t, "cay: cannot run \"");
    cay__cli_puts_shown(&t, what);
    cay__cli_putf(&t, "\": %s\n", why);
    cay__cli_out_error(&t);
    return CAY_CLI_FAILED;
}

/* ---- a text of ours, named as a file in the working directory ---- */

static int name_text(const char *name, cay_cli_source_t *s, cay_worker_options_t *o) {
    s->root = getcwd(NULL, 0);
    if (!s->root) {
        cay__cli_say("cannot tell the working directory: %s", strerror(errno));
        return CAY_CLI_FAILED;
    }
    s->url = cay__cli_file_url_in(s->root, name);
    if (!s->url) {
        cay__cli_say("out of memory");
        return CAY_CLI_FAILED;
    }
    o->main_url = s->url;
    o->module_root = s->root;
    return CAY_CLI_OK;
}

int cay__cli_source_eval(const char *code, cay_cli_source_t *s, cay_worker_options_t *o) {
    o->main_source = code;
    o->main_source_len = strlen(code);
    return name_text("$eval.js", s, o);
}

/* ---- standard input ---- */

/* Makes room for at least one more byte. */
static bool grow(cay_cli_source_t *s, size_t *cap) {
    if (s->len < *cap) {
        return true;
    }
    size_t more = *cap ? *cap * 2 : (size_t)64 << 10;
    char *text = realloc(s->text, more);
    if (text) {
        s->text = text;
        *cap = more;
    }
    return text != NULL;
}

static int read_stdin(cay_cli_source_t *s) {
    size_t cap = 0;
    for (;;) {
        if (s->len > MAX_STDIN) {
            return cannot_run("-", "standard input gives more than 64 MB");
        }
        if (!grow(s, &cap)) {
            return cannot_run("-", "out of memory");
        }
        ssize_t n = read(STDIN_FILENO, s->text + s->len, cap - s->len);
        if (n == 0) {
            s->text[s->len] = 0; /* a length of zero has the library look for it */
            return CAY_CLI_OK;
        }
        if (n > 0) {
            s->len += (size_t)n;
        } else if (errno != EINTR) {
            return cannot_run("-", strerror(errno));
        }
    }
}

static int source_stdin(cay_cli_source_t *s, cay_worker_options_t *o) {
    int rc = read_stdin(s);
    if (rc) {
        return rc;
    }
    o->main_source = s->text;
    o->main_source_len = s->len;
    return name_text("$stdin.js", s, o);
}

/* ---- URLs ---- */

/* The length of a scheme of two letters or more before a colon, 0 when there is none. */
static size_t scheme_len(const char *s) {
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    bool starts_with_letter = strcspn(s, "0123456789+.-") > 0;
    return n > 1 && s[n] == ':' && starts_with_letter ? n : 0;
}

static int source_url(const char *url, size_t scheme, cay_worker_options_t *o) {
    /* Naming a URL here is the user's leave to run it; what it imports needs --allow-import. */
    static const char *const schemes[] = {"file", "data", "https", "http"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (scheme == strlen(schemes[i]) && strncasecmp(url, schemes[i], scheme) == 0) {
            o->main_url = url;
            return CAY_CLI_OK;
        }
    }
    cay_cli_text_t t = {0};
    cay__cli_puts(&t, "cay: cannot run \"");
    cay__cli_puts_shown(&t, url);
    cay__cli_puts(&t, "\": the scheme ");
    cay__cli_put(&t, url, scheme);
    cay__cli_puts(&t, " is not supported by this build\n");
    cay__cli_out_error(&t);
    return CAY_CLI_FAILED;
}

/* ---- files ---- */

/* The loader says the same later, but as an error of a module; here it is the name that was typed. */
static int source_file(const char *path, cay_worker_options_t *o) {
    struct stat st;
    if (stat(path, &st)) {
        return cannot_run(path, errno == ENOENT ? "there is no such file" : strerror(errno));
    }
    if (S_ISDIR(st.st_mode)) {
        return cannot_run(path, "it is a directory");
    }
    if (!S_ISREG(st.st_mode)) {
        return cannot_run(path, "it is not a regular file ('-' reads from standard input)");
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return cannot_run(path, errno == EACCES ? "it may not be read" : strerror(errno));
    }
    close(fd);
    o->main_file = path;
    return CAY_CLI_OK;
}

int cay__cli_source_run(const char *what, cay_cli_source_t *s, cay_worker_options_t *o) {
    if (strcmp(what, "-") == 0) {
        return source_stdin(s, o);
    }
    size_t scheme = scheme_len(what);
    return scheme ? source_url(what, scheme, o) : source_file(what, o);
}

void cay__cli_source_free(cay_cli_source_t *s) {
    free(s->url);
    free(s->text);
    free(s->root);
    *s = (cay_cli_source_t){0};
}
