/* SPDX-License-Identifier: MIT */
/* A request for a module's source, as the host's callback gets it (include/cay/source.h). Whoever made it
 * is called back with the answer. */
#ifndef CAY_PORT_SOURCE_H
#define CAY_PORT_SOURCE_H

#include "base/list.h"
#include "cay/source.h"

struct cay_source {
    cay_link_t link; /* the maker's */
    char *specifier;
    char *referrer;
    char *url; /* NULL for a bare specifier */
    bool json;

    /* The answer: one of text, rejected, pass. */
    char *answer_url;
    char *text;
    size_t len;
    char *rejected; /* NULL also when there was no memory for the message: then `failed` */
    bool failed;
    bool pass;

    /* Any thread, once; takes the request over. */
    void (*answered)(cay_source_t *s);
    void *ctx;
    uintptr_t tag; /* the maker's */
};

/* NULL when out of memory. */
CAY_OWN cay_source_t *cay__source_new(const char *specifier, const char *referrer, const char *url,
                                      bool json);
void cay__source_free(CAY_OWN cay_source_t *s);

#endif
