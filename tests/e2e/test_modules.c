/* SPDX-License-Identifier: MIT */
/* Modules: from the host's callback (at once, later, from other threads, never), from data: URLs; graphs deep,
 * wide and round; what the errors say. */
#include "host.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static cay_runtime_t *rt;

static int set_up(void **state) {
    (void)state;
    rt = host_runtime(0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    host_shutdown(rt);
    return 0;
}

/* ---- a host with modules ---- */

typedef struct text {
    const char *name; /* the URL, or a bare specifier */
    const char *source;
    const char *as; /* URL to answer with, NULL: none */
} text_t;

typedef struct library {
    const text_t *texts; /* ends with a name of NULL */
    _Atomic unsigned asked;
    bool pass; /* what is not in it goes to the built-in schemes */
} library_t;

static const text_t *look_up(const library_t *l, const cay_source_t *s) {
    const char *name = cay_source_url(s) ? cay_source_url(s) : cay_source_specifier(s);
    for (const text_t *t = l->texts; t && t->name; t++) {
        if (strcmp(t->name, name) == 0) {
            return t;
        }
    }
    return NULL;
}

static void answer(const library_t *l, cay_source_t *s) {
    const text_t *t = look_up(l, s);
    if (t) {
        assert_int_equal(cay_source_reply(s, t->as, t->source, strlen(t->source)), 0);
    } else if (l->pass) {
        cay_source_pass(s);
    } else {
        cay_source_reject(s, "the library has no such book");
    }
}

static void on_source(cay_source_t *s, void *user) {
    library_t *l = user;
    atomic_fetch_add(&l->asked, 1);
    answer(l, s);
}

#define MAIN_URL "https://x.test/dir/main.js"

static cay_worker_t *spawn_on(library_t *l, const char *source) {
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_url = MAIN_URL;
    o.main_source = source;
    o.on_source = l ? on_source : NULL;
    o.source_user = l;
    return host_spawn_with(rt, &o);
}

static void expect_from(const text_t *texts, const char *source, const char *json) {
    library_t l = {.texts = texts};
    cay_worker_t *w = spawn_on(&l, source);
    host_expect(w, json);
    cay_worker_terminate(w);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    cay_worker_free(w);
}

typedef struct failure {
    const char *name, *message, *file;
    uint32_t line, column;
} failure_t;

static void check_failure(const cay_event_t *ev, const failure_t *f) {
    const cay_error_info_t *e = &ev->u.end.error;
    assert_int_equal(ev->u.end.reason, CAY_REASON_MAIN_MODULE);
    assert_string_equal(e->name, f->name);
    if (!strstr(e->message, f->message)) {
        fail_msg("\"%s\", expected \"%s\"", e->message, f->message);
    }
    if (f->file && (!e->file || strcmp(e->file, f->file) != 0 || e->line != f->line ||
                    e->column != f->column)) {
        fail_msg("\"%s\" at %s:%u:%u, expected %s:%u:%u", e->message, e->file, e->line, e->column,
                 f->file, f->line, f->column);
    }
}

static void expect_failure(library_t *l, const char *source, const failure_t *f) {
    cay_worker_t *w = spawn_on(l, source);
    cay_event_t *ev = host_final(w);
    check_failure(ev, f);
    cay_event_free(ev);
    cay_worker_free(w);
}

/* ---- from the host ---- */

static void the_host_answers_at_once(void **state) {
    (void)state;
    static const text_t texts[] = {
        {"https://x.test/dir/a.js",
         "export { b as a } from '../b.js'; export const url = import.meta.url;", NULL},
        {"https://x.test/b.js", "export const b = 41; export default 1;", NULL},
        {NULL, NULL, NULL}};
    expect_from(
        texts,
        "import { a, url } from './a.js'; import one from '/b.js'; postMessage([a + one, url]);",
        "[42,\"https://x.test/dir/a.js\"]");
}

static void a_request_tells_what_is_asked(void **state) {
    (void)state;
    static const text_t texts[] = {
        {"https://x.test/dir/a.js", "import '../b.json' assert { type: 'json' };", NULL},
        {"https://x.test/b.json", "{}", NULL},
        {"bare/one", "", NULL},
        {NULL, NULL, NULL}};
    expect_from(texts, "import './a.js'; import 'bare/one'; postMessage(1);", "1");
}

static void bare_specifiers_are_the_hosts_to_name(void **state) {
    (void)state;
    static const text_t texts[] = {
        {"lodash", "export const url = import.meta.url; export { v } from './part.js';",
         "https://cdn.test/lodash/index.js"},
        {"https://cdn.test/lodash/part.js", "export const v = import.meta.url;", NULL},
        {"plain", "export const url = import.meta.url;", NULL},
        {NULL, NULL, NULL}};
    expect_from(
        texts,
        "import { url, v } from 'lodash'; import * as p from 'plain'; postMessage([url, v, "
        "p.url]);",
        "[\"https://cdn.test/lodash/index.js\",\"https://cdn.test/lodash/part.js\",\"cay:plain\"]");
}

static void one_url_is_one_module(void **state) {
    (void)state;
    static const text_t texts[] = {
        {"x", "globalThis.n = (globalThis.n ?? 0) + 1; export const o = {};",
         "https://cdn.test/x.js"},
        {"y", "throw new Error('the text of an alias is not evaluated');", "https://cdn.test/x.js"},
        {"https://cdn.test/x.js", "throw 2;", NULL},
        {"https://x.test/dir/a.js", "export { o } from 'x'; export { o as o2 } from 'y';", NULL},
        {"https://x.test/dir/b.js", "export { o } from 'https://cdn.test/x.js';", NULL},
        {NULL, NULL, NULL}};
    expect_from(
        texts,
        "import { o } from 'x'; import { o as p } from 'y'; import * as a from './a.js';\n"
        "import * as b from './b.js'; import { o as q } from './b.js';\n"
        "const c = await import('y'), d = await import('x');\n"
        "postMessage([n, o === p, a.o === o, a.o2 === o, b.o === o, q === o, c === d, c.o === o]);",
        "[1,true,true,true,true,true,true,true]");
}

static void urls_of_answers_are_normalised(void **state) {
    (void)state;
    static const text_t texts[] = {
        {"x", "globalThis.n = (globalThis.n ?? 0) + 1; export const url = import.meta.url;",
         "https://CDN.test/a/../x.js"},
        {"https://cdn.test/x.js", "globalThis.n = 100;", NULL},
        {NULL, NULL, NULL}};
    expect_from(
        texts,
        "import { url } from 'x'; await import('https://cdn.test/x.js'); postMessage([n, url]);",
        "[1,\"https://cdn.test/x.js\"]");
    static const text_t bad[] = {{"x", "", "not a url"}, {NULL, NULL, NULL}};
    library_t l = {.texts = bad};
    expect_failure(&l, "\nimport 'x';",
                   &(failure_t){"TypeError", "Cannot load \"x\": the host named it \"not a url\"",
                                MAIN_URL, 2, 8});
}

static void modules_are_evaluated_once_and_in_order(void **state) {
    (void)state;
    static const text_t texts[] = {
        {"https://x.test/dir/a.js", "import './c.js'; import './b.js'; log('a');", NULL},
        {"https://x.test/dir/b.js", "import './c.js'; log('b'); await null; log('b2');", NULL},
        {"https://x.test/dir/c.js",
         "globalThis.all = []; globalThis.log = (x) => all.push(x); log('c');", NULL},
        {NULL, NULL, NULL}};
    expect_from(texts,
                "import './a.js'; import './b.js'; import './c.js'; postMessage(all);"
                "\n//",
                "[\"c\",\"b\",\"b2\",\"a\"]");
}

static void cycles_are_no_trouble(void **state) {
    (void)state;
    static const text_t texts[] = {
        {"https://x.test/dir/a.js",
         "import { b } from './b.js'; export const a = 1; export const f = () => b;", NULL},
        {"https://x.test/dir/b.js",
         "import { a } from './a.js'; import * as me from './b.js';\n"
         "export const b = 2; export const g = () => a + me.b;",
         NULL},
        {NULL, NULL, NULL}};
    expect_from(texts,
                "import { f } from './a.js'; import { g } from './b.js'; postMessage([f(), g()]);",
                "[2,3]");
    expect_from(texts,
                "const [x, y] = await Promise.all([import('./b.js'), import('./a.js')]);"
                "postMessage([x.g(), y.f()]);",
                "[3,2]");
}

static void json_modules(void **state) {
    (void)state;
    static const text_t texts[] = {{"https://x.test/dir/d.json", "\xef\xbb\xbf{\"a\":[1,2]}", NULL},
                                   {"https://x.test/dir/bad.json", "{\n \"a\": }", NULL},
                                   {NULL, NULL, NULL}};
    expect_from(texts,
                "import d from './d.json' assert { type: 'json' };\n"
                "const e = await import('./d.json', { assert: { type: 'json' } });\n"
                "const x = await import('./d.json').catch((e) => e.name);\n"
                "postMessage([d, e.default === d, Object.keys(e), x]);",
                "[{\"a\":[1,2]},true,[\"default\"],\"TypeError\"]");
    library_t l = {.texts = texts};
    expect_failure(&l, "import d from './bad.json' assert { type: 'json' };",
                   &(failure_t){"SyntaxError", "in JSON", "https://x.test/dir/bad.json", 2, 7});
}

static void errors_of_loading_say_what_and_where(void **state) {
    (void)state;
    static const text_t texts[] = {{"https://x.test/dir/a.js", "export const a = 1;", NULL},
                                   {"https://x.test/dir/bad.js", "let x = 1;\nlet x = 2;", NULL},
                                   {"https://x.test/dir/d.json", "{}", NULL},
                                   {"https://x.test/dir/up.js", "\n\n  import './gone.js';", NULL},
                                   {NULL, NULL, NULL}};
    static const struct {
        const char *source;
        failure_t f;
    } cases[] = {
        {"import './gone.js';",
         {"TypeError", "Cannot load \"https://x.test/dir/gone.js\": the library has no such book",
          MAIN_URL, 1, 8}},
        {"1;\n import './up.js';",
         {"TypeError", "Cannot load \"https://x.test/dir/gone.js\"", "https://x.test/dir/up.js", 3,
          10}},
        {"import './bad.js';",
         {"SyntaxError", "Identifier 'x' has already been declared", "https://x.test/dir/bad.js", 2,
          5}},
        {"\nimport { nope } from './a.js';",
         {"SyntaxError", "does not provide an export named 'nope'", MAIN_URL, 2, 10}},
        {"import d from './d.json';", {"TypeError", "it is JSON", MAIN_URL, 1, 15}},
        {"import d from './a.js' assert { type: 'css' };",
         {"TypeError", "unknown module type \"css\"", MAIN_URL, 1, 15}},
        {"import d from './a.js' assert { tpye: 'json' };",
         {"TypeError", "unknown import attribute \"tpye\"", MAIN_URL, 1, 15}},
        {"import 'https://[bad/';", {"TypeError", "Cannot load \"https://[bad/\"", MAIN_URL, 1, 8}},
    };
    library_t l = {.texts = texts};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_failure(&l, cases[i].source, &cases[i].f);
    }
    l.pass = true;
    expect_failure(&l, "import 'bare';",
                   &(failure_t){"TypeError",
                                "it is a bare specifier, and the host does not know it", MAIN_URL,
                                1, 8});
    expect_failure(&l, "import 'https://x.test/b.js';",
                   &(failure_t){"TypeError", "import access to \"x.test:443\" is not granted",
                                MAIN_URL, 1, 8});
    expect_failure(NULL, "import 'bare';",
                   &(failure_t){"TypeError", "\"bare\" is a bare specifier: it needs to start with",
                                MAIN_URL, 1, 8});
}

