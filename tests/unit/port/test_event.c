/* SPDX-License-Identifier: MIT */
/* Copies of events, and the words for types and reasons. */
#include "util.h"

static cay_event_t full_error(void) {
    cay_event_t ev = {.type = CAY_EVENT_ERROR};
    ev.u.error.error = (cay_error_info_t){.name = "RangeError",
                                          .message = "",
                                          .stack = "a\nb",
                                          .file = NULL,
                                          .source_line = "x = y",
                                          .line = 3,
                                          .column = 4,
                                          .end_column = 5};
    return ev;
}

static void copy_has_its_own_texts(void **state) {
    (void)state;
    char name[] = "RangeError";
    cay_event_t ev = full_error();
    ev.u.error.error.name = name;
    cay_event_box_t *box = cay__event_box_copy(&ev);
    assert_non_null(box);
    name[0] = 'X';
    const cay_error_info_t *e = &box->ev.u.error.error;
    assert_string_equal(e->name, "RangeError");
    assert_string_equal(e->message, "");
    assert_string_equal(e->stack, "a\nb");
    assert_null(e->file);
    assert_string_equal(e->source_line, "x = y");
    assert_int_equal(e->line, 3);
    assert_int_equal(e->column, 4);
    assert_int_equal(e->end_column, 5);
    assert_int_equal(box->ev.size, sizeof ev);
    cay_event_free(&box->ev);
}

static void copy_of_an_older_shorter_event_reads_as_zero_beyond(void **state) {
    (void)state;
    cay_event_t ev = final_event(CAY_REASON_CLOSED);
    ev.u.end.exit_code = 3;
    ev.u.end.usage.slices = 9;
    ev.u.end.error.name = "never read";
    ev.size = offsetof(cay_event_t, u) + offsetof(cay_event_end_t, error);
    cay_event_box_t *box = cay__event_box_copy(&ev);
    assert_int_equal(box->ev.u.end.reason, CAY_REASON_CLOSED);
    assert_int_equal(box->ev.u.end.exit_code, 3);
    assert_null(box->ev.u.end.error.name);
    assert_int_equal(box->ev.u.end.usage.slices, 0);
    cay_event_free(&box->ev);
}

static void end_without_a_limit_filled_in_names_none(void **state) {
    (void)state;
    cay_event_t ev = final_event(CAY_REASON_CLOSED);
    cay_event_box_t *box = cay__event_box_copy(&ev);
    assert_int_equal(box->ev.u.end.limit.which, CAY_LIMIT_NONE);
    cay_event_free(&box->ev);
    ev.u.end.limit = (cay_event_limit_t){CAY_LIMIT_MEMORY, 1, 64, 65};
    ev.size = offsetof(cay_event_t, u) + offsetof(cay_event_end_t, limit);
    box = cay__event_box_copy(&ev);
    assert_int_equal(box->ev.u.end.limit.which, CAY_LIMIT_NONE); /* beyond its size */
    cay_event_free(&box->ev);
    ev.size = sizeof ev;
    box = cay__event_box_copy(&ev);
    assert_memory_equal(&box->ev.u.end.limit, &ev.u.end.limit, sizeof ev.u.end.limit);
    cay_event_free(&box->ev);
}

static void copy_of_a_limit_keeps_its_own_arm_alone(void **state) {
    (void)state;
    cay_event_t ev = final_event(CAY_REASON_CLOSED);
    ev.u.end.error.source_line = "stray";
    ev.type = CAY_EVENT_LIMIT;
    ev.u.limit = (cay_event_limit_t){CAY_LIMIT_CPU, 0, 100, 80};
    cay_event_box_t *box = cay__event_box_copy(&ev);
    cay_event_t only = {0};
    memset(&only, 0, sizeof only);
    only.u.limit = ev.u.limit;
    assert_memory_equal(&box->ev.u, &only.u, sizeof only.u);
    cay_event_free(&box->ev);
}

static void copy_keeps_nothing_of_unused_arms(void **state) {
    (void)state;
    cay_event_t ev = final_event(CAY_REASON_CLOSED);
    ev.u.end.error.name = "stray";
    ev.type = CAY_EVENT_ONLINE;
    cay_event_box_t *box = cay__event_box_copy(&ev);
    const cay_event_t zero = {0};
    assert_memory_equal(&box->ev.u, &zero.u, sizeof zero.u);
    cay_event_free(&box->ev);
}

/* The text is cut before a code point, never inside. */
static void long_texts_are_cut_at_a_code_point(void **state) {
    (void)state;
    for (size_t lead = 0; lead < 4; lead++) {
        size_t len = CAY_EVENT_TEXT_MAX + 40;
        char *text = malloc(len + 1);
        memset(text, 'a', lead);
        for (size_t i = lead; i + 4 <= len + 4; i++) {
            text[i] = "\xF0\x9F\x8F\x9D"[(i - lead) % 4]; /* U+1F3DD, four bytes */
        }
        text[len] = 0;
        cay_event_t ev = error_event(text);
        cay_event_box_t *box = cay__event_box_copy(&ev);
        size_t cut = strlen(box->ev.u.error.error.message);
        assert_in_range(cut, CAY_EVENT_TEXT_MAX - 3, CAY_EVENT_TEXT_MAX);
        assert_int_equal((cut - lead) % 4, 0);
        assert_memory_equal(box->ev.u.error.error.message, text, cut);
        cay_event_free(&box->ev);
        free(text);
    }
}

static void only_two_types_are_final(void **state) {
    (void)state;
    for (cay_event_type_t t = 0; t < 20; t++) {
        cay_event_t ev = {.type = t};
        bool final = t == CAY_EVENT_TERMINAL_ERROR || t == CAY_EVENT_CLOSE;
        assert_int_equal(cay_event_is_final(&ev), final);
    }
    assert_false(cay_event_is_final(NULL));
}

static void only_message_events_give_messages(void **state) {
    (void)state;
    assert_null(cay_event_take_message(NULL));
    cay_event_t ev = full_error();
    assert_null(cay_event_take_message(&ev));
    cay_event_free(NULL);
}

static void expect_names_of_their_own(const char *(*name)(uint32_t), uint32_t from, uint32_t to) {
    for (uint32_t i = from; i <= to; i++) {
        assert_string_not_equal(name(i), "unknown");
        for (uint32_t j = from; j < i; j++) {
            assert_string_not_equal(name(i), name(j));
        }
    }
    assert_string_equal(name(to + 1), "unknown");
}

static void every_type_and_reason_has_a_name_of_its_own(void **state) {
    (void)state;
    expect_names_of_their_own(cay_event_type_name, CAY_EVENT_ONLINE, CAY_EVENT_DRAIN);
    expect_names_of_their_own(cay_reason_name, CAY_REASON_NONE, CAY_REASON_STARTUP);
    assert_string_equal(cay_event_type_name(0), "unknown");
    assert_string_equal(cay_reason_name(CAY_REASON_TURN_CPU), "turn cpu limit");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        balanced(copy_has_its_own_texts),
        balanced(copy_of_an_older_shorter_event_reads_as_zero_beyond),
        balanced(end_without_a_limit_filled_in_names_none),
        balanced(copy_of_a_limit_keeps_its_own_arm_alone),
        balanced(copy_keeps_nothing_of_unused_arms),
        balanced(long_texts_are_cut_at_a_code_point),
        balanced(only_two_types_are_final),
        balanced(only_message_events_give_messages),
        balanced(every_type_and_reason_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
