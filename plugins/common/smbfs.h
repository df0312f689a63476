/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What macOS's kernel says of an SMB mount without asking the server, and what follows. */
#ifndef PLUGINS_COMMON_SMBFS_H
#define PLUGINS_COMMON_SMBFS_H

#include <smbmounter/plugin.h>
#include <stdbool.h>
#include <stdint.h>

/* VFS_CTL_NSTATUS of one mount. */
struct smbfs_status {
    int error; /* errno, 0 when the rest counts */
    bool not_responding, dead;
    uint32_t wait_s;  /* how long the oldest request has waited */
    uint32_t threads; /* that wait */
};

/* By fsid, without touching the mount. Needs root. (smbfs_darwin.c) */
void smbfs_status_read(uint64_t fsid, struct smbfs_status *status);

/* limit_ms: a request that has waited so long is suspicious. Pure. */
void smbfs_judge(const struct smbfs_status *status, uint64_t limit_ms, struct smbm_report *report);

#endif
