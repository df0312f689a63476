/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Starts processes that would outlive its host: a bomb, if it were let. */
#include <errno.h>
#include <smbmounter/plugin.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    report->verdict = SMBM_HEALTHY;
    for (int i = 0; i < 1000; i++) {
        pid_t pid = fork();
        if (pid == 0)
            for (;;)
                pause();
        if (pid < 0) {
            snprintf(report->evidence, sizeof report->evidence, "fork %d: %s", i, strerror(errno));
            return;
        }
    }
}

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "forks", .summary = "a test", .version = "1"},
           .run = run);
