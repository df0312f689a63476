/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/accounts.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>

/* The plain functions will do: a helper has one thread, and what they return is copied at once. */
int accounts_user(const char *name, uid_t *uid, gid_t *gid, struct err *err) {
    errno = 0;
    const struct passwd *entry = getpwnam(name);
    if (entry == NULL)
        return err_set(err, ENOENT, "no user '%s' on this machine (getent passwd %s)", name, name);
    *uid = entry->pw_uid;
    *gid = entry->pw_gid;
    return 0;
}

int accounts_group(const char *name, gid_t *gid, struct err *err) {
    errno = 0;
    const struct group *entry = getgrnam(name);
    if (entry == NULL)
        return err_set(err, ENOENT, "no group '%s' on this machine (getent group %s)", name, name);
    *gid = entry->gr_gid;
    return 0;
}

struct mount_owner accounts_owner(const struct config_mount *mount) {
    uid_t uid = 0;
    gid_t gid;
    if (mount->mounter != CONFIG_NETFS)
        return (struct mount_owner){0};
    if (mount->local_user[0] != '\0' && accounts_user(mount->local_user, &uid, &gid, NULL) != 0)
        return (struct mount_owner){0}; /* the mount itself will say so */
    return (struct mount_owner){.known = true, .uid = (uint32_t)uid};
}
