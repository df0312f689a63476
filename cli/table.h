/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Tables for people: columns aligned, fitted to a width by cutting the wide ones first, an optional
 * indented note under a row. Pure: text in, text out. Every cell is escaped when it is added.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>

#include "base/str.h"

#define TABLE_COLUMNS_MAX 8

struct table_column {
    const char *title;
    bool right; /* aligned to the right */
    bool wide;  /* cut first */
    bool wrap;  /* the last column only: goes on in further lines instead of being cut */
};

struct table {
    struct table_column columns[TABLE_COLUMNS_MAX];
    size_t columns_len;
    struct str text; /* the cells one after another, each with its NUL */
    size_t *cells;   /* where they begin: columns_len + 1 for each row; the last is the note */
    size_t rows_len, rows_size;
    bool failed; /* out of memory */
};

void table_finish(struct table *table);
/* cells: one for each column. note may be "". */
void table_add_row(struct table *table, const char *const *cells, const char *note);

/* Render for a terminal of width columns (0: as wide as it gets). color paints the words that say
 * how something is. */
void table_render(const struct table *table, size_t width, bool color, struct str *out);

#endif
