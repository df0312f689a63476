/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the program's main() calls in the daemon's layer. Each _main returns the exit status
 * (CONTROL_ERRORS in control/commands.h) and has printed what there is to say. */
#ifndef DAEMON_ENTRY_H
#define DAEMON_ENTRY_H

#include <stdbool.h>

#include "base/err.h"
#include "config/config.h"

#ifndef SMBMOUNTER_CONFIG_FILE
#define SMBMOUNTER_CONFIG_FILE "/etc/smbmounter/smbmounter.yaml"
#endif

/* Run the daemon until it is told to stop. any_namespace: even where its mounts stay invisible to
 * the rest of the system. */
int daemon_main(const char *config_path, bool any_namespace);

/* path is never NULL here and below. */
int check_config_main(const char *path, bool json);
int setup_check_main(const char *config_path, const char *name, bool json);
int machine_main(bool dot);

/* Find one mount without loading plugins. *mount is the caller's (config_mount_finish). 0; -ESRCH:
 * no mount of that name; -EINVAL: the file has errors (err tells the first); else -errno. */
int setup_load_mount(const char *config_path, const char *name, struct config_mount *mount,
                     struct err *err);

#endif
