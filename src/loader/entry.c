/* SPDX-License-Identifier: MIT */
/* The module map: entries, their compilation and their imports. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "loader/digest.h"
#include "loader/internal.h"

/* How many steps of "imported from" an error tells. */
#define MAX_CHAIN 8

void cay__entry_free(entry_t *e) {
    for (size_t i = 0; i < e->request_count; i++) {
        cay__free(e->requests[i].key);
    }
    cay__free(e->requests);
    cay__map_free(&e->by_key);
    cay__free(e->key);
    cay__free(e->url);
    cay__free(e->specifier);
    cay__free(e->referrer);
    eng_fault_clear(&e->fault);
    cay__free(e);
}

/* What an entry was found to be may itself be found to be another one later, so this is a walk; it is made
 * short for the next time. */
entry_t *cay__entry_real(entry_t *e) {
    while (e->alias && e->alias->alias) {
        e->alias = e->alias->alias;
    }
    return e->alias ? e->alias : e;
}

static char *make_key(int class, const char *a, const char *b) {
    return b ? cay__asprintf("%d%s\n%s", class, a, b) : cay__asprintf("%d%s", class, a);
}

/* data: URLs that code from http(s) imports are modules apart: what others import under the same URL has more
 * rights. */
static char *url_key(eng_module_type_t type, bool remote, const char *url) {
    return make_key((int)type | (remote ? 2 : 0), url, NULL);
}

static bool is_data(const char *url) {
    return strncmp(url, "data:", 5) == 0;
}

bool cay__entry_is_remote(const loader_t *l, const char *referrer) {
    if (!is_data(referrer)) {
        return cay__is_remote_url(referrer);
    }
    for (int type = ENG_MODULE_JS; type <= ENG_MODULE_JSON; type++) {
        CAY_AUTOFREE char *key = url_key((eng_module_type_t)type, true, referrer);
        if (!key || cay__map_get(&l->map, key, strlen(key))) {
            return true;
        }
    }
    return false;
}

static entry_t *entry_new(loader_t *l, const char *specifier, const char *referrer, char *url,
                          eng_module_type_t type, char *key) {
    entry_t *e = CAY_NEW(entry_t);
    if (!e) {
        return NULL;
    }
    e->specifier = cay__strdup(specifier);
    e->referrer = cay__strdup(referrer);
    e->type = type;
    cay__list_init(&e->queue);
    cay__map_init(&e->by_key);
    if (!e->specifier || !e->referrer || cay__map_put(&l->map, key, strlen(key), e)) {
        cay__entry_free(e);
        return NULL;
    }
    e->key = key;
    e->url = url;
    cay__list_push(&l->entries, &e->link);
    cay__list_push(&l->queue, &e->queue);
    l->entry_count++;
    return e;
}

/* Takes url and key over on success. */
static int entry_make(loader_t *l, const char *specifier, const char *referrer, char *url,
                      eng_module_type_t type, char *key, entry_t **out, cay_error_t **err) {
    if (l->entry_count >= MAX_MODULES) {
        return cay__error_set(err, CAY_ELIMIT, "the worker has %u modules, the limit", MAX_MODULES);
    }
    /* URLs are a guest's texts: each import of a long data: URL keeps the whole of it. */
    uint64_t cost = sizeof(entry_t) + strlen(specifier) + strlen(referrer) + strlen(key) +
                    (url ? strlen(url) : 0);
    if (!cay__account_charge(l->agent->account, CAY_PART_HOST, cost)) {
        return cay__error_set(err, CAY_ELIMIT,
                              "the addresses of the modules would pass the memory limit");
    }
    l->charged += cost;
    *out = entry_new(l, specifier, referrer, url, type, key);
    return *out ? 0 : cay__error_set(err, CAY_ENOMEM, "out of memory");
}

/* The URL that an import means; NULL with 0 when the host is to name it. */
static int url_of(const loader_t *l, const char *specifier, const char *referrer, bool remote,
                  char **url, cay_error_t **err) {
    const cay_group_t *g = l->agent->group;
    int rc = cay__import_map_resolve(g->import_map, specifier, referrer, url, err);
    if (rc == CAY_ENOTFOUND && g->on_source) {
        cay_error_free(*err);
        *err = NULL;
        return 0;
    }
    return rc ? rc : cay__check_edge(remote, *url, err);
}

