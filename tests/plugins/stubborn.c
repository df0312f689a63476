/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Burns time and ignores every signal that can be ignored. */
#include <signal.h>
#include <smbmounter/plugin.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    report->verdict = SMBM_HEALTHY;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_IGN);
    for (volatile unsigned n = 0;; n++)
        continue;
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "stubborn", .summary = "a test", .version = "1"},
           .run = run);
