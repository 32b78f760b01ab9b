/* SPDX-License-Identifier: MIT */
/* What agents of one provider share beside the scheduler: the threads that do their input and output. And the one
 * HTTP client of an agent, made when it is first needed: fetch (src/ops) and imports (src/loader) use it. */
#ifndef CAY_WORKER_NET_H
#define CAY_WORKER_NET_H

#include "io/http.h"
#include "io/pool.h"
#include "perm/authority.h"
#include "worker/agent.h"

typedef struct cay_services {
    cay_pool_t *pool;      /* files, digests */
    cay_loop_t *loop;      /* http */
    const char *cache_dir; /* of imported code; NULL = none */
} cay_services_t;

/* Its own thread. NULL when out of memory. Freed with the agent. */
cay_http_client_t *cay__agent_http(cay_agent_t *a);

/* Judges by an authority: ctx is a cay_net_judge_t that lives as long as the request. */
typedef struct cay_net_judge {
    cay_authority_t *authority;
    cay_kind_t kind; /* CAY_KIND_NET or CAY_KIND_IMPORT */
} cay_net_judge_t;
extern const cay_http_judge_t cay__net_judge;

/* Host and port of an http(s) URL as permissions are asked about it: the host is cay__malloc'ed. CAY_EINVAL, CAY_ENOTSUP
 * (another scheme), CAY_ENOMEM. */
CAY_NODISCARD int cay__net_ask_of(const char *url, char **host, int *port, cay_error_t **err);

#endif
