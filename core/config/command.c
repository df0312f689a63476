/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <string.h>

#include "config/build.h"
#include "config/names.h"
#include "config/suggest.h"

#define WORD_MAX 1024

static bool is_word(const struct yaml_node *node) {
    return node->kind == YAML_SCALAR && strlen(node->text) <= WORD_MAX;
}

/* "password=x", also inside of "user=y,password=x". The path of a file is none, whatever its key.
 */
static bool is_secret(const char *word) {
    for (const char *part = word; *part != '\0';) {
        size_t len = strcspn(part, ","), key = strcspn(part, "=,");
        if (part[key] == '=' && part[key + 1] != '/' && suggest_is_secret(part, key))
            return true;
        part += len + (part[len] == ',' ? 1 : 0);
    }
    return false;
}

int build_command(struct build *b, const struct place *place, const char *key,
                  const struct yaml_node *node, struct config_words *words) {
    if (node->kind != YAML_LIST || node->len == 0 || node->len > CONFIG_ARGS_MAX) {
        yaml_problem(b->problems, node->line, node->column,
                     "%s: %s must be a list of 1 to %d words; there is no shell", place->where, key,
                     CONFIG_ARGS_MAX);
        return 0;
    }
    int rc = 0;
    for (size_t i = 0; i < node->len && rc == 0; i++) {
        const struct yaml_node *item = &node->items[i];
        if (!is_word(item))
            yaml_problem(b->problems, item->line, item->column,
                         "%s: %s: each item must be a word of at most %d bytes", place->where, key,
                         WORD_MAX);
        else if (i == 0 && !names_is_path(item->text))
            yaml_problem(b->problems, item->line, item->column,
                         "%s: %s must begin with the absolute path of a program", place->where,
                         key);
        else if (i > 0 && is_secret(item->text))
            yaml_problem(b->problems, item->line, item->column,
                         "%s: %s: no password belongs in a word of it, which everybody can read "
                         "while it runs; let the program read a file",
                         place->where, key);
        else
            rc = words_add(words, item->text);
    }
    return rc;
}
