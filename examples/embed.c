/* SPDX-License-Identifier: MIT */
/* The whole of an embedding in one file: a worker from source text, typed messages both ways, its events,
 * and a worker that never ends by itself, terminated and joined.
 *
 *     cc embed.c $(pkg-config --cflags --libs cay-v8) -o embed && ./embed */
#include <cay/cay.h>
#include <cay/v8.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A guest that adds up what it is sent and answers with more types than JSON has. */
static const char adder[] = "onmessage = (event) => {\n"
                            "    const { name, numbers } = event.data;\n"
                            "    const sum = numbers.reduce((a, b) => a + b, 0);\n"
                            "    postMessage({\n"
                            "        text: `${name}: ${sum}`,\n"
                            "        big: 2n ** 40n,\n"
                            "        when: new Date(0),\n"
                            "        seen: new Set(numbers),\n"
                            "        bytes: new Uint8Array([1, 2, 3]),\n"
                            "    });\n"
                            "    throw new RangeError('the worker goes on after this');\n"
                            "};\n"
                            "postMessage('ready');\n";

static const char endless[] = "postMessage('looping'); for (;;) {}\n";

static void fail(const char *what, int code, cay_error_t *err) {
    fprintf(stderr, "%s: %s\n", what, err ? cay_error_message(err) : cay_error_text(code));
    exit(1);
}

static void print_console(const char *worker, bool is_error, const char *text, size_t len,
                          void *user) {
    (void)user;
    fprintf(is_error ? stderr : stdout, "[%s] %.*s", worker, (int)len, text);
}

static cay_worker_t *spawn(cay_runtime_t *rt, const char *name, const char *source) {
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.name = name;
    o.main_source = source;
    o.main_source_len = strlen(source);
    o.on_output = print_console;
    cay_worker_t *worker = NULL;
    cay_error_t *err = NULL;
    int rc = cay_worker_spawn(rt, &o, &worker, &err);
    if (rc) {
        fail("spawn", rc, err);
    }
    return worker;
}

/* The next event of a type, for the caller to free; what comes before it is printed and passed over. */
static cay_event_t *wait_for(cay_worker_t *worker, cay_event_type_t type) {
    for (;;) {
        cay_event_t *ev = NULL;
        int rc = cay_worker_next_event(worker, 5000, &ev);
        if (rc) {
            fail("next event", rc, NULL);
        }
        printf("%s: %s\n", cay_worker_name(worker), cay_event_type_name(ev->type));
        if (ev->type == type) {
            return ev;
        }
        if (cay_event_is_final(ev)) {
            fail("the worker ended early", CAY_ECLOSED, NULL);
        }
        cay_event_free(ev);
    }
}

/* Builders return NULL when out of memory and the document remembers it, so one check does for all. */
static void send_job(cay_worker_t *worker) {
    cay_doc_t *doc = NULL;
    int rc = cay_doc_new(&doc);
    if (rc) {
        fail("document", rc, NULL);
    }
    cay_value_t *numbers = cay_doc_array(doc);
    cay_value_t *job = cay_doc_object(doc);
    for (int i = 1; i <= 10 && rc == 0; i++) {
        rc = cay_value_push(numbers, cay_doc_number(doc, i * i));
    }
    rc = rc ? rc : cay_value_set(job, "name", cay_doc_text(doc, "squares"));
    rc = rc ? rc : cay_value_set(job, "numbers", numbers);
    rc = rc ? rc : cay_doc_set_root(doc, job);
    cay_error_t *err = NULL;
    rc = rc ? rc : cay_port_post(cay_worker_port(worker), doc, &err);
    if (rc) {
        fail("post", rc, err);
    }
    cay_doc_free(doc);
}

static void print_answer(cay_event_t *ev) {
    const cay_value_t *v = NULL;
    cay_error_t *err = NULL;
    int rc = cay_message_value(ev->u.message.message, &v, &err);
    if (rc) {
        fail("message", rc, err);
    }
    int64_t big = 0;
    size_t bytes = 0;
    bool fits = cay_value_int64(cay_value_get(v, "big"), &big);
    (void)cay_value_bytes(cay_value_get(v, "bytes"), &bytes);
    printf("text %s, bigint %lld%s, date %g, set of %zu, %zu bytes\n",
           cay_value_string(cay_value_get(v, "text"), NULL), (long long)big, fits ? "" : "?",
           cay_value_number(cay_value_get(v, "when")), cay_value_count(cay_value_get(v, "seen")),
           bytes);
}

static void end(cay_worker_t *worker) {
    cay_worker_terminate(worker); /* returns at once, whatever the worker does */
    cay_event_t *ev = wait_for(worker, CAY_EVENT_CLOSE);
    printf("%s: %s\n", cay_worker_name(worker), cay_reason_name(ev->u.end.reason));
    cay_event_free(ev);
    int rc = cay_worker_join(worker, 5000); /* its memory is gone too */
    if (rc) {
        fail("join", rc, NULL);
    }
    cay_worker_free(worker);
}

static void talk(cay_runtime_t *rt) {
    cay_worker_t *worker = spawn(rt, "adder", adder);
    cay_event_free(wait_for(worker, CAY_EVENT_MESSAGE)); /* "ready" */
    send_job(worker);
    cay_event_t *answer = wait_for(worker, CAY_EVENT_MESSAGE);
    print_answer(answer);
    cay_event_free(answer);
    cay_event_t *error = wait_for(worker, CAY_EVENT_ERROR);
    printf("%s at line %u: %s\n", error->u.error.error.name, error->u.error.error.line,
           error->u.error.error.message);
    cay_event_free(error);
    end(worker);
}

static void stop_a_loop(cay_runtime_t *rt) {
    cay_worker_t *worker = spawn(rt, "endless", endless);
    cay_event_free(wait_for(worker, CAY_EVENT_MESSAGE));
    end(worker);
}

int main(void) {
    cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
    o.provider = cay_v8_provider();
    cay_runtime_t *rt = NULL;
    cay_error_t *err = NULL;
    int rc = cay_runtime_new(&o, &rt, &err);
    if (rc) {
        fail("runtime", rc, err);
    }
    talk(rt);
    stop_a_loop(rt);
    uint64_t left = 0;
    rc = cay_runtime_shutdown(rt, 5000, &left);
    rc = rc ? rc : cay_runtime_free(rt);
    if (rc) {
        fail("shutdown", rc, NULL);
    }
    printf("nothing is left\n");
    return 0;
}
