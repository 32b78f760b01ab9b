/* SPDX-License-Identifier: MIT */
/* What is taken away while it is used: operations under way end with an error, descendants lose it at once, and
 * nothing is left behind. */
#include "host.h"

#include <sched.h>
#include <unistd.h>

#include "base/mem.h"
#include "server.h"

#define READS   100
#define FETCHES 100

static char folder[] = "/tmp/cay-revoke-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    char path[100];
    if (!mkdtemp(folder)) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/file", folder);
    FILE *f = fopen(path, "w");
    return f && fputs("text", f) >= 0 && ftruncate(fileno(f), 1 << 20) == 0 && fclose(f) == 0 ? 0
                                                                                              : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char path[100];
    snprintf(path, sizeof path, "%s/file", folder);
    return unlink(path) || rmdir(folder);
}

/* Runs on the worker's thread in the middle of its task: whatever it has begun is under way, and settles later. */
typedef struct gate {
    cay_worker_t *worker;
    const char *kinds;
} gate_t;

static void revoke_all(cay_call_t *call, void *user) {
    gate_t *g = user;
    for (const char *k = g->kinds; *k; k++) {
        cay_kind_t kind = *k == 'r' ? CAY_KIND_READ : *k == 'n' ? CAY_KIND_NET : CAY_KIND_WRITE;
        assert_int_equal(cay_worker_revoke(g->worker, kind, NULL, NULL), 0);
    }
    (void)!cay_call_reply(call, NULL);
}

static const char busy_source[] =
    "const [file, url] = cay.args;"
    "const name = (p) => p.then(() => 'none', (e) => e.name + (e.message ? '' : ' without a "
    "message'));"
    "const tally = async (list) => { const t = {};"
    "  for (const n of await Promise.all(list)) t[n] = (t[n] ?? 0) + 1; return t };"
    "let fetches;"
    "onmessage = async ({data}) => {"
    "  if (data === 'fetch') { fetches = Array.from({length: 100}, () => name(fetch(url))); return "
    "}"
    "  const reads = Array.from({length: 100}, () => name(cay.readFile(file)));"
    "  await cay.host.gate();"
    "  postMessage([await tally(reads), await tally(fetches)]);"
    "  postMessage([await name(cay.readFile(file)), await name(fetch(url)),"
    "    (await cay.permissions.query({name: 'read', path: file})).state]) };"
    "postMessage('ready')";

static void reads_and_fetches_under_way_all_end_with_an_error(void **state) {
    (void)state;
    server_t *s = server_start(false);
    cay_runtime_t *rt = host_runtime(2);
    for (int round = 0; round < 5; round++) {
        unsigned fds = host_fds(), threads = host_threads();
        char file[100], url[100], grants[200];
        snprintf(file, sizeof file, "%s/file", folder);
        snprintf(url, sizeof url, "http://127.0.0.1:%d/hang", server_port(s));
        snprintf(grants, sizeof grants, "read=%s;net=127.0.0.1:%d", folder, server_port(s));
        const char *args[] = {file, url, NULL};
        cay_permissions_t *set = host_grants(grants);
        cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
        o.main_source = busy_source;
        o.permissions = set;
        o.args = args;
        cay_worker_t *w = host_spawn_with(rt, &o);
        gate_t gate = {w, "rn"};
        assert_int_equal(cay_worker_bind(w, "gate", revoke_all, &gate), 0);
        cay_permissions_free(set);
        host_expect(w, "\"ready\"");
        host_post(w, "\"fetch\"");
        while (server_hanging(s) < 8) { /* connected, and their requests have arrived */
            sched_yield();
        }
        host_post(w, "\"go\"");
        host_expect(w, "[{\"NotCapable\":100},{\"NotCapable\":100}]");
        host_expect(w, "[\"NotCapable\",\"NotCapable\",\"denied\"]");
        cay_worker_terminate(w);
        host_expect_end(w, CAY_REASON_TERMINATED);
        assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
        cay_worker_free(w);
        while (server_open(s)) { /* every connection is closed from this side */
            sched_yield();
        }
        if (round >
            0) { /* the first starts the threads for input and output, and loads libraries */
            assert_int_equal(host_fds(), fds);
            assert_int_equal(host_threads(), threads);
        }
    }
    host_shutdown(rt);
    server_stop(s);
}

