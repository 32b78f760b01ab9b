/* SPDX-License-Identifier: MIT */
#include "port/call.h"

#include <string.h>

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "port/control.h"

#define MAX_FUNCTIONS 1000u
#define MAX_NAME      100u

typedef struct binding {
    char *name;
    cay_call_cb fn;
    void *user;
} binding_t;

struct cay_functions {
    _Atomic uint32_t refs;
    cay_mutex_t lock;
    cay_cond_t idle;
    cay_map_t map; /* name -> binding_t */
    const binding_t
        *running; /* under lock: what a thread is inside of; may be unbound by that thread */
    pthread_t runner;
    bool closed;
};

int cay__functions_new(cay_functions_t **out) {
    cay_functions_t *f = CAY_NEW(cay_functions_t);
    if (!f) {
        return CAY_ENOMEM;
    }
    atomic_init(&f->refs, 1);
    cay__mutex_init(&f->lock);
    cay__cond_init(&f->idle);
    cay__map_init(&f->map);
    *out = f;
    return 0;
}

cay_functions_t *cay__functions_ref(cay_functions_t *f) {
    atomic_fetch_add_explicit(&f->refs, 1, memory_order_relaxed);
    return f;
}

static void binding_free(binding_t *b) {
    cay__free(b->name);
    cay__free(b);
}

static void clear(cay_functions_t *f) {
    size_t at = 0;
    for (const cay_map_entry_t *e; (e = cay__map_next(&f->map, &at));) {
        binding_free(e->value);
    }
    cay__map_free(&f->map);
    cay__map_init(&f->map);
}

void cay__functions_unref(cay_functions_t **slot) {
    cay_functions_t *f = *slot;
    *slot = NULL;
    if (f && atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel) == 1) {
        clear(f);
        cay__map_free(&f->map);
        cay__cond_destroy(&f->idle);
        cay__mutex_destroy(&f->lock);
        cay__free(f);
    }
}

/* ---- names ---- */

static bool is_name_char(char c, bool first) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
           (!first && c >= '0' && c <= '9');
}

static int check_name(const char *name, cay_error_t **err) {
    size_t len = name ? strnlen(name, MAX_NAME + 1) : 0;
    bool good = len > 0 && len <= MAX_NAME;
    for (size_t i = 0; good && i < len; i++) {
        good = is_name_char(name[i], i == 0);
    }
    return good
               ? 0
               : cay__error_set(err, CAY_EINVAL,
                                "host function \"%.100s\": the name is no identifier of at most %u "
                                "ASCII letters, digits, '_' and '$'",
                                name ? name : "", MAX_NAME);
}

/* ---- binding ---- */

static binding_t *binding_new(const char *name, cay_call_cb fn, void *user) {
    binding_t *b = CAY_NEW(binding_t);
    if (b) {
        *b = (binding_t){cay__strdup(name), fn, user};
        if (!b->name) {
            cay__free(b);
            b = NULL;
        }
    }
    return b;
}

/* Until nobody is inside the function of that name, but for this very thread. */
static void wait_idle(cay_functions_t *f, const char *name) CAY_REQUIRES(f->lock) {
    while (f->running && !pthread_equal(f->runner, pthread_self()) &&
           strcmp(f->running->name, name) == 0) {
        cay__cond_wait(&f->idle, &f->lock);
    }
}

static int check_room(cay_functions_t *f, bool needs_none, cay_error_t **err)
    CAY_REQUIRES(f->lock) {
    if (f->closed) {
        return cay__error_set(err, CAY_ECLOSED, "the worker has ended");
    }
    if (!needs_none && f->map.count >= MAX_FUNCTIONS) {
        return cay__error_set(err, CAY_ELIMIT, "the worker has %u host functions, the limit",
                              MAX_FUNCTIONS);
    }
    return 0;
}

static int replace(cay_functions_t *f, const char *name, binding_t *b, cay_error_t **err) {
    cay__mutex_lock(&f->lock);
    wait_idle(f, name);
    binding_t *old = cay__map_get(&f->map, name, strlen(name));
    int rc = check_room(f, old != NULL || !b, err);
    if (rc == 0 && b) {
        rc = cay__map_put(&f->map, b->name, strlen(b->name), b);
    } else if (rc == 0) {
        cay__map_remove(&f->map, name, strlen(name));
    }
    bool running = old && f->running == old; /* then it is freed when it returns */
    cay__mutex_unlock(&f->lock);
    if (old && rc == 0 && !running) {
        binding_free(old);
    }
    return rc;
}

int cay__functions_bind(cay_functions_t *f, const char *name, cay_call_cb fn, void *user,
                        cay_error_t **err) {
    int rc = check_name(name, err);
    if (rc) {
        return rc;
    }
    binding_t *b = fn ? binding_new(name, fn, user) : NULL;
    if (fn && !b) {
        return cay__error_set(err, CAY_ENOMEM, "out of memory for a host function");
    }
    rc = replace(f, name, b, err);
    if (rc && b) {
        binding_free(b);
    }
    return rc;
}

