/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Probe: what the kernel's SMB client says of the mount (VFS_CTL_NSTATUS), without touching it. It
 * notices a silent server only while a request is outstanding: statfs-fstype sees to that.
 */
#include <errno.h>

#include "common/report.h"
#include "common/smbfs.h"

static const struct smbm_option options[] = {
    {"waiting_ms", SMBM_OPT_INT, 0, 1000, 600000, "5000", NULL,
     "a request that waits longer for the server is suspicious"},
    SMBM_OPTIONS_END,
};

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    struct smbfs_status status = {.error = ENOENT};

    (void)instance;
    if (mount->mount_id) {
        smbfs_status_read(mount->mount_id, &status);
    }
    smbfs_judge(&status, (uint64_t)call->options[0].number, report);
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "kernel-status",
                      .summary = "what the kernel's SMB client says, without touching the share",
                      .version = "1", .options = options},
           .subject = SMBM_ON_MOUNT, .flags = SMBM_PROBE_PASSIVE | SMBM_PROBE_SMB_ONLY,
           .interval_ms = 2000, .timeout_ms = 2000, .run = run);
