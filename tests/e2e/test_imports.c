/* SPDX-License-Identifier: MIT */
/* Code from http: permissions hop by hop, what is asked of an answer, the cache, lock files, import maps, and
 * ends in the middle of it all. */
#include "host.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <sched.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/http.h"
#include "library.h"

static library_t *web, *far; /* two servers: two ports */
static char folder[64];

static int set_up(void **state) {
    (void)state;
    web = library_start();
    far = library_start();
    strcpy(folder, "/tmp/cay-imports-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static void remove_all(const char *path) {
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) {
        char name[600];
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && unlink(name)) {
            remove_all(name);
        }
    }
    if (d) {
        closedir(d);
    }
    rmdir(path);
}

static int tear_down(void **state) {
    (void)state;
    library_stop(web);
    library_stop(far);
    remove_all(folder);
    return 0;
}

/* "$W" and "$F" stand for the servers' hosts and ports, "$D" for the folder; the last few texts stay. */
static const char *fill(const char *text) {
    static char *ring[16];
    static unsigned next;
    char **slot = &ring[next++ % 16];
    free(*slot);
    size_t room = strlen(text) * 10 + 100, n = 0;
    char *out = *slot = malloc(room);
    assert_non_null(out);
    for (; *text; text++) {
        if (text[0] == '$' && (text[1] == 'W' || text[1] == 'F')) {
            n += (size_t)sprintf(out + n, "127.0.0.1:%d", library_port(text[1] == 'W' ? web : far));
            text++;
        } else if (text[0] == '$' && text[1] == 'D') {
            n += (size_t)sprintf(out + n, "%s", folder);
            text++;
        } else {
            out[n++] = *text;
        }
        assert_true(n + 100 < room);
    }
    out[n] = 0;
    return out;
}

static void put_file(const char *name, const char *text) {
    FILE *f = fopen(fill(name), "w");
    assert_non_null(f);
    fputs(fill(text), f);
    fclose(f);
}

static char *get_file(const char *name) {
    char *text = calloc(1, 65536);
    FILE *f = fopen(fill(name), "r");
    assert_non_null(f);
    assert_true(fread(text, 1, 65535, f) > 0);
    fclose(f);
    return text;
}

/* ---- workers ---- */

typedef struct plan {
    const char *url, *file, *source; /* one of them */
    const char *grants;              /* NULL: import=$W */
    const char *map, *lock, *root;
    uint64_t flags, children;
    cay_source_cb on_source;
    bool cached; /* with a cache in $D/cache */
} plan_t;

typedef struct run {
    cay_runtime_t *rt;
    cay_worker_t *w;
} run_t;

static cay_runtime_t *runtime(bool cached) {
    cay_runtime_options_t o = CAY_RUNTIME_OPTIONS_INIT;
    o.provider = cay_v8_provider();
    o.threads = 2;
    o.cache_dir = cached ? fill("$D/cache") : NULL;
    cay_runtime_t *rt = NULL;
    assert_int_equal(cay_runtime_new(&o, &rt, NULL), 0);
    return rt;
}

static void options_of(const plan_t *p, cay_worker_options_t *o, cay_permissions_t *set) {
    *o = (cay_worker_options_t)CAY_WORKER_OPTIONS_INIT;
    o->main_url = p->url ? fill(p->url) : NULL;
    o->main_file = p->file ? fill(p->file) : NULL;
    o->main_source = p->source ? fill(p->source) : NULL;
    o->permissions = set;
    o->import_map = p->map ? fill(p->map) : NULL;
    o->lock_file = p->lock ? fill(p->lock) : NULL;
    o->module_root = p->root ? fill(p->root) : NULL;
    o->flags = p->flags;
    o->child_permissions = p->children;
    o->on_source = p->on_source;
}

static run_t begin(const plan_t *p) {
    run_t r = {.rt = runtime(p->cached)};
    cay_permissions_t *set = host_grants(fill(p->grants ? p->grants : "import=$W"));
    cay_worker_options_t o;
    options_of(p, &o, set);
    r.w = host_spawn_with(r.rt, &o);
    cay_permissions_free(set);
    return r;
}

static void end(run_t *r) {
    cay_worker_free(r->w);
    host_shutdown(r->rt);
}

static void expect(const plan_t *p, const char *json) {
    run_t r = begin(p);
    host_expect(r.w, fill(json));
    end(&r);
}

/* The main module fails with a message that has the text. */
static void expect_failure(const plan_t *p, const char *text) {
    run_t r = begin(p);
    cay_event_t *ev = host_final(r.w);
    const char *message = ev->u.end.error.message;
    if (ev->u.end.reason != CAY_REASON_MAIN_MODULE || !message || !strstr(message, fill(text))) {
        fail_msg("\"%s\", expected \"%s\"", message ? message : "(no failure)", fill(text));
    }
    assert_string_equal(ev->u.end.error.name, "TypeError");
    cay_event_free(ev);
    end(&r);
}

