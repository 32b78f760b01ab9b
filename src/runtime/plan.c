/* SPDX-License-Identifier: MIT */
#include "runtime/plan.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "io/fs.h"
#include "os/file.h"
#include "url/url.h"

#define ALL_FLAGS                                                                                  \
    (CAY_WORKER_CLOSE_WHEN_QUIET | CAY_WORKER_RELOAD | CAY_WORKER_CACHED_ONLY |                    \
     CAY_WORKER_LOCK_WRITE)

void cay__plan_clear(cay_plan_t *p) {
    cay__free(p->url);
    cay__free(p->root);
    cay__free(p->directory);
    cay__free(p->lock_file);
    cay_permissions_free(p->permissions);
    cay__functions_unref(&p->functions);
}

static char *href_of(cay_url_t *u) {
    cay_url_part_t part = cay__url_get(u, CAY_URL_HREF);
    char *out = cay__strndup(part.ptr, part.len);
    cay__url_free(u);
    return out;
}

/* Whatever is wrong with the URL or the path, the option is what the caller got wrong. */
static int bad_place(cay_error_t **err, int rc, const char *option) {
    if (rc == CAY_ENOMEM) {
        return rc;
    }
    CAY_AUTOFREE char *why =
        cay__strdup(err && *err ? cay_error_message(*err) : cay_error_text(rc));
    return cay__error_set(err, CAY_EINVAL, "%s: %s", option, why ? why : cay_error_text(rc));
}

static int plan_file(const cay_worker_options_t *o, cay_plan_t *p, cay_error_t **err) {
    CAY_AUTOFREE char *path = cay__path_absolute(o->main_file);
    cay_url_t *u = NULL;
    int rc = path ? cay__url_from_path(path, &u, err) : CAY_ENOMEM;
    if (rc) {
        return bad_place(err, rc, "cay_worker_options.main_file");
    }
    p->url = href_of(u);
    if (!o->module_root) {
        p->root = cay__path_dir(path);
    }
    return p->url && (o->module_root || p->root) ? 0 : CAY_ENOMEM;
}

static int plan_url(const cay_worker_options_t *o, cay_plan_t *p, cay_error_t **err) {
    const char *text = o->main_url ? o->main_url : "cay:main";
    cay_url_t *u = NULL;
    int rc = cay__url_parse(text, strlen(text), NULL, &u, err);
    if (rc) {
        return bad_place(err, rc, "cay_worker_options.main_url");
    }
    if (cay__url_scheme_is(u, "file") && !o->module_root && !o->main_source) {
        CAY_AUTOFREE char *path = NULL;
        rc = cay__url_to_path(u, &path, err);
        p->root = path ? cay__path_dir(path) : NULL;
    }
    p->url = href_of(u);
    return rc ? bad_place(err, rc, "cay_worker_options.main_url") : p->url ? 0 : CAY_ENOMEM;
}

static int text_ok(const char *s, const char *what, cay_error_t **err) {
    if (s && cay__utf8_valid(s, strlen(s)) != strlen(s)) {
        return cay__error_set(err, CAY_EINVAL, "%s: not valid UTF-8", what);
    }
    return 0;
}

