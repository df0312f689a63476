/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/places.h"
#include "cli.h"
#include "control/membership.h"
#include "daemon/entry.h"
#include "mount/helper.h"
#include "mount/netfs.h"

/* Not in the table of commands: started by the daemon only. */
#define MOUNT_HELPER "mount-helper"
#define NETFS_WORKER "netfs-worker"

#ifndef SMBMOUNTER_SOCKET
#define SMBMOUNTER_SOCKET PLACE_SOCKET
#endif

static int mount_run(const struct cli *cli) {
    return remote_run(cli, NULL, NULL);
}

static int check_config_run(const struct cli *cli) {
    const char *path = args_get(&cli->args, "FILE");
    return check_config_main(path != NULL ? path : SMBMOUNTER_CONFIG_FILE, cli->json);
}

static int machine_run(const struct cli *cli) {
    return machine_main(args_get(&cli->args, "--dot") != NULL);
}

/* --foreground is for people's peace of mind: the daemon never goes into the background. */
static int daemon_run(const struct cli *cli) {
    const char *path = args_get(&cli->args, "--config");
    return daemon_main(path != NULL ? path : SMBMOUNTER_CONFIG_FILE,
                       args_get(&cli->args, "--any-namespace") != NULL);
}

static int (*const runs[COMMAND_COUNT])(const struct cli *cli) = {
    [COMMAND_STATUS] = status_run,   [COMMAND_MOUNT] = mount_run,
    [COMMAND_UNMOUNT] = mount_run,   [COMMAND_RELOAD] = mount_run,
    [COMMAND_PROBE] = probe_run,     [COMMAND_PLUGINS] = plugins_run,
    [COMMAND_WHY] = why_run,         [COMMAND_EVENTS] = events_run,
    [COMMAND_VERSION] = version_run, [COMMAND_CHECK_CONFIG] = check_config_run,
    [COMMAND_SETUP] = setup_run,     [COMMAND_MACHINE] = machine_run,
    [COMMAND_DAEMON] = daemon_run,   [COMMAND_HELP] = help_run,
};

static const char *socket_path(const struct args *args) {
    const char *path = args_get(args, "--socket");
    if (path == NULL)
        path = getenv("SMBMOUNTER_SOCKET");
    return path != NULL && path[0] != '\0' ? path : SMBMOUNTER_SOCKET;
}

static int run(const struct cli *cli) {
    if (args_get(&cli->args, "--version") != NULL) {
        fprintf(cli->screen.out, "smbmounter %s\n", SMBMOUNTER_VERSION);
        return control_error_status(CONTROL_OK);
    }
    if (args_get(&cli->args, "--help") != NULL)
        return help_show(&cli->screen, cli->args.command);
    if (cli->args.command == COMMAND_COUNT) {
        help_show(&cli->message, COMMAND_COUNT);
        return control_error_status(CONTROL_USAGE);
    }
    return runs[cli->args.command](cli);
}

int main(int argc, char **argv) {
    struct cli cli = {0};
    struct err err = {0};
    if (argc == 2 && strcmp(argv[1], MOUNT_HELPER) == 0)
        return helper_main();
    if (argc == 4 && strcmp(argv[1], MEMBERSHIP_WORD) == 0)
        return membership_main(argv[2], argv[3]);
#ifdef __APPLE__
    if (argc == 2 && strcmp(argv[1], NETFS_WORKER) == 0)
        return netfs_worker_main();
#endif
    int rc = args_parse(&cli.args, argc, argv, &err);
    screen_init(&cli.screen, stdout, clock_wall_ms());
    screen_init(&cli.message, stderr, cli.screen.now_ms);
    cli.json = args_get(&cli.args, "--json") != NULL;
    cli.socket = socket_path(&cli.args);
    if (rc < 0)
        return cli_fail(&cli, CONTROL_USAGE, err.text);
    return run(&cli);
}