static void expect_spawn_error(const plan_t *p, const char *text) {
    cay_runtime_t *rt = runtime(false);
    cay_worker_options_t o;
    options_of(p, &o, NULL);
    cay_worker_t *w = NULL;
    cay_error_t *err = NULL;
    assert_int_not_equal(cay_worker_spawn(rt, &o, &w, &err), 0);
    assert_null(w);
    if (!strstr(cay_error_message(err), fill(text))) {
        fail_msg("\"%s\", expected \"%s\"", cay_error_message(err), fill(text));
    }
    cay_error_free(err);
    host_shutdown(rt);
}

/* ---- the ways of a module ---- */

static void graphs_come_over_http(void **state) {
    (void)state;
    library_js(
        web, "/a/main.js",
        "import { b } from './b.js?q#f'; import d from '../d.json' assert { type: 'json' };\n"
        "export const all = [b, d.x, import.meta.url, (await import('/c.js')).c];");
    library_js(web, "/a/b.js?q", "export const b = import.meta.url;");
    library_js(web, "/c.js", "export const c = 'c';");
    library_put(web, "/d.json", "200 OK\r\ncontent-type: application/json; charset=utf-8",
                "{\"x\":7}");
    expect(&(plan_t){.source = "import { all } from 'http://$W/a/main.js'; postMessage(all);"},
           "[\"http://$W/a/b.js?q#f\",7,\"http://$W/a/main.js\",\"c\"]");
    assert_int_equal(library_requests(web, NULL), 4);
    put_file("$D/main.js", "import { c } from 'http://$W/c.js'; postMessage(c);");
    expect(&(plan_t){.file = "$D/main.js"}, "\"c\"");
}

static void without_the_permission_no_request_is_made(void **state) {
    (void)state;
    library_js(web, "/a.js", "");
    static const char hint[] = "import access to \"$W\"";
    static const char *const grants[] = {"",
                                         "net=$W",
                                         "import=$F",
                                         "import",
                                         "import=*;net;read",
                                         "import=$W;deny-import=127.0.0.1",
                                         "import=*:443,localhost:1"};
    for (size_t i = 0; i < sizeof grants / sizeof *grants; i++) {
        expect_failure(&(plan_t){.source = "import 'http://$W/a.js';", .grants = grants[i]},
                       i < 4 ? hint : "import access to \"127.0.0.1");
    }
    expect_failure(&(plan_t){.source = "import 'http://$W/a.js';", .grants = ""},
                   "--allow-import=$W");
    expect(&(plan_t){.source = "postMessage(await import('http://$W/a.js').catch((e) => e.name));",
                     .grants = ""},
           "\"TypeError\"");
    assert_int_equal(library_connections(web), 0);
}

/* Every name is this machine's. */
static int answer_loopback(void *ctx, const char *host,
                           int (*add)(void *list, const struct sockaddr *sa), void *list) {
    (void)ctx;
    (void)host;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return add(list, (const struct sockaddr *)&a);
}

static void names_do_not_lead_to_special_addresses(void **state) {
    (void)state;
    library_js(web, "/a.js", "postMessage(1)");
    char url[100], main_url[100];
    snprintf(url, sizeof url, "import 'http://name.test:%d/a.js'", library_port(web));
    snprintf(main_url, sizeof main_url, "http://name.test:%d/a.js", library_port(web));
    static const char *const grants[] = {"import=name.test", "import=*", "import",
                                         "import=*.test;net;read"};
    cay__resolve_hook(answer_loopback, NULL);
    for (size_t i = 0; i < sizeof grants / sizeof *grants; i++) {
        expect_failure(&(plan_t){.source = url, .grants = grants[i]}, "loopback address 127.0.0.1");
    }
    library_put(web, "/away.js", "302 Found\r\nlocation: http://name.test/", "");
    expect_failure(&(plan_t){.source = "import 'http://$W/away.js'", .grants = "import=$W,*.test"},
                   "loopback address 127.0.0.1");
    assert_int_equal(library_requests(web, NULL), 1);
    expect(&(plan_t){.source = url, .grants = "import=name.test,127.0.0.1"}, "1");
    expect(&(plan_t){.url = main_url, .grants = ""}, "1"); /* its creator asked for it */
    cay__resolve_hook(NULL, NULL);
}

static void the_main_module_needs_no_grant_what_it_imports_does(void **state) {
    (void)state;
    library_js(web, "/main.js", "postMessage(import.meta.url);");
    library_js(web, "/imports.js", "import './main.js';");
    expect(&(plan_t){.url = "http://$W/main.js#f", .grants = ""}, "\"http://$W/main.js#f\"");
    expect_failure(&(plan_t){.url = "http://$W/imports.js", .grants = ""},
                   "import access to \"$W\"");
    expect(&(plan_t){.url = "http://$W/imports.js"}, "\"http://$W/main.js\"");
}

