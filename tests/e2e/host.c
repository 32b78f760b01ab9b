/* SPDX-License-Identifier: MIT */
#include "host.h"

#include <dirent.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

const char host_echo_source[] = "onmessage = (e) => postMessage(e.data);";

static void print_output(const char *name, bool is_error, const char *text, size_t len,
                         void *user) {
    (void)user;
    fprintf(stderr, "  [%s%s] %.*s", name, is_error ? " err" : "", (int)len, text);
}

cay_runtime_t *host_runtime(uint64_t threads) {
    cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
    o.provider = cay_v8_provider();
    o.threads = threads;
    cay_runtime_t *rt = NULL;
    cay_error_t *err = NULL;
    if (cay_runtime_new(&o, &rt, &err)) {
        fail_msg("runtime: %s", cay_error_message(err));
    }
    return rt;
}

void host_shutdown(cay_runtime_t *rt) {
    uint64_t left = 0;
    assert_int_equal(cay_runtime_shutdown(rt, WAIT_MS, &left), 0);
    assert_int_equal(left, 0);
    assert_int_equal(cay_runtime_free(rt), 0);
}

cay_limits_t host_limits(const char *text) {
    cay_limits_t l = CAY_LIMITS_INIT;
    char *copy = strdup(text), *save = NULL;
    for (char *word = strtok_r(copy, ";", &save); word; word = strtok_r(NULL, ";", &save)) {
        char *equals = strchr(word, '=');
        cay_error_t *err = NULL;
        *equals = 0;
        if (cay_limits_set(&l, word, equals + 1, &err)) {
            fail_msg("limits: %s", cay_error_message(err));
        }
    }
    free(copy);
    return l;
}

cay_worker_t *host_spawn_limited(cay_runtime_t *rt, const char *source, const char *limits) {
    cay_limits_t l = host_limits(limits);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = source;
    o.limits = &l;
    return host_spawn_with(rt, &o);
}

cay_worker_t *host_spawn_with(cay_runtime_t *rt, cay_worker_options_t *o) {
    cay_worker_t *w = NULL;
    cay_error_t *err = NULL;
    if (!o->on_output) {
        o->on_output = print_output;
    }
    cay_limits_t wide = host_limits("memory=4G;turn-cpu=unlimited;startup=unlimited;queue=1000000;"
                                    "queue-bytes=256M;workers=unlimited");
    cay_worker_options_t copy = *o;
    if (!o->limits) { /* most tests are not about limits, and run under sanitizers */
        copy.limits = &wide;
    }
    if (cay_worker_spawn(rt, &copy, &w, &err)) {
        fail_msg("spawn: %s", cay_error_message(err));
    }
    return w;
}

cay_worker_t *host_spawn(cay_runtime_t *rt, const char *source) {
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = source;
    return host_spawn_with(rt, &o);
}

cay_permissions_t *host_grants(const char *text) {
    cay_permissions_t *set = NULL;
    cay_error_t *err = NULL;
    if (cay_permissions_parse(text, &set, &err)) {
        fail_msg("permissions: %s", cay_error_message(err));
    }
    return set;
}

cay_worker_t *host_spawn_granted(cay_runtime_t *rt, const char *source, const char *grants) {
    cay_permissions_t *set = host_grants(grants);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = source;
    o.permissions = set;
    cay_worker_t *w = host_spawn_with(rt, &o);
    cay_permissions_free(set);
    return w;
}

cay_event_t *host_event(cay_worker_t *w) {
    cay_event_t *ev = NULL;
    int rc = cay_worker_next_event(w, WAIT_MS, &ev);
    if (rc) {
        fail_msg("no event: %s", cay_error_name(rc));
    }
    return ev;
}

cay_event_t *host_until(cay_worker_t *w, cay_event_type_t type) {
    for (;;) {
        cay_event_t *ev = host_event(w);
        if (ev->type == type) {
            return ev;
        }
        if (cay_event_is_final(ev)) {
            fail_msg("expected %s, the worker ended: %s, %s", cay_event_type_name(type),
                     cay_reason_name(ev->u.end.reason),
                     ev->u.end.error.message ? ev->u.end.error.message : "no error");
        }
        cay_event_free(ev);
    }
}

