/* SPDX-License-Identifier: MIT */
/* CAY_SNAPSHOT_FILE is the blob that tools/mksnapshot.c wrote, CAY_GLUE_FILE what it was made of. They are included by the assembler: as C
 * arrays they would take the compiler seconds. */
#include "inproc/snapshot.h"

#include "snapshot_file.h"

__asm__(".section .rodata\n"
        ".balign 64\n"
        "cay_snapshot_begin:\n"
        ".incbin \"" CAY_SNAPSHOT_FILE "\"\n"
        "cay_snapshot_end:\n"
        ".byte 0\n"
        "cay_glue_begin:\n"
        ".incbin \"" CAY_GLUE_FILE "\"\n"
        "cay_glue_end:\n"
        ".byte 0\n"
        ".previous\n");

extern const char cay_snapshot_begin[] __attribute__((visibility("hidden")));
extern const char cay_snapshot_end[] __attribute__((visibility("hidden")));
extern const char cay_glue_begin[] __attribute__((visibility("hidden")));
extern const char cay_glue_end[] __attribute__((visibility("hidden")));

const void *cay__snapshot(size_t *size) {
    *size = (size_t)(cay_snapshot_end - cay_snapshot_begin);
    return cay_snapshot_begin;
}

const char *cay__glue(size_t *size) {
    *size = (size_t)(cay_glue_end - cay_glue_begin);
    return cay_glue_begin;
}
