/* SPDX-License-Identifier: MIT */
/* Limits as values: texts, defaults, contradictions, children. */
#include "base/mem.h"
#include "limits_test.h"

static void texts_are_read(void **state) {
    (void)state;
    static const struct {
        const char *name, *text;
        uint64_t value;
    } good[] = {
        {"memory", "64M", 64 * MIB},
        {"memory", "64MiB", 64 * MIB},
        {"memory", "1.5G", 1536 * MIB},
        {"memory", "8388608", 8 * MIB},
        {"memory", "0.25K", 256},
        {"memory", "unlimited", CAY_UNLIMITED},
        {"cpu", "200ms", 200},
        {"cpu", "1.5s", 1500},
        {"turn-cpu", "2m", 120000},
        {"wall", "1h", 3600000},
        {"queue", "10000", 10000},
        {"queue-bytes", "1KB", 1024},
        {"workers", "0", CAY_NO_WORKERS},
        {"workers", "unlimited", CAY_UNLIMITED},
        {"soft", "75%", 75},
        {"soft", "unlimited", CAY_UNLIMITED},
        {"grace", "20ms", 20},
        {"stack", "512K", 512 * 1024},
        {"output", "18446744073709551613", UINT64_MAX - 2},
    };
    for (size_t i = 0; i < CAY_COUNT(good); i++) {
        cay_limits_t l = CAY_LIMITS_INIT;
        cay_error_t *err = NULL;
        int rc = cay_limits_set(&l, good[i].name, good[i].text, &err);
        if (rc) {
            fail_msg("%s=%s: %s", good[i].name, good[i].text, cay_error_message(err));
        }
        uint64_t sum = 0;
        for (uint32_t k = 0; k < CAY_LIMIT_WORDS; k++) {
            sum += *cay__limit_field(&l, k);
        }
        assert_int_equal(sum, good[i].value); /* that field, and no other */
    }
}

static void malformed_texts_name_the_limit_and_change_nothing(void **state) {
    (void)state;
    static const char *const bad[][2] = {
        {"memory", ""},
        {"memory", "M"},
        {"memory", "64m"},
        {"memory", "-1"},
        {"memory", "64 M"},
        {"memory", "0"},
        {"memory", "1.M"},
        {"memory", ".5M"},
        {"memory", "1.0001K"},
        {"memory", "64MM"},
        {"memory", "0x40"},
        {"memory", "20000000000000000000"},
        {"memory", "17179869184G"},
        {"memory", "18446744073709551615"},
        {"cpu", "200"},
        {"cpu", "1d"},
        {"cpu", "0ms"},
        {"cpu", "0.0001s"},
        {"cpu", "1e3ms"},
        {"queue", "1.5"},
        {"queue", "10K"},
        {"queue", "UNLIMITED"},
        {"soft", "80 %"},
        {"stack", "unlimited"},
        {"depth", "unlimited"},
        {"grace", "unlimited"},
        {"cpu", "1.00000000000s"},
    };
    for (size_t i = 0; i < CAY_COUNT(bad); i++) {
        cay_limits_t l = CAY_LIMITS_INIT;
        cay_limits_t before = l;
        cay_error_t *err = NULL;
        if (cay_limits_set(&l, bad[i][0], bad[i][1], &err) != CAY_EINVAL) {
            fail_msg("%s=%s was taken", bad[i][0], bad[i][1]);
        }
        assert_non_null(strstr(cay_error_message(err), bad[i][0]));
        assert_memory_equal(&l, &before, sizeof l);
        cay_error_free(err);
    }
    cay_limits_t l = CAY_LIMITS_INIT;
    assert_int_equal(cay_limits_set(&l, "memmory", "1M", NULL), CAY_ENOTFOUND);
    assert_int_equal(cay_limits_set(&l, NULL, "1M", NULL), CAY_EINVAL);
    l.size = 8;
    assert_int_equal(cay_limits_set(&l, "memory", "64M", NULL), CAY_EINVAL);
}