/* ---- late answers ---- */

typedef struct desk {
    library_t library;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    cay_source_t *open[6000];
    unsigned count;
    bool stop, backwards;
    pthread_t thread;
} desk_t;

static void keep(cay_source_t *s, void *user) {
    desk_t *d = user;
    pthread_mutex_lock(&d->lock);
    assert_true(d->count < sizeof d->open / sizeof *d->open);
    d->open[d->count++] = s;
    pthread_cond_signal(&d->changed);
    pthread_mutex_unlock(&d->lock);
}

static cay_source_t *next_open(desk_t *d) {
    pthread_mutex_lock(&d->lock);
    while (!d->count && !d->stop) {
        pthread_cond_wait(&d->changed, &d->lock);
    }
    cay_source_t *s = NULL;
    if (d->count) {
        s = d->open[d->backwards ? d->count - 1 : 0];
        if (!d->backwards) {
            memmove(d->open, d->open + 1, (d->count - 1) * sizeof *d->open);
        }
        d->count--;
    }
    pthread_mutex_unlock(&d->lock);
    return s;
}

static void *answer_all(void *arg) {
    desk_t *d = arg;
    for (cay_source_t *s; (s = next_open(d));) {
        answer(&d->library, s);
    }
    return NULL;
}

static desk_t *desk_open(const text_t *texts, bool with_thread) {
    desk_t *d = calloc(1, sizeof *d);
    assert_non_null(d);
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->changed, NULL);
    d->library.texts = texts;
    d->backwards = true;
    if (with_thread) {
        assert_int_equal(pthread_create(&d->thread, NULL, answer_all, d), 0);
    }
    return d;
}

