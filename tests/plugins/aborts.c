/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Finds its own state broken. */
#include <signal.h>
#include <smbmounter/plugin.h>
#include <stdlib.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    report->verdict = SMBM_HEALTHY;
    signal(SIGABRT, SIG_DFL);
    abort();
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "aborts", .summary = "a test", .version = "1"},
           .run = run);
