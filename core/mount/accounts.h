/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Local users and groups by name or number, through the system's databases. */
#ifndef MOUNT_ACCOUNTS_H
#define MOUNT_ACCOUNTS_H

#include <sys/types.h>

#include "base/err.h"
#include "config/config.h"
#include "mount/identity.h"

/* A user's ids; 0, or -ENOENT with what to mend. */
int accounts_user(const char *name, uid_t *uid, gid_t *gid, struct err *err);
/* Who makes this mount: known for mounters whose mounts show it (netfs). Asks the database of users
 * when there is a local_user. */
struct mount_owner accounts_owner(const struct config_mount *mount);
int accounts_group(const char *name, gid_t *gid, struct err *err);

#endif
