/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "host_rig.h"

#include <criterion/criterion.h>
#include <stdlib.h>

struct host host;
struct err err;
char folder[RIG_PATH_MAX];

void host_begin(const char *const names[]) {
    rig_folder(folder, names);
    host = (struct host){.directory = folder, .trusted_uid = rig_uid(), .next_fd = 20};
    cr_assert_eq(host_plugins_copy(&host), 0);
}

void host_end(void) {
    free(host.plugins);
    rig_remove(folder);
}
