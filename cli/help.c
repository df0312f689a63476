/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <string.h>

#include "cli.h"
#include "text.h"

#define COLUMN 28 /* where explanations begin */
#define PAGE_WIDTH 90

static const char *const access_texts[] = {
    [COMMAND_ANYONE] = "anyone",
    [COMMAND_ADMIN] = "root and members of control.admin_group",
    [COMMAND_ROOT] = "root",
};

/* "  left   right", right wrapped beside it. */
static void add_pair(const struct screen *screen, struct str *to, const char *left,
                     const char *right) {
    size_t taken = text_width(left) + 2;
    str_add(to, "  %s", left);
    if (taken + 2 > COLUMN) {
        str_add(to, "\n");
        taken = 0;
    }
    text_add_spaces(to, COLUMN - taken);
    text_add_wrapped(to, right, screen->width, COLUMN);
    str_add(to, "\n");
}

static void add_grammar(const struct screen *screen, struct str *to,
                        const struct grammar *grammar) {
    for (size_t i = 0; i < grammar->len; i++) {
        const struct grammar_item *item = &grammar->items[i];
        char left[GRAMMAR_NAME_MAX * 3 + 8];
        if (item->kind == GRAMMAR_WORD)
            snprintf(left, sizeof left, "%s", item->value);
        else
            snprintf(left, sizeof left, "%s%s%s%s%s", item->names[0],
                     item->names[1][0] != '\0' ? ", " : "", item->names[1],
                     item->value[0] != '\0' ? " " : "", item->value);
        add_pair(screen, to, left, grammar_meaning(item));
    }
}

static void add_globals(const struct screen *screen, struct str *to) {
    struct grammar globals;
    if (grammar_parse(GRAMMAR_GLOBAL, &globals) == 0)
        add_grammar(screen, to, &globals);
}

static void add_exit_codes(const struct screen *screen, struct str *to) {
    static const struct {
        int status;
        const char *meaning;
    } codes[] = {
#define X(id, name, status, meaning) {status, meaning},
        CONTROL_ERRORS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        str_add(to, "  %d  ", codes[i].status);
        text_add_wrapped(to, codes[i].meaning, screen->width, 5);
        str_add(to, "\n");
    }
}

static void add_overview(const struct screen *screen, struct str *to) {
    str_add(to, "smbmounter mounts SMB shares, watches them and brings stale ones back.\n\n"
                "Usage: smbmounter [OPTION...] COMMAND [ARGUMENT...]\n\nCommands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command_row *row = &command_table[i];
        char left[128];
        snprintf(left, sizeof left, "%s%s%s", row->name, row->arguments[0] != '\0' ? " " : "",
                 row->arguments);
        add_pair(screen, to, left, row->summary);
    }
    str_add(to, "\nOptions:\n");
    add_globals(screen, to);
    str_add(to, "\nExit codes:\n");
    add_exit_codes(screen, to);
    str_add(to, "\nMore: smbmounter help COMMAND, man smbmounter, man smbmounter.yaml\n");
}

static void add_command(const struct screen *screen, enum command command, struct str *to) {
    const struct command_row *row = &command_table[command];
    struct grammar grammar;
    str_add(to, "%s\n\nUsage: smbmounter %s%s%s\n", row->summary, row->name,
            row->arguments[0] != '\0' ? " " : "", row->arguments);
    if (row->text[0] != '\0') {
        str_add(to, "\n");
        text_add_wrapped(to, row->text, screen->width, 0);
        str_add(to, "\n");
    }
    str_add(to, "\nAllowed for: %s\n", access_texts[row->access]);
    if (grammar_parse(row->arguments, &grammar) == 0 && grammar.len > 0) {
        str_add(to, "\nArguments:\n");
        add_grammar(screen, to, &grammar);
    }
    str_add(to, "\nOptions of every command:\n");
    add_globals(screen, to);
    str_add(to, "\nExit codes:\n");
    add_exit_codes(screen, to);
}

int help_show(const struct screen *screen, enum command command) {
    struct screen page = *screen;
    struct str text;
    if (page.width == 0 || page.width > PAGE_WIDTH)
        page.width = PAGE_WIDTH;
    str_init(&text, 64 * 1024);
    if (command == COMMAND_COUNT)
        add_overview(&page, &text);
    else
        add_command(&page, command, &text);
    bool ok = screen_put(screen, &text);
    str_finish(&text);
    return control_error_status(ok ? CONTROL_OK : CONTROL_FAILED);
}

int help_run(const struct cli *cli) {
    const char *name = args_get(&cli->args, "COMMAND");
    enum command command = COMMAND_COUNT;
    if (name != NULL) {
        command = command_find(name, strlen(name));
        if (command == COMMAND_COUNT) {
            struct err err;
            err_set(&err, 1, "there is no command '%s'; see: smbmounter help", name);
            return cli_fail(cli, CONTROL_USAGE, err.text);
        }
    }
    return help_show(&cli->screen, command);
}
