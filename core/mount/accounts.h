/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Local users and groups by name or number, through the system's databases. */
#ifndef MOUNT_ACCOUNTS_H
#define MOUNT_ACCOUNTS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"

/* A user's ids; 0, or -ENOENT with what to mend. */
int accounts_user(const char *name, uid_t *uid, gid_t *gid, struct err *err);
/* Who makes this mount: set for mounters whose mounts show it (netfs), else *check is false. Asks
 * the database of users when there is a local_user. */
void accounts_owner(const struct config_mount *mount, bool *check, uint32_t *owner);
int accounts_group(const char *name, gid_t *gid, struct err *err);

#endif
