/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The kernel of the made-up Mac, and what is left of the system's own calls. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "mount/netfs.h"
#include "os/holders.h"
#include "os/orphans.h"
#include "os/os.h"
#include "os/session.h"
#include "shim.h"

static int mounts(struct darwin_mount **list, size_t *len) {
    *list = calloc((size_t)mac->mounts_len + 1, sizeof **list);
    if (*list == NULL)
        return -ENOMEM;
    memcpy(*list, mac->mounts, (size_t)mac->mounts_len * sizeof **list);
    *len = (size_t)mac->mounts_len;
    return 0;
}

static void remove_at(int i) {
    memmove(&mac->mounts[i], &mac->mounts[i + 1],
            (size_t)(mac->mounts_len - i - 1) * sizeof mac->mounts[0]);
    mac->mounts_len--;
}

/* While one is at work, the kernel refuses every other one. */
static int begin_unmount(void) {
    mac->unmounts++;
    if (++mac->unmounts_at_once > mac->most_at_once)
        mac->most_at_once = mac->unmounts_at_once;
    (void)poll(NULL, 0, (int)mac->unmount_takes_ms);
    return 0;
}

static int unmount_path(const char *path, bool force) {
    begin_unmount();
    mac->unmounts_at_once--;
    mac->unmounts_plain += !force;
    if (mac->unmount_code != 0)
        return -mac->unmount_code;
    for (int i = mac->mounts_len; i-- > 0;)
        if (strcmp(mac->mounts[i].mountpoint, path) == 0) {
            remove_at(i);
            return 0;
        }
    return -EINVAL;
}

static int unmount_id(uint64_t id, bool force) {
    begin_unmount();
    mac->unmounts_at_once--;
    mac->unmounts_by_id++;
    mac->unmounts_plain += !force;
    if (mac->unmount_id_code != 0)
        return -mac->unmount_id_code;
    for (int i = 0; i < mac->mounts_len; i++)
        if (mac->mounts[i].id == id) {
            remove_at(i);
            return 0;
        }
    return -ENOENT;
}

const struct darwin_kernel darwin_kernel = {mounts, unmount_path, unmount_id};

/* The worker as a child of the test instead of a program of its own. */
pid_t session_start(const struct session_spawn *spawn, char *session, size_t size) {
    mac->sessions++;
    mac->session_uid = spawn->uid;
    snprintf(session, size,
             mac->logged_in ? "login session 100007 of uid %u" : "the daemon's session",
             (unsigned)spawn->uid);
    if (strcmp(spawn->word, "netfs-worker") != 0)
        return -EINVAL;
    pid_t pid = fork();
    if (pid != 0)
        return pid < 0 ? -errno : pid;
    int socket = fcntl(spawn->socket, F_DUPFD, 20);
    int lock = spawn->lock >= 0 ? fcntl(spawn->lock, F_DUPFD, 20) : -1;
    if (dup2(socket, SESSION_FD) < 0 || (lock >= 0 && dup2(lock, SESSION_LOCK_FD) < 0))
        _exit(2);
    if (lock < 0)
        close(SESSION_LOCK_FD);
    _exit(netfs_worker_main());
}

/* --- what the tests need of os.h beside os_darwin_table.c and os_darwin_unmount.c --- */
void os_harden(int keep_max_fd) {
    if (keep_max_fd >= 0)
        os_close_from(keep_max_fd + 1);
}

int os_pidfd(pid_t pid) {
    (void)pid;
    return -1;
}

int os_self_path(char *path, size_t size) {
    return str_copy(path, size, "/usr/local/bin/smbmounter") ? 0 : -ENAMETOOLONG;
}

int os_open_mountpoint(const char *path, int *fd, struct err *err) {
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return *fd >= 0 ? 0 : err_sys(err, errno, "mountpoint %s", path);
}

int os_open_folder_at(int dir, const char *name) {
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd >= 0 ? fd : -errno;
}

int os_give_folder(int fd, uid_t uid, gid_t gid) {
    return fchown(fd, uid, gid) == 0 ? 0 : -errno;
}

void os_note_held(uint64_t mount_id, uint64_t device, uint32_t limit_ms, struct os_held *held) {
    (void)limit_ms;
    mac->asked_for_holders = true;
    *held = (struct os_held){.device = device, .marks = {mount_id}, .len = 1, .complete = true};
}

int os_find_holders(const struct os_held *held, const char *left, uint32_t limit_ms,
                    struct os_holders *holders) {
    (void)held, (void)left, (void)limit_ms;
    *holders = (struct os_holders){.complete = true};
    return 0;
}

/* A pipe that nobody writes to: whoever waits for the table looks again when his time is over. */
int os_mount_watch_open(bool *prioritized, struct err *err) {
    int ends[2];
    int rc = os_pipe(ends);
    *prioritized = false;
    return rc == 0 ? ends[0] : err_sys(err, -rc, "pipe");
}

bool os_mount_watch_drain(int fd) {
    (void)fd;
    return false;
}

void os_adopt_orphans(void) {
}

void os_end_children(uint32_t limit_ms) {
    (void)limit_ms;
}
