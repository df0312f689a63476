/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The kernel's own calls, as the rest of the os_darwin*.c files see them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/sysctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "os/darwin.h"

#define MOUNTS_MAX 65536
#define TRIES 8

_Static_assert((int)DARWIN_RDONLY == MNT_RDONLY, "");
_Static_assert((int)DARWIN_SYNCHRONOUS == MNT_SYNCHRONOUS, "");
_Static_assert((int)DARWIN_NOEXEC == MNT_NOEXEC, "");
_Static_assert((int)DARWIN_NOSUID == MNT_NOSUID, "");
_Static_assert((int)DARWIN_NODEV == MNT_NODEV, "");
_Static_assert((int)DARWIN_DONTBROWSE == MNT_DONTBROWSE, "");
_Static_assert((int)DARWIN_NOOWNERS == MNT_IGNORE_OWNERSHIP, "");
_Static_assert((int)DARWIN_AUTOMOUNTED == MNT_AUTOMOUNTED, "");
_Static_assert((int)DARWIN_NOATIME == MNT_NOATIME, "");

static uint64_t id_of(const fsid_t *fsid) {
    return (uint64_t)(uint32_t)fsid->val[1] << 32 | (uint32_t)fsid->val[0];
}

static void copy(struct darwin_mount *to, const struct statfs *from) {
    *to = (struct darwin_mount){.id = id_of(&from->f_fsid),
                                .device = (uint32_t)from->f_fsid.val[0],
                                .owner = from->f_owner,
                                .flags = from->f_flags};
    (void)str_copy(to->fstype, sizeof to->fstype, from->f_fstypename);
    (void)str_copy(to->mountpoint, sizeof to->mountpoint, from->f_mntonname);
    (void)str_copy(to->source, sizeof to->source, from->f_mntfromname);
}

/* Mounts may come between counting and reading: until what came is less than there was room for. */
static int read_all(struct statfs **rows) {
    for (int tries = 0; tries < TRIES; tries++) {
        int room = getfsstat(NULL, 0, MNT_NOWAIT);
        if (room < 0)
            return -errno;
        room += 16;
        if (room > MOUNTS_MAX)
            return -EFBIG;
        *rows = calloc((size_t)room, sizeof **rows);
        if (*rows == NULL)
            return -ENOMEM;
        int len = getfsstat(*rows, room * (int)sizeof **rows, MNT_NOWAIT);
        if (len >= 0 && len < room)
            return len;
        int code = errno;
        free(*rows);
        *rows = NULL;
        if (len < 0)
            return -code;
    }
    return -EAGAIN;
}

static int mounts(struct darwin_mount **mounts, size_t *len) {
    CLEANUP_FREE struct statfs *rows = NULL;
    int found = read_all(&rows);
    if (found < 0 || rows == NULL)
        return found < 0 ? found : -EIO;
    *mounts = calloc((size_t)found + 1, sizeof **mounts);
    if (*mounts == NULL)
        return -ENOMEM;
    for (int i = 0; i < found; i++)
        copy(&(*mounts)[i], &rows[i]);
    *len = (size_t)found;
    return 0;
}

static int unmount_path(const char *path, bool force) {
    pid_t self = getpid();
    /* As umount -f does: calls of this process fail on a remote mount that does not respond. */
    if (force)
        (void)sysctlbyname("vfs.generic.noremotehang", NULL, NULL, &self, sizeof self);
    return unmount(path, force ? MNT_FORCE : MNT_NOBLOCK) == 0 ? 0 : -errno;
}

static int unmount_id(uint64_t id, bool force) {
    int mib[CTL_MAXNAME], flags = force ? MNT_FORCE : MNT_NOBLOCK;
    size_t len = CTL_MAXNAME - 1;
    if (sysctlnametomib("vfs.generic.ctlbyfsid", mib, &len) != 0)
        return -errno;
    mib[len] = VFS_CTL_UMOUNT;
    struct vfsidctl control = {.vc_vers = VFS_CTL_VERS1,
                               .vc_fsid = {{(int32_t)(uint32_t)id, (int32_t)(uint32_t)(id >> 32)}},
                               .vc_ptr = &flags,
                               .vc_len = sizeof flags};
    int rc = sysctl(mib, (u_int)len + 1, NULL, NULL, &control, sizeof control);
    return rc == 0 ? 0 : -errno;
}

const struct darwin_kernel darwin_kernel = {mounts, unmount_path, unmount_id};
