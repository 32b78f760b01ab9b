/* SPDX-License-Identifier: MIT */
/* Parsing of import maps. HTML standard: "parse an import map string", "sort and normalize a module specifier
 * map", "sort and normalize scopes", "normalize a module integrity map". */
#include "loader/import_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "loader/digest.h"
#include "loader/map_table.h"
#include "loader/text.h"

#define DEPTH 3 /* {"scopes": {"/a/": {...}}} */

typedef struct builder {
    cay_url_t *base;
    size_t entries;
    size_t bytes;
    cay_error_t **err;
} builder_t;

static int out_of_memory(builder_t *b) {
    return cay__error_set(b->err, CAY_ENOMEM, "out of memory");
}

/* ---- tables ---- */

static void table_clear(map_table_t *t);

static void pair_clear(map_pair_t *p) {
    if (p->sub) {
        table_clear(p->sub); /* scopes have no scopes: two levels */
        cay__free(p->sub);
    }
    cay__free(p->key);
    cay__free(p->value);
}

static void table_clear(map_table_t *t) {
    for (size_t i = 0; i < t->count; i++) {
        pair_clear(&t->at[i]);
    }
    cay__free(t->at);
    *t = (map_table_t){0};
}

static int compare(const char *a, size_t a_len, const char *b, size_t b_len) {
    int c = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return c ? c : a_len < b_len ? -1 : a_len > b_len;
}

static int compare_pairs(const void *a, const void *b) {
    const map_pair_t *x = a, *y = b;
    int c = compare(x->key, x->len, y->key, y->len);
    return c ? c : x->order < y->order ? -1 : 1;
}

static void table_sort(map_table_t *t) {
    size_t kept = 0;
    if (t->count) {
        qsort(t->at, t->count, sizeof *t->at, compare_pairs);
    }
    for (size_t i = 0; i < t->count; i++) {
        map_pair_t *p = &t->at[i], *last = kept ? &t->at[kept - 1] : NULL;
        if (last && compare(last->key, last->len, p->key, p->len) == 0) {
            pair_clear(last);
            *last = *p;
        } else {
            t->at[kept++] = *p;
        }
        t->longest = p->len > t->longest ? p->len : t->longest;
    }
    t->count = kept;
}