static void desk_wait(desk_t *d, unsigned count) {
    pthread_mutex_lock(&d->lock);
    while (d->count < count) {
        pthread_cond_wait(&d->changed, &d->lock);
    }
    pthread_mutex_unlock(&d->lock);
}

static void desk_close(desk_t *d) {
    pthread_mutex_lock(&d->lock);
    d->stop = true;
    pthread_cond_broadcast(&d->changed);
    pthread_mutex_unlock(&d->lock);
    if (d->thread) {
        pthread_join(d->thread, NULL);
    }
    free(d);
}

static cay_worker_t *spawn_at(cay_runtime_t *on, desk_t *d, const char *source) {
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_url = MAIN_URL;
    o.main_source = source;
    o.on_source = keep;
    o.source_user = d;
    return host_spawn_with(on, &o);
}

static void the_host_answers_later_from_another_thread(void **state) {
    (void)state;
    static const text_t texts[] = {
        {"https://x.test/dir/a.js", "import './b.js'; import './c.js'; globalThis.log.push('a');",
         NULL},
        {"https://x.test/dir/b.js", "import './c.js'; globalThis.log.push('b');", NULL},
        {"https://x.test/dir/c.js", "globalThis.log = ['c'];", NULL},
        {"https://x.test/dir/late.js", "export default 'late';", NULL},
        {NULL, NULL, NULL}};
    desk_t *d = desk_open(texts, true);
    for (int i = 0; i < 50; i++) {
        cay_worker_t *w =
            spawn_at(rt, d,
                     "import './a.js'; import './b.js'; import './c.js';\n"
                     "const [x, y] = await Promise.all([import('./late.js'), import('./gone.js')"
                     ".catch((e) => e.name)]);\n"
                     "postMessage([log, x.default, y]);");
        host_expect(w, "[[\"c\",\"b\",\"a\"],\"late\",\"TypeError\"]");
        cay_worker_free(w);
    }
    desk_close(d);
}

