/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Who may connect, and who may give which command. Pure. */
#ifndef CONTROL_ACCESS_H
#define CONTROL_ACCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "control/commands.h"
#include "os/os.h"

#define ACCESS_CLIENTS_MAX 64
#define ACCESS_RESERVED 8 /* of these, for root and admins */
#define ACCESS_PER_USER_MAX 8
#define ACCESS_ROOT_MAX 32 /* root has scripts; it still leaves places to others */

#define ACCESS_NO_GROUP ((gid_t)-1)

/* Root, or in the group by its primary or any other group. */
bool access_is_admin(const struct os_peer *peer, gid_t admin_group);

/* What a right covers; one that is none covers nothing. */
bool access_permits(enum command_access access, const struct os_peer *peer, gid_t admin_group);

/* Only what a command's row says; anything else is denied, root included. */
bool access_allowed(enum command command, const struct os_peer *peer, gid_t admin_group);

/* How many clients there are now. */
struct access_load {
    unsigned total;
    unsigned ordinary; /* neither root nor admins */
    unsigned of_user;  /* of the one who asks */
};

/* NULL: one more client of that user is let in; else why not. */
const char *access_refusal(const struct access_load *load, uid_t uid, bool admin);

#endif
