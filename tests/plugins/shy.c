/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Cannot be opened, and does not say why; a recovery without a run(). */
#include <smbmounter/plugin.h>

static int open_one(const struct smbm_mount *mount, const struct smbm_value *options,
                    void **instance, char *error, size_t error_size) {
    (void)options;
    (void)instance;
    (void)error;
    (void)error_size;
    if (mount->port == 445)
        return 0;
    return mount->port == 1 ? 1 : -13;
}

static void next(void *instance, const struct smbm_mount *mount,
                 const struct smbm_situation *situation, struct smbm_decision *decision) {
    (void)instance;
    (void)mount;
    (void)situation;
    decision->step = SMBM_STEP_PASS;
}

SMBM_RECOVERY(.header = {SMBM_RECOVERY_HEADER, .name = "shy", .summary = "a test", .version = "1"},
              .open = open_one, .next = next);
