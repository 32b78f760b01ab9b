/* SPDX-License-Identifier: MIT */
/* Content codings undone, in pieces of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "io/http_coding.h"

#define HELLO     "hello hello hello hello hello "
#define GZIP_HEAD "\x1f\x8b\x08\0\0\0\0\0\0\x03"
#define DATA      "\xcb\x48\xcd\xc9\xc9\x57\xc8\xc0\x41\x02\0"
#define GZIP      GZIP_HEAD DATA "\xbe\xcb\x8a\xbd\x1e\0\0\0"
#define ZLIB      "\x78\x9c" DATA "\xae\x15\x0b\x05"
#define BR        "\x1b\x1d\0\xf8\x8d\x94\x6e\xde\x44\x55\x86\x96\x6c\x20\x6f\x41\x4f\x1c\x40\x71"
/* 16 MiB of zeros. */
#define BOMB                                                                                       \
    "\xcb\xff\xff\x3f\xf8\x27\0\xe2\xb1\x40\x20\xf7\xfe\x2f\xff\xff\xff\xf0\x4f\0\xc4\x61\x11\x80" \
    "\xee\xfd\x1f"

typedef struct sample {
    const char *coding;
    const char *data;
    size_t len;
    const char *text; /* NULL: does not decode */
    bool whole;
} sample_t;
#define SAMPLE(coding, data, text, whole)                                                          \
    { coding, data, sizeof(data) - 1, text, whole }

static const sample_t samples[] = {
    SAMPLE("gzip", GZIP, HELLO, true),
    SAMPLE("GZip", GZIP, HELLO, true),
    SAMPLE("x-gzip", GZIP, HELLO, true),
    SAMPLE("deflate", ZLIB, HELLO, true),
    SAMPLE("deflate", DATA, HELLO, true), /* without its head */
    SAMPLE("br", BR, HELLO, true),
    SAMPLE("gzip", GZIP GZIP, HELLO HELLO, true),
    SAMPLE("gzip", GZIP "\0\0\0\0", HELLO, true),
    SAMPLE("gzip", GZIP "rubbish", HELLO, true),
    SAMPLE("deflate", ZLIB "rubbish", HELLO, true),
    SAMPLE("br", BR "rubbish", HELLO, true),
    SAMPLE("gzip", GZIP GZIP_HEAD, HELLO, false),
    SAMPLE("gzip", "", "", true),
    SAMPLE("gzip", GZIP_HEAD, "", false),
    SAMPLE("gzip", GZIP_HEAD DATA "\xbe\xcb\x8a\xbd\x1e\0\0", HELLO, false),
    SAMPLE("deflate", "\x78\x9c" DATA, HELLO, false),
    SAMPLE("gzip", GZIP_HEAD DATA "\xbe\xcb\x8a\xbe\x1e\0\0\0", NULL, false), /* check sum */
    SAMPLE("gzip", "plain text", NULL, false),
    SAMPLE("gzip", ZLIB, NULL, false),
    SAMPLE("br", "\xff\xff\xff\xff", NULL, false),
    SAMPLE("deflate", "\x78\x9c\xff\xff\xff\xff", NULL, false),
};

/* Decodes with at most `feed` bytes of input and `room` of output at a time. */
static int decode(const sample_t *s, size_t feed, size_t room, char *text, bool *whole) {
    cay_coding_t *c;
    const uint8_t *in = (const uint8_t *)s->data, *end = in + s->len;
    size_t at = 0, got;
    int rc = cay__coding_new(s->coding, &c);
    if (rc) {
        return rc;
    }
    assert_non_null(c);
    while (in < end && rc == 0) {
        size_t n = (size_t)(end - in) < feed ? (size_t)(end - in) : feed;
        do {
            rc = cay__coding_run(c, &in, &n, (uint8_t *)text + at, room, &got);
            assert_true(got <= room);
            assert_true(rc || got == room || n == 0);
            at += got;
            assert_true(at < 200);
        } while (rc == 0 && got == room);
    }
    text[at] = 0;
    *whole = cay__coding_whole(c);
    cay__coding_free(c);
    return rc;
}

static void all_pieces_give_the_same(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 7, 13, 100};
    for (size_t i = 0; i < CAY_COUNT(samples); i++) {
        const sample_t *s = &samples[i];
        for (size_t f = 0; f < CAY_COUNT(sizes); f++) {
            for (size_t r = 0; r < CAY_COUNT(sizes); r++) {
                char text[400];
                bool whole = false;
                int rc = decode(s, sizes[f], sizes[r], text, &whole);
                if (s->text) {
                    assert_int_equal(rc, 0);
                    assert_string_equal(text, s->text);
                    assert_int_equal(whole, s->whole);
                } else {
                    assert_int_equal(rc, CAY_EFORMAT);
                }
            }
        }
    }
}

static void a_bomb_gives_no_more_than_there_is_room_for(void **state) {
    (void)state;
    static uint8_t out[4096];
    cay_coding_t *c;
    const uint8_t *in = (const uint8_t *)BOMB;
    size_t n = sizeof BOMB - 1, got, all = 0;
    assert_int_equal(cay__coding_new("br", &c), 0);
    do {
        assert_int_equal(cay__coding_run(c, &in, &n, out, sizeof out, &got), 0);
        all += got;
    } while (got == sizeof out);
    assert_int_equal(all, 16 << 20);
    assert_true(cay__coding_whole(c));
    cay__coding_free(c);
}

static void what_is_not_ours_is_left_alone(void **state) {
    (void)state;
    static const char *const others[] = {"", "identity", "zstd", "gzip, br", "gzip ", "compress"};
    for (size_t i = 0; i < CAY_COUNT(others); i++) {
        cay_coding_t *c;
        assert_int_equal(cay__coding_new(others[i], &c), 0);
        assert_null(c);
    }
    assert_string_equal(cay__coding_accepted(), "gzip, deflate, br");
}

static void memory_may_run_out(void **state) {
    (void)state;
    int64_t live = cay__mem_live();
    for (size_t i = 0; i < 6; i++) {
        bool done = false;
        for (uint64_t n = 1; !done; n++) {
            char text[400];
            bool whole;
            cay__mem_fail_at(n, false);
            int rc = decode(&samples[i], 5, 7, text, &whole);
            done = !cay__mem_failed();
            cay__mem_fail_at(0, false);
            assert_int_equal(rc, done ? 0 : CAY_ENOMEM);
            assert_int_equal(cay__mem_live(), live);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_pieces_give_the_same),
        cmocka_unit_test(a_bomb_gives_no_more_than_there_is_room_for),
        cmocka_unit_test(what_is_not_ours_is_left_alone),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
