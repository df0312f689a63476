/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* An option whose default is out of its range. */
#include <smbmounter/plugin.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    report->verdict = SMBM_HEALTHY;
}

static const struct smbm_option options[] = {
    {.name = "size", .type = SMBM_OPT_INT, .min = 1, .max = 9, .def = "10", .help = "a size"},
    SMBM_OPTIONS_END,
};

SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "bad-table", .summary = "a test", .version = "1",
                      .options = options},
           .run = run);