const map_pair_t *cay__map_table_find(const map_table_t *t, const char *key, size_t len) {
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const map_pair_t *p = &t->at[middle];
        int c = compare(key, len, p->key, p->len);
        if (c == 0) {
            return p;
        }
        if (c < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* Keys longer than the longest there is are not looked for, so a long specifier costs no more than a short one. */
const map_pair_t *cay__map_table_prefix(const map_table_t *t, const char *text, size_t len,
                                        size_t *state) {
    size_t n = *state;
    if (n == SIZE_MAX) {
        n = len <= t->longest ? len + 1 : t->longest + 1;
    }
    while (n-- > 1) {
        if (n != len && text[n - 1] != '/') {
            continue;
        }
        const map_pair_t *p = cay__map_table_find(t, text, n);
        if (p) {
            *state = n;
            return p;
        }
    }
    *state = 0;
    return NULL;
}

/* ---- parts ---- */

/* Adds a pair with an owned key; the pair is there, with nothing else in it, also when it fails later. */
static int add_pair(builder_t *b, map_table_t *t, char *key, map_pair_t **out) {
    if (!key) {
        return out_of_memory(b);
    }
    map_pair_t *p = &t->at[t->count];
    *p = (map_pair_t){.key = key, .len = strlen(key), .order = t->count};
    t->count++;
    b->bytes += p->len;
    if (++b->entries > CAY_IMPORT_MAP_ENTRIES) {
        return cay__error_set(b->err, CAY_ELIMIT, "it has more than %d entries",
                              CAY_IMPORT_MAP_ENTRIES);
    }
    if (b->bytes > CAY_IMPORT_MAP_BYTES) {
        return cay__error_set(b->err, CAY_ELIMIT, "its URLs take more than %zu bytes",
                              CAY_IMPORT_MAP_BYTES);
    }
    *out = p;
    return 0;
}

static int table_room(builder_t *b, map_table_t *t, const json_t *from) {
    t->at = cay__calloc(json_object_size(from), sizeof *t->at);
    return t->at ? 0 : out_of_memory(b);
}

static char *href_of(const cay_url_t *u) {
    return cay__strndup(u->href, u->href_len);
}

/* "Normalize a specifier key": the URL it is, or itself. */
static int normal_key(builder_t *b, const char *key, char **out) {
    cay_url_t *url = NULL;
    if (!*key) {
        return cay__error_set(b->err, CAY_EINVAL, "an empty specifier");
    }
    int rc = cay__url_like(key, b->base, &url);
    if (rc) {
        return out_of_memory(b);
    }
    *out = url ? href_of(url) : cay__strdup(key);
    cay__url_free(url);
    return *out ? 0 : out_of_memory(b);
}

static int set_address(builder_t *b, map_pair_t *p, const char *key, const json_t *value) {
    if (json_is_null(value)) {
        return 0;
    }
    if (!json_is_string(value)) {
        return cay__error_set(b->err, CAY_EINVAL, "\"%.200s\": the address is no string", key);
    }
    cay_url_t *url = NULL;
    const char *address = json_string_value(value);
    if (cay__url_like(address, b->base, &url)) {
        return out_of_memory(b);
    }
    if (!url) {
        return cay__error_set(
            b->err, CAY_EINVAL,
            "\"%.200s\": the address \"%.200s\" is no URL, nor does it start with "
            "\"/\", \"./\" or \"../\"",
            key, address);
    }
    p->value = href_of(url);
    b->bytes += url->href_len;
    bool ends = url->href[url->href_len - 1] == '/';
    cay__url_free(url);
    if (p->value && key[strlen(key) - 1] == '/' && !ends) {
        return cay__error_set(b->err, CAY_EINVAL,
                              "\"%.200s\": the address \"%.200s\" must end with \"/\" too", key,
                              address);
    }
    return p->value ? 0 : out_of_memory(b);
}

static int read_imports(builder_t *b, map_table_t *t, json_t *from) {
    int rc = table_room(b, t, from);
    const char *key;
    json_t *value;
    json_object_foreach(from, key, value) {
        char *normal = NULL;
        map_pair_t *p;
        rc = rc ? rc : normal_key(b, key, &normal);
        rc = rc ? rc : add_pair(b, t, normal, &p);
        rc = rc ? rc : set_address(b, p, key, value);
        if (rc) {
            return rc;
        }
    }
    table_sort(t);
    return rc;
}

/* Any URL, relative ones without "./" too: the key's own rule. */
static int scope_key(builder_t *b, const char *prefix, char **out) {
    cay_url_t *url = NULL;
    int rc = cay__url_parse(prefix, strlen(prefix), b->base, &url, NULL);
    if (rc == CAY_ENOMEM) {
        return out_of_memory(b);
    }
    if (rc) {
        return cay__error_set(b->err, CAY_EINVAL, "\"%.200s\" is no URL", prefix);
    }
    *out = href_of(url);
    cay__url_free(url);
    return *out ? 0 : out_of_memory(b);
}

static int read_scope(builder_t *b, map_table_t *t, const char *prefix, json_t *value) {
    if (!json_is_object(value)) {
        return cay__error_set(b->err, CAY_EINVAL, "\"%.200s\" is not an object", prefix);
    }
    char *key = NULL;
    map_pair_t *p;
    int rc = scope_key(b, prefix, &key);
    rc = rc ? rc : add_pair(b, t, key, &p);
    if (rc) {
        return rc;
    }
    p->sub = CAY_NEW(map_table_t);
    rc = p->sub ? read_imports(b, p->sub, value) : out_of_memory(b);
    return rc ? cay__error_wrap(b->err, rc, "\"%.200s\"", prefix) : 0;
}

static int read_scopes(builder_t *b, map_table_t *t, json_t *from) {
    int rc = table_room(b, t, from);
    const char *prefix;
    json_t *value;
    json_object_foreach(from, prefix, value) {
        rc = rc ? rc : read_scope(b, t, prefix, value);
        if (rc) {
            return rc;
        }
    }
    table_sort(t);
    return rc;
}

static int set_integrity(builder_t *b, map_pair_t *p, const char *key, const json_t *value) {
    if (!json_is_string(value)) {
        return cay__error_set(b->err, CAY_EINVAL, "\"%.200s\": the metadata is no string", key);
    }
    int rc = cay__sri_parse(json_string_value(value), b->err);
    if (rc) {
        return cay__error_wrap(b->err, rc, "\"%.200s\"", key);
    }
    p->value = cay__strdup(json_string_value(value));
    b->bytes += json_string_length(value);
    return p->value ? 0 : out_of_memory(b);
}

static int read_integrity(builder_t *b, map_table_t *t, json_t *from) {
    int rc = table_room(b, t, from);
    const char *key;
    json_t *value;
    json_object_foreach(from, key, value) {
        cay_url_t *url = NULL;
        if (rc == 0 && cay__url_like(key, b->base, &url)) {
            rc = out_of_memory(b);
        } else if (rc == 0 && !url) {
            rc = cay__error_set(b->err, CAY_EINVAL, "\"%.200s\" is no URL", key);
        }
        map_pair_t *p;
        rc = rc ? rc : add_pair(b, t, href_of(url), &p);
        cay__url_free(url);
        rc = rc ? rc : set_integrity(b, p, key, value);
        if (rc) {
            return rc;
        }
    }
    table_sort(t);
    return rc;
}

/* ---- the whole ---- */

static int read_member(builder_t *b, cay_import_map_t *m, const char *key, json_t *value) {
    static const struct {
        const char *key;
        int (*read)(builder_t *b, map_table_t *t, json_t *from);
        size_t offset;
    } parts[] = {
        {"imports", read_imports, offsetof(cay_import_map_t, imports)},
        {"scopes", read_scopes, offsetof(cay_import_map_t, scopes)},
        {"integrity", read_integrity, offsetof(cay_import_map_t, integrity)},
    };
    for (size_t i = 0; i < CAY_COUNT(parts); i++) {
        if (strcmp(key, parts[i].key) != 0) {
            continue;
        }
        if (!json_is_object(value)) {
            return cay__error_set(b->err, CAY_EINVAL, "\"%s\" is not an object", key);
        }
        int rc = parts[i].read(b, (map_table_t *)(void *)((char *)m + parts[i].offset), value);
        return rc ? cay__error_wrap(b->err, rc, "%s", key) : 0;
    }
    return cay__error_set(b->err, CAY_EINVAL,
                          "unknown key \"%.200s\": there are imports, scopes and integrity", key);
}

static int read_map(builder_t *b, const char *json, cay_import_map_t *m) {
    CAY_CLEANUP(cay__json_cleanup) json_t *root = NULL;
    int rc = cay__json_object(json, strlen(json), CAY_IMPORT_MAP_MAX, DEPTH, &root, b->err);
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value) {
        rc = rc ? rc : read_member(b, m, key, value);
    }
    return rc;
}

static void map_free(cay_import_map_t *m) {
    table_clear(&m->imports);
    table_clear(&m->scopes);
    table_clear(&m->integrity);
    cay__free(m);
}

int cay__import_map_parse(const char *json, const char *base_url, cay_import_map_t **out,
                          cay_error_t **err) {
    builder_t b = {.err = err};
    int rc = cay__url_parse(base_url, strlen(base_url), NULL, &b.base, err);
    if (rc) {
        return cay__error_wrap(err, rc == CAY_ENOMEM ? rc : CAY_EINVAL, "import map: its base");
    }
    cay_import_map_t *m = CAY_NEW(cay_import_map_t);
    rc = m ? read_map(&b, json, m) : out_of_memory(&b);
    cay__url_free(b.base);
    if (rc) {
        if (m) {
            map_free(m);
        }
        return cay__error_wrap(err, rc, "import map");
    }
    atomic_init(&m->refs, 1);
    *out = m;
    return 0;
}

cay_import_map_t *cay__import_map_ref(cay_import_map_t *m) {
    atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
    return m;
}

void cay__import_map_unref(cay_import_map_t **slot) {
    cay_import_map_t *m = *slot;
    *slot = NULL;
    if (m && atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) == 1) {
        map_free(m);
    }
}

const char *cay__import_map_integrity(const cay_import_map_t *m, const char *url) {
    const map_pair_t *p = m ? cay__map_table_find(&m->integrity, url, strlen(url)) : NULL;
    return p ? p->value : NULL;
}
