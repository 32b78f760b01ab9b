/* SPDX-License-Identifier: MIT */
/* One thread swaps names below the root for links that lead out, as fast as it can; another does
 * below the root everything that can be done with files. Nothing from outside is ever seen, nothing
 * outside is changed. */
#include "fs_tree.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "os/thread.h"

enum { ROUNDS = 100000 };

#define INSIDE  "inside the root"
#define OUTSIDE "OUTSIDE: nobody may see this"

/* base/out and all in it, as it must stay. */
static void make_outside(void) {
    put_file("out/f", OUTSIDE);
    put_file("out/only-outside", OUTSIDE);
    assert_int_equal(unlink(at("out/secret")), 0);
    assert_int_equal(mkdir(at("out/tree"), 0755), 0);
    put_file("out/tree/kept", OUTSIDE);
    put_file("marker", OUTSIDE);
}

static void count_entries(const char *name, unsigned expected) {
    unsigned n = 0;
    DIR *d = opendir(at(name));
    assert_non_null(d);
    while (readdir(d)) {
        n++;
    }
    closedir(d);
    assert_int_equal(n, expected + 2);
}

static void expect_outside_as_made(void) {
    count_entries("out", 3);
    count_entries("out/tree", 1);
    assert_string_equal(content("out/f"), OUTSIDE);
    assert_string_equal(content("out/only-outside"), OUTSIDE);
    assert_string_equal(content("out/tree/kept"), OUTSIDE);
    assert_string_equal(content("marker"), OUTSIDE);
}

/* in/d is a directory or a link to ../out, in/f a file or a link, in/m a directory that is now here
 * and now beside the root, with in/via leading through it and back up. */
static void make_inside(void) {
    assert_int_equal(mkdir(at("in/d"), 0755), 0);
    put_file("in/d/f", INSIDE);
    put_file("in/f", INSIDE);
    put_file("in/marker", INSIDE);
    assert_int_equal(mkdir(at("in/m"), 0755), 0);
    assert_int_equal(symlink("../out", at("in/dl")), 0);
    assert_int_equal(symlink("../out/f", at("in/fl")), 0);
    assert_int_equal(symlink("m/../marker", at("in/via")), 0);
    assert_int_equal(symlink("d", at("in/to-d")), 0);
}

typedef struct swapper {
    atomic_bool stop;
    atomic_uint rounds; /* of the other thread */
    atomic_uint swaps;
    char names[6][80];
} swapper_t;

static void exchange(const char *a, const char *b) {
    (void)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2u /* RENAME_EXCHANGE */);
}

/* In no fixed order: the two threads wait for each other's locks, and would fall into step. */
static void swap_run(void *arg) {
    swapper_t *s = arg;
    uint32_t dice = 1;
    bool away = false;
    while (!atomic_load_explicit(&s->stop, memory_order_relaxed)) {
        dice = dice * 1664525u + 1013904223u;
        switch (dice >> 30) {
        case 0: exchange(s->names[2], s->names[3]); break;
        case 1:
            (void)rename(s->names[away ? 5 : 4], s->names[away ? 4 : 5]);
            away = !away;
            break;
        default: exchange(s->names[0], s->names[1]); break;
        }
        unsigned n = atomic_fetch_add(&s->swaps, 1);
        /* Far ahead, it would only fill the disk's journal. */
        while (n / 8 > atomic_load(&s->rounds) && !atomic_load(&s->stop)) {
            sched_yield();
        }
    }
}

static void swapper_init(swapper_t *s) {
    static const char *const names[] = {"in/d", "in/dl", "in/f", "in/fl", "in/m", "m"};
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < CAY_COUNT(names); i++) {
        snprintf(s->names[i], sizeof s->names[i], "%s/%s", base, names[i]);
    }
}

typedef struct tally {
    unsigned ok;
    unsigned refused;
} tally_t;

/* CAY_EIO: looked for so often, and never found twice in the same place. */
static bool note(tally_t *t, int rc, cay_error_t **err) {
    if (rc && rc != CAY_EPERM && rc != CAY_ENOTFOUND && rc != CAY_EEXIST && rc != CAY_EIO &&
        rc != CAY_ENOTDIR && rc != CAY_EISDIR && rc != CAY_ENOTEMPTY && rc != CAY_EINVAL) {
        fail_msg("%s: %s", cay_error_name(rc), cay_error_message(*err));
    }
    cay_error_free(*err);
    *err = NULL;
    t->ok += rc == 0;
    t->refused += rc == CAY_EPERM;
    return rc == 0;
}

