/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Prints the completions of a shell, bash, zsh or fish, from the tables of commands.h. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "control/commands.h"
#include "grammar.h"

/* A text for single quotes; also without brackets and colons, which zsh reads. */
static void put_quoted(const char *text) {
    for (const char *p = text; *p != '\0'; p++)
        if (*p == '\'')
            printf("'\\''");
        else
            putchar(*p == '[' || *p == ']' || *p == ':' ? ' ' : *p);
}

/* The command whose first column lists what NAME can be. */
static const char *lister(size_t command) {
    return command_table[command == COMMAND_PLUGINS ? COMMAND_PLUGINS : COMMAND_STATUS].name;
}

static const struct grammar_item *word_of(const struct grammar *grammar) {
    for (size_t i = 0; i < grammar->len; i++)
        if (grammar->items[i].kind == GRAMMAR_WORD)
            return &grammar->items[i];
    return NULL;
}

static void put_names(const struct grammar *grammar) {
    const char *space = "";
    for (size_t i = 0; i < grammar->len; i++)
        for (size_t k = 0; k < 2 && grammar->items[i].kind != GRAMMAR_WORD; k++)
            if (grammar->items[i].names[k][0] != '\0') {
                printf("%s%s", space, grammar->items[i].names[k]);
                space = " ";
            }
}

static void put_commands(const char *between) {
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("%s%s", i > 0 ? between : "", command_table[i].name);
}

static void put_bash_case(size_t command) {
    struct grammar grammar;
    if (grammar_parse(command_table[command].arguments, &grammar) != 0 || grammar.len == 0)
        return;
    const struct grammar_item *word = word_of(&grammar);
    printf("    %s)\n        options+=\" ", command_table[command].name);
    put_names(&grammar);
    printf("\"\n");
    if (word != NULL && strcmp(word->value, "NAME") == 0)
        printf("        words=$(_smbmounter_names %s)\n", lister(command));
    else if (word != NULL && strcmp(word->value, "COMMAND") == 0)
        printf("        words=$commands\n");
    else if (word != NULL)
        printf("        files=yes\n");
    printf("        ;;\n");
}

