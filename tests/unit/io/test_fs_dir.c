/* SPDX-License-Identifier: MIT */
/* Directories: listing, making, removing, moving, and copying files between them. */
#include "fs_tree.h"

#include <sys/resource.h>

static void directory_is_listed_with_the_type_of_each_entry(void **state) {
    (void)state;
    assert_string_equal(listed(below("")), "ddir ffile");
    assert_string_equal(listed(below("dir")), "fdeep");
    assert_int_equal(symlink("nowhere", at("in/.hidden")), 0);
    assert_int_equal(mkfifo(at("in/..pipe"), 0600), 0);
    assert_string_equal(listed(below("")), "o..pipe l.hidden ddir ffile");
    assert_string_equal(listed(anywhere(at("in/dir"))), "fdeep");
    assert_int_equal(mkdir(at("in/none"), 0700), 0);
    assert_string_equal(listed(below("none")), "");
    assert_string_equal(listed(below("missing")), "read directory \"missing\": not found");
}

static void long_directory_is_listed_whole_behind_what_the_buffer_held(void **state) {
    (void)state;
    for (int i = 0; i < 3000; i++) {
        put_file(text("in/dir/a-name-that-takes-some-room-%d", i), "");
    }
    cay_buf_t b = CAY_BUF_INIT;
    cay_fs_path_t p = below("dir"), missing = below("missing");
    cay__buf_str(&b, "head");
    assert_int_equal(cay__fs_list(&p, NULL, &b, NULL), 0);
    assert_memory_equal(b.data, "head", 4);
    size_t n = 0;
    for (size_t i = 4; i < b.len; i += strlen((char *)b.data + i) + 1) {
        assert_int_equal(b.data[i], CAY_FS_FILE);
        n++;
    }
    assert_int_equal(n, 3001);
    size_t len = b.len;
    assert_int_equal(cay__fs_list(&missing, NULL, &b, NULL), CAY_ENOTFOUND);
    assert_int_equal(b.len, len);
    cay__buf_free(&b);
}

static int make(const char *tail, bool recursive) {
    cay_fs_path_t p = below(tail);
    return cay__fs_mkdir(&p, recursive, NULL);
}

static void directories_are_made_one_by_one_or_with_their_parents(void **state) {
    (void)state;
    assert_int_equal(make("new", false), 0);
    assert_int_equal(make("new", false), CAY_EEXIST);
    assert_int_equal(make("new", true), 0);
    assert_int_equal(make("file", false), CAY_EEXIST);
    assert_int_equal(make("file", true), CAY_ENOTDIR);
    assert_int_equal(make("a/b", false), CAY_ENOTFOUND);
    assert_int_equal(make("a/b/c/d", true), 0);
    assert_int_equal(make("a/b/c/d/e", false), 0);
    assert_int_equal(make("file/x", false), CAY_ENOTDIR);
    assert_int_equal(make("file/x/y", true), CAY_ENOTDIR);
    assert_int_equal(make("", false), CAY_EEXIST);
    assert_int_equal(make("", true), 0);
    assert_true(exists("in/a/b/c/d/e"));
    cay_fs_path_t top = {"/", "", "/", NULL, NULL};
    assert_int_equal(cay__fs_mkdir(&top, false, NULL), CAY_EEXIST);
    assert_int_equal(cay__fs_mkdir(&top, true, NULL), 0);
}

static void granted_directory_that_is_missing_is_made_but_nothing_above_it(void **state) {
    (void)state;
    char root[128];
    snprintf(root, sizeof root, "%s/fresh", base);
    cay_fs_path_t p = {root, "a/b", "a/b", NULL, NULL}, self = itself(root);
    assert_int_equal(cay__fs_mkdir(&p, true, NULL), 0);
    assert_true(exists("fresh/a/b"));
    snprintf(root, sizeof root, "%s/one", base);
    assert_int_equal(cay__fs_mkdir(&self, false, NULL), 0);
    assert_true(exists("one"));
    snprintf(root, sizeof root, "%s/up/above", base);
    assert_int_equal(cay__fs_mkdir(&p, true, NULL), CAY_ENOTFOUND);
    assert_int_equal(cay__fs_mkdir(&self, true, NULL), CAY_ENOTFOUND);
    assert_false(exists("up"));
}