static void redirects_name_the_module(void **state) {
    (void)state;
    library_put(web, "/old.js", "302 Found\r\nlocation: /new/m.js", "");
    library_put(web, "/older.js", "307 Temporary Redirect\r\nlocation: /old.js", "");
    library_js(web, "/new/m.js",
               "globalThis.n = (globalThis.n ?? 0) + 1; export const url = import.meta.url;\n"
               "export { p } from './p.js';");
    library_js(web, "/new/p.js", "export const p = 'p';");
    expect(
        &(plan_t){
            .source =
                "import * as a from 'http://$W/old.js'; import * as b from 'http://$W/new/m.js';\n"
                "import * as c from 'http://$W/older.js'; const d = await "
                "import('http://$W/old.js');\n"
                "postMessage([a === b, b === c, c === d, n, a.url, a.p]);"},
        "[true,true,true,1,\"http://$W/new/m.js\",\"p\"]");
    expect(&(plan_t){.source = "const a = await import('http://$W/old.js#x');\n"
                               "postMessage([a.url, await import('http://$W/old.js#x') === a]);"},
           "[\"http://$W/new/m.js#x\",true]");
    library_js(web, "/new/m.js", "postMessage([import.meta.url, location.href]);");
    expect(&(plan_t){.url = "http://$W/old.js", .grants = ""},
           "[\"http://$W/new/m.js\",\"http://$W/old.js\"]");
}

static void each_hop_of_a_redirect_is_asked_for(void **state) {
    (void)state;
    library_put(web, "/away.js", fill("302 Found\r\nlocation: http://$F/m.js"), "");
    library_put(web, "/loop.js", "302 Found\r\nlocation: /loop.js", "");
    library_put(web, "/file.js", "302 Found\r\nlocation: file:///etc/passwd", "");
    library_js(far, "/m.js", "postMessage(import.meta.url);");
    expect_failure(&(plan_t){.source = "import 'http://$W/away.js';"}, "import access to \"$F\"");
    /* The creator of a root asked for one host, not for where that sends it. */
    expect_failure(&(plan_t){.url = "http://$W/away.js", .grants = ""}, "import access to \"$F\"");
    assert_int_equal(library_connections(far), 0);
    expect(&(plan_t){.source = "import 'http://$W/away.js';", .grants = "import=$W,$F"},
           "\"http://$F/m.js\"");
    expect(&(plan_t){.url = "http://$W/away.js", .grants = "import=$F"}, "\"http://$F/m.js\"");
    expect_failure(&(plan_t){.source = "import 'http://$W/loop.js';"}, "redirect");
    expect_failure(&(plan_t){.source = "import 'http://$W/file.js';"},
                   "Cannot load \"http://$W/file.js\"");
}

static void what_is_no_module_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *head, *body, *error;
    } pages[] = {
        {"404 Not Found\r\ncontent-type: text/javascript", "1;",
         "the server answered with status 404"},
        {"500 Oops\r\ncontent-type: text/javascript", "1;", "status 500"},
        {"304 Not Modified\r\ncontent-type: text/javascript", "", "status 304"},
        {"200 OK", "1;", "without a content type"},
        {"200 OK\r\ncontent-type: text/plain", "1;",
         "its type \"text/plain\" is not that of a JavaScript"},
        {"200 OK\r\ncontent-type: text/html; charset=utf-8", "1;",
         "its type \"text/html; charset=utf-8\""},
        {"200 OK\r\ncontent-type: application/json", "1", "is not that of a JavaScript"},
        {"200 OK\r\ncontent-type: text/javascriptx", "1;", "is not that of a JavaScript"},
        {"200 OK\r\ncontent-type: application/typescript", "1;", "cay runs JavaScript only"},
        {"200 OK\r\ncontent-type: video/mp2t", "1;", "cay runs JavaScript only"},
        {"200 OK\r\ncontent-type: text/javascript", "'\xe9';", "it is not valid UTF-8 (at byte 1)"},
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        library_put(web, "/x.js", pages[i].head, pages[i].body);
        expect_failure(&(plan_t){.source = "import 'http://$W/x.js';"}, pages[i].error);
    }
    library_put(web, "/x.js", "200 OK\r\ncontent-type: TEXT/ecmascript ;x=y", "postMessage(1)");
    expect(&(plan_t){.source = "import 'http://$W/x.js';"}, "1");
    library_js(web, "/x.js", "1");
    expect_failure(&(plan_t){.source = "import 'http://$W/x.js' assert { type: 'json' };"},
                   "is not that of a JSON");
    library_fill(web, "/big.js", 65u << 20);
    expect_failure(&(plan_t){.source = "import 'http://$W/big.js';"},
                   "Cannot load \"http://$W/big.js\"");
    expect_failure(&(plan_t){.source = "import 'http://user:pw@$W/x.js';"},
                   "a user name or password");
}

