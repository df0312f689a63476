/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Never comes back. */
#include <smbmounter/plugin.h>
#include <unistd.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    report->verdict = SMBM_HEALTHY;
    for (;;)
        pause();
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "hang", .summary = "a test", .version = "1"},
           .run = run);