cay_event_t *host_final(cay_worker_t *w) {
    for (;;) {
        cay_event_t *ev = host_event(w);
        if (cay_event_is_final(ev)) {
            return ev;
        }
        cay_event_free(ev);
    }
}

void host_expect(cay_worker_t *w, const char *json) {
    for (;;) {
        cay_event_t *ev = host_event(w);
        if (ev->type == CAY_EVENT_ONLINE) {
            cay_event_free(ev);
            continue;
        }
        if (ev->type != CAY_EVENT_MESSAGE) {
            const char *text = ev->type == CAY_EVENT_ERROR ? ev->u.error.error.message
                               : cay_event_is_final(ev)    ? ev->u.end.error.message
                                                           : NULL;
            fail_msg("expected %s, got %s: %s", json, cay_event_type_name(ev->type),
                     text ? text : "");
        }
        char *got = NULL;
        assert_int_equal(cay_message_to_json(ev->u.message.message, &got, NULL), 0);
        assert_string_equal(got, json);
        cay_free(got);
        cay_event_free(ev);
        return;
    }
}

unsigned host_expect_end(cay_worker_t *w, cay_reason_t reason) {
    unsigned messages = 0;
    for (;;) {
        cay_event_t *ev = host_event(w);
        bool final = cay_event_is_final(ev);
        messages += ev->type == CAY_EVENT_MESSAGE;
        if (final && ev->u.end.reason != reason) {
            fail_msg("ended as \"%s\": %s; expected \"%s\"", cay_reason_name(ev->u.end.reason),
                     ev->u.end.error.message ? ev->u.end.error.message : "",
                     cay_reason_name(reason));
        }
        cay_event_free(ev);
        if (final) {
            cay_event_t *more = NULL;
            assert_int_equal(cay_worker_next_event(w, 0, &more), CAY_ECLOSED);
            return messages;
        }
    }
}

void host_post(cay_worker_t *w, const char *json) {
    cay_error_t *err = NULL;
    int rc = cay_port_post_json(cay_worker_port(w), json, strlen(json), &err);
    if (rc) {
        fail_msg("post: %s", cay_error_message(err));
    }
}

void host_echo(cay_worker_t *w, const char *json) {
    host_post(w, json);
    host_expect(w, json);
}

static double clock_ms(clockid_t id) {
    struct timespec ts;
    clock_gettime(id, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

double host_ms(void) {
    return clock_ms(CLOCK_MONOTONIC);
}

double host_cpu_ms(void) {
    return clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

static size_t status_field(const char *key) {
    char line[256];
    size_t value = 0;
    FILE *f = fopen("/proc/self/status", "re");
    while (f && fgets(line, sizeof line, f)) {
        if (strncmp(line, key, strlen(key)) == 0) {
            value = strtoul(line + strlen(key), NULL, 10);
        }
    }
    if (f) {
        fclose(f);
    }
    return value;
}

unsigned host_threads(void) {
    return (unsigned)status_field("Threads:");
}

size_t host_rss_kb(void) {
    return status_field("VmRSS:");
}

size_t host_peak_kb(void) {
    return status_field("VmHWM:");
}

bool host_peak_reset(void) {
    FILE *f = fopen("/proc/self/clear_refs", "we");
    bool ok = f && fputs("5", f) >= 0;
    return f && fclose(f) == 0 && ok;
}

unsigned host_fds(void) {
    unsigned n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d)) {
        n++;
    }
    if (d) {
        closedir(d);
    }
    return n;
}

unsigned host_maps(void) {
    unsigned n = 0;
    int c;
    FILE *f = fopen("/proc/self/maps", "re");
    while (f && (c = getc(f)) != EOF) {
        n += c == '\n';
    }
    if (f) {
        fclose(f);
    }
    return n;
}

unsigned host_count(const char *name, unsigned usual) {
    const char *s = getenv(name);
    return s ? (unsigned)strtoul(s, NULL, 10) : usual;
}