static void code_from_http_imports_no_files(void **state) {
    (void)state;
    put_file(
        "$D/main.js",
        "const t = (p) => p.then((m) => m.default, (e) => e.message.includes('may not import "
        "files') || e.message);\n"
        "import local from './local.js';\n"
        "const all = [local];\n"
        "for (const n of ['static', 'dynamic', 'data', 'datalater', 'nested']) "
        "all.push(await t(import(`http://$W/${n}.js`)));\n"
        "const own = 'data:text/javascript,' + encodeURIComponent('export { default } from "
        "\"file://$D/local.js\"');\n"
        "all.push(await t(import(own)), (await import('http://$W/same.js')).default);\n"
        "const w = new Worker(own.replace('export', 'import "
        "\"file://$D/local.js\";postMessage(1);export'), "
        "{ type: 'module' });\n"
        "w.onerror = (e) => { e.preventDefault(); all.push(/may not import "
        "files/.test(e.message)); "
        "postMessage(all); };\n"
        "w.onmessage = () => { all.push('the worker of a file read it'); postMessage(all); };");
    put_file("$D/local.js", "export default 'local';");
    library_js(web, "/static.js", fill("export { default } from 'file://$D/local.js';"));
    library_js(web, "/dynamic.js",
               fill("export default (await import('file://$D/local.js')).default;"));
    library_js(web, "/data.js",
               fill("export { default } from 'data:text/javascript,export { default } from "
                    "\"file://$D/local.js\"';"));
    library_js(web, "/datalater.js",
               fill("export { default } from 'data:text/javascript,export default (await "
                    "import(\"file://$D/local.js\")).default';"));
    library_js(
        web, "/nested.js",
        fill("export { default } from 'data:text/javascript,export { default } from "
             "\"data:text/javascript,export { default } from %2522file://$D/local.js%2522\"';"));
    /* The same text as data: URL is another module for code that may do more. */
    library_js(
        web, "/same.js",
        fill("const own = 'data:text/javascript,' + encodeURIComponent('export { default } from "
             "\"file://$D/local.js\"');\n"
             "export default await import(own).then(() => 'it came', () => 'refused');"));
    expect(&(plan_t){.file = "$D/main.js", .grants = "import=$W;read=$D"},
           "[\"local\",true,true,true,true,true,\"local\",\"refused\",\"the worker of a file read "
           "it\"]");
}

static void nested_workers_load_with_what_their_parents_may(void **state) {
    (void)state;
    library_js(web, "/child.js",
               "postMessage('main');\n"
               "import('./b.js').then(() => postMessage('b'), (e) => "
               "postMessage(e.message.includes("
               "'creator can pass it on with { cay: { permissions: { import: ')));");
    library_js(web, "/b.js", "");
    static const char source[] =
        "const w = new Worker('http://$W/child.js', { type: 'module' });\n"
        "w.onmessage = (e) => postMessage(e.data); w.onerror = (e) => e.preventDefault();\n"
        "w.onclose = (e) => postMessage([e.reason, e.error?.message]);";
    run_t r = begin(&(plan_t){.source = source});
    host_expect(r.w, "\"main\"");
    host_expect(r.w, "true"); /* children may nothing unless told */
    end(&r);
    r = begin(&(plan_t){.source = source, .children = CAY_CHILDREN_INHERIT});
    host_expect(r.w, "\"main\"");
    host_expect(r.w, "\"b\"");
    end(&r);
    r = begin(&(plan_t){.source = source, .grants = ""});
    host_expect(r.w, "[\"main module failed\",null]");
    end(&r);
}

static void three_hundred_modules_at_once(void **state) {
    (void)state;
    char source[40000] = "", *at = source;
    for (int i = 0; i < 300; i++) {
        char path[40], text[80];
        snprintf(path, sizeof path, "/m%d.js", i);
        snprintf(text, sizeof text, "export default %d;", i);
        library_js(web, path, text);
        at += sprintf(at, "import m%d from 'http://$W/m%d.js';\n", i, i);
    }
    sprintf(at, "postMessage(m0 + m150 + m299);");
    expect(&(plan_t){.source = source}, "449");
    assert_int_equal(library_requests(web, NULL), 300);
    assert_true(library_connections(web) <= 16);
}

/* ---- the cache ---- */

static const char counted[] = "import { n } from 'http://$W/n.js'; postMessage(n);";

static void cached_code_is_used_without_a_request(void **state) {
    (void)state;
    library_js(web, "/n.js", "export const n = 1;");
    library_put(web, "/r.js", "302 Found\r\nlocation: /n.js", "");
    expect(&(plan_t){.source = counted, .cached = true}, "1");
    library_js(web, "/n.js", "export const n = 2;");
    expect(&(plan_t){.source = counted, .cached = true}, "1");
    assert_int_equal(library_requests(web, NULL), 1);
    expect(&(plan_t){.source = counted}, "2");
    expect(&(plan_t){.source = counted, .cached = true, .flags = CAY_WORKER_RELOAD}, "2");
    assert_int_equal(library_requests(web, NULL), 3);
    expect(&(plan_t){.source = counted, .cached = true, .flags = CAY_WORKER_CACHED_ONLY}, "2");
    assert_int_equal(library_requests(web, NULL), 3);
    static const char redirected[] = "import { n } from 'http://$W/r.js'; postMessage(n);";
    expect_failure(&(plan_t){.source = redirected, .cached = true, .flags = CAY_WORKER_CACHED_ONLY},
                   "only cached code is to be used, and it is not in the cache");
    expect_failure(&(plan_t){.source = counted, .flags = CAY_WORKER_CACHED_ONLY},
                   "is not in the cache");
    expect(&(plan_t){.source = redirected, .cached = true}, "2");
    assert_int_equal(library_requests(web, NULL), 5);
    expect(&(plan_t){.source = redirected, .cached = true}, "2");
    assert_int_equal(library_requests(web, NULL), 5);
}