static int check(const cay_worker_options_t *o, cay_error_t **err) {
    if (!o->main_file && !o->main_url && !o->main_source) {
        return cay__error_set(
            err, CAY_EINVAL,
            "cay_worker_options: one of main_file, main_url, main_source is needed");
    }
    if (o->main_file && (o->main_url || o->main_source)) {
        return cay__error_set(
            err, CAY_EINVAL,
            "cay_worker_options.main_file: goes with neither main_url nor main_source");
    }
    if (o->main_source_len && !o->main_source) {
        return cay__error_set(err, CAY_EINVAL,
                              "cay_worker_options.main_source_len: no main_source");
    }
    if (o->uncaught > CAY_UNCAUGHT_TERMINATE) {
        return cay__error_set(err, CAY_EINVAL, "cay_worker_options.uncaught: %llu is unknown",
                              (unsigned long long)o->uncaught);
    }
    if (o->flags & ~(uint64_t)ALL_FLAGS) {
        return cay__error_set(err, CAY_EINVAL, "cay_worker_options.flags: 0x%llx has unknown bits",
                              (unsigned long long)o->flags);
    }
    if (o->event_user_free && !o->on_event) {
        return cay__error_set(err, CAY_EINVAL, "cay_worker_options.event_user_free: no on_event");
    }
    if (o->flags & CAY_WORKER_RELOAD && o->flags & CAY_WORKER_CACHED_ONLY) {
        return cay__error_set(
            err, CAY_EINVAL,
            "cay_worker_options.flags: RELOAD and CACHED_ONLY exclude one another");
    }
    if (o->flags & CAY_WORKER_LOCK_WRITE && !o->lock_file) {
        return cay__error_set(err, CAY_EINVAL,
                              "cay_worker_options.flags: LOCK_WRITE without lock_file");
    }
    if (o->child_permissions > CAY_CHILDREN_INHERIT) {
        return cay__error_set(err, CAY_EINVAL,
                              "cay_worker_options.child_permissions: %llu is unknown",
                              (unsigned long long)o->child_permissions);
    }
    if (o->import_map_url && !o->import_map) {
        return cay__error_set(err, CAY_EINVAL, "cay_worker_options.import_map_url: no import_map");
    }
    if (o->audit_user && !o->on_audit) {
        return cay__error_set(err, CAY_EINVAL, "cay_worker_options.audit_user: no on_audit");
    }
    if (o->function_count && !o->functions) {
        return cay__error_set(err, CAY_EINVAL, "cay_worker_options.function_count: no functions");
    }
    int rc = text_ok(o->name, "cay_worker_options.name", err);
    for (size_t i = 0; rc == 0 && o->args && o->args[i]; i++) {
        rc = i < 256 ? text_ok(o->args[i], "cay_worker_options.args", err)
                     : cay__error_set(err, CAY_EINVAL, "cay_worker_options.args: more than 256");
    }
    return rc;
}

/* An absolute form of an optional path; "." for the working directory. */
static int absolute(char **to, const char *path) {
    *to = path ? cay__path_absolute(path) : NULL;
    return path && !*to ? CAY_ENOMEM : 0;
}

/* The links of the host's own paths are followed now, by the host's right, and never again. */
static char *real(const char *path, void *ctx) {
    (void)ctx;
    return cay__fs_real(path);
}

static int plan_permissions(const cay_worker_options_t *o, cay_plan_t *p) {
    int rc = o->permissions ? cay_permissions_copy(o->permissions, &p->permissions)
                            : cay_permissions_new(&p->permissions);
    return rc ? rc : cay__perm_resolve(p->permissions, real, NULL);
}

static int plan_functions(const cay_worker_options_t *o, cay_plan_t *p, cay_error_t **err) {
    int rc = cay__functions_new(&p->functions);
    for (uint64_t i = 0; rc == 0 && i < o->function_count; i++) {
        const cay_function_t *f = &o->functions[i];
        rc = f->fn ? cay__functions_bind(p->functions, f->name, f->fn, f->user, err)
                   : cay__error_set(err, CAY_EINVAL, "cay_worker_options.functions: no function");
    }
    return rc;
}

int cay__plan_make(const cay_worker_options_t *o, cay_plan_t *p, cay_error_t **err) {
    int rc = check(o, err);
    rc = rc ? rc : absolute(&p->root, o->module_root);
    rc = rc ? rc : absolute(&p->directory, o->directory ? o->directory : ".");
    rc = rc ? rc : absolute(&p->lock_file, o->lock_file);
    rc = rc ? rc : o->main_file ? plan_file(o, p, err) : plan_url(o, p, err);
    rc = rc ? rc : plan_permissions(o, p);
    p->limits.size = sizeof p->limits;
    rc = rc ? rc : cay_limits_resolve(o->limits, &p->limits, err);
    return rc ? rc : plan_functions(o, p, err);
}

int cay__plan_authority(const cay_worker_options_t *o, cay_plan_t *p, const cay_worker_t *worker,
                        cay_authority_t **out) {
    cay_authority_options_t ao = {
        .worker_id = cay_worker_id(worker),
        .worker_name = cay_worker_name(worker),
        .on_audit = o->on_audit,
        .audit_user = o->audit_user,
    };
    int rc = cay__authority_new(&ao, p->permissions, out);
    if (rc == 0) {
        p->permissions = NULL;
    }
    return rc;
}
