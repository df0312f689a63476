/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Takes as long as it is told to. */
#include <smbmounter/plugin.h>
#include <time.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    int64_t ms = call->options[0].number;
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)instance;
    (void)mount;
    nanosleep(&left, NULL);
    report->verdict = SMBM_HEALTHY;
}

static const struct smbm_option options[] = {
    {.name = "delay_ms", .type = SMBM_OPT_INT, .max = 60000, .def = "0", .help = "how long"},
    SMBM_OPTIONS_END,
};

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "slow", .summary = "a test", .version = "1",
                      .options = options},
           .run = run);
