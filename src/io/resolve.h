/* SPDX-License-Identifier: MIT */
/* Names to addresses, on threads of their own. I/O thread, except where told. */
#ifndef CAY_IO_RESOLVE_H
#define CAY_IO_RESOLVE_H

#include <netinet/in.h>

#include "io/loop.h"

typedef union cay_peer {
    struct sockaddr sa;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
} cay_peer_t;

/* More answers than these are left out. */
#define CAY_PEERS_MAX 32

typedef struct cay_peers {
    cay_peer_t *list; /* cay__malloc'ed */
    size_t count;
    size_t cap;
} cay_peers_t;

void cay__peers_clear(cay_peers_t *p);
/* IPv4 and IPv6; what is of another family or one too many is left out. CAY_ENOMEM. */
CAY_NODISCARD int cay__peers_add(cay_peers_t *p, const struct sockaddr *sa, int port);
/* The same family, address and port; a scope is none of the identity. */
bool cay__peer_same(const struct sockaddr *a, const struct sockaddr *b);
/* Without the port, IPv6 without brackets. At least INET6_ADDRSTRLEN bytes. */
void cay__peer_print(const cay_peer_t *p, char *out, size_t size);
/* As printed; false when the text is no address. */
bool cay__peer_parse(const char *text, int port, cay_peer_t *out);

/* What needs no resolution: a literal address as URLs have it ("1.2.3.4", "[::1]"), and localhost with all
 * names below it, which never go to a server (RFC 6761, 6.3). CAY_EAGAIN: it is a name to be looked up. */
CAY_NODISCARD int cay__resolve_known(const char *host, int port, cay_peers_t *out);

/* Whether something stands in for the system's resolver, whose answers are then not kept. */
bool cay__resolve_is_hooked(const cay_loop_t *l);

typedef struct cay_lookup cay_lookup_t;
typedef struct cay_lookup_user {
    /* I/O thread, once, unless cancelled: rc, and what was found, which may be taken over. */
    void (*told)(void *ctx, int rc, cay_peers_t *found);
    void *ctx;
    /* I/O thread, once, after it: no thread works on the lookup any more. Also when cancelled, then perhaps much
     * later: a resolver cannot be stopped. */
    void (*over)(void *owner);
    void *owner;
} cay_lookup_user_t;
/* CAY_ENOMEM, CAY_ELIMIT. */
CAY_NODISCARD int cay__lookup_start(cay_loop_t *l, const char *host, int port,
                                    const cay_lookup_user_t *user, CAY_OWN cay_lookup_t **out);
/* Before it was told. */
void cay__lookup_cancel(CAY_OWN cay_lookup_t *k);

#endif
