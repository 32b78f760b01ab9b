/* SPDX-License-Identifier: MIT */
/* What a failure becomes for the guest. */
#include "base/err.h"
#include "io/fs_inner.h"

#define DEVICE "it is a device, a pipe or a socket: only files and directories can be used"

typedef struct meaning {
    int e;
    int code;
    const char *text;
} meaning_t;

static const meaning_t meanings[] = {
    {ENOENT, CAY_ENOTFOUND, "not found"},
    {ENOTDIR, CAY_ENOTDIR, "not a directory"},
    {EISDIR, CAY_EISDIR, "it is a directory"},
    {EEXIST, CAY_EEXIST, "it exists already"},
    {ENOTEMPTY, CAY_ENOTEMPTY, "the directory is not empty"},
    {EACCES, CAY_EACCES, "the operating system refused it"},
    {EPERM, CAY_EACCES, "the operating system refused it"},
    {EROFS, CAY_EACCES, "the file system is read-only"},
    {ETXTBSY, CAY_EACCES, "it is a program that runs"},
    {EBUSY, CAY_EBUSY, "it is in use"},
    {ENOSPC, CAY_ENOSPC, "no space left"},
    {EDQUOT, CAY_ENOSPC, "the disk quota is used up"},
    {EMFILE, CAY_ELIMIT, "too many open files"},
    {ENFILE, CAY_ELIMIT, "too many open files"},
    {EMLINK, CAY_ELIMIT, "too many entries"},
    {EFBIG, CAY_ELIMIT, "too large"},
    {EOVERFLOW, CAY_ELIMIT, "too large"},
    {ENAMETOOLONG, CAY_EINVAL, "the name is too long"},
    {EINVAL, CAY_EINVAL, "the system does not take these arguments"},
    {EILSEQ, CAY_EINVAL, "the file system does not take this name"},
    {ENOMEM, CAY_ENOMEM, "out of memory"},
    {ENOSYS, CAY_ENOTSUP,
     "this kernel has no openat2, and nothing else holds a path where it was granted"},
    {EOPNOTSUPP, CAY_ENOTSUP, "the file system cannot do this"},
    {EXDEV, CAY_EPERM, "a link leads out of what was granted, or is absolute"},
    {ELOOP, CAY_EPERM, "too many links, or one that only the kernel can follow"},
    {ENXIO, CAY_EPERM, DEVICE},
    {ENODEV, CAY_EPERM, DEVICE},
    {CAY_FS_EDEVICE, CAY_EPERM, DEVICE},
    {CAY_FS_EKERNEL, CAY_EPERM,
     "it lies in /proc, /sys, /dev or their like, which need a grant of their own"},
    {CAY_FS_ENAMES, CAY_EPERM, "the file has other names (hard links)"},
    {CAY_FS_EJUDGED, CAY_EPERM, "where this really lies is not granted"},
    {CAY_FS_ELINK, CAY_EPERM, "a link is on the way, and writing follows none"},
    {CAY_FS_EROOT, CAY_EPERM,
     "it is the granted directory itself; a grant of its parent would let it be removed or moved"},
    {CAY_FS_EMOVING, CAY_EIO, "it is being moved while it is looked for"},
    {CAY_FS_ELARGE, CAY_ELIMIT, "too large"},
    {CAY_FS_EDEEP, CAY_ELIMIT, "nested too deep"},
    {CAY_FS_EOTHERFS, CAY_ENOTSUP, "the two are on different file systems"},
    {CAY_FS_ESAME, CAY_EINVAL, "source and target are the same file"},
    {CAY_FS_ESTOPPED, CAY_ETERMINATED, "stopped"},
};

int cay__fs_fail(cay_error_t **err, const char *what, const char *shown, int e) {
    if (e == 0) {
        return 0;
    }
    for (size_t i = 0; i < CAY_COUNT(meanings); i++) {
        if (meanings[i].e == e) {
            return cay__error_set(err, meanings[i].code, "%s \"%s\": %s", what, shown,
                                  meanings[i].text);
        }
    }
    return cay__error_set(err, CAY_EIO, "%s \"%s\": input or output failed (errno %d)", what, shown,
                          e);
}
