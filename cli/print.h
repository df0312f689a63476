/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Records as a table for people: the fields of fields.h that have a title. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "base/str.h"
#include "control/codec.h"
#include "screen.h"

/* Add the table of a section. note is the key of the field that goes on a line of its own under the
 * row, or NULL. */
void print_table(const struct screen *screen, const struct control_section *section,
                 const char *note, struct str *to);

/* Lengthen a row's text by words, after the separator when it has a beginning. room is as long as a
 * text of a record, at first empty, and outlives the row's use. */
void print_lengthen(const char **text, char *room, const char *separator, const char *words);

/* "850 us", "3.2 ms", then as clock_format_span. */
void print_micros(uint64_t us, struct str *to);

/* The first section of a record kind, or NULL. */
const struct control_section *print_find(const struct control_response *response,
                                         enum record record);

#endif