static void cached_code_needs_the_permission_too(void **state) {
    (void)state;
    library_js(far, "/m.js", "postMessage(1);");
    library_put(web, "/away.js", fill("302 Found\r\nlocation: http://$F/m.js"), "");
    static const char source[] = "import 'http://$W/away.js';";
    expect(&(plan_t){.source = source, .grants = "import=$W,$F", .cached = true}, "1");
    expect_failure(&(plan_t){.source = source, .grants = "import=$F", .cached = true},
                   "import access to \"$W\"");
    expect_failure(&(plan_t){.source = source, .grants = "import=$W", .cached = true},
                   "import access to \"$F\"");
    expect_failure(&(plan_t){.source = source,
                             .grants = "import=$W",
                             .cached = true,
                             .flags = CAY_WORKER_CACHED_ONLY},
                   "import access to \"$F\"");
}

/* The one file in the cache. */
static void entry_path(char *out, size_t size) {
    const char *at = fill("$D/cache");
    snprintf(out, size, "%s", at);
    for (int i = 0; i < 2; i++) {
        DIR *d = opendir(out);
        assert_non_null(d);
        for (struct dirent *e; (e = readdir(d));) {
            if (e->d_name[0] != '.') {
                size_t n = strlen(out);
                snprintf(out + n, size - n, "/%s", e->d_name);
                break;
            }
        }
        closedir(d);
    }
}

static void a_damaged_entry_is_fetched_again(void **state) {
    (void)state;
    library_js(web, "/n.js", "export const n = 1;");
    expect(&(plan_t){.source = counted, .cached = true}, "1");
    char path[400];
    entry_path(path, sizeof path);
    FILE *f = fopen(path, "r+");
    fseek(f, -2, SEEK_END);
    fputc('7', f);
    fclose(f);
    expect_failure(&(plan_t){.source = counted, .cached = true, .flags = CAY_WORKER_CACHED_ONLY},
                   "not in the cache");
    expect(&(plan_t){.source = counted, .cached = true}, "1");
    expect(&(plan_t){.source = counted, .cached = true}, "1");
    assert_int_equal(library_requests(web, NULL), 2);
}

static void a_cache_of_others_is_not_used(void **state) {
    (void)state;
    library_js(web, "/n.js", "export const n = 1;");
    expect(&(plan_t){.source = counted, .cached = true}, "1");
    assert_int_equal(chmod(fill("$D/cache"), 0777), 0);
    expect(&(plan_t){.source = counted, .cached = true}, "1");
    assert_int_equal(library_requests(web, NULL), 2);
    expect_failure(&(plan_t){.source = counted, .cached = true, .flags = CAY_WORKER_CACHED_ONLY},
                   "others may write");
}

/* ---- lock files ---- */

static const char locked[] =
    "import { n } from 'http://$W/n.js'; import 'http://$W/r.js'; postMessage(n);";

static void lock_files_hold_code_to_what_it_was(void **state) {
    (void)state;
    library_js(web, "/n.js", "export const n = 1;");
    library_put(web, "/r.js", "302 Found\r\nlocation: /n.js", "");
    plan_t p = {.source = locked, .lock = "$D/lock.json", .flags = CAY_WORKER_LOCK_WRITE};
    expect(&p, "1");
    char *before = get_file("$D/lock.json");
    assert_non_null(strstr(before, fill("\"http://$W/n.js\": \"sha256-")));
    assert_non_null(
        strstr(before, fill("\"redirects\": {\n    \"http://$W/r.js\": \"http://$W/n.js\"")));
    p.flags = 0;
    expect(&p, "1");
    library_js(web, "/n.js", "export const n = 2;");
    expect_failure(
        &p, "http://$W/n.js is not what the lock file \"$D/lock.json\" says: expected sha256-");
    p.flags = CAY_WORKER_LOCK_WRITE;
    expect_failure(&p, "expected sha256-");
    char *after = get_file("$D/lock.json");
    assert_string_equal(before, after);
    free(before);
    free(after);
    unsigned requests = library_requests(web, NULL);
    expect_failure(
        &(plan_t){.source = "import 'http://$W/other.js';", .lock = "$D/lock.json"},
        "other.js\": it is not in the lock file \"$D/lock.json\"; --lock-write would add it");
    assert_int_equal(library_requests(web, NULL), requests);
    put_file("$D/bad.json", "{\"version\":3}");
    expect_spawn_error(&(plan_t){.source = "1", .lock = "$D/bad.json"},
                       "lock file \"$D/bad.json\": version");
    expect_spawn_error(&(plan_t){.source = "1", .lock = "$D/none.json"},
                       "lock file \"$D/none.json\"");
}