static int drop(const char *tail, bool recursive) {
    cay_fs_path_t p = below(tail);
    return cay__fs_remove(&p, recursive, NULL, NULL);
}

static void names_are_removed_and_full_directories_only_when_told(void **state) {
    (void)state;
    assert_int_equal(drop("missing", false), CAY_ENOTFOUND);
    assert_int_equal(drop("missing", true), CAY_ENOTFOUND);
    assert_int_equal(drop("file/x", true), CAY_ENOTDIR);
    assert_int_equal(drop("dir", false), CAY_ENOTEMPTY);
    assert_true(exists("in/dir/deep"));
    assert_int_equal(drop("file", false), 0);
    assert_int_equal(make("none", false), 0);
    assert_int_equal(drop("none", false), 0);
    assert_int_equal(drop("dir", true), 0);
    assert_string_equal(listed(below("")), "");
}

static void granted_directory_itself_is_neither_removed_nor_moved(void **state) {
    (void)state;
    cay_fs_path_t root = below(""), away = below("away"), dir = below("dir"),
                  top = {"/", "", "/", NULL, NULL};
    cay_error_t *err = NULL;
    expect_code(cay__fs_remove(&root, true, NULL, &err), CAY_EPERM, &err,
                "it is the granted directory itself; a grant of its parent", "remove");
    assert_int_equal(cay__fs_remove(&root, false, NULL, NULL), CAY_EPERM);
    assert_int_equal(cay__fs_remove(&top, true, NULL, NULL), CAY_EPERM);
    assert_int_equal(cay__fs_rename(&root, &away, NULL), CAY_EPERM);
    assert_int_equal(cay__fs_rename(&dir, &root, NULL), CAY_EPERM);
    assert_int_equal(cay__fs_rename(&top, &away, NULL), CAY_EPERM);
    assert_string_equal(listed(below("")), "ddir ffile");
}

static void wide_and_deep_tree_is_removed_with_few_descriptors(void **state) {
    (void)state;
    char path[4000] = "tree";
    for (int i = 0; i < 150; i++) {
        assert_int_equal(make(path, true), 0);
        put_file(text("in/%s/file", path), "x");
        assert_int_equal(make(text("%s/side/full/er", path), true), 0);
        assert_int_equal(make(text("%s/bare", path), true), 0);
        strcat(path, i % 2 ? "/a" : "/longer-name");
    }
    struct rlimit old, low;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    low = old;
    low.rlim_cur = descriptors_before + 40;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    int rc = drop("tree", true);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_int_equal(rc, 0);
    assert_false(exists("in/tree"));
}

/* Deeper than any path can name: made by moving what was nested already. */
static void tree_deeper_than_a_path_is_removed_up_to_a_bound(void **state) {
    (void)state;
    char chain[400] = "c";
    for (int i = 1; i < 100; i++) {
        strcat(chain, "/c");
    }
    for (int i = 0; i < 30; i++) { /* 3,000 levels */
        assert_int_equal(make(chain, true), 0);
        if (i > 0) {
            cay_fs_path_t from = below("whole"), to = below(text("%s/c", chain));
            assert_int_equal(cay__fs_rename(&from, &to, NULL), 0);
        }
        cay_fs_path_t from = below("c"), to = below("whole");
        assert_int_equal(cay__fs_rename(&from, &to, NULL), 0);
    }
    assert_int_equal(drop("whole", true), 0);
    assert_false(exists("in/whole"));
}

