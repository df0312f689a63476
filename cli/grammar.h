/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The arguments column of commands.h, read: what a command takes. The parser, help, the manual
 * and the completions all work from this.
 */
#ifndef CLI_GRAMMAR_H
#define CLI_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

#define GRAMMAR_ITEMS_MAX 6
#define GRAMMAR_NAME_MAX 24

enum grammar_kind {
    GRAMMAR_FLAG,   /* [-f|--force] */
    GRAMMAR_OPTION, /* [--config FILE] */
    GRAMMAR_WORD,   /* NAME or [NAME] */
};

struct grammar_item {
    enum grammar_kind kind;
    bool required;
    char names[2][GRAMMAR_NAME_MAX]; /* flag, option: its spellings; names[1] may be "" */
    char value[GRAMMAR_NAME_MAX];    /* option: what its value is called; word: the word */
};

struct grammar {
    struct grammar_item items[GRAMMAR_ITEMS_MAX];
    size_t len;
};

/* What every command takes, in the same notation. */
#define GRAMMAR_GLOBAL "[--json] [--socket PATH] [-h|--help] [--version]"

/* Read an arguments string. 0, or -EINVAL when it is not in the notation. */
int grammar_parse(const char *arguments, struct grammar *grammar);

/* The item that a spelling ("-f") or a word ("NAME") names, or NULL. */
const struct grammar_item *grammar_find(const struct grammar *grammar, const char *name,
                                        size_t len);

/* The longest spelling of a flag or option, or the word. */
const char *grammar_name(const struct grammar_item *item);

/* One line on what it is for; "" when there is none (a test forbids that). */
const char *grammar_meaning(const struct grammar_item *item);

#endif
