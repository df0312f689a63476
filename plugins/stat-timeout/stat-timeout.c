/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Probe: statx that must reach the server. It blocks in the kernel while the server is silent: the
 * host process is killed for it at the deadline, and the daemon counts a late answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "common/errno_verdict.h"
#include "common/report.h"

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000u
#endif

static const struct smbm_option options[] = {
    {"timeout_ms", SMBM_OPT_INT, 0, 100, 600000, "5000", NULL,
     "how long the server may take to answer"},
    SMBM_OPTIONS_END,
};

static void judge(const struct smbm_mount *mount, const struct statx *s, uint64_t took_us,
                  struct smbm_report *report) {
    uint64_t device = (uint64_t)s->stx_dev_major << 32 | s->stx_dev_minor;

    if (mount->device && device != mount->device) {
        report_set(report, SMBM_DEAD, "statx shows device %u:%u, ours was %u:%u", s->stx_dev_major,
                   s->stx_dev_minor, (unsigned)(mount->device >> 32),
                   (unsigned)(mount->device & UINT32_MAX));
    } else {
        report_set(report, SMBM_HEALTHY, "statx answered in %llu ms",
                   (unsigned long long)(took_us / 1000));
    }
    report->took_us = took_us;
}

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    uint64_t begin = monotonic_us();
    struct statx s;
    /* A plain stat is answered from the cache and calls a dead server healthy. */
    int rc = statx(AT_FDCWD, mount->mountpoint, AT_STATX_FORCE_SYNC | AT_NO_AUTOMOUNT,
                   STATX_BASIC_STATS | STATX_MNT_ID, &s);
    int error = errno;
    uint64_t took_us = monotonic_us() - begin;

    (void)instance, (void)call;
    if (rc) {
        errno_report(report, "statx", error, took_us, is_smb_fstype(mount->fstype));
    } else {
        report->carry[ERRNO_AGAIN_WORD] = 0;
        judge(mount, &s, took_us, report);
    }
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "stat-timeout",
                      .summary = "does the server answer a stat of the mount in time",
                      .version = "1", .options = options},
           .subject = SMBM_ON_MOUNT, .run = run);
