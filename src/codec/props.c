/* SPDX-License-Identifier: MIT */
/* The keys of objects: looked through in turn while few, hashed when many, so that setting n keys
 * costs O(n) whatever keys a guest picks. */
#include "codec/doc.h"

#include <string.h>

#include "base/utf8.h"

#define LINEAR 16u

static bool same_key(const cay_value_t *key, const char *s, size_t len) {
    return key->text.len == len && memcmp(key->text.data, s, len) == 0;
}

int64_t cay__props_find(const cay_value_t *object, const char *key, size_t len) {
    const vec_t *items = &object->box.items;
    if (object->box.index) {
        uintptr_t at = (uintptr_t)cay__map_get(&object->box.index->map, key, len);
        return (int64_t)at - 1;
    }
    for (uint32_t i = 0; i < items->count; i += 2) {
        if (same_key(items->at[i], key, len)) {
            return i / 2;
        }
    }
    return -1;
}

static int index_put(key_index_t *index, const cay_value_t *key, uint32_t pair) {
    return cay__map_put(&index->map, key->text.data, key->text.len,
                        (void *)((uintptr_t)pair + 1)); /* NOLINT: a number in disguise */
}

/* Hashes all keys that are there. The index hangs on the document at once: a half-filled one left
 * behind by a failure is only memory, as the object does not point at it. */
static int index_make(cay_value_t *object) {
    cay_doc_t *doc = object->doc;
    key_index_t *index = cay__doc_alloc(doc, sizeof *index);
    if (!index) {
        return CAY_ENOMEM;
    }
    cay__map_init(&index->map);
    index->next = doc->indexes;
    doc->indexes = index;
    const vec_t *items = &object->box.items;
    for (uint32_t i = 0; i < items->count; i += 2) {
        int rc = index_put(index, items->at[i], i / 2);
        if (rc != 0) {
            doc->failed = true;
            return rc;
        }
    }
    object->box.index = index;
    return 0;
}

int cay__props_add(cay_value_t *object, cay_value_t *key, cay_value_t *item) {
    vec_t *items = &object->box.items;
    if (!object->box.index && items->count >= 2 * LINEAR) {
        int rc = index_make(object);
        if (rc != 0) {
            return rc;
        }
    }
    int rc = cay__vec_push(object->doc, items, key);
    if (rc != 0) {
        return rc;
    }
    rc = cay__vec_push(object->doc, items, item);
    if (rc == 0 && object->box.index) {
        rc = index_put(object->box.index, key, items->count / 2 - 1);
        if (rc != 0) {
            object->doc->failed = true;
            items->count--;
        }
    }
    if (rc != 0) {
        items->count--;
    }
    return rc;
}

int cay_value_set(cay_value_t *object, const char *key, cay_value_t *item) {
    if (!object || !key || !item || object->type != CAY_TYPE_OBJECT || item->doc != object->doc) {
        return CAY_EINVAL;
    }
    size_t len = strlen(key);
    if (cay__utf8_valid(key, len) != len) {
        return CAY_EINVAL;
    }
    int64_t at = cay__props_find(object, key, len);
    if (at >= 0) {
        object->box.items.at[2 * at + 1] = item;
        return 0;
    }
    cay_value_t *name = cay_doc_string(object->doc, key, len);
    return name ? cay__props_add(object, name, item) : CAY_ENOMEM;
}
