/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Probe: is the mount in the mount table, on top, and the one that we made? Passive, so that its
 * HEALTHY never outweighs the doubt of another probe; asked only on the mount's own interval, for
 * the daemon itself sees every change of the table.
 */
#include <string.h>

#include "common/mountinfo.h"
#include "common/report.h"

static bool same_fstype(const char *a, const char *b) {
    return !strcmp(a, b) || (is_smb_fstype(a) && is_smb_fstype(b));
}

/* Ids are compared when we know ours: st_dev alone proves nothing, the kernel reuses it at once. */
static void judge(const struct smbm_mount *mount, const struct mountinfo_entry *top,
                  struct smbm_report *report) {
    if (!same_fstype(top->fstype, mount->fstype) ||
        !mountinfo_same_source(top->fstype, top->source, mount->source)) {
        report_set(report, SMBM_DEAD, "something else is mounted there: %.60s of type %s",
                   top->source, top->fstype);
    } else if (mount->mount_id && top->id != mount->mount_id) {
        report_set(report, SMBM_DEAD,
                   "another mount of %.60s is there: mount id %llu, ours was %llu", top->source,
                   (unsigned long long)top->id, (unsigned long long)mount->mount_id);
    } else if (mount->device && top->device != mount->device) {
        report_set(report, SMBM_DEAD, "another device is there: %u:%u, ours was %u:%u",
                   (unsigned)(top->device >> 32), (unsigned)(top->device & UINT32_MAX),
                   (unsigned)(mount->device >> 32), (unsigned)(mount->device & UINT32_MAX));
    } else {
        report_set(report, SMBM_HEALTHY, "in the mount table: id %llu, device %u:%u",
                   (unsigned long long)top->id, (unsigned)(top->device >> 32),
                   (unsigned)(top->device & UINT32_MAX));
    }
}

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    struct mountinfo_entry top;
    int rc = mountinfo_find(mount->mountpoint, &top);

    (void)instance, (void)call;
    if (rc == 0) {
        report_set(report, SMBM_DEAD, "not in the mount table");
    } else if (rc < 0) {
        report->os_errno = -rc;
        report_set(report, SMBM_BLIND, "the mount table cannot be read: %s", strerror(-rc));
    } else {
        judge(mount, &top, report);
    }
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "device-id",
                      .summary = "is the mount in the mount table, and the one that we made",
                      .version = "1"},
           .subject = SMBM_ON_MOUNT, .flags = SMBM_PROBE_PASSIVE, .timeout_ms = 2000, .run = run);