static void tree_that_is_nested_too_deep_is_left_with_an_error(void **state) {
    (void)state;
    char chain[400] = "c";
    for (int i = 1; i < 100; i++) {
        strcat(chain, "/c");
    }
    for (int i = 0; i < 41; i++) {
        assert_int_equal(make(chain, true), 0);
        if (i > 0) {
            cay_fs_path_t from = below("whole"), to = below(text("%s/c", chain));
            assert_int_equal(cay__fs_rename(&from, &to, NULL), 0);
        }
        cay_fs_path_t from = below("c"), to = below("whole");
        assert_int_equal(cay__fs_rename(&from, &to, NULL), 0);
    }
    cay_error_t *err = NULL;
    cay_fs_path_t p = below("whole");
    expect_code(cay__fs_remove(&p, true, NULL, &err), CAY_ELIMIT, &err, "nested too deep",
                "remove");
    cay_fs_path_t half = below(text("whole/%s", chain)), aside = below("aside");
    assert_int_equal(cay__fs_rename(&half, &aside, NULL), 0);
    assert_int_equal(drop("whole", true), 0);
    assert_int_equal(drop("aside", true), 0);
}

static void renaming_moves_and_replaces(void **state) {
    (void)state;
    cay_fs_path_t file = below("file"), moved = below("dir/moved"), deep = below("dir/deep"),
                  missing = below("missing"), under = below("missing/x"), dir = below("dir"),
                  inner = below("dir/inner");
    cay_error_t *err = NULL;
    assert_int_equal(cay__fs_rename(&file, &moved, NULL), 0);
    assert_string_equal(content("in/dir/moved"), "inside");
    assert_false(exists("in/file"));
    assert_int_equal(cay__fs_rename(&moved, &deep, NULL), 0);
    assert_string_equal(content("in/dir/deep"), "inside");
    expect_code(cay__fs_rename(&missing, &file, &err), CAY_ENOTFOUND, &err,
                "rename \"missing\": not found", "from");
    expect_code(cay__fs_rename(&deep, &under, &err), CAY_ENOTFOUND, &err,
                "rename \"missing/x\": not found", "to");
    assert_int_equal(cay__fs_rename(&dir, &inner, NULL), CAY_EINVAL);   /* into itself */
    assert_int_equal(cay__fs_rename(&deep, &dir, NULL), CAY_ENOTEMPTY); /* on what it is in */
    assert_int_equal(make("full/er", true), 0);
    cay_fs_path_t full = below("full");
    assert_int_equal(cay__fs_rename(&dir, &full, NULL), CAY_ENOTEMPTY);
    assert_int_equal(cay__fs_rename(&deep, &full, NULL), CAY_EISDIR);
    assert_int_equal(cay__fs_rename(&dir, &file, NULL), 0);
    assert_string_equal(content("in/file/deep"), "inside");
}

static void renaming_between_two_grants_works(void **state) {
    (void)state;
    char other[128];
    snprintf(other, sizeof other, "%s/other", base);
    assert_int_equal(mkdir(other, 0700), 0);
    cay_fs_path_t from = below("dir"), to = {other, "dir", "dir", NULL, NULL};
    assert_int_equal(cay__fs_rename(&from, &to, NULL), 0);
    assert_string_equal(content("other/dir/deep"), "below");
    put_file("other/x", "x");
    char granted[140];
    snprintf(granted, sizeof granted, "%s/granted", base);
    cay_fs_path_t x = {other, "x", "x", NULL, NULL}, file = itself(granted);
    assert_int_equal(cay__fs_rename(&x, &file, NULL), 0); /* a granted file's own name */
    assert_string_equal(content("granted"), "x");
}

static int copy(const char *from, const char *to, unsigned flags) {
    cay_fs_path_t a = below(from), b = below(to);
    return cay__fs_copy(&a, &b, flags, NULL, NULL);
}

