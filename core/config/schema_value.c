/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "config/schema_value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void list_choices(const char *choices, char *text, size_t size) {
    size_t used = 0;
    const char *head = "one of ";
    for (; *head != '\0' && used + 1 < size; head++)
        text[used++] = *head;
    for (const char *c = choices; *c != '\0' && used + 2 < size; c++) {
        text[used++] = *c == '|' ? ',' : *c;
        if (*c == '|')
            text[used++] = ' ';
    }
    text[used] = '\0';
}

void schema_allowed(const struct smbm_option *row, char *text, size_t size) {
    switch (row->type) {
    case SMBM_OPT_BOOL:
        str_copy(text, size, "true or false");
        break;
    case SMBM_OPT_INT:
        snprintf(text, size, "%" PRId64 " to %" PRId64, row->min, row->max);
        break;
    case SMBM_OPT_STRING:
        snprintf(text, size, "a text of %" PRId64 " to %" PRId64 " bytes", row->min, row->max);
        break;
    case SMBM_OPT_CHOICE:
        list_choices(row->choices, text, size);
        break;
    case SMBM_OPT_INT_LIST:
        snprintf(text, size, "a list of 1 to %d numbers, each %" PRId64 " to %" PRId64,
                 SCHEMA_LIST_MAX, row->min, row->max);
        break;
    default:
        str_copy(text, size, "of a type that this version knows");
    }
}

bool schema_parse_int(const char *text, int64_t *number) {
    bool negative = text[0] == '-';
    const char *digits = text + (negative ? 1 : 0);
    size_t len = strspn(digits, "0123456789");
    if (len == 0 || len > 18 || digits[len] != '\0')
        return false;
    if (digits[0] == '0' && (len > 1 || negative))
        return false;
    *number = 0;
    for (size_t i = 0; i < len; i++)
        *number = *number * 10 + (digits[i] - '0');
    if (negative)
        *number = -*number;
    return true;
}

static bool parse_bool(const char *text, int64_t *number) {
    *number = strcmp(text, "true") == 0 ? 1 : 0;
    return *number == 1 || strcmp(text, "false") == 0;
}

static bool find_choice(const char *choices, const char *text, int64_t *number) {
    size_t len = strlen(text);
    *number = 0;
    for (const char *c = choices;; (*number)++) {
        size_t choice = strcspn(c, "|");
        if (choice == len && strncmp(c, text, len) == 0)
            return true;
        if (c[choice] == '\0')
            return false;
        c += choice + 1;
    }
}

bool schema_is_choice(const char *choices, const char *text) {
    int64_t number;
    return find_choice(choices, text, &number);
}

static bool in_range(const struct smbm_option *row, int64_t number) {
    return number >= row->min && number <= row->max;
}

static int set_text(struct option_value *value, const char *text) {
    char *copy = strdup(text);
    if (copy == NULL)
        return -ENOMEM;
    free(value->text);
    value->text = copy;
    return 0;
}

int schema_add_number(const struct smbm_option *row, const char *text, bool quoted,
                      struct option_value *value) {
    int64_t number;
    if (quoted || !schema_parse_int(text, &number) || !in_range(row, number) ||
        value->list_len == SCHEMA_LIST_MAX)
        return -EINVAL;
    int64_t *list = realloc(value->list, (value->list_len + 1) * sizeof *list);
    if (list == NULL)
        return -ENOMEM;
    value->list = list;
    value->list[value->list_len++] = number;
    return 0;
}

int schema_set_word(const struct smbm_option *row, const char *text, bool quoted,
                    struct option_value *value) {
    switch (row->type) {
    case SMBM_OPT_BOOL:
        return !quoted && parse_bool(text, &value->number) ? 0 : -EINVAL;
    case SMBM_OPT_INT:
        return !quoted && schema_parse_int(text, &value->number) && in_range(row, value->number)
                   ? 0
                   : -EINVAL;
    case SMBM_OPT_STRING:
        return in_range(row, (int64_t)strlen(text)) ? set_text(value, text) : -EINVAL;
    case SMBM_OPT_CHOICE:
        return find_choice(row->choices, text, &value->number) ? set_text(value, text) : -EINVAL;
    case SMBM_OPT_INT_LIST:
        return schema_add_number(row, text, quoted, value);
    default:
        return -EINVAL;
    }
}

static int set_default_list(const struct smbm_option *row, struct option_value *value) {
    char copy[SCHEMA_TEXT_MAX], *save = NULL;
    size_t len = strlen(row->def);
    if (len < 2 || row->def[len - 1] != ']' || len >= sizeof copy)
        return -EINVAL;
    memcpy(copy, row->def + 1, len - 2);
    copy[len - 2] = '\0';
    int rc = -EINVAL; /* of an empty list */
    for (char *word = strtok_r(copy, ", ", &save); word != NULL;
         word = strtok_r(NULL, ", ", &save)) {
        rc = schema_add_number(row, word, false, value);
        if (rc != 0)
            return rc;
    }
    return rc;
}

int schema_set_default(const struct smbm_option *row, struct option_value *value) {
    if (row->def == NULL)
        return set_text(value, "");
    if (row->type == SMBM_OPT_INT_LIST && row->def[0] == '[')
        return set_default_list(row, value);
    char copy[SCHEMA_TEXT_MAX + 1];
    if (!str_copy(copy, sizeof copy, row->def))
        return -EINVAL;
    size_t len = strlen(copy);
    bool quoted = len >= 2 && (copy[0] == '"' || copy[0] == '\'') && copy[len - 1] == copy[0];
    if (quoted)
        copy[len - 1] = '\0';
    return schema_set_word(row, quoted ? copy + 1 : copy, quoted, value);
}
