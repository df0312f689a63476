/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Who has files of a mount open. */
#include <errno.h>
#include <libproc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "os/darwin.h"
#include "os/holders.h"

static void add_name(struct os_holders *holders, pid_t pid) {
    char name[64] = "", clean[128];
    size_t used = strlen(holders->names);
    (void)proc_name(pid, name, sizeof name);
    str_escape(clean, sizeof clean, name, strlen(name));
    int n = snprintf(holders->names + used, sizeof holders->names - used, "%s%s[%d]",
                     used > 0 ? ", " : "", clean, (int)pid);
    if (n < 0 || (size_t)n >= sizeof holders->names - used)
        holders->names[used] = '\0';
}

static void list(const struct darwin_mount *mount, struct os_held *held) {
    pid_t pids[OS_HELD_MAX];
    int bytes = proc_listpidspath(
        PROC_ALL_PIDS, 0, mount->mountpoint,
        PROC_LISTPIDSPATH_PATH_IS_VOLUME | PROC_LISTPIDSPATH_EXCLUDE_EVTONLY, pids, sizeof pids);
    held->len = bytes > 0 ? (size_t)bytes / sizeof pids[0] : 0;
    held->complete = bytes >= 0 && held->len < OS_HELD_MAX;
    for (size_t i = 0; i < held->len; i++)
        held->marks[i] = (uint64_t)pids[i];
}

/* A mount that has left, which is always by force here, is held by nobody. The call begins with a
 * stat of the mount: in a helper with a deadline. */
void os_note_held(uint64_t mount_id, uint64_t device, uint32_t limit_ms, struct os_held *held) {
    (void)limit_ms;
    struct darwin_mount *mounts = NULL;
    size_t len = 0;
    *held = (struct os_held){.device = device};
    if (darwin_kernel.mounts(&mounts, &len) != 0)
        return;
    for (size_t i = 0; i < len; i++)
        if (mounts[i].id == mount_id && mounts[i].device == device)
            list(&mounts[i], held);
    free(mounts);
}

/* Which of them write is not told. */
int os_find_holders(const struct os_held *held, const char *left, uint32_t limit_ms,
                    struct os_holders *holders) {
    (void)left;
    (void)limit_ms;
    *holders = (struct os_holders){.holders = (unsigned)held->len, .complete = held->complete};
    for (size_t i = 0; i < held->len; i++)
        add_name(holders, (pid_t)held->marks[i]);
    return held->complete || held->len > 0 ? 0 : -ENOENT;
}
