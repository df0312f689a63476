/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * What the os_linux*.c files share, and nobody else includes. Kernel constants have names of our
 * own: glibc before 2.36 lacks them, and <sys/mount.h> of 2.36 cannot stand beside <linux/mount.h>.
 */
#ifndef OS_OS_LINUX_H
#define OS_OS_LINUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

#define LINUX_DEVICE(major, minor) ((uint64_t)(major) << 32 | (uint64_t)(minor))

/* Whole text of a /proc file, malloc'd and NUL-terminated. 0 or -errno (-EFBIG past 64 MiB). */
int linux_read_all(const char *path, char **text, size_t *len);

/* One line of mountinfo, as far as this layer needs it. mountpoint is not decoded. */
struct linux_mount_line {
    uint64_t id, device;
    const char *mountpoint;
    size_t mountpoint_len;
    const char *options; /* the mount's own */
    size_t options_len;
    bool slave; /* has a "master:" tag */
};
/* The next good line at *at (NUL-terminated text); bad ones are skipped. False at the end. */
bool linux_mount_line_next(const char **at, struct linux_mount_line *line);

/* O_PATH descriptor of a directory, no symlink followed anywhere. 0 or -errno. */
int linux_open_path(const char *path, int *fd);
/* The same, component by component, for kernels without openat2. Where it failed is in
 * *failed_len: the length of the part of path that is to blame. */
int linux_walk_path(const char *path, int *fd, size_t *failed_len);

/* Mount id of a descriptor from our own fdinfo: unlike statx it never asks the file system (cifs
 * goes to the server even for AT_STATX_DONT_SYNC when its cached attributes were invalidated). */
int linux_fd_mount_id(int fd, uint64_t *id);
/* The number of its mount that is never used again and grows with each mount made, not asking the
 * file system either; 0 when the kernel cannot tell (name_to_handle_at(2), Linux 6.12). */
uint64_t linux_fd_mount_number(int fd);

/* The next whole message in what one recv gave, NULL at the end. */
struct nlmsghdr;
const struct nlmsghdr *linux_netlink_next(const void *buffer, size_t len, size_t *at);

/* No mounting, tracing, signalling, starting of processes, keys, modules, bpf and the like from now
 * on, whatever rights there are; it stays through exec. 0 or -errno; 0 without a kernel for it. */
int linux_filter_host(void);

/* Landlock's calls; headers before 5.13 lack them. The same on every architecture. */
enum { LINUX_LANDLOCK_CREATE = 444, LINUX_LANDLOCK_ADD_RULE, LINUX_LANDLOCK_RESTRICT };

/* No file or folder is made, opened for writing, removed or executed from now on but /dev/null, nor
 * a device told what to do, whoever we are; what is open stays. 0 or -errno; 0 without a kernel for
 * it. Before linux_filter_host, which takes the calls for it away. */
int linux_forbid_writing(void);

/* readdir of /proc: calls see for each process until it returns false. 0, or -errno when one could
 * not be opened that is there: the others were seen. */
int linux_each_process(bool (*see)(void *context, pid_t pid, int proc_pid_fd), void *context);

#endif
