/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A verdict that does not exist. */
#include <smbmounter/plugin.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    report->verdict = 42;
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "odd-verdict", .summary = "a test",
                      .version = "1"},
           .run = run);
