/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <errno.h>

#include "args.h"

static struct args args;
static struct err err;

static int parse(const char *const *words) {
    char *argv[16] = {(char *)"smbmounter"};
    int argc = 1;
    for (; words[argc - 1] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    return args_parse(&args, argc, argv, &err);
}
#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

Test(grammar, every_row_is_in_the_notation_and_explained) {
    struct grammar grammar;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        cr_assert_eq(grammar_parse(command_table[i].arguments, &grammar), 0, "%s",
                     command_table[i].name);
        for (size_t k = 0; k < grammar.len; k++)
            cr_assert(grammar_meaning(&grammar.items[k])[0] != '\0', "%s: %s",
                      command_table[i].name, grammar_name(&grammar.items[k]));
    }
    cr_assert_eq(grammar_parse(GRAMMAR_GLOBAL, &grammar), 0);
    for (size_t k = 0; k < grammar.len; k++)
        cr_assert(grammar_meaning(&grammar.items[k])[0] != '\0');
}

Test(grammar, kinds) {
    struct grammar g;
    cr_assert_eq(grammar_parse("[-f|--force] [--config FILE] NAME [MORE]", &g), 0);
    cr_assert_eq(g.len, 4);
    cr_assert_eq(g.items[0].kind, GRAMMAR_FLAG);
    cr_assert_str_eq(g.items[0].names[1], "--force");
    cr_assert_str_eq(grammar_name(&g.items[0]), "--force");
    cr_assert_eq(g.items[1].kind, GRAMMAR_OPTION);
    cr_assert_str_eq(g.items[1].value, "FILE");
    cr_assert(g.items[2].kind == GRAMMAR_WORD && g.items[2].required);
    cr_assert(g.items[3].kind == GRAMMAR_WORD && !g.items[3].required);
}

Test(grammar, refuses_what_is_not_in_the_notation) {
    static const char *const bad[] = {
        "[",
        "]",
        "[]",
        "[-f",
        "NAME]",
        "[NAME",
        "[-f|]",
        "[--a B C]",
        "-f",
        "NAME  OTHER",
        "A ",
        "[ABCDEFGHIJKLMNOPQRSTUVWXYZ]",
        "A B C D E F G",
        "[A|B]",
        "|",
    };
    struct grammar grammar;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_eq(grammar_parse(bad[i], &grammar), -EINVAL, "%s", bad[i]);
}

/* Each row with everything that its grammar knows, and without what is optional. */
Test(args, every_row) {
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        struct grammar grammar;
        const char *full[16] = {command_table[i].name}, *least[16] = {command_table[i].name};
        size_t full_len = 1, least_len = 1;
        cr_assert_eq(grammar_parse(command_table[i].arguments, &grammar), 0);
        for (size_t k = 0; k < grammar.len; k++) {
            if (grammar.items[k].kind != GRAMMAR_WORD)
                full[full_len++] = grammar.items[k].names[0];
            if (grammar.items[k].kind != GRAMMAR_FLAG)
                full[full_len++] = "value";
            if (grammar.items[k].required)
                least[least_len++] = "value";
        }
        cr_assert_eq(parse(full), 0, "%s: %s", full[0], err.text);
        cr_assert_eq(args.command, i);
        for (size_t k = 0; k < grammar.len; k++)
            cr_assert(args_get(&args, grammar_name(&grammar.items[k])) != NULL);
        cr_assert_eq(parse(least), 0, "%s: %s", least[0], err.text);
        full[full_len] = "surplus";
        cr_assert_eq(parse(full), -EINVAL);
        if (least_len > 1) {
            least[least_len - 1] = NULL;
            cr_assert_eq(parse(least), -EINVAL);
            cr_assert(strstr(err.text, "missing") != NULL, "%s", err.text);
        }
    }
}

Test(args, flags_options_and_words) {
    cr_assert_eq(PARSE("--json", "unmount", "--force", "media"), 0, "%s", err.text);
    cr_assert_str_eq(args_get(&args, "-f"), "-f");
    cr_assert_str_eq(args_get(&args, "NAME"), "media");
    cr_assert_not_null(args_get(&args, "--json"));
    cr_assert_eq(PARSE("unmount", "media", "-f", "--socket=/a"), 0, "%s", err.text);
    cr_assert_not_null(args_get(&args, "--force"));
    cr_assert_str_eq(args_get(&args, "--socket"), "/a");
    cr_assert_eq(PARSE("status", "--", "-strange"), 0, "%s", err.text);
    cr_assert_str_eq(args_get(&args, "NAME"), "-strange");
    cr_assert_null(args_get(&args, "--json"));
}

Test(args, refusals_say_what_is_wrong) {
    static const struct {
        const char *words[4], *part;
    } cases[] = {
        {{"statsu"}, "did you mean 'status'"},
        {{"frobnicate"}, "see: smbmounter help"},
        {{"status", "--follow"}, "unknown option '--follow'"},
        {{"-f", "unmount", "x"}, "unknown option '-f'"},
        {{"mount"}, "missing 'NAME'; usage: smbmounter mount NAME"},
        {{"mount", "a", "b"}, "one word too many: 'b'"},
        {{"--socket"}, "a value must follow"},
        {{"status", "--socket="}, "an empty value"},
        {{"status", "--json=yes"}, "no value is taken"},
        {{"mount", ""}, "an empty word"},
        {{"\033[2J"}, "\\x1b[2J"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert_eq(parse(cases[i].words), -EINVAL);
        cr_assert(strstr(err.text, cases[i].part) != NULL, "%s", err.text);
    }
}

Test(args, help_and_version_need_no_words) {
    cr_assert_eq(PARSE("mount", "-h"), 0);
    cr_assert_eq(PARSE("--version"), 0);
    cr_assert_eq(args.command, COMMAND_COUNT);
}

Test(args, params_have_a_place_each) {
    const char *params[CONTROL_PARAMS_MAX];
    PARSE("unmount", "media");
    cr_assert_eq(args_params(&args, params), 2);
    cr_assert_str_eq(params[0], "false");
    cr_assert_str_eq(params[1], "media");
    PARSE("unmount", "-f", "media");
    cr_assert_eq(args_params(&args, params), 2);
    cr_assert_str_eq(params[0], "true");
    PARSE("status");
    cr_assert_eq(args_params(&args, params), 0);
    PARSE("events", "--follow");
    cr_assert_eq(args_params(&args, params), 1);
    cr_assert_str_eq(params[0], "true");
}

Test(args, a_word_too_long_for_the_socket_is_refused) {
    char word[CONTROL_PARAM_TEXT_MAX + 1];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    cr_assert_eq(PARSE("mount", word), -EINVAL);
    cr_assert_eq(PARSE("check-config", word), 0);
}
