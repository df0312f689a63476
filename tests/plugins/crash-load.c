/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Dies in its constructor. */
#include <signal.h>
#include <smbmounter/plugin.h>
#include <unistd.h>

__attribute__((constructor)) static void begin(void) {
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    report->verdict = SMBM_HEALTHY;
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "crash-load", .summary = "a test", .version = "1"},
           .run = run);
