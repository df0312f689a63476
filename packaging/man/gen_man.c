/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Prints smbmounter(8) as mdoc from the tables of commands, states and events. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/places.h"
#include "control/commands.h"
#include "control/events.h"
#include "grammar.h"
#include "machine/tables.h"

static const struct {
    int status;
    const char *name, *meaning;
} codes[] = {
#define X(id, name, status, meaning) {status, name, meaning},
    CONTROL_ERRORS(X)
#undef X
};

struct word {
    const char *name, *meaning;
};
#define X(id, name, meaning) {name, meaning},
static const struct word states[] = {MACHINE_STATES(X)};
static const struct word events[] = {EVENT_KINDS(X)};
#undef X

#define LINE_MAX_BYTES 78

/* Text for mdoc: filled; a sentence ends its line; no line begins like a request. */
static void put_text(const char *text) {
    size_t column = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (column > 0 && column + 1 + len > LINE_MAX_BYTES) {
            putchar('\n');
            column = 0;
        }
        if (column > 0)
            putchar(' ');
        else if (*text == '.' || *text == '\'')
            printf("\\&");
        for (size_t i = 0; i < len; i++)
            printf(text[i] == '\\' ? "\\e" : text[i] == '-' ? "\\-" : "%c", text[i]);
        column += len + 1;
        text += len;
        if (*text == ' ' && text[-1] == '.') {
            putchar('\n');
            column = 0;
        }
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void put_option(const char *name) {
    printf(" Fl ");
    for (const char *p = name + 1; *p != '\0'; p++)
        printf(*p == '-' ? "\\-" : "%c", *p);
}

static void put_item(const struct grammar_item *item) {
    if (item->kind == GRAMMAR_WORD) {
        printf(item->required ? " Ar %s" : " Op Ar %s", item->value);
        return;
    }
    printf(" Oo");
    put_option(item->names[0]);
    if (item->names[1][0] != '\0') {
        printf(" |");
        put_option(item->names[1]);
    }
    if (item->kind == GRAMMAR_OPTION)
        printf(" Ar %s", item->value);
    printf(" Oc");
}

static void put_items(const struct grammar *grammar) {
    for (size_t i = 0; i < grammar->len; i++)
        put_item(&grammar->items[i]);
}

static void put_options(const struct grammar *grammar) {
    printf(".Bl -tag -width Ds\n");
    for (size_t i = 0; i < grammar->len; i++) {
        const struct grammar_item *item = &grammar->items[i];
        if (item->kind == GRAMMAR_WORD)
            continue;
        printf(".It");
        put_option(item->names[0]);
        if (item->names[1][0] != '\0') {
            printf(" ,");
            put_option(item->names[1]);
        }
        if (item->kind == GRAMMAR_OPTION)
            printf(" Ar %s", item->value);
        putchar('\n');
        put_text(grammar_meaning(item));
    }
    printf(".El\n");
}

static bool has_options(const struct grammar *grammar) {
    for (size_t i = 0; i < grammar->len; i++)
        if (grammar->items[i].kind != GRAMMAR_WORD)
            return true;
    return false;
}

static void put_command(const struct command_row *row) {
    struct grammar grammar;
    if (grammar_parse(row->arguments, &grammar) != 0)
        return;
    printf(".It Cm %s", row->name);
    put_items(&grammar);
    putchar('\n');
    printf("%s.\n", row->summary);
    if (row->text[0] != '\0')
        put_text(row->text);
    if (row->access == COMMAND_ADMIN)
        printf("For root and the members of the group\n.Cm control.admin_group .\n");
    if (row->access == COMMAND_ROOT)
        printf("For root.\n");
    if (has_options(&grammar))
        put_options(&grammar);
}

static char upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static void put_codes(void) {
    printf(".Sh EXIT STATUS\n.Bl -tag -width Ds\n");
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        printf(".It %d\n%c%s\n.Pq Li %s .\n", codes[i].status, upper(codes[i].meaning[0]),
               codes[i].meaning + 1, codes[i].name);
    printf(
        ".El\n.Pp\nThe words in parentheses are the codes of errors in\n.Fl \\-json\noutput and on "
        "the control socket.\n");
}

static void put_words(const struct word *words, size_t len) {
    printf(".Bl -tag -width Ds\n");
    for (size_t i = 0; i < len; i++)
        printf(".It Li %s\n%c%s.\n", words[i].name, upper(words[i].meaning[0]),
               words[i].meaning + 1);
    printf(".El\n");
}

/* What status and events show. */
static void put_shown(void) {
    printf(".Sh STATES\nA mount is in one of these states:\n");
    put_words(states, sizeof states / sizeof states[0]);
    printf(".Sh EVENTS\n");
    put_text("What happens to a mount is kept in memory, the oldest making room. The kinds are:");
    put_words(events, sizeof events / sizeof events[0]);
}

static void put_head(const struct grammar *globals) {
    printf(".\\\" Generated from core/control/commands.h.\n"
           ".Dd November 22, 2026\n.Dt SMBMOUNTER 8\n.Os\n"
           ".Sh NAME\n.Nm smbmounter\n.Nd keep SMB shares mounted and bring stale ones back\n"
           ".Sh SYNOPSIS\n.Nm\n.Op Ar option ...\n.Ar command\n.Op Ar argument ...\n"
           ".Sh DESCRIPTION\n.Nm\n");
    put_text("mounts the configured SMB shares, watches each of them, and when a mount goes stale "
             "brings back that mount alone. It consists of a daemon, started by the service "
             "manager, and of this program, which asks the daemon and gives it commands over its "
             "control socket. Every command is bounded in time: a daemon that does not answer is "
             "told within 3 seconds; mounting and unmounting end after 60 seconds, probing and "
             "reloading after 30.");
    printf(".Pp\nOptions of every command:\n");
    put_options(globals);
}

static void put_surroundings(void) {
    printf(".Sh ENVIRONMENT\n.Bl -tag -width Ds\n"
           ".It Ev SMBMOUNTER_SOCKET\nThe control socket, when\n.Fl \\-socket\nis not given.\n"
           "The daemon itself does not look at it.\n"
           ".It Ev NO_COLOR\nNo colours, when it is not empty.\n"
           ".It Ev TERM\nNo colours when it is\n.Ql dumb .\n.El\n"
           ".Sh FILES\n.Bl -tag -width Ds\n"
           ".It Pa /etc/smbmounter/smbmounter.yaml\nThe configuration, see\n"
           ".Xr smbmounter.yaml 5 .\n"
           ".It Pa " PLACE_SOCKET "\nThe control socket.\n.El\n");
}

static void put_examples(void) {
    printf(".Sh JSON\nWith\n.Fl \\-json\n");
    put_text("a command prints an array of objects, or an object of arrays where there are several "
             "kinds of them; following events prints an object on each line. Times are "
             "milliseconds since 1970. An error is");
    printf(".Bd -literal -offset indent\n"
           "{\"error\": {\"code\": \"no-such-mount\", \"message\": \"...\"}}\n.Ed\n"
           ".Sh EXAMPLES\nStore the password of a share, mount it, look after it:\n"
           ".Bd -literal -offset indent\nsmbmounter setup media\nsmbmounter mount media\n"
           "smbmounter status\nsmbmounter why media\n.Ed\n"
           ".Pp\nFrom a script, the password on a pipe:\n"
           ".Bd -literal -offset indent\npass show nas/media | smbmounter setup media\n.Ed\n"
           ".Sh SEE ALSO\n.Xr %s 1 ,\n.Xr smbmounter.yaml 5 ,\n.Xr %s 8\n",
           PLATFORM_DARWIN ? "launchctl" : "systemctl",
           PLATFORM_DARWIN ? "mount_smbfs" : "mount.cifs");
}

int main(void) {
    struct grammar globals;
    if (grammar_parse(GRAMMAR_GLOBAL, &globals) != 0)
        return 1;
    put_head(&globals);
    printf(".Pp\nCommands:\n.Bl -tag -width Ds\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        put_command(&command_table[i]);
    printf(".El\n");
    put_shown();
    put_surroundings();
    put_codes();
    put_examples();
    return fflush(stdout) == 0 ? 0 : 1;
}
