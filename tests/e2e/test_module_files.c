/* SPDX-License-Identifier: MIT */
/* Modules from files: below the module root, and elsewhere with the read permission; links, denials, and what is no
 * text. */
#include "host.h"

#include <fcntl.h>
#include <sys/stat.h>
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

/* The main module failed, with a TypeError that has the text, told at line 1, column 8 of `file` (NULL: anywhere). */
static void check_failure(const cay_event_t *ev, const char *message, const char *file) {
    const cay_error_info_t *e = &ev->u.end.error;
    assert_int_equal(ev->u.end.reason, CAY_REASON_MAIN_MODULE);
    assert_string_equal(e->name, "TypeError");
    if (!strstr(e->message, message)) {
        fail_msg("\"%s\", expected \"%s\"", e->message, message);
    }
    if (file && (!e->file || strcmp(e->file, file) != 0 || e->line != 1 || e->column != 8)) {
        fail_msg("\"%s\" at %s:%u:%u, expected %s:1:8", e->message, e->file, e->line, e->column,
                 file);
    }
}

typedef struct tree {
    char root[64]; /* holds in/ (the module root) and out/ */
    char path[200];
} tree_t;

static const char *at(tree_t *t, const char *name) {
    snprintf(t->path, sizeof t->path, "%s/%s", t->root, name);
    return t->path;
}

static void write_bytes(tree_t *t, const char *name, const char *bytes, size_t len) {
    FILE *f = fopen(at(t, name), "we");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    fclose(f);
}

static void write_text(tree_t *t, const char *name, const char *text) {
    write_bytes(t, name, text, strlen(text));
}

static void plant(tree_t *t) {
    strcpy(t->root, "/tmp/cay-modules-XXXXXX");
    assert_non_null(mkdtemp(t->root));
    assert_int_equal(mkdir(at(t, "in"), 0755), 0);
    assert_int_equal(mkdir(at(t, "in/sub"), 0755), 0);
    assert_int_equal(mkdir(at(t, "out"), 0755), 0);
    write_text(t, "out/secret.js", "export default 'secret';");
    write_text(t, "in/a.js", "export const a = 'a';");
    write_text(
        t, "in/sub/b.js",
        "import { a } from '../a.js'; export const b = a + 'b'; export const u = import.meta.url;");
    write_text(t, "in/sp ace%23.js", "export default 'space';");
    write_bytes(t, "in/bom.js",
                "\xef\xbb\xbf"
                "export default 'bom';",
                24);
    write_bytes(t, "in/latin.js", "export default '\xe9';", 19);
    write_text(t, "in/data.json", "[1]");
    write_text(t, "in/echo.js", "onmessage = (e) => postMessage(e.data); postMessage('up');");
    assert_int_equal(symlink("../out/secret.js", at(t, "in/leak.js")), 0);
    assert_int_equal(symlink("a.js", at(t, "in/link.js")), 0);
    assert_int_equal(symlink("../out", at(t, "in/leakdir")), 0);
    assert_int_equal(symlink("loop.js", at(t, "in/loop.js")), 0);
    assert_int_equal(mkfifo(at(t, "in/fifo.js"), 0600), 0);
    write_text(t, "in/huge.js", "1;");
    assert_int_equal(truncate(at(t, "in/huge.js"), 65ll << 20), 0);
}

static void uproot(tree_t *t) {
    static const char *const names[] = {
        "out/secret.js", "in/a.js",      "in/sub/b.js", "in/sp ace%23.js", "in/bom.js",
        "in/latin.js",   "in/data.json", "in/echo.js",  "in/leak.js",      "in/link.js",
        "in/leakdir",    "in/loop.js",   "in/fifo.js",  "in/huge.js",      "in/main.js"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unlink(at(t, names[i]));
    }
    rmdir(at(t, "in/sub"));
    rmdir(at(t, "in"));
    rmdir(at(t, "out"));
    assert_int_equal(rmdir(t->root), 0);
}

/* Runs `source` as in/main.js; `%` in `expected` stands for the tree's root. */
static char *with_root(const tree_t *t, const char *text) {
    char *out = calloc(1, 4096);
    assert_non_null(out);
    for (size_t n = 0; *text; text++) {
        n += *text == '%' ? (size_t)sprintf(out + n, "%s", t->root) : (out[n] = *text, 1);
    }
    return out;
}

static const char *grants; /* of the next run_file */

static cay_worker_t *run_file(tree_t *t, const char *source) {
    write_text(t, "in/main.js", source);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    char *text = with_root(t, grants ? grants : "");
    cay_permissions_t *set = host_grants(text);
    free(text);
    o.permissions = set;
    char path[200];
    strcpy(path, at(t, "in/main.js"));
    o.main_file = path;
    cay_worker_t *w = host_spawn_with(rt, &o);
    cay_permissions_free(set);
    return w;
}

