/* SPDX-License-Identifier: MIT */
/* The text form of permissions, from hostile text: set NUL child's text.
 *
 * What must hold: what is printed can be read and printed again without a change; a set is in itself; a set made for a
 * child is in its parent; a refusal has a message, and a short one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "perm/perm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok, const char *what, const char *text) {
    if (!ok) {
        fprintf(stderr, "%s: %s\n", what, text);
        abort();
    }
}

static char *printed(const cay_permissions_t *set) {
    char *text = NULL;
    require(cay_permissions_print(set, &text) == 0, "not printed", "");
    return text;
}

static void come_back(const cay_permissions_t *set) {
    cay_permissions_t *again = NULL;
    char *text = printed(set);
    require(cay_permissions_parse(text, &again, NULL) == 0, "what was printed is malformed", text);
    char *second = printed(again);
    require(strcmp(text, second) == 0, "printed otherwise", text);
    require(cay_permissions_subset(set, again, NULL) == 0 &&
                cay_permissions_subset(again, set, NULL) == 0,
            "not the same set", text);
    cay__free(text);
    cay__free(second);
    cay_permissions_free(again);
}

static void refused(int rc, const cay_error_t *err, const char *text) {
    const char *message = cay_error_message(err);
    require(rc == CAY_EINVAL || rc == CAY_ELIMIT || rc == CAY_EPERM, "refused with another code",
            text);
    require(*message && strlen(message) < 2048, "no message, or a long one", text);
    for (const char *at = message; *at; at++) {
        require((uint8_t)*at >= 0x20 && *at != 0x7f, "a control character in the message", text);
    }
}

static void make_child(const cay_permissions_t *parent, const char *text) {
    cay_permissions_t *child = NULL;
    cay_error_t *err = NULL;
    int rc = cay__perm_child(parent, text, (uint32_t)strlen(text) * 37, &child, &err);
    if (rc) {
        refused(rc, err, text);
    } else {
        require(cay_permissions_subset(child, parent, NULL) == 0,
                "a child with more than its parent", text);
        come_back(child);
    }
    cay_error_free(err);
    cay_permissions_free(child);
}

static void run(const char *text, const char *child) {
    cay_permissions_t *set = NULL;
    cay_error_t *err = NULL;
    int rc = cay_permissions_parse(text, &set, &err);
    if (rc) {
        refused(rc, err, text);
    } else {
        come_back(set);
        make_child(set, child);
    }
    cay_error_free(err);
    cay_permissions_free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* Two texts of the very size, each ended by a NUL. */
    const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
    size_t first = nul ? (size_t)(nul - data) : size, second = nul ? size - first - 1 : 0;
    char *text = cay__strndup((const char *)data, first);
    char *child = cay__strndup(nul ? (const char *)nul + 1 : "", second);
    if (text && child) {
        run(text, child);
    }
    cay__free(text);
    cay__free(child);
    return 0;
}
