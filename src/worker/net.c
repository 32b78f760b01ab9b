/* SPDX-License-Identifier: MIT */
#include "worker/net.h"

#include <netinet/in.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "url/url.h"

cay_http_client_t *cay__agent_http(cay_agent_t *a) {
    if (!a->http && cay__http_client_new(a->env->services->loop, &a->http)) {
        a->http = NULL;
    }
    return a->http;
}

static bool addr_of(const struct sockaddr *sa, cay_addr_t *out) {
    *out = (cay_addr_t){0};
    if (sa->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)sa;
        out->family = 4;
        memcpy(out->bytes, &in->sin_addr, 4);
        return true;
    }
    if (sa->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)sa;
        out->family = 6;
        memcpy(out->bytes, &in6->sin6_addr, 16);
        return true;
    }
    return false;
}

static cay_ask_t ask_of(const cay_net_judge_t *j, const char *host, int port) {
    return (cay_ask_t){.kind = j->kind, .value = host, .len = strlen(host), .port = port};
}

static int judge_name(void *ctx, const char *host, int port, cay_error_t **err) {
    cay_net_judge_t *j = ctx;
    cay_ask_t ask = ask_of(j, host, port);
    return cay__authority_check(j->authority, &ask, NULL, err);
}

static int judge_address(void *ctx, const char *host, int port, const struct sockaddr *sa,
                         cay_error_t **err) {
    cay_net_judge_t *j = ctx;
    cay_addr_t addr;
    if (!addr_of(sa, &addr)) {
        return cay__error_set(err, CAY_EPERM, "\"%.300s\" has an address of an unknown family",
                              host);
    }
    cay_ask_t ask = ask_of(j, host, port);
    ask.addr = &addr;
    return cay__authority_check(j->authority, &ask, NULL, err);
}

const cay_http_judge_t cay__net_judge = {.name = judge_name, .address = judge_address};

int cay__net_ask_of(const char *url, char **host, int *port, cay_error_t **err) {
    cay_url_t *u = NULL;
    int rc = cay__url_parse(url, strlen(url), NULL, &u, err);
    if (rc) {
        return rc == CAY_ENOMEM ? rc : CAY_EINVAL;
    }
    if (!cay__url_scheme_is(u, "http") && !cay__url_scheme_is(u, "https")) {
        cay_url_part_t p = cay__url_protocol(u);
        rc = cay__error_set(err, CAY_ENOTSUP, "the scheme \"%.*s\" is not http or https",
                            (int)p.len, p.ptr);
    } else {
        cay_url_part_t p = cay__url_hostname(u);
        *host = cay__strndup(p.ptr, p.len);
        *port = cay__url_effective_port(u);
        rc = *host ? 0 : CAY_ENOMEM;
    }
    cay__url_free(u);
    return rc;
}
