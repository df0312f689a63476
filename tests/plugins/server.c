/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A server probe that is always answered, and tells how often it was asked in this process. */
#include <smbmounter/plugin.h>
#include <stdio.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    static unsigned asked;
    (void)instance;
    (void)mount;
    (void)call;
    report->verdict = SMBM_ANSWERS;
    snprintf(report->evidence, sizeof report->evidence, "asked %u times here", ++asked);
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "server", .summary = "a test", .version = "1"},
           .run = run, .subject = SMBM_ON_SERVER);
