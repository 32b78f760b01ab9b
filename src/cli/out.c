/* SPDX-License-Identifier: MIT */
#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void cay__cli_out_init(void) {
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd) {
            _exit(1);
        }
    }
    signal(SIGPIPE, SIG_IGN);
}

/* The descriptor is set to not block by somebody we share it with. */
static void wait_writable(int fd) {
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    while (poll(&p, 1, -1) < 0 && errno == EINTR) {}
}

static int write_all(int fd, const char *s, size_t len) {
    while (len) {
        ssize_t n = write(fd, s, len);
        if (n >= 0) {
            s += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) {
            wait_writable(fd);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

int cay__cli_out_write(int fd, const char *s, size_t len) {
    pthread_mutex_lock(&lock);
    int rc = write_all(fd, s, len);
    pthread_mutex_unlock(&lock);
    return rc;
}

void cay__cli_out_error(cay_cli_text_t *t) {
    /* With standard error gone there is nowhere left to tell it. */
    (void)cay__cli_out_write(STDERR_FILENO, t->ptr, t->len);
    cay__cli_text_free(t);
}

void cay__cli_say(const char *format, ...) {
    char *s = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&s, format, args);
    va_end(args);
    cay_cli_text_t t = {0};
    cay__cli_putf(&t, "cay: %s\n", n < 0 ? format : s);
    if (n >= 0) {
        free(s);
    }
    cay__cli_out_error(&t);
}

void cay__cli_say_about(const char *before, const char *text, const char *after) {
    cay_cli_text_t t = {0};
    cay__cli_putf(&t, "cay: %s", before);
    cay__cli_puts_shown(&t, text);
    cay__cli_putf(&t, "%s\n", after);
    cay__cli_out_error(&t);
}
