/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Where the system tells which mounts came and went, and not only that some did. */
#ifndef OS_ARRIVALS_H
#define OS_ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OS_ARRIVALS_MAX 64 /* told at a time */
#define OS_MOUNTPOINT_MAX 4096

enum os_arrival_kind { OS_MOUNT_UNSURE, OS_MOUNT_CAME, OS_MOUNT_WENT };
/* id: of the mount, for as long as the system runs; not the one that the mount table shows. A mount
 * that was moved went and came. UNSURE: anything may have happened. */
struct os_arrival {
    enum os_arrival_kind kind;
    uint64_t id;
};

/* An fd that is readable when there is something to tell, from now on; other options of a mount are
 * not. -errno: this system tells only os_mount_watch_open's fd. */
int os_arrivals_open(void);
/* What is pending, at most max; 0: nothing. */
size_t os_arrivals_read(int fd, struct os_arrival *arrivals, size_t max);
/* As the mount table names it; asks no file system. 0 or -errno (-ENOENT: it is gone). */
int os_mountpoint_of(uint64_t id, char *path, size_t size);

#endif
