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
#include "os/os.h"

#define PIDS_MAX 1024

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

/* The call begins with a stat of the mount: in a helper with a deadline. Which of them write is not
 * told. */
int os_find_holders(uint64_t mount_id, uint64_t device, uint32_t limit_ms,
                    struct os_holders *holders) {
    struct darwin_mount *mounts = NULL;
    pid_t pids[PIDS_MAX];
    size_t len = 0;
    (void)limit_ms;
    *holders = (struct os_holders){.complete = true};
    int rc = darwin_kernel.mounts(&mounts, &len), bytes = 0;
    if (rc != 0)
        return rc;
    rc = -ENOENT;
    for (size_t i = 0; i < len && rc == -ENOENT; i++) {
        if (mounts[i].id != mount_id || mounts[i].device != device)
            continue;
        bytes =
            proc_listpidspath(PROC_ALL_PIDS, 0, mounts[i].mountpoint,
                              PROC_LISTPIDSPATH_PATH_IS_VOLUME | PROC_LISTPIDSPATH_EXCLUDE_EVTONLY,
                              pids, sizeof pids);
        rc = bytes < 0 ? -errno : 0;
    }
    free(mounts);
    if (rc != 0)
        return rc;
    size_t found = (size_t)bytes / sizeof pids[0];
    holders->complete = found < PIDS_MAX;
    holders->holders = (unsigned)found;
    for (size_t i = 0; i < found; i++)
        add_name(holders, pids[i]);
    return 0;
}