static void put_bash(const struct grammar *globals) {
    printf("# bash completion for smbmounter, generated from core/control/commands.h\n"
           "# shellcheck shell=bash\n\n"
           "_smbmounter_names() {\n"
           "    local line heading=yes\n"
           "    while IFS= read -r line; do\n"
           "        case $line in\n"
           "        NAME\\ *) heading=no ;;\n"
           "        ' '*) ;;\n"
           "        *) [[ $heading == no ]] && printf '%%s\\n' \"${line%%%% *}\" ;;\n"
           "        esac\n"
           "    done < <(smbmounter \"$1\" 2>/dev/null)\n"
           "}\n\n"
           "_smbmounter() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "    local command='' files=no words='' options='");
    put_names(globals);
    printf("' commands='");
    put_commands(" ");
    printf("' i\n"
           "    case $previous in\n"
           "    --socket | --config)\n"
           "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
           "        return\n"
           "        ;;\n"
           "    esac\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        case ${COMP_WORDS[i]} in\n"
           "        --socket) ((i++)) ;;\n"
           "        -*) ;;\n"
           "        *)\n"
           "            command=${COMP_WORDS[i]}\n"
           "            break\n"
           "            ;;\n"
           "        esac\n"
           "    done\n"
           "    case $command in\n"
           "    '') words=$commands ;;\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        put_bash_case(i);
    printf("    esac\n"
           "    if [[ $current == -* ]]; then\n"
           "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
           "    elif [[ $files == yes ]]; then\n"
           "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
           "    else\n"
           "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
           "    fi\n"
           "}\n\n"
           "complete -F _smbmounter smbmounter\n");
}

static void put_zsh_item(const struct grammar_item *item, size_t command) {
    if (item->kind == GRAMMAR_WORD) {
        bool name = strcmp(item->value, "NAME") == 0;
        printf(" \\\n            '%s:%s:", item->required ? "1" : ":", item->value);
        if (name)
            printf("_smbmounter_names %s'", lister(command));
        else if (strcmp(item->value, "COMMAND") == 0)
            printf("_smbmounter_commands'");
        else
            printf("_files'");
        return;
    }
    for (size_t k = 0; k < 2 && item->names[k][0] != '\0'; k++) {
        printf(" \\\n            '%s[", item->names[k]);
        put_quoted(grammar_meaning(item));
        printf("]%s%s%s'", item->kind == GRAMMAR_OPTION ? ":" : "", item->value,
               item->kind == GRAMMAR_OPTION ? ":_files" : "");
    }
}

static void put_zsh(const struct grammar *globals) {
    struct grammar grammar;
    printf("#compdef smbmounter\n# generated from core/control/commands.h\n\n"
           "_smbmounter_names() {\n"
           "    local -a lines names\n"
           "    lines=(\"${(@f)$(smbmounter $1 2>/dev/null)}\")\n"
           "    [[ $lines[1] == NAME\\ * ]] || return\n"
           "    names=(${${(M)lines[2,-1]:#[^ ]*}%%%% *})\n"
           "    _describe name names\n"
           "}\n\n"
           "_smbmounter_commands() {\n"
           "    local -a commands=(\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        printf("        '%s:", command_table[i].name);
        put_quoted(command_table[i].summary);
        printf("'\n");
    }
    printf("    )\n    _describe command commands\n}\n\n"
           "_smbmounter() {\n"
           "    local state line\n"
           "    local -a globals=(");
    for (size_t i = 0; i < globals->len; i++)
        put_zsh_item(&globals->items[i], COMMAND_STATUS);
    printf(" \\\n    )\n"
           "    _arguments -C $globals '1:command:_smbmounter_commands' '*::argument:->rest'\n"
           "    [[ $state == rest ]] || return\n"
           "    case $line[1] in\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (grammar_parse(command_table[i].arguments, &grammar) != 0)
            continue;
        printf("    %s)\n        _arguments $globals", command_table[i].name);
        for (size_t k = 0; k < grammar.len; k++)
            put_zsh_item(&grammar.items[k], i);
        printf("\n        ;;\n");
    }
    printf("    esac\n}\n\n_smbmounter \"$@\"\n");
}

static void put_fish_item(const struct grammar_item *item, size_t command) {
    char condition[96] = "";
    if (command < COMMAND_COUNT)
        snprintf(condition, sizeof condition, " -n '__fish_seen_subcommand_from %s'",
                 command_table[command].name);
    printf("complete -c smbmounter%s", condition);
    if (item->kind == GRAMMAR_WORD) {
        if (strcmp(item->value, "NAME") == 0)
            printf(" -a '(__smbmounter_names %s)'\n", lister(command));
        else if (strcmp(item->value, "COMMAND") == 0) {
            printf(" -a '");
            put_commands(" ");
            printf("'\n");
        } else
            printf(" -F\n");
        return;
    }
    for (size_t k = 0; k < 2 && item->names[k][0] != '\0'; k++)
        printf(item->names[k][1] == '-' ? " -l %s" : " -s %s",
               item->names[k] + (item->names[k][1] == '-' ? 2 : 1));
    printf("%s -d '", item->kind == GRAMMAR_OPTION ? " -r -F" : "");
    put_quoted(grammar_meaning(item));
    printf("'\n");
}

static void put_fish(const struct grammar *globals) {
    struct grammar grammar;
    printf(
        "# fish completion for smbmounter, generated from core/control/commands.h\n\n"
        "function __smbmounter_names\n"
        "    smbmounter $argv[1] 2>/dev/null | string match -r '^(?!NAME )[A-Za-z0-9_][^ ]*(?= )'\n"
        "end\n\n"
        "complete -c smbmounter -f\n");
    for (size_t i = 0; i < globals->len; i++)
        put_fish_item(&globals->items[i], COMMAND_COUNT);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        printf("complete -c smbmounter -n __fish_use_subcommand -a %s -d '", command_table[i].name);
        put_quoted(command_table[i].summary);
        printf("'\n");
        if (grammar_parse(command_table[i].arguments, &grammar) != 0)
            continue;
        for (size_t k = 0; k < grammar.len; k++)
            put_fish_item(&grammar.items[k], i);
    }
}

int main(int argc, char **argv) {
    struct grammar globals;
    const char *shell = argc == 2 ? argv[1] : "";
    if (grammar_parse(GRAMMAR_GLOBAL, &globals) != 0)
        return 1;
    if (strcmp(shell, "bash") == 0)
        put_bash(&globals);
    else if (strcmp(shell, "zsh") == 0)
        put_zsh(&globals);
    else if (strcmp(shell, "fish") == 0)
        put_fish(&globals);
    else
        return 2;
    return fflush(stdout) == 0 ? 0 : 1;
}