int cay__entry_get(loader_t *l, const char *specifier, const char *referrer, bool remote,
                   eng_module_type_t type, entry_t **out, cay_error_t **err) {
    CAY_AUTOFREE char *url = NULL;
    int rc = url_of(l, specifier, referrer, remote, &url, err);
    if (rc) {
        return rc;
    }
    bool apart = remote && url && is_data(url);
    CAY_AUTOFREE char *key =
        url ? url_key(type, apart, url) : make_key((int)type, specifier, referrer);
    if (!key) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory");
    }
    *out = cay__map_get(&l->map, key, strlen(key));
    if (*out) {
        return 0;
    }
    rc = entry_make(l, specifier, referrer, url, type, key, out, err);
    if (rc) {
        return rc;
    }
    (*out)->remote = apart;
    url = NULL;
    key = NULL;
    return 0;
}

int cay__entry_main(loader_t *l, const char *url, entry_t **out, cay_error_t **err) {
    CAY_AUTOFREE char *own = cay__strdup(url);
    bool apart = l->agent->of_remote && is_data(url);
    CAY_AUTOFREE char *key = url_key(ENG_MODULE_JS, apart, url);
    if (!own || !key) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory");
    }
    int rc = entry_make(l, url, url, own, ENG_MODULE_JS, key, out, err);
    if (rc == 0) {
        (*out)->remote = apart;
        own = NULL;
        key = NULL;
    }
    return rc;
}

int cay__entry_name(loader_t *l, entry_t *e, char *url) {
    CAY_AUTOFREE char *key = url_key(e->type, e->remote && is_data(url), url);
    if (!key) {
        cay__free(url);
        return CAY_ENOMEM;
    }
    entry_t *other = cay__map_get(&l->map, key, strlen(key));
    entry_t *real = other ? cay__entry_real(other) : e;
    if (real != e) { /* it is e when the other was found to be e: two redirects to one another */
        cay__free(url);
        e->alias = real;
        e->state = ENTRY_READY; /* whatever the other's state is, it is looked at in its place */
        return 0;
    }
    if (!other) {
        int rc = cay__map_put(&l->map, key, strlen(key), e);
        if (rc) {
            cay__free(url);
            return rc;
        }
        /* The entry answers to both keys; the map borrows the new one from it. */
        cay__map_remove(&l->map, e->key, strlen(e->key));
        char *old = e->key;
        e->key = cay_steal(&key);
        entry_t *alias = CAY_NEW(entry_t);
        if (alias && cay__map_put(&l->map, old, strlen(old), alias) == 0) {
            cay__list_init(&alias->queue);
            cay__map_init(&alias->by_key);
            alias->key = old;
            alias->alias = e;
            alias->state = ENTRY_READY;
            cay__list_push(&l->entries, &alias->link);
        } else { /* asked again, it would be loaded twice under one name: harmless, the name finds it */
            cay__free(alias);
            cay__free(old);
        }
    }
    cay__free(e->url);
    e->url = url;
    return 0;
}

/* ---- errors ---- */

/* "imported from FILE:LINE:COLUMN" for the entry and those above it. */
static void put_chain(const entry_t *e, cay_buf_t *b) {
    for (int i = 0; e->importer && i < MAX_CHAIN; i++, e = e->importer) {
        cay__buf_printf(b, "\n    imported from %s:%u:%u",
                        e->importer->url ? e->importer->url : "?", e->line, e->column);
    }
}

static void chain_into_stack(entry_t *e) {
    cay_buf_t b = CAY_BUF_INIT;
    cay__buf_printf(&b, "%s: %s", e->fault.name ? e->fault.name : "Error",
                    e->fault.message ? e->fault.message : "");
    if (e->fault.file && e->fault.line) {
        cay__buf_printf(&b, "\n    at %s:%u:%u", e->fault.file, e->fault.line, e->fault.column);
    }
    put_chain(e, &b);
    cay__free(e->fault.stack);
    e->fault.stack = cay__buf_take_str(&b);
}

void cay__entry_fail(entry_t *e, const char *name, const char *message) {
    eng_fault_clear(&e->fault);
    e->state = ENTRY_FAILED;
    e->fault.name = cay__strdup(name);
    e->fault.message =
        cay__asprintf("Cannot load \"%.300s\": %s", e->url ? e->url : e->specifier, message);
    if (e->importer) { /* the place to look at is the import */
        e->fault.file = e->importer->url ? cay__strdup(e->importer->url) : NULL;
        e->fault.line = e->line;
        e->fault.column = e->column;
    }
    chain_into_stack(e);
}

static void fail_compile(entry_t *e, int rc, eng_fault_t *fault) {
    if (rc != CAY_ESYNTAX) {
        cay__entry_fail(e, "TypeError", cay_error_text(rc));
        return;
    }
    e->state = ENTRY_FAILED;
    e->fault = *fault;
    *fault = (eng_fault_t){0};
    if (!e->fault.file) { /* the engine knows places in JSON, but not its name */
        e->fault.file = cay__strdup(e->url);
    }
    chain_into_stack(e);
}

/* ---- imports ---- */

