/* SPDX-License-Identifier: MIT */
/* The life of a document: its arena, its resources, its end. */
#include "codec/doc.h"

#include <string.h>

#include "base/mem.h"

#define CHUNK_FIRST ((size_t)1 << 10)
#define CHUNK_MOST  ((size_t)64 << 10)

static chunk_t *chunk_new(size_t size, chunk_t *next) {
    chunk_t *c = cay__malloc(sizeof *c + size);
    if (c) {
        c->next = next;
        c->used = 0;
        c->size = size;
    }
    return c;
}

/* Big pieces get a chunk of their own, behind the one in use, so that its rest is not lost. */
static void *alloc_big(cay_doc_t *doc, size_t size) {
    chunk_t *c = chunk_new(size, doc->chunks->next);
    if (!c) {
        doc->failed = true;
        return NULL;
    }
    doc->chunks->next = c;
    c->used = size;
    return c->data;
}

void *cay__doc_alloc_raw(cay_doc_t *doc, size_t size) {
    if (size > SIZE_MAX / 2) {
        doc->failed = true;
        return NULL;
    }
    size = (size + 7) & ~(size_t)7; /* nothing kept here needs more alignment */
    chunk_t *c = doc->chunks;
    if (size > c->size - c->used) {
        if (size > CHUNK_MOST / 4) {
            return alloc_big(doc, size);
        }
        size_t want = c->size < CHUNK_MOST ? c->size * 2 : CHUNK_MOST;
        while (want < size) {
            want *= 2;
        }
        c = chunk_new(want, c);
        if (!c) {
            doc->failed = true;
            return NULL;
        }
        doc->chunks = c;
    }
    void *at = (char *)c->data + c->used;
    c->used += size;
    return at;
}

void *cay__doc_alloc(cay_doc_t *doc, size_t size) {
    void *at = cay__doc_alloc_raw(doc, size);
    if (at) {
        memset(at, 0, size);
    }
    return at;
}

cay_value_t *cay__value_new(cay_doc_t *doc, cay_type_t type) {
    cay_value_t *v = cay__doc_alloc(doc, sizeof *v);
    if (v) {
        v->type = (uint8_t)type;
        v->doc = doc;
    }
    return v;
}

resource_t *cay__resource_new(cay_doc_t *doc, cay_value_t *owner) {
    resource_t *r = cay__doc_alloc(doc, sizeof *r);
    if (r) {
        r->owner = owner;
        r->next = doc->resources;
        doc->resources = r;
    }
    return r;
}

int cay__vec_reserve(cay_doc_t *doc, vec_t *v, size_t count) {
    if (count <= v->cap) {
        return 0;
    }
    if (count > UINT32_MAX) {
        return CAY_ELIMIT;
    }
    cay_value_t **grown = cay__doc_alloc_raw(doc, count * sizeof *grown);
    if (!grown) {
        return CAY_ENOMEM;
    }
    if (v->count) {
        memcpy(grown, v->at, v->count * sizeof *grown);
    }
    v->at = grown;
    v->cap = (uint32_t)count;
    return 0;
}

int cay__vec_push(cay_doc_t *doc, vec_t *v, cay_value_t *item) {
    if (v->count == v->cap) {
        size_t more = v->cap ? (size_t)v->cap * 2 : 4;
        if (more > UINT32_MAX && v->cap < UINT32_MAX) {
            more = UINT32_MAX;
        }
        int rc = cay__vec_reserve(doc, v, more);
        if (rc != 0) {
            return rc;
        }
    }
    v->at[v->count++] = item;
    return 0;
}

static void singleton(cay_doc_t *doc, cay_value_t *v, cay_type_t type) {
    v->type = (uint8_t)type;
    v->doc = doc;
}

int cay__doc_new(const cay_doc_ops_t *ops, cay_doc_t **out) {
    if (!out) {
        return CAY_EINVAL;
    }
    cay_doc_t *doc = CAY_NEW(cay_doc_t);
    if (!doc) {
        return CAY_ENOMEM;
    }
    doc->chunks = chunk_new(CHUNK_FIRST, NULL);
    if (!doc->chunks) {
        cay__free(doc);
        return CAY_ENOMEM;
    }
    doc->ops = ops;
    singleton(doc, &doc->undefined, CAY_TYPE_UNDEFINED);
    singleton(doc, &doc->null, CAY_TYPE_NULL);
    singleton(doc, &doc->no, CAY_TYPE_BOOL);
    singleton(doc, &doc->yes, CAY_TYPE_BOOL);
    doc->yes.boolean = true;
    singleton(doc, &doc->hole, CAY_TYPE_HOLE);
    doc->root = &doc->undefined;
    *out = doc;
    return 0;
}

static void resource_drop(const cay_doc_ops_t *ops, resource_t *r) {
    if (!r->owned || r->gone) {
        return;
    }
    r->gone = true;
    if (r->port && ops && ops->port_drop) {
        ops->port_drop(r->port);
    }
    cay__blob_drop(&r->blob);
}

void cay_doc_free(cay_doc_t *doc) {
    if (!doc) {
        return;
    }
    for (resource_t *r = doc->resources; r; r = r->next) {
        resource_drop(doc->ops, r);
    }
    for (key_index_t *k = doc->indexes; k; k = k->next) {
        cay__map_free(&k->map);
    }
    while (doc->chunks) {
        chunk_t *c = doc->chunks;
        doc->chunks = c->next;
        cay__free(c);
    }
    cay__free(doc);
}

void cay__doc_moved(cay_doc_t *doc) {
    if (!doc->encoded) {
        return;
    }
    doc->encoded = false;
    for (resource_t *r = doc->resources; r; r = r->next) {
        if (r->gone || r->owner->seen != doc->epoch) {
            continue;
        }
        r->gone = true;
        r->port = NULL;
        r->blob = (cay_blob_t){0};
        if (r->owner->type == CAY_TYPE_BUFFER) {
            r->owner->buffer.data = NULL;
            r->owner->buffer.len = 0;
        }
    }
}

bool cay_doc_failed(const cay_doc_t *doc) {
    return doc && doc->failed;
}

const cay_value_t *cay_doc_root(const cay_doc_t *doc) {
    static const cay_value_t nothing = {.type = CAY_TYPE_UNDEFINED};
    return doc ? doc->root : &nothing;
}

int cay_doc_set_root(cay_doc_t *doc, cay_value_t *v) {
    if (!doc || !v || v->doc != doc) {
        return CAY_EINVAL;
    }
    doc->root = v;
    return 0;
}

void cay_free(void *ptr) {
    cay__free(ptr);
}