static void a_revocation_reaches_descendants_at_once(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(2);
    char grants[100], file[100];
    snprintf(grants, sizeof grants, "read=%s", folder);
    snprintf(file, sizeof file, "%s/file", folder);
    const char *args[] = {file, NULL};
    cay_permissions_t *set = host_grants(grants);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = HOST_CHILD
        "const grand = `onmessage = async (e) => { try { postMessage((await "
        "cay.readFile(e.data)).length) }"
        " catch (e) { postMessage(e.name) } }`;"
        "const mid = `const w = new Worker('data:text/javascript,' + "
        "encodeURIComponent(${JSON.stringify(grand)}),"
        " {cay: {permissions: 'inherit'}}); w.onmessage = (e) => postMessage(e.data);"
        " onmessage = (e) => w.postMessage(e.data)`;"
        "const w = child(mid, {cay: {permissions: 'inherit'}});"
        "w.onmessage = (e) => postMessage(e.data); onmessage = () => w.postMessage(cay.args[0])";
    o.permissions = set;
    o.args = args;
    cay_worker_t *w = host_spawn_with(rt, &o);
    host_post(w, "0");
    host_expect(w, "1048576");
    assert_int_equal(cay_worker_revoke(w, CAY_KIND_READ, file, NULL), 0);
    host_post(w, "0");
    host_expect(w, "\"NotCapable\"");
    cay_error_t *err = NULL;
    assert_int_equal(cay_worker_revoke(w, CAY_KIND_READ, "relative", &err), CAY_EINVAL);
    assert_non_null(strstr(cay_error_message(err), "relative"));
    cay_error_free(err);
    cay_worker_free(w);
    cay_permissions_free(set);
    host_shutdown(rt);
}

/* Open handles and streams are no way around it. */
static void an_open_file_is_read_no_further(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(2);
    char grants[100], file[100];
    snprintf(grants, sizeof grants, "read=%s", folder);
    snprintf(file, sizeof file, "%s/file", folder);
    const char *args[] = {file, NULL};
    cay_permissions_t *set = host_grants(grants);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = "const f = await cay.open(cay.args[0]); const b = new Uint8Array(4);"
                    "postMessage(await f.read(b));"
                    "onmessage = async () => { const out = [];"
                    " for (const op of [() => f.read(b), () => f.stat()]) {"
                    "  try { await op(); out.push('done') } catch (e) { out.push(e.name) } }"
                    " await f.close(); postMessage(out) }";
    o.permissions = set;
    o.args = args;
    cay_worker_t *w = host_spawn_with(rt, &o);
    host_expect(w, "4");
    assert_int_equal(cay_worker_revoke(w, CAY_KIND_READ, NULL, NULL), 0);
    host_post(w, "0");
    host_expect(w, "[\"NotCapable\",\"NotCapable\"]");
    cay_worker_free(w);
    cay_permissions_free(set);
    host_shutdown(rt);
}

/* ---- ends in the middle ---- */

static void a_worker_ends_with_reads_and_fetches_under_way(void **state) {
    (void)state;
    server_t *s = server_start(false);
    cay_runtime_t *rt = host_runtime(2);
    int64_t live = 0;
    for (int round = 0; round < 10; round++) {
        char file[100], url[100];
        snprintf(file, sizeof file, "%s/file", folder);
        snprintf(url, sizeof url, "http://127.0.0.1:%d/%s", server_port(s),
                 round % 2 ? "hang" : "half");
        const char *args[] = {file, url, NULL};
        cay_permissions_t *set = host_grants("all");
        cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
        o.main_source =
            "const [file, url] = cay.args;"
            "for (let i = 0; i < 50; i++) { fetch(url).then((r) => r.text()).catch(() => 0);"
            " cay.readFile(file).catch(() => 0);"
            " cay.open(file).then((f) => f.read(new Uint8Array(10))).catch(() => 0) }"
            "postMessage('begun')";
        o.permissions = set;
        o.args = args;
        cay_worker_t *w = host_spawn_with(rt, &o);
        cay_permissions_free(set);
        host_expect(w, "\"begun\"");
        if (round % 3) {
            while (server_hanging(s) < 4) {
                sched_yield();
            }
        }
        cay_worker_terminate(w);
        host_expect_end(w, CAY_REASON_TERMINATED);
        assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
        cay_worker_free(w);
        while (server_open(s)) {
            sched_yield();
        }
        if (round == 2) {
            live = cay__mem_live();
        } else if (round > 2) {
            assert_true(cay__mem_live() <= live + 50); /* what is reused from worker to worker */
        }
    }
    host_shutdown(rt);
    server_stop(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_fetches_under_way_all_end_with_an_error),
        cmocka_unit_test(a_revocation_reaches_descendants_at_once),
        cmocka_unit_test(an_open_file_is_read_no_further),
        cmocka_unit_test(a_worker_ends_with_reads_and_fetches_under_way),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