static void every_limit_has_a_default_that_can_be_held(void **state) {
    (void)state;
    cay_limits_t l = CAY_LIMITS_INIT;
    assert_int_equal(cay_limits_resolve(NULL, &l, NULL), 0);
    assert_int_equal(l.memory, 64 * MIB);
    assert_int_equal(l.heap, 64 * MIB);
    assert_int_equal(l.turn_cpu_ms, 1000);
    assert_int_equal(l.queue, 10000);
    assert_int_equal(l.queue_bytes, 16 * MIB);
    assert_int_equal(l.cpu_ms, CAY_UNLIMITED);
    assert_int_equal(l.soft_percent, 80);
    for (cay_limit_t i = 0; i < CAY_LIMIT_COUNT; i++) {
        assert_int_not_equal(cay_limits_get(&l, i), 0);
        assert_string_not_equal(cay_limit_name(i), "unknown");
    }
    assert_string_equal(cay_limit_name(CAY_LIMIT_COUNT), "unknown");
    assert_int_equal(cay_limits_get(&l, CAY_LIMIT_COUNT), CAY_UNLIMITED);
}

static void defaults_give_way_to_what_is_said(void **state) {
    (void)state;
    cay_limits_t l = limits_of("memory=16M;cpu=100ms;wall=2s");
    assert_int_equal(l.heap, 16 * MIB);
    assert_int_equal(l.queue_bytes, 4 * MIB);
    assert_int_equal(l.turn_cpu_ms, CAY_UNLIMITED);
    assert_int_equal(l.startup_ms, CAY_UNLIMITED);
    l = limits_of("memory=unlimited");
    assert_int_equal(l.heap, CAY_UNLIMITED);
    assert_int_equal(l.queue_bytes, 16 * MIB);
}

static void what_cannot_be_held_is_refused_with_the_reason(void **state) {
    (void)state;
    static const char *const bad[][2] = {
        {"memory=1M", "limit memory: 1 MiB is too little, at least 4 MiB"},
        {"heap=1K", "limit heap: 1 KiB is too little, at least 4 MiB"},
        {"memory=16M;heap=32M", "limit heap: 32 MiB is above the memory limit"},
        {"memory=16M;queue-bytes=8M", "limit queue-bytes: 8 MiB is above a quarter of the memory"},
        {"cpu=100ms;turn-cpu=200ms", "limit turn-cpu: 200 ms is above the cpu limit"},
        {"cpu=1ms", "limit cpu: 1 ms is too little, at least 5 ms"},
        {"wall=1s;idle=2s", "limit idle: 2 s is above the wall limit"},
        {"wall=1s;startup=2s", "limit startup: 2 s is above the wall limit"},
        {"stack=2M", "limit stack: 2 MiB is too much, at most 1.5 MiB"},
        {"stack=1K", "limit stack: 1 KiB is too little, at least 64 KiB"},
        {"depth=65", "limit depth: 65 is too much, at most 64"},
        {"soft=101", "limit soft: 101 is too much, at most 100"},
        {"grace=2s", "limit grace: 2 s is too much, at most 1 s"},
    };
    for (size_t i = 0; i < CAY_COUNT(bad); i++) {
        cay_limits_t l = CAY_LIMITS_INIT;
        cay_error_t *err = NULL;
        assert_int_equal(cay__limits_read(&l, bad[i][0], NULL), 0);
        cay_limits_t out = CAY_LIMITS_INIT;
        assert_int_equal(cay_limits_resolve(&l, &out, &err), CAY_EINVAL);
        assert_int_equal(out.memory, 0);
        if (strncmp(cay_error_message(err), bad[i][1], strlen(bad[i][1]))) {
            fail_msg("%s: %s", bad[i][0], cay_error_message(err));
        }
        cay_error_free(err);
    }
}

static void structs_of_other_versions_are_understood(void **state) {
    (void)state;
    struct {
        cay_limits_t l;
        uint64_t more[2];
    } newer = {CAY_LIMITS_INIT, {0, 0}};
    newer.l.size = sizeof newer;
    newer.l.memory = 8 * MIB;
    cay_limits_t out = CAY_LIMITS_INIT;
    assert_int_equal(cay_limits_resolve(&newer.l, &out, NULL), 0);
    assert_int_equal(out.memory, 8 * MIB);
    newer.more[1] = 1;
    assert_int_equal(cay_limits_resolve(&newer.l, &out, NULL), CAY_E2BIG);
    newer.l.size = 16; /* size and memory alone; what follows is not looked at */
    newer.l.heap = 1;
    assert_int_equal(cay_limits_resolve(&newer.l, &out, NULL), 0);
    newer.l.size = 4;
    assert_int_equal(cay_limits_resolve(&newer.l, &out, NULL), CAY_EINVAL);
    out.size = 24;
    out.cpu_ms = 77;
    assert_int_equal(cay_limits_resolve(NULL, &out, NULL), 0);
    assert_int_equal(out.heap, 64 * MIB);
    assert_int_equal(out.cpu_ms, 77); /* past the size: not the library's */
    out.size = 0;
    assert_int_equal(cay_limits_resolve(NULL, &out, NULL), CAY_EINVAL);
}

