/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"

int words_add(struct config_words *words, const char *text) {
    char **items = realloc(words->items, (words->len + 1) * sizeof *items);
    if (items == NULL)
        return -ENOMEM;
    words->items = items;
    words->items[words->len] = strdup(text);
    if (words->items[words->len] == NULL)
        return -ENOMEM;
    words->len++;
    return 0;
}

int words_copy(struct config_words *to, const struct config_words *from) {
    *to = (struct config_words){0};
    for (size_t i = 0; i < from->len; i++) {
        if (words_add(to, from->items[i]) == 0)
            continue;
        words_finish(to);
        return -ENOMEM;
    }
    return 0;
}

void words_finish(struct config_words *words) {
    for (size_t i = 0; i < words->len; i++)
        free(words->items[i]);
    free(words->items);
    *words = (struct config_words){0};
}

const char *words_find(const struct config_words *words, const char *key) {
    size_t len = strlen(key);
    for (size_t i = 0; i < words->len; i++) {
        const char *word = words->items[i];
        if (strncmp(word, key, len) == 0 && (word[len] == '\0' || word[len] == '='))
            return word;
    }
    return NULL;
}
