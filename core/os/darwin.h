/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * What the os_darwin*.c files share. The kernel's calls are one table with types of its own, so
 * that all but os_darwin_kernel.c can run elsewhere, on a kernel that a test made up.
 */
#ifndef OS_DARWIN_H
#define OS_DARWIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* MNT_* of <sys/mount.h>; os_darwin_kernel.c asserts that they are. */
enum {
    DARWIN_RDONLY = 0x1,
    DARWIN_SYNCHRONOUS = 0x2,
    DARWIN_NOEXEC = 0x4,
    DARWIN_NOSUID = 0x8,
    DARWIN_NODEV = 0x10,
    DARWIN_DONTBROWSE = 0x100000,
    DARWIN_NOOWNERS = 0x200000,
    DARWIN_AUTOMOUNTED = 0x400000,
    DARWIN_NOATIME = 0x10000000,
};

/* One row of getfsstat. */
struct darwin_mount {
    uint64_t id;     /* the fsid's first word, and its second above that */
    uint32_t device; /* st_dev of what is in it: the fsid's first word */
    uint32_t owner, flags;
    char fstype[16], mountpoint[1024], source[1024];
};

struct darwin_kernel {
    /* getfsstat(MNT_NOWAIT): what the kernel remembers, no question to any server. *mounts is
     * malloc'd. 0 or -errno. */
    int (*mounts)(struct darwin_mount **mounts, size_t *len);
    /* unmount(2), MNT_FORCE or MNT_NOBLOCK. 0 or -errno. May hang. */
    int (*unmount)(const char *path, bool force);
    /* The same by VFS_CTL_UMOUNT, without looking up a path. */
    int (*unmount_id)(uint64_t id, bool force);
};
extern const struct darwin_kernel darwin_kernel;

/* On top at a path as os_plain_path gives it. 1 with a copy, 0 when nothing is, or -errno. */
int darwin_find_top(const char *path, struct darwin_mount *top);

#endif
