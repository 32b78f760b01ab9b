/* SPDX-License-Identifier: MIT */
/* Shared by the files of the loader. */
#ifndef CAY_LOADER_INTERNAL_H
#define CAY_LOADER_INTERNAL_H

#include "base/blob.h"
#include "loader/import_map.h"
#include "loader/loader.h"
#include "loader/lock.h"

#define MAX_SOURCE  (64u << 20) /* bytes of one module */
#define MAX_MODULES 10000u      /* in one worker */
#define MAX_REMOTES 16u         /* requests over http(s) under way; the rest wait */

typedef enum entry_state { ENTRY_WAITING, ENTRY_LOADING, ENTRY_READY, ENTRY_FAILED } entry_state_t;

typedef struct entry entry_t;
typedef struct loader loader_t;
typedef struct remote remote_t;

/* One import statement of a module. */
typedef struct request {
    char *key; /* type digit + specifier */
    size_t key_len;
    entry_t *entry;
} request_t;

struct entry {
    cay_link_t link;  /* in loader.entries */
    cay_link_t queue; /* in loader.queue while WAITING */
    char *key; /* in loader.map: class digit + URL, or type digit + specifier + LF + referrer */
    char *url; /* NULL for a bare specifier until the host has named it */
    char *specifier;
    char *referrer;
    eng_module_type_t type;
    entry_state_t state;
    bool remote; /* a data: URL that code from http(s) imported: it has no more right than that */
    bool text_given; /* the main module came as text */
    entry_t *alias;  /* the host or a redirect said that this is that module */
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

/* ---- answers.c: what other threads bring ---- */

/* Embedded in whatever an entry waits for. */
typedef struct answer {
    cay_link_t link;                             /* answers; pointing at itself while in none */
    void (*take)(loader_t *l, struct answer *a); /* entered */
    void (*drop)(struct answer *a);              /* the worker has ended. Any thread */
} answer_t;

/* Where answers arrive, from any thread. Shared by the loader and every open request. */
typedef struct answers {
    _Atomic uint32_t refs;
    cay_mutex_t lock;
    cay_agent_t *agent; /* under lock; NULL once the worker ends */
    cay_link_t waiting; /* under lock: of answer_t */
} answers_t;

CAY_OWN answers_t *cay__answers_new(cay_agent_t *a);
answers_t *cay__answers_ref(answers_t *b);
void cay__answers_unref(answers_t *b);
/* Any thread. Queues it, once, and wakes the worker. false: the worker has ended, and `drop` is not called. */
bool cay__answers_post(answers_t *b, answer_t *a);
/* The next one that waits, NULL when none. */
answer_t *cay__answers_take(answers_t *b);
/* Takes it out if it waits. */
void cay__answers_withdraw(answers_t *b, answer_t *a);
/* What waits is dropped, what comes is refused. Gives the loader's reference back. */
void cay__answers_close(answers_t *b);

/* ---- the loader ---- */

struct loader {
    cay_agent_t *agent;
    cay_map_t map; /* key -> entry */
    cay_link_t entries;
    cay_link_t queue;
    cay_link_t jobs;
    size_t entry_count;
    /* bytes of entries, in the worker's account; they stay as long as the loader */
    uint64_t charged;
    uint64_t walks;
    uint32_t open_requests; /* each holds an activity token */
    answers_t *answers;
    cay_link_t remotes;         /* of remote_t: under way */
    cay_link_t waiting_remotes; /* of remote_t: more than MAX_REMOTES */
    uint32_t remote_count;      /* under way */
    entry_t *main;
    bool evaluating; /* the main module */
    bool settled;
    bool pumping;
};

/* ---- policy.c: who may import what ---- */

/* Whether it is a URL of http or https. */
bool cay__is_remote_url(const char *url);
/* CAY_EPERM: code from http(s) (`remote`) imports no files. */
CAY_NODISCARD int cay__check_edge(bool remote, const char *url, cay_error_t **err);
/* Whose right it is to load the entry; NULL: the creator's of a root, which may do everything. */
struct cay_authority *cay__entry_authority(const loader_t *l, const entry_t *e);
/* Reads a file for the entry: below the module root, or with the read permission. */
CAY_NODISCARD int cay__read_file(loader_t *l, const entry_t *e, const char *path, cay_blob_t *out,
                                 cay_error_t **err);

/* ---- mime.c ---- */

/* CAY_EINVAL when a module of that type does not have this content type (NULL: none was told). */
CAY_NODISCARD int cay__check_mime(const char *mime, eng_module_type_t type, cay_error_t **err);

/* ---- source.c, host.c, remote.c: where text comes from ---- */

/* By the built-in schemes: the entry is READY, FAILED, or LOADING until an answer comes. */
void cay__source_load(loader_t *l, entry_t *e);
/* Asks the host. CAY_ENOMEM. */
CAY_NODISCARD int cay__host_ask(loader_t *l, entry_t *e);
/* An entry with an http(s) URL: as cay__source_load; a failure is returned. */
CAY_NODISCARD int cay__remote_load(loader_t *l, entry_t *e, cay_error_t **err);
/* Frees all that is under way or waits. */
void cay__remotes_end(loader_t *l);

/* ---- entry.c ---- */

/* `remote`: the importing code came from http(s). */
CAY_NODISCARD int cay__entry_get(loader_t *l, const char *specifier, const char *referrer,
                                 bool remote, eng_module_type_t type, entry_t **out,
                                 cay_error_t **err);
/* The main module: its URL is not looked up in the import map. */
CAY_NODISCARD int cay__entry_main(loader_t *l, const char *url, entry_t **out, cay_error_t **err);
/* Whether the code at that URL is, or may be, from http(s). */
bool cay__entry_is_remote(const loader_t *l, const char *referrer);
entry_t *cay__entry_real(entry_t *e);
/* It turned out to have this URL: it may be a module that is there already. */
CAY_NODISCARD int cay__entry_name(loader_t *l, entry_t *e, CAY_OWN char *url);
/* Checks the integrity that the import map tells of a URL. CAY_EPERM, CAY_ENOMEM. */
CAY_NODISCARD int cay__check_integrity(const loader_t *l, const char *url, const void *data,
                                       size_t len, cay_error_t **err);
/* Compiles, finds its imports and queues them. Fails the entry otherwise. */
void cay__entry_text(loader_t *l, entry_t *e, const char *text, size_t len);
void cay__entry_fail(entry_t *e, const char *name, const char *message);
void cay__entry_free(entry_t *e);

#endif
