/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A trusted folder with a configuration and the plugins "healthy" and "decide", and the real
 * program in place of the test's own. */
#ifndef TESTS_DAEMON_START_RIG_H
#define TESTS_DAEMON_START_RIG_H

#include "plugin/rig.h"

extern char folder[RIG_PATH_MAX], config_path[RIG_PATH_MAX + 32];
extern const char *start_rig_self; /* NULL: it cannot be found */

#define DEFAULTS "defaults: {probes: [healthy], recovery: [decide]}\n"
#define MOUNT                                                                                      \
    "- {name: a, server: nas, share: a, mountpoint: /mnt/a, username: u, "                         \
    "mount_at_startup: false}\n"

void start_rig_begin(void);
void start_rig_end(void);
/* Top level lines, and the list of mounts. */
void configure(const char *more, const char *mounts);

#endif