static void copying_takes_content_and_permission_bits(void **state) {
    (void)state;
    struct stat st;
    assert_int_equal(chmod(at("in/file"), 06740), 0);
    assert_int_equal(copy("file", "twin", CAY_FS_CREATE), 0);
    assert_string_equal(content("in/twin"), "inside");
    assert_int_equal(stat(at("in/twin"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0740); /* set-id bits stay behind */
    put_file("in/long", "a text that is longer");
    assert_int_equal(copy("file", "long", 0), 0);
    assert_string_equal(content("in/long"), "inside that is longer");
    assert_int_equal(copy("file", "long", CAY_FS_CREATE | CAY_FS_TRUNCATE), 0);
    assert_string_equal(content("in/long"), "inside");
    assert_int_equal(symlink("dir/deep", at("in/link")), 0);
    assert_int_equal(copy("link", "long", CAY_FS_TRUNCATE), 0); /* the source may be a link */
    assert_string_equal(content("in/long"), "below");
}

static void copying_that_cannot_be_says_why_and_spoils_nothing(void **state) {
    (void)state;
    assert_int_equal(copy("file", "none", 0), CAY_ENOTFOUND);
    assert_int_equal(copy("missing", "x", CAY_FS_CREATE), CAY_ENOTFOUND);
    assert_false(exists("in/x"));
    assert_int_equal(copy("file", "dir/deep", CAY_FS_CREATE | CAY_FS_EXCLUSIVE), CAY_EEXIST);
    assert_int_equal(copy("dir", "x", CAY_FS_CREATE), CAY_EISDIR);
    assert_int_equal(copy("file", "dir", CAY_FS_CREATE), CAY_EISDIR);
    assert_int_equal(copy("file", "file", CAY_FS_CREATE | CAY_FS_TRUNCATE), CAY_EINVAL);
    assert_int_equal(symlink("file", at("in/link")), 0);
    assert_int_equal(copy("link", "file", CAY_FS_CREATE | CAY_FS_TRUNCATE), CAY_EINVAL);
    assert_string_equal(content("in/file"), "inside");
    assert_string_equal(content("in/dir/deep"), "below");
}

static void large_file_is_copied_whole(void **state) {
    (void)state;
    size_t len = (9 << 20) + 13;
    char *data = malloc(len);
    for (size_t i = 0; i < len; i++) {
        data[i] = (char)(i * 7 + (i >> 13));
    }
    cay_fs_path_t p = below("large"), twin = below("twin");
    cay_blob_t b;
    assert_int_equal(cay__fs_write_all(&p, CAY_FS_CREATE, data, len, NULL, NULL), 0);
    assert_int_equal(copy("large", "twin", CAY_FS_CREATE), 0);
    assert_int_equal(cay__fs_read_all(&twin, len, NULL, &b, NULL), 0);
    assert_int_equal(b.len, len);
    assert_memory_equal(b.data, data, len);
    cay__blob_drop(&b);
    free(data);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_base, drop_base)
    const struct CMUnitTest tests[] = {
        TEST(directory_is_listed_with_the_type_of_each_entry),
        TEST(long_directory_is_listed_whole_behind_what_the_buffer_held),
        TEST(directories_are_made_one_by_one_or_with_their_parents),
        TEST(granted_directory_that_is_missing_is_made_but_nothing_above_it),
        TEST(names_are_removed_and_full_directories_only_when_told),
        TEST(granted_directory_itself_is_neither_removed_nor_moved),
        TEST(wide_and_deep_tree_is_removed_with_few_descriptors),
        TEST(tree_deeper_than_a_path_is_removed_up_to_a_bound),
        TEST(tree_that_is_nested_too_deep_is_left_with_an_error),
        TEST(renaming_moves_and_replaces),
        TEST(renaming_between_two_grants_works),
        TEST(copying_takes_content_and_permission_bits),
        TEST(copying_that_cannot_be_says_why_and_spoils_nothing),
        TEST(large_file_is_copied_whole),
    };
    return cmocka_run_group_tests(tests, tmp_in_memory, NULL);
}