static void answers_after_the_end_go_nowhere(void **state) {
    (void)state;
    desk_t *d = desk_open(NULL, false);
    cay_runtime_t *other = host_runtime(1);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.on_source = keep;
    o.source_user = d;
    o.main_source = "import 'x:1'; import 'x:2'; import 'x:3'; import 'x:4';";
    cay_worker_t *w = host_spawn_with(other, &o);
    desk_wait(d, 4);
    cay_source_t *one = d->open[0];
    assert_int_equal(cay_source_reply(one, NULL, "export {}", 9),
                     0); /* waits in its inbox, or was taken */
    cay_worker_terminate(w);
    cay_source_pass(d->open[1]);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    assert_string_equal(cay_source_specifier(d->open[2]), "x:3");
    cay_source_reject(d->open[2], NULL);
    cay_worker_free(w);
    host_shutdown(other);
    assert_string_equal(cay_source_referrer(d->open[3]), "cay:main");
    assert_int_equal(cay_source_reply(d->open[3], NULL, "export {}", 9), 0);
    d->count = 0;
    desk_close(d);
}

static void a_hundred_open_requests_of_a_dropped_worker(void **state) {
    (void)state;
    for (int round = 0; round < 10; round++) {
        desk_t *d = desk_open(NULL, false);
        cay_runtime_t *own = host_runtime(0);
        cay_worker_t *w = spawn_at(
            own, d, "for (let i = 0; i < 100; i++) import('./' + i + '.js').catch(() => {});");
        desk_wait(d, round % 2 ? 100 : 5);
        cay_worker_free(w);
        pthread_t t;
        d->stop = true;
        assert_int_equal(pthread_create(&t, NULL, answer_all, d), 0); /* until none is left */
        pthread_join(t, NULL);
        d->stop = false;
        host_shutdown(own); /* what it asked for meanwhile was kept */
        while (d->count) {
            cay_source_reject(d->open[--d->count], "too late");
        }
        desk_close(d);
    }
}

