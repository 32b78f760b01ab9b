/* SPDX-License-Identifier: MIT */
/* The names of a client: what it found is kept for a short time, so that requests on a kept connection do not ask a
 * server each time; and how many it looks up at once is bounded, so that names which nobody answers for do not
 * take all resolvers from the other clients. What was kept is judged like what was just found. */
#include <string.h>

#include "base/mem.h"
#include "io/http_inner.h"
#include "os/clock.h"

#define KEEP_MS     10000
#define KEEP_MAX    64
#define LOOKUPS_MAX 3 /* of the eight resolvers */

typedef struct name {
    char *host;
    cay_peers_t peers; /* with any port */
    uint64_t until;
} name_t;

static void name_free(name_t *n) {
    cay__peers_clear(&n->peers);
    cay__free(n->host);
    cay__free(n);
}

static void drop(cay_http_client_t *c, const char *host) {
    name_t *n = cay__map_remove(&c->names, host, strlen(host));
    if (n) {
        name_free(n);
    }
}

void cay__names_clear(cay_http_client_t *c) {
    size_t at = 0;
    for (const cay_map_entry_t *e; (e = cay__map_next(&c->names, &at));) {
        name_free(e->value);
    }
    cay__map_free(&c->names);
    cay__map_init(&c->names);
}

void cay__names_drop(cay_http_t *h) {
    drop(h->client, h->host);
}

static int copy(cay_peers_t *to, const cay_peers_t *from, int port) {
    int rc = 0;
    for (size_t i = 0; i < from->count && !rc; i++) {
        rc = cay__peers_add(to, &from->list[i].sa, port);
    }
    return rc;
}

/* It is no failure when there is no memory to keep it. */
static void keep(cay_http_client_t *c, const char *host, const cay_peers_t *found) {
    drop(c, host);
    if (c->names.count == KEEP_MAX) {
        cay__names_clear(c);
    }
    name_t *n = CAY_NEW(name_t);
    if (!n) {
        return;
    }
    n->until = cay__clock_deadline(KEEP_MS);
    n->host = cay__strdup(host);
    if (!n->host || copy(&n->peers, found, 0) ||
        cay__map_put(&c->names, n->host, strlen(host), n)) {
        name_free(n);
    }
}

/* CAY_EAGAIN: it is not known. */
static int find(cay_http_t *h) {
    name_t *n = cay__map_get(&h->client->names, h->host, strlen(h->host));
    if (!n || cay__resolve_is_hooked(h->client->loop)) {
        return CAY_EAGAIN;
    }
    if (n->until <= cay__clock_mono()) {
        drop(h->client, h->host);
        return CAY_EAGAIN;
    }
    return copy(&h->peers, &n->peers, h->port);
}

static void told(void *ctx, int rc, cay_peers_t *found) {
    cay_http_t *h = ctx;
    h->lookup = NULL;
    if (rc == 0) {
        if (found->count && !cay__resolve_is_hooked(h->client->loop)) {
            keep(h->client, h->host, found);
        }
        h->peers = *found;
        *found = (cay_peers_t){NULL, 0, 0};
    }
    cay__hop_resolved(h, rc);
}

/* A resolver cannot be stopped, so its client may be gone by the time it ends. */
struct cay_slots {
    cay_http_client_t *client; /* NULL: gone */
    unsigned taken;
};

static void over(void *owner);

/* 0: it goes on; CAY_EAGAIN: no resolver is left for this client. */
static int look_up(cay_http_t *h) {
    cay_http_client_t *c = h->client;
    if (!c->slots && !(c->slots = CAY_NEW(cay_slots_t))) {
        return CAY_ENOMEM;
    }
    if (c->slots->taken == LOOKUPS_MAX) {
        return CAY_EAGAIN;
    }
    const cay_lookup_user_t user = {told, h, over, c->slots};
    c->slots->client = c;
    int rc = cay__lookup_start(c->loop, h->host, h->port, &user, &h->lookup);
    c->slots->taken += rc == 0;
    return rc;
}

void cay__names_free(cay_http_client_t *c) {
    cay__names_clear(c);
    if (c->slots && c->slots->taken) {
        c->slots->client = NULL;
    } else {
        cay__free(c->slots);
    }
    c->slots = NULL;
}

/* Those who wait; what the last lookup found may serve several. */
static void serve_waiting(cay_http_client_t *c) {
    while (!cay__list_empty(&c->unresolved)) {
        cay_http_t *h = CAY_CONTAINER(c->unresolved.next, cay_http_t, queued);
        int rc = find(h);
        bool found = rc != CAY_EAGAIN;
        if (!found && (rc = look_up(h)) == CAY_EAGAIN) {
            return;
        }
        cay__list_remove(&h->queued);
        if (found || rc) {
            cay__hop_resolved(h, rc);
        }
    }
}

static void over(void *owner) {
    cay_slots_t *slots = owner;
    slots->taken--;
    if (slots->client) {
        serve_waiting(slots->client);
    } else if (slots->taken == 0) {
        cay__free(slots);
    }
}

void cay__names_resolve(cay_http_t *h) {
    int rc = cay__resolve_known(h->host, h->port, &h->peers);
    rc = rc == CAY_EAGAIN ? find(h) : rc;
    if (rc != CAY_EAGAIN) {
        cay__hop_resolved(h, rc);
        return;
    }
    rc = look_up(h);
    if (rc == CAY_EAGAIN) {
        cay__list_push(&h->client->unresolved, &h->queued);
    } else if (rc) {
        cay__hop_resolved(h, rc);
    }
}