static void child_refused(const char *parent, const char *child, const char *why) {
    cay_limits_t p = limits_of(parent), c = CAY_LIMITS_INIT, out;
    cay_error_t *err = NULL;
    assert_int_equal(cay__limits_read(&c, child, NULL), 0);
    assert_int_equal(cay__limits_child(&p, &c, &out, &err), CAY_EINVAL);
    if (strncmp(cay_error_message(err), why, strlen(why))) {
        fail_msg("%s: %s", child, cay_error_message(err));
    }
    cay_error_free(err);
}

static void a_child_never_has_more(void **state) {
    (void)state;
    child_refused("memory=32M", "memory=64M",
                  "limit memory: 64 MiB is above what its creator has, 32 MiB");
    child_refused("memory=32M", "memory=unlimited", "limit memory: unlimited is above what its");
    child_refused("cpu=1s", "cpu=2s", "limit cpu: 2 s is above what its creator has, 1 s");
    child_refused("workers=0", "workers=1", "limit workers: 1 is above what its creator has, 0");
    child_refused("memory=32M", "memory=1M", "limit memory: 1 MiB is too little");
    child_refused("memory=32M", "memory=8M;heap=16M", "limit heap: 16 MiB is above the memory");
    cay_limits_t p = limits_of(
                     "memory=32M;cpu=500ms;queue=10;workers=0;soft=50;wall=1s;idle=900ms"),
                 out;
    assert_int_equal(cay__limits_child(&p, NULL, &out, NULL), 0);
    for (cay_limit_t i = 0; i < CAY_LIMIT_COUNT; i++) {
        assert_int_equal(cay_limits_get(&out, i), cay_limits_get(&p, i));
    }
    assert_int_equal(out.soft_percent, 50);
    cay_limits_t c = CAY_LIMITS_INIT;
    assert_int_equal(cay__limits_read(&c, "memory=8M;cpu=100ms;wall=500ms", NULL), 0);
    assert_int_equal(cay__limits_child(&p, &c, &out, NULL), 0);
    assert_int_equal(out.heap, 8 * MIB);
    assert_int_equal(out.queue_bytes, 2 * MIB);
    assert_int_equal(out.turn_cpu_ms, CAY_UNLIMITED);
    assert_int_equal(out.idle_ms, CAY_UNLIMITED);
    assert_int_equal(out.workers, CAY_NO_WORKERS);
    p = limits_of("memory=unlimited;timers=unlimited;turn-cpu=unlimited");
    assert_int_equal(cay__limits_child(&p, NULL, &out, NULL), 0);
    assert_int_equal(out.memory, 64 * MIB); /* the default, not the parent's */
    assert_int_equal(out.timers, 10000);
}

static void a_child_gets_no_limit_that_nobody_set(void **state) {
    (void)state;
    cay_limits_t p = limits_of("wall=1s"), out;
    assert_int_equal(cay__limits_child(&p, NULL, &out, NULL), 0);
    assert_int_equal(out.idle_ms, CAY_UNLIMITED);
    cay_limits_t c = CAY_LIMITS_INIT;
    assert_int_equal(cay__limits_read(&c, "wall=500ms", NULL), 0);
    assert_int_equal(cay__limits_child(&p, &c, &out, NULL), 0);
    assert_int_equal(out.wall_ms, 500);
    assert_int_equal(out.idle_ms, CAY_UNLIMITED);
}