static void a_bad_answer_is_the_importers_error(void **state) {
    (void)state;
    desk_t *d = desk_open(NULL, false);
    cay_worker_t *w = spawn_at(rt, d,
                               "for (const n of ['a', 'b', 'c']) await import('./' + n).then("
                               "() => postMessage('loaded'), (e) => postMessage(e.message));");
    desk_wait(d, 1);
    d->count = 0;
    assert_int_equal(cay_source_reply(d->open[0], NULL, NULL, 0), CAY_EINVAL);
    host_expect(w, "\"Cannot load \\\"https://x.test/dir/a\\\": invalid argument\"");
    desk_wait(d, 1);
    d->count = 0;
    assert_int_equal(cay_source_reply(d->open[0], NULL, "ab\xff", 3), 0);
    host_expect(w,
                "\"Cannot load \\\"https://x.test/dir/b\\\": it is not valid UTF-8 (at byte 2)\"");
    desk_wait(d, 1);
    d->count = 0;
    cay_source_reject(d->open[0], "no \"quotes\" \xf0\x9f\x8f\x9d");
    host_expect(w,
                "\"Cannot load \\\"https://x.test/dir/c\\\": no \\\"quotes\\\" \xf0\x9f\x8f\x9d\"");
    cay_worker_free(w);
    desk_close(d);
}

static void reply_as(cay_source_t *s, const char *url, const char *text) {
    assert_int_equal(cay_source_reply(s, url, text, strlen(text)), 0);
}

/* What a module is found to be may be found to be another one after that. */
static void names_of_names_lead_to_one_module(void **state) {
    (void)state;
    desk_t *d = desk_open(NULL, false);
    cay_worker_t *w =
        spawn_at(rt, d,
                 "const r = await Promise.all(['a', 'b', 'c'].map((n) => import('./' + n)));\n"
                 "postMessage([r.map((m) => m.default), r[0] === r[2]]);");
    desk_wait(d, 3);
    reply_as(d->open[0], "https://x.test/dir/b", "export default 1;");
    reply_as(d->open[1], "https://x.test/dir/c", "export default 2;");
    reply_as(d->open[2], NULL, "export default 3;");
    host_expect(w, "[[3,3,3],true]");
    cay_worker_free(w);
    d->count = 0;
    desk_close(d);
}

