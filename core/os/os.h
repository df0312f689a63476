/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * All that differs between Linux and macOS, and nothing else. Each platform is os_PLATFORM*.c with
 * the same functions. None of them blocks on a share, except those that say "in a helper".
 */
#ifndef OS_OS_H
#define OS_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* --- the mount table ------------------------------------------------------------------------ */
/* Text of the whole table in mountinfo form, malloc'd. 0 or -errno. */
int os_mount_table_text(char **text, size_t *len, struct err *err);
/* An fd that polls ready when the table changed; *prioritized: poll for EPOLLPRI, else EPOLLIN.
 * What changed before the fd is in the loop (libuv: in its next iteration) is not told: read the
 * table once more after that. */
int os_mount_watch_open(bool *prioritized, struct err *err);
/* True when the kernel said that the health of some mount changed (macOS): look at once. */
bool os_mount_watch_drain(int fd);
/* The name by which the mount table knows a path; points into it (macOS: firmlinks). */
const char *os_plain_path(const char *path);

/* --- the network ---------------------------------------------------------------------------- */
/* An fd that is readable when addresses, links or routes changed (rtnetlink; notify(3)). */
int os_net_watch_open(struct err *err);
/* Read all that is pending. True when something changed that can make a server reachable. */
bool os_net_watch_drain(int fd);

/* --- processes ------------------------------------------------------------------------------ */
/* Refuse tracing and core dumps of this process; no new privileges; files closed above max_fd
 * (-1: keep). Called first in main. */
void os_harden(int keep_max_fd);
/* For plugin hosts: no capabilities but to look, no writing of files, resource limits, a seccomp
 * filter, as far as the system has them. 0 or -errno. */
int os_confine_host(struct err *err);
/* malloc gives back what nobody uses; large pieces always, from the first call on. */
void os_spare_memory(void);
/* Memory to map in two processes, zeroed; neither can make it smaller. The fd or -errno. */
int os_shared_memory(size_t size);
/* pidfd of a child, -1 where there is none. */
int os_pidfd(pid_t pid);
/* SIGKILL by pidfd when >= 0, else by pid (safe: the caller has not reaped it). */
int os_kill(pid_t pid, int pidfd);
/* Absolute path of the running program. */
int os_self_path(char *path, size_t size);
/* For a program that lives for its parent alone: ends with it, as far as the system can do that. */
void os_end_with_parent(void);
void os_close_from(int first);          /* all descriptors; safe between fork and exec */
void os_wipe(void *bytes, size_t size); /* which the optimizer would leave */
/* Fill with random bytes, without waiting for the system to gather them. 0 or -errno. */
int os_random(void *bytes, size_t size);
/* False with a reason when mounts made here would not be seen by the rest of the system (another
 * mount namespace than pid 1: compare "/" in mountinfo, look for "master:"; security notes 5). */
bool os_namespace_is_host(struct err *why);

/* --- descriptors, all of them closed on exec ------------------------------------------------- */
int os_pipe(int ends[2]);       /* 0 or -errno */
int os_socketpair(int ends[2]); /* a stream. 0 or -errno */
int os_socket(int family);      /* a nonblocking stream; -errno */
/* A file in memory, or one without a name, of that size at most where that can be had. -errno. */
int os_memory_file(const char *name, size_t size);

/* --- peers of the control socket ------------------------------------------------------------- */
struct os_peer {
    uid_t uid;
    gid_t gid;
    pid_t pid; /* for logging only */
    gid_t groups[256];
    size_t groups_len;
    bool groups_cut; /* there may be more than the kernel tells: os_is_member knows */
};
int os_peer(int fd, struct os_peer *peer);
/* Asks the directory of users: may take its time, so not in the daemon. */
bool os_is_member(uid_t uid, gid_t gid);
/* The listening socket that the system made for us under this name; -errno when there is none. */
int os_activated_socket(const char *name);

/* --- mounting, in a helper ------------------------------------------------------------------- */
/* Open the mountpoint by descriptor, following no symlink; it must be a directory. *fd is an O_PATH
 * descriptor of the directory itself (under any mount on it that is not ours). */
int os_open_mountpoint(const char *path, int *fd, struct err *err);
/* The folder name in dir, no symlink, as os_open_mountpoint gives it. fd or -errno. */
int os_open_folder_at(int dir, const char *name);
/* Change the owner of the folder that such an fd names. 0 or -errno. */
int os_give_folder(int fd, uid_t uid, gid_t gid);
/* True when the directory that fd names has no entries (opened through fd). */
int os_dir_is_empty(int fd, bool *empty);
/* Unmount what is at the final component of path, by a pinned parent, not following symlinks, when
 * its mount id is still id. detach and force as umount2(2). In a helper: can hang. 0 or -errno. */
int os_unmount(const char *path, uint64_t id, bool force, bool detach);

/* True when an unmount that hangs must be the only one: it keeps the mount's lock (macOS). */
bool os_unmount_is_exclusive(void);

/* Set nosuid and nodev on the mount id at path. 0 or -errno (-ENOTSUP: cannot be changed). */
int os_harden_mount(const char *path, uint64_t id);
/* Id and device of the mount that is on top of the directory that path names, by its descriptor. */
int os_mount_id_at(const char *path, uint64_t *id, uint64_t *device);

/* Destroy established TCP sockets to address:port that have at least min_retransmits; in a helper
 * with CAP_NET_ADMIN. Number destroyed, or -errno (-EOPNOTSUPP: kernel without it). */
int os_destroy_stalled(const char *address, uint16_t port, unsigned min_retransmits);

#endif
