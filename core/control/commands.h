/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Every command, once. The rows become the enum, the daemon's dispatch and access check, the
 * CLI's parser, help, completions and man page, and the tests that each row has a handler.
 *
 * X(id, name, where, access, arguments, summary, text)
 *   where      REMOTE: a method of the control socket; LOCAL: done by the program itself
 *   access     ANYONE, ADMIN (root or a member of control.admin_group): judged by the daemon from
 *              the peer's credentials; LOCAL rows: ANYONE, ROOT
 *   arguments  as the usage line shows them. The grammar is read from it: [-f] a flag, NAME a
 *              required word, [NAME] an optional one, [--option WORD] an option with a value
 *   text       the manual's paragraphs
 */
#ifndef CONTROL_COMMANDS_H
#define CONTROL_COMMANDS_H

#define COMMANDS(X)                                                                                \
    X(STATUS, "status", REMOTE, ANYONE, "[NAME]", "Show every mount and how it is",                \
      "One line for each mount, or for NAME alone; a second line tells the reason where there is " \
      "something to say. Answered from memory: it cannot hang on a share.")                        \
    X(MOUNT, "mount", REMOTE, ADMIN, "NAME", "Mount a share and wait until it is usable",          \
      "Also brings back a mount that failed or was unmounted by hand. After a refused login this " \
      "is one real try; when it works, the other mounts of the account come back, too.")           \
    X(UNMOUNT, "unmount", REMOTE, ADMIN, "[-f|--force] NAME", "Unmount a share; it stays down",    \
      "Refused while files are open there. With -f the mount is taken out of the tree all the "    \
      "same; programs with open files keep them until they close them.")                           \
    X(RELOAD, "reload", REMOTE, ADMIN, "", "Read the configuration and the plugin folder again",   \
      "All or nothing: an error anywhere changes nothing. Only mounts whose definition changed "   \
      "are remounted.")                                                                            \
    X(PROBE, "probe", REMOTE, ADMIN, "NAME",                                                       \
      "Run every probe of a mount now and show its verdict",                                       \
      "Prints verdict, time and evidence of each. Shows what is; starts no recovery by itself.")   \
    X(PLUGINS, "plugins", REMOTE, ANYONE, "[NAME]", "List plugins, or show one with its options",  \
      "Files that could not be loaded are listed with the reason.")                                \
    X(WHY, "why", REMOTE, ANYONE, "NAME", "Tell what happened to a mount, and why",                \
      "The story of the last incidents in plain sentences with times.")                            \
    X(EVENTS, "events", REMOTE, ANYONE, "[--follow] [NAME]", "List the recorded events",           \
      "With --follow new events are printed as they happen.")                                      \
    X(VERSION, "version", REMOTE, ANYONE, "",                                                      \
      "Show the versions of the program and of the daemon", "")                                    \
    X(CHECK_CONFIG, "check-config", LOCAL, ANYONE, "[FILE]", "Check a configuration file",         \
      "Prints every error as FILE:line:column: where: what, and what is allowed.")                 \
    X(SETUP, "setup", LOCAL, ROOT, "[--check] [--config FILE] NAME",                               \
      "Ask for the password of a share and store it",                                              \
      "Stores it in the mount's credential store, readable by root only. With --check nothing is " \
      "asked; it prints what stands in the way of the mount.")                                     \
    X(MACHINE, "machine", LOCAL, ANYONE, "[--dot]", "Print the state machine of a mount",          \
      "As a table, or with --dot for graphviz.")                                                   \
    X(DAEMON, "daemon", LOCAL, ROOT, "[--config FILE] [--foreground] [--any-namespace]",           \
      "Run the daemon",                                                                            \
      "Started by systemd or launchd; it does not go into the background. It refuses "             \
      "to run (exit status 4) where its mounts would not be seen by the rest of the system, "      \
      "unless --any-namespace says that this is wanted (containers, tests).")                      \
    X(HELP, "help", LOCAL, ANYONE, "[COMMAND]", "Show help", "")

enum command_where { COMMAND_LOCAL, COMMAND_REMOTE };
enum command_access { COMMAND_ANYONE, COMMAND_ADMIN, COMMAND_ROOT };

enum command {
#define X(id, name, where, access, arguments, summary, text) COMMAND_##id,
    COMMANDS(X)
#undef X
        COMMAND_COUNT
};

struct command_row {
    const char *name;
    enum command_where where;
    enum command_access access;
    const char *arguments, *summary, *text;
};
extern const struct command_row command_table[COMMAND_COUNT];

/* The row of a name, or COMMAND_COUNT. */
enum command command_find(const char *name, unsigned long len);

/* Exit codes of the CLI and error codes of the socket, once: id, wire name, exit status, meaning */
#define CONTROL_ERRORS(X)                                                                          \
    X(OK, "ok", 0, "it worked")                                                                    \
    X(FAILED, "failed", 1, "the operation failed; the message says why")                           \
    X(USAGE, "usage", 2, "wrong use of the command line or of a method's parameters")              \
    X(UNREACHABLE, "unreachable", 3, "the daemon does not answer")                                 \
    X(DENIED, "denied", 4, "not allowed: root or the admin group is needed")                       \
    X(NO_MOUNT, "no-such-mount", 5, "no mount of that name is configured")                         \
    X(TIMEOUT, "timed-out", 6, "no result within the time allowed")                                \
    X(BAD_CONFIG, "bad-config", 7, "the configuration has errors; nothing was changed")            \
    X(BUSY, "busy", 8, "the mount is in use")                                                      \
    X(UNWELL, "unwell", 9, "status NAME, probe NAME: answered, but the mount is not well")

enum control_error {
#define X(id, name, status, meaning) CONTROL_##id,
    CONTROL_ERRORS(X)
#undef X
        CONTROL_ERROR_COUNT
};
const char *control_error_name(enum control_error error);
int control_error_status(enum control_error error);
enum control_error control_error_parse(const char *name, unsigned long len);

#endif
