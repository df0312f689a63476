/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Writes good frames that nobody asked for, without end. */
#include <smbmounter/plugin.h>
#include <unistd.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    /* A frame: type 65, no payload. */
    static const unsigned char frame[8] = {0, 0, 0, 0, 65, 0, 0, 0};
    report->verdict = SMBM_HEALTHY;
    for (;;)
        if (write(3, frame, sizeof frame) < 0)
            return;
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "floods", .summary = "a test", .version = "1"},
           .run = run);
