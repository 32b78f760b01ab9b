/* SPDX-License-Identifier: MIT */
/* The race for a way out: a thread of the host swaps a directory below a granted root for a link that leads out and
 * back, while a worker reads, writes, lists and stats through it. */
#include "host.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char base[] = "/tmp/cay-race-XXXXXX";

static void make_file(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int make_tree(void **state) {
    (void)state;
    if (!mkdtemp(base) || chdir(base)) {
        return -1;
    }
    mkdir("outside", 0700);
    mkdir("root", 0700);
    mkdir("root/x", 0700);
    make_file("outside/file", "OUTSIDE");
    make_file("root/x/file", "inside");
    make_file("root/plain", "inside");
    return symlink("../outside", "root/y") || symlink("../outside/file", "root/link");
}

static int remove_tree(void **state) {
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", base);
    return chdir("/") || system(command) ? -1 : 0;
}

static atomic_bool over;
static _Atomic uint64_t swaps;

/* x: the directory, then the link out, then the directory again; and plain: the file, then the link to a file. */
static void *swap(void *arg) {
    (void)arg;
    while (!atomic_load(&over)) {
        if (syscall(SYS_renameat2, AT_FDCWD, "root/x", AT_FDCWD, "root/y", RENAME_EXCHANGE) ||
            syscall(SYS_renameat2, AT_FDCWD, "root/plain", AT_FDCWD, "root/link",
                    RENAME_EXCHANGE)) {
            perror("renameat2");
            abort();
        }
        atomic_fetch_add(&swaps, 1);
    }
    return NULL;
}

static const char racer[] =
    "const [root, rounds] = [cay.args[0], +cay.args[1]];"
    "const seen = {};"
    "const note = (k) => { seen[k] = (seen[k] ?? 0) + 1 };"
    "const check = (text) => { if (text.includes('OUTSIDE')) throw new Error('read from outside') "
    "};"
    "const ops = ["
    "  async () => { check(await cay.readTextFile(root + '/x/file')); note('read') },"
    "  async () => { await cay.writeTextFile(root + '/x/file', 'inside'); note('wrote') },"
    "  async () => { check(await cay.readTextFile(root + '/plain')); note('read plain') },"
    "  async () => { await cay.writeTextFile(root + '/plain', 'inside'); note('wrote plain') },"
    "  async () => { await cay.writeTextFile(root + '/x/new', 'inside'); note('created') },"
    "  async () => { for (const e of await cay.readDir(root + '/x')) if (e.name === 'secret-name') "
    "throw new Error('listed outside');"
    "    note('listed') },"
    "  async () => { const s = await cay.stat(root + '/x/file'); if (s.size === 7) throw new "
    "Error('stat of outside'); note('stat') },"
    "  async () => { await cay.remove(root + '/x/new'); note('removed') },"
    "  async () => { await cay.mkdir(root + '/x/dir', {recursive: true}); note('made') },"
    "  async () => { await cay.rename(root + '/x/new', root + '/moved'); note('renamed') },"
    "  async () => { await cay.copyFile(root + '/plain', root + '/x/copy'); note('copied') },"
    "];"
    "let bad = null;"
    "const fine = new Set(['NotFound', 'NotCapable', 'NotADirectory', 'IsADirectory', "
    "'AlreadyExists', 'NotEmpty', 'Busy', 'IoError']);"
    "for (let i = 0; i < rounds && bad === null; i += 50) {"
    "  await Promise.all(Array.from({length: 50}, (_, j) => ops[(i + j * 7) % "
    "ops.length]().catch((e) => {"
    "    if (!fine.has(e.name)) bad = `${e.name}: ${e.message}`; else note(e.name) })));"
    "}"
    "postMessage([bad, Object.keys(seen).filter((k) => !fine.has(k)).length >= 8 ? 'all' : "
    "JSON.stringify(seen)])";

static void nothing_outside_is_read_or_written(void **state) {
    (void)state;
    make_file("outside/secret-name", "OUTSIDE");
    cay_runtime_t *rt = host_runtime(2);
    char root[100], grants[300], rounds[20];
    snprintf(root, sizeof root, "%s/root", base);
    snprintf(rounds, sizeof rounds, "%u", host_count("CAY_RACE_ROUNDS", 100000));
    snprintf(grants, sizeof grants, "read=%s;write=%s", root, root);
    const char *args[] = {root, rounds, NULL};
    cay_permissions_t *set = host_grants(grants);
    cay_worker_options_t o = CAY_WORKER_OPTIONS_INIT;
    o.main_source = racer;
    o.permissions = set;
    o.args = args;
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, swap, NULL), 0);
    cay_worker_t *w = host_spawn_with(rt, &o);
    cay_event_t *ev = NULL;
    do {
        assert_int_equal(cay_worker_next_event(w, 240000, &ev), 0);
    } while (ev->type == CAY_EVENT_ONLINE && (cay_event_free(ev), true));
    atomic_store(&over, true);
    pthread_join(t, NULL);
    assert_int_equal(ev->type, CAY_EVENT_MESSAGE);
    char *text = NULL;
    assert_int_equal(cay_message_to_json(ev->u.message.message, &text, NULL), 0);
    cay_event_free(ev);
    assert_string_equal(text, "[null,\"all\"]");
    cay_free(text);
    cay_worker_free(w);
    cay_permissions_free(set);
    host_shutdown(rt);
    printf("  %llu swaps\n", (unsigned long long)atomic_load(&swaps));
    /* Outside is as it was. */
    DIR *d = opendir("outside");
    unsigned count = 0;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        count += e->d_name[0] != '.';
    }
    closedir(d);
    assert_int_equal(count, 2);
    char bytes[20] = "";
    FILE *f = fopen("outside/file", "r");
    assert_non_null(f);
    assert_non_null(fgets(bytes, sizeof bytes, f));
    fclose(f);
    assert_string_equal(bytes, "OUTSIDE");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_outside_is_read_or_written)};
    return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
