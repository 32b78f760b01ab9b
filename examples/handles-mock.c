/* SPDX-License-Identifier: MIT */
/* The two handles of a worker, with a thread of our own playing the worker: no JavaScript engine is needed.
 *
 *        host (main)                          mock worker (a thread)
 *   cay_worker_port ──── messages ────►  cay_inside_port, receive
 *   cay_worker_next_event ◄── stream ──  post to cay_inside_port, cay_inside_post_event
 *   cay_worker_terminate ─────────────►  cay_inside_is_terminated, CAY_ETERMINATED
 *
 * This is how to test a program that embeds cay without running scripts, and it shows the rules that hold for
 * real workers too: one ordered stream, one final event, no message after terminate.
 *
 * Build: cc handles-mock.c $(pkg-config --cflags --libs cay) -lpthread */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cay/handles.h"

/* Every function of cay gives 0 or a negative code; detail comes in an error object that is ours to free. */
static void check(int rc, const char *what, cay_error_t *err) {
    if (rc) {
        fprintf(stderr, "%s: %s\n", what, err ? cay_error_message(err) : cay_error_text(rc));
        exit(1);
    }
}

/* ---- the worker's side ---- */

static void post_event(cay_inside_t *inside, cay_event_t ev) {
    check(cay_inside_post_event(inside, &ev), "post event", NULL);
}

/* Answers one message. false when the worker is to close itself. */
static bool answer(cay_inside_t *inside, cay_message_t *message) {
    const cay_value_t *v;
    cay_error_t *err = NULL;
    check(cay_message_value(message, &v, &err), "read message",
          err); /* v lives as long as message */
    const char *text = cay_value_string(cay_value_get(v, "say"), NULL);
    if (!text) { /* what a script would do by throwing: told to the host, and the worker goes on */
        cay_event_t ev = {.type = CAY_EVENT_ERROR};
        ev.u.error.error.name = "TypeError";
        ev.u.error.error.message = "expected {say: string}";
        post_event(inside, ev);
        return true;
    }
    if (strcmp(text, "bye") == 0) {
        return false;
    }
    /* A message may carry a port of its own: the answer goes there then, else to the main port. */
    cay_port_t *reply = cay_value_take_port(cay_value_get(v, "replyTo"));
    const char *json = "{\"heard\":true}";
    int rc = cay_port_post_json(reply ? reply : cay_inside_port(inside), json, strlen(json), &err);
    if (rc != CAY_ETERMINATED) { /* the host may end us at any time: that is no failure of ours */
        check(rc, "answer", err);
    }
    cay_port_close(reply); /* the other end is told, after it has read the answer */
    return true;
}

static void *worker_main(void *arg) {
    cay_inside_t *inside = arg;
    post_event(inside, (cay_event_t){.type = CAY_EVENT_ONLINE});
    cay_message_t *message;
    bool go_on = true;
    int rc = 0;
    while (go_on && (rc = cay_port_receive(cay_inside_port(inside), CAY_FOREVER, &message)) == 0) {
        go_on = answer(inside, message);
        cay_message_free(message);
    }
    if (rc == 0) { /* it closed by its own wish */
        cay_event_t end = {.type = CAY_EVENT_CLOSE};
        end.u.end.reason = CAY_REASON_CLOSED;
        end.u.end.exit_code = 0;
        post_event(inside, end);
    }
    /* When it was terminated instead, freeing the handle posts the final event for us. */
    cay_inside_free(inside);
    return NULL;
}

/* ---- the host's side ---- */

static cay_worker_t *spawn(const char *name, pthread_t *thread) {
    cay_handles_options_t options =
        CAY_HANDLES_OPTIONS_INIT; /* zero means default, for all the rest */
    options.name = name;
    cay_worker_t *worker;
    cay_inside_t *inside;
    check(cay_handles_new(&options, &worker, &inside), "handles", NULL);
    if (pthread_create(thread, NULL, worker_main, inside)) {
        fprintf(stderr, "no thread\n");
        exit(1);
    }
    return worker;
}

static void post_json(cay_worker_t *worker, const char *json) {
    cay_error_t *err = NULL;
    check(cay_port_post_json(cay_worker_port(worker), json, strlen(json), &err), "post", err);
}

