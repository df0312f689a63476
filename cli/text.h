/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* How much room text takes on a terminal, cutting it and wrapping it. UTF-8; any locale. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include "base/str.h"

/* Columns that clean UTF-8 text takes. */
size_t text_width(const char *text);

/* Add text, cut with "…" when it takes more than width columns. Returns the columns taken. */
size_t text_add_cut(struct str *to, const char *text, size_t width);

/* Add text broken at spaces into lines of width columns (0: no limit). The first line has begun
 * at column indent already; further ones are indented to there. Ends without a newline. */
void text_add_wrapped(struct str *to, const char *text, size_t width, size_t indent);

/* Add text from outside: escaped for a terminal. */
void text_add_escaped(struct str *to, const char *text);

void text_add_spaces(struct str *to, size_t count);

#endif
