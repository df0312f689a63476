/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "grammar.h"

#include <errno.h>
#include <string.h>

/* name, meaning */
#define MEANINGS(X)                                                                                \
    X("--json", "print data as JSON")                                                              \
    X("--socket", "the daemon's control socket")                                                   \
    X("--help", "show help")                                                                       \
    X("--version", "show the version of this program")                                             \
    X("--force", "take the mount out of the tree even while files are open")                       \
    X("--follow", "go on printing new events as they happen")                                      \
    X("--check", "ask nothing; print what stands in the way of the mount")                         \
    X("--config", "the configuration file")                                                        \
    X("--dot", "print a graph for graphviz")                                                       \
    X("--foreground", "accepted for other service managers; the daemon always stays there")        \
    X("--any-namespace", "run even where the mounts stay invisible to the rest of the system")     \
    X("NAME", "the name of a mount, as in the configuration; of a plugin for plugins")             \
    X("FILE", "the configuration file")                                                            \
    X("COMMAND", "the name of a command")

static const struct {
    const char *name, *meaning;
} meanings[] = {
#define X(name, meaning) {name, meaning},
    MEANINGS(X)
#undef X
};

/* Take the characters up to one of stop. False when there are none or too many. */
static bool take(const char **at, const char *stop, char to[GRAMMAR_NAME_MAX]) {
    size_t len = strcspn(*at, stop);
    if (len == 0 || len >= GRAMMAR_NAME_MAX)
        return false;
    memcpy(to, *at, len);
    to[len] = '\0';
    *at += len;
    return true;
}

static bool parse_bracket(const char **at, struct grammar_item *item) {
    if (**at != '-') {
        item->kind = GRAMMAR_WORD;
        return take(at, "] |", item->value) && *(*at)++ == ']';
    }
    item->kind = GRAMMAR_FLAG;
    if (!take(at, "] |", item->names[0]))
        return false;
    if (**at == '|') {
        (*at)++;
        if (!take(at, "] |", item->names[1]))
            return false;
    }
    if (**at == ' ') {
        (*at)++;
        item->kind = GRAMMAR_OPTION;
        if (!take(at, "] |", item->value))
            return false;
    }
    return *(*at)++ == ']';
}

static bool parse_item(const char **at, struct grammar_item *item) {
    if (**at == '[') {
        (*at)++;
        return parse_bracket(at, item);
    }
    item->kind = GRAMMAR_WORD;
    item->required = true;
    return **at != '-' && take(at, " []|", item->value);
}

int grammar_parse(const char *arguments, struct grammar *grammar) {
    *grammar = (struct grammar){0};
    const char *at = arguments;
    while (*at != '\0') {
        if (grammar->len == GRAMMAR_ITEMS_MAX || !parse_item(&at, &grammar->items[grammar->len]))
            return -EINVAL;
        grammar->len++;
        if (*at == ' ' && at[1] != '\0')
            at++;
        else if (*at != '\0')
            return -EINVAL;
    }
    return 0;
}

static bool equal(const char *a, const char *name, size_t len) {
    return strlen(a) == len && memcmp(a, name, len) == 0;
}

const struct grammar_item *grammar_find(const struct grammar *grammar, const char *name,
                                        size_t len) {
    for (size_t i = 0; len > 0 && i < grammar->len; i++) {
        const struct grammar_item *item = &grammar->items[i];
        if (item->kind == GRAMMAR_WORD
                ? equal(item->value, name, len)
                : equal(item->names[0], name, len) || equal(item->names[1], name, len))
            return item;
    }
    return NULL;
}

const char *grammar_name(const struct grammar_item *item) {
    if (item->kind == GRAMMAR_WORD)
        return item->value;
    return strlen(item->names[1]) > strlen(item->names[0]) ? item->names[1] : item->names[0];
}

const char *grammar_meaning(const struct grammar_item *item) {
    const char *name = grammar_name(item);
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (strcmp(meanings[i].name, name) == 0)
            return meanings[i].meaning;
    return "";
}
