/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/harden.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "os/os.h"

static bool is_bare(const struct helper_look *look) {
    return !look->nosuid || !look->nodev;
}

void harden_mount(struct helper *helper, const struct helper_look *look,
                  char note[HARDEN_NOTE_MAX]) {
    int rc = is_bare(look) ? os_harden_mount(helper->mountpoint, look->id) : 0;
    if (rc == 0)
        return;
    helper->result.bare = true;
    snprintf(note, HARDEN_NOTE_MAX,
             "; nosuid,nodev could not be set (%s): let whoever mounts it set them", strerror(-rc));
}

void helper_harden(struct helper *helper) {
    const struct helper_request *request = &helper->request;
    struct helper_look look;
    if (helper_look_at(helper, &look) != 0)
        return;
    bool same = look.presence == MOUNT_OURS && look.id == request->mount_id &&
                look.device == request->device;
    int rc = same && is_bare(&look) ? os_harden_mount(helper->mountpoint, look.id) : 0;
    if (!same || !is_bare(&look) || rc == -ESTALE)
        helper_finish(helper, HELPER_NOTHING, 0, "%s: nothing to harden", helper->mountpoint);
    else if (rc == 0)
        helper_finish(helper, HELPER_OK, 0,
                      "it was mounted without nosuid or nodev by somebody else; both are set now");
    else
        helper_finish(helper, helper_class_of(-rc, HELPER_CONFIG), -rc,
                      "it was mounted without nosuid or nodev by somebody else, and they could not "
                      "be set (%s): programs and devices on it may harm this machine",
                      strerror(-rc));
}
