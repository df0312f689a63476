/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Writes into the host's socket. */
#include <smbmounter/plugin.h>
#include <string.h>
#include <unistd.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    char bytes[64];
    report->verdict = SMBM_HEALTHY;
    memset(bytes, 0xa5, sizeof bytes);
    if (write(3, bytes, sizeof bytes) < 0)
        report->os_errno = 1;
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "rubbish", .summary = "a test", .version = "1"},
           .run = run);