static void two_modules_named_after_one_another_are_one(void **state) {
    (void)state;
    desk_t *d = desk_open(NULL, false);
    cay_worker_t *w =
        spawn_at(rt, d,
                 "const r = await Promise.all(['a', 'b'].map((n) => import('./' + n)));\n"
                 "postMessage([r.map((m) => m.default), r[0] === r[1]]);");
    desk_wait(d, 2);
    reply_as(d->open[0], "https://x.test/dir/b", "export default 1;");
    reply_as(d->open[1], "https://x.test/dir/a", "export default 2;");
    host_expect(w, "[[2,2],true]");
    cay_worker_free(w);
    d->count = 0;
    desk_close(d);
}

/* ---- large graphs ---- */

static void deep(cay_source_t *s, void *user) {
    const unsigned *depth = user;
    unsigned n = 0;
    char text[200];
    sscanf(cay_source_url(s), "deep:%u", &n);
    if (n + 1 < *depth) {
        snprintf(text, sizeof text,
                 "export { leaf } from 'deep:%u'; globalThis.n = (globalThis.n ?? 0) + 1;", n + 1);
    } else {
        snprintf(text, sizeof text, "export const leaf = %u;", n);
    }
    assert_int_equal(cay_source_reply(s, NULL, text, strlen(text)), 0);
}

static void a_chain_of_three_thousand(void **state) {
    (void)state;
    unsigned depth = 3000;
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = "import { leaf } from 'deep:0'; postMessage([leaf, n]);";
    o.on_source = deep;
    o.source_user = &depth;
    double start = host_ms();
    cay_worker_t *w = host_spawn_with(rt, &o);
    host_expect(w, "[2999,2999]");
    print_message("  a chain of %u modules: %.0f ms\n", depth, host_ms() - start);
    cay_worker_free(w);
}

/* Deeper than the engine's own recursion goes, or than the bound on modules: an error, not a crash. */
static void a_chain_too_deep_is_an_error(void **state) {
    (void)state;
    unsigned depth = 20000;
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = "import { leaf } from 'deep:0'; postMessage(leaf);";
    o.on_source = deep;
    o.source_user = &depth;
    cay_worker_t *w = host_spawn_with(rt, &o);
    cay_event_t *ev = host_final(w);
    check_failure(ev, &(failure_t){"TypeError", "the worker has 10000 modules, the limit",
                                   "deep:9998", 1, 22});
    cay_event_free(ev);
    cay_worker_free(w);
    depth = 9000;
    o.main_source = "try { const { leaf } = await import('deep:0'); postMessage('loaded'); }"
                    " catch (e) { postMessage(e.name); }";
    w = host_spawn_with(rt, &o);
    ev = host_until(w, CAY_EVENT_MESSAGE);
    char *json = NULL;
    assert_int_equal(cay_message_to_json(ev->u.message.message, &json, NULL), 0);
    assert_true(strcmp(json, "\"loaded\"") == 0 || strcmp(json, "\"RangeError\"") == 0);
    cay_free(json);
    cay_event_free(ev);
    cay_worker_free(w);
}

static void wide(cay_source_t *s, void *user) {
    (void)user;
    char text[100];
    snprintf(text, sizeof text, "export default '%s';", cay_source_specifier(s));
    assert_int_equal(cay_source_reply(s, NULL, text, strlen(text)), 0);
}

static void five_thousand_imports_of_one_module(void **state) {
    (void)state;
    enum { N = 5000 };
    char *source = malloc(N * 40 + 100);
    assert_non_null(source);
    size_t n = 0;
    for (int i = 0; i < N; i++) {
        n += (size_t)sprintf(source + n, "import m%d from 'wide:%d';\n", i, i);
    }
    sprintf(source + n, "postMessage([m0, m%d]);", N - 1);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = source;
    o.on_source = wide;
    double start = host_ms();
    cay_worker_t *w = host_spawn_with(rt, &o);
    host_expect(w, "[\"wide:0\",\"wide:4999\"]");
    print_message("  %d imports in one module: %.0f ms\n", N, host_ms() - start);
    cay_worker_free(w);
    free(source);
}

