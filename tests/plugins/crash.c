/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Dies of SIGSEGV, whatever a sanitizer would make of it. */
#include <signal.h>
#include <smbmounter/plugin.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    report->verdict = SMBM_HEALTHY;
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "crash", .summary = "a test", .version = "1"},
           .run = run);
