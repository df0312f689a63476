/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/schema.h"

static void value_finish(struct option_value *value) {
    free(value->text);
    free(value->list);
    *value = (struct option_value){0};
}

void option_values_finish(struct option_values *values) {
    for (size_t i = 0; i < values->len; i++)
        value_finish(&values->items[i]);
    free(values->items);
    *values = (struct option_values){0};
}

static int value_copy(struct option_value *to, const struct option_value *from) {
    *to = (struct option_value){.number = from->number, .given = from->given};
    if (from->text != NULL && (to->text = strdup(from->text)) == NULL)
        return -ENOMEM;
    if (from->list_len == 0)
        return 0;
    to->list = calloc(from->list_len, sizeof *to->list);
    if (to->list == NULL)
        return -ENOMEM;
    memcpy(to->list, from->list, from->list_len * sizeof *to->list);
    to->list_len = from->list_len;
    return 0;
}

int option_values_copy(struct option_values *to, const struct option_values *from) {
    *to = (struct option_values){0};
    if (from->len == 0)
        return 0;
    to->items = calloc(from->len, sizeof *to->items);
    if (to->items == NULL)
        return -ENOMEM;
    to->len = from->len;
    for (size_t i = 0; i < from->len; i++) {
        if (value_copy(&to->items[i], &from->items[i]) == 0)
            continue;
        option_values_finish(to);
        return -ENOMEM;
    }
    return 0;
}

/* Whether it was given or came from the table does not matter: the effect is the same. */
static bool value_equal(const struct option_value *a, const struct option_value *b) {
    const char *text_a = a->text != NULL ? a->text : "";
    const char *text_b = b->text != NULL ? b->text : "";
    return a->number == b->number && strcmp(text_a, text_b) == 0 && a->list_len == b->list_len &&
           (a->list_len == 0 || memcmp(a->list, b->list, a->list_len * sizeof *a->list) == 0);
}

bool option_values_equal(const struct option_values *a, const struct option_values *b) {
    if (a->len != b->len)
        return false;
    for (size_t i = 0; i < a->len; i++)
        if (!value_equal(&a->items[i], &b->items[i]))
            return false;
    return true;
}
