/* SPDX-License-Identifier: MIT */
/* The runtime over a provider that runs no guests: what it makes of the options, who gets which callback, and
 * many threads at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "base/mem.h"
#include "cay/cay.h"
#include "os/clock.h"
#include "os/thread.h"
#include "runtime/provider.h"

/* ---- a provider: its workers echo what is posted, on one thread ---- */

typedef struct body {
    struct body *next;
    cay_inside_t *inside;
} body_t;

typedef struct fake {
    cay_mutex_t lock;
    cay_cond_t changed;
    body_t *bodies;
    uint64_t alive;
    bool closing, done;
    cay_thread_t thread;
} fake_t;

static struct {
    int start_rc, spawn_rc; /* what start and spawn give */
    char url[300], source[100], root[300];
    uint64_t threads;
    _Atomic int started, freed;
} told;

/* Gives one waiting message back; false when the worker is over. */
static bool run_body(body_t *b) {
    cay_port_t *port = cay_inside_port(b->inside);
    cay_message_t *m = NULL;
    int rc = cay_port_receive(port, 0, &m);
    if (rc == 0 && cay_port_forward(port, m, NULL)) {
        cay_message_free(m);
    }
    return rc == 0 || rc == CAY_ETIMEDOUT;
}

static void end_body(fake_t *f, body_t *b) {
    cay_event_t ev = {.type = CAY_EVENT_CLOSE, .size = sizeof ev};
    ev.u.end.reason =
        cay_inside_is_terminated(b->inside) ? CAY_REASON_TERMINATED : CAY_REASON_SHUTDOWN;
    assert_int_equal(cay_inside_post_event(b->inside, &ev), 0);
    cay_inside_free(b->inside);
    cay__free(b);
    f->alive--;
    cay__cond_broadcast(&f->changed);
}

static void fake_main(void *arg) {
    fake_t *f = arg;
    cay__mutex_lock(&f->lock);
    while (!f->done) {
        for (body_t **at = &f->bodies; *at;) {
            body_t *b = *at;
            if (!f->closing && run_body(b)) {
                at = &b->next;
            } else {
                *at = b->next;
                end_body(f, b);
            }
        }
        cay__cond_wait_until(&f->changed, &f->lock, cay__clock_mono() + 200 * 1000);
    }
    cay__mutex_unlock(&f->lock);
}

static int fake_start(const cay_runtime_options_t *o, void **self, cay_error_t **err) {
    (void)err;
    if (told.start_rc) {
        return told.start_rc;
    }
    fake_t *f = CAY_NEW(fake_t);
    if (!f) {
        return CAY_ENOMEM;
    }
    cay__mutex_init(&f->lock);
    cay__cond_init(&f->changed);
    if (cay__thread_start(&f->thread, "fake", 0, fake_main, f)) {
        cay__free(f);
        return CAY_ENOMEM;
    }
    told.threads = o->threads;
    told.started++;
    *self = f;
    return 0;
}

static int fake_spawn(void *self, const cay_spawn_t *s, cay_inside_t *inside, cay_error_t **err) {
    (void)err;
    fake_t *f = self;
    if (told.spawn_rc) {
        return told.spawn_rc;
    }
    body_t *b = CAY_NEW(body_t);
    if (!b) {
        return CAY_ENOMEM;
    }
    cay__mutex_lock(&f->lock);
    snprintf(told.url, sizeof told.url, "%s", s->url);
    snprintf(told.source, sizeof told.source, "%.*s", (int)s->source_len,
             s->source ? s->source : "");
    snprintf(told.root, sizeof told.root, "%s",
             s->options->module_root ? s->options->module_root : "(none)");
    bool refused = f->closing;
    if (!refused) {
        *b = (body_t){f->bodies, inside};
        f->bodies = b;
        f->alive++;
        cay_event_t ev = {.type = CAY_EVENT_ONLINE, .size = sizeof ev};
        (void)!cay_inside_post_event(inside, &ev);
        cay__cond_broadcast(&f->changed);
    }
    cay__mutex_unlock(&f->lock);
    if (refused) {
        cay__free(b);
    }
    return refused ? CAY_ECLOSED : 0;
}

