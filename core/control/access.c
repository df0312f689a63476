/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "control/access.h"

bool access_is_admin(const struct os_peer *peer, gid_t admin_group) {
    if (peer->uid == 0)
        return true;
    if (admin_group == ACCESS_NO_GROUP)
        return false;
    if (peer->gid == admin_group)
        return true;
    for (size_t i = 0; i < peer->groups_len; i++)
        if (peer->groups[i] == admin_group)
            return true;
    return false;
}

bool access_permits(enum command_access access, const struct os_peer *peer, gid_t admin_group) {
    switch (access) {
    case COMMAND_ANYONE:
        return true;
    case COMMAND_ADMIN:
        return access_is_admin(peer, admin_group);
    case COMMAND_ROOT:
        return peer->uid == 0;
    }
    return false;
}

bool access_allowed(enum command command, const struct os_peer *peer, gid_t admin_group) {
    return command < COMMAND_COUNT && command_table[command].where == COMMAND_REMOTE &&
           access_permits(command_table[command].access, peer, admin_group);
}

const char *access_refusal(const struct access_load *load, uid_t uid, bool admin) {
    if (load->total >= ACCESS_CLIENTS_MAX)
        return "too many connections";
    if (load->of_user >= (uid == 0 ? ACCESS_ROOT_MAX : ACCESS_PER_USER_MAX))
        return "too many connections of this user";
    if (!admin && load->ordinary >= ACCESS_CLIENTS_MAX - ACCESS_RESERVED)
        return "too many connections; the last places are kept for root and admins";
    return NULL;
}
