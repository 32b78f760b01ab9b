/* SPDX-License-Identifier: MIT */
/* A host with three plugins that it does not trust, each with rights of its own:
 *
 *   discount    none at all: it computes on what it is sent
 *   catalogue   reads one folder
 *   order       sees one variable of the environment, and calls one function of the host
 *
 * Each also tries for what it was not given, and is refused; the audit callback tells. Exit code 0 when all of
 * it went as it should.
 *
 *     cc examples/plugins.c -o plugins $(pkg-config --cflags --libs cay-v8) -pthread \
 *        -Wl,-rpath,$(pkg-config --variable=libdir cay)
 *     ./plugins examples/plugins */
#include <cay/cay.h>
#include <cay/v8.h>

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what, int code, cay_error_t *err) {
    fprintf(stderr, "%s: %s\n", what, err ? cay_error_message(err) : cay_error_text(code));
    exit(1);
}

/* ---- what the host offers ---- */

/* Values come from the plugin: nothing about them is taken for granted. */
static void lookup(cay_call_t *call, void *user) {
    (void)user;
    const cay_value_t *argument = NULL;
    const char *article =
        cay_call_value(call, &argument, NULL) == 0 ? cay_value_string(argument, NULL) : NULL;
    if (article && strcmp(article, "lamp") == 0) {
        cay_call_reply_json(call, "{\"price\": 40}", 13);
    } else if (article && strcmp(article, "chair") == 0) {
        cay_call_reply_json(call, "{\"price\": 85}", 13);
    } else {
        cay_call_reject(call, "RangeError", "there is no such article");
    }
}

/* ---- the audit ---- */

static atomic_int denied;

/* On a thread of the library's: it prints, counts and returns. */
static void on_audit(const cay_audit_t *a, void *user) {
    const char *folder = user; /* where the plugins are differs from machine to machine */
    bool is_below = strncmp(a->value, folder, strlen(folder)) == 0;
    printf("audit: %-9s %-5s %s%s: %s\n", a->worker_name, cay_kind_name(a->kind),
           is_below ? "..." : "", is_below ? a->value + strlen(folder) : a->value,
           a->granted ? "granted" : "denied");
    if (!a->granted) {
        atomic_fetch_add(&denied, 1);
    }
}

/* ---- plugins ---- */

typedef struct plugin {
    const char *name;
    const char *reads;               /* a folder beside the plugins, or NULL */
    const char *variable;            /* of the environment, or NULL */
    const cay_function_t *functions; /* one, or NULL */
    const char *request;             /* JSON, with %s for the folder */
    const char *answer;              /* what it must say to that */
    int denied;                      /* decisions against it */
} plugin_t;

static const cay_function_t lookup_function = {"lookup", lookup, NULL};

static const plugin_t plugins[] = {
    {"discount", NULL, NULL, NULL, "{\"prices\": [40, 85], \"percent\": 10}",
     "{\"reduced\":[36,76.5],\"file\":\"NotCapable\",\"net\":\"NotCapable\",\"host\":\"NotFound\"}",
     2},
    {"catalogue", "data", NULL, NULL, "{\"folder\": \"%s/data\"}",
     "{\"articles\":[\"lamp\",\"chair\",\"table\"],\"beside\":\"NotCapable\",\"write\":"
     "\"NotCapable\"}",
     2},
    {"order", NULL, "SHOP_CURRENCY", &lookup_function, "{\"articles\": [\"lamp\", \"chair\"]}",
     "{\"sum\":\"125 EUR\",\"unknown\":\"RangeError\",\"environment\":\"NotCapable\"}", 1},
};

/* The text with the folder in place of its "%s", for free. */
static char *with_folder(const char *text, const char *folder) {
    const char *at = strstr(text, "%s");
    size_t size = strlen(text) + strlen(folder) + 1;
    char *out = malloc(size);
    if (!out) {
        fail("memory", CAY_ENOMEM, NULL);
    }
    if (at) {
        snprintf(out, size, "%.*s%s%s", (int)(at - text), text, folder, at + 2);
    } else {
        snprintf(out, size, "%s", text);
    }
    return out;
}

