/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Who is at the other end of the control socket; which namespace and program we are. */
#include <criterion/criterion.h>
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/os.h"
#include "sandbox.h"

static int peer_with(size_t count, struct os_peer *peer) {
    gid_t groups[300];
    int fds[2];
    if (geteuid() != 0)
        cr_skip_test("needs root");
    for (size_t i = 0; i < count; i++)
        groups[i] = (gid_t)(1000 + i);
    cr_assert_eq(setgroups(count, groups), 0);
    cr_assert_eq(setegid(7), 0);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    int rc = os_peer(fds[0], peer);
    close(fds[0]);
    close(fds[1]);
    return rc;
}

Test(os_peer, user_and_supplementary_groups) {
    struct os_peer peer;
    cr_assert_eq(peer_with(3, &peer), 0);
    cr_assert_eq(peer.uid, 0);
    cr_assert_eq(peer.gid, 7);
    cr_assert_eq(peer.pid, getpid());
    cr_assert_eq(peer.groups_len, 3);
    cr_assert_eq(peer.groups[2], 1002);
}

Test(os_peer, no_groups_and_too_many) {
    struct os_peer peer;
    cr_assert_eq(peer_with(0, &peer), 0);
    cr_assert_eq(peer.groups_len, 0);
    cr_assert_eq(peer_with(256, &peer), 0);
    cr_assert_eq(peer.groups_len, 256);
    cr_assert_eq(peer_with(300, &peer), 0);
    cr_assert_eq(peer.groups_len, 256);
    cr_assert_eq(peer.groups[255], 1255);
}

Test(os_peer, not_a_connected_socket) {
    struct os_peer peer = {.uid = 0};
    int lone = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), pipes[2];
    cr_assert_lt(os_peer(lone, &peer), 0);
    cr_assert_eq(peer.uid, (uid_t)-1);
    cr_assert_eq(pipe(pipes), 0);
    cr_assert_eq(os_peer(pipes[0], &peer), -ENOTSOCK);
    cr_assert_eq(os_peer(-1, &peer), -EBADF);
}

Test(os_peer, own_mount_namespace_is_noticed) {
    struct err why = {0};
    if (geteuid() != 0)
        cr_skip_test("needs root");
    bool before = os_namespace_is_host(&why);
    sandbox_enter();
    cr_assert_not(os_namespace_is_host(&why));
    cr_assert_eq(why.code, EXDEV);
    cr_assert_not_null(strstr(why.text, "systemd unit"), "%s", why.text);
    /* Beside process 1 it must be silent, or no test machine could run the daemon. */
    struct stat own, first;
    if (stat("/proc/self/ns/mnt", &own) == 0 && stat("/proc/1/ns/mnt", &first) == 0)
        cr_assert(own.st_ino != first.st_ino);
    (void)before;
}

Test(os_peer, self_path_is_this_program) {
    char path[4096], tiny[4];
    struct stat a, b;
    cr_assert_eq(os_self_path(path, sizeof path), 0);
    cr_assert_eq(path[0], '/');
    cr_assert_eq(stat(path, &a), 0);
    cr_assert_eq(stat("/proc/self/exe", &b), 0);
    cr_assert_eq(a.st_ino, b.st_ino);
    cr_assert_eq(os_self_path(tiny, sizeof tiny), -ENAMETOOLONG);
    cr_assert_eq(os_self_path(tiny, 0), -ENAMETOOLONG);
}