void cay__functions_close(cay_functions_t *f) {
    cay__mutex_lock(&f->lock);
    f->closed = true;
    clear(f);
    cay__mutex_unlock(&f->lock);
}

/* ---- calling ---- */

int cay__functions_call(cay_functions_t *f, cay_call_t *call) {
    cay__mutex_lock(&f->lock);
    binding_t *b = cay__map_get(&f->map, call->name, strlen(call->name));
    if (b) {
        f->running = b;
        f->runner = pthread_self();
    }
    cay__mutex_unlock(&f->lock);
    if (!b) {
        return CAY_ENOTFOUND;
    }
    b->fn(call, b->user);
    cay__mutex_lock(&f->lock);
    f->running = NULL;
    bool gone = true; /* it unbound itself */
    size_t at = 0;
    for (const cay_map_entry_t *e; gone && (e = cay__map_next(&f->map, &at));) {
        gone = e->value != b;
    }
    cay__cond_broadcast(&f->idle);
    cay__mutex_unlock(&f->lock);
    if (gone) {
        binding_free(b);
    }
    return 0;
}

/* ---- calls ---- */

int cay__call_new(const char *name, uint64_t worker_id, cay_message_t *argument, cay_call_t **out) {
    cay_call_t *c = CAY_NEW(cay_call_t);
    if (!c) {
        return CAY_ENOMEM;
    }
    c->name = cay__strdup(name);
    if (!c->name) {
        cay__free(c);
        return CAY_ENOMEM;
    }
    c->worker_id = worker_id;
    c->argument = argument;
    *out = c;
    return 0;
}

void cay__call_free(cay_call_t *c) {
    if (c) {
        cay__free(c->name);
        cay__free(c->error_name);
        cay__free(c->error_message);
        cay_message_free(c->argument);
        cay_message_free(c->result);
        cay__free(c);
    }
}

const char *cay_call_name(const cay_call_t *c) {
    return c->name;
}

uint64_t cay_call_worker_id(const cay_call_t *c) {
    return c->worker_id;
}

int cay_call_value(cay_call_t *c, const cay_value_t **out, cay_error_t **err) {
    return cay_message_value(c->argument, out, err);
}

int cay_call_to_json(cay_call_t *c, char **out, cay_error_t **err) {
    return cay_message_to_json(c->argument, out, err);
}

static int answer(cay_call_t *c, cay_doc_t *doc) {
    cay_message_t *m = NULL;
    cay_error_t *err = NULL;
    int rc = cay__doc_encode(doc, &m, &err);
    if (rc == 0 && m->cargo.port_count) {
        m->item.ports = 0;
        m->cargo.port_count = m->cargo.blob_count = 0; /* still the document's */
        cay_message_free(m);
        m = NULL;
        rc = cay__error_set(&err, CAY_ECLONE, "a host function cannot answer with a port");
    } else if (rc == 0) {
        cay__doc_moved(doc);
    }
    if (rc) {
        c->error_message = cay__strdup(err ? cay_error_message(err) : cay_error_text(rc));
    }
    c->result = m;
    cay_error_free(err);
    return rc;
}

int cay_call_reply(cay_call_t *c, cay_doc_t *doc) {
    cay_doc_t *none = NULL;
    int rc = doc ? 0 : cay_doc_new(&none);
    if (rc == 0) {
        rc = answer(c, doc ? doc : none);
    }
    cay_doc_free(none);
    c->rc = rc;
    c->answered(c);
    return rc;
}

int cay_call_reply_json(cay_call_t *c, const char *json, size_t len) {
    cay_doc_t *doc = NULL;
    cay_error_t *err = NULL;
    int rc = json ? cay_doc_from_json(json, len, &doc, &err) : CAY_EINVAL;
    if (rc == 0) {
        rc = answer(c, doc);
    } else {
        c->error_message = cay__strdup(err ? cay_error_message(err) : cay_error_text(rc));
    }
    cay_doc_free(doc);
    cay_error_free(err);
    c->rc = rc;
    c->answered(c);
    return rc;
}

void cay_call_reject(cay_call_t *c, const char *name, const char *message) {
    c->rc = CAY_EGUEST;
    c->error_name = name ? cay__strdup(name) : NULL;
    c->error_message = message ? cay__strdup(message) : NULL;
    c->answered(c);
}

/* ---- handles ---- */

void cay__worker_equip(cay_worker_t *w, struct cay_authority *authority,
                       void (*unref)(struct cay_authority **authority),
                       cay_functions_t *functions) {
    cay_control_t *k = cay__worker_control(w);
    k->authority = authority;
    k->authority_unref = unref;
    k->functions = functions ? cay__functions_ref(functions) : NULL;
}

struct cay_authority *cay__worker_authority(const cay_worker_t *w) {
    return cay__worker_control(w)->authority;
}

int cay_worker_bind(cay_worker_t *worker, const char *name, cay_call_cb fn, void *user) {
    cay_functions_t *f = cay__worker_control(worker)->functions;
    return f ? cay__functions_bind(f, name, fn, user, NULL) : CAY_ENOTSUP;
}