static void one_callback_for_a_whole_tree_of_workers(void **state) {
    (void)state;
    static const text_t texts[] = {
        {"https://x.test/dir/child.js", "import { v } from 'shared'; postMessage(v);", NULL},
        {"shared", "export const v = 'v';", NULL},
        {NULL, NULL, NULL}};
    library_t l = {.texts = texts, .pass = true};
    cay_worker_t *w = spawn_on(&l, "const w = new Worker('./child.js', { type: 'module' });\n"
                                   "w.onmessage = (e) => postMessage(e.data);");
    host_expect(w, "\"v\"");
    assert_int_equal(l.asked, 2);
    cay_worker_free(w);
}

/* ---- data: ---- */

static void data_urls_are_modules(void **state) {
    (void)state;
    cay_worker_t *w = spawn_on(
        NULL, "import a from 'data:text/javascript,export default 1';\n"
              "import b from 'data:text/javascript;base64,ZXhwb3J0IGRlZmF1bHQgMg==';\n"
              "import c from 'data:application/json,{\"x\":3}' assert { type: 'json' };\n"
              "import d from 'data:text/javascript;charset=utf-8,export default \"%E2%82%AC\"';\n"
              "const t = (u, o) => import(u, o).then((m) => m.default, (e) => "
              "e.message.replace(/^.*\": /, ''));\n"
              "postMessage([a, b, c.x, d,\n"
              "  await t('data:text/plain,1'), await t('data:text/javascript,1', { assert: { type: "
              "'json' } }),\n"
              "  await t('data:text/javascript;base64,!'), await t('data:nothing'),\n"
              "  await t('data:text/javascript,import \"./x.js\"')]);");
    host_expect(
        w,
        "[1,2,3,\"\xe2\x82\xac\","
        "\"its type \\\"text/plain\\\" is not that of a JavaScript module\","
        "\"its type \\\"text/javascript\\\" is not that of a JSON module\","
        "\"its body is not base64\",\"a data: URL needs a comma before its body\","
        "\"Cannot resolve \\\"./x.js\\\" against \\\"data:text/javascript,import \\\"./x.js\\\"\\\""
        " (data:text/javascript,import \\\"./x.js\\\":1:8)\"]");
    cay_worker_free(w);
}

/* ---- import() ---- */

static void import_calls_work_in_handlers(void **state) {
    (void)state;
    static const text_t texts[] = {{"https://x.test/dir/a.js",
                                    "await null; export let n = 0; export const up = () => ++n;",
                                    NULL},
                                   {NULL, NULL, NULL}};
    library_t l = {.texts = texts};
    cay_worker_t *w = spawn_on(
        &l, "onmessage = async () => { const m = await import('./a.js'); postMessage(m.up()); };\n"
            "setTimeout(async () => { const [a, b] = await Promise.all([import('./a.js'),"
            " import('./a.js')]); postMessage(a === b); });");
    host_expect(w, "true");
    host_post(w, "0");
    host_expect(w, "1");
    host_post(w, "0");
    host_expect(w, "2");
    assert_int_equal(l.asked, 1);
    cay_worker_free(w);
}