static void fake_stats(void *self, cay_runtime_stats_t *out) {
    fake_t *f = self;
    cay__mutex_lock(&f->lock);
    out->workers = f->alive;
    cay__mutex_unlock(&f->lock);
}

static void fake_close(void *self) {
    fake_t *f = self;
    cay__mutex_lock(&f->lock);
    f->closing = true;
    cay__cond_broadcast(&f->changed);
    cay__mutex_unlock(&f->lock);
}

static uint64_t fake_wait(void *self, uint64_t deadline) {
    fake_t *f = self;
    cay__mutex_lock(&f->lock);
    while (f->alive && cay__cond_wait_until(&f->changed, &f->lock, deadline)) {}
    uint64_t left = f->alive;
    cay__mutex_unlock(&f->lock);
    return left;
}

static void fake_free(void *self) {
    fake_t *f = self;
    cay__mutex_lock(&f->lock);
    f->done = true;
    cay__cond_broadcast(&f->changed);
    cay__mutex_unlock(&f->lock);
    cay__thread_join(&f->thread);
    cay__cond_destroy(&f->changed);
    cay__mutex_destroy(&f->lock);
    cay__free(f);
    told.freed++;
}

static const cay_provider_t fake = {"fake",     fake_start, fake_spawn, fake_stats,
                                    fake_close, fake_wait,  fake_free};

static cay_runtime_t *runtime(void) {
    memset(&told, 0, sizeof told);
    cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
    o.provider = &fake;
    o.threads = 7;
    cay_runtime_t *rt = NULL;
    assert_int_equal(cay_runtime_new(&o, &rt, NULL), 0);
    return rt;
}

static void down(cay_runtime_t *rt) {
    uint64_t left = 1;
    assert_int_equal(cay_runtime_shutdown(rt, 30000, &left), 0);
    assert_int_equal(left, 0);
    assert_int_equal(cay_runtime_free(rt), 0);
}

/* ---- options ---- */

