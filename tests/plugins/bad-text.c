/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Evidence that is no UTF-8. */
#include <smbmounter/plugin.h>
#include <string.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    report->verdict = SMBM_HEALTHY;
    strcpy(report->evidence, "caf\xe9 \xc0\xaf \xed\xa0\x80");
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "bad-text", .summary = "a test", .version = "1"},
           .run = run);