static void failed_import_calls_reject_with_the_place(void **state) {
    (void)state;
    static const text_t texts[] = {
        {"https://x.test/dir/throws.js",
         "globalThis.n = (globalThis.n ?? 0) + 1; throw new RangeError('r' + n);", NULL},
        {"https://x.test/dir/bad.js", "\n  let x = ;", NULL},
        {"https://x.test/dir/gone2.js", "1;\nimport './gone.js';", NULL},
        {"https://x.test/dir/tla.js", "await Promise.reject(new EvalError('tla'));", NULL},
        {NULL, NULL, NULL}};
    library_t l = {.texts = texts};
    cay_worker_t *w =
        spawn_on(&l, "const t = (u) => import(u).then(() => 'came', (e) => [e.name, e.message]);\n"
                     "const e1 = await import('./throws.js').catch((e) => e), e2 = await "
                     "import('./throws.js').catch((e) => e);\n"
                     "postMessage([e1 === e2, e1.message, n]);\n"
                     "for (const u of ['./bad.js', './bad.js', './gone2.js', './tla.js', "
                     "'./gone.js', 'https://[/']) postMessage(await t(u));\n"
                     "const o = { toString() { throw new URIError('own'); } };\n"
                     "postMessage(await t(o)); postMessage(await t(Symbol()));");
    host_expect(w, "[true,\"r1\",1]");
    static const char bad[] =
        "[\"SyntaxError\",\"Unexpected token ';' (https://x.test/dir/bad.js:2:11)\"]";
    host_expect(w, bad);
    host_expect(w, bad);
    host_expect(w, "[\"TypeError\",\"Cannot load \\\"https://x.test/dir/gone.js\\\": the library "
                   "has no such book"
                   " (https://x.test/dir/gone2.js:2:8)\"]");
    host_expect(w, "[\"EvalError\",\"tla\"]");
    host_expect(w, "[\"TypeError\",\"Cannot load \\\"https://x.test/dir/gone.js\\\": the library "
                   "has no such book"
                   " (https://x.test/dir/gone2.js:2:8)\"]");
    cay_event_free(host_until(w, CAY_EVENT_MESSAGE));
    host_expect(w, "[\"URIError\",\"own\"]");
    cay_event_free(host_until(w, CAY_EVENT_MESSAGE));
    cay_worker_free(w);
}

static void an_unhandled_failure_of_import_is_reported(void **state) {
    (void)state;
    library_t l = {0};
    cay_worker_t *w = spawn_on(&l, "import('./gone.js'); postMessage('on');");
    host_expect(w, "\"on\"");
    cay_event_t *ev = host_until(w, CAY_EVENT_ERROR);
    assert_string_equal(ev->u.error.error.name, "TypeError");
    assert_non_null(strstr(ev->u.error.error.message, "gone.js"));
    cay_event_free(ev);
    cay_worker_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_answers_at_once),
        cmocka_unit_test(a_request_tells_what_is_asked),
        cmocka_unit_test(bare_specifiers_are_the_hosts_to_name),
        cmocka_unit_test(one_url_is_one_module),
        cmocka_unit_test(urls_of_answers_are_normalised),
        cmocka_unit_test(modules_are_evaluated_once_and_in_order),
        cmocka_unit_test(cycles_are_no_trouble),
        cmocka_unit_test(json_modules),
        cmocka_unit_test(errors_of_loading_say_what_and_where),
        cmocka_unit_test(the_host_answers_later_from_another_thread),
        cmocka_unit_test(answers_after_the_end_go_nowhere),
        cmocka_unit_test(a_hundred_open_requests_of_a_dropped_worker),
        cmocka_unit_test(a_bad_answer_is_the_importers_error),
        cmocka_unit_test(names_of_names_lead_to_one_module),
        cmocka_unit_test(two_modules_named_after_one_another_are_one),
        cmocka_unit_test(a_chain_of_three_thousand),
        cmocka_unit_test(a_chain_too_deep_is_an_error),
        cmocka_unit_test(five_thousand_imports_of_one_module),
        cmocka_unit_test(one_callback_for_a_whole_tree_of_workers),
        cmocka_unit_test(data_urls_are_modules),
        cmocka_unit_test(import_calls_work_in_handlers),
        cmocka_unit_test(failed_import_calls_reject_with_the_place),
        cmocka_unit_test(an_unhandled_failure_of_import_is_reported),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