static void print_event(cay_worker_t *worker, cay_event_t *ev) {
    printf("%s: %s", cay_worker_name(worker), cay_event_type_name(ev->type));
    switch (ev->type) {
    case CAY_EVENT_MESSAGE: {
        char *json;
        cay_error_t *err = NULL;
        check(cay_message_to_json(ev->u.message.message, &json, &err), "to JSON", err);
        printf(" %s", json);
        cay_free(json);
        break;
    }
    case CAY_EVENT_ERROR:
        printf(" %s: %s", ev->u.error.error.name, ev->u.error.error.message);
        break;
    case CAY_EVENT_TERMINAL_ERROR:
    case CAY_EVENT_CLOSE:
        printf(", reason: %s, exit code %d", cay_reason_name(ev->u.end.reason),
               (int)ev->u.end.exit_code);
        break;
    default: break; /* kinds to come: ignored */
    }
    printf("\n");
}

/* Prints events until one of `type` came or the stream ends. */
static void print_until(cay_worker_t *worker, cay_event_type_t type) {
    cay_event_t *ev;
    while (cay_worker_next_event(worker, CAY_FOREVER, &ev) == 0) {
        print_event(worker, ev);
        cay_event_type_t got = ev->type;
        cay_event_free(ev);
        if (got == type) {
            return;
        }
    }
}

/* Waits until nothing is left of the worker, then gives the handle up. */
static void finish(cay_worker_t *worker, pthread_t thread) {
    check(cay_worker_join(worker, 10000), "join", NULL);
    pthread_join(thread, NULL);
    cay_worker_free(worker);
}

/* A conversation that the worker ends. */
static void polite(void) {
    pthread_t thread;
    cay_worker_t *worker = spawn("polite", &thread);
    post_json(worker, "{\"say\":\"hello\"}");
    post_json(worker, "[\"not what it wants\"]");
    post_json(worker, "{\"say\":\"bye\"}");
    print_until(worker, CAY_EVENT_CLOSE);
    finish(worker, thread);
}

/* A typed message with a port in it; the answer comes through the other end of that port. */
static void private_line(void) {
    pthread_t thread;
    cay_worker_t *worker = spawn("private", &thread);
    cay_port_t *ours, *theirs;
    check(cay_channel_new(&ours, &theirs), "channel", NULL);
    cay_doc_t *doc;
    check(cay_doc_new(&doc), "document", NULL);
    cay_value_t *root = cay_doc_object(doc);
    check(cay_value_set(root, "say", cay_doc_text(doc, "psst")), "set", NULL);
    check(cay_value_set(root, "replyTo", cay_doc_port(doc, theirs)), "set", NULL);
    check(cay_doc_set_root(doc, root), "root", NULL);
    cay_error_t *err = NULL;
    check(cay_port_post(cay_worker_port(worker), doc, &err), "post", err); /* `theirs` has moved */
    cay_doc_free(doc);

    cay_message_t *message;
    check(cay_port_receive(ours, CAY_FOREVER, &message), "receive", NULL);
    char *json;
    check(cay_message_to_json(message, &json, &err), "to JSON", err);
    printf("private: through its own port: %s\n", json);
    cay_free(json);
    cay_message_free(message);
    if (cay_port_receive(ours, CAY_FOREVER, &message) == CAY_ECLOSED) {
        printf("private: the worker closed that port\n");
    }
    cay_port_close(ours);
    post_json(worker, "{\"say\":\"bye\"}");
    print_until(worker, CAY_EVENT_CLOSE);
    finish(worker, thread);
}

/* A worker that would wait for ever is told to end. */
static void terminated(void) {
    pthread_t thread;
    cay_worker_t *worker = spawn("terminated", &thread);
    print_until(worker, CAY_EVENT_ONLINE);
    post_json(worker, "{\"say\":\"nobody will read the answer\"}");
    cay_worker_terminate(
        worker); /* returns at once; from here no message of the worker is delivered */
    print_until(worker, CAY_EVENT_CLOSE);
    finish(worker, thread);
}

int main(void) {
    polite();
    private_line();
    terminated();
    return 0;
}
