/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "mount/believed.h"

#include <string.h>

static const char *const network[] = {
    "nfs",        "nfs4",        "cifs",           "smb3",       "smbfs",     "afs",     "ceph",
    "coda",       "lustre",      "orangefs",       "webdav",     "afpfs",     "macfuse", "osxfuse",
    "fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "fuse.davfs", "fuse.s3fs",
};

static bool is_network(const char *fstype) {
    for (size_t i = 0; i < sizeof network / sizeof network[0]; i++)
        if (strcmp(network[i], fstype) == 0)
            return true;
    return false;
}

/* fuse, fuse.sshfs, fuseblk */
static bool is_fuse(const char *fstype) {
    return strcmp(fstype, "fuse") == 0 || strcmp(fstype, "fuseblk") == 0 ||
           strncmp(fstype, "fuse.", 5) == 0;
}

const struct mount_entry *mount_unbelieved(const struct mount_table *table, const char *path) {
    const struct mount_entry *root = mount_table_top(table, "/");
    const struct mount_entry *entry = mount_table_holding(table, path);
    if (entry == NULL || (root != NULL && entry->device == root->device))
        return NULL;
    bool others = is_network(entry->fstype) ||
                  (is_fuse(entry->fstype) && !mount_option_in(entry->super_options, "user_id=0"));
    return others ? entry : NULL;
}
