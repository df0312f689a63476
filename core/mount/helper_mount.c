/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "mount/harden.h"
#include "mount/mountpoint.h"

static void adopt(struct helper *helper, const struct helper_look *look) {
    char note[HARDEN_NOTE_MAX] = "";
    harden_mount(helper, look, note);
    helper->result.mount_id = look->id;
    helper->result.device = look->device;
    helper_finish(helper, HELPER_OK, 0, "%s was mounted already; taken over%s",
                  helper->request.mount.mountpoint, note);
}

static void refuse(struct helper *helper, const struct helper_look *look) {
    helper_finish(helper, HELPER_FOREIGN, EBUSY,
                  "%s is taken by another mount: %s. It is not touched; unmount it to let "
                  "'%s' in",
                  helper->mountpoint, look->seen, helper->request.mount.name);
}

static bool is_as_prepared(struct helper *helper) {
    struct err err = {0};
    if (mountpoint_look_again(helper->folder, helper->owner, helper->mountpoint, &err) == 0)
        return true;
    helper_finish_err(helper, helper_class_of(err.code, HELPER_ABSENT), &err);
    return false;
}

bool helper_still_free(struct helper *helper) {
    struct helper_look look;
    if (helper_look_at(helper, &look) != 0)
        return false;
    switch (look.presence) {
    case MOUNT_OURS:
        adopt(helper, &look);
        break;
    case MOUNT_FOREIGN:
        refuse(helper, &look);
        break;
    case MOUNT_ABSENT:
        return helper->folder < 0 || is_as_prepared(helper);
    }
    return false;
}

static void mount_there(struct helper *helper, struct err *err) {
    char note[256] = "";
    CLEANUP_CLOSE int fd = mountpoint_prepare(&helper->request.mount, helper->mountpoint,
                                              &helper->owner, note, sizeof note, err);
    helper->folder = fd;
    if (fd < 0) {
        helper_finish_err(helper, helper_class_of(err->code, HELPER_ABSENT), err);
        return;
    }
    switch (helper->request.mount.mounter) {
    case CONFIG_CIFS:
    case CONFIG_NETFS:
        helper_mount_smb(helper, fd);
        break;
    case CONFIG_COMMAND:
        helper_mount_command(helper);
        break;
    }
    helper->folder = -1;
    size_t used = strlen(helper->result.text);
    snprintf(helper->result.text + used, sizeof helper->result.text - used, "%s", note);
}

void helper_mount(struct helper *helper) {
    struct err err = {0};
    if (helper_still_free(helper))
        mount_there(helper, &err);
}