static void race_read(tally_t *t, const cay_fs_path_t *p) {
    cay_blob_t b = {NULL, 0, NULL, NULL};
    cay_error_t *err = NULL;
    if (note(t, cay__fs_read_all(p, 1 << 16, NULL, &b, &err), &err) && strstr(b.data, "OUTSIDE")) {
        fail_msg("read \"%s\" through \"%s\"", (char *)b.data, p->tail);
    }
    cay__blob_drop(&b);
}

static void race_list(tally_t *t, const cay_fs_path_t *p) {
    cay_buf_t b = CAY_BUF_INIT;
    cay_error_t *err = NULL;
    if (note(t, cay__fs_list(p, NULL, &b, &err), &err)) {
        for (size_t i = 0; i < b.len; i += strlen((char *)b.data + i) + 1) {
            assert_string_not_equal((char *)b.data + i + 1, "only-outside");
        }
    }
    cay__buf_free(&b);
}

static void race_stat(tally_t *t, const cay_fs_path_t *p, bool follow) {
    cay_fs_stat_t s = {.type = CAY_FS_OTHER};
    cay_error_t *err = NULL;
    if (note(t, cay__fs_stat(p, follow, &s, &err), &err)) {
        assert_true(s.type != CAY_FS_FILE || s.size != strlen(OUTSIDE));
        assert_true(!follow || s.type != CAY_FS_SYMLINK);
    }
}

static void race_write(tally_t *t, const cay_fs_path_t *p, unsigned flags) {
    cay_error_t *err = NULL;
    note(t, cay__fs_write_all(p, flags, INSIDE, strlen(INSIDE), NULL, &err), &err);
}

/* Paths of one kind of grant: all the names that take part. */
typedef struct names {
    cay_fs_path_t df, f, fresh, other, d, sub, via, through, tree, copied;
} names_t;

static void one_round(tally_t *t, const names_t *n, unsigned round) {
    cay_error_t *err = NULL;
    switch (round % 16) {
    case 0: race_read(t, &n->df); break;
    case 1: race_read(t, &n->f); break;
    case 2: race_read(t, &n->via); break;
    case 3: race_read(t, &n->through); break;
    case 4: race_write(t, &n->df, CAY_FS_TRUNCATE); break;
    case 5: race_write(t, &n->f, CAY_FS_CREATE | CAY_FS_TRUNCATE); break;
    case 6: race_write(t, &n->fresh, CAY_FS_CREATE | CAY_FS_EXCLUSIVE); break;
    case 7: race_list(t, &n->d); break;
    case 8: race_stat(t, &n->df, true); break;
    case 9: race_stat(t, &n->f, round & 16); break;
    case 10: note(t, cay__fs_mkdir(&n->sub, round & 16, &err), &err); break;
    case 11: note(t, cay__fs_rename(&n->fresh, &n->other, &err), &err); break;
    case 12: note(t, cay__fs_remove(&n->other, false, NULL, &err), &err); break;
    case 13: note(t, cay__fs_remove(&n->sub, true, NULL, &err), &err); break;
    case 14: note(t, cay__fs_remove(&n->tree, true, NULL, &err), &err); break;
    default:
        note(t, cay__fs_copy(&n->df, &n->copied, CAY_FS_CREATE | CAY_FS_TRUNCATE, NULL, &err),
             &err);
        break;
    }
}

static void race(const names_t *n, unsigned rounds) {
    static swapper_t s;
    tally_t t = {0, 0};
    cay_thread_t thread;
    make_outside();
    make_inside();
    swapper_init(&s);
    assert_int_equal(cay__thread_start(&thread, "swapper", 0, swap_run, &s), 0);
    for (unsigned i = 0; i < rounds; i++) {
        /* Both states are met also where the other thread gets little time. */
        if (i % 3 == 0) {
            exchange(s.names[i % 2 ? 0 : 2], s.names[i % 2 ? 1 : 3]);
        }
        one_round(&t, n, i);
        atomic_store(&s.rounds, i);
        if (i % 1000 == 0) {
            expect_outside_as_made();
        }
    }
    atomic_store(&s.stop, true);
    cay__thread_join(&thread);
    expect_outside_as_made();
    assert_string_not_equal(content("in/copied"), OUTSIDE);
    print_message("%u rounds, %u swaps: %u done, %u refused\n", rounds, s.swaps, t.ok, t.refused);
    assert_true(t.ok > rounds / 100 && t.refused > rounds / 100); /* both were met with */
}

