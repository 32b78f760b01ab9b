/* SPDX-License-Identifier: MIT */
/* Ops of the URL class: the one parser of src/url serves JavaScript too. */
#include "url/url.h"

#include <string.h>

#include "base/mem.h"
#include "ops/ops.h"
#include "worker/agent.h"

static eng_val_t part(eng_isolate_t *iso, const cay_url_t *u, cay_url_field_t f) {
    cay_url_part_t p = cay__url_get(u, f);
    return eng_string(iso, p.ptr, p.len);
}

static eng_val_t parts(eng_isolate_t *iso, const cay_url_t *u) {
    char *origin = NULL;
    eng_val_t first =
        cay__url_origin(u, &origin) == 0 ? eng_text(iso, origin) : eng_text(iso, "null");
    cay__free(origin);
    eng_val_t list[] = {
        part(iso, u, CAY_URL_HREF),     first,
        part(iso, u, CAY_URL_PROTOCOL), part(iso, u, CAY_URL_USERNAME),
        part(iso, u, CAY_URL_PASSWORD), part(iso, u, CAY_URL_HOST),
        part(iso, u, CAY_URL_HOSTNAME), part(iso, u, CAY_URL_PORT),
        part(iso, u, CAY_URL_PATHNAME), part(iso, u, CAY_URL_SEARCH),
        part(iso, u, CAY_URL_HASH),
    };
    return eng_array(iso, list, CAY_COUNT(list));
}

void cay__op_urlParse(eng_call_t *c) {
    eng_isolate_t *iso = eng_call_isolate(c);
    size_t len = 0, base_len = 0;
    CAY_AUTOFREE char *input = eng_to_text(iso, eng_arg(c, 0), &len);
    CAY_AUTOFREE char *base_text = eng_to_text(iso, eng_arg(c, 1), &base_len);
    cay_url_t *base = NULL, *url = NULL;
    if (!input || (base_text && cay__url_parse(base_text, base_len, NULL, &base, NULL)) ||
        cay__url_parse(input, len, base, &url, NULL)) {
        eng_ret(c, eng_null(iso));
    } else {
        eng_ret(c, parts(iso, url));
    }
    cay__url_free(url);
    cay__url_free(base);
}

void cay__op_urlSet(eng_call_t *c) {
    static const struct {
        const char *name;
        cay_url_field_t field;
    } fields[] = {
        {"protocol", CAY_URL_PROTOCOL}, {"username", CAY_URL_USERNAME},
        {"password", CAY_URL_PASSWORD}, {"host", CAY_URL_HOST},
        {"hostname", CAY_URL_HOSTNAME}, {"port", CAY_URL_PORT},
        {"pathname", CAY_URL_PATHNAME}, {"search", CAY_URL_SEARCH},
        {"hash", CAY_URL_HASH},         {"href", CAY_URL_HREF},
    };
    eng_isolate_t *iso = eng_call_isolate(c);
    size_t len = 0, value_len = 0;
    CAY_AUTOFREE char *href = eng_to_text(iso, eng_arg(c, 0), &len);
    CAY_AUTOFREE char *field = eng_to_text(iso, eng_arg(c, 1), NULL);
    CAY_AUTOFREE char *value = eng_to_text(iso, eng_arg(c, 2), &value_len);
    cay_url_t *url = NULL;
    if (!href || !field || !value || cay__url_parse(href, len, NULL, &url, NULL)) {
        eng_throw(c, CAY_EINVAL, "urlSet: not a URL");
        return;
    }
    for (size_t i = 0; i < CAY_COUNT(fields); i++) {
        if (strcmp(field, fields[i].name) == 0) {
            /* A value that the standard's setter ignores leaves the URL as it is. */
            (void)!cay__url_set(url, fields[i].field, value, value_len, NULL);
        }
    }
    eng_ret(c, parts(iso, url));
    cay__url_free(url);
}

void cay__op_resolve(eng_call_t *c) {
    eng_isolate_t *iso = eng_call_isolate(c);
    cay_agent_t *a = eng_call_host(c);
    CAY_AUTOFREE char *specifier = eng_to_text(iso, eng_arg(c, 0), NULL);
    CAY_AUTOFREE char *base = eng_to_text(iso, eng_arg(c, 1), NULL);
    cay_error_t *err = NULL;
    CAY_AUTOFREE char *url =
        specifier && base ? a->env->hooks->engine.meta_resolve(a, specifier, base, &err) : NULL;
    if (url) {
        eng_ret(c, eng_text(iso, url));
    } else {
        eng_throw_type(c, "%s", err ? cay_error_message(err) : "resolve: two strings are needed");
    }
    cay_error_free(err);
}
