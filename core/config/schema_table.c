/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The tables themselves: those of plugins come from files that anybody may have written. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "config/schema.h"
#include "config/schema_value.h"

#define TABLE_ROWS_MAX 32
#define TABLE_NAME_MAX 40
#define TABLE_HELP_MAX 256

static bool is_name(const char *text) {
    size_t len = strnlen(text, TABLE_NAME_MAX + 1);
    return len > 0 && len <= TABLE_NAME_MAX && text[0] >= 'a' && text[0] <= 'z' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

static bool are_choices(const char *text) {
    size_t len = text != NULL ? strnlen(text, 201) : 0;
    if (len == 0 || len > 200 || !str_is_clean(text, len))
        return false;
    return text[0] != '|' && text[len - 1] != '|' && strstr(text, "||") == NULL;
}

static const char *why_bad_range(const struct smbm_option *row) {
    if (row->type == SMBM_OPT_CHOICE)
        return are_choices(row->choices) ? NULL : "choices must be like \"a|b|c\"";
    if (row->type == SMBM_OPT_BOOL)
        return NULL;
    if (row->min > row->max)
        return "min is larger than max";
    if (row->type == SMBM_OPT_STRING && (row->min < 0 || row->max > SCHEMA_TEXT_MAX))
        return "a text is 0 to 1024 bytes long";
    return NULL;
}

static const char *why_bad(const struct smbm_option *table, size_t at) {
    const struct smbm_option *row = &table[at];
    if (!is_name(row->name))
        return "a name is 1 to 40 lower case letters, digits and underscores";
    for (size_t i = 0; i < at; i++)
        if (strcmp(table[i].name, row->name) == 0)
            return "the name is there twice";
    if (row->type < SMBM_OPT_BOOL || row->type > SMBM_OPT_INT_LIST)
        return "its type is unknown";
    if (row->help == NULL || !str_is_clean(row->help, strnlen(row->help, TABLE_HELP_MAX)))
        return "help must be one line";
    return why_bad_range(row);
}

int schema_check_table(const struct smbm_option *table, struct err *err) {
    for (size_t i = 0; table != NULL && table[i].name != NULL; i++) {
        if (i >= TABLE_ROWS_MAX)
            return err_set(err, EINVAL, "more than %d options", TABLE_ROWS_MAX);
        const char *why = why_bad(table, i);
        struct option_value value = {0};
        int rc = why == NULL ? schema_set_default(&table[i], &value) : 0;
        free(value.text);
        free(value.list);
        if (rc == -ENOMEM)
            return err_set(err, ENOMEM, "out of memory");
        if (rc != 0)
            why = "its default is not allowed by itself";
        if (why != NULL) {
            char name[TABLE_NAME_MAX * 4 + 1];
            str_escape(name, sizeof name, table[i].name, strnlen(table[i].name, TABLE_NAME_MAX));
            return err_set(err, EINVAL, "option %zu ('%s'): %s", i + 1, name, why);
        }
    }
    return 0;
}
