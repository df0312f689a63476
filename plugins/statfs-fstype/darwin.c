/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Probe: statfs, whose answer is worth nothing here (smbfs hides every error), but which makes the
 * kernel ask the server when nobody else does: without it a dead server is never noticed on an idle
 * mount. Judged by the time it takes, and by what the kernel says of the mount after it.
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/param.h>

#include "common/errno_verdict.h"
#include "common/report.h"
#include "common/smbfs.h"

#define SLOW_MS 2000 /* a server answers in milliseconds */

static void judge(const struct smbm_mount *mount, const struct statfs *s, uint64_t took_us,
                  struct smbm_report *report) {
    struct smbfs_status status;
    bool smb = is_smb_fstype(mount->fstype);

    if (strcmp(s->f_fstypename, mount->fstype) != 0) {
        report_set(report, SMBM_DEAD,
                   "statfs shows a file system of type %.16s where %.32s should be",
                   s->f_fstypename, mount->fstype);
        return;
    }
    if (smb && mount->mount_id) {
        smbfs_status_read(mount->mount_id, &status);
        smbfs_judge(&status, SLOW_MS, report);
    }
    if (smb && mount->mount_id && !status.error && report->verdict != SMBM_HEALTHY) {
        return;
    }
    report->os_errno = 0;
    if (took_us / 1000 >= SLOW_MS) {
        report_set(report, SMBM_SUSPECT, "statfs came back after %llu ms only",
                   (unsigned long long)(took_us / 1000));
    } else {
        report_set(report, SMBM_HEALTHY,
                   "statfs came back after %llu ms, and the kernel has no "
                   "complaint",
                   (unsigned long long)(took_us / 1000));
    }
}

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    uint64_t begin = monotonic_us(), took_us;
    struct statfs s;
    int rc = statfs(mount->mountpoint, &s), error = errno;

    (void)instance, (void)call;
    took_us = monotonic_us() - begin;
    if (rc) {
        errno_report(report, "statfs", error, took_us, is_smb_fstype(mount->fstype));
    } else {
        judge(mount, &s, took_us, report);
    }
    report->took_us = took_us;
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "statfs-fstype",
                      .summary =
                          "keeps the mount observed: does a question to it come back in time",
                      .version = "1"},
           .subject = SMBM_ON_MOUNT, .run = run);
