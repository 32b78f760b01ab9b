/* SPDX-License-Identifier: MIT */
/* Ends in the middle of everything: a runtime shut down while its workers start others, post, import and set
 * timers, with the host answering, posting and freeing from threads of its own. */
#include "host.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define WORKERS 20

static void pause_us(unsigned us) {
    nanosleep(&(struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000L}, NULL);
}

/* ---- a desk that answers imports from its own thread ---- */

typedef struct desk {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    cay_source_t *open[4096];
    unsigned count;
    bool stop;
    pthread_t thread;
} desk_t;

static void keep(cay_source_t *s, void *user) {
    desk_t *d = user;
    pthread_mutex_lock(&d->lock);
    if (d->count < sizeof d->open / sizeof *d->open) {
        d->open[d->count++] = s;
        s = NULL;
    }
    pthread_cond_signal(&d->changed);
    pthread_mutex_unlock(&d->lock);
    if (s) {
        cay_source_reject(s, "too many");
    }
}

static void answer(cay_source_t *s, unsigned n) {
    static const char text[] = "export const v = await new Promise((r) => setTimeout(r, 1));";
    switch (n % 4) {
    case 0: cay_source_reject(s, "no"); break;
    case 1: cay_source_pass(s); break;
    default: assert_int_equal(cay_source_reply(s, NULL, text, sizeof text - 1), 0); break;
    }
}

