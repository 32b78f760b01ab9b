/* SPDX-License-Identifier: MIT */
/* Arrays of many holes: only the elements that are there are kept, with their indexes, in order. So
 * an array costs what was sent, not what its length claims. */
#include "codec/doc.h"

#include <string.h>

#include "base/mem.h"

bool cay__sparse_is(const cay_value_t *array) {
    return array->box.extra && array->box.extra->sparse;
}

array_extra_t *cay__array_extra(cay_value_t *array) {
    if (!array->box.extra) {
        array->box.extra = cay__doc_alloc(array->doc, sizeof *array->box.extra);
    }
    return array->box.extra;
}

int cay__sparse_add(cay_value_t *array, uint32_t index, cay_value_t *item) {
    array_extra_t *extra = array->box.extra;
    vec_t *items = &array->box.items;
    if (items->count == items->cap) {
        size_t cap = items->cap ? (size_t)items->cap * 2 : 4;
        uint32_t *indexes = cay__doc_alloc_raw(array->doc, cap * sizeof *indexes);
        if (!indexes) {
            return CAY_ENOMEM;
        }
        if (items->count) {
            memcpy(indexes, extra->indexes, items->count * sizeof *indexes);
        }
        int rc = cay__vec_reserve(array->doc, items, cap);
        if (rc != 0) {
            return rc;
        }
        extra->indexes = indexes;
    }
    extra->indexes[items->count] = index;
    items->at[items->count++] = item;
    return 0;
}

static void swap(array_extra_t *extra, vec_t *items, uint32_t a, uint32_t b) {
    uint32_t index = extra->indexes[a];
    cay_value_t *item = items->at[a];
    extra->indexes[a] = extra->indexes[b];
    items->at[a] = items->at[b];
    extra->indexes[b] = index;
    items->at[b] = item;
}

static void sift_down(array_extra_t *extra, vec_t *items, uint32_t at, uint32_t count) {
    for (uint64_t child; (child = 2 * (uint64_t)at + 1) < count; at = (uint32_t)child) {
        if (child + 1 < count && extra->indexes[child + 1] > extra->indexes[child]) {
            child++;
        }
        if (extra->indexes[at] >= extra->indexes[child]) {
            return;
        }
        swap(extra, items, at, (uint32_t)child);
    }
}

/* A heap sort: no memory, no recursion, no bad case for a sender to find. */
static void sort(array_extra_t *extra, vec_t *items) {
    for (uint32_t i = items->count / 2; i-- > 0;) {
        sift_down(extra, items, i, items->count);
    }
    for (uint32_t end = items->count; end-- > 1;) {
        swap(extra, items, 0, end);
        sift_down(extra, items, 0, end);
    }
}

/* Gives the array a plain vector, holes written out. */
static int make_dense(cay_value_t *array) {
    array_extra_t *extra = array->box.extra;
    vec_t *items = &array->box.items;
    if (items->count != extra->length) {
        vec_t full = {0};
        int rc = cay__vec_reserve(array->doc, &full, extra->length);
        if (rc != 0) {
            return rc;
        }
        for (; full.count < extra->length; full.count++) {
            full.at[full.count] = &array->doc->hole;
        }
        for (uint32_t i = 0; i < items->count; i++) {
            full.at[extra->indexes[i]] = items->at[i];
        }
        *items = full;
    }
    extra->sparse = false;
    extra->indexes = NULL;
    return 0;
}

int cay__sparse_finish(cay_value_t *array) {
    array_extra_t *extra = array->box.extra;
    vec_t *items = &array->box.items;
    for (uint32_t i = 1; i < items->count; i++) {
        if (extra->indexes[i] <= extra->indexes[i - 1]) {
            sort(extra, items);
            break;
        }
    }
    for (uint32_t i = 1; i < items->count; i++) {
        if (extra->indexes[i] == extra->indexes[i - 1]) {
            return CAY_EFORMAT;
        }
    }
    return extra->length <= 2 * (uint64_t)items->count + 16 ? make_dense(array) : 0;
}

const cay_value_t *cay__sparse_at(const cay_value_t *array, size_t i) {
    const array_extra_t *extra = array->box.extra;
    uint32_t low = 0, high = array->box.items.count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (extra->indexes[mid] < i) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    bool there = low < array->box.items.count && extra->indexes[low] == i;
    return there ? array->box.items.at[low] : &array->doc->hole;
}
