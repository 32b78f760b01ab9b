/* SPDX-License-Identifier: MIT */
/* Files from the host's side: what a revocation, an end and a lack of memory leave behind, which is nothing. */
#include "host.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "cay/cay.h"

#define PATIENCE_MS 150 /* without an event: something was lost, and the host ends the worker */

static char dir[64]; /* with a file "large" of 8 MB, and one "small" */

static void make_file(const char *name, size_t size) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)size), 0);
    close(fd);
}

static int set_up(void **state) {
    (void)state;
    strcpy(dir, "/tmp/cay-files-XXXXXX");
    if (!mkdtemp(dir)) {
        return -1;
    }
    make_file("large", 8 << 20);
    make_file("small", 100);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    static const char *const names[] = {"large", "small", "out", "copy", "moved"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/made", dir);
    rmdir(path);
    return rmdir(dir);
}

/* Starts `source` with what it needs of the directory; the text `DIR` in it is the path. */
static cay_worker_t *start(cay_runtime_t *rt, const char *source, cay_error_t **err) {
    char text[8192], grants[256];
    const char *at = source;
    size_t n = 0;
    for (const char *hole; (hole = strstr(at, "DIR")); at = hole + 3) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%.*s%s", (int)(hole - at), at, dir);
    }
    snprintf(text + n, sizeof text - n, "%s", at);
    snprintf(grants, sizeof grants, "read=%s;write=%s", dir, dir);
    cay_permissions_t *set = NULL;
    if (cay_permissions_parse(grants, &set, NULL)) {
        return NULL;
    }
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = text;
    o.permissions = set;
    cay_limits_t limits = host_limits("memory=4G;turn-cpu=unlimited");
    o.limits = &limits;
    cay_worker_t *w = NULL;
    (void)!cay_worker_spawn(rt, &o, &w, err);
    cay_permissions_free(set);
    return w;
}

static cay_worker_t *start_well(cay_runtime_t *rt, const char *source) {
    cay_error_t *err = NULL;
    cay_worker_t *w = start(rt, source, &err);
    if (!w) {
        fail_msg("spawn: %s", cay_error_message(err));
    }
    return w;
}

/* Threads of the library finish what they are at a moment after the host has seen the end. */
static void back_to(int64_t blocks, unsigned fds, uint64_t n) {
    double until = host_ms() + 10000;
    while (cay__mem_live() != blocks || host_fds() != fds) {
        if (host_ms() > until) {
            fail_msg("n = %llu: %lld blocks and %d descriptors are still there",
                     (unsigned long long)n, (long long)(cay__mem_live() - blocks),
                     (int)(host_fds() - fds));
        }
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    }
}

/* ---- revocation by the host ---- */

static const char busy_source[] =
    "const files = [];\n"
    "for (let i = 0; i < 10; i++) files.push(await cay.open('DIR/large'));\n"
    "let denied = 0, others = 0;\n"
    "const count = (p) => p.then(() => others++, (e) => { e.code === 'NotCapable' ? denied++ : "
    "others++; });\n"
    "const all = [];\n"
    "const begin = () => { for (let i = 0; i < 100; i++) { "
    "all.push(count(cay.readFile('DIR/large')));\n"
    "  all.push(count(files[i % 10].read(new Uint8Array(1 << 20), { at: 0 }))); } };\n"
    "onmessage = async () => { await Promise.all(all);\n"
    "  const late = await cay.readFile('DIR/small').catch((e) => e.code);\n"
    "  const open = await files[0].read(new Uint8Array(1)).catch((e) => e.code);\n"
    "  postMessage([denied + others, denied > 0, late, open]); };\n"
    "begin(); postMessage('begun');";

static void a_revocation_ends_all_that_is_in_flight(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(2);
    cay_worker_t *w = start_well(rt, busy_source);
    host_expect(w, "\"begun\"");
    assert_int_equal(cay_worker_revoke(w, CAY_KIND_READ, NULL, NULL), 0);
    host_post(w, "1");
    host_expect(w, "[200,true,\"NotCapable\",\"NotCapable\"]");
    cay_worker_terminate(w);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    cay_worker_free(w);
    host_shutdown(rt);
}

static void a_worker_that_ends_while_busy_leaves_nothing(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(2);
    cay_worker_t *w = start_well(rt, busy_source);
    host_expect(w, "\"begun\"");
    cay_worker_terminate(w);
    assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
    cay_worker_free(w);
    nanosleep(&(struct timespec){.tv_nsec = 50000000},
              NULL); /* what is made once for ever is there */
    int64_t blocks = cay__mem_live();
    unsigned fds = host_fds();
    for (unsigned i = 0; i < host_count("CAY_ROUNDS", 30); i++) {
        w = start_well(rt, busy_source);
        if (i % 3) {
            host_expect(w, "\"begun\"");
        }
        cay_worker_terminate(w);
        assert_int_equal(cay_worker_join(w, WAIT_MS), 0);
        cay_worker_free(w);
        back_to(blocks, fds, i);
    }
    host_shutdown(rt);
}