static void nothing_outside_is_reached_while_links_are_swapped(void **state) {
    (void)state;
    const names_t n = {below("d/f"),    below("f"),        below("d/fresh"), below("d/other"),
                       below("d"),      below("d/sub/er"), below("via"),     below("to-d/f"),
                       below("d/tree"), below("copied")};
    race(&n, ROUNDS);
}

static bool judge_inside(void *ctx, const char *real) {
    (void)ctx;
    size_t n = strlen(in_root);
    return strncmp(real, in_root, n) == 0 && (real[n] == '/' || !real[n]);
}

static cay_fs_path_t judged(char to[120], const char *name) {
    snprintf(to, 120, "%s/in/%s", base + 1, name);
    return (cay_fs_path_t){"/", to, name, judge_inside, NULL};
}

/* Everything is granted but what the judge refuses: here links may be followed, and are judged. */
static void nothing_that_the_judge_refuses_is_reached_while_links_are_swapped(void **state) {
    (void)state;
    char text[10][120];
    const names_t n = {judged(text[0], "d/f"),     judged(text[1], "f"),
                       judged(text[2], "d/fresh"), judged(text[3], "d/other"),
                       judged(text[4], "d"),       judged(text[5], "d/sub/er"),
                       judged(text[6], "via"),     judged(text[7], "to-d/f"),
                       judged(text[8], "d/tree"),  judged(text[9], "copied")};
    race(&n, ROUNDS / 2);
}

static cay_fs_path_t below_judged(const char *name) {
    cay_fs_path_t p = below(name);
    p.judge = judge_inside;
    return p;
}

/* Links that lead out are followed for the judge to look at. */
static void nothing_outside_that_the_judge_refuses_is_reached_from_a_root(void **state) {
    (void)state;
    const names_t n = {below_judged("d/f"),     below_judged("f"),      below_judged("d/fresh"),
                       below_judged("d/other"), below_judged("d"),      below_judged("d/sub/er"),
                       below_judged("via"),     below_judged("to-d/f"), below_judged("d/tree"),
                       below_judged("copied")};
    race(&n, ROUNDS / 2);
}

typedef struct filler {
    atomic_bool stop;
    char tree[80];
    char outside[80];
} filler_t;

/* Fills a tree while it is removed, and keeps swapping a full directory of it for a link. */
static void fill_run(void *arg) {
    filler_t *f = arg;
    char full[120], file[120], link[120];
    snprintf(full, sizeof full, "%s/full", f->tree);
    snprintf(file, sizeof file, "%s/full/file", f->tree);
    snprintf(link, sizeof link, "%s/link", f->tree);
    while (!atomic_load(&f->stop)) {
        (void)mkdir(f->tree, 0755);
        (void)mkdir(full, 0755);
        /* Where an exchange came to nothing the link may stand there: only this thread swaps, so what is a
         * directory now is one or is gone. */
        struct stat st;
        int fd = lstat(full, &st) == 0 && S_ISDIR(st.st_mode)
                     ? open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)
                     : -1;
        if (fd >= 0) {
            close(fd);
        }
        (void)symlink(f->outside, link);
        for (int i = 0; i < 8; i++) {
            exchange(full, link);
        }
    }
}

static void removal_of_a_tree_that_others_fill_and_swap_ends_and_stays_inside(void **state) {
    (void)state;
    static filler_t f;
    cay_thread_t thread;
    tally_t t = {0, 0};
    cay_fs_path_t p = below("t");
    cay_error_t *err = NULL;
    make_outside();
    f.stop = false;
    snprintf(f.tree, sizeof f.tree, "%s/in/t", base);
    snprintf(f.outside, sizeof f.outside, "%s/out", base);
    assert_int_equal(cay__thread_start(&thread, "filler", 0, fill_run, &f), 0);
    for (unsigned i = 0; i < 60000; i++) {
        note(&t, cay__fs_remove(&p, true, NULL, &err), &err);
    }
    atomic_store(&f.stop, true);
    cay__thread_join(&thread);
    expect_outside_as_made();
    note(&t, cay__fs_remove(&p, true, NULL, &err), &err); /* nobody is in the way any more */
    assert_false(exists("in/t"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_base, drop_base)
    const struct CMUnitTest tests[] = {
        TEST(nothing_outside_is_reached_while_links_are_swapped),
        TEST(nothing_that_the_judge_refuses_is_reached_while_links_are_swapped),
        TEST(nothing_outside_that_the_judge_refuses_is_reached_from_a_root),
        TEST(removal_of_a_tree_that_others_fill_and_swap_ends_and_stays_inside),
    };
    return cmocka_run_group_tests(tests, tmp_in_memory, NULL);
}
