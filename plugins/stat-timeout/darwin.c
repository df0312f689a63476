/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Probe: look for a name that is not there. It misses every cache, so it must reach the server,
 * where a plain stat calls a dead one healthy; but it holds the lock of the root folder while it
 * waits, so it is not among the probes of the platform. Nothing is opened: no permission beyond
 * root's is needed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "common/errno_verdict.h"
#include "common/report.h"

static const struct smbm_option options[] = {
    {"timeout_ms", SMBM_OPT_INT, 0, 100, 600000, "5000", NULL,
     "how long the server may take to answer"},
    SMBM_OPTIONS_END,
};

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    char path[2048];
    uint64_t begin, took_us, random = 0;
    struct stat s;
    int rc, error;

    (void)instance, (void)call;
    if (getentropy(&random, sizeof random)) {
        random = monotonic_us();
    }
    snprintf(path, sizeof path, "%s/.smbmounter-%016llx", mount->mountpoint,
             (unsigned long long)random);
    begin = monotonic_us();
    rc = lstat(path, &s);
    error = errno;
    took_us = monotonic_us() - begin;
    if (!rc || error == ENOENT) {
        report_set(report, SMBM_HEALTHY, "the server answered in %llu ms",
                   (unsigned long long)(took_us / 1000));
        report->took_us = took_us;
    } else {
        errno_report(report, "lstat", error, took_us, is_smb_fstype(mount->fstype));
    }
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "stat-timeout",
                      .summary = "does the server answer a look for a name in time", .version = "1",
                      .options = options},
           .subject = SMBM_ON_MOUNT, .run = run);