static void cached_code_is_held_to_the_lock_file(void **state) {
    (void)state;
    plan_t p = {.source = counted, .lock = "$D/lock.json", .flags = CAY_WORKER_LOCK_WRITE};
    library_js(web, "/n.js", "export const n = 2;");
    expect(&p, "2");
    library_js(web, "/n.js", "export const n = 1;");
    expect(&(plan_t){.source = counted, .cached = true}, "1");
    p.cached = true;
    p.flags = CAY_WORKER_CACHED_ONLY;
    expect_failure(&p, "is not what the lock file");
    library_js(web, "/n.js", "export const n = 2;");
    p.flags = 0; /* what is cached is not it, what the server has is */
    expect(&p, "2");
    p.flags = CAY_WORKER_CACHED_ONLY;
    expect(&p, "2");
}

static void imports_at_run_time_come_into_the_lock_file_before_they_run(void **state) {
    (void)state;
    library_js(web, "/n.js", "export const n = 1;");
    library_js(web, "/late.js", "export default 'late';");
    run_t r = begin(&(plan_t){
        .source =
            "import { n } from 'http://$W/n.js'; postMessage(n);\n"
            "onmessage = async () => postMessage((await import('http://$W/late.js')).default);",
        .lock = "$D/lock.json",
        .flags = CAY_WORKER_LOCK_WRITE});
    host_expect(r.w, "1");
    char *text = get_file("$D/lock.json");
    assert_null(strstr(text, "late"));
    free(text);
    host_post(r.w, "0");
    host_expect(r.w, "\"late\"");
    text = get_file("$D/lock.json");
    assert_non_null(strstr(text, "late"));
    free(text);
    end(&r);
}

/* ---- import maps ---- */

static void import_maps_name_modules(void **state) {
    (void)state;
    library_js(web, "/lib/index.js",
               "export { v } from '#part'; export const url = import.meta.url;");
    library_js(web, "/lib/part.js",
               "export const v = 'v'; export const at = import.meta.resolve('#part');");
    put_file("$D/main.js", "import { v, url } from 'lib'; import { at } from 'lib/part.js'; import "
                           "own from './moved.js';\n"
                           "const t = (s) => import(s).then(() => 'came', (e) => e.message);\n"
                           "const w = new Worker('./child.js', { type: 'module' });\n"
                           "w.onmessage = async (e) => postMessage([v, url, at, own, e.data, "
                           "import.meta.resolve('lib/x'),\n"
                           "  await t('never'), (await t('#part')).slice(0, 22), (await "
                           "t('lib/../x')).slice(0, 24)]);");
    put_file("$D/own.js", "export default 'own';");
    put_file("$D/child.js", "import own from 'own'; postMessage(own);");
    static const char map[] = "{\"imports\":{\"lib\":\"http://$W/lib/index.js\",\"lib/\":\"http://"
                              "$W/lib/\",\"own\":\"./own.js\","
                              "\"./moved.js\":\"./own.js\",\"never\":null},\"scopes\":{\"http://$W/"
                              "lib/\":{\"#part\":\"http://$W/lib/part.js\"}}}";
    expect(&(plan_t){.file = "$D/main.js", .map = map},
           "[\"v\",\"http://$W/lib/index.js\",\"http://$W/lib/part.js\",\"own\",\"own\",\"http://"
           "$W/lib/x\","
           "\"the import map blocks \\\"never\\\"\",\"\\\"#part\\\" is a bare "
           "spec\",\"\\\"lib/../x\\\" leads out of \"]");
    expect_spawn_error(&(plan_t){.source = "1", .map = "{\"import\":{}}"},
                       "import map: unknown key \"import\"");
    /* A worker's own URL is not looked up. */
    put_file("$D/main.js", "const w = new Worker('./own.js', { type: 'module' }); w.onmessage = "
                           "(e) => postMessage(e.data);");
    put_file("$D/own.js", "postMessage('own');");
    expect(&(plan_t){.file = "$D/main.js", .map = "{\"imports\":{\"./own.js\":\"./none.js\"}}"},
           "\"own\"");
}

static void import_maps_check_integrity(void **state) {
    (void)state;
#define EMPTY "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    library_js(web, "/empty.js", "");
    library_js(web, "/full.js", "1;");
    library_put(web, "/moved.js", "302 Found\r\nlocation: /full.js", "");
    put_file("$D/empty.js", "");
    put_file("$D/full.js", "1;");
    static const char map[] =
        "{\"integrity\":{\"http://$W/empty.js\":\"" EMPTY "\",\"http://$W/full.js\":\"" EMPTY
        "\",\"./empty.js\":\"" EMPTY "\",\"./full.js\":\"" EMPTY
        "\",\"data:text/javascript,\":\"" EMPTY "\",\"data:text/javascript,1\":\"" EMPTY "\"}}";
    put_file(
        "$D/main.js",
        "const t = (s) => import(s).then(() => 'came', (e) => e.message.includes('expected " EMPTY
        ", found sha256-') || e.message);\n"
        "const all = []; for (const s of ['http://$W/empty.js', 'http://$W/full.js', "
        "'http://$W/moved.js', "
        "'./empty.js', './full.js', 'data:text/javascript,', 'data:text/javascript,1']) "
        "all.push(await t(s));\n"
        "postMessage(all);");
    expect(&(plan_t){.file = "$D/main.js", .map = map},
           "[\"came\",true,true,\"came\",true,\"came\",true]");
}