static void what_the_provider_is_told(void **state) {
    (void)state;
    char cwd[200], expected[300];
    assert_non_null(getcwd(cwd, sizeof cwd));
    cay_runtime_t *rt = runtime();
    assert_int_equal(told.threads, 7);
    static const struct {
        cay_worker_options_t o;
        const char *url, *source, *root;
    } cases[] = {
        {{.main_source = "text"}, "cay:main", "text", "(none)"},
        {{.main_source = "text", .main_source_len = 2}, "cay:main", "te", "(none)"},
        {{.main_source = "", .main_url = "HTTP://X.test/a/../b"}, "http://x.test/b", "", "(none)"},
        {{.main_source = "", .main_url = "file:///a/b.js"}, "file:///a/b.js", "", "(none)"},
        {{.main_source = "", .module_root = "/r/./s//"}, "cay:main", "", "/r/s"},
        {{.main_file = "/a b/c#.js"}, "file:///a%20b/c%23.js", "", "/a b"},
        {{.main_file = "/c.js"}, "file:///c.js", "", "/"},
        {{.main_file = "/a/../b/./c.js", .module_root = "/x"}, "file:///b/c.js", "", "/x"},
        {{.main_url = "file:///a%20b/c.js"}, "file:///a%20b/c.js", "", "/a b"},
        {{.main_url = "data:text/javascript,1"}, "data:text/javascript,1", "", "(none)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cay_worker_options_t o = cases[i].o;
        o.size = sizeof o;
        cay_worker_t *w = NULL;
        assert_int_equal(cay_worker_spawn(rt, &o, &w, NULL), 0);
        assert_string_equal(told.url, cases[i].url);
        assert_string_equal(told.source, cases[i].source);
        assert_string_equal(told.root, cases[i].root);
        cay_worker_free(w);
    }
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_file = "sub/m.js";
    cay_worker_t *w = NULL;
    assert_int_equal(cay_worker_spawn(rt, &o, &w, NULL), 0);
    snprintf(expected, sizeof expected, "%s/sub", cwd);
    assert_string_equal(told.root, expected);
    cay_worker_free(w);
    down(rt);
    assert_int_equal(told.freed, 1);
}

static void a_provider_that_does_not_start(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    memset(&told, 0, sizeof told);
    told.start_rc = CAY_EENGINE;
    cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
    o.provider = &fake;
    cay_runtime_t *rt = NULL;
    assert_int_equal(cay_runtime_new(&o, &rt, NULL), CAY_EENGINE);
    assert_null(rt);
    assert_int_equal(cay__mem_live(), live);
}

/* ---- callbacks ---- */

typedef struct user {
    _Atomic unsigned events, messages, finals, freed;
    atomic_bool drop; /* the handle is freed in the first callback */
} user_t;

static void on_event(cay_worker_t *w, cay_event_t *ev, void *arg) {
    user_t *u = arg;
    assert_int_equal(u->freed, 0);
    u->events++;
    u->messages += ev->type == CAY_EVENT_MESSAGE;
    u->finals += cay_event_is_final(ev);
    if (atomic_exchange(&u->drop, false)) {
        cay_worker_free(w);
    }
}

static void user_free(void *arg) {
    user_t *u = arg;
    u->freed++;
}

static int spawn_for(cay_runtime_t *rt, user_t *u, cay_worker_t **out) {
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = "";
    o.on_event = on_event;
    o.event_user = u;
    o.event_user_free = user_free;
    return cay_worker_spawn(rt, &o, out, NULL);
}

static void wait_for(const _Atomic unsigned *what, unsigned least) {
    uint64_t until = cay__clock_mono() + 30ull * 1000000000;
    while (atomic_load(what) < least) {
        assert_true(cay__clock_mono() < until);
        sched_yield();
    }
}

static void events_arrive_and_the_finalizer_runs_once(void **state) {
    (void)state;
    cay_runtime_t *rt = runtime();
    user_t u = {0};
    cay_worker_t *w = NULL;
    assert_int_equal(spawn_for(rt, &u, &w), 0);
    assert_int_equal(cay_port_post_json(cay_worker_port(w), "1", 1, NULL), 0);
    wait_for(&u.messages, 1);
    cay_worker_terminate(w);
    wait_for(&u.freed, 1);
    assert_int_equal(u.finals, 1);
    assert_int_equal(cay_worker_join(w, 30000), 0);
    cay_worker_free(w);
    down(rt);
    assert_int_equal(u.freed, 1);
}

static void a_spawn_that_the_provider_refuses_keeps_the_finalizer(void **state) {
    (void)state;
    cay_runtime_t *rt = runtime();
    user_t u = {0};
    cay_worker_t *w = NULL;
    told.spawn_rc = CAY_ELIMIT;
    int64_t live = 0;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(spawn_for(rt, &u, &w), CAY_ELIMIT);
        assert_null(w);
        if (i == 0) { /* the dispatcher is there from the first one on */
            live = cay__mem_live();
        }
    }
    down(rt);
    assert_int_equal(u.freed, 0);
    assert_int_equal(u.events, 0);
    assert_true(live > 0);
}

/* The first event may come before cay_worker_spawn has returned. */
static void a_handle_freed_in_the_first_callback(void **state) {
    (void)state;
    cay_runtime_t *rt = runtime();
    enum { N = 100 };
    static user_t u[N];
    memset(u, 0, sizeof u);
    for (int i = 0; i < N; i++) {
        cay_worker_t *gone = NULL;
        u[i].drop = true;
        assert_int_equal(spawn_for(rt, &u[i], &gone), 0);
    }
    for (int i = 0; i < N; i++) {
        wait_for(&u[i].freed, 1);
        assert_int_equal(u[i].events, 1);
    }
    down(rt);
}

