/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The mount table of macOS, from what the kernel remembers: no server is asked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/param.h>

#include "common/mountinfo.h"

#define DATA_VOLUME "/System/Volumes/Data"
#define SPARE 16

/* A firmlink joins the data volume's folders into the root: both names mean one folder. */
static const char *plain(const char *path) {
    size_t len = strlen(DATA_VOLUME);

    return !strncmp(path, DATA_VOLUME, len) && path[len] == '/' && path[len + 1] ? path + len
                                                                                 : path;
}

static void fill(const struct statfs *row, struct mountinfo_entry *entry) {
    entry->id = (uint64_t)(uint32_t)row->f_fsid.val[1] << 32 | (uint32_t)row->f_fsid.val[0];
    entry->device = (uint32_t)row->f_fsid.val[0];
    strlcpy(entry->fstype, row->f_fstypename, sizeof entry->fstype);
    strlcpy(entry->source, row->f_mntfromname, sizeof entry->source);
}

int mountinfo_find(const char *mountpoint, struct mountinfo_entry *entry) {
    int room = getfsstat(NULL, 0, MNT_NOWAIT), found = 0, len;
    struct statfs *rows;

    if (room < 0) {
        return -errno;
    }
    room += SPARE;
    rows = calloc((size_t)room, sizeof *rows);
    if (!rows) {
        return -ENOMEM;
    }
    len = getfsstat(rows, room * (int)sizeof *rows, MNT_NOWAIT);
    if (len < 0) {
        found = -errno;
    }
    for (int i = 0; i < len; i++) {
        if (!strcmp(plain(rows[i].f_mntonname), plain(mountpoint))) {
            fill(&rows[i], entry); /* later ones are above */
            found = 1;
        }
    }
    free(rows);
    return found;
}
