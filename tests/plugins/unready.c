/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Its load() fails. */
#include <smbmounter/plugin.h>

static int load(void) {
    return -13;
}

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    report->verdict = SMBM_HEALTHY;
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "unready", .summary = "a test", .version = "1"},
           .load = load, .run = run);
