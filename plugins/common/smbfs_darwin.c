/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/sysctl.h>

#include "common/smbfs.h"

#define THREADS_MAX 512 /* of their ids there is room for so many; their number is told anyway */

void smbfs_status_read(uint64_t fsid, struct smbfs_status *status) {
    union {
        struct netfs_status status;
        unsigned char room[sizeof(struct netfs_status) + THREADS_MAX * sizeof(uint64_t)];
    } answer;
    struct vfsidctl control;
    int mib[CTL_MAXNAME];
    size_t len = CTL_MAXNAME - 1, size = sizeof answer;

    memset(status, 0, sizeof *status);
    memset(&answer, 0, sizeof answer);
    memset(&control, 0, sizeof control);
    if (sysctlnametomib("vfs.generic.ctlbyfsid", mib, &len)) {
        status->error = errno;
        return;
    }
    mib[len] = VFS_CTL_NSTATUS;
    control.vc_vers = VFS_CTL_VERS1;
    control.vc_fsid.val[0] = (int32_t)(uint32_t)fsid;
    control.vc_fsid.val[1] = (int32_t)(uint32_t)(fsid >> 32);
    if (sysctl(mib, (u_int)len + 1, &answer, &size, &control, sizeof control)) {
        status->error = errno;
        return;
    }
    status->not_responding = (answer.status.ns_status & VQ_NOTRESP) != 0;
    status->dead = (answer.status.ns_status & VQ_DEAD) != 0;
    status->wait_s = answer.status.ns_waittime;
    status->threads = answer.status.ns_threadcount;
}