static void allocation_failures_leave_nothing(void **state) {
    (void)state;
    cay_runtime_t *rt = runtime();
    user_t u = {0};
    cay_worker_t *w = NULL;
    assert_int_equal(spawn_for(rt, &u, &w), 0); /* makes the dispatcher */
    cay_worker_free(w);
    wait_for(&u.freed, 1);
    unsigned failures = 0;
    for (uint64_t n = 1; n < 100; n++) {
        user_t v = {0};
        w = NULL;
        cay__mem_fail_at(n, false);
        int rc = spawn_for(rt, &v, &w);
        bool failed = cay__mem_failed();
        cay__mem_fail_at(0, false);
        if (rc) {
            assert_int_equal(rc, CAY_ENOMEM);
            failures++;
        } else {
            cay_worker_free(w);
            wait_for(&v.freed, 1);
        }
        assert_int_equal(v.freed, rc == 0);
        if (!failed) {
            break;
        }
    }
    assert_in_range(failures, 4, 98);
    down(rt);
}

static void no_memory_is_left(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    events_arrive_and_the_finalizer_runs_once(state);
    a_spawn_that_the_provider_refuses_keeps_the_finalizer(state);
    a_handle_freed_in_the_first_callback(state);
    assert_int_equal(cay__mem_live(), live);
}

/* ---- threads ---- */

typedef struct crew {
    cay_runtime_t *rt;
    _Atomic unsigned spawned, freed, refused;
} crew_t;

static void crew_event(cay_worker_t *w, cay_event_t *ev, void *arg) {
    (void)w;
    (void)ev;
    (void)arg;
}

static void crew_free(void *arg) {
    crew_t *c = arg;
    c->freed++;
}

static void *spawn_until_refused(void *arg) {
    crew_t *c = arg;
    for (unsigned n = 0;; n++) {
        cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
        o.main_source = "";
        o.on_event = n % 2 ? crew_event : NULL;
        o.event_user_free = n % 2 ? crew_free : NULL;
        o.event_user = c;
        cay_worker_t *w = NULL;
        int rc = cay_worker_spawn(c->rt, &o, &w, NULL);
        if (rc) {
            assert_int_equal(rc, CAY_ECLOSED);
            c->refused++;
            return NULL;
        }
        c->spawned += n % 2;
        (void)!cay_port_post_json(cay_worker_port(w), "1", 1, NULL);
        if (n % 3 == 0) {
            cay_worker_terminate(w);
        }
        cay_worker_free(w);
    }
}

static void spawning_in_many_threads_while_the_runtime_goes_down(void **state) {
    (void)state;
    for (int round = 0; round < 10; round++) {
        crew_t c = {.rt = runtime()};
        pthread_t t[4];
        for (int i = 0; i < 4; i++) {
            assert_int_equal(pthread_create(&t[i], NULL, spawn_until_refused, &c), 0);
        }
        while (c.spawned < 50) {
            cay_runtime_stats_t s = {.size = sizeof s};
            assert_int_equal(cay_runtime_stats(c.rt, &s), 0);
        }
        uint64_t left;
        assert_int_equal(cay_runtime_shutdown(c.rt, 30000, &left), 0);
        for (int i = 0; i < 4; i++) {
            pthread_join(t[i], NULL);
        }
        assert_int_equal(c.refused, 4);
        assert_int_equal(cay_runtime_shutdown(c.rt, 30000, &left), 0);
        assert_int_equal(cay_runtime_free(c.rt), 0);
        assert_int_equal(c.freed,
                         c.spawned); /* each finalizer of a spawn that succeeded, and no other */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_provider_is_told),
        cmocka_unit_test(a_provider_that_does_not_start),
        cmocka_unit_test(events_arrive_and_the_finalizer_runs_once),
        cmocka_unit_test(a_spawn_that_the_provider_refuses_keeps_the_finalizer),
        cmocka_unit_test(a_handle_freed_in_the_first_callback),
        cmocka_unit_test(allocation_failures_leave_nothing),
        cmocka_unit_test(no_memory_is_left),
        cmocka_unit_test(spawning_in_many_threads_while_the_runtime_goes_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