/* A set grants nothing until something is put into it. */
static cay_permissions_t *rights_of(const plugin_t *p, const char *folder) {
    cay_error_t *err = NULL;
    cay_permissions_t *set = NULL;
    int rc = cay_permissions_new(&set);
    if (rc == 0 && p->reads) {
        char path[PATH_MAX + 32];
        snprintf(path, sizeof path, "%s/%s", folder, p->reads);
        rc = cay_permissions_allow(set, CAY_KIND_READ, path, &err);
    }
    if (rc == 0 && p->variable) {
        rc = cay_permissions_allow(set, CAY_KIND_ENV, p->variable, &err);
    }
    if (rc) {
        fail("permissions", rc, err);
    }
    return set;
}

static cay_worker_t *spawn(cay_runtime_t *rt, const plugin_t *p, const char *folder) {
    cay_permissions_t *permissions = rights_of(p, folder);
    cay_error_t *err = NULL;
    char file[PATH_MAX + 32];
    snprintf(file, sizeof file, "%s/%s.js", folder, p->name);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.name = p->name;
    o.main_file = file;
    o.permissions = permissions;
    o.functions = p->functions;
    o.function_count = p->functions ? 1 : 0;
    o.on_audit = on_audit;
    o.audit_user = (void *)folder;
    cay_worker_t *worker = NULL;
    int rc = cay_worker_spawn(rt, &o, &worker, &err);
    if (rc) {
        fail("spawn", rc, err);
    }
    cay_permissions_free(permissions); /* the worker has a copy */
    return worker;
}

/* The plugin's one message as JSON, for cay_free. */
static char *answer_of(cay_worker_t *worker) {
    char *json = NULL;
    while (!json) {
        cay_event_t *ev = NULL;
        int rc = cay_worker_next_event(worker, 10000, &ev);
        if (rc) {
            fail("no answer", rc, NULL);
        }
        if (ev->type == CAY_EVENT_MESSAGE) {
            cay_error_t *err = NULL;
            rc = cay_message_to_json(ev->u.message.message, &json, &err);
            if (rc) {
                fail("answer", rc, err);
            }
        } else if (ev->type == CAY_EVENT_ERROR || cay_event_is_final(ev)) {
            const cay_error_info_t *e =
                cay_event_is_final(ev) ? &ev->u.end.error : &ev->u.error.error;
            fprintf(stderr, "%s: %s\n", cay_worker_name(worker), e->message ? e->message : "?");
            exit(1);
        }
        cay_event_free(ev);
    }
    return json;
}

static bool run(cay_runtime_t *rt, const plugin_t *p, const char *folder) {
    int before = atomic_load(&denied);
    cay_worker_t *worker = spawn(rt, p, folder);
    char *request = with_folder(p->request, folder);
    cay_error_t *err = NULL;
    int rc = cay_port_post_json(cay_worker_port(worker), request, strlen(request), &err);
    if (rc) {
        fail("post", rc, err);
    }
    free(request);
    char *answer = answer_of(worker);
    printf("%s: %s\n", p->name, answer);
    bool is_right = strcmp(answer, p->answer) == 0 && atomic_load(&denied) - before == p->denied;
    if (!is_right) {
        fprintf(stderr, "%s: expected %s and %d denials\n", p->name, p->answer, p->denied);
    }
    cay_free(answer);
    cay_worker_terminate(worker);
    rc = cay_worker_join(worker, 5000);
    if (rc) {
        fail("join", rc, NULL);
    }
    cay_worker_free(worker);
    return is_right;
}

int main(int argc, char **argv) {
    char folder[PATH_MAX];
    if (!realpath(argc > 1 ? argv[1] : "examples/plugins", folder)) {
        perror("the folder of the plugins");
        return 1;
    }
    setenv("SHOP_CURRENCY", "EUR", 1); /* before any thread is there */
    cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
    o.provider = cay_v8_provider();
    cay_runtime_t *rt = NULL;
    cay_error_t *err = NULL;
    int rc = cay_runtime_new(&o, &rt, &err);
    if (rc) {
        fail("runtime", rc, err);
    }
    bool is_right = true;
    for (size_t i = 0; i < sizeof plugins / sizeof plugins[0]; i++) {
        is_right = run(rt, &plugins[i], folder) && is_right;
    }
    rc = cay_runtime_shutdown(rt, 5000, NULL);
    rc = rc ? rc : cay_runtime_free(rt);
    if (rc) {
        fail("shutdown", rc, NULL);
    }
    printf("%s\n", is_right ? "each did what it may, and nothing else" : "something went wrong");
    return is_right ? 0 : 1;
}
