/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* smbmounter daemon */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "control/commands.h"
#include "daemon/daemon.h"
#include "daemon/entry.h"
#include "os/os.h"

static void read_arguments(int argc, char **argv, struct daemon_setup *setup) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
            setup->config_path = argv[++i];
        else if (strcmp(argv[i], "--any-namespace") == 0)
            setup->any_namespace = true;
    }
}

int daemon_main(int argc, char **argv) {
    static struct daemon daemon; /* the one place where it stands */
    struct err err = {0};
    daemon.setup.config_path = SMBMOUNTER_CONFIG_FILE;
    read_arguments(argc, argv, &daemon.setup);
    umask(077);
    os_harden(2);
    log_init(&daemon.log);
    if (daemon_start(&daemon, &err) != 0) {
        log_put(&daemon.log, LOG_ERROR, "%s", err.text);
        return control_error_status(err.code == EINVAL ? CONTROL_BAD_CONFIG : CONTROL_FAILED);
    }
    uv_run(&daemon.loop, UV_RUN_DEFAULT);
    daemon_finish(&daemon);
    return 0;
}