static void a_heap_without_a_limit_has_that_of_memory(void **state) {
    (void)state;
    assert_int_equal(limits_of("memory=16M;heap=unlimited").heap, 16 * MIB);
    cay_limits_t p = limits_of("memory=unlimited"), c = CAY_LIMITS_INIT, out;
    assert_int_equal(cay__limits_read(&c, "memory=16M;heap=unlimited", NULL), 0);
    assert_int_equal(cay__limits_child(&p, &c, &out, NULL), 0);
    assert_int_equal(out.heap, 16 * MIB);
}

static void a_refused_list_changes_nothing(void **state) {
    (void)state;
    static const char *const bad[] = {
        "memory=8M;cpu=1",     "memory=8M;bogus=1", "memory=8M;cpu",
        "memory=8M;;cpu=10ms", "memory=8M;=",       "memory=8M; cpu=10ms",
    };
    for (size_t i = 0; i < CAY_COUNT(bad); i++) {
        cay_limits_t l = CAY_LIMITS_INIT;
        l.memory = 5 * MIB;
        cay_limits_t before = l;
        assert_int_equal(cay__limits_read(&l, bad[i], NULL), CAY_EINVAL);
        assert_memory_equal(&l, &before, sizeof l);
    }
    cay_limits_t l = CAY_LIMITS_INIT;
    assert_int_equal(cay__limits_read(&l, "memory=8M;memory=16M;", NULL), 0);
    assert_int_equal(l.memory, 16 * MIB);
}

/* What a guest wrote comes back in the message: whole characters, none that steer a terminal. */
static void messages_show_what_was_written_harmlessly(void **state) {
    (void)state;
    static const struct {
        const char *name, *text, *shown;
    } cases[] = {
        {"memory", "\x1b[2Jx\n", "limit memory: \"?[2Jx?\" is not a size"},
        {"mem\x7f\x01", "1", "there is no limit \"mem??\""},
        {"cpu", "\xff\xc3", "limit cpu: \"??\" is not a duration"},
        {"cpu", "\xc3\xa9", "limit cpu: \"\xc3\xa9\" is not a duration"},
    };
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        cay_limits_t l = CAY_LIMITS_INIT;
        cay_error_t *err = NULL;
        assert_int_not_equal(cay_limits_set(&l, cases[i].name, cases[i].text, &err), 0);
        if (strncmp(cay_error_message(err), cases[i].shown, strlen(cases[i].shown))) {
            fail_msg("%s", cay_error_message(err));
        }
        cay_error_free(err);
    }
    char text[256], expected[256];
    memset(text, '-', 99);
    strcpy(text + 99, "\xc3\xa9 and more"); /* the 100th byte is within a character */
    snprintf(expected, sizeof expected, "there is no limit \"%.99s...\"", text);
    cay_limits_t l = CAY_LIMITS_INIT;
    cay_error_t *err = NULL;
    assert_int_equal(cay_limits_set(&l, text, "1", &err), CAY_ENOTFOUND);
    assert_string_equal(cay_error_message(err), expected);
    cay_error_free(err);
}

/* Whichever allocation fails: nothing is half read, the code stays, nothing is left behind. */
static void without_memory_a_list_is_read_whole_or_not(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    int rc = CAY_ENOMEM;
    for (uint64_t n = 1; rc; n++) {
        cay_limits_t l = CAY_LIMITS_INIT, before = l;
        cay_error_t *err = NULL;
        cay__mem_fail_at(n, false);
        rc = cay__limits_read(&l, "memory=8M;cpu=10ms", &err);
        assert_int_equal(cay__mem_failed(), rc != 0);
        cay__mem_fail_at(0, false);
        if (rc) {
            assert_int_equal(rc, CAY_ENOMEM);
            assert_memory_equal(&l, &before, sizeof l);
        }
        cay_error_free(err);
        assert_int_equal(cay__mem_live(), live);
    }
}