static void answer_mapped(cay_source_t *s, void *user) {
    (void)user;
    const char *url = cay_source_url(s);
    if (url && strcmp(url, "app:lib") == 0) {
        assert_int_equal(cay_source_reply(s, NULL, "export default 'from the host';", 31), 0);
    } else if (!url) {
        assert_int_equal(cay_source_reply(s, NULL, "export default 'bare';", 22), 0);
    } else {
        cay_source_pass(s);
    }
}

static void the_host_is_asked_for_what_the_map_gives(void **state) {
    (void)state;
    library_js(web, "/n.js", "export default 'http';");
    expect(
        &(plan_t){
            .source =
                "import a from 'lib'; import b from 'other'; import c from 'http://$W/n.js';\n"
                "postMessage([a, b, c, await import('no').catch((e) => e.message)]);",
            .map = "{\"imports\":{\"lib\":\"app:lib\",\"no\":null}}",
            .on_source = answer_mapped},
        "[\"from the host\",\"bare\",\"http\",\"the import map blocks \\\"no\\\"\"]");
}

/* ---- ends in the middle ---- */

static void wait_hanging(unsigned count) {
    double until = host_ms() + WAIT_MS;
    while (library_hanging(web) != count) {
        assert_true(host_ms() < until);
        sched_yield();
    }
}

/* Says when all have been asked for: loads begin at the end of the task. */
static const char hundred[] =
    "const t = {}; const all = Array.from({ length: 100 }, (_, i) => import('http://$W/hang.js?' + "
    "i));\n"
    "setTimeout(() => postMessage('asked'));\n"
    "Promise.allSettled(all).then((list) => { for (const { reason } of list) "
    "{ const k = /was revoked/.test(reason.message) ? 'revoked' : reason.message; t[k] = (t[k] ?? "
    "0) + 1; } postMessage(t); });\n"
    "onmessage = async () => postMessage((await import('http://$W/n.js').catch((e) => "
    "e.message.includes('import access'))));";

static void hang_all(void) {
    for (int i = 0; i < 100; i++) {
        char path[40];
        snprintf(path, sizeof path, "/hang.js?%d", i);
        library_hang(web, path);
    }
}

static void a_revocation_ends_all_imports_under_way(void **state) {
    (void)state;
    hang_all();
    run_t r = begin(&(plan_t){.source = hundred});
    host_expect(r.w, "\"asked\"");
    wait_hanging(16);
    assert_int_equal(cay_worker_revoke(r.w, CAY_KIND_IMPORT, NULL, NULL), 0);
    host_expect(r.w, "{\"revoked\":100}");
    wait_hanging(0);
    unsigned requests = library_requests(web, NULL);
    assert_int_equal(requests, 16);
    host_post(r.w, "0");
    host_expect(r.w, "true");
    end(&r);
    assert_int_equal(library_requests(web, NULL), requests);
}

static void a_revocation_between_a_redirect_and_its_end_counts(void **state) {
    (void)state;
    library_put(web, "/away.js", fill("302 Found\r\nlocation: http://$F/m.js"), "");
    library_hang(far, "/m.js");
    run_t r = begin(&(plan_t){.source = "postMessage(await import('http://$W/away.js').catch((e) "
                                        "=> e.message.includes('revoked')))",
                              .grants = "import=$W,$F"});
    double until = host_ms() + WAIT_MS;
    while (library_hanging(far) != 1) {
        assert_true(host_ms() < until);
        sched_yield();
    }
    assert_int_equal(cay_worker_revoke(r.w, CAY_KIND_IMPORT, fill("$W"), NULL), 0);
    host_expect(r.w, "true");
    end(&r);
}

static void workers_end_in_the_middle_of_imports(void **state) {
    (void)state;
    hang_all();
    unsigned fds = host_fds();
    for (int i = 0; i < 10; i++) {
        run_t r = begin(&(plan_t){.source = hundred});
        if (i % 2) {
            wait_hanging(16);
        }
        double start = host_ms();
        cay_worker_terminate(r.w);
        assert_int_equal(cay_worker_join(r.w, WAIT_MS), 0);
        assert_true(host_ms() - start < 5000);
        end(&r);
        wait_hanging(0);
    }
    assert_int_equal(host_fds(), fds);
}

static void an_import_under_way_is_no_quiet(void **state) {
    (void)state;
    library_hang(web, "/slow.js");
    run_t r = begin(&(plan_t){
        .source =
            "import('http://$W/slow.js').catch((e) => postMessage(e.message.includes('revoked')));",
        .flags = CAY_WORKER_CLOSE_WHEN_QUIET});
    wait_hanging(1);
    assert_int_equal(cay_worker_revoke(r.w, CAY_KIND_IMPORT, NULL, NULL), 0);
    host_expect(r.w, "true");
    host_expect_end(r.w, CAY_REASON_CLOSED);
    end(&r);
}

