/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* smbmounter daemon */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/commands.h"
#include "daemon/daemon.h"
#include "daemon/entry.h"
#include "os/os.h"

/* EXDEV: a mount namespace of its own. The unit does not start it again then. */
static enum control_error exit_code(const struct err *err) {
    if (err->code == EXDEV)
        return CONTROL_DENIED;
    return err->code == EINVAL ? CONTROL_BAD_CONFIG : CONTROL_FAILED;
}

int daemon_main(const char *config_path, bool any_namespace) {
    static struct daemon daemon; /* the one place where it stands */
    struct err err = {0};
    daemon.setup.config_path = config_path;
    daemon.setup.any_namespace = any_namespace;
    if (geteuid() != 0) {
        fprintf(stderr, "smbmounter: the daemon mounts file systems and needs root\n");
        return control_error_status(CONTROL_DENIED);
    }
    umask(077);
    os_harden(2);
    log_init(&daemon.log);
    if (daemon_start(&daemon, &err) != 0) {
        if (daemon.stopping)
            return 0;
        log_put(&daemon.log, LOG_ERROR, "%s", err.text);
        return control_error_status(exit_code(&err));
    }
    uv_run(&daemon.loop, UV_RUN_DEFAULT);
    daemon_finish(&daemon);
    return 0;
}
