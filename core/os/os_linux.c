/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Who we are and who talks to us: the program's path, its mount namespace, socket peers. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "os/os.h"
#include "os/os_linux.h"

#define DELETED " (deleted)"

int os_self_path(char *path, size_t size) {
    if (size < 2)
        return -ENAMETOOLONG;
    ssize_t n = readlink("/proc/self/exe", path, size - 1);
    if (n < 0)
        return -errno;
    if ((size_t)n >= size - 1)
        return -ENAMETOOLONG;
    path[n] = '\0';
    /* After an upgrade the new program stands at the path without this mark. */
    size_t len = (size_t)n, mark = strlen(DELETED);
    if (len > mark && strcmp(path + len - mark, DELETED) == 0 && access(path, F_OK) != 0)
        path[len - mark] = '\0';
    return 0;
}

/* What is on top at "/" in the mount table of a process. */
static int root_of(const char *mountinfo, struct linux_mount_line *root) {
    CLEANUP_FREE char *text = NULL;
    size_t len;
    int rc = linux_read_all(mountinfo, &text, &len);
    if (rc != 0)
        return rc;
    struct linux_mount_line line;
    bool found = false;
    for (const char *at = text; linux_mount_line_next(&at, &line);) {
        if (line.mountpoint_len == 1 && line.mountpoint[0] == '/') {
            *root = line;
            found = true;
        }
    }
    root->mountpoint = NULL;
    return found ? 0 : -ENOENT;
}

bool os_namespace_is_host(struct err *why) {
    struct linux_mount_line own, first;
    if (root_of("/proc/self/mountinfo", &own) != 0)
        return true;
    int rc = root_of("/proc/1/mountinfo", &first);
    if (rc == 0 && own.id == first.id)
        return true;
    if (rc != 0 && !own.slave)
        return true;
    err_set(why, EXDEV,
            "mounts made here would stay invisible to the rest of the system: this process has a "
            "mount namespace of its own ('/' is mount %" PRIu64 "%s, process 1 has %" PRIu64
            "). Take Private*, Protect*, ReadOnlyPaths and the like out of the systemd unit",
            own.id, own.slave ? ", a slave" : "", rc == 0 ? first.id : 0);
    return false;
}

static void read_groups(int fd, struct os_peer *peer) {
    socklen_t len = sizeof peer->groups;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->groups, &len) == 0) {
        peer->groups_len = len / sizeof peer->groups[0];
        return;
    }
    /* More groups than fit (len says how many): the first ones count, the others grant nothing. */
    if (errno != ERANGE || len <= sizeof peer->groups)
        return;
    CLEANUP_FREE gid_t *all = malloc(len);
    if (all == NULL || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, all, &len) != 0 ||
        len < sizeof peer->groups)
        return;
    memcpy(peer->groups, all, sizeof peer->groups);
    peer->groups_len = sizeof peer->groups / sizeof peer->groups[0];
}

int os_peer(int fd, struct os_peer *peer) {
    struct ucred who;
    socklen_t len = sizeof who;
    *peer = (struct os_peer){.uid = (uid_t)-1, .gid = (gid_t)-1, .pid = -1};
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0)
        return -errno;
    /* The kernel's "nobody connected": never to be taken for a user. */
    if (len != sizeof who || who.uid == (uid_t)-1)
        return -ENOTCONN;
    peer->uid = who.uid;
    peer->gid = who.gid;
    peer->pid = who.pid;
    read_groups(fd, peer);
    return 0;
}

/* The kernel told all groups. */
bool os_is_member(uid_t uid, gid_t gid) {
    (void)uid;
    (void)gid;
    return false;
}

int os_activated_socket(const char *name) {
    (void)name;
    return -ENOENT;
}
