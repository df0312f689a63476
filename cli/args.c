/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "args.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/str.h"

#define SHOWN_MAX 80

/* Number of single-character edits between two short words, bounded by limit. */
static size_t distance(const char *a, const char *b, size_t limit) {
    size_t row[33], a_len = strlen(a), b_len = strlen(b);
    if (a_len > 32 || b_len > 32)
        return limit;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b_len] < limit ? row[b_len] : limit;
}

static int unknown_command(const char *word, struct err *err) {
    char shown[SHOWN_MAX];
    str_escape(shown, sizeof shown, word, strlen(word));
    size_t best = 3;
    const char *nearest = NULL;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        size_t edits = distance(word, command_table[i].name, best);
        if (edits < best) {
            best = edits;
            nearest = command_table[i].name;
        }
    }
    if (nearest != NULL)
        return err_set(err, EINVAL, "unknown command '%s'; did you mean '%s'?", shown, nearest);
    return err_set(err, EINVAL, "unknown command '%s'; see: smbmounter help", shown);
}

static int wrong(const struct args *args, struct err *err, const char *what, const char *word) {
    char shown[SHOWN_MAX];
    str_escape(shown, sizeof shown, word, strlen(word));
    if (args->command == COMMAND_COUNT)
        return err_set(err, EINVAL, "%s '%s'; see: smbmounter help", what, shown);
    const struct command_row *row = &command_table[args->command];
    return err_set(err, EINVAL, "%s: %s '%s'; usage: smbmounter %s%s%s", row->name, what, shown,
                   row->name, row->arguments[0] != '\0' ? " " : "", row->arguments);
}

/* The place for the value of a name, or NULL; item is set. */
static const char **place(struct args *args, const char *name, size_t len,
                          const struct grammar_item **item) {
    *item = grammar_find(&args->grammar, name, len);
    if (*item != NULL)
        return &args->values[*item - args->grammar.items];
    *item = grammar_find(&args->globals, name, len);
    if (*item != NULL)
        return &args->global_values[*item - args->globals.items];
    return NULL;
}

/* One option at argv[*i]; moves *i past a value that stands apart. */
static int parse_option(struct args *args, int argc, char **argv, int *i, struct err *err) {
    const char *word = argv[*i];
    size_t len = word[1] == '-' ? strcspn(word, "=") : strlen(word);
    const struct grammar_item *item = NULL;
    const char **value = place(args, word, len, &item);
    if (value == NULL)
        return wrong(args, err, "unknown option", word);
    if (item->kind == GRAMMAR_FLAG) {
        if (word[len] == '=')
            return wrong(args, err, "no value is taken by", word);
        *value = item->names[0];
        return 0;
    }
    if (word[len] == '=')
        *value = word + len + 1;
    else if (*i + 1 < argc)
        *value = argv[++*i];
    else
        return wrong(args, err, "a value must follow", word);
    return **value != '\0' ? 0 : wrong(args, err, "an empty value was given to", word);
}

static int parse_word(struct args *args, const char *word, struct err *err) {
    if (args->command == COMMAND_COUNT) {
        args->command = command_find(word, strlen(word));
        if (args->command == COMMAND_COUNT)
            return unknown_command(word, err);
        if (grammar_parse(command_table[args->command].arguments, &args->grammar) < 0)
            return wrong(args, err, "cannot read the arguments of", word);
        return 0;
    }
    for (size_t i = 0; i < args->grammar.len; i++) {
        if (args->grammar.items[i].kind != GRAMMAR_WORD || args->values[i] != NULL)
            continue;
        if (word[0] == '\0')
            return wrong(args, err, "an empty word was given for", args->grammar.items[i].value);
        if (strlen(word) >= CONTROL_PARAM_TEXT_MAX &&
            command_table[args->command].where == COMMAND_REMOTE)
            return wrong(args, err, "too long:", word);
        args->values[i] = word;
        return 0;
    }
    return wrong(args, err, "one word too many:", word);
}

static int check_complete(const struct args *args, struct err *err) {
    if (args_get(args, "--help") != NULL || args_get(args, "--version") != NULL)
        return 0;
    for (size_t i = 0; i < args->grammar.len; i++)
        if (args->grammar.items[i].required && args->values[i] == NULL)
            return wrong(args, err, "missing", args->grammar.items[i].value);
    return 0;
}

int args_parse(struct args *args, int argc, char **argv, struct err *err) {
    *args = (struct args){.command = COMMAND_COUNT};
    if (grammar_parse(GRAMMAR_GLOBAL, &args->globals) < 0)
        return err_set(err, EINVAL, "cannot read the global options");
    bool options_end = false;
    for (int i = 1; i < argc; i++) {
        int rc = 0;
        if (!options_end && strcmp(argv[i], "--") == 0)
            options_end = true;
        else if (!options_end && argv[i][0] == '-' && argv[i][1] != '\0')
            rc = parse_option(args, argc, argv, &i, err);
        else
            rc = parse_word(args, argv[i], err);
        if (rc < 0)
            return rc;
    }
    return check_complete(args, err);
}

const char *args_get(const struct args *args, const char *name) {
    const struct grammar_item *item = grammar_find(&args->grammar, name, strlen(name));
    if (item != NULL)
        return args->values[item - args->grammar.items];
    item = grammar_find(&args->globals, name, strlen(name));
    return item != NULL ? args->global_values[item - args->globals.items] : NULL;
}

size_t args_params(const struct args *args, const char *params[CONTROL_PARAMS_MAX]) {
    size_t len = 0;
    for (size_t i = 0; i < args->grammar.len && i < CONTROL_PARAMS_MAX; i++) {
        params[i] = args->values[i];
        if (args->grammar.items[i].kind == GRAMMAR_FLAG)
            params[i] = args->values[i] != NULL ? "true" : "false";
        if (params[i] != NULL)
            len = i + 1;
    }
    return len;
}