/* ---- lack of memory ---- */

static const char every_source[] =
    "const tries = [\n"
    "  () => cay.readFile('DIR/small'), () => cay.readTextFile('DIR/small'),\n"
    "  () => cay.readFile(new URL('file://DIR/small')),\n"
    "  () => cay.writeFile('DIR/out', new Uint8Array(1000)), () => cay.writeTextFile('DIR/out', "
    "'x', { append: true }),\n"
    "  () => cay.stat('DIR/out'), () => cay.lstat('DIR/out'), () => cay.readDir('DIR'),\n"
    "  () => cay.mkdir('DIR/made'), () => cay.remove('DIR/made', { recursive: true }),\n"
    "  () => cay.copyFile('DIR/out', 'DIR/copy'), () => cay.rename('DIR/copy', 'DIR/moved'),\n"
    "  () => cay.remove('DIR/moved'),\n"
    "  async () => { const f = await cay.open('DIR/out', { read: true, write: true });\n"
    "    await f.read(new Uint8Array(10)).catch(() => 0); await f.write(new "
    "Uint8Array(10)).catch(() => 0);\n"
    "    await f.stat().catch(() => 0); await f.truncate(5).catch(() => 0); await "
    "f.syncData().catch(() => 0);\n"
    "    await f.close(); },\n"
    "  () => cay.permissions.query({ name: 'read', path: 'DIR' }), () => cay.env.toObject(),\n"
    "  () => cay.env.get('X'), () => cay.sys.os(),\n"
    "  () => crypto.randomUUID(), () => crypto.getRandomValues(new Uint8Array(9)),\n"
    "  () => crypto.subtle.digest('SHA-1', new Uint8Array(9)),\n"
    "  () => crypto.subtle.digest('SHA-256', new Uint8Array(100000)),\n"
    "  () => cay.permissions.revoke({ name: 'read', path: 'DIR/x' }),\n"
    "];\n"
    "for (const f of tries) { try { await f(); } catch (e) { if (e instanceof ReferenceError) "
    "throw e; } }\n"
    "close();";

/* Reads events until the final one; a worker that falls silent is terminated. */
static bool read_to_end(cay_worker_t *w, uint64_t n) {
    double begun = host_ms();
    for (;;) {
        cay_event_t *ev = NULL;
        int rc = cay_worker_next_event(w, PATIENCE_MS, &ev);
        if (rc == CAY_ETIMEDOUT) {
            cay__mem_fail_process(0, false);
            cay_worker_terminate(w);
        } else if (rc == 0) {
            bool final = cay_event_is_final(ev);
            bool well = final && ev->u.end.reason == CAY_REASON_CLOSED;
            cay_event_free(ev);
            if (final) {
                return well;
            }
        }
        if (host_ms() > begun + WAIT_MS) {
            fail_msg("n = %llu: no final event", (unsigned long long)n);
        }
    }
}

static bool live_once(cay_runtime_t *rt, uint64_t n) {
    cay_error_t *err = NULL;
    cay_worker_t *w = start(rt, every_source, &err);
    cay_error_free(err);
    bool well = w && read_to_end(w, n);
    if (w && cay_worker_join(w, WAIT_MS)) {
        fail_msg("n = %llu: not gone", (unsigned long long)n);
    }
    cay_worker_free(w);
    return well;
}

static void every_operation_without_one_allocation(void **state) {
    (void)state;
    cay_runtime_t *rt = host_runtime(2);
    for (int i = 0; i < 3; i++) {
        assert_true(live_once(rt, 0));
    }
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    int64_t blocks = cay__mem_live();
    unsigned fds = host_fds(), step = host_count("CAY_SWEEP_STEP", 7), well = 0, runs = 0;
    uint64_t n = 1;
    for (int without = 0; without < 3; n += step, runs++) {
        cay__mem_fail_process(n, false);
        well += live_once(rt, n);
        bool hit = cay__mem_failed_process();
        cay__mem_fail_process(0, false);
        without = hit ? 0 : without + 1;
        back_to(blocks, fds, n);
    }
    assert_true(n > 200);
    print_message("  %llu allocations; %u runs, %u ended well all the same\n",
                  (unsigned long long)n, runs, well);
    assert_true(live_once(rt, 0));
    host_shutdown(rt);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_revocation_ends_all_that_is_in_flight),
        cmocka_unit_test(a_worker_that_ends_while_busy_leaves_nothing),
        cmocka_unit_test(every_operation_without_one_allocation),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
