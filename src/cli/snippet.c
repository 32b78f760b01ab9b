/* SPDX-License-Identifier: MIT */
/* The source line of an error with carets under the marked part.
 *
 * The engine counts columns in UTF-16 units, a terminal in cells. The line is cut into pieces, one for
 * each code point, that know both; tabs stay tabs on both lines, so that they are as wide in the one as in
 * the other. A line wider than the terminal is shown as a window around the first caret. */
#include <stdlib.h>
#include <string.h>

#include "report.h"

#define TAB_WIDTH  8
#define INDENT     "    "
#define ELLIPSIS   "..."
#define MAX_PIECES 4096

typedef struct piece {
    uint32_t cp;
    uint16_t from; /* bytes of the line */
    uint8_t len;
    uint8_t width; /* cells; of a tab, the most it can take */
    bool is_marked;
} piece_t;

/* ---- widths ---- */

typedef struct range {
    uint32_t first, last;
} range_t;

/* Scripts and symbols that terminals show two cells wide, and marks that join the letter before them:
 * the common blocks. A miss moves a caret by a cell. */
static const range_t wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
                               {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
                               {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
                               {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
static const range_t joining[] = {{0x0300, 0x036F}, {0x0483, 0x0489},  {0x0591, 0x05BD},
                                  {0x064B, 0x065F}, {0x1AB0, 0x1AFF},  {0x1DC0, 0x1DFF},
                                  {0x200C, 0x200D}, {0x20D0, 0x20FF},  {0xFE00, 0xFE0F},
                                  {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF}};

static bool is_in(uint32_t cp, const range_t *ranges, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (cp >= ranges[i].first && cp <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static uint8_t width_of(uint32_t cp) {
    if (cp == '\t') {
        return TAB_WIDTH;
    }
    if (cay__cli_is_unsafe(cp)) {
        cay_cli_text_t t = {0};
        cay__cli_put_escape(&t, cp);
        size_t n = t.len;
        cay__cli_text_free(&t);
        return (uint8_t)n;
    }
    if (is_in(cp, joining, sizeof joining / sizeof joining[0])) {
        return 0;
    }
    return is_in(cp, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}

/* ---- pieces ---- */

/* Cuts the line; the number of pieces. `first` is set to the piece that the error's column is in. */
static size_t cut(const cay_error_info_t *e, piece_t *out, size_t *first) {
    const char *s = e->source_line;
    size_t len = strcspn(s, "\r\n");
    uint32_t column = 1;
    uint32_t end = e->end_column > e->column ? e->end_column : e->column + 1;
    size_t count = 0;
    *first = SIZE_MAX;
    for (size_t i = 0; i < len && count < MAX_PIECES && i <= UINT16_MAX; count++) {
        piece_t *p = &out[count];
        p->len = (uint8_t)cay__cli_decode(s + i, len - i, &p->cp);
        p->from = (uint16_t)i;
        p->width = width_of(p->cp);
        uint32_t units = p->cp >= 0x10000 ? 2 : 1;
        p->is_marked = column + units > e->column && column < end;
        if (p->is_marked && *first == SIZE_MAX) {
            *first = count;
        }
        column += units;
        i += p->len;
    }
    if (*first == SIZE_MAX) { /* past the end: where something is missing */
        *first = count;
    }
    return count;
}

static size_t width_between(const piece_t *p, size_t from, size_t to) {
    size_t sum = 0;
    for (size_t i = from; i < to; i++) {
        sum += p[i].width;
    }
    return sum;
}

/* The window [*from, *to) of pieces that fits, with a third of the room before the first caret. */
static void choose_window(const piece_t *p, size_t count, size_t first, size_t room, size_t *from,
                          size_t *to) {
    *from = 0;
    *to = count;
    if (width_between(p, 0, count) <= room) {
        return;
    }
    room -= 2 * strlen(ELLIPSIS);
    size_t used = 0;
    for (*from = first; *from > 0 && used + p[*from - 1].width <= room / 3; (*from)--) {
        used += p[*from - 1].width;
    }
    for (*to = first; *to < count && used + p[*to].width <= room; (*to)++) {
        used += p[*to].width;
    }
    for (; *from > 0 && used + p[*from - 1].width <= room; (*from)--) { /* room that is left over */
        used += p[*from - 1].width;
    }
}

static void put_line(cay_cli_text_t *t, const char *line, const piece_t *p, size_t from,
                     size_t to) {
    for (size_t i = from; i < to; i++) {
        cay__cli_put_shown(t, line + p[i].from, p[i].len, CAY_CLI_KEEP_TABS, 0);
    }
}

static void put_gap(cay_cli_text_t *t, const piece_t *p, size_t from, size_t first) {
    for (size_t i = from; i < first; i++) {
        if (p[i].cp == '\t') {
            cay__cli_put(t, "\t", 1);
        } else {
            cay__cli_repeat(t, ' ', p[i].width);
        }
    }
}

static void put_carets(cay_cli_text_t *t, const piece_t *p, size_t first, size_t to) {
    size_t carets = 0;
    for (size_t i = first; i < to && p[i].is_marked; i++) {
        carets += p[i].cp == '\t' ? 1 : p[i].width;
    }
    cay__cli_repeat(t, '^', carets ? carets : 1);
}

void cay__cli_put_snippet(cay_cli_text_t *t, const cay_error_info_t *e, const cay_cli_report_t *r) {
    if (!e->source_line || !*e->source_line || !e->line || !e->column) {
        return;
    }
    piece_t *p = malloc(MAX_PIECES * sizeof *p);
    if (!p) {
        return;
    }
    size_t first, from, to;
    size_t count = cut(e, p, &first);
    choose_window(p, count, first, r->columns, &from, &to);
    cay__cli_putf(t, INDENT "%s", from > 0 ? ELLIPSIS : "");
    put_line(t, e->source_line, p, from, to);
    cay__cli_putf(t, "%s\n" INDENT "%s", to < count ? ELLIPSIS : "", from > 0 ? "   " : "");
    put_gap(t, p, from, first);
    cay__cli_put_red(t, r, true);
    put_carets(t, p, first, to);
    cay__cli_put_red(t, r, false);
    cay__cli_puts(t, "\n");
    free(p);
}