static void without_memory_a_refusal_is_one_all_the_same(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    cay_limits_t l = CAY_LIMITS_INIT, p = limits_of("memory=8M"), out = CAY_LIMITS_INIT;
    cay_error_t *err = NULL;
    cay__mem_fail_at(1, true);
    int set = cay_limits_set(&l, "cpu", "1", &err),
        unknown = cay_limits_set(&l, "cpus", "1s", &err);
    l.memory = 1;
    int resolved = cay_limits_resolve(&l, &out, &err);
    l.memory = 16 * MIB;
    int child = cay__limits_child(&p, &l, &out, &err);
    char *sentence = cay__limit_sentence(CAY_LIMIT_CPU, 1, 1);
    cay__mem_fail_at(0, false);
    assert_int_equal(set, CAY_EINVAL);
    assert_int_equal(unknown, CAY_ENOTFOUND);
    assert_int_equal(resolved, CAY_EINVAL);
    assert_int_equal(child, CAY_EINVAL);
    assert_null(err);
    assert_null(sentence);
    assert_int_equal(cay__mem_live(), live);
}

static void values_are_written_without_memory(void **state) {
    (void)state;
    char text[64];
    cay__mem_fail_at(1, true);
    size_t len = cay_limit_format(CAY_LIMIT_QUEUE, UINT64_MAX - 2, text, sizeof text);
    cay__mem_fail_at(0, false);
    assert_string_equal(text, "18,446,744,073,709,551,613");
    assert_int_equal(len, 26);
}

static void values_are_written_for_people(void **state) {
    (void)state;
    static const struct {
        cay_limit_t which;
        uint64_t value;
        const char *text;
    } cases[] = {
        {CAY_LIMIT_MEMORY, 64 * MIB, "64 MiB"},
        {CAY_LIMIT_MEMORY, 1536, "1.5 KiB"},
        {CAY_LIMIT_MEMORY, 1000, "1000 bytes"},
        {CAY_LIMIT_OUTPUT, 1, "1 byte"},
        {CAY_LIMIT_MEMORY, CAY_UNLIMITED, "unlimited"},
        {CAY_LIMIT_MEMORY, 65 * MIB + 700000, "65.66 MiB"},
        {CAY_LIMIT_CPU, 200, "200 ms"},
        {CAY_LIMIT_CPU, 1500, "1.5 s"},
        {CAY_LIMIT_QUEUE, 1234567, "1,234,567"},
        {CAY_LIMIT_WORKERS, CAY_NO_WORKERS, "0"},
        {CAY_LIMIT_QUEUE, 12, "12"},
    };
    char text[64];
    for (size_t i = 0; i < CAY_COUNT(cases); i++) {
        size_t len = cay_limit_format(cases[i].which, cases[i].value, text, sizeof text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(len, strlen(text));
    }
    assert_int_equal(cay_limit_format(CAY_LIMIT_MEMORY, 64 * MIB, text, 3), 6);
    assert_string_equal(text, "64");
    char *sentence = cay__limit_sentence(CAY_LIMIT_CPU, 1000, 1003);
    assert_string_equal(sentence, "the cpu limit of 1 s was reached (1 s used)");
    cay__free(sentence);
}

static void reasons_and_limits_match(void **state) {
    (void)state;
    for (cay_limit_t i = 0; i <= CAY_LIMIT_STARTUP; i++) {
        assert_int_equal(cay__limit_of_reason(cay__reason_of_limit(i)), i);
    }
    assert_int_equal(cay__limit_of_reason(CAY_REASON_CLOSED), CAY_LIMIT_NONE);
    assert_int_equal(cay__reason_of_limit(CAY_LIMIT_OUTPUT), CAY_REASON_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read),
        cmocka_unit_test(malformed_texts_name_the_limit_and_change_nothing),
        cmocka_unit_test(every_limit_has_a_default_that_can_be_held),
        cmocka_unit_test(defaults_give_way_to_what_is_said),
        cmocka_unit_test(what_cannot_be_held_is_refused_with_the_reason),
        cmocka_unit_test(structs_of_other_versions_are_understood),
        cmocka_unit_test(a_child_never_has_more),
        cmocka_unit_test(a_child_gets_no_limit_that_nobody_set),
        cmocka_unit_test(a_heap_without_a_limit_has_that_of_memory),
        cmocka_unit_test(a_refused_list_changes_nothing),
        cmocka_unit_test(messages_show_what_was_written_harmlessly),
        cmocka_unit_test(without_memory_a_list_is_read_whole_or_not),
        cmocka_unit_test(without_memory_a_refusal_is_one_all_the_same),
        cmocka_unit_test(values_are_written_without_memory),
        cmocka_unit_test(values_are_written_for_people),
        cmocka_unit_test(reasons_and_limits_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