static void expect_file(tree_t *t, const char *source, const char *expected) {
    cay_worker_t *w = run_file(t, source);
    char *json = with_root(t, expected);
    host_expect(w, json);
    free(json);
    cay_worker_free(w);
}

static void expect_file_failure(tree_t *t, const char *source, const char *message) {
    cay_worker_t *w = run_file(t, source);
    cay_event_t *ev = host_final(w);
    char *text = with_root(t, message), *file = with_root(t, "file://%/in/main.js");
    check_failure(ev, text, file);
    free(text);
    free(file);
    cay_event_free(ev);
    cay_worker_free(w);
}

static void files_import_files(void **state) {
    (void)state;
    tree_t t;
    plant(&t);
    expect_file(&t,
                "import { a } from './a.js'; import { b, u } from './sub/../sub/b.js'; import s "
                "from './sp%20ace%2523.js';\n"
                "import bom from './bom.js'; import { a as l } from './link.js';\n"
                "import d from './data.json' assert { type: 'json' };\n"
                "const m = await import('./sub/b.js');\n"
                "postMessage([a, b, u, s, bom, l, d, m.b]);",
                "[\"a\",\"ab\",\"file://%/in/sub/b.js\",\"space\",\"bom\",\"a\",[1],\"ab\"]");
    expect_file(&t,
                "postMessage([import.meta.url, import.meta.resolve('../x.js'), "
                "import.meta.resolve('data:,')]);",
                "[\"file://%/in/main.js\",\"file://%/x.js\",\"data:,\"]");
    expect_file(&t,
                "try { import.meta.resolve('bare'); } catch (e) { postMessage([e.name, "
                "e.message.slice(0, 26)]); }",
                "[\"TypeError\",\"\\\"bare\\\" is a bare specifier\"]");
    uproot(&t);
}

/* Tries each with import() and with a static import of a module that is imported. */
static void expect_refused(tree_t *t, const char *const (*ways)[2], size_t count) {
    for (size_t i = 0; i < count; i++) {
        char source[1200];
        char *text = with_root(t, ways[i][1]);
        char *way = strstr(ways[i][0], "//%") ? with_root(t, ways[i][0]) : strdup(ways[i][0]);
        snprintf(source, sizeof source,
                 "const t = (u) => import(u).then(() => 'it came', (e) => e.name + "
                 "(e.message.includes('%s') || e.message));\n"
                 "const way = '%s';\n"
                 "postMessage([await t(way), await t('data:text/javascript,' + "
                 "encodeURIComponent(`import "
                 "\"${new URL(way, import.meta.url)}\"`))]);",
                 text, way);
        free(text);
        free(way);
        cay_worker_t *w = run_file(t, source);
        host_expect(w, "[\"TypeErrortrue\",\"TypeErrortrue\"]");
        cay_worker_free(w);
    }
}

static void files_outside_the_module_root_need_the_read_permission(void **state) {
    (void)state;
    tree_t t;
    plant(&t);
    static const char hint[] = "it lies outside the module root %/in: read access to "
                               "\"%/out/secret.js\" is not granted; --allow-read=";
    static const char source[] =
        "import s from '../out/secret.js'; import l from './leak.js'; import d from "
        "'./leakdir/secret.js';\n"
        "const m = await import('../out/secret.js'); postMessage([s, l, d, m.default]);";
    expect_file_failure(&t, "import '../out/secret.js';", hint);
    grants = "read=%/in;deny-read=%/out";
    expect_file_failure(&t, "import '../out/secret.js';", "is denied");
    grants = "read=%/out";
    expect_file(&t, "import s from '../out/secret.js'; postMessage(s);", "\"secret\"");
    /* Links of the module root, too, may lead to what is granted by itself. */
    expect_file(&t, "import s from './leak.js'; postMessage(s);", "\"secret\"");
    grants = "read=%";
    expect_file(&t, source, "[\"secret\",\"secret\",\"secret\",\"secret\"]");
    grants = "read";
    expect_file(&t, source, "[\"secret\",\"secret\",\"secret\",\"secret\"]");
    grants = "read=%;deny-read=%/out";
    expect_file_failure(&t, "import './leak.js';", "is not granted");
    grants = NULL;
    uproot(&t);
}

static void denied_paths_are_not_imported_from_the_module_root(void **state) {
    (void)state;
    tree_t t;
    plant(&t);
    grants = "deny-read=%/in/sub,%/in/a.js";
    static const char *const ways[][2] = {
        {"./sub/b.js", "sub/b.js"}, {"./a.js", "a.js"}, {"./link.js", "is not granted"}};
    expect_refused(&t, ways, sizeof ways / sizeof *ways);
    expect_file(&t, "import bom from './bom.js'; postMessage(bom);", "\"bom\"");
    grants = NULL;
    uproot(&t);
}

