/* SPDX-License-Identifier: MIT */
/* Shared by the files of the loader. */
#ifndef CAY_LOADER_INTERNAL_H
#define CAY_LOADER_INTERNAL_H

#include "loader/loader.h"

#define MAX_SOURCE  (64u << 20) /* bytes of one module */
#define MAX_MODULES 10000u      /* in one worker */

typedef enum entry_state { ENTRY_WAITING, ENTRY_LOADING, ENTRY_READY, ENTRY_FAILED } entry_state_t;

typedef struct entry entry_t;

/* One import statement of a module. */
typedef struct request {
    char *key; /* type digit + specifier */
    size_t key_len;
    entry_t *entry;
} request_t;

struct entry {
    cay_link_t link;  /* in loader.entries */
    cay_link_t queue; /* in loader.queue while WAITING */
    char *key; /* in loader.map: type digit + URL, or type digit + specifier + LF + referrer */
    char *url; /* NULL for a bare specifier until the host has named it */
    char *specifier;
    char *referrer;
    eng_module_type_t type;
    entry_state_t state;
    bool trusted;    /* files from anywhere */
    bool text_given; /* the main module came as text */
    entry_t *alias;  /* the host said that this is that module */
    eng_module_t *module;
    request_t *requests;
    size_t request_count;
    cay_map_t by_key; /* request key -> request */
    bool scanned;
    entry_t *importer; /* who asked first, and where: for errors */
    uint32_t line, column;
    eng_fault_t fault; /* FAILED */
    uint64_t mark;     /* last walk that saw it */
};

/* A graph somebody waits for. */
typedef struct job {
    cay_link_t link;
    entry_t *root;
    entry_t *blocked;   /* the entry that the last walk stopped at */
    eng_ref_t *promise; /* of import(); NULL for the main module */
} job_t;

/* Where answers of the host arrive, from any thread. Shared by the loader and every open request. */
typedef struct mailbox {
    _Atomic uint32_t refs;
    cay_mutex_t lock;
    cay_agent_t *agent; /* under lock; NULL once the worker ends */
    cay_link_t answers; /* under lock: of cay_source_t */
} mailbox_t;

typedef struct loader {
    cay_agent_t *agent;
    cay_map_t map; /* key -> entry */
    cay_link_t entries;
    cay_link_t queue;
    cay_link_t jobs;
    size_t entry_count;
    uint64_t walks;
    uint32_t open_requests; /* each holds an activity token */
    mailbox_t *mailbox;
    entry_t *main;
    bool evaluating; /* the main module */
    bool settled;
    bool pumping;
} loader_t;

/* resolve.c: the absolute URL of a specifier, cay__malloc'ed; NULL with *err. CAY_ENOTFOUND in the error
 * of a bare specifier. */
char *cay__resolve(const char *specifier, const char *referrer, cay_error_t **err);
bool cay__is_bare(const char *specifier);
/* The URL as the parser writes it; NULL with *rc: CAY_EINVAL (no URL), CAY_ENOMEM. */
char *cay__url_normal(const char *text, int *rc);

/* source.c: the text of an entry by the built-in schemes. */
CAY_NODISCARD int cay__source_read(cay_agent_t *a, const entry_t *e, CAY_OWN char **text,
                                   size_t *len, cay_error_t **err);
/* Asks the host: the entry is LOADING until the answer comes. CAY_ENOMEM. */
CAY_NODISCARD int cay__source_ask(loader_t *l, entry_t *e);
CAY_OWN mailbox_t *cay__mailbox_new(cay_agent_t *a);
void cay__mailbox_close(mailbox_t *m); /* answers from now on go nowhere; what waits is dropped */
/* The next answer that waits, NULL when none; to be given back with cay__mailbox_done. Its tag is the
 * entry. */
struct cay_source;
struct cay_source *cay__mailbox_take(mailbox_t *m);
void cay__mailbox_done(CAY_OWN struct cay_source *s);

/* entry.c */
CAY_NODISCARD int cay__entry_get(loader_t *l, const char *specifier, const char *referrer,
                                 eng_module_type_t type, entry_t **out, cay_error_t **err);
entry_t *cay__entry_real(entry_t *e);
/* The host gave it a URL: it may turn out to be a module that is there already. */
CAY_NODISCARD int cay__entry_name(loader_t *l, entry_t *e, CAY_OWN char *url);
/* Compiles, finds its imports and queues them. Fails the entry otherwise. */
void cay__entry_text(loader_t *l, entry_t *e, const char *text, size_t len);
void cay__entry_fail(entry_t *e, const char *name, const char *message);
void cay__entry_free(entry_t *e);

#endif
