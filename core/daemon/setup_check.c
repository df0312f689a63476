/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* setup --check: what stands in the way of a mount, in words, with what to do about it. */
#include <stdio.h>

#include "control/commands.h"
#include "daemon/entry.h"

int setup_check_main(const char *config_path, const char *name, bool json) {
    (void)config_path;
    (void)name;
    (void)json;
    return control_error_status(CONTROL_FAILED);
}