static void *serve(void *arg) {
    desk_t *d = arg;
    unsigned n = 0;
    pthread_mutex_lock(&d->lock);
    while (!d->stop || d->count) {
        if (!d->count) {
            pthread_cond_wait(&d->changed, &d->lock);
            continue;
        }
        cay_source_t *s = d->open[--d->count];
        pthread_mutex_unlock(&d->lock);
        answer(s, n++);
        pthread_mutex_lock(&d->lock);
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

static void desk_open(desk_t *d) {
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->changed, NULL);
    d->count = 0;
    d->stop = false;
    assert_int_equal(pthread_create(&d->thread, NULL, serve, d), 0);
}

static void desk_close(desk_t *d) {
    pthread_mutex_lock(&d->lock);
    d->stop = true;
    pthread_cond_signal(&d->changed);
    pthread_mutex_unlock(&d->lock);
    pthread_join(d->thread, NULL);
    pthread_cond_destroy(&d->changed);
    pthread_mutex_destroy(&d->lock);
}

/* ---- busy workers ---- */

static const char busy_source[] = HOST_CHILD
    "const kid = 'onmessage = ({ data: p }) => { p.onmessage = (e) => p.postMessage(e.data);"
    " import(\"mod:k\" + Math.random()).catch(() => 0); setTimeout(() => { throw 1; }, 2); };';\n"
    "let kids = []; onerror = () => true;\n"
    "const start = () => { try { if (kids.length > 3) kids.shift().terminate(); const w = "
    "child(kid); kids.push(w);\n"
    "  w.onerror = (e) => e.preventDefault(); w.onclose = () => postMessage('gone');\n"
    "  const c = new MessageChannel(); w.postMessage(c.port2, [c.port2]); c.port1.onclose = () => "
    "postMessage('shut');\n"
    "  c.port1.onmessage = (e) => { if (e.data < 50) c.port1.postMessage(e.data + 1); else "
    "c.port1.close(); };\n"
    "  c.port1.postMessage(0); } catch {} };\n"
    "setInterval(start, 1); start();\n"
    "setInterval(() => import('mod:' + Math.random()).then(() => 0, () => 0), 1);\n"
    "setInterval(() => { const b = new ArrayBuffer(10000); try { postMessage(b, [b]); } catch {} "
    "}, 0);\n"
    "onmessage = (e) => { try { postMessage(e.data); } catch {} };";

static cay_worker_t *spawn_busy(cay_runtime_t *rt, desk_t *d) {
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = busy_source;
    o.on_source = keep;
    o.source_user = d;
    return host_spawn_with(rt, &o);
}

static void shutdown_in_the_middle_of_everything(void **state) {
    (void)state;
    unsigned rounds = host_count("CAY_ROUNDS", 15);
    uint64_t spawned = 0;
    for (unsigned round = 0; round < rounds; round++) {
        desk_t d;
        desk_open(&d);
        cay_runtime_t *rt = host_runtime(round % 3 + 1);
        cay_worker_t *w[WORKERS];
        for (int i = 0; i < WORKERS; i++) {
            w[i] = spawn_busy(rt, &d);
        }
        for (double until = host_ms() + round * 30; host_ms() < until;) {
            for (int i = 0; i < WORKERS; i++) {
                (void)!cay_port_post_json(cay_worker_port(w[i]), "[1]", 3, NULL);
            }
            pause_us(500);
        }
        cay_runtime_stats_t s = {.size = sizeof s};
        assert_int_equal(cay_runtime_stats(rt, &s), 0);
        spawned += s.spawned;
        host_shutdown(rt);
        for (int i = 0; i < WORKERS; i++) {
            assert_int_equal(cay_worker_join(w[i], 0), 0);
            host_expect_end(w[i], CAY_REASON_SHUTDOWN);
            cay_worker_free(w[i]);
        }
        desk_close(&d);
    }
    print_message("  %u rounds, %llu workers\n", rounds, (unsigned long long)spawned);
}

/* ---- handles in many threads ---- */

typedef struct crew {
    cay_runtime_t *rt;
    desk_t *desk;
    atomic_bool stop;
    _Atomic unsigned spawned, refused;
} crew_t;

static void use_and_free(cay_worker_t *w, unsigned n) {
    cay_event_t *ev = NULL;
    switch (n % 5) {
    case 0: break;
    case 1: cay_worker_terminate(w); break;
    case 2:
        if (cay_worker_next_event(w, 5, &ev) == 0) {
            cay_event_free(ev);
        }
        break;
    case 3: (void)!cay_worker_join(w, 2); break;
    default:
        assert_true(cay_worker_fd(w) >= 0);
        (void)!cay_port_post_json(cay_worker_port(w), "1", 1, NULL);
        break;
    }
    cay_worker_free(w);
}

static void *spawn_and_free(void *arg) {
    crew_t *c = arg;
    unsigned n = 0;
    while (!c->stop) {
        cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
        o.main_source = n % 3 ? busy_source : "for (;;) {}";
        o.on_source = keep;
        o.source_user = c->desk;
        cay_worker_t *w = NULL;
        int rc = cay_worker_spawn(c->rt, &o, &w, NULL);
        if (rc) {
            assert_int_equal(rc, CAY_ECLOSED);
            c->refused++;
            break;
        }
        c->spawned++;
        use_and_free(w, n++);
    }
    return NULL;
}

static void handles_come_and_go_in_many_threads_until_the_shutdown(void **state) {
    (void)state;
    for (int round = 0; round < 3; round++) {
        desk_t d;
        desk_open(&d);
        crew_t c = {.rt = host_runtime(2), .desk = &d};
        pthread_t t[4];
        for (int i = 0; i < 4; i++) {
            assert_int_equal(pthread_create(&t[i], NULL, spawn_and_free, &c), 0);
        }
        while (c.spawned < 60) {
            pause_us(1000);
        }
        uint64_t left = 1;
        assert_int_equal(cay_runtime_shutdown(c.rt, WAIT_MS, &left), 0);
        for (int i = 0; i < 4; i++) { /* each sees the refusal */
            pthread_join(t[i], NULL);
        }
        assert_int_equal(c.refused, 4);
        assert_int_equal(cay_runtime_free(c.rt), 0);
        desk_close(&d);
    }
}

typedef struct poster {
    cay_worker_t *w;
    atomic_bool *stop;
    unsigned posted;
    int last;
} poster_t;

static void *post_until_told(void *arg) {
    poster_t *p = arg;
    while (!*p->stop) {
        cay_port_t *mine, *theirs;
        assert_int_equal(cay_channel_new(&mine, &theirs), 0);
        cay_doc_t *doc;
        assert_int_equal(cay_doc_new(&doc), 0);
        cay_value_t *v = cay_doc_port(doc, theirs);
        assert_int_equal(cay_doc_set_root(doc, v), 0);
        p->last = cay_port_post(cay_worker_port(p->w), doc, NULL);
        p->posted += p->last == 0;
        cay_doc_free(doc); /* closes the port when it did not go */
        cay_port_close(mine);
    }
    return NULL;
}

static void a_worker_ends_while_four_threads_post_ports_to_it(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(0);
    for (int round = 0; round < 10; round++) {
        cay_worker_t *w = host_spawn(
            rt, round % 2 ? "let n = 0; onmessage = (e) => { if (++n === 100) close(); };"
                          : "for (;;) {}");
        atomic_bool stop = false;
        poster_t p[4];
        pthread_t t[4];
        for (int i = 0; i < 4; i++) {
            p[i] = (poster_t){.w = w, .stop = &stop};
            assert_int_equal(pthread_create(&t[i], NULL, post_until_told, &p[i]), 0);
        }
        pause_us(3000);
        if (round % 2 == 0) {
            cay_worker_terminate(w);
        }
        assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
        stop = true;
        for (int i = 0; i < 4; i++) {
            pthread_join(t[i], NULL);
        }
        cay_event_free(host_final(w));
        cay_worker_free(w);
    }
    host_shutdown(rt);
}

/* ---- shutdown and its deadline ---- */

static void *shut_down(void *arg) {
    uint64_t left = 99;
    int rc = cay_runtime_shutdown(arg, WAIT_MS, &left);
    return (void *)(intptr_t)(rc == 0 && left == 0);
}

static void several_threads_may_shut_down_at_once(void **state) {
    (void)state;
    for (int round = 0; round < 5; round++) {
        desk_t d;
        desk_open(&d);
        cay_runtime_t *rt = host_runtime(0);
        cay_worker_t *w[WORKERS];
        for (int i = 0; i < WORKERS; i++) {
            w[i] = spawn_busy(rt, &d);
        }
        pthread_t t[3];
        for (int i = 0; i < 3; i++) {
            assert_int_equal(pthread_create(&t[i], NULL, shut_down, rt), 0);
        }
        for (int i = 0; i < WORKERS; i += 2) {
            cay_worker_free(w[i]);
        }
        for (int i = 0; i < 3; i++) {
            void *fine;
            pthread_join(t[i], &fine);
            assert_true((intptr_t)fine);
        }
        assert_int_equal(cay_runtime_free(rt), 0);
        for (int i = 1; i < WORKERS; i += 2) {
            cay_worker_free(w[i]);
        }
        desk_close(&d);
    }
}

/* What the engine cannot be stopped in: a default sort looks at no termination. */
static void a_shutdown_that_takes_too_long_says_how_many_are_left(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(0);
    cay_worker_t *w =
        host_spawn(rt, "const a = new Float64Array(4e6).map(() => Math.random());\n"
                       "const b = Array.from(a, String); postMessage('go'); b.sort();");
    host_expect(w, "\"go\"");
    uint64_t left = 0;
    int rc = cay_runtime_shutdown(rt, 1, &left);
    if (rc) { /* it may have been quick all the same */
        assert_int_equal(rc, CAY_ETIMEDOUT);
        assert_int_equal(left, 1);
        assert_int_equal(cay_runtime_free(rt), CAY_EBUSY);
    }
    host_shutdown(rt);
    host_expect_end(w, CAY_REASON_SHUTDOWN);
    cay_worker_free(w);
}

/* An engine that fails over a termination costs a thread for ever: modules that wait are where it did. */
static void no_thread_is_lost_when_waiting_modules_are_cut_off(void **state) {
    (void)state;
    static const char source[] =
        "const t = 'export const v = await new Promise((r) => setTimeout(r, 0));'; let i = 0;\n"
        "const f = () => { import('data:text/javascript,' + t + '//' + i++).then(f, f); }; f(); "
        "f(); f();\n"
        "for (;;) await import('data:text/javascript,' + t + '//x' + i++);";
    cay_runtime_t *rt = host_runtime(0);
    unsigned rounds = host_count("CAY_ROUNDS", 250);
    for (unsigned i = 0; i < rounds; i++) {
        cay_worker_t *w[6];
        for (int k = 0; k < 6; k++) {
            w[k] = host_spawn(rt, source);
        }
        for (unsigned k = 0; k < 6; k++) {
            pause_us((i * 6 + k) * 97 % 3000);
            cay_worker_terminate(w[k]);
        }
        for (int k = 0; k < 6; k++) {
            host_expect_end(w[k], CAY_REASON_TERMINATED);
            cay_worker_free(w[k]);
        }
    }
    cay_runtime_stats_t s = {.size = sizeof s};
    assert_int_equal(cay_runtime_stats(rt, &s), 0);
    assert_int_equal(s.lost, 0);
    host_shutdown(rt);
}

static void nothing_is_left_of_it_all(void **state) {
    (void)state;
    host_shutdown(host_runtime(0));
    unsigned threads = host_threads(), fds = host_fds();
    desk_t d;
    desk_open(&d);
    cay_runtime_t *rt = host_runtime(0);
    cay_worker_t *w[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        w[i] = spawn_busy(rt, &d);
        assert_true(cay_worker_fd(w[i]) >= 0);
    }
    pause_us(50000);
    host_shutdown(rt);
    for (int i = 0; i < WORKERS; i++) {
        cay_worker_free(w[i]);
    }
    desk_close(&d);
    assert_int_equal(host_threads(), threads);
    assert_int_equal(host_fds(), fds);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left_of_it_all),
        cmocka_unit_test(no_thread_is_lost_when_waiting_modules_are_cut_off),
        cmocka_unit_test(shutdown_in_the_middle_of_everything),
        cmocka_unit_test(handles_come_and_go_in_many_threads_until_the_shutdown),
        cmocka_unit_test(a_worker_ends_while_four_threads_post_ports_to_it),
        cmocka_unit_test(several_threads_may_shut_down_at_once),
        cmocka_unit_test(a_shutdown_that_takes_too_long_says_how_many_are_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
