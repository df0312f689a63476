/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Who is at the other end of the control socket, and the socket that launchd made. */
#include <errno.h>
#include <launch.h>
#include <stdlib.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/ucred.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/darwin_sdk.h"
#include "os/os.h"

int os_peer(int fd, struct os_peer *peer) {
    struct xucred who;
    socklen_t len = sizeof who, pid_len = sizeof peer->pid;
    *peer = (struct os_peer){.uid = (uid_t)-1, .gid = (gid_t)-1, .pid = -1};
    if (getsockopt(fd, SOL_LOCAL, LOCAL_PEERCRED, &who, &len) != 0)
        return -errno;
    if (len < sizeof who || who.cr_version != XUCRED_VERSION || who.cr_uid == (uid_t)-1 ||
        who.cr_ngroups < 1 || who.cr_ngroups > NGROUPS)
        return -ENOTCONN;
    peer->uid = who.cr_uid;
    peer->gid = who.cr_groups[0];
    peer->groups_len = (size_t)who.cr_ngroups;
    /* The kernel keeps 16 and asks a directory for the others. */
    peer->groups_cut = who.cr_ngroups == NGROUPS;
    for (size_t i = 0; i < peer->groups_len; i++)
        peer->groups[i] = who.cr_groups[i];
    if (getsockopt(fd, SOL_LOCAL, LOCAL_PEERPID, &peer->pid, &pid_len) != 0)
        peer->pid = -1;
    return 0;
}

bool os_is_member(uid_t uid, gid_t gid) {
    unsigned char user[16], group[16];
    int member = 0;
    return mbr_uid_to_uuid(uid, user) == 0 && mbr_gid_to_uuid(gid, group) == 0 &&
           mbr_check_membership(user, group, &member) == 0 && member != 0;
}

int os_activated_socket(const char *name) {
    int *fds = NULL;
    size_t len = 0;
    int rc = launch_activate_socket(name, &fds, &len);
    if (rc != 0)
        return -rc;
    int fd = len > 0 ? fds[0] : -ENOENT;
    for (size_t i = 1; i < len; i++)
        close(fds[i]);
    free(fds);
    return fd;
}
