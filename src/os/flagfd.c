/* SPDX-License-Identifier: MIT */
#include "os/flagfd.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cay/error.h"

int cay__flagfd_open(void) {
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd >= 0) {
        return fd;
    }
    return errno == EMFILE || errno == ENFILE ? CAY_ELIMIT : CAY_ENOMEM;
}

/* An eventfd takes 2^64 - 2 raises before it refuses one, and lowering takes them all: neither call
 * can fail in a way that matters. */
void cay__flagfd_raise(int fd) {
    eventfd_write(fd, 1);
}

void cay__flagfd_lower(int fd) {
    eventfd_t value;
    eventfd_read(fd, &value);
}

void cay__flagfd_close(int fd) {
    if (fd >= 0) {
        close(fd);
    }
}