/* ---- memory ---- */

/* A worker with all there is: a map, a lock file, a cache, redirects, JSON. It says something, or it ends. Whether
 * an allocation failed. */
static bool live_once(cay_runtime_t *rt, const cay_worker_options_t *o) {
    cay_worker_t *w = NULL;
    cay_error_t *err = NULL;
    int rc = cay_worker_spawn(rt, o, &w, &err);
    if (rc && rc != CAY_ENOMEM) {
        fail_msg("spawn: %s", cay_error_message(err));
    }
    cay_error_free(err);
    bool over = rc != 0;
    double until = host_ms() + 2000;
    while (!over && host_ms() < until) {
        cay_event_t *ev = NULL;
        rc = cay_worker_next_event(w, 100, &ev);
        over = rc == 0 && (ev->type == CAY_EVENT_MESSAGE || cay_event_is_final(ev));
        cay_event_free(ev);
    }
    bool hit = cay__mem_failed_process();
    cay__mem_fail_process(0, false);
    if (w) {
        cay_worker_terminate(w);
        assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
        cay_worker_free(w);
    }
    unlink(fill("$D/lock.json"));
    return hit;
}

static void wait_memory(int64_t live, uint64_t n) {
    double until = host_ms() + 10000;
    while (cay__mem_live() != live) {
        if (host_ms() > until) {
            fail_msg("n = %llu: %lld blocks are still there", (unsigned long long)n,
                     (long long)(cay__mem_live() - live));
        }
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    }
}

static void failed_allocations_leave_nothing(void **state) {
    (void)state;
    library_js(web, "/a.js",
               "export { b } from 'b'; import '/old.js'; import d from '/d.json' assert { type: "
               "'json' };");
    library_js(web, "/b.js", "export const b = 'b';");
    library_put(web, "/old.js", "302 Found\r\nlocation: /b.js", "");
    library_put(web, "/d.json", "200 OK\r\ncontent-type: application/json", "{}");
    put_file("$D/main.js",
             "import { b } from 'http://$W/a.js'; import('file://$D/sub.js'); postMessage(b);");
    put_file("$D/sub.js", "");
    cay_runtime_t *rt = runtime(true);
    cay_permissions_t *set = host_grants(fill("import=$W;read=$D"));
    plan_t p = {.file = "$D/main.js",
                .map = "{\"imports\":{\"b\":\"http://$W/b.js\"}}",
                .lock = "$D/lock.json",
                .root = "/usr",
                .flags = CAY_WORKER_LOCK_WRITE};
    cay_worker_options_t o;
    options_of(&p, &o, set);
    cay_worker_t *w = host_spawn_with(rt, &o);
    host_expect(w, "\"b\"");
    cay_worker_free(w);
    for (int i = 0; i < 3; i++) {
        live_once(rt, &o);
    }
    nanosleep(&(struct timespec){.tv_nsec = 50000000},
              NULL); /* what is made once is there by now */
    int64_t live = cay__mem_live();
    uint64_t n = 1, step = host_count("CAY_SWEEP_STEP", 23);
    for (int without = 0, i = 0; without < 3; n += step, i++) {
        p.flags = CAY_WORKER_LOCK_WRITE | (i % 2 ? CAY_WORKER_RELOAD : 0);
        options_of(&p, &o, set);
        cay__mem_fail_process(n, false);
        without = live_once(rt, &o) ? 0 : without + 1;
        wait_memory(live, n);
    }
    assert_true(n > 300);
    print_message("  a life makes %llu allocations\n", (unsigned long long)n);
    live_once(rt, &o);
    cay_permissions_free(set);
    host_shutdown(rt);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(graphs_come_over_http),
        TEST(without_the_permission_no_request_is_made),
        TEST(names_do_not_lead_to_special_addresses),
        TEST(the_main_module_needs_no_grant_what_it_imports_does),
        TEST(redirects_name_the_module),
        TEST(each_hop_of_a_redirect_is_asked_for),
        TEST(what_is_no_module_is_refused),
        TEST(code_from_http_imports_no_files),
        TEST(nested_workers_load_with_what_their_parents_may),
        TEST(three_hundred_modules_at_once),
        TEST(cached_code_is_used_without_a_request),
        TEST(cached_code_needs_the_permission_too),
        TEST(a_damaged_entry_is_fetched_again),
        TEST(a_cache_of_others_is_not_used),
        TEST(lock_files_hold_code_to_what_it_was),
        TEST(cached_code_is_held_to_the_lock_file),
        TEST(imports_at_run_time_come_into_the_lock_file_before_they_run),
        TEST(import_maps_name_modules),
        TEST(import_maps_check_integrity),
        TEST(the_host_is_asked_for_what_the_map_gives),
        TEST(a_revocation_ends_all_imports_under_way),
        TEST(a_revocation_between_a_redirect_and_its_end_counts),
        TEST(workers_end_in_the_middle_of_imports),
        TEST(an_import_under_way_is_no_quiet),
        TEST(failed_allocations_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
