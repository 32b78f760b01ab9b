/* SPDX-License-Identifier: MIT */
/* Build tool: mksnapshot GLUE.js OUT.bin OUT.h runs the bundled glue once and writes V8's start-up snapshot,
 * and a header that names both files: what includes the header is compiled anew with each new snapshot. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/engine.h"
#include "ops/ops.h"
#include "os/file.h"

static int write_file(const char *path, const void *data, size_t len) {
    FILE *f = fopen(path, "wbe");
    if (!f) {
        perror(path);
        return 1;
    }
    int bad = fwrite(data, 1, len, f) != len;
    bad |= fclose(f) != 0;
    if (bad) {
        perror(path);
    }
    return bad;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: mksnapshot GLUE.js OUT.bin OUT.h\n");
        return 2;
    }
    CAY_AUTOFREE char *path = cay__path_absolute(argv[1]);
    char *glue = NULL;
    size_t len = 0, count = 0, blob_len = 0;
    void *blob = NULL;
    cay_error_t *err = NULL;
    const eng_op_t *ops = cay__ops_table(&count);
    int rc = path ? cay__file_read(NULL, path, 64u << 20, &glue, &len, &err) : CAY_ENOMEM;
    rc = rc ? rc : eng_make_snapshot(ops, count, glue, len, &blob, &blob_len, &err);
    if (rc) {
        fprintf(stderr, "mksnapshot: %s: %s\n", argv[1], cay_error_message(err));
    } else {
        CAY_AUTOFREE char *out = cay__path_absolute(argv[2]);
        CAY_AUTOFREE char *header =
            out ? cay__asprintf("#define CAY_SNAPSHOT_FILE \"%s\" /* %zu bytes */\n"
                                "#define CAY_GLUE_FILE \"%s\" /* %zu bytes */\n",
                                out, blob_len, path, len)
                : NULL;
        rc = !header || write_file(argv[2], blob, blob_len) ||
             write_file(argv[3], header, strlen(header));
    }
    cay_error_free(err);
    cay__free(glue);
    cay__free(blob);
    return rc != 0;
}
