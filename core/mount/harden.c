/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/harden.h"

#include <stdio.h>
#include <string.h>

#include "os/os.h"

void harden_mount(struct helper *helper, const struct helper_look *look, char *note,
                  size_t note_size) {
    if (look->nosuid && look->nodev)
        return;
    int rc = os_harden_mount(helper->mountpoint, look->id);
    if (rc != 0)
        snprintf(note, note_size,
                 "; nosuid,nodev could not be set (%s): let mount_command set them", strerror(-rc));
}
