/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Who is using a mount: asked for, in the way of an unmount, or taken by surprise. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/wire.h"
#include "mount/helper_parts.h"

#define ASKED_MS 1500
#define BUSY_MS 3000
#define VICTIMS_MS 4500 /* less than the daemon lets a helper linger; nobody waits */

static int find(struct helper *helper, uint64_t id, uint64_t device, uint32_t limit_ms,
                struct os_holders *found) {
    struct os_held held;
    os_note_held(id, device, limit_ms / 2, &held);
    int rc = os_find_holders(&held, NULL, limit_ms, found);
    helper->result.holders = found->holders;
    helper->result.writers = found->writers;
    (void)str_copy(helper->result.detail, sizeof helper->result.detail, found->names);
    return rc;
}

void helper_holders(struct helper *helper) {
    struct os_holders found = {0};
    const struct helper_request *request = &helper->request;
    uint32_t limit = request->timeout_ms / 2;
    int rc = find(helper, request->mount_id, request->device, limit < ASKED_MS ? limit : ASKED_MS,
                  &found);
    if (rc != 0) {
        helper_finish(helper, HELPER_TRANSIENT, -rc, "open files cannot be listed: %s",
                      strerror(-rc));
        return;
    }
    /* Some processes cannot be looked at (a closed one of another user namespace is enough). Whom
     * we do not see is still safe: the unmount after it is a plain one, which the kernel refuses.
     */
    helper_finish(helper, HELPER_OK, 0, "%u process%s, %u writing%s", found.holders,
                  found.holders == 1 ? "" : "es", found.writers,
                  found.complete ? "" : " (not all were looked at)");
}

bool helper_report_busy(struct helper *helper, const struct helper_look *look, bool seen_only) {
    struct os_holders found = {0};
    (void)find(helper, look->id, look->device, BUSY_MS, &found);
    if (seen_only && found.holders == 0)
        return false;
    helper_finish(helper, HELPER_BUSY, EBUSY, "%s is in use%s%.300s", helper->mountpoint,
                  found.names[0] != '\0' ? " by " : "", found.names);
    return true;
}

void helper_send_victims(const struct helper *helper, const struct os_held *held) {
    unsigned char frame[2 * OS_HOLDERS_NAMES];
    struct os_holders found = {0};
    (void)os_find_holders(held, helper->mountpoint, VICTIMS_MS, &found);
    size_t len = helper_encode_victims(&found, frame, sizeof frame);
    if (len > 0)
        (void)wire_write(helper->fd, frame, len);
}
