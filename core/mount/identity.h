/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Is the thing at the mountpoint ours? Never by path alone, never by st_dev alone (Linux reuses it
 * at once: facts/linux-cifs.md 5). */
#ifndef MOUNT_IDENTITY_H
#define MOUNT_IDENTITY_H

#include "mount/table.h"

enum mount_presence {
    MOUNT_ABSENT,  /* nothing of a file system is mounted there */
    MOUNT_OURS,    /* the topmost mount is the configured one */
    MOUNT_FOREIGN, /* something else is topmost (perhaps over ours) */
};

struct mount_owner {
    bool known;
    uint32_t uid;
};

/* What a configured mount must look like in the table. */
struct mount_expect {
    const char *mountpoint;   /* resolved */
    const char *fstype;       /* exact; "cifs" also accepts "smb3" */
    const char *source;       /* cifs: "//server/share", host compared without case, share decoded
                                 (\040 and the like are decoded by the table); "" accepts any */
    struct mount_owner owner; /* smbfs: only a mount that this user made */
};

/* The identity of one kernel mount, remembered when it was made or adopted. */
struct mount_identity {
    uint64_t id, device;
};

/* entry is set to the topmost entry (NULL when absent). */
enum mount_presence mount_identify(const struct mount_table *table,
                                   const struct mount_expect *expect,
                                   const struct mount_entry **entry);

bool mount_source_equal(const char *fstype, const char *a, const char *b);

#endif
