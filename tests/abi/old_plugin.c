/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A plugin as it was built when the interface was 1.0; a later host must run it. */
#include "plugin-1.0.h"

#include <stdio.h>

static int open_one(const struct smbm_mount *mount, const struct smbm_value *options,
                    void **instance, char *error, size_t error_size) {
    static char name[64];
    (void)options;
    (void)error;
    (void)error_size;
    snprintf(name, sizeof name, "%.60s", mount->name);
    *instance = name;
    return 0;
}

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    report->verdict = SMBM_SUSPECT;
    report->os_errno = 112;
    report->flags = SMBM_REPORT_PROGRESS;
    for (int i = 0; i < SMBM_CARRY_WORDS; i++)
        report->carry[i] = call->carry[i] + 1;
    snprintf(report->evidence, sizeof report->evidence, "%.20s %.40s %s %d", (char *)instance,
             mount->source, call->options[0].text, (int)call->options[1].list[1]);
}

static const struct smbm_option options[] = {
    {"mode", SMBM_OPT_CHOICE, 0, 0, 0, "b", "a|b", "how"},
    {"waits_sec", SMBM_OPT_INT_LIST, 0, 1, 60, "[2, 5]", NULL, "how long"},
    SMBM_OPTIONS_END,
};

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "old", .summary = "of 1.0", .version = "1",
                      .options = options},
           .flags = SMBM_PROBE_SMB_ONLY, .open = open_one, .run = run);