static void without_a_grant_imports_stay_below_the_module_root(void **state) {
    (void)state;
    tree_t t;
    plant(&t);
    static const char *const ways[][2] = {
        {"../out/secret.js", "it lies outside the module root %/in: read access"},
        {"./leak.js", "a link leads out of what was granted"},
        {"./leakdir/secret.js", "a link leads out of what was granted"},
        {"./loop.js", "too many links"},
        {"file:///etc/passwd", "it lies outside the module root %/in: read access"},
        {"/etc/passwd", "it lies outside the module root %/in: read access"},
        {"file://%/inn/a.js", "it lies outside the module root %/in: read access"},
        {"file://%/in", "it lies outside the module root %/in: read access"},
        {"file:///proc/self/environ", "it lies outside the module root %/in: read access"},
        {"./sub/%2e%2e/%2e%2e/out/secret.js", "it lies outside the module root %/in: read access"},
        {"./sub/..%2f..%2fout/secret.js", ""},
        {"./a.js/", "it is a directory"},
        {"blob:https://x.test/1-2-3", "cannot be loaded from blob: URLs"},
    };
    expect_refused(&t, ways, sizeof ways / sizeof *ways);
    uproot(&t);
}

static void nested_workers_stay_below_the_module_root(void **state) {
    (void)state;
    tree_t t;
    plant(&t);
    write_text(&t, "out/secret.js", "postMessage('secret');");
    expect_file(&t,
                "const w = new Worker(new URL('./echo.js', import.meta.url), { type: 'module' });\n"
                "w.onmessage = (e) => postMessage(e.data);",
                "\"up\"");
    static const char *const ways[] = {
        "../out/secret.js", "./leak.js", "./leakdir/secret.js",
        "data:text/javascript,import \"file://%/out/secret.js\"; postMessage(1)"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        char source[600];
        char *way = with_root(&t, ways[i]);
        snprintf(
            source, sizeof source,
            "const w = new Worker('%s', { type: 'module' });\n"
            "w.onmessage = (e) => postMessage(e.data); w.onerror = (e) => e.preventDefault();\n"
            "w.onclose = (e) => postMessage(e.reason);",
            way);
        free(way);
        expect_file(&t, source, "\"main module failed\"");
    }
    uproot(&t);
}

static void without_a_module_root_no_file_is_read(void **state) {
    (void)state;
    cay_worker_t *w = host_spawn(rt, "const t = (p) => p.then(() => 'came', (e) => e.message);\n"
                                     "postMessage(await t(import('file:///etc/passwd')));");
    host_expect(w,
                "\"Cannot load \\\"file:///etc/passwd\\\": there is no module root: read access to "
                "\\\"/etc/passwd\\\" is not granted; --allow-read=/etc/passwd would grant it\"");
    cay_worker_free(w);
}

static void what_is_no_readable_text_is_refused(void **state) {
    (void)state;
    tree_t t;
    plant(&t);
    expect_file_failure(&t, "import './sub';",
                        "Cannot load \"file://%/in/sub\": read \"%/in/sub\": it is a directory");
    expect_file_failure(&t, "import './fifo.js';", "is a device, a pipe or a socket");
    expect_file_failure(&t, "import '/dev/zero';", "it lies outside the module root");
    expect_file_failure(&t, "import './latin.js';", "it is not valid UTF-8 (at byte 16)");
    expect_file_failure(&t, "import './huge.js';", "too large");
    expect_file_failure(&t, "import './none.js';", "not found");
    expect_file_failure(&t, "import './a.js/x';", "not a directory");
    expect_file_failure(&t, "import './loop.js';", "too many links");
    expect_file_failure(&t, "import './data.json';", "it is JSON: import it with");
    expect_file_failure(&t, "import 'file://host/x.js';", "");
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_file = at(&t, "in/none.js");
    cay_worker_t *w = host_spawn_with(rt, &o);
    cay_event_t *ev = host_final(w);
    check_failure(ev, "No such file or directory", NULL);
    cay_event_free(ev);
    cay_worker_free(w);
    uproot(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_import_files),
        cmocka_unit_test(files_outside_the_module_root_need_the_read_permission),
        cmocka_unit_test(denied_paths_are_not_imported_from_the_module_root),
        cmocka_unit_test(without_a_grant_imports_stay_below_the_module_root),
        cmocka_unit_test(nested_workers_stay_below_the_module_root),
        cmocka_unit_test(without_a_module_root_no_file_is_read),
        cmocka_unit_test(what_is_no_readable_text_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
