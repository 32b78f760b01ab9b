/* SPDX-License-Identifier: MIT */
/* Open addressing with linear probing; at most three quarters of the table are in use, so every
 * probe ends at a free entry. Removed entries keep their place until the next rehash. */
#include "base/map.h"

#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>

#include "base/mem.h"
#include "cay/error.h"

#define FIRST_CAP 32

static char gone_mark;
#define GONE ((void *)&gone_mark)

static pthread_once_t seed_once = PTHREAD_ONCE_INIT;
static uint64_t seed[2];

/* The kernel gives every program 16 random bytes at its start: they stand in where getrandom is not
 * to be had (old kernel, jail). */
static void draw_seed(void) {
    if (getrandom(seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed) {
        const void *start = (const void *)getauxval(AT_RANDOM); /* NOLINT: an address by contract */
        if (start) {
            memcpy(seed, start, sizeof seed);
        }
    }
}

static uint64_t rotl(uint64_t v, unsigned n) {
    return v << n | v >> (64 - n);
}

static void sip_rounds(uint64_t v[4], unsigned rounds) {
    while (rounds--) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotl(v[1], 13) ^ v[0];
        v[3] = rotl(v[3], 16) ^ v[2];
        v[0] = rotl(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotl(v[1], 17) ^ v[2];
        v[3] = rotl(v[3], 21) ^ v[0];
        v[2] = rotl(v[2], 32);
    }
}

uint64_t cay__siphash(const uint64_t key[2], const void *data, size_t len) {
    uint64_t v[4] = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                     key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
    const uint8_t *p = data;
    size_t left = len;
    for (; left >= 8; left -= 8, p += 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        v[3] ^= word;
        sip_rounds(v, 2);
        v[0] ^= word;
    }
    uint64_t last = (uint64_t)len << 56;
    for (size_t i = 0; i < left; i++) {
        last |= (uint64_t)p[i] << (8 * i);
    }
    v[3] ^= last;
    sip_rounds(v, 2);
    v[0] ^= last;
    v[2] ^= 0xff;
    sip_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static uint64_t hash_of(const char *key, size_t len) {
    pthread_once(&seed_once, draw_seed);
    return cay__siphash(seed, key, len);
}

void cay__map_init(cay_map_t *m) {
    *m = (cay_map_t){0};
}

void cay__map_free(cay_map_t *m) {
    cay__free(m->table);
    cay__map_init(m);
}

/* The entry of the key, or NULL. */
static cay_map_entry_t *find(const cay_map_t *m, const char *key, size_t len, uint64_t hash) {
    if (m->count == 0) {
        return NULL;
    }
    for (size_t i = hash & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
        cay_map_entry_t *e = &m->table[i];
        if (!e->key && e->value != GONE) {
            return NULL;
        }
        if (e->key && e->hash == hash && e->len == len && (len == 0 || !memcmp(e->key, key, len))) {
            return e;
        }
    }
}

static void insert_new(cay_map_t *m, cay_map_entry_t entry) {
    size_t i = entry.hash & (m->cap - 1);
    while (m->table[i].key) {
        i = (i + 1) & (m->cap - 1);
    }
    if (m->table[i].value != GONE) {
        m->used++;
    }
    m->table[i] = entry;
    m->count++;
}

/* Room for one more; rehashing drops the removed entries. */
static int make_room(cay_map_t *m) {
    if (m->used + 1 <= m->cap / 4 * 3) {
        return 0;
    }
    size_t cap = m->cap ? m->cap : FIRST_CAP;
    while (m->count + 1 > cap / 2) {
        cap *= 2;
    }
    cay_map_t grown = {.cap = cap, .table = cay__calloc(cap, sizeof *grown.table)};
    if (!grown.table) {
        return CAY_ENOMEM;
    }
    for (size_t i = 0; i < m->cap; i++) {
        if (m->table[i].key) {
            insert_new(&grown, m->table[i]);
        }
    }
    cay__free(m->table);
    *m = grown;
    return 0;
}

void *cay__map_get(const cay_map_t *m, const char *key, size_t len) {
    const cay_map_entry_t *e = m->count ? find(m, key, len, hash_of(key, len)) : NULL;
    return e ? e->value : NULL;
}

int cay__map_put(cay_map_t *m, const char *key, size_t len, void *value) {
    if (!key || !value) {
        return CAY_EINVAL;
    }
    uint64_t hash = hash_of(key, len);
    cay_map_entry_t *e = find(m, key, len, hash);
    if (e) {
        e->key = key;
        e->value = value;
        return 0;
    }
    int rc = make_room(m);
    if (rc == 0) {
        insert_new(m, (cay_map_entry_t){key, len, hash, value});
    }
    return rc;
}

void *cay__map_remove(cay_map_t *m, const char *key, size_t len) {
    cay_map_entry_t *e = m->count ? find(m, key, len, hash_of(key, len)) : NULL;
    if (!e) {
        return NULL;
    }
    void *value = e->value;
    *e = (cay_map_entry_t){.value = GONE};
    m->count--;
    return value;
}

const cay_map_entry_t *cay__map_next(const cay_map_t *m, size_t *at) {
    while (*at < m->cap) {
        const cay_map_entry_t *e = &m->table[(*at)++];
        if (e->key) {
            return e;
        }
    }
    return NULL;
}
