/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What every command of the program gets, and the commands. Each returns the exit status. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>

#include "args.h"
#include "client.h"
#include "screen.h"

struct cli {
    struct args args;
    struct screen screen;  /* stdout */
    struct screen message; /* stderr: errors, progress */
    const char *socket;
    bool json;
};

/* Say what went wrong, on stderr and with --json on stdout as well. Returns the exit status. */
int cli_fail(const struct cli *cli, enum control_error code, const char *message);

/* Connect and carry out the command that was given, within its limit. CONTROL_OK, or the error has
 * been told. Both must be released by the caller in any case. */
enum control_error remote_call(const struct cli *cli, struct client *client,
                               struct control_response *response);

/* The whole of a remote command: call, then --json, or show for people. show may be NULL: the text
 * of RESULT records. judge may be NULL: what was answered is CONTROL_OK. */
int remote_run(const struct cli *cli,
               void (*show)(const struct cli *cli, const struct control_response *response,
                            struct str *to),
               enum control_error (*judge)(const struct cli *cli,
                                           const struct control_response *response));

int status_run(const struct cli *cli);
int probe_run(const struct cli *cli);
int plugins_run(const struct cli *cli);
int why_run(const struct cli *cli);
int events_run(const struct cli *cli);
int version_run(const struct cli *cli);
int setup_run(const struct cli *cli);

/* Help for a command, or for COMMAND_COUNT the overview. */
int help_show(const struct screen *screen, enum command command);
int help_run(const struct cli *cli);

#endif