static int type_of(const char *attribute, eng_module_type_t *out) {
    *out = attribute ? ENG_MODULE_JSON : ENG_MODULE_JS;
    return !attribute || strcmp(attribute, "json") == 0 ? 0 : CAY_ENOTSUP;
}

/* One import statement becomes a request; a failure is the failure of the importing module. */
static int add_request(loader_t *l, entry_t *e, size_t i, cay_error_t **err) {
    CAY_AUTOFREE char *specifier = NULL;
    CAY_AUTOFREE char *attribute = NULL;
    uint32_t line, column;
    eng_module_type_t type;
    int rc =
        eng_module_request(l->agent->iso, e->module, i, &specifier, &attribute, &line, &column);
    if (rc == CAY_ENOTSUP) {
        cay__error_set(err, rc, "unknown import attribute \"%.100s\"", specifier ? specifier : "");
    } else if (rc == 0 && (rc = type_of(attribute, &type))) {
        cay__error_set(err, rc, "unknown module type \"%.100s\"", attribute);
    }
    entry_t *to = NULL;
    bool remote = e->remote || cay__is_remote_url(e->url);
    rc = rc ? rc : cay__entry_get(l, specifier, e->url, remote, type, &to, err);
    if (rc) {
        /* Told at the import, not at the top of the file. */
        e->fault.line = line;
        e->fault.column = column;
        return rc;
    }
    if (to->state == ENTRY_WAITING && !to->importer && to != l->main) {
        to->importer = e;
        to->line = line;
        to->column = column;
    }
    char *key = make_key((int)type, specifier, NULL);
    if (!key) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory");
    }
    request_t *r = &e->requests[e->request_count++];
    *r = (request_t){key, strlen(key), to};
    return cay__map_put(&e->by_key, r->key, r->key_len, r);
}

static void scan(loader_t *l, entry_t *e) {
    size_t count = eng_module_request_count(l->agent->iso, e->module);
    cay_error_t *err = NULL;
    e->requests = cay__calloc(count, sizeof *e->requests);
    int rc = e->requests ? 0 : CAY_ENOMEM;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        rc = add_request(l, e, i, &err);
    }
    if (rc) {
        uint32_t line = e->fault.line, column = e->fault.column;
        cay__entry_fail(e, "TypeError", err ? cay_error_message(err) : cay_error_text(rc));
        cay__free(e->fault.file);
        e->fault.file = cay__strdup(e->url);
        e->fault.line = line;
        e->fault.column = column;
        cay__free(e->fault.message);
        e->fault.message = cay__strdup(err ? cay_error_message(err) : cay_error_text(rc));
        chain_into_stack(e);
    }
    cay_error_free(err);
}

/* A file of JSON imported as code would only be a syntax error; the attribute is what is missing. */
static bool looks_like_json(const entry_t *e) {
    size_t n = strcspn(e->url, "?#");
    return e->type == ENG_MODULE_JS && n > 5 && strncmp(e->url + n - 5, ".json", 5) == 0 &&
           !is_data(e->url);
}

int cay__check_integrity(const loader_t *l, const char *url, const void *data, size_t len,
                         cay_error_t **err) {
    const char *metadata = cay__import_map_integrity(l->agent->group->import_map, url);
    return metadata ? cay__sri_check(metadata, data, len, err) : 0;
}

static bool fails_integrity(const loader_t *l, entry_t *e, const char *text, size_t len) {
    cay_error_t *err = NULL;
    int rc = cay__check_integrity(l, e->url, text, len, &err);
    if (rc) {
        cay__entry_fail(e, "TypeError", err ? cay_error_message(err) : cay_error_text(rc));
    }
    cay_error_free(err);
    return rc != 0;
}

void cay__entry_text(loader_t *l, entry_t *e, const char *text, size_t len) {
    if (fails_integrity(l, e, text, len)) {
        return;
    }
    l->agent->runs_remote |= e->remote || cay__is_remote_url(e->url);
    size_t good = cay__utf8_valid(text, len);
    if (good != len) {
        CAY_AUTOFREE char *m = cay__asprintf("it is not valid UTF-8 (at byte %zu)", good);
        cay__entry_fail(e, "TypeError", m ? m : "it is not valid UTF-8");
        return;
    }
    if (looks_like_json(e)) {
        cay__entry_fail(e, "TypeError", "it is JSON: import it with assert { type: \"json\" }");
        return;
    }
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }
    eng_fault_t fault = {0};
    int rc = eng_module_compile(l->agent->iso, e->url, text, len, e->type, &e->module, &fault);
    if (rc) {
        fail_compile(e, rc, &fault);
        eng_fault_clear(&fault);
        return;
    }
    e->state = ENTRY_READY;
    eng_module_set_tag(e->module, e);
    scan(l, e);
}
