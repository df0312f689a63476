/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* One value against one row: shared by files, defaults of tables and shorthand keys. */
#ifndef CONFIG_SCHEMA_VALUE_H
#define CONFIG_SCHEMA_VALUE_H

#include <stdbool.h>

#include "base/str.h"
#include "config/schema.h"

/* "100 to 600000", "true or false", "one of a, b": what the row allows. */
void schema_allowed(const struct smbm_option *row, char *text, size_t size);

/* Strict decimal: "-3", "0", "17"; no "+1", "007", "1e3", "0x10", "1_000". */
bool schema_parse_int(const char *text, int64_t *number);

/* Whether text is one of "a|b|c". */
bool schema_is_choice(const char *choices, const char *text);

/* Fill *value (which is empty) from a word. 0, -EINVAL when the row does not allow it, -ENOMEM. */
int schema_set_word(const struct smbm_option *row, const char *text, bool quoted,
                    struct option_value *value);
int schema_add_number(const struct smbm_option *row, const char *text, bool quoted,
                      struct option_value *value);

/* Fill *value from the row's default; zero and "" when it has none. 0, -EINVAL, -ENOMEM. */
int schema_set_default(const struct smbm_option *row, struct option_value *value);

#endif
