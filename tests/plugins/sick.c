/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Always suspects. */
#include <smbmounter/plugin.h>
#include <string.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    report->verdict = SMBM_SUSPECT;
    report->os_errno = 5;
    report->flags = SMBM_REPORT_PROGRESS | 64u;
    strcpy(report->evidence, "something is odd");
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "sick", .summary = "a test", .version = "1"},
           .run = run);
