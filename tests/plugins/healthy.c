/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Always well. */
#include <smbmounter/plugin.h>
#include <string.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    report->verdict = SMBM_HEALTHY;
    strcpy(report->evidence, "all is well");
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "healthy", .summary = "a test", .version = "1"},
           .run = run);
