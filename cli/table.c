/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text.h"

#define TEXT_MAX (256u * 1024u * 1024u)
#define GAP 2
#define WIDE_MIN 8
#define ANY_MIN 3
#define WRAP_COLUMNS_MIN 20

static const struct {
    const char *word, *color;
} paints[] = {
    {"ok", "32"},      {"mounted", "32"},     {"healthy", "32"},    {"answers", "32"},
    {"loaded", "32"},  {"mounting", "33"},    {"unmounting", "33"}, {"recovering", "33"},
    {"suspect", "33"}, {"blind", "33"},       {"late", "33"},       {"failed", "31"},
    {"dead", "31"},    {"denied", "31"},      {"gone", "31"},       {"mute", "31"},
    {"refused", "31"}, {"unreachable", "31"}, {"broken", "31"},     {"failing", "31"},
};

static const char *paint_of(const char *cell) {
    for (size_t i = 0; i < sizeof paints / sizeof paints[0]; i++)
        if (strcasecmp(paints[i].word, cell) == 0)
            return paints[i].color;
    return NULL;
}

void table_finish(struct table *table) {
    str_finish(&table->text);
    free(table->cells);
    *table = (struct table){0};
}

static bool grow(struct table *table) {
    if (table->rows_len < table->rows_size)
        return true;
    size_t size = table->rows_size == 0 ? 16 : table->rows_size * 2;
    size_t *cells = realloc(table->cells, size * (table->columns_len + 1) * sizeof *cells);
    if (cells == NULL)
        return !(table->failed = true);
    table->text.limit = TEXT_MAX;
    table->cells = cells;
    table->rows_size = size;
    return true;
}

void table_add_row(struct table *table, const char *const *cells, const char *note) {
    if (table->failed || !grow(table))
        return;
    size_t *row = table->cells + table->rows_len * (table->columns_len + 1);
    for (size_t i = 0; i <= table->columns_len; i++) {
        row[i] = table->text.len;
        text_add_escaped(&table->text, i < table->columns_len ? cells[i] : note);
        str_add_bytes(&table->text, "", 1);
    }
    table->failed |= table->text.failed;
    table->rows_len++;
}

static const char *cell_of(const struct table *table, size_t row, size_t column) {
    return table->text.data + table->cells[row * (table->columns_len + 1) + column];
}

static size_t total(const struct table *table, const size_t *widths) {
    size_t sum = (table->columns_len - 1) * GAP;
    for (size_t i = 0; i < table->columns_len; i++)
        sum += widths[i];
    return sum;
}

/* Lower the widest columns (of the wide ones only, when wide) down to min until all fits. */
static void shrink(const struct table *table, size_t *widths, size_t width, bool wide, size_t min) {
    while (total(table, widths) > width) {
        size_t widest = table->columns_len;
        for (size_t i = 0; i < table->columns_len; i++)
            if ((!wide || table->columns[i].wide) && !table->columns[i].wrap && widths[i] > min &&
                (widest == table->columns_len || widths[i] > widths[widest]))
                widest = i;
        if (widest == table->columns_len)
            return;
        widths[widest]--;
    }
}

static void lay_out(const struct table *table, size_t width, size_t *widths) {
    size_t last = table->columns_len - 1;
    for (size_t c = 0; c <= last; c++) {
        widths[c] = text_width(table->columns[c].title);
        for (size_t r = 0; r < table->rows_len; r++) {
            size_t w = text_width(cell_of(table, r, c));
            if (w > widths[c])
                widths[c] = w;
        }
    }
    if (width == 0)
        return;
    if (table->columns[last].wrap && total(table, widths) > width) {
        size_t others = total(table, widths) - widths[last];
        widths[last] = others + WRAP_COLUMNS_MIN <= width ? width - others : WRAP_COLUMNS_MIN;
    }
    shrink(table, widths, width, true, WIDE_MIN);
    shrink(table, widths, width, false, ANY_MIN);
}

static void add_cell(const struct table_column *column, const char *cell, size_t width, bool last,
                     const char *color, struct str *out) {
    size_t taken = column->right ? text_width(cell) : width;
    if (taken < width)
        text_add_spaces(out, width - taken);
    if (color != NULL)
        str_add(out, "\033[%sm", color);
    size_t used = text_add_cut(out, cell, width);
    if (color != NULL)
        str_add(out, "\033[0m");
    if (last)
        return;
    if (!column->right && used < width)
        text_add_spaces(out, width - used);
    text_add_spaces(out, GAP);
}

static void add_line(const struct table *table, const char *const *cells, const size_t *widths,
                     size_t width, bool color, struct str *out) {
    size_t last = table->columns_len - 1, column = 0;
    for (size_t c = 0; c <= last; c++) {
        if (c == last && table->columns[c].wrap)
            text_add_wrapped(out, cells[c], width, column);
        else
            add_cell(&table->columns[c], cells[c], widths[c], c == last,
                     color ? paint_of(cells[c]) : NULL, out);
        column += widths[c] + GAP;
    }
    str_add(out, "\n");
}

void table_render(const struct table *table, size_t width, bool color, struct str *out) {
    size_t widths[TABLE_COLUMNS_MAX];
    const char *cells[TABLE_COLUMNS_MAX];
    out->failed |= table->failed;
    if (out->failed || table->columns_len == 0)
        return;
    lay_out(table, width, widths);
    for (size_t c = 0; c < table->columns_len; c++)
        cells[c] = table->columns[c].title;
    add_line(table, cells, widths, width, false, out);
    for (size_t r = 0; r < table->rows_len; r++) {
        for (size_t c = 0; c < table->columns_len; c++)
            cells[c] = cell_of(table, r, c);
        add_line(table, cells, widths, width, color, out);
        const char *note = cell_of(table, r, table->columns_len);
        if (note[0] == '\0')
            continue;
        text_add_spaces(out, GAP);
        text_add_wrapped(out, note, width, GAP);
        str_add(out, "\n");
    }
}
