/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Made for an interface to come. */
#include <smbmounter/plugin.h>

static void run(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report) {
    (void)instance;
    (void)mount;
    (void)call;
    report->verdict = SMBM_HEALTHY;
}

SMBM_PROBE(.header = {.magic = SMBM_MAGIC,
                      .abi_major = 2,
                      .struct_size = sizeof(struct smbm_probe),
                      .kind = 1,
                      .name = "abi-2",
                      .summary = "a test",
                      .version = "1"},
           .run = run);
