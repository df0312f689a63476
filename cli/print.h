/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Records as a table for people: the fields of fields.h that have a title. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "base/str.h"
#include "control/codec.h"
#include "screen.h"

/* What to show of a field: a span for since_ms, a time for wall_ms, "-" for nothing. */
void print_field(const struct field_row *field, const void *row, uint64_t now_ms, struct str *to);

/* Add the table of a section. note is the key of the field that goes on a line of its own under the
 * row, or NULL. */
void print_table(const struct screen *screen, const struct control_section *section,
                 const char *note, struct str *to);

/* "850 us", "3.2 ms", then as clock_format_span. */
void print_micros(uint64_t us, struct str *to);

/* The first section of a record kind, or NULL. */
const struct control_section *print_find(const struct control_response *response,
                                         enum record record);

#endif
